package forms_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

const ticketAgenda = `
rulebook: {id: tickets, title: {zh: 工单, en: tickets}, zone: Asia/Shanghai, in_force: {from: 2024-01-01}}
facts:
  opened: {zh: 受理, en: opened, type: moment, if_null: unknown}
  answered: {zh: 已答复, en: answered, type: moment, if_null: unknown}
  repaired: {zh: 已修复, en: repaired, type: moment, if_null: unknown}
  promised: {zh: 约定, en: promised, type: moment, if_null: unknown}
questions:
  ticket:
    zh: 工单
    en: ticket
    facts: [opened, answered, repaired, promised]
    rules: [next]
    verdict: {is: 'next.due == null ? "nothing" : "something"', words: {nothing: {zh: 无, en: nothing}, something: {zh: 有, en: something}}}
    values:
      due: {zh: 到期, en: due, is: next.due}
      clocks: {zh: 计时, en: clocks, is: next.clocks}
      overdue: {zh: 逾期, en: overdue, is: next.overdue}
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
          answer: {zh: 答复, en: answer, done: answered}
          repair: {zh: 修复, en: repair, done: repaired}
          visit: {zh: 上门, en: visit, done: repaired}
        deadlines:
          four_hours: {zh: 四小时, en: four hours, part_of: answer, within: 4 hours, from: opened}
          one_day: {zh: 一天, en: one day, part_of: repair, within: 24 hours, from: opened}
          as_promised: {zh: 如约, en: as promised, part_of: visit, due: promised}
        agendas:
          next: {zh: 待办, en: agenda, of: [answer, repair, visit]}
`

func askTicket(t *testing.T, book *rulebook.Book, facts, asOf string) *rulebook.Answer {
	t.Helper()
	at, err := time.Parse(time.RFC3339, asOf)
	require.NoError(t, err)
	a, err := book.Ask(t.Context(), "ticket", facts, rulebook.AsOf(at))
	require.NoError(t, err)
	require.Nil(t, a.Error)
	return a
}

func TestAgenda(t *testing.T) {
	book := parse(t, ticketAgenda)
	const opened = `"opened": "2025-06-09T08:00:00+08:00"`
	for _, c := range []struct{ facts, asOf, values string }{
		{opened, "2025-06-09T12:00:00+08:00", `{"due":"2025-06-09T12:00:00+08:00","clocks":["answer"],"overdue":[]}`},
		{opened, "2025-06-09T12:00:01+08:00", `{"due":"2025-06-10T08:00:00+08:00","clocks":["repair"],"overdue":["answer"]}`},
		{opened + `, "answered": "2025-06-09T10:00:00+08:00"`, "2025-06-09T11:00:00+08:00", `{"due":"2025-06-10T08:00:00+08:00","clocks":["repair"],"overdue":[]}`},
		{opened + `, "promised": "2025-06-09T12:00:00+08:00"`, "2025-06-09T11:00:00+08:00", `{"due":"2025-06-09T12:00:00+08:00","clocks":["answer","visit"],"overdue":[]}`},
		{opened + `, "promised": "2025-06-12T12:00:00+08:00"`, "2025-06-11T11:00:00+08:00", `{"due":"2025-06-12T12:00:00+08:00","clocks":["visit"],"overdue":["answer","repair"]}`},
		{opened + `, "answered": "2025-06-09T10:00:00+08:00", "repaired": "2025-06-09T10:30:00+08:00"`, "2025-06-11T11:00:00+08:00", `{"due":null,"clocks":[],"overdue":[]}`},
		{``, "2025-06-11T11:00:00+08:00", `{"due":null,"clocks":[],"overdue":[]}`},
		// What is not known matters where it may come first.
		{opened + `, "repaired": null, "promised": "2025-06-12T12:00:00+08:00"`, "2025-06-09T11:00:00+08:00", `{"due":"2025-06-09T12:00:00+08:00","clocks":["answer"],"overdue":[]}`},
		{opened + `, "answered": null`, "2025-06-09T11:00:00+08:00", `{"due":null,"clocks":null,"overdue":[]}`},
		{opened + `, "answered": null`, "2025-06-09T13:00:00+08:00", `{"due":"2025-06-10T08:00:00+08:00","clocks":["repair"],"overdue":null}`},
		{opened + `, "promised": null`, "2025-06-09T11:00:00+08:00", `{"due":null,"clocks":null,"overdue":null}`},
		{opened + `, "answered": null, "promised": "2025-06-09T12:00:00+08:00"`, "2025-06-09T11:00:00+08:00", `{"due":"2025-06-09T12:00:00+08:00","clocks":null,"overdue":[]}`},
	} {
		a := askTicket(t, book, "{"+c.facts+"}", c.asOf)
		assert.JSONEq(t, c.values, valuesOf(t, a), "%s %s\n%s", c.facts, c.asOf, a.Explain("en"))
	}
	a := askTicket(t, book, "{"+opened+`, "promised": "2025-06-10T08:00:00+08:00"}`, "2025-06-09T13:00:00+08:00")
	assert.Contains(t, a.Explain("en"), "agenda: due next 2025-06-10 08:00: repair, visit; overdue: answer (r/1)")
	assert.Contains(t, a.Explain("zh"), "待办：下一个到期 2025-06-10 08:00：修复、上门；已逾期：答复（r/1）")
	shown, _ := a.Show("clocks", "zh")
	assert.Equal(t, "修复、上门", shown)
	next, ok := a.NextChange()
	require.True(t, ok)
	assert.Equal(t, "2025-06-10T08:00:00.000000001+08:00", next.Format(time.RFC3339Nano))
	a = askTicket(t, book, "{"+opened+`, "answered": null}`, "2025-06-09T11:00:00+08:00")
	assert.Equal(t, "undetermined", a.Verdict)
	assert.Contains(t, strings.Join(missing(a), ", "), "answered < ")
	a = askTicket(t, book, `{}`, "2025-06-09T13:00:00+08:00")
	assert.Contains(t, a.Explain("en"), "agenda: nothing is to come (r/1)")
}

// The oracle reckons with each moment as the clocks' rules say it.
func TestAgendaAgainstOracle(t *testing.T) {
	book := parse(t, ticketAgenda)
	rng := rand.New(rand.NewPCG(5, 13))
	opened := time.Date(2025, 6, 9, 0, 0, 0, 0, time.UTC)
	for range 2000 {
		asOf := opened.Add(time.Duration(rng.IntN(40)) * time.Hour)
		done := map[string]time.Time{}
		facts := fmt.Sprintf(`"opened": %q`, opened.Format(time.RFC3339))
		for _, name := range []string{"answered", "repaired"} {
			if at := opened.Add(time.Duration(rng.IntN(40)) * time.Hour); rng.IntN(2) == 0 && !at.After(asOf) {
				done[name] = at
				facts += fmt.Sprintf(`, %q: %q`, name, at.Format(time.RFC3339))
			}
		}
		dues := map[string]time.Time{"answer": opened.Add(4 * time.Hour), "repair": opened.Add(24 * time.Hour)}
		if rng.IntN(2) == 0 {
			dues["visit"] = opened.Add(time.Duration(rng.IntN(40)) * time.Hour)
			facts += fmt.Sprintf(`, "promised": %q`, dues["visit"].Format(time.RFC3339))
		}
		var first time.Time
		clocks, overdue := []string{}, []string{}
		for _, name := range []string{"answer", "repair", "visit"} {
			due, has := dues[name]
			_, is := done[map[string]string{"answer": "answered", "repair": "repaired", "visit": "repaired"}[name]]
			switch {
			case !has || is:
			case due.Before(asOf):
				overdue = append(overdue, name)
			case first.IsZero() || due.Before(first):
				first, clocks = due, []string{name}
			case due.Equal(first):
				clocks = append(clocks, name)
			}
		}
		a := askTicket(t, book, "{"+facts+"}", asOf.Format(time.RFC3339))
		got, _ := a.Moment("due")
		require.True(t, got.Equal(first), "%s as of %s: %s", facts, asOf, got)
		gotClocks, _ := a.Words("clocks")
		gotOverdue, _ := a.Words("overdue")
		require.True(t, slices.Equal(clocks, gotClocks), "%s as of %s: %v", facts, asOf, gotClocks)
		require.True(t, slices.Equal(overdue, gotOverdue), "%s as of %s: %v", facts, asOf, gotOverdue)
	}
}

func TestAgendaIsChecked(t *testing.T) {
	for _, c := range []struct{ of, code, en string }{
		{"[answer, nobody]", "unknown_rule", "nobody"},
		{"[answer, four_hours]", "not_a_clock", "four_hours"},
		{"answers", "unknown_rule", "answers"},
		{"[answer, answer]", "duplicate_item", "twice"},
		{"[]", "missing_key", "of"},
		{"[answer, {by: date, 2024-01-01: repair}]", "", ""},
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(ticketAgenda, "[answer, repair, visit]", c.of, 1)))
		if c.code == "" {
			require.NoError(t, err, c.of)
			continue
		}
		var found diagnostic.List
		require.ErrorAs(t, err, &found, c.of)
		assert.Equal(t, c.code, found[0].Code, c.of)
		assert.Contains(t, found[0].Message.EN, c.en)
	}
}
