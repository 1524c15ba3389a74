// Package policy is the vocabulary of rulebooks: what a rules file declares –
// a [Rulebook] with its regulations, articles, rules, facts, readings, words and
// questions – and what asking it gives: an [Answer] with its values and reasons,
// and the errors that refuse facts, readings and names. It is plain data; package
// rulebook loads files and answers questions.
//
// Who holds data of this package may read it from any goroutine. What belongs to
// a rulebook is not to be written to; an answer, and everything in it, belongs to
// whoever asked.
//
// Evaluation, FactSet, Concluded and the functions NewValue, NewFacts and
// NewFactError are how the engine hands its results over; nobody else needs them.
package policy
