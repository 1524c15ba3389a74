package load

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/policy"
)

// called are the names of what has a label, of the kind that a finding says is
// unknown: people who read labels write them where a name is wanted.
func (l *loader) called(d diagnostic.Diagnostic, label string) []string {
	if label = strings.TrimSpace(label); utf8.RuneCountInString(label) < 2 {
		return nil
	}
	var names []string
	near, least := "", 3 // of a label that is not quite one of those there are
	is := func(name string, labels ...policy.Text) {
		for _, text := range labels {
			for _, lang := range text.Languages() {
				if strings.EqualFold(text.In(lang), label) && !slices.Contains(names, name) {
					names = append(names, name)
				}
				if distance := diagnostic.Distance(text.In(lang), label); unicode.Is(unicode.Han, firstRune(label)) && distance < least && utf8.RuneCountInString(label) > 2*distance-1 {
					near, least = name, distance
				}
			}
		}
	}
	switch d.Code {
	case "unknown_fact":
		if !strings.ContainsFunc(label, unicode.IsLetter) || isPath(label) {
			return nil // "time" may be a name that was not declared
		}
		l.eachFact(func(f *checked.Fact) { is(f.Path, f.Label) })
		for _, r := range l.book.AllRules {
			is(r.Name, r.Label)
		}
	case "unknown_rule", "bad_name":
		if n := l.scalarAt(d.Span); d.Code == "bad_name" && (n == nil || n.Key() == nil || n.Key().Text != "part_of") {
			return nil // it is declared by that name
		}
		for _, r := range l.book.AllRules {
			is(r.Unit(), r.Label)
		}
	case "unknown_calendar":
		if n := l.root.Get("calendars"); n != nil {
			for _, c := range n.Entries {
				for _, lang := range l.book.Languages {
					if w := c.Value.Get(lang); w != nil && strings.EqualFold(w.Text, label) && !slices.Contains(names, c.Key.Text) {
						names = append(names, c.Key.Text)
					}
				}
			}
		}
	case "unknown_reading":
		for _, r := range l.book.Readings {
			is(r.Key, r.Asks)
		}
	case "unknown_question":
		for _, q := range l.book.Questions {
			is(q.ID, q.Title)
		}
	case "unknown_article":
		if id := checked.ArticleWritten(label); l.book.ArticlesByID[id] != nil {
			return []string{id}
		}
		regulation, number, _ := strings.Cut(checked.ArticleWritten(label), "/")
		for _, r := range l.book.Regulations {
			if id := r.ID + "/" + number; l.book.ArticlesByID[id] != nil && slices.ContainsFunc(r.Title.Languages(), func(lang string) bool { return r.Title.In(lang) == regulation }) {
				names = append(names, id)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(l.book.ArticlesByID)) {
			is(id, l.book.LabelOfArticle(id))
		}
	case "unknown_nature":
		if nature := checked.NatureMeant(label); nature != "" {
			return []string{nature}
		}
	}
	if len(names) == 0 && near != "" {
		names = []string{near}
	}
	return names
}

func firstRune(text string) rune {
	first, _ := utf8.DecodeRuneInString(text)
	return first
}

// eachFact visits the facts, and the fields of records and of what is in lists.
func (l *loader) eachFact(visit func(f *checked.Fact)) {
	var walk func(f *checked.Fact)
	walk = func(f *checked.Fact) {
		visit(f)
		for _, x := range f.Fields {
			walk(x)
		}
		if f.Elem != nil {
			walk(f.Elem)
		}
	}
	for _, f := range l.book.Facts {
		walk(f)
	}
}
