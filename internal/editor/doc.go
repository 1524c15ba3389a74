// Package editor tells what an editor wants to know of a rulebook while it is
// written: findings, completions, what stands at a place and where else, an
// outline, fixes. It is pure: texts in, plain data out; it reads no file and
// speaks no protocol, so that a language server and a page can both stand on it.
//
// Places in a text are byte offsets; Text turns them into the lines and UTF-16
// columns that editors count in.
package editor
