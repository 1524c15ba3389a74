package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/value"
)

// BindError says what keeps a Go type from supplying the facts of a question.
type BindError struct {
	Question   string
	Type       string
	Mismatches []Mismatch
}

// Mismatch is one field that does not fit.
type Mismatch struct {
	Field   string // in Go: "Ticket.Extension.By", or the name of a column
	Fact    string // as the question calls it: "request.extension.approver_role"
	Code    string // stable: not_a_struct, no_fields, unknown_fact, bound_twice, wrong_type, not_exported
	Message Text
	Remedy  Text
}

// Error names every mismatch, in English.
func (e *BindError) Error() string {
	lines := make([]string, len(e.Mismatches))
	for i, m := range e.Mismatches {
		lines[i] = fmt.Sprintf("%s: %s [%s]", m.Field, m.Message.EN, m.Code)
		if m.Remedy.EN != "" {
			lines[i] += " → " + m.Remedy.EN
		}
	}
	return fmt.Sprintf("%s cannot be bound to %s:\n%s", e.Type, e.Question, strings.Join(lines, "\n"))
}

// Tag is the key of the struct tag that names a field's fact.
const Tag = "rulebook"

// Binding copies the fields of a Go type into the facts of a question. What is
// copied where is found out once. It is immutable and safe for concurrent use.
type Binding struct {
	engine   *Engine
	question *Question
	facts    *sketch // where nothing is given
	steps    []step
	pointer  bool // what is bound is a pointer to the struct
}

// Bind checks that the fields of a struct type, or of a pointer to one, fit
// the facts of a question. The error is an *UnknownQuestionError or a
// *BindError that names every mismatch.
func (e *Engine) Bind(question string, t reflect.Type) (*Binding, error) {
	b, err := e.newBinder(question, t.String())
	if err != nil {
		return nil, err
	}
	binding := &Binding{engine: e, question: b.question, pointer: t.Kind() == reflect.Pointer}
	root := t
	if binding.pointer {
		root = t.Elem()
	}
	if root.Kind() != reflect.Struct || root == timeType {
		b.fail(t.String(), "", "not_a_struct", textf("%s 不是结构体", "%s is not a struct", t), textf("用结构体类型", "bind a struct type"))
	} else if binding.steps = b.structSteps(root, root.Name(), "", nil); len(b.bound) == 0 && len(b.failed) == 0 {
		b.fail(t.String(), "", "no_fields", textf("没有带 %s 标签的字段", "no field has a %s tag", Tag),
			textf("写 `rulebook:\"%s\"`", "tag a field, as in `rulebook:\"%s\"`", b.sample()))
	}
	binding.facts = b.question.layout.sketchOf(b.facts)
	return binding, b.err()
}

// Question is what is bound to.
func (b *Binding) Question() *Question { return b.question }

// Engine is the engine that was bound to.
func (b *Binding) Engine() *Engine { return b.engine }

type binder struct {
	book     *Rulebook
	question *Question
	name     string
	facts    []value.Value
	bound    map[string]string // fact to field
	failed   []Mismatch
}

func (e *Engine) newBinder(question, name string) (*binder, error) {
	q, err := e.question(question)
	if err != nil {
		return nil, err
	}
	b := &binder{book: e.book, question: q, name: name, bound: map[string]string{}, facts: make([]value.Value, q.layout.slots)}
	for _, f := range q.layout.placed {
		e.book.spreadAbsence(b.facts, f, f.Absent)
	}
	return b, nil
}

func (b *binder) err() error {
	if len(b.failed) == 0 {
		return nil
	}
	return &BindError{Question: b.question.ID, Type: b.name, Mismatches: b.failed}
}

func (b *binder) fail(field, fact, code string, message, remedy Text) {
	b.failed = append(b.failed, Mismatch{Field: field, Fact: fact, Code: code, Message: message, Remedy: remedy})
}

// sample is a fact that could be bound.
func (b *binder) sample() string {
	if len(b.question.Facts) == 0 {
		return "as_of"
	}
	return b.question.Facts[0].Name
}

// structSteps are the steps of a struct whose tags are relative to a record,
// or to the question where that is nil.
func (b *binder) structSteps(t reflect.Type, field, prefix string, record *Fact) []step {
	var steps []step
	for i := range t.NumField() {
		x := t.Field(i)
		tag, tagged := x.Tag.Lookup(Tag)
		name := field + "." + x.Name
		switch {
		case tag == "-":
		case !tagged && x.Anonymous && x.Type.Kind() == reflect.Struct:
			for _, s := range b.structSteps(x.Type, name, prefix, record) {
				s.offset += x.Offset
				steps = append(steps, s)
			}
		case !tagged:
		case !x.IsExported():
			b.fail(name, prefix+tag, "not_exported", textf("字段没有导出", "the field is not exported"), textf("首字母大写", "begin its name with a capital letter"))
		default:
			if s, ok := b.member(x.Type, name, prefix, tag, record); ok {
				s.offset += x.Offset
				steps = append(steps, s)
			}
		}
	}
	return steps
}

// member is the step of a field or column with the given tag.
func (b *binder) member(t reflect.Type, field, prefix, tag string, record *Fact) (step, bool) {
	path := prefix + tag
	f, gates := b.lookup(tag, record)
	if f == nil {
		candidates := b.question.factNames()
		if record != nil {
			candidates = nil
			for _, x := range record.Fields {
				candidates = append(candidates, x.Name)
			}
		}
		b.fail(field, path, "unknown_fact", textf("问题 %s 没有事实 %q", "question %s has no fact %q", b.question.ID, path), oneOf(tag, candidates))
		return step{}, false
	}
	if len(gates) > 0 && gates[0].slot < 0 {
		b.fail(field, path, "wrong_type", textf("列表元素里的记录不能用带点的标签", "a dotted tag cannot reach into a record of a list's element"), textf("用嵌套的结构体", "use a nested struct"))
		return step{}, false
	}
	for _, g := range gates { // a field that is given makes its records exist
		b.facts[g.slot] = value.In(value.Record, value.Known)
		for _, x := range g.Fields {
			if b.facts[x.slot].State == value.Unknown || b.facts[x.slot].State == value.None {
				b.book.spreadAbsence(b.facts, x, x.Absent)
			}
		}
	}
	if other, twice := b.bound[path]; twice {
		b.fail(field, path, "bound_twice", textf("事实 %s 已由 %s 给出", "the fact %s is given by %s already", path, other), textf("删去一个标签", "remove one of the tags"))
		return step{}, false
	}
	b.bound[path] = field
	s, ok := b.step(t, field, path, f)
	s.into(f.slot)
	return s, ok
}

// absence is what the slots of a fact, and of what is in it, hold when it is
// absent in that way.
func (b *binder) absence(f *Fact, a Absence) patch {
	slots := make([]value.Value, b.question.layout.slots)
	b.book.spreadAbsence(slots, f, a)
	var p patch
	var add func(f *Fact)
	add = func(f *Fact) {
		p = append(p, patched{f.slot, slots[f.slot]})
		for _, x := range f.Fields {
			add(x)
		}
	}
	add(f)
	return p
}

// lookup finds the fact of a dotted tag, and the records on the way to it.
func (b *binder) lookup(tag string, record *Fact) (*Fact, []*Fact) {
	if record == nil && tag == "as_of" {
		return &Fact{Name: "as_of", Path: "as_of", TypeName: "moment", Absent: IsUnknown, typ: &value.Type{Kind: value.Moment}, slot: b.question.layout.asOf}, nil
	}
	head, rest, more := strings.Cut(tag, ".")
	f := (*Fact)(nil)
	if record != nil {
		f = record.vars[head]
	} else if i := slices.IndexFunc(b.question.Facts, func(x QuestionFact) bool { return x.Name == head }); i >= 0 {
		f = b.question.layout.placed[i]
	}
	var gates []*Fact
	for more && f != nil {
		gates = append(gates, f)
		head, rest, more = strings.Cut(rest, ".")
		f = f.vars[head]
	}
	return f, gates
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	dateType  = reflect.TypeFor[date.Date]()
	monthType = reflect.TypeFor[Month]()
	knownType = reflect.TypeFor[maybe]()
)

// step finds how a Go type is copied into a fact.
func (b *binder) step(t reflect.Type, field, path string, f *Fact) (step, bool) {
	s := step{fact: f, path: path, field: field, size: t.Size()}
	if f.slot >= 0 {
		s.absent, s.none, s.unknown = b.absence(f, f.Absent), b.absence(f, IsNone), b.absence(f, IsUnknown)
		for _, x := range f.Fields {
			s.present = append(s.present, b.absence(x, x.Absent)...)
		}
		s.words, s.ref = b.question.layout.traits[f.slot].words, b.question.layout.traits[f.slot].ref
	}
	wrapped := func(do action, inner reflect.Type) (step, bool) {
		in, ok := b.step(inner, field, path, f)
		s.do, s.inner = do, []step{in}
		return s, ok
	}
	switch {
	case t.Kind() == reflect.Struct && t.Implements(knownType) && t.PkgPath() == knownType.PkgPath():
		x, ok := wrapped(copyKnown, t.Field(knownValue).Type)
		x.inner[0].offset = t.Field(knownValue).Offset
		return x, ok
	case t.Kind() == reflect.Pointer:
		return wrapped(copyPointer, t.Elem())
	}
	ok := true
	switch f.typ.Kind {
	case value.YesNo:
		s.do, ok = copyBool, t.Kind() == reflect.Bool
	case value.Count:
		s.do, ok = numbers[t.Kind()], numbers[t.Kind()] != 0
		s.lowest, s.beyond = 0, maxCount
		switch f.TypeName {
		case "number":
			s.lowest = 1 - maxCount
		case "year":
			s.lowest, s.beyond = 2000, 2101
		}
	case value.Moment:
		s.do, ok = copyMoment, t == timeType
	case value.Date:
		s.do, ok = copyDate, t == dateType
	case value.Month:
		s.do, ok = copyMonth, t == monthType
	case value.Word:
		s.do, ok = copyWord, t.Kind() == reflect.String
	case value.Article:
		s.do, ok = copyArticle, t.Kind() == reflect.String
	case value.Name:
		s.do, ok = copyName, t.Kind() == reflect.String
	case value.List:
		if ok = t.Kind() == reflect.Slice; ok {
			in, fits := b.step(t.Elem(), field+"[]", path+"[]", f.Elem)
			if fits && (in.do == copyPointer || in.do == copyKnown) {
				b.mismatch(field+"[]", path+"[]", t.Elem(), f.Elem)
				fits = false
			}
			s.do, s.inner = copyList, []step{in}
			return s, fits
		}
	case value.Record:
		if ok = t.Kind() == reflect.Struct && t != timeType; ok {
			return b.recordStep(s, t)
		}
	default:
		ok = false
	}
	if !ok {
		b.mismatch(field, path, t, f)
	}
	return s, ok
}

// recordStep copies a struct into a record: into slots of its own, or into one
// value where it is an element of a list.
func (b *binder) recordStep(s step, t reflect.Type) (step, bool) {
	before := len(b.failed)
	s.do = copyRecord
	s.inner = b.structSteps(t, s.field, s.path+".", s.fact)
	if s.fact.slot < 0 {
		s.do = copyElement
		for i := range s.inner {
			s.inner[i].into(slices.Index(s.fact.Fields, s.inner[i].fact))
		}
	}
	if len(s.inner) == 0 && len(b.failed) == before {
		b.fail(s.field, s.path, "no_fields", textf("没有带 %s 标签的字段", "no field has a %s tag", Tag),
			textf("写 `rulebook:\"%s\"`", "tag a field, as in `rulebook:\"%s\"`", s.fact.Fields[0].Name))
	}
	return s, len(b.failed) == before
}

// takes are the Go types that a kind of fact is copied from.
var takes = map[value.Kind]string{
	value.YesNo: "bool", value.Moment: "time.Time", value.Date: "date.Date", value.Month: "policy.Month",
	value.Count: "int64", value.Word: "string", value.Name: "string", value.Article: "string",
	value.List: "a slice", value.Record: "a struct",
}

func (b *binder) mismatch(field, path string, t reflect.Type, f *Fact) {
	want := takes[f.typ.Kind]
	b.fail(field, path, "wrong_type", textf("事实 %[1]s 是 %[2]s，Go 类型 %[3]s 不合", "the fact %[1]s is a %[2]s, which the Go type %[3]s does not fit", path, f.TypeName, t),
		textf("用 %[1]s，可能未知时用 *%[1]s 或 rulebook.Known", "use %[1]s, or a pointer or rulebook.Known of it where it may not be known", want))
}

// Month is a month of a year, as facts of type month are bound to. The zero
// Month is not given.
type Month struct {
	Year  int
	Month time.Month
}

// String is for example "2026-01".
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }

// Known is a value that may be missing: the zero Known says that nobody knows
// it, [None] that it is known not to exist.
type Known[T any] struct {
	state value.State
	v     T
}

// knownValue is the index of the value among the fields of a Known.
const knownValue = 1

// maybe is what every Known implements and nothing else can.
type maybe interface{ maybe() }

func (Known[T]) maybe() {}

// Is is a known value.
func Is[T any](v T) Known[T] { return Known[T]{value.Known, v} }

// None is what is known not to exist: an event that has not happened, a record
// that is not there.
func None[T any]() Known[T] { return Known[T]{state: value.None} }

// Get is the value, and whether it is known.
func (k Known[T]) Get() (T, bool) { return k.v, k.state == value.Known }
