package forms_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// billed is a book in which facts choose some values of rules of which others rest
// on no choice.
const billed = `
rulebook: {id: billed, title: {zh: 账单, en: Billed}, zone: Asia/Shanghai, currency: CNY, in_force: {from: 2024-01-01}, calendar: office}
calendars: {office: {zh: 办公, en: office, any_year: true, hours: [09:00-12:00, 13:00-17:00]}}
words: {money: {cny: {zh: 人民币, en: yuan}, eur: {zh: 欧元, en: euro}, jpy: {zh: 日元, en: yen}}}
facts:
  unit: {zh: 货币, en: currency, type: word, words: money, if_absent: unknown}
  rush: {zh: 加急, en: rush, type: yes_no, if_absent: unknown}
  n: {zh: 数量, en: number, type: count, if_absent: unknown}
  payable: {zh: 应付日, en: due on, type: date, if_absent: unknown}
  paid: {zh: 付清日, en: paid on, type: date, if_absent: unknown, if_null: none}
  owes: {zh: 欠款, en: owes, type: yes_no, if_absent: unknown}
  price: {zh: 单价, en: price, type: money, if_absent: unknown}
  asked: {zh: 受理, en: received, type: moment, if_absent: unknown}
  done: {zh: 办结, en: done, type: moment, if_absent: unknown, if_null: none}
regulations:
  p:
    zh: 账单
    en: Bills
    articles:
      "1":
        nature: sanction
        title: {zh: 滞纳金, en: late fee}
        text: {zh: 滞纳金, en: late fee}
        accruals:
          late: {zh: 滞纳, en: late, when: owes, per: day, from: payable, until: paid, rate: {by: unit, cny: 1 CNY, eur: 0.15 EUR, jpy: 20 JPY}, amount_at_most: {by: unit, cny: 8 CNY, eur: 1 EUR, jpy: 160 JPY}}
          priced: {zh: 计价, en: priced, per: day, from: payable, until: paid, rate: price}
        tariffs:
          graded: {zh: 分段, en: graded, of: n, brackets: [{up_to: 5, rate: {by: unit, cny: 1 CNY, eur: 0.15 EUR, jpy: 20 JPY}}, {rate: {by: unit, cny: 2 CNY, eur: 0.25 EUR, jpy: 30 JPY}}]}
          stepped: {zh: 分级, en: stepped, of: n, brackets: [{up_to: {by: rush, yes: 5, no: 9}, rate: price}, {rate: price * 2}]}
        tables:
          row: {zh: 表, en: row, keys: {n: n}, rows: [{where: {n: below 5}, gives: {a: {by: unit, cny: 1 CNY, otherwise: 2 CNY}, b: 1}}, {where: {n: from 5}, gives: {a: 3 CNY, b: {by: rush, yes: 3, no: 4}}}]}
        clocks: {answer: {zh: 答复, en: answer, done: done, breach: late_answer}}
        deadlines: {limit: {zh: 限, en: limit, part_of: answer, within: {by: rush, yes: 1 working days, no: 3 working days}, from: asked}}
questions:
  p.bill:
    zh: 账单
    en: bill
    facts: [unit, rush, n, payable, paid, owes, price, asked, done]
    rules: [late, priced, graded, stepped, row, answer]
    verdict: {is: 'late.units > 5 ? "long" : "short"', words: {long: {zh: 久, en: long}, short: {zh: 短, en: short}}, if_none: short}
    values:
      late: {is: late.amount}
      units: {is: late.units}
      running: {is: late.running}
      priced: {is: priced.amount}
      priced_units: {is: priced.units}
      graded: {is: graded.amount, zh: 分段, en: graded}
      bracket: {is: graded.bracket}
      step: {is: stepped.bracket}
      a: {is: row.a, zh: 甲, en: a}
      b: {is: row.b, zh: 乙, en: b}
      start: {is: answer.start}
      ends: {is: answer.due}
      status: {is: answer.status, zh: 状态, en: status}
`

var billedFacts = map[string][]string{
	"unit": {`"cny"`, `"eur"`, `"jpy"`}, "rush": {"true", "false"}, "n": {"0", "3", "7", "20"}, "owes": {"true", "false"}, "price": {`"2.50"`},
	"payable": {`"2025-06-01"`, `"2025-06-20"`}, "paid": {`"2025-06-01"`, `"2025-06-03"`, `"2025-06-15"`, "null"},
	"asked": {`"2025-06-02T10:00:00+08:00"`}, "done": {`"2025-06-02T16:00:00+08:00"`, `"2025-06-04T16:00:00+08:00"`, `"2025-06-10T16:00:00+08:00"`, "null"},
}

func billedOf(facts map[string]string) string {
	var all []string
	for name, v := range facts {
		all = append(all, fmt.Sprintf("%q: %s", name, v))
	}
	return `{"as_of": "2025-06-10T12:00:00+08:00", ` + strings.Join(all, ", ") + "}"
}

// What is known although a word is missing is what is so whichever word it is; and
// nothing that is known later contradicts what was known before.
func TestKnownWhicheverWordItIs(t *testing.T) {
	book := parse(t, billed)
	random := rand.New(rand.NewPCG(3, 5))
	known := map[string]int{}
	for range 800 {
		facts := map[string]string{}
		for name, of := range billedFacts {
			if random.IntN(4) > 0 {
				facts[name] = of[random.IntN(len(of))]
			}
		}
		before := ask(t, book, "p.bill", billedOf(facts))
		require.NoError(t, before.Error)
		was := map[string]any{}
		require.NoError(t, json.Unmarshal([]byte(valuesOf(t, before)), &was))
		if before.Verdict != "undetermined" {
			was["verdict"] = before.Verdict
			require.True(t, facts["owes"] != "true" || len(before.Cites) > 0, billedOf(facts))
		}
		for range 12 {
			whole := maps.Clone(facts)
			for name, of := range billedFacts {
				if _, ok := whole[name]; !ok {
					whole[name] = of[random.IntN(len(of))]
				}
			}
			after := ask(t, book, "p.bill", billedOf(whole))
			is := map[string]any{}
			require.NoError(t, json.Unmarshal([]byte(valuesOf(t, after)), &is))
			is["verdict"] = after.Verdict
			for name, v := range was {
				if v != nil {
					require.Equal(t, v, is[name], "%s: %s and %s", name, billedOf(facts), billedOf(whole))
					if facts["unit"] == "" || facts["rush"] == "" {
						known[name]++
					}
				}
			}
		}
	}
	for _, name := range []string{"verdict", "units", "running", "priced_units", "bracket", "step", "a", "b", "start", "ends", "status"} {
		assert.Positive(t, known[name], name)
	}
}

func TestKnownWhicheverWordItIsTold(t *testing.T) {
	book := parse(t, billed)
	facts := map[string]string{"owes": "true", "payable": `"2025-06-01"`, "paid": `"2025-06-15"`, "n": "7", "asked": `"2025-06-02T10:00:00+08:00"`}
	a := ask(t, book, "p.bill", billedOf(facts))
	assert.Equal(t, "long", a.Verdict)
	assert.Contains(t, a.Cites, "p/1")
	assert.Contains(t, missing(a), "unit < p.late")
	assert.JSONEq(t, `{"late": null, "units": 14, "running": false, "priced": null, "priced_units": 14, "graded": null, "bracket": 2, "step": null, "a": "3.00", "b": null, "start": null, "ends": null, "status": null}`, valuesOf(t, a))
	en, zh := a.Explain("en"), a.Explain("zh")
	for _, told := range []string{
		"late: whatever currency is: units 14, hours besides 0, still running no (p/1)",
		"priced: from 2025-06-01 until 2025-06-15, the last day not counted: 14 days; how much a unit is not known (p/1)",
		"graded: whatever currency is: bracket 2 (p/1)",
		"row: whatever currency and rush is: a ¥3.00 (p/1)",
	} {
		assert.Contains(t, en, told)
	}
	for _, told := range []string{"滞纳：无论货币为何：份数为14，另计小时数为0，是否仍在继续为否", "计价：自 2025-06-01 至 2025-06-15，末日不计：14 天；每份多少不明"} {
		assert.Contains(t, zh, told)
	}
	facts["owes"] = "false"
	a = ask(t, book, "p.bill", billedOf(facts))
	assert.Contains(t, a.Explain("en"), "late: does not apply: owes is no; 0 days (p/1)")
	assert.Contains(t, valuesOf(t, a), `"units":0,"running":false`)
	facts["rush"] = "true"
	a = ask(t, book, "p.bill", billedOf(facts))
	assert.Contains(t, a.Explain("en"), "stepped: reaches bracket 2; how much a unit is not known (p/1)")
	assert.Contains(t, a.Explain("zh"), "分级：到第 2 段，每单位多少不明")
}

// That it is not known how much at most is due is told where that is so, alone.
func TestAtMostNotKnownIsTold(t *testing.T) {
	text := strings.Replace(billed, "rate: price}", "rate: 1 CNY, amount_at_most: price}", 1)
	book := parse(t, text)
	facts := map[string]string{"payable": `"2025-06-01"`, "paid": `"2025-06-15"`, "owes": "true", "unit": `"cny"`}
	a := ask(t, book, "p.bill", billedOf(facts))
	assert.Contains(t, a.Explain("en"), "priced: from 2025-06-01 until 2025-06-15, the last day not counted: 14 days; 14 × ¥1.00 = ¥14.00, how much at most is not known (p/1)")
	assert.Contains(t, a.Explain("zh"), "14 × 1.00元 = 14.00元，最多多少不明")
	assert.Contains(t, a.Explain("en"), "late: from 2025-06-01 until 2025-06-15, the last day not counted: 14 days; 14 × ¥1.00 = ¥14.00, but ¥8.00 at most (p/1)")
	facts["paid"] = `"2025-06-01"`
	assert.Contains(t, ask(t, book, "p.bill", billedOf(facts)).Explain("en"), "late: from 2025-06-01 until 2025-06-01, the last day not counted: 0 days; ¥0.00 (p/1)")
	facts["price"], facts["paid"] = `"20.00"`, `"2025-06-03"`
	assert.Contains(t, ask(t, book, "p.bill", billedOf(facts)).Explain("en"), "priced: from 2025-06-01 until 2025-06-03, the last day not counted: 2 days; 2 × ¥1.00 = ¥2.00 (p/1)")
}
