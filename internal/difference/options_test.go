package difference_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/policy"
)

// turning is a book of four readings: of one the verdict rests, of one a value,
// of one nothing that can be told apart, and one is looked at by no rule.
const turning = `rulebook: {id: kiosk, title: Kiosk, languages: [en], zone: Europe/London, in_force: {from: 2020-01-01}}
words:
  size: {small: small, large: large}
facts:
  cups: {en: cups, type: count}
readings:
  large_from: {article: rules/1, asks: from how many, options: {two: two, three: three}, chosen: two}
  price: {article: rules/1, asks: what a cup costs, options: {low: low, high: high}, chosen: low}
  same: {article: rules/1, asks: nothing, options: {one_way: one way, other_way: other way}, chosen: one_way}
  unused: {article: rules/1, asks: nothing at all, options: {yes_it_is: "yes", no_it_is_not: "no"}, chosen: yes_it_is}
questions:
  order:
    en: an order
    facts: [cups]
    rules: [least, cost, steady]
    verdict: {is: 'cups >= least.value ? "large" : "small"', words: size}
    values:
      cost: {en: cost, is: cost.value}
regulations:
  rules:
    en: Rules
    articles:
      "1":
        nature: definition
        title: Cups
        text: Cups.
        figures:
          least: {en: from, is: {by: large_from, two: "2", three: "3"}}
          cost: {en: cost, is: {by: price, low: cups * 2, high: cups * 3}}
          steady: {en: steady, is: {by: same, one_way: cups + 1, other_way: 1 + cups}}
`

func TestOptions(t *testing.T) {
	t.Parallel()
	book, err := rulebook.Parse("kiosk.yaml", []byte(turning))
	require.NoError(t, err)
	all, err := difference.Options(context.Background(), book, book.Rulebook().Readings, nil, 400, nil)
	require.NoError(t, err)
	effects := map[string]difference.Effect{}
	for _, o := range all {
		effects[o.Reading.Key+" "+o.Name] = o.Effect()
		for _, q := range o.Questions {
			assertTurns(t, book, o, q)
		}
	}
	assert.Equal(t, map[string]difference.Effect{
		"large_from three": difference.TurnsVerdict, "price high": difference.ChangesValues,
		"same other_way": difference.NoEffectFound, "unused no_it_is_not": difference.NoEffect,
	}, effects)
	views := difference.ViewOfOptions(book, all, "zh")
	require.Len(t, views, 4)
	assert.Equal(t, difference.TurnsVerdict, views[0].Effect)
	assert.Equal(t, difference.NoEffect, views[3].Effect)
}

// assertTurns asks a witness again, under both options.
func assertTurns(t *testing.T, book *rulebook.Book, o *difference.Option, q *difference.Asked) {
	t.Helper()
	if q.Witness == nil {
		return
	}
	var options []rulebook.Option
	if !q.Witness.AsOf.IsZero() {
		options = append(options, rulebook.AsOf(q.Witness.AsOf))
	}
	for _, r := range q.Witness.Readings {
		options = append(options, rulebook.Reading(r.Key, r.Option))
	}
	a, err := book.Ask(t.Context(), q.ID, q.Witness.JSON(), options...)
	require.NoError(t, err)
	b, err := book.Ask(t.Context(), q.ID, q.Witness.JSON(), append(options, rulebook.Reading(o.Reading.Key, o.Name))...)
	require.NoError(t, err)
	if o.Effect() == difference.TurnsVerdict {
		assert.NotEqual(t, a.Verdict, b.Verdict, o.Reading.Key)
	} else {
		assert.NotEqual(t, string(a.AppendJSON(nil, false)), string(b.AppendJSON(nil, false)), o.Reading.Key)
	}
}

// What a decision would come to in money is told from a month of records.
func TestOptionsOnRecord(t *testing.T) {
	t.Parallel()
	book, err := rulebook.Default()
	require.NoError(t, err)
	r, _ := book.Rulebook().Reading("ladder.hall_boundary")
	all, err := difference.Options(context.Background(), book, []*policy.Reading{r}, nil, 0, &difference.Record{Path: "../../examples/data/2025-06"})
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.NotNil(t, all[0].Replay)
	assert.Equal(t, 5, all[0].Replay.Changed)
	assert.Equal(t, "30", all[0].Replay.Sums[0].By.RatString())
	assert.Contains(t, difference.ViewOfOptions(book, all, "en")[0].Options[0].Lines, "128 rows: 5 are answered differently, 123 as before")
}

const unpublished = `
cases:
- name: a year whose holidays are not published
  question: time_limit.request
  as_of: '2026-12-26T09:00:00+08:00'
  readings: {period.start_day: include}
  facts: {request: {area_type: urban, kind: install, papers_complete_at: '2026-12-25T09:00:00+08:00'}}
  expect: {verdict: running}
`

// What cannot be answered under one option has no verdict that turns; it is told in
// words, and under the readings of the rulebook where it is so under these.
func TestOptionsThatMakeAnAnswerOfAnError(t *testing.T) {
	t.Parallel()
	book, err := rulebook.Default()
	require.NoError(t, err)
	r, _ := book.Rulebook().Reading("calendar.missing_year")
	file, found := casefile.Parse("cases.yaml", []byte(unpublished))
	require.Empty(t, found)
	all, err := difference.Options(context.Background(), book, []*policy.Reading{r}, []*casefile.File{file}, 2, nil)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, difference.TurnsError, all[0].Effect())
	for lang, want := range map[string]string{"zh": "判断时间 2026-12-26T09:00:00+08:00：不能判断（日历没有该年） → 结论 办理中", "en": "as of 2026-12-26T09:00:00+08:00: cannot be answered (the calendar lacks the year) → verdict running"} {
		lines := strings.Join(difference.ViewOfOptions(book, all, lang)[0].Options[0].Lines, "\n")
		assert.Contains(t, lines, want)
		assert.NotContains(t, lines, "period.start_day")
	}
}

const lendingBook = `rulebook: {id: kiosk, title: {zh: 亭, en: Kiosk}, zone: Europe/London, in_force: {from: 2020-01-01}}
words:
  size: {on_time: {zh: 准时, en: on time}, late: {zh: 迟到, en: late}}
  who: {boss: {zh: 老板, en: boss}, clerk: {zh: 店员, en: clerk}}
  fault: {slow: {zh: 太慢, en: too slow}}
facts:
  cups: {zh: 杯, en: cups, type: count, unit: {zh: 杯, en: cups}}
  at: {zh: 时刻, en: moment, type: moment}
  owner: {zh: 主, en: owner, type: name}
readings:
  from: {article: rules/1, asks: {zh: 几杯起, en: from how many}, options: {two: {zh: 两, en: two}, three: {zh: 三, en: three}}, chosen: two}
questions:
  order:
    zh: 一单
    en: an order
    facts: [cups, at, owner]
    rules: [least, end, swift]
    verdict: {is: 'cups >= least.value ? "late" : "on_time"', words: size}
    values:
      kind: {zh: 类, en: kind, is: 'cups >= least.value ? "late" : "on_time"', words: size}
      kinds: {zh: 类别, en: kinds, is: 'cups >= least.value ? ["late"] : ["on_time", "late"]', words: size}
      end: {zh: 终, en: end, is: end.value}
      doubled: {zh: 加倍, en: doubled, unit: {zh: 杯, en: cups}, is: least.value * 2}
      yes: {zh: 够, en: enough, is: cups >= least.value}
regulations:
  rules:
    zh: 规
    en: Rules
    articles:
      "1":
        nature: duty
        title: {zh: 杯, en: Cups}
        text: {zh: 杯, en: Cups.}
        figures:
          least: {zh: 起, en: from, is: {by: from, two: "2", three: "3"}}
          end: {zh: 终, en: end, is: at + hours(least.value)}
        duties:
          swift: {zh: 快, en: swift, met: cups >= least.value, breach: slow, liable: {boss: owner, clerk: owner}}
`

// All that two answers differ in is said in words.
func TestDifferencesAreSaidInWords(t *testing.T) {
	t.Parallel()
	book, err := rulebook.Parse("kiosk.yaml", []byte(lendingBook))
	require.NoError(t, err)
	file, found := casefile.Parse("cases.yaml", []byte("cases:\n- {name: a, question: order, facts: {cups: 2, at: '2026-07-01T10:00:00+01:00', owner: P1}, expect: {verdict: late}}\n"))
	require.Empty(t, found)
	all, err := difference.Options(context.Background(), book, book.Rulebook().Readings, []*casefile.File{file}, 1, nil)
	require.NoError(t, err)
	for lang, want := range map[string]string{
		"zh": "：结论 迟到 → 准时；类 迟到 → 准时；类别 迟到 → 准时、迟到；终 2026-07-01 12:00 → 2026-07-01 13:00；加倍 4 杯 → 6 杯；够 是 → 否；违反 无 → 太慢（规第1条）；责任人 无 → 老板、店员",
		"en": ": verdict late → on time; kind late → on time; kinds late → on time, late; end 2026-07-01 12:00 → 2026-07-01 13:00; doubled 4 cups → 6 cups; enough yes → no; breaches none → too slow (Rules, article 1); liable none → boss, clerk",
	} {
		assert.Contains(t, difference.ViewOfOptions(book, all, lang)[0].Options[0].Lines[0], want)
	}
}
