package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEditorIsThatOfItsSources shows that the editor of the pages was made of the
// packages that its lock file names, and of its source, as they are now. In the long
// tests it is made again.
func TestEditorIsThatOfItsSources(t *testing.T) {
	made, err := files.ReadFile("static/editor.js")
	require.NoError(t, err)
	said := map[string]string{}
	rest := made
	for bytes.HasPrefix(rest, []byte("// ")) {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		if i := strings.LastIndexByte(string(line), ' '); i > 3 {
			said[string(line[3:i])] = string(line[i+1:])
		}
	}
	sum := func(data []byte) string {
		s := sha256.Sum256(data)
		return hex.EncodeToString(s[:])
	}
	const how = "run server/console/editor/build"
	assert.Equal(t, said["the rest"], sum(rest), "static/editor.js was changed by hand: %s", how)
	for _, name := range []string{"bundle.js", "editor.js", "package-lock.json", "package.json"} {
		data, err := os.ReadFile(filepath.Join("editor", name))
		require.NoError(t, err)
		assert.Equal(t, sum(data), said[name], "static/editor.js was not made of editor/%s as it is: %s", name, how)
	}
	assert.Contains(t, string(rest), "Permission is hereby granted", "the licences of what is in it stand in it")
	if testsize.Pick(false, false, true) {
		out, err := exec.CommandContext(t.Context(), filepath.Join("editor", "build"), "--check").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// asked is what the server says of a text in the editor.
func asked[T any](p *visitor, address, text string) (out T) {
	p.Helper()
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(text))
	r.Header.Set("Accept-Language", p.lang)
	w := httptest.NewRecorder()
	p.console.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	require.NoError(p, err)
	require.Equal(p, http.StatusOK, w.Code, "%s", body)
	require.NoError(p, json.Unmarshal(body, &out))
	return out
}

// between is what stands between two places, counted as browsers count.
func between(text string, from, to [2]int) string {
	lines := strings.Split(text, "\n")
	at := func(p [2]int) int {
		n := 0
		for _, line := range lines[:p[0]] {
			n += len(line) + 1
		}
		return n + len(string(utf16.Decode(utf16.Encode([]rune(lines[p[0]]))[:p[1]])))
	}
	return text[at(from):at(to)]
}

// TestEditorSaysWhatIsWrongAtTheWord holds the editor to the places that it marks,
// also behind characters of two units and in a rulebook of several files, and the
// changes that it offers to a text that has one finding less.
func TestEditorSaysWhatIsWrongAtTheWord(t *testing.T) {
	type fixes struct{ Fixes []editorFix }
	rules, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	several := "--- # rulebook of several files\ninclude: [facts.yaml]\n"
	for name, c := range map[string]struct{ text, word string }{
		"one file":                   {strings.Replace(string(rules), "within: 5 working days", "wthin: 5 working days", 1), "wthin"},
		"behind two units":           {strings.Replace(string(rules), "title: {zh: 古蔺", "title: {zh: 😀𠮷 古蔺", 1) + "\n\"😀𠮷\": {}\n", "\"😀𠮷\""},
		"on a line with two units":   {strings.Replace(string(rules), "title: {zh: 古蔺", "title: {zh: 😀𠮷, eng: x, x: 古蔺", 1), "eng"},
		"in the second of two files": {several + strings.Replace(string(rules), "\nfacts:", "\nfcts:", 1) + "--- # file: facts.yaml\nwordz: {}\n", "wordz"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPages(t, "")
			found := asked[editorFindings](p, "/rules/editor/findings", c.text)
			words := []string{}
			for _, f := range found.Findings {
				require.NotNil(t, f.From, "%+v", f)
				word := between(c.text, *f.From, *f.To)
				words = append(words, word)
				for _, fix := range asked[fixes](p, fmt.Sprintf("/rules/editor/fixes?line=%d&column=%d&code=%s", f.From[0], f.From[1], f.Code), c.text).Fixes {
					require.NotEmpty(t, fix.Title)
					if len(fix.Edits) > 1 {
						continue // put together from behind is the script's work
					}
					at := fix.Edits[0]
					mended := strings.Replace(c.text, between(c.text, [2]int{0, 0}, at.To), between(c.text, [2]int{0, 0}, at.From)+at.Text, 1)
					left := asked[editorFindings](p, "/rules/editor/findings", mended).Findings
					assert.Less(t, len(left), len(found.Findings), "%s: %+v", fix.Title, at)
				}
			}
			assert.Contains(t, words, c.word)
		})
	}
	p := newPages(t, "")
	good := asked[editorFindings](p, "/rules/editor/findings", string(rules))
	assert.Equal(t, "nothing is wrong", good.Said)
	assert.NotNil(t, good.Findings)
	articles := map[string]string{}
	for _, a := range good.Articles {
		articles[a.Heading] = between(string(rules), a.From, a.To)
	}
	require.Contains(t, articles, "Time limits, article\u00a06 Installation, restoration, complaints")
	assert.Contains(t, articles["Time limits, article\u00a06 Installation, restoration, complaints"], "install_urban:")

	// while something is typed nothing can be read: the names are those in force
	type items struct{ Items []editorCompletion }
	typing := strings.Replace(string(rules), "request.kind == \"install\" and", "request.ki", 1) + "\n  \t: ["
	line := strings.Count(typing[:strings.Index(typing, " request.ki ")], "\n")
	column := strings.Index(strings.Split(typing, "\n")[line], "request.ki ") + len("request.ki")
	labels := []string{}
	for _, i := range asked[items](p, fmt.Sprintf("/rules/editor/completions?line=%d&column=%d", line, column), typing).Items {
		labels = append(labels, i.Label)
	}
	assert.Contains(t, labels, "kind")
	for _, nonsense := range []string{"line=-1&column=99999999999", "line=x", "", "line=9999999&column=3"} {
		asked[items](p, "/rules/editor/completions?"+nonsense, typing)
		asked[fixes](p, "/rules/editor/fixes?"+nonsense, typing)
	}
	for _, text := range []string{"", "\x00", "a: [", "\xff\xfe", "include: [../../etc/passwd]\n", "--- # rulebook of several files\n--- # file: \n"} {
		asked[editorFindings](p, "/rules/editor/findings", text)
		asked[items](p, "/rules/editor/completions?line=0&column=1", text)
	}
	r := httptest.NewRequest(http.MethodPost, "/rules/editor/findings", strings.NewReader(strings.Repeat("#", maxDraft+1)))
	w := httptest.NewRecorder()
	p.console.ServeHTTP(w, r)
	assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
}
