package source

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/numerals"
)

// What people write around a length, or in place of one, as it stands in a text
// or in another program.
var (
	// No more than the length is what most places mean anyway. "Less than" is not
	// among these: it does not have the length itself in it.
	boundBefore = regexp.MustCompile(`^(?i:at most |up to |no more than |not more than |no later than |within |<= ?|≤ ?|不超过|不得超过|至多|最多|最长)`)
	endBehind   = regexp.MustCompile(`(?:[以之]?内|\.|。| (?:after|from|of) .*)$`)

	oneBefore    = regexp.MustCompile(`^(?i:an?) `)
	ordinal      = regexp.MustCompile(`(?i:first|second|third|th|once|twice|thrice)$`)
	halfHour     = regexp.MustCompile(`^(?i:(?:half an|half|a half) hour|半个?小时|半个?钟头)$`)
	andHalfHour  = regexp.MustCompile(`^([0-9]{1,6})个半(?:小时|钟头)$`)
	calledLength = regexp.MustCompile(`^([a-z]+)\(([0-9]{1,9})\)$`)
	isoLength    = regexp.MustCompile(`^P(?:T([0-9]{1,9})([HMS])|([0-9]{1,9})([DWMY]))$`)
	twoLengths   = regexp.MustCompile(`^([0-9]{1,6} ?\pL+),?(?: and)? ?([0-9]{1,6} ?\pL+)$`)
	numberedUnit = regexp.MustCompile(`^([0-9]{1,9}) ?(\pL.*)$`)
)

var isoUnits = map[string]string{"H": "hours", "M": "minutes", "S": "seconds", "D": "days", "W": "weeks", "_M": "months", "_Y": "years"}

// lengthMeant is the length that was probably meant by a text that is none: as
// long, in digits, and without what stands around it. It is "" where another may
// be meant. Bare says that something around it was left out.
func lengthMeant(text string) (length string, bare bool) {
	text = strings.TrimSpace(narrow(text))
	inner := strings.TrimSpace(endBehind.ReplaceAllString(boundBefore.ReplaceAllString(text, ""), ""))
	bare = inner != text
	inner = oneBefore.ReplaceAllString(inner, "1 ")
	switch n := numerals.In(inner); {
	case halfHour.MatchString(inner):
		return inUnitOf(inner, 30, "minutes", "分钟"), bare
	case len(n) > 0 && n[0].From == 0 && n[0].Digits != n[0].Text && isInteger(n[0].Digits) && !ordinal.MatchString(n[0].Text):
		inner = n[0].Digits + inner[n[0].To:]
	}
	if m := andHalfHour.FindStringSubmatch(inner); m != nil {
		n, _ := strconv.ParseInt(m[1], 10, 64)
		return withUnit(60*n+30, "分钟"), bare
	}
	if m := calledLength.FindStringSubmatch(inner); m != nil {
		inner = m[2] + " " + strings.ReplaceAll(m[1], "_", " ")
	}
	if m := isoLength.FindStringSubmatch(inner); m != nil {
		unit := isoUnits[m[2]]
		if m[4] != "" {
			if unit = isoUnits["_"+m[4]]; unit == "" {
				unit = isoUnits[m[4]]
			}
		}
		inner = m[1] + m[3] + " " + unit
	}
	if m := twoLengths.FindStringSubmatch(inner); m != nil {
		return togetherMeant(inner, m[1], m[2]), bare
	}
	q, word, ok := readAsMeant(inner)
	if !ok || q.N == 0 {
		return "", false
	}
	return withUnit(q.N, word), bare
}

// QuantityMeant is the length that was probably meant by a text that is none, such
// as 二十四小时 or PT24H; false where another may be meant.
func QuantityMeant(text string) (Quantity, bool) {
	length, _ := lengthMeant(text)
	q, err := ParseQuantity(length)
	return q, length != "" && err == nil
}

// readAsMeant reads a length whose unit may be abbreviated, and says which word
// for its unit was meant.
func readAsMeant(text string) (q Quantity, word string, ok bool) {
	m := numberedUnit.FindStringSubmatch(text)
	if m == nil || !isInteger(m[1]) {
		return Quantity{}, "", false
	}
	word = m[2]
	if other := abbreviations[strings.ToLower(word)]; other != "" {
		word = other
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	unit := unitNamed(word)
	return Quantity{N: n, Unit: unit}, word, unit != 0 && n <= unit.limit()
}

// togetherMeant is one length in place of two that are added: 1 hour 30 minutes is
// 90 minutes. It is "" where a unit has no length of its own.
func togetherMeant(text, first, second string) string {
	x, _, _ := readAsMeant(first)
	y, _, _ := readAsMeant(second)
	long, okX := x.Duration()
	short, okY := y.Duration()
	seconds := int64((long + short).Seconds())
	switch {
	case !okX || !okY || x.Unit >= y.Unit || seconds == 0, seconds > 60*MaxMinutes: // the longer unit stands first
		return ""
	case seconds%60 == 0:
		return inUnitOf(text, seconds/60, "minutes", "分钟")
	}
	return inUnitOf(text, seconds, "seconds", "秒")
}

// inUnitOf is so many of a unit, in the language of a text.
func inUnitOf(text string, n int64, en, zh string) string {
	if last, _ := utf8.DecodeLastRuneInString(text); last >= utf8.RuneSelf {
		return withUnit(n, zh)
	}
	return withUnit(n, en)
}

// remedyOf says what to write instead of a text that is no length, where that is
// clear; false where it is not.
func remedyOf(text string) (diagnostic.Text, bool) {
	length, bare := lengthMeant(text)
	if length == "" {
		return diagnostic.Text{}, false
	}
	if bare {
		return diagnostic.Textf("只写时长：%s", "only the length stands here: write %s", length), true
	}
	return diagnostic.Textf("写 %s", "write %s", length), true
}

// wholeMeant says what to write instead of a length whose number has decimals.
func wholeMeant(number string, unit Unit) (remedy diagnostic.Text, all bool) {
	if minutes, ok := inMinutes(number, unit); ok {
		return diagnostic.Textf("写整数：%d 分钟即 %[1]d minutes", "write a whole number: %d minutes", minutes), true
	}
	if hours, ok := whole(number, 24); ok && unit == CalendarDays {
		return diagnostic.Textf("天数写整数；指小时的，写 %d hours", "days are whole; where hours are meant, write %d hours", hours), true
	}
	return diagnostic.Textf("只写整数；不是整数的，换成更小的单位来写", "write a whole number; what is no whole number of these, say it in a smaller unit"), false
}

// whole is a number in decimals times another, where that is whole and above 0.
func whole(number string, times int64) (int64, bool) {
	if !plainDecimal.MatchString(number) || len(number) > 10 {
		return 0, false
	}
	_, fraction, _ := strings.Cut(number, ".")
	scale := int64(1)
	for range fraction {
		scale *= 10
	}
	n, _ := strconv.ParseInt(strings.ReplaceAll(number, ".", ""), 10, 64)
	return n * times / scale, n*times%scale == 0 && n > 0
}
