package editor

import (
	"regexp"
	"slices"
	"strings"
)

// surroundings are where in a file a place is, found by looking at the lines above
// it: a file that is being typed in is seldom in order.
type surroundings struct {
	// path are the keys that lead there, "[]" for an item of a list. Of a place
	// where a key is written it leads to the map around it.
	path  []string
	isKey bool   // a key is being written, or could be
	text  string // of the key or value, up to the place
	by    string // what chooses, where the map around it is a choice
}

// mostLines is how many lines above a place are looked at for the start of a
// value that goes over several.
const mostLines = 40

// keyForm is a key at the beginning of a line, with what follows it.
var keyForm = regexp.MustCompile(`^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'#{}\[\],&*!|>%@-][^:#]*?|-[^\s:#][^:#]*?)[ \t]*:(?:[ \t]+(.*)|)$`)

// yamlLine is a line taken apart.
type yamlLine struct {
	dash  int    // the column of the first dash of a list; -1 for none
	col   int    // that of what follows
	key   string // "" where the line has none
	value string // what follows the colon, or all of it
	text  string // from col on
}

func lineOf(text string) yamlLine {
	text = strings.TrimRight(text, "\r\n")
	l := yamlLine{dash: -1, col: len(text) - len(strings.TrimLeft(text, " "))}
	rest := text[l.col:]
	for rest == "-" || strings.HasPrefix(rest, "- ") {
		if l.dash < 0 {
			l.dash = l.col
		}
		trimmed := strings.TrimLeft(rest[1:], " ")
		l.col += len(rest) - len(trimmed)
		rest = trimmed
	}
	l.text, l.value = rest, rest
	if m := keyForm.FindStringSubmatch(rest); m != nil {
		l.key, l.value = unquoted(m[1]), m[2]
	}
	return l
}

func unquoted(key string) string {
	if len(key) >= 2 && (key[0] == '"' || key[0] == '\'') && key[len(key)-1] == key[0] {
		return key[1 : len(key)-1]
	}
	return strings.TrimSpace(key)
}

// empty reports whether a line says nothing.
func (l yamlLine) empty() bool { return l.text == "" && l.dash < 0 || strings.HasPrefix(l.text, "#") }

// contextAt finds out where a place is.
func contextAt(text string, offset int) surroundings {
	offset = min(max(offset, 0), len(text))
	lines := strings.Split(text[:offset], "\n")
	last := len(lines) - 1
	first, flow := flowStart(lines)
	here := lineOf(lines[first])
	if !flow && here.key == "" {
		if at, ok := blockStart(lines, here); ok {
			first, here = at, lineOf(lines[at])
			c := surroundings{path: append(pathAbove(lines[:at], here), here.key)}
			value := here.value
			if blockMark.MatchString(value) {
				value = ""
			}
			c.text = strings.TrimSpace(value + " " + strings.Join(lines[at+1:last], " ") + " " + strings.TrimLeft(lines[last], " "))
			if strings.HasSuffix(lines[last], " ") {
				c.text += " "
			}
			return c
		}
	}
	c := surroundings{path: pathAbove(lines[:first], here)}
	value := here.value
	if here.key != "" {
		c.path = append(c.path, here.key)
	} else {
		c.isKey = true
	}
	c.text = value
	if first < last {
		value += " " + strings.Join(lines[first+1:], " ")
	}
	if value != "" && (value[0] == '{' || value[0] == '[') {
		c.isKey = false
		c.inFlow(value)
		return c
	}
	if value != "" && !c.isKey && (value[0] == '"' || value[0] == '\'') {
		c.text = value[1:]
	}
	if c.isKey {
		c.by = byAbove(lines, here)
	}
	return c
}

var blockMark = regexp.MustCompile(`^[|>][+-]?[0-9]?\s*(?:#.*)?$`)

// flowStart is the line on which the brackets around the end of the lines
// begin, and whether there are any.
func flowStart(lines []string) (first int, flow bool) {
	last := len(lines) - 1
	if openBrackets(lineOf(lines[last]).value) > 0 {
		first, flow = last, true
	}
	if !flow {
		first = last
	}
	for at := last - 1; at >= max(0, last-mostLines); at-- {
		l := lineOf(lines[at])
		if l.empty() {
			continue
		}
		if l.value != "" && (l.value[0] == '{' || l.value[0] == '[') && openBrackets(l.value+" "+strings.Join(lines[at+1:], " ")) > 0 {
			return at, true
		}
		if l.key != "" && !strings.HasSuffix(strings.TrimSpace(l.text), ",") {
			break
		}
	}
	return first, flow
}

// openBrackets is how many brackets of a value are not closed; none where it
// does not begin with one, or that one is closed and something else follows.
func openBrackets(value string) int {
	if value == "" || value[0] != '{' && value[0] != '[' {
		return 0
	}
	open, over := 0, false
	eachMark(value, func(_ int, c byte) {
		switch c {
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
		over = over || open == 0
	})
	if over {
		return 0
	}
	return open
}

// eachMark visits the bytes of a value that are not in quotes.
func eachMark(value string, visit func(i int, c byte)) {
	quote := byte(0)
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" {[,:", value[i-1]) >= 0):
			quote = c
		default:
			visit(i, c)
		}
	}
}

// blockStart is the line of the key whose text the last line goes on with.
func blockStart(lines []string, here yamlLine) (int, bool) {
	if here.dash >= 0 {
		return 0, false
	}
	for at := len(lines) - 2; at >= max(0, len(lines)-1-mostLines); at-- {
		l := lineOf(lines[at])
		if l.text == "" && l.dash < 0 || l.col >= here.col {
			continue
		}
		return at, l.key != "" && l.value != "" && !strings.HasPrefix(l.value, "#")
	}
	return 0, false
}

// pathAbove are the keys above a line.
func pathAbove(lines []string, here yamlLine) []string {
	var path []string
	col, dashed := here.col, false
	step := func(l yamlLine) {
		if l.dash >= 0 {
			path = append(path, "[]")
			col, dashed = l.dash, true
		}
	}
	step(here)
	for at := len(lines) - 1; at >= 0 && (col > 0 || dashed); at-- {
		l := lineOf(lines[at])
		switch {
		case l.empty():
		case l.dash >= 0 && l.col == col && !dashed: // the first line of the item
			step(l)
		case l.dash >= 0 && l.dash >= col: // another item
		case l.key != "" && (l.col < col || dashed && l.col == col && l.dash < 0):
			path = append(path, l.key)
			col, dashed = l.col, false
			step(l)
		}
	}
	slices.Reverse(path)
	return path
}

// byAbove is what chooses in the map that the last line is in.
func byAbove(lines []string, here yamlLine) string {
	for at := len(lines) - 2; at >= max(0, len(lines)-mostLines); at-- {
		l := lineOf(lines[at])
		switch {
		case l.empty():
		case l.col < here.col:
			return ""
		case l.col == here.col && l.key == "by":
			return strings.TrimSpace(l.value)
		}
	}
	return ""
}

// level is a bracket that is open.
type level struct {
	isMap bool
	key   string // before whose value we are; "" before a key
	start int    // of the entry
	by    string
}

// inFlow finds the place at the end of a value in brackets.
func (c *surroundings) inFlow(value string) {
	var open []level
	eachMark(value, func(i int, b byte) {
		top := len(open) - 1
		switch {
		case b == '{' || b == '[':
			open = append(open, level{isMap: b == '{', start: i + 1})
		case (b == '}' || b == ']') && top >= 0:
			open = open[:top]
		case top < 0:
		case b == ',':
			if open[top].key == "by" {
				open[top].by = strings.TrimSpace(value[open[top].start:i])
			}
			open[top].key, open[top].start = "", i+1
		case b == ':' && open[top].isMap && open[top].key == "" && (i+1 == len(value) || value[i+1] == ' '):
			open[top].key, open[top].start = unquoted(strings.TrimSpace(value[open[top].start:i])), i+1
		}
	})
	if len(open) == 0 {
		c.text = ""
		return
	}
	for i, l := range open {
		switch {
		case !l.isMap:
			c.path = append(c.path, "[]")
		case l.key != "":
			c.path = append(c.path, l.key)
		case i == len(open)-1:
			c.isKey, c.by = true, l.by
		}
	}
	c.text = strings.TrimLeft(value[open[len(open)-1].start:], " ")
	if c.text != "" && (c.text[0] == '"' || c.text[0] == '\'') && !c.isKey {
		c.text = c.text[1:]
	}
}
