package rulebook_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// paid looks at the moment of asking in every way that an expression can.
const paid = `
rulebook: {id: paid, title: {zh: 付, en: paid}, zone: America/Sao_Paulo, in_force: {from: 2000-01-01}}
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

// An answer that is said to be final is the same at every later moment. Where
// something has passed, and stays passed, it is said to be final.
func TestFinalAnswersStay(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, x := range []struct {
		expression string
		lasts      bool // once it is yes
	}{
		{"as_of >= paid_at", true}, {"as_of - paid_at > hours(9)", true}, {"not (as_of < paid_at)", true}, {"paid_at + hours(3) < as_of", true},
		{"as_of > latest(paid_at, start_of_day(limit))", true}, {"date_of(as_of) > limit", true}, {"days_between(limit, date_of(as_of)) > days", true},
		{"open or as_of > paid_at", true}, {"open and as_of > paid_at", true}, {"any(steps, as_of > .at)", true}, {"all(steps, as_of > .at)", true},
		{"paid_at == null or as_of > paid_at", true}, {"as_of != paid_at and as_of > paid_at", true}, {"latest(as_of, paid_at) > start_of_day(limit)", true},
		{"open ? as_of > paid_at : as_of >= start_of_day(limit)", true},
		{"as_of < paid_at", false}, {"as_of == paid_at", false}, {"time_of_day(as_of) > hours(12)", false}, {"as_of - paid_at < hours(9)", false},
		{"paid_at - as_of > hours(1)", false}, {"count(steps, .at > as_of) == 1", false}, {"days_between(limit, date_of(as_of)) == days", false},
		{"month_of(as_of) == month_of(limit)", false}, {"as_of > paid_at and as_of < start_of_day(limit)", false},
	} {
		text := strings.ReplaceAll(paid, "EXPRESSION", x.expression)
		book, err := rulebook.Parse("paid.yaml", []byte(text))
		require.NoError(t, err, x.expression)
		final, yes := 0, 0
		for range 60 {
			at := func() string {
				return time.Date(2017, 9, 1+rng.IntN(60), rng.IntN(24), rng.IntN(2)*30, 0, 0, time.UTC).Format(time.RFC3339)
			}
			facts := map[string]any{
				"paid_at": at(), "limit": at()[:10], "days": rng.IntN(9), "open": rng.IntN(2) == 0,
				"steps": []any{map[string]any{"at": at()}, map[string]any{"at": at()}},
			}
			asOf := time.Date(2017, 9, 1+rng.IntN(60), rng.IntN(24), rng.IntN(2)*30, 0, 0, time.UTC)
			f, y := staysFinal(t, book, "q", facts, asOf, rng)
			if f {
				final++
			}
			if y == "up" {
				yes++
				if x.lasts {
					require.True(t, f, "%s of %v at %v is not final", x.expression, facts, asOf)
				}
			}
		}
		require.True(t, !x.lasts || final > 0 && yes > 0, x.expression)
	}
}

// staysFinal asks at a moment and, where the answer is said to be final, at
// later ones.
func staysFinal(t *testing.T, book *rulebook.Book, question string, facts map[string]any, asOf time.Time, rng *rand.Rand) (final bool, verdict string) {
	data, err := json.Marshal(facts)
	require.NoError(t, err)
	checked, err := book.Check(question, data)
	require.NoError(t, err, string(data))
	a, err := book.Engine().Ask(checked, asOf)
	require.NoError(t, err)
	if a.Provisional || a.Error != nil {
		return false, a.Verdict
	}
	for range 12 {
		later := asOf.Add(time.Duration(rng.Int64N(int64([]time.Duration{time.Hour, 48 * time.Hour, 90 * 24 * time.Hour, 3 * 365 * 24 * time.Hour}[rng.IntN(4)]))))
		b, err := book.Engine().Ask(checked, later)
		require.NoError(t, err)
		require.Equal(t, whatIsAnswered(a), whatIsAnswered(b), "%s of %s at %v is said to be final, and is something else at %v", question, data, asOf, later)
	}
	return true, a.Verdict
}

// The same of three rulebooks, and of rulebooks made up.
func TestFinalAnswersOfRulebooksStay(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	try := func(book *rulebook.Book, q *policy.Question, rounds int) int {
		final := 0
		for range rounds {
			facts := randomFacts{rng, book.Rulebook(), []int{0, 5, 20}[rng.IntN(3)]}.of(q)
			delete(facts, "as_of")
			f, _ := staysFinal(t, book, q.ID, facts, time.Date(2025, 1, 1+rng.IntN(200), rng.IntN(24), 0, 0, 0, time.UTC), rng)
			if f {
				final++
			}
		}
		return final
	}
	for _, path := range []string{"rules.yaml", "examples/rulebooks/service-desk.yaml", "policy/testdata/library.yaml"} {
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
