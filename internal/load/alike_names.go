package load

import (
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// replacements are the names that are replaced, each with what stands in its
// place, and whether they can be.
func (a *likeness) replacements(n *source.Node) (map[string]*source.Node, bool) {
	if n == nil {
		return nil, true
	}
	if !a.isMap(n, policy.Text{ZH: keyInPlaceOf, EN: keyInPlaceOf}) {
		return nil, false
	}
	names, sound := map[string]*source.Node{}, true
	for _, e := range n.Entries {
		for _, x := range []*source.Node{e.Key, e.Value} {
			if x.Kind == source.Scalar && !isPath(x.Text) {
				sound = false
				a.fail("bad_name", x, diagnostic.Textf("%q 不是名称", "%q is no name", x.Text),
					diagnostic.Textf("写事实、规则、值的名称，如 ticket.priority、.priority", "write the name of a fact, rule or value, such as ticket.priority or .priority"))
			}
		}
		sound = sound && a.isScalar(e.Value, policy.Text{ZH: e.Key.Text, EN: e.Key.Text})
		names[e.Key.Text] = e.Value
	}
	return names, sound
}

// isPath reports whether a text is a name, or a path of names such as
// ticket.priority; with a dot before it, that of an element of a list.
func isPath(text string) bool {
	return checked.DottedName.MatchString(strings.TrimPrefix(text, "."))
}

// replaced is an expression with names replaced, and the paths in which they are.
// Texts in quotes, functions and what stands behind the dot of another name are
// left as they are.
func replaced(text string, names map[string]*source.Node, used map[string]bool) (string, []source.InPlace) {
	var out strings.Builder
	var parts []source.InPlace
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\'' || c == '`':
			end := endOfQuotes(text, i)
			out.WriteString(text[i:end])
			i = end
		case inName(c) || c == '.' && i+1 < len(text) && isLetter(text[i+1]):
			end := i + 1
			for end < len(text) && (inName(text[end]) || text[end] == '.' && end+1 < len(text) && isLetter(text[end+1])) {
				end++
			}
			path := text[i:end]
			called := strings.HasPrefix(strings.TrimLeft(text[end:], " "), "(")
			behind := c == '.' && i > 0 && strings.IndexByte(")]?", text[i-1]) >= 0
			if old := longestOf(names, path, called); old != "" && !isDigit(c) && !behind {
				used[old] = true
				path = names[old].Text + path[len(old):]
				from := utf8.RuneCountInString(out.String())
				parts = append(parts, source.InPlace{From: from, To: from + len(path), Old: end - i, By: names[old]}) // paths are of single bytes
			}
			out.WriteString(path)
			i = end
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String(), parts
}

// isLetter reports whether a name may begin with it.
func isLetter(c byte) bool { return inName(c) && !isDigit(c) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// endOfQuotes is where the text in quotes ends that begins at i.
func endOfQuotes(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(text)
}

// longestOf is the longest of the names that a path is or begins with, "" where
// none is. The whole path is no name where it is called: it is a function.
func longestOf(names map[string]*source.Node, path string, called bool) string {
	longest := ""
	for name := range names {
		if (name == path && !called || strings.HasPrefix(path, name+".")) && len(name) > len(longest) {
			longest = name
		}
	}
	return longest
}
