package policy

import (
	"bytes"
	"strings"
)

// Excerpt is the rule as it is written in the rules file, from its name on,
// without the indentation that it has there.
func (b *Rulebook) Excerpt(r *Rule) string {
	start, data := 0, b.textOf(r.Span.File)
	for range r.Span.Start.Line - 1 {
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
