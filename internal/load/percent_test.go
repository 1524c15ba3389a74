package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// rebate is a rulebook with a percentage that a reading chooses.
const rebate = `
rulebook: {id: rebate, title: {zh: 折让, en: Rebate}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}}
facts:
  price: {zh: 价款, en: price, type: count}
  paid: {zh: 已付, en: paid, type: count, if_absent: 0}
readings:
  part:
    article: sale/1
    asks: {zh: 折让多少, en: how much is taken off}
    options: {share: {zh: 百分之几, en: so many per cent, parameter: percent}, none: {zh: 不折让, en: nothing}}
    chosen: share:25
regulations:
  sale:
    zh: 销售
    en: Sale
    articles:
      "1":
        nature: factor
        title: {zh: 折让, en: Rebate}
        text: {zh: 折让。, en: A rebate.}
        figures:
          off: {zh: 折让, en: rebate, is: {by: part, share: 'EXPRESSION', none: "0"}}
          enough: {zh: 足额, en: enough, is: {by: part, share: paid >= price * parameter, none: "true"}}
questions:
  off:
    zh: 折让
    en: rebate
    facts: [price, paid]
    governed_by: as_of
    rules: [off, enough]
    verdict: {is: '"said"', words: {said: {zh: 已告, en: said}}}
    values: {off: {zh: 折让, en: rebate, is: off.value}, enough: {zh: 足额, en: enough, is: enough.value}}
`

func rebateWith(t *testing.T, expression string) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Parse("rebate.yaml", []byte(strings.ReplaceAll(rebate, "EXPRESSION", expression)))
	require.NoError(t, err)
	return book
}

// A parameter of per cent is that percentage, and exact.
func TestPercentageInExpressions(t *testing.T) {
	for _, x := range []struct {
		expression, option string
		price              int
		want               string
	}{
		{"price * parameter", "share:25", 2000, `500`}, {"parameter * price", "share:25", 2000, `500`}, {"price * parameter", "share:25", 2001, `"2001/4"`},
		{"price * parameter", "share:100", 7, `7`}, {"price * parameter", "share:0", 7, `0`}, {"price * parameter", "share:150", 7, `"21/2"`},
		{"rounded(price * parameter)", "share:25", 2002, `501`}, {"rounded_down(price * parameter)", "share:25", 2003, `500`}, {"rounded_up(price * parameter)", "share:25", 2001, `501`},
		{"price - rounded(price * parameter)", "share:10", 95, `85`}, {"parameter", "share:25", 1, `"25/100"`},
	} {
		a := askBook(t, rebateWith(t, x.expression), "off", fmt.Sprintf(`{"price":%d}`, x.price), "part="+x.option)
		assert.JSONEq(t, fmt.Sprintf(`{"off":%s,"enough":%t}`, x.want, x.price == 0 || x.option == "share:0"), valuesOf(t, a), x.expression)
	}
	for paid, want := range map[int]bool{499: false, 500: true} {
		a := askBook(t, rebateWith(t, "price"), "off", fmt.Sprintf(`{"price":2000,"paid":%d}`, paid))
		enough, ok := a.Bool("enough")
		assert.True(t, ok)
		assert.Equal(t, want, enough, "a quarter of 2000 is 500")
	}
}

// An expression that is the parameter and nothing else is what the parameter is
// in any other, of every kind, quoted or not; and so it is where an option is
// compared with others.
func TestParameterIsAnExpression(t *testing.T) {
	text := strings.Replace(rebate, "chosen: share:25", "chosen: none", 1)
	for _, x := range []struct{ kind, argument, value string }{
		{"percent", "25", `"25/100"`}, {"count", "3", "3"}, {"hours", "3", "3"}, {"working_days", "3", "3"}, {"clock_time", "18:30", `"PT18H30M"`},
	} {
		for _, expression := range []string{"'parameter'", "parameter"} {
			text := strings.Replace(text, "parameter: percent", "parameter: "+x.kind, 1)
			text = strings.Replace(text, "'EXPRESSION'", expression, 1)
			text = strings.Replace(text, "price * parameter", "price", 1)
			if x.kind == "clock_time" {
				text = strings.Replace(text, `none: "0"`, "none: hours(1)", 1)
			}
			book, err := rulebook.Parse("rebate.yaml", []byte(text))
			require.NoError(t, err, "%s %s", x.kind, expression)
			a := askBook(t, book, "off", `{"price":7}`, "part=share:"+x.argument)
			assert.JSONEq(t, `{"off":`+x.value+`,"enough":false}`, valuesOf(t, a), "%s %s", x.kind, expression)
			assert.Equal(t, []policy.UsedReading{{Key: "part", Option: "none"}}, askBook(t, book, "off", `{"price":7}`).Readings)
		}
	}
}

// Where a whole number is wanted, a percentage of an amount is a finding, and
// its remedies work when they are followed; so do those for decimals.
func TestPercentageWantsRounding(t *testing.T) {
	remedy := func(text string) diagnostic.Diagnostic {
		_, err := rulebook.Parse("rebate.yaml", []byte(text))
		var found diagnostic.List
		require.ErrorAs(t, err, &found)
		require.Len(t, found, 1)
		return found[0]
	}
	wanted := strings.ReplaceAll(rebate, "EXPRESSION", "0") + `
    # the end
`
	wanted = strings.Replace(wanted, `rules: [off, enough]`, `rules: [off, enough, load]`, 1)
	wanted = strings.Replace(wanted, "        figures:", "        indicators: {load: {zh: 率, en: rate, count: {by: part, share: COUNT, none: price}, base: price, at_most: 50%}}\n        figures:", 1)
	found := remedy(strings.Replace(wanted, "COUNT", "price * parameter", 1))
	assert.Equal(t, "wrong_result", found.Code)
	for _, f := range []string{"rounded", "rounded_down", "rounded_up"} {
		assert.Contains(t, found.Remedy.EN, f+"(price * parameter)")
		assert.Contains(t, found.Remedy.ZH, f+"(price * parameter)")
		_, err := rulebook.Parse("rebate.yaml", []byte(strings.Replace(wanted, "COUNT", f+"(price * parameter)", 1)))
		assert.NoError(t, err)
	}
	for decimal, ratio := range map[string]string{"0.25": "(1 / 4)", "12.5": "(25 / 2)", "0.001": "(1 / 1000)"} {
		found := remedy(strings.ReplaceAll(rebate, "EXPRESSION", "price * "+decimal))
		assert.Equal(t, "float_literal", found.Code)
		assert.Equal(t, "write it as a ratio of whole numbers, "+ratio, found.Remedy.EN)
		a := askBook(t, rebateWith(t, "price * "+ratio), "off", `{"price":2000}`)
		off, ok := a.Int("off")
		assert.True(t, ok)
		assert.Equal(t, map[string]int64{"0.25": 500, "12.5": 25000, "0.001": 2}[decimal], off)
	}
	assert.Contains(t, remedy(strings.ReplaceAll(rebate, "EXPRESSION", "price % 25")).Remedy.EN, "(n / 100)")
	assert.Contains(t, remedy(strings.ReplaceAll(rebate, "EXPRESSION", "price - price * parameter")).Remedy.EN, "total - rounded(total * ratio)")
}
