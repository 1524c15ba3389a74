package editor

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/reference"
	"github.com/servicerules/rulebook/internal/testsize"
)

func library(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("../load/testdata/library.yaml")
	require.NoError(t, err)
	return string(data)
}

var today = date.New(2026, time.March, 1)

// Whatever has a name can be given another one: the book still loads, speaks of
// the new name as often as of the old one, and is the same text again when the
// name is given back. Nothing is refused but
// words that rules give, and what is refused for a reason.
func TestRenameEverything(t *testing.T) {
	text := library(t)
	p := Open(text, nil, nil)
	require.NotNil(t, p.Book(), "%v", p.Findings())
	refused := 0
	for i, s := range p.known().all {
		if !p.CanRename(s) || len(p.References(s, true)) == 0 || i%testsize.Pick(16, 4, 1) > 0 {
			continue
		}
		name := "renamed_" + strconv.Itoa(i)
		edits, err := p.Rename(s, name)
		if s.ID == "said:overdue" || p.engineGives(s) { // breaches are words of any list
			require.Error(t, err)
			continue
		}
		if err != nil {
			refused++
			t.Error(s.Kind, s.ID, err)
			continue
		}
		after := p.With(edits)
		require.NotNil(t, after.Book())
		var again *Symbol
		for _, x := range after.known().all {
			if x.Kind == s.Kind && x.Name == name {
				again = x
			}
		}
		require.NotNil(t, again, "%s %s", s.Kind, s.ID)
		assert.Len(t, after.References(again, true), len(edits), "%s %s", s.Kind, s.ID)
		back, err := after.Rename(again, s.Name)
		require.NoError(t, err)
		assert.Equal(t, text, after.With(back).files[0].text.s, "%s %s", s.Kind, s.ID)
	}
	assert.Zero(t, refused)
}

// What the reference says of the file, completion knows: each part's keys where
// it stands, and true and false for flags.
func TestEveryPartIsExpected(t *testing.T) {
	assert.Equal(t, reference.TopLevel(), expectedAt(nil).keys)
	for _, part := range reference.Parts() {
		path := strings.Split(part.Path, ".")
		switch {
		case part.Path == "source": // stands in several places
			continue
		case strings.HasPrefix(part.Path, "regulations.<id>.articles."):
			path = []string{"regulations", "<id>", "articles", "6"}
		}
		keys := expectedAt(path).keys
		for _, k := range part.Keys {
			assert.Contains(t, keys, k, part.Path)
			if slices.Contains(reference.Flags(), k.Name) {
				assert.Equal(t, aFlag, expectedAt(append(slices.Clone(path), k.Name)).what, "%s of %s", k.Name, part.Path)
			}
		}
	}
	for _, form := range forms.All() {
		assert.Equal(t, &form.Form, formOf(form.Section))
	}
	assert.Nil(t, formOf("title"))
	assert.Equal(t, aParameter, expectedAt([]string{"readings", "late.means", "options", "day", "parameter"}).what)
	assert.Equal(t, aWordList, expectedAt([]string{"questions", "cup", "verdict", "words"}).what)
	assert.Equal(t, aWordList, expectedAt([]string{"regulations", "shop", "articles", "1", "figures", "size", "words"}).what)
}

// A change that mends a warning brings no other in its place.
func TestWarningsAreMended(t *testing.T) {
	text := strings.Replace(library(t), "\nwords:\n", "\nwords:\n  idle: {still: {zh: 闲, en: still}}\n", 1)
	p := Open(text, nil, nil)
	require.NotNil(t, p.Book(), "%v", p.Findings())
	all := p.Unused()
	i := slices.IndexFunc(all, func(f Finding) bool { return strings.Contains(f.Message.EN, "idle") })
	require.GreaterOrEqual(t, i, 0, "%v", all)
	at := strings.Index(text, "  idle: {")
	line, _, _ := strings.Cut(text[at:], "\n")
	assert.True(t, p.mends(t.Context(), all[i], Fix{Edits: []Edit{{"", Range{at, at + len(line) + 1}, ""}}}))
	assert.False(t, p.mends(t.Context(), all[i], Fix{Edits: []Edit{{"", Range{at + 2, at + 6}, "lazy"}}}), "that one has no effect, either")
}

// Every place of a book can be asked about.
func TestEveryPlace(t *testing.T) {
	text := library(t)
	p := Open(text, nil, nil)
	step := testsize.Pick(31, 7, 3)
	for at := 0; at <= len(text); at += step {
		for _, lang := range []string{"zh", "en"} {
			_, _ = p.HoverAt("", at, lang, today)
			for _, c := range p.Complete("", at, lang, today) {
				assert.LessOrEqual(t, c.Range.Start, c.Range.End)
				assert.Equal(t, p.files[0].text.aligned(at), c.Range.End)
			}
		}
		if s, _ := p.SymbolAt("", at); s != nil {
			to, ok := p.Definition(s)
			require.True(t, ok)
			assert.Equal(t, s.Name, unquoted(text[to.Range.Start:to.Range.End]))
		}
	}
}

// Keys that stand where they do not belong are no keys of anything.
func TestKeysOutOfPlace(t *testing.T) {
	for _, key := range []string{"chosen", "by", "is", "words", "fields", "of", "verdict", "options", "articles", "regulations", "facts"} {
		for _, text := range []string{key + ": ", key + ": {", key + ": [", "- " + key + ": ", "facts:\n  " + key + ": ", "readings:\n  " + key + ":\n    " + key + ": ", "regulations:\n  a:\n    articles:\n      " + key + ": "} {
			for _, c := range Open(text, nil, nil).Complete("", len(text), "zh", today) {
				assert.LessOrEqual(t, c.Range.Start, c.Range.End)
			}
		}
	}
}

// fragments are what careless hands type.
var fragments = []string{
	"", "", " ", "\n", "  ", "\t", "\r\n", "\"", "'", "{", "}", "[", "]", ":", ": ", ",", "，", "：", "- ", "#", "|", ">-", "&a", "*a", "!", "😀", "规则", "\u3000", "\ufeff",
	"by: ", "is: ", "when: ", "facts.", ".", "(", ")", "any(", " and ", "==", "\"x\"", "2011-05-20", "5 working days", "include: [a.yaml]\n", "---\n", "rulebook: ", "%",
}

// mangled is a text with a random edit.
func mangled(random *rand.Rand, text string) string {
	runes := []rune(text)
	from := random.IntN(len(runes) + 1)
	to := min(from+random.IntN(1+random.IntN(12)), len(runes))
	with := fragments[random.IntN(len(fragments))]
	if random.IntN(4) == 0 && len(runes) > 0 { // a piece from elsewhere
		a := random.IntN(len(runes))
		with = string(runes[a:min(a+random.IntN(60), len(runes))])
	}
	return string(runes[:from]) + with + string(runes[to:])
}

// No edit makes anything panic, however many there were before it. Loading has
// tests like this of its own and takes long, so that it is done now and then.
func TestRandomEdits(t *testing.T) {
	edits := 120 // RULEBOOK_EDITS has more
	if n, err := strconv.Atoi(os.Getenv("RULEBOOK_EDITS")); err == nil {
		edits = n
	}
	sound := library(t)
	random := rand.New(rand.NewPCG(7, uint64(edits)))
	p, text := Open(sound, nil, nil), sound
	for i := range edits {
		if i%15 == 0 {
			text = sound
		}
		text = mangled(random, text)
		p = Open(text, func(string) ([]byte, error) { return []byte(text), nil }, p)
		at := random.IntN(len(p.files[0].text.s) + 1)
		for _, c := range p.Complete("", at, "zh", today) {
			require.LessOrEqual(t, c.Range.Start, c.Range.End)
		}
		_ = p.Outline("", "zh")
		_ = Cases(p.files[0].text)
		s, _ := p.SymbolAt("", at)
		if s != nil {
			_, _ = p.Definition(s)
			_ = p.References(s, true)
		}
		if i%20 > 0 {
			continue
		}
		found := p.Findings()
		for _, f := range found {
			of := p.Text(f.Path)
			require.NotNil(t, of)
			require.LessOrEqual(t, f.Range.Start, f.Range.End)
			require.LessOrEqual(t, f.Range.End, len(of.s))
		}
		_, _ = p.HoverAt("", at, "en", today)
		_ = p.Carried(found, p)
		if s != nil {
			_, _ = p.Rename(s, "another_name")
		}
		if len(found) > 0 && i%80 == 0 {
			_ = p.Fixes(t.Context(), found[random.IntN(len(found))])
		}
	}
}

// After a change findings are there in the time that loading takes.
func BenchmarkFindings(b *testing.B) {
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(b, err)
	for name, change := range map[string]func(n int) string{
		"sound": func(n int) string { return string(data) + "# " + strconv.Itoa(n) + "\n" },
		"syntax": func(n int) string {
			return string(data[:len(data)/2]) + "\n  x: \"" + strconv.Itoa(n) + "\n" + string(data[len(data)/2:])
		},
	} {
		b.Run(name, func(b *testing.B) {
			p := Open(string(data), nil, nil)
			n := 0
			for b.Loop() {
				n++
				p = Open(change(n), nil, p)
				_ = p.Findings()
			}
		})
	}
}

func BenchmarkCompletion(b *testing.B) {
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(b, err)
	p := Open(string(data), nil, nil)
	for b.Loop() {
		p = Open(string(data)+"#", nil, p)
		_ = p.Complete("", len(data)/2, "zh", today)
	}
}
