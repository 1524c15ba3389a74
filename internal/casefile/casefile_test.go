package casefile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
)

func TestParseReadsCases(t *testing.T) {
	f, found := casefile.Parse("repairs.yaml", []byte(`
note: about repairs
cases:
- name: 24小时 / 24 hours
  question: repair
  readings: {clock: business_hours, approver: [boss, deputy], close: 'at:18:00'}
  as_of: '2025-06-10T09:00:00+08:00'
  facts: {kind: fault}
  expect: {status: running}
  note: why
- {name: nothing given, question: repair, expect: {}}
`))
	require.Empty(t, found)
	require.Len(t, f.Cases, 2)
	assert.Equal(t, "repairs.yaml", f.Name)
	assert.Empty(t, f.Changes)

	c := f.Cases[0]
	assert.Equal(t, "24小时 / 24 hours", c.Name)
	assert.Equal(t, "repair", c.Question)
	assert.Equal(t, []casefile.Setting{{Key: "clock", Option: "business_hours"}, {Key: "approver", Option: "boss,deputy"}, {Key: "close", Option: "at:18:00"}}, c.Readings)
	assert.True(t, c.AsOf.Equal(time.Date(2025, 6, 10, 1, 0, 0, 0, time.UTC)))
	assert.Equal(t, "fault", c.Facts.Get("kind").Text)
	assert.Equal(t, "running", c.Expect.Get("status").Text)
	assert.Equal(t, "why", c.Note)
	assert.Equal(t, "repairs.yaml:4:3", c.Span.String())

	c = f.Cases[1]
	assert.True(t, c.AsOf.IsZero())
	assert.Empty(t, c.Facts.Entries)
	assert.Empty(t, c.Readings)
}

func TestParseReadsScenarios(t *testing.T) {
	f, found := casefile.Parse("story.yaml", []byte(`
scenario: a story
changes:
  limits."6".within: 4 days
  fines[0]: '{amount: 30}'
steps:
- {name: first, question: q, expect: {}}
- {name: second, question: q, expect: {}}
`))
	require.Empty(t, found)
	require.Len(t, f.Cases, 2)
	assert.Equal(t, "a story / first", f.Cases[0].Name)
	assert.Equal(t, "a story / second", f.Cases[1].Name)
	require.Len(t, f.Changes, 2)
	assert.Equal(t, `limits."6".within`, f.Changes[0].Path)
	assert.Equal(t, "4 days", f.Changes[0].To)
	assert.Equal(t, "story.yaml:4:3", f.Changes[0].Span.String())
	assert.Equal(t, "{amount: 30}", f.Changes[1].To)
}

// Every mistake is found with its place, its code, and what to write instead;
// a file is read whole or not at all.
func TestParseMistakes(t *testing.T) {
	const ok = "- {name: n, question: q, expect: {}}\n"
	for name, test := range map[string]struct {
		text   string
		at     string // line:column
		code   string
		remedy string // part of it
	}{
		"misspelt key of a case":   {"cases:\n- {name: n, question: q, expct: {}, expect: {}}\n", "2:26", "unknown_key", "did you mean expect?"},
		"a key in Chinese":         {"cases:\n- {name: n, 问题: q, expect: {}}\n", "2:13", "unknown_key", "did you mean question?"},
		"a key in other words":     {"cases:\n- {name: n, 提问: q, expect: {}}\n", "2:13", "unknown_key", "did you mean question?"},
		"the list in Chinese":      {"用例:\n" + ok, "1:1", "unknown_key", "did you mean cases?"},
		"an expectation too deep":  {"cases:\n- name: n\n  question: q\n  facts:\n    a: 1\n    expect: {}\n", "6:5", "missing_key", "indent it by 2 spaces"},
		"columns of no row":        {"cases:\n- name: n\n  question: q\n  table:\n    facts: [a]\n    rows: [[1, 2], [3, 4]]\n", "5:5", "cells_missing", "give each column its name"},
		"a column called wrong":    {"cases:\n- name: n\n  question: q\n  table:\n    fact: [a]\n    rows: [[1], [3]]\n", "5:5", "unknown_key", "did you mean facts?"},
		"a full-width comma":       {"cases:\n- name: n\n  question: q\n  table:\n    facts: [a, b]\n    rows: [[1，2], [3, 4]]\n", "6:13", "cells_missing", "write 1,2"},
		"key far from any":         {"cases:\n- {name: n, question: q, quux: {}, expect: {}}\n", "2:26", "unknown_key", "allowed: name, question"},
		"key at the top":           {"case: 1\ncases:\n" + ok, "1:1", "unknown_key", "did you mean cases?"},
		"cases in a scenario":      {"scenario: s\nsteps:\n" + ok + "cases:\n- {name: m, question: q, expect: {}}\n", "4:1", "unknown_key", "steps"},
		"steps without a scenario": {"steps:\n" + ok, "1:1", "missing_key", "add scenario"},
		"no cases":                 {"note: nothing\n", "1:1", "missing_key", "add cases"},
		"no steps":                 {"scenario: s\n", "1:1", "missing_key", "add steps"},
		"a list at the top":        {ok, "1:1", "not_a_map", "key: value"},
		"cases is no list":         {"cases: {name: n}\n", "1:8", "wrong_type", "write a list"},
		"a case is no map":         {"cases:\n- n\n", "2:3", "wrong_type", "write a map"},
		"no name":                  {"cases:\n- {question: q, expect: {}}\n", "2:3", "missing_key", "add name"},
		"no question":              {"cases:\n- {name: n, expect: {}}\n", "2:3", "missing_key", "add question"},
		"no expectation":           {"cases:\n- {name: n, question: q}\n", "2:3", "missing_key", "add expect"},
		"an empty expectation":     {"cases:\n- {name: n, question: q, expect: }\n", "2:33", "value_expected", "write what the answer must be, as in expect: {verdict: …}; where it is enough that nothing is breached, {}"},
		"a list as expectation":    {"cases:\n- {name: n, question: q, expect: [a]}\n", "2:34", "wrong_type", "write a map"},
		"a name that is a map":     {"cases:\n- {name: {}, question: q, expect: {}}\n", "2:10", "wrong_type", "write text"},
		"an empty name":            {"cases:\n- {name: '', question: q, expect: {}}\n", "2:10", "empty_text", "write something"},
		"a name given twice":       {"cases:\n" + ok + "- {name: n, question: r, expect: {}}\n", "3:10", "duplicate_case", "another name"},
		"readings that are a list": {"cases:\n- {name: n, question: q, readings: [a], expect: {}}\n", "2:36", "wrong_type", "write a map"},
		"a moment without a zone":  {"cases:\n- {name: n, question: q, as_of: '2025-06-09', expect: {}}\n", "2:33", "bad_moment", "2026-01-31T08:30:00+08:00"},
		"a note that is a map":     {"cases:\n- {name: n, question: q, expect: {}, note: {}}\n", "2:44", "wrong_type", "write text"},
		"changes that are a list":  {"changes: [a]\ncases:\n" + ok, "1:10", "wrong_type", "path: value"},
		"a change that is a map":   {"changes: {a: {b: c}}\ncases:\n" + ok, "1:14", "wrong_type", "YAML in quotes"},
		"a key given twice":        {"cases:\n- {name: n, name: m, question: q, expect: {}}\n", "2:13", "duplicate_key", ""},
		"YAML that does not parse": {"cases: [\n", "", "", ""},
		"an empty file":            {"", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, found := casefile.Parse("f.yaml", []byte(test.text))
			assert.Nil(t, f)
			require.NotEmpty(t, found)
			if test.code == "" {
				return
			}
			assert.Len(t, found, 1, "one cause, one finding")
			d := found[0]
			assert.Equal(t, test.code, d.Code, "%v", found)
			assert.Equal(t, "f.yaml:"+test.at, d.Span.String())
			assert.Equal(t, diagnostic.Error, d.Severity)
			assert.Contains(t, d.Remedy.EN, test.remedy)
			assert.NotEmpty(t, d.Message.ZH)
			assert.NotEmpty(t, d.Message.EN)
			assert.NotEmpty(t, d.Remedy.ZH)
		})
	}
}

func TestParseFindsEveryMistake(t *testing.T) {
	_, found := casefile.Parse("f.yaml", []byte("cases:\n- {}\n- {name: n, question: q, expct: {}}\n"))
	var all []string
	for _, d := range found {
		all = append(all, d.Code+" "+d.Message.EN)
	}
	assert.Equal(t, []string{
		`missing_key "name" is missing`, `missing_key "question" is missing`, `missing_key "expect" is missing`,
		`unknown_key there is no key "expct" here`, // that expect is missing follows
	}, all)
}

func TestDuplicateNamesPointAtTheFirst(t *testing.T) {
	_, found := casefile.Parse("f.yaml", []byte("cases:\n- {name: n, question: q, expect: {}}\n- {name: n, question: q, expect: {}}\n"))
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Message.EN, "first at f.yaml:2:10")
}

const sample = `rules:
  "6.1":
    fines: [20, 50]   # yuan
    within: 5 days
  open:
    from: 9
    to: 17
last: x
`

func TestApply(t *testing.T) {
	for name, test := range map[string]struct{ path, to, want string }{
		"a scalar":             {`rules."6.1".within`, "4 days", strings.Replace(sample, "5 days", "4 days", 1)},
		"an element of a list": {`rules."6.1".fines[1]`, "80", strings.Replace(sample, "50]", "80]", 1)},
		"a list":               {`rules."6.1".fines`, "[1]", strings.Replace(sample, "[20, 50]", "[1]", 1)},
		"a map":                {"rules.open", "{from: 8}", strings.Replace(sample, "from: 9\n    to: 17", "{from: 8}", 1)},
		"a key in quotes":      {`"last"`, "y", strings.Replace(sample, "last: x", "last: y", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			f := &casefile.File{Changes: []casefile.Change{{Path: test.path, To: test.to}}}
			got, err := f.Apply("rules.yaml", []byte(sample))
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got))
		})
	}
}

func TestApplyMakesChangesInTurn(t *testing.T) {
	f := &casefile.File{Changes: []casefile.Change{{Path: "rules.open", To: "{from: 8, to: 18}"}, {Path: "rules.open.to", To: "20"}}}
	got, err := f.Apply("rules.yaml", []byte(sample))
	require.NoError(t, err)
	assert.Contains(t, string(got), "{from: 8, to: 20}")
}

func TestApplyFailures(t *testing.T) {
	for _, path := range []string{"rules.shut", "rules.open[0]", `rules."6.1".fines[2]`, `rules."6.1".fines[x]`, `rules."6.1".fines[0`, "rules.open.from.more"} {
		f := &casefile.File{Changes: []casefile.Change{{Path: path, To: "1", Span: diagnostic.Span{File: "f.yaml", Start: diagnostic.Position{Line: 2, Column: 3}}}}}
		_, err := f.Apply("rules.yaml", []byte(sample))
		var found diagnostic.List
		require.True(t, errors.As(err, &found), "%s: %v", path, err)
		assert.Equal(t, "unknown_path", found[0].Code)
		assert.Equal(t, "f.yaml:2:3", found[0].Span.String())
		assert.Contains(t, found[0].Message.ZH, path)
	}
	broken := &casefile.File{Changes: []casefile.Change{{Path: "last", To: "["}, {Path: "last", To: "x"}}}
	_, err := broken.Apply("rules.yaml", []byte(sample))
	var found diagnostic.List
	assert.True(t, errors.As(err, &found), "%v", err)
}

func TestParseListsSoManyFindings(t *testing.T) {
	_, found := casefile.Parse("f.yaml", []byte("cases:\n"+strings.Repeat("- {nane: x}\n", 300)))
	require.Len(t, found, 101)
	assert.Equal(t, "too_many_findings", found[100].Code)
	assert.Equal(t, 34+1, found[100].Span.Start.Line)
}
