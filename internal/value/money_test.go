package value

import (
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func currency(t require.TestingT, code string) Currency {
	c, ok := CurrencyNamed(code)
	require.True(t, ok, code)
	return c
}

func TestCurrencies(t *testing.T) {
	for code, decimals := range map[string]int{"GBP": 2, "CNY": 2, "JPY": 0, "KWD": 3, "CLF": 4, "AED": 2, "ZWG": 2, "BIF": 0, "TND": 3} {
		c := currency(t, code)
		assert.Equal(t, code, c.Code())
		assert.Equal(t, decimals, c.Decimals())
	}
	for _, code := range []string{"", "GB", "GBPX", "gbp", "XYZ", "BP ", "P G", "元"} {
		_, ok := CurrencyNamed(code)
		assert.False(t, ok, code)
	}
	for code, decimals := range map[string]int{"GBp": 2, "GBP": 10, "GBQ": -1, "": 2} {
		_, ok := NewCurrency(code, decimals)
		assert.False(t, ok, code)
	}
	own, ok := NewCurrency("XTS", 9)
	require.True(t, ok)
	assert.Equal(t, "0.000000001 XTS", MoneyOf(1, own).Text(nil))
	assert.Empty(t, Currency(0).Code())
	assert.LessOrEqual(t, reflect.TypeFor[Value]().Size(), uintptr(32), "a currency takes no more arena")
}

func TestAmounts(t *testing.T) {
	gbp, jpy, kwd := currency(t, "GBP"), currency(t, "JPY"), currency(t, "KWD")
	for _, c := range []struct {
		text  string
		in    Currency
		minor int64
		shown string
		err   error
	}{
		{"9.98", gbp, 998, "9.98 GBP", nil}, {"10", gbp, 1000, "10.00 GBP", nil}, {"9.9", gbp, 990, "9.90 GBP", nil}, {"0.05", gbp, 5, "0.05 GBP", nil},
		{"-0.05", gbp, -5, "-0.05 GBP", nil}, {"120", jpy, 120, "120 JPY", nil}, {"1.005", kwd, 1005, "1.005 KWD", nil}, {"007.10", gbp, 710, "7.10 GBP", nil},
		{"92233720368547758.07", gbp, math.MaxInt64, "92233720368547758.07 GBP", nil}, {"-92233720368547758.08", gbp, math.MinInt64, "-92233720368547758.08 GBP", nil},
		{"92233720368547758.08", gbp, 0, "", ErrAmountRange}, {"9.981", gbp, 0, "", ErrDecimals}, {"1.0", jpy, 0, "", ErrDecimals},
		{"", gbp, 0, "", ErrAmount}, {".5", gbp, 0, "", ErrAmount}, {"5.", gbp, 0, "", ErrAmount}, {"1e3", gbp, 0, "", ErrAmount}, {"1,000", gbp, 0, "", ErrAmount}, {"--1", gbp, 0, "", ErrAmount}, {"+1", gbp, 0, "", ErrAmount}, {"1 ", gbp, 0, "", ErrAmount},
	} {
		n, err := ParseAmount(c.text, c.in)
		assert.ErrorIs(t, err, c.err, c.text)
		if c.err == nil {
			assert.Equal(t, c.minor, n, c.text)
			assert.Equal(t, c.shown, MoneyOf(n, c.in).Text(nil))
			again, err := ParseAmount(string(MoneyOf(n, c.in).AppendAmount(nil)), c.in)
			assert.NoError(t, err)
			assert.Equal(t, n, again)
		}
	}
}

func TestPartsAsText(t *testing.T) {
	gbp := currency(t, "GBP")
	assert.Equal(t, "1.996 GBP", PartOf(998, 5, gbp).Text(nil))
	assert.Equal(t, "1/300 GBP", PartOf(1, 3, gbp).Text(nil))
	assert.Equal(t, "-2 GBP", PartOf(-400, 2, gbp).Text(nil))
	assert.Equal(t, "1.5s", PartOf(3_000_000_000, 2, 0).Text(nil))
	assert.Equal(t, "10/3s", PartOf(10_000_000_000, 3, 0).Text(nil))
}

func TestMoneyEquality(t *testing.T) {
	gbp, usd := currency(t, "GBP"), currency(t, "USD")
	assert.True(t, MoneyOf(5, gbp).Equal(MoneyOf(5, gbp)))
	assert.False(t, MoneyOf(5, gbp).Equal(MoneyOf(5, usd)))
	assert.False(t, MoneyOf(5, gbp).Equal(Int(5)))
	assert.True(t, MoneyOf(5, gbp).Equal(PartOf(10, 2, gbp)))
	assert.False(t, PartOf(10, 2, gbp).Equal(MoneyOf(6, gbp)))
	for _, v := range []Value{MoneyOf(-5, gbp), PartOf(10, 3, usd), PartOf(1, 2, 0), NoneOf(Money), UnknownOf(Part), ListOf([]Value{MoneyOf(1, usd)})} {
		r := Reader(v.AppendBytes(nil))
		w := r.Next()
		assert.Equal(t, v.Tag, w.Tag)
		assert.True(t, v.Equal(w))
		assert.Equal(t, v.Text(nil), w.Text(nil))
		assert.Empty(t, r)
	}
}

// Fractions agree with math/big, wherever they say that they have a result.
func TestFractionsAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1000, 1000), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64}))
		below := rapid.OneOf(rapid.Int64Range(1, 1000), rapid.Int64Range(1, math.MaxInt64))
		a := Fraction{number.Draw(t, "a"), below.Draw(t, "over")}
		b := Fraction{number.Draw(t, "b"), below.Draw(t, "over")}
		rat := func(x Fraction) *big.Rat { return big.NewRat(x.N, x.D) }
		small := func(x Fraction) bool { return x.N > -1<<15 && x.N < 1<<15 && x.D < 1<<15 }
		check := func(got Fraction, ok bool, want *big.Rat) {
			if !ok {
				require.False(t, small(a) && small(b), "small numbers have results")
				return
			}
			require.Positive(t, got.D)
			require.Zero(t, rat(got).Cmp(want))
			require.Equal(t, want.Denom().Int64(), got.D, "in lowest terms")
		}
		got, ok := a.Plus(b)
		check(got, ok, new(big.Rat).Add(rat(a), rat(b)))
		got, ok = a.Minus(b)
		check(got, ok, new(big.Rat).Sub(rat(a), rat(b)))
		got, ok = a.Times(b)
		check(got, ok, new(big.Rat).Mul(rat(a), rat(b)))
		if b.N != 0 {
			got, ok = a.Over(b)
			check(got, ok, new(big.Rat).Quo(rat(a), rat(b)))
		} else {
			_, ok = a.Over(b)
			require.False(t, ok)
		}
	})
}

// Nothing, the sum of no amounts, is of no currency, and has no blank in its place.
func TestNothingOfNoCurrency(t *testing.T) {
	nothing := MoneyOf(0, 0)
	assert.Equal(t, "0", nothing.ShowMoney("en"))
	assert.Equal(t, "0", nothing.ShowMoney("zh"))
	assert.Equal(t, "0", nothing.Text(time.UTC))
}
