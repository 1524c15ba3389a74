package forms_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// visits is a rulebook of what is paid for each of several days.
const visits = `
rulebook: {id: visits, title: {zh: 上门, en: visits}, zone: Europe/London, currency: GBP, in_force: {from: 2019-04-01}}
words: {said: {paid: {zh: 补偿, en: paid}, nothing: {zh: 不补偿, en: nothing}}}
facts:
  visits:
    zh: 预约
    en: visits
    type: list
    of:
      type: record
      fields:
        missed: {zh: 失约, en: missed, type: yes_no}
        on: {zh: 日期, en: day, type: date, if_absent: unknown, if_null: none}
regulations:
  pay:
    zh: 补偿
    en: Compensation
    articles:
      "1":
        nature: sanction
        title: {zh: 失约, en: missed visits}
        text: {zh: 每次失约补偿。, en: Each missed visit is compensated.}
        accruals:
          missed_visits:
            zh: 失约补偿
            en: for missed visits
            per: day
            each: filter(visits, .missed)
            from: .on
            until: .on
            last: counted
            rate: {by: date, 2019-04-01: 25 GBP, 2024-04-01: 30.49 GBP, 2025-04-01: 31.19 GBP}
questions:
  visits.pay:
    zh: 补偿多少
    en: what is paid
    facts: [visits]
    rules: [missed_visits]
    verdict: {is: 'missed_visits.amount > 0 GBP ? "paid" : "nothing"', words: said}
    values:
      number: {zh: 次数, en: how many, is: missed_visits.units}
      rate: {zh: 每次, en: each, is: missed_visits.rate}
      amount: {zh: 补偿, en: amount, is: missed_visits.amount}
`

func TestAccrualOfEach(t *testing.T) {
	book := parse(t, visits)
	const asked = `{"as_of": "2026-01-01T00:00:00Z", "visits": `
	for list, want := range map[string]string{
		`[]`: `{"number": 0, "rate": null, "amount": "0.00"}`,
		`[{"missed": true, "on": "2025-03-31"}, {"missed": false, "on": "2025-05-01"}, {"missed": true, "on": "2025-07-01"}]`: `{"number": 2, "rate": null, "amount": "61.68"}`,
		`[{"missed": true, "on": "2025-04-01"}, {"missed": true, "on": null}, {"missed": true, "on": "2025-07-01"}]`:          `{"number": 2, "rate": "31.19", "amount": "62.38"}`,
		`[{"missed": false}]`: `{"number": 0, "rate": null, "amount": "0.00"}`,
		`[{"missed": true, "on": "2025-04-01"}, {"missed": true}]`: `{"number": null, "rate": null, "amount": null}`,
	} {
		assert.JSONEq(t, want, valuesOf(t, ask(t, book, "visits.pay", asked+list+`}`)), list)
	}
	a := ask(t, book, "visits.pay", asked+`[{"missed": true, "on": "2025-04-01"}, {"missed": true}]}`)
	assert.Equal(t, []string{"visits[1].on < pay.missed_visits"}, missing(a))
	steps := ask(t, book, "visits.pay", asked+`[{"missed": true, "on": "2025-03-31"}, {"missed": true, "on": "2025-07-01"}]}`).Steps("en")
	assert.Contains(t, steps[len(steps)-1].Text, "for missed visits: 2 in all: £30.49 + £31.19 = £61.68")
}
