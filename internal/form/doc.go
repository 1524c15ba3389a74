// Package form is what a kind of rule is made of. A [Form] declares its keys and
// outputs, and builds an [Evaluator] from the [Part]s of a rule by a [Builder]; the
// evaluator reads facts and outputs from a [Run], which is one evaluation, and
// tells what it did in a [Story].
//
// What rules are built into is a [Plan]: one question under one set of choices,
// with its [Unit]s in order. Package plan makes plans, package run evaluates them;
// they are declared here because forms are built into them and run in them.
package form
