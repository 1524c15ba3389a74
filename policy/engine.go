package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// Engine answers the questions of a rulebook under one set of readings. It is
// immutable and safe for concurrent use.
type Engine struct {
	book      *CheckedBook
	overrides map[string]Choice
	editions  *editions
}

// NewEngine answers by the readings that the rulebook itself chooses.
func NewEngine(b *CheckedBook) *Engine { return newEngine(newSharedEditions(b), nil) }

func newEngine(shared *sharedEditions, overrides map[string]Choice) *Engine {
	return &Engine{book: shared.book, overrides: overrides, editions: newEditions(shared, overrides)}
}

// Rulebook is the rulebook that the engine answers from.
func (e *Engine) Rulebook() *Rulebook {
	if e == nil || e.book == nil {
		return nil
	}
	return e.book.Rulebook
}

// Anew is an engine of the same rulebook that remembers nothing yet.
func (e *Engine) Anew() *Engine { return NewEngine(e.book) }

// Book is the rulebook with what loading it found out.
func (e *Engine) Book() *CheckedBook { return e.book }

// ReadingError says that a reading cannot be chosen so: it, or the option,
// does not exist, or the rules have no use for the argument of the option.
type ReadingError struct {
	Key     string
	Option  string
	Message Text
	Remedy  Text
}

// Error is the refusal in English.
func (e *ReadingError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("reading %s = %s: %s [unknown_reading] → %s", e.Key, e.Option, e.Message.EN, e.Remedy.EN)
}

// WithReading is the engine under another option of a reading. The option is
// written as in rules.yaml: "ge3", "business_close:18:00", "a,b".
func (e *Engine) WithReading(key, option string) (*Engine, error) {
	if e == nil || e.book == nil {
		_, err := e.question("")
		return nil, err
	}
	r, ok := e.book.readings[key]
	if !ok {
		return nil, &ReadingError{key, option, diagnostic.Textf("没有读法 %q", "there is no reading %q", key), diagnostic.OneOf(key, slices.Sorted(maps.Keys(e.book.readings)))}
	}
	c, err := r.ParseChoice(option)
	var wrong *ChoiceError
	if errors.As(err, &wrong) { // ParseChoice has no others
		return nil, &ReadingError{key, option, wrong.Message, wrong.Remedy}
	}
	overrides := maps.Clone(e.overrides)
	if overrides == nil {
		overrides = map[string]Choice{}
	}
	overrides[key] = c
	if chosen := datedValues(r.chosen); len(chosen) == 1 && e.book.choiceOf(r, selection{}).Same(c) {
		delete(overrides, key) // what the rulebook chooses on every day is no other choice
	}
	if maps.EqualFunc(overrides, e.overrides, Choice.Same) {
		return e, nil
	}
	shared := e.editions.shared
	if c.Parameter != "" { // every option was tried when the rulebook was loaded, but not every argument
		if err := shared.fits(overrides); err != nil {
			return nil, &ReadingError{key, option, err.Message, err.Remedy}
		}
	}
	return newEngine(shared, overrides), nil
}

// Chosen is the option of a reading on a day; the zero date means the latest.
func (e *Engine) Chosen(key string, on date.Date) (Choice, bool) {
	if e == nil || e.book == nil {
		return Choice{}, false
	}
	r, ok := e.book.readings[key]
	if !ok {
		return Choice{}, false
	}
	if on == 0 {
		on = e.book.boundaries[len(e.book.boundaries)-1]
	}
	return e.book.choiceOf(r, selection{on: on, overrides: e.overrides}), true
}

// UnknownQuestionError says that there is no such question.
type UnknownQuestionError struct {
	Question string
	Remedy   Text
}

// Error is the refusal in English.
func (e *UnknownQuestionError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("there is no question %q [unknown_question] → %s", e.Question, e.Remedy.EN)
}

func (e *Engine) question(id string) (*checkedQuestion, error) {
	if e == nil {
		return questionOf(nil, id)
	}
	return questionOf(e.book, id)
}

// Check reads facts for a question and checks them against what is declared.
// Facts are JSON as bytes, a string or an io.Reader, a map, a struct or anything
// else that marshals to a JSON object, nil for none, or facts that were checked
// before. The error is an *UnknownQuestionError, a *FactError, or
// FactErrors where several facts are wrong.
func (e *Engine) Check(question string, facts any) (*Facts, error) {
	q, err := e.question(question)
	if err != nil {
		return nil, err
	}
	switch f := facts.(type) {
	case Facts:
		facts = &f
	case *source.Node:
		return e.parse(q, f, &refusals{})
	}
	if f, ok := facts.(*Facts); ok && f != nil {
		if set, ok := f.Set().(*factSet); ok && set.book == e.book && set.question == q {
			return f, nil
		}
		return nil, otherQuestion()
	}
	data, err := factsText(facts)
	if err != nil {
		return nil, err
	}
	var wrong refusals
	n := readJSON(data, &wrong)
	if n == nil {
		return nil, wrong.err()
	}
	return e.parse(q, n, &wrong)
}

func (e *Engine) parse(q *checkedQuestion, n *source.Node, wrong *refusals) (*Facts, error) {
	set, err := e.book.parseFacts(q, n, wrong)
	if err != nil {
		return nil, err
	}
	return NewFacts(set), nil
}

// Ask answers from checked facts. A zero asOf leaves the moment of asking to
// the facts; where a rule wants it and nobody gave it, it is a missing fact.
func (e *Engine) Ask(f *Facts, asOf time.Time) (*Answer, error) {
	set, _ := f.Set().(*factSet)
	switch {
	case set == nil:
		return nil, factError("nothing_given", "", diagnostic.Textf("没有给出核对过的事实", "no checked facts are given"), diagnostic.Textf("先用 Check 核对", "check them with Check"))
	case e == nil || set.book != e.book:
		return nil, otherQuestion()
	}
	r, err := e.begin(set.question)
	if err != nil {
		return nil, err
	}
	copy(r.facts(), set.slots)
	return e.decide(r, set.question, asOf)
}

// sameBook refuses to decide about what was bound to another rulebook: its
// slots are others.
func (e *Engine) sameBook(bound *CheckedBook) error {
	switch {
	case bound == nil:
		return factError("not_bound", "", diagnostic.Textf("尚未绑定", "nothing is bound"),
			diagnostic.Textf("先用 Bind 或 Columns 绑定问题，再用它们返回的值", "bind a question by Bind or Columns first, and use what that gives"))
	case e != nil && e.book == bound:
		return nil
	}
	return factError("other_rulebook", "", diagnostic.Textf("绑定的是另一部规则书", "what is to be decided was bound to another rulebook"),
		diagnostic.Textf("用绑定时的规则书，或重新绑定", "decide by the rulebook that was bound to, or bind anew"))
}

func otherQuestion() error {
	return factError("other_question", "", diagnostic.Textf("这些事实是为别的问题核对的", "these facts were checked for another question"),
		diagnostic.Textf("用同一问题的事实", "use facts of the same question"))
}

// failed is the answer where no edition was asked, with the readings that it
// turns on.
func (e *Engine) failed(q *checkedQuestion, err *AnswerError, turning []UsedReading) *Answer {
	return newAnswer(&conclusion{book: e.book, question: q, failure: err, readings: turning, rulebook: Stamp{ID: e.book.ID, SHA256: e.book.SHA256}}, nil, kept{})
}

// changes reports whether what answers the question, as in the last edition,
// differs by date.
func (e *Engine) changes(q *checkedQuestion, last *edition) bool {
	b := e.book
	differs := false
	seen := func(date.Date) { differs = true }
	for _, u := range last.asked.units {
		for _, r := range b.rules {
			if r.unit() != u.name {
				continue
			}
			e.datesOf(r.node, seen)
			differs = differs || r.From > b.From || r.To != 0
		}
	}
	if last.countsDays {
		e.datesOf(b.calendar, seen)
	}
	for _, f := range append([]*checkedValue{q.Verdict}, q.Values...) {
		e.datesOf(f.is, seen)
		e.datesOf(f.when, seen)
	}
	return differs
}

// datesOf is dates, less the readings that the caller has chosen himself.
func (e *Engine) datesOf(n *source.Node, seen func(date.Date)) {
	if n == nil {
		return
	}
	if by := n.Get("by"); n.Kind == source.Map && by != nil {
		if by.Text == "date" {
			seen(0)
		} else if _, own := e.overrides[by.Text]; !own && e.book.readings[by.Text] != nil && len(datedValues(e.book.readings[by.Text].chosen)) > 1 {
			seen(0)
		}
	}
	for _, x := range n.Entries {
		e.datesOf(x.Value, seen)
	}
	for _, x := range n.Items {
		e.datesOf(x, seen)
	}
}

// ChosenAt is Chosen for the day of a moment in the rulebook's zone.
func (e *Engine) ChosenAt(key string, t time.Time) (Choice, bool) {
	if t.IsZero() || e == nil || e.book == nil {
		return e.Chosen(key, 0)
	}
	return e.Chosen(key, dateIn(t, e.book.Zone))
}
