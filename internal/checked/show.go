package checked

import (
	"strings"

	"github.com/servicerules/rulebook/internal/value"
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
		return label(v, nil)
	default:
		return b.DisplayAs(v, t, lang)
	}
	parts := make([]string, len(v.L()))
	for i, e := range v.L() {
		parts[i] = label(e, Elem(t))
	}
	return strings.Join(parts, policy.Text{ZH: "、", EN: ", "}.In(lang))
}
