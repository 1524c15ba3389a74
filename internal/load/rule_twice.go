package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// rulesTwice reports, of the parts of one rule, one that says what another does
// already: it was copied for another rule, and what it is part of was left as it
// was. Two articles may say the same, and are cited each for itself, as long as
// that does not leave it open which of them applies.
func (u *usage) rulesTwice() {
	before := map[string][]*checked.Rule{}
	for _, r := range u.book.AllRules {
		if r.PartOf == "" || r.Node == nil || r.KeyNode == nil {
			continue
		}
		group := r.Form.Name + " " + r.PartOf
		if at := slices.IndexFunc(before[group], func(x *checked.Rule) bool { return u.saySame(x, r) }); at >= 0 {
			first := before[group][at]
			effect := effectOfCopy(r.Form.Name)
			if effect != bothApply && (first.Article != r.Article || !sameCites(first, r)) {
				continue
			}
			u.warn("rule_twice", r.KeyNode.Span, diagnostic.Textf("%[1]s 和 %[2]s 写法完全一样，都是 %[3]s 的一部分：%[4]s", "%[1]s says what %[2]s does, and both are part of %[3]s: %[5]s", r.Name, first.Name, r.PartOf, effect.ZH, effect.EN),
				diagnostic.Textf("核对 part_of 和各项：是否照抄后忘了改；确是多余，删去一条", "check part_of and what else should differ from the one that it was copied from; remove one of them if it is not needed"))
			continue
		}
		before[group] = append(before[group], r)
	}
}

// What the copy of a part comes to.
var (
	addsNothing = diagnostic.Text{ZH: "多写这一条没有作用", EN: "it adds nothing"}
	bothWeighed = diagnostic.Text{ZH: "两条都计入", EN: "both are weighed"}
	bothApply   = diagnostic.Text{ZH: "两条同时适用，此时无法作答", EN: "both apply at once, and nothing can be answered then"}
)

// effectOfCopy is what the copy of a part of a form comes to: circumstances count
// one by one; of deadlines, figures, indicators and ranges one at most may apply.
func effectOfCopy(name string) diagnostic.Text {
	switch name {
	case "factor":
		return bothWeighed
	case "deadline", "figure", "indicator", "range":
		return bothApply
	}
	return addsNothing
}

// sameCites reports whether two rules cite the same beside their article.
func sameCites(a, b *checked.Rule) bool {
	x, y := a.Node.Get("also_cites"), b.Node.Get("also_cites")
	if x == nil || y == nil {
		return x == y
	}
	return sameNode(x, y)
}

// saySame reports whether two rules are written alike but for their wording.
func (u *usage) saySame(a, b *checked.Rule) bool {
	return a.From == b.From && a.To == b.To && slices.EqualFunc(u.said(a), u.said(b), func(x, y source.Entry) bool {
		return x.Key.Text == y.Key.Text && sameNode(x.Value, y.Value)
	})
}

// said are the entries of a rule that are no wording, by their keys.
func (u *usage) said(r *checked.Rule) []source.Entry {
	said := slices.DeleteFunc(slices.Clone(r.Node.Entries), func(e source.Entry) bool {
		return isWordingKey(u.book, e.Key.Text) || e.Key.Text == "rests_on" || e.Key.Text == "also_cites"
	})
	slices.SortFunc(said, func(a, b source.Entry) int { return strings.Compare(a.Key.Text, b.Key.Text) })
	return said
}
