package lsp

import (
	"context"
	"errors"
	"maps"
	"path/filepath"

	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/source"
)

func (s *server) prepareRename(p at) (any, error) {
	x, ok := s.spotAt(p)
	if !ok || x.book.path == "" {
		return nil, nil
	}
	symbol, at := x.symbol()
	if !x.book.project.CanRename(symbol) {
		return nil, nil
	}
	return object{"range": rangeOf(x.text, at), "placeholder": symbol.Name}, nil
}

type renameParams struct {
	at
	NewName string `json:"newName"`
}

// rename gives what stands at a place another name: in all files of its rulebook,
// in other rulebooks of the folder that share them, and in the cases about it.
// They are loaded, and the cases run, with the old name and with the new one,
// which takes a while.
func (s *server) rename(p renameParams) (any, error) {
	x, ok := s.spotAt(p.at)
	if !ok || x.book.path == "" {
		return nil, nil
	}
	symbol, _ := x.symbol()
	folder, books, cases := filepath.Dir(x.book.path), s.booksBeside(x.book), s.casesAbout(x.book)
	open := maps.Clone(s.documents)
	texts := map[string]*editor.Text{}
	for path, d := range open {
		texts[path] = d.text
	}
	return later(func(ctx context.Context) (any, error) {
		w, err := s.renamed(ctx, folder, books, cases, symbol, p.NewName)
		var refused *editor.RenameError
		switch {
		case errors.As(err, &refused):
			return nil, &responseError{requestFailed, s.t(refused.Message) + " → " + s.t(refused.Remedy)}
		case err != nil:
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for path, text := range texts {
			if !s.hasNow(open[path], text) {
				return nil, &responseError{contentModified, "the files have been changed since they were to be renamed in"}
			}
		}
		return w, nil
	}), nil
}

// renamed are the edits of a rename. The first of the books of the folder is the
// one that has the symbol.
func (s *server) renamed(ctx context.Context, folder string, books []editor.Book, cases map[string]*editor.Text, symbol *editor.Symbol, name string) (workspaceEdit, error) {
	own := books[0].Project
	edits, err := editor.RenameShared(books, symbol, name)
	if err != nil {
		return workspaceEdit{}, err
	}
	after := own.With(books[0].Own(edits))
	inCases, _, err := own.RenameInAllCases(ctx, symbol, name, after, cases)
	if err != nil {
		return workspaceEdit{}, err
	}
	w := workspaceEdit{Changes: map[string][]textEdit{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range edits {
		for _, b := range books {
			if text := b.Text(e.Path); text != nil {
				uri := s.uriAt(filepath.Join(folder, filepath.FromSlash(e.Path)))
				w.Changes[uri] = append(w.Changes[uri], textEdit{rangeOf(text, e.Range), e.Text})
				break
			}
		}
	}
	for path, edits := range inCases {
		for _, e := range edits {
			uri := s.uriAt(path)
			w.Changes[uri] = append(w.Changes[uri], textEdit{rangeOf(cases[path], e.Range), e.Text})
		}
	}
	return w, nil
}

// booksBeside are a rulebook and the others of its folder that consist of several
// files: they may have some in common with it.
func (s *server) booksBeside(b *book) []editor.Book {
	books := []editor.Book{{Main: filepath.Base(b.path), Project: b.project}}
	if s.Files == nil {
		return books
	}
	folder := filepath.Dir(b.path)
	for _, name := range s.Files.YAML(folder) {
		path := filepath.Join(folder, name)
		if path == b.path {
			continue
		}
		text, err := s.read(path)
		if err != nil || !editor.TopKey(string(text), mainKeys...) || !editor.TopKey(string(text), source.Include, source.Extends) {
			continue
		}
		books = append(books, editor.Book{Main: name, Project: s.open(path, nil).project})
	}
	return books
}

// casesAbout are the files of cases about a rulebook by their paths: those that
// are open, and those that lie beside it.
func (s *server) casesAbout(b *book) map[string]*editor.Text {
	all := map[string]*editor.Text{}
	for path, d := range s.documents {
		if d.cases && d.main == b.path {
			all[path] = d.text
		}
	}
	if s.Files == nil {
		return all
	}
	for _, path := range s.Files.Cases(b.path) {
		if s.documents[path] != nil {
			continue // which may be about another rulebook by now
		}
		if text, err := s.read(path); err == nil && editor.TopKey(string(text), casesKeys...) {
			all[path] = editor.NewText(string(text))
		}
	}
	return all
}
