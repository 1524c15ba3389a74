// Package load reads rules files: from bytes to a checked rulebook, or to findings
// with place, message and remedy. A file is loaded whole or not at all. It also
// finds what a file declares and nothing uses.
package load
