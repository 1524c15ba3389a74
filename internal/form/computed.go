package form

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla/workday"
)

// Words, calendars and lengths of time that stand in a field as they are, or
// that an expression gives.

// A ChosenWord is one of a form's own words: the one that is written, or the
// one that an expression gives for the facts.
type ChosenWord struct {
	word string
	expr *condition.Program
}

// Depends reports whether facts decide the word.
func (c ChosenWord) Depends() bool { return c.expr != nil }

// ChosenWord is the form's own word in the field, or the expression that gives
// it. By default, and where an expression gives none, it is the first word.
func (p *Part) ChosenWord(field string) ChosenWord {
	words := p.spec(field).Words
	i, ok := p.scalar(field)
	switch {
	case !ok:
		return ChosenWord{word: words[0]}
	case slices.Contains(words, i.Text), !p.isExpression(i):
		return ChosenWord{word: p.Option(field)}
	}
	if word := strings.ReplaceAll(strings.TrimSpace(i.Text), " ", "_"); slices.Contains(words, word) {
		p.Fail(field, "unknown_word", diagnostic.Textf("这里没有 %q 这个词", "there is no word %q here", i.Text), diagnostic.Textf("写 %s", "write %s", word))
		return ChosenWord{word: word}
	}
	want := condition.Want{Kind: value.Word, Words: &value.Words{Each: words}}
	return ChosenWord{word: words[0], expr: p.compile(i, field, want, p.spec(field).Element)}
}

// isExpression tells an expression from a word that is none: a word alone must
// be the name of something.
func (p *Part) isExpression(i *checked.Item) bool {
	return !checked.SnakeCase.MatchString(i.Text) || p.Builder.Plan.Env[i.Text] != nil
}

// ChosenWord is the word; false where it depends on what is not known.
func (r *Run) ChosenWord(c ChosenWord) (string, bool) {
	if c.expr == nil {
		return c.word, true
	}
	switch v := r.Eval(c.expr); {
	case v.IsUnknown():
		return "", false
	case v.IsNone():
		return c.word, true
	default:
		return v.S(), true
	}
}

// ChosenCalendar is the calendar in the field, or the expression that gives the
// name of one; see [Part.CalendarOf].
type ChosenCalendar struct {
	Of   *workday.Calendar // nil where facts decide, or where there is none
	expr *condition.Program
	all  map[string]*workday.Calendar
}

// Depends reports whether facts decide the calendar.
func (c *ChosenCalendar) Depends() bool { return c.expr != nil }

// Names are the calendars that it may be.
func (c *ChosenCalendar) Names() map[string]*workday.Calendar { return c.all }

// ChosenCalendar is the calendar in the field, or what gives it.
func (p *Part) ChosenCalendar(field string) ChosenCalendar {
	i, ok := p.scalar(field)
	if ok {
		if _, named := p.Builder.Plan.Book.Calendar(i.Text); !named && p.isExpression(i) {
			return p.calendarGiven(i, field)
		}
	}
	return ChosenCalendar{Of: p.CalendarOf(field)}
}

func (p *Part) calendarGiven(i *checked.Item, field string) ChosenCalendar {
	book := p.Builder.Plan.Book
	names := book.CalendarChoices()
	want := condition.Want{Kind: value.Word, Words: &value.Words{Each: names}}
	c := ChosenCalendar{expr: p.compile(i, field, want, p.spec(field).Element), all: map[string]*workday.Calendar{}}
	if c.expr == nil {
		c.Of = checked.StandIn() // there is a finding already
	}
	if words := WordsOf(c.expr); words != nil && len(words.Each) > 0 {
		names = words.Each
	}
	for _, name := range names {
		c.all[name], _ = book.Calendar(name)
	}
	return c
}

// CalendarName is the name of the calendar that facts decide on; "" for none.
// It is false where they are not known.
func (r *Run) CalendarName(c *ChosenCalendar) (string, bool) {
	v := r.Eval(c.expr)
	if v.IsKnown() {
		return v.S(), true
	}
	return "", v.IsNone()
}

// A ComputedLength is a length of time in a field: as it is written, or as an
// expression gives its number, and another its unit.
type ComputedLength struct {
	Written source.Quantity // where it does not depend on facts
	n       *condition.Program
	unit    ChosenWord
	given   bool
}

// Depends reports whether facts decide the length.
func (l *ComputedLength) Depends() bool { return l.given }

// Number is the expression that gives how many units; nil where it is written.
func (l *ComputedLength) Number() *condition.Program { return l.n }

// Programs are the expressions that give its number and its unit.
func (l *ComputedLength) Programs() []*condition.Program {
	return []*condition.Program{l.n, l.unit.expr}
}

// Program is the expression that decides on the calendar; nil where it is written.
func (c *ChosenCalendar) Program() *condition.Program { return c.expr }

// FieldsOfLength are the keys of a length that an expression gives.
var FieldsOfLength = []policy.Field{
	{Name: "n", Kind: policy.Expression, Wants: policy.KindCount, Required: true, Doc: policy.Text{ZH: "几个单位", EN: "how many"}},
	{Name: "unit", Kind: policy.Option, Words: unitWords(), Required: true, Computed: true, Doc: policy.Text{ZH: "单位", EN: "of which unit"}},
}

func unitWords() []string {
	words := make([]string, 0, 2*len(source.UnitWords))
	for _, u := range source.UnitWords {
		words = append(words, u.Word, u.Word+"s")
	}
	return words
}

// ComputedLength is the length in the field; false where none is given, or
// none that can be read.
func (p *Part) ComputedLength(field string) (ComputedLength, bool) {
	i := p.Item.Get(field)
	if i.None() || i.Kind != source.Map {
		q, ok := p.Quantity(field)
		return ComputedLength{Written: q}, ok
	}
	fields := slices.Clone(FieldsOfLength)
	for n := range fields {
		fields[n].Element = p.spec(field).Element
	}
	x := p.nested(i, fields)
	l := ComputedLength{n: x.Expr("n"), unit: x.ChosenWord("unit"), given: true}
	return l, l.n != nil
}

// Length is the length; the state is none where its number is, and unknown
// where it depends on what is not known.
func (r *Run) Length(l *ComputedLength) (source.Quantity, value.State) {
	if !l.given {
		return l.Written, value.Known
	}
	n, state := r.Num(l.n)
	if state != value.Known {
		return source.Quantity{}, state
	}
	word, known := r.ChosenWord(l.unit)
	if !known {
		return source.Quantity{}, value.Unknown
	}
	for _, u := range source.UnitWords {
		if word == u.Word || word == u.Word+"s" {
			return source.Quantity{N: n, Unit: u.Unit}, value.Known
		}
	}
	return source.Quantity{}, value.Unknown
}

// eachComputed visits the expressions of a field in which something else may
// stand as well. A word alone names no rule.
func eachComputed(i *checked.Item, f *policy.Field, visit func(*checked.Item)) {
	switch {
	case f.Kind == policy.Quantity:
		if i.Kind == source.Map {
			EachExpression(i, FieldsOfLength, visit)
		}
	case i.Kind == source.Scalar && !checked.SnakeCase.MatchString(i.Text):
		visit(i)
	}
}

// MomentOrDate compiles the expression in the field, which gives a moment, or
// a date.
func (p *Part) MomentOrDate(field string) *condition.Program {
	before := len(*p.Builder.Found)
	program := p.Expr(field)
	if program != nil || len(*p.Builder.Found) == before {
		return program
	}
	problems := slices.Clone((*p.Builder.Found)[before:])
	i := p.Item.Get(field)
	*p.Builder.Found = (*p.Builder.Found)[:before]
	if program = p.compile(i, field, condition.Want{Kind: value.Date}, p.spec(field).Element); program != nil {
		return program
	}
	*p.Builder.Found = append((*p.Builder.Found)[:before], problems...)
	return nil
}

// WhenOrOfElement compiles the condition under when, which may look at the
// element of a list, if there is one; it is evaluated for each only where it does.
func (p *Part) WhenOrOfElement() *condition.Program {
	const field = "when"
	i := p.Item.Get(field)
	if i.None() {
		return nil
	}
	found, want := p.Builder.Found, condition.Want{Kind: checked.KindWanted(p.spec(field).Wants)}
	before := len(*found)
	program := p.compile(i, field, want, false)
	if slices.ContainsFunc((*found)[before:], func(d diagnostic.Diagnostic) bool { return d.Code == condition.CodeNoElement }) && p.Builder.element != nil {
		*found = (*found)[:before]
		program = p.compile(i, field, want, true)
	}
	return program
}

// Inside has Element expressions look at the elements of a list while they are
// compiled, and at those that they looked at before from then on.
func (b *Builder) Inside(list *condition.Program, compile func()) {
	was := b.element
	b.element = nil
	b.Each(list)
	compile()
	b.element = was
}

// EverHas reports whether the unit has a rule of a form on any day, in force on
// this one or not: so that what it offers is the same in every edition.
func (b *Builder) EverHas(form string) bool {
	return slices.ContainsFunc(b.Plan.Book.AllRules, func(r *checked.Rule) bool { return r.PartOf == b.Name && r.Form.Name == form })
}
