package lsp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/internal/layout"
)

// A file is laid out as the command does it, cases too; what cannot be read, or
// is no file of a rulebook, is left.
func TestFormatting(t *testing.T) {
	const path, cases, other = "/book/rules.yaml", "/book/cases/x.yaml", "/book/other.yaml"
	c := start(t, "zh", files{})
	edits := func(path, text string) []edit {
		var all []edit
		c.write(path, text)
		c.ask("textDocument/formatting", map[string]any{"textDocument": map[string]any{"uri": uri(path)}, "options": map[string]any{"tabSize": 8, "insertSpaces": false}}, &all)
		return all
	}
	for _, p := range []string{path, cases, other} {
		c.open(p, "")
	}
	spaced := strings.NewReplacer("facts: {cup:", "facts:   {  cup:", "questions:\r\n  cup:", "questions:\r\n     cup:", "  rules:\r\n", "  rules:   \r\n\r\n\r\n\r\n\r\n").Replace(bookMain)
	for _, text := range []string{bookMain, spaced, strings.ReplaceAll(spaced, "\r\n", "\n"), "\ufeff" + spaced, strings.TrimRight(bookMain, "\r\n")} {
		want, found := layout.Format("", []byte(text))
		assert.Empty(t, found)
		assert.Equal(t, string(want), applied(text, edits(path, text)))
	}
	laidOut, _ := layout.Format("", []byte(bookMain))
	assert.Empty(t, edits(path, string(laidOut)), "nothing changes any more")
	assert.Contains(t, applied("cases:\n-  name:  x\n", edits(cases, "cases:\n-  name:  x\n")), "- name: x\n")
	assert.Nil(t, edits(path, "rulebook: {id: x\n"))
	assert.Nil(t, edits(other, "a:   b\n"))
}
