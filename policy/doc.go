// Package policy is the vocabulary of a rulebook and the engine behind it.
//
// Parse reads a rules file into a [Rulebook]: regulations with their articles
// and rules, facts, readings, words and questions. A file is loaded whole or
// not at all; what is wrong with it is reported as findings with line, column
// and remedy. NewEngine makes a Rulebook answer: Check reads facts against
// what is declared, and Ask gives an [Answer] that carries its reasons.
//
// A [Form] is a kind of rule. This package knows scopes, figures, decisions,
// duties, checklists, assignments, guards and ranges; the packages sla,
// penalty and kpi hand theirs to Parse. Forms are written in this module alone:
// to build one takes expressions, values and runs, whose types are internal. A
// form declares the keys that its rules may have and builds an [Evaluator] from
// them.
//
// For every day on which something changes there is an edition: the rulebook
// with every choice made, by reading or by date, and every expression
// compiled. Editions are compiled when first wanted and then shared, so that
// evaluation meets no choice and no text.
//
// Most programs want the package rulebook above this one, which puts the
// forms together.
package policy
