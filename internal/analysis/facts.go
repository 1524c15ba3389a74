package analysis

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// none has a record, with all that is in it, not exist.
func none(facts []value.Value, f *checked.Fact) {
	facts[f.Slot] = value.NoneOf(f.Typ.Kind)
	for _, x := range f.Fields {
		none(facts, x)
	}
}

// completions are the facts with all that is not known filled in, in several ways.
func (s *study) completions(facts []value.Value) [][]value.Value {
	var all [][]value.Value
	for which := range 3 {
		full := slices.Clone(facts)
		for _, f := range s.q.Layout.Placed {
			s.fill(full, f, which)
		}
		s.fillAsOf(full)
		all = append(all, full)
	}
	return all
}

func (s *study) fill(facts []value.Value, f *checked.Fact, which int) {
	v := facts[f.Slot]
	switch {
	case f.Typ.Kind == value.Record:
		if v.IsUnknown() {
			if which == 0 && mayBeNone(f) && !someKnown(facts, f.Fields) {
				none(facts, f)
				return
			}
			facts[f.Slot] = value.In(value.Record, value.Known)
		}
		if facts[f.Slot].IsNone() {
			return
		}
		for _, x := range f.Fields {
			s.fill(facts, x, which)
		}
	case v.IsUnknown():
		facts[f.Slot] = s.plain(f, which)
	case f.Typ.Kind == value.List:
		facts[f.Slot] = s.fillList(f, v, which)
	}
}

func someKnown(facts []value.Value, fields []*checked.Fact) bool {
	return slices.ContainsFunc(fields, func(f *checked.Fact) bool {
		return facts[f.Slot].IsKnown() || someKnown(facts, f.Fields)
	})
}

func (s *study) fillList(f *checked.Fact, v value.Value, which int) value.Value {
	if f.Elem == nil || len(v.L()) == 0 {
		return v
	}
	list := slices.Clone(v.L())
	for i, e := range list {
		switch {
		case e.IsUnknown():
			list[i] = s.plain(f.Elem, which)
		case e.K == value.Record:
			fields := slices.Clone(e.L())
			for k, x := range fields {
				if x.IsUnknown() && k < len(f.Elem.Fields) {
					fields[k] = s.plain(f.Elem.Fields[k], which)
				}
			}
			list[i] = value.RecordOf(fields)
			list[i].N = e.N
		}
	}
	return value.ListOf(list)
}

// fillAsOf asks after all that has happened.
func (s *study) fillAsOf(facts []value.Value) {
	at := s.q.Layout.AsOf
	if facts[at].IsKnown() {
		return
	}
	last := s.base.Add(time.Hour).UnixNano()
	var see func(v value.Value)
	see = func(v value.Value) {
		switch {
		case !v.IsKnown():
		case v.K == value.Moment:
			last = max(last, v.N+int64(time.Hour))
		case v.K == value.Date:
			y, m, d := v.Date().Date()
			last = max(last, time.Date(y, m, d, 12, 0, 0, 0, s.book.Zone).UnixNano())
		case v.K == value.List || v.K == value.Record:
			for _, x := range v.L() {
				see(x)
			}
		}
	}
	for _, v := range facts {
		see(v)
	}
	facts[at] = value.NumberIn(value.Moment, value.Known, last)
}

// asked are facts as a person gives them, with what the engine answers.
type asked struct {
	JSON   json.RawMessage
	Facts  []value.Value // as the engine reads them
	Answer *policy.Answer
}

// ask asks the engine with facts; nil where it refuses them.
func (s *study) ask(e *run.Engine, facts []value.Value) *asked {
	text := s.json(facts)
	checked, err := e.Check(s.q.ID, []byte(text))
	if err != nil {
		return nil
	}
	answer, err := e.Ask(checked, time.Time{})
	if err != nil {
		return nil
	}
	return &asked{text, run.Slots(checked), answer}
}

// json is facts as they are given, as_of among them.
func (s *study) json(facts []value.Value) json.RawMessage {
	var b []byte
	b = append(b, '{')
	add := func(name string, f *checked.Fact) {
		v, given := s.factJSON(facts, f)
		if !given {
			return
		}
		if len(b) > 1 {
			b = append(b, ", "...)
		}
		key, _ := json.Marshal(name)
		b = append(append(append(b, key...), ": "...), v...)
	}
	for i, f := range s.q.Layout.Placed {
		add(s.q.Facts[i].Name, f)
	}
	add("as_of", s.facts[s.q.Layout.AsOf])
	return append(b, '}')
}

// factJSON is a fact as it is given; false where it is left out.
func (s *study) factJSON(facts []value.Value, f *checked.Fact) ([]byte, bool) {
	v := facts[f.Slot]
	if f.Typ.Kind != value.Record || !v.IsKnown() {
		return s.valueJSON(v, f)
	}
	b := []byte{'{'}
	for _, x := range f.Fields {
		b = s.field(b, x, func() ([]byte, bool) { return s.factJSON(facts, x) })
	}
	return append(b, '}'), true
}

func (s *study) field(b []byte, f *checked.Fact, text func() ([]byte, bool)) []byte {
	v, given := text()
	if !given {
		return b
	}
	if len(b) > 1 {
		b = append(b, ", "...)
	}
	key, _ := json.Marshal(f.Name)
	return append(append(append(b, key...), ": "...), v...)
}

// valueJSON is a value of a fact, outside of slots of its own.
func (s *study) valueJSON(v value.Value, f *checked.Fact) ([]byte, bool) {
	switch {
	case v.IsNone():
		return []byte("null"), f.Absent != policy.IsNone
	case v.IsUnknown():
		return []byte("null"), f.Absent != policy.IsUnknown && f.Null == policy.IsUnknown
	case v.K == value.List:
		b := []byte{'['}
		for i, e := range v.L() {
			if i > 0 {
				b = append(b, ", "...)
			}
			x, given := s.valueJSON(e, f.Elem)
			if !given {
				x = []byte("null")
			}
			b = append(b, x...)
		}
		return append(b, ']'), true
	case v.K == value.Record:
		b := []byte{'{'}
		for i, e := range v.L() {
			if i < len(f.Fields) {
				b = s.field(b, f.Fields[i], func() ([]byte, bool) { return s.valueJSON(e, f.Fields[i]) })
			}
		}
		return append(b, '}'), true
	}
	return v.AppendJSON(nil, f.Typ, s.book.Zone), true
}
