package load

import (
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// mayChange is the key of a definition under which it says what a book that
// extends this one may say otherwise.
const mayChange = "may_change"

// shape is what a node of a rules file is: a map of names, or a definition.
type shape struct {
	each  *shape            // of a map of names: what each of them is
	parts map[string]*shape // of a definition: the keys that hold further such things
	own   []string          // of a definition: keys that every book has for itself
	root  bool              // the whole file
}

// shapeOfBook is the shape of a rules file.
func shapeOfBook() *shape {
	definition := &shape{}
	named := func(each *shape) *shape { return &shape{each: each} }
	fact := &shape{parts: map[string]*shape{}}
	fact.parts["fields"] = named(fact)
	fact.parts["of"] = fact
	article := &shape{parts: map[string]*shape{}}
	for _, f := range forms.All() {
		article.parts[f.Section] = named(definition)
	}
	regulation := &shape{parts: map[string]*shape{"articles": named(article)}}
	return &shape{root: true, parts: map[string]*shape{
		"rulebook": {own: []string{"id", "title", "note"}}, "calendars": named(definition), "words": named(named(definition)), "facts": named(fact),
		"must": named(definition), "readings": named(definition), "regulations": named(regulation), "questions": named(definition), "promises": named(definition),
		"review": {parts: map[string]*shape{"sections": named(definition)}},
	}}
}

// marked is a tree without the keys may_change of its definitions, which are
// noted.
func (f *files) marked(n *source.Node, s *shape) *source.Node {
	if n.Kind != source.Map || s == nil || !f.mayChange {
		return n
	}
	var marks []*source.Node
	entries, changed := make([]source.Entry, 0, len(n.Entries)), false
	for _, e := range n.Entries {
		inner := s.each
		if s.each == nil {
			if inner = s.parts[e.Key.Text]; e.Key.Text == mayChange && !s.root {
				marks, changed = f.items(e.Value), true
				continue
			}
		}
		v := f.marked(e.Value, inner)
		changed = changed || v != e.Value
		entries = append(entries, source.Entry{Key: e.Key, Value: v})
	}
	if !changed {
		return n
	}
	n = source.Merged(n, entries)
	if marks != nil {
		f.marks[n] = marks
	}
	return n
}

// checkMarks reports what may_change of a definition names and the definition
// cannot have.
func (l *loader) checkMarks(n *source.Node, keys []string) {
	for _, mark := range l.files.marks[n] {
		if !slices.Contains(keys, mark.Text) {
			l.fail("may_change_unknown", mark, diagnostic.Textf("这里没有名为 %q 的键可改", "there is no key %q here that could be changed", mark.Text), diagnostic.OneOf(mark.Text, keys))
		}
	}
}

// extended is a book on top of the one that it extends: with what it adds, and
// with what it may say otherwise.
type extended struct {
	*files
	base      string   // name of the main file that is extended
	languages []string // of both books
}

// over is a node of the branch on top of that of the base.
func (x *extended) over(base, own *source.Node, s *shape, about policy.Deviation) *source.Node {
	switch {
	case x.isWording(base, s) && own.Kind == source.Scalar, base.Kind == source.Scalar && s.each == nil && own.Kind == source.Map:
		x.wordingNotChangeable(base, own)
		return base
	case own.Kind != source.Map:
		x.isMap(own, policy.Text{ZH: own.Key().Text, EN: own.Key().Text})
		return base
	case base.Kind != source.Map:
		return base // loading says so
	case s.each != nil:
		return x.names(base, own, s, about)
	}
	return x.definition(base, own, s, about)
}

// isWording reports whether a definition of the base is nothing but wording that it
// does not let a branch change: {zh: …, en: …} of a word, or, in one language, the
// text alone.
func (x *extended) isWording(base *source.Node, s *shape) bool {
	switch {
	case s.each != nil || len(s.parts) > 0:
		return false
	case base.Kind == source.Scalar:
		return true
	}
	return base.Kind == source.Map && len(x.marks[base]) == 0 && !slices.ContainsFunc(base.Entries, func(e source.Entry) bool { return !slices.Contains(x.languages, e.Key.Text) })
}

// wordingNotChangeable reports another wording of a word of the base, written as a
// text alone in one of the books; the same text is no change.
func (x *extended) wordingNotChangeable(base, own *source.Node) {
	if source.Same(base, own) || x.full() {
		return
	}
	key, lang := own.Key(), x.languages[0]
	if w := base.Get(lang); len(x.languages) == 1 && (w != nil && source.Same(w, own) || own.Get(lang) != nil && source.Same(base, own.Get(lang))) {
		return // {zh: …} is the text alone
	}
	wording := base.Written()
	if base.Kind == source.Map {
		wording = base.Get(base.Entries[0].Key.Text).Written()
		lang = base.Entries[0].Key.Text
	}
	x.fail("not_changeable", key, diagnostic.Textf("%q 由 %s 规定，不能改", "%q is laid down by %s and cannot be changed", key.Text, x.base),
		diagnostic.Textf("删去这里的 %[1]s；要让下级改，在 %[2]s 写 %[1]s: {%[3]s: %[4]s, may_change: [%[3]s]}，这里写 %[1]s: {%[3]s: …}", "remove %[1]s here; if branches are to change it, write %[1]s: {%[3]s: %[4]s, may_change: [%[3]s]} in %[2]s, and %[1]s: {%[3]s: …} here", key.Text, x.base, lang, wording),
		diagnostic.Related{Span: base.Key().Span, Message: diagnostic.Textf("规定在这里", "it is laid down here")})
}

// names puts together what two books define under names.
func (x *extended) names(base, own *source.Node, s *shape, about policy.Deviation) *source.Node {
	entries := slices.Clone(base.Entries)
	at := make(map[string]int, len(entries))
	for i, e := range entries {
		at[e.Key.Text] = i
	}
	var added []source.Entry
	for _, e := range own.Entries {
		i, known := at[e.Key.Text]
		inner := about
		inner.Label = labelOf(e.Value, x.languages)
		switch key := own.Key(); {
		case key != nil && key.Text == "regulations":
			inner.Article = e.Key.Text
		case key != nil && key.Text == "articles":
			inner.Article += "/" + e.Key.Text
		case key != nil && key.Text == "readings" && e.Value.Get("article") != nil:
			inner.Article = e.Value.Get("article").Text
		}
		if !known {
			inner.Path, inner.At, inner.Added = e.Value.Path(), e.Key.Span, true
			x.note(inner)
			added = append(added, e)
			continue
		}
		if inner.Label.IsZero() {
			inner.Label = labelOf(entries[i].Value, x.languages)
		}
		if a := entries[i].Value.Get("article"); a != nil && own.Key() != nil && own.Key().Text == "readings" {
			inner.Article = a.Text
		}
		entries[i].Value = x.over(entries[i].Value, e.Value, s.each, inner)
	}
	for _, e := range added {
		entries = slices.Insert(entries, placeOf(entries, e.Key.Text, own), e)
	}
	return source.Merged(base, entries)
}

// placeOf is where a name is put: an article by its number, all else last.
func placeOf(entries []source.Entry, name string, section *source.Node) int {
	if key := section.Key(); key != nil && key.Text == "articles" {
		for i, e := range entries {
			if compareNumbers(e.Key.Text, name) > 0 {
				return i
			}
		}
	}
	return len(entries)
}

// compareNumbers orders the numbers of articles and items.
func compareNumbers(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	return slices.CompareFunc(x, y, func(p, q string) int {
		m, _ := strconv.Atoi(p) // what is no number is refused by loading
		n, _ := strconv.Atoi(q)
		return m - n
	})
}

// definition is one that both books have: what the base marks may be said
// otherwise, and what is said alike is no change.
func (x *extended) definition(base, own *source.Node, s *shape, about policy.Deviation) *source.Node {
	marks := x.marks[base]
	for _, mark := range x.marks[own] {
		x.fail("not_changeable", mark, diagnostic.Textf("%s 里的内容，只有它自己能写 may_change", "what %s defines, only that file can mark with may_change", x.base),
			diagnostic.Textf("删去这里的 may_change", "remove may_change here"))
	}
	entries, changed := slices.Clone(base.Entries), false
	for _, e := range own.Entries {
		if e.Key.Text == source.Extends || e.Key.Text == source.Include {
			continue
		}
		i := slices.IndexFunc(entries, func(b source.Entry) bool { return b.Key.Text == e.Key.Text })
		part := s.parts[e.Key.Text]
		switch {
		case i < 0 && part != nil:
			entries = append(entries, e)
			x.addAll(e.Value, part, about)
		case part != nil:
			entries[i].Value = x.over(entries[i].Value, e.Value, part, about)
		case slices.Contains(s.own, e.Key.Text) && i < 0:
			entries = append(entries, e)
		case slices.Contains(s.own, e.Key.Text):
			entries[i] = e
		case i >= 0 && source.Same(entries[i].Value, e.Value):
		case !slices.ContainsFunc(marks, func(m *source.Node) bool { return m.Text == e.Key.Text }):
			x.notChangeable(e.Key, base, i, entries)
		default:
			changed = true
			d := about
			d.Path, d.Branch, d.At = e.Value.Path(), e.Value.Written(), e.Key.Span
			if i >= 0 {
				d.Base, d.BaseAt = entries[i].Value.Written(), entries[i].Key.Span
				entries[i] = e
			} else {
				d.BaseAt = base.Span
				if key := base.Key(); key != nil {
					d.BaseAt = key.Span
				}
				entries = append(entries, e)
			}
			x.note(d)
		}
	}
	n := source.Merged(base, entries)
	x.marks[n] = marks
	if changed {
		x.changed[n] = own
	}
	return n
}

// note keeps what the branch says otherwise or adds.
func (x *extended) note(d policy.Deviation) {
	if !strings.Contains(d.Article, "/") { // a regulation is no article
		d.Article = ""
	}
	x.deviations = append(x.deviations, d)
}

// addAll notes what a branch defines where the base has no such part at all.
func (x *extended) addAll(n *source.Node, s *shape, about policy.Deviation) {
	if s.each != nil && n.Kind == source.Map {
		x.names(source.Merged(n, nil), n, s, about)
		return
	}
	about.Path, about.At, about.Added = n.Path(), n.Key().Span, true
	x.note(about)
}

func (x *extended) notChangeable(key, base *source.Node, i int, entries []source.Entry) {
	if x.full() {
		return
	}
	name, at := key.Text, base.Span
	if k := base.Key(); k != nil {
		name, at = k.Text+"."+key.Text, k.Span
	}
	if i >= 0 {
		at = entries[i].Key.Span
	}
	x.fail("not_changeable", key, diagnostic.Textf("%q 由 %s 规定，不能改", "%q is laid down by %s and cannot be changed", name, x.base),
		diagnostic.Textf("删去这里的 %[1]s；要让下级改，在 %[2]s 的这一处写 may_change: [%[1]s]", "remove %[1]s here; if branches are to change it, write may_change: [%[1]s] there in %[2]s", key.Text, x.base),
		diagnostic.Related{Span: at, Message: diagnostic.Textf("规定在这里", "it is laid down here")})
}

// labelOf is how people call what a node defines, in the languages of the book.
func labelOf(n *source.Node, languages []string) policy.Text {
	for _, from := range []*source.Node{n, n.Get("asks"), n.Get("title")} {
		switch {
		case from == nil:
		case from.Kind == source.Scalar && len(languages) == 1:
			return diagnostic.TextIn(languages, func(string) string { return from.Text })
		case !slices.ContainsFunc(languages, func(lang string) bool { w := from.Get(lang); return w == nil || w.Kind != source.Scalar }):
			return diagnostic.TextIn(languages, func(lang string) string { return from.Get(lang).Text })
		}
	}
	return policy.Text{}
}

// languagesOf are the languages that a file says its rulebook is in, as far as they
// can be read before it is loaded.
func languagesOf(root *source.Node) []string {
	n := root.Get("rulebook").Get("languages")
	switch {
	case n == nil:
	case n.Kind == source.Scalar && isLanguage(n.Text):
		return []string{n.Text}
	case n.Kind == source.Seq && len(n.Items) > 0 && !slices.ContainsFunc(n.Items, func(item *source.Node) bool { return item.Kind != source.Scalar || !isLanguage(item.Text) }):
		all := make([]string, len(n.Items))
		for i, item := range n.Items {
			all[i] = item.Text
		}
		return all
	}
	return usualLanguages
}
