// Package calendars holds public holidays of some countries as fragments of
// rules files, with their sources. They are data: a rulebook takes the
// calendars that it needs into its own file, where everybody can read and
// change them. Nothing of them is in a program unless its rules say so.
//
// The holidays of mainland China are not among them: they are the calendar
// china, which needs no fragment.
package calendars

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// A Calendar is one calendar as it stands under `calendars:` of a rules file.
type Calendar struct {
	Name    string
	Base    string // the calendar that it is built on, which is a fragment, too; may be empty
	Sources string // the comment at the head of its file
	Text    string // its lines, indented by two spaces
}

// All are the calendars by name. The caller owns the list.
func All() []Calendar {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil // embedded files can be read
	}
	var all []Calendar
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			continue
		}
		all = append(all, split(string(data))...)
	}
	slices.SortFunc(all, func(a, b Calendar) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// split parts a file into its calendars: each begins with a line of its name,
// indented by two spaces.
func split(text string) (all []Calendar) {
	sources, text, _ := strings.Cut(text, "calendars:\n")
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, ":"); ok && strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   ") {
			all = append(all, Calendar{Name: strings.TrimSpace(name), Sources: sources})
		}
		if len(all) == 0 {
			continue
		}
		c := &all[len(all)-1]
		c.Text += line
		if base, ok := strings.CutPrefix(line, "    base: "); ok {
			c.Base = strings.TrimSpace(base)
		}
	}
	return all
}

// Fragment is a calendar with those that it is built on, as lines to put under
// `calendars:` of a rules file; false if there is none of that name.
func Fragment(name string) (string, bool) {
	all := All()
	text, sources := "", ""
	for name != "" {
		i := slices.IndexFunc(all, func(c Calendar) bool { return c.Name == name })
		if i < 0 {
			return "", false
		}
		text, sources, name = all[i].Text+text, all[i].Sources, all[i].Base
	}
	return sources + text, text != ""
}
