package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// namedValues is the desk with numbers and lengths that are said once.
const namedValues = deskHead + `
        values:
          repair_time: {zh: 修复时限, en: time to repair, is: {by: date, 2020-01-01: 4 hours, 2026-03-01: 5 hours}}
          long_time: {zh: 长时限, en: long time, is: 2 working days}
          orders_time: {zh: 订单时限, en: time for orders, is: long_time}
          longest: {zh: 最长, en: longest, is: 3}
          twice: {zh: 两倍, en: twice, is: longest * 2}
        clocks:
          time: {zh: 计时, en: time, done: ticket.done, calendar: london}
        figures:
          within_repair_time: {zh: 修复够快, en: repaired fast enough, is: ticket.done - ticket.opened <= repair_time}
          small: {zh: 数, en: number, is: twice + longest}
      "2":
        nature: deadline
        title: {zh: 二, en: two}
        text: {zh: 二, en: two}
        deadlines:
          faults:
            zh: 故障
            en: faults
            part_of: time
            when: ticket.kind == "fault"
            within: {by: ticket.priority, p1: repair_time, otherwise: long_time}
            from: ticket.opened
          orders: {zh: 订单, en: orders, part_of: time, when: ticket.kind == "order", within: orders_time, from: ticket.opened}
questions:
  time_limit:
    zh: 到期
    en: due
    facts: [ticket]
    governed_by: ticket.opened
    rules: [time, within_repair_time, small]
    verdict: {is: time.status, words: result, if_none: not_started}
    values:
      ends: {zh: 到期, en: due, is: time.due_at}
      last_day: {zh: 末日, en: last day, is: time.due_date}
      fast: {zh: 快, en: fast, is: within_repair_time.value}
      number: {zh: 数, en: number, is: small.value}
      limit: {zh: 时限, en: limit, is: repair_time}
`

func TestNamedValues(t *testing.T) {
	book := parse(t, namedValues)
	askOn := func(opened, done, rest string) *rulebook.Answer {
		return ask(t, book, "time_limit", `{"as_of": "2026-06-01T00:00:00Z", "ticket": {"opened": "`+opened+`", "done": "`+done+`", `+rest+`}}`)
	}
	p1 := `"kind": "fault", "priority": "p1"`
	before := askOn("2026-02-27T10:00:00Z", "2026-02-27T15:00:00Z", p1)
	assert.Equal(t, "late", before.Verdict)
	assert.Equal(t, `{"ends":"2026-02-27T14:00:00Z","last_day":null,"fast":false,"number":9,"limit":"PT4H"}`, valuesOf(t, before))
	after := askOn("2026-03-02T10:00:00Z", "2026-03-02T15:00:00Z", p1)
	assert.Equal(t, "on_time", after.Verdict, "the last instant")
	assert.Equal(t, `{"ends":"2026-03-02T15:00:00Z","last_day":null,"fast":true,"number":9,"limit":"PT5H"}`, valuesOf(t, after))
	assert.Equal(t, "late", askOn("2026-03-02T10:00:00Z", "2026-03-02T15:00:01Z", p1).Verdict)
	order := askOn("2026-03-02T10:00:00Z", "2026-03-04T15:00:00Z", `"kind": "order"`)
	assert.Equal(t, "on_time", order.Verdict)
	assert.Contains(t, valuesOf(t, order), `"last_day":"2026-03-04"`)
	assert.Equal(t, []string{"desk/1", "desk/2"}, order.Cites)
	lines := strings.Split(after.Explain("en"), "\n")
	assert.Contains(t, lines, "time to repair: 5 hours (desk/1)")
	assert.Contains(t, lines, "longest: 3 (desk/1)")
	assert.Contains(t, lines, "number: 6 + 3 = 9 (twice + longest) (desk/1)")
	assert.Contains(t, after.Explain("zh"), "修复时限：5小时（desk/1）")
}

func TestNamedValuesThatAreNone(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"is: 3}", "is: ticket.opened}"}:                   "value_not_constant",
		{"is: 3}", "is: small.value}"}:                     "cycle",
		{"is: long_time}", "is: orders_time}"}:             "cycle",
		{"within: orders_time", "within: longest"}:         "unit_missing",
		{"is: twice + longest", "is: long_time + longest"}: "type_mismatch",
		{"is: 3}", `is: "18:00"}`}:                         "type_mismatch",
		{"within: orders_time", "within: order_time"}:      "not_a_quantity",
	} {
		text := strings.Replace(namedValues, change[0], change[1], 1)
		require.NotEqual(t, namedValues, text)
		_, err := rulebook.Parse("rules.yaml", []byte(text))
		if assert.Error(t, err, change) {
			assert.Contains(t, err.Error(), "["+want+"]", change)
		}
	}
}
