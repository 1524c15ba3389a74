package intake

import (
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// Tree is facts, or the value of one, as they were given and before anything
// of them is checked. A feeder writes it: from JSON, from the nodes of a file,
// from the cell of a table, from what a Go type writes of itself. A [Reader]
// reads it. It is a row of tokens, a record or list before what is in it, so
// that many trees are written one after the other into the same memory.
type Tree struct {
	tokens []token
	text   string         // of JSON
	nodes  []source.Entry // of a file, one for each token
}

// token is a null, a single value, or the beginning of a record or list.
type token struct {
	kind           source.Kind
	quoted         bool
	taken          bool   // is no fact
	end            int32  // the token behind it and behind what is in it
	keyFrom, keyTo int32  // where its key is in JSON, and
	from, to       int32  // where it is
	key            string // in a record
	text           string // of a single value
}

// reset empties the tree.
func (t *Tree) reset() {
	t.tokens, t.nodes, t.text = t.tokens[:0], nil, ""
}

// add adds a token, which is closed for now.
func (t *Tree) add(x token) int {
	x.end = int32(len(t.tokens) + 1)
	t.tokens = append(t.tokens, x)
	return len(t.tokens) - 1
}

// close says that nothing more follows in a record or list.
func (t *Tree) close(at int) { t.tokens[at].end = int32(len(t.tokens)) }

// in are the tokens of what is in a record or list, but for what is no fact.
func (t *Tree) in(at int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, end := at+1, int(t.tokens[at].end); i < end; i = int(t.tokens[i].end) {
			if !t.tokens[i].taken && !yield(i) {
				return
			}
		}
	}
}

// Scalar makes the tree a single value, as JSON or YAML writes it, with quotes
// or without.
func (t *Tree) Scalar(text string, quoted bool) {
	t.reset()
	t.add(scalar(text, quoted))
}

// List makes the tree a list, of nothing so far.
func (t *Tree) List() {
	t.reset()
	t.add(token{kind: source.Seq})
}

// Item adds a single value to the list.
func (t *Tree) Item(text string, quoted bool) {
	t.add(scalar(text, quoted))
	t.close(0)
}

// scalar is a single value, or that there is none: this alone says how that is
// written.
func scalar(text string, quoted bool) token {
	if !quoted && (text == "null" || text == "~" || text == "") {
		return token{kind: source.Empty, text: text}
	}
	return token{kind: source.Scalar, text: text, quoted: quoted}
}

// ReadNode makes the tree what a node of a file says.
func (t *Tree) ReadNode(n *source.Node) {
	t.reset()
	t.node(source.Entry{Value: n})
	if root := &t.tokens[0]; n.Kind == source.Empty {
		root.kind = source.Map // facts: that nothing follows
	}
}

func (t *Tree) node(e source.Entry) {
	n := e.Value
	x := token{kind: n.Kind}
	if n.Kind == source.Scalar {
		x = scalar(n.Text, n.Style != source.Plain)
	}
	if e.Key != nil {
		x.key = e.Key.Text
	}
	at := t.add(x)
	t.nodes = append(t.nodes, e)
	for _, inner := range n.Entries {
		t.node(inner)
	}
	for _, item := range n.Items {
		t.node(source.Entry{Value: item})
	}
	t.close(at)
}

// Node is the tree as a node of a file, without its places.
func (t *Tree) Node() *source.Node { return t.nodeAt(0) }

func (t *Tree) nodeAt(at int) *source.Node {
	x := &t.tokens[at]
	n := &source.Node{Kind: x.kind, Text: x.text}
	if x.quoted {
		n.Style = source.DoubleQuoted
	}
	for i := range t.in(at) {
		if x.kind == source.Seq {
			n.Items = append(n.Items, t.nodeAt(i))
			continue
		}
		key := &source.Node{Kind: source.Scalar, Style: source.DoubleQuoted, Text: t.tokens[i].key}
		n.Entries = append(n.Entries, source.Entry{Key: key, Value: t.nodeAt(i)})
	}
	return n
}

// Take takes what is no fact, such as the id of a record, out of the facts: its
// text where it is a single value, which a null is without one. Absent where
// there is no such key.
func (t *Tree) Take(key string) (text string, single, given bool) {
	for i := range t.in(0) {
		if x := &t.tokens[i]; x.key == key {
			x.taken = true
			if x.kind == source.Scalar {
				text = x.text
			}
			return text, x.kind == source.Scalar || x.kind == source.Empty, true
		}
	}
	return "", false, false
}

// path is where a token is: "request.kind", "complaints[2].level", behind the
// path of the tree.
func (t *Tree) path(of string, token int) string {
	for at := 0; at != token; {
		i, n := at+1, 0
		for ; int(t.tokens[i].end) <= token; i = int(t.tokens[i].end) {
			n++
		}
		switch {
		case t.tokens[at].kind == source.Seq:
			of = fmt.Sprintf("%s[%d]", of, n)
		case of == "":
			of = t.tokens[i].key
		default:
			of += "." + t.tokens[i].key
		}
		at = i
	}
	return of
}

// span is where a token, or its key, is in the text, if there is one.
func (t *Tree) span(at int, key bool) diagnostic.Span {
	x := &t.tokens[at]
	switch {
	case t.nodes != nil && key:
		return t.nodes[at].Key.Span
	case t.nodes != nil:
		return t.nodes[at].Value.Span
	case t.text == "":
		return diagnostic.Span{}
	case key:
		return diagnostic.Span{Start: position(t.text, x.keyFrom), End: position(t.text, x.keyTo)}
	}
	return diagnostic.Span{Start: position(t.text, x.from), End: position(t.text, x.to)}
}

// position is the line and column of a byte of a text.
func position(text string, at int32) diagnostic.Position {
	text = text[:at]
	begin := strings.LastIndexByte(text, '\n') + 1
	return diagnostic.Position{Line: strings.Count(text, "\n") + 1, Column: utf8.RuneCountInString(text[begin:]) + 1}
}

// cutNumber reports whether a key of a record is the rest of a number that a
// comma has cut in two; only files can write such.
func (t *Tree) cutNumber(record, at int) (checked.CutNumber, bool) {
	if t.nodes == nil {
		return checked.CutNumber{}, false
	}
	n := t.nodes[record].Value
	for i, e := range n.Entries {
		if e.Key == t.nodes[at].Key {
			return checked.CutInMap(n, i)
		}
	}
	return checked.CutNumber{}, false
}
