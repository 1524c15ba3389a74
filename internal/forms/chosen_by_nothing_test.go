package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parcelsYAML times parcels and prices their delay, by what may not be on record of
// them.
const parcelsYAML = `
rulebook: {id: parcels, title: {zh: 包裹, en: Parcels}, zone: Europe/Berlin, currency: EUR, in_force: {from: 2025-01-01}, calendar: berlin}
calendars: {berlin: {zh: 柏林, en: Berlin, any_year: true, weekend: [saturday, sunday]}, tokyo: {zh: 东京, en: Tokyo, any_year: true, weekend: [sunday]}}
facts:
  home: {zh: 自家, en: at home, type: yes_no, if_absent: none}
  parcels:
    zh: 包裹
    en: parcels
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        insured: {zh: 保价, en: insured, type: yes_no, if_absent: none}
        sent_at: {zh: 寄出, en: sent, type: moment}
        done_at: {zh: 送达, en: delivered, type: moment, if_absent: none}
questions:
  late:
    zh: 哪些迟了
    en: which are late
    facts: [home, parcels]
    rules: [time, pay, house, one]
    verdict: {is: 'len(time.late) > 0 ? "late" : "in_time"', words: {late: {zh: 迟, en: late}, in_time: {zh: 准时, en: in time}}}
    values: {due: {is: one.due}, pay: {is: pay.amount}, house: {is: house.amount}}
regulations:
  r:
    zh: 规
    en: Rules
    articles:
      "1":
        nature: deadline
        title: {zh: 一, en: One}
        text: {zh: 某, en: some text}
        clocks: {one: {done: as_of + hours(1)}, time: {each: parcels, id: .id, done: .done_at«calendar»}}
        deadlines: {usual: {zh: 通常, en: usual, part_of: one, when: 'len(parcels) > 2', from: as_of, within: {n: 'home == null ? null : 2', unit: hours}}, limit: {zh: 期限, en: limit, part_of: time, from: .sent_at, within: «within»}}
        accruals:
          pay: {zh: 赔付, en: pay, per: hour, each: parcels, from: .sent_at, until: .done_at, rate: «rate»}
          house: {zh: 自取, en: house, per: hour, from: as_of, until: as_of + hours(3), rate: 'home == null ? null : 2 EUR'}
`

// Where what a value is chosen by is not on record, and the choice does not say what
// holds then, it is told what is not on record, and of which item.
func TestChosenByNothing(t *testing.T) {
	const facts = `{"as_of": "2025-06-05T10:00:00Z", "parcels": [
		{"id": "a", "insured": true, "sent_at": "2025-06-02T10:00:00Z", "done_at": "2025-06-02T12:00:00Z"},
		{"id": "b", "insured": null, "sent_at": "2025-06-02T10:00:00Z", "done_at": "2025-06-02T12:00:00Z"}]}`
	book := func(calendar, within, rate string) string {
		return strings.NewReplacer("«calendar»", calendar, "«within»", within, "«rate»", rate).Replace(parcelsYAML)
	}
	for _, x := range []struct{ calendar, within, zh, en string }{
		{"", "{by: .insured, yes: 4 hours, no: 2 working days}", "无法计算：一：b：期限多长没有写（没有保价）", "this cannot be computed: One: b: there is no length of the limit (not on record: insured)"},
		{", calendar: {by: .insured, yes: berlin, no: tokyo}", "2 working days", "无法计算：一：b：没有可用来计算的日历（没有保价）", "this cannot be computed: One: b: there is no calendar to count by (not on record: insured)"},
	} {
		a := ask(t, parse(t, book(x.calendar, x.within, "1 EUR")), "late", facts)
		require.NotNil(t, a.Error, x.within)
		assert.Equal(t, []string{x.zh, x.en}, []string{a.Failure().Message.ZH, a.Failure().Message.EN})
	}

	a := ask(t, parse(t, book("", "4 hours", "{by: .insured, yes: 3 EUR, no: 1 EUR}")), "late", facts)
	assert.Contains(t, a.Explain("zh"), "赔付：共 2 项，4 小时；其中 1 项没有每份多少：没有保价（r/1）")
	assert.Contains(t, a.Explain("en"), "pay: 2 in all, 4 hours; of one there is no rate: not on record: insured (r/1)")
	assert.Contains(t, a.Explain("en"), "3 hours; there is no rate (r/1)")
	assert.JSONEq(t, `{"due": null, "pay": null, "house": null}`, valuesOf(t, a))

	a = ask(t, parse(t, book("", "{by: .insured, yes: 4 hours, otherwise: 2 days}", "{by: .insured, yes: 3 EUR, otherwise: 1 EUR}")), "late", strings.Replace(facts, `{"as_of`, `{"home": true, "as_of`, 1))
	assert.JSONEq(t, `{"due": null, "pay": "8.00", "house": "6.00"}`, valuesOf(t, a))

	// Of a clock that is not of a list, no item is named.
	more := strings.Replace(facts, `"parcels": [`, `"parcels": [
		{"id": "c", "insured": true, "sent_at": "2025-06-02T10:00:00Z", "done_at": "2025-06-02T12:00:00Z"},`, 1)
	a = ask(t, parse(t, book("", "4 hours", "1 EUR")), "late", more)
	require.NotNil(t, a.Error)
	assert.Equal(t, "this cannot be computed: One: there is no length of the limit", a.Failure().Message.EN)
}
