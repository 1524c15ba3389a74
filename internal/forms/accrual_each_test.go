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

// downtime is a rulebook that counts the seconds of outages.
const downtime = `
rulebook: {id: downtime, title: {zh: 停机, en: downtime}, zone: UTC, in_force: {from: 2019-04-01}}
words: {said: {up: {zh: 正常, en: up}, down: {zh: 停机, en: down}}}
facts:
  month: {zh: 月份, en: month, type: month}
  outages: {zh: 中断, en: outages, type: list, of: {type: record, fields: {from: {zh: 自, en: from, type: moment}, to: {zh: 至, en: to, type: moment}}}}
  windows: {zh: 维护, en: windows, type: list, if_absent: empty, of: {type: record, fields: {from: {zh: 自, en: from, type: moment}, to: {zh: 至, en: to, type: moment}}}}
readings:
  overrun:
    article: up/1
    asks: {zh: 超出窗口的部分, en: the part outside of the window}
    options: {counts: {zh: 计入, en: counts}, left_out: {zh: 不计, en: is left out}}
    chosen: counts
regulations:
  up:
    zh: 可用
    en: Availability
    articles:
      "1":
        nature: threshold
        title: {zh: 停机, en: downtime}
        text: {zh: 停机的秒数, en: Seconds of downtime}
        accruals:
          down:
            zh: 停机
            en: time down
            per: second
            from: start_of_day(start_of_month(month))
            until: start_of_day(days_after(end_of_month(month), 1))
            only: outages
            except: windows
            excepted_part: {by: overrun, counts: alone, left_out: whole_period}
questions:
  up.month:
    zh: 停机多久
    en: how long was it down
    facts: [month, outages, windows]
    governed_by: month
    rules: [down]
    verdict: {is: 'down.units > 0 ? "down" : "up"', words: said}
    values:
      down: {zh: 停机, en: time down, is: seconds(down.units)}
      amount: {zh: 数额, en: amount, is: down.amount}
`

func TestAccrualInListedPeriods(t *testing.T) {
	book := parse(t, downtime)
	const outages = `"outages": [{"from": "2025-05-31T23:00:00Z", "to": "2025-06-01T00:05:00Z"},
		{"from": "2025-06-10T10:58:00Z", "to": "2025-06-10T11:03:00Z"}, {"from": "2025-06-10T11:00:00Z", "to": "2025-06-10T11:03:19Z"}]`
	const window = `"windows": [{"from": "2025-06-10T10:00:00Z", "to": "2025-06-10T11:00:00Z"}]`
	for _, x := range []struct{ facts, reading, want string }{
		{outages, "overrun=counts", "PT10M19S"},
		{outages + "," + window, "overrun=counts", "PT8M19S"},
		{outages + "," + window, "overrun=left_out", "PT8M19S"},
		{`"outages": []`, "overrun=counts", "PT0S"},
	} {
		a := ask(t, book, "up.month", `{"month": "2025-06", `+x.facts+`}`, x.reading)
		assert.JSONEq(t, `{"down": "`+x.want+`", "amount": null}`, valuesOf(t, a), "%v", x)
	}
	a := ask(t, book, "up.month", `{"month": "2025-06", "outages": [{"to": "2025-06-10T11:03:00Z"}]}`)
	assert.Equal(t, []string{"outages[0].from < up.down"}, missing(a))
	a = ask(t, book, "up.month", `{"month": "2025-06"}`)
	assert.Equal(t, []string{"outages < up.down"}, missing(a))
}

// What is missing is named by its place among the facts, also where a list was
// filtered before.
func TestMissingOfFilteredElements(t *testing.T) {
	book := parse(t, visits)
	a := ask(t, book, "visits.pay", `{"as_of": "2026-01-01T00:00:00Z", "visits": [{"missed": false, "on": "2025-04-01"}, {"missed": true, "on": "2025-04-01"}, {"missed": true}]}`)
	assert.Equal(t, []string{"visits[2].on < pay.missed_visits"}, missing(a))
}
