package review

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// FuzzConfig reviews a directory with any review.yaml beside a foreign table:
// it is reviewed, or findings within the file say why not.
func FuzzConfig(f *testing.F) {
	book := lending(f)
	read := func(name string) string {
		data, err := os.ReadFile("testdata/foreign/" + name)
		require.NoError(f, err)
		return string(data)
	}
	films, letters := read("films.csv"), read("letters.csv")
	for _, text := range []string{
		read("review.yaml"),
		"as_of: 2025-07-01T00:00:00+08:00\nmonth: 2025-06\n",
		"tables: {films.csv: {section: loans, record: no, facts: {}, constants: {loan: null}}}\n",
		"tables: {films.csv: {section: 1, compare: {verdicts: {met: 1}}}, ../x.csv: {}}\ncounts: {}\nnote: x\n",
		"counts:\n- {table: letters.csv, moment: received, section: desks, fact: complaints, month: month, constants: {month: 2025-06}}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := files("review.yaml", string(data), "films.csv", films, "letters.csv", letters)
		r, err := Run(t.Context(), book, dir, Options{Month: "2025-06"})
		if err != nil {
			var found diagnostic.List
			require.True(t, errors.As(err, &found), "%v", err)
			require.True(t, found.Failed())
			checkPlaces(t, found, string(data))
			return
		}
		for _, lang := range []string{"zh", "en"} {
			require.NotEmpty(t, r.text(t, lang))
		}
	})
}

// checkPlaces asserts that findings are few, worded, and within the text.
func checkPlaces(t *testing.T, found diagnostic.List, text string) {
	t.Helper()
	require.LessOrEqual(t, len(found), source.MaxFindings+1)
	lines := strings.Split(text, "\n")
	for _, d := range found {
		require.NotEmpty(t, d.Message.ZH)
		require.NotEmpty(t, d.Message.EN)
		require.NotEmpty(t, d.Remedy.ZH, "%v", d)
		require.NotEmpty(t, d.Remedy.EN, "%v", d)
		require.LessOrEqual(t, d.Span.Start.Compare(d.Span.End), 0, "%v", d)
		for _, p := range []diagnostic.Position{d.Span.Start, d.Span.End} {
			require.True(t, 1 <= p.Line && p.Line <= len(lines), "%v", d)
			require.True(t, 1 <= p.Column && p.Column <= utf8.RuneCountInString(lines[p.Line-1])+1, "%v", d)
		}
	}
}
