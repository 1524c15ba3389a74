package mutate

import (
	"math/big"
	"regexp"
	"strings"
	"time"
)

// token is a piece of an expression or quantity that can be changed: the
// characters [from, to) of its text.
type token struct {
	kind     Kind
	from, to int
	old      string
	new      []string // what may stand there instead; "" takes it out
}

// lexeme finds the words and signs of expressions and quantities. What stands
// first wins: names swallow their digits, moments their dates. A text in
// quotes is one lexeme, so that nothing inside of it is touched.
var lexeme = regexp.MustCompile(
	`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'` + // quoted
		`|\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})?` + // moment
		`|\d{4}-\d{2}-\d{2}` + // date
		`|\d{1,2}:\d{2}` + // time of day
		`|\.?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*` + // name
		`|\d+(?:\.\d+)?%?` +
		`|<=|>=|==|!=|&&|\|\||<|>|!`)

// dayLexeme finds what a calendar is made of: dates, days of a year, times of day.
var dayLexeme = regexp.MustCompile(`\d{4}-\d{2}-\d{2}|\d{2}-\d{2}\b|\d{1,2}:\d{2}`)

// daysOf finds the days and times of day in a text of a calendar.
func daysOf(text string) []token {
	var all []token
	for _, at := range dayLexeme.FindAllStringIndex(text, -1) {
		t := token{from: runes(text[:at[0]]), to: runes(text[:at[1]]), old: text[at[0]:at[1]]}
		if t.kind, t.new = besides(t.old); len(t.new) > 0 {
			all = append(all, t)
		}
	}
	return all
}

// tokensOf finds what can be changed in an expression.
func tokensOf(text string) []token {
	var all []token
	found := lexeme.FindAllStringIndex(text, -1)
	for i, at := range found {
		word := text[at[0]:at[1]]
		t := token{from: runes(text[:at[0]]), to: runes(text[:at[1]]), old: word}
		previous := ""
		if i > 0 {
			previous = text[found[i-1][0]:found[i-1][1]]
		}
		switch {
		case word[0] == '"' || word[0] == '\'':
			continue
		case word[0] >= '0' && word[0] <= '9':
			t.kind, t.new = besides(word)
		default:
			t.kind, t.new = turned(word, previous)
		}
		if word == "not" || word == "!" { // with the blank behind it
			for t.to < runes(text) && strings.HasPrefix(text[at[1]:], " ") && t.to-t.from == runes(word) {
				t.to++
			}
		}
		if len(t.new) > 0 {
			all = append(all, t)
		}
	}
	return all
}

func runes(s string) int { return len([]rune(s)) }

// turned is what an operator may be mistaken for.
func turned(word, previous string) (Kind, []string) {
	switch word {
	case "<":
		return Comparison, []string{"<=", ">="}
	case "<=":
		return Comparison, []string{"<", ">"}
	case ">":
		return Comparison, []string{">=", "<="}
	case ">=":
		return Comparison, []string{">", "<"}
	case "==":
		return Comparison, []string{"!="}
	case "!=":
		return Comparison, []string{"=="}
	case "in":
		if previous != "not" { // else the not is taken out
			return Comparison, []string{"not in"}
		}
	case "and":
		return Logic, []string{"or"}
	case "or":
		return Logic, []string{"and"}
	case "&&":
		return Logic, []string{"||"}
	case "||":
		return Logic, []string{"&&"}
	case "not", "!":
		return Logic, []string{""}
	}
	return "", nil
}

// besides is what stands one unit before and after a number, date or time of
// day. The unit of a number is that of its last decimal place.
func besides(word string) (Kind, []string) {
	for _, layout := range []struct {
		written string
		unit    time.Duration
	}{{time.DateOnly, 24 * time.Hour}, {"01-02", 24 * time.Hour}, {"15:04", time.Minute}, {"2006-01-02T15:04:05Z07:00", time.Second}} {
		if t, err := time.Parse(layout.written, word); err == nil {
			return Date, []string{t.Add(-layout.unit).Format(layout.written), t.Add(layout.unit).Format(layout.written)}
		}
	}
	if word == "24:00" {
		return Date, []string{"23:59"}
	}
	digits, percent := strings.CutSuffix(word, "%")
	n, ok := new(big.Rat).SetString(digits)
	if !ok {
		return "", nil
	}
	places := 0
	if _, fraction, found := strings.Cut(digits, "."); found {
		places = len(fraction)
	}
	unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil))
	var all []string
	for _, x := range []*big.Rat{new(big.Rat).Sub(n, unit), new(big.Rat).Add(n, unit)} {
		if x.Sign() < 0 {
			continue
		}
		text := x.FloatString(places)
		if percent {
			text += "%"
		}
		all = append(all, text)
	}
	return Number, all
}

// listedWord finds a list that is written in an expression, of words alone.
var listedWord = regexp.MustCompile(`\[\s*"[^"\]]*"(?:\s*,\s*"[^"\]]*")*\s*\]`)

// listedWords are the words of such lists, each with the comma that goes with
// it. Of a list of one nothing is taken out.
func listedWords(text string) []token {
	var all []token
	for _, at := range listedWord.FindAllStringIndex(text, -1) {
		start := at[0] + 1
		words := strings.Split(text[start:at[1]-1], ",")
		for i, w := range words {
			from, to := start, start+len(w)
			switch {
			case len(words) == 1:
			case i == len(words)-1:
				from-- // the comma before it
			default:
				to++
			}
			if len(words) > 1 {
				all = append(all, token{kind: Part, from: runes(text[:from]), to: runes(text[:to]), old: strings.TrimSpace(w), new: []string{""}})
			}
			start += len(w) + 1
		}
	}
	return all
}
