package lsp

import (
	"strings"

	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/layout"
)

// formatting lays a file of a rulebook or of cases out, as `rulebook fmt` does; a
// file that cannot be laid out is left as it is, and what is wrong with it is
// among its findings. Only the lines that change are written.
func (s *server) formatting(p struct {
	TextDocument textDocument `json:"textDocument"`
}) (any, error) {
	d := s.documents[pathOf(p.TextDocument.URI)]
	if d == nil || d.main == "" && !d.cases {
		return nil, nil
	}
	text := d.text
	laidOut, found := layout.Format("", []byte(text.String()))
	if len(found) > 0 {
		return nil, nil
	}
	return changedLines(text, string(laidOut)), nil
}

// changedLines are the edits that make another text of a text, line by line where
// both have as many lines, else in one stretch.
func changedLines(t *editor.Text, now string) []textEdit {
	edits := []textEdit{}
	was, is := strings.SplitAfter(t.String(), "\n"), strings.SplitAfter(now, "\n")
	if len(was) != len(is) {
		first, last := 0, 0
		for first < min(len(was), len(is)) && was[first] == is[first] {
			first++
		}
		for last < min(len(was), len(is))-first && was[len(was)-1-last] == is[len(is)-1-last] {
			last++
		}
		start := len(strings.Join(was[:first], ""))
		end := start + len(strings.Join(was[first:len(was)-last], ""))
		return append(edits, textEdit{rangeOf(t, editor.Range{Start: start, End: end}), strings.Join(is[first:len(is)-last], "")})
	}
	at := 0
	for i, line := range was {
		if line != is[i] {
			edits = append(edits, textEdit{rangeOf(t, editor.Range{Start: at, End: at + len(line)}), is[i]})
		}
		at += len(line)
	}
	return edits
}
