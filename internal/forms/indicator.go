package forms

import (
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

// boundFields are the ways of writing a bound; one of them is needed.
var boundFields = []kpi.BoundKind{kpi.Below, kpi.AtMost, kpi.Above, kpi.AtLeast, kpi.Exactly}

// Indicator is the name of the form whose rules are rates held against a bound.
const Indicator = "indicator"

func indicatorForm() *form.Form {
	docs := map[kpi.BoundKind]policy.Text{
		kpi.Below: text("须低于（不含）", "must be below, excluded"), kpi.AtMost: text("不得超过（含）", "at most, included"),
		kpi.Above: text("须高于（不含）", "must be above, excluded"), kpi.AtLeast: text("不得低于（含）", "at least, included"),
		kpi.Exactly: text("须恰为", "must be exactly"),
	}
	fields := []policy.Field{
		{Name: "when", Kind: policy.Expression, Wants: policy.KindYesNo, Doc: text("适用条件", "when it applies")}, form.ExceptField,
		{Name: "count", Kind: policy.Expression, Wants: policy.KindCount, Required: true, Doc: text("分子：数到的", "what is counted")},
		{Name: "base", Kind: policy.Expression, Required: true, Doc: text("分母：总数，可为两数相除", "the base; a count, or one count divided by another")},
		{Name: "pending", Kind: policy.Expression, Wants: policy.KindCount, Doc: text("尚不能计入的件数；大于零则结果为暂定", "how many cannot be counted yet; more than zero makes the result provisional")},
		{Name: "counts_part_of_base", Kind: policy.Flag, Doc: text("分子是分母的一部分，不可能更大", "the count is part of the base and cannot exceed it")},
		{Name: "empty", Kind: policy.Option, Words: []string{string(kpi.NotApplicableIfEmpty), string(kpi.MetIfEmpty), string(kpi.NotMetIfEmpty)}, Doc: text("分母为零时算什么", "what an empty base counts as")},
	}
	for _, k := range boundFields {
		fields = append(fields, policy.Field{Name: string(k), Kind: policy.Percentage, Doc: docs[k]})
	}
	return &form.Form{Form: policy.Form{
		Name: Indicator, Section: "indicators", PartOf: []string{Indicator}, Fields: fields,
		Doc: text("指标：分子比分母，与界限精确比较（不四舍五入）。界限写且只写一种：below、at_most、above、at_least、exactly",
			"an indicator: a count against a base, compared exactly and never rounded. The bound is one of below, at_most, above, at_least, exactly"),
		Outputs: []policy.Output{
			{Name: "result", Label: text("结果", "result"), Type: "met, not_met, not_applicable", Doc: text("是否达标", "whether it is met")},
			{Name: "ratio", Label: text("精确比值", "exact ratio"), Type: "ratio", Doc: text("精确比值，不约分", "the exact ratio, unreduced")},
			{Name: "percent", Label: text("百分比（四舍五入）", "per cent, rounded"), Type: "name", Doc: text("四舍五入的百分比，仅供显示", "the percentage, rounded, for display only")},
			{Name: "provisional", Label: text("是否暂定", "provisional"), Type: "yes/no", Doc: text("是否暂定", "whether it may still change")},
		},
	}, Build: buildIndicator}
}

type indicatorRule struct {
	indicator            kpi.Indicator
	must                 policy.Text // the bound in words
	count, base, pending *condition.Program
	fraction             bool // whether the base may be one
}

type indicatorUnit struct {
	parts                                       []*form.Part
	cases                                       *form.Alternatives
	rules                                       []indicatorRule
	resultAt, ratioAt, percentAt, provisionalAt int
}

// boundsOf are a bound that the rule has of its own, and one that it has from
// the rule that it is like; "" for none.
func boundsOf(p *form.Part) (own, taken string) {
	for _, e := range p.Item.Entries {
		if k := e.Key.Text; p.Has(k) && slices.Contains(boundFields, kpi.BoundKind(k)) {
			if e.Key.Within(p.Rule.Node) {
				own = k
			} else {
				taken = k
			}
		}
	}
	return own, taken
}

func buildIndicator(b *form.Builder) form.Evaluator {
	u := &indicatorUnit{parts: b.Parts}
	var when []*condition.Program
	for _, p := range b.Parts {
		r := indicatorRule{count: p.Expr("count"), base: p.Expr("base"), pending: p.Expr("pending")}
		r.indicator.Empty, r.indicator.Part = kpi.Empty(p.Option("empty")), p.Flag("counts_part_of_base", false)
		bounds, where := 0, ""
		for _, k := range boundFields {
			if num, den, ok := p.Percent(string(k)); ok {
				r.indicator.Bound = kpi.Bound{Kind: k, Limit: kpi.Ratio{Num: num, Den: den}}
				r.must = boundWords(r.indicator.Bound)
			}
			if p.Has(string(k)) {
				bounds, where = bounds+1, string(k)
			}
		}
		if bounds != 1 {
			remedy := text("补上其中一个，值写成百分比", "add one of them, with a percentage")
			if bounds > 1 {
				remedy = text("只留一个", "keep one of them")
				if own, taken := boundsOf(p); own != "" && taken != "" {
					where = own
					remedy = diagnostic.Textf("%[1]s 是照 like 所写的规则来的：这里也写 %[1]s，或再写上 %[1]s: none", "%[1]s comes from the rule that like names: write %[1]s here too, or add %[1]s: none", taken)
				}
			}
			p.FailKey(where, "bound_unclear", text("须写且只写一种界限：below、at_most、above、at_least、exactly", "exactly one of below, at_most, above, at_least, exactly is needed"), remedy)
		}
		if r.base != nil && r.base.Type() != nil {
			if k := r.base.Type().Kind; k != value.Count && k != value.Ratio {
				p.Fail("base", "type_mismatch", text("这里应为整数或比值", "a count or a ratio is expected here"), text("写一个数", "write a count"))
			}
			r.fraction = r.base.Type().Kind == value.Ratio
		}
		when = append(when, p.Expr("when"))
		u.rules = append(u.rules, r)
	}
	u.resultAt = b.Output("result", form.EngineWords("indicator", string(kpi.Met), string(kpi.NotMet), string(kpi.NotApplicable)))
	u.ratioAt = b.Output("ratio", &value.Type{Kind: value.Ratio, Counted: true})
	u.percentAt = b.Output("percent", &value.Type{Kind: value.Name})
	u.provisionalAt = b.Output("provisional", &value.Type{Kind: value.YesNo})
	u.cases = b.Alternatives(u.parts, when)
	return u
}

func (u *indicatorUnit) Evaluate(r *form.Run) {
	i, state := r.Choose(u.cases)
	if state != value.Known {
		u.open(r, state)
		return
	}
	rule := &u.rules[i]
	count, base, pending, known := rule.measure(r)
	if !known {
		r.Undetermined(u.parts[i])
		u.open(r, value.Unknown)
		return
	}
	result, err := rule.indicator.Judge(count, base, pending)
	if err != nil {
		refuse(r, u.parts[i], err)
		u.open(r, value.Unknown)
		return
	}
	ratio, percent := value.NoneOf(value.Ratio), value.NoneOf(value.Name)
	if x := result.Ratio; x.Valid() {
		ratio, percent = value.RatioOf(x.Num, x.Den), value.PercentOf(x.Num, x.Den)
	}
	r.Set(u.resultAt, value.WordOf(string(result.Verdict)))
	r.Set(u.ratioAt, ratio)
	r.Set(u.percentAt, percent)
	r.Set(u.provisionalAt, value.Bool(result.Provisional))
	if result.Provisional {
		r.Provisional()
	}
}

// open leaves every output without a value.
func (u *indicatorUnit) open(r *form.Run, s value.State) {
	r.Set(u.resultAt, value.In(value.Word, s))
	r.Set(u.ratioAt, value.In(value.Ratio, s))
	r.Set(u.percentAt, value.In(value.Name, s))
	r.Set(u.provisionalAt, value.In(value.YesNo, s))
}

// measure evaluates what is counted; false where a fact of it is missing.
func (x *indicatorRule) measure(r *form.Run) (count int64, base kpi.Ratio, pending int64, known bool) {
	count, counted := r.Num(x.count)
	base, based := x.of(r)
	left := value.Known
	if x.pending != nil {
		pending, left = r.Num(x.pending)
	}
	return count, base, pending, counted == value.Known && based && left == value.Known
}

// of is the base: 0 for one that does not exist, such as n/0.
func (x *indicatorRule) of(r *form.Run) (base kpi.Ratio, known bool) {
	if !x.fraction {
		since := r.Lacking()
		n, state := r.Num(x.base)
		if state != value.Unknown {
			return kpi.Whole(n), true
		}
		r.Ignore(since)
	}
	v := r.Quotient(x.base)
	if v.IsKnown() && v.K == value.Ratio {
		return kpi.Ratio{Num: v.N, Den: v.D}, true
	}
	return kpi.Whole(v.N), !v.IsUnknown()
}

// refuse says which of the numbers cannot be right.
func refuse(r *form.Run, p *form.Part, err error) {
	names := map[string]policy.Text{
		"count": text("分子", "the count"), "base": text("分母", "the base"), "pending": text("未到期数", "the number pending"),
	}
	var excess *kpi.ExcessError
	var negative *kpi.NegativeError
	switch {
	case errors.As(err, &excess):
		base := strings.TrimSuffix(excess.Base.String(), "/1")
		r.Refuse(p, diagnostic.Textf("分子 %[1]d 大于分母 %[2]s", "the count %[1]d is more than the base %[2]s", excess.Count, base))
	case errors.As(err, &negative):
		name := names[negative.What]
		r.Refuse(p, diagnostic.Textf("%[1]s为 %[3]d，小于零", "%[2]s is %[3]d, below zero", name.ZH, name.EN, negative.Value))
	default:
		r.Fail(err)
	}
}

func (u *indicatorUnit) Explain(r *form.Run, s *form.Story) {
	for i, p := range u.parts {
		if !r.DidApply(p) || !r.Slots[u.resultAt].IsKnown() {
			continue
		}
		label, _ := checked.EngineLabel(r.Slots[u.resultAt].S())
		verdict := label.In(s.Lang)
		ratio := r.Slots[u.ratioAt]
		if !ratio.IsKnown() {
			s.Tellf(p, "没有可计的数，%s", "nothing to count, %s", verdict)
			continue
		}
		bound := u.rules[i].indicator.Bound
		s.Decide(ratio, value.RatioOf(bound.Limit.Num, bound.Limit.Den))
		s.Tellf(p, "%s %s，%s：%s", "%s %s, %s: %s", s.Show(ratio), told(kpi.Ratio{Num: ratio.N, Den: ratio.D}, bound), u.rules[i].must.In(s.Lang), verdict)
	}
}

// told is a ratio as a percentage behind an equals sign, with as many places as
// it takes to tell it from the limit of a bound.
func told(r kpi.Ratio, b kpi.Bound) string {
	const fewest = 3
	digits := fewest
	side := r.Compare(b.Limit)
	for side != 0 && digits < kpi.MaxDigits && r.Percent(digits) == b.Limit.Percent(digits) {
		digits++
	}
	sign := "≈ "
	switch {
	case digits >= exactDigits(r):
		sign = "= "
	case side < 0 && r.Percent(digits) == b.Limit.Percent(digits): // closer than can be shown
		sign = "< "
	case side > 0 && r.Percent(digits) == b.Limit.Percent(digits):
		sign = "> "
	}
	return sign + r.Percent(digits)
}

// boundFormats say what must be of a limit.
var boundFormats = map[kpi.BoundKind]policy.Text{
	kpi.Below: text("须低于 %s（不含）", "must be below %s"), kpi.AtMost: text("不得超过 %s", "must be at most %s"),
	kpi.Above: text("须高于 %s（不含）", "must be above %s"), kpi.AtLeast: text("不得低于 %s", "must be at least %s"),
	kpi.Exactly: text("须恰为 %s", "must be exactly %s"),
}

// boundWords are a bound as explanations tell it.
func boundWords(b kpi.Bound) policy.Text {
	format := boundFormats[b.Kind]
	return diagnostic.Textf(format.ZH, format.EN, b.Limit.Percent(exactDigits(b.Limit)))
}

// exactDigits is how many decimal places show the ratio as a percentage
// exactly; more than can be shown where none do.
func exactDigits(r kpi.Ratio) int {
	rest := r.Den / value.GCD(r.Num, r.Den)
	rest /= value.GCD(100, rest)
	// In lowest terms, a fraction ends where its denominator is made of twos and
	// fives, after as many places as there are of either.
	twos, fives := 0, 0
	for ; rest%2 == 0; rest /= 2 {
		twos++
	}
	for ; rest%5 == 0; rest /= 5 {
		fives++
	}
	if rest != 1 {
		return value.MaxDigits + 1
	}
	return min(max(twos, fives), value.MaxDigits+1)
}
