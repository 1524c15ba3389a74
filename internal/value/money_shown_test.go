package value_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// An amount that was not rounded yet is written with the sign or word of its
// currency as one that was, with the decimal places that it has.
func TestUnroundedMoneyAsPeopleWriteIt(t *testing.T) {
	for _, x := range []struct {
		n, d         int64
		code, zh, en string
	}{
		{691, 2, "CNY", "3.455元", "¥3.455"},
		{500, 1, "CNY", "5.00元", "¥5.00"},
		{-691, 2, "GBP", "-£3.455", "-£3.455"},
		{1000, 3, "CNY", "10/3元", "¥10/3"},
		{21, 2, "JPY", "10.5 JPY", "10.5 JPY"},
		{2469, 2, "KWD", "1.2345 KWD", "1.2345 KWD"},
	} {
		in, ok := value.CurrencyNamed(x.code)
		require.True(t, ok)
		v := value.PartOf(x.n, x.d, in)
		assert.Equal(t, x.zh, v.ShowMoney("zh"))
		assert.Equal(t, x.en, v.ShowMoney("en"))
	}
}
