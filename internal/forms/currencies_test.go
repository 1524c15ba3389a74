package forms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// paidIn is a book in which a fact chooses the currency of amounts, in each way in
// which one can.
const paidIn = `
rulebook: {id: paid, title: Paid, languages: [en], zone: Europe/Berlin, currency: EUR, in_force: {from: 2024-01-01}}
facts:
  unit: {en: currency, type: word, words: {cny: yuan, eur: euro, jpy: yen}}
  n: {en: number, type: count}
  most: {en: most, type: money, if_absent: none}
  days: {en: days, type: list, if_absent: empty, of: {type: record, fields: {from: {en: from, type: date}, to: {en: to, type: date}}}}
regulations:
  p:
    en: paid
    articles:
      "1":
        nature: sanction
        title: fee
        text: fee
        values: {named: {en: named, is: {by: unit, cny: 100 CNY, eur: 12 EUR, jpy: 500 JPY}}}
        figures:
          fee: {en: fee, is: {by: unit, cny: 100 CNY, eur: 12 EUR, jpy: 500 JPY}}
          one: {en: one, part_of: group, when: unit == "cny", is: 100 CNY}
          two: {en: two, part_of: group, when: unit == "eur", is: 12 EUR}
          three: {en: three, part_of: group, when: unit == "jpy", is: 500 JPY}
          double: {en: double, is: RATE + RATE}
          share: {en: share, is: 10% of RATE, rounded: half_up}
          listed: {en: listed, each: days, fields: {cost: RATE}, columns: {cost: {en: cost}}}
          total: {en: total, is: "sum(listed.value, .cost)"}
        tables:
          rows: {en: rows, keys: {unit: unit}, rows: [{where: {unit: cny}, gives: {fee: 100 CNY}}, {where: {unit: eur}, gives: {fee: 12 EUR}}, {where: {unit: jpy}, gives: {fee: 500 JPY}}]}
        tariffs:
          priced: {en: priced, of: n, brackets: [{up_to: 2, rate: RATE}, {rate: RATE * 2}]}
          taxed: {en: taxed, of: RATE, brackets: [{rate: 3%}], rounded: up}
        accruals:
          daily: {en: daily, per: day, from: 2025-01-01, until: 2025-01-04, rate: RATE}
          exact: {en: exact, per: day, from: 2025-01-01, until: 2025-01-04, rate: RATE * 3 / 7, rounded: half_up}
          each_day: {en: each day, each: days, per: day, from: .from, until: .to, rate: RATE}
questions:
  p.fee:
    en: fee
    facts: [unit, n, most, days]
    rules: [named, fee, group, rows, double, share, listed, total, priced, taxed, daily, exact, each_day]
    verdict: {is: 'n > 0 ? "due" : "nothing"', words: {due: due, nothing: nothing}}
    values:
      double: {is: double.value}
      share: {is: share.value}
      total: {is: total.value}
      priced: {is: priced.amount, en: priced}
      taxed: {is: taxed.amount, en: taxed}
      daily: {is: daily.amount}
      exact: {is: exact.amount}
      each_day: {is: each_day.amount}
`

// An amount keeps the currency that a fact chooses for it, whatever is made of it and
// however it is chosen.
func TestCurrencyThatAFactChooses(t *testing.T) {
	for _, rate := range []string{"fee.value", "group.value", "rows.fee", "named"} {
		book := parse(t, strings.ReplaceAll(paidIn, "RATE", rate))
		for in, want := range map[string]string{
			"cny": `{"double": "200.00 CNY", "share": "10.00 CNY", "total": "200.00 CNY", "priced": "400.00 CNY", "taxed": "3.00 CNY", "daily": "300.00 CNY", "exact": "128.57 CNY", "each_day": "300.00 CNY"}`,
			"eur": `{"double": "24.00 EUR", "share": "1.20 EUR", "total": "24.00 EUR", "priced": "48.00 EUR", "taxed": "0.36 EUR", "daily": "36.00 EUR", "exact": "15.43 EUR", "each_day": "36.00 EUR"}`,
			"jpy": `{"double": "1000 JPY", "share": "50 JPY", "total": "1000 JPY", "priced": "2000 JPY", "taxed": "15 JPY", "daily": "1500 JPY", "exact": "643 JPY", "each_day": "1500 JPY"}`,
		} {
			facts := fmt.Sprintf(`{"as_of": "2025-06-01T00:00:00Z", "unit": %q, "n": 3, "days": [{"from": "2025-01-01", "to": "2025-01-02"}, {"from": "2025-01-01", "to": "2025-01-03"}]}`, in)
			a := ask(t, book, "p.fee", facts)
			require.NoError(t, a.Error, rate)
			assert.JSONEq(t, want, valuesOf(t, a), rate)
			for other, sign := range map[string]string{"cny": "¥100.", "eur": "€", "jpy": " JPY"} {
				assert.Equal(t, other == in, strings.Contains(a.Explain("en"), sign), "%s of %s", sign, in)
			}
		}
		a := ask(t, book, "p.fee", `{"as_of": "2025-06-01T00:00:00Z", "n": 3}`)
		assert.Contains(t, valuesOf(t, a), `"priced":null`)
		assert.Contains(t, missing(a), "unit < p.fee")
	}
}

// Amounts of two currencies do not meet unnoticed.
func TestCurrencyThatAFactChoosesMeetsAnother(t *testing.T) {
	book := parse(t, strings.Replace(strings.ReplaceAll(paidIn, "RATE", "fee.value"), "04, rate: fee.value}", "04, rate: fee.value, amount_at_most: most}", 1))
	a := ask(t, book, "p.fee", `{"unit": "eur", "n": 3, "most": "10.00"}`)
	assert.Contains(t, valuesOf(t, a), `"daily":"10.00 EUR"`)
	a = ask(t, book, "p.fee", `{"unit": "cny", "n": 3, "most": "10.00"}`)
	require.Error(t, a.Error)
	assert.Contains(t, a.Failure().Message.EN, "amounts of CNY and EUR do not go together")
	assert.Contains(t, a.Failure().Message.ZH, "CNY 与 EUR 的金额不能合在一起计")

	added := parse(t, strings.Replace(strings.ReplaceAll(paidIn, "RATE", "fee.value"), "is: fee.value + fee.value", "is: fee.value + 1 EUR", 1))
	assert.Contains(t, valuesOf(t, ask(t, added, "p.fee", `{"unit": "eur", "n": 3}`)), `"double":"13.00"`)
	a = ask(t, added, "p.fee", `{"unit": "jpy", "n": 3}`)
	assert.Contains(t, a.Failure().Message.EN, "amounts of JPY and EUR meet in fee.value + 1 EUR")
	assert.Contains(t, a.Failure().Message.ZH, "里是 JPY 与 EUR 的金额")

	_, found := load.Parse("paid.yaml", []byte(strings.Replace(paidIn, "is: RATE + RATE", `is: 'unit == "cny" ? 100 CNY : 12 EUR'`, 1)))
	assert.Contains(t, fmt.Sprint(found), "write a rule of figures, is: {by: a fact that is a word")
}

// tiered is a tariff of an amount of which a fact chooses the currency.
const tiered = `
rulebook: {id: tiered, title: Tiered, languages: [en], zone: Europe/Berlin, currency: EUR, in_force: {from: 2024-01-01}}
facts:
  unit: {en: unit, type: word, words: {cny: yuan, eur: euro, jpy: yen}}
  other: {en: other, type: word, words: {cny: yuan, eur: euro, jpy: yen}}
regulations:
  p:
    en: tiered
    articles:
      "1":
        nature: sanction
        title: fee
        text: fee
        values: {step: {en: step, is: {by: unit, cny: 80 CNY, eur: 10 EUR, jpy: 1000 JPY}}}
        figures: {fee: {en: fee, is: {by: unit, cny: 100 CNY, eur: 12 EUR, jpy: 1500 JPY}}}
        tariffs:
          taxed: {en: taxed, of: fee.value, brackets: [{up_to: FIRST, rate: 3%}, {up_to: SECOND, rate: 5%}, {rate: 7%}], rounded: half_up}
questions:
  p.fee:
    en: fee
    facts: [unit, other]
    rules: [fee, step, taxed]
    verdict: {is: 'taxed.bracket > 1 ? "high" : "low"', words: {high: high, low: low}}
    values: {taxed: {is: taxed.amount, en: taxed}}
`

func tieredAt(first, second string) string {
	return strings.NewReplacer("FIRST", first, "SECOND", second).Replace(tiered)
}

func TestTariffOfCurrencyThatAFactChooses(t *testing.T) {
	for _, first := range []string{"{by: unit, cny: 80 CNY, eur: 10 EUR, jpy: 1000 JPY}", "step"} {
		book := parse(t, tieredAt(first, "{by: unit, cny: 90 CNY, eur: 11.50 EUR, jpy: 1600 JPY}"))
		for in, want := range map[string]string{
			"cny": `{"taxed": "3.60 CNY"}`, // 80 at 3%, 10 at 5%, 10 at 7%
			"eur": `{"taxed": "0.41 EUR"}`, // 10 at 3%, 1.50 at 5%, 0.50 at 7%
			"jpy": `{"taxed": "55 JPY"}`,   // 1000 at 3%, 500 at 5%
		} {
			a := ask(t, book, "p.fee", fmt.Sprintf(`{"unit": %q}`, in))
			assert.JSONEq(t, want, valuesOf(t, a), in)
			assert.Equal(t, "high", a.Verdict)
		}
		a := ask(t, book, "p.fee", `{}`)
		assert.Equal(t, `{"taxed":null}`, valuesOf(t, a))
		assert.Contains(t, missing(a), "unit < p.fee")
	}

	// What is measured may be of another currency than the ends, which another fact chooses.
	book := parse(t, tieredAt("{by: other, cny: 80 CNY, eur: 10 EUR, jpy: 1000 JPY}", "{by: other, cny: 90 CNY, eur: 11.50 EUR, jpy: 1600 JPY}"))
	assert.JSONEq(t, `{"taxed": "0.41 EUR"}`, valuesOf(t, ask(t, book, "p.fee", `{"unit": "eur", "other": "eur"}`)))
	a := ask(t, book, "p.fee", `{"unit": "jpy", "other": "eur"}`)
	require.Error(t, a.Error)
	assert.Contains(t, a.Failure().Message.EN, "taxed: amounts of EUR and JPY do not go together")
	assert.Contains(t, a.Failure().Message.ZH, "EUR 与 JPY 的金额不能合在一起计")
}

// Ends that are wrong are refused, and what a message says helps.
func TestTariffOfCurrencyThatAFactChoosesWrongly(t *testing.T) {
	for _, c := range []struct{ first, second, message, remedy string }{
		{"{by: unit, cny: 80 CNY, eur: 10 EUR, jpy: 1000 JPY}", "{by: unit, cny: 90 CNY, eur: 11 EUR, jpy: 10 JPY}", "up_to of bracket 2 is wrong", "write them from low to high"},
		{"10 EUR", "1600 JPY", "a sum of money in EUR, and this is a sum of money in JPY", "write an amount in EUR, such as 100 EUR"},
		{"10", "{by: unit, cny: 90 CNY, eur: 11 EUR, jpy: 1600 JPY}", "a sum of money, and this is a count", "where a fact chooses it, let the same fact choose this end"},
		{"fee.value", "{by: unit, cny: 90 CNY, eur: 11 EUR, jpy: 1600 JPY}", `"fee.value" is no fixed value`, "write a number, an amount or a named value"},
	} {
		_, err := load.Parse("tiered.yaml", []byte(tieredAt(c.first, c.second)))
		assert.Equal(t, 1, strings.Count(fmt.Sprint(err), "tiered.yaml:"), "%v", err)
		assert.ErrorContains(t, err, c.message)
		assert.ErrorContains(t, err, c.remedy)
	}
}

// A row that is for another currency is no mistake, whichever key comes first.
func TestTableOfCurrencyThatAFactChooses(t *testing.T) {
	rows := strings.Join([]string{"rows: [{where: {c: eur, a: below 10 EUR}, gives: {p: 1}}, {where: {c: eur, a: from 10 EUR}, gives: {p: 2}}",
		"{where: {c: jpy, a: below 1000 JPY}, gives: {p: 3}}, {where: {c: jpy, a: from 1000 JPY}, gives: {p: 4}}, {where: {c: cny}, gives: {p: 5}}]"}, ", ")
	for _, keys := range []string{"{a: fee.value, c: unit}", "{c: unit, a: fee.value}"} {
		text := strings.Replace(tieredAt("step", "{by: unit, cny: 90 CNY, eur: 11.50 EUR, jpy: 1600 JPY}"),
			"        tariffs:", "        tables: {by_amount: {en: by amount, keys: "+keys+", "+rows+"}}\n        tariffs:", 1)
		text = strings.NewReplacer("[fee, step, taxed]", "[fee, step, taxed, by_amount]", "values: {taxed:", "values: {p: {is: by_amount.p, en: p}, taxed:").Replace(text)
		book := parse(t, text)
		for in, want := range map[string]int{"cny": 5, "eur": 2, "jpy": 4} {
			assert.Contains(t, valuesOf(t, ask(t, book, "p.fee", fmt.Sprintf(`{"unit": %q}`, in))), fmt.Sprintf(`"p":%d`, want), "%s %s", keys, in)
		}
	}
}

// Where a date or a reading chooses the currency, the question does not say of a
// value which it is: it is written with the amount, and two editions that differ in
// nothing but the currency do not say the same.
func TestCurrencyThatEditionsDifferIn(t *testing.T) {
	const text = `
rulebook: {languages: [en], id: fees, title: Fees, zone: UTC, currency: EUR, in_force: {from: 2020-01-01}}
facts:
  n: {en: number, type: count}
  day: {en: day, type: date}
  items: {en: items, type: list, if_absent: empty, of: {type: record, fields: {id: {en: id, type: name}, weight: {en: weight, type: count}}}}
readings:
  fee.in: {article: r/1, asks: in what, options: {euro: in euro, yen: in yen}, chosen: euro}
questions:
  q:
    en: q
    facts: [n, day, items]
    governed_by: day
    rules: [fee, read, fixed, each]
    verdict: {is: "n > 5 ? 'a' : 'b'", words: {a: a, b: b}}
    values:
      fee: {is: fee.value}
      read: {is: read.value}
      fixed: {is: fixed.value}
      list: {en: list, is: "[fee.value]"}
      each: {is: each.value}
      by_id: {en: by id, keyed: true, is: pairs.value}
regulations:
  r:
    en: R
    articles:
      "1":
        nature: sanction
        title: One
        text: Text.
        figures:
          fee: {en: fee, quiet: true, is: {by: date, 2020-01-01: 100 EUR, 2024-01-01: 100 USD}}
          read: {en: read, is: {by: fee.in, euro: 5 EUR, yen: 500 JPY}}
          fixed: {en: fixed, is: 7 EUR}
          each: {en: each, each: items, fields: {id: .id, fee: fee.value * .weight, fixed: fixed.value * .weight}, columns: {fee: fee, fixed: fixed}}
          pairs: {en: pairs, each: items, fields: {id: .id, fee: fee.value * .weight}, columns: {fee: fee}}
`
	book := parse(t, strings.Replace(text, "rules: [fee, read, fixed, each]", "rules: [fee, read, fixed, each, pairs]", 1))
	const items = `"items": [{"id": "x", "weight": 2}]`
	assert.JSONEq(t, `{"fee": "100.00 EUR", "read": "5.00 EUR", "fixed": "7.00", "list": ["100.00 EUR"], "each": [{"id": "x", "fee": "200.00 EUR", "fixed": "14.00"}], "by_id": {"x": "200.00 EUR"}}`,
		valuesOf(t, ask(t, book, "q", `{"n": 1, "day": "2021-01-01", `+items+`}`)))
	late := ask(t, book, "q", `{"n": 1, "day": "2025-01-01", `+items+`}`, "fee.in=yen")
	assert.JSONEq(t, `{"fee": "100.00 USD", "read": "500 JPY", "fixed": "7.00", "list": ["100.00 USD"], "each": [{"id": "x", "fee": "200.00 USD", "fixed": "14.00"}], "by_id": {"x": "200.00 USD"}}`, valuesOf(t, late))
	for v := range late.Values() {
		if v.Name == "fee" || v.Name == "read" {
			assert.Equal(t, map[string]string{"fee": `"100.00 USD"`, "read": `"500 JPY"`}[v.Name], string(v.AppendJSON(nil)))
		}
	}
	undated := ask(t, book, "q", `{"n": 1}`)
	assert.Equal(t, "undetermined", undated.Verdict)
	assert.Equal(t, []string{"day < q"}, missing(undated))
}
