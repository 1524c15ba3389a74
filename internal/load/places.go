package load

import (
	"slices"
	"sort"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// spanOf is where a finding about a whole map or list, or about an empty
// value, is shown: at the key that it stands under.
func (l *loader) spanOf(n *source.Node) diagnostic.Span {
	switch {
	case n.Kind == source.Scalar:
		return n.Span
	case n == l.root:
		return diagnostic.Span{File: n.Span.File, Start: n.Span.Start, End: n.Span.Start}
	}
	if key := n.Key(); key != nil {
		return key.Span
	}
	if len(n.Entries) > 0 && n.Span.Start.Line != n.Span.End.Line {
		return n.Entries[0].Key.Span
	}
	return n.Span
}

// spanOfValue is where a finding about the kind of a value is shown: the value,
// or its key where it is empty or goes over several lines.
func (l *loader) spanOfValue(n *source.Node) diagnostic.Span {
	if n.Kind != source.Empty && n.Span.Start.Line == n.Span.End.Line {
		return n.Span
	}
	return l.spanOf(n)
}

// writtenRule is a rule where it is written: once, and once more where a branch
// changes it.
type writtenRule struct {
	rule      *checked.Rule
	key, node *source.Node
}

// ruleAt is the rule that a place is in, or nil.
func (l *loader) ruleAt(s diagnostic.Span) *checked.Rule {
	if l.rules == nil {
		l.rules = map[string][]writtenRule{}
		add := func(w writtenRule) { l.rules[w.key.Span.File] = append(l.rules[w.key.Span.File], w) }
		for _, r := range l.book.AllRules {
			add(writtenRule{r, r.KeyNode, r.Node})
			if own := l.files.changed[r.Node]; own != nil {
				add(writtenRule{r, own.Key(), own})
			}
		}
		for _, rules := range l.rules {
			slices.SortFunc(rules, func(a, b writtenRule) int { return a.key.Span.Start.Compare(b.key.Span.Start) })
		}
	}
	rules := l.rules[s.File]
	i := sort.Search(len(rules), func(i int) bool { return s.Start.Compare(rules[i].node.Span.End) <= 0 })
	if i < len(rules) && rules[i].key.Span.Start.Compare(s.Start) <= 0 {
		return rules[i].rule
	}
	return nil
}

// sourceLines are the lines of each file.
func (l *loader) sourceLines() map[string][]string {
	if l.lines == nil {
		l.lines = linesOf(l.book.Files())
	}
	return l.lines
}

// textAt is what stands at a place within a line.
func (l *loader) textAt(s diagnostic.Span) string {
	if s.Start.Line != s.End.Line {
		return ""
	}
	lines := l.sourceLines()[s.File]
	if len(lines) == 0 || s.Start.Line == 0 {
		return ""
	}
	line := lines[min(s.Start.Line, len(lines))-1]
	from, to, column := len(line), len(line), 1
	for at := range line {
		if column == s.Start.Column {
			from = at
		}
		if column == s.End.Column {
			to = at
			break
		}
		column++
	}
	return line[min(from, to):to]
}

// linesOf are the lines of each file by its name.
func linesOf(files []policy.FileText) map[string][]string {
	lines := map[string][]string{}
	for _, f := range files {
		lines[f.Name] = strings.Split(string(f.Text), "\n")
	}
	return lines
}

// scalarAt is the value that a place is in, or nil.
func (l *loader) scalarAt(s diagnostic.Span) *source.Node { return scalarAt(l.files.roots[s.File], s) }

// scalarAt is the value below n that a place is in, or nil.
func scalarAt(n *source.Node, s diagnostic.Span) *source.Node {
	for n != nil && s.Start.Compare(n.Span.Start) >= 0 && s.Start.Compare(n.Span.End) < 0 {
		switch n.Kind {
		case source.Scalar:
			return n
		case source.Map:
			i := sort.Search(len(n.Entries), func(i int) bool { return s.Start.Compare(n.Entries[i].Value.Span.End) < 0 })
			if i == len(n.Entries) {
				return nil
			}
			n = n.Entries[i].Value
		case source.Seq:
			i := sort.Search(len(n.Items), func(i int) bool { return s.Start.Compare(n.Items[i].Span.End) < 0 })
			if i == len(n.Items) {
				return nil
			}
			n = n.Items[i]
		default:
			return nil
		}
	}
	return nil
}
