package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
)

// withJSON are the commands that have --format json, each with arguments that
// are in order.
var withJSON = map[string][]string{
	"check":      {"good.yaml"},
	"analyse":    {"accountability.recidivism"},
	"promises":   {},
	"ci":         {"--config", "ci.yaml", "--rules", "good.yaml"},
	"ask":        {"accountability.fine", "--facts", "facts.json"},
	"compare":    {"accountability.fine", "facts.json", "facts.json"},
	"trace":      {"time_limit/6"},
	"test":       {"cases"},
	"review":     {"2025-06"},
	"readings":   {},
	"table":      {"limits"},
	"deviations": {},
	"fix":        {"good.yaml"},
	"fmt":        {"good.yaml"},
	"rename":     {"contracting.annual", "contracting.year", "--rules", "good.yaml", "--dry-run"},
	"articles":   {"--cases", "cases"},
	"diff":       {"good.yaml", "good.yaml", "--tries", "1"},
	"coverage":   {"--cases", "cases"},
	"mutate":     {"--cases", "cases", "--question", "contracting.annual", "--only", "comparison", "--tries", "-1"},
}

func jsonDirectory(t *testing.T) {
	t.Helper()
	rules, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"good.yaml":            string(rules),
		"wrong.yaml":           strings.Replace(string(rules), `request.kind == "fault"`, `request.kind == "falt"`, 1),
		"facts.json":           "\ufeff" + `{"complaint": {"level": "hall", "form": "complaint", "substantiated": true, "cause": "service"}, "prior_in_window": {"hall": 2, "branch": 0, "county_or_above": 0}}`,
		"refused.json":         "{\n \"complaint\": {\"level\": \"hal\"}}",
		"refused.yaml":         "complaint:\n  level: hal\n",
		"syntax.json":          `{"complaint": `,
		"syntax.yaml":          "complaint: {level",
		"empty.json":           "\ufeff \n",
		"far.json":             `{"request": {"kind": "install", "area_type": "rural", "papers_complete_at": "2026-12-28T10:00:00+08:00", "completed_at": "2026-12-29T10:00:00+08:00"}}`,
		"cases/one.yaml":       "cases:\n- {name: ok, question: supervision.patrol, facts: {period: 2025-06, patrols: 1}, expect: {verdict: no_breach}}\n",
		"failing.yaml":         "cases:\n- {name: no, question: supervision.patrol, facts: {period: 2025-06, patrols: 1}, expect: {verdict: breach}}\n- {name: yes, question: supervision.patrol, facts: {period: 2025-06, patrols: 1}, expect: {verdict: no_breach}}\n",
		"bad.yaml":             "cases:\n- {name: x, question: supervision.patrol, facts: {}, expect: {}, expext: {}}\n",
		"unsound.yaml":         "changes:\n  rulebook.zone: Nowhere/Land\ncases:\n- {name: x, question: supervision.patrol, facts: {period: 2025-06}, expect: {}}\n",
		"nowhere.yaml":         "changes:\n  rulebook.absent: x\ncases:\n- {name: x, question: supervision.patrol, facts: {period: 2025-06}, expect: {}}\n",
		"2025-06/patrols.csv":  "record,period,patrols\nP,2025-06,1\n",
		"rows/patrols.csv":     "record,period,patrols\nP,June,1\n",
		"config/review.yaml":   "mont: 2025-06\n",
		"config/patrols.csv":   "record,period,patrols\nP,2025-06,1\n",
		"ci.yaml":              "cases: cases\nanalyse: false\npromises: off\ncoverage: off\n",
		"nothing/readme.txt":   "x",
		"without_review.yaml":  strings.Split(string(rules), "\nreview:")[0] + "\n",
		"a directory/note.txt": "x",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
}

// document is the one JSON document of an output.
func document(t *testing.T, stdout string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(stdout))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v), stdout)
	_, err := d.Token()
	require.ErrorIs(t, err, io.EOF, "one document alone")
	return v
}

// Whoever asks for JSON gets one document of it, whatever happens, with the
// exit code that the text has.
func TestFormatJSON(t *testing.T) {
	jsonDirectory(t)
	type args = []string
	cases := []struct {
		args args
		code int
		want string // code of the error, or of the first finding; "" where there is none
	}{
		{args{"check", "wrong.yaml"}, exitFindings, "unknown_word"},
		{args{"check", "--rules", "absent.yaml"}, exitTrouble, "unreadable"},
		{args{"check", "a directory"}, exitTrouble, "unreadable"},
		{args{"check", "a.yaml", "b.yaml"}, exitUsage, "wrong_usage"},
		{args{"check", "--bogus"}, exitUsage, "wrong_usage"},
		{args{"--lang", "fr", "check"}, exitUsage, "wrong_usage"},
		{args{"ask", "accountability.fine", "--facts", "refused.json"}, exitFindings, "unknown_word"},
		{args{"ask", "accountability.fine", "--facts", "refused.yaml"}, exitFindings, "unknown_word"},
		{args{"ask", "accountability.fine", "--facts", "syntax.json"}, exitFindings, "json_syntax"},
		{args{"ask", "accountability.fine", "--facts", "syntax.yaml"}, exitFindings, "yaml_syntax"},
		{args{"ask", "accountability.fine", "--facts", "empty.json"}, exitFindings, "no_facts"},
		{args{"ask", "accountability.fine", "--facts", "absent.json"}, exitTrouble, "unreadable"},
		{args{"ask", "accountability.fine", "--facts", "facts.json", "--rules", "wrong.yaml"}, exitFindings, "unknown_word"},
		{args{"ask", "accountability.fines", "--facts", "facts.json"}, exitUsage, "wrong_usage"},
		{args{"ask", "accountability.fine", "--facts", "facts.json", "--reading", "ladder.hall_boundary=x"}, exitUsage, "wrong_usage"},
		{args{"ask", "accountability.fine", "--facts", "facts.json", "--as-of", "now"}, exitUsage, "wrong_usage"},
		{args{"ask"}, exitUsage, "wrong_usage"},
		{args{"ask", "--help"}, exitFine, ""},
		{args{"chek"}, exitUsage, "wrong_usage"},
		{args{"help", "ask", "--bogus"}, exitUsage, "wrong_usage"},
		{args{"ask", "accountability.fine"}, exitUsage, "wrong_usage"},
		{args{"ask", "time_limit.request", "--facts", "far.json"}, exitFindings, "calendar_year_missing"},
		{args{"test", "failing.yaml"}, exitFindings, ""},
		{args{"test", "bad.yaml"}, exitFindings, "unknown_key"},
		{args{"test", "unsound.yaml"}, exitFindings, "unknown_zone"},
		{args{"test", "nowhere.yaml"}, exitFindings, "unknown_path"},
		{args{"test", "nothing"}, exitUsage, "wrong_usage"},
		{args{"test", "absent"}, exitTrouble, "unreadable"},
		{args{"test"}, exitFine, ""}, // the cases beside the rules
		{args{"test", "cases", "--rules", "wrong.yaml"}, exitFindings, "unknown_word"},
		{args{"review", "rows"}, exitFindings, "not_a_month"},
		{args{"review", "config"}, exitFindings, "unknown_key"},
		{args{"review", "nothing"}, exitFindings, "no_tables"},
		{args{"review", "absent"}, exitTrouble, "unreadable"},
		{args{"review", "2025-06", "--rules", "without_review.yaml"}, exitFindings, "no_review"},
		{args{"review", "2025-06", "--month", "June"}, exitUsage, "wrong_usage"},
		{args{"review", "2025-06", "--out", "facts.json"}, exitTrouble, "unreadable"},
		{args{"review"}, exitUsage, "wrong_usage"},
		{args{"readings", "--rules", "wrong.yaml"}, exitFindings, "unknown_word"},
		{args{"readings", "x"}, exitUsage, "wrong_usage"},
		{args{"articles", "--cases", "bad.yaml"}, exitFindings, "unknown_key"},
		{args{"articles", "--cases", "absent"}, exitTrouble, "unreadable"},
	}
	for command, rest := range withJSON {
		cases = append(cases, struct {
			args args
			code int
			want string
		}{append(args{command}, rest...), exitFine, ""})
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			text, _, _ := call(t, "", c.args...)
			for _, lang := range []string{"en", "zh"} {
				format := []string{"--format=json"}
				if lang == "zh" {
					format = []string{"--format", "json"}
				}
				code, stdout, stderr := call(t, "", slices.Concat(c.args, format, []string{"--lang=" + lang})...)
				if slices.Contains(c.args, "--lang") {
					code, stdout, stderr = call(t, "", slices.Concat(c.args, format)...)
				}
				require.Equal(t, c.code, code, stderr)
				require.Equal(t, text, code, "as in text")
				doc := document(t, stdout)
				if c.want == "" {
					continue
				}
				x := doc.(map[string]any)
				found, ok := x["error"].(map[string]any)
				if !ok {
					found = x["findings"].([]any)[0].(map[string]any)
				}
				assert.Equal(t, c.want, found["code"])
				message := found["message"].(map[string]any)
				assert.NotEmpty(t, message["zh"])
				assert.NotEmpty(t, message["en"])
			}
		})
	}
}

// What a person is shown beside a message, programs find in the document; and
// nothing there speaks of what stands "above".
func TestListsInJSON(t *testing.T) {
	jsonDirectory(t)
	for _, lang := range []string{"zh", "en"} {
		read := func(args ...string) (failure, string) {
			t.Helper()
			code, stdout, stderr := call(t, "", append(args, "--format", "json", "--lang", lang)...)
			assert.Equal(t, exitUsage, code)
			document(t, stdout)
			assert.NotContains(t, stdout, "listed above")
			assert.NotContains(t, stdout, "上面")
			assert.NotContains(t, stderr, "above")
			assert.NotContains(t, stderr, "上面")
			var f failure
			require.NoError(t, json.Unmarshal([]byte(stdout), &f))
			return f, stderr
		}
		f, stderr := read("ask")
		book, err := rulebook.Default()
		require.NoError(t, err)
		assert.Len(t, f.Questions, len(book.Rulebook().Questions))
		assert.Equal(t, "first_inquiry.responsible", f.Questions[0].ID)
		assert.NotEmpty(t, f.Questions[0].Title.ZH)
		assert.Contains(t, f.Error.Remedy.EN, `"questions"`)
		assert.Equal(t, "rulebook ask --help", f.Help)
		require.NotNil(t, f.Rules)
		assert.Equal(t, "gulin", f.Rules.ID)
		assert.NotContains(t, stderr, "first_inquiry.responsible", "once is enough")

		f, _ = read("ask", "first_inquiry.materials")
		require.Len(t, f.Facts, 5)
		assert.Equal(t, "provided", f.Facts[2].Name)
		assert.Equal(t, "valid_form", f.Facts[2].Fields[1].Name)
		assert.NotEmpty(t, f.Facts[2].Type.ZH)
		f, _ = read("ask", "accountability.fine")
		assert.Contains(t, f.Facts[1].Fields[0].Words, "hall")

		f, _ = read("batch", "first_inquiry.materials")
		assert.Equal(t, "wrong_usage", f.Error.Code)
		assert.Contains(t, f.Error.Remedy.EN, "jsonl")

		text, _ := read("check", "--bogus")
		assert.Equal(t, "rulebook check --help", text.Help)
	}
	_, stdout, _ := call(t, "", "ask", "--help", "--format", "json", "--lang", "zh")
	help := document(t, stdout).(map[string]any)["help"]
	assert.Contains(t, help, "按事实提一个问题")
	_, stdout, _ = call(t, "", "test", "cases", "--format", "json")
	assert.Equal(t, "gulin", document(t, stdout).(map[string]any)["rules"].(map[string]any)["id"])
	_, stdout, _ = call(t, "", "articles", "--format", "json")
	assert.Equal(t, "gulin", document(t, stdout).(map[string]any)["rules"].(map[string]any)["id"])
}

// What the documents and the help say of --format is so.
func TestFormatIsPromised(t *testing.T) {
	var has []string
	for _, c := range (&app{getenv: func(string) string { return "" }}).root().Commands() {
		if f := c.Flags().Lookup("format"); f != nil && slices.Contains(f.Value.(*choice).allowed, "json") {
			has = append(has, c.Name())
		}
	}
	var tried []string
	for command := range withJSON {
		tried = append(tried, command)
	}
	assert.ElementsMatch(t, tried, has)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	for line := range strings.Lines(string(readme)) {
		if !strings.Contains(line, "`--format json`") {
			continue
		}
		for _, command := range has {
			assert.Contains(t, line, "`"+command+"`")
		}
	}
}

// A command that does not exist is named, not the flags that nobody knows
// because of it.
func TestUnknownCommandWithFlags(t *testing.T) {
	for _, args := range [][]string{{"chek", "--format", "json"}, {"chek", "-o", "x"}, {"calendar", "ad", "--format", "json"}} {
		code, _, stderr := call(t, "", append([]string{"--lang", "en"}, args...)...)
		assert.Equal(t, 2, code)
		assert.Contains(t, stderr, "there is no command", "%v", args)
	}
}

// A number with a separator in a file of facts is one number, not a number and
// a field that does not exist.
func TestNumberCutInTwoInFacts(t *testing.T) {
	for facts, want := range map[string]string{
		"prior_in_window: {hall: 2,000}":            "1:25: error: prior_in_window.hall: the comma cuts the number 2,000 in two",
		"prior_in_window: {branch: 1, hall: 2,000}": "1:36: error: prior_in_window.hall: the comma cuts the number 2,000 in two",
		"prior_in_window: {hall: 2, oooo: }":        "prior_in_window.oooo: there is no such field",
	} {
		code, _, stderr := call(t, facts, "ask", "accountability.fine", "--facts", "-", "--lang", "en")
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, want)
		assert.Equal(t, strings.Contains(facts, ","+"000"), strings.Contains(stderr, "write a number without separators: 2000"))
	}
}

func TestJSONOfTestAndCheck(t *testing.T) {
	jsonDirectory(t)
	_, stdout, _ := call(t, "", "test", "failing.yaml", "bad.yaml", "--format", "json")
	var tested testedJSON
	require.NoError(t, json.Unmarshal([]byte(stdout), &tested))
	assert.Equal(t, 1, tested.Passed)
	assert.Equal(t, 2, tested.Failed)
	require.Len(t, tested.Cases, 2)
	no := tested.Cases[0]
	assert.Equal(t, "failing.yaml", no.File)
	assert.Equal(t, 2, no.Line)
	assert.False(t, no.Passed)
	require.NotEmpty(t, no.Differences)
	assert.Equal(t, casefile.DifferenceDocument{Field: "verdict", Expected: "breach", Got: "no_breach", Line: 2}, no.Differences[0])
	require.NotNil(t, no.Explanation)
	assert.True(t, tested.Cases[1].Passed)
	require.Len(t, tested.Findings, 1)
	assert.Equal(t, "bad.yaml", tested.Findings[0].Span.File)

	_, stdout, _ = call(t, "", "check", "wrong.yaml", "--format", "json")
	var c checked
	require.NoError(t, json.Unmarshal([]byte(stdout), &c))
	assert.False(t, c.Sound)
	assert.Nil(t, c.Rulebook)
	assert.Equal(t, c.Errors, len(c.Findings))
	require.NotEmpty(t, c.Findings)
	assert.Equal(t, "wrong.yaml", c.Findings[0].Span.File)
	assert.Positive(t, c.Findings[0].Span.Start.Line)
	assert.Contains(t, c.Findings[0].Remedy.EN, "fault")
	_, stdout, _ = call(t, "", "check", "good.yaml", "--format", "json")
	require.NoError(t, json.Unmarshal([]byte(stdout), &c))
	assert.True(t, c.Sound)
	assert.Equal(t, 49, c.Rulebook.Articles.Articles)
	assert.Len(t, c.Rulebook.Undecided, 68)
}
