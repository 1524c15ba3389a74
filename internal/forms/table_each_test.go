package forms_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// credits finds the level of each month in a table, and by a condition.
const credits = `
rulebook: {id: credits, title: {zh: 抵扣, en: credits}, zone: UTC, in_force: {from: 2019-04-01}}
words: {said: {low: {zh: 低, en: low}, fine: {zh: 好, en: fine}}, plan: {basic: {zh: 基本, en: basic}, full: {zh: 全, en: full}}}
facts:
  asked: {zh: 已申请, en: asked for, type: yes_no}
  rate: {zh: 率, en: rate of the year, type: count}
  months:
    zh: 各月
    en: months
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: id, type: name}
        plan: {zh: 方案, en: plan, type: word, words: plan}
        rate: {zh: 率, en: rate, type: count, if_absent: none}
        fee: {zh: 费, en: fee, type: count}
regulations:
  c:
    zh: 抵扣
    en: Credits
    articles:
      "1":
        nature: sanction
        title: {zh: 抵扣, en: credits}
        text: {zh: 抵扣, en: credits}
        tables:
          levels:
            zh: 各月
            en: months
            when: asked
            each: months
            fields: {id: .id, fee: .fee}
            keys: {plan: .plan, rate: .rate}
            rows:
              - {where: {rate: none}, gives: {credit: 0, note: '"none"'}}
              - {where: {plan: full, rate: below 80}, gives: {credit: .fee, note: '"all"'}, article: c/2}
              - {where: {plan: basic, rate: below 80}, gives: {credit: 'rounded_down(.fee, 2)', note: '"half"'}}
              - {where: {rate: from 80}, gives: {credit: 0, note: '"none"'}}
            columns: {credit: {zh: 抵扣, en: credit}, note: {zh: 注, en: note}}
          year:
            zh: 全年
            en: year
            when: asked
            keys: {rate: rate}
            rows: [{where: {rate: below 80}, gives: {low: 1}}, {where: {rate: from 80}, gives: {low: 0}}]
        figures:
          same:
            zh: 各月
            en: months
            when: asked
            each: months
            fields:
              id: .id
              fee: .fee
              credit: '.rate == null ? 0 : .rate < 80 ? (.plan == "full" ? .fee : rounded_down(.fee, 2)) : 0'
              note: '.rate == null ? "none" : .rate < 80 ? (.plan == "full" ? "all" : "half") : "none"'
            columns: {credit: {zh: 抵扣, en: credit}, note: {zh: 注, en: note}}
      "2": {nature: definition, title: {zh: 二, en: two}, text: {zh: 二, en: two}, decides_nothing: {zh: 见表, en: see the table}}
questions:
  credits:
    zh: 抵扣
    en: credits
    facts: [months, asked, rate]
    governed_by: 2025-01-01
    rules: [levels, year, same]
    verdict: {is: 'year.low == 1 ? "low" : "fine"', words: said, if_none: fine}
    values:
      levels: {zh: 表, en: table, is: levels.value}
      same: {zh: 同, en: same, is: same.value}
      sum: {zh: 和, en: sum, is: 'sum(levels.value, .credit)'}
      low: {zh: 低, en: low, is: year.low}
`

// A table with each finds for every element what conditions would.
func TestTableOfElements(t *testing.T) {
	book := parse(t, credits)
	random := rand.New(rand.NewPCG(7, 13))
	for range 400 {
		facts := map[string]any{"months": []any{}}
		if random.IntN(4) > 0 {
			facts["asked"] = random.IntN(5) > 0
		}
		var list []any
		for i := range random.IntN(5) {
			m := map[string]any{"id": fmt.Sprint("m", i)}
			if random.IntN(5) > 0 {
				m["plan"] = []string{"basic", "full"}[random.IntN(2)]
			}
			if random.IntN(5) > 0 {
				m["rate"] = 78 + random.IntN(4)
			}
			if random.IntN(5) > 0 {
				m["fee"] = random.IntN(9)
			}
			list = append(list, m)
		}
		facts["months"] = append([]any{}, list...)
		text, err := json.Marshal(facts)
		require.NoError(t, err)
		a := ask(t, book, "credits", string(text))
		var values struct{ Levels, Same json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(valuesOf(t, a)), &values))
		assert.JSONEq(t, string(values.Same), string(values.Levels), "%s", text)
		byTable, byCondition := []string{}, []string{}
		for _, m := range missing(a) {
			if fact, rule, _ := strings.Cut(m, " < "); rule == "c.levels" {
				byTable = append(byTable, fact)
			} else if rule == "c.same" {
				byCondition = append(byCondition, fact)
			}
		}
		assert.Subset(t, byCondition, byTable, "%s", text)
	}
}

func TestTableWhenItApplies(t *testing.T) {
	book := parse(t, credits)
	a := ask(t, book, "credits", `{"asked": false, "rate": 79, "months": [{"id": "a", "plan": "full", "rate": 79, "fee": 5}]}`)
	assert.Equal(t, "fine", a.Verdict)
	assert.JSONEq(t, `{"levels": null, "same": null, "sum": 0, "low": null}`, valuesOf(t, a))
	assert.NotContains(t, a.Explain("en"), "less than", "nothing is told of a table that does not apply")
	a = ask(t, book, "credits", `{"rate": 79, "months": []}`)
	assert.Equal(t, "undetermined", a.Verdict)
	assert.Contains(t, missing(a), "asked < c.year")
	for rate, low := range map[int]string{79: "1", 80: "0"} {
		a = ask(t, book, "credits", fmt.Sprintf(`{"asked": true, "rate": %d, "months": [{"id": "a", "plan": "full", "rate": %[1]d, "fee": 5}]}`, rate))
		credit := map[int]string{79: "5", 80: "0"}[rate]
		assert.Contains(t, valuesOf(t, a), `"low":`+low)
		assert.Contains(t, valuesOf(t, a), `"sum":`+credit)
		assert.Equal(t, rate == 79, strings.Contains(a.Explain("en"), "rate is 79, less than 80"), a.Explain("en"))
	}
}
