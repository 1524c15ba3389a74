package load_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

func libraryBook(t *testing.T, changes ...string) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Parse("library.yaml", []byte(with(t, library(t), changes...)))
	require.NoError(t, err)
	return book
}

func ask(t *testing.T, book *rulebook.Book, question, facts string, options ...rulebook.Option) *rulebook.Answer {
	t.Helper()
	a, err := book.Ask(context.Background(), question, []byte(facts), options...)
	require.NoError(t, err)
	return a
}

func at(t *testing.T, moment string) rulebook.Option {
	t.Helper()
	m, err := time.Parse(time.RFC3339, moment)
	require.NoError(t, err)
	return rulebook.AsOf(m)
}

// lent is a book lent at a moment of Shanghai's clock.
func lent(moment string) string {
	return fmt.Sprintf(`{"loan": {"kind": "book", "lent_at": %q}, "as_of": "2028-01-01T00:00:00+08:00"}`, moment)
}

// The clock that starts under the old edition runs by it, whenever it is
// asked about.
func TestValueByDate(t *testing.T) {
	book := libraryBook(t)
	plain := rulebook.Reading("desk.calendar", "plain")
	for lentAt, due := range map[string]string{
		"2025-12-31T10:00:00+08:00": "2026-01-28", // 20 working days, Monday to Friday
		"2025-12-31T23:59:59+08:00": "2026-01-28",
		"2025-12-31T16:30:00Z":      "2026-01-22", // half past midnight in Shanghai
		"2026-01-01T00:00:00+08:00": "2026-01-22", // 15 working days
		"2020-01-01T00:00:00+08:00": "2020-01-29",
	} {
		d, ok := ask(t, book, "loan.clock", lent(lentAt), plain).Date("due_date")
		require.True(t, ok)
		assert.Equal(t, due, d.String(), lentAt)
	}
}

func TestNotInForce(t *testing.T) {
	book := libraryBook(t)
	for lentAt, code := range map[string]string{
		"2019-12-31T23:59:59+08:00": "not_in_force",
		"2020-01-01T00:00:00+08:00": "",
		"2030-06-30T12:00:00+08:00": "",
		"2031-01-01T00:00:00+08:00": "not_in_force",
	} {
		facts := fmt.Sprintf(`{"loan": {"kind": "book", "lent_at": %q}, "as_of": "2032-01-01T00:00:00+08:00"}`, lentAt)
		a := ask(t, book, "loan.clock", facts, rulebook.Reading("desk.calendar", "plain"))
		if code == "" {
			assert.Nil(t, a.Error, lentAt)
			continue
		}
		require.NotNil(t, a.Error, lentAt)
		assert.Equal(t, code, a.Failure().Code)
		assert.Empty(t, a.Verdict)
	}
}

// What is chosen of a reading may change with the date. Where nothing dates
// the facts, the moment of asking does; without it the answer says so.
func TestChosenByDate(t *testing.T) {
	book := libraryBook(t)
	facts := `{"grade": "slight", "earlier": 1, "reader": "R1", "fines": []}`
	fine := func(options ...rulebook.Option) (int64, *rulebook.Answer) {
		a := ask(t, book, "fine.amount", facts, options...)
		n, _ := a.Int("amount")
		return n, a
	}
	n, a := fine(at(t, "2025-12-31T23:59:59+08:00"))
	assert.EqualValues(t, 5, n)
	assert.Contains(t, a.Readings, policy.UsedReading{Key: "fine.start", Option: "third"})
	n, a = fine(at(t, "2026-01-01T00:00:00+08:00"))
	assert.EqualValues(t, 10, n)
	assert.Contains(t, a.Readings, policy.UsedReading{Key: "fine.start", Option: "second"})

	_, a = fine()
	assert.Equal(t, policy.Undetermined, a.Verdict)
	assert.Equal(t, []policy.MissingFact{{Fact: "as_of", NeededBy: "fine.amount"}}, a.MissingFacts)

	// Whoever chooses the reading himself needs no date for it.
	n, a = fine(rulebook.Reading("fine.start", "third"))
	assert.Empty(t, a.MissingFacts)
	assert.EqualValues(t, 5, n)
	n, _ = fine(rulebook.Reading("fine.start", "third"), at(t, "2026-01-01T00:00:00+08:00"))
	assert.EqualValues(t, 5, n)

	for on, option := range map[string]string{"2025-12-31T23:59:59+08:00": "third", "2026-01-01T00:00:00+08:00": "second"} {
		m, err := time.Parse(time.RFC3339, on)
		require.NoError(t, err)
		chosen, ok := book.Chosen("fine.start", m)
		assert.True(t, ok)
		assert.Equal(t, option, chosen)
	}
}

// Undated facts are in order where the answer does not depend on the date.
func TestUndatedFactsWithoutDatedRules(t *testing.T) {
	a := ask(t, libraryBook(t), "desk.open", `{"papers": ["card", "proof"], "visitors": 50}`)
	assert.Nil(t, a.Error)
	assert.NotContains(t, a.MissingFacts, policy.MissingFact{Fact: "as_of", NeededBy: "desk.open"})
	assert.Equal(t, "met", a.Verdict)
}

func TestRuleInForce(t *testing.T) {
	book := libraryBook(t, "            prohibited: [noise, food]\n", "            prohibited: [noise, food]\n            in_force: {from: 2026-01-01, to: 2026-06-30}\n",
		"due_date: {zh: 应还日, en: due date, is: loan_clock.due_date}", "broken: {zh: 违反, en: broken, is: quiet_kept.broken}")
	for lentAt, breach := range map[string]bool{
		"2025-12-31T12:00:00+08:00": false,
		"2026-01-01T12:00:00+08:00": true,
		"2026-06-30T12:00:00+08:00": true,
		"2026-07-01T12:00:00+08:00": false,
	} {
		facts := strings.Replace(lent(lentAt), `"loan"`, `"deeds": ["noise"], "loan"`, 1)
		a := ask(t, book, "loan.clock", facts, rulebook.Reading("desk.calendar", "plain"))
		broken, known := a.Bool("broken")
		if breach {
			assert.Contains(t, fmt.Sprint(a.Breaches), "lending/3#noise", lentAt)
			assert.True(t, broken && known)
			continue
		}
		assert.NotContains(t, fmt.Sprint(a.Breaches), "noise", lentAt)
		assert.False(t, known, "what a rule gives that is not in force does not exist")
	}
}

// One rule of a group takes over from another.
func TestRulesFollowEachOther(t *testing.T) {
	book := libraryBook(t,
		"        guards:\n", "        figures:\n"+
			"          old_times: {zh: 旧次数, en: old times, part_of: times, in_force: {to: 2025-12-31}, is: \"1\"}\n"+
			"          new_times: {zh: 新次数, en: new times, part_of: times, in_force: {from: 2026-01-01}, is: \"2\"}\n"+
			"        guards:\n",
		"due_date: {zh: 应还日, en: due date, is: loan_clock.due_date}", "times: {zh: 次数, en: times, is: times.value}")
	for lentAt, want := range map[string]int64{
		"2025-12-31T23:59:59+08:00": 1, "2026-01-01T00:00:00+08:00": 2, "2027-12-31T00:00:00+08:00": 2,
	} {
		n, ok := ask(t, book, "loan.clock", lent(lentAt), rulebook.Reading("desk.calendar", "plain")).Int("times")
		assert.True(t, ok)
		assert.Equal(t, want, n, lentAt)
	}
}

// governed_by takes the option that is chosen by the caller.
func TestGovernedByReading(t *testing.T) {
	book := libraryBook(t, "governed_by: {by: clock.start, lending: loan.lent_at, next_day: loan.lent_at}",
		"governed_by: {by: clock.start, lending: loan.lent_at, next_day: \"days_after(date_of(loan.lent_at), 1)\"}")
	plain := rulebook.Reading("desk.calendar", "plain")
	facts := lent("2025-12-31T10:00:00+08:00")
	d, _ := ask(t, book, "loan.clock", facts, plain).Date("due_date")
	assert.Equal(t, "2026-01-28", d.String(), "20 working days from the last day of the old edition")
	d, _ = ask(t, book, "loan.clock", facts, plain, rulebook.Reading("clock.start", "next_day")).Date("due_date")
	assert.Equal(t, "2026-01-22", d.String(), "15 working days from the first day of the new one")
}
