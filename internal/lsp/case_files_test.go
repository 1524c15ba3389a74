package lsp_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrongInCases are careless edits of a file of cases about rules.yaml: what is
// found, and where.
var wrongInCases = []struct{ name, write, code, token string }{
	{"question that there is not", "- {name: x, question: time_limit.requst, facts: {}, expect: {}}", "unknown_question", "time_limit.requst"},
	{"fact that there is not", "- {name: x, question: time_limit.request, facts: {requst: {kind: install}}, expect: {}}", "unknown_fact", "requst"},
	{"field that there is not", "- {name: x, question: time_limit.request, facts: {request: {knd: install}}, expect: {}}", "unknown_fact", "knd"},
	{"word that there is not", "- {name: x, question: time_limit.request, facts: {request: {kind: instal}}, expect: {}}", "unknown_word", "instal"},
	{"reading that there is not", "- {name: x, question: time_limit.request, readings: {ladder.hall_boundry: ge3}, facts: {}, expect: {}}", "unknown_reading", "ladder.hall_boundry"},
	{"option that there is not", "- {name: x, question: time_limit.request, readings: {ladder.hall_boundary: ge4}, facts: {}, expect: {}}", "unknown_option", "ge4"},
	{"value that answers do not have", "- {name: x, question: time_limit.request, facts: {request: {kind: install}}, expect: {due_dat: '2026-01-06'}}", "unknown_value", "due_dat"},
	{"verdict that there is not", "- {name: x, question: time_limit.request, facts: {request: {kind: install}}, expect: {verdict: overdu}}", "unknown_word", "overdu"},
	{"article that there is not", "- {name: x, question: time_limit.request, facts: {request: {kind: install}}, expect: {cites: [time_limit/99]}}", "unknown_article", "time_limit/99"},
	{"key that there is not", "- {name: x, qestion: time_limit.request, facts: {}, expect: {}}", "unknown_key", "qestion"},
	{"full-width comma", "- {name: x，question: time_limit.request, facts: {}, expect: {}}", "yaml_syntax", "，"},
	{"date that there is not", "- {name: x, question: time_limit.request, as_of: '2026-02-30T09:00:00+08:00', facts: {}, expect: {}}", "bad_moment", "2026-02-30T09:00:00+08:00"},
}

// What is wrong with a case is found while it is typed, at its place, against
// rules that are not saved.
func TestWrongCasesAsOneTypes(t *testing.T) {
	const rules, cases = "/book/rules.yaml", "/book/cases/x.yaml"
	text := rulesFile(t)
	c := start(t, "zh", files{rules: text})
	c.open(cases, "cases: []\n")
	assert.Empty(t, c.findings(cases))
	for _, m := range wrongInCases {
		wrong := "cases:\n" + m.write + "\n"
		c.write(cases, wrong)
		found := c.findings(cases)
		if assert.NotEmpty(t, found, m.name) {
			assert.Equal(t, m.code, found[0].Code, "%s: %s", m.name, found[0].Message)
			assert.Equal(t, m.token, strings.Trim(under(wrong, found[0].Range), `'"`), m.name)
			assert.Regexp(t, `\p{Han}`, found[0].Message)
			var actions []struct {
				Title string
				Edit  struct{ Changes map[string][]edit }
			}
			c.ask("textDocument/codeAction", map[string]any{"textDocument": map[string]any{"uri": uri(cases)}, "range": found[0].Range, "context": map[string]any{}}, &actions)
			if !slices.Contains([]string{"bad_moment", "unknown_article"}, m.code) && assert.NotEmpty(t, actions, m.name) {
				c.write(cases, applied(wrong, actions[0].Edit.Changes[uri(cases)]))
				for _, left := range c.findings(cases) {
					assert.NotEqual(t, found[0].Message, left.Message, m.name)
				}
			}
		}
	}
	// A word that the rules know once it is typed there.
	c.open(rules, text)
	c.findings(rules)
	c.write(cases, "cases:\n- {name: x, question: time_limit.request, facts: {request: {kind: repair}}, expect: {}}\n")
	require.Len(t, c.findings(cases), 1)
	const kinds = "    install: {zh: 安装开通, en: installation}\n"
	require.Contains(t, text, kinds)
	c.write(rules, strings.Replace(text, kinds, kinds+"    repair: {zh: 维修, en: repair}\n", 1))
	assert.Empty(t, c.findings(cases))
}

// Of a place in a case is told what the rules say of it, and where; a new name is
// written in the cases, too, whether they are open or not.
func TestPlacesInCases(t *testing.T) {
	const rules, cases, closed = "/book/rules.yaml", "/book/cases/x.yaml", "/book/cases/y.yaml"
	text := rulesFile(t)
	data, err := os.ReadFile("../../examples/cases/accountability.fine.yaml")
	require.NoError(t, err)
	one := "cases:\n- name: 😀\n  question: time_limit.request\n  facts: {request: {kind: install, area_type: urban}}\n  expect: {due_date: null}\n"
	c := start(t, "zh", files{rules: text, closed: string(data)})
	c.open(cases, one)
	var h struct{ Contents struct{ Value string } }
	c.ask("textDocument/hover", at(cases, one, "area_type", 2), &h)
	assert.Contains(t, h.Contents.Value, "片区类别")
	var to struct {
		URI   string
		Range stretch
	}
	c.ask("textDocument/definition", at(cases, one, "urban", 2), &to)
	assert.Equal(t, uri(rules), to.URI)
	assert.Equal(t, "urban", under(text, to.Range))
	var uses []struct {
		URI   string
		Range stretch
	}
	c.ask("textDocument/references", with(at(cases, one, "area_type", 2), "context", map[string]any{"includeDeclaration": true}), &uses)
	in := map[string]int{}
	for _, u := range uses {
		in[u.URI]++
	}
	assert.Greater(t, in[uri(rules)], 2)
	assert.Equal(t, 1, in[uri(cases)])
	var list struct{ Items []struct{ Label string } }
	c.ask("textDocument/completion", at(cases, one, "install", 0), &list)
	assert.Contains(t, list.Items, struct{ Label string }{"restore"})

	var w struct{ Changes map[string][]edit }
	c.ask("textDocument/rename", with(at(cases, one, "area_type", 2), "newName", "kind_of_area"), &w)
	assert.Contains(t, applied(one, w.Changes[uri(cases)]), "kind_of_area: urban")
	assert.Greater(t, len(w.Changes[uri(rules)]), 2)
	c.ask("textDocument/rename", with(at(rules, text, "ladder.hall_boundary", 2), "newName", "x"), nil) // not open
	c.open(rules, text)
	c.ask("textDocument/rename", with(at(rules, text, "  ladder.hall_boundary:", 4), "newName", "ladder.hall_limit"), &w)
	mended := applied(string(data), w.Changes[uri(closed)])
	assert.NotContains(t, mended, "hall_boundary")
	assert.Contains(t, mended, "ladder.hall_limit: gt3")
}

// Without a rules file the cases are about the rulebook that is built in; with
// x-cases, about x.yaml.
func TestRulesOfCases(t *testing.T) {
	text := rulesFile(t)
	const one = "cases:\n- name: x\n  question: time_limit.requst\n  facts: {request: {kind: install}}\n  expect: {}\n"
	for path, files := range map[string]files{"/a/x.yaml": {}, "/b/city-cases/x.yaml": {"/b/city.yaml": text, "/b/rules.yaml": bookMain}} {
		c := start(t, "zh", files)
		c.open(path, one)
		found := c.findings(path)
		require.Len(t, found, 1, path)
		assert.Contains(t, found[0].Message, "time_limit.request", path)
		var list struct{ Items []struct{ Label string } }
		c.ask("textDocument/completion", at(path, one, "time_limit", 5), &list)
		assert.Contains(t, list.Items, struct{ Label string }{"time_limit.request"}, path)
	}
}
