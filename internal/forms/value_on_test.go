package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// rates is a rulebook in which a charge is at the rate of the day of a visit.
const rates = `
rulebook: {id: rates, title: {zh: 费率, en: rates}, zone: Europe/London, currency: GBP, in_force: {from: 2020-01-01}}
words: {said: {yes_: {zh: 是, en: yes}, no_: {zh: 否, en: no}}, size: {s: {zh: 小, en: small}, l: {zh: 大, en: large}}}
facts:
  visit: {zh: 上门日, en: day of the visit, type: date, if_absent: unknown}
  asked: {zh: 申请日, en: asked, type: date}
  size: {zh: 大小, en: size, type: word, words: size}
readings:
  fee.which: {article: r/1, asks: {zh: 取哪个, en: which}, options: {low: {zh: 低, en: low}, high: {zh: 高, en: high}}, chosen: low}
regulations:
  r:
    zh: 费率
    en: Rates
    articles:
      "1":
        nature: threshold
        title: {zh: 费率, en: rates}
        text: {zh: 按上门日的费率。, en: The rate is that of the day of the visit.}
        values:
          fee: {zh: 费率, en: the rate, is: {by: date, 2019-04-01: 9.76 GBP, 2024-04-01: {by: fee.which, low: 9.98 GBP, high: 10.20 GBP}}}
          twice: {zh: 两倍, en: twice the rate, is: fee * 2}
          fixed: {zh: 定额, en: fixed, is: 5 GBP}
          by_size: {zh: 按大小, en: by size, is: {by: size, s: 1 GBP, l: 2 GBP}}
          hours_allowed: {zh: 时限, en: hours allowed, is: {by: date, 2020-01-01: 4 hours, 2023-01-01: 3 hours}}
      "2":
        nature: threshold
        title: {zh: 收费, en: charges}
        text: {zh: 收费。, en: The charge.}
        figures:
          charge: {zh: 收费, en: charge, is: 'value_on(fee, visit)'}
          double: {zh: 双倍, en: double, is: 'value_on(twice, visit)'}
          flat: {zh: 定额, en: flat, is: 'value_on(fixed, visit)'}
          allowed: {zh: 时限, en: allowed, is: 'value_on(hours_allowed, visit)'}
questions:
  r.charge:
    zh: 收费
    en: charge
    facts: [visit, asked]
    governed_by: asked
    rules: [charge, double, flat, allowed]
    verdict: {is: 'charge.value == fee ? "no_" : "yes_"', words: said}
    values: {charge: {zh: 收费, en: charge, is: charge.value}, double: {zh: 双倍, en: double, is: double.value}, flat: {zh: 定额, en: flat, is: flat.value}, allowed: {zh: 时限, en: allowed, is: allowed.value}}
  r.sized: {zh: 按大小, en: sized, facts: [size], governed_by: 2021-01-01, rules: [by_size], verdict: {is: 'by_size > 1 GBP ? "yes_" : "no_"', words: said}, values: {}}
`

func TestValueOn(t *testing.T) {
	book := parse(t, rates)
	for _, x := range []struct{ visit, asked, verdict, want string }{
		{"2024-03-31", "2025-01-01", "yes_", `{"charge": "9.76", "double": "19.52", "flat": "5.00", "allowed": "PT3H"}`},
		{"2024-04-01", "2025-01-01", "no_", `{"charge": "9.98", "double": "19.96", "flat": "5.00", "allowed": "PT3H"}`},
		{"2025-12-31", "2021-01-01", "yes_", `{"charge": "9.98", "double": "19.96", "flat": "5.00", "allowed": "PT3H"}`},
		{"2022-12-31", "2021-01-01", "no_", `{"charge": "9.76", "double": "19.52", "flat": "5.00", "allowed": "PT4H"}`},
		{"2019-04-01", "2021-01-01", "no_", `{"charge": "9.76", "double": "19.52", "flat": "5.00", "allowed": null}`},
		{"2019-03-31", "2021-01-01", "yes_", `{"charge": null, "double": null, "flat": "5.00", "allowed": null}`},
	} {
		a := ask(t, book, "r.charge", `{"visit": "`+x.visit+`", "asked": "`+x.asked+`"}`)
		assert.JSONEq(t, x.want, valuesOf(t, a), "%v", x)
		assert.Equal(t, x.verdict, a.Verdict, "%v", x)
		assert.Contains(t, a.Cites, "r/1")
		assert.Contains(t, a.Readings, policy.UsedReading{Key: "fee.which", Option: "low"}, "%v", x)
	}
	a := ask(t, book, "r.charge", `{"visit": "2024-05-01", "asked": "2021-01-01"}`, "fee.which=high")
	assert.JSONEq(t, `{"charge": "10.20", "double": "20.40", "flat": "5.00", "allowed": "PT3H"}`, valuesOf(t, a))
	assert.Contains(t, a.Explain("en"), "charge: the rate on 2024-05-01 = £10.20 (the rate on day of the visit) (r/2; reading fee.which = high)")
	assert.Contains(t, a.Explain("zh"), "收费：2024-05-01 时的费率 = £10.20（上门日 时的费率）")
	a = ask(t, book, "r.charge", `{"asked": "2021-01-01"}`)
	assert.Contains(t, missing(a), "visit < r.charge")
	for is, want := range map[string]string{
		"value_on(by_size, visit)": "by_size is no named value", "value_on(visit, visit)": "visit is no named value",
		"value_on(fee, 2)": "a date is wanted here", "value_on(fee)": "value_on has the wrong number of arguments: 1",
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(rates, "value_on(fee, visit)", is, 1)))
		require.ErrorContains(t, err, want)
	}
}
