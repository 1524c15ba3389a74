package source

import (
	"regexp"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// snakeKey is a key as rules files have them.
var snakeKey = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)

// IsWideSpace reports whether a character looks like a space and is none.
func IsWideSpace(r rune) bool {
	switch {
	case r == '\u00a0', r == '\u1680', r >= '\u2000' && r <= '\u200b', r == '\u202f', r == '\u205f', r == '\u3000':
		return true
	}
	return false
}

// wideIndents: spaces of another width before the text of a line.
func wideIndents(l line) []repair {
	from := l.indent()
	to := from
	for _, r := range l.text[from:] {
		if !IsWideSpace(r) && r != ' ' {
			break
		}
		to += len(string(r))
	}
	if to == from {
		return nil
	}
	marked := strings.TrimRight(l.text[from:to], " ")
	what := diagnostic.Text{ZH: "缩进里有全角空格或不间断空格", EN: "there is a full-width or no-break space in the indentation"}
	remedy := diagnostic.Text{ZH: "改成半角空格", EN: "write ordinary spaces"}
	var all []repair
	for _, as := range []string{" ", "  ", "    ", ""} { // as many as were meant
		plain := strings.Map(func(r rune) rune {
			if IsWideSpace(r) {
				return '\n' // no line has one
			}
			return r
		}, l.text[from:to])
		with := strings.ReplaceAll(plain, "\n", as)
		all = append(all, say(l.at+from, l.at+from+len(marked), splicing{l.at + from, l.at + to, with}, what, remedy))
	}
	return all
}

// wides are marks of Chinese text, and look-alikes, where YAML's own are meant.
var wides = map[rune]string{
	'，': ", ", '、': ", ", '；': ", ", '：': ": ", '｛': "{", '｝': "}", '［': "[", '］': "]", '【': "[", '】': "]", '〔': "[", '〕': "]",
	'＃': "#", '＂': `"`, '＇': "'", '“': `"`, '”': `"`, '„': `"`, '‘': "'", '’': "'", '－': "- ", '—': "- ", '–': "- ",
}

// wideMarks: full-width punctuation outside of quotes.
func wideMarks(l line) []repair {
	var marks []splicing
	bare := outside(l.text)
	for i, r := range bare {
		with, known := wides[r]
		if !known {
			continue
		}
		if strings.HasSuffix(with, "- ") && strings.TrimSpace(l.text[:i]) != "" {
			continue // a dash within text
		}
		next := i + len(string(r))
		if strings.HasSuffix(with, " ") && next < len(bare) && bare[next] == ' ' {
			with = strings.TrimRight(with, " ")
		}
		marks = append(marks, splicing{l.at + i, l.at + next, with})
	}
	if len(marks) == 0 {
		return nil
	}
	tell := func(m splicing, changes []splicing) repair {
		mark, ascii := l.file.text[m.from:m.to], strings.TrimSpace(m.with)
		remedy := diagnostic.Textf("改成半角 %s", "write %s in ASCII", ascii)
		switch ascii {
		case ":":
			remedy = diagnostic.Textf("改成半角冒号加空格", "write an ASCII colon and a space instead of the full-width colon")
		case "-":
			remedy = diagnostic.Textf("改成半角 - 加空格", "write an ASCII dash and a space")
		}
		return repair{cause{m.from, m.to, diagnostic.Textf("这里是全角的 %s", "this is a full-width %s", mark), remedy}, changes}
	}
	var all []repair
	// One alone, the structural ones first; then all of them together.
	for _, kind := range []string{"{}[]", `"'`, "-", ":", ",", "#"} {
		for _, m := range marks {
			if strings.Contains(kind, strings.TrimSpace(m.with)) && len(all) < 6 {
				all = append(all, tell(m, []splicing{m}))
			}
		}
	}
	return append(all, tell(marks[0], marks))
}

// openBrackets: a bracket that is not closed on its line, one that closes
// nothing, and one that is closed by the other kind.
func openBrackets(l line) []repair {
	closing := map[string]string{"{": "}", "[": "]"}
	var open []piece
	pieces := l.pieces()
	end := l.at + len(strings.TrimRight(l.text, " \t"))
	if n := len(pieces); n > 0 && pieces[n-1].kind == notePiece {
		end = l.at + len(strings.TrimRight(l.text[:pieces[n-1].from-l.at], " \t"))
	}
	for _, p := range pieces {
		if p.kind != markPiece {
			continue
		}
		switch p.text {
		case "{", "[":
			open = append(open, p)
		case "}", "]":
			if len(open) == 0 {
				return []repair{say(p.from, p.to, splicing{p.from, p.to, ""},
					diagnostic.Textf("括号 %s 没有对应的开括号", "the bracket %s closes nothing", p.text),
					diagnostic.Textf("删去它，或补上开括号", "remove it, or open a bracket for it"))}
			}
			last := open[len(open)-1]
			if want := closing[last.text]; want != p.text {
				what := diagnostic.Textf("括号 %s 用 %s 合上了", "the bracket %s is closed by %s", last.text, p.text)
				return []repair{
					say(p.from, p.to, splicing{p.from, p.to, want}, what, diagnostic.Textf("写 %s", "write %s", want)),
					say(last.from, last.to, splicing{p.from, p.from, want}, diagnostic.Textf("括号 %s 没有合上", "the bracket %s is never closed", last.text),
						diagnostic.Textf("在 %[2]s 前补上 %[1]s", "add %[1]s before the %[2]s", want, p.text)),
				}
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return nil
	}
	with := ""
	for i := len(open) - 1; i >= 0; i-- {
		with += closing[open[i].text]
	}
	first := open[0]
	what := diagnostic.Textf("括号 %s 没有合上", "the bracket %s is never closed", first.text)
	return []repair{say(first.from, first.to, splicing{end, end, with}, what, diagnostic.Textf("在末尾补上 %s", "add %s at the end", with))}
}

// commaLeftOut is a value with the next key behind it.
var commaLeftOut = regexp.MustCompile(`^(.*\S)\s+([a-z_][a-z0-9_]*)$`)

// isSentence tells words of a text, in which a colon may stand, from a value before
// the next key: 30 days, or an expression.
func isSentence(text string) bool {
	return len(strings.Fields(text)) > 2 && text[0] >= 'A' && text[0] <= 'Z'
}

// commasLeftOut: two keys within brackets without a comma between them.
func commasLeftOut(l line) []repair {
	what := diagnostic.Text{ZH: "两项之间少了逗号", EN: "there is no comma between the two"}
	pieces := l.pieces()
	var all []repair
	for i := 1; i < len(pieces); i++ {
		p := pieces[i]
		if p.depth <= 0 {
			continue
		}
		behind := i+1 < len(pieces) && pieces[i+1].text == ":" // p is a key
		if m := commaLeftOut.FindStringSubmatch(p.text); m != nil && behind && p.kind == plainPiece && pieces[i-1].text == ":" && !isSentence(m[1]) {
			key := p.to - len(m[2])
			comma := p.from + len(m[1])
			all = append(all, say(key, p.to, splicing{comma, comma, ","}, what, diagnostic.Textf("在 %s 前加逗号", "write a comma before %s", m[2])))
			continue
		}
		before := pieces[i-1]
		ends := before.kind == quotedPiece || before.kind == markPiece && strings.Contains("}]", before.text)
		begins := p.kind == plainPiece || p.kind == quotedPiece || p.kind == markPiece && strings.Contains("{[", p.text)
		if ends && begins {
			all = append(all, say(p.from, p.to, splicing{before.to, before.to, ","}, what, diagnostic.Textf("在这里的前面加逗号", "write a comma before this")))
		}
	}
	return all
}

var (
	dashWithoutSpace  = regexp.MustCompile(`^ *-[^\s-]`)
	colonWithoutSpace = regexp.MustCompile(`^( *(?:- )?)([A-Za-z_][A-Za-z0-9_.]*):(\S.*)$`)
	keyWithoutColon   = regexp.MustCompile(`^( *(?:- )?)([A-Za-z_][A-Za-z0-9_]*)[ =]+(\S.*)$`)
	keyAlone          = regexp.MustCompile(`^( *(?:- )?)([A-Za-z_][A-Za-z0-9_]*)$`)
)

// spacesLeftOut: a dash or a colon without the space behind it.
func spacesLeftOut(l line) []repair {
	text := strings.TrimRight(l.text, " \t")
	if dashWithoutSpace.MatchString(text) {
		from := l.at + l.indent()
		return []repair{say(from, l.at+len(text), splicing{from + 1, from + 1, " "},
			diagnostic.Text{ZH: "“-”后面少了空格", EN: "there is no space behind the dash"},
			diagnostic.Text{ZH: "“-”后面加一个空格", EN: "write a space behind the dash"})}
	}
	m := colonWithoutSpace.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	from := l.at + len(m[1])
	colon := from + len(m[2])
	return []repair{say(from, l.at+len(text), splicing{colon + 1, colon + 1, " "},
		diagnostic.Text{ZH: "冒号后面少了空格", EN: "there is no space behind the colon"},
		diagnostic.Textf("写成 %s: %s", "write %s: %s", m[2], m[3]))}
}

// colonsLeftOut: a key without its colon.
func colonsLeftOut(l line) []repair {
	text := strings.TrimRight(l.text, " \t")
	what := diagnostic.Text{ZH: "键后面少了冒号", EN: "a key without a colon"}
	if m := keyWithoutColon.FindStringSubmatch(text); m != nil && short(text) {
		from := l.at + len(m[1])
		key := from + len(m[2])
		rest := l.at + len(text) - len(m[3])
		return []repair{say(from, l.at+len(text), splicing{key, rest, ": "}, what, diagnostic.Textf("写成 %s: %s", "write %s: %s", m[2], m[3]))}
	}
	if m := keyAlone.FindStringSubmatch(text); m != nil {
		from, to := l.at+len(m[1]), l.at+len(text)
		return []repair{say(from, to, splicing{to, to, ":"}, what, diagnostic.Textf("写成 %s:", "write %s:", m[2]))}
	}
	return nil
}

// misaligned: a line that is indented otherwise than those of its level. The
// nearest indentation of a line beside it is tried first; of two that are as near,
// that of the line below. A line that stands as those above the line before it do
// is right, and that line is wrong.
func misaligned(l line) []repair {
	if l.beforeIsOut() {
		return nil
	}
	own := l.indent()
	text := strings.TrimRight(l.text, " \t")
	var indents []int
	for _, step := range []int{1, -1} {
		for n, seen := l.number+step, 0; n >= 1 && n <= len(l.file.lineByte) && seen < 3; n += step {
			other := l.file.line(n)
			if other.blank() {
				continue
			}
			seen++
			if indent := other.indent(); indent != own && !slices.Contains(indents, indent) {
				indents = append(indents, indent)
			}
		}
	}
	away := func(indent int) int { return max(indent-own, own-indent) }
	slices.SortStableFunc(indents, func(a, b int) int { return away(a) - away(b) })
	var all []repair
	for _, indent := range indents {
		all = append(all, say(l.at+own, l.at+len(text), splicing{l.at, l.at + own, strings.Repeat(" ", indent)},
			diagnostic.Textf("缩进与同级的行不一致：这里是 %[1]d 个空格", "the indentation is not that of the lines of its level: it is %[2]s", own, diagnostic.Counted(own, "space", "spaces")),
			diagnostic.Textf("缩进 %[1]d 个空格，与同级的键对齐", "indent it by %[2]s, as the keys of its level are", indent, diagnostic.Counted(indent, "space", "spaces"))))
	}
	return all
}

// beforeIsOut reports whether it is the line before that is indented too little:
// it holds a value, and is no key of what follows, and a line above it stands at
// the level of this one.
func (l line) beforeIsOut() bool {
	before := 0
	for n := l.number - 1; n >= 1; n-- {
		other := l.file.line(n)
		if other.blank() {
			continue
		}
		own, indent := l.indent(), other.indent()
		switch {
		case before == 0 && (indent >= own || !keyWithValue.MatchString(other.text)):
			return false
		case before == 0:
			before = n
		case indent == own:
			return true
		case indent < own:
			return false
		}
	}
	return false
}

// keyWithValue is a key with something behind it that does not go on below.
var keyWithValue = regexp.MustCompile(`^ *[^\s:#]+: +[^\s|>&*#]`)

// otherComments: a line that other languages take for a comment.
func otherComments(l line) []repair {
	text := strings.TrimSpace(l.text)
	for _, mark := range []string{"//", "/*", "--", ";", "<!--", "%"} {
		if !strings.HasPrefix(text, mark) || text == "---" {
			continue
		}
		from := l.at + l.indent()
		return []repair{say(from, from+len(text), splicing{from, from + len(mark), "#"},
			diagnostic.Textf("注释不以 %s 开头", "a comment does not begin with %s", mark), diagnostic.Textf("注释以 # 开头", "begin it with #"))}
	}
	return nil
}
