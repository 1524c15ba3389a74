package layout_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/internal/layout"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"as it is", "a: 1\nb:\n  - c\n  - d: e\n    f: g\nh:\n- i\n", ""},
		{"blanks", "a:   1\nb :  {c : d ,e:   [ f,g ] }   # x  \n", "a: 1\nb: {c: d, e: [f, g]}   # x\n"},
		{"indentation", "a:\n    b:\n        c: d\n    e: f\n", "a:\n  b:\n    c: d\n  e: f\n"},
		{"lists", "a:\n    -   b: c\n        d: e\n    -   f\ng:\n-  h: i\n   j: k\n", "a:\n  - b: c\n    d: e\n  - f\ng:\n- h: i\n  j: k\n"},
		{"lists in lists", "a:\n  -   - b\n      - c\n", "a:\n  - - b\n    - c\n"},
		{"a dash of its own line", "a:\n   -\n     b: c\n   - # x\n     d: e\n", "a:\n  -\n    b: c\n  - # x\n    d: e\n"},
		{"comments", "a:\n    # of b\n    b: c\n    # behind c\n\n# of d\nd: e\n   # astray\n", "a:\n  # of b\n  b: c\n  # behind c\n\n# of d\nd: e\n   # astray\n"},
		{"empty lines", "\n\na: 1\n\n\n\n\nb: 2\n   \n\n\n", "a: 1\n\n\nb: 2\n"},
		{"no break at the end", "a: 1", "a: 1\n"},
		{"Windows", "\ufeffa:\r\n    b: 1  \r\n", "\ufeffa:\r\n  b: 1\r\n"},
		{"literal", "a:\n    b: |\n        x\n          y  \n\n        z\n    c: d\n", "a:\n  b: |\n      x\n        y  \n\n      z\n  c: d\n"},
		{"literal at the end", "a: |\n  x", ""},
		{"kept breaks", "a: |+\n  x\n\n\n\n\nb: >-  \n  y\n  # no comment\n\n", "a: |+\n  x\n\n\n\n\nb: >-\n  y\n  # no comment\n\n"},
		{"indentation told", "a:\n    b: |2\n          x\n", "a:\n  b: |2\n        x\n"},
		{"several lines in quotes", "a:\n    b: 'x  \n       y'\n    c: [ \"d\n       e\" ,f]\n", "a:\n  b: 'x  \n     y'\n  c: [\"d\n     e\", f]\n"},
		{"several lines in brackets", "a:\n    b: { c: d,  # x\n         e: f , \n       }\n", "a:\n  b: {c: d,  # x\n       e: f,\n     }\n"},
		{"several lines of words", "a:\n    b: x\n       y\n    c: z\n", "a:\n  b: x\n     y\n  c: z\n"},
		{"full-width blanks are text", "a:  x　 \nb: 'y'　\n", "unread"},
		{"full-width blanks in text", "a:  x　y \n", "a: x　y\n"},
		{"marks in text", "a:  x, y: 'z # w' \n", "unread"},
		{"a colon in text", "a:  'x : y,z' # {  }\n", "a: 'x : y,z' # {  }\n"},
		{"nothing", "a:\nb: {c: , d}\ne: null\nf:   ~\n", "a:\nb: {c: , d}\ne: null\nf: ~\n"},
		{"value below its key", "a:\n      b\nc:\n    {d: e}\n", "a:\n  b\nc:\n  {d: e}\n"},
		{"a mark of documents", "---\na:  1\n", "---\na: 1\n"},
		{"quoted keys", "\"6\" :  {\"a\":b}\n", "\"6\": {\"a\": b}\n"},
		{"not to be read", "a: [b\n", "unread"},
		{"an anchor", "a: &b c\n", "unread"},
		{"nothing at all", "", "unread"},
	} {
		if c.want == "" {
			c.want = c.text
		}
		got, found := layout.Format("a.yaml", []byte(c.text))
		if c.want == "unread" {
			assert.NotEmpty(t, found, c.what)
			assert.Equal(t, c.text, string(got), c.what)
			continue
		}
		assert.Empty(t, found, c.what)
		assert.Equal(t, c.want, string(got), c.what)
		again, _ := layout.Format("a.yaml", got)
		assert.Equal(t, string(got), string(again), c.what)
	}
}

// Every rulebook and every case of this repository is in the layout.
func TestOurFilesAreInTheLayout(t *testing.T) {
	files := []string{"../../rules.yaml"}
	require.NoError(t, filepath.WalkDir("../../examples", func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".yaml" {
			files = append(files, path)
		}
		return err
	}))
	assert.Greater(t, len(files), 70)
	for _, path := range files {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		got, _ := layout.Format(path, data)
		assert.Equal(t, string(data), string(got), path)
	}
}

// A file that was carelessly laid out, however that was, is read as before: the
// same values in the same order, the same comments, the same findings; and what
// is in the layout stays so. RULEBOOK_TESTS=all tries it 600 times.
func TestCarelessLayout(t *testing.T) {
	library, err := os.ReadFile("../load/testdata/library.yaml")
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(8, 1))
	tries := testsize.Pick(10, 25, 600)
	changed := 0
	for range tries {
		text := careless(random, string(library))
		got, found := layout.Format("", []byte(text))
		if len(found) > 0 {
			require.Equal(t, text, string(got))
			continue
		}
		if text != string(got) {
			changed++
		}
		was, is := told(t, text), told(t, string(got))
		require.Empty(t, differing(was, is), "%s", text)
		again, _ := layout.Format("", got)
		require.Equal(t, string(got), string(again))
		before, old := load.Parse("", []byte(text))
		after, now := load.Parse("", got)
		require.Equal(t, before == nil, after == nil)
		require.Len(t, now, len(old))
		for i := range now {
			require.Equal(t, old[i].Code+old[i].Message.EN, now[i].Code+now[i].Message.EN)
		}
	}
	assert.Greater(t, changed, tries/3)
}

// A file with a mistake in it that can be read says the same afterwards; one that
// cannot is left as it is, with its findings.
func TestMistakes(t *testing.T) {
	library, err := os.ReadFile("../load/testdata/library.yaml")
	require.NoError(t, err)
	files, err := filepath.Glob("../load/testdata/mistakes/*.yaml")
	require.NoError(t, err)
	unread := 0
	for i, file := range files {
		if i%testsize.Pick(16, 16, 1) > 0 && !strings.HasSuffix(file, "yaml_syntax.yaml") {
			continue
		}
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var all []struct{ Replace, With string }
		require.NoError(t, yaml.Unmarshal(data, &all))
		for _, m := range all {
			with := strings.NewReplacer("«", "", "»", "").Replace(m.With)
			text := strings.Replace(string(library), m.Replace, with, 1)
			got, found := layout.Format("", []byte(text))
			again, _ := layout.Format("", got)
			require.Equal(t, string(got), string(again), with)
			_, want := source.Parse("", []byte(text))
			require.Equal(t, want, found, with)
			if len(found) > 0 {
				unread++
				require.Equal(t, text, string(got), with)
				continue
			}
			require.Empty(t, differing(told(t, text), told(t, string(got))), with)
		}
	}
	assert.Positive(t, unread)
}

// No text makes it panic, and of what it writes it changes nothing.
func TestMangledTexts(t *testing.T) {
	const text = "---\na:  # x\n    - b: {c : [d, 'e\n      f'], \"g\": }\n      h: |2-\n          i\n\n    -   - j\n# y\n\"6\" : >+\n   k\n\n\nl: m\n   n\n"
	pieces := []string{"", "", " ", "\n", "  ", "\t", "\r\n", "\"", "'", "{", "}", "[", "]", ":", ": ", ",", "- ", "#", " # ", "|\n", ">-\n", "? ", "&a ", "*a", "!", "😀", "\u3000", "\ufeff", "---\n", "%"}
	random := rand.New(rand.NewPCG(9, 1))
	laidOut := 0
	for range 4000 {
		runes := []rune(text)
		for range 1 + random.IntN(3) {
			from := random.IntN(len(runes) + 1)
			to := min(from+random.IntN(4), len(runes))
			runes = slices.Concat(runes[:from], []rune(pieces[random.IntN(len(pieces))]), runes[to:])
		}
		got, found := layout.Format("", []byte(string(runes)))
		if len(found) > 0 {
			require.Equal(t, string(runes), string(got))
			continue
		}
		laidOut++
		again, _ := layout.Format("", got)
		require.Equal(t, string(got), string(again), "%q", string(runes))
	}
	assert.Greater(t, laidOut, 300)
}

// careless is a text with some carelessness here and there.
func careless(random *rand.Rand, text string) string {
	lines := strings.Split(text, "\n")
	for range 1 + random.IntN(12) {
		i := random.IntN(len(lines))
		switch random.IntN(9) {
		case 0:
			lines[i] += strings.Repeat(" ", random.IntN(4))
		case 1:
			lines[i] = strings.Replace(lines[i], ": ", ":   ", 1)
		case 2:
			lines[i] = strings.ReplaceAll(strings.ReplaceAll(lines[i], "{", "{ "), "]", " ]")
		case 3:
			lines[i] = strings.ReplaceAll(lines[i], ", ", " ,  ")
		case 4:
			lines[i] += "\n\n\n" + strings.Repeat(" ", random.IntN(9)) + "# a comment: {x}, - y"
		case 5:
			lines[i] += " # behind"
		case 6:
			lines[i] = strings.Replace(lines[i], ", ", ",\n"+strings.Repeat(" ", 9+random.IntN(20)), 1)
		case 7:
			lines[i] = strings.Replace(lines[i], "- ", "-    ", 1)
		default: // this and all below it further to the right
			indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " "))
			more := strings.Repeat(" ", 1+random.IntN(3))
			for j := i; j < len(lines) && (lines[j] == "" || len(lines[j])-len(strings.TrimLeft(lines[j], " ")) >= indent); j++ {
				lines[j] = more + lines[j]
			}
		}
	}
	text = strings.Join(lines, "\n")
	if random.IntN(4) == 0 {
		text = "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")
	}
	if random.IntN(4) == 0 {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}

// told is what a text says, as the YAML library reads it, and its comments: what
// follows the first # of a line, which the library's rules have nowhere else.
func told(t *testing.T, text string) (all []string) {
	t.Helper()
	var root yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(text), &root))
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		all = append(all, n.Tag+" "+n.Value)
		for _, x := range n.Content {
			visit(x)
		}
	}
	visit(&root)
	for line := range strings.Lines(text) {
		if i := strings.IndexByte(line, '#'); i >= 0 {
			all = append(all, strings.TrimSpace(line[i:]))
		}
	}
	return all
}

// differing is where two lists begin to differ.
func differing(a, b []string) []string {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	return append(slices.Clone(a[:min(2, len(a))]), b[:min(2, len(b))]...)
}
