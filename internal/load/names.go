package load

import (
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// name checks that a key may serve as a name in rules.yaml.
func (l *loader) name(n *source.Node, pattern interface{ MatchString(string) bool }) bool {
	if !pattern.MatchString(n.Text) || len(n.Text) > checked.MaxIdentifier {
		l.badName(n)
		return false
	}
	if checked.IsReserved(n.Text) {
		l.fail("reserved_name", n, checked.ReservedName(n.Text),
			diagnostic.Textf("换一个名称", "choose another name"))
		l.broken[n.Text] = true
		return false
	}
	return true
}

func (l *loader) badName(n *source.Node) {
	l.broken[n.Text] = true
	l.broken[spelt(n.Text)] = true // as it is probably used
	remedy := diagnostic.Textf("用小写英文字母、数字和下划线，以字母开头，不超过 %d 个字符", "use lower-case letters, digits and underscores, a letter first, at most %d of them", checked.MaxIdentifier)
	if name := plainName(n.Text); name != "" {
		remedy = diagnostic.Textf("用小写英文字母、数字和下划线，如 %s，用到它的地方也要一致", "use lower-case letters, digits and underscores, as in %s, the same wherever it is used", name)
	}
	l.broken[withoutInvisible(n.Text)] = true // it looks like that
	if r := invisible(n.Text); r != "" {
		remedy = diagnostic.Textf("删去看不见的字符 %s", "remove the invisible character %s", r)
	}
	l.fail("bad_name", n, checked.BadName(n.Text), remedy)
}

// spelt is a text as a name is probably spelt.
func spelt(text string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(text))
}

// plainName is that where it is a name, else "".
func plainName(text string) string {
	if name := spelt(text); checked.SnakeCase.MatchString(name) && len(name) <= checked.MaxIdentifier && !checked.IsReserved(name) {
		return name
	}
	return ""
}
