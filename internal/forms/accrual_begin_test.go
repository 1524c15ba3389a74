package forms_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// waits is a rulebook of what accrues from one time to another, as dates and as
// moments.
const waits = `
rulebook: {id: waits, title: {zh: 误期, en: delay}, zone: Europe/London, currency: GBP, in_force: {from: 2019-04-01}}
words: {said: {running: {zh: 继续, en: running}, still: {zh: 不在累计, en: still}}}
facts:
  due_on: {zh: 应交付日, en: due, type: date}
  done_on: {zh: 交付日, en: done, type: date}
  due_at: {zh: 应交付时间, en: due at, type: moment}
  done_at: {zh: 交付时间, en: done at, type: moment}
regulations:
  pay:
    zh: 误期
    en: Delay
    articles:
      "1":
        nature: sanction
        title: {zh: 误期, en: delay}
        text: {zh: 每日补偿。, en: Each day is compensated.}
        accruals:
          days: {zh: 误期, en: for the delay, per: day, from: due_on, until: done_on, last: counted, rate: 5 GBP}
          hours: {zh: 误时, en: for the hours, per: started_hour, from: due_at, until: done_at, rate: 2 GBP}
questions:
  days: {zh: 天, en: days, facts: [due_on, done_on], rules: [days], verdict: {is: 'days.running ? "running" : "still"', words: said}, values: {units: {is: days.units}, amount: {zh: 额, en: amount, is: days.amount}}}
  hours: {zh: 时, en: hours, facts: [due_at, done_at], rules: [hours], verdict: {is: 'hours.running ? "running" : "still"', words: said}, values: {units: {is: hours.units}, amount: {zh: 额, en: amount, is: hours.amount}}}
`

func TestAccrualBeforeItBegins(t *testing.T) {
	book := parse(t, waits)
	for facts, want := range map[string]struct{ verdict, values, told string }{
		`days {"as_of": "2025-05-01T12:00:00Z", "due_on": "2025-05-02"}`:                          {"still", `{"units": 0, "amount": "0.00"}`, "for the delay: from 2025-05-02 on, not begun yet at 2025-05-01 13:00: 0 days; £0"},
		`days {"as_of": "2025-05-01T22:59:59Z", "due_on": "2025-05-02"}`:                          {"still", `{"units": 0, "amount": "0.00"}`, "not begun yet"},
		`days {"as_of": "2025-05-01T23:00:00Z", "due_on": "2025-05-02"}`:                          {"running", `{"units": 1, "amount": "5.00"}`, "still going on"},
		`days {"as_of": "2025-05-09T12:00:00Z", "due_on": "2025-05-02", "done_on": "2025-05-01"}`: {"still", `{"units": 0, "amount": "0.00"}`, "for the delay: over at 2025-05-01, before it would have begun, 2025-05-02: 0 days; £0"},
		`days {"as_of": "2025-05-09T12:00:00Z", "due_on": "2025-05-02", "done_on": "2025-05-02"}`: {"still", `{"units": 1, "amount": "5.00"}`, "from 2025-05-02 until 2025-05-02"},
		`days {"as_of": "2025-05-09T12:00:00Z"}`:                                                  {"still", `{"units": null, "amount": null}`, "has not begun"},
		`hours {"as_of": "2025-05-01T12:00:00Z", "due_at": "2025-05-01T12:00:00.000000001Z"}`:     {"still", `{"units": 0, "amount": "0.00"}`, "not begun yet"},
		`hours {"as_of": "2025-05-01T12:00:00Z", "due_at": "2025-05-01T12:00:00Z"}`:               {"running", `{"units": 0, "amount": "0.00"}`, "still going on"},
		`hours {"as_of": "2025-05-09T12:00:00Z", "due_at": "2025-05-01T12:00:00Z", "done_at": "2025-05-01T11:59:59Z"}`: {"still", `{"units": 0, "amount": "0.00"}`,
			"over at 2025-05-01 12:59:59, before it would have begun, 2025-05-01 13:00"},
	} {
		question, data, _ := strings.Cut(facts, " ")
		a := ask(t, book, question, data)
		assert.Equal(t, want.verdict, a.Verdict, facts)
		assert.JSONEq(t, want.values, valuesOf(t, a), facts)
		steps := a.Steps("en")
		assert.Contains(t, steps[len(steps)-1].Text, want.told, facts)
	}
	a := ask(t, book, "days", `{"as_of": "2025-05-01T12:00:00Z", "due_on": "2025-05-20"}`)
	assert.Contains(t, a.Steps("zh")[0].Text, "自 2025-05-20 起计，2025-05-01 13:00 尚未开始：0 天")
	next, ok := a.NextChange()
	require.True(t, ok)
	assert.Equal(t, "2025-05-19T23:00:00Z", next.UTC().Format(time.RFC3339), "it begins with its day")
}

// What has not begun, or ended before, is nothing; and nothing changes before
// the next change.
func TestAccrualAgainstItsEnds(t *testing.T) {
	book := parse(t, waits)
	rng := rand.New(rand.NewPCG(3, 14))
	london, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	moment := func() time.Time {
		return time.Date(2025, 3, 28, 0, 0, 0, 0, london).Add(time.Duration(rng.IntN(6*24*4)) * 15 * time.Minute)
	}
	waiting := 0
	for range 3000 {
		question, asOf := []string{"days", "hours"}[rng.IntN(2)], moment()
		layout, suffix := "2006-01-02", "_on"
		if question == "hours" {
			layout, suffix = time.RFC3339, "_at"
		}
		due, done, over := moment(), moment(), rng.IntN(2) == 0
		facts := map[string]any{"due" + suffix: due.Format(layout)}
		end := asOf
		if over {
			facts["done"+suffix], end = done.Format(layout), done
		}
		said := func(asOf time.Time) (string, time.Time, bool) {
			facts["as_of"] = asOf.Format(time.RFC3339Nano)
			data, err := json.Marshal(facts)
			require.NoError(t, err)
			a := ask(t, book, question, string(data))
			next, ok := a.NextChange()
			return a.Verdict + valuesOf(t, a), next, ok
		}
		day := func(t time.Time) string { return t.Format(time.DateOnly) }
		before := end.Before(due)
		if question == "days" {
			before = day(end) < day(due)
		}
		got, next, changes := said(asOf)
		why := fmt.Sprint(question, facts, asOf)
		require.Equal(t, !over && !before, strings.HasPrefix(got, "running"), why)
		if before {
			waiting++
			require.Contains(t, got, `"units":0`, why)
		}
		require.True(t, changes || over, why)
		if changes {
			require.True(t, next.After(asOf), why)
			then, _, _ := said(next.Add(-1))
			require.Equal(t, got, then, why)
			if before {
				then, _, _ = said(next)
				require.True(t, strings.HasPrefix(then, "running"), why)
			}
		}
	}
	require.Positive(t, waiting)
}
