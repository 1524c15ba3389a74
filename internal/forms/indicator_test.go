package forms_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// clinic is a rulebook with an indicator for every kind of bound.
const clinic = `
rulebook:
  id: clinic
  title: {zh: 诊所约定, en: Terms of a clinic}
  zone: Asia/Shanghai
  in_force: {from: 2020-01-01}
words:
  result: {met: {zh: 达标, en: met}, not_met: {zh: 不达标, en: not met}, not_applicable: {zh: 不适用, en: not applicable}}
facts:
  ward: {zh: 科室, en: ward, type: word, words: {day: {zh: 日间, en: day ward}, night: {zh: 夜间, en: night ward}, attic: {zh: 其他, en: another}}}
  both_wards: {zh: 两处, en: in both wards, type: yes_no, if_absent: false}
  falls: {zh: 跌倒, en: falls, type: number}
  patients: {zh: 病人, en: patients, type: count}
  days: {zh: 天数, en: days, type: count, if_absent: 1}
  waiting: {zh: 未定, en: not known yet, type: number, if_absent: 0}
readings:
  nobody: {article: care/1, asks: {zh: 没有病人, en: no patients}, chosen: left_out, options: {left_out: {zh: 不计, en: left out}, met: {zh: 达标, en: met}, not_met: {zh: 不达标, en: not met}}}
regulations:
  care:
    zh: 照护
    en: Care
    articles:
      "1":
        nature: threshold
        title: {zh: 指标, en: Indicators}
        text: {zh: 各项指标。, en: The indicators.}
        indicators:
          below_half: {zh: 低于, en: below, part_of: falls_below, when: ward == "day" or both_wards, count: falls, base: patients, below: 0.5%}
          below_tenth:
            zh: 夜间低于
            en: below at night
            part_of: falls_below
            when: ward == "night"
            count: falls
            base: patients
            pending: waiting
            below: 0.125%
            empty: {by: nobody, left_out: not_applicable, met: met, not_met: not_met}
          at_most: {zh: 不超过, en: at most, count: falls, base: patients / days, at_most: 0.5%}
          above: {zh: 高于, en: above, count: falls, base: patients, above: 50%, empty: met}
          at_least: {zh: 不低于, en: at least, count: falls, base: patients, at_least: 33.333333333%, empty: not_met}
          exactly: {zh: 恰为, en: exactly, count: falls, base: patients, exactly: 100%}
questions:
  care.falls:
    zh: 跌倒
    en: falls
    facts: [ward, both_wards, falls, patients, waiting]
    rules: [falls_below]
    verdict: {is: falls_below.result, if_none: no_ward, words: {met: {zh: 达标, en: met}, not_met: {zh: 不达标, en: not met}, not_applicable: {zh: 不适用, en: not applicable}, no_ward: {zh: 无, en: no ward}}}
    values:
      ratio: {zh: 比, en: ratio, is: falls_below.ratio}
      percent: {zh: 百分比, en: per cent, is: falls_below.percent}
      provisional: {zh: 暂定, en: provisional, is: falls_below.provisional}
`

// question is a question about one of the other indicators.
func question(name string) string {
	return strings.ReplaceAll(`
  care.NAME:
    zh: 指标
    en: indicator
    facts: [falls, patients, days]
    rules: [NAME]
    verdict: {is: NAME.result, words: result}
    values: {ratio: {zh: 比, en: ratio, is: NAME.ratio}, percent: {zh: 百分比, en: per cent, is: NAME.percent}}`, "NAME", name)
}

func rules() string {
	text := clinic
	for _, name := range []string{"at_most", "above", "at_least", "exactly"} {
		text += question(name)
	}
	return text
}

var loadClinic = sync.OnceValues(func() (*rulebook.Book, error) { return rulebook.Parse("clinic.yaml", []byte(rules())) })

func askClinic(t *testing.T, question, facts string, options ...rulebook.Option) *rulebook.Answer {
	t.Helper()
	book, err := loadClinic()
	require.NoError(t, err)
	answer, err := book.Ask(t.Context(), question, facts, options...)
	require.NoError(t, err)
	return answer
}

func TestIndicatorBounds(t *testing.T) {
	for _, x := range []struct{ question, facts, verdict, values, zh, en string }{
		{"care.falls", `{"ward":"day","falls":4,"patients":801}`, "met", `{"ratio":"4/801","percent":"0.499%","provisional":false}`, "低于：4/801 ≈ 0.499%，须低于 0.5%（不含）：达标", "below: 4/801 ≈ 0.499%, must be below 0.5%: met"},
		{"care.falls", `{"ward":"day","falls":4,"patients":800}`, "not_met", `{"ratio":"4/800","percent":"0.500%","provisional":false}`, "须低于 0.5%（不含）：不达标", "must be below 0.5%: not met"},
		{"care.falls", `{"ward":"night","falls":1,"patients":801}`, "met", `{"ratio":"1/801","percent":"0.125%","provisional":false}`, "1/801 ≈ 0.1248%，须低于 0.125%（不含）：达标", "below at night: 1/801 ≈ 0.1248%, must be below 0.125%: met"},
		{"care.falls", `{"ward":"night","falls":1,"patients":800}`, "not_met", `{"ratio":"1/800","percent":"0.125%","provisional":false}`, "不达标", "not met"},
		{"care.at_most", `{"falls":4,"patients":800}`, "met", `{"ratio":"4/800","percent":"0.500%"}`, "不得超过 0.5%：达标", "must be at most 0.5%: met"},
		{"care.at_most", `{"falls":4,"patients":1599,"days":2}`, "not_met", `{"ratio":"8/1599","percent":"0.500%"}`, "不得超过 0.5%：不达标", "at most: 8/1599 ≈ 0.5003%, must be at most 0.5%: not met"},
		{"care.at_most", `{"falls":4,"patients":1600,"days":2}`, "met", `{"ratio":"4/800","percent":"0.500%"}`, "", ""},
		{"care.at_most", `{"falls":4,"patients":1600,"days":0}`, "not_applicable", `{"ratio":null,"percent":null}`, "没有可计的数，不适用", "nothing to count, not applicable"},
		{"care.above", `{"falls":1,"patients":2}`, "not_met", `{"ratio":"1/2","percent":"50.000%"}`, "须高于 50%（不含）：不达标", "must be above 50%: not met"},
		{"care.above", `{"falls":2,"patients":3}`, "met", `{"ratio":"2/3","percent":"66.667%"}`, "", ""},
		{"care.above", `{"falls":0,"patients":0}`, "met", `{"ratio":null,"percent":null}`, "没有可计的数，达标", "nothing to count, met"},
		{"care.at_least", `{"falls":1,"patients":3}`, "met", `{"ratio":"1/3","percent":"33.333%"}`, "不得低于 33.333333333%：达标", "must be at least 33.333333333%: met"},
		{"care.at_least", `{"falls":33333333332,"patients":100000000000}`, "not_met", `{"ratio":"33333333332/100000000000","percent":"33.333%"}`, "", "not met"},
		{"care.at_least", `{"falls":0,"patients":0}`, "not_met", `{"ratio":null,"percent":null}`, "没有可计的数，不达标", "nothing to count, not met"},
		{"care.exactly", `{"falls":7,"patients":7}`, "met", `{"ratio":"7/7","percent":"100.000%"}`, "须恰为 100%：达标", "must be exactly 100%: met"},
		{"care.exactly", `{"falls":9999999,"patients":10000000}`, "not_met", `{"ratio":"9999999/10000000","percent":"100.000%"}`, "9999999/10000000 = 99.99999%，须恰为 100%：不达标", "not met"},
	} {
		t.Run(x.question+x.facts, func(t *testing.T) {
			answer := askClinic(t, x.question, x.facts)
			require.Nil(t, answer.Error)
			assert.Equal(t, x.verdict, answer.Verdict)
			assert.JSONEq(t, x.values, valuesOf(t, answer))
			assert.Contains(t, answer.Explain("zh"), x.zh)
			assert.Contains(t, answer.Explain("en"), x.en)
			assert.Equal(t, []string{"care/1"}, answer.Cites)
			assert.False(t, answer.Provisional)
			assert.Empty(t, answer.MissingFacts)
		})
	}
}

func TestIndicatorPending(t *testing.T) {
	answer := askClinic(t, "care.falls", `{"ward":"night","falls":1,"patients":801,"waiting":1}`)
	assert.Equal(t, "met", answer.Verdict)
	assert.JSONEq(t, `{"ratio":"1/801","percent":"0.125%","provisional":true}`, valuesOf(t, answer))
	assert.True(t, answer.Provisional)
}

func TestIndicatorEmpty(t *testing.T) {
	for option, verdict := range map[string]string{"left_out": "not_applicable", "met": "met", "not_met": "not_met"} {
		answer := askClinic(t, "care.falls", `{"ward":"night","falls":0,"patients":0}`, rulebook.Reading("nobody", option))
		assert.Equal(t, verdict, answer.Verdict)
		assert.JSONEq(t, `{"ratio":null,"percent":null,"provisional":false}`, valuesOf(t, answer))
		require.Len(t, answer.Readings, 1)
		assert.Equal(t, option, answer.Readings[0].Option)
		assert.Contains(t, answer.Explain("en"), "(care/1; reading nobody = "+option+")")
		assert.Contains(t, answer.Explain("zh"), "（care/1；读法 nobody = "+option+"）")
	}
}

func TestIndicatorNotKnown(t *testing.T) {
	for _, x := range []struct{ name, facts, lacks string }{
		{"count", `{"ward":"day","patients":10}`, "falls"},
		{"base", `{"ward":"day","falls":1}`, "patients"},
		{"which applies", `{"falls":1,"patients":10}`, "ward"},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askClinic(t, "care.falls", x.facts)
			assert.Equal(t, "undetermined", answer.Verdict)
			assert.JSONEq(t, `{"ratio":null,"percent":null,"provisional":null}`, valuesOf(t, answer))
			require.Len(t, answer.MissingFacts, 1)
			assert.Equal(t, x.lacks, answer.MissingFacts[0].Fact)
			assert.Equal(t, "care.falls_below", answer.MissingFacts[0].NeededBy)
			assert.Empty(t, answer.Steps("en"))
			assert.Regexp(t, "^missing fact: "+x.lacks+", needed by: below and others$", answer.Explain("en"))
			assert.Regexp(t, "^缺少事实：.+（"+x.lacks+"），用于：低于等$", answer.Explain("zh"))
		})
	}

	answer := askClinic(t, "care.falls", `{"ward":"attic","falls":1,"patients":10}`)
	assert.Equal(t, "no_ward", answer.Verdict)
	assert.JSONEq(t, `{"ratio":null,"percent":null,"provisional":null}`, valuesOf(t, answer))
	assert.Empty(t, answer.MissingFacts)
	assert.Empty(t, answer.Explain("en"))
}

func TestIndicatorErrors(t *testing.T) {
	for _, x := range []struct{ name, facts, en string }{
		{"negative count", `{"ward":"day","falls":-1,"patients":10}`, "below: the count is -1, below zero"},
		{"negative pending", `{"ward":"night","falls":1,"patients":10,"waiting":-2}`, "below at night: the number pending is -2, below zero"},
		{"two apply", `{"ward":"night","both_wards":true,"falls":1,"patients":10}`, "both care.below_half and care.below_tenth apply; only one of the group may"},
	} {
		t.Run(x.name, func(t *testing.T) {
			answer := askClinic(t, "care.falls", x.facts)
			require.NotNil(t, answer.Error)
			assert.Equal(t, "not_computable", answer.Failure().Code)
			assert.Equal(t, "this cannot be computed: "+x.en, answer.Failure().Message.EN)
			assert.Equal(t, answer.Failure().Message.ZH+"\n"+answer.Failure().Remedy.ZH, answer.Explain("zh"))
			assert.Empty(t, answer.Verdict)
			assert.Empty(t, answer.Steps("en"))
		})
	}
}

func TestIndicatorMistakes(t *testing.T) {
	for _, x := range []struct{ code, old, new string }{
		{"bound_unclear", "base: patients, above: 50%", "base: patients"},
		{"bound_unclear", "base: patients, above: 50%", "base: patients, above: 50%, below: 90%"},
		{"type_mismatch", "base: patients, above", "base: both_wards, above"},
		{"not_a_percent", "above: 50%", "above: half"},
	} {
		t.Run(x.code, func(t *testing.T) {
			text := rules()
			require.Contains(t, text, x.old)
			_, err := rulebook.Parse("clinic.yaml", []byte(strings.Replace(text, x.old, x.new, 1)))
			var found diagnostic.List
			require.True(t, errors.As(err, &found), "%v", err)
			var codes []string
			for _, d := range found {
				codes = append(codes, d.Code)
				assert.NotEmpty(t, d.Remedy.ZH, d.Code)
				assert.NotEmpty(t, d.Remedy.EN, d.Code)
			}
			assert.Contains(t, codes, x.code)
		})
	}
}
