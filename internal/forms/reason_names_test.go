package forms_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// gate is a rulebook whose rules look at what others give: the due date of a clock,
// units, one of several results of a table, a duty.
const gate = `
rulebook: {id: gate, title: {zh: 门, en: gate}, zone: Europe/Zurich, currency: CHF, in_force: {from: 2024-01-01}, calendar: office}
calendars: {office: {zh: 办公, en: office, weekend: [saturday, sunday], hours: [06:00-09:00], any_year: true}}
words: {code: {late: {zh: 迟, en: late}, rude: {zh: 粗鲁, en: rude}}}
facts:
  on: {zh: 日期, en: day, type: date, if_absent: unknown}
  at: {zh: 时刻, en: passed, type: moment, if_absent: unknown}
  polite: {zh: 礼貌, en: polite, type: yes_no}
regulations:
  g:
    zh: 门
    en: Gate
    articles:
      "1":
        nature: sanction
        title: {zh: 费, en: Fees}
        text: {zh: 费, en: Fees}
        values: {share: {zh: 比例, en: share, is: 4.5%}}
        clocks: {answer: {zh: 答复, en: answer, done: at}}
        deadlines: {in_days: {zh: 期限, en: limit, part_of: answer, from: on, within: 5 days}}
        accruals: {wait: {zh: 等待, en: wait, per: day, from: on, until: at}}
        duties: {manners: {zh: 态度, en: manners, met: polite, breach: rude}}
        tables:
          stage:
            zh: 阶段
            en: stage
            keys: {peak: 'open_time(at, at + seconds(1)) > seconds(0)', days: wait.units}
            rows:
              - {where: {peak: yes}, gives: {factor: 50%, extra: 1 CHF}}
              - {where: {peak: no, days: up to 3}, gives: {factor: 100%, extra: 2 CHF}}
              - {where: {peak: no, days: above 3}, gives: {factor: 120%, extra: 3 CHF}}
        figures:
          next_day: {zh: 次日, en: next day, is: 'answer.due_date == null ? null : days_after(answer.due_date, 1)'}
          sum: {zh: 合计, en: total, is: 'rounded((stage.factor + share) * 10 CHF) + stage.extra'}
          rude: {zh: 不礼貌, en: rude, is: manners.broken}
          early: {zh: 早, en: early, is: 'time_of_day(at) < hours(5)'}
          soon: {zh: 近, en: soon, is: 'days_after(on, least(wait.units, 9))'}
questions:
  gate:
    zh: 门
    en: gate
    facts: [on, at, polite]
    rules: [answer, sum, rude, next_day, early, soon, manners]
    verdict: {is: 'rude.value ? "rude" : "late"', words: code}
    values: {total: {zh: 合计, en: total, is: sum.value}}
`

// What a rule gives is named so that the sentence is true: its due date is not the
// rule, one of several results of a table not the table.
func TestWhatRulesGiveIsNamed(t *testing.T) {
	book := parse(t, gate)
	a := ask(t, book, "gate", `{"as_of": "2026-01-01T00:00:00Z", "on": "2025-06-01", "at": "2025-06-05T10:00:00+02:00", "polite": false}`)
	en, zh := a.Explain("en"), a.Explain("zh")
	for _, want := range []string{
		"next day: 1 day after 2025-06-06 = 2025-06-07 (1 day after due date of answer)",
		"stage: peak is no; units of wait is 4, more than 3 → factor 120%, extra 3.00 CHF",
		"total: ((120% + 4.5%) × 10.00 CHF rounded half up) + 3.00 CHF = 15.45 CHF (((factor of stage + share) × 10.00 CHF rounded half up) + extra of stage)",
		"rude: yes: manners (broken) is yes",
		"early: no: the time of day of 2025-06-05 10:00 = 10 hours (the time of day of passed), at least 5 hours",
		"soon: (the least of 4, 9) days after 2025-06-01 = 2025-06-05 ((the least of units of wait, 9) days after day)",
	} {
		assert.Contains(t, en, want)
	}
	for _, want := range []string{"（答复的到期日 之后 1 天）", "阶段：peak为否；等待的份数为4，大于 3", "不礼貌：是：态度（是否违反）为是"} {
		assert.Contains(t, zh, want)
	}
}

// A name that is wrong is one finding, and none about the type of what it gives.
func TestValuesThatCannotBeReadLackNoType(t *testing.T) {
	text := strings.Replace(gate, "is: 'time_of_day(at) < hours(5)'", "is: {by: kind, a: nothing_such, b: 1}", 1)
	text = strings.Replace(text, "  polite: {", "  kind: {zh: 类, en: kind, type: word, words: {a: {zh: 甲, en: a}, b: {zh: 乙, en: b}}}\n  polite: {", 1)
	_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(text, "facts: [on", "facts: [kind, on", 1)))
	require.ErrorContains(t, err, "nothing_such")
	assert.NotContains(t, err.Error(), "invalid")
}
