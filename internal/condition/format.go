package condition

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// How tightly operators bind, as the parser has it. "not" binds tighter than
// comparisons.
const (
	bindTernary = 1 + iota
	bindOr
	bindAnd
	bindCompare
	bindNot
	bindAdd
	bindMultiply
	bindNegate
)

var bindings = map[string]int{
	"or": bindOr, "and": bindAnd, "==": bindCompare, "!=": bindCompare, "<": bindCompare, "<=": bindCompare,
	">": bindCompare, ">=": bindCompare, "in": bindCompare, "+": bindAdd, "-": bindAdd, "*": bindMultiply, "/": bindMultiply,
}

var spelling = map[string]string{"&&": "and", "||": "or"}

// format writes a checked tree; least is how tightly it must bind to do
// without parentheses.
func (c *checker) format(n ast.Node, least int) string {
	text, binds := c.formatted(n)
	if binds < least {
		return "(" + text + ")"
	}
	return text
}

const bindAtom = bindNegate + 1

func (c *checker) formatted(n ast.Node) (text string, binds int) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if l := c.literalOf(n); l != nil {
			return l.text, bindAtom
		}
		return n.Value, bindAtom
	case *ast.StringNode:
		return strconv.Quote(n.Value), bindAtom
	case *ast.UnaryNode:
		if n.Operator == "-" {
			return "-" + c.format(n.Node, bindAtom), bindNegate
		}
		if in, ok := n.Node.(*ast.BinaryNode); ok && in.Operator == "in" {
			return c.format(in.Left, bindCompare+1) + " not in " + c.format(in.Right, bindCompare+1), bindCompare
		}
		return "not " + c.format(n.Node, bindNot), bindNot
	case *ast.BinaryNode:
		op := n.Operator
		if s, ok := spelling[op]; ok {
			op = s
		}
		b := bindings[op]
		left := b
		if b == bindCompare { // no chains
			left++
		}
		if b == bindCompare {
			// Without parentheses this reads as not (a == b).
			if u, ok := n.Left.(*ast.UnaryNode); ok && u.Operator != "-" {
				left = bindAtom
			}
		}
		if l := c.literalOf(n.Left); op == "*" && l != nil && l.percent {
			op = "of"
		}
		return c.format(n.Left, left) + " " + op + " " + c.format(n.Right, b+1), b
	case *ast.ConditionalNode:
		return c.format(n.Cond, bindOr) + " ? " + c.format(n.Exp1, bindOr) + " : " + c.format(n.Exp2, bindTernary), bindTernary
	case *ast.ArrayNode:
		return "[" + c.formatAll(n.Nodes) + "]", bindAtom
	case *ast.BuiltinNode:
		return n.Name + "(" + c.formatAll(n.Arguments) + ")", bindAtom
	case *ast.CallNode:
		return c.format(n.Callee, 0) + "(" + c.formatAll(n.Arguments) + ")", bindAtom
	case *ast.PredicateNode:
		return c.formatted(n.Node)
	case *ast.PointerNode:
		return "#", bindAtom
	case *ast.MemberNode:
		name, _ := n.Property.(*ast.StringNode)
		if _, ok := n.Node.(*ast.PointerNode); ok {
			return "." + name.Value, bindAtom
		}
		return c.format(n.Node, bindAtom) + "." + name.Value, bindAtom
	}
	return n.String(), bindAtom
}

// literalOf is the literal that a node stands for, or nil.
func (c *checker) literalOf(n ast.Node) *literal {
	if id, ok := n.(*ast.IdentifierNode); ok {
		from, _ := place(id)
		return c.literals[from]
	}
	return nil
}

func (c *checker) formatAll(nodes []ast.Node) string {
	all := make([]string, len(nodes))
	for i, n := range nodes {
		all[i] = c.format(n, 0)
	}
	return strings.Join(all, ", ")
}
