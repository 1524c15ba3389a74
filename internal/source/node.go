package source

import (
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// Kind is what a node is.
type Kind uint8

// The kinds of nodes. An Empty is a value that is not there: nothing behind
// the colon, or a plain null or ~.
const (
	Empty Kind = iota
	Scalar
	Map
	Seq
)

var kindNames = [...]string{Empty: "empty", Scalar: "scalar", Map: "map", Seq: "list"}

// String is the kind in English.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// Style is how a scalar is written.
type Style uint8

// The styles of scalars.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal // |
	Folded  // >
)

// Node is a piece of a rules file. Nodes are not changed after Parse.
type Node struct {
	Kind  Kind
	Style Style // of a Scalar
	// Text is a scalar's text as meant: quotes, escapes and folding undone,
	// nothing interpreted. Of an Empty it is what was written: "", "null" or "~".
	Text string
	// Span is the exact place of a scalar, quotes included; that of a map or
	// list reaches from its first token to the end of its last.
	Span diagnostic.Span
	// LineComment is the comment that directly follows a scalar on its line,
	// from the '#'; "" where there is none.
	LineComment string

	Entries []Entry // of a Map, in file order
	Items   []*Node // of a Seq

	// Start and End are the byte offsets of the same stretch as Span, in the
	// data given to Parse.
	Start, End int

	file   *file
	parent *Node
	at     int  // index in the parent
	isKey  bool // the key of that entry, not the value

	of       *Node     // what a text was made from by putting others in place of its parts
	replaced []InPlace // these, from left to right
}

// Entry is one key of a map and its value; neither is nil.
type Entry struct {
	Key   *Node
	Value *Node
}

// Get is the value of a key, nil where the map has no such key or n is no map.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Entries {
		if n.Entries[i].Key.Text == key {
			return n.Entries[i].Value
		}
	}
	return nil
}

// Pairs are the entries of a map; none of anything else, and of nil.
func (n *Node) Pairs() []Entry {
	if n == nil {
		return nil
	}
	return n.Entries
}

// Key is the key that n is the value of, nil where it is none.
func (n *Node) Key() *Node {
	if n.isKey || n.parent == nil || n.parent.Kind != Map {
		return nil
	}
	return n.parent.Entries[n.at].Key
}

// CommentSpan is the place of LineComment; that of the scalar where there is none.
func (n *Node) CommentSpan() diagnostic.Span {
	if n.LineComment == "" {
		return n.Span
	}
	from := n.End + strings.IndexByte(n.file.text[n.End:], '#')
	return n.file.span(from, from+len(n.LineComment))
}

// Within reports whether a node is written within another one.
func (n *Node) Within(other *Node) bool {
	return n.Span.File == other.Span.File && other.Start <= n.Start && n.End <= other.End
}

// Parent is the map or list that a key, value or item stands in, nil for the top.
func (n *Node) Parent() *Node { return n.parent }

// IsItem says whether n is an item of a list.
func (n *Node) IsItem() bool { return n.parent != nil && n.parent.Kind == Seq }

// Keys are the keys of a map in file order.
func (n *Node) Keys() []string {
	if n == nil {
		return nil
	}
	keys := make([]string, len(n.Entries))
	for i := range n.Entries {
		keys[i] = n.Entries[i].Key.Text
	}
	return keys
}

// Path is the way from the top to the node, as in `articles."6.1".fines[2]`.
// That of the top is "", that of a key is its value's.
func (n *Node) Path() string {
	var steps []string
	for at := n; at != nil && at.parent != nil; at = at.parent {
		if at.parent.Kind == Seq {
			steps = append(steps, "["+strconv.Itoa(at.at)+"]")
			continue
		}
		step := at.parent.Entries[at.at].Key.Text
		if step == "" || strings.ContainsAny(step, ".[]\"\\ \t\r\n") {
			step = strconv.Quote(step)
		}
		if at.parent.parent != nil {
			step = "." + step
		}
		steps = append(steps, step)
	}
	var path strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		path.WriteString(steps[i])
	}
	return path.String()
}

// At is the node at a path below n, as Path writes it; nil if there is none.
// Keys may be quoted also where they need not be.
func (n *Node) At(path string) *Node {
	for path != "" && n != nil {
		if rest, ok := strings.CutPrefix(path, "["); ok {
			index, after, closed := strings.Cut(rest, "]")
			i, err := strconv.Atoi(index)
			if !closed || err != nil || i < 0 || i >= len(n.Items) {
				return nil
			}
			n, path = n.Items[i], after
			continue
		}
		path = strings.TrimPrefix(path, ".")
		key, after := path, ""
		if i := strings.IndexAny(path, ".["); i >= 0 {
			key, after = path[:i], path[i:]
		}
		if quoted, err := strconv.QuotedPrefix(path); err == nil {
			after = path[len(quoted):]
			key, _ = strconv.Unquote(quoted)
		}
		n, path = n.Get(key), after
	}
	return n
}

// SpanAt is the place in the file of the characters [from, to) of a scalar's
// Text, counted from 0 and kept within it; an empty range is a place between
// characters. It is exact in every style: behind escapes, in folded lines, with
// any indentation. An escape is one character, and so is what a folded line
// break stands for.
func (n *Node) SpanAt(from, to int) diagnostic.Span {
	if n.of != nil {
		return n.spanReplaced(from, to)
	}
	places, ok := n.places()
	if !ok {
		return n.Span
	}
	from = min(max(from, 0), len(places))
	to = min(max(to, from), len(places))
	switch {
	case from < to:
		return n.file.span(places[from].from, places[to-1].to)
	case from < len(places):
		return n.file.span(places[from].from, places[from].from)
	case from > 0:
		return n.file.span(places[from-1].to, places[from-1].to)
	}
	return n.Span // an empty text, as in ""
}

// Bytes is the stretch of the data given to Parse in which the characters
// [from, to) of a scalar's Text stand; false where they cannot be told from
// the rest, as with nothing between from and to.
func (n *Node) Bytes(from, to int) (start, end int, ok bool) {
	places, ok := n.places()
	if !ok || from < 0 || from >= to || to > len(places) {
		return 0, 0, false
	}
	return places[from].from, places[to-1].to, true
}

// place is where one character of a text stands, in bytes.
type place struct{ from, to int }

// places finds every character of the text, and whether the source says the
// same as the text does.
func (n *Node) places() ([]place, bool) {
	if n.Kind != Scalar {
		return nil, false
	}
	text, want := n.file.text, []rune(n.Text)
	found, same := make([]place, 0, len(want)), true
	emit := func(r rune, from, to int) {
		if len(found) == len(want) {
			same = same && r == '\n' // a break that the scalar chomps
			return
		}
		same = same && r == want[len(found)]
		found = append(found, place{from, to})
	}
	switch n.Style {
	case Plain:
		plain(text, n.Start, n.Text, emit)
	case SingleQuoted, DoubleQuoted:
		quoted(text, n.Start, emit)
	default:
		if n.Style == Folded {
			lines, end := folded(n.Text, emit)
			block(text, n.Start, n.Text, lines)
			end()
		} else {
			block(text, n.Start, n.Text, emit)
		}
		// A last line without a break has one in the text.
		for len(found) > 0 && len(found) < len(want) && want[len(found)] == '\n' {
			end := found[len(found)-1].to
			found = append(found, place{end, end})
		}
	}
	return found, same && len(found) == len(want)
}

// Each are the items of a list, none of anything else.
func (n *Node) Each() []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}
