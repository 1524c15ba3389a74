package lsp

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/servicerules/rulebook/internal/editor"
)

// opened is an open file with the rulebook that it belongs to, or nil where it
// belongs to none.
func (s *server) opened(uri string) (*document, *book) {
	d := s.documents[pathOf(uri)]
	if d == nil {
		return nil, nil
	}
	return d, s.bookOf(d.main)
}

// spot is a place in an open file of a rulebook, or of cases about one.
type spot struct {
	book   *book
	path   string // of the file below the rulebook; "" of the main one
	cases  bool   // it is a file of cases
	text   *editor.Text
	offset int
}

// spotAt is the place that a request is about; false where it is in no file of a
// rulebook.
func (s *server) spotAt(p at) (spot, bool) {
	d, b := s.opened(p.TextDocument.URI)
	if d != nil && d.cases && b == nil {
		b = s.builtIn()
	}
	if d == nil || b == nil {
		return spot{}, false
	}
	x := spot{book: b, cases: d.cases, text: d.text}
	if !d.cases {
		x.path = b.below(d.path)
		if x.text = b.project.Text(x.path); x.text == nil {
			return spot{}, false
		}
	}
	x.offset = d.text.Offset(p.Position.Line, p.Position.Character)
	return x, true
}

// symbol is what the place means, and the stretch that says so; nil for nothing.
func (x spot) symbol() (*editor.Symbol, editor.Range) {
	if x.cases {
		return x.book.project.SymbolInCases(x.text, x.offset)
	}
	return x.book.project.SymbolAt(x.path, x.offset)
}

// locked has a handler run while nothing else changes what is open.
func locked[P any](handle func(*server, P) (any, error)) handler {
	return with(func(s *server, params P) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return handle(s, params)
	})
}

type completionItem struct {
	Label         string   `json:"label"`
	Kind          int      `json:"kind"`
	Detail        string   `json:"detail,omitempty"`
	Documentation *markup  `json:"documentation,omitempty"`
	SortText      string   `json:"sortText"`
	TextEdit      textEdit `json:"textEdit"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func markdown(text string) *markup {
	if text == "" {
		return nil
	}
	return &markup{"markdown", text}
}

// completionKind is how the protocol calls a kind of completions.
func completionKind(k editor.Kind) int {
	switch k {
	case editor.Function:
		return 3
	case editor.Fact:
		return 6 // variable
	case editor.Rule, editor.Group:
		return 12 // value
	case editor.Reading, editor.Question:
		return 7 // class
	case editor.Word, editor.Option:
		return 20 // member of an enumeration
	case editor.WordList:
		return 13 // enumeration
	case "key", "output":
		return 10 // property
	case "unit":
		return 11
	case "keyword":
		return 14
	case editor.Article, editor.Regulation:
		return 18 // reference
	}
	return 12
}

func (s *server) completion(p at) (any, error) {
	x, ok := s.spotAt(p)
	var list []editor.Completion
	switch {
	case !ok:
	case x.cases:
		list = x.book.project.CompleteInCases(x.text, x.offset, s.Lang, s.Today())
	default:
		list = x.book.project.Complete(x.path, x.offset, s.Lang, s.Today())
	}
	items := []completionItem{}
	for i, c := range list {
		items = append(items, completionItem{
			Label: c.Label, Kind: completionKind(c.Kind), Detail: c.Detail, Documentation: markdown(c.Doc), SortText: sortText(i),
			TextEdit: textEdit{rangeOf(x.text, c.Range), c.Insert},
		})
	}
	return object{"isIncomplete": false, "items": items}, nil
}

// sortText keeps things in the order of their numbers.
func sortText(n int) string {
	return string([]byte{'a' + byte(n/676%26), 'a' + byte(n/26%26), 'a' + byte(n%26)})
}

func (s *server) hover(p at) (any, error) {
	x, ok := s.spotAt(p)
	if !ok {
		return nil, nil
	}
	var h editor.Hover
	if x.cases {
		h, ok = x.book.project.HoverInCases(x.text, x.offset, s.Lang, s.Today())
	} else {
		h, ok = x.book.project.HoverAt(x.path, x.offset, s.Lang, s.Today())
	}
	if !ok {
		return nil, nil
	}
	return object{"contents": markdown(h.Text), "range": rangeOf(x.text, h.Range)}, nil
}

func (s *server) definition(p at) (any, error) {
	x, ok := s.spotAt(p)
	if !ok || x.book.path == "" { // the built-in rulebook is no file
		return nil, nil
	}
	symbol, _ := x.symbol()
	if symbol == nil {
		return nil, nil
	}
	to, ok := x.book.project.Definition(symbol)
	if !ok {
		return nil, nil
	}
	return s.locationOf(x.book, to), nil
}

func (s *server) locationOf(b *book, to editor.Place) location {
	return location{s.uriAt(b.pathOf(to.Path)), rangeOf(b.project.Text(to.Path), to.Range)}
}

type referenceParams struct {
	at
	Context struct {
		IncludeDeclaration bool `json:"includeDeclaration"`
	} `json:"context"`
}

// references are the places that speak of what stands at a place: in all files of
// the rulebook, and in open files of cases about it.
func (s *server) references(p referenceParams) (any, error) {
	found := []location{}
	x, ok := s.spotAt(p.at)
	if !ok {
		return found, nil
	}
	symbol, _ := x.symbol()
	if symbol == nil {
		return found, nil
	}
	if x.book.path != "" {
		for _, to := range x.book.project.References(symbol, p.Context.IncludeDeclaration) {
			found = append(found, s.locationOf(x.book, to))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(s.documents)) {
		if d := s.documents[path]; d.cases && d.main == x.book.path {
			for _, to := range x.book.project.ReferencesInCases(d.text, symbol) {
				found = append(found, location{d.uri, rangeOf(d.text, to)})
			}
		}
	}
	return found, nil
}

// highlights are the places in one file that speak of what stands at a place.
func (s *server) highlights(p at) (any, error) {
	found := []object{}
	x, ok := s.spotAt(p)
	if !ok {
		return found, nil
	}
	symbol, _ := x.symbol()
	switch {
	case symbol == nil:
	case x.cases:
		for _, to := range x.book.project.ReferencesInCases(x.text, symbol) {
			found = append(found, object{"range": rangeOf(x.text, to)})
		}
	default:
		for _, to := range x.book.project.References(symbol, true) {
			if to.Path == x.path {
				found = append(found, object{"range": rangeOf(x.text, to.Range)})
			}
		}
	}
	return found, nil
}

// workspaceEdit are edits of a rulebook's files as they were in a project.
func (s *server) workspaceEdit(b *book, project *editor.Project, edits []editor.Edit) workspaceEdit {
	w := workspaceEdit{Changes: map[string][]textEdit{}}
	for _, e := range edits {
		uri := s.uriAt(b.pathOf(e.Path))
		w.Changes[uri] = append(w.Changes[uri], textEdit{rangeOf(project.Text(e.Path), e.Range), e.Text})
	}
	return w
}

type documentSymbol struct {
	Name           string           `json:"name"`
	Detail         string           `json:"detail,omitempty"`
	Kind           int              `json:"kind"`
	Range          textRange        `json:"range"`
	SelectionRange textRange        `json:"selectionRange"`
	Children       []documentSymbol `json:"children,omitempty"`
}

func symbolKind(k editor.Kind) int {
	switch k {
	case "section":
		return 3 // namespace
	case editor.Regulation:
		return 2 // module
	case editor.Article, editor.Reading:
		return 5 // class
	case editor.Rule:
		return 12 // function
	case editor.Fact:
		return 13 // variable
	case editor.WordList:
		return 10 // enumeration
	case editor.Question:
		return 11 // interface
	}
	return 14 // constant
}

func (s *server) outline(p struct {
	TextDocument textDocument `json:"textDocument"`
}) (any, error) {
	d, b := s.opened(p.TextDocument.URI)
	switch {
	case d == nil:
		return nil, nil
	case d.cases:
		return s.caseSymbols(d), nil
	case b == nil:
		return nil, nil
	}
	path := b.below(d.path)
	text := b.project.Text(path)
	if text == nil {
		return nil, nil
	}
	var symbols func(items []editor.OutlineItem) []documentSymbol
	symbols = func(items []editor.OutlineItem) []documentSymbol {
		all := []documentSymbol{}
		for _, i := range items {
			all = append(all, documentSymbol{i.Name, i.Detail, symbolKind(i.Kind), rangeOf(text, i.Range), rangeOf(text, i.Key), symbols(i.Items)})
		}
		return all
	}
	return symbols(b.project.Outline(path, s.Lang)), nil
}

type codeActionParams struct {
	TextDocument textDocument `json:"textDocument"`
	Range        textRange    `json:"range"`
	Context      struct {
		Only []string `json:"only"`
	} `json:"context"`
}

type codeAction struct {
	Title       string           `json:"title"`
	Kind        string           `json:"kind"`
	Diagnostics []diagnosticItem `json:"diagnostics"`
	IsPreferred bool             `json:"isPreferred,omitempty"`
	Edit        workspaceEdit    `json:"edit"`
}

// codeAction offers fixes. To try them takes a while, in which other messages
// are handled.
func (s *server) codeAction(p codeActionParams) (any, error) {
	actions := []codeAction{}
	if len(p.Context.Only) > 0 && !slices.Contains(p.Context.Only, "quickfix") {
		return actions, nil
	}
	d, b := s.opened(p.TextDocument.URI)
	if d != nil && d.cases {
		return s.actionsInCases(d, p.Range), nil
	}
	if d == nil || b == nil {
		return actions, nil
	}
	path := b.below(d.path)
	text := b.project.Text(path)
	if text == nil {
		return actions, nil
	}
	wanted, project, current, unused := rangeIn(text, p.Range), b.project, b.current, b.unused
	if b.unusedOf != project {
		unused = nil
	}
	return later(func(context.Context) (any, error) {
		errors, err := project.FindingsContext(current)
		if err != nil {
			return actions, nil // of a text that has been changed meanwhile nobody wants any
		}
		found := slices.Concat(errors, unused)
		slices.SortStableFunc(found, func(a, b editor.Finding) int { return cmp.Compare(a.Range.Start, b.Range.Start) })
		for _, f := range found {
			if f.Path != path || f.Range.End < wanted.Start || wanted.End < f.Range.Start || len(actions) >= mostActions {
				continue
			}
			fixes := s.fixes(current, b, project, f)
			s.mu.Lock()
			item := s.itemOf(text, f.Range, f.Diagnostic)
			for _, fix := range fixes {
				actions = append(actions, codeAction{s.t(fix.Title), "quickfix", []diagnosticItem{item}, fix.Best, s.workspaceEdit(b, project, fix.Edits)})
			}
			s.mu.Unlock()
		}
		return actions, nil
	}), nil
}

// actionsInCases offers fixes in a file of cases, as codeAction does elsewhere.
func (s *server) actionsInCases(d *document, at textRange) later {
	text, rules := d.text, s.rulesFor(d)
	found, wanted := d.wrong.found, rangeIn(text, at)
	if d.wrong.text != text {
		found = nil
	}
	return func(ctx context.Context) (any, error) {
		actions := []codeAction{}
		book, err := rules()
		if err != nil {
			return actions, nil // it is for the rules to say what is wrong
		}
		for _, f := range found {
			if f.Range.End < wanted.Start || wanted.End < f.Range.Start || len(actions) >= mostActions || !s.stillHas(d, text) {
				continue
			}
			for _, fix := range editor.FixesInCases(ctx, book, text, f) {
				w := workspaceEdit{Changes: map[string][]textEdit{}}
				for _, e := range fix.Edits {
					w.Changes[d.uri] = append(w.Changes[d.uri], textEdit{rangeOf(text, e.Range), e.Text})
				}
				actions = append(actions, codeAction{s.t(fix.Title), "quickfix", []diagnosticItem{s.itemOf(text, f.Range, f.Diagnostic)}, fix.Best, w})
			}
		}
		return actions, nil
	}
}

// mostActions is how many fixes are offered at a place.
const mostActions = 12

// fixes are those of a finding. They are kept, for they are asked for whenever
// the cursor moves; none where the context has ended.
func (s *server) fixes(ctx context.Context, b *book, project *editor.Project, f editor.Finding) []editor.Fix {
	s.fixing.Lock()
	defer s.fixing.Unlock()
	s.mu.Lock()
	if b.project != project {
		s.mu.Unlock()
		return nil
	}
	if b.fixesOf != project {
		b.fixesOf, b.fixed = project, map[string][]editor.Fix{}
	}
	key := f.Span.String() + f.Code + f.Message.EN
	kept, tried := b.fixed[key]
	fixed := b.fixed
	s.mu.Unlock()
	if !tried {
		kept = project.Fixes(ctx, f)
		s.mu.Lock()
		defer s.mu.Unlock()
		if ctx.Err() != nil {
			return nil
		}
		fixed[key] = kept
	}
	return kept
}
