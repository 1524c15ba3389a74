package editor

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/reference"
)

func rulesFile(t testing.TB) *Project {
	t.Helper()
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	return Open(string(data), nil, nil)
}

// What may be written in a case is offered: the place is marked by ‸.
func TestCompleteInCases(t *testing.T) {
	p := rulesFile(t)
	const before = "cases:\n- name: one\n  question: contracting.load\n  facts: {area: {type: urban}, staff: 1}\n  expect: {verdict: within}\n"
	for _, c := range []struct {
		text, want, detail, insert string
		not                        string
	}{
		{"‸", "cases", "", "cases: ", "question"},
		{before + "- ‸", "question", "", "question: ", "verdict"},
		{before + "- name: x\n  ‸", "facts", "", "facts: ", "cases"},
		{before + "- name: x\n  question: ‸", "time_limit.request", "", "time_limit.request", "contract_schemes"},
		{before + "- {name: x, question: time‸", "time_limit.request", "", "time_limit.request", ""},
		{before + "- name: x\n  question: time_limit.request\n  facts:\n    ‸", "request", "办理事项", "request: ", "staff"},
		{before + "- name: x\n  question: time_limit.request\n  facts:\n    request: {‸", "kind", "事项类型", "kind: ", "staff"},
		{before + "- name: x\n  question: time_limit.request\n  facts:\n    request:\n      ‸", "area_type", "片区类别", "area_type: ", "staff"},
		{before + "- name: x\n  question: time_limit.request\n  facts:\n    request:\n      kind: ‸", "install", "安装开通", "install", "urban"},
		{before + "- {name: x, question: time_limit.request, facts: {request: {kind: ins‸", "install", "安装开通", "install", "urban"},
		{before + "- name: x\n  question: time_limit.request\n  facts: {request.‸", "request.kind", "事项类型", "request.kind: ", "staff"},
		{before + "- name: x\n  question: accountability.history\n  facts:\n    complaints:\n    - {‸", "substantiated", "", "substantiated: ", "person"},
		{before + "- name: x\n  question: accountability.history\n  facts:\n    complaints:\n    - id: K1\n      ‸", "level", "", "level: ", "person"},
		{before + "- name: x\n  question: accountability.history\n  facts:\n    complaints:\n    - id: K1\n      substantiated: ‸", "true", "", "true", "hall"},
		{before + "- name: x\n  question: time_limit.request\n  readings: {‸", "ladder.hall_boundary", "", "ladder.hall_boundary: ", "verdict"},
		{before + "- name: x\n  question: accountability.fine\n  readings: {ladder.hall_boundary: ‸", "ge3", "", "ge3", "gt3x"},
		{before + "- name: x\n  question: time_limit.request\n  expect:\n    ‸", "due_date", "", "due_date: ", "final_fine"},
		{before + "- name: x\n  question: accountability.fine\n  expect: {‸", "final_fine", "", "final_fine: ", "due_date"},
		{before + "- name: x\n  question: accountability.fine\n  expect: {‸", "breaches", "全部违反", "breaches: ", "due_date"},
		{before + "- name: x\n  question: accountability.fine\n  expect: {verdict: ‸", "no_fine", "", "no_fine", "urban"},
		{before + "- name: x\n  question: accountability.fine\n  expect: {verdict: ‸", "undetermined", "未定", "undetermined", "urban"},
		{before + "- name: x\n  question: accountability.fine\n  expect:\n    reason: ‸", "not_substantiated", "", "not_substantiated", "urban"},
		{before + "- name: x\n  question: accountability.fine\n  expect: {cites: [‸", "accountability/6.1", "", "accountability/6.1", "urban"},
		{before + "- name: x\n  question: first_inquiry.responsible\n  expect: {breaches: [‸", "first_inquiry/6#notice_late", "", "first_inquiry/6#notice_late", "urban"},
		{before + "- name: x\n  question: accountability.fine\n  expect:\n    needs_decision: ‸", "false", "", "false", "urban"},
		{before + "- name: x\n  question: time_limit.request\n  expect: {missing_facts: [request.‸", "request.received_at", "", "request.received_at", "staff"},
		{before + "- name: x\n  question: time_limit.request\n  expect: {rules: [time‸", "time_limit.install_urban", "城区", "time_limit.install_urban", "staff"},
		{before + "- name: x\n  question: contracting.load\n  table:\n    ‸", "rows", "", "rows: ", "name"},
		{before + "- name: x\n  question: contracting.load\n  table:\n    facts: [‸", "households", "", "households", "request"},
		{before + "- name: x\n  question: contracting.load\n  table:\n    facts: [area.type, households]\n    expect: [verdict]\n    rows:\n    - [‸", "urban", "", "urban", "within"},
		{before + "- name: x\n  question: contracting.load\n  table:\n    facts: [area.type, households]\n    expect: [verdict]\n    rows:\n    - [urban, 3999, ‸", "within", "", "within", "urban"},
		{"scenario: 一件事\nsteps:\n- name: x\n  question: contracting.load\n  facts: {area: {type: ‸", "urban", "", "urban", "within"},
		{before + "# ‸", "", "", "", "urban"},
		{before + "- name: ‸", "", "", "", "urban"},
		{before + "- name: x\n  question: no.such\n  expect: {verdict: ‸", "not_in_scope", "不适用", "not_in_scope", "urban"},
	} {
		at := strings.Index(c.text, "‸")
		text := NewText(strings.Replace(c.text, "‸", "", 1))
		var labels []string
		found := c.want == ""
		for _, x := range p.CompleteInCases(text, at, "zh", today) {
			labels = append(labels, x.Label)
			if x.Label != c.want {
				continue
			}
			found = true
			assert.Equal(t, c.insert, x.Insert, c.text)
			assert.Contains(t, x.Detail, c.detail, c.text)
			assert.Equal(t, at, x.Range.End)
			assert.True(t, strings.HasPrefix(x.Insert, text.s[x.Range.Start:at]), "%s replaces %q", c.want, text.s[x.Range.Start:at])
		}
		assert.True(t, found, "%s\n%s is not among %v", c.text, c.want, labels)
		assert.NotContains(t, labels, c.not, c.text)
		if c.want == "" {
			assert.Empty(t, labels)
		}
	}
}

// Every name in the cases of the examples that the rulebook knows leads to where
// it is declared; nearly every word of a fact, and every value of an answer, does.
func TestPlacesInCases(t *testing.T) {
	p := rulesFile(t)
	files, err := filepath.Glob("../../examples/cases/*.yaml")
	require.NoError(t, err)
	kinds := map[Kind]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		text := NewText(string(data))
		for _, o := range p.inCases(text) {
			kinds[o.Symbol.Kind]++
			written := text.s[o.Range.Start:o.Range.End]
			assert.Contains(t, []string{o.Symbol.Name, o.Symbol.ID}, written)
			to, ok := p.Definition(o.Symbol)
			require.True(t, ok)
			assert.Equal(t, o.Symbol.Name, unquoted(p.files[0].text.s[to.Range.Start:to.Range.End]))
		}
	}
	for _, kind := range []Kind{Question, Fact, Word, Reading, Option, Value, Article} {
		assert.Greater(t, kinds[kind], 20, kind)
	}
	text := NewText("cases:\n- name: x\n  question: time_limit.request\n  facts: {request: {kind: install}}\n  expect: {due_date: '2026-01-06'}\n")
	for mark, want := range map[string]string{
		"time_limit": "时限", "kind: install": "事项类型", "install": "安装开通", "due_date": "到期日", "question:": "问哪个问题", "expect:": "应得的答复",
	} {
		h, ok := p.HoverInCases(text, strings.Index(text.s, mark)+1, "zh", today)
		assert.True(t, ok, mark)
		assert.Contains(t, h.Text, want, mark)
	}
}

// The keys that are offered are those that files of cases may have.
func TestKeysOfCasesAreAllowed(t *testing.T) {
	var names []string
	for _, k := range keysOfExpect {
		names = append(names, k.Name)
	}
	assert.ElementsMatch(t, casefile.CommonFields(), names)
	for _, c := range []struct {
		keys []reference.Key
		text string
	}{{caseFileKeys, "%s: x\n"}, {keysOfCase, "cases:\n- %s: x\n"}, {keysOfTable, "cases:\n- name: x\n  question: x\n  table: {%s: x}\n"}} {
		for _, k := range c.keys {
			for _, f := range InCases(NewText(strings.Replace(c.text, "%s", k.Name, 1))) {
				if f.Code == "unknown_key" {
					assert.Contains(t, []string{"steps", "cases"}, k.Name, "each has its own keys beside it")
				}
			}
		}
	}
}

// No text of cases makes anything panic, wherever it is asked about.
func TestRandomCases(t *testing.T) {
	p := Open(library(t), nil, nil)
	data, err := os.ReadFile("../../examples/cases/contracting.load.yaml")
	require.NoError(t, err)
	sound := string(data) + "- {name: t, question: q, table: {facts: [a.b], readings: [r], expect: [v], rows: [[1, 2, 3]]}}\n"
	random := rand.New(rand.NewPCG(8, 9))
	tries := 300
	if n, err := strconv.Atoi(os.Getenv("RULEBOOK_EDITS")); err == nil {
		tries = n
	}
	text := sound
	for i := range tries {
		if i%12 == 0 {
			text = sound[:min(len(sound), 1500+random.IntN(1500))]
		}
		text = mangled(random, text)
		x := NewText(text)
		for range 4 {
			at := random.IntN(len(text) + 1)
			for _, c := range p.CompleteInCases(x, at, "zh", today) {
				require.LessOrEqual(t, c.Range.Start, c.Range.End)
				require.GreaterOrEqual(t, c.Range.Start, 0)
			}
			_, _ = p.HoverInCases(x, at, "en", today)
			if s, _ := p.SymbolInCases(x, at); s != nil {
				_ = p.ReferencesInCases(x, s)
			}
		}
	}
}
