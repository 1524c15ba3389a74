package policy

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// Forms are the kinds of rule that this package knows: scopes, figures,
// decisions, duties, checklists, assignments, guards and ranges.
func Forms() []*Form {
	return []*Form{
		scopeForm(), figureForm(), decisionForm(), dutyForm(), checklistForm(), assignmentForm(), guardForm(), rangeForm(),
	}
}

// Types of outputs that forms share.
var (
	typeYesNo   = &value.Type{Kind: value.YesNo}
	typeCount   = &value.Type{Kind: value.Count}
	typeName    = &value.Type{Kind: value.Name}
	typeArticle = &value.Type{Kind: value.Article}
)

// ListOf is the type of a list.
func ListOf(t *value.Type) *value.Type { return &value.Type{Kind: value.List, Elem: t} }

// WordType is the type of words from a list; nil for words of any list.
func WordType(words *value.Words) *value.Type {
	if words == nil {
		words = &value.Words{}
	}
	return &value.Type{Kind: value.Word, Words: words}
}

// EngineWords is the type of a form's own words.
func EngineWords(name string, words ...string) *value.Type {
	return &value.Type{Kind: value.Word, Words: &value.Words{Name: name, Each: words}}
}

func wordList(words []string) value.Value {
	list := make([]value.Value, len(words))
	for i, w := range words {
		list[i] = value.WordOf(w)
	}
	return value.ListOf(list)
}

// both is Kleene's and.
func both(a, b value.Value) value.Value {
	switch {
	case isNo(a) || isNo(b):
		return value.Bool(false)
	case a.True() && b.True():
		return value.Bool(true)
	}
	return value.UnknownOf(value.YesNo)
}

// isNo reports a known no; what is known not to exist counts as no.
func isNo(v value.Value) bool { return v.False() || v.IsNone() }

func not(v value.Value) value.Value {
	switch {
	case v.True():
		return value.Bool(false)
	case isNo(v):
		return value.Bool(true)
	}
	return v
}

var whenField = Field{Name: "when", Kind: Expression, Wants: value.YesNo, Doc: Text{
	ZH: "适用条件；不写则总适用", EN: "when the rule applies; always if not given",
}}

// ---- scope

func scopeForm() *Form {
	return &Form{
		Name: "scope", Section: "scopes", PartOf: []string{"scope"},
		Doc: Text{ZH: "适用范围：成立才谈得上其他规则；同组之一成立即成立", EN: "whether something applies at all; in a group, any one that holds is enough"},
		Fields: []Field{
			whenField,
			{Name: "holds", Kind: Expression, Wants: value.YesNo, Required: true, Doc: Text{ZH: "成立的条件", EN: "the condition that must hold"}},
		},
		Outputs: []Output{
			{Name: "holds", Type: "yes/no", Doc: Text{ZH: "是否成立", EN: "whether it holds"}},
			{Name: "article", Type: "article", Doc: Text{ZH: "成立所依据的条款", EN: "the article by which it holds"}},
		},
		Build: func(b *Builder) Evaluator {
			s := &scope{parts: b.Parts, holdsAt: b.Output("holds", typeYesNo), articleAt: b.Output("article", typeArticle)}
			for _, p := range b.Parts {
				s.when = append(s.when, p.Expr("when"))
				s.holds = append(s.holds, p.Expr("holds"))
			}
			return s
		},
	}
}

type scope struct {
	parts              []*Part
	when, holds        []*condition.Program
	holdsAt, articleAt int
}

func (s *scope) Evaluate(r *Run) {
	mark := len(r.Needs)
	result, article := value.Bool(false), value.NoneOf(value.Article)
	for i, p := range s.parts {
		applies := r.When(p, s.when[i])
		if isNo(applies) {
			continue
		}
		switch v := both(applies, r.Eval(s.holds[i])); {
		case v.True() && !result.True():
			result, article = v, value.ArticleOf(p.Rule.Article.ID)
		case v.IsUnknown() && !result.True():
			result, article = v, value.UnknownOf(value.Article)
			r.Undetermined(p)
		}
	}
	if !result.IsUnknown() {
		r.Needs = r.Needs[:mark]
	}
	r.Set(s.holdsAt, result)
	r.Set(s.articleAt, article)
}

func (s *scope) Explain(r *Run, story *Story) {
	for i, p := range s.parts {
		if r.DidApply(p) {
			why := story.Because(s.holds[i])
			if r.Eval(s.holds[i]).True() {
				story.Tellf(p, "成立%s", "holds%s", why)
			} else {
				story.Tellf(p, "不成立%s", "does not hold%s", why)
			}
		}
	}
}

// ---- figure

func figureForm() *Form {
	return &Form{
		Name: "figure", Section: "figures", PartOf: []string{"figure"},
		Doc: Text{ZH: "算出的数或词，只报告，不裁断；同组取适用的那一条", EN: "a computed value; reported, not judged; of a group the one that applies"},
		Fields: []Field{
			whenField,
			{Name: "is", Kind: Expression, Required: true, Doc: Text{ZH: "如何算", EN: "how it is computed"}},
			{Name: "words", Kind: Code, Doc: Text{ZH: "算出的是词时，出自哪个词表", EN: "for a word, the list that it is from"}},
			{Name: "quiet", Kind: Flag, Doc: Text{ZH: "仅供其他规则使用，不出现在说明中", EN: "only for other rules; left out of explanations"}},
		},
		Outputs: []Output{{Name: "value", Type: "as computed", Doc: Text{ZH: "算得的值", EN: "the value"}}},
		Build: func(b *Builder) Evaluator {
			f := &figureUnit{parts: b.Parts}
			var typ *value.Type
			var when []*condition.Program
			for _, p := range b.Parts {
				is := p.Expr("is")
				if words := p.wordList("words"); words != nil {
					is = p.ExprOf("is", words)
				}
				when = append(when, p.Expr("when"))
				f.is = append(f.is, is)
				f.quiet = append(f.quiet, p.Flag("quiet", false))
				if is == nil || is.Type() == nil {
					continue
				}
				if typ != nil && typ.Kind != is.Type().Kind {
					p.Fail("is", "type_mismatch", textf("同组的值类型不一：%s 与 %s", "values of one group differ in type: %s and %s", typ, is.Type()),
						textf("让同组各条算出同一类型", "make them compute the same type"))
				}
				typ = mergeWords(typ, is.Type())
			}
			if typ == nil {
				typ = &value.Type{}
			}
			f.typ, f.at = typ, b.Output("value", typ)
			f.cases = b.Alternatives(f.parts, when)
			return f
		},
	}
}

// mergeWords joins the words that either of two types may hold.
func mergeWords(a, b *value.Type) *value.Type {
	if a == nil || a.Words == nil || b.Words == nil || a.Words == b.Words {
		return b
	}
	all := &value.Words{Each: append([]string{}, a.Words.Each...)}
	for _, w := range b.Words.Each {
		if all.Index(w) < 0 {
			all.Each = append(all.Each, w)
		}
	}
	return WordType(all)
}

type figureUnit struct {
	parts []*Part
	cases *Alternatives
	is    []*condition.Program
	quiet []bool
	typ   *value.Type
	at    int
}

func (f *figureUnit) Evaluate(r *Run) {
	i, state := r.Choose(f.cases)
	switch {
	case state != value.Known:
		r.Set(f.at, value.In(value.Invalid, state))
	default:
		v := r.Eval(f.is[i])
		if v.IsUnknown() {
			r.Undetermined(f.parts[i])
		}
		r.Set(f.at, v)
	}
}

func (f *figureUnit) Explain(r *Run, s *Story) {
	for i, p := range f.parts {
		if r.DidApply(p) && !f.quiet[i] {
			if r.Slots[f.at].K == value.YesNo {
				s.Tellf(p, "%s%s", "%s%s", s.ShowAs(r.Slots[f.at], f.typ), s.Because(f.is[i]))
				continue
			}
			v := s.How(f.is[i], f.typ)
			s.Tell(p, Text{ZH: v, EN: v})
		}
	}
}

// Num is Eval for a whole number, without the value around it. It is 0 unless
// it is known.
func (r *Run) Num(p *condition.Program) (int64, value.State) {
	if p == nil {
		return 0, value.Unknown
	}
	return p.Num(&r.Frame)
}

// Word is Eval for a word or other text, likewise.
func (r *Run) Word(p *condition.Program) (string, value.State) {
	if p == nil {
		return "", value.Unknown
	}
	return p.Text(&r.Frame)
}

// ---- decision

func decisionForm() *Form {
	return &Form{
		Name: "decision", Section: "decisions",
		Doc: Text{ZH: "条文留给人判断的事：条件成立时列入“须由人决定”", EN: "what the text leaves to a person: listed as to be decided when the condition holds"},
		Fields: []Field{
			{Name: "when", Kind: Expression, Wants: value.YesNo, Required: true, Doc: Text{ZH: "何时须由人决定", EN: "when a person must decide"}},
		},
		Outputs: []Output{{Name: "needed", Type: "yes/no", Doc: Text{ZH: "是否须由人决定", EN: "whether a person must decide"}}},
		Build: func(b *Builder) Evaluator {
			p := b.Parts[0]
			return &decisionUnit{part: p, when: p.Expr("when"), at: b.Output("needed", typeYesNo), needed: p.Decision(p.Rule.Name, p.Label())}
		},
	}
}

type decisionUnit struct {
	part   *Part
	when   *condition.Program
	at     int
	needed Mark
}

func (d *decisionUnit) Evaluate(r *Run) {
	v := r.When(d.part, d.when)
	if v.True() {
		r.Mark(d.needed)
	}
	r.Set(d.at, v)
}

func (d *decisionUnit) Explain(*Run, *Story) {}

// ---- guard

func guardForm() *Form {
	return &Form{
		Name: "guard", Section: "guards", PartOf: []string{"guard"},
		Doc: Text{ZH: "关口：条件成立即阻止；一组里列出全部阻止原因", EN: "blocks a step while the condition holds; a group lists every blocker"},
		Fields: []Field{
			whenField,
			{Name: "blocks_if", Kind: Expression, Wants: value.YesNo, Required: true, Doc: Text{ZH: "阻止的条件", EN: "the condition that blocks"}},
			{Name: "blocker", Kind: Code, Required: true, Said: true, Doc: Text{ZH: "阻止原因的代码", EN: "the code of the blocker"}},
		},
		Outputs: []Output{
			{Name: "allowed", Type: "yes/no", Doc: Text{ZH: "是否放行", EN: "whether nothing blocks"}},
			{Name: "blockers", Type: "list of words", Doc: Text{ZH: "全部阻止原因", EN: "every blocker"}},
		},
		Build: func(b *Builder) Evaluator {
			g := &guardUnit{parts: b.Parts}
			words := &value.Words{Name: b.Name + ".blockers"}
			for _, p := range b.Parts {
				g.when = append(g.when, p.Expr("when"))
				g.blocks = append(g.blocks, p.Expr("blocks_if"))
				code := p.Code("blocker")
				if words.Index(code) < 0 {
					words.Each = append(words.Each, code)
				}
				g.at = append(g.at, words.Index(code))
			}
			g.words = words.Each
			g.allowedAt = b.Output("allowed", typeYesNo)
			g.blockersAt = b.Output("blockers", ListOf(WordType(words)))
			return g
		},
	}
}

type guardUnit struct {
	parts                 []*Part
	when, blocks          []*condition.Program
	words                 []string // every code once
	at                    []int    // where the code of each part is in words
	allowedAt, blockersAt int
}

func (g *guardUnit) Evaluate(r *Run) {
	var room [16]bool
	found := slices.Grow(room[:0], len(g.words))[:len(g.words)]
	allowed := value.Bool(true)
	for i, p := range g.parts {
		mark := len(r.Needs)
		applies := r.When(p, g.when[i])
		if isNo(applies) {
			continue
		}
		switch v := both(applies, r.Eval(g.blocks[i])); {
		case v.True():
			found[g.at[i]] = true
			allowed = value.Bool(false)
		case v.IsUnknown():
			r.Undetermined(p)
			if allowed.True() {
				allowed = v
			}
		default:
			r.Needs = r.Needs[:mark] // it does not block, whether it applies or not
		}
	}
	r.Set(g.allowedAt, allowed)
	if allowed.IsUnknown() {
		r.Set(g.blockersAt, value.UnknownOf(value.List))
		return
	}
	var codes []value.Value
	for i, c := range g.words {
		if found[i] {
			codes = append(codes, value.WordOf(c))
		}
	}
	r.Set(g.blockersAt, value.ListOf(codes))
}

func (g *guardUnit) Explain(r *Run, s *Story) {
	for i, p := range g.parts {
		if !r.DidApply(p) {
			continue
		}
		why := s.Because(g.blocks[i])
		if r.Eval(g.blocks[i]).True() {
			s.Tellf(p, "阻止%s", "blocks%s", why)
		} else {
			s.Tellf(p, "不阻止%s", "does not block%s", why)
		}
	}
}

// ---- range

var rangeStatus = []string{"within", "below", "above", "unassigned"}

func rangeForm() *Form {
	return &Form{
		Name: "range", Section: "ranges", PartOf: []string{"range"},
		Doc: Text{ZH: "数值须在上下限之间（含两端）；按精确比值比较", EN: "a number within bounds, both included; compared as an exact ratio"},
		Fields: []Field{
			whenField,
			{Name: "value", Kind: Expression, Doc: Text{ZH: "要比较的数或比值", EN: "the number or ratio to compare"}},
			{Name: "lowest", Kind: Expression, Doc: Text{ZH: "多个数时的最小者（代替 value）", EN: "the lowest of several, instead of value"}},
			{Name: "highest", Kind: Expression, Doc: Text{ZH: "多个数时的最大者", EN: "the highest of several"}},
			{Name: "from", Kind: Number, Required: true, Doc: Text{ZH: "下限，含", EN: "lower bound, included"}},
			{Name: "to", Kind: Number, Required: true, Doc: Text{ZH: "上限，含", EN: "upper bound, included"}},
		},
		Outputs: []Output{
			{Name: "status", Type: "within, below, above, unassigned", Doc: Text{ZH: "在内、低于、高于；无从相除时为 unassigned", EN: "where the value lies; unassigned where there is nothing to divide by"}},
			{Name: "value", Type: "ratio", Doc: Text{ZH: "所比较的值", EN: "the value compared"}},
		},
		Build: func(b *Builder) Evaluator {
			u := &rangeUnit{parts: b.Parts}
			var typ *value.Type
			var when []*condition.Program
			for _, p := range b.Parts {
				b := bounds{from: p.Int("from", 0), to: p.Int("to", 0), low: p.Expr("lowest"), high: p.Expr("highest")}
				if v := p.Expr("value"); v != nil {
					b.low, b.high = v, v
				}
				if p.Has("value") == p.Has("lowest") || p.Has("lowest") != p.Has("highest") {
					p.Fail("value", "missing_key", textf("须写 value，或同时写 lowest 与 highest", "either value, or both lowest and highest, is needed"),
						textf("补上 value: 表达式", "add value: an expression"))
				}
				if b.from > b.to {
					p.Fail("from", "range_reversed", textf("下限 %d 大于上限 %d", "the lower bound %d is above the upper bound %d", b.from, b.to),
						textf("交换两数", "swap them"))
				}
				for _, x := range []*condition.Program{b.low, b.high} {
					if x == nil || x.Type() == nil {
						continue
					}
					if k := x.Type().Kind; k != value.Count && k != value.Ratio {
						p.Fail("value", "type_mismatch", textf("这里应为整数或比值", "a count or a ratio is expected here"), textf("写两个整数相除", "divide two counts"))
					}
					if typ == nil || typ.Kind != value.Ratio { // a ratio may be a count, too
						typ = x.Type()
					}
				}
				when = append(when, p.Expr("when"))
				u.bounds = append(u.bounds, b)
			}
			if typ == nil {
				typ = &value.Type{Kind: value.Ratio}
			}
			u.statusAt = b.Output("status", EngineWords("range", rangeStatus...))
			u.valueAt = b.Output("value", typ)
			u.cases = b.Alternatives(u.parts, when)
			return u
		},
	}
}

type bounds struct {
	from, to  int64
	low, high *condition.Program
}

type rangeUnit struct {
	parts             []*Part
	cases             *Alternatives
	bounds            []bounds
	statusAt, valueAt int
}

func (u *rangeUnit) Evaluate(r *Run) {
	i, state := r.Choose(u.cases)
	if state != value.Known {
		r.Set(u.statusAt, value.In(value.Word, state))
		r.Set(u.valueAt, value.In(value.Ratio, state))
		return
	}
	b := u.bounds[i]
	low := r.Quotient(b.low)
	high := low
	if b.high != b.low {
		high = r.Quotient(b.high)
	}
	r.Set(u.valueAt, low)
	status := "within"
	switch {
	case low.IsUnknown() || high.IsUnknown():
		r.Undetermined(u.parts[i])
		r.Set(u.statusAt, value.UnknownOf(value.Word))
		return
	case low.IsNone() || high.IsNone():
		status = "unassigned"
	case value.CompareRatio(high, value.Int(b.to)) > 0:
		status = "above"
	case value.CompareRatio(low, value.Int(b.from)) < 0:
		status = "below"
	}
	r.Set(u.statusAt, value.WordOf(status))
}

func (u *rangeUnit) Explain(r *Run, s *Story) {
	for i, p := range u.parts {
		if !r.DidApply(p) {
			continue
		}
		b, status := &u.bounds[i], r.Slots[u.statusAt].S()
		text := rangeTexts[status].In(s.Lang)
		low, high := r.Quotient(b.low), r.Quotient(b.high)
		if !low.IsKnown() || !high.IsKnown() {
			s.Tellf(p, "%s 对照 %d 至 %d（含）：%s", "%s against %d to %d, both included: %s", s.Show(value.NoneOf(value.Ratio)), b.from, b.to, text)
			continue
		}
		what := s.How(b.low, b.low.Type())
		if b.high != b.low {
			what = s.pick("最小 ", "lowest ") + what + s.pick("，最大 ", ", highest ") + s.How(b.high, b.high.Type())
		}
		from, to := value.Int(b.from), value.Int(b.to)
		switch status { // what decided
		case "above":
			s.claim(given(high), More, given(to), -1)
		case "below":
			s.claim(given(low), Less, given(from), -1)
		default:
			s.claim(given(low), AtLeast, given(from), -1)
			s.claim(given(high), AtMost, given(to), -1)
		}
		s.Tellf(p, "%s 对照 %d 至 %d（含）：%s", "%s against %d to %d, both included: %s", what, b.from, b.to, text)
	}
}

// rangeTexts is how explanations name the statuses.
var rangeTexts = map[string]Text{
	"within": {ZH: "在范围内", EN: "within"}, "below": {ZH: "低于下限", EN: "below"},
	"above": {ZH: "高于上限", EN: "above"}, "unassigned": {ZH: "无从比较", EN: "nothing to compare with"},
}
