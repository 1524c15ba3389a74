package edit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the article and its rule are called, and their notes, are looked at as well;
// what is said itself is not.
func TestStaleLabelsAndNotes(t *testing.T) {
	text := strings.Replace(small, "title: {zh: 一, en: one}", "title: {zh: 5日, en: five days}\n        text: {zh: 五日内。, en: In time.}\n        note: {zh: 从前不是五日。, en: Once it was not five.}", 1)
	f := open(t, text)
	p, err := f.Find("shop/1 days.is")
	require.NoError(t, err)
	var found []string
	for _, s := range f.StaleText(p, "4 working days") {
		found = append(found, s.In+" "+s.Number)
	}
	assert.Equal(t, []string{"text 五", "title 5", "note 五", "note five"}, found)
	p, err = f.Find("shop/1 note.zh")
	require.NoError(t, err)
	assert.Empty(t, f.StaleText(p, "从前不是四日。"))
}

// An article's text that still says the old number is pointed at; another number
// that only has the same digits is not.
func TestStaleText(t *testing.T) {
	for _, x := range []struct{ text, old, now, want string }{
		{"{zh: 五个工作日内办结。, en: Within five working days.}", "5 working days", "4 working days", "五 five"},
		{"{zh: 5个工作日内办结。, en: Within 5 working days.}", "5 working days", "4 working days", "5 5"},
		{"{zh: 十五个工作日内办结。, en: Within 15 working days.}", "5 working days", "4 working days", ""},
		{"{zh: 十五个工作日内办结。, en: Within fifteen working days.}", "15 working days", "12 working days", "十五 fifteen"},
		{"{zh: 依第五条办结。, en: By 1.5 or 55.}", "5 working days", "4 working days", ""},
		{"{zh: 两日内；罚五十元。, en: Within two days.}", "2 days", "3 days", "两 two"},
		{"{zh: 罚二十五元。, en: A fine of twenty-five yuan.}", "25", "30", "二十五 twenty-five"},
		{"{zh: 罚二百元。, en: A fine of 200 yuan.}", "200", "300", "二百 200"},
		{"{zh: 五个工作日。, en: Five days.}", "5 days", "5 working days", ""},
		{"{zh: 五个工作日。, en: Five days.}", "{by: date, 2020-01-01: 3 days, 2024-01-01: 5 days}", "4 days", "五 Five"},
	} {
		f := open(t, strings.Replace(strings.Replace(small, "title: {zh: 一, en: one}", "title: {zh: 一, en: one}\n        text: "+x.text, 1), "is: 5 # working days", "is: "+x.old, 1))
		p, err := f.Find("shop/1 days.is")
		require.NoError(t, err)
		var found []string
		for _, s := range f.StaleText(p, x.now) {
			found = append(found, s.Number)
			assert.Equal(t, 17, s.Line, x.text)
		}
		assert.Equal(t, x.want, strings.Join(found, " "), x.text)
	}
}
