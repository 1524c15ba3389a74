package policy

import (
	"strings"

	"github.com/servicerules/rulebook/policy/diagnostic"
)

// Span is where the rule's name stands in the rules file.
func (r *Rule) Span() diagnostic.Span { return r.key.Span }

// Excerpt is the rule as it is written in the rules file, from its name on,
// without the indentation that it has there.
func (b *Rulebook) Excerpt(r *Rule) string {
	lines := strings.Split(string(b.data), "\n")
	at := r.key.Span.Start.Line - 1
	if at < 0 || at >= len(lines) {
		return ""
	}
	depth := indentation(lines[at])
	text := []string{strings.TrimRight(lines[at][depth:], " \r")}
	last := len(text)
	for _, line := range lines[at+1:] {
		if strings.TrimSpace(line) == "" {
			text = append(text, "")
			continue
		}
		if indentation(line) <= depth {
			break
		}
		text = append(text, strings.TrimRight(line[depth:], " \r"))
		last = len(text)
	}
	return strings.Join(text[:last], "\n")
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
