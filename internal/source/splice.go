package source

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// Written is a text as a scalar of one line, quoted where it must be; inFlow
// says that it stands between braces or brackets.
func Written(text string, inFlow bool) string {
	ways := []string{text, "'" + strings.ReplaceAll(text, "'", "''") + "'", doubleQuoted(text)}
	for _, way := range ways {
		sample := "a: " + way + "\n"
		if inFlow {
			sample = "a: {b: " + way + ", c: d}\n"
		}
		root, found := Parse("", []byte(sample))
		if found.Failed() || root == nil {
			continue
		}
		n := root.Get("a")
		if inFlow {
			if len(n.Entries) != 2 {
				continue
			}
			n = n.Get("b")
		}
		if n != nil && n.Kind == Scalar && n.Text == text && n.LineComment == "" {
			return way
		}
	}
	return ways[len(ways)-1]
}

// Splice returns data with a value written anew, as YAML text, and every other
// byte as it was. The node is a value of a Parse of exactly this data. The
// result is parsed: it is returned only if nothing beside the value has
// changed. Errors are of type diagnostic.Diagnostic, with one of the codes
// edit_….
func Splice(data []byte, n *Node, text string) ([]byte, error) {
	if err := spliceable(data, n); err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, refused(n)
	}
	if n.Kind == Empty && n.Start == n.End {
		text = " " + text // nothing stood behind the colon
	}
	result := slices.Concat(data[:n.Start], []byte(text), data[n.End:])
	after, found := Parse("", result)
	if found.Failed() || !sameBut(n.top(), after, n) {
		return nil, refused(n)
	}
	return result, nil
}

// AddEntry returns data with one more entry at the end of a map, in the style
// in which the map is written. Like Splice, it is refused if anything else
// would change.
func AddEntry(data []byte, n *Node, key, text string) ([]byte, error) {
	if err := spliceable(data, n); err != nil && (n == nil || n.parent != nil || n.file.text != string(data)) { // the file itself is a map, too
		return nil, err
	}
	if n.Kind != Map || len(n.Entries) == 0 || n.Get(key) != nil {
		return nil, editError(CodeEditRefused, n, diagnostic.Textf("不能在这里加 %s", "%s cannot be added here", key),
			diagnostic.Text{ZH: "已有的改它的值；没有内容的，先写一项", EN: "change what is there; write a first entry where there is none"})
	}
	last := n.Entries[len(n.Entries)-1]
	entry := key + ": " + text
	at := last.Value.End
	if n.isFlow() {
		entry = ", " + entry
	} else {
		at = lineEnd(n.file.text, max(at, last.Key.End))
		entry = lineBreak(n.file.text) + strings.Repeat(" ", column(n.file.text, last.Key.Start)) + entry
	}
	result := slices.Concat(data[:at], []byte(entry), data[at:])
	after, found := Parse("", result)
	if found.Failed() || !sameBut(n.top(), after, n) || !grown(n, nodeAt(after, n)) {
		return nil, refused(n)
	}
	return result, nil
}

// isFlow reports whether a map or list is written in braces or brackets.
func (n *Node) isFlow() bool {
	return n.Start < len(n.file.text) && (n.file.text[n.Start] == '{' || n.file.text[n.Start] == '[')
}

// InFlow reports whether a value stands between braces or brackets.
func (n *Node) InFlow() bool {
	for at := n.parent; at != nil; at = at.parent {
		if at.isFlow() {
			return true
		}
	}
	return false
}

func (n *Node) top() *Node {
	for n.parent != nil {
		n = n.parent
	}
	return n
}

func spliceable(data []byte, n *Node) error {
	if n == nil || n.parent == nil || n.isKey {
		return editError(CodeEditNotScalar, n, diagnostic.Text{ZH: "这里没有可改的值", EN: "there is no value here to change"},
			diagnostic.Text{ZH: "写到一个键的值为止", EN: "name the value of a key"})
	}
	return editable(data, Edit{Node: &Node{Kind: Scalar, file: n.file, parent: n.parent, Span: n.Span}})
}

func refused(n *Node) error {
	return editError(CodeEditRefused, n,
		diagnostic.Text{ZH: "这样修改后文件读不回所写的内容", EN: "the file would not be read back as edited"},
		diagnostic.Text{ZH: "检查新内容的引号、冒号、括号", EN: "check quotes, colons and braces in the new text"})
}

// sameBut reports whether two trees are the same but for a node of the first.
func sameBut(before, after, changed *Node) bool {
	if before == changed {
		return after != nil
	}
	if after == nil || before.Kind != after.Kind || before.Text != after.Text || before.LineComment != after.LineComment ||
		len(before.Entries) != len(after.Entries) || len(before.Items) != len(after.Items) {
		return false
	}
	for i, e := range before.Entries {
		if e.Key.Text != after.Entries[i].Key.Text || !sameBut(e.Value, after.Entries[i].Value, changed) {
			return false
		}
	}
	for i, item := range before.Items {
		if !sameBut(item, after.Items[i], changed) {
			return false
		}
	}
	return true
}

// grown reports whether a map has what it had, and one more entry behind.
func grown(before, after *Node) bool {
	if after == nil || len(after.Entries) != len(before.Entries)+1 {
		return false
	}
	for i, e := range before.Entries {
		if e.Key.Text != after.Entries[i].Key.Text || !sameBut(e.Value, after.Entries[i].Value, nil) {
			return false
		}
	}
	return true
}

// In is the node at the same place of another tree: the value or item of the
// same number in each map and list above it; nil where there is none. n is the
// top, a value or an item.
func (n *Node) In(root *Node) *Node { return nodeAt(root, n) }

// nodeAt is the node of another tree at the place of n.
func nodeAt(root, n *Node) *Node {
	if n.parent == nil {
		return root
	}
	in := nodeAt(root, n.parent)
	switch {
	case in == nil:
		return nil
	case n.parent.Kind == Seq && n.at < len(in.Items):
		return in.Items[n.at]
	case n.parent.Kind == Map && n.at < len(in.Entries):
		return in.Entries[n.at].Value
	}
	return nil
}

// lineEnd is where the line that holds a place ends, before its break.
func lineEnd(text string, at int) int {
	end := strings.IndexByte(text[at:], '\n')
	if end < 0 {
		return len(text)
	}
	end += at
	if end > at && text[end-1] == '\r' {
		end--
	}
	return end
}

// lineBreak is how lines end in the text.
func lineBreak(text string) string {
	if strings.Contains(text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// column is how many characters stand on the line before a place.
func column(text string, at int) int {
	return utf8.RuneCountInString(text[strings.LastIndexByte(text[:at], '\n')+1 : at])
}
