package load

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// labelOfValue reads the label of a value of answers. One that has none of its
// own and shows a single fact, or a single output of a rule, is called as that.
func (l *loader) labelOfValue(n *source.Node) policy.Text {
	if !l.hasLabel(n) && len(l.meant[n]) == 0 {
		if label, found := l.labelShown(n.Get("is")); found { // none of what is itself without one, which is told there
			return label
		}
	}
	return l.label(n)
}

// labelOfRule reads the label of a rule. One that has none of its own is called
// as its article is titled.
func (l *loader) labelOfRule(n *source.Node, a *policy.Article) policy.Text {
	misnamed := func(e source.Entry) bool { return slices.Contains(l.book.Languages, languageMeant(e.Key.Text)) }
	meant := func(key string) bool { return slices.Contains(l.book.Languages, key) }
	if l.hasLabel(n) || slices.ContainsFunc(n.Entries, misnamed) || slices.ContainsFunc(l.meant[n], meant) {
		return l.label(n)
	}
	return a.Title
}

// labelShown is the label of the fact or output that a value shows; false where
// it shows something else, or what has no label that would do for it alone.
func (l *loader) labelShown(is *source.Node) (label policy.Text, found bool) {
	if is == nil || is.Kind != source.Scalar {
		return policy.Text{}, false
	}
	path := strings.TrimSpace(is.Text)
	root, rest, nested := strings.Cut(path, ".")
	if f := l.book.FactsByName[root]; f != nil {
		return labelOfFact(f, path)
	}
	at := slices.IndexFunc(l.book.AllRules, func(r *checked.Rule) bool {
		return r.Unit() == root && (r.PartOf == "" || l.book.RulesByName[root] == nil)
	})
	if at < 0 || strings.Contains(rest, ".") {
		return policy.Text{}, false
	}
	rule := l.book.AllRules[at]
	for _, o := range rule.Form.Outputs {
		switch {
		case o.Name != rest && nested && rule.Form.Name != "table":
		case !o.Label.IsZero():
			return l.inOwnLanguages(o.Label), true
		case rule.PartOf == "": // of a group it would be the label of one case
			return rule.Label, true
		}
	}
	return policy.Text{}, false
}

// labelOfFact is the label of a fact, or of the field under a path; false where
// there is no such field.
func labelOfFact(f *checked.Fact, path string) (label policy.Text, found bool) {
	for _, name := range strings.Split(path, ".")[1:] {
		if f = f.Vars[name]; f == nil {
			return policy.Text{}, false
		}
	}
	return f.Label, true
}
