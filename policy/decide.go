package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// begin lends a Run to put the facts of a question into. What it is evaluated
// by, if not by the first edition, is decided by the facts.
func (e *Engine) begin(q *checkedQuestion) (*Run, error) {
	ed, err := e.editions.of(q, 0)
	if err != nil {
		return nil, err
	}
	return ed.run(), nil
}

// decide answers from the facts of a Run of the question's first edition, which
// it gives back.
func (e *Engine) decide(r *Run, q *checkedQuestion, asOf time.Time) (*Answer, error) {
	defer r.leave()
	l, facts := &q.layout, r.facts()
	if !asOf.IsZero() {
		if !inYears(asOf) {
			return nil, factError("out_of_range", "as_of", diagnostic.Textf("判断时间 %s 不在 %d 年至 %d 年之间", "the moment of asking, %s, is not within the years %d to %d",
				asOf.Format(time.RFC3339), source.FirstYear, source.LastYear), diagnostic.Textf("检查年份", "check the year"))
		}
		now := value.MomentOf(asOf)
		if facts[l.asOf].IsKnown() && facts[l.asOf].N != now.N {
			return nil, factError("as_of_twice", "as_of", diagnostic.Textf("判断时间给了两次且不同", "the moment of asking was given twice and differs"),
				diagnostic.Textf("只给一次", "give it once"))
		}
		facts[l.asOf] = now
	}
	if asOf := facts[l.asOf]; asOf.IsKnown() && l.suspicious(facts, asOf.N, e.book.Zone) {
		if path, late := q.eventAfter(facts, e.book.Zone); late {
			label := q.LabelOf(path)
			return e.failed(q, &AnswerError{Code: CodeEventAfterAsOf, Fact: path,
				Message: diagnostic.Textf("%[1]s（%[3]s）晚于判断时间 %[4]s", "%[2]s (%[3]s) is later than the moment of asking, %[5]s",
					label.ZH, label.EN, path, e.book.display(asOf, "zh"), e.book.display(asOf, "en")),
				Remedy: diagnostic.Textf("尚未发生的不要写；已发生的，改用不早于它的判断时间（as_of，命令行用 --as-of）", "leave out what has not happened yet; where it has, ask as of a moment that is not before it (as_of, on the command line --as-of)")}, nil), nil
		}
	}
	if len(l.orders) > 0 {
		if earlier, later, found := q.disordered(facts, e.book.Zone); found {
			return e.failed(q, e.book.outOfOrder(earlier, later), nil), nil
		}
	}
	day := r.governing()
	at, failure, err := e.governed(q, r.ed, day)
	if failure != nil || err != nil {
		return failure, err
	}
	if at > 0 {
		ed, err := e.editions.of(q, at)
		if err != nil {
			return nil, err
		}
		r = ed.run()
		defer r.leave()
		copy(r.facts(), facts)
	}
	if day.passes && e.passes(q, day.v) {
		r.Mark(markPassing)
	}
	for i := range day.otherwise {
		if i < len(r.ed.asked.otherwise) && e.picksAnother(q, day.v, day.otherwise[i]) {
			r.Mark(r.ed.asked.otherwise[i].mark)
		}
	}
	return r.answer(), nil
}

// governing is what picks the edition: a day, month or moment.
type governing struct {
	v         value.Value
	passes    bool       // it depends on the moment of asking
	otherwise []otherDay // what would under other options: see asked.otherwise
}

// otherDay is what would pick the edition under another option of a reading.
type otherDay struct {
	v   value.Value
	any bool // it cannot be said
}

// picksAnother reports whether another day, month or moment picks an edition
// that may answer differently, or none.
func (e *Engine) picksAnother(q *checkedQuestion, v value.Value, other otherDay) bool {
	i, k := e.picked(v), e.picked(other.v)
	switch {
	case other.any:
		return true
	case i == notInForce && k == notInForce:
		return e.book.dayOf(v) != e.book.dayOf(other.v) // the answer names the day
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
	on := b.dayOf(v)
	if on < b.From || b.To != 0 && on > b.To {
		return notInForce
	}
	return b.at(on)
}

// differs reports whether the answers to the question differ by date.
func (e *Engine) differs(q *checkedQuestion) bool {
	return e.editions.differ(q, func() bool {
		last, err := e.editions.of(q, len(e.book.boundaries)-1)
		return err != nil || e.changes(q, last)
	})
}

// passes reports whether it matters at all which day picks the edition.
func (b *CheckedBook) passes() bool { return len(b.boundaries) > 1 || b.To != 0 }

// dayOf is the day of a date or moment, and the last of a month.
func (b *CheckedBook) dayOf(v value.Value) date.Date {
	switch v.K {
	case value.Month:
		y, m := v.YearMonth()
		return date.New(y, m+1, 0)
	case value.Date:
		return v.Date()
	}
	return dateIn(v.Time(b.Zone), b.Zone)
}

// passes reports whether, at a later moment of asking, another edition may give
// another answer than that of a moment or day, or none any more.
func (e *Engine) passes(q *checkedQuestion, v value.Value) bool {
	b := e.book
	if !v.IsKnown() || !b.passes() {
		return false
	}
	latest := len(b.boundaries) - 1
	return b.To != 0 || b.at(b.dayOf(v)) < latest && e.differs(q)
}

// governing is the day, month or moment that picks the edition.
func (r *Run) governing() governing {
	asOf := r.Slots[r.ed.asOf]
	day := governing{v: asOf, passes: true}
	if p := r.ed.asked.governs; p != nil {
		if v := r.aside(p); v.IsKnown() {
			day = governing{v: v, passes: slices.Contains(r.ed.governedBy, r.ed.asOf)}
		}
	}
	r.days = r.days[:0]
	for _, g := range r.ed.asked.otherwise {
		other := otherDay{asOf, g.any}
		if g.program != nil {
			if v := r.aside(g.program); v.IsKnown() {
				other.v = v
			}
		}
		r.days = append(r.days, other)
	}
	day.otherwise = r.days
	return day
}

// aside is what a program comes to. Nothing that it lacks is noted, nor that it
// fails.
func (r *Run) aside(p *condition.Program) value.Value {
	needs := len(r.Needs)
	v := p.Eval(&r.Frame)
	r.Needs, r.Err = r.Needs[:needs], nil
	return v
}

// governed finds the edition in force on the day that picks it, from the first
// edition, which knows what would pick one under other options.
func (e *Engine) governed(q *checkedQuestion, first *edition, day governing) (int, *Answer, error) {
	b, v := e.book, day.v
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
		return 0, newAnswer(&conclusion{book: b, question: q, verdict: Undetermined, rulebook: Stamp{ID: b.ID, SHA256: b.SHA256},
			missing: []MissingFact{{"as_of", q.ID}}, readings: last.behind}, nil, kept{}), nil
	case v.K == value.Month:
		y, m := v.YearMonth()
		on = date.New(y, m+1, 0)
	case v.K == value.Date:
		on = v.Date()
	case len(b.boundaries) == 1 && b.surely[0] < v.N && v.N < b.surely[1]:
		return 0, nil, nil // the usual case, without a calendar
	default:
		on = dateIn(v.Time(b.Zone), b.Zone)
	}
	if on < b.From || b.To != 0 && on > b.To {
		var turning []UsedReading
		for i, g := range first.asked.otherwise {
			if used := (UsedReading{g.reading, first.option(g.reading)}); e.picksAnother(q, v, day.otherwise[i]) && !slices.Contains(turning, used) {
				turning = append(turning, used)
			}
		}
		slices.SortFunc(turning, func(x, y UsedReading) int { return strings.Compare(x.Key, y.Key) })
		return 0, e.failed(q, &AnswerError{Code: CodeNotInForce,
			Message: diagnostic.Textf("规则书在 %v 尚未或不再生效", "the rulebook is not in force on %v", on), Remedy: b.inForce()}, turning), nil
	}
	return b.at(on), nil, nil
}

// inForce says when the rulebook is in force.
func (b *CheckedBook) inForce() Text {
	if b.To == 0 {
		return diagnostic.Textf("规则书自 %v 起施行：核对日期，或用当时的规则书", "it is in force from %v on: check the date, or ask the rulebook of that time", b.From)
	}
	return diagnostic.Textf("规则书自 %v 至 %v 施行：核对日期，或用当时的规则书", "it is in force from %v to %v: check the date, or ask the rulebook of that time", b.From, b.To)
}
