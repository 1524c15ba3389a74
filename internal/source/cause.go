package source

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// cause is what brings about a syntax error, where it can be told by looking at
// the text: the library names only what it stumbled over behind it.
type cause struct {
	from, to     int // in the text of the file
	what, remedy diagnostic.Text
}

// mergeMark is a line that a version control system left where two changes of
// the same lines met.
var mergeMark = regexp.MustCompile(`(?m)^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t][^\n]*)?\r?$`)

// mergeConflict finds such a line.
func mergeConflict(f *file) *cause {
	if at := mergeMark.FindStringIndex(f.text[f.base:]); at != nil {
		from, to := f.base+at[0], f.base+at[1]
		return &cause{
			from, from + len(strings.TrimRight(f.text[from:to], "\r")),
			diagnostic.Text{ZH: "合并冲突的标记还留在文件里", EN: "a mark of a merge conflict is left in the file"},
			diagnostic.Text{ZH: "两边留一边，并删去 <<<<<<<、=======、>>>>>>> 各行", EN: "keep one of the two sides, and remove the lines <<<<<<<, ======= and >>>>>>>"},
		}
	}
	return nil
}

// findCause looks for the cause of an error that the library reports in a line,
// where no repair of the text was found.
func findCause(f *file, line int) *cause {
	for _, by := range []struct {
		look func(text string, at int) *cause
		far  int // lines that the library may be beside the cause
	}{{wideIndent, 2}, {widePunctuation, 0}, {commentInBraces, 0}, {mixedQuotes, 6}} {
		for d := 0; d <= by.far; d++ { // the nearest line wins, and of two as near the one above
			for _, n := range []int{line - d, line + d} {
				if n < 1 || n > len(f.lineByte) {
					continue
				}
				at := int(f.lineByte[n-1])
				text, _, _ := strings.Cut(f.text[at:], "\n")
				if c := by.look(strings.TrimRight(text, "\r"), at); c != nil {
					return c
				}
			}
		}
	}
	return nil
}

// wideIndent finds a space of another width before the text of a line.
func wideIndent(text string, at int) *cause {
	for i, r := range text {
		switch r {
		case ' ':
			continue
		case '\u3000', '\u00a0', '\u2003', '\u2002':
			return &cause{
				at + i, at + i + len(string(r)),
				diagnostic.Text{ZH: "缩进里有全角空格或不间断空格", EN: "there is a full-width or no-break space in the indentation"},
				diagnostic.Text{ZH: "改成半角空格", EN: "write ordinary spaces"},
			}
		}
		return nil
	}
	return nil
}

var (
	wideComma   = regexp.MustCompile(`，\s*[A-Za-z_]+\s*[:：]`)
	wideBracket = regexp.MustCompile(`[｛｝［］]`)
	asciiOf     = map[string]string{"，": ",", "｛": "{", "｝": "}", "［": "[", "］": "]"}
)

// widePunctuation finds punctuation of Chinese text where YAML's own is meant.
func widePunctuation(text string, at int) *cause {
	bare := outside(text)
	for _, form := range []*regexp.Regexp{wideBracket, wideComma} {
		m := form.FindStringIndex(bare)
		if m == nil {
			continue
		}
		mark := string([]rune(bare[m[0]:m[1]])[:1])
		return &cause{
			at + m[0], at + m[0] + len(mark),
			diagnostic.Textf("这里是全角的 %s", "this is a full-width %s", mark),
			diagnostic.Textf("改成半角 %s", "write %s in ASCII", asciiOf[mark]),
		}
	}
	return nil
}

// outside is a text with what stands in quotes, and in comments, blanked: byte
// for byte as long.
func outside(text string) string {
	b := []byte(text)
	quote := byte(0)
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case quote != 0:
			b[i] = ' '
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" {[,:", text[i-1]) >= 0) && strings.IndexByte(text[i+1:], c) >= 0:
			quote, b[i] = c, ' '
		}
	}
	return string(b)
}

// commentInBraces finds a # that ends a line before its brackets are closed.
func commentInBraces(text string, at int) *cause {
	bare := outside(text)
	open := 0
	for i := range len(bare) {
		switch bare[i] {
		case '{', '[':
			open++
		case '}', ']':
			open--
		case '#':
			if open > 0 && i > 0 && bare[i-1] == ' ' && strings.ContainsAny(bare[i:], "}]") {
				return &cause{
					at + i, at + i + 1,
					diagnostic.Text{ZH: "空格加 # 之后是注释，括号因此没有合上", EN: "a space and # begin a comment, so that the bracket is never closed"},
					diagnostic.Text{ZH: "# 属于文字的，给该文字加引号；否则把注释移到行末", EN: "put the text in quotes where # belongs to it; else move the comment to the end of the line"},
				}
			}
		}
	}
	return nil
}

var quotedValue = regexp.MustCompile(`(?:^|[\s{\[,])['"]`)

// mixedQuotes finds a text that begins with one quotation mark and ends with
// the other.
func mixedQuotes(text string, at int) *cause {
	text = strings.TrimRight(text, " ")
	m := quotedValue.FindAllStringIndex(text, -1)
	if m == nil || text == "" {
		return nil
	}
	from := m[0][1] - 1
	first, last := text[from], text[len(text)-1]
	if last == first || last != '"' && last != '\'' || strings.Count(text[from:], string(first))%2 == 0 {
		return nil
	}
	return &cause{
		at + from, at + from + 1,
		diagnostic.Textf("引号以 %[1]s 开头，行末却是 %[2]s", "the text begins with the quotation mark %[1]s, and the line ends with %[2]s", string(first), string(last)),
		diagnostic.Textf("用 %s 合上引号", "close it with %s", string(first)),
	}
}

// dashedLine is a line of a list without the space behind its dash.
var dashedLine = regexp.MustCompile(`^-[\pL_]`)

// dashed finds a list whose first dash has no space behind it: all of it is
// then one text. raw is what stands in the file.
func dashed(raw string) bool {
	lines := strings.Split(raw, "\n")
	return dashedLine.MatchString(raw) && slices.ContainsFunc(lines[1:], func(line string) bool {
		line = strings.TrimLeft(line, " ")
		return strings.HasPrefix(line, "- ") || dashedLine.MatchString(line)
	})
}
