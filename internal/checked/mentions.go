package checked

import (
	"slices"

	"github.com/servicerules/rulebook/internal/source"
)

// IsProse reports whether what stands under a key is wording for people, and
// decides nothing.
func IsProse(key string) bool {
	return slices.Contains([]string{"zh", "en", "note", "text", "title", "asks", "why", "label", "decides_nothing"}, key)
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
		if !IsProse(e.Key.Text) {
			mentions(e.Key, into)
			mentions(e.Value, into)
		}
	}
	for _, item := range n.Items {
		mentions(item, into)
	}
}
