package source

import "github.com/servicerules/rulebook/diagnostic"

// InPlace is a part of a text that stands in place of another one.
type InPlace struct {
	From, To int   // its characters in the new text
	Old      int   // how many characters the other one had
	By       *Node // where it is written
}

// Replaced is a scalar with another text, in which some parts were put in place of
// others; there is at least one. It stands where the last of them is written, and
// each of its characters where it is written itself.
func Replaced(n *Node, text string, parts []InPlace) *Node {
	own := *parts[len(parts)-1].By
	own.Text, own.Style, own.of, own.replaced = text, n.Style, n, parts
	return &own
}

// spanReplaced is the place of some characters: that of what was put into them, or
// else the one that they have in the text as it was.
func (n *Node) spanReplaced(from, to int) diagnostic.Span {
	at, longer := n.Span, 0
	touched := false
	for _, r := range n.replaced {
		switch {
		case r.From < max(to, from+1) && from < r.To:
			at, touched = r.By.Span, true
		case r.To <= from:
			longer += r.To - r.From - r.Old
		}
	}
	if touched {
		return at
	}
	return n.of.SpanAt(from-longer, to-longer)
}

// Covers reports whether a place lies within a scalar, or within what was put in
// place of its parts.
func (n *Node) Covers(at diagnostic.Span) bool {
	if at.File == n.Span.File && n.Span.Start.Compare(at.Start) <= 0 && at.End.Compare(n.Span.End) <= 0 {
		return true
	}
	for _, r := range n.replaced {
		if r.By.Covers(at) {
			return true
		}
	}
	return n.of != nil && n.of.Covers(at)
}
