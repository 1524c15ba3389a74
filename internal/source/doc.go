// Package source turns the bytes of a rules file into nodes that know exactly
// where they stand, reads strict scalars from a node's text, and edits a file
// by splicing bytes, so that everything not edited stays as it was.
//
// A rules file is treated as hostile input: it is at most 1 MiB of UTF-8, one
// YAML document whose top level is a map, without anchors, aliases, merge
// keys, tags, duplicate keys or deep nesting. A file is read whole or not at
// all; every refusal has a stable code, a place and a remedy.
//
// YAML's own reading of scalars (020 as 16, yes as true, dates, floats) is
// never used: a node holds text, and the functions of this package read it.
package source
