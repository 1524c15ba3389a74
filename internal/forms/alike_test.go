package forms_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

const alikeHead = `rulebook: {id: desk, title: {zh: 台, en: Desk}, zone: UTC, currency: GBP, in_force: {from: 2020-01-01}}
words:
  result: {met: {zh: 达标, en: met}, not_met: {zh: 不达标, en: not met}, not_applicable: {zh: 不适用, en: not applicable}}
  priority: {p1: {zh: 一级, en: priority 1}, p2: {zh: 二级, en: priority 2}}
facts:
  first: {zh: 一级, en: first, type: record, fields: {done: {zh: 办结, en: done, type: count}, all: {zh: 全部, en: all, type: count}}}
  second: {zh: 二级, en: second, type: record, fields: {done: {zh: 办结, en: done, type: count}, all: {zh: 全部, en: all, type: count}}}
  priority: {zh: 级别, en: priority, type: word, words: priority}
  fee: {zh: 费用, en: fee, type: money}
  tickets:
    zh: 单
    en: tickets
    type: list
    of: {type: record, fields: {id: {zh: 编号, en: id, type: name}, priority: {zh: 级别, en: priority, type: word, words: priority}, fee: {zh: 费用, en: fee, type: money}}}
readings:
  months.empty:
    article: desk/1
    asks: {zh: 没有的月份怎样算, en: what of empty months}
    options: {not_applicable: {zh: 不适用, en: not applicable}, met: {zh: 达标, en: met}, not_met: {zh: 不达标, en: not met}}
    chosen: not_applicable
  cents:
    article: desk/1
    asks: {zh: 零头怎样算, en: what of fractions}
    options: {down: {zh: 舍, en: down}, half_up: {zh: 四舍五入, en: half up}, up: {zh: 进, en: up}, half_even: {zh: 成双, en: half even}}
    chosen: {by: date, 2020-01-01: down, 2025-01-01: half_up}
regulations:
  desk:
    zh: 台
    en: desk
    articles:
      "1":
        nature: threshold
        title: {zh: 一, en: one}
        text: {zh: 一, en: one}
`

const alikeTail = `
questions:
  rates:
    zh: 比率
    en: rates
    facts: [first, second]
    rules: [rate_first, rate_second]
    verdict: {is: rate_second.result, words: result}
    values:
      first: {zh: 一, en: first, is: rate_first.ratio}
      second: {zh: 二, en: second, is: rate_second.ratio}
  shares:
    zh: 份额
    en: shares
    facts: [priority, fee, tickets]
    rules: [credit, credits]
    verdict: {is: 'credit.value > 0 GBP ? "met" : "not_met"', words: result}
    values:
      credit: {zh: 抵扣, en: credit, is: credit.value}
      credits: {zh: 各项抵扣, en: credits, is: credits.value}
      shares: {zh: 各项比例, en: shares, is: "map(lines.value, .share)"}
      share: {zh: 比例, en: share, is: {by: priority, SHARE}}
`

// alike says what is alike once; writtenOut is the same, in full.
const alike = alikeHead + `
        values:
          share: {zh: 比例, en: share, is: {by: priority, p1: 7.5%, p2: {by: date, 2020-01-01: 2.5%, 2024-01-01: 1.25%}}}
        indicators:
          rate_first: {zh: 一级, en: first, count: first.done, base: first.all, at_least: 95%, empty: {by: months.empty}}
          rate_second: {zh: 二级, en: second, like: rate_first, in_place_of: {first: second}, at_least: 90%}
        figures:
          credit: {zh: 抵扣, en: credit, is: fee * share, rounded: {by: cents}}
          lines: {zh: 各项, en: lines, each: tickets, fields: {fee: .fee, share: {by: .priority, like: share}}, columns: {share: {zh: 比例, en: share}}}
          credits: {zh: 各项抵扣, en: credits, is: "map(lines.value, .fee * .share)", rounded: {by: cents}}
`

const writtenOut = alikeHead + `
        values:
          share: {zh: 比例, en: share, is: {by: priority, p1: 7.5%, p2: {by: date, 2020-01-01: 2.5%, 2024-01-01: 1.25%}}}
        indicators:
          rate_first: {zh: 一级, en: first, count: first.done, base: first.all, at_least: 95%, empty: {by: months.empty, not_applicable: not_applicable, met: met, not_met: not_met}}
          rate_second: {zh: 二级, en: second, count: second.done, base: second.all, at_least: 90%, empty: {by: months.empty, not_applicable: not_applicable, met: met, not_met: not_met}}
        figures:
          credit: {zh: 抵扣, en: credit, is: {by: cents, down: rounded_down(fee * share), half_up: rounded(fee * share), up: rounded_up(fee * share), half_even: rounded_half_even(fee * share)}}
          lines: {zh: 各项, en: lines, each: tickets, fields: {fee: .fee, share: {by: .priority, p1: 7.5%, p2: {by: date, 2020-01-01: 2.5%, 2024-01-01: 1.25%}}}, columns: {share: {zh: 比例, en: share}}}
          credits: {zh: 各项抵扣, en: credits, is: {by: cents, down: "map(map(lines.value, .fee * .share), rounded_down(#))", half_up: "map(map(lines.value, .fee * .share), rounded(#))", up: "map(map(lines.value, .fee * .share), rounded_up(#))", half_even: "map(map(lines.value, .fee * .share), rounded_half_even(#))"}}
`

// What is said once of several things answers as it does written out, whatever is
// known of the facts, and for the same reasons.
func TestAlikeIsAsWrittenOut(t *testing.T) {
	short := parse(t, alike+strings.Replace(alikeTail, "SHARE", "like: share", 1))
	long := parse(t, writtenOut+strings.Replace(alikeTail, "SHARE", "p1: 7.5%, p2: {by: date, 2020-01-01: 2.5%, 2024-01-01: 1.25%}", 1))
	random := rand.New(rand.NewPCG(3, 8))
	pick := func(all ...any) any { return all[random.IntN(len(all))] }
	some := func(all map[string]any) map[string]any {
		for key := range all {
			if random.IntN(6) == 0 {
				delete(all, key)
			}
		}
		return all
	}
	undetermined := 0
	for range 2000 {
		counts := func() map[string]any {
			all := pick(0, 1, 20, 40, 1000).(int)
			return some(map[string]any{"done": pick(0, all, all*9/10, max(0, all*9/10-1), all*95/100), "all": all})
		}
		money := func() any { return pick("0", "0.20", "1.00", "13.33", "999.99", "66.60") }
		tickets := []any{}
		for range random.IntN(3) {
			tickets = append(tickets, some(map[string]any{"id": "a", "priority": pick("p1", "p2"), "fee": money()}))
		}
		for question, facts := range map[string]map[string]any{
			"rates":  {"first": counts(), "second": counts()},
			"shares": some(map[string]any{"priority": pick("p1", "p2"), "fee": money(), "tickets": tickets}),
		} {
			text, err := json.Marshal(facts)
			require.NoError(t, err)
			options := []rulebook.Option{rulebook.AsOf(time.Date(pick(2023, 2024, 2026).(int), 6, 1, 0, 0, 0, 0, time.UTC))}
			if random.IntN(2) == 0 {
				options = append(options, rulebook.Reading("months.empty", pick("met", "not_met", "not_applicable").(string)), rulebook.Reading("cents", pick("up", "down", "half_up", "half_even").(string)))
			}
			a, err := short.Ask(t.Context(), question, string(text), options...)
			require.NoError(t, err)
			b, err := long.Ask(t.Context(), question, string(text), options...)
			require.NoError(t, err)
			require.Equal(t, valuesOf(t, b), valuesOf(t, a), "%s", text)
			require.Equal(t, b.Verdict, a.Verdict, "%s", text)
			require.Equal(t, missing(b), missing(a), "%s", text)
			for _, lang := range []string{"zh", "en"} {
				require.Equal(t, b.Explain(lang), a.Explain(lang), "%s", text)
			}
			if len(a.MissingFacts) > 0 {
				undetermined++
			}
		}
	}
	assert.Greater(t, undetermined, 300)
}
