package examples

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Without a fact, and without any two, a case never says more than it does
// with them: what is decided stays as it is, and the rest is left open. What
// happened or not is never unknown, so moments are not dropped.
func TestCasesWithoutAFactSayNoMore(t *testing.T) {
	books, dropped := newShelf(gulin(t)), 0
	for _, c := range allCases(t) {
		full, err := books.answer(t, c)
		if err != nil || full.Error != nil {
			continue
		}
		q, ok := books.book.Rulebook().Question(c.Question)
		require.True(t, ok)
		paths := droppable(q, c.Facts)
		try := func(without ...string) {
			dropped++
			less := *c
			less.Facts = c.Facts
			for _, path := range without {
				less.Facts = drop(less.Facts, path)
			}
			answer, err := books.answer(t, &less)
			require.NoError(t, err, "%s without %v", c.Name, without)
			if why := saysMore(answer, full); why != "" {
				t.Errorf("%s without %v: %s", c.Name, without, why)
			}
		}
		for i, path := range paths {
			try(path)
			for _, other := range paths[:i] {
				try(other, path)
			}
		}
	}
	require.Greater(t, dropped, 10_000)
}

// droppable are the paths of the facts whose absence means that they are
// unknown, also within records and the elements of lists.
func droppable(q *policy.Question, facts *source.Node) []string {
	var all []string
	var visit func(f *policy.Fact, n *source.Node, path string)
	visit = func(f *policy.Fact, n *source.Node, path string) {
		if n == nil {
			return
		}
		for _, x := range f.Fields {
			visit(x, n.Get(x.Name), path+"."+x.Name)
		}
		for i, item := range n.Items {
			for _, x := range f.Elem.Fields {
				visit(x, item.Get(x.Name), fmt.Sprintf("%s.%d.%s", path, i, x.Name))
			}
		}
		if f.Absent == policy.IsUnknown && n.Kind != source.Empty {
			all = append(all, path)
		}
	}
	for _, f := range q.Facts {
		visit(f.Fact, facts.Get(f.Name), f.Name)
	}
	return all
}

// drop is the node without what stands at the path.
func drop(n *source.Node, path string) *source.Node {
	if n == nil {
		return nil
	}
	key, rest, deeper := strings.Cut(path, ".")
	out := *n
	out.Entries, out.Items = slices.Clone(n.Entries), slices.Clone(n.Items)
	for i, e := range n.Entries {
		if e.Key.Text != key {
			continue
		}
		if !deeper {
			out.Entries = slices.Delete(out.Entries, i, i+1)
		} else {
			out.Entries[i].Value = drop(e.Value, rest)
		}
		return &out
	}
	for i := range n.Items {
		if fmt.Sprint(i) == key && deeper {
			out.Items[i] = drop(n.Items[i], rest)
		}
	}
	return &out
}

// saysMore tells what less decides that full does not bear out.
func saysMore(less, full *rulebook.Answer) string {
	switch {
	case less.Error != nil:
		return "" // nothing is decided
	case less.Verdict != policy.Undetermined && less.Verdict != full.Verdict:
		return fmt.Sprintf("verdict %s, with it %s", less.Verdict, full.Verdict)
	}
	for _, b := range less.Breaches {
		if !slices.ContainsFunc(full.Breaches, func(x policy.Breach) bool { return x.String() == b.String() }) {
			return fmt.Sprintf("breach %v", b)
		}
	}
	for _, l := range less.Liable {
		if !slices.ContainsFunc(full.Liable, func(x policy.Liable) bool { return x.Role == l.Role }) {
			return fmt.Sprintf("liable %v", l)
		}
	}
	var a, b struct{ Values map[string]any }
	if json.Unmarshal(less.AppendJSON(nil, false), &a) != nil || json.Unmarshal(full.AppendJSON(nil, false), &b) != nil {
		return "an answer that is not JSON"
	}
	return differs(a.Values, b.Values, "")
}

// differs finds a value that is known and differs. Null is what is not known;
// blockers are those found so far.
func differs(less, full any, path string) string {
	switch l := less.(type) {
	case nil:
		return ""
	case map[string]any:
		f, ok := full.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s = %v, with it %v", path, less, full)
		}
		for k, v := range l {
			if d := differs(v, f[k], path+"."+k); d != "" {
				return d
			}
		}
		return ""
	case []any:
		f, ok := full.([]any)
		if ok && path == ".blockers" && !slices.ContainsFunc(l, func(x any) bool { return !slices.Contains(f, x) }) {
			return ""
		}
		if ok && len(l) == len(f) && (len(l) == 0 || agree(l, f)) {
			return ""
		}
	}
	if a, b := fmt.Sprint(less), fmt.Sprint(full); a != b {
		return fmt.Sprintf("%s = %s, with it %s", path, a, b)
	}
	return ""
}

// agree reports whether each item of one list may be an item of its own of
// the other. A name that is not known is null and may be any.
func agree(less, full []any) bool {
	if len(less) == 0 {
		return true
	}
	for i, x := range full {
		if differs(less[0], x, "") == "" && agree(less[1:], slices.Concat(full[:i], full[i+1:])) {
			return true
		}
	}
	return false
}
