package proptest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// Facts that do not say which day picks the edition are never judged by the
// edition of the moment of asking alone. The oracle asks with every day around
// the ends of the editions in its place: what was decided without the day is
// what all of them say, and where they differ, the day is said to be missing.

const undatedBook = `
rulebook: {id: undated, title: {zh: 版本, en: editions}, zone: Asia/Shanghai, currency: CNY, in_force: {from: 2020-01-01}, calendar: plain}
calendars: {plain: {zh: 平日, en: plain, any_year: true}}
facts:
  happened_at: {zh: 发生时间, en: happened, type: moment, event: true}
  reported_at: {zh: 报告时间, en: reported, type: moment, event: true, not_before: happened_at}
  agreed_on: {zh: 约定日, en: agreed on, type: date}
  month: {zh: 月份, en: month, type: month, event: true}
  maybe_on: {zh: 或有日, en: perhaps on, type: date, if_absent: unknown, if_null: none}
  case:
    zh: 案件
    en: case
    type: record
    fields: {opened_at: {zh: 立案时间, en: opened, type: moment, if_absent: unknown}}
  notes: {zh: 记录, en: notes, type: list, of: {type: record, fields: {at: {zh: 时间, en: time, type: moment}}}}
  size: {zh: 数量, en: size, type: count}
  urgent: {zh: 紧急, en: urgent, type: yes_no}
questions:
QUESTIONS
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1":
        nature: sanction
        title: {zh: 额, en: amounts}
        text: {zh: 额。, en: amounts.}
        figures:
          limit: {zh: 限, en: limit, is: {by: date, 2020-01-01: "3", 2023-07-01: "5", 2025-01-01: "5"}}
          steady: {zh: 恒, en: steady, is: size * 2}
          fee: {zh: 费, en: fee, is: "urgent ? 7 : limit.value"}
`

// governors are what picks the edition in a question of undatedBook.
var governors = []struct{ by, fact, kind string }{
	{"happened_at", "happened_at", "moment"},
	{"reported_at", "reported_at", "moment"},
	{"agreed_on", "agreed_on", "date"},
	{"month", "month", "month"},
	{"maybe_on", "maybe_on", "date"},
	{"case.opened_at", "case.opened_at", "moment"},
	{"latest(map(notes, .at))", "notes", "notes"},
	{"urgent ? agreed_on : start_of_month(month)", "", ""},
	{"as_of", "as_of", "moment"},
	{"", "as_of", "moment"},
}

func undatedText() string {
	var b strings.Builder
	for i, g := range governors {
		governed := ""
		if g.by != "" {
			governed = fmt.Sprintf("governed_by: %q, ", g.by)
		}
		fmt.Fprintf(&b, `  q%d: {zh: 问, en: question, facts: [happened_at, reported_at, agreed_on, month, maybe_on, case, notes, size, urgent], %srules: [limit, steady, fee], verdict: {is: 'size > limit.value ? "over" : "within"', words: {over: {zh: 超, en: over}, within: {zh: 内, en: within}}}, values: {fee: {zh: 费, en: fee, is: fee.value}, steady: {zh: 恒, en: steady, is: steady.value}}}
`, i, governed)
		fmt.Fprintf(&b, `  s%d: {zh: 问, en: question, facts: [happened_at, reported_at, agreed_on, month, maybe_on, case, notes, size, urgent], %srules: [steady], verdict: {is: 'size > 4 ? "over" : "within"', words: {over: {zh: 超, en: over}, within: {zh: 内, en: within}}}, values: {steady: {zh: 恒, en: steady, is: steady.value}}}
`, i, governed)
	}
	return strings.Replace(undatedBook, "QUESTIONS", strings.TrimRight(b.String(), "\n"), 1)
}

// undatedFacts are random facts, each of them missing or null now and then.
func undatedFacts(rng *rand.Rand) map[string]any {
	day := func() time.Time {
		return time.Date(2019, 6, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(2600))
	}
	moment := func() any { return day().Format(time.RFC3339) }
	some := map[string]func() any{
		"happened_at": moment, "reported_at": moment,
		"agreed_on": func() any { return day().Format(time.DateOnly) },
		"month":     func() any { return day().Format("2006-01") },
		"maybe_on":  func() any { return day().Format(time.DateOnly) },
		"case":      func() any { return map[string]any{"opened_at": moment()} },
		"notes": func() any {
			return []any{map[string]any{"at": moment()}, map[string]any{"at": moment()}}[:rng.IntN(3)]
		},
		"size":   func() any { return rng.IntN(11) },
		"urgent": func() any { return rng.IntN(2) == 0 },
		"as_of":  moment,
	}
	facts := map[string]any{}
	for name, make := range some {
		switch rng.IntN(4) {
		case 0:
		case 1:
			if name != "as_of" {
				facts[name] = nil
			}
		default:
			facts[name] = make()
		}
	}
	if rng.IntN(4) == 0 {
		facts["case"] = map[string]any{"opened_at": nil}
	}
	if rng.IntN(4) == 0 {
		facts["notes"] = []any{map[string]any{"at": moment()}, map[string]any{}}
	}
	return facts
}

// daysThatPick are the ways to fill in what picks the edition, around the ends
// of all editions.
func daysThatPick(kind string) []any {
	var all []any
	for _, day := range []string{"2020-01-01", "2022-12-31", "2023-06-30", "2023-07-01", "2024-12-31", "2025-01-01", "2026-03-05"} {
		switch kind {
		case "date":
			all = append(all, day)
		case "month":
			all = append(all, day[:7])
		case "moment":
			all = append(all, day+"T00:00:00+08:00", day+"T23:59:59+08:00")
		}
	}
	return all
}

func TestUndatedFactsAreJudgedByEveryEdition(t *testing.T) {
	book, err := rulebook.Parse("undated.yaml", []byte(undatedText()))
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(2025, 1))
	ask := func(question string, facts map[string]any) *policy.Answer {
		data, err := json.Marshal(facts)
		require.NoError(t, err)
		a, err := book.Ask(t.Context(), question, data)
		require.NoError(t, err, "%s %s", question, data)
		return a
	}
	open, same, alone := 0, 0, 0
	for range rounds(1500, 40000) {
		i, dated := rng.IntN(len(governors)), rng.IntN(3) > 0
		question := fmt.Sprintf("s%d", i)
		if dated {
			question = fmt.Sprintf("q%d", i)
		}
		g, facts := governors[i], undatedFacts(rng)
		rest := func(key string) bool { _, given := facts[key]; return given && facts[key] != nil }
		if g.kind == "" || g.kind == "notes" || rest(strings.Split(g.fact, ".")[0]) && g.fact != "case.opened_at" {
			a := ask(question, facts) // no panic, and each missing fact has a name
			for _, m := range a.MissingFacts {
				require.NotContains(t, m.Fact, "#")
			}
			continue
		}
		was := map[string]any{}
		if c, ok := facts["case"].(map[string]any); ok && g.fact == "case.opened_at" && c["opened_at"] != nil {
			continue
		}
		for k, v := range facts {
			was[k] = v
		}
		a := ask(question, facts)
		if a.Error != nil {
			continue // what is given contradicts itself
		}
		said, editions := map[string]bool{}, map[string]bool{}
		for _, day := range daysThatPick(g.kind) {
			facts := map[string]any{}
			for k, v := range was {
				facts[k] = v
			}
			if g.fact == "case.opened_at" {
				facts["case"] = map[string]any{"opened_at": day}
			} else {
				facts[g.fact] = day
			}
			b := ask(question, facts)
			if b.Error != nil {
				continue // it cannot have been then
			}
			said[whatIsAnswered(b)], editions[b.Rulebook.Edition] = true, true
			if a.Verdict != policy.Undetermined {
				require.Equal(t, a.Verdict, b.Verdict, "%s %v, decided without %s; on %v", question, was, g.fact, day)
			}
			if fee, known := a.Int("fee"); known {
				other, _ := b.Int("fee")
				require.Equal(t, fee, other, "%s %v on %v", question, was, day)
			}
		}
		if len(editions) > 1 { // none of them is said to be the one
			require.Empty(t, a.Rulebook.Edition, "%s %v", question, was)
		} else if a.Rulebook.Edition != "" && len(editions) == 1 {
			require.True(t, editions[a.Rulebook.Edition], "%s %v", question, was)
		}
		names := func(fact string) bool {
			for _, m := range a.MissingFacts {
				if m.Fact == fact || strings.HasPrefix(fact, m.Fact+".") {
					return true
				}
			}
			return false
		}
		switch {
		case len(said) > 1:
			open++
			require.True(t, names(g.fact), "%s %v: %s", question, was, a.AppendJSON(nil, false))
			require.Equal(t, policy.Undetermined, a.Verdict)
		case len(said) == 1:
			same++
			if !dated {
				alone++
				require.False(t, names(g.fact), "%s %v: %s", question, was, a.AppendJSON(nil, false))
			}
		}
	}
	t.Logf("%d differ by the day that is not known, %d do not, of which %d turn on nothing dated", open, same, alone)
	require.Positive(t, open)
	require.Positive(t, same)
	require.Positive(t, alone)
}

// Where it is not known which edition holds, the answer is final only if none that
// could hold, now or later, comes to answer otherwise; else it says when one may.
func TestUndatedAnswersThatTimeChanges(t *testing.T) {
	text := strings.Replace(undatedText(), "is: size * 2}", `is: {by: date, 2020-01-01: size * 2, 2023-07-01: 'as_of < 2025-06-01T00:00:00Z ? size * 2 : size * 3'}}`, 1)
	book, err := rulebook.Parse("undated.yaml", []byte(text))
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(11, 30))
	final, passing := 0, 0
	for range rounds(3000, 40000) {
		facts := undatedFacts(rng)
		delete(facts, "as_of")
		question := fmt.Sprintf("%c%d", "qs"[rng.IntN(2)], rng.IntN(len(governors)))
		asOf := time.Date(2019, 12, 1, rng.IntN(24), 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(2300))
		if f, _ := staysFinal(t, book, question, facts, asOf, rng); f {
			final++
		} else {
			passing++
		}
	}
	require.Greater(t, min(final, passing), rounds(100, 100))

	// An event of which only the first edition knows so far.
	ask := func(at string) *policy.Answer {
		a, err := book.Ask(t.Context(), "q0", fmt.Appendf(nil, `{"size": 4, "urgent": false, "as_of": %q}`, at))
		require.NoError(t, err)
		return a
	}
	a := ask("2022-05-01T00:00:00+08:00")
	next, tells := a.NextChange()
	require.True(t, a.Provisional && tells)
	require.Equal(t, "2023-07-01T00:00:00+08:00", next.Format(time.RFC3339))
	require.Equal(t, "over", a.Verdict)
	a = ask("2023-07-01T00:00:00+08:00")
	require.Equal(t, policy.Undetermined, a.Verdict)
}
