package condition

import (
	"github.com/servicerules/rulebook/internal/value"
)

type op uint8

const (
	opConst      op = iota
	opFact          // slot, behind the presence of its records
	opElem          // the element of a loop, or a field of it
	opAnd           // any number of kids
	opOr            //
	opNot           //
	opCompare       // name is == != < <= > >=
	opIsNull        // kid == null
	opIn            //
	opArith         // name is + - * /
	opNegate        //
	opTernary       //
	opList          // a list literal
	opLoop          // list and predicate
	opApply         // a function of whole numbers
	opPick          // latest, earliest, greatest, least
	opSet           // without, both, joined, distinct
	opLen           //
	opSum           //
	opMonths        // months_where
	opPrefix        // starts_with
	opRound         // rounded, rounded_down and rounded_up of one number
	opWeekday       // weekday_of
	opExchange      // exchanged: an amount and a rate
	opRoundTo       // rounded_to and the like: a number and a step
	opDated         // value_on: a named value and a day
	opMostWithin    // most_within: dates or moments, and a number of days or a duration
	opPeriods       // total_time and total_open_time: periods, exceptions, and the moment of asking
)

// node is a checked part of an expression, with the closures that compute it.
type node struct {
	op       op
	typ      *value.Type
	name     string
	from, to int // in the source, without parentheses around it
	source   string
	kids     []*node
	constant value.Value

	slot  int   // opFact
	noted *note // opFact, where it is to be noted that it was read
	gates []int // opFact: slots of the presence of the records around it
	path  []int // opElem: field of the element, field of that field, …
	// absent is what may be none of it: of opFact slots, its own and those of
	// gates; of opElem how many fields of the path lead there.
	absent []int
	// lastField is the declaration of what an opElem with a path leads to.
	lastField *value.Field
	field     int // opElem, or of a list: the field of the record that the elements are inside of, else -1
	apply     *apply
	// calendars are those that the last kid chooses from, where there is one
	// more than the function takes.
	calendars map[string]Calendar
	// dated is what the first kid of opDated, which has the name, is from which day on.
	dated     []DatedValue
	datedName string
	// division is set of what divides.
	division *Division

	fields map[string]*Var // opFact of a record or namespace: what is in it
	inner  []int           // and the gates of that
	within []int           // those of inner that may be none

	// Which of these are set depends on the kind of typ; val always is.
	tri  func(*value.Frame) tri
	num  func(*value.Frame) (int64, value.State)
	text func(*value.Frame) (string, value.State)
	seq  func(*value.Frame) seq
	val  func(*value.Frame) value.Value
}

// scope is what `#` refers to.
type scope struct {
	typ   *value.Type
	field int // see node.field
}

// inside is the field of a record of a list that the elements of n are inside
// of, or that n itself is inside of; -1 for none.
func (n *node) inside() int {
	if n.op == opElem && n.field < 0 && len(n.path) > 0 {
		return n.path[0]
	}
	return n.field
}

func (c *checker) node(o op, t *value.Type, from, to int, kids ...*node) *node {
	return &node{op: o, typ: t, from: from, to: to, kids: kids, slot: -1, field: -1}
}
