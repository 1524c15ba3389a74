package source

import "strings"

// pieceKind is what a piece of a line is.
type pieceKind uint8

const (
	plainPiece  pieceKind = iota // a key or a value without quotes
	quotedPiece                  // in quotes that are closed
	openPiece                    // from a quote that is not closed on the line, to its end
	markPiece                    // one of , : { } [ ] - ?
	notePiece                    // a comment
)

// piece is a stretch of a line.
type piece struct {
	kind     pieceKind
	from, to int    // in the text of the file
	text     string // as it stands
	depth    int    // of brackets, before it
}

// pieces takes a line apart as YAML would if the line stood alone and its
// brackets were those of the line: keys, values, marks and comments. It is
// only a guess, for a line within a block or a longer text is no such thing.
func (l line) pieces() []piece {
	var all []piece
	text, depth := l.text, 0
	add := func(kind pieceKind, from, to int) {
		all = append(all, piece{kind, l.at + from, l.at + to, text[from:to], depth})
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t':
			i++
		case c == '#' && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t'):
			add(notePiece, i, len(text))
			return all
		case c == '"' || c == '\'':
			if end := quoteEnd(text, i); end > 0 {
				add(quotedPiece, i, end)
				i = end
			} else {
				add(openPiece, i, len(text))
				return all
			}
		case strings.IndexByte("{[", c) >= 0:
			add(markPiece, i, i+1)
			depth++
			i++
		case strings.IndexByte("}]", c) >= 0:
			depth--
			add(markPiece, i, i+1)
			i++
		case c == ',' && depth > 0:
			add(markPiece, i, i+1)
			i++
		case strings.IndexByte(":-?", c) >= 0 && (i+1 == len(text) || text[i+1] == ' ' || c == ':' && depth > 0 && strings.IndexByte(",}]", text[i+1]) >= 0):
			add(markPiece, i, i+1)
			i++
		default:
			end := plainEnd(text, i, depth)
			add(plainPiece, i, end)
			i = end
		}
	}
	return all
}

// quoteEnd is where a text in quotes ends, 0 where it does not on its line.
func quoteEnd(text string, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && text[i] == '"':
			j++
		case text[j] == text[i] && text[i] == '\'' && strings.HasPrefix(text[j:], "''"):
			j++
		case text[j] == text[i]:
			return j + 1
		}
	}
	return 0
}

// plainEnd is where a text without quotes ends: before a colon and a space, a
// comment, and within brackets also before a comma or a bracket.
func plainEnd(text string, i, depth int) int {
	end := i + 1
	for j := i; j < len(text); j++ {
		switch c := text[j]; {
		case c == ' ' || c == '\t':
			continue
		case c == '#' && j > i && text[j-1] == ' ':
			return end
		case c == ':' && j > i && (j+1 == len(text) || text[j+1] == ' '):
			return end
		case depth > 0 && strings.IndexByte(",{}[]", c) >= 0 && j > i:
			return end
		}
		end = j + 1
	}
	return end
}

// leavesOpen reports whether a line has a quote or bracket that is not closed
// on it, or closes one that is not opened on it.
func (l line) leavesOpen() bool {
	depth := 0
	for _, p := range l.pieces() {
		switch {
		case p.kind == openPiece:
			return true
		case p.kind != markPiece:
		case p.text == "{" || p.text == "[":
			depth++
		case p.text == "}" || p.text == "]":
			if depth--; depth < 0 {
				return true
			}
		}
	}
	return depth != 0
}

// valueAt is where the value of a line begins, behind dashes and its key; -1
// where there is no key.
func (l line) valueAt() int {
	for i, p := range l.pieces() {
		if p.kind == markPiece && p.text == ":" && i > 0 && p.depth == 0 {
			rest := l.text[p.to-l.at:]
			return p.to + len(rest) - len(strings.TrimLeft(rest, " \t"))
		}
	}
	return -1
}

// inQuotes writes a text in quotes on one line: in double ones where that
// needs no escape, as people are used to them, else in single ones.
func inQuotes(text string) string {
	if !strings.ContainsAny(text, `"\`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// short reports whether a remedy can show a text whole.
func short(text string) bool { return len([]rune(text)) <= 80 }
