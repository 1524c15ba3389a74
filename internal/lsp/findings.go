package lsp

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/editor"
)

// book is a rulebook that is being edited.
type book struct {
	path    string // of its main file
	project *editor.Project
	current context.Context    // ends once the project is one of a text that is no more
	outdate context.CancelFunc // ends it
	// askable loads the project to ask it.
	askable func() (*rulebook.Book, error)
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
		b := s.open(main, nil)
		s.begin(b)
		s.books[main] = b
		s.awake()
	}
	return s.books[main]
}

// reopen reads a rulebook anew after a change. What is being worked out for its
// text as it was is broken off.
func (s *server) reopen(b *book) {
	b.project = s.open(b.path, b.project).project
	b.stage = nothingKnown
	b.outdate()
	s.begin(b)
}

// begin makes ready for what is to be worked out for a project.
func (s *server) begin(b *book) {
	b.current, b.outdate = context.WithCancel(s.ctx)
	path, project := b.path, b.project
	b.askable = sync.OnceValues(func() (*rulebook.Book, error) { return rulebook.Parse(path, project.All()) })
}

// forget closes a rulebook.
func (s *server) forget(b *book) {
	b.outdate()
	delete(s.books, b.path)
}

// awake has findings looked for.
func (s *server) awake() {
	select {
	case s.wake <- struct{}{}:
	default: // it is about to look already
	}
}

// checkLoop looks for findings whenever something has changed: for errors
// first, then for what has no effect, and then for cases that the rulebook does
// not understand.
func (s *server) checkLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for _, want := range []stage{errorsKnown, allKnown} {
			s.checkAll(ctx, want)
			s.publish()
		}
		s.checkCases(ctx)
		s.publish()
		s.prepare()
	}
}

// prepare works out what completion would otherwise wait for, and what it falls
// back on where a file cannot be read.
func (s *server) prepare() {
	s.mu.Lock()
	var all []*editor.Project
	for _, b := range s.books {
		all = append(all, b.project)
	}
	s.mu.Unlock()
	for _, p := range all {
		p.Prepare()
	}
}

// checkAll brings every rulebook to a stage. Of one that changes meanwhile the
// text as it is last is looked at: for errors now, for the rest in the next
// round, which that change has asked for.
func (s *server) checkAll(ctx context.Context, want stage) {
	for ctx.Err() == nil {
		b, p, current := s.next(want)
		if b == nil {
			return
		}
		findings, err := p.FindingsContext(current)
		var unused []editor.Finding
		if want == allKnown && err == nil {
			unused, err = p.UnusedContext(current)
		}
		if err != nil {
			continue // it has changed
		}
		s.mu.Lock()
		if b.project == p {
			b.findings = findings
			if b.stage = want; want == allKnown {
				b.unused, b.unusedOf = unused, p
			} else {
				b.unused, b.unusedOf = p.Carried(b.unused, b.unusedOf), p
			}
		}
		s.mu.Unlock()
	}
}

// next is a rulebook that is not at a stage yet, as it is now; nil for none.
// Nothing is looked for before the errors are known.
func (s *server) next(want stage) (b *book, p *editor.Project, current context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, each := range s.books {
		if each.stage+1 < want {
			return nil, nil, nil
		}
		if each.stage < want && (b == nil || each.path < b.path) {
			b = each
		}
	}
	if b == nil {
		return nil, nil, nil
	}
	return b, b.project, b.current
}

// publish tells the client the findings of all files, unless something has
// changed since they were found: then they are told after the next round.
func (s *server) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.books {
		if b.stage == nothingKnown {
			return
		}
	}
	found := map[string][]diagnosticItem{}
	notYet := map[string]bool{}
	for _, d := range s.documents {
		found[d.path] = nil
		if d.cases {
			found[d.path] = s.inCases(d)
			notYet[d.path] = d.wrong.text != d.text
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
		if notYet[path] {
			continue
		}
		p := publishDiagnosticsParams{URI: uriOf(path), Diagnostics: items}
		if items == nil {
			p.Diagnostics = []diagnosticItem{}
		}
		d := s.documents[path]
		if d != nil {
			p.URI, p.Version = d.uri, &d.version
		}
		said, _ := json.Marshal(p) // of texts and numbers
		if s.published[path] != string(said) {
			s.notify("textDocument/publishDiagnostics", p)
		}
		if s.published[path] = string(said); d == nil && items == nil {
			delete(s.published, path)
		}
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

// wrongCases are the findings of a file of cases, with the text and the rulebook
// that they are of; nil for the built-in one.
type wrongCases struct {
	text    *editor.Text
	project *editor.Project
	found   []editor.Finding
	outdate context.CancelFunc // of those that are being looked for, once the text is no more
}

// checkCases looks for what is wrong with cases, as long as nothing changes.
func (s *server) checkCases(ctx context.Context) {
	for ctx.Err() == nil {
		s.mu.Lock()
		d, project, rules, current := s.nextCases()
		if d == nil {
			s.mu.Unlock()
			return
		}
		text := d.text
		current, d.wrong.outdate = context.WithCancel(current)
		s.mu.Unlock()
		found := editor.InCases(text)
		if book, err := rules(); err == nil { // else it is for the rules to say what is wrong
			if found, err = editor.WrongCases(current, book, text); err != nil {
				return // what has changed comes first
			}
		}
		s.mu.Lock()
		if s.hasNow(d, text) {
			d.outdated()
			d.wrong = wrongCases{text: text, project: project, found: found}
		}
		s.mu.Unlock()
	}
}

// nextCases is a file of cases that has not been looked at as it is now, and what
// it is about; nil for none.
func (s *server) nextCases() (d *document, project *editor.Project, rules func() (*rulebook.Book, error), current context.Context) {
	for _, path := range slices.Sorted(maps.Keys(s.documents)) {
		d := s.documents[path]
		if !d.cases {
			continue
		}
		project, current := (*editor.Project)(nil), s.ctx
		if b := s.bookOf(d.main); b != nil {
			project, current = b.project, b.current
		}
		if d.wrong.text != d.text || d.wrong.project != project {
			return d, project, s.rulesFor(d), current
		}
	}
	return nil, nil, nil, nil
}

// inCases are the findings in a file of cases, and what failed when they were run.
func (s *server) inCases(d *document) []diagnosticItem {
	var items []diagnosticItem
	for _, f := range d.wrong.found {
		items = append(items, s.itemOf(d.text, f.Range, f.Diagnostic))
	}
	for _, o := range d.failed {
		for _, f := range o.Failed {
			item := s.itemOf(d.text, f.Range, f.Diagnostic)
			if !slices.ContainsFunc(items, func(x diagnosticItem) bool { return x.Range == item.Range && x.Code == item.Code }) {
				items = append(items, item)
			}
		}
	}
	return items
}
