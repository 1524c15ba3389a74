package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// tickets is a rulebook in which the deadline of each ticket is by its priority.
const tickets = `
rulebook: {id: tickets, title: {zh: 工单, en: tickets}, zone: UTC, in_force: {from: 2019-04-01}}
words:
  said: {kept: {zh: 按时, en: kept}, late: {zh: 超时, en: late}}
  priority: {p1: {zh: 紧急, en: urgent}, p2: {zh: 一般, en: normal}, p3: {zh: 不限, en: whenever}}
facts:
  strict: {zh: 从严, en: strict, type: yes_no}
  tickets:
    zh: 工单
    en: tickets
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        priority: {zh: 级别, en: priority, type: word, words: priority}
        opened: {zh: 开单, en: opened, type: moment}
        done: {zh: 办结, en: done, type: moment}
regulations:
  t:
    zh: 工单
    en: Tickets
    articles:
      "1":
        nature: deadline
        title: {zh: 时限, en: deadlines}
        text: {zh: 紧急的四小时，一般的两天，从严时一天。, en: 'Four hours, or two days; one day where it is strict.'}
        clocks: {each_ticket: {zh: 工单时限, en: deadline of tickets, each: tickets, id: .id, done: .done}}
        deadlines:
          urgent: {zh: 紧急, en: urgent, part_of: each_ticket, when: '.priority == "p1"', within: 4 hours, from: .opened}
          normal: {zh: 一般, en: normal, part_of: each_ticket, when: '.priority == "p2" and not strict', within: 48 hours, from: .opened}
          strict_one: {zh: 从严, en: strict, part_of: each_ticket, when: '.priority == "p2" and strict', within: 24 hours, from: .opened}
questions:
  t.month:
    zh: 工单
    en: tickets
    facts: [tickets, strict]
    governed_by: 2025-01-01
    rules: [each_ticket]
    verdict: {is: 'len(each_ticket.late) > 0 ? "late" : "kept"', words: said}
    values: {late: {zh: 超时, en: late, is: each_ticket.late}, kept: {zh: 按时, en: in time, is: each_ticket.in_time}, open: {zh: 未到期, en: open, is: each_ticket.not_yet_due}}
`

func TestDeadlineByElement(t *testing.T) {
	book := parse(t, tickets)
	list := func(strict string, more string) string {
		return `{"as_of": "2025-06-03T00:00:00Z", "strict": ` + strict + `, "tickets": [
			{"id": "a", "priority": "p1", "opened": "2025-06-01T00:00:00Z", "done": "2025-06-01T04:00:00Z"},
			{"id": "b", "priority": "p1", "opened": "2025-06-01T00:00:00Z", "done": "2025-06-01T04:00:01Z"},
			{"id": "c", "priority": "p2", "opened": "2025-06-01T00:00:00Z", "done": "2025-06-02T12:00:00Z"},
			{"id": "d", "priority": "p3", "opened": "2025-06-01T00:00:00Z"},
			{"id": "e", "priority": "p2", "opened": "2025-06-02T12:00:00Z"}` + more + `]}`
	}
	for _, x := range []struct{ strict, want string }{
		{"false", `{"late": ["b"], "kept": ["a", "c"], "open": ["e"]}`},
		{"true", `{"late": ["b", "c"], "kept": ["a"], "open": ["e"]}`},
	} {
		a := ask(t, book, "t.month", list(x.strict, ""))
		assert.JSONEq(t, x.want, valuesOf(t, a))
		assert.True(t, a.Provisional)
		next, _ := a.NextChange()
		assert.Equal(t, map[string]string{"false": "2025-06-04T12:00:00.000000001Z", "true": "2025-06-03T12:00:00.000000001Z"}[x.strict], next.Format("2006-01-02T15:04:05.999999999Z07:00"))
	}
	assert.JSONEq(t, `{"late": [], "kept": [], "open": []}`, valuesOf(t, ask(t, book, "t.month", `{"as_of": "2025-06-03T00:00:00Z", "strict": true, "tickets": []}`)))
	a := ask(t, book, "t.month", list("false", `, {"id": "f", "opened": "2025-06-01T00:00:00Z"}`))
	assert.Equal(t, "undetermined", a.Verdict)
	assert.Equal(t, []string{"tickets[5].priority < t.each_ticket"}, missing(a))
	a = ask(t, book, "t.month", list("null", ""))
	assert.Equal(t, []string{"strict < t.each_ticket"}, missing(a))
}

// A general deadline that gives way for some items is told to do so for these
// alone: it decides the others.
func TestExceptionOfSomeElements(t *testing.T) {
	text := strings.Replace(tickets, `          normal: {zh: 一般, en: normal, part_of: each_ticket, when: '.priority == "p2" and not strict', within: 48 hours, from: .opened}
`, `          normal: {zh: 一般, en: normal, part_of: each_ticket, except: [urgent], when: 'not strict and .priority != "p3"', within: 48 hours, from: .opened}
`, 1)
	book := parse(t, text)
	told := func(tickets string) string {
		a := ask(t, book, "t.month", `{"as_of": "2025-06-09T00:00:00Z", "strict": false, "tickets": [`+tickets+`]}`)
		var all []string
		for _, s := range a.Steps("en") {
			all = append(all, s.Text)
		}
		return strings.Join(all, "\n")
	}
	const urgent = `{"id": "a", "priority": "p1", "opened": "2025-06-01T00:00:00Z", "done": "2025-06-01T04:00:00Z"}`
	const normal = `{"id": "b", "priority": "p2", "opened": "2025-06-01T00:00:00Z", "done": "2025-06-03T00:00:00Z"}`
	assert.Contains(t, told(urgent), "normal: would apply as well, and gives way to: urgent")
	assert.NotContains(t, told(normal), "gives way")
	for _, both := range []string{urgent + "," + normal, normal + "," + urgent} {
		assert.Contains(t, told(both), "normal: gives way to urgent for items to which that applies as well")
		assert.NotContains(t, told(both), "would apply")
	}
}

// A time that clocks show twice is told with its offset.
func TestDoubledHourIsTold(t *testing.T) {
	book := parse(t, strings.Replace(waits, "zone: Europe/London", "zone: Europe/Berlin", 1))
	for until, want := range map[string]string{
		"2025-10-26T02:30:00+02:00": "until 2025-10-26 02:30 +02:00: ",
		"2025-10-26T02:30:00+01:00": "until 2025-10-26 02:30 +01:00: ",
		"2025-10-26T02:59:59+01:00": "until 2025-10-26 02:59:59 +01:00: ",
		"2025-10-26T03:00:00+01:00": "until 2025-10-26 03:00: ",
		"2025-10-26T01:59:59+02:00": "until 2025-10-26 01:59:59: ",
		"2025-03-30T03:30:00+02:00": "until 2025-03-30 03:30: ",
	} {
		a := ask(t, book, "hours", `{"as_of": "2026-01-01T00:00:00Z", "due_at": "2025-03-01T00:00:00+01:00", "done_at": "`+until+`"}`)
		assert.Contains(t, a.Steps("en")[0].Text, want)
	}
}
