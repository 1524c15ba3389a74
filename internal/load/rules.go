package load

import (
	"maps"
	"regexp"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

func (l *loader) regulations(n *source.Node) {
	for _, e := range n.Entries {
		if !l.name(e.Key, checked.SnakeCase) || !l.isMap(e.Value, policy.Text{ZH: "制度", EN: "a regulation"}) {
			l.broken[e.Key.Text] = true
			continue
		}
		if l.full() {
			return
		}
		l.onlyKeys(e.Value, l.withLabel("note", "source", "last_article", "articles")...)
		l.note(e.Value)
		r := &policy.Regulation{ID: e.Key.Text, Title: l.label(e.Value), Source: l.articleSource(e.Value.Get("source"), policy.Source{})}
		l.book.Regulations = append(l.book.Regulations, r)
		if last := e.Value.Get("last_article"); last != nil && l.isScalar(last, policy.Text{ZH: "最后一条的条号", EN: "the number of the last article"}) && !wholeArticle.MatchString(last.Text) {
			l.fail("bad_article_number", last, diagnostic.Textf("%q 不是条号", "%q is not an article number", last.Text), articleMeant(last.Text))
		}
		articles := l.required(e.Value, "articles")
		if articles == nil || !l.isMap(articles, policy.Text{ZH: "条款", EN: "the articles"}) {
			l.lost["regulations"] = true
			continue
		}
		for _, a := range articles.Entries {
			l.article(r, a.Key, a.Value)
		}
	}
}

// wholeArticle is the number of an article, not of an item.
var wholeArticle = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)

func (l *loader) article(r *policy.Regulation, key, n *source.Node) {
	if !checked.ArticleNumber.MatchString(key.Text) {
		l.fail("bad_article_number", key, diagnostic.Textf("%q 不是条号", "%q is not an article number", key.Text),
			articleMeant(key.Text))
		l.lost[r.ID] = true
		l.refuse(n)
		return
	}
	if !l.isMap(n, policy.Text{ZH: "条款", EN: "an article"}) {
		l.lost[r.ID] = true
		l.refuse(n)
		return
	}
	a := &policy.Article{ID: r.ID + "/" + key.Text, Number: key.Text, Span: key.Span}
	keys := []string{"nature", "title", "text", "source", "note", "decides_nothing"}
	for _, f := range forms.All() {
		keys = append(keys, f.Section)
	}
	l.onlyKeys(n, keys...)
	if p := a.Parent(); p != "" && l.book.ArticlesByID[p] == nil && !l.lost[r.ID] {
		l.fail("item_without_article", key, diagnostic.Textf("项 %s 前面没有条 %s", "item %s stands before its article %s", a.ID, p),
			diagnostic.Textf("先写该条，再写它的项", "write the article first, then its items"))
	}
	if x := l.required(n, "nature"); x != nil && l.isScalar(x, policy.Text{ZH: "性质", EN: "the nature"}) {
		if a.Nature = x.Text; !slices.Contains(checked.Natures(), x.Text) {
			l.fail("unknown_nature", x, diagnostic.Textf("没有性质 %q", "there is no nature %q", x.Text), diagnostic.OneOf(x.Text, checked.Natures()))
		}
	}
	if x := l.required(n, "title"); x != nil {
		a.Title = l.text(x)
	}
	if x := l.required(n, "text"); x != nil {
		a.Text = l.text(x)
	}
	a.Source = l.articleSource(n.Get("source"), r.Source)
	if x := n.Get("note"); x != nil {
		a.Note = l.text(x)
	}
	if x := n.Get("decides_nothing"); x != nil {
		a.DecidesNothing = l.text(x)
	}
	r.Articles = append(r.Articles, a)
	l.book.ArticlesByID[a.ID] = a
	for _, e := range n.Entries {
		for _, f := range forms.All() {
			if f.Section == e.Key.Text && l.isMap(e.Value, policy.Text{ZH: f.Section, EN: f.Section}) {
				for i, rule := range e.Value.Entries {
					if l.misindented(e.Value, i) {
						break
					}
					l.rule(r, a, &f.Form, rule.Key, rule.Value)
				}
			}
		}
	}
}

func (l *loader) rule(r *policy.Regulation, a *policy.Article, f *policy.Form, key, n *source.Node) {
	l.decides[a.ID] = true
	if !l.name(key, checked.SnakeCase) || !l.isMap(n, policy.Text{ZH: "规则", EN: "a rule"}) || l.full() {
		l.broken[key.Text] = true
		return
	}
	rule := &checked.Rule{Rule: &policy.Rule{Name: key.Text, ID: r.ID + "." + key.Text, Article: a, Form: f, Span: key.Span}, Node: n, KeyNode: key, Like: l.likes[n]}
	if other := l.book.RulesByName[rule.Name]; other != nil {
		l.fail("duplicate_rule", key, diagnostic.Textf("规则名 %q 已在 %s 用过", "the rule name %q is used already, in %s", rule.Name, other.Article.ID),
			diagnostic.Textf("换一个名称；规则名在全书内唯一", "choose another name; rule names are unique in the book"),
			diagnostic.Related{Span: other.KeyNode.Span, Message: diagnostic.Textf("先用于此", "first used here")})
		return
	}
	if fact := l.book.FactsByName[rule.Name]; fact != nil {
		l.fail("name_taken", key, diagnostic.Textf("%q 已是事实的名称", "%q is already the name of a fact", rule.Name),
			diagnostic.Textf("换一个名称", "choose another name"), diagnostic.Related{Span: fact.Span, Message: diagnostic.Textf("事实在此", "the fact is here")})
		return
	}
	if own := l.files.changed[n]; own != nil {
		rule.Changed = own.Key().Span
	}
	before := len(l.found)
	l.onlyKeys(n, l.keysOf(f)...)
	l.note(n)
	if p := n.Get("part_of"); p != nil && l.isScalar(p, policy.Text{ZH: "part_of", EN: "part_of"}) {
		rule.PartOf = p.Text
		if fact := l.book.FactsByName[p.Text]; fact != nil {
			l.fail("name_taken", p, diagnostic.Textf("%q 已是事实的名称", "%q is already the name of a fact", p.Text),
				diagnostic.Textf("换一个名称", "choose another name"), diagnostic.Related{Span: fact.Span, Message: diagnostic.Textf("事实在此", "the fact is here")})
			rule.PartOf = ""
		} else if !l.name(p, checked.SnakeCase) {
			rule.PartOf = ""
		}
	}
	if p := n.Get("in_force"); p != nil {
		rule.From, rule.To = l.period(p)
		l.ruleInForce(rule, p)
	}
	l.fields(n, f.Fields, f.Section)
	l.noEmpty(n, l.withLabel("note", "part_of", "also_cites", "in_force")...)
	if len(l.found) > before {
		l.suspect[n] = true
	}
	rule.Label = l.labelOfRule(n, a)
	if c := n.Get("also_cites"); c != nil {
		for _, item := range l.items(c) {
			rule.AlsoCite = append(rule.AlsoCite, item.Text)
			l.articles = append(l.articles, item)
		}
	}
	l.quotations(rule, n.Get("rests_on"))
	a.Rules = append(a.Rules, rule.Rule)
	l.book.RulesByName[rule.Name] = rule
	l.book.AllRules = append(l.book.AllRules, rule)
}

// ruleInForce checks that a rule is in force while the rulebook is.
func (l *loader) ruleInForce(r *checked.Rule, n *source.Node) {
	b := l.book
	late, early := b.To != 0 && r.From > b.To, r.To != 0 && r.To < b.From
	if b.From != 0 && (late || early) {
		l.failAt("never_in_force", l.spanOf(n), diagnostic.Textf("规则书生效期间，这条规则都不生效", "the rule is not in force on any day on which the rulebook is"),
			diagnostic.Textf("改正 in_force，或删去这条规则", "correct in_force, or remove the rule"))
	}
}

// noEmpty reports keys without a value, at any depth: an empty condition
// would hold always.
func (l *loader) noEmpty(n *source.Node, but ...string) {
	for i, e := range n.Entries {
		switch {
		case slices.Contains(but, e.Key.Text):
		case e.Value.Kind == source.Empty && l.unknown[e.Key]: // that is what is wrong with it
		case l.cutNumber(n, i):
		case e.Value.Kind == source.Empty:
			l.fail("value_expected", e.Key, diagnostic.Textf("%s 没有值", "%s has no value", e.Key.Text),
				diagnostic.Textf("在冒号后写一个值，不适用就写 none", "write a value behind the colon, or none where there is none"))
		default:
			l.noEmpty(e.Value)
		}
	}
	for _, item := range n.Items {
		l.noEmpty(item)
	}
}

// fields checks required keys and, in every branch of a choice, the keys of
// nested maps. What the values mean is checked when the rule is built.
func (l *loader) fields(n *source.Node, fields []policy.Field, what string) {
	for i := range fields {
		f := &fields[i]
		child := n.Get(f.Name)
		if child == nil {
			if f.Required {
				l.missing(n, f.Name, policy.Text{ZH: "补上 " + f.Name + ":（" + f.Doc.ZH + "）", EN: "add " + f.Name + ": (" + f.Doc.EN + ")"})
			}
			continue
		}
		l.eachBranch(child, func(v *source.Node) {
			if slices.Contains(kindsOfOneValue, f.Kind) && l.likeWithoutBy(v) {
				return
			}
			switch f.Kind {
			case policy.Expressions:
				for _, e := range v.Entries {
					l.eachBranch(e.Value, func(x *source.Node) { l.likeWithoutBy(x) })
				}
			case policy.Quantity:
				if f.Computed && v.Kind == source.Map {
					l.nested(v, form.FieldsOfLength, what+"."+f.Name)
				}
			case policy.Structs:
				if v.Kind == source.Seq {
					for _, item := range v.Items {
						l.eachBranch(item, func(item *source.Node) { l.nested(item, f.Fields, what+"."+f.Name) })
					}
				}
			case policy.StructMap:
				if v.Kind == source.Map {
					for i, e := range v.Entries {
						if areLabels(f.Fields) && l.nameForgotten(v, i, policy.Text{ZH: "栏的名称", EN: "name of the column"}, "") {
							continue
						}
						if areLabels(f.Fields) && len(l.book.Languages) == 1 && e.Value.Kind == source.Scalar {
							continue // the wording alone
						}
						l.eachBranch(e.Value, func(item *source.Node) { l.nested(item, f.Fields, what+"."+f.Name) })
					}
				}
			}
		})
	}
}

// kindsOfOneValue are the kinds of fields that hold no names of their own.
var kindsOfOneValue = []policy.FieldKind{
	policy.Expression, policy.Option, policy.Quantity, policy.Number, policy.Percentage, policy.TimeOfDay, policy.Flag, policy.Code, policy.Calendar,
}

func (l *loader) nested(n *source.Node, fields []policy.Field, what string) {
	name := policy.Text{ZH: what, EN: what}
	if areLabels(fields) && !l.isWordingMap(n, name) || !areLabels(fields) && !l.isMap(n, name) {
		return
	}
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.Name)
	}
	if areLabels(fields) {
		keys = l.withLabel()
	}
	l.onlyKeys(n, keys...)
	l.fields(n, fields, what)
}

// areLabels reports whether fields are but the label in each language.
func areLabels(fields []policy.Field) bool {
	return len(fields) == len(usualLanguages) && fields[0].Name == usualLanguages[0] && fields[1].Name == usualLanguages[1]
}

func (l *loader) eachBranch(n *source.Node, visit func(*source.Node)) {
	if !checked.IsBy(n) {
		visit(n)
		return
	}
	for _, e := range n.Entries {
		if e.Key.Text != "by" {
			l.eachBranch(e.Value, visit)
		}
	}
}

// usage notes where each reading is used, and checks every `by:`. Where one
// is wrong, the rule or question cannot be resolved.
func (l *loader) usage(r *checked.Rule, top *source.Node) {
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		if checked.IsBy(n) {
			by := n.Get("by")
			if !l.checkBy(n, by, r != nil) {
				l.unsound[top] = true
			}
			if reading := l.book.ReadingsByKey[by.Text]; reading != nil && r != nil && !slices.Contains(reading.UsedBy, r.Rule) {
				reading.UsedBy = append(reading.UsedBy, r.Rule)
			}
		}
		for _, e := range n.Entries {
			walk(e.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	walk(top)
}

// checkBy reports whether a choice can be made, and what is wrong with it.
func (l *loader) checkBy(n, by *source.Node, inRule bool) bool {
	if l.refused[n] || by.Kind == source.Empty { // which is reported
		return false
	}
	if by.Text == "date" {
		return l.checkDates(n)
	}
	if checked.ElementPath(by.Text) {
		return l.checkElementChoice(n, by)
	}
	r := l.book.ReadingsByKey[by.Text]
	if f := l.book.WordFact(by.Text); r == nil && f != nil {
		if _, asExpression := l.book.AsExpression[n]; !inRule && !asExpression {
			l.fail("fact_chooses_in_rules", by, diagnostic.Textf("这里的值不能由事实选", "a value cannot be chosen by a fact here"),
				diagnostic.Textf("写成一条 figures 规则，在它的 is 里选值，这里写 规则名.value", "make it a rule of figures, choose in its is, and write rule.value here"))
			return false
		}
		return l.checkWords(n, by, f)
	}
	if r == nil {
		known := l.broken[by.Text] || l.broken[checked.RootOf(by.Text)] || l.lost["readings"] || diagnostic.Nearest(by.Text, slices.Sorted(maps.Keys(l.book.ReadingsByKey))) != ""
		if words := l.book.WordPaths(checked.RootOf(by.Text)); inRule && words != nil && !known {
			l.fail("unknown_fact", by, diagnostic.Textf("没有名为 %q 的事实", "there is no fact %q", by.Text), diagnostic.OneOf(by.Text, words))
			return false
		}
		if paths := l.book.WordPathsCalled(by.Text); inRule && paths != nil && !known {
			l.fail("unknown_fact", by, diagnostic.Textf("没有名为 %q 的事实", "there is no fact %q", by.Text), diagnostic.OneOf("", paths))
			return false
		}
		if meant := l.fieldMeant(n, by.Text); meant != "" && !known {
			l.fail("unknown_fact", by, diagnostic.Textf("没有名为 %q 的事实", "there is no fact %q", by.Text),
				diagnostic.Textf("列表每一项的字段前面有点：写 %s", "a field of the element that is looked at has a dot: write %s", meant))
			return false
		}
		if by.Kind != source.Scalar || !l.broken[by.Text] && !l.broken[checked.RootOf(by.Text)] && !l.lost["readings"] {
			l.failAt("unknown_reading", l.spanOf(by), diagnostic.Textf("没有名为 %q 的读法", "there is no reading %q", by.Text),
				diagnostic.OneOf(by.Text, append(slices.Sorted(maps.Keys(l.book.ReadingsByKey)), "date")))
		}
		return false
	}
	before := len(l.found)
	given, misspelt := map[string]bool{}, false
	for i, e := range n.Entries {
		switch {
		case e.Key.Text == "by":
		case l.cutNumber(n, i):
			return false
		case r.Several:
			l.fail("unknown_option", e.Key, diagnostic.Textf("读法 %s 选的是一组词，不分支", "reading %s chooses a set and does not branch", r.Key),
				diagnostic.Textf("只写 {by: %s}", "write {by: %s} alone", r.Key))
			return false
		case e.Key.Text != "otherwise" && r.Option(e.Key.Text) == nil && l.broken[e.Key.Text]:
			return false
		case e.Key.Text != "otherwise" && r.Option(e.Key.Text) == nil:
			l.fail("unknown_option", e.Key, diagnostic.Textf("读法 %s 没有选项 %q", "reading %s has no option %q", r.Key, e.Key.Text),
				diagnostic.OneOf(e.Key.Text, append(r.OptionNames(), "otherwise")))
			misspelt = true // as one of those that seem to be missing
		}
		given[e.Key.Text] = true
	}
	missing := slices.DeleteFunc(r.OptionNames(), func(o string) bool { return given[o] })
	if len(missing) > 0 && !given["otherwise"] && !r.Several && !misspelt {
		l.fail("missing_option", by, diagnostic.Textf("读法 %s 的选项 %s 没有对应的值", "no value for option %[2]s of reading %[1]s", r.Key, checked.Some(missing)),
			diagnostic.Textf("补上 %s: …，或 otherwise: …", "add %s: …, or otherwise: …", missing[0]))
	}
	return len(l.found) == before
}

// labels collects the wording of every word that a breach, an item or a list
// element of an answer may carry.
func (l *loader) labels() {
	l.book.Wordings = map[string]policy.Text{}
	for _, w := range l.book.Words {
		for _, word := range w.Words {
			if _, ok := l.book.Wordings[word]; !ok {
				l.book.Wordings[word] = w.Labels[word]
			}
		}
	}
	var walk func(f *checked.Fact)
	walk = func(f *checked.Fact) {
		if f.Words != nil {
			for _, word := range f.Words.Words {
				if _, ok := l.book.Wordings[word]; !ok {
					l.book.Wordings[word] = f.Words.Labels[word]
				}
			}
		}
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
	for _, r := range l.book.AllRules {
		for _, f := range r.Form.Fields {
			if n := r.Node.Get(f.Name); n != nil && f.Kind == policy.RuleNames {
				l.eachBranch(n, l.namedRules)
			}
		}
	}
}

// namedRules are called in answers as they are called themselves, unless the
// same word is labelled.
func (l *loader) namedRules(list *source.Node) {
	for _, n := range list.Items {
		if r := l.book.RulesByName[n.Text]; r != nil {
			if _, ok := l.book.Wordings[n.Text]; !ok {
				l.book.Wordings[n.Text] = r.Label
			}
		}
	}
}

// unlabelled reports words that answers carry and that have no label.
func (l *loader) unlabelled() {
	for _, r := range l.book.AllRules {
		for _, f := range r.Form.Fields {
			if n := r.Node.Get(f.Name); f.Said && n != nil {
				l.eachBranch(n, l.said)
			}
		}
	}
}

// said reports words that answers carry and that have no label.
func (l *loader) said(n *source.Node) {
	words := []*source.Node{n}
	if n.Kind == source.Map { // {role: expression}
		words = nil
		for _, e := range n.Entries {
			words = append(words, e.Key)
		}
	}
	for _, w := range words {
		if _, ok := l.book.Wordings[w.Text]; ok || w.Kind != source.Scalar || !checked.WordPattern.MatchString(w.Text) || w.Text == "none" {
			continue
		}
		remedy := diagnostic.Textf("在 words 的一个词表里加 %s: %s", "add %s: %s to a list of words", w.Text, l.wordingShape("", ""))
		if near := diagnostic.Nearest(w.Text, slices.Sorted(maps.Keys(l.book.Wordings))); near != "" {
			remedy = diagnostic.Textf("是否指 %s？若不是，在 words 里加 %s: %s", "did you mean %s? If not, add %s: %s under words", near, w.Text, l.wordingShape("", ""))
		}
		l.warn("word_without_label", w, diagnostic.Textf("代码 %q 没有中英文名称", "the word %q has no label", w.Text), remedy)
	}
}
