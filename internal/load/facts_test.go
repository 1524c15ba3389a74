package load_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

func lend(t testing.TB) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Parse("library.yaml", []byte(library(t)))
	require.NoError(t, err)
	return book
}

// What facts are refused for, and where. The place is marked: «here».
func TestFactsRefused(t *testing.T) {
	book := lend(t)
	staff := func(n int) string { return strings.Repeat(`{"id":"a"},`, n) + `{"id":"b"}` }
	for _, c := range []struct{ question, facts, code, fact, zh, en string }{
		{"fine.amount", `{"grade":«"grav"»}`, "unknown_word", "grade", "不在词表中", "did you mean grave?"},
		{"fine.amount", `{"grade":«1»}`, "unknown_word", "grade", "不在词表中", "not one of the words"},
		{"fine.amount", `{«"grad"»:"grave"}`, "unknown_fact", "grad", "是否指 grade", "did you mean grade?"},
		{"fine.amount", `{«"GRADE"»:"grave"}`, "unknown_fact", "GRADE", "不收取这个事实", "takes no such fact"},
		{"fine.amount", `{"earlier":«"1"»}`, "wrong_type", "earlier", "不加引号", "without quotes"},
		{"fine.amount", `{"earlier":«1.5»}`, "not_an_integer", "earlier", "不是整数", "not a whole number"},
		{"fine.amount", `{"earlier":«1e3»}`, "not_an_integer", "earlier", "不是整数", "not a whole number"},
		{"fine.amount", `{"earlier":«-1»}`, "out_of_range", "earlier", "不在 0 至", "not between 0 and"},
		{"fine.amount", `{"earlier":«99999999999999999999»}`, "out_of_range", "earlier", "超出整数范围", "too large"},
		{"fine.amount", `{"apologised":«"否"»}`, "wrong_type", "apologised", "写 false", "write false"},
		{"fine.amount", `{"apologised":«"true"»}`, "wrong_type", "apologised", "不加引号", "without quotes"},
		{"fine.amount", `{"apologised":«1»}`, "not_a_boolean", "apologised", "true", "true"},
		{"fine.amount", `{"apologised":«[]»}`, "wrong_type", "apologised", "应为一个值", "a single value"},
		{"fine.amount", `{"reader":«" "»}`, "empty_name", "reader", "是空的", "is empty"},
		{"fine.amount", `{"reader":«"` + strings.Repeat("长", 201) + `"»}`, "name_too_long", "reader", "超过 200 个字符", "longer than 200"},
		{"fine.amount", `{"fines":«{}»}`, "wrong_type", "fines", "应为列表", "a list is expected"},
		{"fine.amount", `{"fines":[{"id":"a"},«null»]}`, "null_item", "fines[1]", "空项", "empty item"},
		{"fine.amount", `{"fines":[{"id":"a","at":«"2025-06-01"»}]}`, "not_a_moment", "fines[0].at", "不是时刻", "not a moment"},
		{"fine.amount", `{"fines":[«1»]}`, "wrong_type", "fines[0]", "应为记录", "a record"},
		{"fine.amount", `{"fines":[«"grave"»]}`, "wrong_type", "fines[0]", "写成 {grade: grave}", "write {grade: grave}"},
		{"fine.amount", `{"fines":«"grave"»}`, "wrong_type", "fines", "写成 [{grade: grave}]", "write [{grade: grave}]"},
		{"fine.amount", `{"fines":[{«"when"»:1}]}`, "unknown_fact", "fines[0].when", "没有这个字段", "no such field"},
		{"fine.amount", `{"as_of":«"2025-06-01"»}`, "not_a_moment", "as_of", "不是时刻", "not a moment"},
		{"fine.amount", `{"as_of":«{}»}`, "not_a_moment", "as_of", "不是时刻", "not a moment"},
		{"fine.amount", `«[]»`, "wrong_type", "", "事实应为", "must be a map"},
		{"desk.open", `{"day":«"2025-02-30"»}`, "not_a_date", "day", "不是日期", "not a date"},
		{"desk.open", `{"day":«"0000-12-31"»}`, "out_of_range", "day", "9999", "9999"},
		{"desk.open", `{"staff":[` + staff(999) + `]«»,"x":1}`, "unknown_fact", "x", "", ""},
		{"desk.open", `{"staff":[` + staff(1000) + `«»]}`, "too_many_items", "", "超过 1000 项", "more than 1000"},
		{"loan.clock", `{"loan":«[]»}`, "wrong_type", "loan", "应为记录", "a record"},
		{"loan.clock", `{"loan":{«"kinds"»:"book"}}`, "unknown_fact", "loan.kinds", "是否指 kind", "did you mean kind?"},

		{"fine.amount", "{\n \"grade\": \"grave\",\n \"grade\"«»: \"slight\"}", "duplicate_key", "", "重复", "stands twice"},
		{"fine.amount", `{"grade":"grave"} «»x`, "json_syntax", "", "之后还有内容", "follows the JSON value"},
		{"fine.amount", `{"grade":"grave"«»`, "json_syntax", "", "检查引号", "check quotes"},
		{"fine.amount", `{"grade" «»"grave"}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{«»grade:"grave"}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"grade":"grave",«»}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"fines":[{} «»{}]}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"fines":[«»,]}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"earlier":«»+1}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"earlier":«»01}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"earlier":«»1.}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"earlier":«»1e}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"earlier":«»NaN}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"apologised":«»True}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"reader":«»"a}`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", "{\"reader\":\"读«»\n\"}", "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"reader":"\x"«»}`, "json_syntax", "", "转义有误", "an escape"},
		{"fine.amount", `{"reader":"\u12"«»}`, "json_syntax", "", "转义有误", "an escape"},
		{"fine.amount", `{"reader":"\u12g4"«»}`, "json_syntax", "", "转义有误", "an escape"},
		{"fine.amount", `{"reader":"\ud800"«»}`, "json_syntax", "", "转义有误", "an escape"},
		{"fine.amount", `{"reader":"\ud83d\u0041"«»}`, "json_syntax", "", "转义有误", "an escape"},
		{"fine.amount", `«»`, "json_syntax", "", "写法有误", "not valid JSON"},
		{"fine.amount", `{"reader":` + strings.Repeat("[", 32) + "«»[", "too_deep", "", "超过 32 层", "more than 32 deep"},
		{"fine.amount", "{" + keys(1000) + `"z"«»:1}`, "too_many_items", "", "超过 1000 项", "more than 1000"},
	} {
		t.Run(c.code+" "+c.facts[:min(len(c.facts), 60)], func(t *testing.T) {
			from, to := strings.Index(c.facts, "«"), strings.Index(c.facts, "»")
			before, inside, after := c.facts[:from], c.facts[from+len("«"):to], c.facts[to+len("»"):]
			_, err := book.Check(c.question, []byte(before+inside+after))
			var refused *policy.FactError
			require.True(t, errors.As(err, &refused), "%v", err)
			assert.Equal(t, c.code, refused.Code)
			assert.Equal(t, c.fact, refused.Fact)
			assert.Contains(t, refused.In("zh"), c.zh)
			assert.Contains(t, refused.In("en"), c.en)
			assert.Equal(t, refused.In("en"), err.Error())
			assert.NotEmpty(t, refused.Remedy.ZH)
			assert.NotEmpty(t, refused.Remedy.EN)
			if inside != "" || c.code == "json_syntax" {
				assert.Equal(t, diagnostic.Span{Start: position(before), End: position(before + inside)}, refused.Span)
			}
		})
	}
	for text, code := range map[string]string{
		strings.Repeat(" ", 1<<20) + "{}": "too_large", "{\"reader\":\"\xff\"}": "not_utf8", "\xef\xbb\xbf": "json_syntax", "{\xef\xbb\xbf}": "json_syntax", "\xff\xfe{\x00}\x00": "not_utf8",
	} {
		_, err := book.Check("fine.amount", []byte(text))
		var refused *policy.FactError
		require.True(t, errors.As(err, &refused), "%v", err)
		assert.Equal(t, code, refused.Code)
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d":1,`, i)
	}
	return b.String()
}

// Strings mean what JSON says, escapes and all.
func TestFactsRead(t *testing.T) {
	book := lend(t)
	for _, same := range [][]string{
		{`{"reader":"读者 A/\\\"\b\f\n\r\t😀"}`, `{"reader":"\u8bfb\u8005\u0020A\/\\\"\b\f\n\r\t\uD83D\uDE00"}`},
		{`{"grade":"grave","earlier":2}`, " {\t\"earlier\" : 2 ,\r\n\"grade\":\"\\u0067rave\"} "},
		{`{}`, `{"reader":null,"grade":null}`},
	} {
		var first []byte
		for _, text := range same {
			facts, err := book.Check("fine.amount", []byte(text))
			require.NoError(t, err, text)
			assert.Equal(t, "fine.amount", facts.Question().ID)
			data, err := facts.MarshalJSON()
			require.NoError(t, err)
			if first == nil {
				first = data
			}
			assert.Equal(t, string(first), string(data))
		}
	}
}

func TestFactsOfAnyKind(t *testing.T) {
	book := lend(t)
	want, err := book.Ask(t.Context(), "fine.amount", []byte(`{"grade":"grave","earlier":2,"apologised":false,"as_of":"2025-06-03T10:00:00+08:00"}`))
	require.NoError(t, err)
	amount, ok := want.Int("amount")
	require.True(t, ok, "%s", want.AppendJSON(nil, false))
	assert.Equal(t, int64(20), amount)
	type lent struct {
		Grade      string `json:"grade"`
		Earlier    int    `json:"earlier"`
		Apologised bool   `json:"apologised"`
		AsOf       string `json:"as_of"`
	}
	const asOf = "2025-06-03T10:00:00+08:00"
	for _, facts := range []any{map[string]any{"grade": "grave", "earlier": 2, "apologised": false, "as_of": asOf}, lent{"grave", 2, false, asOf}} {
		got, err := book.Ask(t.Context(), "fine.amount", facts)
		require.NoError(t, err)
		assert.Equal(t, string(want.AppendJSON(nil, false)), string(got.AppendJSON(nil, false)))
	}
	got, err := book.Ask(t.Context(), "fine.amount", nil)
	require.NoError(t, err)
	assert.Equal(t, policy.Undetermined, got.Verdict)

	refusedAs := func(code string, err error) {
		t.Helper()
		var refused *policy.FactError
		require.True(t, errors.As(err, &refused), "%v", err)
		assert.Equal(t, code, refused.Code)
	}
	_, err = book.Ask(t.Context(), "fine.amount", make(chan int))
	refusedAs("wrong_type", err)
	_, err = book.Ask(t.Context(), "fine.amount", []string{"grave"})
	refusedAs("wrong_type", err)

	others, err := book.Check("desk.open", []byte("{}"))
	require.NoError(t, err)
	_, err = book.Ask(t.Context(), "fine.amount", others)
	refusedAs("other_question", err)
	_, err = lend(t).Ask(t.Context(), "desk.open", others)
	refusedAs("other_question", err)
}

// Values of an answer by their types.
func TestValuesOfAnAnswer(t *testing.T) {
	book := lend(t)
	answer, err := book.Ask(t.Context(), "loan.clock",
		[]byte(`{"loan":{"kind":"book","lent_at":"2025-06-03T10:00:00+08:00","back_at":"2025-06-30T10:00:00+08:00"},"reader":"R","as_of":"2025-07-31T00:00:00+08:00"}`))
	require.NoError(t, err)
	assert.Equal(t, "on_time", answer.Verdict)
	assert.Equal(t, []string{"due_date", "limits"}, answer.Names())
	due, ok := answer.Date("due_date")
	assert.True(t, ok)
	assert.Equal(t, "2025-07-01", due.String())
	for _, name := range []string{"due_dat", "limits", "due_date.x", "", "limits.", "limits.renewals"} {
		_, ok = answer.Date(name)
		assert.False(t, ok, name)
	}
	_, ok = answer.Moment("due_date")
	assert.False(t, ok)
	_, _, ok = answer.Ratio("due_date")
	assert.False(t, ok)
	_, ok = answer.Words("due_date")
	assert.False(t, ok)
	_, ok = answer.Bool("due_date")
	assert.False(t, ok)

	refused, err := book.With(rulebook.AsOf(time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	early, err := refused.Ask(t.Context(), "loan.clock", []byte(`{"loan":{"kind":"book","lent_at":"2019-06-03T10:00:00+08:00"}}`))
	require.NoError(t, err)
	require.NotNil(t, early.Error)
	assert.Empty(t, early.Names())
	assert.Nil(t, early.Details())
	_, ok = early.Date("due_date")
	assert.False(t, ok)
}

// A word that was written by its label, or nearly so, is found, in either
// language; the words are told with their labels.
func TestWordsByTheirLabels(t *testing.T) {
	words := &policy.WordList{Words: []string{"install", "fault", "other"}, Labels: map[string]policy.Text{
		"install": {ZH: "安装开通", EN: "installation"}, "fault": {ZH: "故障维修", EN: "fault"}, "other": {ZH: "其他", EN: "any other kind"},
	}}
	const zh, en = "可写：install（安装开通）、fault（故障维修）、other（其他）", "llowed: install (installation), fault, other (any other kind)"
	for written, meant := range map[string]string{
		"安装开通": "install", " installation ": "install", "Installation": "install", "instal": "install", "安装开": "install",
		"any other kind": "other", "故障维修": "fault", "quite another thing": "", "": "",
	} {
		remedy := words.OneOf(written)
		if meant == "" {
			assert.Equal(t, zh, remedy.ZH, written)
			assert.Equal(t, "a"+en, remedy.EN, written)
			continue
		}
		assert.True(t, strings.HasPrefix(remedy.ZH, "是否指 "+meant) && strings.HasSuffix(remedy.ZH, "？"+zh), "%q: %s", written, remedy.ZH)
		assert.True(t, strings.HasPrefix(remedy.EN, "did you mean "+meant) && strings.HasSuffix(remedy.EN, "? A"+en), "%q: %s", written, remedy.EN)
	}
	assert.NotEmpty(t, new(policy.WordList).OneOf("x").ZH)
}
