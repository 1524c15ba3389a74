package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// depot has a guard, a duty, a scope and a figure whose expression a test gives.
const depot = `
rulebook: {id: depot, title: {zh: 车场, en: Depot}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}, calendar: daily}
calendars: {daily: {zh: 每天, en: every day, any_year: true, weekend: []}}
words:
  answer: {said: {zh: 已告, en: said}}
  blocker: {stop: {zh: 停, en: stop}}
  breach_code: {wrong: {zh: 错, en: wrong}}
  size: {small: {zh: 小, en: small}, large: {zh: 大, en: large}}
facts:
  rate: {zh: 费率, en: rate, type: count}
  customers: {zh: 户数, en: customers, type: count}
  spare: {zh: 备用, en: spare, type: count, if_absent: none}
  size: {zh: 大小, en: size, type: word, words: size}
  came: {zh: 到达, en: came, type: moment}
  left: {zh: 离开, en: left, type: moment}
  trips:
    zh: 车次
    en: trips
    type: list
    of: {type: record, fields: {id: {zh: 编号, en: id, type: name}, load: {zh: 载重, en: load, type: count}}}
regulations:
  yard:
    zh: 车场
    en: Yard
    articles:
      "1":
        nature: duty
        title: {zh: 数, en: Numbers}
        text: {zh: 数。, en: Numbers.}
        figures: {amount: {zh: 金额, en: amount, is: 'NUMBER'}}
        guards: {gate: {zh: 关口, en: gate, blocks_if: 'CONDITION', blocker: stop}}
        duties: {duty: {zh: 义务, en: duty, met: 'CONDITION', breach: wrong}}
        scopes: {area: {zh: 范围, en: area, holds: 'CONDITION'}}
questions:
  all:
    zh: 问
    en: question
    facts: [rate, customers, spare, size, came, left, trips]
    governed_by: as_of
    rules: [amount, gate, duty, area]
    verdict: {is: '"said"', words: answer}
    values: {}
`

func depotSteps(t *testing.T, number, condition string) (en, zh map[string]policy.Step) {
	t.Helper()
	book, err := rulebook.Parse("depot.yaml", []byte(strings.NewReplacer("NUMBER", number, "CONDITION", condition).Replace(depot)))
	require.NoError(t, err, "%s, %s", number, condition)
	a := askBook(t, book, "all", `{"rate":7,"customers":998,"size":"small","came":"2025-06-02T09:00:00+08:00","left":"2025-06-02T10:00:00+08:00",
		"trips":[{"id":"A","load":3},{"id":"B","load":4}],"as_of":"2025-07-01T00:00:00+08:00"}`)
	require.Nil(t, a.Error)
	en, zh = map[string]policy.Step{}, map[string]policy.Step{}
	for _, s := range a.Steps("en") {
		en[s.Rule] = s
	}
	for _, s := range a.Steps("zh") {
		zh[s.Rule] = s
	}
	return en, zh
}

// A figure shows how it was computed.
func TestFiguresShowTheirArithmetic(t *testing.T) {
	for _, x := range []struct{ number, en, zh string }{
		{"rate * customers", "7 × 998 = 6986 (rate × customers)", "7 × 998 = 6986（费率 × 户数）"},
		{"rate", "7", "7"}, {"2 * 3", "6", "6"}, {"customers * 2 + 1", "998 × 2 + 1 = 1997 (customers × 2 + 1)", ""},
		{"(customers - 1) * (rate + 1)", "(998 − 1) × (7 + 1) = 7976 ((customers − 1) × (rate + 1))", ""}, {"customers - (rate - 1)", "998 − (7 − 1) = 992 (customers − (rate − 1))", ""},
		{"-rate", "−7 = -7 (−rate)", ""}, {"rounded_down(customers, rate)", "998 ÷ 7 rounded down = 142 (customers ÷ rate rounded down)", "998 ÷ 7 向下取整 = 142（户数 ÷ 费率 向下取整）"},
		{"rounded(customers * 5, 100)", "(998 × 5) ÷ 100 rounded half up = 50 ((customers × 5) ÷ 100 rounded half up)", ""}, {"rounded_up(customers / rate)", "998 ÷ 7 rounded up = 143 (customers ÷ rate rounded up)", ""},
		{"customers / rate", "998 ÷ 7 (customers ÷ rate)", ""}, {"rate / 2", "7 ÷ 2 = 3.5 (rate ÷ 2)", ""},
		{"(rate - 14) / 2", "(7 − 14) ÷ 2 = -3.5 ((rate − 14) ÷ 2)", ""}, {"rate - 14", "7 − 14 = -7 (rate − 14)", ""},
		{"size == \"small\" ? rate * 2 : customers", "7 × 2 = 14 (rate × 2)", ""}, {"sum(trips, .load)", "the sum of 3, 4 = 7", "3、4 之和 = 7"}, {"greatest(rate, customers, 1)", "the greatest of 7, 998, 1 = 998 (the greatest of rate, customers, 1)", ""},
		{"len(trips) * 10", "2 × 10 = 20 (the number of trips × 10)", "2 × 10 = 20（车次的项数 × 10）"}, {"count(trips, .load > 3) + 1", "1 + 1 = 2 (how many of trips match + 1)", ""},
		{"left - came", "2025-06-02 10:00 − 2025-06-02 09:00 = 1 hour (left − came)", "2025-06-02 10:00 − 2025-06-02 09:00 = 1小时（离开 − 到达）"},
		{"rounded(20% of customers)", "20% × 998 rounded half up = 200 (20% × customers rounded half up)", "20% × 998 四舍五入 = 200（20% × 户数 四舍五入）"},
		{"rounded_up_to(customers, 50)", "998 rounded up to 50 = 1000 (customers rounded up to 50)", "998 向上取整到 50 = 1000（户数 向上取整到 50）"},
		{"rounded_to(50% of (left - came), minutes(1))", "(50% × (2025-06-02 10:00 − 2025-06-02 09:00)) rounded half up to 1 minute = 30 minutes ((50% × (left − came)) rounded half up to 1 minute)", ""},
		{"rounded(customers * 9.98 GBP / 3)", "998 × £9.98 ÷ 3 rounded half up = £3320.01 (customers × £9.98 ÷ 3 rounded half up)", ""},
		{"whole_hours_between(came, left)", "whole hours from 2025-06-02 09:00 to 2025-06-02 10:00 = 1 (whole hours from came to left)", "2025-06-02 09:00 至 2025-06-02 10:00 满的小时数 = 1（到达 至 离开 满的小时数）"},
		{"end_of_quarter(date_of(came))", "the last day of the quarter of the date of 2025-06-02 09:00 = 2025-06-30 (the last day of the quarter of the date of came)", ""},
		{"days_after(date_of(came), 1)", "1 day after (the date of 2025-06-02 09:00) = 2025-06-03 (1 day after (the date of came))", ""}, {"working_days_after(date_of(came), -1)", "1 working day before (the date of 2025-06-02 09:00) = 2025-06-01 (1 working day before (the date of came))", ""},
		{"months_after(date_of(came), 2)", "2 months after (the date of 2025-06-02 09:00) = 2025-08-02 (2 months after (the date of came))", "(2025-06-02 09:00 的日期) 之后 2 个月 = 2025-08-02（(到达 的日期) 之后 2 个月）"},
	} {
		en, zh := depotSteps(t, x.number, "true")
		assert.Equal(t, "amount: "+x.en, en["yard.amount"].Text, x.number)
		if x.zh != "" {
			assert.Equal(t, "金额："+x.zh, zh["yard.amount"].Text, x.number)
		}
		if strings.Contains(x.en, " = ") {
			require.Len(t, en["yard.amount"].Claims, 1)
			assert.Equal(t, policy.Equals, en["yard.amount"].Claims[0].Relation)
		}
	}
	en, _ := depotSteps(t, "rate * customers", "true")
	assert.Equal(t, []policy.Claim{{
		Left: policy.Term{Value: "6986", Op: "*", Of: []policy.Term{
			{Value: "7", Name: policy.Text{ZH: "费率", EN: "rate"}}, {Value: "998", Name: policy.Text{ZH: "户数", EN: "customers"}},
		}},
		Relation: policy.Equals, Right: policy.Term{Value: "6986"},
	}}, en["yard.amount"].Claims)
}

// Guards, duties and scopes state both sides of what decided, and what is so of
// them, whether it holds or not.
func TestReasonsShowBothSides(t *testing.T) {
	for _, x := range []struct {
		condition string
		holds     bool
		en, zh    string
	}{
		{"rate * customers > 5000", true, "7 × 998 = 6986 (rate × customers), more than 5000", "7 × 998 = 6986（费率 × 户数），大于 5000"},
		{"rate * customers > 7000", false, "7 × 998 = 6986 (rate × customers), at most 7000", "7 × 998 = 6986（费率 × 户数），不超过 7000"},
		{"customers < rate * 100", false, "customers is 998, at least 7 × 100 = 700 (rate × 100)", ""},
		{"not (rate * customers <= 5000)", true, "7 × 998 = 6986 (rate × customers), more than 5000", ""},
		{"rate + 1 == customers - 990", true, "7 + 1 = 8 (rate + 1), equal to 998 − 990 = 8 (customers − 990)", ""},
		{"rate + 1 != customers - 990", false, "7 + 1 = 8 (rate + 1), equal to 998 − 990 = 8 (customers − 990)", ""},
		{"rate + 1 == customers", false, "7 + 1 = 8 (rate + 1), not customers, 998", ""}, {"rate == 7", true, "rate is 7", "费率为7"}, {"rate != 7", false, "rate is 7", ""},
		{"customers >= rate", true, "customers is 998, at least rate, 7", ""}, {"customers / rate < 143", true, "998 ÷ 7 (customers ÷ rate), less than 143", ""},
		{"left - came <= hours(1)", true, "2025-06-02 10:00 − 2025-06-02 09:00 = 1 hour (left − came), at most 1 hour", ""},
		{"50% of (left - came) < minutes(31)", true, "50% × (2025-06-02 10:00 − 2025-06-02 09:00) = 30 minutes (50% × (left − came)), less than 31 minutes", ""},
		{"(left - came) / 7 > minutes(9)", false, "(2025-06-02 10:00 − 2025-06-02 09:00) ÷ 7 = 3600/7s ((left − came) ÷ 7), at most 9 minutes", ""},
		{"(left - came) / hours(2) >= 50%", true, "(2025-06-02 10:00 − 2025-06-02 09:00) ÷ 2 hours = 0.5 ((left − came) ÷ 2 hours), at least 50%", ""},
		{"customers * 2 GBP > 1996 GBP", false, "998 × £2.00 = £1996.00 (customers × £2.00), at most £1996.00", ""},
		{"date_of(came) < 2025-06-03", true, "the date of 2025-06-02 09:00 = 2025-06-02 (the date of came), before 2025-06-03", ""},
		{`weekday_of(came) == "monday"`, true, "the day of the week of 2025-06-02 09:00 = Monday (the day of the week of came), equal to Monday", ""},
		{`weekday_of(came) in ["saturday", "sunday"]`, false, "the day of the week of 2025-06-02 09:00 = Monday (the day of the week of came), none of Saturday, Sunday", ""},
		{"left > came", true, "left is 2025-06-02 10:00, after came, 2025-06-02 09:00", "离开为2025-06-02 10:00，晚于 到达 2025-06-02 09:00"},
		{"size == \"large\"", false, "size is small, not large", ""}, {"len(trips) >= 3", false, "the number of trips is 2, less than 3", ""}, {"count(trips, .load > 3) == 1", true, "how many of trips match is 1", ""},
		{"any(trips, .load * 2 > 7)", true, "4 × 2 = 8 (load × 2), more than 7", ""}, {"all(trips, .load * 2 > 7)", false, "3 × 2 = 6 (load × 2), at most 7", ""}, {"rate * 2 in [14, 15]", true, "7 × 2 = 14 (rate × 2), one of 14, 15", ""},
		{"spare < 3", false, "spare is none, and the other side is 3", ""}, {"spare == null", true, "not on record: spare", ""},
	} {
		en, zh := depotSteps(t, "rate", x.condition)
		verdicts := []string{"does not block", "broken", "does not hold"}
		if x.holds {
			verdicts = []string{"blocks", "kept", "holds"}
		}
		for i, name := range []string{"gate", "duty", "area"} {
			assert.Equal(t, fmt.Sprintf("%s: %s: %s", name, verdicts[i], x.en), en["yard."+name].Text, x.condition)
			if x.zh != "" {
				assert.Contains(t, zh["yard."+name].Text, "："+x.zh, x.condition)
			}
		}
	}
	en, _ := depotSteps(t, "rate", "true")
	assert.Equal(t, "gate: blocks", en["yard.gate"].Text, "nothing to tell, and nothing behind a colon")
}

func askBook(t testing.TB, book *rulebook.Book, question, facts string, readings ...string) *rulebook.Answer {
	t.Helper()
	var options []rulebook.Option
	for _, r := range readings {
		key, option, _ := strings.Cut(r, "=")
		options = append(options, rulebook.Reading(key, option))
	}
	answer, err := book.Ask(t.Context(), question, facts, options...)
	require.NoError(t, err)
	return answer
}
