package run

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

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

// Engine answers the questions of a rulebook under one set of readings. It is
// immutable and safe for concurrent use.
type Engine struct {
	book      *checked.Book
	overrides map[string]policy.Choice
	editions  *plan.Editions
	watch     func(*condition.Program, *value.Frame) // see Watched
}

// Watched is the engine, which tells of each expression that it evaluates to
// answer, with the frame on which it does so. It is for one goroutine.
func (e *Engine) Watched(watch func(*condition.Program, *value.Frame)) *Engine {
	watched := *e
	watched.watch = watch
	return &watched
}

// NewEngine answers by the readings that the rulebook itself chooses.
func NewEngine(b *checked.Book) *Engine { return newEngine(plan.NewSharedEditions(b), nil) }

func newEngine(shared *plan.SharedEditions, overrides map[string]policy.Choice) *Engine {
	return &Engine{book: shared.Book, overrides: overrides, editions: plan.NewEditions(shared, overrides)}
}

// Rulebook is the rulebook that the engine answers from.
func (e *Engine) Rulebook() *policy.Rulebook {
	if e == nil || e.book == nil {
		return nil
	}
	return e.book.Rulebook
}

// Of is the engine of a rulebook.Book.
func Of(book interface{ Engine() any }) *Engine {
	e, _ := book.Engine().(*Engine)
	return e
}

// Book is the rulebook with what loading it found out.
func (e *Engine) Book() *checked.Book { return e.book }

// WithReading is the engine under another option of a reading. The option is
// written as in rules.yaml: "ge3", "business_close:18:00", "a,b".
func (e *Engine) WithReading(key, option string) (*Engine, error) {
	if e == nil || e.book == nil {
		_, err := e.question("")
		return nil, err
	}
	r, ok := e.book.ReadingsByKey[key]
	if !ok {
		return nil, &policy.ReadingError{Key: key, Option: option, Message: diagnostic.Textf("没有读法 %q", "there is no reading %q", key), Remedy: diagnostic.OneOf(key, slices.Sorted(maps.Keys(e.book.ReadingsByKey)))}
	}
	c, err := r.ParseChoice(option)
	var wrong *policy.ChoiceError
	if errors.As(err, &wrong) { // ParseChoice has no others
		return nil, &policy.ReadingError{Key: key, Option: option, Message: wrong.Message, Remedy: wrong.Remedy}
	}
	overrides := maps.Clone(e.overrides)
	if overrides == nil {
		overrides = map[string]policy.Choice{}
	}
	overrides[key] = c
	if chosen := checked.DatedValues(r.Chosen); len(chosen) == 1 && e.book.ChoiceOf(r, checked.Selection{}).Same(c) {
		delete(overrides, key) // what the rulebook chooses on every day is no other choice
	}
	if maps.EqualFunc(overrides, e.overrides, policy.Choice.Same) {
		return e, nil
	}
	shared := e.editions.Shared
	if c.Parameter != "" { // every option was tried when the rulebook was loaded, but not every argument
		if err := shared.Fits(overrides); err != nil {
			return nil, &policy.ReadingError{Key: key, Option: option, Message: err.Message, Remedy: err.Remedy}
		}
	}
	return newEngine(shared, overrides), nil
}

// Chosen is the option of a reading on a day; the zero date means the latest.
func (e *Engine) Chosen(key string, on date.Date) (policy.Choice, bool) {
	if e == nil || e.book == nil {
		return policy.Choice{}, false
	}
	r, ok := e.book.ReadingsByKey[key]
	if !ok {
		return policy.Choice{}, false
	}
	if on == 0 {
		on = e.book.Boundaries[len(e.book.Boundaries)-1]
	}
	return e.book.ChoiceOf(r, checked.Selection{On: on, Overrides: e.overrides}), true
}

func (e *Engine) question(id string) (*checked.Question, error) {
	if e == nil {
		return checked.QuestionOf(nil, id)
	}
	return checked.QuestionOf(e.book, id)
}

// Check reads facts for a question and checks them against what is declared, the
// conditions under must among it.
// Facts are JSON as bytes, a string or an io.Reader, a map, a struct or anything
// else that marshals to a JSON object, nil for none, or facts that were checked
// before. The error is an *UnknownQuestionError, a *FactError, or
// FactErrors where several facts are wrong.
func (e *Engine) Check(question string, facts any) (*policy.Facts, error) {
	q, err := e.question(question)
	if err != nil {
		return nil, err
	}
	switch f := facts.(type) {
	case policy.Facts:
		facts = &f
	case *source.Node:
		r := intake.NewReader(e.book, q)
		r.ReadNode(f)
		return e.read(r)
	}
	if f, ok := facts.(*policy.Facts); ok && f != nil {
		if set, ok := f.Set().(*intake.FactSet); ok && set.Book == e.book && set.Asked == q {
			return f, nil
		}
		return nil, otherQuestion()
	}
	text, given, err := intake.FactsText(facts)
	if err != nil {
		return nil, err
	}
	checked, err := e.readText(intake.NewReader(e.book, q), text)
	if !given {
		for _, refused := range policy.RefusedFacts(err) {
			refused.Span = diagnostic.Span{} // nobody has seen that text
		}
	}
	return checked, err
}

func (e *Engine) readText(r *intake.Reader, text []byte) (*policy.Facts, error) {
	if !r.ReadJSON(text) {
		return nil, r.Finish()
	}
	return e.read(r)
}

func (e *Engine) read(r *intake.Reader) (*policy.Facts, error) {
	set, err := r.Set()
	if err != nil {
		return nil, err
	}
	if len(set.Asked.Musts) == 0 {
		return policy.NewFacts(set), nil
	}
	given, err := e.begin(set.Asked)
	if err != nil {
		return nil, err
	}
	defer given.Leave()
	copy(given.Facts(), set.Slots)
	if err := refuseImpossible(given, set.Asked); err != nil {
		return nil, r.Place(err)
	}
	return policy.NewFacts(set), nil
}

// Ask answers from checked facts. A zero asOf leaves the moment of asking to
// the facts; where a rule wants it and nobody gave it, it is a missing fact.
func (e *Engine) Ask(f *policy.Facts, asOf time.Time) (*policy.Answer, error) {
	set, _ := f.Set().(*intake.FactSet)
	switch {
	case set == nil:
		return nil, policy.NewFactError("nothing_given", "", diagnostic.Textf("没有给出核对过的事实", "no checked facts are given"), diagnostic.Textf("先用 Check 核对", "check them with Check"))
	case e == nil || set.Book != e.book:
		return nil, otherQuestion()
	}
	r, err := e.begin(set.Asked)
	if err != nil {
		return nil, err
	}
	copy(r.Facts(), set.Slots)
	return e.decide(r, set.Asked, asOf)
}

// sameBook refuses to decide about what was bound to another rulebook: its
// slots are others.
func (e *Engine) sameBook(bound *checked.Book) error {
	switch {
	case bound == nil:
		return policy.NewFactError("not_bound", "", diagnostic.Textf("尚未绑定", "nothing is bound"),
			diagnostic.Textf("先用 Bind 或 Columns 绑定问题，再用它们返回的值", "bind a question by Bind or Columns first, and use what that gives"))
	case e != nil && e.book == bound:
		return nil
	}
	return policy.NewFactError("other_rulebook", "", diagnostic.Textf("绑定的是另一部规则书", "what is to be decided was bound to another rulebook"),
		diagnostic.Textf("用绑定时的规则书，或重新绑定", "decide by the rulebook that was bound to, or bind anew"))
}

func otherQuestion() error {
	return policy.NewFactError("other_question", "", diagnostic.Textf("这些事实是为别的问题核对的", "these facts were checked for another question"),
		diagnostic.Textf("用同一问题的事实", "use facts of the same question"))
}

// failed is the answer where no edition was asked, with the readings that it
// turns on.
func (e *Engine) failed(q *checked.Question, err *policy.AnswerError, turning []policy.UsedReading) *policy.Answer {
	return newAnswer(&conclusion{book: e.book, question: q, failure: err, readings: turning, rulebook: policy.Stamp{ID: e.book.ID, SHA256: e.book.SHA256}}, nil, "")
}

// changes reports whether what answers the question, as in the last edition,
// differs by date.
func (e *Engine) changes(q *checked.Question, last *form.Plan) bool {
	b := e.book
	for _, u := range last.Asked.Units {
		for _, r := range b.AllRules {
			if r.Unit() == u.Name && (r.From > b.From || r.To != 0 || e.variesByDate(r.Node)) {
				return true
			}
		}
	}
	if last.CountsDays && e.variesByDate(b.CalendarNode) {
		return true
	}
	return slices.ContainsFunc(append([]*checked.Value{q.Verdict}, q.Values...), func(v *checked.Value) bool {
		return e.variesByDate(v.IsNode) || e.variesByDate(v.WhenNode)
	})
}

// variesByDate reports whether something in the node is other on other days, be
// it by a reading, but for those that the caller has chosen himself.
func (e *Engine) variesByDate(n *source.Node) bool {
	if n == nil {
		return false
	}
	if by := n.Get("by"); n.Kind == source.Map && by != nil {
		if by.Text == "date" {
			return true
		}
		_, own := e.overrides[by.Text]
		if r := e.book.ReadingsByKey[by.Text]; !own && r != nil && len(checked.DatedValues(r.Chosen)) > 1 {
			return true
		}
	}
	return slices.ContainsFunc(n.Entries, func(x source.Entry) bool { return e.variesByDate(x.Value) }) ||
		slices.ContainsFunc(n.Items, e.variesByDate)
}

// ChosenAt is Chosen for the day of a moment in the rulebook's zone.
func (e *Engine) ChosenAt(key string, t time.Time) (policy.Choice, bool) {
	if t.IsZero() || e == nil || e.book == nil {
		return e.Chosen(key, 0)
	}
	return e.Chosen(key, checked.DateIn(t, e.book.Zone))
}
