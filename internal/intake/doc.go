// Package intake takes in facts: it checks them against what a question declares
// and puts them in their slots, whether they come as JSON, nodes, cells of a table,
// structs or columns. What a null means, what may be missing and what is out of
// range is decided here alone. Feeders write a [Tree], which a [Reader] checks;
// the fields of structs and columns, whose types were checked when they were
// bound, go straight to their slots.
package intake
