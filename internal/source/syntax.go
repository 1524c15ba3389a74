package source

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/diagnostic"
)

// maxSearched is the size of the largest file in which the place of a syntax
// error is searched for: the search parses parts of it about fifteen times.
const maxSearched = 512 << 10

var (
	errorLine    = regexp.MustCompile(`^(?:yaml: )?(?:line ([0-9]+): )?`)
	unknownAlias = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// oneTooLow are the library's errors that count lines from 0.
var oneTooLow = [...]string{
	"did not find expected <stream-start>",
	"did not find expected <document start>",
	"did not find expected node content",
	"did not find expected '-' indicator",
	"did not find expected key",
	"did not find expected ',' or ']'",
	"did not find expected ',' or '}'",
	"found duplicate %YAML directive",
	"found duplicate %TAG directive",
	"found incompatible YAML document",
	"found undefined tag handle",
}

// hint is what an error of the library usually comes from.
type hint struct {
	problem      string // as the library says it, or a part
	zh, en       string
	toDoZH, toDo string
}

var hints = [...]hint{
	{
		"mapping values are not allowed", "这里不能再有“键: 值”", "`key: value` cannot stand here",
		"文字里有冒号加空格时给文字加引号；否则检查缩进", "put text with a colon and a space in quotes; else check the indentation",
	},
	{
		"did not find expected key", "缩进或键不成立", "the indentation or a key is wrong",
		"与同级的键对齐；引号后面不能再接文字", "align it with the keys of its level; nothing may follow a closing quote",
	},
	{
		"did not find expected '-' indicator", "列表项没有对齐", "an item of the list is not aligned",
		"各项的“-”对齐", "align the dashes of the list",
	},
	{
		"did not find expected ',' or", "括号没有合上，或少了逗号", "a bracket is not closed, or a comma is missing",
		"补上括号或逗号；含括号、逗号、冒号的文字请加引号", "add the bracket or the comma; put text with brackets, commas or colons in quotes",
	},
	{
		"did not find expected node content", "括号里少了内容", "something is missing within the brackets",
		"补上内容，或删去多余的逗号和括号", "write it, or remove the extra comma or bracket",
	},
	{
		"could not find expected ':'", "键后面少了冒号", "a key without a colon",
		"写成“键: 值”，冒号后有空格", "write `key: value` with a space behind the colon",
	},
	{
		"found character that cannot start any token", "文字不能以这个字符开头", "text cannot begin with this character",
		"给该文字加引号", "put the text in quotes",
	},
	{
		"found unexpected end of stream", "引号或括号没有合上", "a quote or a bracket is not closed",
		"补上引号或括号", "close it",
	},
	{
		"found unknown escape character", "双引号里有不认识的转义", "an unknown escape in double quotes",
		`写作 \\，或改用单引号`, `write \\, or use single quotes`,
	},
	{
		"block sequence entries are not allowed", "这里不能有列表项", "a list item cannot stand here",
		"列表另起一行；以“-”加空格开头的文字请加引号", "begin the list on a line of its own; put text that begins with a dash in quotes",
	},
}

// refuse reports an error of the library at the best place that can be found.
func refuse(f *file, body []byte, err error, out *findings) {
	message := err.Error()
	place := errorLine.FindStringSubmatch(message)
	message = message[len(place[0]):]
	line, err := strconv.Atoi(place[1])
	if err == nil && slices.Contains(oneTooLow[:], message) {
		line++
	}
	refuseAt(f, body, max(line, 1), message, out)
}

func refuseAt(f *file, body []byte, line int, message string, out *findings) {
	if out.quick {
		return
	}
	if at := deepest(f); at >= 0 || strings.HasPrefix(message, "exceeded max depth") {
		b := builder{file: f, out: out}
		b.tooDeep(max(at, f.base))
		return
	}
	if m := unknownAlias.FindStringSubmatch(message); m != nil {
		from := max(findAlias(f.text, m[1]), f.base)
		out.add(CodeAlias, f.span(from, min(from+1+len(m[1]), len(f.text))),
			diagnostic.Textf("规则文件不用引用 *%s", "a rules file has no aliases such as *%s", m[1]),
			diagnostic.Text{ZH: "写出内容；以 * 开头的文字请加引号", EN: "write out what it stands for; put text that begins with * in quotes"})
		return
	}
	if message == "did not find expected key" || message == "did not find expected '-' indicator" {
		line = searchLine(body, line, message)
	}
	c := mergeConflict(f)
	if c == nil {
		if r := findRepair(f, line); r != nil {
			c = &r.cause
			for _, change := range r.changes {
				out.mend = append(out.mend, Replacement{change.from, change.to, change.with})
			}
		}
	}
	if c == nil {
		c = findCause(f, line)
	}
	if c != nil {
		out.add(CodeYAMLSyntax, f.span(c.from, c.to), c.what, c.remedy)
		return
	}
	what := diagnostic.Textf("YAML 语法错误（%s）", "not valid YAML (%s)", message)
	remedy := diagnostic.Text{ZH: "检查该行的缩进、引号、括号和冒号", EN: "check indentation, quotes, brackets and colons of this line"}
	for _, h := range hints {
		if strings.Contains(message, h.problem) {
			what = diagnostic.Text{
				ZH: fmt.Sprintf("%s（%s）", h.zh, message),
				EN: fmt.Sprintf("%s (%s)", h.en, message),
			}
			remedy = diagnostic.Text{ZH: h.toDoZH, EN: h.toDo}
			break
		}
	}
	if wideColon.MatchString(textOfLine(body, line)) {
		remedy = diagnostic.Text{ZH: "把全角冒号改成半角冒号加空格", EN: "write an ASCII colon and a space instead of the full-width colon"}
	}
	out.add(CodeYAMLSyntax, f.lineSpan(line), what, remedy)
}

// wideColon is a key with the colon of Chinese text behind it.
var wideColon = regexp.MustCompile(`^[ -]*[^ :：]+：`)

func textOfLine(body []byte, line int) string {
	lines := strings.SplitN(string(body), "\n", line+1)
	return lines[min(line, len(lines))-1]
}

// searchLine finds the line that brings about an error for which the library
// names only the beginning of the map or list around it: the shortest file of
// whole lines with the same error ends in it.
func searchLine(body []byte, line int, message string) int {
	if len(body) > maxSearched {
		return line
	}
	ends := make([]int, 1, 1+bytes.Count(body, []byte("\n"))) // ends[n] is where the line n ends
	for i, b := range body {
		if b == '\n' {
			ends = append(ends, i+1)
		}
	}
	ends = append(ends, len(body))
	low, high := line, len(ends)-1 // the error is within body[:ends[high]]
	for low < high {
		middle := (low + high) / 2
		var document yaml.Node
		err := yaml.Unmarshal(body[:ends[middle]], &document)
		if err != nil && strings.HasSuffix(err.Error(), message) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// deepest is the place where a file that is no valid YAML is nested too
// deeply, or -1. It reads brackets and leading dashes loosely, which is
// enough to tell why a file that is refused anyway was refused; the depth of
// a valid file is that of its nodes. The library itself stops at 10,000.
func deepest(f *file) int {
	text, depth, round := f.text, 0, 0
	for i := f.base; i < len(text); i++ {
		if i == f.base || text[i-1] == '\n' {
			leading := 0
			for ; i+1 < len(text) && (text[i] == ' ' || (text[i] == '-' || text[i] == '?') && text[i+1] == ' '); i++ {
				if text[i] != ' ' {
					if leading++; leading > MaxDepth {
						return i
					}
				}
			}
		}
		switch text[i] {
		case '[', '{':
			if depth++; depth > MaxDepth {
				return i
			}
		case '(':
			round++
		case ')':
			// One that closes nothing ends a half-open range, as in [0, 1).
			if round--; round < 0 {
				depth, round = max(depth-1, 0), 0
			}
		case ']', '}':
			depth = max(depth-1, 0)
		case '\'', '"':
			// A quoted text on one line has no brackets that count.
			n := strings.IndexAny(text[i+1:], text[i:i+1]+"\n")
			if n >= 0 && text[i+1+n] != '\n' {
				i += n + 1
			}
		}
	}
	return -1
}

// findAlias is where the alias *name first stands as a value, or -1.
func findAlias(text, name string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], "*"+name)
		if at < 0 {
			return -1
		}
		at += from
		if at == 0 || strings.IndexByte(" \t\r\n,[{:", text[at-1]) >= 0 {
			return at
		}
		from = at + 1
	}
}
