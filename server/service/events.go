package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/servicerules/rulebook/server/record"
)

// Event is something that happened, as it is told to programs. It has no facts and
// no names: who may see them looks at the record.
type Event struct {
	ID        string    `json:"id" jsonschema:"the same however often the event is told"`
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp" jsonschema:"when it was put on record, or noticed"`
	Data      EventData `json:"data"`
}

// EventData is what an event is about.
type EventData struct {
	Record   string     `json:"record,omitempty" jsonschema:"id of the decision on record"`
	Question string     `json:"question,omitempty"`
	Verdict  string     `json:"verdict,omitempty" jsonschema:"of decision.recorded"`
	Hash     string     `json:"hash,omitempty" jsonschema:"SHA-256 of the record, or of the step"`
	Step     int64      `json:"step,omitempty" jsonschema:"of step.recorded: its number"`
	Kind     string     `json:"kind,omitempty" jsonschema:"of step.recorded: its kind"`
	Outcome  string     `json:"outcome,omitempty" jsonschema:"of step.recorded: of a decision or a hearing"`
	Corrects int64      `json:"corrects,omitempty" jsonschema:"of step.recorded: the step whose place it takes"`
	Matter   string     `json:"matter,omitempty" jsonschema:"of due_soon and overdue: id of the first record of the matter"`
	Rule     string     `json:"rule,omitempty" jsonschema:"of due_soon and overdue: whose clock it is"`
	Due      *time.Time `json:"due,omitempty" jsonschema:"of due_soon and overdue: when it is due; the end of a day is the beginning of the next"`
	Rulebook string     `json:"rulebook,omitempty" jsonschema:"of rules.changed: SHA-256 of the rules that came into force"`
	Before   string     `json:"before,omitempty" jsonschema:"of rules.changed: SHA-256 of those before, left out the first time"`
}

// EventOf puts an event into the words of programs.
func EventOf(e *record.Event) Event {
	out := Event{ID: e.ID, Type: e.Type, Timestamp: e.At}
	switch {
	case e.Entry != nil:
		out.Data = EventData{Record: e.Record, Question: e.Entry.Question, Verdict: e.Entry.Verdict, Hash: e.Entry.Hash.String()}
	case e.Step != nil:
		out.Data = EventData{Record: e.Record, Step: e.Step.Seq, Kind: e.Step.Kind, Outcome: e.Step.Outcome, Corrects: e.Step.Corrects, Hash: e.Step.Hash.String()}
	default:
		_ = json.Unmarshal(e.Data, &out.Data) // of another program, there is none
		out.Data.Record = e.Record
	}
	return out
}

// Soon is how long before it is due a matter is told to be due soon; a rule that
// warns earlier has it told then.
const Soon = 24 * time.Hour

// How often it is looked whether time has brought something.
const (
	followed     = time.Second
	followedTime = 200 * time.Millisecond // that the record is read on for at once
)

// Follow notes what time brings to what is on record – due soon, overdue – and
// which rules are in force, until the context ends. What could not be noted is
// noted later: nothing is lost, and nothing is noted twice under one id.
func (s *Service) Follow(ctx context.Context, log *slog.Logger) {
	failing := false
	for {
		behind, err := s.NoteEvents(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil != failing {
			if failing = err != nil; failing {
				log.Warn("events cannot be noted", "err", err)
			} else {
				log.Info("events are noted again")
			}
		}
		pause := followed
		if behind && err == nil {
			pause = followedTime // others look at the record, too
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// NoteEvents notes what has happened since the last time, and reports whether a
// part of the record was not read yet.
func (s *Service) NoteEvents(ctx context.Context) (behind bool, err error) {
	if err := s.noteRules(ctx); err != nil {
		return false, err
	}
	due, behind, err := s.due(ctx)
	if err != nil {
		return behind, err
	}
	var news []record.Noted
	told := map[string]bool{}
	for _, n := range due {
		told[n.ID] = true
		if !s.told[n.ID] {
			news = append(news, n)
		}
	}
	if err := s.Store.Note(ctx, news); err != nil {
		return behind, err
	}
	s.told = told
	return behind, nil
}

// noteRules notes that other rules are in force than when it was looked last.
func (s *Service) noteRules(ctx context.Context) error {
	now := s.Rules.Current().SHA256
	if s.notedRules == now {
		return nil
	}
	latest, err := s.Store.LatestNoted(ctx, record.EventRules)
	if err != nil && !errors.Is(err, record.ErrNotFound) {
		return err
	}
	var before EventData
	id := "rules." + now
	if latest != nil {
		if err := json.Unmarshal(latest.Data, &before); err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(latest.ID + now)) // rules may come back
		id = "rules." + hex.EncodeToString(sum[:])
	}
	if before.Rulebook != now {
		data, err := json.Marshal(EventData{Rulebook: now, Before: before.Rulebook})
		if err != nil {
			return err
		}
		if err := s.Store.Note(ctx, []record.Noted{{ID: id, Type: record.EventRules, Data: data}}); err != nil {
			return err
		}
	}
	s.notedRules = now
	return nil
}

// due are the events of all clocks that run out soon, or have.
func (s *Service) due(ctx context.Context) (all []record.Noted, behind bool, err error) {
	w := &s.watch
	if err := w.turn.wait(ctx); err != nil {
		return nil, false, err
	}
	defer w.turn.give()
	now := s.Store.Now()
	rules, err := s.catchUp(ctx, now, followedTime)
	if err != nil {
		return nil, false, err
	}
	for _, m := range w.open {
		if w.mark(m); m.Corrected {
			continue
		}
		if !m.Next.IsZero() && !now.Before(m.Next) {
			looked := *m
			s.look(ctx, rules, &looked, now)
			if err := ctx.Err(); err != nil {
				return nil, false, err // and it stays as it was
			}
			*m = looked
		}
		for _, c := range m.clocks {
			kind := ""
			switch {
			case c.overdue:
				kind = record.EventOverdue
			case c.atRisk, c.due.Sub(now) <= Soon:
				kind = record.EventDueSoon
			default:
				continue
			}
			due := c.due.Add(time.Nanosecond).Truncate(time.Second).UTC() // a day ends a moment before the next
			data, err := json.Marshal(EventData{Question: m.Question, Matter: m.root, Rule: c.rule, Due: &due})
			if err != nil {
				return nil, false, err
			}
			sum := sha256.Sum256([]byte(m.root + "\x00" + c.rule + "\x00" + strconv.FormatInt(due.UnixNano(), 10)))
			all = append(all, record.Noted{ID: kind + "." + hex.EncodeToString(sum[:16]), Type: kind, Record: m.ID, Data: data})
		}
		if m.settled(now) {
			w.remove(m)
		}
	}
	return all, s.Store.Head().Seq > w.read, nil
}
