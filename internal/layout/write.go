package layout

import (
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

// mostEmpty is how many empty lines may stand in a row.
const mostEmpty = 2

// writer writes a file in the layout, line by line.
type writer struct {
	*file
	starting map[int]*source.Node // scalars, by where they begin
	ending   map[int]*source.Node // those of several lines, by the line in which they end
	moved    []int                // how far each line is moved to the right
}

func (f *file) write() string {
	w := writer{f, map[int]*source.Node{}, map[int]*source.Node{}, make([]int, len(f.lines))}
	for _, s := range f.scalars {
		w.starting[s.Start] = s
		if last := f.lineOf(max(s.Start, s.End-1)); last > f.lineOf(s.Start) {
			w.ending[last] = s
		}
	}
	var out []string
	empty := 0
	for n, l := range f.lines {
		text := w.line(n)
		if text != "" || l.block {
			empty = 0
		} else if empty++; empty > mostEmpty || len(out) == 0 {
			continue
		}
		out = append(out, text)
	}
	last := f.lines[len(f.lines)-1]
	for len(out) > 0 && out[len(out)-1] == "" && !last.block {
		out = out[:len(out)-1]
	}
	text := f.mark + strings.Join(out, f.lineBreak())
	if last.block && !strings.HasSuffix(f.text, "\n") {
		return text // a break would be of the text that ends here
	}
	return text + f.lineBreak()
}

// lineBreak is how most lines end.
func (f *file) lineBreak() string {
	if windows := strings.Count(f.text, "\r\n"); 2*windows > strings.Count(f.text, "\n") {
		return "\r\n"
	}
	return "\n"
}

// line is a line in the layout, without its end.
func (w *writer) line(n int) string {
	l, old := w.lines[n], w.indented(n)
	raw := w.text[l.start:l.end]
	content := strings.Trim(raw, " \t")
	var b strings.Builder
	switch {
	case l.inside:
		now := max(0, old+w.moved[l.opened])
		b.WriteString(strings.Repeat(" ", now))
		until := l.end
		if s := w.ending[n]; s != nil {
			until = s.End
		}
		b.WriteString(w.text[min(l.start+old, until):until])
		w.pieces(&b, 'x', until, l.end)
		return b.String()
	case content == "":
		return ""
	case strings.HasPrefix(raw, "---") || strings.HasPrefix(raw, "...") || raw[0] == '%':
		return strings.TrimRight(raw, " \t") // a mark of documents
	}
	now := w.newIndent(n)
	w.moved[n] = now - old
	b.WriteString(strings.Repeat(" ", now))
	w.pieces(&b, 0, l.start+old, l.end)
	return b.String()
}

// isComment reports whether a line has nothing but a comment.
func (f *file) isComment(n int) bool {
	l := f.lines[n]
	return !l.inside && strings.HasPrefix(strings.TrimLeft(f.text[l.start:l.end], " \t"), "#")
}

// newIndent is how far a line is to be indented: a comment as the line below it
// or the one above it, whichever it was indented as.
func (w *writer) newIndent(n int) int {
	l, old := w.lines[n], w.indented(n)
	switch {
	case l.indent != unknown:
		return l.indent
	case l.opened != unknown:
		return max(0, old+w.moved[l.opened])
	case !w.isComment(n):
		return old
	}
	if below := w.neighbour(n, 1); below >= 0 && w.indented(below) == old {
		return w.newIndent(below)
	}
	if above := w.neighbour(n, -1); above >= 0 {
		return max(0, old+w.moved[above])
	}
	return old
}

// neighbour is the nearest line in a direction that is no comment, not empty,
// and not within what goes over several lines; -1 where there is none.
func (w *writer) neighbour(n, step int) int {
	for n += step; n >= 0 && n < len(w.lines); n += step {
		l := w.lines[n]
		if !l.inside && l.opened == unknown && !w.isComment(n) && strings.Trim(w.text[l.start:l.end], " \t") != "" {
			return n
		}
	}
	return -1
}

// pieces writes what stands on a line from one place to another, with the blanks
// between that belong there. before is the mark that stands before it, 'x' for a
// text and 0 for nothing.
func (w *writer) pieces(b *strings.Builder, before byte, at, end int) {
	for at < end {
		from := at
		for at < end && (w.text[at] == ' ' || w.text[at] == '\t') {
			at++
		}
		if at == end {
			return
		}
		gap := w.text[from:at]
		s, c := w.starting[at], w.text[at]
		if s == nil && c == '#' {
			if gap == "" && before != 0 {
				gap = " "
			}
			if before == 0 {
				gap = ""
			}
			b.WriteString(gap + strings.TrimRight(w.text[at:end], " \t"))
			return
		}
		b.WriteString(blanks(before, gap, c, s != nil))
		if s == nil {
			b.WriteByte(c)
			before = c
			at++
			continue
		}
		until := min(s.End, end)
		text := w.text[at:until]
		if s.End > end && s.Style != source.DoubleQuoted && s.Style != source.SingleQuoted {
			text = strings.TrimRight(text, " \t")
		}
		b.WriteString(text)
		before, at = 'x', until
	}
}

// blanks are those between two pieces of a line.
func blanks(before byte, gap string, c byte, isText bool) string {
	closes := !isText && strings.IndexByte("}],:", c) >= 0
	switch {
	case before == 0, before == '{', before == '[':
		return ""
	case closes && (before == ':' || before == ','):
		return gap // of nothing, as in {a: , b}
	case closes:
		return ""
	case before == ',', before == ':', before == '-':
		return " "
	}
	return gap
}

// commentsOf are the comments of a text, in its order.
func commentsOf(text string, root *source.Node) []string {
	f := read(text)
	f.tree(root)
	return f.comments
}

// commentsIn are the comments between texts.
func commentsIn(text string, scalars []*source.Node) []string {
	var all []string
	for at := 0; at < len(text); at++ {
		if len(scalars) > 0 && scalars[0].Start <= at {
			at = max(at, scalars[0].End) - 1
			scalars = scalars[1:]
			continue
		}
		if text[at] == '#' {
			comment, _, _ := strings.Cut(text[at:], "\n")
			all = append(all, strings.TrimRight(comment, " \t\r"))
			at += len(comment) - 1
		}
	}
	return all
}
