package numerals

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What each text says, and nothing else.
func TestNumbersOfATextAreThese(t *testing.T) {
	for text, want := range map[string]string{
		"处二十万元以上一百万元以下的罚款":      "200000 1000000",
		"罚款 20 万元，5 千元，3 千克，7 ": "200000 5000 3 7",
		"罚款20万元": "200000",
		"1.5亿元、2亿3000万元、3千元、5百元、1万5千元、1万5":    "150000000 230000000 3000 500 15000 15000",
		"10万元至20万元，超过5万的部分":                   "100000 200000 50000",
		"一百五，两千五，三万五，一亿二":                     "150 2500 35000 120000000",
		"一百零五，一千零五，一千零五十，一万零五，一万零五百":          "105 1005 1050 10005 10500",
		"两千元，两万三千五百元，一百一十五，一百十五，十五":           "2000 23500 115 115 15",
		"一万亿、三千万、五百万、百元、万元":                   "1000000000000 30000000 5000000 100 10000",
		"人民币伍佰元整，贰拾万圆，壹萬元":                    "500 200000 10000",
		"按日加收万分之五的滞纳金，百分之三十，千分之三，百分之零":        "0.05 30 0.3 0",
		"百分之20，万分之5，百分之百":                     "20 0.05 100",
		"几十元，数百人，十分满意，万一，千万不要，老百姓，万分感谢，五个百分点": "5",
		"二三十元，三五天，三四百元，一百百，二〇二六":              "",
		"５个工作日，２０万元":                          "5 200000",
		"5千克，3千米，5百分点":                        "5 3 5",
		"十分钟，十分之一，第一百二十三条":                    "10 10 1 123",
		"二十万零五百元，十万零五千，一亿零一":                  "200500 105000 100000001",
		"1万20000": "10000 20000",

		"two hundred euro":                                                                     "200",
		"a hundred and five days":                                                              "105",
		"A Hundred and five Days; one hundred":                                                 "105 100",
		"two hundred and fifty, two hundred fifty":                                             "250 250",
		"twelve hundred, two thousand five hundred, a thousand and one":                        "1200 2500 1001",
		"one million two hundred thousand":                                                     "1200000",
		"two hundred thousand; a hundred and five thousand":                                    "200000 105000",
		"one hundred and five hundred":                                                         "100 500",
		"between a hundred and two hundred":                                                    "100 200",
		"between one hundred and five thousand":                                                "100 5000",
		"Between twenty and thirty":                                                            "20 30",
		"five and twenty, one and two":                                                         "5 20 1 2",
		"two dozen, a dozen":                                                                   "24 12",
		"2 million, 1.5 million, 5 hundred, 24 hours":                                          "2000000 1500000 500 24",
		"20 000 000 EUR, 2026 100, 12 0001":                                                    "20000000 2026 100 12 0001",
		"EUR 10\u00a0000 or 1,500.50":                                                          "10000 1500.50",
		"the twenty-first, the thirtieth, the two hundred and fifth":                           "21 30 205",
		"a five-day period, a twenty-four-hour line, two-hundred-day":                          "5 24 200",
		"one-way, two-fold, twenty one-way streets, five hundred one-way tickets, third-party": "20 500",
		"two\nhundred days":                                                                    "200",
		"often, a few, an hour, tend":                                                          "",
		"fivé, étwo":                                                                           "",
	} {
		var got []string
		for _, n := range In(text) {
			assert.Equal(t, n.Text, text[n.From:n.To])
			got = append(got, n.Digits)
		}
		assert.Equal(t, want, strings.Join(got, " "), text)
	}
	assert.True(t, Has("5.0小时", "5"))
	assert.True(t, Has("5小时", "5.00"))
	assert.True(t, Has("万分之五", "0.050"))
	assert.False(t, Has("50小时", "5"))
}

// chineseOf and englishOf write numbers, and share nothing with what reads them.
func chineseOf(n int64) string {
	figures := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	if n < 20 && n >= 10 {
		return "十" + figures[n-10]
	}
	for _, u := range []struct {
		is   int64
		name string
	}{{100_000_000, "亿"}, {10_000, "万"}, {1000, "千"}, {100, "百"}, {10, "十"}} {
		if n < u.is {
			continue
		}
		text, rest := chineseOf(n/u.is)+u.name, n%u.is
		switch {
		case rest == 0:
			return text
		case rest < u.is/10:
			text += "零"
		case u.is == 100 && rest < 20:
			text += "一"
		}
		return text + chineseOf(rest)
	}
	return figures[n]
}

func englishOf(n int64) string {
	for _, u := range []struct {
		is   int64
		name string
	}{{1_000_000_000, "billion"}, {1_000_000, "million"}, {1000, "thousand"}, {100, "hundred"}} {
		if n < u.is {
			continue
		}
		text, rest := englishOf(n/u.is)+" "+u.name, n%u.is
		switch {
		case rest == 0:
			return text
		case rest < 100:
			return text + " and " + englishOf(rest)
		}
		return text + " " + englishOf(rest)
	}
	small := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	if n < 20 {
		return small[n]
	}
	text := strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety")[n/10-2]
	if n%10 > 0 {
		text += "-" + small[n%10]
	}
	return text
}

// spokenOf says a number as people do, where its last figure alone says of what:
// 一百五 for 150.
func spokenOf(n int64) (string, bool) {
	for _, x := range []struct {
		is   int64
		name string
	}{{10_000_000, "千万"}, {1000, "千"}, {100, "百"}, {10, "十"}} {
		// Where a unit is left out in front of it, as in 一千零五十, it has to be said.
		follows := x.is >= 1000 || n/x.is/10%10 != 0
		if n%x.is == 0 && n%(10*x.is) != 0 && n > 10*x.is && follows {
			return strings.TrimSuffix(chineseOf(n), x.name), true
		}
	}
	return "", false
}

// A number that is written in words is read as that number, whole.
func TestWordsSayTheirNumber(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	check := func(n int64) {
		texts := []string{chineseOf(n), strings.ReplaceAll(chineseOf(n), "二百", "两百"), englishOf(n), strings.ReplaceAll(englishOf(n), " and ", " "), strings.ToUpper(englishOf(n))}
		if n%10_000 == 0 && n > 0 {
			texts = append(texts, strconv.FormatInt(n/10_000, 10)+"万", strconv.FormatInt(n/1000, 10)+" thousand")
		}
		if spoken, ok := spokenOf(n); ok {
			texts = append(texts, spoken)
		}
		for _, text := range texts {
			for _, around := range []string{"", "元", " days"} {
				found := In("不超过" + text + around)
				if len(found) != 1 || found[0].Digits != strconv.FormatInt(n, 10) || found[0].Text != text {
					t.Fatalf("%d is %q: %v", n, text, found)
				}
			}
		}
	}
	for n := range int64(2_500) {
		if n > 0 { // 零 and zero
			check(n)
		}
	}
	for range 1000 {
		n := random.Int64N(1_000_000_000_000)
		for range random.IntN(10) {
			n -= n % [...]int64{10, 100, 1000, 10_000, 100_000_000}[random.IntN(5)]
		}
		if n > 0 {
			check(n)
		}
		check(n%1_000_000 + 1)
	}
}

// Whatever is read of a few characters of numerals is one of the ways in which
// people write that number.
func TestNothingElseIsANumber(t *testing.T) {
	alphabet := []string{"零", "一", "五", "十", "百", "千", "万"}
	normal := func(text string) string {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "零", ""), "一十", "十")
		for _, unit := range []string{"百", "千", "万"} {
			if strings.HasPrefix(text, unit) {
				text = "一" + text
			}
		}
		return text
	}
	read := 0
	var try func(text string, left int)
	try = func(text string, left int) {
		if n, ok := Chinese(text); ok && n > 0 {
			read++
			spoken, _ := spokenOf(n)
			if x := normal(text); x != normal(chineseOf(n)) && x != normal(spoken) {
				t.Fatalf("%s is read as %d", text, n)
			}
		}
		if left > 0 {
			for _, x := range alphabet {
				try(text+x, left-1)
			}
		}
	}
	try("", 6)
	assert.Greater(t, read, 500)
}

func TestHostileText(t *testing.T) {
	for _, text := range []string{"百分之", "一", "万", "亿", "1万", "9", "1,000", "20 000 ", "five ", "hundred ", "hundred and ", "a ", "between ", "-", "one-", "十", "零", "\xff", "1.", "２"} {
		long := strings.Repeat(text, 20_000)
		for _, n := range In(long) {
			assert.Equal(t, n.Text, long[n.From:n.To])
		}
	}
}
