package console

import (
	"strings"

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

var bounds = map[kpi.BoundKind]policy.Text{
	kpi.Below: {ZH: "须低于 ", EN: "below "}, kpi.AtMost: {ZH: "不得超过 ", EN: "at most "}, kpi.Above: {ZH: "须高于 ", EN: "above "},
	kpi.AtLeast: {ZH: "不得低于 ", EN: "at least "}, kpi.Exactly: {ZH: "须恰为 ", EN: "exactly "},
}

var gaugeVerdicts = map[kpi.Verdict]policy.Text{
	kpi.Met: {ZH: "达标", EN: "met"}, kpi.NotMet: {ZH: "不达标", EN: "not met"}, kpi.NotApplicable: {ZH: "不适用", EN: "not applicable"},
}

func newGauge(v *viewer, rule *policy.Rule, g kpi.Gauge) gauge {
	x := gauge{
		Title: rule.Label.In(v.lang), Class: string(g.Verdict), Verdict: gaugeVerdicts[g.Verdict].In(v.lang), Open: g.Provisional, Width: 180,
		Bound: bounds[g.Bound.Kind].In(v.lang) + short(g.Bound.Limit),
	}
	if !g.Ratio.Valid() {
		return x
	}
	x.Ratio, x.Percent = g.Ratio.String(), apart(g.Ratio, g.Bound.Limit)
	x.draw(g)
	return x
}

// apart is a percentage with as many places as it takes to be seen on its side
// of the limit: 4 of 4003 are not 0.1 %.
func apart(r, limit kpi.Ratio) string {
	const fewest, most = 3, 9
	for digits := fewest; digits < most; digits++ {
		if text := r.Percent(digits); r.Compare(limit) == 0 || text != limit.Percent(digits) {
			return trimmed(text)
		}
	}
	return trimmed(r.Percent(most))
}

// short is a percentage without zeros that say nothing.
func short(r kpi.Ratio) string { return trimmed(r.Percent(6)) }

func trimmed(percent string) string {
	text := strings.TrimSuffix(percent, "%")
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + "%"
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
