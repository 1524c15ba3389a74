package policy

// Claim is one thing that a step of an explanation states of numbers, times or
// words, as data: that Left stands in a relation to Right. It holds; whatever a
// condition asked for, a claim says what is so.
type Claim struct {
	Left     Term
	Relation Relation
	Right    Term
}

// Relation is how two terms of a claim compare.
type Relation string

// The values of Relation. Numbers compare by size, moments, dates, months and
// lengths of time by order; words and names are equal or not.
const (
	Equals  Relation = "=="
	Differs Relation = "!="
	Less    Relation = "<"
	AtMost  Relation = "<="
	More    Relation = ">"
	AtLeast Relation = ">="
)

// Term is a value that a claim names, and how it was computed.
type Term struct {
	// Value is the value as the JSON of answers writes it: 20, "4/4003" or
	// "2025-06-20", without the quotes.
	Value string
	// Op is how it was computed from Of: + - * /, "negate", or the name of a
	// function of the expression language; empty where it was given.
	Op string
	Of []Term
	// Name is the label of the fact or rule that gave it; blank for a value
	// that was computed on the way, or stands in the rules file.
	Name Text
}
