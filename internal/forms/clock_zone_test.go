package forms_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const zoned = `
rulebook: {id: zones, title: {zh: 时区, en: zones}, zone: Europe/Berlin, in_force: {from: 2024-01-01}, calendar: berlin}
calendars:
  berlin: {zh: 柏林, en: Berlin, any_year: true, weekend: [], hours: [00:00-24:00]}
  york: {zh: 纽约, en: New York, any_year: true, weekend: [], hours: [00:00-24:00], zone: America/New_York}
  london: {zh: 伦敦, en: London, any_year: true, weekend: [], hours: [00:00-24:00], zone: Europe/London}
words: {place: {berlin: {zh: 柏林, en: Berlin}, york: {zh: 纽约, en: New York}, london: {zh: 伦敦, en: London}}}
facts:
  from_at: {zh: 起, en: start, type: moment}
  done_at: {zh: 止, en: done, type: moment, event: true}
  place: {zh: 地点, en: place, type: word, words: place}
questions:
  repair:
    zh: 问
    en: question
    facts: [from_at, done_at, place]
    rules: [plain, period, next]
    verdict: {is: plain.status}
    values:
      begun: {zh: 起, en: begun, is: plain.start}
      due: {zh: 到期, en: due, is: plain.due}
      due_there: {zh: 当地到期, en: due there, is: period.due}
      half: {zh: 半, en: half, is: period.half}
      later: {zh: 再过一小时, en: an hour later, is: period.due + hours(1)}
      next: {zh: 先到期, en: next due, is: next.due}
      same: {zh: 是否相同, en: the same, is: period.due == from_at + hours(72)}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: deadline
        title: {zh: 限, en: limit}
        text: {zh: 限。, en: limit.}
        clocks:
          plain: {zh: 甲, en: plain, done: done_at, calendar: york}
          period: {zh: 乙, en: period, done: done_at, calendar: place, alerts: {half: {at: 50%}}}
        agendas:
          next: {zh: 先到期, en: next due, of: [plain, period]}
        deadlines:
          days: {zh: 三日, en: three days, part_of: plain, within: 3 days, from: from_at}
          hours: {zh: 时, en: hours, part_of: period, within: 72 hours, from: from_at}
`

// The moments of a clock are written as its calendar's zone shows them, each with
// the offset of its own day; others as the rulebook's does.
func TestMomentsInTheZoneOfTheCalendar(t *testing.T) {
	book := parse(t, zoned)
	for _, x := range []struct{ place, due, half string }{
		{"york", "2025-03-10T11:00:00-04:00", "2025-03-08T22:00:00-05:00"},
		{"london", "2025-03-10T15:00:00Z", "2025-03-09T03:00:00Z"},
		{"berlin", "2025-03-10T16:00:00+01:00", "2025-03-09T04:00:00+01:00"},
	} {
		a := askAt(t, book, `{"from_at": "2025-03-07T16:00:00+01:00", "place": "`+x.place+`"}`, "2025-03-08T00:00:00Z")
		assert.Equal(t, "2025-03-07T10:00:00-05:00", shownDue(t, a, "begun"))
		assert.Equal(t, "2025-03-10T23:59:59-04:00", shownDue(t, a, "due"))
		assert.Equal(t, x.due, shownDue(t, a, "due_there"))
		assert.Equal(t, x.half, shownDue(t, a, "half"))
		assert.Equal(t, "2025-03-10T17:00:00+01:00", shownDue(t, a, "later"), "what is computed from it is shown as everything else")
		assert.Equal(t, x.due, shownDue(t, a, "next"), "it is the sooner of the two")
		same, _ := a.Value("same")
		assert.Equal(t, true, same.Data)
		due, ok := a.Moment("due_there")
		assert.True(t, ok)
		assert.Equal(t, x.due, due.Format("2006-01-02T15:04:05Z07:00"))
	}
	a := askAt(t, book, `{"from_at": "2025-03-07T16:00:00+01:00"}`, "2025-03-08T00:00:00Z")
	assert.Equal(t, "2025-03-10T23:59:59-04:00", shownDue(t, a, "due"))
}
