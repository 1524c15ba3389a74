package intake

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
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
	copyRecord  // that a pointer or Known says exists
	copyElement // of a list
	copyThrough // a pointer to a struct that is looked through
	copyExist   // makes a record exist if the one that it is in does
	copyPointer
	copyKnown
	copyNullable  // of package database/sql
	copyConverted // by a Conversion
	copyAny       // whatever an interface holds
	copyDay       // a moment whose day it is
	copyID        // a number that is a name
	copyNumeral   // a json.Number
	copyMoney     // a text that is an amount
	copyAmount    // a Money
	copyJSON      // by methods of the type
	copyText
	copyValuer
	copyTree // a map that is a record
)

var numbers = map[reflect.Kind]action{
	reflect.Int: copyInt, reflect.Int8: copyInt8, reflect.Int16: copyInt16, reflect.Int32: copyInt32, reflect.Int64: copyInt64,
	reflect.Uint: copyUint, reflect.Uint8: copyUint8, reflect.Uint16: copyUint16, reflect.Uint32: copyUint32, reflect.Uint64: copyUint64,
}

// step copies one field.
type step struct {
	do      action
	slot    int // among the slots, or among the fields of a record in a list
	offset  uintptr
	size    uintptr
	typ     reflect.Type
	fact    *checked.Fact
	records []*place // that exist where something is given
	place   *place   // of a record
	inner   []step
	path    string // of the fact
	field   string // in Go

	lowest, beyond int64 // of a number

	number  action  // how a name is read that is a number
	valid   uintptr // where it stands whether there is a value
	convert func(memory.Address) (memory.Address, error)
	any     *dynamic

	none, unknown checked.SlotSpan // of the slots of a fact, and of what is in it
}

// place is where a record is, and what is in it where nothing of it is given.
type place struct {
	at     int // as step.slot
	slots  checked.SlotSpan
	fields []value.Value // where it is in a list
}

// copier is one copying.
type copier struct {
	book     *checked.Book
	question *checked.Question
	arena    *value.Arena  // for lists
	to       []value.Value // its facts
	deferred []deferred
	depth    int // of interfaces in interfaces
	wrong    Refusals
}

// deferred is a fact that is none or not known, or a record that exists, in a
// record that may not: which it does only where something in it is given.
type deferred struct {
	step  *step
	state value.State
	in    []value.Value
}

// fields copies what is at base into the facts, or into the fields of a record that
// is in a list.
func (c *copier) fields(steps []step, base memory.Address, in []value.Value) {
	for i := range steps {
		s := &steps[i]
		c.step(s, base.Add(s.offset), in)
	}
}

// step copies one field.
func (c *copier) step(s *step, p memory.Address, in []value.Value) {
	if in == nil && len(s.records) == 0 && c.quick(s, p) {
		return
	}
	switch s.do {
	case copyThrough:
		if p = p.Follow(); !p.IsNil() {
			c.fields(s.inner, p, in)
		}
	case copyPointer:
		if p = p.Follow(); !p.IsNil() {
			c.step(&s.inner[0], p, in)
		}
	case copyKnown:
		if state := memory.Read[value.State](p); state == value.Known {
			c.step(&s.inner[0], p.Add(s.inner[0].offset), in)
		} else {
			c.lacks(s, state, in)
		}
	case copyNullable:
		if memory.Read[bool](p.Add(s.valid)) {
			c.step(&s.inner[0], p.Add(s.inner[0].offset), in)
		}
	case copyConverted:
		if p = c.converted(s, p); !p.IsNil() {
			c.step(&s.inner[0], p, in)
		}
	case copyAny:
		if held, p, _ := c.held(s, p); held != nil {
			c.depth++
			c.step(held, p, in)
			c.depth--
		}
	case copyTree:
		if n, _ := c.tree(s, p); n != nil {
			if in = c.exist(s.records, in); in == nil {
				c.record(s, n)
			} else if v, given := c.read(s, n); given {
				in[s.slot] = v
			}
		}
	case copyExist:
		c.deferred = append(c.deferred, deferred{s, value.Known, in})
	case copyRecord:
		in = c.exist(s.records, in)
		c.fields(s.inner, p, c.one(s.place, in))
	default:
		switch v, given := c.value(s, p); {
		case !given:
		case v.State != value.Known:
			c.lacks(s, v.State, in)
		default:
			if in = c.exist(s.records, in); in != nil {
				in[s.slot] = v
			} else {
				c.to[s.slot] = v
			}
		}
	}
}

// quick copies the frequent kinds of fields without the way over a Value; false
// where that must be gone.
func (c *copier) quick(s *step, p memory.Address) bool {
	to := &c.to[s.slot]
	switch s.do {
	case copyBool:
		*to = value.Bool(memory.Read[bool](p))
		return true
	case copyMoment:
		t := memory.Read[time.Time](p)
		if sec := t.Unix(); sec >= surelyFrom && sec <= surelyTo {
			*to = value.NumberIn(value.Moment, value.Known, t.UnixNano())
			return true
		}
	case copyWord:
		if i := slices.Index(s.fact.Words.Words, memory.Read[string](p)); i >= 0 {
			*to = value.WordOf(s.fact.Words.Words[i])
			return true
		}
	case copyName:
		if name := memory.Read[string](p); plain(name) && utf8.ValidString(name) {
			*to = value.NameOf(name)
			return true
		}
	case copyInt:
		if n := int64(memory.Read[int](p)); n >= s.lowest && n < s.beyond {
			*to = value.Int(n)
			return true
		}
	case copyDate:
		if d := memory.Read[date.Date](p); d >= firstDay && d <= lastDay {
			*to = value.DateOf(d)
			return true
		}
	}
	return false
}

// exist makes records exist, each in the one before, and is the fields of the
// last: nil where they have slots.
func (c *copier) exist(records []*place, in []value.Value) []value.Value {
	for _, r := range records {
		in = c.one(r, in)
	}
	return in
}

func (c *copier) one(r *place, in []value.Value) []value.Value {
	if in == nil {
		if c.to[r.at].State != value.Known {
			r.slots.Put(c.to)
		}
		return nil
	}
	v := &in[r.at]
	if v.State != value.Known {
		*v = value.RecordOf(c.fresh(r.fields))
	}
	return v.L()
}

// fresh copies the fields of a record in a list, so that they can be written to.
func (c *copier) fresh(fields []value.Value) []value.Value {
	own := c.arena.List(len(fields))
	copy(own, fields)
	for i, v := range own {
		if v.K == value.Record && v.State == value.Known {
			own[i] = value.RecordOf(c.fresh(v.L()))
		}
	}
	return own
}

// lacks notes that a fact is none or not known. Neither makes a record exist.
func (c *copier) lacks(s *step, state value.State, in []value.Value) {
	if len(s.records) > 0 {
		c.deferred = append(c.deferred, deferred{s, state, in})
		return
	}
	c.lack(s, state, in)
}

func (c *copier) lack(s *step, state value.State, in []value.Value) {
	absence, slots := policy.IsUnknown, &s.unknown
	if state == value.None {
		absence, slots = policy.IsNone, &s.none
	}
	if in != nil {
		in[s.slot] = s.fact.Absence(absence)
	} else {
		slots.Put(c.to)
	}
}

// applyDeferred notes what was deferred, now that it is known which records exist.
func (c *copier) applyDeferred(from int) {
	if len(c.deferred) == from {
		return
	}
	for _, x := range c.deferred[from:] {
		if last := len(x.step.records) - 1; x.state == value.Known {
			if in, exist := c.within(x.step.records[:last], x.in); exist {
				c.one(x.step.records[last], in)
			}
		}
	}
	for _, x := range c.deferred[from:] {
		if x.state != value.Known {
			if in, exist := c.within(x.step.records, x.in); exist {
				c.lack(x.step, x.state, in)
			}
		}
	}
	c.deferred = c.deferred[:from]
}

// within are the fields of the last of some records, each in the one before:
// nil where they have slots. False where one does not exist.
func (c *copier) within(records []*place, in []value.Value) ([]value.Value, bool) {
	for _, r := range records {
		switch {
		case in == nil && c.to[r.at].State != value.Known, in != nil && in[r.at].State != value.Known:
			return nil, false
		case in != nil:
			in = in[r.at].L()
		}
	}
	return in, true
}

// plain reports whether a name is short and begins and ends with a letter, as
// most do: there is nothing to trim.
func plain(name string) bool {
	return name != "" && len(name) <= policy.MaxName && letter(name[0]) && letter(name[len(name)-1])
}

func letter(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// value reads a value that lives in one slot or inside a list; given is false
// where the zero of a type says that nobody gave it.
func (c *copier) value(s *step, p memory.Address) (v value.Value, given bool) {
	switch s.do {
	case copyBool:
		return value.Bool(memory.Read[bool](p)), true
	case copyMoment:
		return c.moment(s, memory.Read[time.Time](p))
	case copyDay:
		return c.day(s, memory.Read[time.Time](p))
	case copyDate:
		return c.date(s, memory.Read[date.Date](p))
	case copyMonth:
		m := memory.Read[policy.Month](p)
		if m == (policy.Month{}) {
			return v, false
		}
		c.check(s, checkMonth(m))
		return value.MonthOf(m.Year, m.Month), true
	case copyWord, copyArticle, copyName:
		return c.text(s, memory.Read[string](p))
	case copyList:
		return c.list(s, p)
	case copyElement:
		return c.element(s, p), true
	case copyPointer:
		if p = p.Follow(); p.IsNil() {
			return v, false
		}
		return c.value(&s.inner[0], p)
	case copyKnown:
		if memory.Read[value.State](p) != value.Known {
			return v, false
		}
		return c.value(&s.inner[0], p.Add(s.inner[0].offset))
	case copyNullable:
		if !memory.Read[bool](p.Add(s.valid)) {
			return v, false
		}
		return c.value(&s.inner[0], p.Add(s.inner[0].offset))
	case copyConverted:
		if p = c.converted(s, p); p.IsNil() {
			return v, true
		}
		return c.value(&s.inner[0], p)
	case copyAny:
		held, p, given := c.held(s, p)
		if held == nil {
			return v, given
		}
		c.depth++
		v, given = c.value(held, p)
		c.depth--
		return v, given
	case copyTree:
		n, given := c.tree(s, p)
		if n == nil {
			return v, given
		}
		return c.read(s, n)
	case copyAmount:
		m := memory.Read[policy.Money](p)
		if m == (policy.Money{}) {
			return v, false
		}
		return c.scalar(s, m.String(), true)
	case copyMoney:
		return c.scalar(s, memory.Read[string](p), true)
	case copyNumeral:
		return c.scalar(s, memory.Read[string](p), false)
	case copyID:
		if n := whole(s.number, p); n >= 0 || s.number < copyUint {
			return value.NameOf(strconv.FormatInt(n, 10)), true
		}
		return value.NameOf(strconv.FormatUint(uint64(whole(s.number, p)), 10)), true
	case copyJSON, copyText, copyValuer:
		return c.byMethod(s, p)
	}
	return c.number(s, p)
}

// check refuses a field for what is wrong with it, if anything is.
func (c *copier) check(s *step, wrong *policy.FactError) {
	if wrong != nil {
		c.refuse(s, wrong.Code, wrong.Message, wrong.Remedy)
	}
}

func (c *copier) moment(s *step, t time.Time) (value.Value, bool) {
	if t.IsZero() {
		return value.Value{}, false
	}
	if wrong := checkMoment(t); wrong != nil {
		c.check(s, wrong)
		return value.Value{}, true
	}
	return value.MomentOf(t), true
}

func (c *copier) date(s *step, d date.Date) (value.Value, bool) {
	if d == 0 {
		return value.Value{}, false
	}
	c.check(s, checkDate(d))
	return value.DateOf(d), true
}

// day is the day of a moment in the rulebook's zone.
func (c *copier) day(s *step, t time.Time) (value.Value, bool) {
	if t.IsZero() {
		return value.Value{}, false
	}
	return c.date(s, checked.DateIn(t, c.book.Zone))
}

func (c *copier) number(s *step, p memory.Address) (value.Value, bool) {
	n := whole(s.do, p)
	if n < 0 && (s.do == copyUint || s.do == copyUint64) {
		c.check(s, numberOutOfRange(s.fact, strconv.FormatUint(uint64(n), 10)))
		return value.Value{}, true
	}
	if n == 0 && s.fact.TypeName == "year" {
		return value.Value{}, false
	}
	c.check(s, checkNumber(s.fact, n))
	return value.Int(n), true
}

// whole is the bits of a whole number.
func whole(do action, p memory.Address) int64 {
	switch do {
	case copyInt:
		return int64(memory.Read[int](p))
	case copyInt8:
		return int64(memory.Read[int8](p))
	case copyInt16:
		return int64(memory.Read[int16](p))
	case copyInt32:
		return int64(memory.Read[int32](p))
	case copyInt64:
		return memory.Read[int64](p)
	case copyUint:
		return int64(memory.Read[uint](p))
	case copyUint8:
		return int64(memory.Read[uint8](p))
	case copyUint16:
		return int64(memory.Read[uint16](p))
	case copyUint32:
		return int64(memory.Read[uint32](p))
	}
	return int64(memory.Read[uint64](p))
}

func (c *copier) text(s *step, text string) (value.Value, bool) {
	if text == "" && s.fact.TypeName != "text" {
		return value.Value{}, false
	}
	if !utf8.ValidString(text) {
		return c.refuseNotUTF8(s, text)
	}
	if s.do == copyName && s.fact.TypeName != "text" && strings.TrimSpace(text) == "" {
		return value.Value{}, false
	}
	v, err := ParseScalar(s.fact, text, true, c.book)
	var refused *policy.FactError
	if errors.As(err, &refused) {
		c.check(s, refused)
	}
	return v, true
}

// refuseNotUTF8 refuses text that is not UTF-8: written as JSON, or shown, other text
// of the kind would look the same.
func (c *copier) refuseNotUTF8(s *step, text string) (value.Value, bool) {
	c.refuse(s, "not_utf8", diagnostic.Textf("%q 不是 UTF-8 文本", "%q is not UTF-8 text", text), encodeAsUTF8)
	return value.Value{}, true
}

func (c *copier) list(s *step, p memory.Address) (value.Value, bool) {
	items, n := p.Slice()
	if items.IsNil() {
		return value.Value{}, false
	}
	if wrong := checkLength(n); wrong != nil {
		c.check(s, wrong)
		return value.Value{}, true
	}
	if n == 0 {
		return value.ListOf(nil), true
	}
	in := &s.inner[0]
	list := c.arena.List(n)
	for i := range list {
		before := len(c.wrong.list)
		v, given := c.value(in, items.Add(uintptr(i)*in.size))
		if !given {
			c.check(in, emptyItem())
		}
		c.wrong.inItem(before, s.path, i)
		list[i] = v
	}
	if n == 1 || len(c.wrong.list) > 0 {
		return value.ListOf(list), true
	}
	if !s.fact.Ordered && s.fact.Elem.Typ.Kind != value.Record {
		slices.SortStableFunc(list, func(a, b value.Value) int { return strings.Compare(a.Text(time.UTC), b.Text(time.UTC)) })
		return value.ListOf(list), true
	}
	return canonical(s.fact, list), true
}

// element reads a struct that is an element of a list.
func (c *copier) element(s *step, p memory.Address) value.Value {
	fields, from := c.fresh(s.place.fields), len(c.deferred)
	c.fields(s.inner, p, fields)
	c.applyDeferred(from)
	return value.RecordOf(fields)
}

func (c *copier) refuse(s *step, code string, message, remedy policy.Text) {
	c.wrong.add(policy.NewFactError(code, s.path, policy.Text{
		ZH: message.ZH + "（字段 " + s.field + "）", EN: message.EN + " (field " + s.field + ")",
	}, remedy))
}

// Fill copies what p points to into the slots of the facts. Errors are a
// *FactError that names fact and field, or FactErrors where there are several.
func (b *Binding) Fill(facts []value.Value, arena *value.Arena, p memory.Address) error {
	if b.pointer && !p.IsNil() {
		p = p.Follow()
	}
	if p.IsNil() {
		return policy.NewFactError("nothing_given", "", diagnostic.Textf("指针是空的", "the pointer is nil"), diagnostic.Textf("给出一个值", "give a value"))
	}
	copy(facts, b.facts)
	c := copier{book: b.book, question: b.question, arena: arena, to: facts}
	c.fields(b.steps, p, nil)
	c.applyDeferred(0)
	return c.wrong.Err()
}
