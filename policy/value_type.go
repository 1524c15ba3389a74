package policy

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// ValueType is what a value of an answer may be, without an answer.
type ValueType struct {
	Kind   Kind
	Words  []Word       // of a word: its closed list; nil where any word may come
	Elem   *ValueType   // of a list, each item; of a map, each entry; nil where nothing is known of them
	Fields []ValueField // of a record, in their order
	In     string       // of money: the code of its currency; "" where it may be of several
}

// ValueField is a field of a record.
type ValueField struct {
	Name  string
	Label Text // zero where the rulebook has none
	Unit  Text
	Type  *ValueType
}

var kinds = map[value.Kind]Kind{
	value.YesNo: KindYesNo, value.Count: KindCount, value.Ratio: KindRatio, value.Duration: KindDuration, value.Moment: KindMoment,
	value.Date: KindDate, value.Month: KindMonth, value.Word: KindWord, value.Name: KindName, value.Article: KindArticle,
	value.List: KindList, value.Record: KindRecord, value.Money: KindMoney,
}

// kindWanted is the kind that answers call so; "" is any.
func kindWanted(k Kind) value.Kind {
	for kind, name := range kinds {
		if name == k {
			return kind
		}
	}
	return value.Invalid
}

// kindOf is the kind as answers call it.
func kindOf(k value.Kind) Kind {
	if kind, ok := kinds[k]; ok {
		return kind
	}
	return KindAny
}

// isText reports whether such values are strings.
func isText(t *ValueType) bool {
	return t.Kind == KindWord || t.Kind == KindName || t.Kind == KindArticle
}

func (t *ValueType) field(name string) *ValueField {
	if t == nil {
		return nil
	}
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

// learnTypes notes what the values of a question were found to be in one trial:
// another option of a reading, or another day, may make them something else.
func (l *loader) learnTypes(a *asked) {
	if l.types == nil {
		l.types = map[*checkedValue][]*value.Type{}
	}
	var each func(list []*compiledValue)
	each = func(list []*compiledValue) {
		for _, f := range list {
			if t := f.typ; t != nil && t.Kind != value.Invalid && !slices.Contains(l.types[f.checkedValue], t) {
				l.types[f.checkedValue] = append(l.types[f.checkedValue], t)
			}
			if slot, ok := refOf(f.is); ok && f.Unit.IsZero() {
				f.Unit = l.book.unitAt(slot)
			}
			each(f.fields)
		}
	}
	each(a.values)
}

// refOf is the slot of what a value is no more than.
func refOf(p *condition.Program) (slot int, ok bool) {
	if p == nil {
		return 0, false
	}
	return p.Ref()
}

// describeValues says of every value of every question what it may be.
func (l *loader) describeValues() {
	for _, q := range l.book.Questions {
		l.describe(q.Values)
		if q.Verdict != nil {
			q.Verdict.Type = &ValueType{Kind: KindWord, Words: l.book.wordsOf(l.book.wordsType(q.Verdict.Words), q.Verdict.Words)}
		}
	}
}

func (l *loader) describe(list []*checkedValue) {
	for _, v := range list {
		l.describe(v.Fields)
		if v.is == nil {
			v.Type = &ValueType{Kind: KindRecord}
			for _, x := range v.Fields {
				v.Type.Fields = append(v.Type.Fields, ValueField{x.Name, x.Label, x.Unit, x.Type})
			}
			continue
		}
		for _, t := range l.types[v] {
			v.Type = v.Type.or(l.book.typeOf(t, v))
		}
		switch {
		case v.Type == nil && v.Words != nil: // it never comes to anything
			v.Type = &ValueType{Kind: KindWord, Words: l.book.wordsOf(l.book.wordsType(v.Words), v.Words)}
		case v.Type == nil:
			v.Type = &ValueType{Kind: KindAny}
		case v.Keyed:
			v.Type = v.Type.keyed()
		}
	}
}

// keyed is the type of the map that a list of two-field records is written as.
func (t *ValueType) keyed() *ValueType {
	m := &ValueType{Kind: KindMap}
	if t.Elem != nil && len(t.Elem.Fields) == 2 {
		m.Elem = t.Elem.Fields[1].Type
	}
	return m
}

// typeOf is a type as answers describe it.
func (b *CheckedBook) typeOf(t *value.Type, v *checkedValue) *ValueType {
	if t == nil {
		return &ValueType{Kind: KindAny}
	}
	out := &ValueType{Kind: kindOf(t.Kind), In: currencyOf(t)}
	switch t.Kind {
	case value.Word:
		out.Words = b.wordsOf(t.Words, v.Words)
	case value.List:
		out.Elem = b.typeOf(t.Elem, v)
	case value.Record:
		for _, f := range t.Fields {
			out.Fields = append(out.Fields, ValueField{f.Name, b.columnLabel(v, f.Name), Text{}, b.typeOf(f.Type, v)})
		}
	}
	return out
}

// columnLabel is the label of a field of the records that a value gives: its
// own, or that of the first fact of this name.
func (b *CheckedBook) columnLabel(v *checkedValue, name string) Text {
	if label, ok := v.Columns[name]; ok {
		return label
	}
	var find func(facts []*checkedFact) Text
	find = func(facts []*checkedFact) Text {
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
		return Text{}
	}
	return find(b.Facts)
}

// wordsOf are the words of a list with their labels, first those of the list
// that the rulebook names for them.
func (b *CheckedBook) wordsOf(words *value.Words, own *WordList) []Word {
	if words == nil {
		return nil
	}
	list := b.wordListOf(words)
	all := make([]Word, 0, len(words.Each))
	for _, w := range words.Each {
		label, ok := Text{}, false
		if own != nil {
			label, ok = own.Labels[w]
		}
		if !ok && list != nil {
			label, ok = list.Labels[w]
		}
		if !ok {
			label = b.Wordings[w]
		}
		all = append(all, Word{w, label})
	}
	return all
}

// unitAt is the unit of the fact in the slot.
func (b *CheckedBook) unitAt(slot int) Text {
	var find func(facts []*checkedFact) Text
	find = func(facts []*checkedFact) Text {
		for _, f := range facts {
			if f.slot == slot {
				return f.Unit
			}
			if unit := find(f.Fields); !unit.IsZero() {
				return unit
			}
		}
		return Text{}
	}
	return find(b.Facts)
}

// or is the type of what may be either.
func (t *ValueType) or(u *ValueType) *ValueType {
	switch {
	case t == nil:
		return u
	case u == nil:
		return t
	case t.Kind == KindAny || u.Kind == KindAny:
		return &ValueType{Kind: KindAny}
	case t.Kind == u.Kind:
		return t.orAlike(u)
	case t.Kind == KindRatio && u.Kind == KindCount, t.Kind == KindCount && u.Kind == KindRatio:
		return &ValueType{Kind: KindRatio}
	case isText(t) && isText(u):
		return &ValueType{Kind: KindName}
	}
	return &ValueType{Kind: KindAny}
}

// orAlike is or for two of one kind.
func (t *ValueType) orAlike(u *ValueType) *ValueType {
	out := &ValueType{Kind: t.Kind}
	switch t.Kind {
	case KindWord:
		if t.Words != nil && u.Words != nil {
			out.Words = slices.Clone(t.Words)
			for _, w := range u.Words {
				if !slices.ContainsFunc(out.Words, func(x Word) bool { return x.Word == w.Word }) {
					out.Words = append(out.Words, w)
				}
			}
		}
	case KindMoney:
		if t.In == u.In {
			out.In = t.In
		}
	case KindList, KindMap:
		out.Elem = t.Elem.or(u.Elem)
	case KindRecord:
		if len(t.Fields) != len(u.Fields) {
			return &ValueType{Kind: KindAny}
		}
		for i, f := range t.Fields {
			if f.Name != u.Fields[i].Name {
				return &ValueType{Kind: KindAny}
			}
			f.Type = f.Type.or(u.Fields[i].Type)
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}
