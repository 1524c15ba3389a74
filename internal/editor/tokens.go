package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a piece of an expression that may be a name. From and to count the
// characters of the expression's text.
type token struct {
	text     string
	from, to int
	quoted   bool // within quotation marks, which are not part of it
	member   bool // behind a dot that stands alone: a field of an element
	call     bool // before an opening bracket
}

// tokensOf are the names and the quoted words of an expression, names with the
// dots in them as one: request.kind, ladder.levels, time_limit/6.
func tokensOf(text string) []token {
	runes := []rune(text)
	var all []token
	for i := 0; i < len(runes); {
		switch r := runes[i]; {
		case r == '"' || r == '\'' || r == '`':
			end := i + 1
			for end < len(runes) && runes[end] != r {
				if runes[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end, len(runes))
			all = append(all, token{text: string(runes[i+1 : max(i+1, end)]), from: i + 1, to: end, quoted: true})
			i = end + 1
		case isNameRune(r) || r == '.' && i+1 < len(runes) && isNameStart(runes[i+1]):
			from, member := i, r == '.'
			if member {
				i, from = i+1, i+1
			}
			for i < len(runes) && (isNameRune(runes[i]) || (runes[i] == '.' || runes[i] == '/') && i+1 < len(runes) && isNameRune(runes[i+1])) {
				i++
			}
			next := i
			for next < len(runes) && runes[next] == ' ' {
				next++
			}
			all = append(all, token{text: string(runes[from:i]), from: from, to: i, member: member, call: next < len(runes) && runes[next] == '('})
		default:
			i++
		}
	}
	return all
}

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func isNameRune(r rune) bool { return isNameStart(r) || r >= '0' && r <= '9' }

// segment is a part of a dotted name, with its place in it in characters.
type segment struct {
	text     string
	from, to int
}

// segments are the parts of a dotted name.
func segments(name string) []segment {
	var all []segment
	at := 0
	for part := range strings.SplitSeq(name, ".") {
		n := utf8.RuneCountInString(part)
		all = append(all, segment{part, at, at + n})
		at += n + 1
	}
	return all
}
