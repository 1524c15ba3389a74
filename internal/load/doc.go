// Package load reads rules files: from bytes to a checked rulebook, or to findings
// with place, message and remedy. A file is loaded whole or not at all. It also
// finds what a file declares and nothing uses.
//
// [ParseContext] is the way through it: the files of a book become one tree
// (files.go, extends.go); what is like something else is written out (alike.go);
// each section is read by the file named after it; every edition is compiled
// (check.go). What a node must be say keys.go, nodes.go and names.go. Findings are
// kept in findings.go, and one_cause.go leaves one for one cause. [UnusedContext]
// comes after (unused.go and those named after it, suspicious.go, absences.go).
package load
