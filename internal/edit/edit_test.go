package edit_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/edit"
)

const small = `# kept
rulebook: {id: shop, title: {zh: 店, en: shop}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}}
readings:
  late.fee:
    article: shop/1
    asks: {zh: 怎样算, en: how}
    options: {low: {zh: 低, en: low}, high: {zh: 高, en: high}} # both
    chosen: low # for now
regulations:
  shop:
    zh: 店规
    en: rules of the shop
    articles:
      "1":
        nature: deadline
        title: {zh: 一, en: one}
        figures:
          fee: {zh: 费, en: fee, is: {by: late.fee, low: 10, high: "20"}} # a fee
          days:
            zh: 天数
            en: days
            is: 5 # working days
          rate:
            is:
              by: date
              2020-01-01: 1
              2024-01-01: 2 # raised
          long:
            is: >-
              a == "b" and
              c
          young: {from: 2023-05-01, is: 7}
`

func open(t *testing.T, text string) *edit.File {
	t.Helper()
	f, err := edit.Open("rules.yaml", []byte(text))
	require.NoError(t, err)
	return f
}

// changed are the lines that an edit makes different, - out and + in.
func changed(t *testing.T, place, text, from string) (string, error) {
	t.Helper()
	f := open(t, small)
	p, err := f.Find(place)
	if err != nil {
		return "", err
	}
	var day date.Date
	if from != "" {
		day = date.MustParse(date.ISO8601, from)
	}
	after, err := f.Set(p, text, day)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, l := range edit.Lines([]byte(small), after.Data) {
		sign := "-"
		if l.Added {
			sign = "+"
		}
		lines = append(lines, sign+strings.TrimSpace(l.Text))
	}
	return strings.Join(lines, "\n"), nil
}

func TestSet(t *testing.T) {
	for _, c := range []struct{ place, text, from, want string }{
		{"shop/1 days.is", "4", "", "-is: 5 # working days\n+is: 4 # working days"},
		{"shop.days.is", "4", "2026-01-01", "-is: 5 # working days\n+is: {by: date, 2020-01-01: 5, 2026-01-01: 4} # working days"},
		{`regulations.shop.articles."1".figures.days.is`, "4", "", "-is: 5 # working days\n+is: 4 # working days"},
		{"shop/1 fee.is.high", "30", "", `-fee: {zh: 费, en: fee, is: {by: late.fee, low: 10, high: "20"}} # a fee` + "\n" + `+fee: {zh: 费, en: fee, is: {by: late.fee, low: 10, high: "30"}} # a fee`},
		{"shop/1 fee.is.low", "12", "2026-01-01", `-fee: {zh: 费, en: fee, is: {by: late.fee, low: 10, high: "20"}} # a fee` + "\n" +
			`+fee: {zh: 费, en: fee, is: {by: late.fee, low: {by: date, 2020-01-01: 10, 2026-01-01: 12}, high: "20"}} # a fee`},
		{"shop/1 rate.is", "3", "2026-01-01", "+2026-01-01: 3"},
		{"shop/1 rate.is", "4", "2024-01-01", "-2024-01-01: 2 # raised\n+2024-01-01: 4 # raised"},
		{"shop/1 rate.is.2020-01-01", "9", "", "-2020-01-01: 1\n+2020-01-01: 9"},
		{"shop/1 long.is", `a == "c, d"`, "2026-01-01", "-is: >-\n-a == \"b\" and\n-c\n" + `+is: {by: date, 2020-01-01: a == "b" and c, 2026-01-01: 'a == "c, d"'}`},
		{"shop/1 young.is", "8", "2026-01-01", "-young: {from: 2023-05-01, is: 7}\n+young: {from: 2023-05-01, is: {by: date, 2023-05-01: 7, 2026-01-01: 8}}"},
		{"shop/1 title.en", "first: one", "", "-title: {zh: 一, en: one}\n+title: {zh: 一, en: 'first: one'}"},
		{"shop/1 days.when", "a", "", "+when: a"},
		{`readings."late.fee".chosen`, "high", "", "-chosen: low # for now\n+chosen: high # for now"},
	} {
		got, err := changed(t, c.place, c.text, c.from)
		if assert.NoError(t, err, c.place) {
			assert.Equal(t, c.want, got, "%s %s", c.place, c.from)
		}
	}
}

// Regulations and rules are found by their labels in any language of the rulebook,
// also where several read the same; a label of several names none of them.
func TestRulesByTheirLabels(t *testing.T) {
	const rules = `regulations:
  mill: {zh: 磨坊, en: shop rules, articles: {}}
  yard: {zh: 磨坊, en: yard, articles: {}}
  shop:
    zh: 店规
    en: shop rules
    de: Die Ladenordnung
    articles:
      "1":
        figures:
          limit: {zh: SLA, en: SLA, is: 4}
          answer: {zh: 答复, de: Antwort, is: 5}
          first: {zh: 同名, en: first, is: 6}
          second: {zh: 第二, en: 同名, is: 7}
`
	value := func(head string, tags []string, place string) string {
		f := open(t, head+rules)
		f.InLanguages(tags)
		p, err := f.Find(place)
		if err != nil {
			return ""
		}
		return p.Node.Text
	}
	german := "rulebook: {languages: [zh, de]}\n"
	for _, c := range []struct {
		head  string
		tags  []string
		place string
		want  string
	}{
		{"", nil, "shop/1 SLA.is", "4"},
		{"", nil, "shop.SLA.is", "4"},
		{"", nil, "shop/1 Antwort.is", ""},
		{german, nil, "shop/1 Antwort.is", "5"},
		{german, nil, "shop.Antwort.is", "5"},
		{"", []string{"zh", "de"}, "shop/1 Antwort.is", "5"},
		{german, nil, "shop/1 同名.is", "6"}, // the other is so called in no language of the book
		{"", nil, "shop/1 同名.is", ""},
		{"", nil, "店规/1 SLA.is", "4"},
		{"", nil, "店规/1 答复.is", "5"},
		{"", nil, "shop rules/1 SLA.is", ""}, // another is so called as well
		{"rulebook: {languages: [zh]}\n", nil, "shop rules/1 SLA.is", ""},
		{german, nil, "Laden Ordnung/1 Antwort.is", ""},
		{"rulebook: {languages: [de]}\n", nil, "Die Ladenordnung/1 Antwort.is", "5"},
		{"", nil, "Die Ladenordnung/1 SLA.is", ""},
		{german, nil, "Die Ladenordnung/1 SLA.is", "4"},
	} {
		assert.Equal(t, c.want, value(c.head, c.tags, c.place), "%+v", c)
	}
}

func TestSetIsRefused(t *testing.T) {
	for _, c := range []struct{ place, text, from, code, remedy string }{
		{"shop/1 dayz.is", "4", "", edit.CodeUnknownPlace, "did you mean days?"},
		{"shop/2 days.is", "4", "", edit.CodeUnknownPlace, "allowed: 1"},
		{"shp/1 days.is", "4", "", edit.CodeUnknownPlace, "did you mean shop?"},
		{"店铺/1 days.is", "4", "", edit.CodeUnknownPlace, "allowed: shop"},
		{"shop.dayz.is", "4", "", edit.CodeUnknownPlace, "did you mean days?"},
		{"reading.x", "4", "", edit.CodeUnknownPlace, "did you mean readings?"},
		{"shop/1 days", "4", "", edit.CodeNotOneValue, "zh, en, is"},
		{"shop/1 fee.is", "4", "", edit.CodeNotOneValue, ".low"},
		{"shop/1 rate.is", "4", "", edit.CodeNotOneValue, "--from"},
		{"shop/1 rate.is", "4", "2022-01-01", edit.CodeWrongDate, "--from 2024-01-01"},
		{"shop/1 days.is", "4", "2020-01-01", edit.CodeWrongDate, "leave out --from"},
		{"shop/1 young.is", "4", "2023-05-01", edit.CodeWrongDate, "leave out --from"},
		{"shop/1 days.when", "4", "2026-01-01", edit.CodeUnknownPlace, "without --from"},
		{"shop/1 days.is", "{a", "", "edit_refused", "quotes"},
	} {
		_, err := changed(t, c.place, c.text, c.from)
		var d diagnostic.Diagnostic
		require.ErrorAs(t, err, &d, c.place)
		assert.Equal(t, c.code, d.Code, c.place)
		assert.Contains(t, d.Remedy.EN, c.remedy, c.place)
		assert.NotEmpty(t, d.Message.ZH)
		assert.NotEmpty(t, d.Remedy.ZH)
	}
}

func TestDecide(t *testing.T) {
	on := date.MustParse(date.ISO8601, "2026-02-03")
	f, err := open(t, small).Decide("late.fee", "high", "综合部", on, 0)
	require.NoError(t, err)
	assert.Contains(t, string(f.Data), "    chosen: high # for now\n    decided: {by: 综合部, on: 2026-02-03}\nregulations:")
	again, err := f.Decide("late.fee", "high", "a: b", on, 0)
	require.NoError(t, err)
	assert.Contains(t, string(again.Data), "    chosen: high # for now\n    decided: {by: 'a: b', on: 2026-02-03}\n")
	later, err := f.Decide("late.fee", "low", "x", on, date.MustParse(date.ISO8601, "2027-01-01"))
	require.NoError(t, err)
	assert.Contains(t, string(later.Data), "chosen: {by: date, 2020-01-01: high, 2027-01-01: low} # for now\n")
	_, err = f.Decide("late.fees", "low", "x", on, 0)
	require.ErrorContains(t, err, "no reading")
}

// On a whole rulebook: what is set is in the file that loads, and nothing else
// is different.
func TestSetInTheRulebook(t *testing.T) {
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	f, err := edit.Open("rules.yaml", data)
	require.NoError(t, err)
	p, err := f.Find("time_limit/6 install_urban.within")
	require.NoError(t, err)
	f, err = f.Set(p, "4 个工作日", date.MustParse(date.ISO8601, "2026-01-01"))
	require.NoError(t, err)
	lines := edit.Lines(data, f.Data)
	require.Len(t, lines, 2)
	assert.Contains(t, lines[1].Text, "{by: date, 2011-05-20: 5 working days, 2026-01-01: 4 个工作日}")
	f, err = f.Decide("ladder.hall_boundary", "ge3", "综合部", date.MustParse(date.ISO8601, "2026-02-03"), 0)
	require.NoError(t, err)
	book, err := rulebook.Parse("rules.yaml", f.Data)
	require.NoError(t, err)
	r, _ := book.Rulebook().Reading("ladder.hall_boundary")
	assert.Equal(t, "综合部", r.DecidedBy)
}

// Where another file says from when the rulebook is in force, that day is told;
// where nobody does, no value is made one by date.
func TestSetFromInAFileOfSeveral(t *testing.T) {
	f := open(t, "regulations:\n  shop:\n    articles:\n      \"1\":\n        figures:\n          days: {is: 5}\n")
	p, err := f.Find("shop/1 days.is")
	require.NoError(t, err)
	from := date.MustParse(date.ISO8601, "2026-01-01")
	_, err = f.Set(p, "4", from)
	require.ErrorContains(t, err, "in force")
	f.InForceFrom(date.MustParse(date.ISO8601, "2020-01-01"))
	f, err = f.Set(p, "4", from)
	require.NoError(t, err)
	assert.Contains(t, string(f.Data), "{by: date, 2020-01-01: 5, 2026-01-01: 4}")
}

// Of long texts lines are compared with those of the same number.
func TestLinesOfLongTexts(t *testing.T) {
	long := strings.Repeat("a\n", 3000)
	before, after := "x\n"+long+"y\n", "z\n"+long+"w\n"
	assert.Equal(t, []edit.Line{{1, false, "x"}, {3002, false, "y"}, {1, true, "z"}, {3002, true, "w"}}, edit.Lines([]byte(before), []byte(after)))
	assert.Len(t, edit.Lines([]byte(before), []byte("z\n"+long+"w\nw\n")), 2*3002+1)
}

// A file without regulations, such as one of a branch, has none to name.
func TestNoRegulations(t *testing.T) {
	_, err := open(t, "rulebook: {id: branch}\n").Find("shop/1 days.is")
	require.Error(t, err)
}
