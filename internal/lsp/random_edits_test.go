package lsp_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/testsize"
)

// listener keeps what a server says while nobody waits for it.
type listener struct {
	*client
	mu        sync.Mutex
	last      map[string]published // by address
	said      chan struct{}
	answered  int
	wentWrong string // an error of the server's own
}

func listen(c *client) *listener {
	l := &listener{client: c, last: map[string]published{}, said: make(chan struct{}, 1)}
	for _, r := range c.unread {
		l.hear(r)
	}
	go func() {
		for {
			body, err := c.body()
			if err != nil {
				return // the session is over
			}
			var r reply
			if json.Unmarshal(body, &r) == nil {
				l.hear(r)
			}
		}
	}()
	return l
}

func (l *listener) hear(r reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case r.Method == "textDocument/publishDiagnostics":
		var p published
		_ = json.Unmarshal(r.Params, &p)
		l.last[p.URI] = p
	case r.ID != nil && r.Method == "":
		if l.answered++; r.Error != nil && r.Error.Code == -32603 {
			l.wentWrong = r.Error.Message
		}
	}
	select {
	case l.said <- struct{}{}:
	default:
	}
}

// ask sends a request whose answer nobody looks at.
func (l *listener) ask(method string, params any) {
	l.client.last++
	body, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": l.client.last, "method": method, "params": params})
	l.send(string(body))
}

// heard waits for something to hold of what the server said last.
func (l *listener) heard(holds func(last map[string]published) bool) bool {
	deadline := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		ok := holds(l.last)
		l.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-l.said:
		case <-deadline:
			return false
		}
	}
}

// careless is what is typed and pasted.
var careless = []string{
	"", "", " ", "\n", "\r\n", "\r", "  ", "\t", "\"", "'", "{", "}", "[", "]", ":", ": ", ",", "，", "：", "（", "。", "\u3000", "- ", "#", "|", ">-", "&a", "*a", "!", "😀", "𠮷", "规则", "\ufeff", "\x00",
	"<<<<<<< HEAD\n", "=======\n", ">>>>>>> main\n", "by: ", "is: ", "when: ", ".", "(", ")", " and ", "==", "\"x\"", "2011-05-20", "5 working days", "include: [words.yaml]\n", "---\n", "rulebook: ", "cases:\n", "%",
}

// typed is a random stretch of a text, and what is written there.
func typed(random *rand.Rand, text string) (start, end int, with string) {
	start = random.IntN(len(text) + 1)
	end = min(start+random.IntN(1+random.IntN(20)), len(text))
	for start > 0 && start < len(text) && (!utf8.RuneStart(text[start]) || text[start] == '\n' && text[start-1] == '\r') {
		start--
	}
	for end < len(text) && (!utf8.RuneStart(text[end]) || text[end] == '\n' && text[end-1] == '\r') {
		end++
	}
	with = careless[random.IntN(len(careless))]
	if random.IntN(4) == 0 && text != "" { // a piece from elsewhere
		a := random.IntN(len(text))
		with = strings.ToValidUTF8(text[a:min(a+random.IntN(60), len(text))], "")
	}
	return start, end, with
}

// fresh are the findings of a book as they are where it is opened for the first
// time, by address, as the protocol tells them.
func fresh(main string, texts map[string]string) map[string][]finding {
	p := editor.Open(texts[main], func(path string) ([]byte, error) {
		if text, ok := texts[filepath.ToSlash(filepath.Join(filepath.Dir(main), path))]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}, nil)
	found := map[string][]finding{}
	for _, f := range append(p.Findings(), p.Unused()...) {
		path := main
		if f.Path != "" {
			path = filepath.Join(filepath.Dir(main), f.Path)
		}
		found[uri(path)] = append(found[uri(path)], asFinding(p.Text(f.Path).String(), f))
	}
	return found
}

func asFinding(text string, f editor.Finding) finding {
	severity := 1
	if f.Severity == diagnostic.Warning {
		severity = 2
	}
	message := f.Message.ZH
	if f.Remedy.ZH != "" {
		message += "\n→ " + f.Remedy.ZH
	}
	return finding{Range: stretch{placeOf(text, f.Range.Start), placeOf(text, f.Range.End)}, Severity: severity, Code: f.Code, Message: message}
}

// asSet is a list of findings of which the order does not matter. Of several at
// one place with one code, one is told.
func asSet(list []finding) map[string]bool {
	set := map[string]bool{}
	for _, f := range list {
		set[fmt.Sprint(f.Range, f.Code)] = true
	}
	return set
}

// Whatever is typed into two open files, in bursts, with requests in between:
// nothing goes wrong in the server, and in the end it tells what it would tell
// if the files were opened as they are now. RULEBOOK_TESTS=all makes a hundred
// thousand edits, else some hundreds are made.
func TestFindingsAfterRandomEdits(t *testing.T) {
	edits := testsize.Pick(100, 400, 100_000)
	const main, words, cases = "/book/rules.yaml", "/book/words.yaml", "/book/cases/cup.yaml"
	random := rand.New(rand.NewPCG(5, 6))
	sound := map[string]string{main: bookMain, words: bookWords, cases: bookCases}
	l := listen(start(t, "zh", files(sound)))
	texts := maps.Clone(sound)
	paths := slices.Sorted(maps.Keys(sound))
	for _, path := range paths {
		l.open(path, texts[path])
	}
	for done := 0; done < edits; {
		if random.IntN(12) == 0 { // as after a change was taken back
			for _, path := range paths {
				texts[path] = sound[path]
				l.write(path, texts[path])
			}
		}
		for range 1 + random.IntN(6) {
			done++
			path := paths[random.IntN(len(paths))]
			text := texts[path]
			from, to, with := typed(random, text)
			l.typeIn(path, stretch{placeOf(text, from), placeOf(text, to)}, with)
			texts[path] = text[:from] + with + text[to:]
			if random.IntN(4) == 0 {
				l.request(random, paths, texts)
			}
		}
		var differs string
		ok := l.heard(func(last map[string]published) bool {
			if l.wentWrong != "" {
				return true
			}
			want := fresh(main, texts)
			for _, path := range []string{main, words} {
				told := last[uri(path)]
				if told.Version != l.version[path] {
					differs = path + " is not told of yet"
					return false
				}
				if !maps.Equal(asSet(told.Diagnostics), asSet(want[uri(path)])) {
					differs = fmt.Sprintf("%s:\n%q\ntold %v\nwant %v", path, texts[path], told.Diagnostics, want[uri(path)])
					return false
				}
			}
			return true
		})
		require.True(t, ok, "after %d edits: %s", done, differs)
		require.Empty(t, l.wentWrong, "after %d edits", done)
	}
}

// request asks for something at a random place.
func (l *listener) request(random *rand.Rand, paths []string, texts map[string]string) {
	path := paths[random.IntN(len(paths))]
	text := texts[path]
	from, to, _ := typed(random, text)
	file, here := map[string]any{"uri": uri(path)}, placeOf(text, from)
	switch random.IntN(10) {
	case 0:
		l.ask("textDocument/completion", map[string]any{"textDocument": file, "position": here})
	case 1:
		l.ask("textDocument/hover", map[string]any{"textDocument": file, "position": here})
	case 2:
		l.ask("textDocument/definition", map[string]any{"textDocument": file, "position": here})
	case 3:
		l.ask("textDocument/references", map[string]any{"textDocument": file, "position": here, "context": map[string]any{"includeDeclaration": true}})
	case 4:
		l.ask("textDocument/rename", map[string]any{"textDocument": file, "position": here, "newName": "another"})
	case 5:
		l.ask("textDocument/codeAction", map[string]any{"textDocument": file, "range": stretch{here, placeOf(text, to)}, "context": map[string]any{}})
	case 6:
		l.ask("textDocument/documentSymbol", map[string]any{"textDocument": file})
	case 7:
		l.ask("textDocument/codeLens", map[string]any{"textDocument": file})
	case 8:
		l.ask("textDocument/formatting", map[string]any{"textDocument": file, "options": map[string]any{}})
	case 9:
		l.ask("workspace/executeCommand", map[string]any{"command": "rulebook.runCases", "arguments": []any{uri(path), -1}})
	}
}
