package run

import (
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// begin lends a Run to put the facts of a question into. What it is evaluated
// by, if not by the first edition, is decided by the facts.
func (e *Engine) begin(q *checked.Question) (*form.Run, error) {
	ed, err := e.editions.Of(q, 0)
	if err != nil {
		return nil, err
	}
	return ed.Begin(), nil
}

// decide answers from the facts of a Run of the question's first edition, which
// it gives back.
func (e *Engine) decide(r *form.Run, q *checked.Question, asOf time.Time) (*policy.Answer, error) {
	defer r.Leave()
	l, facts := &q.Layout, r.Facts()
	if !asOf.IsZero() {
		if !intake.InYears(asOf) {
			return nil, policy.NewFactError("out_of_range", "as_of", diagnostic.Textf("判断时间 %s 不在 %d 年至 %d 年之间", "the moment of asking, %s, is not within the years %d to %d",
				asOf.Format(time.RFC3339), source.FirstYear, source.LastYear), diagnostic.Textf("检查年份", "check the year"))
		}
		now := value.MomentOf(asOf)
		if facts[l.AsOf].IsKnown() && facts[l.AsOf].N != now.N {
			return nil, policy.NewFactError("as_of_twice", "as_of", diagnostic.Textf("判断时间给了两次且不同", "the moment of asking was given twice and differs"),
				diagnostic.Textf("只给一次", "give it once"))
		}
		facts[l.AsOf] = now
	}
	if len(q.Musts) > 0 {
		if err := refuseImpossible(r, q); err != nil {
			return nil, err
		}
	}
	if asOf := facts[l.AsOf]; asOf.IsKnown() && l.Suspicious(facts, asOf.N, e.book.Zone) {
		if path, late := q.EventAfter(facts, e.book.Zone); late {
			label := q.LabelOf(path)
			return e.failed(q, &policy.AnswerError{Code: policy.CodeEventAfterAsOf, Fact: path,
				Message: diagnostic.Textf("%[1]s（%[3]s）晚于判断时间 %[4]s", "%[2]s (%[3]s) is later than the moment of asking, %[5]s",
					label.ZH, label.EN, path, e.book.Display(asOf, "zh"), e.book.Display(asOf, "en")),
				Remedy: diagnostic.Textf("尚未发生的不要写；已发生的，改用不早于它的判断时间（as_of，命令行用 --as-of）", "leave out what has not happened yet; where it has, ask as of a moment that is not before it (as_of, on the command line --as-of)")}, nil), nil
		}
	}
	if len(l.Orders) > 0 {
		if earlier, later, found := q.Disordered(facts, e.book.Zone); found {
			return e.failed(q, e.book.OutOfOrder(earlier, later), nil), nil
		}
	}
	editions, announced := e.known(facts[l.AsOf])
	if editions != e.editions {
		first, err := editions.Of(q, 0)
		if err != nil {
			return nil, err
		}
		r = first.Begin()
		defer r.Leave()
		copy(r.Facts(), facts)
	}
	day := governingOf(r)
	at, failure, err := e.governed(q, r.Plan, day)
	if failure != nil || err != nil {
		return failure, err
	}
	if at > 0 {
		ed, err := editions.Of(q, at)
		if err != nil {
			return nil, err
		}
		r = ed.Begin()
		defer r.Leave()
		copy(r.Facts(), facts)
	}
	a := e.answerIn(r, q, day)
	if editions == e.editions {
		return a, nil
	}
	awaits, err := e.awaitsNotice(a, q, at, announced, day, facts)
	if err != nil || !awaits {
		return a, err
	}
	again := r.Plan.Begin()
	defer again.Leave()
	copy(again.Facts(), facts)
	again.Mark(form.MarkPassing)
	return e.answerIn(again, q, day), nil
}

// answerIn answers from the facts of a Run of the edition that a day picked.
func (e *Engine) answerIn(r *form.Run, q *checked.Question, day governing) *policy.Answer {
	if day.passes && e.passes(q, day.v) {
		r.Mark(form.MarkPassing)
	}
	for i := range day.otherwise {
		if i < len(r.Plan.Asked.Otherwise) && e.picksAnother(q, day.v, day.otherwise[i]) {
			r.Mark(r.Plan.Asked.Otherwise[i].Mark)
		}
	}
	if e.watch != nil {
		r.Watch = func(program any) { e.watch(program.(*condition.Program), &r.Frame) } // nothing else is evaluated on it
		defer func() { r.Watch = nil }()
	}
	return answer(r)
}

// governing is what picks the edition: a day, month or moment.
type governing struct {
	v         value.Value
	passes    bool            // it depends on the moment of asking
	otherwise []form.OtherDay // what would under other options: see asked.otherwise
}

// picksAnother reports whether another day, month or moment picks an edition
// that may answer differently, or none.
func (e *Engine) picksAnother(q *checked.Question, v value.Value, other form.OtherDay) bool {
	i, k := e.picked(v), e.picked(other.V)
	switch {
	case other.Any:
		return true
	case i == notInForce && k == notInForce:
		return e.book.DayOf(v) != e.book.DayOf(other.V) // the answer names the day
	case i == notInForce || k == notInForce:
		return true
	}
	return i != k && e.differs(q)
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

// governing is the day, month or moment that picks the edition.
func governingOf(r *form.Run) governing {
	asOf := r.Slots[r.Plan.AsOf]
	day := governing{v: asOf, passes: true}
	if p := r.Plan.Asked.Governs; p != nil {
		if v := aside(r, p); v.IsKnown() {
			day = governing{v: v, passes: slices.Contains(r.Plan.GovernedBy, r.Plan.AsOf)}
		}
	}
	r.Days = r.Days[:0]
	for _, g := range r.Plan.Asked.Otherwise {
		other := form.OtherDay{V: asOf, Any: g.Any}
		if g.Program != nil {
			if v := aside(r, g.Program); v.IsKnown() {
				other.V = v
			}
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
func (e *Engine) governed(q *checked.Question, first *form.Plan, day governing) (int, *policy.Answer, error) {
	b, v := e.book, day.v
	var on date.Date
	switch {
	case !v.IsKnown():
		latest := len(b.Boundaries) - 1
		last, err := e.editions.Of(q, latest)
		if err != nil {
			return 0, nil, err
		}
		if latest == 0 || !e.changes(q, last) {
			return latest, nil, nil
		}
		return 0, newAnswer(&conclusion{book: b, question: q, verdict: policy.Undetermined, rulebook: policy.Stamp{ID: b.ID, SHA256: b.SHA256},
			missing: []policy.MissingFact{{Fact: "as_of", NeededBy: q.ID}}, readings: last.Behind}, nil, kept{}), nil
	case v.K == value.Month:
		y, m := v.YearMonth()
		on = date.New(y, m+1, 0)
	case v.K == value.Date:
		on = v.Date()
	case len(b.Boundaries) == 1 && b.Surely[0] < v.N && v.N < b.Surely[1]:
		return 0, nil, nil // the usual case, without a calendar
	default:
		on = checked.DateIn(v.Time(b.Zone), b.Zone)
	}
	if on < b.From || b.To != 0 && on > b.To {
		var turning []policy.UsedReading
		for i, g := range first.Asked.Otherwise {
			if used := (policy.UsedReading{Key: g.Reading, Option: first.Option(g.Reading)}); e.picksAnother(q, v, day.otherwise[i]) && !slices.Contains(turning, used) {
				turning = append(turning, used)
			}
		}
		slices.SortFunc(turning, func(x, y policy.UsedReading) int { return strings.Compare(x.Key, y.Key) })
		return 0, e.failed(q, &policy.AnswerError{Code: policy.CodeNotInForce,
			Message: diagnostic.Textf("规则书在 %v 尚未或不再生效", "the rulebook is not in force on %v", on), Remedy: b.InForce()}, turning), nil
	}
	return b.At(on), nil, nil
}
