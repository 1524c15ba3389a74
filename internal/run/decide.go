package run

import (
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/plan"
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
	a, err := e.decideOn(r, q, asOf)
	r.Leave()
	return a, err
}

func (e *Engine) decideOn(r *form.Run, q *checked.Question, asOf time.Time) (*policy.Answer, error) {
	refused, err := e.refused(r, q, asOf)
	if refused != nil || err != nil {
		return refused, err
	}
	if editions, announced := e.known(r.AsOf()); editions != e.editions {
		return e.decideAsKnown(editions, announced, r, q)
	}
	day := governingOf(r)
	at, failure, err := e.pick(e.editions, r, q, day)
	switch {
	case failure != nil || err != nil:
		return failure, err
	case at.edition == 0:
		return at.of(e.answerIn(r, q, day, at.others)), nil
	}
	r, err = e.beginOn(e.editions, at.edition, q, r.Facts())
	if err != nil {
		return nil, err
	}
	a := e.answerIn(r, q, day, at.others)
	r.Leave()
	return at.of(a), nil
}

// decideAsKnown answers by the editions by the calendars as they were known on
// the day of asking; announced is the number of the day on which more became
// known.
func (e *Engine) decideAsKnown(editions *plan.Editions, announced int, given *form.Run, q *checked.Question) (*policy.Answer, error) {
	facts := given.Facts()
	first, err := e.beginOn(editions, 0, q, facts)
	if err != nil {
		return nil, err
	}
	defer first.Leave()
	day := governingOf(first)
	at, failure, err := e.pick(editions, first, q, day)
	if failure != nil || err != nil {
		return failure, err
	}
	r, err := e.beginOn(editions, at.edition, q, facts)
	if err != nil {
		return nil, err
	}
	a := e.answerIn(r, q, day, at.others)
	r.Leave()
	awaits, err := e.awaitsNotice(a, q, at.edition, announced, day, facts)
	if err != nil || !awaits {
		return at.of(a), err
	}
	again := r.Plan.Begin()
	defer again.Leave()
	copy(again.Facts(), facts)
	again.Mark(form.MarkPassing)
	return at.of(e.answerIn(again, q, day, at.others)), nil
}

// beginOn lends a Run of an edition with facts, to be left.
func (e *Engine) beginOn(editions *plan.Editions, at int, q *checked.Question, facts []value.Value) (*form.Run, error) {
	ed, err := editions.Of(q, at)
	if err != nil {
		return nil, err
	}
	r := ed.Begin()
	copy(r.Facts(), facts)
	return r, nil
}

// chosen is the edition to answer by: the one that holds or, where several could,
// any of them.
type chosen struct {
	edition int
	any     bool
	others  *otherEditions // nil where none of them may come to answer otherwise
}

// of has an answer that any of several editions gives name none of them.
func (p chosen) of(a *policy.Answer) *policy.Answer {
	if p.any {
		a.Rulebook.Edition = ""
	}
	return a
}

// pick finds the edition to answer by, or the answer why there is none.
func (e *Engine) pick(editions *plan.Editions, first *form.Run, q *checked.Question, day governing) (chosen, *policy.Answer, error) {
	if !day.v.IsKnown() {
		return e.undated(editions, first, q, day)
	}
	at, failure := e.governed(q, first.Plan, day)
	return chosen{edition: at}, failure, nil
}

// refused notes the moment of asking among the facts, and refuses facts that
// cannot be: as an error where they cannot be taken, as an answer where they
// contradict each other.
func (e *Engine) refused(r *form.Run, q *checked.Question, asOf time.Time) (*policy.Answer, error) {
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
	if asOf := facts[l.AsOf]; asOf.IsKnown() && l.Suspicious(facts, asOf.N, e.book.Zone) {
		if path, late := q.EventAfter(facts, e.book.Zone); late {
			return e.failed(q, e.afterAsking(q, path, asOf), nil), nil
		}
	}
	if len(l.Orders) > 0 {
		if earlier, later, found := q.Disordered(facts, e.book.Zone); found {
			return e.failed(q, e.book.OutOfOrder(earlier, later), nil), nil
		}
	}
	return nil, nil
}

// afterAsking says that the event under a path is later than the moment of asking.
func (e *Engine) afterAsking(q *checked.Question, path string, asOf value.Value) *policy.AnswerError {
	label := q.LabelOf(path)
	return &policy.AnswerError{Code: policy.CodeEventAfterAsOf, Fact: path,
		Message: diagnostic.Textf("%[1]s（%[3]s）晚于判断时间 %[4]s", "%[2]s (%[3]s) is later than the moment of asking, %[5]s",
			label.ZH, label.EN, path, e.book.Display(asOf, "zh"), e.book.Display(asOf, "en")),
		Remedy: diagnostic.Textf("尚未发生的不要写；已发生的，改用不早于它的判断时间（as_of，命令行用 --as-of）", "leave out what has not happened yet; where it has, ask as of a moment that is not before it (as_of, on the command line --as-of)")}
}

// answerIn answers from the facts of a Run of the edition that a day picked;
// others are those that it may pick as well.
func (e *Engine) answerIn(r *form.Run, q *checked.Question, day governing, others *otherEditions) *policy.Answer {
	if day.passes && e.passes(q, day.v) {
		r.Mark(form.MarkPassing)
	}
	for i := range day.otherwise {
		if i < len(r.Plan.Asked.Otherwise) && e.picksAnother(q, day.v, day.otherwise[i]) {
			r.Mark(r.Plan.Asked.Otherwise[i].Mark)
		}
	}
	if e.watch == nil {
		return answer(r, others)
	}
	r.Watch = func(program any) { e.watch(program.(*condition.Program), &r.Frame) } // nothing else is evaluated on it
	defer func() { r.Watch = nil }()
	return answer(r, others)
}
