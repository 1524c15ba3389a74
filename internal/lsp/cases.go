package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/editor"
)

// runCommand is the command of the lines above cases.
const runCommand = "rulebook.runCases"

type lensParams struct {
	TextDocument textDocument `json:"textDocument"`
}

type codeLens struct {
	Range   textRange `json:"range"`
	Command command   `json:"command"`
}

type command struct {
	Title     string `json:"title"`
	Command   string `json:"command"`
	Arguments []any  `json:"arguments,omitempty"`
}

// codeLens are the lines above cases: what came of them, and a way to run them.
func (s *server) codeLens(p lensParams) (any, error) {
	lenses := []codeLens{}
	d := s.documents[pathOf(p.TextDocument.URI)]
	if d == nil || !d.cases {
		return lenses, nil
	}
	cases := editor.Cases(d.text)
	if len(cases) > 1 {
		title := fmt.Sprintf(s.t(diagnostic.Text{ZH: "▶ 全部试跑（%d 个）", EN: "▶ run all (%d)"}), len(cases))
		lenses = append(lenses, codeLens{rangeOf(d.text, editor.Range{}), command{title, runCommand, []any{d.uri, -1}}})
	}
	for _, c := range cases {
		title := s.t(diagnostic.Text{ZH: "▶ 试跑", EN: "▶ run"})
		if outcome := d.outcomes[c.Range.Start]; outcome != "" {
			title += "  " + outcome
		}
		at := rangeOf(d.text, c.Range)
		lenses = append(lenses, codeLens{at, command{title, runCommand, []any{d.uri, at.Start.Line}}})
	}
	return lenses, nil
}

// executeCommand runs cases. That takes a while, in which other messages are
// handled; what comes of it is shown where the cases are still those that ran.
func (s *server) executeCommand(p struct {
	Command   string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments"`
}) (any, error) {
	var uri string
	var line int
	if p.Command != runCommand || len(p.Arguments) != 2 || json.Unmarshal(p.Arguments[0], &uri) != nil || json.Unmarshal(p.Arguments[1], &line) != nil {
		return nil, &responseError{invalidParams, "the command is " + runCommand + " with an address and a line"}
	}
	d := s.documents[pathOf(uri)]
	if d == nil || !d.cases {
		return nil, &responseError{invalidParams, uri + " is no open file of cases"}
	}
	start := -1
	for _, c := range editor.Cases(d.text) {
		if first, _ := d.text.Place(c.Range.Start); first == line {
			start = c.Range.Start
		}
	}
	if line >= 0 && start < 0 {
		return nil, &responseError{invalidParams, "no case begins on that line"}
	}
	text, rules := d.text, s.rulesFor(d)
	return later(func(ctx context.Context) (any, error) {
		s.running.Lock()
		defer s.running.Unlock()
		if !s.stillHas(d, text) {
			return nil, errChanged
		}
		book, err := rules()
		var outcomes []editor.Outcome
		if err == nil {
			outcomes, err = editor.RunCases(ctx, book, text, start)
		}
		if err != nil {
			return nil, &responseError{requestFailed, s.refused(err)}
		}
		return s.ran(d, text, outcomes)
	}), nil
}

// errChanged is what running cases comes to that have been changed meanwhile.
var errChanged = &responseError{contentModified, "the cases have been changed since they were to run"}

// stillHas reports whether a document is open and has that text.
func (s *server) stillHas(d *document, text *editor.Text) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hasNow(d, text)
}

// hasNow is stillHas, while nothing else changes what is open.
func (s *server) hasNow(d *document, text *editor.Text) bool {
	return s.documents[d.path] == d && d.text == text
}

// rulesFor gives the rulebook that a file's cases are about, as it is in the
// editor now or, where there is none near it, the built-in one. To load that takes
// a while, so that it is done once it is called. The error is a diagnostic.List
// where it is refused.
func (s *server) rulesFor(d *document) func() (*rulebook.Book, error) {
	b := s.bookOf(d.main)
	if b == nil {
		return rulebook.Default
	}
	return b.askable
}

// builtIn is the rulebook that comes with the library, which is no file; nil
// where it cannot be had.
func (s *server) builtIn() *book {
	if s.own == nil {
		if own, err := rulebook.Default(); err == nil {
			s.own = &book{project: editor.Open(string(own.Rulebook().Source()), nil, nil)}
		}
	}
	return s.own
}

// refused says why cases cannot be run.
func (s *server) refused(err error) string {
	var found diagnostic.List
	if !errors.As(err, &found) || len(found) == 0 {
		return err.Error()
	}
	return s.t(diagnostic.Text{ZH: "先改正：", EN: "first correct: "}) + found[0].In(s.Lang)
}

// ran notes what came of the cases of a text, shows it above them and at what
// failed, and sums it up.
func (s *server) ran(d *document, text *editor.Text, outcomes []editor.Outcome) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.hasNow(d, text) {
		return nil, errChanged
	}
	failedAt := map[int]int{}
	passed, failed := 0, 0
	var lines []string
	for _, o := range outcomes {
		if d.outcomes == nil {
			d.outcomes = map[int]string{}
		}
		d.failed = withoutCase(d.failed, o.Name)
		if len(o.Failed) == 0 {
			passed++
		} else {
			failed++
			failedAt[o.Case.Start] += len(o.Failed)
			d.failed = append(d.failed, o)
			lines = append(lines, o.Name+" – "+s.t(o.Failed[0].Message))
		}
		d.outcomes[o.Case.Start] = s.t(diagnostic.Text{ZH: "✓ 通过", EN: "✓ passed"})
	}
	for at, n := range failedAt {
		d.outcomes[at] = fmt.Sprintf(s.t(diagnostic.Text{ZH: "✗ %d 处不符", EN: "✗ %d not as expected"}), n)
	}
	summary := fmt.Sprintf(s.t(diagnostic.Text{ZH: "%d 个通过，%d 个不过", EN: "%d passed, %d failed"}), passed, failed)
	kind := 3
	if failed > 0 {
		kind = 2
		summary += "\n" + strings.Join(lines[:min(len(lines), 5)], "\n")
	}
	s.notify("window/showMessage", object{"type": kind, "message": summary})
	if s.refreshLenses {
		s.asked++
		s.notifyAs(s.asked, "workspace/codeLens/refresh")
	}
	s.awake() // to tell what failed
	return object{"passed": passed, "failed": failed}, nil
}

func withoutCase(all []editor.Outcome, name string) []editor.Outcome {
	var rest []editor.Outcome
	for _, o := range all {
		if o.Name != name {
			rest = append(rest, o)
		}
	}
	return rest
}

// notifyAs sends a request whose answer says nothing.
func (s *server) notifyAs(id int, method string) {
	_ = s.conn.write(object{"jsonrpc": "2.0", "id": id, "method": method})
}

// caseSymbols are the outline of a file of cases.
func (s *server) caseSymbols(d *document) []documentSymbol {
	all := []documentSymbol{}
	for _, c := range editor.Cases(d.text) {
		at := rangeOf(d.text, c.Range)
		all = append(all, documentSymbol{Name: c.Name, Kind: 6, Range: at, SelectionRange: at})
	}
	return all
}
