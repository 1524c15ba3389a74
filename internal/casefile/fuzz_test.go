package casefile_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/source"
)

// FuzzParse reads case files that anybody may have written: each is read
// whole and can be run, or findings within the file say why not.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"cases:\n- name: 好 / good\n  question: loaf\n  readings: {weight.least: grams_400, b: [c, d]}\n  as_of: '2025-06-10T09:00:00+08:00'\n" +
			"  facts: {flaws: [burnt], weight: 400, bags: [{name: A, label: true}]}\n  expect: {verdict: bad, scale: {grams: 400}, scale.least: 500, breaches: [bread/1#burnt]}\n  note: why\n",
		"scenario: 一天 / a day\nnote: n\nchanges: {readings.\"weight.least\".chosen: grams_400, 'regulations.bread.articles.\"1\".title': '{zh: 甲, en: a}'}\n" +
			"steps:\n- {name: first, question: loaf, facts: {flaws: []}, expect: {error: unknown_fact, missing_facts: [weight], rules: [sound], liable: []}}\n",
		"cases: [{name: a, question: loaf, expect: {error: {code: x}, readings: {}, cites: []}}, {name: a, question: q, expect: {}}]\n",
		"cases:\n- {name: '', question: [], expect: 1, as_of: {}, facts: ~}\n",
		"steps: []\n", "cases: null\n", "changes: {a[0: b, '': c}\ncases: []\n",
	} {
		f.Add([]byte(text))
	}
	book := bake(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, found := casefile.Parse("hostile.yaml", data)
		require.Equal(t, file == nil, found.Failed())
		checkPlaces(t, found, string(data))
		_, again := casefile.Parse("hostile.yaml", data)
		require.Equal(t, found.Error(), again.Error())
		if file == nil {
			return
		}
		for _, c := range file.Cases {
			require.NotEmpty(t, c.Name)
			result := casefile.Run(t.Context(), book, c)
			if result.Passed() {
				require.NotNil(t, result.Case.Expect)
			}
			for _, m := range result.Mismatches {
				require.NotEmpty(t, m.String())
			}
		}
		if rules, err := file.Apply("bakery.yaml", []byte(bakery)); err == nil && len(file.Changes) > 0 && len(rules) < 2*len(bakery) {
			if _, err := rulebook.Parse("bakery.yaml", rules); err != nil {
				require.ErrorAs(t, err, new(diagnostic.List))
			}
		}
	})
}

// checkPlaces asserts that findings are few, worded, and within the text.
func checkPlaces(t *testing.T, found diagnostic.List, text string) {
	t.Helper()
	require.LessOrEqual(t, len(found), source.MaxFindings+1)
	lines := strings.Split(text, "\n")
	for _, d := range found {
		require.NotEmpty(t, d.Code)
		require.NotEmpty(t, d.Message.ZH)
		require.NotEmpty(t, d.Message.EN)
		require.NotEmpty(t, d.Remedy.ZH)
		require.NotEmpty(t, d.Remedy.EN)
		require.LessOrEqual(t, d.Span.Start.Compare(d.Span.End), 0, "%v", d)
		for _, p := range []diagnostic.Position{d.Span.Start, d.Span.End} {
			require.True(t, 1 <= p.Line && p.Line <= len(lines), "%v", d)
			require.True(t, 1 <= p.Column && p.Column <= utf8.RuneCountInString(lines[p.Line-1])+1, "%v", d)
		}
	}
}
