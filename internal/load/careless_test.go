package load_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Careless edits of the library's rules, as people make them: each has one
// finding, at the place that is marked «so», which says what to write.
func TestCarelessEdits(t *testing.T) {
	rules := library(t)
	for name, c := range map[string]struct{ find, write, zh, en string }{
		// characters that look right
		"full-width digits":                   {"days: 5 days}", "days: «５ days»}", "写 5 days", "5 days"},
		"a full-width span of hours":          {"hours: [09:00-12:00, 14", "hours: [«09:00－12:00», 14", "09:00-12:00", "09:00-12:00"},
		"full-width brackets":                 {"prohibited: [noise, food]", "prohibited: «【noise, food】»", "写 [noise, food]", "write [noise, food]"},
		"a Cyrillic letter":                   {"holds: loan.excused", "holds: loan.«excus\u0435d»", "别的文字的字母", "a letter of another alphabet"},
		"an invisible character":              {"  grade: {slight: {", "  grade: {«slight\u200b»: {", "看不见的字符 U+200B", "the invisible character U+200B"},
		"no comma between two names":          {"prohibited: [noise, food]", "prohibited: [«noise food»]", "noise, food", "noise, food"},
		"the label of a fact for its name":    {"base: visitors", "base: «到馆人数»", "写 visitors", "visitors"},
		"a word without quotes":               {`when: loan.kind == "book"`, `when: loan.kind == «book»`, `词要加引号："book"`, `quote the word: "book"`},
		"a fact in quotes":                    {"count: complaints\n", "count: '«\"complaints\"»'\n", "写 complaints", "write complaints"},
		"an operator turned round":            {"loan.renewals <= 3", "loan.renewals «=<» 3", "写 <=", "write <="},
		"a decimal comma":                     {"loan.renewals <= 3", "loan.renewals <= 2«,»5", "写 2.5", "write 2.5"},
		"a decimal comma within braces":       {"rows: [{from: 1, amount: 5}", "rows: [{from: 1, amount: «5,5»}", "写 .：5.5", "a point before decimals: 5.5"},
		"a length in Chinese numerals":        {"days: 5 days}", "days: «十五天»}", "写 15天", "write 15天"},
		"two units in one length":             {"days: 5 days}", "days: 1 «hour 30 minutes»}", "写 90 minutes", "write 90 minutes"},
		"days joined by 至":                    {"2027: {rest: [01-01..01-03, 10-01]", "2027: {rest: [«1月1日至01-03», 10-01]", "写 01-01..01-03", "write 01-01..01-03"},
		"weekdays cut short":                  {"weekend: [saturday, sunday]", "weekend: [«Sat», sunday]", "是否指 saturday", "did you mean saturday"},
		"weekdays in one text":                {"weekend: [saturday, sunday]", "weekend: «星期六、星期日»", "[saturday, sunday]", "[saturday, sunday]"},
		"hours told as of a clock on a wall":  {"hours: [09:00-12:00, 14", "hours: [«上午9点至12点», 14", "09:00-12:00", "09:00-12:00"},
		"the clock of Beijing":                {"zone: Asia/Shanghai", "zone: «北京时间»", "Asia/Shanghai", "Asia/Shanghai"},
		"a type of another language":          {"earlier times, type: count", "earlier times, type: «integer»", "是否指 count", "did you mean count"},
		"a percentage in words":               {"loan.renewals <= 3", "loan.renewals <= «300 percent»", "写 300%", "write 300%"},
		"not in front of a word":              {`when: loan.kind == "book"`, `when: loan.kind «not» "book"`, "写 !=", "write !="},
		"a separator of thousands":            {"rows: [{from: 1, amount: 5}", "rows: [{from: 1, amount: «5,000»}", "写 5000", "5000"},
		"the day before the month":            {"2027: {rest: [01-01..01-03, 10-01]", "2027: {rest: [01-01..01-03, «31-10»]", "写 10-31", "write 10-31"},
		"a rule one level too deep":           {"          quiet_kept:\n", "            «quiet_kept»:\n", "缩进得比它深", "indent the lines"},
		"an empty wording":                    {"{zh: 喧哗的罚款。, en: Noise is fined.}", "{«zh»: , en: Noise is fined.}", "zh 的文字是空的", "the zh wording is empty"},
		"an article that an expression names": {"when: loan.renewals > 0", "when: loan.renewals > 0 and «\"lending/99\"» != \"lending/1\"", "lending/99", "lending/99"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(rules, c.find), "must stand once")
			marked := strings.Replace(rules, c.find, c.write, 1)
			text := strings.NewReplacer("«", "", "»", "").Replace(marked)
			found := foundIn(text)
			require.Len(t, found, 1, "%v", found)
			d := found[0]
			assert.Contains(t, d.Message.ZH+d.Remedy.ZH, c.zh)
			assert.Contains(t, d.Message.EN+d.Remedy.EN, c.en)
			checkWording(t, d)
			if before, behind, ok := strings.Cut(marked, "«"); ok {
				inside, _, _ := strings.Cut(behind, "»")
				assert.Equal(t, position(before), d.Span.Start, "%v", d)
				assert.Equal(t, position(before+inside), d.Span.End, "%v", d)
			}
		})
	}
}
