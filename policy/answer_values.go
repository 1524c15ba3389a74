package policy

import (
	"iter"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/servicerules/rulebook/diagnostic"
)

// State is what is known of the named value in this answer. The error is an
// *UnknownValueError where no answer of the question has a value of that name;
// the getters below say false to that, too.
func (a *Answer) State(name string) (State, error) {
	if a.from == nil {
		return StateUnknown, &UnknownValueError{a.Question, name, diagnostic.Textf("这个答复没有取值", "this answer has no values")}
	}
	return a.from.State(name)
}

// Names lists the values that the answer has, in the order of the rulebook.
func (a *Answer) Names() []string {
	if a.from == nil {
		return []string{}
	}
	return a.from.Names()
}

// Values are the values of the answer, in the order of the rulebook; none with
// an Error.
func (a *Answer) Values() iter.Seq[Value] {
	if a.from == nil {
		return func(func(Value) bool) {}
	}
	return a.from.Values()
}

// Value is the value under a name ("due_date", or dotted for a field of a
// record); false where the answer has none: no answer of the question does, or
// the record that it is a field of is not known or does not exist.
// [Answer.State] tells these apart.
func (a *Answer) Value(name string) (Value, bool) {
	if a.from == nil {
		return Value{}, false
	}
	return a.from.Value(name)
}

// dataOf is the data of the named value, if it is of that type.
func dataOf[T any](a *Answer, name string) (T, bool) {
	if a.from == nil {
		var none T
		return none, false
	}
	data, ok := a.from.Data(name).(T)
	return data, ok
}

// Date is the date in the value with the given name ("due_date", or dotted
// for a field of a record). Of the getters, the last result is false, and the
// value its type's zero, where the named value is not known, is of another
// type, or does not exist; [Answer.State] tells these apart.
func (a *Answer) Date(name string) (date.Date, bool) { return dataOf[date.Date](a, name) }

// Moment is the moment in the named value, in the rulebook's zone or, of a clock that
// counts by a calendar with a zone of its own, with the offset of that.
func (a *Answer) Moment(name string) (time.Time, bool) { return dataOf[time.Time](a, name) }

// Int is the whole number (a count or an amount) in the named value; of a
// fraction, where it came to a whole number.
func (a *Answer) Int(name string) (int64, bool) {
	if a.from == nil {
		return 0, false
	}
	switch n := a.from.Data(name).(type) {
	case int64:
		return n, true
	case Ratio:
		if n.Den == 1 {
			return n.Num, true
		}
	}
	return 0, false
}

// Money is the amount of money in the named value.
func (a *Answer) Money(name string) (Money, bool) { return dataOf[Money](a, name) }

// Bool is the yes or no in the named value.
func (a *Answer) Bool(name string) (yes, ok bool) { return dataOf[bool](a, name) }

// Ratio is the exact fraction in the named value, as it was counted and not
// reduced.
func (a *Answer) Ratio(name string) (num, den int64, ok bool) {
	r, ok := dataOf[Ratio](a, name)
	return r.Num, r.Den, ok
}

// Month is the month in the named value.
func (a *Answer) Month(name string) (Month, bool) { return dataOf[Month](a, name) }

// Duration is the length of time in the named value.
func (a *Answer) Duration(name string) (time.Duration, bool) { return dataOf[time.Duration](a, name) }

// Word is the word, name or article id in the named value.
func (a *Answer) Word(name string) (string, bool) {
	word, ok := dataOf[string](a, name)
	return word, ok && word != ""
}

// Words are the words or names of the list in the named value.
func (a *Answer) Words(name string) ([]string, bool) { return dataOf[[]string](a, name) }

// Show is the named value as a person reads it; false where the answer does
// not have it, or it is not known or does not exist.
func (a *Answer) Show(path, lang string) (string, bool) {
	v, ok := a.Value(path)
	if !ok || v.State != StateKnown || v.Kind == KindRecord && v.shown.IsZero() { // a record that the question puts together
		return "", false
	}
	return v.shown.In(lang), true
}

// Steps tells how the answer came about, in order, and then what could not be
// computed because it divides by nothing, in steps that are of no rule. It is
// rendered when asked for, so that deciding does not pay for prose.
func (a *Answer) Steps(lang string) []Step {
	if a.from == nil {
		return nil
	}
	return a.from.Steps(lang)
}
