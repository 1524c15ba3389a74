// Package numerals finds the numbers in a text of people: in digits, and in words
// of Chinese and English.
package numerals

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Numeral is a number where it stands in a text.
type Numeral struct {
	From, To int    // bytes of the text
	Text     string // as it stands there
	Digits   string // in plain digits, with a point where it has decimals: 1500, 0.1
}

var (
	inDigits  = regexp.MustCompile(`\d+(?:,\d{3})*(?:\.\d+)?`)
	inChinese = regexp.MustCompile(`[零〇一二两三四五六七八九十百千]+`)
	inEnglish = regexp.MustCompile(`(?i)[a-z]+(?:-[a-z]+)?`)
)

// In are the numerals of a text, in their order. Of English it knows those below
// a hundred and a hundred, ordinals up to the twelfth, once and twice; of Chinese
// those below ten thousand.
func In(text string) []Numeral {
	var all []Numeral
	find := func(pattern *regexp.Regexp, read func(string) (string, bool)) {
		for _, at := range pattern.FindAllStringIndex(text, -1) {
			word := text[at[0]:at[1]]
			if digits, ok := read(word); ok {
				all = append(all, Numeral{at[0], at[1], word, digits})
			}
		}
	}
	find(inDigits, func(word string) (string, bool) { return strings.ReplaceAll(word, ",", ""), true })
	find(inChinese, func(word string) (string, bool) { return written(Chinese(word)) })
	find(inEnglish, func(word string) (string, bool) { return written(english(strings.ToLower(word))) })
	slices.SortFunc(all, func(a, b Numeral) int { return cmp.Compare(a.From, b.From) })
	return all
}

// Has reports whether a text has a number, which is given in plain digits.
func Has(text, digits string) bool {
	return slices.ContainsFunc(In(text), func(n Numeral) bool { return n.Digits == digits })
}

func written(n int, ok bool) (string, bool) { return strconv.Itoa(n), ok }

// Chinese reads a number below ten thousand: 三十, 两百, 一百零五. It is false for
// what is none, such as figures one after the other.
func Chinese(text string) (int, bool) {
	units := map[rune]int{'十': 10, '百': 100, '千': 1000}
	figures := map[rune]int{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	total, figure, some := 0, 0, false
	for _, r := range text {
		if unit, ok := units[r]; ok {
			if !some {
				figure = 1
			}
			total, figure, some = total+figure*unit, 0, false
			continue
		}
		x, ok := figures[r]
		if !ok || some && x != 0 && figure != 0 {
			return 0, false
		}
		figure, some = x, true
	}
	return total + figure, text != ""
}

var (
	ones     = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	ordinals = strings.Fields("- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
	tens     = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
	others   = map[string]int{"once": 1, "twice": 2, "hundred": 100}
)

// english reads a word of lower-case letters.
func english(word string) (int, bool) {
	for _, list := range [][]string{ones, ordinals} {
		if i := slices.Index(list, word); i >= 0 {
			return i, true
		}
	}
	if n, ok := others[word]; ok {
		return n, true
	}
	const base = 10
	ten, one, both := strings.Cut(word, "-")
	i := slices.Index(tens, ten)
	if i < 0 || !both {
		return i * base, i >= 0
	}
	k := slices.Index(ones, one)
	return i*base + k, k > 0 && k < base
}
