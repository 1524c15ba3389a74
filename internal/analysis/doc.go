// Package analysis finds out what holds of the answers of a rulebook over all
// facts that can be given, not over some: facts that no rule of a group is
// for, facts on which two collide, rules that can never apply, conditions that
// are always so, questions that turn on a reading which nobody has decided.
//
// # How
//
// A question is looked at in one edition, group by group, never over the product
// of all its facts. For each claim, such as "both rules apply", facts are
// searched that make it true: what is known of the facts grows one fact at a
// time, and the engine's own compiled conditions are evaluated on it, as on any
// partial facts. What they need decides which fact is tried next; what they have
// decided already is never tried again. That is sound because learning a fact
// never changes what was decided without it.
//
// Of each fact, only those values are tried that may make a difference. They are
// cut into cells by what the conditions compare them with: each word; each
// constant, with one unit on both sides of it; of facts that are compared with
// each other, enough values to come in any order. Where all that matters are
// such comparisons, the search is exact. Where a condition computes with a fact,
// its values are a sample, and where a list matters, lists of a bounded length
// are tried: then what was found is still true, but that nothing was found
// proves nothing, and nothing is reported.
//
// A promise that a value never falls, or never rises, as one fact rises is shown
// without looking at facts where each expression and rule that the value rests on
// goes one way as the fact rises: see [condition.Trend].
//
// Every finding that names facts has been asked of the engine with these facts.
package analysis
