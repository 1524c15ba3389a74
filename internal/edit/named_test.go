package edit_test

import (
	"testing"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
)

// An article may be written as answers and people call it.
func TestArticlesAsPeopleCallThem(t *testing.T) {
	for _, place := range []string{"店规第1条 天数.is", "店规第一条 days.is", "shop第1条 days.is", "店规 第 1 条 天数.is", "店规/1 天数.is"} {
		got, err := changed(t, place, "4", "")
		require.NoError(t, err, place)
		assert.Equal(t, "-is: 5 # working days\n+is: 4 # working days", got, place)
	}
	for _, place := range []string{"店规第二条 天数.is", "店规第1.1条 天数.is", "第1条 天数.is", "别的第1条 天数.is"} {
		_, err := changed(t, place, "4", "")
		require.Error(t, err, place)
	}
}

// What is called nearly so, or stands elsewhere, is told.
func TestRemediesNameWhatIsMeant(t *testing.T) {
	for _, c := range []struct{ place, zh, en string }{
		{"店规/1 天.is", "是否指 days（天数）？", "did you mean days?"},
		{"shop/1 dayz.is", "是否指 days（天数）？", "did you mean days?"},
		{"days", "shop/1 days", "shop/1 days"},
		{"天数.is", "写明它属于哪一条：shop/1 days", "say of which article it is: shop/1 days"},
		{"1 天数.is", "shop/1 days", "shop/1 days"},
		{"店/1 days.is", "是否指 shop（店规）？", "did you mean shop?"},
		{"nothing.is", "可写：rulebook, readings, regulations", "allowed: rulebook, readings, regulations"},
	} {
		_, err := changed(t, c.place, "4", "")
		var d diagnostic.Diagnostic
		require.ErrorAs(t, err, &d, c.place)
		assert.Contains(t, d.Remedy.ZH, c.zh, c.place)
		assert.Contains(t, d.Remedy.EN, c.en, c.place)
	}
}

// Readings and their options may be named by their labels, or by the words with
// which no other begins.
func TestReadingsByTheirLabels(t *testing.T) {
	on := date.MustParse(date.ISO8601, "2026-02-03")
	for _, c := range [][2]string{{"late.fee", "high"}, {"怎样算", "高"}, {"怎", "high"}, {"how", "hi"}, {"late.fee", "高"}} {
		f, err := open(t, small).Decide(c[0], c[1], "综合部", on, 0)
		require.NoError(t, err, c)
		assert.Contains(t, string(f.Data), "    chosen: high # for now\n    decided: {by: 综合部, on: 2026-02-03}\n", c)
	}
	for _, c := range [][3]string{{"late.fee", "中", "可写：low（低）, high（高）"}, {"late.fee", "", "可写：low（低）, high（高）"}, {"怎么算", "高", "late.fee（怎样算）"}} {
		_, err := open(t, small).Decide(c[0], c[1], "综合部", on, 0)
		var d diagnostic.Diagnostic
		require.ErrorAs(t, err, &d, c)
		assert.Contains(t, d.Remedy.ZH, c[2], c)
	}
}

// A list on one line becomes one of several by date as a whole.
func TestListsFromADay(t *testing.T) {
	const text = "rulebook: {in_force: {from: 2020-01-01}}\nregulations:\n  shop:\n    articles:\n      \"1\":\n        ladders:\n          fine:\n            rows: [{from: 1, amount: 20}] # both\n            more:\n            - a\n"
	f := open(t, text)
	set := func(place, value string) (string, error) {
		p, err := f.Find(place)
		require.NoError(t, err)
		after, err := f.Set(p, value, date.MustParse(date.ISO8601, "2026-01-01"))
		if err != nil {
			return "", err
		}
		return string(after.Data), nil
	}
	got, err := set("shop/1 fine.rows", "[{from: 1, amount: 30}]")
	require.NoError(t, err)
	assert.Contains(t, got, "rows: {by: date, 2020-01-01: [{from: 1, amount: 20}], 2026-01-01: [{from: 1, amount: 30}]} # both\n")
	got, err = set("shop/1 fine.rows", "[{from: 1, amount: 20}]")
	require.NoError(t, err)
	assert.Equal(t, text, got)
	for place, value := range map[string]string{"shop/1 fine.rows": "30", "shop/1 fine.more": "[b]"} {
		_, err = set(place, value)
		require.Error(t, err, place)
	}
}

// The reason of a reading is pointed at where another option is chosen.
func TestReasonOfAReading(t *testing.T) {
	f := open(t, "readings:\n  fee:\n    options: {low: {zh: 低, en: low}, high: {zh: 高, en: high}}\n    chosen: low\n    why: {zh: 从轻, en: lenient}\n")
	line, why := f.Reason("fee", "高", "zh")
	assert.Equal(t, 5, line)
	assert.Equal(t, "从轻", why)
	for _, option := range []string{"low", "低", "nothing"} {
		line, _ = f.Reason("fee", option, "zh")
		assert.Zero(t, line, option)
	}
}
