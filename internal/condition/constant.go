package condition

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/servicerules/rulebook/diagnostic"
)

// Constant finds parts of an expression that are always so or never, whatever
// the facts: a fact that must be two words at once, a number above one bound and
// below a lower one, a comparison of something with itself, a choice of which
// both values are the same. It looks at single conditions and sees what people
// see; it proves nothing about those in which it finds nothing.
func Constant(src string) []Problem {
	s := newScan(src)
	tree := s.parse(src)
	if tree == nil || len(s.problems) > 0 {
		return nil // it has findings of its own, or the literals do
	}
	w := &weigher{scan: s}
	w.walk(tree)
	return s.found()
}

type weigher struct{ *scan }

func (w *weigher) walk(n ast.Node) {
	if b, ok := n.(*ast.BinaryNode); ok {
		op := logical(b.Operator)
		if op != "" {
			parts := flatten(n, op)
			if !w.sequence(n, op, parts) {
				for _, p := range parts {
					w.walk(p)
				}
			}
			return
		}
		w.withItself(b)
	}
	if c, ok := n.(*ast.ConditionalNode); ok && w.source(c.Exp1) == w.source(c.Exp2) {
		w.say(n, diagnostic.Textf("两种情形的值一样，条件没有作用", "both values are the same: the condition has no effect"),
			diagnostic.Textf("改正其中一个值，或只写这个值", "correct one of the values, or write the value alone"))
	}
	for _, child := range childrenOf(n) {
		w.walk(child)
	}
}

// logical is "and" or "or" for an operator that is one, else "".
func logical(operator string) string {
	switch operator {
	case "and", "&&":
		return "and"
	case "or", "||":
		return "or"
	}
	return ""
}

// flatten are the conditions that one operator joins.
func flatten(n ast.Node, op string) []ast.Node {
	if b, ok := n.(*ast.BinaryNode); ok && logical(b.Operator) == op {
		return append(flatten(b.Left, op), flatten(b.Right, op)...)
	}
	return []ast.Node{n}
}

// withItself reports a comparison of something with itself.
func (w *weigher) withItself(b *ast.BinaryNode) {
	if !slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, b.Operator) || w.source(b.Left) != w.source(b.Right) {
		return
	}
	w.say(b, diagnostic.Textf("这里与自己比较，结果永远一样", "something is compared with itself: the result is always the same"),
		diagnostic.Textf("改正其中一边", "correct one of the sides"))
}

// claim is a condition about one operand: that it is, or is not, one of some
// words, or that it is on one side of a number.
type claim struct {
	about string
	words []string // in quotes; nil for a number or for yes and no
	not   bool
	op    string // of a number: <, <=, >, >=, ==, !=
	than  int64
}

// sequence reports conditions that contradict each other within an "and", or
// leave nothing out within an "or", which is the same about their opposites.
func (w *weigher) sequence(n ast.Node, op string, parts []ast.Node) bool {
	claims := map[string][]claim{}
	for _, p := range parts {
		c, ok := w.claimOf(p)
		if !ok {
			continue
		}
		if op == "or" {
			c = c.opposite()
		}
		claims[c.about] = append(claims[c.about], c)
	}
	for _, about := range claims {
		if possible(about) {
			continue
		}
		if op == "and" {
			w.say(n, diagnostic.Textf("这个条件永远不可能成立：对 %s 的要求互相矛盾", "this condition can never hold: what it wants of %s contradicts itself", strings.TrimSpace(about[0].about)),
				diagnostic.Textf("改正其中一个；是“或者”就写 or", "correct one of them; write or where either will do"))
		} else {
			w.say(n, diagnostic.Textf("这个条件永远成立：%s 总有一项符合", "this condition always holds: %s meets one of them whatever it is", strings.TrimSpace(about[0].about)),
				diagnostic.Textf("改正其中一个；是“并且”就写 and", "correct one of them; write and where both must hold"))
		}
		return true
	}
	return false
}

var opposites = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}

func (c claim) opposite() claim {
	c.not = !c.not
	c.op = opposites[c.op]
	return c
}

// claimOf reads a condition as a claim; false where it is another.
func (w *weigher) claimOf(n ast.Node) (claim, bool) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			c, ok := w.claimOf(n.Node)
			return c.opposite(), ok
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "==", "!=", "<", "<=", ">", ">=":
			if number, ok := n.Right.(*ast.IntegerNode); ok {
				return claim{about: w.source(n.Left) + " ", op: n.Operator, than: int64(number.Value)}, true
			}
			if text, ok := n.Right.(*ast.StringNode); ok && (n.Operator == "==" || n.Operator == "!=") {
				return claim{about: w.source(n.Left), words: []string{text.Value}, not: n.Operator == "!="}, true
			}
			return claim{about: w.source(n)}, true // as a whole it is so or not
		case "in":
			list, ok := n.Right.(*ast.ArrayNode)
			if !ok || len(list.Nodes) == 0 {
				return claim{about: w.source(n)}, true
			}
			var words []string
			for _, x := range list.Nodes {
				text, ok := x.(*ast.StringNode)
				if !ok {
					return claim{about: w.source(n)}, true
				}
				words = append(words, text.Value)
			}
			return claim{about: w.source(n.Left), words: words}, true
		}
	case *ast.MemberNode, *ast.IdentifierNode, *ast.BuiltinNode, *ast.CallNode, *ast.PointerNode:
		return claim{about: w.source(n)}, true
	}
	return claim{}, false
}

// possible reports whether all claims about one operand can be so together.
func possible(claims []claim) bool {
	var allowed []string // nil: any word
	var denied []string
	yes, no := false, false
	const beyond int64 = 1 << 62
	low, high := -beyond, beyond // inclusive bounds, in halves: a number need not be whole
	var except []int64
	for _, c := range claims {
		switch {
		case c.op != "":
			at := 2 * c.than
			if c.than >= beyond/2 || c.than <= -beyond/2 {
				return true // half of such a number is out of range: nothing is said of it
			}
			switch c.op {
			case "<":
				high = min(high, at-1)
			case "<=":
				high = min(high, at)
			case ">":
				low = max(low, at+1)
			case ">=":
				low = max(low, at)
			case "==":
				low, high = max(low, at), min(high, at)
			case "!=":
				except = append(except, at)
			}
		case c.words == nil:
			yes, no = yes || !c.not, no || c.not
		case c.not:
			denied = append(denied, c.words...)
		case allowed == nil:
			allowed = slices.Clone(c.words)
		default:
			allowed = slices.DeleteFunc(allowed, func(w string) bool { return !slices.Contains(c.words, w) })
			if len(allowed) == 0 {
				return false
			}
		}
	}
	if yes && no || low > high || low == high && slices.Contains(except, low) {
		return false
	}
	if allowed == nil {
		return true
	}
	return slices.ContainsFunc(allowed, func(w string) bool { return !slices.Contains(denied, w) })
}

func (w *weigher) say(n ast.Node, message, remedy diagnostic.Text) {
	from, to := w.extent(n)
	w.fail("", from, to, message, remedy)
}

// source is what stands for a node, without the spaces in it.
func (w *weigher) source(n ast.Node) string {
	from, to := w.extent(n)
	return strings.Join(strings.Fields(w.text(from, to)), " ")
}

// extent is from where to where a node stands, brackets around it left out.
func (w *weigher) extent(n ast.Node) (from, to int) {
	from, to = place(n)
	if _, i := w.tokenOf(n); i >= 0 {
		to = max(to, w.tokens[i].To)
		switch n.(type) {
		case *ast.BuiltinNode, *ast.CallNode:
			to = max(to, w.callEnd(i+1))
		case *ast.ArrayNode:
			to = max(to, w.callEnd(i))
		}
	}
	for _, child := range childrenOf(n) {
		a, b := w.extent(child)
		from, to = min(from, a), max(to, b)
	}
	return from, w.closed(from, to)
}

// closed widens a stretch to the brackets that are opened in it.
func (w *weigher) closed(from, to int) int {
	for i, t := range w.tokens {
		if t.From >= from && t.To <= to && w.match[i] > i {
			to = max(to, w.tokens[w.match[i]].To)
		}
	}
	return to
}

func childrenOf(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	}
	return nil
}
