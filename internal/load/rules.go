package load

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

var natures = []string{
	"purpose", "principle", "scope", "definition", "authority", "duty", "procedure", "threshold",
	"deadline", "presumption", "permission", "sanction", "factor", "right",
}

func (l *loader) regulations(n *source.Node) {
	for _, e := range n.Entries {
		if !l.name(e.Key, checked.SnakeCase) || !l.isMap(e.Value, policy.Text{ZH: "制度", EN: "a regulation"}) {
			l.broken[e.Key.Text] = true
			continue
		}
		if l.full() {
			return
		}
		l.onlyKeys(e.Value, "zh", "en", "note", "source", "last_article", "articles")
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
		if a.Nature = x.Text; !slices.Contains(natures, x.Text) {
			l.fail("unknown_nature", x, diagnostic.Textf("没有性质 %q", "there is no nature %q", x.Text), diagnostic.OneOf(x.Text, natures))
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
				for _, rule := range e.Value.Entries {
					l.rule(r, a, &f.Form, rule.Key, rule.Value)
				}
			}
		}
	}
}

// articleMeant says how to write the number of an article.
func articleMeant(text string) policy.Text {
	if m := articleDigits.FindStringSubmatch(text); m != nil {
		number := strings.TrimLeft(m[1], "0")
		if n, ok := chineseNumber(m[2]); ok {
			number = strconv.Itoa(n)
		}
		if number != "" {
			return diagnostic.Textf("用引号和半角数字：写 \"%s\"", "write \"%s\", in quotes and ASCII digits", number)
		}
	}
	return diagnostic.Textf("写引号里的条号，条下的项用点隔开，如 \"N\" 或 \"N.M\"", "write its number in quotes, that of an item behind a point: \"N\" or \"N.M\"")
}

// articleDigits finds a number in what texts write around one. What else
// stands there may make it another article (4a, 第四条之一, 附件4), which the bare
// number would be wrong for.
var articleDigits = regexp.MustCompile(`^(?i:第|§|articles?|art|rule|section|sec|clause|para|no|[\s.,:：、()（）])*(?:([0-9]+)|([一二三四五六七八九十百零]+))(?:条|[\s.,:：、()（）])*$`)

// chineseNumber reads a number below a thousand as articles are numbered: 二十三.
func chineseNumber(text string) (int, bool) {
	n, digit := 0, 0
	for _, r := range text {
		switch d := strings.IndexRune("零一二三四五六七八九", r) / len("零"); {
		case r == '十':
			n, digit = n+10*max(digit, 1), 0
		case r == '百':
			n, digit = n+100*max(digit, 1), 0
		default:
			digit = d
		}
	}
	return n + digit, n+digit > 0
}

func (l *loader) rule(r *policy.Regulation, a *policy.Article, f *policy.Form, key, n *source.Node) {
	l.decides[a.ID] = true
	if !l.name(key, checked.SnakeCase) || !l.isMap(n, policy.Text{ZH: "规则", EN: "a rule"}) || l.full() {
		l.broken[key.Text] = true
		return
	}
	rule := &checked.Rule{Rule: &policy.Rule{Name: key.Text, ID: r.ID + "." + key.Text, Article: a, Form: f, Span: key.Span}, Node: n, KeyNode: key}
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
	before := len(l.found)
	l.onlyKeys(n, f.Keys()...)
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
	l.noEmpty(n, "zh", "en", "note", "part_of", "also_cites", "in_force")
	if len(l.found) > before {
		l.suspect[n] = true
	}
	rule.Label = l.label(n)
	if c := n.Get("also_cites"); c != nil {
		for _, item := range l.items(c) {
			rule.AlsoCite = append(rule.AlsoCite, item.Text)
			l.articles = append(l.articles, item)
		}
	}
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
	for _, e := range n.Entries {
		switch {
		case slices.Contains(but, e.Key.Text):
		case e.Value.Kind == source.Empty && l.unknown[e.Key]: // that is what is wrong with it
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
			switch f.Kind {
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
					for _, e := range v.Entries {
						l.eachBranch(e.Value, func(item *source.Node) { l.nested(item, f.Fields, what+"."+f.Name) })
					}
				}
			}
		})
	}
}

func (l *loader) nested(n *source.Node, fields []policy.Field, what string) {
	if !l.isMap(n, policy.Text{ZH: what, EN: what}) {
		return
	}
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.Name)
	}
	l.onlyKeys(n, keys...)
	l.fields(n, fields, what)
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

func (l *loader) questionSection(n *source.Node) {
	for _, e := range n.Entries {
		if l.name(e.Key, checked.DottedName) && l.isMap(e.Value, policy.Text{ZH: "问题", EN: "a question"}) && !l.full() {
			l.question(e.Key, e.Value)
		}
	}
}

func (l *loader) question(key, n *source.Node) {
	l.onlyKeys(n, "zh", "en", "note", "facts", "governed_by", "scope", "rules", "verdict", "values")
	l.note(n)
	q := &checked.Question{Question: &policy.Question{ID: key.Text, Title: l.label(n), Span: key.Span}, GovernedBy: n.Get("governed_by"), Span: key.Span}
	l.questionNodes[q] = n
	before := len(l.found)
	if facts := l.required(n, "facts"); facts != nil {
		l.questionFacts(q, facts)
	}
	factsLost := len(l.found) > before
	if s := n.Get("scope"); s != nil {
		q.Scope = l.unitList(s)
	}
	if r := l.required(n, "rules"); r != nil {
		q.Rules = l.unitList(r)
	}
	if v := l.required(n, "verdict"); v != nil && l.isMap(v, policy.Text{ZH: "结论", EN: "the verdict"}) {
		l.onlyKeys(v, "is", "if_none", "words")
		q.Question.Verdict = &policy.QuestionValue{Name: "verdict"}
		q.Verdict = &checked.Value{QuestionValue: q.Question.Verdict, KeyNode: key, IsNode: l.required(v, "is")}
		if w := l.required(v, "words"); w != nil {
			q.Verdict.Words = l.wordsOf(w, key.Text+".verdict")
		}
		if n := v.Get("if_none"); n != nil && q.Verdict.Words != nil && l.isScalar(n, policy.Text{ZH: "结论", EN: "the verdict"}) {
			if q.IfNone = n.Text; l.book.WordsType(q.Verdict.Words).Index(n.Text) < 0 {
				l.fail("unknown_word", n, diagnostic.Textf("词表里没有 %q", "%q is not in the word list", n.Text), diagnostic.OneOf(n.Text, q.Verdict.Words.Words))
			}
		}
	}
	if v := l.required(n, "values"); v != nil && l.isMap(v, policy.Text{ZH: "取值", EN: "the values"}) {
		q.Values = l.values(v, key.Text)
		q.Question.Values = described(q.Values)
	}
	for _, x := range q.Nodes() {
		if x.Kind == source.Empty {
			l.failAt("value_expected", l.spanOf(x), diagnostic.Textf("这里没有值", "there is no value here"), diagnostic.Textf("写表达式", "write an expression"))
		}
		l.noEmpty(x)
		l.usage(nil, x)
		if l.unsound[x] {
			l.unsound[n] = true
		}
	}
	if q.GovernedBy != nil && l.dated(q.GovernedBy) {
		l.unsound[n] = true
	}
	if factsLost {
		q.GovernedBy = nil // what it uses may be what is lost
	}
	if len(l.found) > before {
		l.suspect[n] = true
	}
	l.book.QuestionsByID[q.ID] = q
	l.book.Questions, l.book.Rulebook.Questions = append(l.book.Questions, q), append(l.book.Rulebook.Questions, q.Question)
}

// dated reports choices of governed_by that depend on the date that it is to
// find.
func (l *loader) dated(n *source.Node) bool {
	found := false
	if checked.IsBy(n) {
		by := n.Get("by")
		r := l.book.ReadingsByKey[by.Text]
		switch {
		case by.Text == "date":
			found = true
			l.fail("governed_by_dated", by, diagnostic.Textf("governed_by 找的就是日期，不能再随日期变化", "governed_by finds the date; it cannot depend on it"),
				diagnostic.Textf("写日期类的事实", "write a fact that is a date"))
		case r != nil && len(checked.DatedValues(r.Chosen)) > 1:
			found = true
			l.fail("governed_by_dated", by, diagnostic.Textf("governed_by 用到的读法 %s 本身随日期变化", "governed_by uses the reading %s, whose choice itself depends on the date", r.Key),
				diagnostic.Textf("改用不随日期变化的读法", "use a reading whose choice does not change with the date"))
		}
	}
	for _, e := range n.Entries {
		found = l.dated(e.Value) || found
	}
	return found
}

func (l *loader) questionFacts(q *checked.Question, n *source.Node) {
	if n.Kind != source.Seq {
		l.failAt("list_expected", l.spanOfValue(n), diagnostic.Textf("这里应为列表", "a list is expected here"), diagnostic.Textf("写成 [甲, 乙]", "write [a, b]"))
		return
	}
	for _, item := range n.Items {
		name, declared := item, item
		if item.Kind == source.Map && len(item.Entries) == 1 {
			name, declared = item.Entries[0].Key, item.Entries[0].Value
			if !l.name(name, checked.SnakeCase) {
				continue
			}
		}
		if !l.isScalar(declared, policy.Text{ZH: "事实名", EN: "the name of a fact"}) {
			continue
		}
		fact := l.book.FactsByName[declared.Text]
		switch {
		case declared.Text == "as_of":
		case fact == nil && (l.broken[declared.Text] || l.lost["facts"]):
		case fact == nil:
			l.fail("unknown_fact", declared, diagnostic.Textf("没有声明事实 %q", "the fact %q is not declared", declared.Text),
				diagnostic.OneOf(declared.Text, slices.Sorted(maps.Keys(l.book.FactsByName))))
		case slices.ContainsFunc(q.Facts, func(f checked.Taken) bool { return f.Name == name.Text || f.Fact == fact }):
			l.fail("duplicate_fact", item, diagnostic.Textf("事实 %q 列了两次", "the fact %q is listed twice", name.Text), diagnostic.Textf("删去一个", "remove one"))
		default:
			q.Facts = append(q.Facts, checked.Taken{Name: name.Text, Fact: fact})
			q.Question.Facts = append(q.Question.Facts, policy.QuestionFact{Name: name.Text, Fact: fact.Fact})
		}
	}
}

// unitList reads the names of rules or groups of rules.
func (l *loader) unitList(n *source.Node) []string {
	if l.units == nil {
		l.units = map[string]bool{}
		for _, r := range l.book.AllRules {
			l.units[r.Unit()] = true
		}
	}
	var names []string
	for _, item := range l.items(n) {
		switch {
		case slices.Contains(names, item.Text):
			l.fail("duplicate_item", item, diagnostic.Textf("%q 列了两次", "%q is listed twice", item.Text), diagnostic.Textf("删去一个", "remove one"))
		case l.units[item.Text]:
			names = append(names, item.Text)
		case !l.broken[item.Text] && !l.lost["regulations"]:
			l.fail("unknown_rule", item, diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", item.Text), diagnostic.OneOf(item.Text, slices.Sorted(maps.Keys(l.units))))
		}
	}
	return names
}

func (l *loader) values(n *source.Node, path string) []*checked.Value {
	var all []*checked.Value
	for _, e := range n.Entries {
		if !l.plainName(e.Key) || !l.isMap(e.Value, policy.Text{ZH: "取值", EN: "a value"}) {
			continue
		}
		l.onlyKeys(e.Value, "zh", "en", "note", "is", "unit", "words", "keyed", "columns", "when", "fields")
		l.note(e.Value)
		f := &checked.Value{QuestionValue: &policy.QuestionValue{Name: e.Key.Text, Label: l.label(e.Value)}, KeyNode: e.Key, IsNode: e.Value.Get("is"), WhenNode: e.Value.Get("when")}
		if u := e.Value.Get("unit"); u != nil {
			f.Unit = l.text(u)
		}
		if w := e.Value.Get("words"); w != nil {
			f.Words = l.wordsOf(w, path+"."+f.Name)
		}
		if k := e.Value.Get("keyed"); k != nil {
			f.Keyed = l.flag(k)
		}
		if x := e.Value.Get("columns"); x != nil && l.isMap(x, policy.Text{ZH: "columns", EN: "columns"}) {
			f.Columns, f.ColumnsNode = map[string]policy.Text{}, x
			for _, column := range x.Entries {
				f.Columns[column.Key.Text] = l.text(column.Value)
			}
		}
		fields := e.Value.Get("fields")
		switch {
		case (fields == nil) == (f.IsNode == nil):
			if !slices.Contains(l.meant[e.Value], "is") && !slices.Contains(l.meant[e.Value], "fields") {
				l.fail("missing_key", e.Key, diagnostic.Textf("%q 与 %q 须且只能写一个", "exactly one of %q and %q is needed", "is", "fields"),
					diagnostic.Textf("写 is: 表达式，或写 fields: {…}", "write is: an expression, or fields: {…}"))
			}
			continue
		case fields != nil && l.isMap(fields, policy.Text{ZH: "fields", EN: "fields"}):
			f.Fields = l.values(fields, path+"."+f.Name)
			f.QuestionValue.Fields = described(f.Fields)
		}
		all = append(all, f)
	}
	return all
}

// described are values without their nodes.
func described(list []*checked.Value) []*policy.QuestionValue {
	all := make([]*policy.QuestionValue, len(list))
	for i, v := range list {
		all[i] = v.QuestionValue
	}
	return all
}

// crossReferences checks what can only be known once everything is read.
func (l *loader) crossReferences() {
	b := l.book
	ids := slices.Sorted(maps.Keys(b.ArticlesByID))
	known := func(n *source.Node) {
		reg, _, _ := strings.Cut(n.Text, "/")
		if b.ArticlesByID[n.Text] == nil && !l.broken[reg] && !l.lost[reg] && !l.lost["regulations"] {
			l.fail("unknown_article", n, diagnostic.Textf("条款 %q 不存在", "there is no article %q", n.Text), diagnostic.OneOf(n.Text, checked.Nearby(n.Text, ids)))
		}
	}
	for _, n := range l.articles {
		known(n)
	}
	l.placeValues()
	groups := map[string]*checked.Rule{}
	for _, r := range b.AllRules {
		l.partOf(r, groups)
		l.usage(r, r.Node)
	}
	l.tooManyWords()
	if b.CalendarNode != nil {
		l.usage(nil, b.CalendarNode)
	}
	for _, reg := range b.Regulations {
		l.emptyArticles(reg)
	}
	l.labels()
}

// emptyArticles checks that an article has rules, its own or its items', or
// says why it has none.
func (l *loader) emptyArticles(reg *policy.Regulation) {
	decides := map[string]bool{}
	for _, a := range reg.Articles {
		if l.decides[a.ID] {
			decides[a.ID], decides[a.Parent()] = true, true
		}
	}
	for _, a := range reg.Articles {
		switch {
		case !decides[a.ID] && a.DecidesNothing.IsZero():
			l.failAt("article_empty", a.Span, diagnostic.Textf("条款 %s 之下没有规则，也没有说明原因", "article %s has no rule and does not say why", a.ID),
				diagnostic.Textf("写规则，或写 decides_nothing: {zh: …, en: …}", "write a rule, or decides_nothing: {zh: …, en: …}"))
		case decides[a.ID] && !a.DecidesNothing.IsZero():
			l.failAt("article_not_empty", a.Span, diagnostic.Textf("条款 %s 有规则，却写了 decides_nothing", "article %s has rules but says that it decides nothing", a.ID),
				diagnostic.Textf("删去 decides_nothing", "remove decides_nothing"))
		}
	}
}

// partOf checks that the rules of a unit go together. groups are the first
// rules of the groups without an owner.
func (l *loader) partOf(r *checked.Rule, groups map[string]*checked.Rule) {
	if r.PartOf == "" {
		return
	}
	n := r.Node.Get("part_of")
	before := len(l.found)
	owner, first := l.book.RulesByName[r.PartOf], groups[r.PartOf]
	switch {
	case owner != nil:
		if owner == r || !r.Form.MayBePartOf(owner.Form.Name) || owner.PartOf != "" {
			l.fail("cannot_be_part", n, diagnostic.Textf("%s 不能并入 %s", "a %s cannot be part of a %s", r.Form.Name, owner.Form.Name),
				diagnostic.OneOf(r.PartOf, l.owners(r.Form)))
		}
	case first != nil && first.Form != r.Form:
		l.fail("cannot_be_part", n, diagnostic.Textf("组 %q 里既有 %s 又有 %s", "the group %q mixes %s and %s", r.PartOf, first.Form.Name, r.Form.Name),
			diagnostic.Textf("一组只放同一种规则", "a group holds rules of one form"))
	case l.broken[r.PartOf]:
		l.unsound[r.Node] = true
	case !r.Form.MayBePartOf(r.Form.Name):
		l.fail("unknown_rule", n, diagnostic.Textf("没有名为 %q 的规则", "there is no rule %q", r.PartOf), diagnostic.OneOf(r.PartOf, l.owners(r.Form)))
	default:
		groups[r.PartOf] = r
	}
	if len(l.found) > before {
		l.unsound[r.Node] = true
	}
}

// owners are the rules that a rule of the form may be part of.
func (l *loader) owners(f *policy.Form) []string {
	var names []string
	for _, r := range l.book.AllRules {
		if f.MayBePartOf(r.Form.Name) && r.PartOf == "" && r.Form != f {
			names = append(names, r.Name)
		}
	}
	return names
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
	if by.Text == "date" {
		return l.checkDates(n)
	}
	r := l.book.ReadingsByKey[by.Text]
	if f := l.book.WordFact(by.Text); r == nil && f != nil {
		if !inRule {
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
		l.fail("missing_option", by, diagnostic.Textf("读法 %s 的选项 %s 没有对应的值", "no value for option %[2]s of reading %[1]s", r.Key, some(missing)),
			diagnostic.Textf("补上 %s: …，或 otherwise: …", "add %s: …, or otherwise: …", missing[0]))
	}
	return len(l.found) == before
}

// some names up to three of a list.
func some(names []string) string {
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// checkDates checks the dates of {by: date, …}: they ascend, and the first
// value holds from the first day of the rulebook on.
func (l *loader) checkDates(n *source.Node) bool {
	sound := true
	var last *source.Node
	var lastDate date.Date
	b := l.book
	for _, e := range n.Entries {
		if e.Key.Text == "by" {
			continue
		}
		d := l.date(e.Key)
		if d == 0 {
			sound = false
			continue
		}
		switch {
		case last == nil:
			if b.From != 0 && d > b.From {
				sound = false
				if l.holdsFrom(n, b.From) {
					break // the dates are but out of order, as is said at the next
				}
				l.fail("dates_gap", e.Key, diagnostic.Textf("规则书从 %v 起生效，到 %v 之前没有值", "the rulebook is in force from %v on, and before %v there is no value", b.From, d),
					diagnostic.Textf("补上 %v: …", "add %v: …", b.From))
			}
		case d <= lastDate:
			sound = false
			l.fail("dates_not_ascending", e.Key, diagnostic.Textf("日期 %v 没有排在 %v 之后", "the date %v does not follow %v", d, lastDate),
				diagnostic.Textf("按日期先后排列", "put the dates in ascending order"))
		case d <= b.From:
			l.neverApplies(last)
		}
		if b.To != 0 && d > b.To {
			l.neverApplies(e.Key)
		}
		last, lastDate = e.Key, max(lastDate, d)
	}
	if len(n.Entries) < 2 {
		sound = false
		l.fail("missing_option", n.Get("by"), diagnostic.Textf("by: date 之下没有日期", "by: date has no dates"), diagnostic.Textf("补上“日期: 值”", "add date: value"))
	}
	return sound
}

// holdsFrom reports whether any of the dates is no later than the day.
func (l *loader) holdsFrom(n *source.Node, day date.Date) bool {
	return slices.ContainsFunc(n.Entries, func(e source.Entry) bool {
		d, err := source.Date(e.Key.Text)
		return err == nil && d <= day
	})
}

func (l *loader) neverApplies(date *source.Node) {
	l.warn("date_never_applies", date, diagnostic.Textf("规则书生效期间用不到 %s 的值", "the value of %s never applies while the rulebook is in force", date.Text),
		diagnostic.Textf("删去它，或改正日期", "remove it, or correct the date"))
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
		remedy := diagnostic.Textf("在 words 的一个词表里加 %s: {zh: …, en: …}", "add %s: {zh: …, en: …} to a list of words", w.Text)
		if near := diagnostic.Nearest(w.Text, slices.Sorted(maps.Keys(l.book.Wordings))); near != "" {
			remedy = diagnostic.Textf("是否指 %s？若不是，在 words 里加 %s: {zh: …, en: …}", "did you mean %s? If not, add %s: {zh: …, en: …} under words", near, w.Text)
		}
		l.warn("word_without_label", w, diagnostic.Textf("代码 %q 没有中英文名称", "the word %q has no label", w.Text), remedy)
	}
}
