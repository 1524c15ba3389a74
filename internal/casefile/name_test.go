package casefile

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTextIn(t *testing.T) {
	for text, want := range map[string][4]string{ // in Chinese, its language, in English, its language
		"营业部级第3次 / hall level, occurrence 3": {"营业部级第3次", "zh", "hall level, occurrence 3", "en"},
		"AC-H03 营业部 / hall level":            {"AC-H03 营业部", "zh", "AC-H03 hall level", "en"},
		"AC-H03 营业部 / AC-H03 hall level":     {"AC-H03 营业部", "zh", "AC-H03 hall level", "en"},
		"两边 / both sides / urban、4":          {"两边 / urban、4", "zh", "both sides / urban, 4", "en"},
		"只有中文":                               {"只有中文", "zh", "只有中文", "zh"},
		"no lines":                           {"no lines", "en", "no lines", "en"},
		"either / or":                        {"either / or", "en", "either / or", "en"},
		"甲 / 乙":                              {"甲 / 乙", "zh", "甲 / 乙", "zh"},
		"99.0":                               {"99.0", "", "99.0", ""},
		"":                                   {"", "", "", ""},
		" / ":                                {" / ", "", " / ", ""},
	} {
		zh, ofZH := TextIn(text, "zh")
		en, ofEN := TextIn(text, "en")
		assert.Equal(t, want, [4]string{zh, ofZH, en, ofEN}, text)
	}
}
