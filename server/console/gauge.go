package console

import (
	"github.com/servicerules/rulebook/internal/headline"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

// gauge is an indicator beside its threshold. The lengths are in the units of
// an SVG; nothing but the drawing is rounded.
type gauge struct {
	Title    string
	Ratio    string // exact, "" where there was nothing to count
	Percent  string
	Bound    string // "below 0.1%"
	Class    string // "met", "not_met", "not_applicable"
	Verdict  string
	Open     bool // provisional
	Drawn    bool
	Width    int
	LimitX   float64
	AllowedX float64
	AllowedW float64
	DotX     float64
}

var gaugeVerdicts = map[kpi.Verdict]policy.Text{
	kpi.Met: {ZH: "达标", EN: "met"}, kpi.NotMet: {ZH: "不达标", EN: "not met"}, kpi.NotApplicable: {ZH: "不适用", EN: "not applicable"},
}

func newGauge(v *viewer, rule *policy.Rule, g kpi.Gauge) gauge {
	x := gauge{
		Title: rule.Label.In(v.lang), Class: string(g.Verdict), Verdict: gaugeVerdicts[g.Verdict].In(v.lang), Open: g.Provisional, Width: 180,
		Bound: headline.Bound(g.Bound, v.lang),
	}
	if !g.Ratio.Valid() {
		return x
	}
	x.Ratio, x.Percent = g.Ratio.String(), headline.Percent(g.Ratio, g.Bound.Limit)
	x.draw(g)
	return x
}

// draw places the threshold, the side that is allowed and the value on an
// axis around the threshold.
func (x *gauge) draw(g kpi.Gauge) {
	if g.Bound.Limit.Den == 0 {
		return
	}
	at, limit := float64(g.Ratio.Num)/float64(g.Ratio.Den), float64(g.Bound.Limit.Num)/float64(g.Bound.Limit.Den)
	span := limit
	if rest := 1 - limit; rest > 0 && rest < span {
		span = rest
	}
	if far := max(at-limit, limit-at); far > span {
		span = far
	}
	if span == 0 {
		span = 1
	}
	span *= 1.15
	width, low := float64(x.Width), limit-span
	place := func(f float64) float64 { return round(min(max((f-low)/(2*span), 0), 1)*(width-12) + 6) }
	x.Drawn, x.LimitX, x.DotX = true, place(limit), place(at)
	switch g.Bound.Kind {
	case kpi.Below, kpi.AtMost:
		x.AllowedX, x.AllowedW = 0, x.LimitX
	case kpi.Above, kpi.AtLeast:
		x.AllowedX, x.AllowedW = x.LimitX, round(width-x.LimitX)
	default:
		x.AllowedX, x.AllowedW = x.LimitX-2, 4
	}
}
