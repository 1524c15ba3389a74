package plainwords

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// sentences say what a rule of each form is about; what they leave out is told
// field by field.
var sentences map[string]func(*teller)

func init() { // not a literal, for tellers use it
	sentences = map[string]func(*teller){
		"scope": (*teller).scope, "value": (*teller).namedValue, "table": (*teller).table, "figure": (*teller).figure, "decision": (*teller).decision,
		"duty": (*teller).duty, "checklist": (*teller).checklist, "assignment": (*teller).assignment, "guard": (*teller).guard, "range": (*teller).rangeOf,
		"clock": (*teller).clock, "deadline": (*teller).deadline, "deeming": (*teller).deeming, "extension": (*teller).extension, "pause": (*teller).pause,
		"agenda": (*teller).agenda, "indicator": (*teller).indicator, "accrual": (*teller).accrual, "tariff": (*teller).tariff, "ladder": (*teller).ladder,
		"history": (*teller).history, "weighing": (*teller).weighing, "factor": (*teller).factor, "measure": (*teller).measure, "joint": (*teller).joint,
	}
}

// sayWith adds a sentence that ends with a block, whose parts stand below it.
func (t *teller) sayWith(zh, en string, b Block, args ...Phrase) {
	out := Block{Parts: b.Parts}
	out.Phrase = t.f(zh, en, append(args, b.Phrase)...)
	if len(b.Parts) == 0 {
		out.Phrase = append(out.Phrase, plain(t.pick("。", "."))...)
	}
	t.out.Says = append(t.out.Says, out)
}

// when tells to what the rule applies.
func (t *teller) when() {
	if t.has("when") {
		t.line("when", t.take("when"))
	}
}

func (t *teller) scope() {
	b := t.take("holds")
	if s := b.Phrase.String(); len(b.Parts) == 0 && s == t.pick("总是", "always") {
		t.says("符合下列条件即成立。", "It holds where it applies.")
	} else {
		t.sayWith("须符合：%s", "It holds where %s", b)
	}
	t.when()
}

func (t *teller) namedValue() {
	t.used["words"] = true
	b := t.take("is")
	if b.Phrase.String() == t.pick("按日期：", "by date:") {
		t.out.Says = append(t.out.Says, Block{plain(t.pick("按日期定为：", "By date it is:")), b.Parts})
		return
	}
	t.sayWith("定为%s", "It is %s", b)
}

func (t *teller) figure() {
	t.used["words"] = true
	if !t.has("quiet") || t.rule.Node.Get("quiet").Text != "true" {
		t.used["quiet"] = true
	}
	t.used["columns"] = true
	if t.has("each") {
		t.each()
		t.when()
		return
	}
	typ := t.lookAt(t.rule.Node.Get("is")).typ
	t.yesNo = typ == "yes_no"
	b := t.take("is")
	t.yesNo = false
	switch {
	case len(b.Parts) > 0:
		t.out.Says = append(t.out.Says, b)
	case typ == "yes_no" && b.Phrase.String() == t.pick("是", "yes"):
		t.says("为“是”。", "It is yes.")
	case typ == "yes_no":
		t.says("%s，则为“是”。", "Yes where %s.", b.Phrase)
	default:
		t.says("即%s。", "It is %s.", b.Phrase)
	}
	t.when()
}

// each says what records a rule puts together of a list.
func (t *teller) each() {
	if t.has("group_by") {
		t.says("把%s按以下各栏分组，每组得出一条记录。", "Groups %s; each group gives a record.", t.phrase("each"))
		t.line("group_by", t.take("group_by"))
	} else {
		t.says("由%s的每一项得出一条记录。", "Gives a record for each of %s.", t.phrase("each"))
	}
	if n := t.rule.Node.Get("fields"); n != nil {
		t.used["fields"] = true
		t.line("fields", t.fieldList(n))
	}
}

// fieldList are the columns of records, each with how it is found.
func (t *teller) fieldList(n *source.Node) Block {
	var out Block
	for _, e := range n.Entries {
		label := t.column(t.rule, t.elem, e.Key.Text).phrase
		b := t.node(e.Value, (*teller).sayValue)
		if b.Phrase.String() == label.String() { // it shows what it is called
			out.Parts = append(out.Parts, b)
			continue
		}
		b.Phrase = t.f("%s：%s", "%s: %s", plain(label.String()), b.Phrase)
		out.Parts = append(out.Parts, b)
	}
	return out
}

func (t *teller) decision() {
	t.says("须由人决定。", "A person must decide.")
	t.when()
}

func (t *teller) duty() {
	t.when()
	switch {
	case t.has("met"):
		t.sayWith("须做到：%s", "It must be so: %s", t.take("met"))
	case t.has("prohibited"):
		t.says("%s中不得有：%s（各成一项违反）。", "Among %s there must be none of these, each a breach of its own: %s.", t.phrase("observed"), t.phrase("prohibited"))
	default:
		t.says("须全部做到：%s（看%s）。", "All of these must be done: %s (looked up in %s).", t.phrase("required"), t.phrase("done"))
	}
	if !t.has("breach") && t.has("met") {
		t.says("只作许可，不会违反。", "It is a permission: it cannot be broken.")
	}
}

func (t *teller) checklist() {
	t.when()
	t.used["items"], t.used["as"] = true, true
	if t.has("each") {
		t.says("对%s逐个核对以下各项是否齐备。", "Each of %s is checked for these items.", t.phrase("each"))
	} else {
		t.says("核对以下各项是否齐备。", "It is checked whether all of these are there.")
	}
	items := t.rule.Node.Get("items")
	if items == nil {
		return
	}
	list := t.lookAt(t.rule.Node.Get("present")).words
	var out Block
	for _, e := range items.Entries {
		b := Block{Phrase: t.wordIn(list, e.Key.Text)}
		if when := e.Value.Get("when"); when != nil {
			w := t.node(when, (*teller).sayCondition)
			b.Parts = append(b.Parts, Block{Phrase: t.f("何时须有：%s", "required where %s", w.Phrase), Parts: w.Parts})
		}
		if done := e.Value.Get("done"); done != nil {
			w := t.node(done, (*teller).sayCondition)
			b.Parts = append(b.Parts, Block{Phrase: t.f("具备的条件：%s", "there where %s", w.Phrase), Parts: w.Parts})
		}
		if of := e.Value.Get("article"); of != nil {
			b.Phrase = t.f("%s（%s）", "%s (%s)", b.Phrase, t.wordIn(nil, of.Text))
		}
		out.Parts = append(out.Parts, b)
	}
	t.line("items", out)
}

func (t *teller) assignment() {
	t.says("在%s中，取%s最高的。", "Among %s, the one with the highest %s is picked.", t.phrase("among"), t.phrase("highest"))
	t.when()
	if t.has("eligible") {
		t.line("eligible", t.take("eligible"))
	}
	t.used["id"] = true
}

func (t *teller) guard() {
	t.sayWith("有下列情形即不得进行：%s", "It is stopped where %s", t.take("blocks_if"))
	t.when()
}

func (t *teller) rangeOf() {
	what := t.phrase("value")
	if len(what) == 0 {
		what = t.f("%s（最低）至%s（最高）", "%s (lowest) to %s (highest)", t.phrase("lowest"), t.phrase("highest"))
	}
	t.says("%s须在 %s 至 %s 之间，含两端。", "%s must be from %s to %s, both included.", what, t.phrase("from"), t.phrase("to"))
	t.when()
}

func (t *teller) indicator() {
	for _, bound := range []struct{ field, zh, en string }{
		{"below", "%s ÷ %s，须低于 %s（不含）。", "%s ÷ %s must be below %s."},
		{"at_most", "%s ÷ %s，不得超过 %s。", "%s ÷ %s must be at most %s."},
		{"above", "%s ÷ %s，须高于 %s（不含）。", "%s ÷ %s must be above %s."},
		{"at_least", "%s ÷ %s，不得低于 %s。", "%s ÷ %s must be at least %s."},
		{"exactly", "%s ÷ %s，须恰为 %s。", "%s ÷ %s must be exactly %s."},
	} {
		if t.has(bound.field) {
			t.says(bound.zh, bound.en, t.bracketed("count"), t.bracketed("base"), t.phrase(bound.field))
		}
	}
	t.when()
	if !t.has("counts_part_of_base") || t.rule.Node.Get("counts_part_of_base").Text != "true" {
		t.used["counts_part_of_base"] = true
	}
}

// bracketed is a field in brackets where it is a computation.
func (t *teller) bracketed(field string) Phrase {
	p := t.phrase(field)
	for _, s := range p {
		if s.Kind == Plain && len(s.Text) > 2 && slices.Contains([]string{" + ", " − ", " ÷ ", " × "}, s.Text) {
			return t.f("（%s）", "(%s)", p)
		}
	}
	return p
}

func (t *teller) ladder() {
	t.says("按%s和第几次定金额。", "The amount goes by %s, and by which occurrence it is.", t.phrase("level"))
	t.when()
	t.used["tiers"] = true
	tiers := t.rule.Node.Get("tiers")
	if tiers == nil {
		return
	}
	levels := t.lookAt(t.rule.Node.Get("level")).words
	table := Table{Head: []string{t.pick("层级", "level"), t.pick("第几次", "occurrence"), t.pick("每次金额", "amount of each")}}
	t.field = t.pick("从第几次起", "from which occurrence")
	for _, e := range tiers.Entries {
		rows := e.Value.Get("rows")
		if rows == nil {
			continue
		}
		for i, row := range rows.Items {
			level := t.wordIn(levels, e.Key.Text)
			if i > 0 {
				level = nil
			}
			from := t.flat(t.node(row.Get("from"), (*teller).sayNumber))
			amount := t.flat(t.node(row.Get("amount"), (*teller).sayNumber))
			table.Rows = append(table.Rows, []Phrase{level, t.f("第 %s 次起", "from no. %s on", from), amount})
		}
	}
	t.out.Tables = append(t.out.Tables, table)
	t.perTier(tiers, levels, "earlier", func(t *teller, level string, tier *source.Node) Block {
		n := tier.Get("earlier")
		if n == nil {
			return Block{}
		}
		if record, found := strings.CutSuffix(n.Text, "."+level); found && checked.DottedName.MatchString(record+"."+level) {
			return Block{Phrase: t.name(record).phrase} // a record that has a field for each level
		}
		return t.node(n, (*teller).sayValue)
	})
	t.perTier(tiers, levels, "repricing", func(t *teller, _ string, tier *source.Node) Block {
		words := []string{"marginal", "retroactive"}
		switch n := tier.Get("repricing"); {
		case n != nil:
			return t.node(n, func(t *teller, n *source.Node) Block {
				return t.sayOption(&policy.Field{Name: "repricing", Words: words}, n)
			})
		case tier.Get("rows") != nil && len(tier.Get("rows").Items) > 1:
			return Block{Phrase: plain(t.option("repricing", words[0]))}
		}
		return Block{} // there is no higher row to be reached
	})
}

// perTier tells a field that each tier has of its own: once, where it is the same
// in all of them.
func (t *teller) perTier(tiers *source.Node, levels *policy.WordList, field string, say func(t *teller, level string, tier *source.Node) Block) {
	inner := *t
	inner.field = t.label(field)
	var one, all Block
	same := true
	for _, e := range tiers.Entries {
		b := say(&inner, e.Key.Text, e.Value)
		if b.IsZero() {
			continue
		}
		if one.IsZero() {
			one = b
		}
		same = same && b.String() == one.String()
		all.Parts = append(all.Parts, Block{t.f("%s：%s", "%s: %s", t.wordIn(levels, e.Key.Text), b.Phrase), b.Parts})
	}
	if same {
		all = one
	}
	t.line(field, all)
}

func (t *teller) history() {
	t.says("对%s逐条按%s计罚，与录入的次序无关。", "Prices each of %s by %s; their order does not matter.", t.phrase("each"), t.phrase("ladder"))
	for _, key := range []string{"id", "matter", "incident"} {
		t.used[key] = true
	}
}

func (t *teller) weighing() {
	var parts []Phrase
	for _, r := range t.b.AllRules {
		if r.PartOf == t.rule.Name {
			parts = append(parts, Phrase{{Text: r.Label.In(t.lang), Kind: Rule, ID: r.Name}})
		}
	}
	t.says("把以下情节合成升降档数：%s。", "Weighs these circumstances into steps: %s.", join(parts, t.pick("、", ", ")))
}

func (t *teller) factor() {
	weight := number("1")
	if t.has("weight") {
		weight = t.phrase("weight")
	}
	t.used["weight"] = true
	steps := plain("steps")
	if weight.String() == "1" {
		steps = plain("step")
	}
	switch n := t.rule.Node.Get("direction"); {
	case n != nil && n.Kind != source.Scalar: // which of them stands below, under its label
		t.says("情节，升或降 %s 档，看作用。", "A circumstance of %s %s, up or down by its effect.", weight, steps)
		return
	case n != nil && n.Text == "mitigating":
		t.says("从轻情节，降 %s 档。", "A mitigating circumstance: %s %s down.", weight, steps)
	default:
		t.says("从重情节，升 %s 档。", "An aggravating circumstance: %s %s up.", weight, steps)
	}
	t.used["direction"] = true
}

func (t *teller) measure() {
	t.says("按%s定措施。", "The measures go by %s.", t.phrase("band"))
	t.used["bands"] = true
	bands := t.rule.Node.Get("bands")
	if bands == nil {
		return
	}
	list := t.lookAt(t.rule.Node.Get("band")).words
	table := Table{Head: []string{t.pick("情节", "band"), t.pick("如何选", "how many apply"), t.pick("措施，由轻到重", "measures, lightest first")}}
	for _, e := range bands.Entries {
		t.field = t.wordIn(list, e.Key.Text).String()
		mode := t.flat(t.node(e.Value.Get("mode"), func(t *teller, n *source.Node) Block {
			return t.sayOption(&policy.Field{Name: "mode", Words: []string{"any_of", "all_of", "one_of"}}, n)
		}))
		var options []Phrase
		if o := e.Value.Get("options"); o != nil {
			for _, x := range o.Entries {
				options = append(options, t.wordIn(nil, x.Key.Text))
			}
		}
		table.Rows = append(table.Rows, []Phrase{t.wordIn(list, e.Key.Text), mode, join(options, t.pick("、", ", "))})
	}
	t.out.Tables = append(t.out.Tables, table)
}

func (t *teller) joint() {
	t.says("%s之外，%s一并负责；同一人只记一次。", "Beside %s, %s answers as well; nobody twice.", t.phrase("principal"), t.phrase("head"))
	t.when()
}

func (t *teller) agenda() {
	t.says("在以下计时中，看下一个到期的是哪个、何时，哪些已逾期：%s。", "Of these clocks, which is due next, and which are overdue: %s.", t.phrase("of"))
	t.when()
}

// table tells the rows, what is looked at in the first columns and the results
// in the last.
func (t *teller) table() {
	t.used["rows"], t.used["columns"], t.used["keys"] = true, true, true
	keys, rows := t.rule.Node.Get("keys"), t.rule.Node.Get("rows")
	if keys == nil || rows == nil || len(rows.Items) == 0 {
		return
	}
	if t.has("each") {
		t.says("对%s的每一项，各取表中一行。", "For each of %s, one row of the table.", t.phrase("each"))
		if n := t.rule.Node.Get("fields"); n != nil {
			t.line("fields", t.fieldList(n))
		}
		t.used["fields"] = true
	} else {
		t.says("按下表取一行。", "One row of the table is taken.")
	}
	t.when()
	table := Table{}
	looked := map[string]thing{}
	for _, e := range keys.Entries {
		x := t.lookAt(e.Value)
		head := t.flat(t.node(e.Value, (*teller).sayValue))
		looked[e.Key.Text] = x
		table.Head = append(table.Head, t.finish(head, false).String())
	}
	var results []string
	for _, e := range rows.Items[0].Get("gives").Entries {
		results = append(results, e.Key.Text)
		head := t.column(t.rule, nil, e.Key.Text).phrase
		if len(rows.Items[0].Get("gives").Entries) == 1 && !t.has("each") {
			head = plain(t.rule.Label.In(t.lang))
		}
		table.Head = append(table.Head, t.finish(head, false).String())
	}
	articles := slices.ContainsFunc(rows.Items, func(r *source.Node) bool { return r.Get("article") != nil })
	if articles {
		table.Head = append(table.Head, t.pick("条款", "article"))
	}
	for _, row := range rows.Items {
		var cells []Phrase
		where := row.Get("where")
		for _, e := range keys.Entries {
			if where != nil && where.Text == "otherwise" {
				cells = append(cells, plain(t.pick("其余", "otherwise")))
				continue
			}
			cells = append(cells, t.cell(where.Get(e.Key.Text), looked[e.Key.Text]))
		}
		for _, name := range results {
			cells = append(cells, t.flat(t.node(row.Get("gives").Get(name), (*teller).sayValue)))
		}
		if articles {
			a := row.Get("article")
			if a != nil {
				cells = append(cells, t.wordIn(nil, a.Text))
			} else {
				cells = append(cells, nil)
			}
		}
		table.Rows = append(table.Rows, cells)
	}
	t.out.Tables = append(t.out.Tables, table)
}
