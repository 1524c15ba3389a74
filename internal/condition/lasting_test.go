package condition

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
)

// askedGen writes expressions that look at the moment of asking, `now`.
type askedGen struct{ gen }

func (g askedGen) date(depth int) string {
	if depth <= 0 {
		return g.oneOf("date_of(now)", "day", "next", "2024-03-01")
	}
	d := depth - 1
	return g.pick(
		func() string { return g.date(0) },
		func() string {
			return g.oneOf("start_of_month", "end_of_month", "start_of_quarter", "end_of_quarter", "start_of_year", "end_of_year") + "(" + g.date(d) + ")"
		},
		func() string { return g.oneOf("days_after", "months_after") + "(" + g.date(d) + ", i)" },
		func() string { return g.oneOf("latest", "earliest") + "(" + g.date(d) + ", " + g.date(d) + ")" },
	)
}

func (g askedGen) number(depth int) string {
	d := depth - 1
	leaf := func() string { return g.oneOf("0", "1", "3", "i", "j", "40") }
	if depth <= 0 {
		return leaf()
	}
	return g.pick(leaf,
		func() string {
			return g.oneOf("days_between", "whole_months_between", "started_months_between", "whole_years_between", "started_years_between") + "(" + g.date(d) + ", " + g.date(d) + ")"
		},
		func() string {
			return g.oneOf("whole_hours_between", "started_hours_between", "whole_days_between", "started_days_between") + "(" + g.oneOf("start, now", "now, start", "now, end", "start, end") + ")"
		},
		func() string {
			return g.oneOf("days_in_month", "days_in_quarter", "quarter_of", "year_of") + "(" + g.date(d) + ")"
		},
		func() string {
			return g.oneOf("rounded_to", "rounded_down_to", "rounded_half_even_to") + "(" + g.number(d) + ", " + g.oneOf("5", "j") + ")"
		},
		func() string {
			return g.oneOf("rounded", "rounded_up") + "((now - start) / " + g.oneOf("hours(5)", "(end - start)") + ")"
		},
		func() string { return "(" + g.number(d) + g.oneOf(" + ", " - ", " * ") + g.number(d) + ")" },
		func() string { return g.oneOf("greatest", "least") + "(" + g.number(d) + ", " + g.number(d) + ")" },
	)
}

func (g askedGen) money(depth int) string {
	return g.pick(
		func() string { return g.number(depth) + " * fee" },
		func() string { return "rounded(" + g.number(depth) + " * fee / 3)" },
		func() string { return "least(fee * " + g.number(depth) + ", 20 GBP)" },
		func() string { return "-(fee * " + g.number(depth) + ")" },
		func() string { return "rounded_to(20% of fee * " + g.number(depth) + ", 1 GBP)" },
		func() string { return "rounded(exchanged(fee, " + g.number(depth) + `, "GBP"))` },
	)
}

func (g askedGen) condition(depth int) string {
	order := func() string { return g.oneOf(" < ", " <= ", " > ", " >= ", " == ", " != ") }
	return g.pick(
		func() string { return g.number(depth) + order() + g.number(depth) },
		func() string { return g.date(depth) + order() + g.date(depth) },
		func() string { return g.money(depth) + order() + g.money(depth) },
		func() string { return "(now - start) / hours(24)" + order() + g.number(depth) },
		func() string { return "50% of (now - start)" + order() + "hours(" + g.oneOf("3", "90") + ")" },
		func() string { return "start_of_hour(now)" + order() + g.oneOf("start", "end") },
		func() string { return `weekday_of(now)` + g.oneOf(" == ", " != ") + `"monday"` },
		func() string { return g.date(depth) + " in [day, next]" },
		func() string { return "now" + order() + "2024-03-01T00:00:00Z" },
		func() string { return "rounded_to(50% of (now - start), hours(1))" + order() + "hours(7)" },
	)
}

// What is said to last does: it is the same at every later moment that is tried.
func TestWhatLasts(t *testing.T) {
	all := zones(t)
	env := testEnv()
	const slotNow, mark = slotVisitAt, 1
	env.Vars["now"] = &Var{Type: momentType, Slot: slotNow, Noted: true}
	lasting := 0
	rapid.Check(t, func(t *rapid.T) {
		g := askedGen{gen{t: t}}
		src := g.condition(2)
		if rapid.Bool().Draw(t, "two") {
			src = "(" + src + ")" + g.oneOf(" and ", " or ") + "(" + g.condition(1) + ")"
		}
		p, problems := Compile(src, env, Want{Kind: value.YesNo})
		if p == nil {
			require.Equal(t, CodeOverflow, problems[0].Code, "%s: %v", src, problems)
			return
		}
		p.LaterAt(slotNow, mark)
		f := testFrame()
		f.Zone = rapid.SampledFrom(all).Draw(t, "zone")
		now := time.Date(2024, 2, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 30*24*60).Draw(t, "now")) * time.Minute)
		f.Slots[slotNow] = value.MomentOf(now)
		f.Slots[slotFee] = value.MoneyOf(rapid.Int64Range(-300, 300).Draw(t, "fee"), gbp)
		f.Slots[slotI] = value.Int(rapid.Int64Range(-3, 40).Draw(t, "i"))
		f.Slots[slotJ] = value.Int(rapid.Int64Range(-2, 3).Draw(t, "j"))
		f.Marks = make([]byte, mark+1)
		v := p.Eval(f)
		if f.Marks[mark] != 0 || f.Err != nil {
			return
		}
		lasting++
		for range 30 {
			later := now.Add(time.Duration(rapid.Int64Range(0, 80*24*60).Draw(t, "minutes")) * time.Minute)
			if rapid.Bool().Draw(t, "far") {
				later = now.Add(time.Duration(rapid.Int64Range(0, 40*365*24).Draw(t, "hours")) * time.Hour)
			}
			f.Slots[slotNow], f.Needs, f.Err = value.MomentOf(later), nil, nil
			w := p.Eval(f)
			require.True(t, alike(v, w), "%s is %s at %s and %s at %s in %s", src, v.Text(nil), now, w.Text(nil), later, f.Zone)
		}
	})
	require.Positive(t, lasting)
}
