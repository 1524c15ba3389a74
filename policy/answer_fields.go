package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// AnswerFields says which parts of an answer are written: see
// [Question.AnswerFields]. It is immutable and safe for concurrent use.
type AnswerFields struct {
	parts  []bool       // of answerParts
	values ChosenValues // nil for all
}

// ChosenValues are values that were chosen by name; nil is all of them.
type ChosenValues []chosenValue

type chosenValue struct {
	name   string
	fields ChosenValues
}

// Below is what is chosen of the value with the name, if it is.
func (c ChosenValues) Below(name string) (ChosenValues, bool) {
	for i := range c {
		if c[i].name == name {
			return c[i].fields, true
		}
	}
	return nil, c == nil
}

// with is what is chosen with the value under a dotted path.
func (c ChosenValues) with(path string) ChosenValues {
	head, rest, nested := strings.Cut(path, ".")
	i := slices.IndexFunc(c, func(x chosenValue) bool { return x.name == head })
	switch {
	case i < 0 && nested:
		return append(c, chosenValue{head, ChosenValues{}.with(rest)})
	case i < 0:
		return append(c, chosenValue{name: head})
	case !nested:
		c[i].fields = nil
	case c[i].fields != nil:
		c[i].fields = c[i].fields.with(rest)
	}
	return c
}

var (
	wholeAnswer  = allFields("")
	withoutProse = allFields("explanation")
)

func allFields(except string) *AnswerFields {
	f := &AnswerFields{parts: make([]bool, len(answerParts))}
	for i, p := range answerParts {
		f.parts[i] = p.name != except
	}
	return f
}

// FieldError says that an answer has no such part.
type FieldError struct {
	Field  string
	Remedy Text
}

// Error is the refusal in English.
func (e *FieldError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("there is no field %q [unknown_field] → %s", e.Field, e.Remedy.EN)
}

// AnswerFields chooses parts of the question's answers by their keys in the
// JSON of an answer ("verdict", "breaches", "explanation", …), and values by
// their names ("due_date", or dotted for a field of a record); "values" is all
// values. None at all choose the complete answer. The error is a *FieldError.
func (q *Question) AnswerFields(names ...string) (*AnswerFields, error) {
	if len(names) == 0 {
		return wholeAnswer, nil
	}
	f := &AnswerFields{parts: make([]bool, len(answerParts)), values: ChosenValues{}}
	all := false
	for _, name := range names {
		i := slices.IndexFunc(answerParts, func(p answerPart) bool { return p.name == name })
		_, isValue := q.ValueAt(name)
		switch {
		case i >= 0:
			f.parts[i] = true
			all = all || name == valuesPart
		case isValue:
			f.parts[slices.IndexFunc(answerParts, func(p answerPart) bool { return p.name == valuesPart })] = true
			f.values = f.values.with(name)
		default:
			return nil, &FieldError{name, diagnostic.OneOf(name, q.fieldNames())}
		}
	}
	if all {
		f.values = nil
	}
	return f, nil
}

const valuesPart = "values"

func (q *Question) fieldNames() []string {
	var names []string
	for _, p := range answerParts {
		names = append(names, p.name)
	}
	for _, v := range q.Values {
		names = append(names, v.Name)
	}
	return names
}
