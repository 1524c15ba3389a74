package proptest_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/policy"
)

// The facts of every example case, written canonically, are the same facts:
// they are written the same again and get the same answer.
func TestCanonicalFacts(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	seen := 0
	for _, dir := range []string{"examples/cases", "examples/scenarios"} {
		err := fs.WalkDir(os.DirFS(inTree(dir)), ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".yaml" {
				return err
			}
			data, err := os.ReadFile(inTree(path.Join(dir, name)))
			require.NoError(t, err)
			f, found := casefile.Parse(name, data)
			require.NotNil(t, f, "%v", found)
			for _, c := range f.Cases {
				facts, err := book.Check(c.Question, c.Facts)
				if err != nil {
					continue // a case of refused facts
				}
				seen++
				text, err := facts.MarshalJSON()
				require.NoError(t, err)
				again, err := book.Check(c.Question, text)
				require.NoError(t, err, "%s: %s", c.Name, text)
				assert.Equal(t, string(text), string(again.AppendJSON(nil)), c.Name)
				options := []rulebook.Option{rulebook.AsOf(c.AsOf)}
				first, err := book.Ask(t.Context(), c.Question, facts, options...)
				if err != nil {
					continue // a moment of asking that was given twice
				}
				second, err := book.Ask(t.Context(), c.Question, again, options...)
				require.NoError(t, err, c.Name)
				assert.Equal(t, string(first.AppendJSON(nil, true)), string(second.AppendJSON(nil, true)), c.Name)
			}
			return nil
		})
		require.NoError(t, err)
	}
	assert.Greater(t, seen, 200)
}

// Facts that mean the same are written the same.
func TestCanonicalFactsOfOneMeaning(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	write := func(question, facts string) string {
		checked, err := book.Check(question, facts)
		require.NoError(t, err, facts)
		return string(checked.AppendJSON(nil))
	}
	const question = "time_limit.request"
	want := `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","network_ready":true,"eligible":true,"direct":"S1","major":false,"important_customer":false,"customer_failures":[]},"observed":[],"as_of":"2025-07-01T00:00:00+08:00"}`
	for _, facts := range []string{
		`{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00", "direct": "S1"}, "as_of": "2025-07-01T00:00:00+08:00"}`,
		`{"as_of":"2025-06-30T16:00:00Z","request":{"direct":" S1 ","completed_at":null,"papers_complete_at":"2025-06-09T02:00:00.000Z","kind":"install","area_type":"urban","network_ready":true}}`,
	} {
		assert.Equal(t, want, write(question, facts))
	}
	const conduct = "first_inquiry.conduct"
	assert.Equal(t,
		write(conduct, `{"observed": ["perfunctory", "avoidance"]}`),
		write(conduct, `{"observed": ["avoidance", "perfunctory"]}`))
}

// A discreet refusal says nothing of what was given, wherever it stood.
func TestDiscreetFactErrors(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	const name, number = "王秀英", "13800138000"
	var wrong []any // values that no fact may have, or few
	for _, secret := range []string{name, number, name + number + strings.Repeat("长", 200), "\x00" + number} {
		wrong = append(wrong, secret, []any{secret}, map[string]any{secret: secret}, []any{map[string]any{secret: 1}}, []any{[]any{secret}})
	}
	wrong = append(wrong, "13800138000.00", json.RawMessage(`13800138000.00`), "+13800138000", int64(-13800138000), 13800138000.5, []any{int64(13800138000), nil}, json.RawMessage(`{"13800138000":1,"13800138000":2}`),
		json.RawMessage(`13800138000138001380001`))
	refused := 0
	ask := func(question string, facts any) {
		_, err := book.Check(question, facts)
		var fact *policy.FactError
		if !errors.As(err, &fact) {
			return
		}
		refused++
		d := fact.Discreet()
		assert.Equal(t, fact.Code, d.Code)
		assert.Equal(t, fact.Span, d.Span)
		for _, text := range []string{d.In("zh"), d.In("en"), d.Fact, d.Error()} {
			assert.NotContains(t, text, name, "%s %v", question, facts)
			assert.NotContains(t, text, number, "%s %v", question, facts)
		}
		assert.NotEqual(t, "这里不能这样写", d.Message.ZH, "the code %s has a message of its own", d.Code)
	}
	for _, q := range book.Rulebook().Questions {
		for _, x := range wrong {
			ask(q.ID, map[string]any{"as_of": x})
			ask(q.ID, x)
			var put func(f *policy.Fact, wrap func(any) any)
			put = func(f *policy.Fact, wrap func(any) any) {
				ask(q.ID, wrap(x))
				for _, field := range f.Fields {
					put(field, func(v any) any { return wrap(map[string]any{field.Name: v}) })
				}
				if f.Elem != nil {
					put(f.Elem, func(v any) any { return wrap([]any{v}) })
				}
			}
			for _, f := range q.Facts {
				put(f.Fact, func(v any) any { return map[string]any{f.Name: v} })
			}
		}
	}
	for _, text := range []string{`{"person": "` + number, `{"` + number + `"}`, `[` + name + `]`, number + `{}`, `{} ` + number, `{"` + name + `":1,"` + name + `":2}`, "\xff" + number} {
		ask("accountability.fine", text)
	}
	assert.Greater(t, refused, 1000)
}

func TestWarnings(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	assert.Empty(t, book.Warnings())
	assert.Empty(t, book.Unused())
}

// A byte order mark before facts in JSON is none of them; another encoding is
// told by its name.
func TestByteOrderMarkBeforeFacts(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	const facts = `{"request": {"kind": "fault", "severity": "ordinary"}}`
	want, err := book.Ask(t.Context(), "time_limit.request", []byte(facts))
	require.NoError(t, err)
	for _, mark := range []string{"\ufeff", "\ufeff\ufeff", "\ufeff\r\n "} {
		got, err := book.Ask(t.Context(), "time_limit.request", []byte(mark+facts))
		require.NoError(t, err)
		assert.Equal(t, string(want.AppendJSON(nil, true)), string(got.AppendJSON(nil, true)))
	}
	var wrong *policy.FactError
	_, err = book.Ask(t.Context(), "time_limit.request", []byte("\ufeff{\"request\": 1}"))
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, 13, wrong.Span.Start.Column, "the mark is no character of the line")
	for _, text := range []string{"\xff\xfe{\x00}\x00", "\xfe\xff\x00{\x00}", "{\x00}\x00", "\x00{\x00}"} {
		_, err = book.Ask(t.Context(), "time_limit.request", []byte(text))
		require.ErrorAs(t, err, &wrong)
		assert.Equal(t, "not_utf8", wrong.Code)
		assert.Contains(t, wrong.Message.EN, "UTF-16")
	}
}
