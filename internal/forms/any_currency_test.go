package forms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

const anyCurrency = `
rulebook: {id: courier, title: {zh: 快递, en: Courier}, zone: Europe/Berlin, currency: EUR, in_force: {from: 2024-01-01}}
words: {money: {cny: {zh: 人民币, en: yuan}, eur: {zh: 欧元, en: euro}, jpy: {zh: 日元, en: yen}}}
facts:
  unit: {zh: 货币, en: unit, type: word, words: money}
  dear: {zh: 贵, en: dear, type: yes_no}
  limit: {zh: 限, en: limit, type: money, if_absent: none}
  parcels: {zh: 件, en: parcels, type: list, if_absent: empty, of: {type: record, fields: {id: {zh: 号, en: id, type: name}, unit: {zh: 货币, en: unit, type: word, words: money}, n: {zh: 数, en: number, type: count}}}}
regulations:
  p:
    zh: 规
    en: rules
    articles:
      "1":
        nature: sanction
        title: {zh: 费, en: fee}
        text: {zh: 费, en: fee}
        figures:
          fee: {zh: 费, en: fee, is: {by: unit, cny: 100 CNY, eur: 12 EUR, jpy: 500 JPY}}
          each_fee: {zh: 各件费, en: each fee, each: parcels, fields: {id: .id, price: PRICE}, columns: {price: {zh: 价, en: price}}}
questions:
  p.fee:
    zh: 费
    en: fee
    facts: [unit, dear, limit, parcels]
    rules: [fee, each_fee]
    verdict: {is: 'dear ? "dear" : "cheap"', words: {dear: {zh: 贵, en: dear}, cheap: {zh: 便宜, en: cheap}}}
    values: {x: {zh: 量, en: x, is: EXPR}, each_fee: {is: each_fee.value}}
`

func anyCurrencyWith(expr, price string) string {
	return strings.NewReplacer("EXPR", "'"+expr+"'", "PRICE", price).Replace(anyCurrency)
}

const priceByElement = "{by: .unit, cny: 100 CNY, eur: 12 EUR, jpy: 1500 JPY}"

// That an amount may be of any currency is not lost on its way through conditions,
// lists and functions: it is told with the currency that it has.
func TestAmountOfAnyCurrencyInExpressions(t *testing.T) {
	for expr, want := range map[string]map[string]string{
		"dear ? fee.value : 1 EUR":                  {"eur": `"12.00 EUR"`, "jpy": `"500 JPY"`, "cny": `"100.00 CNY"`},
		"dear ? 1 EUR : dear ? 1 EUR : fee.value":   {"jpy": `"1.00 EUR"`},
		"dear ? (dear ? fee.value : 1 EUR) : null":  {"jpy": `"500 JPY"`},
		"[fee.value, 12 EUR]":                       {"jpy": `["500 JPY","12.00 EUR"]`, "eur": `["12.00 EUR","12.00 EUR"]`},
		"[12 EUR, fee.value]":                       {"jpy": `["500 JPY","12.00 EUR"]`},
		"dear ? [fee.value] : [1 EUR]":              {"jpy": `["500 JPY"]`, "cny": `["100.00 CNY"]`},
		"joined([fee.value], [1 EUR])":              {"jpy": `["1.00 EUR","500 JPY"]`},
		"distinct([1 EUR, fee.value])":              {"jpy": `["1.00 EUR","500 JPY"]`},
		"sum([fee.value, fee.value])":               {"jpy": `"1000 JPY"`, "eur": `"24.00 EUR"`},
		"greatest(limit, fee.value)":                {"jpy": `"500 JPY"`, "eur": `"12.00 EUR"`},
		"least([fee.value, limit])":                 {"jpy": `"500 JPY"`},
		"rounded(dear ? fee.value / 8 : 1 EUR / 3)": {"jpy": `"63 JPY"`, "eur": `"1.50 EUR"`},
		"map([1], fee.value)":                       {"jpy": `["500 JPY"]`},
		"(dear ? fee.value : 1 EUR) + fee.value":    {"jpy": `"1000 JPY"`},
		"fee.value > 0 * (fee.value)":               {"jpy": "true", "eur": "true"},
		"sum(each_fee.value, .price)":               {"jpy": `"0"`},
		"fee.value + 12 EUR":                        {"eur": `"24.00"`},
	} {
		book := parse(t, anyCurrencyWith(expr, priceByElement))
		for unit, told := range want {
			a := ask(t, book, "p.fee", fmt.Sprintf(`{"unit": %q, "dear": true}`, unit))
			got, _, _ := strings.Cut(strings.TrimPrefix(valuesOf(t, a), `{"x":`), `,"each_fee"`)
			assert.ElementsMatch(t, strings.Split(strings.Trim(told, "[]"), ","), strings.Split(strings.Trim(got, "[]"), ","), "%s of %s", expr, unit)
			for _, lang := range []string{"en", "zh"} {
				assert.NotContains(t, a.Explain(lang), "  ", expr)
			}
		}
	}
}

// The currency of an amount may be chosen by a word of the element that it is of.
func TestCurrencyThatAnElementChooses(t *testing.T) {
	book := parse(t, anyCurrencyWith("sum(each_fee.value, .price)", priceByElement))
	a := ask(t, book, "p.fee", `{"dear": true, "unit": "eur", "parcels": [{"id": "a", "unit": "jpy"}, {"id": "b", "unit": "jpy"}]}`)
	assert.Equal(t, `{"x":"3000 JPY","each_fee":[{"id":"a","price":"1500 JPY"},{"id":"b","price":"1500 JPY"}]}`, valuesOf(t, a))
	a = ask(t, book, "p.fee", `{"dear": true, "unit": "eur", "parcels": [{"id": "a", "unit": "jpy"}, {"id": "b", "unit": "cny"}]}`)
	require.Error(t, a.Error, "amounts of two currencies have no sum")
	a = ask(t, parse(t, anyCurrencyWith("fee.value", priceByElement)), "p.fee", `{"dear": true, "unit": "eur", "parcels": [{"id": "a", "unit": "jpy"}, {"id": "b"}]}`)
	assert.Equal(t, `{"x":"12.00 EUR","each_fee":[{"id":"a","price":"1500 JPY"},{"id":"b","price":null}]}`, valuesOf(t, a))
	assert.Equal(t, []string{"parcels[1].unit < p.each_fee", "parcels[1].unit < p.fee#each_fee"}, missing(a))
}

// What is refused says what to write, and that loads.
func TestAmountOfAnyCurrencyRefused(t *testing.T) {
	for _, c := range []struct{ expr, price, en, zh string }{
		{"fee.value > 0", priceByElement, "a fact chooses the currency of fee.value: nothing of it is 0 * (fee.value)", "它的零写 0 * (fee.value)"},
		{"fee.value > 20", priceByElement, "is: {by: the same fact, eur: 20 EUR, jpy: 3000 JPY}, and rule.value here", "写一条 figures 规则"},
		{"fee.value + 20", priceByElement, "is: {by: the same fact, eur: 20 EUR, jpy: 3000 JPY}, and rule.value here", "写一条 figures 规则"},
		{"fee.value + 20 EUR > 3", priceByElement, "write the currency too: 3 EUR", "写明货币：3 EUR"},
		{"dear ? 12 EUR : 1500 JPY", priceByElement, "write a rule of figures, is: {by: a fact that is a word", "写一条 figures 规则"},
		{"fee.value", `".n > 1 ? 12 EUR : 1500 JPY"`, "write {by: .field, cny: 100 CNY, eur: 12 EUR} here", "这里写 {by: .那一栏"},
		{"any(each_fee.value, .price > 3)", ".n + true", "+ - * are for ratios, counts, money and durations", "+ - *"},
	} {
		_, found := load.Parse("rules.yaml", []byte(anyCurrencyWith(c.expr, c.price)))
		require.Len(t, found, 1, c.expr)
		assert.Contains(t, found[0].Remedy.EN, c.en, c.expr)
		assert.Contains(t, found[0].Remedy.ZH, c.zh, c.expr)
		assert.NotContains(t, found[0].Message.EN, "invalid")
	}
}

// Messages name types as people call them, in the language of the message.
func TestTypesInMessages(t *testing.T) {
	book := anyCurrencyWith("fee.value", ".n")
	for rule, told := range map[string][2]string{
		"figures: {a: {zh: 甲, en: a, when: dear, is: 1}, b: {zh: 乙, en: b, part_of: a, when: not dear, is: 1 EUR}}": {"values of one group differ in type: a count and a sum of money in EUR", "同组的值类型不一：整数与EUR 金额"},
		"figures: {a: {zh: 甲, en: a, is: dear, rounded: half_up}}":                                                  {"only numbers and amounts of money are rounded, and this is a yes/no", "取整的须是数或金额，这里是“是”或“否”"},
		"figures: {a: {zh: 甲, en: a, each: parcels, group_by: {n: hours(.n)}, fields: {m: len(group)}}}":            {"n cannot be grouped by: it is a duration", "不能按时长分组：n"},
		"tariffs: {a: {zh: 甲, en: a, of: 3, brackets: [{up_to: 2, rate: 1}, {rate: 2 EUR}]}}":                       {"the rates differ in type: a count and a sum of money in EUR", "各段的单价类型不一：整数与EUR 金额"},
	} {
		text := strings.Replace(book, "questions:", "      \"2\":\n        nature: sanction\n        title: {zh: 二, en: two}\n        text: {zh: 二, en: two}\n        "+rule+"\nquestions:", 1)
		text = strings.Replace(text, "[fee, each_fee]", "[fee, each_fee, a]", 1)
		_, found := load.Parse("rules.yaml", []byte(text))
		require.Len(t, found, 1, rule)
		assert.Equal(t, told[0], found[0].Message.EN)
		assert.Equal(t, told[1], found[0].Message.ZH)
	}
}
