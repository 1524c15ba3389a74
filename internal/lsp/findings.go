package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/editor"
)

// book is a rulebook that is being edited.
type book struct {
	path    string // of its main file
	project *editor.Project
	stage   stage
	// findings are those that were found last, and unused the warnings among
	// them that take longer, with the project that they were found in.
	findings, unused []editor.Finding
	unusedOf         *editor.Project

	fixed   map[string][]editor.Fix // those that were tried
	fixesOf *editor.Project
}

// stage is how much of a rulebook's findings are known.
type stage uint8

const (
	nothingKnown stage = iota
	errorsKnown
	allKnown
)

// holds reports whether a file belongs to a rulebook, beside its main file.
func (b *book) holds(path string) bool {
	return slices.ContainsFunc(b.project.Paths(), func(below string) bool { return b.pathOf(below) == path })
}

// pathOf is the path of one of its files.
func (b *book) pathOf(below string) string {
	if below == "" {
		return b.path
	}
	return filepath.Join(filepath.Dir(b.path), filepath.FromSlash(below))
}

// below is how a rulebook calls a file of its own.
func (b *book) below(path string) string {
	if path == b.path {
		return ""
	}
	if below, err := filepath.Rel(filepath.Dir(b.path), path); err == nil {
		return filepath.ToSlash(below)
	}
	return path
}

// open reads a rulebook.
func (s *server) open(main string, before *editor.Project) *book {
	b := &book{path: main}
	text, _ := s.read(main)
	b.project = editor.Open(string(text), func(below string) ([]byte, error) { return s.read(b.pathOf(below)) }, before)
	return b
}

// bookOf is the rulebook with a main file, which is read where it is not yet;
// nil for none.
func (s *server) bookOf(main string) *book {
	if main == "" {
		return nil
	}
	if s.books[main] == nil {
		if _, err := s.read(main); err != nil {
			return nil
		}
		s.books[main] = s.open(main, nil)
	}
	return s.books[main]
}

// reopen reads a rulebook anew after a change.
func (s *server) reopen(b *book) {
	b.project = s.open(b.path, b.project).project
	b.stage = nothingKnown
}

// awake has findings looked for.
func (s *server) awake() {
	select {
	case s.wake <- struct{}{}:
	default: // it is about to look already
	}
}

// checkLoop looks for findings whenever something has changed: errors at once,
// and what takes longer when nothing has been typed for a while.
func (s *server) checkLoop(ctx context.Context) {
	var later <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
			s.checkAll(errorsKnown)
			later = time.After(idle)
		case <-later:
			s.checkAll(allKnown)
		}
		if s.waiting(allKnown) && later == nil {
			later = time.After(idle)
		}
	}
}

// waiting reports whether some rulebook is not yet known so far.
func (s *server) waiting(want stage) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		if b.stage < want {
			return true
		}
	}
	return false
}

// checkAll brings every rulebook to a stage, as long as nothing changes.
func (s *server) checkAll(want stage) {
	for {
		s.mu.Lock()
		var b *book
		var p *editor.Project
		for _, each := range s.books {
			if each.stage < want && (b == nil || each.path < b.path) {
				b, p = each, each.project
			}
		}
		s.mu.Unlock()
		if b == nil {
			break
		}
		findings := p.Findings()
		p.Prepare()
		var unused []editor.Finding
		if want == allKnown {
			unused = p.Unused()
		}
		s.mu.Lock()
		if b.project == p { // else it is looked at again
			b.findings = findings
			if b.stage = want; want == allKnown {
				b.unused, b.unusedOf = unused, p
			} else {
				b.unused, b.unusedOf = p.Carried(b.unused, b.unusedOf), p
			}
		}
		s.mu.Unlock()
		if want == allKnown && len(s.wake) > 0 {
			return // what was typed meanwhile comes first
		}
	}
	s.publish()
}

// publish tells the client the findings of all files.
func (s *server) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string][]diagnosticItem{}
	for _, d := range s.documents {
		found[d.path] = nil
		if d.cases {
			found[d.path] = s.inCases(d)
		}
	}
	for _, b := range s.books {
		for _, list := range [][]editor.Finding{b.findings, b.unused} {
			for _, f := range list {
				path := b.pathOf(f.Path)
				if item, ok := s.item(b, f); ok && !slices.ContainsFunc(found[path], func(x diagnosticItem) bool { return x.Range == item.Range && x.Code == item.Code }) {
					found[path] = append(found[path], item)
				}
			}
		}
	}
	for path := range s.published {
		if _, ok := found[path]; !ok {
			found[path] = nil // to take back what was said
		}
	}
	for path, items := range found {
		p := publishDiagnosticsParams{URI: uriOf(path), Diagnostics: items}
		if items == nil {
			p.Diagnostics = []diagnosticItem{}
		}
		if d := s.documents[path]; d != nil {
			p.URI, p.Version = d.uri, &d.version
		}
		if s.published[path] = len(items) > 0; !s.published[path] {
			delete(s.published, path)
		}
		s.notify("textDocument/publishDiagnostics", p)
	}
}

// item is a finding as the protocol tells it; false where its file is not there.
func (s *server) item(b *book, f editor.Finding) (diagnosticItem, bool) {
	text := b.project.Text(f.Path)
	if text == nil {
		return diagnosticItem{}, false
	}
	item := s.itemOf(text, f.Range, f.Diagnostic)
	for _, r := range f.Related {
		if t := b.project.Text(r.Path); t != nil {
			item.Related = append(item.Related, relatedInformation{location{s.uriAt(b.pathOf(r.Path)), rangeOf(t, r.Range)}, s.t(r.Message)})
		}
	}
	return item, true
}

// itemOf is a finding at a place: what is wrong, and what to write.
func (s *server) itemOf(text *editor.Text, at editor.Range, d diagnostic.Diagnostic) diagnosticItem {
	item := diagnosticItem{Range: rangeOf(text, at), Severity: 1, Code: d.Code, Source: "rulebook", Message: s.t(d.Message)}
	if d.Severity == diagnostic.Warning {
		item.Severity = 2
	}
	if remedy := s.t(d.Remedy); remedy != "" {
		item.Message += "\n→ " + remedy
	}
	return item
}

// uriAt is the address of a file, as the client calls it where it is open.
func (s *server) uriAt(path string) string {
	if d := s.documents[path]; d != nil {
		return d.uri
	}
	return uriOf(path)
}

// inCases are the findings in a file of cases.
func (s *server) inCases(d *document) []diagnosticItem {
	var items []diagnosticItem
	for _, f := range editor.InCases(d.text) {
		items = append(items, s.itemOf(d.text, f.Range, f.Diagnostic))
	}
	for _, o := range d.failed {
		for _, f := range o.Failed {
			items = append(items, s.itemOf(d.text, f.Range, f.Diagnostic))
		}
	}
	return items
}
