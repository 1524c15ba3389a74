package run

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// governing is what picks the edition: a day, month or moment.
type governing struct {
	v         value.Value
	passes    bool            // it depends on the moment of asking
	otherwise []form.OtherDay // what would under other options: see asked.otherwise
}

// picksAnother reports whether another day, month or moment picks an edition
// that may answer differently, or none.
func (e *Engine) picksAnother(q *checked.Question, v value.Value, other form.OtherDay) bool {
	switch {
	case other.Any:
		return true
	case len(e.book.Boundaries) == 1 && e.surely(v) && e.surely(other.V):
		return false
	}
	i, k := e.picked(v), e.picked(other.V)
	switch {
	case i == notInForce && k == notInForce:
		return e.book.DayOf(v) != e.book.DayOf(other.V) // the answer names the day
	case i == notInForce || k == notInForce:
		return true
	}
	return i != k && e.differs(q)
}

// surely reports whether a value is a moment in force whatever the zone, as can be
// told without a calendar.
func (e *Engine) surely(v value.Value) bool {
	return v.K == value.Moment && v.IsKnown() && e.book.Surely[0] < v.N && v.N < e.book.Surely[1]
}

// What picks no edition.
const (
	notInForce = -1 - iota // there is none on that day
	notKnown               // it is not known which day it is
)

// picked is the number of the edition that a day, month or moment picks.
func (e *Engine) picked(v value.Value) int {
	b := e.book
	if !v.IsKnown() {
		return notKnown
	}
	on := b.DayOf(v)
	if on < b.From || b.To != 0 && on > b.To {
		return notInForce
	}
	return b.At(on)
}

// differs reports whether the answers to the question differ by date.
func (e *Engine) differs(q *checked.Question) bool {
	return e.editions.Differ(q, func() bool {
		last, err := e.editions.Of(q, len(e.book.Boundaries)-1)
		return err != nil || e.changes(q, last)
	})
}

// passes reports whether, at a later moment of asking, another edition may give
// another answer than that of a moment or day, or none any more.
func (e *Engine) passes(q *checked.Question, v value.Value) bool {
	b := e.book
	if !v.IsKnown() || !b.Passes() {
		return false
	}
	latest := len(b.Boundaries) - 1
	return b.To != 0 || b.At(b.DayOf(v)) < latest && e.differs(q)
}

// governingOf is the day, month or moment that picks the edition: that of asking
// where the question names no other. One that is not known, or that there is
// none of, stays so: see undated.
func governingOf(r *form.Run) governing {
	asOf := r.Slots[r.Plan.AsOf]
	day := governing{v: asOf, passes: true}
	if p := r.Plan.Asked.Governs; p != nil {
		day = governing{v: aside(r, p), passes: r.Plan.GovernedByAsking}
	}
	r.Days = r.Days[:0]
	for _, g := range r.Plan.Asked.Otherwise {
		other := form.OtherDay{V: asOf, Any: g.Any}
		if g.Program != nil {
			other.V = aside(r, g.Program)
		}
		r.Days = append(r.Days, other)
	}
	day.otherwise = r.Days
	return day
}

// aside is what a program comes to. Nothing that it lacks is noted, nor that it
// fails.
func aside(r *form.Run, p *condition.Program) value.Value {
	needs := len(r.Needs)
	v := p.Eval(&r.Frame)
	r.Needs, r.Err = r.Needs[:needs], nil
	return v
}

// governed finds the edition in force on the day that picks it, from the first
// edition, which knows what would pick one under other options.
func (e *Engine) governed(q *checked.Question, first *form.Plan, day governing) (int, *policy.Answer) {
	b, v := e.book, day.v
	if len(b.Boundaries) == 1 && e.surely(v) {
		return 0, nil // the usual case
	}
	on := b.DayOf(v)
	if on < b.From || b.To != 0 && on > b.To {
		var turning []policy.UsedReading
		for i, g := range first.Asked.Otherwise {
			if used := (policy.UsedReading{Key: g.Reading, Option: first.Option(g.Reading)}); e.picksAnother(q, v, day.otherwise[i]) && !slices.Contains(turning, used) {
				turning = append(turning, used)
			}
		}
		slices.SortFunc(turning, func(x, y policy.UsedReading) int { return strings.Compare(x.Key, y.Key) })
		return 0, e.failed(q, &policy.AnswerError{Code: policy.CodeNotInForce,
			Message: diagnostic.Textf("规则书在 %v 尚未或不再生效", "the rulebook is not in force on %v", on), Remedy: b.InForce()}, turning)
	}
	return b.At(on), nil
}
