package value

import (
	"cmp"
	"slices"
	"strings"
)

// Words is a closed list of words, with a name where it is shared.
type Words struct {
	Name string
	Each []string // in declared order
	// Engine are those of them that a kind of rule has of its own, such as the
	// statuses of clocks: the engine has labels for them.
	Engine []string
	// Labels are those of each word in the languages of the rulebook; nil where
	// they are not known.
	Labels map[string][]string
}

// Called is the word that a text is the label of, or that alone has a label which
// begins with it; "" for none.
func (w *Words) Called(text string) string {
	begun, several := "", false
	for _, word := range w.Each {
		for _, label := range w.Labels[word] {
			switch {
			case text == "":
			case label == text:
				return word
			case strings.HasPrefix(label, text) && begun != word:
				begun, several = word, begun != ""
			}
		}
	}
	if several {
		return ""
	}
	return begun
}

// Index is the place of word in the list, or -1.
func (w *Words) Index(word string) int {
	for i, e := range w.Each {
		if e == word {
			return i
		}
	}
	return -1
}

// With is the list with the words of another that it lacks behind its own.
func (w *Words) With(more *Words) *Words {
	return &Words{Name: w.Name, Each: withAll(w.Each, more.Each), Engine: withAll(w.Engine, more.Engine)}
}

func withAll(a, b []string) []string {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

// Type is the declared type of a fact, a field or a rule's output.
type Type struct {
	Kind   Kind
	Words  *Words  // of a Word
	Elem   *Type   // of a List
	Fields []Field // of a Record
	// In is the currency of Money, or of a Part of money, where it is known
	// from the declaration; the zero Currency leaves it open.
	In Currency
	Of Kind // of a Part: Money or Duration
	// Counted says of a Ratio that it is so many of so many, and is told so: 99/100.
	Counted bool
}

// Field is a named part of a record.
type Field struct {
	Name string
	Type *Type
	// MayBeNone says that the field of a record that is there may be none.
	MayBeNone bool
}

// Field finds a field of a record type by name.
func (t *Type) Field(name string) (index int, typ *Type) {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return i, t.Fields[i].Type
		}
	}
	return -1, nil
}

// String names the type as error messages do.
func (t *Type) String() string {
	if t == nil {
		return "none"
	}
	switch t.Kind {
	case List:
		return "list of " + t.Elem.String()
	default:
		return t.Kind.String()
	}
}

var kindNames = [...]string{
	Invalid: "invalid", YesNo: "yes/no", Count: "count", Ratio: "ratio", Duration: "duration",
	Moment: "moment", Date: "date", Month: "month", Word: "word", Name: "name", Article: "article",
	List: "list", Record: "record", Money: "money", Part: "part",
}

// String is the kind's name in rules.yaml and in messages.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// ItemType is the type of the items of a list; nil where it is not known.
func (t *Type) ItemType() *Type {
	if t == nil {
		return nil
	}
	return t.Elem
}

// AmountOf is a number of minor units where the type is money, of its currency or,
// where it has none, of that which is given; else the number.
func (t *Type) AmountOf(n int64, in Currency) Value {
	if t.Kind == Money {
		return MoneyOf(n, cmp.Or(t.In, in))
	}
	return Int(n)
}
