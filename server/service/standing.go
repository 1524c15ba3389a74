package service

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/sla"
)

// Matter is something on record that is not settled as far as the record says:
// its clock runs, it is undetermined, a person is to decide, an indicator is
// below its bound. What it is now comes from its facts, asked again: by the rules
// in force, as of now.
type Matter struct {
	ID       string // of the record
	Question string
	Recorded time.Time

	Given map[string]string // single values that somebody gave, as JSON, by their paths

	Verdict   string        // now
	Clock     *sla.Timeline // that runs or is overdue, the one due first
	Still     bool          // a clock stands still or has not started
	Rule      *policy.Rule  // of the clock
	Next      time.Time     // when time alone may change it; zero where it cannot
	Missing   []policy.MissingFact
	Decisions []policy.Decision
	Amounts   []Amount // proposed
	NotMet    []Indicator
	Refused   bool // the rules in force do not take its facts
	Decided   bool // a person has decided, so that no proposal of it waits
	Corrected bool // it was wrong

	seq      int64
	root     string     // id of the first record of the matter, as far as it is known
	clocks   []dueClock // all that run or are overdue
	facts    json.RawMessage
	readings []live.Setting
	asked    string // as of when, where somebody said so
}

// dueClock is a clock that runs or is overdue.
type dueClock struct {
	rule    string
	due     time.Time
	overdue bool
	atRisk  bool
}

// Indicator is one that is not met.
type Indicator struct {
	Rule  *policy.Rule
	Gauge kpi.Gauge
}

// Overdue reports whether its time is up and it is not done.
func (m *Matter) Overdue() bool { return m.Clock != nil && m.Clock.Status == sla.Overdue }

// UnderWay reports whether a clock of it runs, stands still or has not started.
func (m *Matter) UnderWay() bool { return m.Clock != nil || m.Still }

// AtRisk reports whether its clock runs and a mark that warns is reached.
func (m *Matter) AtRisk() bool { return m.Clock != nil && m.Clock.Status == sla.AtRisk }

// Waits reports whether a proposal of it waits for a person.
func (m *Matter) Waits() bool { return !m.Decided && (len(m.Amounts) > 0 || len(m.Decisions) > 0) }

// Left is how long until it is due; false where no clock of it runs.
func (m *Matter) Left(now time.Time) (time.Duration, bool) {
	if m.Clock == nil || m.Overdue() || m.Clock.Due.End.IsZero() {
		return 0, false
	}
	return m.Clock.Due.End.Sub(now), true
}

// Standing is what of the record is not settled.
type Standing struct {
	Matters []Matter // by when they are due, then the latest first
	Read    int64    // records that it is of
	Behind  int64    // records that were not read yet: the next time goes on
	Dropped int      // matters that are not among them, since there are too many
}

// Bounds of what is watched.
const (
	watchedMost   = 4000            // matters: some 10 MB
	watchedTime   = 2 * time.Second // that one call reads on
	watchedChunk  = 200             // records
	watchedMonths = 12              // a record that only waits for somebody is watched for so long
)

// watch knows the matters that are not settled. It reads each record once, and all
// of them again when the rules have changed, since what was settled by the old ones
// need not be by the new ones. A matter that is not settled is asked again whenever
// somebody looks while a clock of it runs or is overdue, and else once time may
// have changed it.
type watch struct {
	turn    slots        // of the one who reads and asks, which takes up to seconds
	read    int64        // the last place
	rules   *live.Loaded // by which it was read
	open    map[int64]*Matter
	anchors map[string][]*Matter // by a question and something that was given
	dropped int
	most    int // matters; 0 for watchedMost

	steps int64                      // the last one that was read
	taken map[int64]map[int64]string // kinds of the steps that hold, by the place of their record and their own
}

// Standing tells what on record is not settled now. A record whose facts are
// those of an earlier one, and more, is taken to be about the same matter, which
// it carries on, where those facts have a name or a time to know it by. It goes
// on reading where it was the last time, for two seconds at most, so that a long
// record takes several calls in the beginning.
func (s *Service) Standing(ctx context.Context) (*Standing, error) {
	w := &s.watch
	if err := w.turn.wait(ctx); err != nil {
		return nil, err
	}
	defer w.turn.give()
	now := s.Store.Now()
	rules, err := s.catchUp(ctx, now, watchedTime)
	if err != nil {
		return nil, err
	}
	out := &Standing{Read: w.read, Behind: s.Store.Head().Seq - w.read, Dropped: w.dropped}
	for _, m := range w.open {
		w.mark(m)
		if !m.Next.IsZero() && !now.Before(m.Next) || m.Clock != nil {
			looked := *m
			s.look(ctx, rules, &looked, now)
			if err := ctx.Err(); err != nil {
				return nil, err // and it stays as it was
			}
			*m = looked
		}
		if m.settled(now) {
			w.remove(m)
			continue
		}
		out.Matters = append(out.Matters, *m)
	}
	due := func(m *Matter) int64 {
		if m.Clock == nil || m.Clock.Due.End.IsZero() {
			return 1<<63 - 1
		}
		return m.Clock.Due.End.Unix()
	}
	slices.SortFunc(out.Matters, func(a, b Matter) int { return cmp.Or(cmp.Compare(due(&a), due(&b)), cmp.Compare(b.seq, a.seq)) })
	return out, nil
}

// catchUp has the watch read on for a while, by the rules in force. The watch is
// the caller's.
func (s *Service) catchUp(ctx context.Context, now time.Time, most time.Duration) (*live.Loaded, error) {
	w, rules := &s.watch, s.Rules.Current()
	if w.rules != rules {
		w.rules = rules
		w.forget()
	}
	withdrawn, err := w.readSteps(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	if withdrawn {
		w.forget() // what was settled by the step may be settled no longer
	}
	began := time.Now()
	for time.Since(began) < most {
		entries, err := s.Store.Stretch(ctx, w.read+1, watchedChunk)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			m := matterOf(e)
			if m != nil {
				s.look(ctx, rules, m, now)
			}
			if err := ctx.Err(); err != nil {
				return nil, err // before anything comes of an answer that was cut short
			}
			w.read = e.Seq
			if m == nil {
				continue
			}
			w.carryOn(rules.Book.Rulebook(), m)
			w.mark(m)
			if !m.settled(now) {
				w.add(m)
			}
		}
	}
	return rules, nil
}

// forget has the record read from its beginning.
func (w *watch) forget() {
	w.read, w.dropped = 0, 0
	w.open, w.anchors = map[int64]*Matter{}, map[string][]*Matter{}
}

// readSteps reads what was done about records since the last time, and reports
// whether a step was withdrawn.
func (w *watch) readSteps(ctx context.Context, store *record.Store) (withdrawn bool, err error) {
	if w.taken == nil {
		w.taken = map[int64]map[int64]string{}
	}
	for {
		steps, err := store.StepsAfter(ctx, w.steps, watchedChunk)
		if err != nil || len(steps) == 0 {
			return withdrawn, err
		}
		for _, s := range steps {
			w.steps = s.Seq
			of := s.About
			if w.taken[of] == nil {
				w.taken[of] = map[int64]string{}
			}
			delete(w.taken[of], s.Corrects)
			w.taken[of][s.Seq] = s.Kind
			withdrawn = withdrawn || s.Kind == record.StepWithdrawal
			if m := w.open[of]; m != nil && s.Kind == record.StepErasure {
				w.remove(m) // with its facts
			}
		}
	}
}

// mark says what was done about a matter.
func (w *watch) mark(m *Matter) {
	m.Decided, m.Corrected = false, false
	for _, kind := range w.taken[m.seq] {
		m.Decided = m.Decided || kind == record.StepDecision
		m.Corrected = m.Corrected || kind == record.StepCorrection
	}
}

// matterOf is a record as a matter; nil where it cannot be read.
func matterOf(e *record.Entry) *Matter {
	body, err := e.Decode()
	if err != nil {
		return nil // verifying tells of it
	}
	m := &Matter{ID: e.ID(), root: e.ID(), Question: e.Question, Recorded: e.RecordedAt, seq: e.Seq, facts: slices.Clone(body.Facts), Given: map[string]string{}}
	for key, option := range body.Readings {
		m.readings = append(m.readings, live.Setting{Key: key, Option: option})
	}
	if body.AsOf != nil && !body.Assumed {
		m.asked = body.AsOf.UTC().Format(time.RFC3339Nano)
	}
	var facts map[string]any
	if json.Unmarshal(body.Facts, &facts) == nil {
		leavesOf(facts, "", body.FactsAssumed, m.Given)
	}
	var given map[string]json.RawMessage
	if json.Unmarshal(body.Facts, &given) == nil && given["as_of"] != nil { // it is asked again as of now
		m.asked = cmp.Or(m.asked, string(given["as_of"]))
		delete(given, "as_of")
		if m.facts, err = json.Marshal(given); err != nil {
			return nil
		}
	}
	return m
}

// leavesOf are the single values of facts by their paths, without what was
// assumed. The moment of asking is none of them: it moves.
func leavesOf(v any, path string, assumed []string, into map[string]string) {
	if path == "as_of" || slices.Contains(assumed, path) {
		return
	}
	switch x := v.(type) {
	case map[string]any:
		for name, inner := range x {
			at := name
			if path != "" {
				at = path + "." + name
			}
			leavesOf(inner, at, assumed, into)
		}
	case []any:
		for i, inner := range x {
			leavesOf(inner, path+"["+strconv.Itoa(i)+"]", assumed, into)
		}
	case nil: // known to be none: it may come later
	default:
		text, _ := json.Marshal(x)
		into[path] = string(text)
	}
}

// anchor is under which of its leaves a matter is found: the one with the
// longest value, as a moment or a name is, since few others have the same.
func (m *Matter) anchor() (string, bool) {
	best, found := "", false
	for path, value := range m.Given {
		longer := len(value) - len(m.Given[best])
		if !found || longer > 0 || longer == 0 && path < best {
			best, found = path, true
		}
	}
	return anchorOf(m.Question, best, m.Given[best]), found
}

func anchorOf(question, path, value string) string {
	return question + "\x00" + path + "\x00" + value
}

func (w *watch) add(m *Matter) {
	if len(w.open) >= cmp.Or(w.most, watchedMost) {
		oldest := m
		for _, x := range w.open {
			if x.seq < oldest.seq {
				oldest = x
			}
		}
		w.dropped++
		if oldest == m {
			return
		}
		w.remove(oldest)
	}
	w.open[m.seq] = m
	if at, ok := m.anchor(); ok {
		w.anchors[at] = append(w.anchors[at], m)
	}
}

func (w *watch) remove(m *Matter) {
	delete(w.open, m.seq)
	if at, ok := m.anchor(); ok {
		if w.anchors[at] = slices.DeleteFunc(w.anchors[at], func(x *Matter) bool { return x == m }); len(w.anchors[at]) == 0 {
			delete(w.anchors, at)
		}
	}
}

// carryOn takes away the matter that a record carries on: the latest one of
// which it has all facts. One of the very same facts, of which somebody said that
// it is as of another moment, is a matter of its own.
func (w *watch) carryOn(book *policy.Rulebook, m *Matter) {
	q, ok := book.Question(m.Question)
	if !ok {
		return
	}
	var before *Matter
	for path, value := range m.Given {
		for _, x := range w.anchors[anchorOf(m.Question, path, value)] {
			if (before == nil || x.seq > before.seq) && x.within(m) && x.known(q) && !x.twin(m) {
				before = x
			}
		}
	}
	if before != nil {
		m.root = before.root
		w.remove(before)
	}
}

// within reports whether another matter has all facts of this one.
func (m *Matter) within(other *Matter) bool {
	for path, value := range m.Given {
		if other.Given[path] != value {
			return false
		}
	}
	return true
}

// twin reports whether two matters have the same facts as of different moments,
// as two complaints about one person do.
func (m *Matter) twin(other *Matter) bool {
	return len(m.Given) == len(other.Given) && m.asked != "" && other.asked != "" && m.asked != other.asked
}

// known reports whether a name or a time was given, by which a matter is told
// from others.
func (m *Matter) known(q *policy.Question) bool {
	for path := range m.Given {
		if f, ok := FactAt(q, path); ok && (f.TypeName == "name" || f.TypeName == "moment" || f.TypeName == "date") {
			return true
		}
	}
	return false
}

// look asks what a matter is now. Where the context has ended, that is nothing to
// go by.
func (s *Service) look(ctx context.Context, rules *live.Loaded, m *Matter, now time.Time) {
	m.clocks = nil
	m.Verdict, m.Clock, m.Still, m.Rule, m.Next, m.Missing, m.Decisions, m.Amounts, m.NotMet, m.Refused = "", nil, false, nil, time.Time{}, nil, nil, nil, nil, false
	book, err := rules.With(m.readings)
	if err != nil {
		m.Refused = true
		return
	}
	answer, err := book.Ask(ctx, m.Question, []byte(m.facts), rulebook.AsOf(now))
	if err != nil || answer.Error != nil {
		m.Refused = true
		return
	}
	m.Verdict, m.Missing, m.Decisions = answer.Verdict, answer.MissingFacts, answer.Decisions
	m.Next, _ = answer.NextChange()
	waits, done := false, false // clocks that have not started, and that were stopped
	for _, d := range answer.Details() {
		switch of := d.Of.(type) {
		case sla.Timeline:
			switch of.Status {
			case sla.Overdue, sla.Running, sla.AtRisk:
				if of.Done.IsZero() && !of.Due.End.IsZero() {
					m.clocks = append(m.clocks, dueClock{d.Rule.Name, of.Due.End, of.Status == sla.Overdue, of.Status == sla.AtRisk})
				}
				if of.Done.IsZero() && (m.Clock == nil || of.Due.End.Before(m.Clock.Due.End)) {
					m.Clock, m.Rule = &of, d.Rule
				}
			case sla.Paused:
				m.Still = true
			case sla.NotStarted:
				waits = true
			case sla.OnTime, sla.Late, sla.DeemedOnTime:
				done = true
			}
		case kpi.Gauge:
			if of.Verdict == kpi.NotMet {
				m.NotMet = append(m.NotMet, Indicator{d.Rule, of})
			}
		}
	}
	if q, ok := book.Rulebook().Question(m.Question); ok {
		m.Amounts = headline.Proposed(q, answer)
	}
	m.Still = m.Still || waits && !done // of a matter that is done, some clock never starts
}

// settled reports whether there is nothing to watch. What waits for somebody is
// watched for a year.
func (m *Matter) settled(now time.Time) bool {
	if m.Corrected {
		return true
	}
	if m.Clock != nil || !m.Next.IsZero() {
		return false
	}
	waits := m.Still || m.Verdict == policy.Undetermined || m.Waits() || len(m.NotMet) > 0 || m.Refused
	return !waits || m.Recorded.Before(now.AddDate(0, -watchedMonths, 0))
}
