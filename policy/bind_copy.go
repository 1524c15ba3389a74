package policy

import (
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// This file alone reads fields by their offsets. Each step was checked against
// the Go type and the fact when it was made.

// action is what a step does.
type action uint8

const (
	_ action = iota
	copyBool
	copyInt
	copyInt8
	copyInt16
	copyInt32
	copyInt64
	copyUint
	copyUint8
	copyUint16
	copyUint32
	copyUint64
	copyMoment
	copyDate
	copyMonth
	copyWord
	copyArticle
	copyName
	copyList
	copyRecord  // into slots
	copyElement // into one value
	copyPointer
	copyKnown
)

var numbers = map[reflect.Kind]action{
	reflect.Int: copyInt, reflect.Int8: copyInt8, reflect.Int16: copyInt16, reflect.Int32: copyInt32, reflect.Int64: copyInt64,
	reflect.Uint: copyUint, reflect.Uint8: copyUint8, reflect.Uint16: copyUint16, reflect.Uint32: copyUint32, reflect.Uint64: copyUint64,
}

// step copies one field.
type step struct {
	do     action
	slot   int // among the slots, or among the fields of a record in a list
	offset uintptr
	size   uintptr
	fact   *Fact
	inner  []step
	words  []string // that have codes
	ref    int      // where others are beside
	path   string   // of the fact
	field  string   // in Go

	lowest, beyond int64 // of a number

	// What the slots of a fact, and of what is in it, hold when it is not given,
	// does not exist, or is not known; and those of what is in it when it exists.
	absent, none, unknown, present patch
}

// patch is what some slots of a sketch are made.
type patch []patched

type patched struct {
	slot  int
	value value.Value
}

func (k *sketch) apply(p patch) {
	for i := range p {
		k.put(p[i].slot, p[i].value)
	}
}

// into says where the step copies to.
func (s *step) into(slot int) {
	s.slot = slot
	if s.do == copyPointer || s.do == copyKnown {
		s.inner[0].into(slot)
	}
}

// copier is one copying.
type copier struct {
	book *Rulebook
	to   *sketch
	err  *FactError
}

// run copies what is at base into a sketch.
func (c *copier) run(steps []step, base unsafe.Pointer) {
	for i := range steps {
		s := &steps[i]
		c.step(s, unsafe.Add(base, s.offset))
	}
}

// step copies one field, the frequent ones without the way over a Value.
func (c *copier) step(s *step, p unsafe.Pointer) {
	k := c.to
	switch s.do {
	case copyBool:
		code := codeKnown
		if *(*bool)(p) {
			code = codeYes
		}
		k.codes[s.slot] = code
		return
	case copyMoment:
		t := *(*time.Time)(p)
		if sec := t.Unix(); sec >= surelyFrom && sec <= surelyTo {
			k.number(s.slot, t.UnixNano())
			return
		}
	case copyWord:
		if i := s.word(*(*string)(p)); i >= 0 {
			k.codes[s.slot] = codeKnown + byte(i)
			return
		}
	case copyName:
		if name := *(*string)(p); plain(name) {
			k.codes[s.slot], k.refs[s.ref] = codeKnown, value.NameOf(name)
			return
		}
	case copyInt:
		if n := int64(*(*int)(p)); n >= s.lowest && n < s.beyond {
			k.number(s.slot, n)
			return
		}
	case copyDate:
		if d := *(*date.Date)(p); d >= firstDay && d <= lastDay {
			k.number(s.slot, int64(d))
			return
		}
	case copyRecord:
		k.codes[s.slot] = codeKnown
		c.run(s.inner, p)
		return
	case copyPointer:
		if p = *(*unsafe.Pointer)(p); p == nil {
			k.apply(s.absent)
			return
		}
		k.apply(s.present) // a record's own fields are copied next
		c.step(&s.inner[0], p)
		return
	case copyKnown:
		switch state := *(*value.State)(p); state {
		case value.Known:
			k.apply(s.present)
			c.step(&s.inner[0], unsafe.Add(p, s.inner[0].offset))
		case value.None:
			k.apply(s.none)
		default:
			k.apply(s.unknown)
		}
		return
	}
	if v, given := c.value(s, p); given {
		k.put(s.slot, v)
	} else {
		k.apply(s.absent)
	}
}

// plain reports whether a name is short and begins and ends with a letter, as
// most do: there is nothing to trim.
func plain(name string) bool {
	return name != "" && len(name) <= maxName && letter(name[0]) && letter(name[len(name)-1])
}

func letter(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// word is the place of a word that has a code, or -1.
func (s *step) word(text string) int {
	for i, w := range s.words {
		if w == text {
			return i
		}
	}
	return -1
}

// fields copies what is at base into the fields of a record that is an element
// of a list.
func (c *copier) fields(steps []step, base unsafe.Pointer, fields []value.Value) {
	for i := range steps {
		s := &steps[i]
		fields[s.slot] = c.field(s, unsafe.Add(base, s.offset))
	}
}

func (c *copier) field(s *step, p unsafe.Pointer) value.Value {
	absence := s.fact.Absent
	switch s.do {
	case copyPointer:
		if p = *(*unsafe.Pointer)(p); p != nil {
			return c.field(&s.inner[0], p)
		}
	case copyKnown:
		switch state := *(*value.State)(p); state {
		case value.Known:
			return c.field(&s.inner[0], unsafe.Add(p, s.inner[0].offset))
		case value.None:
			absence = IsNone
		default:
			absence = IsUnknown
		}
	default:
		if v, given := c.value(s, p); given {
			return v
		}
	}
	if s.fact.typ.Kind == value.Record {
		return s.fact.absentRecord(absence)
	}
	return s.fact.absentValue(absence)
}

// Moments between these are of the years 2000 to 2100 in every zone.
var (
	surelyFrom = time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC).Unix()
	surelyTo   = time.Date(2100, 12, 29, 0, 0, 0, 0, time.UTC).Unix()
	firstDay   = date.New(source.FirstYear, time.January, 1)
	lastDay    = date.New(source.LastYear, time.December, 31)
)

// value reads a value that lives in one slot or inside a list; given is false
// where the zero of a type says that nobody gave it.
func (c *copier) value(s *step, p unsafe.Pointer) (v value.Value, given bool) {
	switch s.do {
	case copyBool:
		return value.Bool(*(*bool)(p)), true
	case copyMoment:
		t := *(*time.Time)(p)
		if sec := t.Unix(); sec < surelyFrom || sec > surelyTo {
			if t.IsZero() {
				return v, false
			}
			if y := t.Year(); y < source.FirstYear || y > source.LastYear {
				c.refuse(s, "out_of_range", textf("%s 不在 2000 年至 2100 年之间", "%s is not within the years 2000 to 2100", t.Format(time.RFC3339)),
					textf("检查年份；没有时用零值", "check the year; use the zero time where there is none"))
			}
		}
		return value.MomentOf(t), true
	case copyDate:
		d := *(*date.Date)(p)
		if d == 0 {
			return v, false
		}
		if d < firstDay || d > lastDay {
			c.refuse(s, "out_of_range", textf("%s 不在 2000 年至 2100 年之间", "%s is not within the years 2000 to 2100", d),
				textf("检查年份；没有时用零值", "check the year; use the zero date where there is none"))
		}
		return value.DateOf(d), true
	case copyMonth:
		m := *(*Month)(p)
		if m == (Month{}) {
			return v, false
		}
		if m.Year < source.FirstYear || m.Year > source.LastYear || m.Month < 1 || m.Month > 12 {
			c.refuse(s, "out_of_range", textf("%s 不是 2000 年至 2100 年之间的月份", "%s is not a month of the years 2000 to 2100", m), textf("检查年份与月份", "check the year and the month"))
		}
		return value.MonthOf(m.Year, m.Month), true
	case copyWord, copyArticle, copyName:
		return c.text(s, *(*string)(p))
	case copyList:
		return c.list(s, p)
	case copyElement:
		return c.element(s, p), true
	}
	return c.number(s, p), true
}

func (c *copier) number(s *step, p unsafe.Pointer) value.Value {
	var n int64
	switch s.do {
	case copyInt:
		n = int64(*(*int)(p))
	case copyInt8:
		n = int64(*(*int8)(p))
	case copyInt16:
		n = int64(*(*int16)(p))
	case copyInt32:
		n = int64(*(*int32)(p))
	case copyInt64:
		n = *(*int64)(p)
	case copyUint:
		n = int64(min(uint64(*(*uint)(p)), maxCount))
	case copyUint8:
		n = int64(*(*uint8)(p))
	case copyUint16:
		n = int64(*(*uint16)(p))
	case copyUint32:
		n = int64(*(*uint32)(p))
	case copyUint64:
		n = int64(min(*(*uint64)(p), maxCount))
	}
	if n < s.lowest || n >= s.beyond {
		c.refuse(s, "out_of_range", textf("%d 不在 %d 至 %d 之间", "%d is not between %d and %d", n, s.lowest, s.beyond-1), textf("改用范围内的整数", "give a whole number within them"))
	}
	return value.Int(n)
}

func (c *copier) text(s *step, text string) (value.Value, bool) {
	if text == "" && s.fact.TypeName != "text" {
		return value.Value{}, false
	}
	switch s.do {
	case copyWord:
		words := s.fact.Words.Words
		for _, w := range words {
			if w == text {
				return value.WordOf(w), true // the rulebook's own, which need not keep the caller's alive
			}
		}
		c.refuse(s, "unknown_word", textf("%q 不在词表中", "%q is not one of the words", text), oneOf(text, words))
		return value.Value{}, true
	case copyArticle:
		a := c.book.articles[text]
		if a == nil {
			c.refuse(s, "unknown_article", textf("没有条款 %q", "there is no article %q", text), oneOf(text, nearby(text, sortedKeys(c.book.articles))))
			return value.Value{}, true
		}
		return value.ArticleOf(a.ID), true
	}
	if text = strings.TrimSpace(text); text == "" {
		if s.fact.TypeName == "text" {
			return value.NoneOf(value.Name), true
		}
		return value.Value{}, false
	}
	if len(text) > maxName && utf8.RuneCountInString(text) > maxName && s.fact.TypeName == "name" {
		c.refuse(s, "name_too_long", textf("名称超过 %d 个字符", "the name is longer than %d characters", maxName), textf("用编号", "use an id"))
	}
	return value.NameOf(text), true
}

func (c *copier) list(s *step, p unsafe.Pointer) (value.Value, bool) {
	data := *(*unsafe.Pointer)(p) // a slice begins with its data
	n := len(*(*[]struct{})(p))   // and its length, whatever its elements
	if data == nil {
		return value.Value{}, false
	}
	if n > maxItems {
		c.refuse(s, "too_many_items", textf("超过 %d 项", "more than %d items", maxItems), textf("分批提问", "ask in smaller pieces"))
		return value.Value{}, true
	}
	if n == 0 {
		return value.ListOf(nil), true
	}
	in := &s.inner[0]
	list := c.to.list(n)
	for i := range list {
		v, given := c.value(in, unsafe.Add(data, uintptr(i)*in.size))
		if !given {
			c.refuse(in, "null_item", textf("列表里不能有空项", "a list cannot hold an empty item"), textf("删去空项", "remove it"))
		}
		list[i] = v
	}
	if n == 1 || c.err != nil {
		return value.ListOf(list), true
	}
	if !s.fact.Ordered && in.do != copyElement {
		slices.SortStableFunc(list, func(a, b value.Value) int { return strings.Compare(a.Text(time.UTC), b.Text(time.UTC)) })
		return value.ListOf(list), true
	}
	return s.fact.canonical(list), true
}

// element reads a struct that is an element of a list.
func (c *copier) element(s *step, p unsafe.Pointer) value.Value {
	fields := c.to.list(len(s.fact.Fields))
	for i, x := range s.fact.Fields {
		if x.typ.Kind == value.Record {
			fields[i] = x.absentRecord(x.Absent)
		} else {
			fields[i] = x.absentValue(x.Absent)
		}
	}
	c.fields(s.inner, p, fields)
	return value.RecordOf(fields)
}

func (c *copier) refuse(s *step, code string, message, remedy Text) {
	if c.err == nil {
		c.err = factError(code, s.path, Text{
			ZH: message.ZH + "（字段 " + s.field + "）", EN: message.EN + " (field " + s.field + ")",
		}, remedy)
	}
}

// Decide answers from the value that p points to, which must be of the type
// that was bound. Errors are a *FactError that names fact and field, and those
// of Engine.Ask.
func (b *Binding) Decide(e *Engine, p unsafe.Pointer, asOf time.Time) (*Answer, error) {
	if b.pointer {
		if p = *(*unsafe.Pointer)(p); p == nil {
			return nil, factError("nothing_given", "", textf("指针是空的", "the pointer is nil"), textf("给出一个值", "give a value"))
		}
	}
	k := b.question.layout.sketch()
	b.facts.copyTo(k)
	c := copier{book: e.book, to: k}
	c.run(b.steps, p)
	if c.err != nil {
		k.leave()
		return nil, c.err
	}
	return e.decide(k, b.question, asOf)
}
