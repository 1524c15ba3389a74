package forms

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

func checklistForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "checklist", Section: "checklists", PartOf: []string{"checklist"},
		Doc: policy.Text{
			ZH: "清单：逐项核对是否齐备。同组（part_of）的各条合成一张清单，缺项记在各自的条款下。写 each 时对列表里每个对象各核对一遍",
			EN: "required items, checked one by one. The rules of a group make one list, each item filed under its own article. With each, every element of a list is checked",
		},
		Fields: []policy.Field{
			whenField,
			{Name: "items", Kind: policy.StructMap, Required: true, Doc: policy.Text{ZH: "各项：{代码: {…}}", EN: "the items: {code: {…}}"}, Fields: []policy.Field{
				{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: policy.Text{ZH: "何时须有此项", EN: "when the item is required"}},
				{Name: "done", Kind: policy.Expression, Wants: policy.KindYesNo, Element: true, Doc: policy.Text{ZH: "此项已具备的条件（代替 present）", EN: "the condition for it being there, instead of present"}},
				{Name: "article", Kind: policy.Code, Doc: policy.Text{ZH: "此项所属条款，若不是本条", EN: "the article of the item, if not this one"}},
			}},
			{Name: "present", Kind: policy.Expression, Wants: policy.KindList, Element: true, Doc: policy.Text{ZH: "已具备的各项（词的列表）", EN: "the items that are there (a list of words)"}},
			{Name: "each", Kind: policy.Expression, Wants: policy.KindList, Doc: policy.Text{ZH: "逐个核对的对象列表", EN: "the list whose elements are checked"}},
			{Name: "name", Kind: policy.Expression, Element: true, Doc: policy.Text{ZH: "对象的名称，与 each 同用", EN: "the name of an element, with each"}},
			{Name: "as", Kind: policy.Code, Doc: policy.Text{ZH: "结果里对象名称一栏的键，如 place", EN: "the key of the element's name in results, such as place"}},
		},
		Outputs: []policy.Output{
			{Name: "required", Label: policy.Text{ZH: "须有的各项", EN: "items required"}, Type: "list of words", Doc: policy.Text{ZH: "须有的各项", EN: "the items required"}},
			{Name: "required_count", Label: policy.Text{ZH: "须有的项数", EN: "number of items required"}, Type: "count", Doc: policy.Text{ZH: "须有的项数", EN: "how many are required"}},
			{Name: "present_count", Label: policy.Text{ZH: "已有的项数", EN: "number of items there"}, Type: "count", Doc: policy.Text{ZH: "已有的项数", EN: "how many are there"}},
			{Name: "missing", Label: policy.Text{ZH: "缺项", EN: "missing"}, Type: "list of words", Doc: policy.Text{ZH: "缺的各项", EN: "the items missing"}},
			{Name: "missing_items", Label: policy.Text{ZH: "缺项及条款", EN: "missing items"}, Type: "list of records", Doc: policy.Text{ZH: "缺项及其条款；有 each 时为对象与缺项", EN: "item and article of each; with each: element and item"}},
			{Name: "missing_articles", Label: policy.Text{ZH: "缺项的条款", EN: "articles of missing items"}, Type: "list of articles", Doc: policy.Text{ZH: "缺项的条款", EN: "the articles of the missing items"}},
			{Name: "gaps", Label: policy.Text{ZH: "各对象的缺项", EN: "gaps"}, Type: "list of records", Doc: policy.Text{ZH: "有 each 时：有缺项的对象及其缺项", EN: "with each: the elements that lack something, and what"}},
			{Name: "complete", Label: policy.Text{ZH: "是否齐备", EN: "complete"}, Type: "yes/no", Doc: policy.Text{ZH: "是否齐备", EN: "whether nothing is missing"}},
		},
	}, Build: buildChecklist}
}

type checklist struct {
	parts   []*form.Part
	lists   []partList
	each    form.List
	name    *condition.Program
	outputs struct {
		required, requiredCount, presentCount, missing, items, articles, gaps, complete int
	}
}

type partList struct {
	when, present *condition.Program
	items         []checkItem
}

type checkItem struct {
	code       string
	article    *policy.Article
	when, done *condition.Program
}

func buildChecklist(b *form.Builder) form.Evaluator {
	c := &checklist{parts: b.Parts}
	words := &value.Words{Name: b.Name}
	as := "name"
	for _, p := range b.Parts {
		if e := p.Expr("each"); e != nil {
			c.each = b.Each(e)
			c.name = p.Expr("name")
			if c.name == nil {
				p.Fail("name", "missing_key", diagnostic.Textf("缺少 %q", "%q is missing", "name"), diagnostic.Textf("补上 name: .字段", "add name: .field"))
			}
			if p.Has("as") {
				as = p.Code("as")
			}
		}
	}
	if c.each.Program != nil && len(b.Parts) > 1 {
		b.Parts[1].Fail("part_of", "cannot_be_part", diagnostic.Textf("有 each 的清单不能分组", "a checklist with each cannot be grouped"), diagnostic.Textf("各写各的清单", "write separate checklists"))
	}
	for _, p := range b.Parts {
		l := partList{when: p.Expr("when"), present: p.Expr("present")}
		var codes []string
		for _, x := range p.StructMap("items") {
			item := checkItem{code: x.Name, article: x.ArticleIn("article"), when: x.Expr("when"), done: x.Expr("done")}
			if words.Index(item.code) >= 0 {
				p.Fail("items", "duplicate_item", diagnostic.Textf("%q 列了两次", "%q is listed twice", item.code), diagnostic.Textf("删去一个", "remove one"))
			}
			words.Each = append(words.Each, item.code)
			if item.done == nil {
				codes = append(codes, item.code)
			} else {
				codes = append(codes, "") // not looked for in present
			}
			l.items = append(l.items, item)
		}
		if l.present != nil {
			p.ChargeFor(len(codes), c.each.Program != nil)
			p.CheckWords("items", codes, form.WordsOf(l.present))
		}
		c.lists = append(c.lists, l)
	}
	word := form.WordType(words)
	o := &c.outputs
	o.required = b.Output("required", checked.ListOf(word))
	o.requiredCount = b.Output("required_count", typeCount)
	o.presentCount = b.Output("present_count", typeCount)
	o.missing = b.Output("missing", checked.ListOf(word))
	record := func(a, z value.Field) *value.Type {
		return checked.ListOf(&value.Type{Kind: value.Record, Fields: []value.Field{a, z}})
	}
	if c.each.Program == nil {
		o.items = b.Output("missing_items", record(value.Field{Name: "item", Type: word}, value.Field{Name: "article", Type: typeArticle}))
	} else {
		o.items = b.Output("missing_items", record(value.Field{Name: as, Type: typeName}, value.Field{Name: "item", Type: word}))
	}
	o.articles = b.Output("missing_articles", checked.ListOf(typeArticle))
	o.gaps = b.Output("gaps", record(value.Field{Name: as, Type: typeName}, value.Field{Name: "missing", Type: checked.ListOf(word)}))
	o.complete = b.Output("complete", typeYesNo)
	return c
}

// tally is what checking found so far.
type tally struct {
	required, missing, items, articles, gaps []value.Value
	requiredOpen, missingOpen                bool
}

func (c *checklist) Evaluate(r *form.Run) {
	t := &tally{}
	for i, p := range c.parts {
		applies := r.When(p, c.lists[i].when)
		switch {
		case isNo(applies):
		case applies.IsUnknown():
			t.requiredOpen, t.missingOpen = true, true
		case c.each.Program != nil:
			c.eachElement(r, p, c.lists[i], t)
		default:
			c.check(r, p, c.lists[i], t, value.Value{})
		}
	}
	c.set(r, t)
}

func (c *checklist) eachElement(r *form.Run, p *form.Part, l partList, t *tally) {
	list := r.Eval(c.each.Program)
	if list.IsUnknown() {
		t.requiredOpen, t.missingOpen = true, true
		r.Undetermined(p)
		return
	}
	r.Each(c.each, list.L(), func(int, value.Value) { c.check(r, p, l, t, r.Eval(c.name)) })
}

func (c *checklist) check(r *form.Run, p *form.Part, l partList, t *tally, name value.Value) {
	presentKnown := l.present == nil
	var present value.Value
	var gap []value.Value
	for _, item := range l.items {
		needed := value.Bool(true)
		if item.when != nil {
			needed = item.when.Eval(&r.Frame)
		}
		if isNo(needed) {
			continue
		}
		if needed.IsUnknown() {
			t.requiredOpen, t.missingOpen = true, true
			r.Undetermined(p)
			continue
		}
		t.required = append(t.required, value.WordOf(item.code))
		there := value.Bool(false)
		switch {
		case item.done != nil:
			there = item.done.Eval(&r.Frame)
		case l.present != nil:
			if !presentKnown {
				present, presentKnown = r.Eval(l.present), true
			}
			there = value.UnknownOf(value.YesNo)
			if !present.IsUnknown() {
				there = value.Bool(slices.ContainsFunc(present.L(), func(v value.Value) bool { return v.S() == item.code }))
			}
		}
		switch {
		case there.IsUnknown():
			t.missingOpen = true
			r.Undetermined(p)
		case !there.True():
			w, a := value.WordOf(item.code), value.ArticleOf(item.article.ID)
			t.missing, t.articles, gap = append(t.missing, w), append(t.articles, a), append(gap, w)
			if c.each.Program == nil {
				t.items = append(t.items, value.RecordOf([]value.Value{w, a}))
			} else {
				t.items = append(t.items, value.RecordOf([]value.Value{name, w}))
			}
		}
	}
	if gap != nil {
		r.Applied(p) // decided, whatever else is open
		t.gaps = append(t.gaps, value.RecordOf([]value.Value{name, value.ListOf(gap)}))
	}
}

func (c *checklist) set(r *form.Run, t *tally) {
	o := c.outputs
	list := func(l []value.Value, open bool) value.Value {
		if open {
			return value.UnknownOf(value.List)
		}
		return value.ListOf(l)
	}
	count := func(n int, open bool) value.Value {
		if open {
			return value.UnknownOf(value.Count)
		}
		return value.Int(int64(n))
	}
	r.Set(o.required, list(t.required, t.requiredOpen))
	r.Set(o.requiredCount, count(len(t.required), t.requiredOpen))
	r.Set(o.presentCount, count(len(t.required)-len(t.missing), t.requiredOpen || t.missingOpen))
	r.Set(o.missing, list(t.missing, t.missingOpen))
	r.Set(o.items, list(t.items, t.missingOpen))
	r.Set(o.articles, list(t.articles, t.missingOpen))
	r.Set(o.gaps, list(t.gaps, t.missingOpen))
	switch {
	case len(t.missing) > 0:
		r.Set(o.complete, value.Bool(false))
	case t.missingOpen:
		r.Set(o.complete, value.UnknownOf(value.YesNo))
	default:
		r.Set(o.complete, value.Bool(true))
	}
}

func (c *checklist) Explain(r *form.Run, s *form.Story) {
	o := c.outputs
	items := r.Slots[o.items]
	for i, p := range c.parts {
		if !r.DidApply(p) {
			continue
		}
		if c.each.Program != nil {
			if len(items.L()) == 0 {
				s.Tell(p, policy.Text{ZH: "各对象均齐备", EN: "nothing is missing anywhere"})
				continue
			}
			v := s.Show(r.Slots[o.gaps])
			s.Tellf(p, "缺 %s", "missing: %s", v)
			continue
		}
		checks := c.lists[i].present != nil || slices.ContainsFunc(c.lists[i].items, func(x checkItem) bool { return x.done != nil })
		from := form.WordsOf(c.lists[i].present)
		var lacks, needs []string
		for _, x := range c.lists[i].items {
			if slices.ContainsFunc(r.Slots[o.missing].L(), func(v value.Value) bool { return v.S() == x.code }) {
				lacks = append(lacks, x.code)
			}
			if slices.ContainsFunc(r.Slots[o.required].L(), func(v value.Value) bool { return v.S() == x.code }) {
				needs = append(needs, x.code)
			}
		}
		switch {
		case !checks && len(needs) > 0:
			s.Tellf(p, "须做：%s", "required: %s", s.Words(needs, from))
		case checks && len(lacks) == 0:
			s.Tell(p, policy.Text{ZH: "齐备", EN: "complete"})
		case checks:
			s.Tellf(p, "缺 %s", "missing: %s", s.Words(lacks, from))
		}
	}
}
