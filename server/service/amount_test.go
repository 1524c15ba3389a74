package service

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
)

// Amounts are written as people write them, with a unit that was proposed.
func TestDecidedAmount(t *testing.T) {
	yuan := []Amount{{Number: 20, Unit: policy.Text{ZH: "元", EN: "yuan"}}}
	pounds := []Amount{{Number: 2799, Code: "GBP"}}
	fen := []Amount{{Number: 2799, Code: "CNY"}}
	for _, x := range []struct {
		text     string
		proposed []Amount
		zh, en   string // "" where it is refused
	}{
		{"10", yuan, "10 元", "10 yuan"}, {"10元", yuan, "10 元", "10 yuan"}, {" １０　元", yuan, "10 元", "10 yuan"}, {"10.50 yuan", yuan, "10.50 元", "10.50 yuan"}, {"0", yuan, "0 元", "0 yuan"},
		{"10 bananas", yuan, "", ""}, {"£10", yuan, "", ""}, {"-10", yuan, "", ""}, {"+10", yuan, "", ""}, {"1,000 yuan", yuan, "", ""}, {"1 000", yuan, "", ""}, {"1e3", yuan, "", ""}, {"", yuan, "", ""}, {"元", yuan, "", ""},
		{"1.", yuan, "", ""}, {".5", yuan, "", ""}, {"1.2.3", yuan, "", ""}, {"=1", yuan, "", ""}, {"10，000", yuan, "", ""}, {"10 元 yuan", yuan, "", ""},
		{"20", pounds, "£20.00", "£20.00"}, {"£20.5", pounds, "£20.50", "£20.50"}, {"20 GBP", pounds, "£20.00", "£20.00"}, {"20.505", pounds, "", ""}, {"$20", pounds, "", ""}, {"20 EUR", pounds, "", ""}, {"£20 GBP", pounds, "", ""}, {"99999999999999999999", pounds, "", ""},
		{"￥20", fen, "20.00元", "¥20.00"}, {"20元", fen, "20.00元", "¥20.00"},
		{"20", append(pounds, fen...), "", ""}, {"20 CNY", append(pounds, fen...), "20.00元", "¥20.00"},
		{"5 days", nil, "5 days", "5 days"}, {"$5", nil, "5 $", "5 $"}, {"5", nil, "5", "5"},
	} {
		for lang, want := range map[string]string{"zh": x.zh, "en": x.en} {
			got, err := DecidedAmount(x.text, x.proposed, lang)
			if want == "" {
				var refused *StepRefusedError
				require.ErrorAs(t, err, &refused, x.text)
				assert.NotEmpty(t, refused.Remedy.In(lang), x.text)
				continue
			}
			require.NoError(t, err, x.text)
			assert.Equal(t, want, got, x.text)
		}
	}
}
