package checked

import (
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/walltime"
	"github.com/servicerules/rulebook/policy"
)

// Show is a known value as a person reads it, with the words of the list that
// the rulebook names for it, if there is one.
func (b *Book) Show(v value.Value, t *value.Type, own *policy.WordList, lang string) string {
	label := func(v value.Value, t *value.Type) string {
		if own != nil && v.K == value.Word {
			if l, ok := own.Labels[v.S()]; ok {
				return l.In(lang)
			}
		}
		return b.DisplayAs(v, t, lang)
	}
	switch v.K {
	case value.List:
	case value.Word:
		return label(v, t)
	default:
		return b.DisplayAs(v, t, lang)
	}
	parts := make([]string, len(v.L()))
	for i, e := range v.L() {
		parts[i] = label(e, t.ItemType())
	}
	return strings.Join(parts, policy.Text{ZH: "、", EN: ", "}.In(lang))
}

// ElementField is the field that ".name" means in the elements of a list.
func (f *Fact) ElementField(source string) *Fact {
	name, ok := strings.CutPrefix(source, ".")
	if !ok || f == nil || f.Elem == nil {
		return nil
	}
	return f.Elem.Vars[name]
}

// DisplayAs is display, with words by the labels of the list of the type.
func (b *Book) DisplayAs(v value.Value, t *value.Type, lang string) string {
	if t == nil || !v.IsKnown() {
		return b.Display(v, lang)
	}
	switch v.K {
	case value.Word:
		if l, ok := b.LabelIn(t.Words, v.S()); ok {
			return l.In(lang)
		}
	case value.Ratio:
		if text, ok := v.AsPercent(); ok && !t.Counted {
			return text
		}
	case value.List:
		if t.Kind == value.List && t.Elem != nil && len(v.L()) > 0 {
			parts := make([]string, len(v.L()))
			for i, e := range v.L() {
				parts[i] = b.DisplayAs(e, t.Elem, lang)
			}
			return strings.Join(parts, policy.Text{ZH: "、", EN: ", "}.In(lang))
		}
	}
	return b.Display(v, lang)
}

// WordListOf is the rulebook's list of that name or, for words of a form's
// own, the first that holds them all.
func (b *Book) WordListOf(words *value.Words) *policy.WordList {
	if words == nil || len(words.Each) == 0 {
		return nil
	}
	if w := b.WordsByName[words.Name]; w != nil {
		return w
	}
	for _, w := range b.Words {
		if !slices.ContainsFunc(words.Each, func(x string) bool { return b.WordsType(w).Index(x) < 0 }) {
			return w
		}
	}
	return nil
}

// Display is a value as a person reads it.
func (b *Book) Display(v value.Value, lang string) string {
	switch {
	case v.IsUnknown():
		return policy.Text{ZH: "未知", EN: "not known"}.In(lang)
	case v.IsNone():
		return policy.Text{ZH: "无", EN: "none"}.In(lang)
	}
	switch v.K {
	case value.YesNo:
		if v.N != 0 {
			return policy.Text{ZH: "是", EN: "yes"}.In(lang)
		}
		return policy.Text{ZH: "否", EN: "no"}.In(lang)
	case value.Moment:
		if _, own := v.Clocks(); own {
			return b.DisplayWithOffset(v)
		}
		return walltime.Told(v.Shown(b.Zone))
	case value.Money:
		return v.ShowMoney(lang)
	case value.Duration:
		return showDuration(time.Duration(v.N), lang)
	case value.Part:
		switch {
		case v.In != 0:
			return v.ShowMoney(lang)
		case v.D > 0 && v.N%v.D == 0: // a duration, in whole nanoseconds
			return showDuration(time.Duration(v.N/v.D), lang)
		}
		return v.Text(b.Zone)
	case value.Word:
		if l, ok := b.Wordings[v.S()]; ok {
			return l.In(lang)
		}
		if l, ok := EngineLabel(v.S()); ok {
			return l.In(lang)
		}
		if l, ok := condition.WeekdayLabel(v.S()); ok {
			return l.In(lang)
		}
		return v.S()
	case value.Article:
		return b.LabelOfArticle(v.S()).In(lang)
	case value.List:
		parts := make([]string, len(v.L()))
		for i, e := range v.L() {
			parts[i] = b.Display(e, lang)
		}
		if len(parts) == 0 {
			return policy.Text{ZH: "无", EN: "none"}.In(lang)
		}
		return strings.Join(parts, policy.Text{ZH: "、", EN: ", "}.In(lang))
	case value.Record:
		parts := make([]string, 0, len(v.L()))
		for _, e := range v.L() {
			if e.IsKnown() {
				parts = append(parts, b.Display(e, lang))
			}
		}
		return strings.Join(parts, " ")
	default:
		return v.Text(b.Zone)
	}
}

// DisplayWithOffset is a known moment as a person reads it, with what its clocks are
// ahead of UTC.
func (b *Book) DisplayWithOffset(v value.Value) string {
	at := v.Shown(b.Zone)
	told, offset := walltime.Told(at), at.Format(" -07:00")
	if walltime.Twice(at) { // then it is told already
		return told
	}
	return told + offset
}

// OffsetsDiffer reports whether moments that are told together are shown on clocks
// that are not the same ahead of UTC, and one of them says so: then each has to.
func (b *Book) OffsetsDiffer(values ...value.Value) bool {
	first, some, differ, told := 0, false, false, false
	for _, v := range values {
		if v.K != value.Moment || !v.IsKnown() {
			continue
		}
		at := v.Shown(b.Zone)
		_, offset := at.Zone()
		_, own := v.Clocks()
		told = told || own || walltime.Twice(at)
		differ = differ || some && offset != first
		first, some = offset, true
	}
	return differ && told
}

// showDuration is a length of time in words: whole hours or whole minutes as such, else
// in hours, minutes and seconds.
func showDuration(d time.Duration, lang string) string {
	words := func(n time.Duration, zh, en string) string {
		plural := "s"
		if n == 1 || n == -1 {
			plural = ""
		}
		return diagnostic.Textf("%[1]d%[2]s", "%[1]d %[3]s%[4]s", n, zh, en, plural).In(lang)
	}
	units := []struct {
		of     time.Duration
		zh, en string
	}{{time.Hour, "小时", "hour"}, {time.Minute, "分钟", "minute"}, {time.Second, "秒", "second"}}
	for _, unit := range units[:2] {
		if d%unit.of == 0 {
			return words(d/unit.of, unit.zh, unit.en)
		}
	}
	if d%time.Second != 0 {
		return d.String()
	}
	sign, parts := "", []string(nil)
	if d < 0 {
		sign, d = "-", -d
	}
	for _, unit := range units {
		if n := d / unit.of; n > 0 {
			parts = append(parts, words(n, unit.zh, unit.en))
			d %= unit.of
		}
	}
	return sign + strings.Join(parts, policy.Text{ZH: "", EN: " "}.In(lang))
}

// currencyOf is the code of a type's currency, "" where it has none.
func currencyOf(t *value.Type) string {
	if t.Kind != value.Money {
		return ""
	}
	return t.In.Code()
}

// Written is a value of the fact as facts write it.
func (f *Fact) Written(v value.Value) string {
	if v.K == value.Money && v.IsKnown() {
		return string(v.AppendAmount(nil))
	}
	return v.Text(time.UTC)
}
