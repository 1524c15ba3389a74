package load_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
)

// An option of a reading is refused with what could be chosen instead.
func TestReadingsRefused(t *testing.T) {
	for _, x := range []struct{ key, option, zh, en string }{
		{"wiat", "short", "没有读法 \"wiat\"", `there is no reading "wiat" [unknown_reading] → did you mean wait?`},
		{"wait", "shrt", "没有选项 \"shrt\"", `reading wait = shrt: there is no option "shrt" [unknown_reading] → did you mean short?`},
		{"wait", "", "没有选项 \"\"", "allowed: short, long:N, many:N, share:N, until:HH:MM"},
		{"wait", "short:1", "不带参数", "option short takes no argument [unknown_reading] → write short alone"},
		{"wait", "long", "须带参数", "option long needs an argument [unknown_reading] → write it as long:N, N being"},
		{"wait", "long:", "不能作选项 long 的参数", `"" cannot be the argument of option long [unknown_reading] → write it as long:N`},
		{"wait", "long:x", "不能作选项 long 的参数", `"x" cannot be the argument of option long`},
		{"wait", "long:-1", "不能作选项 long 的参数", `"-1" cannot be the argument of option long`},
		{"wait", "long:1000001", "不能作选项 long 的参数", `"1000001" cannot be the argument of option long`},
		{"wait", "share", "须带参数", "write it as share:N"},
		{"wait", "until:24:01", "不能作选项 until 的参数", `"24:01" cannot be the argument of option until [unknown_reading] → write it as until:HH:MM`},
		{"shown", "fever,fevr", "没有选项 \"fevr\"", `there is no option "fevr" [unknown_reading] → allowed: cough`},
		{"shown", "fever,fever", "选了两次", `"fever" is named twice [unknown_reading] → remove one`},
		{"shown", "", "没有选项 \"\"", "allowed: fever, cough"},
	} {
		t.Run(x.key+"="+x.option, func(t *testing.T) {
			_, err := clinic(t).WithReading(x.key, x.option)
			var refused *policy.ReadingError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, x.key, refused.Key)
			assert.Equal(t, x.option, refused.Option)
			assert.Contains(t, refused.Message.ZH, x.zh)
			assert.Contains(t, err.Error(), x.en)
			assert.NotEmpty(t, refused.Remedy.ZH)
		})
	}
}

// Both ends of what an option's argument may be, and what follows from it.
func TestReadingsTaken(t *testing.T) {
	for _, x := range []struct{ key, option, chosen, told string }{
		{"wait", "short", "short", "waiting: 1 hour (care/1; reading wait = short)"},
		{"wait", "long:0", "long:0", "waiting: 0 hours (care/1; reading wait = long:0)"},
		{"wait", "long:1000000", "long:1000000", "waiting: 1000000 hours"},
		{"wait", "many:100", "many:100", "waiting: 100 hours"},
		{"wait", "share:50", "share:50", "waiting: 50 hours"},
		{"wait", "until:24:00", "until:24:00", "waiting: 2 hours"},
		{"shown", "cough,fever", "fever,cough", ""},
		{"shown", "cough", "cough", ""},
	} {
		e, err := clinic(t).WithReading(x.key, x.option)
		require.NoError(t, err, x.option)
		chosen, ok := e.Chosen(x.key, 0)
		assert.True(t, ok)
		assert.Equal(t, x.chosen, chosen.String())
		again, err := e.WithReading(x.key, x.chosen)
		require.NoError(t, err)
		assert.Same(t, e, again, "chosen already")
		checked, err := e.Check("care.all", everyFact)
		require.NoError(t, err)
		a, err := e.Ask(checked, time.Time{})
		require.NoError(t, err)
		assert.Contains(t, a.Explain("en"), x.told)
	}
	_, ok := clinic(t).Chosen("nothing", 0)
	assert.False(t, ok)
	_, ok = clinic(t).ChosenAt("nothing", time.Time{})
	assert.False(t, ok)
	before, after := time.Date(2025, 12, 31, 15, 59, 59, 0, time.UTC), time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]string{before: "weeks", after: "all", {}: "all"} { // midnight in Shanghai
		chosen, ok := clinic(t).ChosenAt("days", at)
		assert.True(t, ok)
		assert.Equal(t, want, chosen.Option)
	}
	chosen, _ := clinic(t).Chosen("days", date.New(2025, 12, 31))
	assert.Equal(t, "weeks", chosen.Option)
}

// An argument is tried with the rules before it is taken.
func TestReadingArgumentsThatDoNotFit(t *testing.T) {
	_, err := clinic(t).WithReading("wait", "many:100")
	require.NoError(t, err, "a range of one number")
	_, err = clinic(t).WithReading("wait", "many:101")
	var refused *policy.ReadingError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "many:101", refused.Option)
	assert.Contains(t, refused.Message.EN, "101")
	assert.NotEmpty(t, refused.Message.ZH)
	assert.NotEmpty(t, refused.Remedy.EN)
}

// Facts come as text, as a map, or as what marshals to an object.
func TestFactsOfEveryKind(t *testing.T) {
	e := clinic(t)
	want, err := e.Check("care.count", `{"many": 3}`)
	require.NoError(t, err)
	for _, facts := range []any{
		[]byte(`{"many": 3}`), json.RawMessage(` {"many":3} `), map[string]any{"many": 3}, map[string]int{"many": 3},
		struct {
			Many int `json:"many"`
		}{3}, want,
	} {
		got, err := e.Check("care.count", facts)
		require.NoError(t, err, "%T", facts)
		assert.Equal(t, `{"many":3}`, string(got.AppendJSON(nil)), "%T", facts)
		a, err := e.Ask(got, time.Time{})
		require.NoError(t, err)
		n, _ := a.Int("amount")
		assert.EqualValues(t, 4, n)
	}
	none, err := e.Check("care.count", nil)
	require.NoError(t, err)
	assert.Equal(t, "{}", string(none.AppendJSON(nil)))
	for _, x := range []struct {
		facts    any
		code, en string
	}{
		{make(chan int), "wrong_type", "cannot be written as JSON"},
		{map[string]any{"many": math.Inf(1)}, "wrong_type", "cannot be written as JSON"},
		{[]int{1}, "wrong_type", "must be a map"},
		{"", "json_syntax", "not valid JSON"},
		{map[string]any{"amount": 3}, "unknown_fact", "allowed: many, as_of"},
	} {
		_, err := e.Check("care.count", x.facts)
		var refused *policy.FactError
		require.ErrorAs(t, err, &refused, "%v", x.facts)
		assert.Equal(t, x.code, refused.Code)
		assert.Contains(t, refused.In("en"), x.en)
		assert.NotEmpty(t, refused.Remedy.ZH)
	}
}

// Checked facts answer the question, of the rulebook, that they were checked
// for.
func TestFactsOfAnotherQuestion(t *testing.T) {
	e := clinic(t)
	checked, err := e.Check("care.count", `{"many": 3}`)
	require.NoError(t, err)
	_, err = e.Check("care.all", checked)
	var refused *policy.FactError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "other_question", refused.Code)

	data := []byte(clinicText(t))
	book, found := load.Parse("clinic.yaml", data)
	require.Empty(t, found)
	_, err = run.NewEngine(book).Ask(checked, time.Time{})
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "other_question", refused.Code)
	other, err := e.WithReading("wait", "long:1")
	require.NoError(t, err)
	_, err = other.Ask(checked, time.Time{})
	assert.NoError(t, err, "a reading changes nothing of the facts")
}

func TestUnknownQuestions(t *testing.T) {
	e := clinic(t)
	for _, id := range []string{"care.al", "", "care", "care.all "} {
		_, err := e.Check(id, nil)
		var unknown *policy.UnknownQuestionError
		require.ErrorAs(t, err, &unknown, id)
		assert.Equal(t, id, unknown.Question)
		assert.ErrorContains(t, err, "[unknown_question] → ")
		assert.Contains(t, unknown.Remedy.ZH, "care.all")
		assert.Contains(t, unknown.Remedy.EN, "care.all")
	}
}

// The moment of asking may be given twice if it is the same.
func TestMomentOfAskingGivenTwice(t *testing.T) {
	e := clinic(t)
	checked, err := e.Check("care.count", `{"as_of": "2025-06-01T00:00:00+08:00"}`)
	require.NoError(t, err)
	same := time.Date(2025, 5, 31, 16, 0, 0, 0, time.UTC)
	_, err = e.Ask(checked, same)
	require.NoError(t, err)
	for _, differs := range []time.Time{same.Add(1), same.Add(-1)} {
		_, err = e.Ask(checked, differs)
		var refused *policy.FactError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "as_of_twice", refused.Code)
		assert.Equal(t, "as_of", refused.Fact)
	}
}

// An event that lies after the moment of asking is an error, named by its
// place; at that very moment, or on that day, it is none.
func TestEventsAfterTheMomentOfAsking(t *testing.T) {
	for _, x := range []struct{ facts, fact string }{
		{`{"visit": {"came_at": "2025-06-03T09:00:00+08:00"}, `, ""},
		{`{"visit": {"came_at": "2025-06-03T09:00:00.000000001+08:00"}, `, "visit.came_at"},
		{`{"visit": {"left_at": "2025-06-04T09:00:00+08:00"}, `, ""},
		{`{"sampled": "2025-06-03", `, ""},
		{`{"sampled": "2025-06-04", `, "sampled"},
		{`{"helpers": [{"id": "b", "at": "2025-06-03T09:00:00+08:00"}], `, ""},
		{`{"month": "2025-06", `, ""},
		{`{"month": "2025-07", `, "month"},
		{`{"month": "2026-01", `, "month"},
		{`{"born": 2025, `, ""},
		{`{"born": 2026, `, "born"},
		{`{"helpers": [{"id": "b"}, {"id": "a", "at": "2025-06-03T09:00:01+08:00"}], `, "helpers[1].at"},
		{`{"helpers": [{"id": "b", "badge": {"since": "2025-06-03"}}], `, ""},
		{`{"helpers": [{"id": "b", "badge": {"since": "2025-06-04"}}], `, "helpers[0].badge.since"},
	} {
		a := treat(t, "care.all", x.facts+`"as_of": "2025-06-03T09:00:00+08:00"}`)
		if x.fact == "" {
			assert.Nil(t, a.Error, x.facts)
			continue
		}
		require.NotNil(t, a.Error, x.facts)
		assert.Equal(t, x.fact, a.Failure().Fact)
		assert.Empty(t, a.Verdict)
		assert.Equal(t, a.Failure().Message.EN+"\n"+a.Failure().Remedy.EN, a.Explain("en"))
		assert.Equal(t, a.Failure().Message.ZH+"\n"+a.Failure().Remedy.ZH, a.Explain("zh"))
		_, ok := a.Show("amount", "en")
		assert.False(t, ok)
		assert.Contains(t, string(a.AppendJSON(nil, true)), `"error":{"code":"`+a.Failure().Code+`","fact":"`+x.fact+`"`)
	}
}

// Facts are written canonically, and what is written is read as the same.
func TestClinicFactsWritten(t *testing.T) {
	for _, x := range []struct{ facts, want string }{
		{everyFact, `{"visit":{"urgency":"high","came_at":"2025-06-03T09:00:00+08:00","left_at":"2025-06-03T10:30:00+08:00","day":"2025-06-05",` +
			`"insured":true,"doctor":"Li","stay":{"floor":3,"remark":"calm"}},"signs":["cough","fever"],"turns":[3,1,2],"names":["An","Wu"],` +
			`"helpers":[{"id":"Wu","grade":2,"at":"2025-06-03T08:00:00+08:00","sign":"fever","badge":{"shown":false,"since":"2025-01-01"}},` +
			`{"id":"An","grade":1,"badge":{"shown":true}},{"id":"Bo","grade":1}],` +
			`"said":"no < sleep","month":"2025-06","born":2001,"balance":-5,"basis":"care/2.1","amount":7,"sampled":"2025-06-12","as_of":"2025-07-01T00:00:00+08:00"}`},
		{`{"visit": {}}`, `{"visit":{"insured":false},"names":[]}`},
		{`{"visit": null, "names": null}`, `{"names":[]}`},
		{`{"said": " ", "amount": null}`, `{"names":[],"said":"","amount":null}`},
		{`{"visit": {"stay": {"remark": ""}}}`, `{"visit":{"insured":false,"stay":{"remark":""}},"names":[]}`},
	} {
		checked, err := clinic(t).Check("care.all", x.facts)
		require.NoError(t, err, x.facts)
		text, err := checked.MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, x.want, string(text))
		again, err := clinic(t).Check("care.all", text)
		require.NoError(t, err)
		assert.Equal(t, x.want, string(again.AppendJSON(nil)))
		assert.Equal(t, string(treat(t, "care.all", x.facts).AppendJSON(nil, true)), string(treat(t, "care.all", x.want).AppendJSON(nil, true)))
	}
}

// The limits of each type of fact, on both sides, in both languages.
func TestClinicFactsRefused(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, x := range []struct{ facts, code, fact, zh, en string }{
		{`{"balance": 999999999999999}`, "", "", "", ""},
		{`{"balance": -999999999999999}`, "", "", "", ""},
		{`{"balance": 1000000000000000}`, "out_of_range", "balance", "写较小的整数", "1000000000000000 is not between -999999999999999 and 999999999999999"},
		{`{"balance": -1000000000000000}`, "out_of_range", "balance", "写较小的整数", "write a smaller whole number"},
		{`{"amount": 0}`, "", "", "", ""},
		{`{"amount": -1}`, "out_of_range", "amount", "写非负整数", "-1 is not between 0 and 999999999999999"},
		{`{"born": 2000}`, "", "", "", ""},
		{`{"born": 1950}`, "", "", "", ""},
		{`{"born": 0}`, "out_of_range", "born", "写四位年份", "0 is not a year from 1 to 9999"},
		{`{"born": 10000}`, "out_of_range", "born", "10000 不在 1 至 9999 年之间", "write a year"},
		{`{"basis": "care/2"}`, "", "", "", ""},
		{`{"basis": "care/2.2"}`, "unknown_article", "basis", "没有条款 \"care/2.2\"", "allowed: care/1, care/2, care/2.1"},
		{`{"month": "2025-13"}`, "not_a_month", "month", "不是月份", "not a month"},
		{`{"said": "` + long + `"}`, "", "", "", ""},
		{`{"visit": {"doctor": "` + long + `"}}`, "name_too_long", "visit.doctor", "超过 200 个字符", "longer than 200 characters"},
		{`{"` + long + `": 1}`, "unknown_fact", long, "不收取", "takes no such fact"},
		{`{"` + long + `x": 1}`, "unknown_fact", long + "…", "不收取", "takes no such fact"},
		{`{"helpers": [{"badge": {"shown": 1}}]}`, "not_a_boolean", "helpers[0].badge.shown", "true", "true"},
		{`{"helpers": [{"badge": []}]}`, "wrong_type", "helpers[0].badge", "应为记录", "a record"},
		{`{"helpers": [{"badge": {"since": "2025-02-29"}}]}`, "not_a_date", "helpers[0].badge.since", "不是日期", "not a date"},
		{`{"turns": [1, -1]}`, "out_of_range", "turns[1]", "写非负整数", "write a non-negative whole number"},
		{`{"as_of": null}`, "", "", "", ""},
	} {
		_, err := clinic(t).Check("care.all", x.facts)
		if x.code == "" {
			assert.NoError(t, err, x.facts)
			continue
		}
		var refused *policy.FactError
		require.ErrorAs(t, err, &refused, x.facts)
		assert.Equal(t, x.code, refused.Code)
		assert.Equal(t, x.fact, refused.Fact)
		assert.Contains(t, refused.In("zh"), x.zh)
		assert.Contains(t, refused.In("en"), x.en)

		d := refused.Discreet()
		assert.Equal(t, x.code, d.Code)
		assert.NotContains(t, d.In("en")+d.In("zh")+d.Fact, "xxx", "what was given is not told")
		if x.code == "not_a_date" || x.code == "not_a_month" {
			assert.NotRegexp(t, "[0-9]", d.Remedy.EN, "what was given is not written in another way either")
		} else {
			assert.Equal(t, refused.Remedy, d.Remedy)
		}
		if x.code == "unknown_fact" {
			assert.Equal(t, "…", d.Fact)
		} else {
			assert.Equal(t, x.fact, d.Fact)
		}
	}
	other := (&policy.FactError{Code: "another", Message: policy.Text{ZH: "秘密", EN: "secret"}}).Discreet()
	assert.Equal(t, policy.Text{ZH: "这里不能这样写", EN: "this cannot stand here"}, other.Message)
}
