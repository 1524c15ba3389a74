package condition

import (
	"math"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
)

// numberFunctions round numbers and amounts.
var numberFunctions = []Function{
	{Name: "rounded", Signature: "rounded(x) or rounded(a, b)", Example: "rounded(20% of 9.98 GBP)", Result: "2.00 GBP",
		Means: diagnostic.Text{ZH: "四舍五入：数到整数，金额到最小单位；两个数时为 甲 ÷ 乙", EN: "rounded half up, away from 0: a number to a whole one, money to its minor unit; of two, a ÷ b"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s ÷ %s 四舍五入", EN: "%s ÷ %s rounded half up"}, ToldAll: diagnostic.Text{ZH: "%s 四舍五入", EN: "%s rounded half up"},
		applies: quotient(rounded)},
	{Name: "rounded_down", Signature: "rounded_down(x) or rounded_down(a, b)", Example: "rounded_down(-7, 2)", Result: "-4",
		Means: diagnostic.Text{ZH: "向下取整：不大于它的", EN: "rounded down: the greatest that is not above it"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s ÷ %s 向下取整", EN: "%s ÷ %s rounded down"}, ToldAll: diagnostic.Text{ZH: "%s 向下取整", EN: "%s rounded down"},
		applies: quotient(roundedDown)},
	{Name: "rounded_up", Signature: "rounded_up(x) or rounded_up(a, b)", Example: "rounded_up(7, 2)", Result: "4",
		Means: diagnostic.Text{ZH: "向上取整：不小于它的", EN: "rounded up: the least that is not below it"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s ÷ %s 向上取整", EN: "%s ÷ %s rounded up"}, ToldAll: diagnostic.Text{ZH: "%s 向上取整", EN: "%s rounded up"},
		applies: quotient(roundedUp)},
	{Name: "rounded_half_even", Signature: "rounded_half_even(x) or rounded_half_even(a, b)", Example: "rounded_half_even(5, 2)", Result: "2",
		Means: diagnostic.Text{ZH: "四舍六入五成双", EN: "rounded to the nearest; of two as near, to the even one"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s ÷ %s 四舍六入五成双", EN: "%s ÷ %s rounded half to even"}, ToldAll: diagnostic.Text{ZH: "%s 四舍六入五成双", EN: "%s rounded half to even"},
		applies: quotient(roundedHalfEven)},
	{Name: "rounded_to", Signature: "rounded_to(x, step)", Example: "rounded_to(9.98 GBP, 0.05 GBP)", Result: "10.00 GBP", step: "rounded",
		Means: diagnostic.Text{ZH: "四舍五入到单位的倍数：单位如 10、1 GBP、minutes(15)", EN: "rounded half up to a multiple of a step, such as 10, 1 GBP or minutes(15)"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 四舍五入到 %s", EN: "%s rounded half up to %s"}},
	{Name: "rounded_down_to", Signature: "rounded_down_to(x, step)", Example: "rounded_down_to(minutes(50), minutes(15))", Result: "45m0s", step: "rounded_down",
		Means: diagnostic.Text{ZH: "向下取到单位的倍数", EN: "rounded down to a multiple of a step"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 向下取整到 %s", EN: "%s rounded down to %s"}},
	{Name: "rounded_up_to", Signature: "rounded_up_to(x, step)", Example: "rounded_up_to(minutes(50), minutes(15))", Result: "1h0m0s", step: "rounded_up",
		Means: diagnostic.Text{ZH: "向上取到单位的倍数", EN: "rounded up to a multiple of a step"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 向上取整到 %s", EN: "%s rounded up to %s"}},
	{Name: "rounded_half_even_to", Signature: "rounded_half_even_to(x, step)", Example: "rounded_half_even_to(25, 10)", Result: "20", step: "rounded_half_even",
		Means: diagnostic.Text{ZH: "四舍六入五成双到单位的倍数", EN: "rounded to the nearest multiple of a step, half to the even one"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 四舍六入五成双到 %s", EN: "%s rounded half to even, to %s"}},
	{Name: "exchanged", Signature: `exchanged(amount, rate, "USD")`, Example: `rounded(exchanged(10.00 GBP, 5 / 4, "USD"))`, Result: "12.50 USD",
		Means: diagnostic.Text{ZH: "按汇率换算的金额，未取整：一单位原货币兑多少", EN: "an amount in another currency, not rounded, at so much of it for one of the amount's own"},
		Takes: 2, Told: diagnostic.Text{ZH: "%s 按 %s 换算", EN: "%s exchanged at %s"}},
}

// choiceFunctions pick one of several values.
var choiceFunctions = []Function{
	{Name: "latest", Signature: "latest(a, b, …) or latest(list)", Example: "latest(2026-01-31, 2026-02-01)", Result: "2026-02-01",
		Means: diagnostic.Text{ZH: "最晚的日期或时刻", EN: "the latest of dates or of moments"}, None: leftOut,
		ToldAll: diagnostic.Text{ZH: "%s 中最晚的", EN: "the latest of %s"}},
	{Name: "earliest", Signature: "earliest(a, b, …) or earliest(list)", Example: "earliest(2026-01-31, 2026-02-01)", Result: "2026-01-31",
		Means: diagnostic.Text{ZH: "最早的日期或时刻", EN: "the earliest of dates or of moments"}, None: leftOut,
		ToldAll: diagnostic.Text{ZH: "%s 中最早的", EN: "the earliest of %s"}},
	{Name: "greatest", Signature: "greatest(a, b, …) or greatest(list)", Example: "greatest(9.98 GBP, 10 GBP)", Result: "10.00 GBP",
		Means: diagnostic.Text{ZH: "最大的数、金额或时长", EN: "the greatest of numbers, amounts or durations"}, None: leftOut,
		ToldAll: diagnostic.Text{ZH: "%s 中最大的", EN: "the greatest of %s"}},
	{Name: "least", Signature: "least(a, b, …) or least(list)", Example: "least(3, 1 / 2)", Result: "1/2",
		Means: diagnostic.Text{ZH: "最小的数、金额或时长", EN: "the least of numbers, amounts or durations"}, None: leftOut,
		ToldAll: diagnostic.Text{ZH: "%s 中最小的", EN: "the least of %s"}},
}

var leftOut = diagnostic.Text{ZH: "没有的略去；都没有则结果也没有", EN: "those that are none are left out; none where all are"}

// quotient is a rounding of the first of two whole numbers by the second.
func quotient(round func(*value.Frame, int64, int64) (int64, error)) []apply {
	return []apply{{takes: []value.Kind{value.Count, value.Count}, gives: value.Count, divides: true, two: round}}
}

// roundedDown is the greatest whole number that is not above a/b.
func roundedDown(_ *value.Frame, a, b int64) (int64, error) {
	if a == math.MinInt64 && b == -1 {
		return 0, &OverflowError{}
	}
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q, nil
}

// roundedUp is the least whole number that is not below a/b.
func roundedUp(f *value.Frame, a, b int64) (int64, error) {
	q, err := roundedDown(f, a, b)
	if err == nil && a%b != 0 {
		q++
	}
	return q, err
}

// rounded is the whole number that is nearest to a/b; of two that are as near,
// the one that is farther from 0.
func rounded(_ *value.Frame, a, b int64) (int64, error) {
	if a == math.MinInt64 && b == -1 {
		return 0, &OverflowError{}
	}
	q, rest, of := a/b, magnitude(a%b), magnitude(b)
	switch {
	case rest < of-rest:
	case (a < 0) == (b < 0):
		q++
	default:
		q--
	}
	return q, nil
}

// roundedHalfEven is the whole number that is nearest to a/b; of two that are as
// near, the even one.
func roundedHalfEven(f *value.Frame, a, b int64) (int64, error) {
	q, err := roundedDown(f, a, b)
	if err != nil {
		return 0, err
	}
	rest, of := magnitude(a-q*b), magnitude(b)
	if rest > of-rest || rest == of-rest && q%2 != 0 {
		q++
	}
	return q, nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
