package load

import (
	"maps"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

func (l *loader) questionSection(n *source.Node) {
	for _, e := range n.Entries {
		if l.name(e.Key, checked.DottedName) && l.isMap(e.Value, policy.Text{ZH: "问题", EN: "a question"}) && !l.full() {
			l.question(e.Key, e.Value)
		}
	}
}

func (l *loader) question(key, n *source.Node) {
	l.onlyKeys(n, l.withLabel("note", "facts", "governed_by", "scope", "rules", "verdict", "values")...)
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
		if w := v.Get("words"); w != nil {
			q.Verdict.Words = l.wordsOf(w, key.Text+".verdict")
		}
		if n := v.Get("if_none"); n != nil && l.isScalar(n, policy.Text{ZH: "结论", EN: "the verdict"}) {
			q.IfNone = n.Text
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
		if x != q.GovernedBy {
			l.markFactChoice(x)
		}
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
		l.onlyKeys(e.Value, l.withLabel("note", "is", "unit", "words", "keyed", "columns", "when", "fields")...)
		l.note(e.Value)
		f := &checked.Value{QuestionValue: &policy.QuestionValue{Name: e.Key.Text, Label: l.labelOfValue(e.Value)}, KeyNode: e.Key, IsNode: e.Value.Get("is"), WhenNode: e.Value.Get("when")}
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
			for i, column := range x.Entries {
				if l.nameForgotten(x, i, policy.Text{ZH: "栏的名称", EN: "name of the column"}, "") {
					continue
				}
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
