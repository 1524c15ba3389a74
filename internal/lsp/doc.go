// Package lsp is a language server for rulebooks: it speaks the Language Server
// Protocol (https://microsoft.github.io/language-server-protocol) over a pair of
// streams, and has internal/editor for what there is to say.
//
// Messages are handled one after the other; only findings are worked out beside
// that, for the text as it is last, so that typing never waits for them.
package lsp
