package forms_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

const metered = `
rulebook: {id: metered, title: {zh: 计价, en: metered}, zone: Asia/Shanghai, currency: CNY, in_force: {from: 2024-01-01}}
facts:
  used: {zh: 用量, en: used, type: count}
  income: {zh: 收入, en: income, type: money}
  peak: {zh: 峰价, en: peak rate, type: money, if_null: unknown}
  extra: {zh: 加收, en: extra, type: number}
questions:
  bill:
    zh: 账单
    en: bill
    facts: [used, income, peak, extra]
    rules: [fee, tax, points, power]
    verdict: {is: 'used == null ? "none" : "some"', words: {none: {zh: 无, en: none}, some: {zh: 有, en: some}}}
    values:
      fee: {zh: 电费, en: fee, is: fee.amount}
      bracket: {zh: 段, en: bracket, is: fee.bracket}
      tax: {zh: 税, en: tax, is: tax.amount}
      points: {zh: 分, en: points, is: points.amount}
      power: {zh: 电, en: power, is: power.amount}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: threshold
        title: {zh: 价, en: price}
        text: {zh: 价。, en: price.}
        values:
          second_step: {zh: 第二档, en: second step, is: 300}
        tariffs:
          fee: {zh: 电费, en: electricity, of: used, brackets: [{up_to: 100, rate: 0.50 CNY}, {up_to: second_step, rate: 0.60 CNY}, {rate: peak}]}
          tax: {zh: 所得税, en: income tax, of: income, brackets: [{up_to: 36000 CNY, rate: 3%}, {up_to: 144000 CNY, rate: 10%}, {rate: 20%}], rounded: half_even}
          power: {zh: 电, en: power, of: used, brackets: [{up_to: 240, rate: 54.69% of 1 CNY}, {rate: 84.69% of 1 CNY}], rounded: half_up}
          points: {zh: 积分, en: points, of: used / 4, brackets: [{up_to: 5, rate: 1}, {rate: 1 / 3}], rounded: down}
`

func TestTariffs(t *testing.T) {
	book := parse(t, metered)
	for _, c := range []struct{ facts, values string }{
		{`{"used": 0, "income": "0.00", "peak": "0.80"}`, `{"fee": "0.00", "bracket": 0, "tax": "0.00", "points": 0, "power": "0.00"}`},
		{`{"used": 100, "income": "36000.00", "peak": "0.80"}`, `{"fee": "50.00", "bracket": 1, "tax": "1080.00", "points": 11, "power": "54.69"}`},
		{`{"used": 101, "income": "36000.05", "peak": "0.80"}`, `{"fee": "50.60", "bracket": 2, "tax": "1080.00", "points": 11, "power": "55.24"}`},
		{`{"used": 300, "income": "36000.15", "peak": "0.80"}`, `{"fee": "170.00", "bracket": 2, "tax": "1080.02", "points": 28, "power": "182.07"}`},
		{`{"used": 301, "income": "200000.00", "peak": "0.80"}`, `{"fee": "170.80", "bracket": 3, "tax": "23080.00", "points": 28, "power": "182.92"}`},
		{`{"used": 300, "income": "200000.00", "peak": null}`, `{"fee": "170.00", "bracket": 2, "tax": "23080.00", "points": 28, "power": "182.07"}`},
		{`{"used": 301, "income": "200000.00", "peak": null}`, `{"fee": null, "bracket": 3, "tax": "23080.00", "points": 28, "power": "182.92"}`},
		{`{}`, `{"fee": null, "bracket": null, "tax": null, "points": null, "power": null}`},
	} {
		a := ask(t, book, "bill", c.facts)
		assert.JSONEq(t, c.values, valuesOf(t, a), c.facts)
	}
	a := ask(t, book, "bill", `{"used": 350, "income": "36000.15", "peak": "0.80"}`)
	en := a.Explain("en")
	assert.Contains(t, en, "electricity: 100 × ¥0.50 + 200 × ¥0.60 + 50 × ¥0.80 = ¥210.00 (r/1)")
	assert.Contains(t, en, "income tax: ¥36000.00 × 3% + ¥0.15 × 10% rounded half to even = ¥1080.02")
	assert.Contains(t, a.Explain("zh"), "电费：100 × 0.50元 + 200 × 0.60元 + 50 × 0.80元 = 210.00元")
	assert.Equal(t, []string{"peak < r.fee"}, missing(ask(t, book, "bill", `{"used": 301, "income": "1.00", "peak": null}`)))
	assert.Equal(t, []string{"income < r.tax", "used < bill", "used < r.fee", "used < r.points", "used < r.power"}, sortedMissing(ask(t, book, "bill", `{}`)))
}

func sortedMissing(a *rulebook.Answer) []string {
	all := missing(a)
	slices.Sort(all)
	return all
}

// The oracle adds up exact fractions and rounds once; it knows nothing of the
// engine.
func TestTariffsAgainstOracle(t *testing.T) {
	book := parse(t, metered)
	rng := rand.New(rand.NewPCG(36, 144))
	r := func(n, d int64) *big.Rat { return big.NewRat(n, d) }
	graduated := func(of *big.Rat, ends, rates []*big.Rat) *big.Rat {
		sum := new(big.Rat)
		for i, rate := range rates {
			low := new(big.Rat)
			if i > 0 {
				low = ends[i-1]
			}
			high := of
			if i < len(ends) && ends[i].Cmp(of) < 0 {
				high = ends[i]
			}
			if high.Cmp(low) > 0 {
				sum.Add(sum, new(big.Rat).Mul(new(big.Rat).Sub(high, low), rate))
			}
		}
		return sum
	}
	floor := func(x *big.Rat) int64 { return new(big.Int).Div(x.Num(), x.Denom()).Int64() }
	halfEven := func(x *big.Rat) int64 {
		n := floor(x)
		switch new(big.Rat).Sub(x, r(n, 1)).Cmp(r(1, 2)) {
		case 1:
			return n + 1
		case 0:
			return n + n%2
		}
		return n
	}
	money := func(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }
	for range 10_000 {
		used, income, peak := rng.Int64N(700), rng.Int64N(30_000_000), rng.Int64N(200)
		if rng.IntN(10) == 0 {
			used, income = []int64{0, 1, 20, 100, 300}[rng.IntN(5)], []int64{0, 3_600_000, 3_600_001, 14_400_000, 14_400_005}[rng.IntN(5)]
		}
		a := ask(t, book, "bill", fmt.Sprintf(`{"used": %d, "income": %q, "peak": %q}`, used, money(income), money(peak)))
		fee := graduated(r(used, 1), []*big.Rat{r(100, 1), r(300, 1)}, []*big.Rat{r(50, 1), r(60, 1), r(peak, 1)})
		tax := graduated(r(income, 1), []*big.Rat{r(3_600_000, 1), r(14_400_000, 1)}, []*big.Rat{r(3, 100), r(10, 100), r(20, 100)})
		power := graduated(r(used, 1), []*big.Rat{r(240, 1)}, []*big.Rat{r(5469, 100), r(8469, 100)})
		points := graduated(r(used, 4), []*big.Rat{r(5, 1)}, []*big.Rat{r(1, 1), r(1, 3)})
		gotFee, _ := a.Money("fee")
		gotTax, _ := a.Money("tax")
		gotPower, _ := a.Money("power")
		gotPoints, _ := a.Int("points")
		require.Equal(t, floor(fee), gotFee.Minor, "%d at %d", used, peak)
		require.Equal(t, halfEven(tax), gotTax.Minor, "%d", income)
		require.Equal(t, floor(power.Add(power, r(1, 2))), gotPower.Minor, "%d", used)
		require.Equal(t, floor(points), gotPoints, "%d", used)
	}
}

func TestTariffsAreChecked(t *testing.T) {
	const fee = "brackets: [{up_to: 100, rate: 0.50 CNY}, {up_to: second_step, rate: 0.60 CNY}, {rate: peak}]"
	for _, c := range []struct{ brackets, code, en string }{
		{"brackets: [{up_to: 100, rate: 0.50 CNY}, {up_to: 100, rate: 0.60 CNY}, {rate: peak}]", "brackets_not_rising", "bracket 2"},
		{"brackets: [{up_to: 100, rate: 0.50 CNY}, {up_to: 300, rate: 0.60 CNY}]", "brackets_not_rising", "bracket 2"},
		{"brackets: [{rate: 0.50 CNY}, {rate: peak}]", "brackets_not_rising", "bracket 1"},
		{"brackets: [{up_to: 0, rate: 0.50 CNY}, {rate: peak}]", "brackets_not_rising", "bracket 1"},
		{"brackets: [{up_to: 100 CNY, rate: 0.50 CNY}, {rate: peak}]", "type_mismatch", "of the kind"},
		{"brackets: [{up_to: used, rate: 0.50 CNY}, {rate: peak}]", "bound_not_constant", "no fixed value"},
		{"brackets: [{up_to: 100, rate: 5}, {rate: peak}]", "type_mismatch", "differ"},
		{"brackets: [{up_to: 100, rate: 5 GBP}, {rate: peak}]", "type_mismatch", "differ"},
		{"brackets: [{up_to: 100, rate: income > 0 CNY}, {rate: peak}]", "type_mismatch", "a number or an amount"},
		{"brackets: []", "missing_key", "lists none"},
		{"brackets: [{up_to: 100}, {rate: peak}]", "missing_key", "rate"},
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(metered, fee, c.brackets, 1)))
		var found diagnostic.List
		require.ErrorAs(t, err, &found, c.brackets)
		assert.Equal(t, c.code, found[0].Code, c.brackets)
		assert.Contains(t, found[0].Message.EN, c.en, c.brackets)
	}
	_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(metered, "{rate: 20%}", "{rate: 20 CNY}", 1)))
	require.ErrorContains(t, err, "an amount cannot be multiplied by an amount")
	_, err = rulebook.Parse("rules.yaml", []byte(strings.Replace(metered, "{rate: 84.69% of 1 CNY}], rounded: half_up", "{rate: 84.69% of 1 CNY}]", 1)))
	require.ErrorContains(t, err, "does not say how it is rounded")
	_, err = rulebook.Parse("rules.yaml", []byte(strings.Replace(metered, "54.69% of 1 CNY", "0.5469 CNY", 1)))
	require.ErrorContains(t, err, "write a finer rate as a percentage, such as 54.69% of 1 CNY")
}

func TestTariffsOfExtremes(t *testing.T) {
	book := parse(t, strings.Replace(metered, "of: used / 4,", "of: extra,", 1))
	a := ask(t, book, "bill", `{"used": 1, "income": "1.00", "peak": "1.00", "extra": -1}`)
	require.NotNil(t, a.Error)
	assert.Contains(t, a.Failure().Message.EN, "below 0")
	a = ask(t, book, "bill", `{"used": 999999999999999, "income": "1.00", "peak": "80000.00", "extra": 1}`)
	require.NotNil(t, a.Error)
	assert.Equal(t, "arithmetic_overflow", string(a.Failure().Code))
	a = ask(t, book, "bill", `{"used": 301, "income": "1.00", "peak": "-5.00", "extra": 1}`)
	require.NotNil(t, a.Error)
	assert.Contains(t, a.Failure().Message.EN, "rate of bracket 3 is below 0")
}
