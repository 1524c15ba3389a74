package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/diagnostic"
)

// Parse reads a rules file. The name is only used in spans. The node is nil
// where the list holds an Error; every finding of Parse is one. At most
// MaxFindings are listed, then one too_many_findings.
//
// Parse keeps a copy of data, so that the caller may change it afterwards.
func Parse(name string, data []byte) (*Node, diagnostic.List) {
	var out findings
	f := read(name, data, &out)
	if len(out.list) > 0 {
		return nil, out.result()
	}
	top := decode(f, &out)
	if top == nil {
		return nil, out.result()
	}
	b := builder{file: f, out: &out}
	root := b.node(top, 1)
	if root.Kind != Map && len(out.list) == 0 {
		out.add(CodeNotAMap, root.Span,
			diagnostic.Text{ZH: "文件最外层不是键和值", EN: "the top level of the file is not a map of keys and values"},
			diagnostic.Text{ZH: "最外层写成“键: 值”", EN: "write `key: value` at the top level"})
	}
	if len(out.list) > 0 {
		return nil, out.result()
	}
	return root, nil
}

// Nodes is the node that Parse gives, nil where it has findings. It does not look
// for their causes, which may take ten times as long as reading.
func Nodes(name string, data []byte) *Node {
	out := findings{quick: true}
	f := read(name, data, &out)
	if len(out.list) > 0 {
		return nil
	}
	top := decode(f, &out)
	if top == nil {
		return nil
	}
	b := builder{file: f, out: &out}
	root := b.node(top, 1)
	if root.Kind != Map || len(out.list) > 0 {
		return nil
	}
	return root
}

// decode has the library read the one document of a file, nil where it has
// none or several.
func decode(f *file, out *findings) *yaml.Node {
	body := []byte(f.text[f.base:])
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	document, err := next(decoder)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		refuse(f, body, err, out)
		return nil
	case err != nil || len(document.Content) == 0 || isNothing(document.Content[0]):
		out.add(CodeEmptyFile, f.span(f.base, f.base),
			diagnostic.Text{ZH: "文件是空的", EN: "the file is empty"},
			diagnostic.Text{ZH: "写入规则，最外层为“键: 值”", EN: "write rules, with `key: value` at the top level"})
		return nil
	}
	second, err := next(decoder)
	switch {
	case err == nil:
		from := f.offset(second.Line, second.Column)
		to := from
		if strings.HasPrefix(f.text[from:], "---") {
			to += 3
		}
		out.add(CodeSecondDocument, f.span(from, to),
			diagnostic.Text{ZH: "文件里有第二个文档", EN: "a second document in the file"},
			diagnostic.Text{ZH: "删去“---”，或分成两个文件", EN: "remove the `---`, or make it a file of its own"})
		return nil
	case !errors.Is(err, io.EOF):
		refuse(f, body, err, out)
		return nil
	}
	return document.Content[0]
}

// next is the next document of a file. A panic of the library is an error
// like any other: a file may not take the caller down.
func next(decoder *yaml.Decoder) (document *yaml.Node, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			document, err = nil, fmt.Errorf("yaml: %v", caught)
		}
	}()
	document = new(yaml.Node)
	err = decoder.Decode(document)
	return document, err
}

// isNothing reports whether nothing stands where a value could.
func isNothing(y *yaml.Node) bool {
	return y.Kind == yaml.ScalarNode && y.Value == "" && y.Style == 0 && y.Anchor == ""
}

// builder turns the library's nodes into ours, refusing what a rules file may
// not use.
type builder struct {
	file *file
	out  *findings
	// The last anchor and tag reported: a map begins where its first key
	// does, and is not reported for that key's.
	lastAnchor, lastTag int
}

func (b *builder) node(y *yaml.Node, depth int) *Node {
	n := &Node{file: b.file, Start: b.file.offset(y.Line, y.Column)}
	n.End = n.Start
	b.properties(y, n.Start)
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Map
		if b.enter(n, depth) {
			b.entries(n, y, depth)
		}
		b.close(n, y)
	case yaml.SequenceNode:
		n.Kind = Seq
		if b.enter(n, depth) {
			b.items(n, y, depth)
		}
		b.close(n, y)
	case yaml.AliasNode:
		n.End = n.Start + len("*") + len(y.Value)
		b.out.add(CodeAlias, b.file.span(n.Start, n.End),
			diagnostic.Textf("规则文件不用引用 *%s", "a rules file has no aliases such as *%s", y.Value),
			diagnostic.Text{ZH: "把被引用的内容写在这里", EN: "write out here what it stands for"})
	default:
		b.scalar(n, y)
	}
	n.Span = b.file.span(n.Start, n.End)
	return n
}

// enter reports whether a map or list is shallow enough to be looked into.
func (b *builder) enter(n *Node, depth int) bool {
	if depth <= MaxDepth {
		return true
	}
	b.tooDeep(n.Start)
	return false
}

func (b *builder) tooDeep(at int) {
	b.out.add(CodeTooDeep, b.file.span(at, min(at+1, len(b.file.text))),
		diagnostic.Textf("嵌套超过 %d 层", "nested more than %d levels deep", MaxDepth),
		diagnostic.Text{ZH: "减少嵌套；检查括号和缩进", EN: "nest less; look for a stray bracket or indentation"})
}

// properties refuses anchors and tags, which stand before a node.
func (b *builder) properties(y *yaml.Node, start int) {
	text := b.file.text
	bang := start < len(text) && text[start] == '!' // `! x` has no tag that the library tells of
	if y.Anchor == "" && y.Style&yaml.TaggedStyle == 0 && !bang {
		return
	}
	for i := start; i < len(text); {
		end := len(text)
		if n := strings.IndexAny(text[i:], " \t\r\n,[]{}"); n >= 0 {
			end = i + n
		}
		if n := strings.IndexByte(text[i:], '>'); n >= 0 && strings.HasPrefix(text[i:], "!<") {
			end = i + n + 1
		}
		switch {
		case end == i: // blanks between the two, or the end of them
			after, _ := breaks(text, i)
			if after == i {
				return
			}
			i = after
			continue
		case text[i] == '&' && b.lastAnchor < end:
			b.lastAnchor = end
			b.out.add(CodeAnchor, b.file.span(i, end),
				diagnostic.Textf("规则文件不用锚点 %s", "a rules file has no anchors such as %s", text[i:end]),
				diagnostic.Text{ZH: "删去锚点；以 & 开头的文字请加引号", EN: "remove it; put text that begins with & in quotes"})
		case text[i] == '!' && b.lastTag < end:
			b.lastTag = end
			b.out.add(CodeTag, b.file.span(i, end),
				diagnostic.Textf("规则文件不用标签 %s", "a rules file has no tags such as %s", text[i:end]),
				diagnostic.Text{
					ZH: "删去标签；以 ! 开头的文字请加引号，“非”写作 not",
					EN: "remove it; put text that begins with ! in quotes, and write `not` for a negation",
				})
		case text[i] != '&' && text[i] != '!':
			return
		}
		i = end
	}
}

func (b *builder) scalar(n *Node, y *yaml.Node) {
	text := b.file.text
	n.Kind, n.Text = Scalar, y.Value
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		n.Style = DoubleQuoted
	case y.Style&yaml.SingleQuotedStyle != 0:
		n.Style = SingleQuoted
	case y.Style&yaml.LiteralStyle != 0:
		n.Style = Literal
	case y.Style&yaml.FoldedStyle != 0:
		n.Style = Folded
	case y.Tag == "!!null":
		n.Kind = Empty
	}
	switch {
	case n.Start >= len(text):
	case n.Style == Plain:
		n.End = plain(text, n.Start, n.Text, nil)
		if strings.HasPrefix(n.Text, "-") && dashed(text[n.Start:n.End]) {
			first, _, _ := strings.Cut(text[n.Start:n.End], "\n")
			b.out.add(CodeYAMLSyntax, b.file.span(n.Start, n.Start+len(strings.TrimRight(first, " \r"))),
				diagnostic.Text{ZH: "“-”后面少了空格：这几行成了一段文字，不是列表", EN: "there is no space behind the dash: these lines are one text and not a list"},
				diagnostic.Text{ZH: "“-”后面加一个空格", EN: "write a space behind the dash"})
		}
	case n.Style == Literal || n.Style == Folded:
		// A tag or anchor would stand first; then the file is refused anyway.
		n.End = block(text, n.Start, n.Text, nil)
		return
	default:
		n.End = quoted(text, n.Start, nil)
	}
	rest := text[n.End:]
	if blank := strings.TrimLeft(rest, " \t"); len(blank) < len(rest) && strings.HasPrefix(blank, "#") {
		comment, _, _ := strings.Cut(blank, "\n")
		n.LineComment = strings.TrimRight(comment, " \t\r")
	}
}

func (b *builder) entries(n *Node, y *yaml.Node, depth int) {
	count := len(y.Content) / 2
	if count > MaxKeys {
		key := y.Content[2*MaxKeys]
		at := b.file.offset(key.Line, key.Column)
		b.out.add(CodeTooManyKeys, b.file.span(at, min(at+1, len(b.file.text))),
			diagnostic.Textf("一处有 %d 个键，上限为 %d", "%d keys in one map, the limit is %d", count, MaxKeys),
			diagnostic.Text{ZH: "分成几组，或写成列表", EN: "divide them into groups, or write a list"})
		count = MaxKeys
	}
	first := make(map[string]*Node, count)
	n.Entries = make([]Entry, 0, count)
	for i := 0; i < count && !b.out.full; i++ {
		key := b.key(y.Content[2*i])
		if before := first[key.Text]; before != nil && key.Kind == Scalar {
			b.out.add(CodeDuplicateKey, key.Span,
				diagnostic.Textf("键 %s 重复", "the key %s is given twice", shown(key.Text)),
				diagnostic.Text{ZH: "只留一个，或改名", EN: "keep one, or rename one"},
				diagnostic.Related{Span: before.Span, Message: diagnostic.Text{ZH: "首次出现在这里", EN: "first given here"}})
		} else {
			first[key.Text] = key
		}
		value := b.node(y.Content[2*i+1], depth+1)
		if isNothing(y.Content[2*i+1]) {
			b.behindColon(value, key)
			b.colonWithoutSpace(key)
		}
		key.parent, key.at, key.isKey = n, i, true
		value.parent, value.at = n, i
		n.Entries = append(n.Entries, Entry{key, value})
	}
}

// behindColon puts an empty value where a value would be written: the library
// gives the place of whatever comes next.
func (b *builder) behindColon(value, key *Node) {
	at := key.End
	if after, _ := breaks(b.file.text, at); after < len(b.file.text) && b.file.text[after] == ':' {
		at = after + 1
	}
	value.Start, value.End, value.Span = at, at, b.file.span(at, at)
}

// keyAndValue is a name or a date, and a value that follows its colon without
// a space.
var keyAndValue = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.]*|[0-9]{4}-[0-9]{2}-[0-9]{2})[:：]([^\s:：].*)$`)

// colonWithoutSpace reports a key without a value that looks like both: within
// {…}, `a:b` is a key alone.
func (b *builder) colonWithoutSpace(key *Node) {
	m := keyAndValue.FindStringSubmatch(key.Text)
	if m == nil || key.Kind != Scalar || key.Style != Plain {
		return
	}
	b.out.add(CodeYAMLSyntax, key.Span,
		diagnostic.Textf("冒号后面少了空格：%s 整个成了一个键", "there is no space behind the colon: all of %s is one key", shown(key.Text)),
		diagnostic.Textf("写成 %s: %s", "write %s: %s", m[1], m[2]))
}

// key is a key of a map: text on one line, plain or quoted.
func (b *builder) key(y *yaml.Node) *Node {
	remedy := diagnostic.Text{ZH: "键用一行文字，必要时加引号", EN: "write the key as text on one line, in quotes where needed"}
	if y.Kind == yaml.MappingNode || y.Kind == yaml.SequenceNode {
		at := b.file.offset(y.Line, y.Column)
		n := &Node{file: b.file, Start: at, End: at, Span: b.file.span(at, min(at+1, len(b.file.text)))}
		b.out.add(CodeKeyNotPlain, n.Span,
			diagnostic.Text{ZH: "键不是文字", EN: "the key is not text"}, remedy)
		return n
	}
	n := b.node(y, 0)
	switch {
	case y.Kind == yaml.AliasNode: // reported
	case n.Style == Literal || n.Style == Folded || n.Span.Start.Line != n.Span.End.Line:
		b.out.add(CodeKeyNotPlain, n.Span,
			diagnostic.Text{ZH: "键超过一行", EN: "the key is longer than one line"}, remedy)
		n.Kind = Empty
	case n.Text == "":
		b.out.add(CodeKeyNotPlain, n.Span,
			diagnostic.Text{ZH: "键是空的", EN: "the key is empty"}, remedy)
		n.Kind = Empty
	case n.Text == "<<" && n.Style == Plain:
		b.out.add(CodeMergeKey, n.Span,
			diagnostic.Text{ZH: "规则文件不用合并键 <<", EN: "a rules file has no merge key <<"},
			diagnostic.Text{ZH: "把要合并的键写在这里", EN: "write out the keys here"})
		n.Kind = Empty
	default:
		n.Kind = Scalar // a plain null is a name like any other here
	}
	return n
}

func (b *builder) items(n *Node, y *yaml.Node, depth int) {
	count := len(y.Content)
	if count > MaxItems {
		item := y.Content[MaxItems]
		at := b.file.offset(item.Line, item.Column)
		b.out.add(CodeTooManyItems, b.file.span(at, min(at+1, len(b.file.text))),
			diagnostic.Textf("一个列表有 %d 项，上限为 %d", "%d items in one list, the limit is %d", count, MaxItems),
			diagnostic.Text{ZH: "分成几个列表", EN: "divide the list"})
		count = MaxItems
	}
	n.Items = make([]*Node, 0, count)
	for i := 0; i < count && !b.out.full; i++ {
		item := b.node(y.Content[i], depth+1)
		if item.Kind == Empty && y.Content[i].Kind == yaml.ScalarNode {
			b.nullItem(item)
		}
		item.parent, item.at = n, i
		n.Items = append(n.Items, item)
	}
}

func (b *builder) nullItem(item *Node) {
	from := item.Start
	if item.Text == "" && from > 0 && b.file.text[from-1] == '-' {
		from-- // show the dash, as there is nothing else to show
	}
	b.out.add(CodeNullItem, b.file.span(from, item.End),
		diagnostic.Text{ZH: "列表里有空项", EN: "an empty item in the list"},
		diagnostic.Text{ZH: "写出该项，或删去它", EN: "write the item or remove it"})
}

// close finds the end of a map or list: its last child's, and behind that
// the bracket of a flow one.
func (b *builder) close(n *Node, y *yaml.Node) {
	text := b.file.text
	for _, e := range n.Entries {
		n.End = max(n.End, e.Key.End, e.Value.End)
	}
	for _, item := range n.Items {
		n.End = max(n.End, item.End)
	}
	if y.Style&yaml.FlowStyle == 0 || n.Start >= len(text) || text[n.Start] != '[' && text[n.Start] != '{' {
		return
	}
	n.End = max(n.End, n.Start+1)
	for i := n.End; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\r', '\n', ',', ':', '?':
		case '#':
			comment, _, _ := strings.Cut(text[i:], "\n")
			i += len(comment)
		case ']', '}':
			n.End = i + 1
			return
		default:
			return
		}
	}
}

// shown is a word of the file within a message, at a length that a message
// can bear.
func shown(word string) string {
	runes := []rune(word)
	if len(runes) > 40 {
		return fmt.Sprintf("%q…", string(runes[:40]))
	}
	return fmt.Sprintf("%q", word)
}
