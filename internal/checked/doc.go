// Package checked is a rulebook as loading found it: the vocabulary of package
// policy together with the nodes of the file that rules and values stand in, the
// slots in which facts are kept, the types of expressions, and everything by its
// name. It also makes the choices that a file leaves open, by reading, by date and
// by the word of a fact.
//
// Loading writes it once; from then on it is immutable and safe for concurrent
// use.
package checked
