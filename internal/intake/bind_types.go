package intake

import (
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// This file reads fields of the types that other packages made: nullable
// columns, identifiers, decimals, whatever an interface holds.

// Conversion makes values of one Go type into those of another that can be
// bound. See [Convert].
type Conversion struct {
	from, to reflect.Type
	call     func(memory.Address) (memory.Address, error)
}

// Convert makes fields of type T bindable where they are not by themselves, or
// not as they should be: F is any type that can be bound, such as int64, *int64
// or [Known] where the fact may be missing. What f fails with is the refusal of
// the fact. Without a function there is no conversion, and binding is refused.
func Convert[T, F any](f func(T) (F, error)) Conversion {
	if f == nil {
		return Conversion{from: reflect.TypeFor[T](), to: reflect.TypeFor[F]()}
	}
	return Conversion{reflect.TypeFor[T](), reflect.TypeFor[F](), func(p memory.Address) (memory.Address, error) {
		v, err := f(memory.Read[T](p))
		return memory.Of(&v), err
	}}
}

var (
	valuerType = reflect.TypeFor[driver.Valuer]()
	numberType = reflect.TypeFor[json.Number]()
)

// isTime reports whether a Go type is time.Time, or one of that kind.
func isTime(t reflect.Type) bool { return t.Kind() == reflect.Struct && t.ConvertibleTo(timeType) }

// isNullable reports whether a Go type is one of package database/sql that may be
// null: a value, and whether it is valid.
func isNullable(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && t.Kind() == reflect.Struct && t.NumField() == 2 && t.Field(1).Name == "Valid" && t.Field(1).Type.Kind() == reflect.Bool
}

func has(t, method reflect.Type) bool {
	return t.Implements(method) || reflect.PointerTo(t).Implements(method)
}

// foreign is how a type is read by its own methods, as package json would write
// it, if it is: plain says that it can be read without.
func foreign(t reflect.Type, f *checked.Fact, plain bool) (action, bool) {
	textual := f.Typ.Kind != value.YesNo && f.Typ.Kind != value.Count
	switch {
	case f.Typ.Kind == value.List || f.Typ.Kind == value.Record:
		return 0, false
	case has(t, marshalerType):
		switch first := writes(t); {
		case first == 0, first == 'n':
			return copyJSON, true
		case first == '"':
			return copyJSON, textual
		case first == '-' || first >= '0' && first <= '9':
			return copyJSON, f.Typ.Kind == value.Count || f.Typ.Kind == value.Name || f.Typ.Kind == value.Money
		case first == 't' || first == 'f':
			return copyJSON, f.Typ.Kind == value.YesNo
		}
		return 0, false
	case has(t, textMarshalerType):
		return copyText, textual
	case !plain && has(t, valuerType):
		return copyValuer, true
	}
	return 0, false
}

// writes is the first byte of the zero value in JSON; 0 where it has none.
func writes(t reflect.Type) (first byte) {
	defer func() {
		if recover() != nil { // the zero value is no value of that type
			first = 0
		}
	}()
	data, err := json.Marshal(reflect.New(t).Interface())
	if err != nil || len(data) == 0 {
		return 0
	}
	return data[0]
}

// readAsJSON are the types of values in an interface that are read as JSON writes
// them, though a field of the type would not be.
func readAsJSON(t reflect.Type, f *checked.Fact) (action, bool) {
	switch t.Kind() {
	case reflect.String, reflect.Float32, reflect.Float64:
		return copyJSON, f.Typ.Kind != value.List && f.Typ.Kind != value.Record
	case reflect.Map:
		return copyTree, f.Typ.Kind == value.Record
	}
	return 0, false
}

// dynamic are the steps of the types that an interface has held.
type dynamic struct {
	book     *checked.Book
	question *checked.Question
	convert  map[reflect.Type]Conversion
	spot     spot
	steps    sync.Map // reflect.Type to *step, or to the *Mismatch that says why not
}

func (d *dynamic) step(t reflect.Type) (*step, *policy.Mismatch) {
	found, ok := d.steps.Load(t)
	if !ok {
		b := newBinderOf(d.book, d.question, "")
		b.conversions, b.asJSON = d.convert, true
		s, _ := b.step(t, d.spot)
		b.finish()
		found = &s
		if len(b.failed) > 0 {
			found = &b.failed[0]
		}
		d.steps.Store(t, found)
	}
	s, _ := found.(*step)
	m, _ := found.(*policy.Mismatch)
	return s, m
}

// own is a pointer to a copy of a field, for methods of others.
func (s *step) own(p memory.Address) reflect.Value {
	return p.Copy(s.typ)
}

// held is the step of what an interface holds, and a copy of that; nil where it
// holds nothing, or what is refused, which is then given.
func (c *copier) held(s *step, p memory.Address) (in *step, held memory.Address, given bool) {
	v := s.own(p).Elem()
	if v.IsNil() {
		return nil, memory.Address{}, false
	}
	if c.depth > policy.MaxDepth {
		c.refuse(s, "too_deep", diagnostic.Textf("嵌套超过 %d 层", "nested more than %d deep", policy.MaxDepth), diagnostic.Textf("减少嵌套", "nest less"))
		return nil, memory.Address{}, true
	}
	v = v.Elem()
	in, wrong := s.any.step(v.Type())
	if wrong != nil {
		c.refuse(s, "wrong_type", wrong.Message, wrong.Remedy)
		return nil, memory.Address{}, true
	}
	own := reflect.New(v.Type())
	own.Elem().Set(v)
	return in, memory.OfValue(own), true
}

// converted is what a field is converted to; nil where that failed.
func (c *copier) converted(s *step, p memory.Address) memory.Address {
	p, err := s.convert(p.Hidden())
	if err != nil {
		c.refuse(s, "not_converted", diagnostic.Textf("不能转换：%v", "it cannot be converted: %v", err), diagnostic.Textf("给出可以转换的值", "give a value that can be"))
		return memory.Address{}
	}
	return p
}

// byMethod reads a field by a method of its type.
func (c *copier) byMethod(s *step, p memory.Address) (value.Value, bool) {
	own := s.own(p)
	if zero, ok := own.Interface().(interface{ IsZero() bool }); ok && zero.IsZero() {
		switch s.fact.Typ.Kind {
		case value.Moment, value.Date, value.Month:
			return value.Value{}, false
		}
	}
	switch s.do {
	case copyJSON:
		data, err := json.Marshal(own.Interface())
		if err != nil {
			return c.failed(s, err)
		}
		return c.written(s, data)
	case copyText:
		text, err := own.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return c.failed(s, err)
		}
		return c.scalar(s, string(text), true)
	}
	v, err := own.Interface().(driver.Valuer).Value()
	if err != nil {
		return c.failed(s, err)
	}
	switch v := v.(type) {
	case nil:
		return value.Value{}, false
	case time.Time:
		switch s.fact.Typ.Kind {
		case value.Moment:
			return c.moment(s, v)
		case value.Date:
			return c.day(s, v)
		}
		return c.scalar(s, v.Format(time.RFC3339Nano), true)
	case []byte:
		return c.scalar(s, string(v), true)
	case string:
		return c.scalar(s, v, true)
	case int64:
		return c.scalar(s, strconv.FormatInt(v, 10), false)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return c.failed(s, err)
	}
	return c.written(s, data)
}

func (c *copier) failed(s *step, err error) (value.Value, bool) {
	c.refuse(s, "wrong_type", diagnostic.Textf("%[1]s 的值读不出：%[2]v", "the %[1]s does not give its value: %[2]v", s.typ, err), convertLine(s.typ, s.fact))
	return value.Value{}, true
}

// tree is what a map writes of itself as JSON; nil where that is nothing, or
// refused, which is then given.
func (c *copier) tree(s *step, p memory.Address) (r *Reader, given bool) {
	own := s.own(p)
	data, err := json.Marshal(own.Interface())
	if err == nil {
		var wrong Refusals
		refuseUnfaithful(own, s.path, nil, &wrong)
		for _, e := range wrong.list {
			in := *s
			in.path = e.Fact
			c.refuse(&in, e.Code, e.Message, e.Remedy)
		}
		if len(wrong.list) > 0 {
			return nil, true
		}
		r, err = c.json(s, data)
	}
	if err != nil {
		c.failed(s, err)
		return nil, true
	}
	if r.tokens[0].kind == source.Empty {
		return nil, false
	}
	return r, true
}

// json is a reader of JSON that a type writes of itself as the fact.
func (c *copier) json(s *step, data []byte) (*Reader, error) {
	r := c.reader(s)
	r.ReadJSON(data)
	return r, r.Finish()
}

func (c *copier) reader(s *step) *Reader {
	return &Reader{book: c.book, question: c.question, of: s.path}
}

// record reads a record that is a map into its slots.
func (c *copier) record(s *step, r *Reader) {
	r.slots = make([]value.Value, len(c.to))
	if r.put(s.fact, 0); len(r.Wrong.list) > 0 {
		c.refuseAs(s, r.Wrong.list)
		return
	}
	copy(c.to[s.fact.Slot:s.fact.End()], r.slots[s.fact.Slot:])
}

// refuseAs refuses a field for what its JSON is refused for.
func (c *copier) refuseAs(s *step, wrong []*policy.FactError) {
	for _, refused := range wrong {
		if refused.Code == "wrong_type" || refused.Code == source.CodeNotAnInteger {
			refused.Remedy = convertLine(s.typ, s.fact)
		}
		at := *s
		at.path = refused.Fact
		c.refuse(&at, refused.Code, refused.Message, refused.Remedy)
	}
}

// scalar reads a single value that is written as in JSON.
func (c *copier) scalar(s *step, text string, quoted bool) (value.Value, bool) {
	if !utf8.ValidString(text) {
		return c.refuseNotUTF8(s, text)
	}
	r := c.reader(s)
	r.Scalar(text, quoted)
	return c.read(s, r)
}

// written reads the JSON that a type writes of itself.
func (c *copier) written(s *step, data []byte) (value.Value, bool) {
	r, err := c.json(s, data)
	if err != nil {
		return c.failed(s, err)
	}
	return c.read(s, r)
}

// read reads a value that lives in one slot or inside a list.
func (c *copier) read(s *step, r *Reader) (value.Value, bool) {
	switch root := r.tokens[0]; {
	case root.kind == source.Empty:
		return value.Value{}, false
	case root.kind == source.Scalar && strings.TrimSpace(root.text) == "" && s.fact.TypeName != "text":
		return value.Value{}, false
	}
	v := r.value(s.fact, 0)
	c.refuseAs(s, r.Wrong.list)
	return v, true
}

// convertLine says how a type that cannot be bound is made one that can be.
func convertLine(t reflect.Type, f *checked.Fact) policy.Text {
	return diagnostic.Textf("用 rulebook.Convert(func(x %[1]s) (%[2]s, error) { … })", "bind with rulebook.Convert(func(x %[1]s) (%[2]s, error) { … })", t, goType(f))
}

// goType is the Go type that a fact is best copied from.
func goType(f *checked.Fact) string {
	switch f.Typ.Kind {
	case value.List:
		return "[]" + goType(f.Elem)
	case value.Record:
		return "struct{ … }"
	}
	return takes[f.Typ.Kind]
}

// line is the line of Go that binds a fact.
func (x spot) line(goType string) string {
	if x.column {
		return fmt.Sprintf("%q: []%s{ … }", x.tag, goType)
	}
	return fmt.Sprintf("%s %s `%s:%q`", strings.TrimRight(x.field[strings.LastIndexByte(x.field, '.')+1:], "[]"), goType, policy.Tag, x.tag)
}
