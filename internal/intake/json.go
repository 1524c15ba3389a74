package intake

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// ParseFacts reads facts in JSON without checking them for a question. The
// error is a *FactError, or FactErrors; the node is nil where nothing can be
// checked beyond it.
func ParseFacts(data []byte) (*source.Node, error) { return parseJSON(data) }

// parseJSON reads one JSON value strictly into the same nodes that rules
// files are read into: no duplicate keys, valid UTF-8, nothing behind the
// value, bounded size and depth. A byte order mark before it is none of it.
func parseJSON(data []byte) (*source.Node, error) {
	var wrong Refusals
	n := ReadJSON(data, &wrong)
	return n, wrong.Err()
}

var encodeAsUTF8 = diagnostic.Textf("以 UTF-8 编码", "encode it as UTF-8")

// ReadJSON is parseJSON for one who goes on where a key stands twice; nil where
// nobody can.
func ReadJSON(data []byte, wrong *Refusals) *source.Node {
	for bytes.HasPrefix(data, byteOrderMark) {
		data = data[len(byteOrderMark):]
	}
	if len(data) > policy.MaxFactBytes {
		wrong.add(policy.NewFactError("too_large", "", diagnostic.Textf("事实超过 %d 字节", "the facts are larger than %d bytes", policy.MaxFactBytes),
			diagnostic.Textf("只给这个问题收取的事实", "give only the facts that the question takes")))
		return nil
	}
	switch {
	case isUTF16(data):
		wrong.add(policy.NewFactError("not_utf8", "", diagnostic.Textf("这是 UTF-16 文本，不是 UTF-8", "this is UTF-16 text, not UTF-8"), encodeAsUTF8))
		return nil
	case !utf8.Valid(data):
		wrong.add(policy.NewFactError("not_utf8", "", diagnostic.Textf("不是 UTF-8 文本", "this is not UTF-8 text"), encodeAsUTF8))
		return nil
	}
	p := &jsonParser{text: string(data), line: 1, column: 1}
	n := p.value(0)
	p.space()
	if p.err == nil && p.at < len(p.text) {
		p.fail("json_syntax", diagnostic.Textf("JSON 值之后还有内容", "something follows the JSON value"), diagnostic.Textf("删去多余内容", "remove it"))
	}
	for _, twice := range p.twice {
		wrong.add(twice)
	}
	if p.err != nil {
		wrong.add(p.err)
		return nil
	}
	return n
}

var byteOrderMark = []byte("\ufeff")

// isUTF16 reports whether text begins as UTF-16 does, with its mark or without:
// the first character of JSON takes one byte of two.
func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) ||
		len(data) > 1 && (data[0] == 0) != (data[1] == 0)
}

type jsonParser struct {
	text         string
	at           int
	line, column int
	twice        []*policy.FactError // of keys
	err          *policy.FactError   // where nobody can go on
}

func (p *jsonParser) fail(code string, message, remedy policy.Text) {
	if p.err == nil {
		p.err = policy.NewFactError(code, "", message, remedy)
		p.err.Span = diagnostic.Span{Start: p.position(), End: p.position()}
	}
	p.at = len(p.text)
}

func (p *jsonParser) position() diagnostic.Position {
	return diagnostic.Position{Line: p.line, Column: p.column}
}

func (p *jsonParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *jsonParser) advance(n int) {
	for _, r := range p.text[p.at : p.at+n] {
		if r == '\n' {
			p.line++
			p.column = 1
		} else {
			p.column++
		}
	}
	p.at += n
}

func (p *jsonParser) space() {
	n := 0
	for p.at+n < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at+n]) >= 0 {
		n++
	}
	p.advance(n)
}

func (p *jsonParser) syntax() {
	p.fail("json_syntax", diagnostic.Textf("JSON 写法有误", "this is not valid JSON"), diagnostic.Textf("检查引号、逗号和括号", "check quotes, commas and brackets"))
}

func (p *jsonParser) value(depth int) *source.Node {
	if depth > policy.MaxDepth {
		p.fail("too_deep", diagnostic.Textf("嵌套超过 %d 层", "nested more than %d deep", policy.MaxDepth), diagnostic.Textf("减少嵌套", "nest less"))
		return nil
	}
	p.space()
	n := &source.Node{Span: diagnostic.Span{Start: p.position()}}
	switch c := p.peek(); {
	case c == '{':
		n.Kind = source.Map
		p.object(n, depth)
	case c == '[':
		n.Kind = source.Seq
		p.array(n, depth)
	case c == '"':
		n.Kind, n.Style = source.Scalar, source.DoubleQuoted
		n.Text = p.str()
	default:
		n.Kind, n.Style = source.Scalar, source.Plain
		n.Text = p.literal()
	}
	n.Span.End = p.position()
	return n
}

func (p *jsonParser) object(n *source.Node, depth int) {
	seen := map[string]bool{}
	p.advance(1)
	p.space()
	for first := true; p.peek() != '}'; first = false {
		if !first {
			if p.peek() != ',' {
				p.syntax()
				return
			}
			p.advance(1)
			p.space()
		}
		if p.peek() != '"' {
			p.syntax()
			return
		}
		key := &source.Node{Kind: source.Scalar, Style: source.DoubleQuoted, Span: diagnostic.Span{Start: p.position()}}
		key.Text = p.str()
		key.Span.End = p.position()
		if seen[key.Text] && p.err == nil {
			twice := policy.NewFactError("duplicate_key", "", diagnostic.Textf("键 %q 重复", "the key %q stands twice", key.Text), diagnostic.Textf("删去一个", "remove one"))
			twice.Span = diagnostic.Span{Start: p.position(), End: p.position()}
			p.twice = append(p.twice, twice)
		}
		if len(seen) >= policy.MaxItems {
			p.fail("too_many_items", diagnostic.Textf("超过 %d 项", "more than %d items", policy.MaxItems), diagnostic.Textf("减少项数", "give fewer"))
			return
		}
		seen[key.Text] = true
		p.space()
		if p.peek() != ':' {
			p.syntax()
			return
		}
		p.advance(1)
		v := p.value(depth + 1)
		if p.err != nil {
			return
		}
		n.Entries = append(n.Entries, source.Entry{Key: key, Value: v})
		p.space()
	}
	p.advance(1)
}

func (p *jsonParser) array(n *source.Node, depth int) {
	p.advance(1)
	p.space()
	for first := true; p.peek() != ']'; first = false {
		if !first {
			if p.peek() != ',' {
				p.syntax()
				return
			}
			p.advance(1)
		}
		v := p.value(depth + 1)
		if p.err != nil {
			return
		}
		if n.Items = append(n.Items, v); len(n.Items) > policy.MaxItems {
			p.fail("too_many_items", diagnostic.Textf("超过 %d 项", "more than %d items", policy.MaxItems), diagnostic.Textf("减少项数", "give fewer"))
			return
		}
		p.space()
	}
	p.advance(1)
}

// literal reads true, false, null or a number.
func (p *jsonParser) literal() string {
	n := 0
	for p.at+n < len(p.text) && strings.IndexByte(" \t\r\n,]}:", p.text[p.at+n]) < 0 {
		n++
	}
	text := p.text[p.at : p.at+n]
	if text != "true" && text != "false" && text != "null" && !isJSONNumber(text) {
		p.syntax()
		return ""
	}
	p.advance(n)
	return text
}

func isJSONNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		ok := n > 0
		s = s[n:]
		return ok
	}
	if strings.HasPrefix(s, "0") && len(s) > 1 && s[1] >= '0' && s[1] <= '9' || !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		s = s[1:]
		if !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

func (p *jsonParser) str() string {
	end := p.at + 1
	plain := true
	for end < len(p.text) && p.text[end] != '"' {
		if p.text[end] < 0x20 {
			p.advance(end - p.at)
			p.syntax()
			return ""
		}
		if p.text[end] == '\\' {
			plain = false
			end++
		}
		end++
	}
	if end >= len(p.text) {
		p.syntax()
		return ""
	}
	raw := p.text[p.at+1 : end]
	p.advance(end + 1 - p.at)
	if plain {
		return raw
	}
	text, ok := unescape(raw)
	if !ok {
		p.fail("json_syntax", diagnostic.Textf("字符串中的转义有误", "an escape in the string is wrong"), diagnostic.Textf("检查 \\ 之后的字符", "check what follows \\"))
	}
	return text
}

func unescape(raw string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			b.WriteByte(raw[i])
			continue
		}
		i++
		if i >= len(raw) {
			return "", false
		}
		switch raw[i] {
		case '"', '\\', '/':
			b.WriteByte(raw[i])
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r, ok := hex4(raw[i+1:])
			if !ok {
				return "", false
			}
			i += 4
			if utf16.IsSurrogate(r) {
				if i+2 >= len(raw) || raw[i+1] != '\\' || raw[i+2] != 'u' {
					return "", false
				}
				low, ok := hex4(raw[i+3:])
				if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
					return "", false
				}
				i += 6
			}
			b.WriteRune(r)
		default:
			return "", false
		}
	}
	return b.String(), true
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[:4]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
