// Package casefile reads and runs the example cases of a rulebook: facts and
// what must hold, in YAML that a policy editor can read.
package casefile

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// File is one file of cases.
type File struct {
	Name    string
	Text    []byte   // as it was read
	Changes []Change // made to the rulebook before the cases are run
	Cases   []*Case
}

// Change replaces the value at a path of the rules file: a what-if that is
// part of the test.
type Change struct {
	Path string // regulations.time_limit.articles."6".…
	To   string // YAML, as it would stand there
	Span diagnostic.Span
}

// Case is one example: facts and what must hold of the answer.
type Case struct {
	Name     string
	Question string
	Readings []Setting
	AsOf     time.Time
	Facts    *source.Node
	Expect   *source.Node
	Note     string
	Span     diagnostic.Span

	node *source.Node // all of it
}

// Setting is the option of a reading that a case is run under.
type Setting struct{ Key, Option string }

// Parse reads a file of cases: `cases:` a list of them, or `scenario:` a name
// and `steps:`. Findings name the place; a file is read whole or not at all.
func Parse(name string, data []byte) (*File, diagnostic.List) {
	root, found := source.Parse(name, data)
	if root == nil {
		return nil, found
	}
	p := &parser{found: found, seen: map[string]diagnostic.Span{}, meant: map[string]*source.Node{}}
	f := &File{Name: name, Text: data}
	p.file(root, f)
	p.found = source.Limit(p.found)
	if p.found.Failed() {
		return nil, p.found
	}
	return f, p.found
}

// file reads what stands at the top.
func (p *parser) file(root *source.Node, f *File) {
	list, prefix := "cases", ""
	switch s := root.Get("scenario"); {
	case s != nil:
		list, prefix = "steps", p.text(s)+" / "
		p.keys(root, "scenario", "note", "changes", "steps")
	case root.Get("steps") != nil:
		p.missing(root, "scenario", diagnostic.Textf("补上 scenario: 名称", "add scenario: a name"))
		return
	default:
		p.keys(root, "cases", "note", "changes")
	}
	if c := root.Get("changes"); c != nil && p.is(c, source.Map, "a map of path: value", "路径: 值") {
		for _, e := range c.Entries {
			if p.is(e.Value, source.Scalar, "YAML in quotes", "加引号的 YAML") {
				f.Changes = append(f.Changes, Change{e.Key.Text, e.Value.Text, e.Key.Span})
			}
		}
	}
	switch n := root.Get(list); {
	case n == nil && p.meant[list] == root: // it is told
	case n == nil:
		p.missing(root, list, diagnostic.Textf("补上 %s: 列表", "add %s: a list", list))
	case p.is(n, source.Seq, "a list", "列表"):
		for _, item := range n.Items {
			f.Cases = append(f.Cases, p.oneCase(item, prefix)...)
		}
	}
}

type parser struct {
	found diagnostic.List
	seen  map[string]diagnostic.Span
	meant map[string]*source.Node // keys that unknown ones were meant as, and where
}

func (p *parser) fail(code string, n *source.Node, message, remedy diagnostic.Text) {
	p.found = append(p.found, diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: n.Span, Message: message, Remedy: remedy})
}

// missing reports a key that a map lacks, at the first of its keys where it
// goes over several lines.
func (p *parser) missing(n *source.Node, key string, remedy diagnostic.Text) {
	at := n
	if len(n.Entries) > 0 && n.Span.Start.Line != n.Span.End.Line {
		at = n.Entries[0].Key
	}
	p.fail("missing_key", at, diagnostic.Textf("缺少 %q", "%q is missing", key), remedy)
}

// otherWords are what people call the keys of cases in Chinese.
var otherWords = map[string]string{
	"用例": "cases", "名称": "name", "问题": "question", "读法": "readings", "判断时间": "as_of", "事实": "facts", "应得": "expect", "应为": "expect",
	"预期": "expect", "期望": "expect", "表": "table", "表格": "table", "备注": "note", "说明": "note", "行": "rows", "各行": "rows",
}

// keys reports the keys of a map that are not allowed in it, and which each was
// probably meant as; that is then not missing.
func (p *parser) keys(n *source.Node, allowed ...string) {
	for _, e := range n.Entries {
		if !slices.Contains(allowed, e.Key.Text) {
			near := diagnostic.Nearest(e.Key.Text, allowed)
			if other := otherWords[e.Key.Text]; slices.Contains(allowed, other) {
				near = other
			}
			remedy := diagnostic.OneOfNear(near, allowed)
			if plain, what := source.InASCII(e.Key.Text); !what.IsZero() {
				remedy = diagnostic.Text{ZH: what.ZH + "：写 " + plain, EN: what.EN + ": write " + plain}
			}
			if near != "" {
				p.meant[near] = n
			}
			p.fail("unknown_key", e.Key, diagnostic.Textf("这里没有名为 %q 的键", "there is no key %q here", e.Key.Text), remedy)
		}
	}
}

func (p *parser) is(n *source.Node, kind source.Kind, en, zh string) bool {
	if n.Kind == kind {
		return true
	}
	p.fail("wrong_type", n, diagnostic.Text{ZH: "这里应为" + zh, EN: en + " is expected here"}, diagnostic.Text{ZH: "改写成" + zh, EN: "write " + en})
	return false
}

// text is the words that a scalar holds.
func (p *parser) text(n *source.Node) string {
	if p.is(n, source.Scalar, "text", "文字") && strings.TrimSpace(n.Text) == "" {
		p.fail("empty_text", n, diagnostic.Text{ZH: "这里是空的", EN: "this is empty"}, diagnostic.Text{ZH: "写上文字", EN: "write something"})
	}
	return n.Text
}

// oneCase reads a case, or the several that a table makes of it.
func (p *parser) oneCase(n *source.Node, prefix string) []*Case {
	if !p.is(n, source.Map, "a map", "键: 值") {
		return nil
	}
	p.keys(n, "name", "question", "readings", "as_of", "facts", "expect", "table", "note")
	c := &Case{node: n, Span: n.Span, Expect: n.Get("expect"), Facts: n.Get("facts")}
	complete := true
	var lacks []string
	before := len(p.found)
	table := n.Get("table")
	for _, key := range []string{"name", "question", "expect"} {
		switch {
		case n.Get(key) != nil, key == "expect" && table != nil:
		case p.meant[key] == n:
			complete = false
		case p.tooDeep(n, key):
			complete = false
		default:
			lacks = append(lacks, key)
			complete = false
		}
	}
	if i := p.keyMeant(n); i >= 0 && len(lacks) == 1 && len(p.found) == before {
		p.found[i].Remedy = diagnostic.Textf("是否指 %s？", "did you mean %s?", lacks[0])
		lacks = nil
	}
	for _, key := range lacks {
		p.missing(n, key, diagnostic.Textf("补上 %s: …", "add %s: …", key))
	}
	if !complete {
		return nil
	}
	c.Name, c.Question = prefix+p.text(n.Get("name")), p.text(n.Get("question"))
	p.once(c.Name, n.Get("name"))
	if c.Expect == nil {
		c.Expect = &source.Node{Kind: source.Map, Span: n.Span}
	}
	if c.Expect.Kind == source.Empty {
		p.fail("value_expected", c.Expect, diagnostic.Textf("没有写应得什么", "it is not said what is expected"),
			diagnostic.Textf("写应得的结果，如 expect: {verdict: 结论}；只要没有违规的写 {}", "write what the answer must be, as in expect: {verdict: …}; where it is enough that nothing is breached, {}"))
	} else {
		p.is(c.Expect, source.Map, "a map", "键: 值")
	}
	if c.Facts == nil {
		c.Facts = &source.Node{Kind: source.Map, Span: n.Span}
	}
	if r := n.Get("readings"); r != nil && p.is(r, source.Map, "a map", "键: 值") {
		for _, e := range r.Entries {
			c.Readings = append(c.Readings, Setting{e.Key.Text, wordsOf(e.Value)})
		}
	}
	if a := n.Get("as_of"); a != nil {
		t, err := source.Moment(a.Text)
		if err != nil {
			var refused *source.ScalarError // source has no other errors
			errors.As(err, &refused)
			p.fail("bad_moment", a, refused.Message, refused.Remedy)
		}
		c.AsOf = t
	}
	if x := n.Get("note"); x != nil {
		c.Note = p.text(x)
	}
	if table != nil {
		return p.tableOf(c, table)
	}
	return []*Case{c}
}

// keyMeant is the finding of the one unknown key of a case that was meant as none of
// those there are, -1 where there are several or none.
func (p *parser) keyMeant(n *source.Node) int {
	at := -1
	for i, d := range p.found {
		if d.Code == "unknown_key" && slices.ContainsFunc(n.Entries, func(e source.Entry) bool { return e.Key.Span == d.Span }) {
			if at >= 0 || strings.HasPrefix(d.Remedy.EN, "did you mean") {
				return -1
			}
			at = i
		}
	}
	return at
}

// tooDeep reports a key of a case that stands within its facts: the line is
// indented by too much.
func (p *parser) tooDeep(n *source.Node, key string) bool {
	var within func(n *source.Node) *source.Node
	within = func(n *source.Node) *source.Node {
		for _, e := range n.Pairs() {
			if e.Key.Text == key {
				return e.Key
			}
			if at := within(e.Value); at != nil {
				return at
			}
		}
		for _, item := range n.Each() {
			if at := within(item); at != nil {
				return at
			}
		}
		return nil
	}
	at := within(n.Get("facts"))
	if at == nil || key != "expect" {
		return false
	}
	level := n.Entries[0].Key.Span.Start.Column - 1
	p.fail("missing_key", at, diagnostic.Textf("%s 缩进太多，成了事实的一部分", "%s is indented by too much: it stands within the facts", key),
		diagnostic.Textf("缩进 %[1]d 个空格，与同级的键对齐", "indent it by %[2]s, as the keys of its level are", level, diagnostic.Counted(level, "space", "spaces")))
	return true
}

// once refuses a name that another case has.
func (p *parser) once(name string, at *source.Node) {
	if first, twice := p.seen[name]; twice {
		p.fail("duplicate_case", at, diagnostic.Textf("用例名 %q 重复（先见于 %v）", "the case name %q stands twice (first at %v)", name, first),
			diagnostic.Text{ZH: "换一个名称", EN: "choose another name"})
		p.found[len(p.found)-1].Related = []diagnostic.Related{{Span: first, Message: diagnostic.Text{ZH: "首次出现在这里", EN: "first given here"}}}
	}
	p.seen[name] = at.Span
}

// wordsOf is an option of a reading, or several of them.
func wordsOf(n *source.Node) string {
	if n.Kind != source.Seq {
		return n.Text
	}
	words := make([]string, len(n.Items))
	for i, item := range n.Items {
		words[i] = item.Text
	}
	return strings.Join(words, ",")
}

// Apply makes the changes of the file to the text of a rulebook. Of one of
// several files, each change is made in the first file that has its path.
func (f *File) Apply(name string, rules []byte) ([]byte, error) {
	parts := source.Split(rules)
	for _, c := range f.Changes {
		made := false
		for i := range parts {
			p := &parts[i]
			root, found := source.Parse(name, p.Text)
			if root == nil {
				return nil, found
			}
			if n := root.At(c.Path); n != nil {
				p.Text = slices.Concat(p.Text[:n.Start], []byte(c.To), p.Text[n.End:])
				made = true
				break
			}
		}
		if !made {
			return nil, diagnostic.List{{
				Code: "unknown_path", Severity: diagnostic.Error, Span: c.Span,
				Message: diagnostic.Textf("规则文件里没有 %s", "the rules file has nothing at %s", c.Path),
				Remedy:  diagnostic.Textf("写成 readings.%[1]q.chosen 这样的路径", "write a path such as readings.%[1]q.chosen", "name.of_a_reading"),
			}}
		}
	}
	if !source.Joined(rules) {
		return parts[0].Text, nil
	}
	return source.Join(parts), nil
}
