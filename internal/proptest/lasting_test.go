package proptest_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// paid looks at the moment of asking in every way that an expression can.
const paid = `
rulebook: {id: paid, title: {zh: 付, en: paid}, zone: America/Sao_Paulo, in_force: {from: 2000-01-01}, calendar: CALENDAR}
calendars: {weeks: {zh: 周, en: weeks, weekend: [saturday, sunday], any_year: true}}
facts:
  paid_at: {zh: 付, en: paid, type: moment}
  limit: {zh: 到期, en: limit, type: date}
  days: {zh: 天, en: days, type: count}
  open: {zh: 开, en: open, type: yes_no}
  steps: {zh: 步, en: steps, type: list, of: {type: record, fields: {at: {zh: 时, en: at, type: moment}}}}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: 文, en: text}
        figures:
          x: {zh: 值, en: value, is: 'EXPRESSION'}
          helper: {zh: 助, en: helper, quiet: true, is: 'EXPRESSION'}
        duties:
          kept: {zh: 守, en: kept, when: helper.value, met: open, breach: x}
questions:
  q:
    zh: 问
    en: question
    facts: [paid_at, limit, days, open, steps]
    rules: [x, kept]
    verdict: {is: 'x.value ? "up" : "down"', words: {up: {zh: 上, en: up}, down: {zh: 下, en: down}}}
    values: {x: {zh: 值, en: value, is: x.value}}
`

// An answer that is said to be final is the same at every later moment; and one
// that is not comes to something else at some later moment, unless the expression
// is of those that are not looked into as far.
func TestFinalAnswersStay(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	each := rounds(8, 15)
	const exact, careful = false, true
	for _, x := range []struct {
		expression string
		careful    bool
	}{
		{"as_of >= paid_at", exact}, {"as_of - paid_at > hours(9)", exact}, {"not (as_of < paid_at)", exact}, {"paid_at + hours(3) < as_of", exact},
		{"as_of > latest(paid_at, start_of_day(limit))", exact}, {"date_of(as_of) > limit", exact}, {"days_between(limit, date_of(as_of)) > days", exact},
		{"open or as_of > paid_at", exact}, {"open and as_of > paid_at", exact}, {"any(steps, as_of > .at)", exact}, {"all(steps, as_of > .at)", exact},
		{"paid_at == null or as_of > paid_at", exact}, {"as_of != paid_at and as_of > paid_at", careful}, {"latest(as_of, paid_at) > start_of_day(limit)", exact},
		{"open ? as_of > paid_at : as_of >= start_of_day(limit)", exact}, {"(open ? as_of : paid_at) >= start_of_day(limit)", exact},
		{"as_of < paid_at", exact}, {"as_of == paid_at", exact}, {"as_of != paid_at", exact}, {"time_of_day(as_of) > hours(12)", exact}, {"as_of - paid_at < hours(9)", exact},
		{"paid_at - as_of > hours(1)", exact}, {"count(steps, .at > as_of) == 1", careful}, {"days_between(limit, date_of(as_of)) == days", exact},
		{"month_of(as_of) == month_of(limit)", exact}, {"as_of > paid_at and as_of < start_of_day(limit)", careful},
		{"latest([as_of, paid_at]) > start_of_day(limit)", exact}, {"earliest([as_of, paid_at]) < start_of_day(limit)", exact},
		{"earliest(as_of, paid_at) >= start_of_day(limit)", exact}, {"earliest([as_of, paid_at]) == paid_at", exact}, {"latest([as_of, paid_at]) != paid_at", exact},
		{"start_of_day(date_of(as_of)) >= paid_at", exact}, {"start_of_day(date_of(as_of)) == start_of_day(limit)", exact},
		{"start_of_day(days_after(date_of(as_of), 1)) > paid_at + hours(3)", exact}, {"date_of(earliest(as_of, paid_at)) < limit", exact},
		{"working_days_between(limit, date_of(as_of)) > 3", exact}, {"working_days_between(limit, date_of(as_of)) < days", exact},
		{"working_days_between(date_of(as_of), limit) >= 2", exact}, {"working_days_between(limit, date_of(as_of)) == days", exact},
		{"working_days_between(date_of(paid_at), date_of(earliest(as_of, start_of_day(limit)))) > 2", exact},
		{"date_of(as_of) in [limit, days_after(limit, 5)]", exact}, {"not (date_of(as_of) in [limit, date_of(paid_at)])", exact},
		{"month_of(as_of) in [month_of(limit)]", exact}, {"limit in [date_of(as_of), date_of(paid_at)]", careful},
		{"days_between(limit, date_of(as_of)) * 3 > days", exact}, {"days_between(limit, date_of(as_of)) * -2 > days", exact}, {"days_between(limit, date_of(as_of)) / 7 > 2 / 3", exact},
		{"rounded_down(days_between(limit, date_of(as_of)), 7) > 1", exact}, {"rounded(days_between(limit, date_of(as_of)) / 30) >= 1", exact},
		{"greatest(days_between(limit, date_of(as_of)), 0) >= days", exact}, {"least([days_between(limit, date_of(as_of)), 5]) == 5", exact},
		{"rounded_up(days_between(limit, date_of(as_of)), -7) < 0", exact}, {"end_of_month(month_of(as_of)) >= limit", exact},
		{"months_after(date_of(as_of), 1) > limit", exact}, {"year_of(as_of) > year_of(limit)", exact}, {"days_between(date_of(as_of), months_after(date_of(as_of), 1)) > 30", careful},
		{"days_after(date_of(as_of), 2914000) > limit", exact}, {"as_of - paid_at > hours(9000) * days", exact}, {"(as_of == null) == open", careful},
		{"working_days_after(date_of(as_of), 2) > limit", careful}, {"working_days_after(limit, days) < date_of(as_of)", exact},
	} {
		for _, calendar := range []string{"weeks", "china"} {
			if calendar == "china" && !strings.Contains(x.expression, "working_days") {
				continue
			}
			text := strings.ReplaceAll(strings.ReplaceAll(paid, "EXPRESSION", x.expression), "CALENDAR", calendar)
			book, err := rulebook.Parse("paid.yaml", []byte(text))
			require.NoError(t, err, x.expression)
			final := 0
			for range each {
				at := func() string {
					return time.Date(2017, 9, 1+rng.IntN(60), rng.IntN(24), rng.IntN(2)*30, 0, 0, time.UTC).Format(time.RFC3339)
				}
				facts := map[string]any{
					"paid_at": at(), "limit": at()[:10], "days": rng.IntN(9), "open": rng.IntN(2) == 0,
					"steps": []any{map[string]any{"at": at()}, map[string]any{"at": at()}},
				}
				asOf := time.Date(2017, 9, 1+rng.IntN(60), rng.IntN(24), rng.IntN(2)*30, 0, 0, time.UTC)
				if f, _ := staysFinal(t, book, "q", facts, asOf, rng); f {
					final++
				} else if !x.careful {
					require.True(t, changesLater(t, book, facts, asOf), "%s of %v at %v is not final, and stays", x.expression, facts, asOf)
				}
			}
			t.Logf("%s: %d of %d final (%s)", x.expression, final, each, calendar)
		}
	}
}

// changesLater looks for a later moment at which an answer is another one.
func changesLater(t *testing.T, book *rulebook.Book, facts map[string]any, asOf time.Time) bool {
	data, err := json.Marshal(facts)
	require.NoError(t, err)
	checked, err := book.Check("q", data)
	require.NoError(t, err)
	a, err := run.Of(book).Ask(checked, asOf)
	require.NoError(t, err)
	other := func(at time.Time) bool {
		b, err := run.Of(book).Ask(checked, at)
		require.NoError(t, err)
		return whatIsAnswered(a) != whatIsAnswered(b)
	}
	if other(time.Date(2100, 12, 31, 12, 0, 0, 0, time.UTC)) || other(time.Date(2199, 12, 31, 12, 0, 0, 0, time.UTC)) {
		return true
	}
	for hours := range 24 * 80 {
		at := asOf.Truncate(time.Hour).Add(time.Duration(hours) * time.Hour)
		for _, after := range []time.Duration{0, 30 * time.Minute, 31 * time.Minute} {
			if at.Add(after).After(asOf) && other(at.Add(after)) {
				return true
			}
		}
	}
	return false
}

// staysUntilNext asks again at moments before the one at which time alone may
// change the answer.
func staysUntilNext(t *testing.T, book *rulebook.Book, question string, facts *policy.Facts, a *rulebook.Answer, asOf time.Time, rng *rand.Rand) {
	next, ok := a.NextChange()
	if !ok {
		next = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	span := next.Sub(asOf)
	if ok {
		require.Positive(t, span, "%s at %v", question, asOf)
	}
	for i := range 8 {
		if span <= 1 {
			return
		}
		before := asOf.Add(time.Duration(rng.Int64N(int64(span))))
		if i == 0 {
			before = asOf.Add(span - 1)
		}
		b, err := run.Of(book).Ask(facts, before)
		require.NoError(t, err)
		require.Equal(t, whatIsAnswered(a), whatIsAnswered(b), "%s at %v may change at %v, and is something else at %v", question, asOf, next, before)
	}
}

// staysFinal asks at a moment and, where the answer is said to be final, at
// later ones.
func staysFinal(t *testing.T, book *rulebook.Book, question string, facts map[string]any, asOf time.Time, rng *rand.Rand) (final bool, verdict string) {
	data, err := json.Marshal(facts)
	require.NoError(t, err)
	checked, err := book.Check(question, data)
	require.NoError(t, err, string(data))
	a, err := run.Of(book).Ask(checked, asOf)
	require.NoError(t, err)
	if a.Provisional && a.Error == nil {
		staysUntilNext(t, book, question, checked, a, asOf, rng)
	}
	if a.Provisional || a.Error != nil {
		return false, a.Verdict
	}
	for i := range 16 {
		later := asOf.Add(time.Duration(rng.Int64N(int64([]time.Duration{time.Hour, 48 * time.Hour, 90 * 24 * time.Hour, 3 * 365 * 24 * time.Hour}[i%4]))))
		switch i {
		case 14:
			later = time.Date(2100, 12, 31, 12, 0, 0, 0, time.UTC) // as far as calendars reach
		case 15:
			later = asOf.AddDate(rng.IntN(75), 0, rng.IntN(365)) // of 2025: no further than calendars reach
		}
		b, err := run.Of(book).Ask(checked, later)
		require.NoError(t, err)
		require.Equal(t, whatIsAnswered(a), whatIsAnswered(b), "%s of %s at %v is said to be final, and is something else at %v", question, data, asOf, later)
	}
	return true, a.Verdict
}

// The same of three rulebooks, and of rulebooks made up.
func TestFinalAnswersOfRulebooksStay(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	try := func(book *rulebook.Book, q *policy.Question, times int) int {
		final := 0
		for range times {
			facts := newRandomFacts(rng, book.Rulebook(), []int{0, 5, 20}[rng.IntN(3)]).Of(q)
			delete(facts, "as_of")
			f, _ := staysFinal(t, book, q.ID, facts, time.Date(2025, 1, 1+rng.IntN(200), rng.IntN(24), 0, 0, 0, time.UTC), rng)
			if f {
				final++
			}
		}
		return final
	}
	for _, path := range []string{"rules.yaml", "examples/rulebooks/service-desk.yaml", "internal/load/testdata/library.yaml"} {
		book, final := fileBook(t, path), 0
		for _, q := range book.Rulebook().Questions {
			final += try(book, q, 15)
		}
		require.Greater(t, final, 10, path)
	}
	final := 0
	for seed := range uint64(40) {
		book, err := rulebook.Parse("random.yaml", []byte(newRandomBook(rand.New(rand.NewPCG(seed, 77))).text()))
		if err != nil {
			continue
		}
		for _, q := range book.Rulebook().Questions {
			final += try(book, q, 6)
		}
	}
	t.Logf("%d final answers of random books", final)
}
