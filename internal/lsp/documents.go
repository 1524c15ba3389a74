package lsp

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/source"
)

// document is a file that is open in the editor.
type document struct {
	path    string
	uri     string
	version int
	text    *editor.Text
	main    string // the path of the main file of its rulebook; "" where it is none of a rulebook's
	cases   bool   // it holds cases
	// outcomes are what came of its cases when they were last run, by where they
	// begin, and failed those that did not come out as expected.
	outcomes map[int]string
	failed   []editor.Outcome
	wrong    wrongCases
}

// What the files are told apart by: keys at their top.
var (
	mainKeys  = []string{"rulebook"}
	casesKeys = []string{"cases", "scenario", "steps"}
	partKeys  = []string{"calendars", "words", "facts", "must", "readings", "regulations", "questions", "promises"}
)

func (s *server) didOpen(p didOpenParams) (any, error) {
	path := pathOf(p.TextDocument.URI)
	d := &document{path: path, uri: p.TextDocument.URI, version: p.TextDocument.Version, text: editor.NewText(p.TextDocument.Text)}
	s.documents[path] = d
	s.changed(d)
	return nil, nil
}

func (s *server) didChange(p didChangeParams) (any, error) {
	d := s.documents[pathOf(p.TextDocument.URI)]
	if d == nil {
		return nil, fmt.Errorf("%s is not open", p.TextDocument.URI)
	}
	d.version = p.TextDocument.Version
	for _, change := range p.ContentChanges {
		if change.Range == nil {
			d.text = editor.NewText(change.Text)
			continue
		}
		d.text = d.text.Replaced(rangeIn(d.text, *change.Range), change.Text)
	}
	s.changed(d)
	return nil, nil
}

func (s *server) didClose(p didCloseParams) (any, error) {
	path := pathOf(p.TextDocument.URI)
	d := s.documents[path]
	if d == nil {
		return nil, nil
	}
	delete(s.documents, path)
	d.outdated()
	s.refresh()
	return nil, nil
}

// filesChanged reads anew what has changed beside the editor.
func (s *server) filesChanged(struct{}) (any, error) {
	s.refresh()
	return nil, nil
}

// refresh makes all rulebooks anew that an open file belongs to, and forgets
// the others.
func (s *server) refresh() {
	needed := map[string]bool{}
	for _, d := range s.documents {
		d.main, d.cases = s.mainOf(d)
		needed[d.main] = true
	}
	for main, b := range s.books {
		if needed[main] {
			s.reopen(b)
		} else {
			s.forget(b)
		}
	}
	for main := range needed {
		s.bookOf(main)
	}
	s.awake()
}

// changed notes that a document has another text.
func (s *server) changed(d *document) {
	d.outcomes, d.failed = nil, nil
	d.outdated()
	if d.main == "" || d.main == d.path || d.cases {
		d.main, d.cases = s.mainOf(d)
	}
	for _, b := range s.books {
		if b.path == d.path || b.holds(d.path) {
			s.reopen(b)
		}
	}
	s.bookOf(d.main)
	s.awake()
}

// outdated ends looking for what is wrong with cases that are no more.
func (d *document) outdated() {
	if d.wrong.outdate != nil {
		d.wrong.outdate()
	}
}

// mainOf finds the main file of the rulebook that a document belongs to, or
// that its cases are about.
func (s *server) mainOf(d *document) (main string, cases bool) {
	text := d.text.String()
	switch {
	case editor.TopKey(text, mainKeys...):
		return d.path, false
	case editor.TopKey(text, casesKeys...):
		return s.rulesNear(d.path), true
	case !editor.TopKey(text, partKeys...) && filepath.Base(d.path) == "rules.yaml":
		return d.path, false
	case !editor.TopKey(text, partKeys...):
		return "", false
	}
	for _, b := range s.books {
		if b.holds(d.path) {
			return b.path, false
		}
	}
	for folder := range s.foldersUp(d.path) {
		for _, name := range s.Files.YAML(folder) {
			path := filepath.Join(folder, name)
			if path == d.path || s.books[path] != nil {
				continue
			}
			if text, err := s.read(path); err == nil && editor.TopKey(string(text), mainKeys...) && editor.TopKey(string(text), source.Include, source.Extends) {
				if b := s.open(path, nil); b.holds(d.path) {
					return path, false
				}
			}
		}
	}
	return d.path, false // which says what a main file lacks
}

// rulesNear is the rules file that the cases in a file are about: in the nearest
// folder, x.yaml beside x-cases or rules.yaml, or the one that is open there; ""
// for none.
func (s *server) rulesNear(path string) string {
	if s.Rules != "" {
		if filepath.IsAbs(s.Rules) || len(s.roots) == 0 {
			return s.Rules
		}
		return filepath.Join(s.roots[0], s.Rules)
	}
	below := ""
	for folder := range s.foldersUp(path) {
		names := []string{"rules.yaml"}
		if name, ok := strings.CutSuffix(below, "-cases"); ok {
			names = []string{name + ".yaml", name + ".yml", "rules.yaml"}
		}
		for _, name := range names {
			rules := filepath.Join(folder, name)
			if _, err := s.read(rules); err == nil {
				return rules
			}
		}
		if here := s.booksIn(folder); len(here) == 1 {
			return here[0]
		}
		below = filepath.Base(folder)
	}
	return ""
}

// booksIn are the main files of rulebooks in a folder that are open.
func (s *server) booksIn(folder string) []string {
	var paths []string
	for path, d := range s.documents {
		if filepath.Dir(path) == folder && !d.cases && d.main == path {
			paths = append(paths, path)
		}
	}
	return paths
}

// mostFolders is how many folders are looked into above a file.
const mostFolders = 6

// foldersUp are the folder of a file and those above it, up to one that the
// client has opened.
func (s *server) foldersUp(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		folder := filepath.Dir(path)
		for range mostFolders {
			if !yield(folder) || slices.Contains(s.roots, folder) || filepath.Dir(folder) == folder {
				return
			}
			folder = filepath.Dir(folder)
		}
	}
}

// read is a file as it is in the editor, else as it is saved.
func (s *server) read(path string) ([]byte, error) {
	if d := s.documents[path]; d != nil {
		return []byte(d.text.String()), nil
	}
	if s.Files == nil {
		return nil, fs.ErrNotExist
	}
	data, err := s.Files.ReadFile(path)
	if err == nil && len(data) > source.MaxBytes {
		return nil, fmt.Errorf("%s is longer than a rules file may be", path)
	}
	return data, err
}

// rangeIn is a stretch of a text by lines and columns.
func rangeIn(t *editor.Text, r textRange) editor.Range {
	start := t.Offset(r.Start.Line, r.Start.Character)
	return editor.Range{Start: start, End: max(start, t.Offset(r.End.Line, r.End.Character))}
}

// rangeOf is a stretch of a text as the protocol tells it.
func rangeOf(t *editor.Text, r editor.Range) textRange {
	var out textRange
	out.Start.Line, out.Start.Character = t.Place(r.Start)
	out.End.Line, out.End.Character = t.Place(r.End)
	return out
}
