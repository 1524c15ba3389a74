package checked

import (
	"slices"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// IsProse reports whether an entry is wording for people, and decides nothing: a
// label, or a text in both languages under one of the keys of such texts. A fact
// or value of that name is none.
func IsProse(e source.Entry) bool {
	switch e.Key.Text {
	case "zh", "en":
		return e.Value.Kind != source.Map && e.Value.Kind != source.Seq
	case "note", "text", "title", "asks", "why", "label", "decides_nothing":
		return e.Value.Kind == source.Map && len(e.Value.Entries) > 0 &&
			!slices.ContainsFunc(e.Value.Keys(), func(key string) bool { return key != "zh" && key != "en" })
	}
	return false
}

// Mentions are the names that the texts below a node may mean, prose left out:
// some more than those that are used, and none fewer.
func Mentions(n *source.Node) map[string]bool {
	names := map[string]bool{}
	mentions(n, names)
	return names
}

// MentionsOf are the Mentions of a rule, without the words that it quotes of its
// article.
func MentionsOf(r *Rule) map[string]bool {
	names := map[string]bool{}
	for _, e := range r.Node.Entries {
		quotes := slices.ContainsFunc(policy.CommonFields(), func(f policy.Field) bool { return f.Name == e.Key.Text && f.Kind == policy.Quotations })
		if !quotes && !IsProse(e) {
			mentions(e.Key, names)
			mentions(e.Value, names)
		}
	}
	return names
}

func mentions(n *source.Node, into map[string]bool) {
	if n == nil {
		return
	}
	if n.Kind == source.Scalar {
		into[n.Text] = true
		for _, name := range References(n.Text) {
			into[name] = true
		}
	}
	for _, e := range n.Entries {
		if !IsProse(e) {
			mentions(e.Key, into)
			mentions(e.Value, into)
		}
	}
	for _, item := range n.Items {
		mentions(item, into)
	}
}
