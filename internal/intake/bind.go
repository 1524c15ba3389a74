package intake

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Binding copies the fields of a Go type into the facts of a question. What is
// copied where is found out once. It is immutable and safe for concurrent use.
type Binding struct {
	book     *checked.Book
	question *checked.Question
	facts    []value.Value // where nothing is given
	steps    []step
	pointer  bool // what is bound is a pointer to the struct
}

// Bind checks that the fields of a struct type, or of a pointer to one, fit
// the facts of a question, some of them converted. The error is an *UnknownQuestionError or a
// *BindError that names every mismatch.
func Bind(book *checked.Book, question string, t reflect.Type, conversions ...Conversion) (*Binding, error) {
	b, err := newBinder(book, question, t.String(), conversions...)
	if err != nil {
		return nil, err
	}
	binding := &Binding{book: book, question: b.question, pointer: t.Kind() == reflect.Pointer}
	root := t
	if binding.pointer {
		root = t.Elem()
	}
	if root.Kind() != reflect.Struct || isTime(root) {
		b.fail(t.String(), "", "not_a_struct", diagnostic.Textf("%s 不是结构体", "%s is not a struct", t), diagnostic.Textf("用结构体类型", "bind a struct type"))
	} else if binding.steps = b.structSteps(root, root.Name(), "", nil, nil); len(b.bound) == 0 && len(b.failed) == 0 {
		b.fail(t.String(), "", "no_fields", diagnostic.Textf("没有带 %s 标签的字段", "no field has a %s tag", policy.Tag),
			diagnostic.Textf("写 `rulebook:\"%s\"`", "tag a field, as in `rulebook:\"%s\"`", b.sample()))
	}
	binding.facts = b.finish()
	return binding, b.err()
}

// Book is the rulebook that was bound to, and Question the question; nil where
// nothing is.
func (b *Binding) Book() *checked.Book {
	if b == nil {
		return nil
	}
	return b.book
}

// Question is what is bound to.
func (b *Binding) Question() *checked.Question { return b.question }

// binder finds the steps of a binding, and decides which records there are
// where nothing is given.
//
// A record exists where a pointer to it, or a Known of it, says so. One that is
// bound by value, or that dotted tags reach into, exists if it may not be
// missing; if it may be, it exists as soon as something in it is given.
type binder struct {
	book     *checked.Book
	question *checked.Question
	name     string
	bound    map[string]string      // fact to field
	whole    map[string]string      // records of a pointer or Known to them, to its field
	parts    map[string]string      // records bound by value or by dotted tags, to a field
	reached  map[*checked.Fact]bool // of parts, those that exist wherever they may
	places   map[*checked.Fact]*place
	open     []reflect.Type // structs that are being looked through
	through  *[]step        // of the pointer that is being looked through
	failed   []policy.Mismatch
	depth    int // of types within types

	conversions map[reflect.Type]Conversion
	asJSON      bool // what an interface holds may be what JSON writes
}

func newBinder(book *checked.Book, question, name string, conversions ...Conversion) (*binder, error) {
	q, err := checked.QuestionOf(book, question)
	if err != nil {
		return nil, err
	}
	b := newBinderOf(book, q, name)
	for _, c := range conversions {
		if c.call == nil {
			from, to := "T", "F"
			if c.from != nil {
				from, to = c.from.String(), c.to.String()
			}
			b.fail(from, "", "no_conversion", diagnostic.Textf("换算 %s 没有给出函数", "no function is given that converts %s", from),
				diagnostic.Textf("写 Convert(func(v %s) (%s, error) { … })", "write Convert(func(v %s) (%s, error) { … })", from, to))
			continue
		}
		b.conversions[c.from] = c
	}
	return b, nil
}

func newBinderOf(book *checked.Book, q *checked.Question, name string) *binder {
	return &binder{
		book: book, question: q, name: name, bound: map[string]string{}, whole: map[string]string{}, parts: map[string]string{},
		reached: map[*checked.Fact]bool{}, places: map[*checked.Fact]*place{}, conversions: map[reflect.Type]Conversion{},
	}
}

func (b *binder) err() error {
	if len(b.failed) == 0 {
		return nil
	}
	return &policy.BindError{Question: b.question.ID, Type: b.name, Mismatches: b.failed}
}

func (b *binder) fail(field, fact, code string, message, remedy policy.Text) {
	b.failed = append(b.failed, policy.Mismatch{Field: field, Fact: fact, Code: code, Message: message, Remedy: remedy})
}

// sample is a fact that could be bound.
func (b *binder) sample() string {
	if len(b.question.Facts) == 0 {
		return "as_of"
	}
	return b.question.Facts[0].Name
}

// finish fills the places, now that all is known that is bound, and is the
// facts where nothing is given.
func (b *binder) finish() []value.Value {
	l := &b.question.Layout
	slots := make([]value.Value, l.Slots)
	for f, p := range b.places {
		if f.Slot < 0 {
			p.fields = b.fieldsOf(f)
			continue
		}
		b.exists(slots, f)
		p.slots = checked.SpanOf(slots, f)
	}
	for _, f := range l.Placed {
		b.unlessReached(slots, f)
	}
	return slots
}

// exists is a record of which nothing is given.
func (b *binder) exists(slots []value.Value, f *checked.Fact) {
	slots[f.Slot] = value.In(value.Record, value.Known)
	for _, x := range f.Fields {
		b.unlessReached(slots, x)
	}
}

func (b *binder) unlessReached(slots []value.Value, f *checked.Fact) {
	if b.reached[f] {
		b.exists(slots, f)
	} else {
		f.PutAbsent(slots, f.Absent)
	}
}

// fieldsOf are the fields of a record in a list of which nothing is given.
func (b *binder) fieldsOf(f *checked.Fact) []value.Value {
	fields := make([]value.Value, len(f.Fields))
	for i, x := range f.Fields {
		if b.reached[x] {
			fields[i] = value.RecordOf(b.fieldsOf(x))
		} else {
			fields[i] = x.Absence(x.Absent)
		}
	}
	return fields
}

// place is where a record is.
func (b *binder) place(f, parent *checked.Fact) *place {
	p := b.places[f]
	if p == nil {
		p = &place{at: f.Slot}
		if f.Slot < 0 && parent != nil {
			p.at = slices.Index(parent.Fields, f)
		}
		b.places[f] = p
	}
	return p
}

// spot is where in the facts a Go value is copied to.
type spot struct {
	fact    *checked.Fact
	path    string // of the fact
	field   string // in Go
	at      int    // the slot, or the index among the fields of the record that it is in
	records []*place
	tag     string
	item    bool // it is an element of a list
	column  bool // it is in a column
	as      bool // what it is converted to
}

// structSteps are the steps of a struct whose tags are relative to a record,
// or to the question where that is nil. The records are those that a field in
// it makes exist.
func (b *binder) structSteps(t reflect.Type, field, prefix string, record *checked.Fact, records []*place) []step {
	b.open = append(b.open, t)
	defer func() { b.open = b.open[:len(b.open)-1] }()
	var steps []step
	for i := range t.NumField() {
		x := t.Field(i)
		tag, tagged := x.Tag.Lookup(policy.Tag)
		name := field + "." + x.Name
		var more []step
		switch {
		case tag == "-":
		case !tagged:
			more = b.untagged(x, name, prefix, record, records)
		case !x.IsExported():
			b.fail(name, prefix+tag, "not_exported", diagnostic.Textf("字段没有导出", "the field is not exported"), diagnostic.Textf("首字母大写", "begin its name with a capital letter"))
		default:
			more = b.member(x.Type, name, prefix, tag, record, records)
		}
		for _, s := range more {
			s.offset += x.Offset
			steps = append(steps, s)
		}
	}
	return steps
}

// untagged looks through a struct, or a pointer to one, that has no tag itself:
// the tags in it count as if they stood here. Where they cannot, they are
// refused, so that no tag is silently without effect.
func (b *binder) untagged(x reflect.StructField, name, prefix string, record *checked.Fact, records []*place) []step {
	if wrong := badTag(x.Tag); wrong != "" {
		b.fail(name, prefix, "bad_tag", diagnostic.Textf("标签 %s 写法有误，不起作用", "the tag %s is not in the form of a Go tag and has no effect", wrong),
			diagnostic.Textf("写成 `%[1]s:\"%[2]s\"`，冒号后不留空格", "write `%[1]s:\"%[2]s\"`, without a space behind the colon", policy.Tag, b.sample()))
		return nil
	}
	t := x.Type
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	deep := taggedIn(x.Type, nil)
	switch {
	case deep == "":
		return nil
	case t.Kind() != reflect.Struct:
		b.fail(name, prefix, "tag_without_effect", diagnostic.Textf("%[1]s 里的标签 %[2]s 不起作用", "the tags in the %[1]s have no effect, %[2]s among them", x.Type, deep),
			diagnostic.Textf("给字段 %[1]s 加 `%[2]s:\"事实名\"`，或加 `%[2]s:\"-\"` 略过", "tag the field %[1]s with the fact that it is, `%[2]s:\"…\"`, or leave it out with `%[2]s:\"-\"`", x.Name, policy.Tag))
		return nil
	case slices.Contains(b.open, t):
		b.fail(name, prefix, "tag_without_effect", diagnostic.Textf("%s 里又有它自己，标签不能再次起作用", "a %s holds another one, whose tags cannot have an effect as well", t),
			diagnostic.Textf("给字段 %[1]s 加 `%[2]s:\"-\"` 略过", "leave the field %[1]s out with `%[2]s:\"-\"`", x.Name, policy.Tag))
		return nil
	case !x.Anonymous && !x.IsExported():
		b.fail(name, prefix, "not_exported", diagnostic.Textf("字段没有导出，里面的标签不起作用", "the field is not exported, so the tags in it have no effect"),
			diagnostic.Textf("首字母大写，或加 `%s:\"-\"` 略过", "begin its name with a capital letter, or leave it out with `%s:\"-\"`", policy.Tag))
		return nil
	}
	if !pointer {
		return b.structSteps(t, name, prefix, record, records)
	}
	var exist []step
	outer := b.through
	b.through = &exist
	steps := b.structSteps(t, name, prefix, record, records)
	b.through = outer
	return []step{{do: copyThrough, inner: append(exist, steps...)}}
}

// badTag is the part of a field's tags that is meant for us and that package
// reflect cannot find, if there is one.
func badTag(tags reflect.StructTag) string {
	rest := strings.TrimLeft(string(tags), " ")
	for rest != "" {
		key, after, colon := strings.Cut(rest, ":")
		quoted, err := strconv.QuotedPrefix(after)
		if !colon || err != nil || quoted[0] != '"' || key == "" || strings.ContainsAny(key, " \t\"") || strings.EqualFold(key, policy.Tag) {
			break
		}
		rest = strings.TrimLeft(after[len(quoted):], " ")
	}
	if strings.Contains(strings.ToLower(rest), policy.Tag) {
		return rest
	}
	return ""
}

// taggedIn is a field with a tag in a type, or in what it holds, if there is
// one.
func taggedIn(t reflect.Type, seen []reflect.Type) string {
	if slices.Contains(seen, t) {
		return ""
	}
	seen = append(seen, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return taggedIn(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			x := t.Field(i)
			switch tag, tagged := x.Tag.Lookup(policy.Tag); {
			case tag == "-":
			case tagged || badTag(x.Tag) != "":
				return t.String() + "." + x.Name
			default:
				if deep := taggedIn(x.Type, seen); deep != "" {
					return deep
				}
			}
		}
	}
	return ""
}

// member are the steps of a field or column with the given tag.
func (b *binder) member(t reflect.Type, field, prefix, tag string, record *checked.Fact, records []*place) []step {
	path := prefix + tag
	f, gates := b.lookup(tag, record)
	if f == nil {
		candidates := b.question.FactNames()
		if record != nil {
			candidates = nil
			for _, x := range record.Fields {
				candidates = append(candidates, x.Name)
			}
		}
		b.fail(field, path, "unknown_fact", diagnostic.Textf("问题 %s 没有事实 %q", "question %s has no fact %q", b.question.ID, path), diagnostic.OneOf(tag, candidates))
		return nil
	}
	parent, names := record, strings.Split(tag, ".")
	for i, g := range gates {
		if !b.part(prefix+strings.Join(names[:i+1], "."), field) {
			return nil
		}
		records = b.reach(g, parent, records)
		parent = g
	}
	if other, twice := b.bound[path]; twice {
		b.fail(field, path, "bound_twice", diagnostic.Textf("事实 %s 已由 %s 给出", "the fact %s is given by %s already", path, other), diagnostic.Textf("删去一个标签", "remove one of the tags"))
		return nil
	}
	b.bound[path] = field
	x := spot{fact: f, path: path, field: field, at: f.Slot, records: records, tag: tag, column: field == tag}
	if f.Slot < 0 {
		x.at = slices.Index(parent.Fields, f)
	}
	if f.Typ.Kind != value.Record {
		s, _ := b.step(t, x)
		return []step{s}
	}
	if b.isRecord(t) {
		if !b.part(path, field) {
			return nil
		}
		return b.fields(t, x, b.reach(f, parent, records))
	}
	if other, twice := b.parts[path]; twice {
		b.alsoInPart(field, path, other)
		return nil
	}
	b.whole[path] = field
	s, _ := b.step(t, x)
	return []step{s}
}

// part notes that a record is bound part by part.
func (b *binder) part(path, field string) bool {
	if other, twice := b.whole[path]; twice {
		b.alsoInPart(field, path, other)
		return false
	}
	b.parts[path] = field
	return true
}

// alsoInPart refuses what two fields may contradict each other about.
func (b *binder) alsoInPart(field, path, other string) {
	b.fail(field, path, "bound_twice", diagnostic.Textf("记录 %s 整个由指针或 Known 给出，又由别的字段给出一部分：%s", "the record %s is given as a whole by a pointer or a Known, and in part by another field: %s", path, other),
		diagnostic.Textf("把这一部分移进那个结构体", "move that part into the struct of the whole"))
}

// reach adds a record that is bound by value, or that a dotted tag reaches
// into, to those that a field in it makes exist.
func (b *binder) reach(f, parent *checked.Fact, records []*place) []*place {
	more := append(slices.Clip(records), b.place(f, parent))
	switch {
	case f.Optional():
	case b.through != nil:
		*b.through = append(*b.through, step{do: copyExist, records: more})
	default:
		b.reached[f] = true
		if f.Slot >= 0 {
			return records // it exists where that in which it is does
		}
	}
	return more
}

// lookup finds the fact of a dotted tag, and the records on the way to it.
func (b *binder) lookup(tag string, record *checked.Fact) (*checked.Fact, []*checked.Fact) {
	if record == nil {
		return b.question.Locate(tag)
	}
	head, rest, more := strings.Cut(tag, ".")
	f := record.Vars[head]
	var gates []*checked.Fact
	for more && f != nil {
		gates = append(gates, f)
		head, rest, more = strings.Cut(rest, ".")
		f = f.Vars[head]
	}
	return f, gates
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	dateType  = reflect.TypeFor[date.Date]()
	monthType = reflect.TypeFor[policy.Month]()
	moneyType = reflect.TypeFor[policy.Money]()
	knownType = reflect.TypeFor[policy.AnyKnown]()
)

func isKnown(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Implements(knownType) && t.PkgPath() == knownType.PkgPath()
}

// isRecord reports whether a Go type is the fields of a record.
func (b *binder) isRecord(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !isTime(t) && t != moneyType && !isKnown(t) && !isNullable(t) && b.conversions[t].call == nil
}

// step finds how a Go type is copied into a fact.
func (b *binder) step(t reflect.Type, x spot) (step, bool) {
	f := x.fact
	s := step{fact: f, path: x.path, field: x.field, slot: x.at, records: x.records, size: t.Size(), typ: t}
	if b.depth++; b.depth > policy.MaxDepth { // type P *P
		b.mismatch(x, t)
		return s, false
	}
	defer func() { b.depth-- }()
	if f.Slot >= 0 {
		s.none, s.unknown = b.absence(f, policy.IsNone), b.absence(f, policy.IsUnknown)
	}
	wrapped := func(do action, inner reflect.Type, offset uintptr) (step, bool) {
		in, ok := b.step(inner, x)
		in.offset = offset
		s.do, s.inner = do, []step{in}
		return s, ok
	}
	switch c := b.conversions[t]; {
	case c.call != nil && !x.as:
		x.as = true
		s.convert = c.call
		return wrapped(copyConverted, c.to, 0)
	case isKnown(t):
		v := t.Field(t.NumField() - 1) // behind its state
		return wrapped(copyKnown, v.Type, v.Offset)
	case isNullable(t):
		s.valid = t.Field(1).Offset
		return wrapped(copyNullable, t.Field(0).Type, t.Field(0).Offset)
	case t.Kind() == reflect.Pointer:
		return wrapped(copyPointer, t.Elem(), 0)
	case t.Kind() == reflect.Interface:
		s.do, s.any = copyAny, &dynamic{book: b.book, question: b.question, convert: b.conversions, spot: x}
		return s, true
	}
	ok := true
	switch f.Typ.Kind {
	case value.YesNo:
		s.do, ok = copyBool, t.Kind() == reflect.Bool
	case value.Count:
		s.do, ok = numbers[t.Kind()], numbers[t.Kind()] != 0
		s.lowest, s.beyond = wholeNumbers(f)
		if t == numberType {
			s.do, ok = copyNumeral, true
		}
	case value.Money:
		s.do, ok = copyMoney, t.Kind() == reflect.String
		if t == moneyType {
			s.do, ok = copyAmount, true
		}
	case value.Moment:
		s.do, ok = copyMoment, isTime(t)
	case value.Date:
		s.do, ok = copyDate, t == dateType
		if isTime(t) {
			s.do, ok = copyDay, true
		}
	case value.Month:
		s.do, ok = copyMonth, t == monthType
	case value.Word:
		s.do, ok = copyWord, t.Kind() == reflect.String && t != numberType
	case value.Article:
		s.do, ok = copyArticle, t.Kind() == reflect.String && t != numberType
	case value.Name:
		s.do, ok = copyName, t.Kind() == reflect.String
		if n := numbers[t.Kind()]; n != 0 && f.TypeName == "name" {
			s.do, s.number, ok = copyID, n, true
		}
	case value.List:
		if t.Kind() == reflect.Slice {
			in, fits := b.step(t.Elem(), spot{fact: f.Elem, path: x.path + "[]", field: x.field + "[]", tag: x.tag, column: x.column, item: true})
			s.do, s.inner = copyList, []step{in}
			return s, fits
		}
		ok = false
	case value.Record:
		if b.isRecord(t) {
			before, outer := len(b.failed), b.through
			b.through = nil
			s.do, s.inner = copyRecord, b.fields(t, x, nil)
			b.through = outer
			if x.item {
				s.do = copyElement
			}
			s.place = b.place(f, nil)
			s.place.at = x.at
			return s, len(b.failed) == before
		}
		ok = false
	default:
		ok = false
	}
	if !native(t) {
		if do, fits := foreign(t, f, ok); fits {
			s.do, ok = do, true
		}
	}
	if !ok && b.asJSON {
		s.do, ok = readAsJSON(t, f)
	}
	if !ok {
		b.mismatch(x, t)
	}
	return s, ok
}

// native reports whether a Go type is read as it is, whatever methods it has.
func native(t reflect.Type) bool {
	return isTime(t) || t == dateType || t == monthType || t == moneyType || t == numberType
}

// absence is what the slots of a fact, and of what is in it, hold when it is
// absent in that way.
func (b *binder) absence(f *checked.Fact, a policy.Absence) checked.SlotSpan {
	slots := make([]value.Value, b.question.Layout.Slots)
	f.PutAbsent(slots, a)
	return checked.SpanOf(slots, f)
}

// fields are the steps of a struct that is a record.
func (b *binder) fields(t reflect.Type, x spot, records []*place) []step {
	before := len(b.failed)
	steps := b.structSteps(t, x.field, x.path+".", x.fact, records)
	if len(steps) == 0 && len(b.failed) == before {
		b.fail(x.field, x.path, "no_fields", diagnostic.Textf("没有带 %s 标签的字段", "no field has a %s tag", policy.Tag),
			diagnostic.Textf("写 `rulebook:\"%s\"`", "tag a field, as in `rulebook:\"%s\"`", x.fact.Fields[0].Name))
	}
	return steps
}

// takes are the Go types that a kind of fact is copied from.
var takes = map[value.Kind]string{
	value.YesNo: "bool", value.Moment: "time.Time", value.Date: "date.Date", value.Month: "rulebook.Month", value.Money: "rulebook.Money",
	value.Count: "int64", value.Word: "string", value.Name: "string", value.Article: "string",
	value.List: "a slice", value.Record: "a struct",
}

// mismatch refuses a Go type, with the line to write instead.
func (b *binder) mismatch(x spot, t reflect.Type) {
	f := x.fact
	want, line := takes[f.Typ.Kind], x.line(goType(f))
	message := diagnostic.Textf("事实 %[1]s 是 %[2]s，Go 类型 %[3]s 不合", "the fact %[1]s is a %[2]s, which the Go type %[3]s does not fit", x.path, f.TypeName, t)
	switch {
	case f.Typ.Kind == value.Record || f.Typ.Kind == value.List && f.Elem.Typ.Kind == value.Record && !x.item:
		tag := f.Fields
		if f.Typ.Kind == value.List {
			tag = f.Elem.Fields
		}
		if x.item {
			want, line = "a slice of structs", x.line("[]"+goType(f))
		}
		b.fail(x.field, x.path, "wrong_type", message, diagnostic.Textf("用 %[1]s：%[2]s，其字段带 `%[3]s:\"%[4]s\"` 这样的标签", "use %[1]s: %[2]s, whose fields have tags such as `%[3]s:\"%[4]s\"`", want, line, policy.Tag, tag[0].Name))
	default:
		if x.item {
			line = x.line("[]" + goType(f))
		}
		convert := convertLine(t, f)
		b.fail(x.field, x.path, "wrong_type", message, policy.Text{
			ZH: fmt.Sprintf("用 %[1]s，可能未知时用 *%[1]s 或 rulebook.Known：%[2]s；或%[3]s", want, line, convert.ZH),
			EN: fmt.Sprintf("use %[1]s, or a pointer or rulebook.Known of it where it may not be known: %[2]s; or %[3]s", want, line, convert.EN),
		})
	}
}
