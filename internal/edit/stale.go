package edit

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

// Stale is a line of an article's text that still says a number which a rule of
// the article no longer has.
type Stale struct {
	Line   int
	Number string // as it stands there
}

var numbers = regexp.MustCompile(`[0-9]+`)

// StaleText finds, in the text of the article that a place is in, the numbers
// that the value there had and that the new one does not have.
func (f *File) StaleText(p *Place, text string) []Stale {
	if p.Node == nil {
		return nil
	}
	var article *source.Node
	for n := p.Node; n != nil && article == nil; n = n.Parent() {
		if n.Kind == source.Map && n.Get("text") != nil && n.Get("nature") != nil {
			article = n
		}
	}
	if article == nil || within(p.Node, article.Get("text")) {
		return nil
	}
	var all []Stale
	for _, number := range numbers.FindAllString(oldValue(p.Node), -1) {
		if number == "0" || slices.Contains(numbers.FindAllString(text, -1), number) {
			continue
		}
		all = append(all, saying(article.Get("text"), number)...)
	}
	return all
}

// oldValue is the value that holds before the edit: the last one of a choice by
// date.
func oldValue(n *source.Node) string {
	if n.Kind == source.Map && n.Get("by") != nil && len(n.Entries) > 1 {
		n = n.Entries[len(n.Entries)-1].Value
	}
	return n.Text
}

func within(n, of *source.Node) bool {
	for ; n != nil; n = n.Parent() {
		if n == of {
			return true
		}
	}
	return false
}

// saying are the lines of a wording that say a number, in digits or in words.
func saying(text *source.Node, number string) []Stale {
	if text.Kind == source.Map {
		var all []Stale
		for _, e := range text.Entries {
			all = append(all, saying(e.Value, number)...)
		}
		return all
	}
	for _, word := range inWords(number) {
		pattern := regexp.QuoteMeta(word)
		if word[0] < 0x80 { // of letters or digits, as a word of its own
			pattern = `(?i)(?:^|[^0-9A-Za-z.])` + pattern + `(?:$|[^0-9A-Za-z.]|\.(?:$|[^0-9]))`
		} else {
			pattern = `(?:^|[^第零〇一二两三四五六七八九十百千万])` + pattern + `(?:$|[^零〇一二两三四五六七八九十百千万])`
		}
		if at := regexp.MustCompile(pattern).FindStringIndex(text.Text); at != nil {
			before := len([]rune(text.Text[:at[0]]))
			return []Stale{{Line: text.SpanAt(before, before+1).Start.Line, Number: word}}
		}
	}
	return nil
}

// inWords are the ways in which people write a whole number: in digits, in
// Chinese and in English up to 99.
func inWords(digits string) []string {
	all := []string{digits}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 99 {
		return all
	}
	const chinese = "零一二三四五六七八九"
	digit := func(i int) string { return string([]rune(chinese)[i]) }
	zh := digit(n % 10)
	switch {
	case n >= 20 && n%10 == 0:
		zh = digit(n/10) + "十"
	case n >= 20:
		zh = digit(n/10) + "十" + zh
	case n == 10:
		zh = "十"
	case n > 10:
		zh = "十" + zh
	}
	all = append(all, zh)
	if n == 2 {
		all = append(all, "两")
	}
	small := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens := strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")
	switch {
	case n < 20:
		return append(all, small[n])
	case n%10 == 0:
		return append(all, tens[n/10])
	}
	return append(all, tens[n/10]+"-"+small[n%10])
}
