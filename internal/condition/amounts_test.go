package condition

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
)

func TestEvalAmounts(t *testing.T) {
	for src, want := range map[string]string{
		`9.98 GBP`: "9.98 GBP", `9.9 GBP`: "9.90 GBP", `120 JPY`: "120 JPY", `9.98元`: "9.98 CNY", `5GBP`: "5.00 GBP", `-9.98 GBP`: "-9.98 GBP",
		`fee`: "9.98 GBP", `fee + 0.02 GBP`: "10.00 GBP", `fee - 10 GBP`: "-0.02 GBP", `fee * 3`: "29.94 GBP", `3 * fee`: "29.94 GBP", `-charge`: "0.07 GBP",
		`rounded(20% of fee)`: "2.00 GBP", `rounded_down(20% of fee)`: "1.99 GBP", `rounded_up(20% of fee)`: "2.00 GBP", `rounded(fee / 3)`: "3.33 GBP", `rounded_up(fee / 3)`: "3.33 GBP", `rounded_down(fee / 3)`: "3.32 GBP",
		`rounded(50% of 0.05 GBP)`: "0.03 GBP", `rounded_half_even(50% of 0.05 GBP)`: "0.02 GBP", `rounded_half_even(50% of 0.07 GBP)`: "0.04 GBP", `rounded(50% of charge)`: "-0.04 GBP", `rounded_down(50% of charge)`: "-0.04 GBP", `rounded_up(50% of charge)`: "-0.03 GBP",
		`rounded_to(fee, 1 GBP)`: "10.00 GBP", `rounded_down_to(fee, 0.05 GBP)`: "9.95 GBP", `rounded_up_to(fee, 5 GBP)`: "10.00 GBP", `rounded_half_even_to(2.50 GBP, 1 GBP)`: "2.00 GBP", `rounded_to(2.50 GBP, 1 GBP)`: "3.00 GBP", `rounded_to(fee * rate, 0.01 GBP)`: "0.01 GBP",
		`fee / 4.99 GBP`: "2/1", `fee / fee == 1`: "true", `rounded(fee / 0.03 GBP)`: "333", `rounded(fee, 3 GBP)`: "3", `rounded_up(fee, 3 GBP)`: "4",
		`20% of fee < 2 GBP`: "true", `20% of fee > 1.99 GBP`: "true", `fee / 2 == 4.99 GBP`: "true", `fee / 2 in [4.99 GBP]`: "true", `fee in fees`: "false", `0.01 GBP in fees`: "true", `fee != price`: "?", `fee == 9.98 GBP`: "true",
		`sum(fees)`: "2.51 GBP", `rounded(sum(map(fees, # / 3)))`: "0.84 GBP", `rounded(sum([50% of 0.01 GBP, 50% of 0.01 GBP]))`: "0.01 GBP", `sum(filter(fees, # > 9 GBP))`: "0.00 GBP",
		`greatest(fees)`: "2.50 GBP", `least(fee, 1 GBP)`: "1.00 GBP", `rounded(least(20% of fee, 2 GBP))`: "2.00 GBP", `greatest(fee, null)`: "9.98 GBP", `greatest(rate, 1 / 2)`: "1/2", `least(3, rate)`: "4/4003", `greatest(length, hours(1))`: "1h30m0s", `least(lengths)`: "1m0s",
		`a ? fee : 1 GBP`: "9.98 GBP", `len(distinct([fee, 9.98 GBP, 1 GBP]))`: "2", `len(distinct(map(fees, # / 2)))`: "2",
		`price`: "5.00 USD", `price + 1 USD`: "6.00 USD", `price + fee`: "?", `price < fee`: "?", `price in [fee]`: "false", `rounded_to(price, 1 GBP)`: "?", `sum([price, fee])`: "?", `greatest(price, fee)`: "?",
		`rounded(exchanged(10 GBP, 5 / 4, "USD"))`: "12.50 USD", `rounded(exchanged(1 GBP, 190, "JPY"))`: "190 JPY", `rounded(exchanged(100 JPY, 1 / 190, "GBP"))`: "0.53 GBP", `rounded(exchanged(20% of fee, 1 / 2, "USD")) < price`: "true",
		`20%`: "20/100", `99.95%`: "9995/10000", `0.1% == 1 / 1000`: "true", `rate < 0.1%`: "true", `20% * 5 == 1`: "true", `100% - 5 < 3`: "", `rounded(20% of i)`: "1", `50% of 50% == 25%`: "true",
		`4.5% + 8%`: "1/8", `100% - rate`: "3999/4003", `rate - rate`: "0/1", `1 / 2 + 1 / 2 == 1`: "true", `20% * 5 + 50%`: "3/2", `rate + 20% * 5 > 1`: "true", `sum([5%, 1 / 2])`: "11/20", `sum(map(fees, # / 1 GBP))`: "251/100", `rounded((2.15% + 8%) * fee)`: "1.01 GBP", `i / 2 - 100%`: "1/2", `rate + 1`: "", `8 - rate`: "", `i + rate`: "",
		`length / minutes(30)`: "3/1", `length / hours(2)`: "3/4", `rounded_to(50% of length, minutes(1))`: "45m0s", `rounded_to(length / 7, minutes(1))`: "13m0s", `rounded_down_to(length, hours(1))`: "1h0m0s", `rounded_up_to(length, hours(1))`: "2h0m0s", `50% of length < minutes(46)`: "true", `rounded(length, minutes(20))`: "5", `rounded_up(length / minutes(20))`: "5", `length * (1 / 2) == minutes(45)`: "true", `start + rounded_to(50% of length, minutes(1)) < end`: "true",
		`rounded_to(i, 2)`: "4", `rounded_down_to(17, 5)`: "15", `rounded_up_to(17, 5)`: "20", `rounded_to(rate, 1 / 1000)`: "1/1000", `rounded_half_even_to(25, 10)`: "20", `rounded_to(25, 10)`: "30", `rounded_to(-25, 10)`: "-30", `rounded_half_even(5, 2)`: "2", `rounded_half_even(7 / 2)`: "4", `rounded_half_even(-5, 2)`: "-2", `rounded_half_even(-7, 2)`: "-4",
		`2024-02-29`: "2024-02-29", `day == 2024-02-29`: "true", `day < 2024-03-01 and 2024-03-01 < next`: "true", `days_after(2024-02-29, 1)`: "2024-03-01", `2024-03-01 - day`: "1", `2024-03-01-day`: "1", `day in [2024-02-29]`: "true",
		`2024-02-28T23:30:00+08:00`: "2024-02-28T23:30:00+08:00", `start == 2024-02-28T15:30:00Z`: "true", `start == 2024-02-28T15:30Z`: "true", `start < 2024-02-28T15:30:00.5Z`: "true", `end - 2024-02-28T15:30:00Z`: "24h0m0s", `a ? 2024-02-28T15:30:00Z : start`: "2024-02-28T23:30:00+08:00", `2024-02-28T15:30:00Z-minutes(30) < start`: "true",
		`name == "2024-02-29"`: "false", `name == '£5 20% of 9 GBP' // 2024-01-01, 5%`: "false", `/* £5 */ i == 3`: "true", "name == `\\` or fee == 9.98 GBP": "true",
		`1-1-1 == -1`: "true", `2024-1 == 2023`: "true",
	} {
		t.Run(src, func(t *testing.T) {
			if want == "" {
				_, problems := Compile(src, testEnv(), Want{})
				assert.NotEmpty(t, problems)
				return
			}
			p := mustCompile(t, src, Want{})
			f := testFrame()
			v := p.Eval(f)
			assert.Equal(t, want, v.Text(shanghai))
			assert.Empty(t, f.Needs)
			if want == "?" {
				var mixed *CurrencyError
				require.ErrorAs(t, f.Err, &mixed)
				assert.NotEqual(t, mixed.A, mixed.B)
			} else {
				assert.NoError(t, f.Err)
			}
			again := mustCompile(t, p.Format(), Want{})
			assert.Equal(t, p.Format(), again.Format())
			assert.Equal(t, want, again.Eval(testFrame()).Text(shanghai))
			p.Why(f)
			p.Side(f)
			units, _ := p.CostOf(listsOf(1000))
			assert.Positive(t, units)
		})
	}
}

// None makes none, and unknown is named; nothing is unknown and named.
func TestAmountsLacking(t *testing.T) {
	for src, want := range map[string]string{
		`fee + 1 GBP == null`: "true", `fee * 2 == null`: "true", `fee / 2 == null`: "true", `-fee == null`: "true", `rounded(20% of fee) == null`: "true", `rounded_to(fee, 1 GBP) == null`: "true", `fee < 1 GBP`: "false", `fee == 1 GBP`: "false", `greatest(fee, 1 GBP) == 1 GBP`: "true", `sum([fee, 1 GBP]) == null`: "true", `fee / price == null`: "true", `fee / price + 5% == null`: "true", `100% - fee / price == null`: "true", `sum([fee / price]) == null`: "true", `exchanged(fee, rate, "USD") == null`: "true",
	} {
		p := mustCompile(t, src, Want{})
		f := testFrame()
		change(f, testEnv(), value.None, "fee")
		assert.Equal(t, want, p.Eval(f).Text(nil), src)
		assert.Empty(t, f.Needs)
		f = testFrame()
		change(f, testEnv(), value.Unknown, "fee")
		assert.True(t, p.Eval(f).IsUnknown(), src)
		assert.Equal(t, []value.Need{{Slot: slotFee, Index: -1, Field: -1}}, f.Needs, src)
		assert.NoError(t, f.Err)
	}
	p := mustCompile(t, `fee / k > 1 GBP`, Want{})
	f := testFrame()
	assert.True(t, p.Eval(f).IsUnknown())
	require.Len(t, f.Needs, 1)
	assert.Equal(t, value.DividedByNothing, f.Needs[0].Slot)
	require.Len(t, p.Divisions(), 1)
	assert.Equal(t, "k", p.Divisions()[0].By.Source)
	p = mustCompile(t, `rounded_to(fee, price - price) > fee`, Want{})
	f = testFrame()
	assert.True(t, p.Eval(f).IsUnknown())
	assert.NoError(t, f.Err)
	require.Len(t, f.Needs, 1)
	assert.Equal(t, value.DividedByNothing, f.Needs[0].Slot)
	assert.Equal(t, "price - price", p.Divisions()[0].By.Source)
	assert.Equal(t, "10.00 GBP", mustCompile(t, `rounded_to(fee, fee - 10.98 GBP)`, Want{}).Eval(testFrame()).Text(nil), "multiples of -1 GBP")
}

// A calculation of amounts, and what it comes to as math/big has it.
type exactGen struct {
	t *rapid.T
}

func (g exactGen) number() (string, *big.Rat) {
	switch rapid.IntRange(0, 4).Draw(g.t, "number") {
	case 0:
		n := rapid.Int64Range(-50, 50).Draw(g.t, "n")
		return fmt.Sprintf("(%d)", n), big.NewRat(n, 1)
	case 4:
		x, v := g.ratio()
		y, w := g.ratio()
		if rapid.Bool().Draw(g.t, "minus") {
			return "(" + x + " - " + y + ")", v.Sub(v, w)
		}
		return "(" + x + " + " + y + ")", v.Add(v, w)
	}
	return g.ratio()
}

func (g exactGen) ratio() (string, *big.Rat) {
	switch rapid.IntRange(1, 3).Draw(g.t, "ratio") {
	case 1:
		n, d := rapid.Int64Range(-50, 50).Draw(g.t, "n"), rapid.Int64Range(1, 20).Draw(g.t, "d")
		return fmt.Sprintf("(%d / %d)", n, d), big.NewRat(n, d)
	case 2:
		n := rapid.Int64Range(0, 999).Draw(g.t, "n")
		return fmt.Sprintf("(%d.%d%%)", n/10, n%10), big.NewRat(n, 1000)
	}
	return "rate", big.NewRat(4, 4003)
}

// amount is in pence, or in nanoseconds.
func (g exactGen) amount(depth int, money bool) (string, *big.Rat) {
	if depth <= 0 {
		n := rapid.Int64Range(0, 5000).Draw(g.t, "amount")
		if !money {
			return fmt.Sprintf("minutes(%d)", n), new(big.Rat).SetInt64(n * int64(time.Minute))
		}
		return fmt.Sprintf("%d.%02d GBP", n/100, n%100), big.NewRat(n, 1)
	}
	x, v := g.amount(depth-1, money)
	switch rapid.IntRange(0, 5).Draw(g.t, "op") {
	case 0:
		y, w := g.amount(depth-1, money)
		return "(" + x + " + " + y + ")", v.Add(v, w)
	case 1:
		y, w := g.amount(depth-1, money)
		return "(" + x + " - " + y + ")", v.Sub(v, w)
	case 2:
		y, w := g.number()
		return "(" + x + " * " + y + ")", v.Mul(v, w)
	case 3:
		y, w := g.number()
		return "(" + y + " * " + x + ")", v.Mul(v, w)
	case 4:
		y, w := g.number()
		if w.Sign() != 0 {
			return "(" + x + " / " + y + ")", v.Quo(v, w)
		}
	}
	return "(-" + x + ")", v.Neg(v)
}

// rounding is v to a multiple of a step, by the definitions of each rounding.
func rounding(name string, v, step *big.Rat) *big.Rat {
	q := new(big.Rat).Quo(v, step)
	floor := new(big.Int).Div(q.Num(), q.Denom()) // Euclidean: floor for a denominator above 0
	rest := new(big.Rat).Sub(q, new(big.Rat).SetInt(floor))
	up := false
	switch half := rest.Cmp(big.NewRat(1, 2)); name {
	case "rounded_up":
		up = rest.Sign() > 0
	case "rounded":
		up = half > 0 || half == 0 && q.Sign() > 0
	case "rounded_half_even":
		up = half > 0 || half == 0 && floor.Bit(0) == 1
	}
	if up {
		floor.Add(floor, big.NewInt(1))
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(floor), step)
}

func TestAmountsAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := exactGen{t}
		money := rapid.Bool().Draw(t, "money")
		x, v := g.amount(rapid.IntRange(0, 3).Draw(t, "depth"), money)
		y, w := g.amount(rapid.IntRange(0, 2).Draw(t, "depth"), money)
		f := testFrame()
		eval := func(src string) (value.Value, bool) {
			p, problems := Compile(src, testEnv(), Want{})
			for _, q := range problems { // constants that divide by nothing or are too large
				require.Contains(t, []string{CodeOverflow}, q.Code, src)
			}
			if p == nil {
				return value.Value{}, false
			}
			f.Err, f.Needs = nil, nil
			got := p.Eval(f)
			return got, got.IsKnown()
		}
		for op, holds := range map[string]bool{"<": v.Cmp(w) < 0, "<=": v.Cmp(w) <= 0, "==": v.Cmp(w) == 0, "!=": v.Cmp(w) != 0, ">": v.Cmp(w) > 0, ">=": v.Cmp(w) >= 0} {
			if got, ok := eval(x + " " + op + " " + y); ok {
				require.Equal(t, holds, got.True(), x+op+y)
			}
		}
		name := rapid.SampledFrom([]string{"rounded", "rounded_down", "rounded_up", "rounded_half_even"}).Draw(t, "rounding")
		step := rapid.Int64Range(1, 500).Draw(t, "step")
		src, unit := fmt.Sprintf("%s_to(%s, minutes(%d))", name, x, step), new(big.Rat).SetInt64(step*int64(time.Minute))
		if money {
			src, unit = fmt.Sprintf("%s_to(%s, %d.%02d GBP)", name, x, step/100, step%100), big.NewRat(step, 1)
		}
		if got, ok := eval(src); ok {
			require.Zero(t, rounding(name, v, unit).Cmp(new(big.Rat).SetInt64(got.N)), src)
		}
		if money {
			if got, ok := eval(name + "(" + x + ")"); ok {
				require.Zero(t, rounding(name, v, big.NewRat(1, 1)).Cmp(new(big.Rat).SetInt64(got.N)), x)
			}
		}
		if w.Sign() != 0 {
			if got, ok := eval(x + " / (" + y + ")"); ok {
				require.Zero(t, new(big.Rat).Quo(v, w).Cmp(big.NewRat(got.N, got.D)), x+" / "+y)
			}
		}
	})
}

// What leaves the range fails, and is never wrong.
func TestAmountsAtTheEnds(t *testing.T) {
	f := testFrame()
	f.Slots[slotFee] = value.MoneyOf(math.MaxInt64, gbp)
	f.Slots[slotCharge] = value.MoneyOf(math.MinInt64, gbp)
	for _, src := range []string{`fee + 0.01 GBP`, `fee - charge`, `fee * 2`, `-charge`, `rounded(fee * (3 / 2))`, `rounded_up_to(fee, 1 GBP)`, `sum([fee, fee])`, `rounded(charge / (0 - 1))`, `fee / 0.01 GBP + 100%`, `charge / 0.01 GBP - 100%`} {
		f.Err = nil
		assert.True(t, mustCompile(t, src, Want{}).Eval(f).IsUnknown(), src)
		var overflow *OverflowError
		require.ErrorAs(t, f.Err, &overflow, src)
		assert.NotEmpty(t, overflow.Source)
	}
	for src, want := range map[string]string{`fee > charge`: "true", `rounded_down_to(fee, 1 GBP)`: "92233720368547758.00 GBP", `rounded(50% of fee)`: "46116860184273879.04 GBP", `fee / fee`: "1/1", `charge / 2 < 0 GBP`: "true"} {
		f.Err = nil
		assert.Equal(t, want, mustCompile(t, src, Want{}).Eval(f).Text(nil), src)
		assert.NoError(t, f.Err)
	}
}
