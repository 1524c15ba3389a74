// Package lsp is a language server for rulebooks: it speaks the Language Server
// Protocol (https://microsoft.github.io/language-server-protocol) over a pair of
// streams, and has internal/editor for what there is to say.
//
// Messages are handled one after the other. Beside that, so that typing never
// waits for them, findings are worked out for the text as it is last, fixes are
// tried and cases run for the text as it was when they were asked for. What is
// being worked out for a text that changes is broken off. Help on what is in
// force and renaming need the rulebook loaded, and wait for that.
package lsp
