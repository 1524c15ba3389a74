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
func ParseFacts(data []byte) (*source.Node, error) {
	var t Tree
	var wrong Refusals
	if !t.readJSON(data, &wrong) {
		return nil, wrong.Err()
	}
	return t.Node(), wrong.Err()
}

var encodeAsUTF8 = diagnostic.Textf("以 UTF-8 编码", "encode it as UTF-8")

// ReadJSON makes the tree what a text in JSON says. It is false where nothing
// can be checked beyond what is wrong with the text.
func (r *Reader) ReadJSON(data []byte) bool { return r.readJSON(data, &r.Wrong) }

// readJSON reads one JSON value strictly: no duplicate keys, valid UTF-8,
// nothing behind the value, bounded size and depth. A byte order mark before it
// is none of it.
func (t *Tree) readJSON(data []byte, wrong *Refusals) bool {
	t.reset()
	for bytes.HasPrefix(data, byteOrderMark) {
		data = data[len(byteOrderMark):]
	}
	if len(data) > policy.MaxFactBytes {
		wrong.add(policy.NewFactError("too_large", "", diagnostic.Textf("事实超过 %d 字节", "the facts are larger than %d bytes", policy.MaxFactBytes),
			diagnostic.Textf("只给这个问题收取的事实", "give only the facts that the question takes")))
		return false
	}
	switch {
	case isUTF16(data):
		wrong.add(policy.NewFactError("not_utf8", "", diagnostic.Textf("这是 UTF-16 文本，不是 UTF-8", "this is UTF-16 text, not UTF-8"), encodeAsUTF8))
		return false
	case !utf8.Valid(data):
		wrong.add(policy.NewFactError("not_utf8", "", diagnostic.Textf("不是 UTF-8 文本", "this is not UTF-8 text"), encodeAsUTF8))
		return false
	}
	t.text = string(data)
	p := &jsonParser{tree: t, text: t.text}
	p.value(token{}, 0)
	p.space()
	if p.err == nil && p.at < len(p.text) {
		p.fail("json_syntax", diagnostic.Textf("JSON 值之后还有内容", "something follows the JSON value"), diagnostic.Textf("删去多余内容", "remove it"))
	}
	for _, twice := range p.twice {
		wrong.add(twice)
	}
	if p.err != nil {
		wrong.add(p.err)
		return false
	}
	return true
}

var byteOrderMark = []byte("\ufeff")

// isUTF16 reports whether text begins as UTF-16 does, with its mark or without:
// the first character of JSON takes one byte of two.
func isUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) ||
		len(data) > 1 && (data[0] == 0) != (data[1] == 0)
}

// jsonParser writes JSON into a tree.
type jsonParser struct {
	tree  *Tree
	text  string
	at    int
	twice []*policy.FactError // of keys
	err   *policy.FactError   // where nobody can go on
}

func (p *jsonParser) fail(code string, message, remedy policy.Text) {
	if p.err == nil {
		p.err = p.wrong(code, message, remedy)
	}
	p.at = len(p.text)
}

// wrong is an error at the place that has been reached.
func (p *jsonParser) wrong(code string, message, remedy policy.Text) *policy.FactError {
	e := policy.NewFactError(code, "", message, remedy)
	here := position(p.text, int32(p.at))
	e.Span = diagnostic.Span{Start: here, End: here}
	return e
}

func (p *jsonParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *jsonParser) space() {
	for p.at < len(p.text) && isSpace(p.text[p.at]) {
		p.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func (p *jsonParser) syntax() {
	p.fail("json_syntax", diagnostic.Textf("JSON 写法有误", "this is not valid JSON"), diagnostic.Textf("检查引号、逗号和括号", "check quotes, commas and brackets"))
}

// value reads a value, of which the key is known.
func (p *jsonParser) value(key token, depth int) {
	if depth > policy.MaxDepth {
		p.fail("too_deep", diagnostic.Textf("嵌套超过 %d 层", "nested more than %d deep", policy.MaxDepth), diagnostic.Textf("减少嵌套", "nest less"))
		return
	}
	p.space()
	from := p.at
	at := len(p.tree.tokens)
	switch p.peek() {
	case '{':
		p.tree.add(token{kind: source.Map})
		p.object(at, depth)
		p.tree.close(at)
	case '[':
		p.tree.add(token{kind: source.Seq})
		p.array(depth)
		p.tree.close(at)
	case '"':
		p.tree.add(scalar(p.str(), true))
	default:
		p.tree.add(scalar(p.literal(), false))
	}
	x := &p.tree.tokens[at]
	x.key, x.keyFrom, x.keyTo = key.key, key.keyFrom, key.keyTo
	x.from, x.to = int32(from), int32(p.at)
}

func (p *jsonParser) object(at, depth int) {
	keys := keySet{tree: p.tree, record: at}
	p.at++
	p.space()
	for first := true; p.peek() != '}'; first = false {
		if !first {
			if p.peek() != ',' {
				p.syntax()
				return
			}
			p.at++
			p.space()
		}
		if p.peek() != '"' {
			p.syntax()
			return
		}
		x := token{keyFrom: int32(p.at)}
		x.key = p.str()
		x.keyTo = int32(p.at)
		if keys.add(x.key) && p.err == nil {
			p.twice = append(p.twice, p.wrong("duplicate_key", diagnostic.Textf("键 %q 重复", "the key %q stands twice", x.key), diagnostic.Textf("删去一个", "remove one")))
		}
		if keys.count > policy.MaxItems {
			p.fail("too_many_items", diagnostic.Textf("超过 %d 项", "more than %d items", policy.MaxItems), diagnostic.Textf("减少项数", "give fewer"))
			return
		}
		p.space()
		if p.peek() != ':' {
			p.syntax()
			return
		}
		p.at++
		p.value(x, depth+1)
		if p.err != nil {
			return
		}
		p.space()
	}
	p.at++
}

// keySet are the keys of a record that is being written. Few of them are looked
// for where they stand.
type keySet struct {
	tree   *Tree
	record int
	count  int
	many   map[string]bool
}

const fewKeys = 16

// add reports whether the key stands there already; what it said before counts
// no more.
func (s *keySet) add(key string) (twice bool) {
	s.tree.close(s.record)
	if s.count < fewKeys || s.many[key] {
		for i := range s.tree.in(s.record) {
			if x := &s.tree.tokens[i]; x.key == key {
				x.taken, twice = true, true
			}
		}
	}
	if twice {
		return true
	}
	if s.count++; s.count == fewKeys {
		s.many = map[string]bool{}
		for i := range s.tree.in(s.record) {
			s.many[s.tree.tokens[i].key] = true
		}
	}
	if s.many != nil {
		s.many[key] = true
	}
	return false
}

func (p *jsonParser) array(depth int) {
	p.at++
	p.space()
	for n := 0; p.peek() != ']'; n++ {
		if n > 0 {
			if p.peek() != ',' {
				p.syntax()
				return
			}
			p.at++
		}
		p.value(token{}, depth+1)
		if p.err != nil {
			return
		}
		if n >= policy.MaxItems {
			p.fail("too_many_items", diagnostic.Textf("超过 %d 项", "more than %d items", policy.MaxItems), diagnostic.Textf("减少项数", "give fewer"))
			return
		}
		p.space()
	}
	p.at++
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
	p.at += n
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
			p.at = end
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
	p.at = end + 1
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
