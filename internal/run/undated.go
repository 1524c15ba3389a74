package run

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
)

// undated finds the edition to answer by where it is not known which day picks
// it, or where there is none: any that could, if all of them answer the same,
// reasons included; the answer names none of them, then. Else nothing is answered
// but which facts are missing to tell the day, and what is missing under each of
// the editions. The moment of asking is never taken instead: a rulebook that wants
// that says so, as in `paid_on == null ? as_of : paid_on`.
//
// That the rulebook was in force on the day is taken for granted.
func (e *Engine) undated(editions *plan.Editions, r *form.Run, q *checked.Question, day governing) (chosen, *policy.Answer, error) {
	from, to := e.couldHold(r, q)
	usual := to // the edition of the moment of asking, if it is one of them
	if now := e.picked(r.Slots[r.Plan.AsOf]); from <= now && now <= to {
		usual = now
	}
	if !e.differs(q) {
		return chosen{edition: usual, any: from != to}, nil, nil
	}
	others := e.comingEditions(r, q, to)
	if from == to {
		return chosen{edition: usual, others: others}, nil, nil
	}
	facts := r.Facts()
	var first []byte
	var lacks []policy.MissingFact
	differ := false
	behind := map[string]policy.UsedReading{}
	for i := from; i <= to; i++ {
		ed, err := editions.Of(q, i)
		if err != nil {
			return chosen{}, nil, err
		}
		for _, used := range ed.Behind {
			behind[used.Key] = used
		}
		again := ed.Begin()
		copy(again.Facts(), facts)
		a := e.answerIn(again, q, day, nil)
		again.Leave()
		if a.Provisional {
			others = others.with(a.NextChange())
		}
		a.Rulebook.Edition = ""
		text := a.AppendJSON(nil, true)
		if i == from {
			first, lacks = text, a.MissingFacts
			continue
		}
		differ = differ || !bytes.Equal(first, text)
		lacks = slices.DeleteFunc(lacks, func(m policy.MissingFact) bool { return !slices.Contains(a.MissingFacts, m) })
	}
	if !differ {
		return chosen{usual, true, others}, nil, nil
	}
	missing, failed := dateLacks(r, q)
	if len(missing) == 0 && failed != nil {
		return chosen{}, cannot(r, failed), nil
	}
	for _, m := range lacks {
		if !slices.Contains(missing, m) {
			missing = append(missing, m)
		}
	}
	named, err := editions.Of(q, usual)
	if err != nil {
		return chosen{}, nil, err
	}
	c := &conclusion{book: e.book, question: q, plan: named, verdict: policy.Undetermined, missing: wholeRecords(missing),
		rulebook: policy.Stamp{ID: e.book.ID, SHA256: e.book.SHA256}, blank: true, undated: true, provisional: others != nil, others: others}
	for _, used := range behind {
		c.readings = append(c.readings, used)
	}
	slices.SortFunc(c.readings, func(x, y policy.UsedReading) int { return cmp.Compare(x.Key, y.Key) })
	return chosen{}, newAnswer(c, nil, ""), nil
}

// otherEditions are editions that could hold as well as the one that answers, and
// that the passing of time may bring to answer otherwise.
type otherEditions struct {
	at int64 // when, in nanoseconds, or earlier; 0 where it is not time that they wait for
}

// with has one more of them, and when time alone changes its answer, if it does.
func (o *otherEditions) with(next time.Time, tells bool) *otherEditions {
	if o == nil {
		o = &otherEditions{}
	}
	if at := next.UnixNano(); tells && (o.at == 0 || at < o.at) {
		o.at = at
	}
	return o
}

// next is when one of them may come to answer otherwise.
func (o *otherEditions) next(b *checked.Book) (time.Time, bool) {
	if o == nil || o.at == 0 {
		return time.Time{}, false
	}
	return time.Unix(0, o.at).In(b.Zone), true
}

// comingEditions are those behind the last one that could hold which may hold
// later: an event that is not later than the moment of asking may be one of
// another month or edition when that is later. Nil where there are none.
func (e *Engine) comingEditions(r *form.Run, q *checked.Question, last int) *otherEditions {
	asOf := r.Slots[r.Plan.AsOf]
	if !asOf.IsKnown() {
		return nil
	}
	r.Slots[r.Plan.AsOf] = value.UnknownOf(value.Moment)
	_, ever := e.couldHold(r, q)
	r.Slots[r.Plan.AsOf] = asOf
	if ever <= last {
		return nil
	}
	zone := walltime.Of(e.book.Zone)
	first := e.book.Boundaries[last+1]
	today := checked.DateIn(asOf.Time(e.book.Zone), e.book.Zone)
	y, m, _ := first.Date()
	if month := date.New(y, m, 1); month > today { // an event of a month is not later once that has begun
		first = month
	}
	return (*otherEditions)(nil).with(time.Unix(0, zone.DayStart(max(first, today+1))), true)
}

// couldHold are the first and the last of the editions that the day could pick:
// all of them, unless it is that of an event whose order among the others is
// known.
func (e *Engine) couldHold(r *form.Run, q *checked.Question) (from, to int) {
	b := e.book
	to = len(b.Boundaries) - 1
	if p := r.Plan.Asked.Governs; p != nil {
		if slot, ok := p.Ref(); ok {
			first, last := b.DaysOf(q, slot, r.Slots)
			if first != 0 {
				from = b.At(first)
			}
			if last != 0 {
				to = max(from, b.At(last))
			}
		}
	}
	return from, to
}

// dateLacks are the facts that are missing to tell the day that picks the
// edition; or why it cannot be computed.
func dateLacks(r *form.Run, q *checked.Question) ([]policy.MissingFact, error) {
	needs := []value.Need{{Slot: r.Plan.AsOf, Index: -1, Field: -1}} // where nothing else picks it
	var failed error
	if p := r.Plan.Asked.Governs; p != nil {
		before := len(r.Needs)
		v := p.Eval(&r.Frame)
		needs, failed = slices.Clone(r.Needs[before:]), r.Err
		r.Needs, r.Err = r.Needs[:before], nil
		if v.IsNone() {
			needs = absent(r, p.Slots())
		}
	}
	var lacks []missing
	for _, n := range needs {
		if n.Slot >= 0 {
			lacks = append(lacks, missing{n, q.ID})
		}
	}
	return missingFacts(r, lacks), failed
}

// absent are the facts in the slots that are none, and the lists, of which all
// may be that matters; where there are none, all of the facts.
func absent(r *form.Run, slots []int) []value.Need {
	var some, all []value.Need
	for _, slot := range slots {
		n := value.Need{Slot: slot, Index: -1, Field: -1}
		all = append(all, n)
		if v := r.Slots[slot]; v.IsNone() || v.K == value.List {
			some = append(some, n)
		}
	}
	if len(some) > 0 {
		return some
	}
	return all
}
