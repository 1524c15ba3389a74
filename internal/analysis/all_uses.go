package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// AllUses is what UsesOf lists, for every name that a rulebook declares, found in
// one walk. Names that nothing uses are left out.
func AllUses(b *checked.Book) map[string][]Use {
	declared := map[string]bool{}
	for _, name := range Names(b) {
		declared[name] = true
	}
	all := map[string][]Use{}
	w := &usesWalk{found: func(text string, whole bool, u Use) {
		for _, name := range namesIn(text) {
			if declared[name] && (!whole || name == text) {
				all[name] = addUse(all[name], u)
			}
		}
	}}
	for _, file := range source.Split(b.Source()) {
		root, _ := source.Parse(source.NameOf(b.FileName, file.Path), file.Text)
		if root == nil {
			return nil
		}
		for _, e := range root.Entries {
			w.walk(e.Value, []string{e.Key.Text})
		}
	}
	return all
}

// namesIn are the names that a text may mention: what begins where no letter,
// digit, _ or point stands before it, and ends where no letter, digit or _
// follows.
func namesIn(text string) []string {
	var all []string
	before := rune(' ')
	for i, r := range text {
		if isNamed(r) && r != '.' && !isNamed(before) {
			all = append(all, prefixes(text[i:])...)
		}
		before = r
	}
	return all
}

func isNamed(r rune) bool { return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// prefixes are the names that a text may begin with: request, request.kind.
func prefixes(text string) []string {
	var all []string
	for i, r := range text {
		if isNamed(r) && r != '.' {
			continue
		}
		all = append(all, text[:i])
		if r != '.' && r != '/' {
			return all
		}
		if next, _ := utf8.DecodeRuneInString(text[i+1:]); !isNamed(next) || next == '.' {
			return all
		}
	}
	return append(all, strings.TrimRight(text, "./"))
}
