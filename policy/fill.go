package policy

import (
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/value"
)

// filling makes values of answers as data.
type filling struct {
	book *CheckedBook
	own  *WordList // the list that the rulebook names for the words of the value
}

// value is a value as data; came says what the value of a number came to.
func (e *evaluated) value(f *compiledValue, came func(number int) value.Value) Value {
	in := filling{e.kept.ed.book, f.Words}
	v := Value{Name: f.Name, Label: f.Label, Unit: f.Unit, Kind: f.Type.Kind}
	switch {
	case e.of.blank:
		v.State = StateUnknown
		if e.of.verdict == NotInScope {
			v.State = StateNone
		}
	case f.when != nil && !came(f.keptWhen).True():
		v.State = stateOf(came(f.keptWhen), StateNone)
	case f.is == nil && len(f.fields) == 0: // a reading says that there is none
		v.State = StateNone
	case f.is != nil && f.Keyed:
		return in.entries(v, came(f.kept), f.typ, f.Type)
	case f.is != nil:
		return in.fill(v, came(f.kept), f.typ, f.Type)
	default:
		v.State = StateKnown
		for _, x := range f.fields {
			v.Fields = append(v.Fields, e.value(x, came))
		}
	}
	return NewValue(v, wordsIn(f.Type), Text{}, "")
}

// wordsIn are the words that values of a type, or their items, may be.
func wordsIn(t *ValueType) []Word {
	if t != nil && t.Kind == KindList {
		t = t.Elem
	}
	if t == nil {
		return nil
	}
	return t.Words
}

// entries makes v the map that a list of two-field records is written as.
func (in filling) entries(v Value, list value.Value, t *value.Type, of *ValueType) Value {
	if v.State = stateOf(list, StateKnown); v.State == StateKnown {
		for _, x := range list.L() {
			if len(x.L()) == 2 {
				entry := Value{Name: x.L()[0].S()}
				if of.Elem != nil {
					entry.Kind = of.Elem.Kind
				}
				v.Fields = append(v.Fields, in.fill(entry, x.L()[1], t.Elem.Fields[1].Type, of.Elem))
			}
		}
	}
	return NewValue(v, wordsIn(of), Text{}, "")
}

// fill says what v came to.
func (in filling) fill(v Value, raw value.Value, t *value.Type, of *ValueType) Value {
	v.State = stateOf(raw, StateKnown)
	if v.State != StateKnown {
		return NewValue(v, wordsIn(of), Text{}, "")
	}
	if of == nil || of.Kind == KindAny {
		v.Kind = kindOf(raw.K)
	}
	switch raw.K {
	case value.List:
		in.items(&v, raw, t, of)
	case value.Record:
		in.fields(&v, raw, t, of)
		return NewValue(v, wordsIn(of), Text{}, "")
	default:
		v.Data = dataFor(raw, of, in.book.Zone)
	}
	shown := Text{ZH: in.book.show(raw, t, in.own, "zh"), EN: in.book.show(raw, t, in.own, "en")}
	return NewValue(v, wordsIn(of), shown, string(raw.AppendJSON(nil, t, in.book.Zone)))
}

// items are those of a list; its data are texts where all of them are.
func (in filling) items(v *Value, raw value.Value, t *value.Type, of *ValueType) {
	var each *ValueType
	if of != nil {
		each = of.Elem
	}
	for _, x := range raw.L() {
		item := Value{}
		if each != nil {
			item.Kind = each.Kind
		}
		v.Items = append(v.Items, in.fill(item, x, elem(t), each))
	}
	if texts, ok := textsOf(raw.L()); ok && (len(texts) > 0 || each == nil || isText(each)) {
		v.Data = texts
	}
}

func (in filling) fields(v *Value, raw value.Value, t *value.Type, of *ValueType) {
	if t == nil {
		return
	}
	for i, x := range raw.L() {
		if i >= len(t.Fields) {
			return
		}
		field := Value{Name: t.Fields[i].Name}
		var is *ValueType
		if d := of.field(field.Name); d != nil {
			field.Label, field.Unit, is = d.Label, d.Unit, d.Type
			if is != nil {
				field.Kind = is.Kind
			}
		}
		v.Fields = append(v.Fields, in.fill(field, x, t.Fields[i].Type, is))
	}
}

// textsOf are the texts of known words, names or articles; false where
// something else is among them.
func textsOf(list []value.Value) ([]string, bool) {
	texts := make([]string, 0, len(list))
	for _, x := range list {
		if !x.IsKnown() || x.K != value.Word && x.K != value.Name && x.K != value.Article {
			return nil, false
		}
		texts = append(texts, strings.Clone(x.S()))
	}
	return texts, true
}

// dataFor is a value as the Go type of its kind; nil where it is not known, and
// of what has fields.
func dataFor(raw value.Value, of *ValueType, zone *time.Location) any {
	if !raw.IsKnown() {
		return nil
	}
	switch raw.K {
	case value.YesNo:
		return raw.N != 0
	case value.Count:
		if of != nil && of.Kind == KindRatio { // it came to a whole number
			return Ratio{raw.N, 1}
		}
		return raw.N
	case value.Ratio:
		return Ratio{raw.N, raw.D}
	case value.Money:
		return Money{raw.N, raw.In.Code()}
	case value.Duration:
		return time.Duration(raw.N)
	case value.Moment:
		return raw.Time(zone)
	case value.Date:
		return raw.Date()
	case value.Month:
		year, month := raw.YearMonth()
		return Month{year, month}
	case value.Word, value.Name, value.Article:
		return strings.Clone(raw.S())
	case value.List:
		if texts, ok := textsOf(raw.L()); ok {
			return texts
		}
	}
	return nil
}
