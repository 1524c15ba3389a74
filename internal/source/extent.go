package source

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The functions below walk the source of a scalar. Each calls emit, where it
// is not nil, with every character that the source stands for and the bytes
// it stands in, and returns the offset just behind the scalar.
type emitter func(r rune, from, to int)

func (e emitter) call(r rune, from, to int) {
	if e != nil {
		e(r, from, to)
	}
}

// breaks measures the run of blanks and line breaks at i: where it ends and
// how many lines it crosses.
func breaks(text string, i int) (end, lines int) {
	for end = i; end < len(text); end++ {
		switch text[end] {
		case '\n':
			lines++
		case ' ', '\t', '\r':
		default:
			return end, lines
		}
	}
	return end, lines
}

// fold emits what a run of blanks and line breaks stands for within a quoted
// or plain scalar: one break is a space, each further break itself.
func fold(emit emitter, from, to, lines int) {
	if lines == 1 {
		emit.call(' ', from, to)
	}
	for range lines - 1 {
		emit.call('\n', from, to)
	}
}

// plain walks an unquoted scalar. Only the library knows where it ends (that
// depends on the context), so its value leads the way; a piece of source that
// does not agree with it ends the walk.
func plain(text string, i int, value string, emit emitter) int {
	end := i
	for j := 0; j < len(value); {
		if i >= len(text) {
			return end
		}
		if c := text[i]; c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			after, lines := breaks(text, i)
			if lines > 0 {
				fold(emit, i, after, lines)
				j += max(1, lines-1)
				i = after
				continue
			}
			if !strings.HasPrefix(value[j:], text[i:after]) {
				return end
			}
			for ; i < after; i, j = i+1, j+1 {
				emit.call(rune(text[i]), i, i+1)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !strings.HasPrefix(value[j:], text[i:i+size]) {
			return end
		}
		emit.call(r, i, i+size)
		i, j = i+size, j+size
		end = i
	}
	return end
}

// quoted walks a scalar in the quotes that it begins with.
func quoted(text string, i int, emit emitter) int {
	quote := text[i]
	for i++; i < len(text); {
		switch c := text[i]; {
		case c == quote && quote == '\'' && strings.HasPrefix(text[i:], "''"):
			emit.call('\'', i, i+2)
			i += 2
		case c == quote:
			return i + 1
		case c == '\\' && quote == '"':
			if after, lines := breaks(text, i+1); lines > 0 && escapesBreak(text[i+1:]) {
				// The break is no part of the text, and neither are the blanks
				// that the next line begins with; further breaks stand as they are.
				for range lines - 1 {
					emit.call('\n', i, after)
				}
				i = after
				continue
			}
			r, size := unescape(text[i:])
			emit.call(r, i, i+size)
			i += size
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			after, lines := breaks(text, i)
			if lines > 0 {
				fold(emit, i, after, lines)
				i = after
				continue
			}
			for ; i < after; i++ {
				emit.call(rune(text[i]), i, i+1)
			}
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			emit.call(r, i, i+size)
			i += size
		}
	}
	return i
}

// escapes are the escapes of one letter in double quotes.
var escapes = [...]struct {
	letter byte
	stands rune
}{
	{'0', 0}, {'a', '\a'}, {'b', '\b'}, {'t', '\t'}, {'\t', '\t'}, {'n', '\n'}, {'v', '\v'}, {'f', '\f'},
	{'r', '\r'}, {'e', 0x1b}, {' ', ' '}, {'"', '"'}, {'\'', '\''}, {'\\', '\\'}, {'/', '/'},
	{'N', 0x85}, {'_', 0xa0}, {'L', '\u2028'}, {'P', '\u2029'},
}

// escapesBreak reports whether a line break directly follows a backslash.
func escapesBreak(text string) bool {
	return strings.HasPrefix(text, "\n") || strings.HasPrefix(text, "\r\n")
}

// unescape reads the escape at the beginning of text, -1 for none that there is.
func unescape(text string) (r rune, size int) {
	if len(text) < 2 {
		return -1, len(text)
	}
	digits := 0
	switch text[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	}
	if digits > 0 && len(text) >= 2+digits {
		if n, err := strconv.ParseUint(text[2:2+digits], 16, 32); err == nil && n <= utf8.MaxRune {
			return rune(n), 2 + digits
		}
	}
	for _, e := range escapes {
		if e.letter == text[1] {
			return e.stands, 2
		}
	}
	return -1, 2
}

// block walks a literal or folded scalar. It emits the lines as they stand,
// which is the text of a literal one; folded makes it that of a folded one.
// The end is just behind the last line that is not blank; the breaks and
// blank lines behind it belong to the margin.
func block(text string, i int, value string, emit emitter) int {
	start, header := i, text[i:]
	if n := strings.IndexByte(header, '\n'); n >= 0 {
		header = header[:n]
	}
	end := i + len(strings.TrimRight(header, "\r"))
	i += len(header) + 1
	first, inked := firstInk(value)
	if !inked {
		// Nothing but blanks: the indicators alone, without a note behind them.
		return start + indicators(header)
	}
	indent := -1
	for from := i; from < len(text); {
		line, next := text[from:], len(text)
		if n := strings.IndexByte(line, '\n'); n >= 0 {
			line, next = line[:n], from+n+1
		}
		line = strings.TrimSuffix(line, "\r")
		lead := len(line) - len(strings.TrimLeft(line, " "))
		blank := lead == len(line)
		if !blank && indent < 0 {
			indent = lead - first
		}
		if !blank && lead < indent {
			break
		}
		at := from + min(max(indent, 0), lead)
		if indent < 0 {
			at = from + lead
		}
		for k, r := range text[at : from+len(line)] {
			emit.call(r, at+k, at+k+utf8.RuneLen(r))
		}
		emit.call('\n', from+len(line), next)
		if !blank {
			end = from + len(line)
		}
		from = next
	}
	return end
}

// folded emits what the lines of a folded scalar stand for. The value leads the
// way, as it says which breaks became a space, which were kept and which were
// dropped; lines that do not agree with it are emitted as they stand.
func folded(value string, emit emitter) (lines emitter, end func()) {
	type char struct {
		r        rune
		from, to int
	}
	var held []char // breaks that no other character has followed yet
	left := value
	release := func() {
		kept := len(left) - len(strings.TrimLeft(left, "\n"))
		switch {
		case len(held) == 1 && strings.HasPrefix(left, " "):
			emit.call(' ', held[0].from, held[0].to)
			left = left[1:]
		default:
			// The first of several breaks is dropped, unless a line beside it
			// is indented further.
			kept = min(kept, len(held))
			for _, c := range held[len(held)-kept:] {
				emit.call(c.r, c.from, c.to)
			}
			left = left[kept:]
		}
		held = held[:0]
	}
	lines = func(r rune, from, to int) {
		if r == '\n' {
			held = append(held, char{r, from, to})
			return
		}
		release()
		emit.call(r, from, to)
		_, size := utf8.DecodeRuneInString(left)
		left = left[size:]
	}
	return lines, release
}

// firstInk is the number of spaces before the text of the first line that
// has any.
func firstInk(value string) (spaces int, found bool) {
	ink := strings.IndexFunc(value, func(r rune) bool { return r != ' ' && r != '\n' })
	if ink < 0 {
		return 0, false
	}
	return ink - (strings.LastIndexByte(value[:ink], '\n') + 1), true
}

// indicators is the length of the `|`, `>` and what belongs to it.
func indicators(header string) int {
	n := 1
	for n < len(header) && strings.IndexByte("+-0123456789", header[n]) >= 0 {
		n++
	}
	return n
}
