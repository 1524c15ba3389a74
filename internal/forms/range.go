package forms

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

var rangeStatus = []string{"within", "below", "above", "unassigned"}

func rangeForm() *form.Form {
	return &form.Form{Form: policy.Form{
		Name: "range", Section: "ranges", PartOf: []string{"range"},
		Doc: policy.Text{ZH: "数值须在上下限之间（含两端）；按精确比值比较", EN: "a number within bounds, both included; compared as an exact ratio"},
		Fields: []policy.Field{
			whenField, form.ExceptField,
			{Name: "value", Kind: policy.Expression, Doc: policy.Text{ZH: "要比较的数或比值", EN: "the number or ratio to compare"}},
			{Name: "lowest", Kind: policy.Expression, Doc: policy.Text{ZH: "多个数时的最小者（代替 value）", EN: "the lowest of several, instead of value"}},
			{Name: "highest", Kind: policy.Expression, Doc: policy.Text{ZH: "多个数时的最大者", EN: "the highest of several"}},
			{Name: "from", Kind: policy.Number, Required: true, Doc: policy.Text{ZH: "下限，含", EN: "lower bound, included"}},
			{Name: "to", Kind: policy.Number, Required: true, Doc: policy.Text{ZH: "上限，含", EN: "upper bound, included"}},
		},
		Outputs: []policy.Output{
			{Name: "status", Label: policy.Text{ZH: "状态", EN: "status"}, Type: "within, below, above, unassigned", Doc: policy.Text{ZH: "在内、低于、高于；无从相除时为 unassigned", EN: "where the value lies; unassigned where there is nothing to divide by"}},
			{Name: "value", Type: "ratio", Doc: policy.Text{ZH: "所比较的值", EN: "the value compared"}},
		},
	}, Build: func(b *form.Builder) form.Evaluator {
		u := &rangeUnit{parts: b.Parts}
		var typ *value.Type
		var when []*condition.Program
		for _, p := range b.Parts {
			b := bounds{from: p.Int("from", 0), to: p.Int("to", 0), low: p.Expr("lowest"), high: p.Expr("highest")}
			if v := p.Expr("value"); v != nil {
				b.low, b.high = v, v
			}
			if p.Has("value") == p.Has("lowest") || p.Has("lowest") != p.Has("highest") {
				p.Fail("value", "missing_key", diagnostic.Textf("须写 value，或同时写 lowest 与 highest", "either value, or both lowest and highest, is needed"),
					diagnostic.Textf("补上 value: 表达式", "add value: an expression"))
			}
			if b.from > b.to {
				p.Fail("from", "range_reversed", diagnostic.Textf("下限 %d 大于上限 %d", "the lower bound %d is above the upper bound %d", b.from, b.to),
					diagnostic.Textf("交换两数", "swap them"))
			}
			for _, x := range []*condition.Program{b.low, b.high} {
				if x == nil || x.Type() == nil {
					continue
				}
				if k := x.Type().Kind; k != value.Count && k != value.Ratio {
					p.Fail("value", "type_mismatch", diagnostic.Textf("这里应为整数或比值", "a count or a ratio is expected here"), diagnostic.Textf("写两个整数相除", "divide two counts"))
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
		u.statusAt = b.Output("status", form.EngineWords("range", rangeStatus...))
		u.valueAt = b.Output("value", typ)
		u.cases = b.Alternatives(u.parts, when)
		return u
	}}
}

type bounds struct {
	from, to  int64
	low, high *condition.Program
}

// place is where a value lies; the bounds were checked when they were read.
func (b *bounds) place(v value.Value) kpi.Place {
	x := kpi.Whole(v.N)
	if v.K == value.Ratio {
		x.Den = v.D
	}
	place, _ := kpi.Range{From: kpi.Whole(b.from), To: kpi.Whole(b.to)}.Place(x)
	return place
}

type rangeUnit struct {
	parts             []*form.Part
	cases             *form.Alternatives
	bounds            []bounds
	statusAt, valueAt int
}

func (u *rangeUnit) Evaluate(r *form.Run) {
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
	status := string(kpi.Within)
	switch {
	case low.IsUnknown() || high.IsUnknown():
		r.Undetermined(u.parts[i])
		r.Set(u.statusAt, value.UnknownOf(value.Word))
		return
	case low.IsNone() || high.IsNone():
		status = "unassigned"
	case b.place(high) == kpi.Over:
		status = string(kpi.Over)
	case b.place(low) == kpi.Under:
		status = string(kpi.Under)
	}
	r.Set(u.statusAt, value.WordOf(status))
}

func (u *rangeUnit) Explain(r *form.Run, s *form.Story) {
	for i, p := range u.parts {
		if !r.DidApply(p) {
			continue
		}
		b, status := &u.bounds[i], r.Slots[u.statusAt].S()
		label, _ := checked.EngineLabel(status)
		text := label.In(s.Lang)
		low, high := r.Quotient(b.low), r.Quotient(b.high)
		if !low.IsKnown() || !high.IsKnown() {
			s.Tellf(p, "%s 对照 %d 至 %d（含）：%s", "%s against %d to %d, both included: %s", s.Show(value.NoneOf(value.Ratio)), b.from, b.to, text)
			continue
		}
		what := s.How(b.low, b.low.Type())
		if b.high != b.low {
			what = s.Pick("最小 ", "lowest ") + what + s.Pick("，最大 ", ", highest ") + s.How(b.high, b.high.Type())
		}
		from, to := value.Int(b.from), value.Int(b.to)
		switch status { // what decided
		case "above":
			s.Claim(high, policy.More, to)
		case "below":
			s.Claim(low, policy.Less, from)
		default:
			s.Claim(low, policy.AtLeast, from)
			s.Claim(high, policy.AtMost, to)
		}
		s.Tellf(p, "%s 对照 %d 至 %d（含）：%s", "%s against %d to %d, both included: %s", what, b.from, b.to, text)
	}
}
