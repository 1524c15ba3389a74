package policy

import (
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
)

// kept is everything that one decision writes, in one piece of memory: the
// answer, and the run that the answer explains itself from.
type kept struct {
	answer Answer
	run    Run
	marks  [48]outcome
	liable [2]Liable
	needs  [6]value.Need // what is wanted for a while, and turns out not to matter
}

// sized is kept with room for slots, so that they are part of the same piece.
type (
	kept24 struct {
		kept
		slots [24]value.Value
	}
	kept48 struct {
		kept
		slots [48]value.Value
	}
	kept72 struct {
		kept
		slots [72]value.Value
	}
	kept96 struct {
		kept
		slots [96]value.Value
	}
)

func newKept(slots int) *kept {
	var k *kept
	switch {
	case slots <= 24:
		x := new(kept24)
		k, x.run.Slots = &x.kept, x.slots[:slots]
	case slots <= 48:
		x := new(kept48)
		k, x.run.Slots = &x.kept, x.slots[:slots]
	case slots <= 72:
		x := new(kept72)
		k, x.run.Slots = &x.kept, x.slots[:slots]
	case slots <= 96:
		x := new(kept96)
		k, x.run.Slots = &x.kept, x.slots[:slots]
	default:
		k = new(kept)
		k.run.Slots = make([]value.Value, slots)
	}
	k.run.liable, k.run.Needs = k.liable[:0], k.needs[:0]
	return k
}

// begin makes room for a decision. The caller fills in the facts of the
// question's layout.
func (e *Engine) begin(q *Question) (*kept, error) {
	first, err := e.editions.of(q, 0)
	if err != nil {
		return nil, err
	}
	k := newKept(first.base + len(first.slots))
	k.run.ed = first
	return k, nil
}

// finish decides from the facts in their slots.
func (e *Engine) finish(k *kept, asOf time.Time) (*Answer, error) {
	r := &k.run
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
		if n := ed.base + len(ed.slots); n > cap(r.Slots) {
			facts := r.Slots
			k = newKept(n)
			r = &k.run
			copy(r.Slots, facts)
		} else {
			r.Slots = r.Slots[:n]
		}
		r.ed = ed
	}
	if n := r.ed.marks; n <= len(k.marks) {
		r.marks = k.marks[:n]
	} else {
		r.marks = make([]outcome, n)
	}
	r.evaluate()
	return r.answer(&k.answer), nil
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
	default:
		on = dateIn(v.Time(b.Zone), b.Zone)
	}
	if on < b.From || b.To != 0 && on > b.To {
		return 0, e.failed(q, &AnswerError{Code: "not_in_force",
			Message: textf("规则书在 %v 尚未或不再生效", "the rulebook is not in force on %v", on)}), nil
	}
	return b.at(on), nil, nil
}
