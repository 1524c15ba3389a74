package condition

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// TreeOp is what a part of an expression is.
type TreeOp uint8

// The parts that an expression may have.
const (
	TreeName    TreeOp = iota // of a fact or an output, dotted; also null, true, false
	TreeElement               // the element of a loop or list: Text is the path of a field, "" the element itself
	TreeQuoted                // a text in quotes
	TreeNumber                // a number, percentage, amount, day or moment, as it is written
	TreeList                  // of the parts in brackets
	TreeNot                   // of one part
	TreeNegate                // of one part
	TreeBinary                // of two parts; Text is the operator: and or == != < <= > >= in + - * / of
	TreeChoice                // a condition, what holds then, and what holds else
	TreeCall                  // of the arguments; Text is the function
)

// Tree is an expression as it is written, for whoever tells it in words. What its
// names mean in a rulebook is not looked at.
type Tree struct {
	Op   TreeOp
	Text string
	Of   []*Tree
}

// TreeOf reads an expression. It is false for a text that is none.
func TreeOf(src string) (*Tree, bool) {
	c := &checker{env: &Env{}, scan: newScan(src)}
	n := c.parse(src)
	if n == nil || len(c.problems) > 0 {
		return nil, false
	}
	return c.tree(n), true
}

func (c *checker) tree(n ast.Node) *Tree {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if l := c.literalOf(n); l != nil {
			return &Tree{Op: TreeNumber, Text: l.text}
		}
		return &Tree{Op: TreeName, Text: n.Value}
	case *ast.NilNode:
		return &Tree{Op: TreeName, Text: "null"}
	case *ast.BoolNode:
		return &Tree{Op: TreeName, Text: n.String()}
	case *ast.IntegerNode:
		return &Tree{Op: TreeNumber, Text: n.String()}
	case *ast.StringNode:
		return &Tree{Op: TreeQuoted, Text: n.Value}
	case *ast.UnaryNode:
		op := TreeNot
		if n.Operator == "-" {
			op = TreeNegate
		}
		return &Tree{Op: op, Of: []*Tree{c.tree(n.Node)}}
	case *ast.BinaryNode:
		op := n.Operator
		if s, ok := spelling[op]; ok {
			op = s
		}
		if l := c.literalOf(n.Left); op == "*" && l != nil && l.percent {
			op = "of"
		}
		return &Tree{Op: TreeBinary, Text: op, Of: []*Tree{c.tree(n.Left), c.tree(n.Right)}}
	case *ast.ConditionalNode:
		return &Tree{Op: TreeChoice, Of: c.trees(n.Cond, n.Exp1, n.Exp2)}
	case *ast.ArrayNode:
		return &Tree{Op: TreeList, Of: c.trees(n.Nodes...)}
	case *ast.BuiltinNode:
		return &Tree{Op: TreeCall, Text: n.Name, Of: c.trees(n.Arguments...)}
	case *ast.CallNode:
		return &Tree{Op: TreeCall, Text: c.format(n.Callee, 0), Of: c.trees(n.Arguments...)}
	case *ast.PredicateNode:
		return c.tree(n.Node)
	case *ast.PointerNode:
		return &Tree{Op: TreeElement}
	case *ast.MemberNode:
		name, _ := n.Property.(*ast.StringNode)
		if of := c.tree(n.Node); name != nil && (of.Op == TreeName || of.Op == TreeElement) {
			return &Tree{Op: of.Op, Text: strings.TrimPrefix(of.Text+"."+name.Value, ".")}
		}
	}
	return &Tree{Op: TreeName, Text: c.format(n, 0)}
}

func (c *checker) trees(nodes ...ast.Node) []*Tree {
	all := make([]*Tree, len(nodes))
	for i, n := range nodes {
		all[i] = c.tree(n)
	}
	return all
}

// IsLoop reports whether a function looks at every element of a list, which its
// second argument is about.
func IsLoop(function string) bool {
	f := functionNamed[function]
	return f != nil && f.loop
}

// FunctionNamed is what there is to know of a function; false for none.
func FunctionNamed(name string) (Function, bool) {
	f := functionNamed[name]
	if f == nil {
		return Function{}, false
	}
	return *f, true
}
