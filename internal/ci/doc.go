// Package ci puts together what guards a rulebook: the rules are checked, all
// facts analysed, promises proven, cases run, what they come to and what careless
// changes they would notice is measured; and against an earlier version, no case
// and no answer on record turns without anybody having said so.
//
// Each of these is a gate. A gate passes, fails, or is left out because nobody
// asked for it or an earlier one makes it pointless. What is asked for stands in
// a [Config], which a file .rulebook.yaml may hold.
package ci
