package policy

import (
	"bytes"
	"path/filepath"
	"strings"
)

// Excerpt is the rule as it is written in the rules file, from its name on,
// without the indentation that it has there; where a branch changes it, what
// that writes follows behind a comment that names its file.
func (b *Rulebook) Excerpt(r *Rule) string {
	text := excerpt(b.textOf(r.Span.File), r.Span.Start.Line)
	if r.Changed.Start.Line > 0 {
		text += "\n# " + filepath.Base(r.Changed.File) + "\n" + excerpt(b.textOf(r.Changed.File), r.Changed.Start.Line)
	}
	return text
}

// excerpt is what stands on a line and belongs to it, from its first line on.
func excerpt(data []byte, first int) string {
	start := 0
	for range first - 1 {
		start += bytes.IndexByte(data[start:], '\n') + 1
	}
	depth := indentation(data[start:])
	var text []string
	last := 0 // lines that belong to the rule; blank ones only between others
	for rest := data[start:]; len(rest) > 0; {
		line, after, _ := bytes.Cut(rest, []byte{'\n'})
		rest = after
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			text = append(text, "")
			continue
		case len(text) > 0 && indentation(line) <= depth:
			return strings.Join(text[:last], "\n")
		}
		text = append(text, string(bytes.TrimRight(line[depth:], " \r")))
		last = len(text)
	}
	return strings.Join(text[:last], "\n")
}

func indentation(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }
