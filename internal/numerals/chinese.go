package numerals

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	chineseRun = regexp.MustCompile(`^[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬億廿卅]+`)
	// shareOf is in front of a share of a hundred, a thousand or ten thousand.
	shareOf = regexp.MustCompile(`^([百千万])分之(?:[\d０-９]|[零〇一二两三四五六七八九十百千])`)
	// spoken are words that have a numeral in them and no number.
	spoken = regexp.MustCompile(`^(?:十分(?:[^钟之]|$)|万一|万分(?:[^之]|$)|千万(?:[^元人件户吨名次]|$)|千[克米瓦帕赫伏字兆卡]|百分(?:[^之]|$)|百姓|百货|[万亿](?:[^元]|$))`)

	// What formal and older characters stand for.
	simple = strings.NewReplacer("壹", "一", "贰", "二", "叁", "三", "肆", "四", "伍", "五", "陆", "六", "柒", "七", "捌", "八", "玖", "九", "拾", "十", "佰", "百", "仟", "千", "萬", "万", "億", "亿", "〇", "零", "两", "二", "廿", "二十", "卅", "三十")

	powers        = map[rune]int{'十': 1, '百': 2, '千': 3, '万': 4, '萬': 4, '亿': 8, '億': 8}
	chineseDigits = []rune("零一二三四五六七八九")
)

// inChinese reads a number in Chinese: 三十, 二十万, 一百五, 百分之五.
func inChinese(text string, at int) (Numeral, bool) {
	if m := shareOf.FindStringSubmatch(text[at:]); m != nil {
		from := at + len(m[1]+"分之")
		n, ok := inDigits(text, from)
		if !ok {
			n, ok = wholeChinese(text, from)
		}
		if ok {
			power := map[string]int{"百": 0, "千": -1, "万": -2}[m[1]]
			return Numeral{To: n.To, Digits: shifted(n.Digits, power)}, true
		}
	}
	return wholeChinese(text, at)
}

func wholeChinese(text string, at int) (Numeral, bool) {
	run := chineseRun.FindString(text[at:])
	if run == "" || spoken.MatchString(text[at:]) {
		return Numeral{}, false
	}
	if before := text[:at]; strings.HasSuffix(before, "几") || strings.HasSuffix(before, "数") {
		if _, unit := powers[[]rune(run)[0]]; unit { // 几十, 数百
			return Numeral{}, false
		}
	}
	n, ok := Chinese(run)
	return Numeral{To: at + len(run), Digits: strconv.FormatInt(n, 10)}, ok
}

// Chinese reads a whole number below ten thousand times 亿: 三十, 两百, 一百零五, 二十万.
// A last figure without a unit counts the next smaller one, unless 零 stands in front:
// 一百五 is 150. It is false for what is none, such as figures one after the other.
func Chinese(text string) (int64, bool) {
	text = simple.Replace(text)
	if text == "零" {
		return 0, true
	}
	return composed([]rune(text), true, '亿', '万')
}

// composed reads a number that has units each of which multiplies all in front of
// it, the largest first. Only at the end may the last figure be without a unit.
func composed(text []rune, end bool, units ...rune) (int64, bool) {
	if len(units) == 0 {
		return section(text, end)
	}
	i := len(text) - 1
	for i >= 0 && text[i] != units[0] {
		i--
	}
	if i < 0 {
		return composed(text, end, units[1:]...)
	}
	unit := int64(1)
	for range powers[units[0]] {
		unit *= 10
	}
	n := int64(1) // 万 alone
	if i > 0 {
		var ok bool
		if n, ok = composed(text[:i], false, units[1:]...); !ok || n == 0 {
			return 0, false
		}
	}
	n *= unit
	rest := text[i+1:]
	switch {
	case len(rest) == 0:
		return n, true
	case end && len(rest) == 1 && figureOf(rest[0]) > 0:
		return n + figureOf(rest[0])*unit/10, true
	}
	if rest[0] == '零' {
		rest = rest[1:]
	}
	if len(rest) == 0 || powers[rest[0]] > 1 { // 万百
		return 0, false
	}
	more, ok := composed(rest, end, units[1:]...)
	return n + more, ok && more > 0 && more < unit
}

// section reads a number below ten thousand.
func section(text []rune, end bool) (int64, bool) {
	total, last := int64(0), int64(10_000) // what was counted last
	for i := 0; i < len(text); {
		skips := text[i] == '零'
		if skips {
			if i == 0 {
				return 0, false
			}
			i++
		}
		figure := int64(1) // 百 alone, and 十 in front or behind a unit
		if i < len(text) && figureOf(text[i]) > 0 {
			figure = figureOf(text[i])
			i++
		} else if i == len(text) || text[i] != '十' && i > 0 {
			return 0, false
		}
		unit := int64(1)
		switch {
		case i < len(text):
			for range powers[text[i]] {
				unit *= 10
			}
			if unit == 1 {
				return 0, false
			}
			i++
		case last < 10_000 && !skips:
			if unit = last / 10; unit > 1 && !end {
				return 0, false
			}
		}
		if unit >= last || skips && unit >= last/10 { // 零 says that a unit is left out
			return 0, false
		}
		total, last = total+figure*unit, unit
	}
	return total, total > 0
}

// figureOf is the figure that a character is; -1 for none.
func figureOf(r rune) int64 { return int64(slices.Index(chineseDigits, r)) }
