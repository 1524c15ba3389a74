package load

import (
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
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
	languages  []string // whose codes are keys of wording
	wordedIn   []string // the languages of the book
	rules      map[string]*likeRule
	inOrder    []*likeRule
	names      map[*policy.Form][]string            // of the rules of a form, in alphabetical order, once they are asked for
	changes    map[diagnostic.Span]policy.Deviation // what a branch says otherwise, by the place of the key
	copied     int                                  // nodes that were taken over
	tooMuch    bool                                 // that these are more than a book may have was told
	likeIsWord bool                                 // a word, a field or an option of the book has the name `like`
}

// likeRule is a rule as it stands in the file.
type likeRule struct {
	name    string
	form    *policy.Form
	bare    bool          // it is a named value
	entry   *source.Entry // where it stands
	article string        // that it stands under, by its id
	state   writing
	choices writing // how far those in it are written out
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
	a := &likeness{loader: l, rules: map[string]*likeRule{}, names: map[*policy.Form][]string{}, changes: map[diagnostic.Span]policy.Deviation{}, languages: slices.Clone(usualLanguages), wordedIn: languagesOf(root), likeIsWord: declaresLike(root)}
	for _, n := range root.Get("rulebook").Get("languages").Each() {
		a.languages = append(a.languages, n.Text)
	}
	for _, d := range l.files.deviations {
		a.changes[d.At] = d
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
		l.readingsAlone(root.Get("readings"), r.entry.Value, r.form.Fields)
	}
}

// declaresLike reports whether a book has a word, a field or an option of this
// name, which choices then mean by it.
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
	for _, regulation := range regulations.Pairs() {
		for _, article := range regulation.Value.Get("articles").Pairs() {
			for _, f := range forms.All() {
				rules := article.Value.Get(f.Section).Pairs()
				for i := range rules {
					if rules[i].Value.Kind != source.Map {
						continue
					}
					r := &likeRule{name: rules[i].Key.Text, form: &f.Form, bare: f.Bare, entry: &rules[i], article: regulation.Key.Text + "/" + article.Key.Text}
					a.inOrder = append(a.inOrder, r)
					if a.rules[r.name] == nil {
						a.rules[r.name] = r
					}
				}
			}
		}
	}
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
			a.deviates(r, e.Key)
			if key == "in_force" {
				a.endsTogether(r, of, like, e.Value)
			}
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

// deviates notes that what a branch says otherwise at a key of one rule holds of
// another one, too, which takes it over. A rule that the branch adds itself says
// nothing otherwise.
func (a *likeness) deviates(r *likeRule, key *source.Node) {
	d, ok := a.changes[key.Span]
	path := r.entry.Value.Path()
	if !ok || slices.ContainsFunc(a.files.deviations, func(x policy.Deviation) bool { return x.Added && strings.HasPrefix(path+".", x.Path+".") }) {
		return
	}
	d.Path, d.Article, d.Label = path+"."+key.Text, r.article, labelOf(r.entry.Value, a.wordedIn)
	a.files.deviations = append(a.files.deviations, d)
}

// endsTogether warns of a rule that ends only because the one that it is like does:
// whoever ends that one hardly thinks of the others.
func (a *likeness) endsTogether(r, of *likeRule, like, period *source.Node) {
	end := period.Get("to")
	if end == nil || end.Kind != source.Scalar {
		return
	}
	a.warn("in_force_taken_over", like, diagnostic.Textf("规则 %[1]s 自己没有写 in_force，就随 %[2]s 在 %[3]s 失效", "the rule %[1]s has no in_force of its own, and so it ends with %[2]s, on %[3]s", r.name, of.name, end.Text),
		diagnostic.Textf("本该一同失效的，这里也写同样的 in_force；不是的，写它自己的起止日期", "if both are to end together, write the same in_force here; if not, its own dates"))
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
	of := a.rules[like.Text]
	switch {
	case like.Kind != source.Scalar:
		a.isScalar(like, policy.Text{ZH: keyLike, EN: keyLike})
	case of == nil:
		a.fail("unknown_rule", like, diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", like.Text), a.anotherThan(r, like.Text))
	case of.form.Name != r.form.Name:
		a.fail("not_alike", like, diagnostic.Textf("%s 在 %s 下，这条规则在 %s 下，不是同一种规则", "%s stands under %s and this rule under %s: they are not of one kind", of.name, of.form.Section, r.form.Section), a.anotherThan(r, like.Text))
	case of == r:
		a.fail("not_alike", like, diagnostic.Textf("规则 %s 照自己写", "the rule %s is like itself", r.name), a.anotherThan(r, like.Text))
	case of.state == beingWritten:
		a.fail("not_alike", like, diagnostic.Textf("规则 %s 绕回到自己：它照 %s 写，%[2]s 又照它写", "the rule %s comes back to itself: it is like %s, which is like it", r.name, of.name),
			diagnostic.Textf("其中一条把内容写全，不写 like", "write one of them in full, without like"))
	default:
		return of
	}
	return nil
}

// anotherThan says which rules one may be like.
func (a *likeness) anotherThan(r *likeRule, asked string) diagnostic.Text {
	if a.names[r.form] == nil {
		for _, other := range a.inOrder {
			a.names[other.form] = append(a.names[other.form], other.name)
		}
		for _, names := range a.names {
			slices.Sort(names)
		}
	}
	others := slices.DeleteFunc(slices.Compact(slices.Clone(a.names[r.form])), func(name string) bool { return name == r.name })
	return diagnostic.OneOf(asked, others)
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
