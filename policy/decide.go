package policy

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
)

// scratch is what a decision is computed in. Answers keep nothing of it, so
// that it serves one decision after the other.
type scratch struct {
	run    Run
	marks  []outcome
	liable [4]Liable
	needs  [6]value.Need // what is wanted for a while, and turns out not to matter
}

func (ed *edition) newScratch() *scratch {
	s := &scratch{marks: make([]outcome, ed.marks)}
	s.run = Run{ed: ed, marks: s.marks}
	s.run.Slots = make([]value.Value, ed.base+len(ed.slots))
	s.reset()
	return s
}

// reset makes it as new, but for the facts: nothing was found.
func (s *scratch) reset() {
	r := &s.run
	clear(r.Slots[r.ed.base:])
	clear(s.marks)
	r.liable, r.Needs, r.needs = s.liable[:0], s.needs[:0], nil
	r.provisional, r.Err = false, nil
}

// begin takes a scratch whose facts the caller fills in: all the slots of the
// question's layout.
func (e *Engine) begin(q *Question) (*scratch, error) {
	first, err := e.editions.of(q, 0)
	if err != nil {
		return nil, err
	}
	return first.take(), nil
}

func (ed *edition) take() *scratch {
	if s, ok := ed.idle.Get().(*scratch); ok {
		s.reset()
		return s
	}
	return ed.newScratch()
}

// leave puts a scratch back, unless an answer is to keep it.
func (s *scratch) leave() {
	if s.run.ed.packs {
		s.run.ed.idle.Put(s)
	}
}

// finish decides from the facts in their slots, and takes the scratch back.
func (e *Engine) finish(s *scratch, asOf time.Time) (*Answer, error) {
	r := &s.run
	q := r.ed.question
	now := &r.Slots[q.layout.asOf]
	if !asOf.IsZero() {
		if now.IsKnown() && now.N != asOf.UnixNano() {
			return nil, factError("as_of_twice", "as_of", textf("判断时间给了两次且不同", "the moment of asking was given twice and differs"),
				textf("只给一次", "give it once"))
		}
		*now = value.MomentOf(asOf)
	}
	if now.IsKnown() {
		if path, late := q.eventAfter(r.Slots, *now, e.book.Zone); late {
			return e.failed(q, &AnswerError{Code: "event_after_as_of", Fact: path,
				Message: textf("%s 晚于判断时间", "%s is later than the moment of asking", path)}), nil
		}
	}
	edition, failure, err := e.governed(r, *now)
	if failure != nil || err != nil {
		return failure, err
	}
	if edition > 0 {
		ed, err := e.editions.of(q, edition)
		if err != nil {
			return nil, err
		}
		other := ed.take()
		copy(other.run.Slots, r.Slots[:q.layout.slots])
		s.leave()
		s, r = other, &other.run
	}
	r.evaluate()
	a := r.answer()
	s.leave()
	return a, nil
}

// governed finds the edition in force on the day that picks it.
func (e *Engine) governed(r *Run, now value.Value) (int, *Answer, error) {
	b, q := e.book, r.ed.question
	v := now
	if p := r.ed.asked.governs; p != nil {
		r.Frame.Zone = b.Zone
		if on := p.Eval(&r.Frame); on.IsKnown() {
			v = on
		}
		r.Needs, r.Err = r.Needs[:0], nil
	}
	var on date.Date
	switch {
	case !v.IsKnown():
		latest := len(b.boundaries) - 1
		last, err := e.editions.of(q, latest)
		if err != nil {
			return 0, nil, err
		}
		if latest == 0 || !e.changes(q, last) {
			return latest, nil, nil
		}
		return 0, &Answer{Question: q.ID, Verdict: Undetermined, Rulebook: Stamp{ID: b.ID, SHA256: b.SHA256},
			MissingFacts: []MissingFact{{"as_of", q.ID}}}, nil
	case v.K == value.Month:
		y, m := v.YearMonth()
		on = date.New(y, m+1, 0)
	case v.K == value.Date:
		on = v.Date()
	case len(b.boundaries) == 1 && b.surely[0] < v.N && v.N < b.surely[1]:
		return 0, nil, nil
	default:
		on = dateIn(v.Time(b.Zone), b.Zone)
	}
	if on < b.From || b.To != 0 && on > b.To {
		return 0, e.failed(q, &AnswerError{Code: "not_in_force",
			Message: textf("规则书在 %v 尚未或不再生效", "the rulebook is not in force on %v", on)}), nil
	}
	return b.at(on), nil, nil
}
