package lsp

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/testsize"
)

// model is a document as an editor has it: units of UTF-16, in lines that end
// with \n, \r\n or \r. It shares no code with the server.
type model []uint16

// lines are the first unit of each line and the one behind its last, its end
// left out.
func (m model) lines() (all [][2]int) {
	start := 0
	for i := 0; i < len(m); i++ {
		switch {
		case m[i] == '\r' && i+1 < len(m) && m[i+1] == '\n':
			all = append(all, [2]int{start, i})
			i++
			start = i + 1
		case m[i] == '\r' || m[i] == '\n':
			all = append(all, [2]int{start, i})
			start = i + 1
		}
	}
	return append(all, [2]int{start, len(m)})
}

// at is the unit at a place. Behind the end of a line is its end, behind the
// last line that of the text; between the halves of a pair is before it.
func (m model) at(p position) int {
	lines := m.lines()
	if p.Line >= len(lines) {
		return len(m)
	}
	i := min(lines[p.Line][0]+p.Character, lines[p.Line][1])
	if i > 0 && i < len(m) && utf16.IsSurrogate(rune(m[i-1])) && utf16.DecodeRune(rune(m[i-1]), rune(m[i])) != '\ufffd' {
		i--
	}
	return i
}

func (m model) String() string { return string(utf16.Decode(m)) }

// pieces are what people and their tools put into files, and what they should
// not.
var pieces = []string{
	"", "a", "规则", "：", "，", "（", "｛", "　", "😀", "𠮷", "e\u0301", "\ufeff", "\ufffd", "\n", "\r\n", "\r", "\n\n", " ", "\t", "\x00", "\u2028", "\u0085",
	"<<<<<<< HEAD\n", "=======\n", ">>>>>>> main\n", "key: value\n", "- ", "{", "}", "[", "]", "\"", "'", "#", "|\n  ", "cases:\n", "rulebook: ", "include: [x.yaml]\n",
}

// Whatever is changed, and wherever, the server has the text that the editor
// has. RULEBOOK_TESTS=all makes a hundred thousand changes, else some thousands are
// made.
func TestTextAfterRandomEdits(t *testing.T) {
	changes := testsize.Pick(1000, 5000, 100_000)
	random := rand.New(rand.NewPCG(11, 12))
	s := &server{documents: map[string]*document{}, books: map[string]*book{}, wake: make(chan struct{}, 1), ctx: t.Context(), state: ready}
	tell := func(method string, params any) {
		raw, err := json.Marshal(params)
		require.NoError(t, err)
		raw = bytes.ReplaceAll(raw, []byte("\ufffd"), []byte(`\ud83d`)) // half of a pair comes as that character
		_, err = s.handled(&message{Method: method, Params: raw})
		require.NoError(t, err)
	}
	uri := "file:///book/规则 1.txt"
	var m model
	tell("textDocument/didOpen", object{"textDocument": object{"uri": uri, "version": 0, "text": ""}})
	for n := range changes {
		var list []object
		for range 1 + random.IntN(3) {
			text := pieces[random.IntN(len(pieces))] + pieces[random.IntN(len(pieces))]
			if len(m) > 400 || random.IntN(200) == 0 {
				m = utf16.Encode([]rune(text))
				list = append(list, object{"text": text})
				continue
			}
			lines := m.lines()
			from := position{random.IntN(len(lines) + 1), random.IntN(12)}
			to := position{from.Line + random.IntN(3), random.IntN(12)}
			if random.IntN(3) == 0 { // nothing is taken away
				to = from
			}
			start, end := m.at(from), m.at(to)
			if end < start {
				to, end = from, start
			}
			m = slices.Concat(m[:start], utf16.Encode([]rune(text)), m[end:])
			list = append(list, object{"range": textRange{from, to}, "text": text})
		}
		tell("textDocument/didChange", object{"textDocument": object{"uri": uri, "version": n + 1}, "contentChanges": list})
		require.Equal(t, m.String(), s.documents[pathOf(uri)].text.String(), "after change %d: %v", n, list)
	}
	// Places come back as they are counted in the model.
	text := editor.NewText(m.String())
	for i, line := range m.lines() {
		at := len(string(utf16.Decode(m[:line[0]])))
		gotLine, gotColumn := text.Place(at)
		require.Equal(t, [2]int{i, 0}, [2]int{gotLine, gotColumn})
	}
}
