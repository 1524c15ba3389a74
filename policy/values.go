package policy

import (
	"slices"
	"strconv"

	"github.com/servicerules/rulebook/internal/jsontext"
)

// Kind is the kind of data that a value of an answer holds.
type Kind string

// Kinds of values, and the Go type of their data in [Value.Data].
const (
	KindYesNo    Kind = "yes_no"   // bool
	KindCount    Kind = "count"    // int64: any whole number, such as a count, an amount or a year
	KindRatio    Kind = "ratio"    // Ratio
	KindMoney    Kind = "money"    // Money
	KindDuration Kind = "duration" // time.Duration
	KindMoment   Kind = "moment"   // time.Time, in the rulebook's zone or, of a clock, its calendar's
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

	words []Word // that it, or each item of the list, may be
	shown Text   // its data as a person reads it
	json  string // and as answers write it
}

// NewValue is the value with the words that it may be, and with its data, where
// it has no parts, as a person reads it and as answers write it. It is for the
// engine.
func NewValue(v Value, words []Word, shown Text, json string) Value {
	v.words, v.shown, v.json = words, shown, json
	return v
}

// Words are the words that the value, or each item of the list, may be, with
// their labels; nil where these are not words of a closed list.
func (v Value) Words() []Word { return slices.Clone(v.words) }

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
	if v.Kind == KindRecord || v.Kind == KindMap {
		return ""
	}
	return v.shown.In(lang)
}

// AppendJSON appends what the JSON of the answer has for the value to dst and
// returns the longer slice: null where it is not known, or where no answer gave
// it.
func (v Value) AppendJSON(dst []byte) []byte {
	w := &jsonWriter{jsontext.Writer{B: dst}, nil}
	w.data(v)
	return w.B
}

// String is the value for a person who debugs: its name and its JSON.
func (v Value) String() string { return v.Name + ": " + string(v.AppendJSON(nil)) }

// MarshalJSON is AppendJSON to an empty slice.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

func (w *jsonWriter) data(v Value) {
	switch {
	case v.State != StateKnown, v.json == "" && len(v.Fields)+len(v.Items) == 0 && v.Kind != KindRecord && v.Kind != KindMap:
		w.Raw("null")
	case v.Kind == KindRecord || v.Kind == KindMap:
		w.Open('{')
		for _, f := range v.Fields {
			w.Key(f.Name).B = f.AppendJSON(w.B)
		}
		w.Close('}')
	case v.Kind == KindList:
		w.Open('[')
		for _, item := range v.Items {
			w.Item().B = item.AppendJSON(w.B)
		}
		w.Close(']')
	default:
		w.Raw(v.json)
	}
}
