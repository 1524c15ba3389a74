// Package layout writes YAML files of rules and cases in one layout: two blanks
// a level, one behind colons, commas and dashes, none within brackets, at line
// ends or in empty lines, at most two empty lines in a row, and a line break at
// the end. Quotation marks, the order of things, comments, where lines break,
// how they end, and whether a list stands below its key or two blanks to the
// right of it are left as they are.
//
// Of a file in the layout nothing changes. What is read from a file is the same
// before and after, and so are its comments: that is looked at, and a file of
// which it is not so is left as it is, with a finding that says so.
package layout

import (
	"bytes"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// Format is a file in the layout. A file that cannot be read, or would say
// something else, is left as it is, and the findings say why.
func Format(name string, data []byte) ([]byte, diagnostic.List) {
	root, found := source.Parse(name, data)
	if root == nil {
		return data, found
	}
	f := read(string(data))
	f.tree(root)
	out := []byte(f.write())
	after := source.Nodes(name, out)
	if after == nil || !same(root, after) || !slices.Equal(f.comments, commentsOf(string(out), after)) {
		return data, diagnostic.List{notLaidOut(name, data, out)}
	}
	return out, nil
}

// notLaidOut says that a file would say something else in the layout, and where
// the layout would first have changed something.
func notLaidOut(name string, data, out []byte) diagnostic.Diagnostic {
	line := 1
	was, is := bytes.SplitAfter(data, []byte("\n")), bytes.SplitAfter(out, []byte("\n"))
	for i := range min(len(was), len(is)) {
		if !bytes.Equal(was[i], is[i]) {
			line = i + 1
			break
		}
	}
	at := diagnostic.Position{Line: line, Column: 1}
	return diagnostic.Diagnostic{
		Code: "not_laid_out", Severity: diagnostic.Error, Span: diagnostic.Span{File: name, Start: at, End: at},
		Message: diagnostic.Textf("没有排版：照统一的样子写，内容或注释会变，最先从这一行起", "this was not laid out: its content or comments would change, at the earliest from this line on"),
		Remedy:  diagnostic.Textf("自己按两格一级排好这里；这是排版的差错，请连同文件报告", "lay it out here by hand, two blanks a level; it is a fault of the layout, so please report it with the file"),
	}
}

// same reports whether two files say the same, with the same quotation marks and
// the same comments behind texts.
func same(a, b *source.Node) bool {
	if a.Kind != b.Kind || a.Style != b.Style || a.Text != b.Text || a.LineComment != b.LineComment ||
		len(a.Entries) != len(b.Entries) || len(a.Items) != len(b.Items) {
		return false
	}
	for i, e := range a.Entries {
		if !same(e.Key, b.Entries[i].Key) || !same(e.Value, b.Entries[i].Value) {
			return false
		}
	}
	for i, item := range a.Items {
		if !same(item, b.Items[i]) {
			return false
		}
	}
	return true
}

// unknown is the indentation of a line of which nothing says how far it is
// indented.
const unknown = -1

// file is a text by its lines, and what is known of each.
type file struct {
	text     string
	mark     string // the byte order mark that it begins with, if any
	lines    []line
	scalars  []*source.Node // and empty values that are written, in the order of the text
	comments []string
}

// line is a line of the text, without its end.
type line struct {
	start, end int
	indent     int  // that it is to have; unknown for comments, and within what goes over several lines
	inside     bool // a text in several lines: it is moved, and nothing else
	block      bool // likewise, of a literal or folded one, where blanks may count
	opened     int  // the line in which what it is within begins; unknown for none
}

const byteOrderMark = "\ufeff"

func read(text string) *file {
	f := &file{text: text}
	at := 0
	if strings.HasPrefix(text, byteOrderMark) {
		f.mark, at = byteOrderMark, len(byteOrderMark)
	}
	for at < len(text) {
		end, next := len(text), len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end, next = at+i, at+i+1
		}
		if end > at && text[end-1] == '\r' && next > end {
			end--
		}
		f.lines = append(f.lines, line{start: at, end: end, indent: unknown, opened: unknown})
		at = next
	}
	return f
}

// lineOf is the number of the line in which a place stands.
func (f *file) lineOf(at int) int {
	i, exact := slices.BinarySearchFunc(f.lines, at, func(l line, at int) int { return l.start - at })
	if exact {
		return i
	}
	return max(0, i-1)
}

// indented is how many blanks a line begins with.
func (f *file) indented(n int) int {
	text := f.text[f.lines[n].start:f.lines[n].end]
	return len(text) - len(strings.TrimLeft(text, " "))
}

// first reports whether nothing but blanks stands before a place on its line.
func (f *file) first(at int) bool {
	l := f.lines[f.lineOf(at)]
	return strings.Trim(f.text[l.start:at], " ") == ""
}

// indent notes how far the line of a place is to be indented, if the place is
// the first of it.
func (f *file) indent(at, blanks int) {
	if f.first(at) {
		f.lines[f.lineOf(at)].indent = blanks
	}
}

// tree notes what is known of the lines of a file.
func (f *file) tree(root *source.Node) {
	f.node(root, 0)
	slices.SortFunc(f.scalars, func(a, b *source.Node) int { return a.Start - b.Start })
	f.comments = commentsIn(f.text, f.scalars)
}

// isFlow reports whether a map or list is in braces or brackets.
func (f *file) isFlow(n *source.Node) bool {
	return n.Start < len(f.text) && (f.text[n.Start] == '{' || f.text[n.Start] == '[')
}

// node notes what a value says of its lines: a map or list in lines of its own
// whose keys or dashes are to stand so far to the right, or anything else.
func (f *file) node(n *source.Node, blanks int) {
	switch {
	case n.Kind == source.Map && !f.isFlow(n):
		for _, e := range n.Entries {
			f.indent(e.Key.Start, blanks)
			f.node(e.Key, blanks)
			f.value(e, blanks)
		}
	case n.Kind == source.Seq && !f.isFlow(n):
		for _, x := range n.Items {
			if dash := f.dashOf(x); dash >= 0 {
				f.indent(dash, blanks)
			}
			f.indent(x.Start, blanks+2)
			f.node(x, blanks+2)
		}
	default:
		f.piece(n)
	}
}

// value notes the value of an entry whose key stands so far to the right.
func (f *file) value(e source.Entry, blanks int) {
	v := e.Value
	switch {
	case v.Kind == source.Seq && !f.isFlow(v) && len(v.Items) > 0:
		if dash := f.dashOf(v.Items[0]); dash >= 0 && f.column(dash) <= f.column(e.Key.Start) {
			f.node(v, blanks)
		} else {
			f.node(v, blanks+2)
		}
	default:
		if v.Kind != source.Empty || v.Start < v.End {
			f.indent(v.Start, blanks+2)
		}
		f.node(v, blanks+2)
	}
}

func (f *file) column(at int) int { return at - f.lines[f.lineOf(at)].start }

// piece notes what stands in one piece: a scalar, or what is in brackets.
func (f *file) piece(n *source.Node) {
	from, to := f.lineOf(n.Start), f.lineOf(max(n.Start, n.End-1))
	if n.Kind == source.Scalar || n.Kind == source.Empty && n.Start < n.End {
		f.scalars = append(f.scalars, n)
		isBlock := n.Style == source.Literal || n.Style == source.Folded
		if isBlock { // empty lines behind it may be of it
			for to+1 < len(f.lines) && strings.TrimSpace(f.text[f.lines[to+1].start:f.lines[to+1].end]) == "" {
				to++
			}
		}
		for i := from + 1; i <= to; i++ {
			f.lines[i].inside, f.lines[i].block = true, isBlock
		}
	}
	for i := from + 1; i <= to; i++ {
		if f.lines[i].opened == unknown {
			f.lines[i].opened = from
		}
	}
	for _, e := range n.Entries {
		f.piece(e.Key)
		f.piece(e.Value)
	}
	for _, x := range n.Items {
		f.piece(x)
	}
}

// dashOf is where the dash of an item stands; -1 where it is not found.
func (f *file) dashOf(x *source.Node) int {
	for n := f.lineOf(x.Start); n >= 0; n-- {
		l := f.lines[n]
		until := min(x.Start, l.end)
		before := strings.TrimRight(f.text[l.start:until], " \t")
		if strings.HasSuffix(before, "-") {
			return l.start + len(before) - 1
		}
		if text := strings.TrimLeft(f.text[l.start:until], " "); strings.HasPrefix(text, "- ") { // a comment behind it
			return l.end - len(strings.TrimLeft(f.text[l.start:l.end], " "))
		} else if text != "" && text[0] != '#' {
			return -1
		}
	}
	return -1
}
