package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
)

// Codes of the errors of Replace and ReplaceAll.
const (
	CodeEditNotScalar = "edit_not_scalar" // the node is a map, a list or nil
	CodeEditStale     = "edit_stale"      // data is not what the node was parsed from
	CodeEditOverlap   = "edit_overlap"    // two edits of one node
	CodeEditRefused   = "edit_refused"    // no way of writing the text would be read back as it
)

// Edit is a new text for a scalar or an empty value.
type Edit struct {
	Node *Node
	Text string
}

// Replace writes a new text for one node; see ReplaceAll.
func Replace(data []byte, n *Node, newText string) ([]byte, error) {
	return ReplaceAll(data, []Edit{{Node: n, Text: newText}})
}

// ReplaceAll returns data with the texts of nodes replaced and every other
// byte as it was. The nodes are of one Parse of exactly this data. A text is
// written in the style that it replaces where that can hold it, else quoted.
// The result is parsed: it is returned only if each edited node has its new
// text and nothing else has changed. Errors are of type
// diagnostic.Diagnostic, with one of the codes edit_….
func ReplaceAll(data []byte, edits []Edit) ([]byte, error) {
	edits = slices.Clone(edits)
	for _, e := range edits {
		if err := editable(data, e); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Node.Start, b.Node.Start) })
	for i := 1; i < len(edits); i++ {
		if edits[i].Node == edits[i-1].Node || edits[i].Node.Start < edits[i-1].Node.End ||
			edits[i].Node.file != edits[0].Node.file {
			return nil, editError(CodeEditOverlap, edits[i].Node,
				diagnostic.Text{ZH: "同一处有两个修改", EN: "two edits of the same place"},
				diagnostic.Text{ZH: "每处只改一次，且取自同一次读取", EN: "give one edit a node, of nodes parsed together"})
		}
	}
	if len(edits) == 0 {
		return slices.Clone(data), nil
	}
	// The preferred forms nearly always hold, so that one parse will do.
	forms := make([]string, len(edits))
	for i, e := range edits {
		forms[i] = writings(e)[0]
	}
	if result := splice(data, edits, forms); holds(edits, result) {
		return result, nil
	}
	for i, e := range edits {
		for _, form := range writings(e) {
			forms[i] = form
			if holds(edits[i:i+1], splice(data, edits[i:i+1], forms[i:i+1])) {
				break
			}
		}
	}
	if result := splice(data, edits, forms); holds(edits, result) {
		return result, nil
	}
	return nil, editError(CodeEditRefused, edits[0].Node,
		diagnostic.Text{ZH: "这样修改后文件读不回所写的内容", EN: "the file would not be read back as edited"},
		diagnostic.Text{ZH: "检查新内容的字符、长度，键不能为空或重复", EN: "check the characters and length of the new text; a key may be neither empty nor a duplicate"})
}

func editable(data []byte, e Edit) error {
	switch {
	case e.Node == nil || e.Node.Kind != Scalar && e.Node.Kind != Empty || e.Node.parent == nil:
		return editError(CodeEditNotScalar, e.Node,
			diagnostic.Text{ZH: "只能修改文字，不能修改一组键或列表", EN: "only a text can be replaced, not a map or list"},
			diagnostic.Text{ZH: "逐项修改", EN: "edit what is in it"})
	case e.Node.file.text != string(data):
		return editError(CodeEditStale, e.Node,
			diagnostic.Text{ZH: "文件在读取之后有了改动", EN: "the file has changed since it was read"},
			diagnostic.Text{ZH: "重新读取后再改", EN: "read it again"})
	}
	return nil
}

func editError(code string, n *Node, message, remedy diagnostic.Text) error {
	d := diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Message: message, Remedy: remedy}
	if n != nil {
		d.Span = n.Span
	}
	return d
}

// splice puts forms in the place of the nodes' bytes; edits are in file order.
func splice(data []byte, edits []Edit, forms []string) []byte {
	var out []byte
	last := 0
	for i, e := range edits {
		out = append(out, data[last:e.Node.Start]...)
		out = append(out, forms[i]...)
		last = e.Node.End
	}
	return append(out, data[last:]...)
}

// holds reports whether the result reads as the file of the edits does, with
// their texts in place.
func holds(edits []Edit, result []byte) bool {
	root, list := Parse("", result)
	if list.Failed() {
		return false
	}
	texts := make(map[*Node]string, len(edits))
	for _, e := range edits {
		texts[e.Node] = e.Text
	}
	before := edits[0].Node
	for before.parent != nil {
		before = before.parent
	}
	return same(before, root, texts)
}

func same(before, after *Node, texts map[*Node]string) bool {
	if text, edited := texts[before]; edited {
		return after.Kind == Scalar && after.Text == text
	}
	if before.Kind != after.Kind || before.Text != after.Text ||
		len(before.Entries) != len(after.Entries) || len(before.Items) != len(after.Items) {
		return false
	}
	for i, e := range before.Entries {
		if !same(e.Key, after.Entries[i].Key, texts) || !same(e.Value, after.Entries[i].Value, texts) {
			return false
		}
	}
	for i, item := range before.Items {
		if !same(item, after.Items[i], texts) {
			return false
		}
	}
	return true
}

// writings are the ways to write a new text in a node's place, the preferred
// first; there is at least one.
func writings(e Edit) []string {
	n, text := e.Node, e.Text
	gap := ""
	if n.Kind == Empty && n.Start == n.End {
		gap = " " // nothing stood behind the colon
	}
	var forms []string
	if n.Style == Literal || n.Style == Folded {
		forms = appendBlock(forms, n, text)
	}
	quotable := !strings.ContainsFunc(text, func(r rune) bool { return r == '\n' || r == '\t' || isHidden(r) })
	if n.Style == Plain && quotable && text != "" {
		forms = append(forms, gap+text)
	}
	if n.Style != DoubleQuoted && quotable && !strings.Contains(text, "'") {
		forms = append(forms, gap+"'"+text+"'")
	}
	forms = append(forms, gap+doubleQuoted(text))
	if n.Style == SingleQuoted && quotable {
		forms = slices.Insert(forms, 0, "'"+strings.ReplaceAll(text, "'", "''")+"'")
	}
	return forms
}

// appendBlock writes a text as a literal or folded block with the indentation
// and the header's comment of the one that it replaces.
func appendBlock(forms []string, n *Node, text string) []string {
	old := n.file.text[n.Start:n.End]
	header, body, found := strings.Cut(old, "\n")
	if !found || text == "" {
		return forms
	}
	end := "\n"
	if strings.HasSuffix(header, "\r") {
		end = "\r\n"
	}
	rest := header[indicators(header):]
	margin := body[:len(body)-len(strings.TrimLeft(body, " "))]
	lines := strings.TrimRight(text, "\n")
	chomp := ""
	switch len(text) - len(lines) {
	case 0:
		chomp = "-"
	case 1:
	default:
		return forms // what blank lines follow is not the text's to say
	}
	write := func(indicator, join string) string {
		var b strings.Builder
		b.WriteString(indicator + chomp + rest)
		for i, line := range strings.Split(lines, "\n") {
			if i > 0 {
				b.WriteString(join)
			} else {
				b.WriteString("\n")
			}
			if line != "" {
				b.WriteString(margin + strings.ReplaceAll(line, "\r", ""))
			}
		}
		return b.String()
	}
	if n.Style == Folded {
		forms = append(forms, write(">", end+end))
	}
	return append(forms, write("|", end))
}

// doubleQuoted writes a text in double quotes on one line.
func doubleQuoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case isHidden(r) || r == utf8.RuneError:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
