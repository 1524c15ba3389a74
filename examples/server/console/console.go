// Package console is the pages of the server.
package console

import (
	"net/http"

	"github.com/servicerules/rulebook/examples/server/door"
	"github.com/servicerules/rulebook/examples/server/problem"
	"github.com/servicerules/rulebook/examples/server/service"
)

// Options fit the pages into a program.
type Options struct {
	// Guard lets callers through by scope, as in package api.
	Guard func(door.Scope, http.Handler) http.Handler
}

// New is the handler of the pages: all paths but those of package api.
func New(s *service.Service, o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", o.Guard(door.Known, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		title := s.Rules.Current().Book.Rulebook().Title.In(problem.Language(r))
		_, _ = w.Write([]byte("<!doctype html><meta charset=utf-8><title>rulebook</title><h1>" + title + "</h1>"))
	})))
	return mux
}
