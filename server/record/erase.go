package record

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Remains are what stays of a record that was erased: nothing of people, and what
// its hash and those of the steps about it rest on, so that the chains can still be
// verified. They stand in the step that says that it was erased.
type Remains struct {
	Question   string        `json:"question"`
	Verdict    string        `json:"verdict,omitempty"`
	RecordedAt time.Time     `json:"recorded_at"`
	Rulebook   string        `json:"rulebook,omitempty"` // SHA-256 of the rules that decided
	Previous   string        `json:"previous,omitempty"` // hash of the record before it
	Steps      []RemainsStep `json:"steps"`
}

// RemainsStep is what stays of a step about a record that was erased.
type RemainsStep struct {
	Seq      int64  `json:"seq"`
	Kind     string `json:"kind"`
	Hash     string `json:"hash"`
	Previous string `json:"previous,omitempty"` // hash of the step before it
}

// erasureSchema is what the eighth version of the file has beside the seventh.
const erasureSchema = `
ALTER TABLE imports ADD COLUMN erased INTEGER NOT NULL DEFAULT 0; -- microseconds since 1970, 0 where it was not
ALTER TABLE imports ADD COLUMN eraser TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN why TEXT NOT NULL DEFAULT '';
`

// saltBytes are as many as nobody can try out.
const saltBytes = 16

// newSalt are random bytes in hex. Without them, whoever has a hash and guesses
// all that a record said, could see that he guessed right.
func (s *Store) newSalt() string {
	if s.options.withoutSalt {
		return ""
	}
	b := make([]byte, saltBytes)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

// Erased reports whether nothing is left of what the record said. It is known of
// entries with a body alone.
func (e *Entry) Erased() bool { return overwritten(e.Body) }

// blank is what is written over what is erased. It is text, since bodies are searched
// as text, and no body begins with it.
const blank = ' '

// overwritten reports whether a body was erased.
func overwritten(body []byte) bool { return len(body) > 0 && body[0] == blank }

// LogBusyError says that what was erased is gone from the file, but may stand in
// the log beside it, since another program reads that. Erasing again, once that
// has ended, mends it.
type LogBusyError struct{ Path string }

// Error names the log.
func (e *LogBusyError) Error() string {
	return "what was erased may still stand in " + e.Path + "-wal, which another program reads; end it and erase once more"
}

// Erase overwrites what records say, and what all steps about them say: facts,
// answer, names, reasons. Question, verdict, time and hashes stay. A step about each
// says who does it and why, in words that name nobody; its kind is StepErasure. A
// record that was erased before is overwritten again, and its step is the one of that
// time. All are erased or none; none also where b.Seen is given and a later step was
// taken.
//
// It returns once that is on disk, and what stood there is neither in the file nor
// in its log any more. Backups that were made before have it. Errors: those of
// Take, and a *LogBusyError where the log could not be emptied.
func (s *Store) Erase(ctx context.Context, records []string, b StepBody) (steps []*Step, err error) {
	return s.eraseIf(ctx, records, b, func([]*Step) bool { return true })
}

// EraseOver erases those of some records that are Erasable still when it comes to it:
// about which nothing was done since a moment, and of which no objection waits. Of the
// others there is no step.
func (s *Store) EraseOver(ctx context.Context, records []string, before time.Time, b StepBody) (steps []*Step, err error) {
	return s.eraseIf(ctx, records, b, func(about []*Step) bool { return !touched(about, before) })
}

// eraseIf erases the records that may be erased by the steps about them. It is asked
// within the transaction: a step that is taken meanwhile is among them.
func (s *Store) eraseIf(ctx context.Context, records []string, b StepBody, may func(about []*Step) bool) (steps []*Step, err error) {
	b.Kind = StepErasure
	err = s.write(ctx, func(tx *sql.Tx) error {
		for _, id := range records {
			b.Record = id
			step, err := s.erase(ctx, tx, b, may)
			if err != nil {
				return err
			}
			if step != nil {
				steps = append(steps, step)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.signal()
	return steps, s.EmptyLog(ctx)
}

func (s *Store) erase(ctx context.Context, tx *sql.Tx, b StepBody, may func(about []*Step) bool) (*Step, error) {
	of, err := s.Get(ctx, b.Record)
	if err != nil {
		return nil, err
	}
	steps, err := stepsIn(ctx, tx, of.Seq)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(steps, func(x *Step) bool { return x.Kind == StepErasure })
	if i >= 0 {
		done := steps[i]
		done.Again = true
		return done, s.notDurable(overwrite(ctx, tx, of, steps))
	}
	if !may(steps) {
		return nil, nil
	}
	if err := timely(ctx, tx, b, of.Seq); err != nil {
		return nil, err
	}
	b.Erased = remainsOf(of, steps)
	done, err := s.addStep(ctx, tx, b, of, nil)
	if err != nil {
		return nil, err
	}
	return done, s.notDurable(overwrite(ctx, tx, of, steps))
}

// remainsOf is what stays of a record and of the steps about it.
func remainsOf(of *Entry, steps []*Step) *Remains {
	r := &Remains{Question: of.Question, Verdict: of.Verdict, RecordedAt: of.RecordedAt, Steps: []RemainsStep{}}
	if body, err := of.Decode(); err == nil { // else its link is not known, and verifying tells so
		r.Rulebook, r.Previous = body.Rulebook, body.Previous
	}
	for _, x := range steps {
		r.Steps = append(r.Steps, RemainsStep{Seq: x.Seq, Kind: x.Kind, Hash: x.Hash.String(), Previous: x.Previous})
	}
	return r
}

// overwrite writes blanks over a record and the steps about it, and something as
// long over what they are searched by: what keeps its length is written in its
// place, so that nothing of it is left between other things.
func overwrite(ctx context.Context, tx *sql.Tx, of *Entry, steps []*Step) error {
	over := func(table string, seq int64, body int) error {
		var retry []byte
		if err := tx.QueryRowContext(ctx, "SELECT retry FROM "+table+" WHERE seq = $1", seq).Scan(&retry); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE "+table+" SET body = $1 WHERE seq = $2", bytes.Repeat([]byte{blank}, body), seq); err != nil || retry == nil {
			return err
		}
		_, _ = rand.Read(retry) // it never fails
		_, err := tx.ExecContext(ctx, "UPDATE "+table+" SET retry = $1 WHERE seq = $2", retry, seq)
		return err
	}
	if err := over("decisions", of.Seq, len(of.Body)); err != nil {
		return err
	}
	for _, x := range steps {
		if x.Kind == StepErasure {
			continue
		}
		if err := over("steps", x.Seq, len(x.Body)); err != nil {
			return err
		}
		var who string
		if err := tx.QueryRowContext(ctx, "SELECT who FROM steps WHERE seq = $1", x.Seq).Scan(&who); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE steps SET who = $1 WHERE seq = $2", strings.Repeat(" ", len(who)), x.Seq); err != nil {
			return err
		}
	}
	return nil
}

// stepsIn are the steps about a record, in a transaction.
func stepsIn(ctx context.Context, tx *sql.Tx, of int64) (all []*Step, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+stepColumns+" FROM steps WHERE of = $1 ORDER BY seq", of)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		x, err := scanStep(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, rows.Err()
}

// erasureOf is the step that erased a record, 0 where none did.
func erasureOf(ctx context.Context, tx *sql.Tx, of int64) (seq int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM steps WHERE of = $1 AND kind = '"+StepErasure+"'", of).Scan(&seq)
	return seq, err
}

// EmptyLog has nothing left of what was overwritten in the log beside the file: all of
// it is moved into the file, and it is cut to nothing. Erasing does so, too. The error is
// a *LogBusyError where others keep it from that.
func (s *Store) EmptyLog(ctx context.Context) (err error) {
	if s.writer == nil {
		return ErrClosed
	}
	db, done, err := s.database.others()
	if err != nil {
		return &NotDurableError{err}
	}
	defer func() { err = errors.Join(err, done()) }()
	err = s.database.emptyLog(ctx, db)
	var busy *LogBusyError
	if errors.As(err, &busy) || ctx.Err() != nil {
		return err
	}
	return s.notDurable(err)
}

// EraseImport overwrites the files of an import, their names and hashes, which may
// name people or confirm what somebody guesses of a small table, and why it took the
// place of another one. That it was there, when and from whom, and its summary, which
// counts and names nobody, stay. One that was erased before is overwritten again.
// Errors: ErrNotFound, a *NotDurableError, and a *LogBusyError as Erase has it.
func (s *Store) EraseImport(ctx context.Context, id int64, caller, why string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var before int64 // when it was erased already
		var reason string
		switch err := tx.QueryRowContext(ctx, "SELECT erased, reason FROM imports WHERE id = $1", id).Scan(&before, &reason); {
		case errors.Is(err, sql.ErrNoRows):
			return ErrNotFound
		case err != nil:
			return s.notDurable(err)
		}
		parts, err := partsOf(ctx, tx, id)
		if err != nil {
			return s.notDurable(err)
		}
		for _, p := range parts {
			if _, err := tx.ExecContext(ctx, "UPDATE import_parts SET data = $1 WHERE import = $2 AND name = $3 AND part = $4", bytes.Repeat([]byte{blank}, p.bytes), id, p.name, p.part); err != nil {
				return s.notDurable(err)
			}
		}
		if before != 0 {
			return nil
		}
		if err := overwriteFiles(ctx, tx, id); err != nil {
			return s.notDurable(err)
		}
		_, err = tx.ExecContext(ctx, "UPDATE imports SET eraser = $1, why = $2, reason = $3, erased = $4 WHERE id = $5",
			caller, why, strings.Repeat(" ", len(reason)), s.Now().UnixMicro(), id)
		return s.notDurable(err)
	})
	if err != nil {
		return err
	}
	return s.EmptyLog(ctx)
}

// overwriteFiles writes numbers over the names of the files of an import, and zeros over
// their hashes.
func overwriteFiles(ctx context.Context, tx *sql.Tx, id int64) error {
	names, err := fileNames(ctx, tx, id)
	if err != nil {
		return err
	}
	for i, name := range names {
		number := fmt.Sprintf("%*d", len(name), i+1) // blanks before it: no name of a table begins so
		if _, err := tx.ExecContext(ctx, "UPDATE import_files SET name = $1, sha256 = $2 WHERE import = $3 AND name = $4", number, make([]byte, sha256.Size), id, name); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE import_parts SET name = $1 WHERE import = $2 AND name = $3", number, id, name); err != nil {
			return err
		}
	}
	return nil
}

func fileNames(ctx context.Context, tx *sql.Tx, id int64) (names []string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT name FROM import_files WHERE import = $1 ORDER BY name", id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// importPart is a piece of a file that is kept.
type importPart struct {
	name  string
	part  int
	bytes int
}

func partsOf(ctx context.Context, tx *sql.Tx, id int64) (all []importPart, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT name, part, length(data) FROM import_parts WHERE import = $1", id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p importPart
		if err := rows.Scan(&p.name, &p.part, &p.bytes); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// Erasable are records whose latest step, or that themselves where there is none,
// were made before a moment, that were not erased, and of which no objection waits
// for a decision, from behind a place on, the oldest first. They are of the given
// questions or, with others, of all others. last is the place that was looked at
// last, 0 where there is nothing behind the given one.
func (s *Store) Erasable(ctx context.Context, questions []string, others bool, before time.Time, after int64) (all []*Entry, last int64, err error) {
	const looked = 500
	where, args := "", []any{after, before.UnixMicro()}
	if len(questions) > 0 {
		in := " IN "
		if others {
			in = " NOT IN "
		}
		var names []string
		for _, q := range questions {
			args = append(args, q)
			names = append(names, "$"+strconv.Itoa(len(args)))
		}
		where = " AND question" + in + "(" + strings.Join(names, ", ") + ")"
	}
	rows, err := s.db.QueryContext(ctx, "SELECT seq, hash, recorded, question, verdict, NULL FROM decisions WHERE seq > $1 AND recorded < $2"+where+
		" AND NOT "+stageConditions[StageErased]+" ORDER BY seq LIMIT "+strconv.Itoa(looked), args...)
	if err != nil {
		return nil, 0, err
	}
	found, _, err := collect(rows)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range found {
		last = e.Seq
		steps, err := s.Steps(ctx, e)
		if err != nil {
			return nil, 0, err
		}
		if !touched(steps, before) {
			all = append(all, e)
		}
	}
	return all, last, nil
}

// touched reports whether something was done from a moment on, or an objection
// holds that nobody has decided about since.
func touched(steps []*Step, since time.Time) bool {
	objected := false
	for _, x := range steps {
		if x.Differ || !x.At.Before(since) {
			return true
		}
		switch x.Kind {
		case StepObjection:
			objected = true
		case StepDecision, StepCorrection, StepWithdrawal:
			objected = false
		}
	}
	return objected
}

// erasures are what the steps say that erased records, by the place of the record.
type erasures map[int64]*Step

// erasures are all of the file, or those of a further condition.
func (s *Store) erasures(ctx context.Context, which string, args ...any) (erasures, error) {
	all := erasures{}
	steps, err := s.steps(ctx, "WHERE kind = '"+StepErasure+"' "+which+" ORDER BY seq", args...)
	for _, x := range steps {
		if all[x.About] == nil && x.Erased != nil {
			all[x.About] = x
		}
	}
	return all, err
}

// ErasedBehind are the places of the records that were erased by steps behind one, and
// the last step of all: the one to ask behind the next time.
func (s *Store) ErasedBehind(ctx context.Context, step int64) (records []int64, last int64, err error) {
	if err := s.db.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM steps").Scan(&last); err != nil {
		return nil, 0, err
	}
	erased, err := s.erasures(ctx, "AND seq > $1 AND seq <= $2", step, last)
	return slices.Sorted(maps.Keys(erased)), last, err
}

// remains is what an erasure says of a step about its record; false where it says
// nothing.
func (x *Step) remains(seq int64) (RemainsStep, bool) {
	if x != nil && x.Erased != nil {
		for _, s := range x.Erased.Steps {
			if s.Seq == seq {
				return s, true
			}
		}
	}
	return RemainsStep{}, false
}

// erasure is the step that erased the record at a place, nil where none did. One that
// is found overwritten may have been erased while others were looked at: the step was
// written with the blanks, and is there whenever they are.
func (v *verifier) erasure(ctx context.Context, of int64, overwritten bool) *Step {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.erased[of] == nil && overwritten {
		later, err := v.store.erasures(ctx, "AND of = $1", of)
		if err == nil && later[of] != nil { // else the damage is told, or verifying ends
			v.erased[of] = later[of]
		}
	}
	return v.erased[of]
}

// gone checks a record that was erased against the step that says so, and reports
// whether there is nothing more to check.
func (v *verifier) gone(ctx context.Context, p *place) bool {
	e := p.entry
	by := v.erasure(ctx, p.seq, e.Erased())
	switch {
	case by == nil && !e.Erased():
		return false
	case by == nil:
		p.add(DamageHash, "nothing is left of the record, and no step says that it was erased")
	case !e.Erased():
		p.add(DamageErasure, "step %d erased the record, and it is there again; erase it once more", by.Seq)
		return false
	case by.Of != e.Hash.String():
		p.add(DamageHash, "the record had the hash %s when it was erased, on record is %v", by.Of, e.Hash)
	default:
		p.remains = by.Erased
		if r := by.Erased; r.Question != e.Question || r.Verdict != e.Verdict || !r.RecordedAt.Equal(e.RecordedAt) {
			p.add(DamageColumn, "its question, verdict or time is not what the step says that erased it")
		}
	}
	return true
}
