package checked

import (
	"slices"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

var kinds = map[value.Kind]policy.Kind{
	value.YesNo: policy.KindYesNo, value.Count: policy.KindCount, value.Ratio: policy.KindRatio, value.Duration: policy.KindDuration, value.Moment: policy.KindMoment,
	value.Date: policy.KindDate, value.Month: policy.KindMonth, value.Word: policy.KindWord, value.Name: policy.KindName, value.Article: policy.KindArticle,
	value.List: policy.KindList, value.Record: policy.KindRecord, value.Money: policy.KindMoney,
}

// KindWanted is the kind that answers call so; "" is any.
func KindWanted(k policy.Kind) value.Kind {
	for kind, name := range kinds {
		if name == k {
			return kind
		}
	}
	return value.Invalid
}

// KindOf is the kind as answers call it.
func KindOf(k value.Kind) policy.Kind {
	if kind, ok := kinds[k]; ok {
		return kind
	}
	return policy.KindAny
}

// IsText reports whether such values are strings.
func IsText(t *policy.ValueType) bool {
	return t.Kind == policy.KindWord || t.Kind == policy.KindName || t.Kind == policy.KindArticle
}

// TypeOf is a type as answers describe it.
func (b *Book) TypeOf(t *value.Type, v *Value) *policy.ValueType {
	if t == nil {
		return &policy.ValueType{Kind: policy.KindAny}
	}
	out := &policy.ValueType{Kind: KindOf(t.Kind), In: currencyOf(t)}
	switch t.Kind {
	case value.Word:
		out.Words = b.WordsOf(t.Words, v.Words)
	case value.List:
		out.Elem = b.TypeOf(t.Elem, v)
	case value.Record:
		for _, f := range t.Fields {
			out.Fields = append(out.Fields, policy.ValueField{Name: f.Name, Label: b.columnLabel(v, f.Name), Unit: policy.Text{}, Type: b.TypeOf(f.Type, v)})
		}
	}
	return out
}

// Unsaid reports whether a type knows the currency of an amount that another type of
// the value does not say.
func Unsaid(t *value.Type, as *policy.ValueType) bool {
	switch {
	case t == nil || as == nil:
		return false
	case t.Kind == value.Money:
		return t.In != 0 && as.In == ""
	case as.Kind == policy.KindAny:
		return hasMoney(t)
	case t.Kind == value.List:
		return Unsaid(t.Elem, as.Elem)
	}
	for i, f := range t.Fields {
		if i < len(as.Fields) && Unsaid(f.Type, as.Fields[i].Type) {
			return true
		}
	}
	return false
}

func hasMoney(t *value.Type) bool {
	return t != nil && (t.Kind == value.Money || hasMoney(t.Elem) || slices.ContainsFunc(t.Fields, func(f value.Field) bool { return hasMoney(f.Type) }))
}

// WithUnsaid is the type without the currencies that the other does not say, so that
// amounts are written with theirs.
func WithUnsaid(t *value.Type, as *policy.ValueType) *value.Type {
	if !Unsaid(t, as) {
		return t
	}
	out := *t
	out.In = 0
	anything := &policy.ValueType{Kind: policy.KindAny}
	below := func(x *policy.ValueType) *policy.ValueType {
		if as.Kind == policy.KindAny {
			return anything
		}
		return x
	}
	out.Elem = WithUnsaid(t.Elem, below(as.Elem))
	out.Fields = slices.Clone(t.Fields)
	for i, f := range t.Fields {
		of := anything
		if i < len(as.Fields) {
			of = below(as.Fields[i].Type)
		}
		out.Fields[i].Type = WithUnsaid(f.Type, of)
	}
	return &out
}

// columnLabel is the label of a field of the records that a value gives: its
// own, or that of the first fact of this name.
func (b *Book) columnLabel(v *Value, name string) policy.Text {
	if label, ok := v.Columns[name]; ok {
		return label
	}
	var find func(facts []*Fact) policy.Text
	find = func(facts []*Fact) policy.Text {
		for _, f := range facts {
			if f.Name == name {
				return f.Label
			}
			inner := f.Fields
			if f.Elem != nil {
				inner = f.Elem.Fields
			}
			if label := find(inner); !label.IsZero() {
				return label
			}
		}
		return policy.Text{}
	}
	return find(b.Facts)
}

// WordsOf are the words of a list with their labels, first those of the list
// that the rulebook names for them.
func (b *Book) WordsOf(words *value.Words, own *policy.WordList) []policy.Word {
	if words == nil {
		return nil
	}
	all := make([]policy.Word, 0, len(words.Each))
	for _, w := range words.Each {
		label, ok := policy.Text{}, false
		if own != nil {
			label, ok = own.Labels[w]
		}
		if !ok {
			label, ok = b.LabelIn(words, w)
		}
		if !ok {
			label = b.Wordings[w]
		}
		all = append(all, policy.Word{Word: w, Label: label})
	}
	return all
}

// UnitAt is the unit of the fact in the slot.
func (b *Book) UnitAt(slot int) policy.Text {
	var find func(facts []*Fact) policy.Text
	find = func(facts []*Fact) policy.Text {
		for _, f := range facts {
			if f.Slot == slot {
				return f.Unit
			}
			if unit := find(f.Fields); !unit.IsZero() {
				return unit
			}
		}
		return policy.Text{}
	}
	return find(b.Facts)
}

// ListOf is the type of a list.
func ListOf(t *value.Type) *value.Type { return &value.Type{Kind: value.List, Elem: t} }

// WordsIn are the words that values of a type, or their items, may be.
func WordsIn(t *policy.ValueType) []policy.Word {
	if t != nil && t.Kind == policy.KindList {
		t = t.Elem
	}
	if t == nil {
		return nil
	}
	return t.Words
}
