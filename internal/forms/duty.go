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

func dutyForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "duty", Section: "duties",
		Doc: policy.Text{
			ZH: "义务：按记录核对，违反即列出。三种写法择一：met（做到的条件）；observed 与 prohibited（发现的禁止行为）；required 与 done（须做到的各项）",
			EN: "an obligation checked against what is on record. Written in one of three ways: met (the condition for having done it); observed with prohibited (conduct that must not be found); required with done (things that must all be done)",
		},
		Fields: []policy.Field{
			whenField,
			{Name: "met", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: policy.Text{ZH: "做到的条件", EN: "the condition for having done it"}},
			{Name: "observed", Kind: policy.Expression, Wants: policy.KindList, Doc: policy.Text{ZH: "发现的行为（词的列表）", EN: "what was found (a list of words)"}},
			{Name: "prohibited", Kind: policy.Codes, Said: true, Doc: policy.Text{ZH: "禁止的行为，各成一项违反", EN: "what must not be found; each is a breach of its own"}},
			{Name: "required", Kind: policy.Codes, Doc: policy.Text{ZH: "须做到的各项", EN: "what must all be done"}},
			{Name: "done", Kind: policy.Expression, Wants: policy.KindList, Doc: policy.Text{ZH: "已做到的各项（词的列表）", EN: "what was done (a list of words)"}},
			{Name: "breach", Kind: policy.Code, Said: true, Doc: policy.Text{ZH: "违反的代码；只作许可、从不违反时不写", EN: "the code of the breach; not given for a mere permission"}},
			{Name: "breach_of", Kind: policy.Code, Doc: policy.Text{ZH: "违反所属的条款，若不是本条", EN: "the article that is broken, if not this one"}},
			{Name: "liable", Kind: policy.Expressions, Said: true, Doc: policy.Text{ZH: "责任人：{角色: 表达式}", EN: "who answers: {role: expression}"}},
		},
		Outputs: []policy.Output{
			{Name: "broken", Label: policy.Text{ZH: "是否违反", EN: "broken"}, Type: "yes/no", Doc: policy.Text{ZH: "是否违反", EN: "whether it is broken"}},
			{Name: "found", Label: policy.Text{ZH: "违反的各项", EN: "items broken"}, Type: "list of words", Doc: policy.Text{ZH: "违反的各项", EN: "the items broken"}},
		},
	}, Build: buildDuty}
}

type duty struct {
	part              *form.Part
	when, met         *condition.Program
	list              *condition.Program // observed or done
	codes             []string           // prohibited or required
	prohibits         bool
	breach            string
	broken            form.Mark   // of the duty as a whole
	found             []form.Mark // of each code
	liable            []form.NamedExpr
	brokenAt, foundAt int
}

func buildDuty(b *form.Builder) form.Evaluator {
	p := b.Parts[0]
	d := &duty{
		part: p, when: p.Expr("when"), met: p.Expr("met"), breach: p.Code("breach"), liable: p.Exprs("liable"), prohibits: p.Has("prohibited"),
	}
	ways := 0
	for _, way := range [][]string{{"met"}, {"observed", "prohibited"}, {"required", "done"}} {
		if p.Has(way[0]) {
			ways++
			if len(way) > 1 && !p.Has(way[1]) {
				p.Fail(way[0], "missing_key", diagnostic.Textf("缺少 %q", "%q is missing", way[1]), diagnostic.Textf("补上 %s: …", "add %s: …", way[1]))
			}
		}
	}
	if ways != 1 {
		p.Fail("met", "duty_unclear", diagnostic.Textf("须写且只写一种：met，observed 与 prohibited，或 required 与 done", "exactly one of met, observed with prohibited, or required with done is needed"),
			diagnostic.Textf("补上 met: 条件", "add met: a condition"))
	}
	field := "done"
	if d.prohibits {
		field = "observed"
	}
	d.list = p.Expr(field)
	if d.prohibits {
		d.codes = p.Codes("prohibited")
		p.CheckWords("prohibited", d.codes, form.WordsOf(d.list))
	} else {
		d.codes = p.Codes("required")
		p.CheckWords("required", d.codes, form.WordsOf(d.list))
	}
	p.ChargeFor(len(d.codes), false)
	article := p.ArticleIn("breach_of")
	d.broken = p.BreachOf(article, d.breach, "")
	for _, code := range d.codes {
		if d.prohibits && d.breach == "" {
			d.found = append(d.found, p.BreachOf(article, code, ""))
		} else {
			d.found = append(d.found, p.BreachOf(article, d.breach, code))
		}
	}
	d.brokenAt = b.Output("broken", typeYesNo)
	d.foundAt = b.Output("found", checked.ListOf(form.WordType(&value.Words{Each: d.codes})))
	return d
}

func (d *duty) Evaluate(r *form.Run) {
	since := r.Lacking()
	applies := r.When(d.part, d.when)
	if isNo(applies) {
		r.Set(d.brokenAt, value.Bool(false))
		r.Set(d.foundAt, value.ListOf(nil))
		return
	}
	var buffer [4]string
	broken, found := d.judge(r, buffer[:0])
	items := wordList(found)
	if d.met == nil && broken.IsUnknown() || applies.IsUnknown() && len(found) > 0 {
		items = value.UnknownOf(value.List)
	}
	broken = both(applies, broken)
	if broken.IsUnknown() {
		r.Undetermined(d.part)
	}
	if d.optional() {
		broken = value.Bool(false)
	}
	r.Set(d.brokenAt, broken)
	r.Set(d.foundAt, items)
	switch {
	case broken.IsUnknown():
		return
	case !broken.True():
		if items.IsKnown() {
			r.Ignore(since) // it is not broken, whether it applies or not
		}
		return
	case d.met != nil:
		r.Mark(d.broken)
	}
	for _, code := range found {
		r.Mark(d.found[slices.Index(d.codes, code)])
	}
	for _, l := range d.liable {
		r.Liable(l.Name, r.Ignoring(l.Expr)) // who it was does not change that it was broken
	}
}

// optional reports whether the rule is a mere permission, which nobody breaks.
func (d *duty) optional() bool { return d.breach == "" && !d.prohibits }

// judge finds whether the duty is broken and by which items, which it appends.
func (d *duty) judge(r *form.Run, found []string) (value.Value, []string) {
	if d.met != nil {
		return not(r.Eval(d.met)), nil
	}
	list := r.Eval(d.list)
	if list.IsUnknown() {
		return value.UnknownOf(value.YesNo), nil
	}
	for _, code := range d.codes {
		in := false
		for i := range list.L() {
			in = in || list.L()[i].S() == code
		}
		if in == d.prohibits {
			found = append(found, code)
		}
	}
	return value.Bool(len(found) > 0), found
}

func (d *duty) Explain(r *form.Run, s *form.Story) {
	if !r.DidApply(d.part) {
		return
	}
	verdict := policy.Text{ZH: "做到", EN: "kept"}
	if r.Slots[d.brokenAt].True() {
		verdict = policy.Text{ZH: "违反", EN: "broken"}
	} else if broken, _ := d.judge(r, nil); d.optional() && broken.True() {
		verdict = policy.Text{ZH: "未做（可做可不做）", EN: "not done (optional)"}
	}
	s.Tellf(d.part, "%s%s", "%s%s", verdict.In(s.Lang), d.because(r, s))
}

// because tells why the duty is kept or broken.
func (d *duty) because(r *form.Run, s *form.Story) string {
	if d.met != nil {
		return s.Because(d.met)
	}
	_, found := d.judge(r, nil)
	words := form.WordsOf(d.list)
	switch {
	case d.prohibits && len(found) > 0:
		return s.Pick("：", ": ") + s.Words(found, words)
	case d.prohibits:
		return s.Pick("：未发现 ", ": found none of ") + s.Words(d.codes, words)
	case len(found) > 0 && d.optional():
		return s.Pick("：", ": ") + s.Words(found, words)
	case len(found) > 0:
		return s.Pick("：未做 ", ": not done: ") + s.Words(found, words)
	}
	return s.Pick("：已做 ", ": done: ") + s.Words(d.codes, words)
}
