package policy

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/value"
)

// Kind is the kind of data that a value of an answer holds.
type Kind string

// Kinds of values, and the Go type of their data in [Value.Data].
const (
	KindYesNo    Kind = "yes_no"   // bool
	KindCount    Kind = "count"    // int64: any whole number, such as a count, an amount or a year
	KindRatio    Kind = "ratio"    // Ratio
	KindDuration Kind = "duration" // time.Duration
	KindMoment   Kind = "moment"   // time.Time, in the rulebook's zone
	KindDate     Kind = "date"     // date.Date
	KindMonth    Kind = "month"    // Month
	KindWord     Kind = "word"     // string, of a closed list: Value.Words
	KindName     Kind = "name"     // string, anything
	KindArticle  Kind = "article"  // string, the id of an article
	KindList     Kind = "list"     // []string for a list of words, names or articles; what there is of any list is in Value.Items
	KindRecord   Kind = "record"   // nil: what there is is in Value.Fields
	KindMap      Kind = "map"      // nil: what there is is in Value.Fields, named by keys that come from the facts
	KindAny      Kind = "any"      // of another kind under another reading or at another date; a Value has the kind that it has
)

// Ratio is an exact fraction, as it was counted and not reduced. Den is
// positive.
type Ratio struct{ Num, Den int64 }

// String is "4/4003".
func (r Ratio) String() string {
	return strconv.FormatInt(r.Num, 10) + "/" + strconv.FormatInt(r.Den, 10)
}

// MarshalText is String.
func (r Ratio) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Word is a word of a closed list, with its label.
type Word struct {
	Word  string `json:"word"`
	Label Text   `json:"label"`
}

// Value is a value of an answer, or a part of one, as data. It is a copy:
// nothing that is done to it reaches the answer or another one.
type Value struct {
	Name  string // as in the rulebook; the key, in a map; "" of an item of a list
	Label Text   // zero where there is none, as of an item of a list
	Unit  Text   // of a number; zero where the rulebook names none
	Kind  Kind
	State State

	// Data is the value as a Go type: see the kinds. It is nil where the value
	// is not known.
	Data any

	// Items are those of a known list, Fields those of a known record or map, in
	// their order.
	Items  []Value
	Fields []Value

	of  *ValueType
	raw value.Value
	typ *value.Type
	in  *Rulebook
	own *WordList // the list that the rulebook names for its words
}

// Words are the words that the value, or each item of the list, may be, with
// their labels; nil where these are not words of a closed list.
func (v Value) Words() []Word {
	t := v.of
	if t != nil && t.Kind == KindList {
		t = t.Elem
	}
	if t == nil {
		return nil
	}
	return slices.Clone(t.Words)
}

// Field is the field of a record, or the entry of a map, with the name; false
// where there is none.
func (v Value) Field(name string) (Value, bool) {
	for _, f := range v.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Value{}, false
}

// Show is the value as a person reads it, words by their labels; "" where it
// is not known, of a record, and of a map.
func (v Value) Show(lang string) string {
	if v.State != StateKnown || v.in == nil || v.Kind == KindRecord || v.Kind == KindMap {
		return ""
	}
	return v.in.show(v.raw, v.typ, v.own, lang)
}

// AppendJSON appends what the JSON of the answer has for the value to dst and
// returns the longer slice: null where it is not known, or where no answer gave
// it.
func (v Value) AppendJSON(dst []byte) []byte {
	w := &jsonWriter{b: dst}
	w.data(v)
	return w.b
}

// String is the value for a person who debugs: its name and its JSON.
func (v Value) String() string { return v.Name + ": " + string(v.AppendJSON(nil)) }

// MarshalJSON is AppendJSON to an empty slice.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

func (w *jsonWriter) data(v Value) {
	switch {
	case v.State != StateKnown, v.in == nil:
		w.raw("null")
	case v.Kind == KindRecord || v.Kind == KindMap:
		w.open('{')
		for _, f := range v.Fields {
			w.key(f.Name).data(f)
		}
		w.close('}')
	case v.Kind == KindList:
		w.open('[')
		for _, item := range v.Items {
			w.item().data(item)
		}
		w.close(']')
	default:
		w.value(v.raw, v.typ, v.in.Zone)
	}
	w.comma = true
}

// Values are the values of the answer, in the order of the rulebook; none with
// an Error.
func (a *Answer) Values() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		all := a.kept.values(a)
		came := func(number int) value.Value { return all[number] }
		for _, f := range a.compiledValues() {
			if !yield(a.value(f, came)) {
				return
			}
		}
	}
}

// Value is the value under a name ("due_date", or dotted for a field of a
// record); false where the answer has none: no answer of the question does, or
// the record that it is a field of is not known or does not exist.
// [Answer.State] tells these apart.
func (a *Answer) Value(name string) (Value, bool) {
	list := a.compiledValues()
	for {
		head, rest, more := strings.Cut(name, ".")
		i := slices.IndexFunc(list, func(f *compiledValue) bool { return f.Name == head })
		switch {
		case i < 0:
			return Value{}, false
		case !more:
			return a.value(list[i], a.kept.value), true
		case !a.exists(list[i]):
			return Value{}, false
		}
		name, list = rest, list[i].fields
	}
}

// values are what all values of the answer's edition came to, by number.
func (k kept) values(a *Answer) []value.Value {
	if k.ed == nil || a.of.blank {
		return nil
	}
	all := make([]value.Value, len(k.ed.valueSlots))
	for i := range all {
		all[i] = k.text.Next()
	}
	return all
}

// value is a value as data; came says what the value of a number came to.
func (a *Answer) value(f *compiledValue, came func(number int) value.Value) Value {
	v := Value{Name: f.Name, Label: f.Label, Unit: f.Unit, of: f.Type, in: a.kept.ed.book, own: f.Words}
	v.Kind = v.of.Kind
	switch {
	case a.of.blank:
		v.State = StateUnknown
		if a.of.verdict == NotInScope {
			v.State = StateNone
		}
	case f.when != nil && !came(f.keptWhen).True():
		v.State = stateOf(came(f.keptWhen), StateNone)
	case f.is == nil && len(f.fields) == 0: // a reading says that there is none
		v.State = StateNone
	case f.is != nil && f.Keyed:
		v.entries(came(f.kept), f.typ)
	case f.is != nil:
		v.fill(came(f.kept), f.typ)
	default:
		v.State = StateKnown
		for _, x := range f.fields {
			v.Fields = append(v.Fields, a.value(x, came))
		}
	}
	return v
}

// entries makes it the map that a list of two-field records is written as.
func (v *Value) entries(list value.Value, t *value.Type) {
	if v.State = stateOf(list, StateKnown); v.State != StateKnown {
		return
	}
	for _, e := range list.L() {
		if len(e.L()) == 2 {
			x := v.part(v.of.Elem)
			x.Name = e.L()[0].S()
			x.fill(e.L()[1], t.Elem.Fields[1].Type)
			v.Fields = append(v.Fields, x)
		}
	}
}

// part is a part of the value of which nothing is known yet.
func (v *Value) part(of *ValueType) Value {
	x := Value{of: of, in: v.in, own: v.own}
	if of != nil {
		x.Kind = of.Kind
	}
	return x
}

// fill says what the value came to.
func (v *Value) fill(raw value.Value, t *value.Type) {
	v.raw, v.typ = raw, t
	if v.State = stateOf(raw, StateKnown); v.State != StateKnown {
		return
	}
	if v.of == nil || v.of.Kind == KindAny {
		v.Kind = kindOf(raw.K)
	}
	switch raw.K {
	case value.YesNo:
		v.Data = raw.N != 0
	case value.Count:
		v.Data = raw.N
		if v.Kind == KindRatio { // it came to a whole number
			v.Data = Ratio{raw.N, 1}
		}
	case value.Ratio:
		v.Data = Ratio{raw.N, raw.D}
	case value.Duration:
		v.Data = time.Duration(raw.N)
	case value.Moment:
		v.Data = raw.Time(v.in.Zone)
	case value.Date:
		v.Data = raw.Date()
	case value.Month:
		year, month := raw.YearMonth()
		v.Data = Month{year, month}
	case value.Word, value.Name, value.Article:
		v.Data = strings.Clone(raw.S())
	case value.List:
		v.fillItems(raw, t)
	case value.Record:
		v.fillFields(raw, t)
	}
}

func (v *Value) fillItems(raw value.Value, t *value.Type) {
	texts := make([]string, 0, len(raw.L()))
	var each *ValueType
	if v.of != nil {
		each = v.of.Elem
	}
	for _, e := range raw.L() {
		item := v.part(each)
		item.fill(e, elem(t))
		v.Items = append(v.Items, item)
		if text, ok := item.Data.(string); ok {
			texts = append(texts, text)
		}
	}
	if len(texts) == len(v.Items) && (len(texts) > 0 || each == nil || each.isText()) {
		v.Data = texts
	}
}

func (v *Value) fillFields(raw value.Value, t *value.Type) {
	if t == nil {
		return
	}
	for i, e := range raw.L() {
		if i >= len(t.Fields) {
			return
		}
		name := t.Fields[i].Name
		x := v.part(nil)
		if d := v.of.field(name); d != nil {
			x = v.part(d.Type)
			x.Label, x.Unit = d.Label, d.Unit
		}
		x.Name = name
		x.fill(e, t.Fields[i].Type)
		v.Fields = append(v.Fields, x)
	}
}

// show is a known value as a person reads it, with the words of the list that
// the rulebook names for it, if there is one.
func (b *Rulebook) show(v value.Value, t *value.Type, own *WordList, lang string) string {
	label := func(v value.Value, t *value.Type) string {
		if own != nil && v.K == value.Word {
			if l, ok := own.Labels[v.S()]; ok {
				return l.In(lang)
			}
		}
		return b.displayAs(v, t, lang)
	}
	switch v.K {
	case value.List:
	case value.Word:
		return label(v, nil)
	default:
		return b.displayAs(v, t, lang)
	}
	parts := make([]string, len(v.L()))
	for i, e := range v.L() {
		parts[i] = label(e, elem(t))
	}
	return strings.Join(parts, Text{ZH: "、", EN: ", "}.In(lang))
}
