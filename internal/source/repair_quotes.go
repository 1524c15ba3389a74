package source

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// openQuotes: a text whose quotation mark is not closed on its line, or is
// closed by the other one.
func openQuotes(l line) []repair {
	pieces := l.pieces()
	var all []repair
	for i, p := range pieces {
		// An apostrophe may have closed it early: 'the user's' leaves a quote open.
		if p.kind != openPiece || i > 0 && pieces[i-1].kind == quotedPiece {
			continue
		}
		quote := p.text[:1]
		body := strings.TrimRight(p.text[1:], " \t")
		bare := strings.TrimRight(body, "}], ")
		other := `"`
		if quote == other {
			other = "'"
		}
		if inner, ends := strings.CutSuffix(bare, other); ends {
			end := p.from + 1 + len(inner)
			all = append(all, say(p.from, p.from+1, splicing{end, end + 1, quote},
				diagnostic.Textf("引号以 %[1]s 开头，以 %[2]s 结尾", "the text begins with the quotation mark %[1]s and ends with %[2]s", quote, other),
				diagnostic.Textf("用 %s 合上引号", "close it with %s", quote)))
		}
		for _, inner := range []string{bare, body} {
			end := p.from + 1 + len(inner)
			remedy := diagnostic.Textf("用 %s 合上引号", "close it with %s", quote)
			if short(inner) {
				remedy = diagnostic.Textf("合上引号：写 %s", "close it: write %s", quote+inner+quote)
			}
			all = append(all, say(p.from, p.from+1, splicing{end, end, quote},
				diagnostic.Textf("引号 %s 没有合上", "the quotation mark %s is never closed", quote), remedy))
		}
	}
	return all
}

// isCondition tells a condition, which may begin and end with a word in quotes,
// from a text.
var isCondition = regexp.MustCompile(`[=<>?]|["'] (?:and|or|in|not) `)

// A length or an amount of which the number alone is in quotes.
var (
	isNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	isUnit   = regexp.MustCompile(`^ ?[\pL%][\pL _%]*$`)
)

// textBehindQuotes: a text that begins with a quotation mark and goes on behind
// the closing one, as conditions do that begin with a word.
func textBehindQuotes(l line) []repair {
	pieces := l.pieces()
	for i, p := range pieces {
		if p.kind != quotedPiece || i+1 == len(pieces) {
			continue
		}
		if n := pieces[i+1]; n.kind == markPiece && n.text != "-" && n.text != "?" || n.kind == notePiece {
			continue
		}
		end := p.to
		for _, n := range pieces[i+1:] {
			if n.kind == notePiece || n.kind == markPiece && n.depth <= p.depth && strings.Contains(",}]", n.text) {
				break
			}
			end = n.to
		}
		whole := l.file.text[p.from:end]
		if number := p.text[1 : len(p.text)-1]; isNumber.MatchString(number) && isUnit.MatchString(l.file.text[p.to:end]) {
			plain := number + l.file.text[p.to:end]
			return []repair{say(p.from, end, splicing{p.from, end, plain}, diagnostic.Textf("数字带了引号，单位却没有", "the number is in quotes, and its unit is not"), diagnostic.Textf("写 %s", "write %s", plain))}
		}
		what := diagnostic.Textf("引号合上之后还有文字", "there is text behind the closing quotation mark")
		inner := whole
		if first, last := whole[0], whole[len(whole)-1]; first == last && !isCondition.MatchString(whole) {
			inner = whole[1 : len(whole)-1] // it is a text with marks within it
		}
		quoted := "'" + strings.ReplaceAll(inner, "'", "''") + "'"
		if strings.Contains(inner, "'") && !strings.ContainsAny(inner, `"\`) {
			quoted = `"` + inner + `"`
		}
		remedy := diagnostic.Textf("整个再用单引号括起来", "put all of it in single quotes")
		if whole[0] == '\'' && quoted[0] == '"' {
			remedy = diagnostic.Textf("两头的单引号改成双引号", "write double quotes in place of the single ones at both ends")
		}
		if short(quoted) {
			remedy = diagnostic.Textf("整个加引号：写 %s", "put all of it in quotes: write %s", quoted)
		}
		return []repair{say(p.from, end, splicing{p.from, end, quoted}, what, remedy)}
	}
	return nil
}

// unknownEscapes: a backslash in double quotes that does not begin an escape.
func unknownEscapes(l line) []repair {
	for _, p := range l.pieces() {
		if p.kind != quotedPiece || p.text[0] != '"' {
			continue
		}
		for i := 1; i < len(p.text)-1; i++ {
			if p.text[i] != '\\' {
				continue
			}
			if _, size := unescape(p.text[i:]); size == 2 && strings.ContainsRune("xuU", rune(p.text[i+1])) || !isEscape(p.text[i+1]) {
				from := p.from + i
				return []repair{say(from, from+2, splicing{from, from + 1, `\\`},
					diagnostic.Textf("双引号里没有 %s 这种转义", "%s is no escape in double quotes", p.text[i:i+2]),
					diagnostic.Textf(`反斜杠写两个：%s；或整个改用单引号`, `write the backslash twice, %s, or use single quotes`, `\\`))}
			}
			i++
		}
	}
	return nil
}

func isEscape(letter byte) bool {
	for _, e := range escapes {
		if e.letter == letter {
			return true
		}
	}
	return strings.IndexByte("xuU", letter) >= 0
}

// commentsInBrackets: a # that ends a line before its brackets are closed.
func commentsInBrackets(l line) []repair {
	pieces := l.pieces()
	if len(pieces) == 0 {
		return nil
	}
	note := pieces[len(pieces)-1]
	if note.kind != notePiece || note.depth <= 0 || !strings.ContainsAny(note.text, "}]") || len(pieces) < 2 {
		return nil
	}
	before := pieces[len(pieces)-2]
	from := before.from
	if before.kind != plainPiece {
		from = note.from
	}
	var all []repair
	for _, stop := range []string{",}]", "}]"} {
		end := note.from + strings.IndexAny(note.text, stop)
		if end < note.from {
			continue
		}
		text := strings.TrimRight(l.file.text[from:end], " ")
		remedy := diagnostic.Text{
			ZH: fmt.Sprintf("# 属于文字的，给文字加引号：写 %s；否则把注释移到行末", inQuotes(text)),
			EN: fmt.Sprintf("where # belongs to the text put it in quotes: write %s; else move the comment to the end of the line", inQuotes(text)),
		}
		all = append(all, say(note.from, note.from+1, splicing{from, from + len(text), inQuotes(text)},
			diagnostic.Text{ZH: "空格加 # 之后是注释，括号因此没有合上", EN: "a space and # begin a comment, so that the bracket is never closed"}, remedy))
	}
	return all
}

// colonsInText: a colon and a space within a text without quotes.
func colonsInText(l line) []repair {
	pieces := l.pieces()
	what := diagnostic.Text{ZH: "文字里的冒号加空格会被当作“键: 值”", EN: "a colon and a space within text are taken for `key: value`"}
	for i := 0; i+3 < len(pieces); i++ {
		// key : text : more
		value, colon := pieces[i+2], pieces[i+3]
		if pieces[i+1].kind != markPiece || pieces[i+1].text != ":" || value.kind != plainPiece || colon.text != ":" {
			continue
		}
		end := colon.to
		for _, n := range pieces[i+4:] {
			if n.kind == notePiece || value.depth > 0 && n.kind == markPiece && strings.Contains(",}]", n.text) && n.depth <= value.depth {
				break
			}
			end = n.to
		}
		text := strings.TrimRight(l.file.text[value.from:end], " ")
		quoted := inQuotes(text)
		remedy := diagnostic.Textf("给文字加引号：写 %s", "put the text in quotes: write %s", quoted)
		if m := commaLeftOut.FindStringSubmatch(value.text); m != nil && value.depth == 0 {
			// Two keys on one line: the second one is the likelier mistake.
			next := value.to - len(m[2])
			change := splicing{value.from + len(m[1]), next, "\n" + strings.Repeat(" ", pieces[i].from-l.at)}
			return []repair{say(next, value.from+len(text), change, diagnostic.Textf("一行里有两个键", "there are two keys on one line"),
				diagnostic.Textf("%s 另起一行，缩进与前一个键相同；若是文字，整个加引号", "begin a line with %s, indented as the key before it; where it is text, quote all of it", l.file.text[next:value.from+len(text)]))}
		}
		if snakeKey.MatchString(value.text) {
			remedy = diagnostic.Textf("给文字加引号：%[1]s；%[2]s 若是键，另起一行并缩进", "put the text in quotes, %[1]s; where %[2]s is a key, begin a line with it and indent it", quoted, value.text)
		}
		if !short(quoted) {
			remedy = diagnostic.Textf("给整段文字加引号", "put the whole text in quotes")
		}
		if pieces[i].text == "chosen" { // an option with what it is given, as days:60
			with := strings.ReplaceAll(text, ": ", ":")
			return []repair{say(value.from, value.from+len(text), splicing{value.from, value.from + len(text), with}, diagnostic.Textf("选项和它的参数之间多了空格", "there is a blank between an option and what it is given"), diagnostic.Textf("写 %s", "write %s", with))}
		}
		return []repair{say(value.from, value.from+len(text), splicing{value.from, value.from + len(text), quoted}, what, remedy)}
	}
	return nil
}

// expressionsInBraces: within braces, values that have brackets or a colon in
// them and are not in quotes, as in {when: kind in ["a", "b"], is: x ? a : b}.
// All those of the line are put in quotes together, for one is no use alone.
func expressionsInBraces(l line) []repair {
	pieces := l.pieces()
	var found []repair
	for i := 0; i+2 < len(pieces); i++ {
		colon, value := pieces[i], pieces[i+1]
		if colon.kind != markPiece || colon.text != ":" || colon.depth <= 0 || value.kind != plainPiece {
			continue
		}
		last := i + 1
		for last+1 < len(pieces) {
			n := pieces[last+1]
			if n.kind == notePiece || n.kind == markPiece && n.depth < value.depth || n.kind == markPiece && n.depth == value.depth && n.text == "," {
				break
			}
			last++
		}
		if last == i+1 {
			continue
		}
		whole := l.file.text[value.from:pieces[last].to]
		quoted := inQuotes(whole)
		remedy := diagnostic.Textf("给整个表达式加引号：写 %s", "put the whole expression in quotes: write %s", quoted)
		if !short(quoted) {
			remedy = diagnostic.Textf("给整个表达式加引号", "put the whole expression in quotes")
		}
		found = append(found, say(value.from, pieces[last].to, splicing{value.from, pieces[last].to, quoted},
			diagnostic.Textf("花括号里的表达式含有括号或冒号，要加引号", "an expression within braces that has brackets or a colon in it must be in quotes"), remedy))
		i = last
	}
	if len(found) == 0 {
		return nil
	}
	all := found[0]
	for _, f := range found[1:] {
		all.changes = append(all.changes, f.changes...)
	}
	return []repair{all}
}

// endsWithQuestion is a plain value within braces or brackets that ends with a question
// mark, which there begins a key.
var endsWithQuestion = regexp.MustCompile(`[:,\[] *([^\s"'{}\[\],#:][^"'{}\[\],:]*\?) *[,}\]]`)

// questionsInBraces: {en: is it late?, facts: […]} without quotes.
func questionsInBraces(l line) []repair {
	var all *repair
	for _, m := range endsWithQuestion.FindAllStringSubmatchIndex(l.text, -1) {
		from, to := l.at+m[2], l.at+m[3]
		quoted := inQuotes(l.file.text[from:to])
		remedy := diagnostic.Textf("给文字加引号", "put the text in quotes")
		if short(quoted) {
			remedy = diagnostic.Textf("给文字加引号：写 %s", "put the text in quotes: write %s", quoted)
		}
		r := say(from, to, splicing{from, to, quoted}, diagnostic.Textf("花括号里以问号结尾的文字要加引号", "text within braces that ends with a question mark must be in quotes"), remedy)
		if all == nil {
			all = &r
			continue
		}
		all.changes = append(all.changes, r.changes...)
	}
	if all == nil {
		return nil
	}
	return []repair{*all}
}

// reservedBeginnings: a text that begins with a mark that YAML keeps for itself.
func reservedBeginnings(l line) []repair {
	at := l.valueAt()
	if at < 0 || at >= l.at+len(l.text) || strings.IndexByte("@`%", l.file.text[at]) < 0 {
		return nil
	}
	text := strings.TrimRight(l.text[at-l.at:], " ")
	quoted := inQuotes(text)
	remedy := diagnostic.Textf("给该文字加引号：写 %s", "put the text in quotes: write %s", quoted)
	if !short(quoted) {
		remedy = diagnostic.Textf("给该文字加引号", "put the text in quotes")
	}
	return []repair{say(at, at+len(text), splicing{at, at + len(text), quoted},
		diagnostic.Textf("文字不能以 %s 开头", "text cannot begin with %s", text[:1]), remedy)}
}
