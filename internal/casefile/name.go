package casefile

import (
	"strings"
	"unicode"
)

// between stands between the halves of a name in both languages, and before what
// tells the row of a table.
const between = " / "

// TextIn is the name or the note of a case in a language, where it is written in
// both as “中文 / English”, and the language that it is in: zh, en or "" where
// nothing tells. A code before the Chinese, as in “AC-1 中文 / English”, and the
// row of a table behind the English belong to both.
func TextIn(text, lang string) (in, language string) {
	chinese, rest, two := strings.Cut(text, between)
	english, row, hasRow := strings.Cut(rest, between)
	switch {
	case !two || !hasHan(chinese) || hasHan(english):
		switch {
		case hasHan(text):
			return text, "zh"
		case strings.ContainsFunc(text, unicode.IsLetter):
			return text, "en"
		}
		return text, ""
	case lang == "zh":
		in = chinese
	default:
		in = english
		if code, _, ok := strings.Cut(chinese, " "); ok && !hasHan(code) && !strings.HasPrefix(english, code) {
			in = code + " " + english
		}
		row = strings.ReplaceAll(row, "、", ", ")
	}
	if hasRow {
		in += between + row
	}
	if lang == "zh" {
		return in, "zh"
	}
	return in, "en"
}

func hasHan(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}
