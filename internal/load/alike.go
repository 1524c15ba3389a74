package load

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// What regulations say alike of several things is written once. A rule that is
// like another one has from it every key that it does not have itself, and may
// name what stands there in place of something else:
//
//	rate_p2: {zh: …, en: …, like: rate_p1, in_place_of: {tickets_p1: tickets_p2}}
//
// A choice that is like a named value has from it what holds for each word:
//
//	within: {by: .priority, like: resolve_within}
//
// Both are written out here, before anything is read, so that nothing else needs
// to know of them. What was taken over keeps the place at which it is written.

// keysOfLikeness are the keys of a rule that say what it is like.
const (
	keyLike      = "like"
	keyInPlaceOf = "in_place_of"
)

// ownKeys are those that a rule has for itself: nothing else can be said in the
// same words, cite the same articles or rest on the same text.
var ownKeys = []string{"note", "also_cites", "rests_on"}

// likeness writes out what is like something else.
type likeness struct {
	*loader
	languages []string
	rules     map[string]*likeRule
	inOrder   []*likeRule
	copied    int  // nodes that were taken over
	tooMuch   bool // that these are more than a book may have was told
	words     bool // `like` is a word or an option of the book
}

// likeRule is a rule as it stands in the file.
type likeRule struct {
	name  string
	form  *policy.Form
	bare  bool          // it is a named value
	entry *source.Entry // where it stands
	state writing
	value writing // how far its choices are
}

// writing is how far a rule is written out.
type writing uint8

const (
	asWritten writing = iota
	beingWritten
	writtenOut
)

// writeOut writes out what rules and choices take over from others.
func (l *loader) writeOut(root *source.Node) {
	a := &likeness{loader: l, rules: map[string]*likeRule{}, languages: slices.Clone(usualLanguages), words: declaresLike(root)}
	for _, n := range root.Get("rulebook").Get("languages").Each() {
		a.languages = append(a.languages, n.Text)
	}
	a.collect(root.Get("regulations"))
	for _, r := range a.inOrder {
		a.rule(r)
	}
	for _, r := range a.inOrder {
		a.choicesOf(r)
	}
	if q := root.Get("questions"); q != nil {
		a.choicesBelow(q)
	}
	for _, r := range a.inOrder {
		a.options(root.Get("readings"), r.entry.Value, r.form.Fields)
	}
}

// declaresLike reports whether a book has a word or an option of this name, which
// choices then mean by it.
func declaresLike(root *source.Node) bool {
	var has func(n *source.Node) bool
	has = func(n *source.Node) bool {
		return n != nil && (n.Get(keyLike) != nil || slices.ContainsFunc(n.Entries, func(e source.Entry) bool { return has(e.Value) }))
	}
	return has(root.Get("words")) || has(root.Get("facts")) || has(root.Get("readings"))
}

// collect finds the rules of a book; of two of one name the first, because the
// other is refused.
func (a *likeness) collect(regulations *source.Node) {
	for _, regulation := range valuesOfMap(regulations) {
		for _, article := range valuesOfMap(regulation.Get("articles")) {
			for _, f := range forms.All() {
				rules := entriesOf(article.Get(f.Section))
				for i := range rules {
					if rules[i].Value.Kind != source.Map {
						continue
					}
					r := &likeRule{name: rules[i].Key.Text, form: &f.Form, bare: f.Bare, entry: &rules[i]}
					a.inOrder = append(a.inOrder, r)
					if a.rules[r.name] == nil {
						a.rules[r.name] = r
					}
				}
			}
		}
	}
}

func entriesOf(n *source.Node) []source.Entry {
	if n == nil {
		return nil
	}
	return n.Entries
}

func valuesOfMap(n *source.Node) []*source.Node {
	if n == nil {
		return nil
	}
	return valuesOf(n)
}

// rule writes a rule out that is like another one.
func (a *likeness) rule(r *likeRule) {
	if r.state != asWritten {
		return
	}
	r.state = beingWritten
	defer func() { r.state = writtenOut }()
	n := r.entry.Value
	like, places := n.Get(keyLike), n.Get(keyInPlaceOf)
	if like == nil && places == nil {
		return
	}
	n = a.without(n, keyLike, keyInPlaceOf)
	r.entry.Value = n
	if like == nil {
		a.failAt("not_alike", places.Key().Span, diagnostic.Textf("没有写 like，不知道换的是哪条规则里的名称", "there is no like, and so no rule in which names are replaced"),
			diagnostic.Textf("补上 like: 规则名，或删去 in_place_of", "add like: the name of the rule, or remove in_place_of"))
		return
	}
	a.likes[n] = like
	of := a.ruleMeant(r, like)
	names, sound := a.replacements(places)
	if of == nil || !sound {
		a.incomplete(r)
		return
	}
	a.rule(of)
	if a.unsound[of.entry.Value] { // what it lacks, is no finding of this one
		a.incomplete(r)
		return
	}
	used := map[string]bool{}
	for _, e := range of.entry.Value.Entries {
		if key := e.Key.Text; n.Get(key) == nil && !slices.Contains(ownKeys, key) && !slices.Contains(a.languages, key) {
			n.Entries = append(n.Entries, source.Entry{Key: e.Key, Value: a.takenField(e.Value, fieldOf(r.form.Fields, key), names, used)})
		}
	}
	for _, old := range slices.Sorted(maps.Keys(names)) {
		if !used[old] {
			a.fail("not_alike", names[old].Key(), diagnostic.Textf("从规则 %s 取来的内容里没有 %q", "%[2]q stands nowhere in what is taken over from the rule %[1]s", of.name, old),
				diagnostic.Textf("冒号前写那条规则里的名称，冒号后写代替它的", "write a name that stands in that rule before the colon, and behind it what stands here in its place"))
			a.incomplete(r)
			a.notThere[names[old].Key().Span] = of.entry.Value
		}
	}
	a.bounded(like)
}

// bounded reports, once, that more is taken over than one file may hold.
func (a *likeness) bounded(like *source.Node) {
	if a.copied <= source.MaxMarks || a.tooMuch {
		return
	}
	a.tooMuch = true
	a.fail(source.CodeTooManyNodes, like, diagnostic.Textf("各处用 like 取来的内容合计超过 %d 个键和值", "more than %d keys and values are taken over by like in the book", source.MaxMarks),
		diagnostic.Textf("合并相同的规则，如用 each 处理列表", "make one rule of those that are alike, as with each for a list"))
}

// without is a map without some keys, in the place of the one that has them.
func (a *likeness) without(n *source.Node, keys ...string) *source.Node {
	own := source.Merged(n, slices.DeleteFunc(slices.Clone(n.Entries), func(e source.Entry) bool { return slices.Contains(keys, e.Key.Text) }))
	if changed := a.files.changed[n]; changed != nil {
		a.files.changed[own] = changed
	}
	if marks := a.files.marks[n]; marks != nil {
		a.files.marks[own] = marks
	}
	return own
}

// ruleMeant is the rule that another one is like, nil where it cannot be.
func (a *likeness) ruleMeant(r *likeRule, like *source.Node) *likeRule {
	var alike []string
	for _, other := range a.inOrder {
		if other.form == r.form && other != r {
			alike = append(alike, other.name)
		}
	}
	slices.Sort(alike)
	of := a.rules[like.Text]
	remedy := diagnostic.OneOf(like.Text, slices.Compact(alike))
	switch {
	case like.Kind != source.Scalar:
		a.isScalar(like, policy.Text{ZH: keyLike, EN: keyLike})
	case of == nil:
		a.fail("unknown_rule", like, diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", like.Text), remedy)
	case of.form.Name != r.form.Name:
		a.fail("not_alike", like, diagnostic.Textf("%s 在 %s 下，这条规则在 %s 下，不是同一种规则", "%s stands under %s and this rule under %s: they are not of one kind", of.name, of.form.Section, r.form.Section), remedy)
	case of == r || of.state == beingWritten:
		a.fail("not_alike", like, diagnostic.Textf("规则 %s 绕回到自己：它照 %s 写，%[2]s 又照它写", "the rule %s comes back to itself: it is like %s, which is like it", r.name, of.name),
			diagnostic.Textf("其中一条把内容写全，不写 like", "write one of them in full, without like"))
	default:
		return of
	}
	return nil
}

// incomplete notes that a rule could not be written out: what it lacks, and what
// names of it mean, is no finding of its own.
func (a *likeness) incomplete(r *likeRule) {
	for _, f := range r.form.Fields {
		a.meant[r.entry.Value] = append(a.meant[r.entry.Value], f.Name)
	}
	a.unsound[r.entry.Value] = true
	a.broken[r.name] = true
}

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
	for _, name := range strings.Split(strings.TrimPrefix(text, "."), ".") {
		if !checked.WordPattern.MatchString(name) {
			return false
		}
	}
	return true
}

// takenField is a copy of what another rule says under a key. Of columns that are
// called by a text alone, in a book of one language, that text is wording.
func (a *likeness) takenField(n *source.Node, f *policy.Field, names map[string]*source.Node, used map[string]bool) *source.Node {
	if f == nil || f.Kind != policy.StructMap || n.Kind != source.Map || fieldOf(f.Fields, "en") == nil {
		return a.taken(n, names, used)
	}
	own := a.taken(n, nil, nil)
	for i, e := range n.Entries {
		if e.Value.Kind != source.Scalar {
			own.Entries[i].Value = a.taken(e.Value, names, used)
		}
	}
	return own
}

func fieldOf(fields []policy.Field, name string) *policy.Field {
	if i := slices.IndexFunc(fields, func(f policy.Field) bool { return f.Name == name }); i >= 0 {
		return &fields[i]
	}
	return nil
}

// taken is a copy of what another rule says, with names replaced in it; those
// that stand in it are noted.
func (a *likeness) taken(n *source.Node, names map[string]*source.Node, used map[string]bool) *source.Node {
	a.copied++
	if a.copied > source.MaxMarks {
		return n
	}
	own := *n
	own.Entries, own.Items = slices.Clone(n.Entries), slices.Clone(n.Items)
	for i, e := range own.Entries {
		if slices.Contains(a.languages, e.Key.Text) && e.Value.Kind == source.Scalar {
			continue // wording
		}
		own.Entries[i].Value = a.taken(e.Value, names, used)
	}
	for i, x := range own.Items {
		own.Items[i] = a.taken(x, names, used)
	}
	if n.Kind == source.Scalar && len(names) > 0 {
		if text, parts := replaced(n.Text, names, used); len(parts) > 0 {
			for _, part := range parts {
				a.takenFrom[part.By.Span] = append(a.takenFrom[part.By.Span], n)
			}
			return source.Replaced(n, text, parts)
		}
	}
	return &own
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
		case isLetter(c) || isDigit(c) || c == '.' && i+1 < len(text) && isLetter(text[i+1]):
			end := i + 1
			for end < len(text) && (isLetter(text[end]) || isDigit(text[end]) || text[end] == '.' && end+1 < len(text) && isLetter(text[end+1])) {
				end++
			}
			path := text[i:end]
			called := strings.HasPrefix(strings.TrimLeft(text[end:], " "), "(")
			behind := c == '.' && i > 0 && strings.IndexByte(")]?", text[i-1]) >= 0
			if old := longestOf(names, path, called); old != "" && !isDigit(c) && !behind {
				used[old] = true
				path = names[old].Text + path[len(old):]
				from := utf8.RuneCountInString(out.String())
				parts = append(parts, source.InPlace{From: from, To: from + len(path), Old: end - i, By: names[old]})
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

func isLetter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

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

// choicesOf writes out the choices of a rule, once.
func (a *likeness) choicesOf(r *likeRule) {
	if r.value == asWritten {
		r.value = beingWritten
		a.choicesBelow(r.entry.Value)
		r.value = writtenOut
	}
}

// choicesBelow writes out the choices below a node that are like a named value.
func (a *likeness) choicesBelow(n *source.Node) {
	for i, e := range n.Entries {
		n.Entries[i].Value = a.choice(e.Value)
	}
	for i, x := range n.Items {
		n.Items[i] = a.choice(x)
	}
}

// choice is a node with what it and those below it are like written out.
func (a *likeness) choice(n *source.Node) *source.Node {
	a.choicesBelow(n)
	like := n.Get(keyLike)
	if like == nil || !checked.IsBy(n) || a.words {
		return n
	}
	n = a.without(n, keyLike)
	is := a.choiceMeant(like)
	if is == nil {
		a.refused[n] = true
		return n
	}
	for _, e := range is.Entries {
		if e.Key.Text != "by" && n.Get(e.Key.Text) == nil {
			key := *like // a word that the other value has and this choice cannot have is no mistake there
			key.Text, key.Style = e.Key.Text, e.Key.Style
			n.Entries = append(n.Entries, source.Entry{Key: &key, Value: a.taken(e.Value, nil, nil)})
		}
	}
	a.bounded(like)
	a.likeValues[n] = like.Text
	return n
}

// choiceMeant is the choice that a named value is, nil where it is none.
func (a *likeness) choiceMeant(like *source.Node) *source.Node {
	var values []string
	for _, r := range a.inOrder {
		if r.bare && checked.IsBy(r.entry.Value.Get("is")) {
			values = append(values, r.name)
		}
	}
	remedy := diagnostic.OneOf(like.Text, values)
	of := a.rules[like.Text]
	switch {
	case !a.isScalar(like, policy.Text{ZH: keyLike, EN: keyLike}):
	case of == nil:
		a.fail("unknown_rule", like, diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", like.Text), remedy)
	case !of.bare || !checked.IsBy(of.entry.Value.Get("is")):
		a.fail("not_alike", like, diagnostic.Textf("%s 不是写在 values 下、用 by 选的值", "%s is no value under values that is chosen with by", of.name), remedy)
	case of.value == beingWritten:
		a.fail("not_alike", like, diagnostic.Textf("值 %s 绕回到自己", "the value %s comes back to itself", of.name), diagnostic.Textf("其中一处把各词的值写全，不写 like", "write the value for each word in one of the places, without like"))
	default:
		a.choicesOf(of)
		if is := of.entry.Value.Get("is"); !a.refused[is] {
			return is
		}
	}
	return nil
}

// options writes out the choices that name a reading alone where a rule takes one
// of its own words: they are the option that is chosen.
func (a *likeness) options(readings, n *source.Node, fields []policy.Field) {
	for i := range fields {
		f, child := &fields[i], n.Get(fields[i].Name)
		if child == nil {
			continue
		}
		a.eachBranch(child, func(v *source.Node) {
			switch f.Kind {
			case policy.Structs, policy.StructMap:
				for _, x := range append(slices.Clone(v.Items), valuesOf(v)...) {
					a.eachBranch(x, func(x *source.Node) { a.options(readings, x, f.Fields) })
				}
			}
		})
		if f.Kind == policy.Option {
			a.option(readings, child)
		}
	}
}

func (a *likeness) option(readings, n *source.Node) {
	if !checked.IsBy(n) {
		return
	}
	for _, e := range n.Entries {
		a.option(readings, e.Value)
	}
	by := n.Get("by")
	options := readings.Get(by.Text).Get("options")
	if len(n.Entries) > 1 || options == nil || slices.ContainsFunc(options.Entries, func(e source.Entry) bool { return e.Value.Get("parameter") != nil }) {
		return // what is missing, is told of all choices
	}
	n.Entries = slices.Clone(n.Entries)
	for _, e := range options.Entries {
		word := *by
		word.Text, word.Style = e.Key.Text, source.Plain
		n.Entries = append(n.Entries, source.Entry{Key: &word, Value: &word})
	}
}
