// Package plan compiles: the rules of a question, with every choice made, into a
// plan whose units are in the order in which they use each other. It tries every
// choice when a file is loaded, and what each costs, and shares plans between
// rulebooks under other readings where no reading that a plan looked at differs.
package plan
