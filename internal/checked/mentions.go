package checked

import (
	"slices"

	"github.com/servicerules/rulebook/internal/source"
)

// IsProse reports whether an entry is wording for people, and decides nothing: a
// label, or a text in both languages under one of the keys of such texts. A fact
// or value of that name is none.
func IsProse(e source.Entry) bool {
	switch e.Key.Text {
	case "zh", "en":
		return e.Value.Kind != source.Map && e.Value.Kind != source.Seq
	case "note", "text", "title", "asks", "why", "label", "decides_nothing", "rests_on":
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
