package run

import (
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// filling makes values of answers as data.
type filling struct {
	book *checked.Book
	own  *policy.WordList // the list that the rulebook names for the words of the value
}

// value is a value as data; came says what the value of a number came to.
func (e *evaluated) value(f *form.CompiledValue, came func(number int) value.Value) policy.Value {
	in := filling{e.of.book, f.Words}
	v := policy.Value{Name: f.Name, Label: f.Label, Unit: f.Unit, Kind: f.Type.Kind}
	switch {
	case e.of.blank:
		v.State = policy.StateUnknown
		if e.of.verdict == policy.NotInScope {
			v.State = policy.StateNone
		}
	case f.When != nil && !came(f.KeptWhen).True():
		v.State = stateOf(came(f.KeptWhen), policy.StateNone)
	case f.Is == nil && len(f.Fields) == 0: // a reading says that there is none
		v.State = policy.StateNone
	case f.Is != nil && f.Keyed:
		return in.entries(v, came(f.Kept), f.WrittenType(), f.Type)
	case f.Is != nil:
		return in.fill(v, came(f.Kept), f.WrittenType(), f.Type)
	default:
		v.State = policy.StateKnown
		for _, x := range f.Fields {
			v.Fields = append(v.Fields, e.value(x, came))
		}
	}
	return policy.NewValue(v, checked.WordsIn(f.Type), policy.Text{}, "")
}

// entries makes v the map that a list of two-field records is written as.
func (in filling) entries(v policy.Value, list value.Value, t *value.Type, of *policy.ValueType) policy.Value {
	if v.State = stateOf(list, policy.StateKnown); v.State == policy.StateKnown {
		for _, x := range list.L() {
			if len(x.L()) == 2 {
				entry := policy.Value{Name: x.L()[0].S()}
				if of.Elem != nil {
					entry.Kind = of.Elem.Kind
				}
				v.Fields = append(v.Fields, in.fill(entry, x.L()[1], t.Elem.Fields[1].Type, of.Elem))
			}
		}
	}
	return policy.NewValue(v, checked.WordsIn(of), in.shown(list, t), "")
}

// fill says what v came to.
func (in filling) fill(v policy.Value, raw value.Value, t *value.Type, of *policy.ValueType) policy.Value {
	v.State = stateOf(raw, policy.StateKnown)
	if v.State != policy.StateKnown {
		return policy.NewValue(v, checked.WordsIn(of), policy.Text{}, "")
	}
	if of == nil || of.Kind == policy.KindAny {
		v.Kind = checked.KindOf(raw.K)
	}
	switch raw.K {
	case value.List:
		in.items(&v, raw, t, of)
	case value.Record:
		in.fields(&v, raw, t, of)
	default:
		v.Data = dataFor(raw, of, in.book.Zone)
	}
	return policy.NewValue(v, checked.WordsIn(of), in.shown(raw, t), string(raw.AppendJSON(nil, t, in.book.Zone)))
}

// shown is what v came to as a person reads it; of what is not known, nothing.
func (in filling) shown(raw value.Value, t *value.Type) policy.Text {
	if !raw.IsKnown() {
		return policy.Text{}
	}
	return diagnostic.Told(in.book.Languages, func(lang string) string { return in.book.Show(raw, t, in.own, lang) })
}

// items are those of a list; its data are texts where all of them are.
func (in filling) items(v *policy.Value, raw value.Value, t *value.Type, of *policy.ValueType) {
	var each *policy.ValueType
	if of != nil {
		each = of.Elem
	}
	for _, x := range raw.L() {
		item := policy.Value{}
		if each != nil {
			item.Kind = each.Kind
		}
		v.Items = append(v.Items, in.fill(item, x, t.ItemType(), each))
	}
	if texts, ok := textsOf(raw.L()); ok && (len(texts) > 0 || each == nil || checked.IsText(each)) {
		v.Data = texts
	}
}

func (in filling) fields(v *policy.Value, raw value.Value, t *value.Type, of *policy.ValueType) {
	if t == nil {
		return
	}
	for i, x := range raw.L() {
		if i >= len(t.Fields) {
			return
		}
		field := policy.Value{Name: t.Fields[i].Name}
		var is *policy.ValueType
		if d := of.Field(field.Name); d != nil {
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
func dataFor(raw value.Value, of *policy.ValueType, zone *time.Location) any {
	if !raw.IsKnown() {
		return nil
	}
	switch raw.K {
	case value.YesNo:
		return raw.N != 0
	case value.Count:
		if of != nil && of.Kind == policy.KindRatio { // it came to a whole number
			return policy.Ratio{Num: raw.N, Den: 1}
		}
		return raw.N
	case value.Ratio:
		return policy.Ratio{Num: raw.N, Den: raw.D}
	case value.Money:
		return policy.Money{Minor: raw.N, Currency: raw.In.Code()}
	case value.Duration:
		return time.Duration(raw.N)
	case value.Moment:
		return raw.Shown(zone)
	case value.Date:
		return raw.Date()
	case value.Month:
		year, month := raw.YearMonth()
		return policy.Month{Year: year, Month: month}
	case value.Word, value.Name, value.Article:
		return strings.Clone(raw.S())
	case value.List:
		if texts, ok := textsOf(raw.L()); ok {
			return texts
		}
	}
	return nil
}
