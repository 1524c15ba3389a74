package ci_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/ci"
	"github.com/servicerules/rulebook/internal/coverage"
	"github.com/servicerules/rulebook/internal/mutate"
)

const rules = `rulebook: {id: shop, title: {zh: 店, en: shop}, zone: UTC, in_force: {from: 2020-01-01}}
words: {outcome: {paid: {zh: 付, en: paid}, free: {zh: 免, en: free}}}
facts:
  on: {zh: 日期, en: day, type: date}
  grams: {zh: 重量, en: weight, type: count}
regulations:
  r:
    zh: 规则
    en: rules
    articles:
      "1":
        nature: sanction
        title: {zh: 运费, en: Carriage}
        text: {zh: 满一千克收费。, en: A kilogram and more is paid for.}
        figures:
          charge: {zh: 运费, en: charge, is: 'grams >= 1000 ? 5 : 0'}
questions:
  carriage:
    zh: 运费
    en: carriage
    facts: [on, grams]
    governed_by: on
    rules: [charge]
    verdict: {is: 'charge.value > 0 ? "paid" : "free"', words: outcome}
    values: {charge: {zh: 运费, en: charge, is: charge.value}}
promises:
  heavier_never_cheaper: {zh: 越重不会越便宜, en: heavier is never cheaper, article: r/1, question: carriage, as_rises: grams, never_falls: answer.charge}
# accepted: review_missing – 测试用 / for tests
`

const cases = `cases:
- name: light
  question: carriage
  facts: {on: 2025-03-01, grams: 999}
  expect: {verdict: free, charge: 0}
- name: heavy
  question: carriage
  facts: {on: 2025-03-01, grams: 1000}
  expect: {verdict: paid, charge: 5}
`

func book(t *testing.T, text string) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Parse("rules.yaml", []byte(text))
	require.NoError(t, err)
	return b
}

func files(t *testing.T, text string) []*casefile.File {
	t.Helper()
	f, found := casefile.Parse("cases.yaml", []byte(text))
	require.NotNil(t, f, "%v", found)
	return []*casefile.File{f}
}

// ran is what becomes of rules and cases, compared with those above.
func ran(t *testing.T, c ci.Config, newRules, newCases string) (map[string]*ci.Gate, *ci.Report) {
	t.Helper()
	s := ci.Subject{Book: book(t, newRules), Files: files(t, newCases), Base: &ci.Version{Name: "before", Book: book(t, rules), Files: files(t, cases)}}
	r, err := ci.Run(t.Context(), s, c)
	require.NoError(t, err)
	by := map[string]*ci.Gate{}
	for _, g := range r.Gates {
		by[g.Name] = g
	}
	return by, r
}

func codes(g *ci.Gate) []string {
	var all []string
	for _, d := range g.Findings {
		all = append(all, d.Code)
	}
	return all
}

// What is as it was passes all gates, also with all that can be asked for.
func TestUnchangedPasses(t *testing.T) {
	c := ci.Defaults()
	c.Mutation, c.Coverage, c.Promises = 50, 50, ci.PromisesProven
	by, r := ran(t, c, rules, cases)
	for _, g := range r.Gates {
		assert.Equal(t, ci.Passed, g.State, "%s: %s %v", g.Name, g.Said.EN, g.Findings)
	}
	assert.Len(t, by, 7)
	assert.True(t, r.Passed())
}

// Bad changes of rules or cases, and the gate that stops each.
func TestBadChangesAreStopped(t *testing.T) {
	dated := `is: {by: date, 2020-01-01: 'grams >= 1000 ? 5 : 0', 2026-01-01: 'grams >= 500 ? 5 : 0'}`
	was := `is: 'grams >= 1000 ? 5 : 0'`
	for _, x := range []struct {
		what, rules, cases string
		config             func(*ci.Config)
		gate, code         string // "" where it passes
	}{
		{"a limit without a day", strings.Replace(rules, ">= 1000", ">= 1001", 1), cases, nil, ci.Base, ci.CodeCaseFlipped},
		{"and the case fails", strings.Replace(rules, ">= 1000", ">= 1001", 1), cases, nil, ci.Cases, ""},
		{"a limit from a day on", strings.Replace(rules, was, dated, 1), cases, nil, "", ""},
		{"a case that approves it", strings.Replace(rules, ">= 1000", ">= 1001", 1), strings.Replace(cases, "{verdict: paid, charge: 5}", "{verdict: free, charge: 0}", 1), nil, "", ""},
		{"a case that has become silent", strings.Replace(rules, ">= 1000", ">= 1001", 1), strings.Replace(cases, "{verdict: paid, charge: 5}", "{verdict: free}", 1), nil, ci.Base, ci.CodeCaseFlipped},
		{"a case that asks about something else", strings.Replace(rules, ">= 1000", ">= 1001", 1), strings.Replace(cases, "grams: 1000", "grams: 2000", 1), nil, ci.Base, ci.CodeCaseFlipped},
		{"its like with another name", strings.Replace(rules, ">= 1000", ">= 1001", 1), strings.Replace(strings.Replace(cases, "{verdict: paid, charge: 5}", "{verdict: free, charge: 0}", 1), "heavy", "other", 1), nil, ci.Base, ci.CodeCaseFlipped},
		{"its like as of another moment", strings.Replace(rules, ">= 1000", ">= 1001", 1), strings.Replace(strings.Replace(cases, "{verdict: paid, charge: 5}", "{verdict: free, charge: 0}", 1), "name: heavy", "name: heavy\n  as_of: 2026-01-01T08:00:00Z", 1), nil, ci.Base, ci.CodeCaseFlipped},
		{"a case less", rules, cases[:strings.Index(cases, "- name: heavy")], nil, ci.Base, ci.CodeFewerCases},
		{"a promise broken", strings.Replace(rules, "? 5 : 0", "? 5 : 6", 1), cases, nil, ci.Promises, "promise_broken"},
		{"two findings", strings.Replace(rules, "      \"1\":", "      \"2\":", 1), cases, nil, ci.Check, "article_skipped"},
		{"little is covered", rules, cases[:strings.Index(cases, "- name: heavy")], func(c *ci.Config) { c.Coverage = 100 }, ci.Coverage, ci.CodeCoverageLow},
		{"little is covered of a kind", rules, cases[:strings.Index(cases, "- name: heavy")], func(c *ci.Config) { c.CoverageOf = map[coverage.Kind]int{coverage.Boundary: 100} }, ci.Coverage, ci.CodeCoverageLow},
		{"little is noticed of a kind", rules, strings.ReplaceAll(cases, ", charge: 0", ""), func(c *ci.Config) {
			c.Mutation, c.MutationOf = 0, map[mutate.Kind]int{}
			for _, k := range mutate.Kinds() {
				c.MutationOf[k] = 100
			}
		}, ci.Mutation, ci.CodeMutationLow},
		{"little is noticed", rules, strings.ReplaceAll(cases, ", charge: 0", ""), func(c *ci.Config) { c.Mutation = 100 }, ci.Mutation, ci.CodeMutationLow},
		{"a rule that never applies", strings.Replace(rules, "charge: {zh: 运费, en: charge, is:", "charge: {zh: 运费, en: charge, when: grams > 3 and grams < 2, is:", 1), cases, nil, ci.Analysis, "never_applies"},
	} {
		t.Run(x.what, func(t *testing.T) {
			c := ci.Defaults()
			if x.config != nil {
				x.config(&c)
			}
			text := x.rules
			if x.gate == ci.Check {
				text = strings.ReplaceAll(text, "r/1", "r/2")
			}
			by, r := ran(t, c, text, x.cases)
			if x.gate == "" {
				for _, g := range r.Gates {
					assert.NotEqual(t, ci.Failed, g.State, "%s: %v", g.Name, g.Findings)
				}
				return
			}
			require.Equal(t, ci.Failed, by[x.gate].State, "%v", by[x.gate])
			if x.code != "" {
				assert.Contains(t, codes(by[x.gate]), x.code)
			}
			assert.False(t, r.Passed())
			for _, f := range append([]string{"markdown"}, ci.Formats...) {
				for _, lang := range []string{"zh", "en"} {
					var b bytes.Buffer
					require.NoError(t, r.Write(&b, f, "v1", lang))
					assert.NotEmpty(t, b.String())
					if f == "junit" {
						assert.Equal(t, in(r, ci.Failed), strings.Count(b.String(), "<failure "), "a gate that failed is a test that failed")
						assert.GreaterOrEqual(t, strings.Count(b.String(), "<skipped "), in(r, ci.Skipped))
					}
				}
			}
		})
	}
}

// in is how many gates are in a state.
func in(r *ci.Report, s ci.State) int {
	n := 0
	for _, g := range r.Gates {
		if g.State == s {
			n++
		}
	}
	return n
}

// A promise whose condition nothing met that was tried counts as a warning does, and
// not among those that no facts were found against.
func TestPromiseThatNothingMet(t *testing.T) {
	unmet := strings.Replace(rules, "as_rises: grams, never_falls: answer.charge}", "when: grams * 2 < grams + 5 and grams * 3 > grams + 12, then: answer.charge > 9}", 1)
	c := ci.Defaults()
	by, _ := ran(t, c, unmet, cases)
	assert.Equal(t, ci.Failed, by[ci.Promises].State)
	assert.Equal(t, []string{"promise_idle"}, codes(by[ci.Promises]))
	assert.Equal(t, "0 proven, 0 refuted, 0 searched, 1 whose condition nothing met", by[ci.Promises].Said.EN)
	c.Strict = false
	by, _ = ran(t, c, unmet, cases)
	assert.Equal(t, ci.Passed, by[ci.Promises].State)
	assert.Equal(t, []string{"promise_idle"}, codes(by[ci.Promises]))
	c.Promises = ci.PromisesProven
	by, _ = ran(t, c, unmet, cases)
	assert.Equal(t, ci.Failed, by[ci.Promises].State)
}

// A copy in another file makes up for no case that is gone.
func TestCopiesAreNoCases(t *testing.T) {
	light := cases[:strings.Index(cases, "- name: heavy")]
	s := ci.Subject{Book: book(t, rules), Files: append(files(t, light), files(t, light)...), Base: &ci.Version{Name: "before", Book: book(t, rules), Files: files(t, cases)}}
	r, err := ci.Run(t.Context(), s, ci.Defaults())
	require.NoError(t, err)
	assert.Equal(t, []string{ci.CodeFewerCases}, codes(r.Gates[len(r.Gates)-1]))
	s.Files = append(files(t, light), files(t, "cases:\n"+cases[strings.Index(cases, "- name: heavy"):])...)
	r, err = ci.Run(t.Context(), s, ci.Defaults())
	require.NoError(t, err)
	assert.True(t, r.Passed(), "in two files now")
}

// An earlier version with which nothing can be compared fails where there should be
// one, and passes where there was nothing.
func TestNothingToCompareWith(t *testing.T) {
	for _, x := range []struct {
		base  *ci.Version
		state ci.State
	}{
		{nil, ci.Skipped},
		{&ci.Version{Name: "0", None: diagnostic.Textf("没有", "none yet")}, ci.Passed},
		{ci.Incomparable("x", diagnostic.Textf("没有", "no rules"), diagnostic.Textf("写明", "name it")), ci.Failed},
	} {
		r, err := ci.Run(t.Context(), ci.Subject{Book: book(t, rules), Files: files(t, cases), Base: x.base}, ci.Defaults())
		require.NoError(t, err)
		g := r.Gates[len(r.Gates)-1]
		assert.Equal(t, x.state, g.State)
		assert.Equal(t, x.state != ci.Failed, r.Passed())
		assert.Equal(t, x.state == ci.Skipped, strings.Contains(g.Said.EN, "not asked for"))
	}
}

// Less may be asked for than before only where it is said why, each time anew.
func TestAskedLess(t *testing.T) {
	was := ci.Defaults()
	was.Coverage, was.CoverageOf, was.Lowered = 10, map[coverage.Kind]int{coverage.Rule: 50}, []string{"long ago"}
	for name, x := range map[string]struct {
		change func(*ci.Config)
		says   string
	}{
		"the same":             {func(*ci.Config) {}, ""},
		"more":                 {func(c *ci.Config) { c.Coverage, c.Promises = 20, ci.PromisesProven }, ""},
		"all instead of kinds": {func(c *ci.Config) { c.Coverage, c.CoverageOf = 100, nil }, ""},
		"warnings pass":        {func(c *ci.Config) { c.Strict = false }, "strict true → false"},
		"no analysis":          {func(c *ci.Config) { c.Analyse = false }, "analyse true → false"},
		"no promises":          {func(c *ci.Config) { c.Promises = ci.PromisesOff }, "promises kept → off"},
		"less":                 {func(c *ci.Config) { c.Coverage = 9 }, "coverage 10 → 9"},
		"none":                 {func(c *ci.Config) { c.Coverage = -1 }, "coverage 10 → off"},
		"less of a kind":       {func(c *ci.Config) { c.CoverageOf = nil }, "coverage.rule 50 → 0"},
	} {
		t.Run(name, func(t *testing.T) {
			now := was
			x.change(&now)
			s := ci.Subject{Book: book(t, rules), Files: files(t, cases), Base: &ci.Version{Name: "before", Book: book(t, rules), Files: files(t, cases), Asked: &was}}
			base := func() *ci.Gate {
				r, err := ci.Run(t.Context(), s, now)
				require.NoError(t, err)
				return r.Gates[len(r.Gates)-1]
			}
			if x.says == "" {
				assert.Empty(t, base().Findings)
				return
			}
			require.Equal(t, []string{ci.CodeAskedLess}, codes(base()))
			assert.Contains(t, base().Findings[0].Message.EN, x.says)
			now.Lowered = append(now.Lowered, "agreed on")
			assert.Empty(t, base().Findings)
			require.NotEmpty(t, base().Notes)
			assert.Contains(t, base().Notes[0].EN, x.says+"; because: agreed on")
		})
	}
}

// Who tries fewer fact sets on careless changes asks for less, where they are
// measured at all.
func TestFewerTries(t *testing.T) {
	for _, x := range []struct {
		was, now [2]int // percentage, and tries
		says     string
	}{
		{[2]int{50, 0}, [2]int{50, 1499}, "tries 1500 → 1499"},
		{[2]int{50, 2000}, [2]int{90, 0}, "tries 2000 → 1500"},
		{[2]int{50, 0}, [2]int{50, 1500}, ""},
		{[2]int{50, 1500}, [2]int{50, 0}, ""},
		{[2]int{50, 0}, [2]int{50, 1501}, ""},
		{[2]int{-1, 0}, [2]int{50, 10}, ""},
		{[2]int{-1, 0}, [2]int{-1, 10}, ""},
	} {
		was, now := ci.Defaults(), ci.Defaults()
		was.Mutation, was.Tries, now.Mutation, now.Tries = x.was[0], x.was[1], x.now[0], x.now[1]
		s := ci.Subject{Book: book(t, rules), Base: &ci.Version{Name: "before", Book: book(t, rules), Asked: &was}}
		r, err := ci.Run(t.Context(), s, now)
		require.NoError(t, err)
		found := r.Gates[len(r.Gates)-1].Findings
		if x.says == "" {
			assert.Empty(t, found, "%v", x)
			continue
		}
		require.Len(t, found, 1, "%v", x)
		assert.Contains(t, found[0].Message.EN, x.says)
		assert.Contains(t, found[0].Remedy.EN, "does not count")
	}
}

// A gate says what is asked for, also by kind; nothing is not asked for.
func TestAskedByKind(t *testing.T) {
	for text, says := range map[string][2]string{
		"coverage: 90":                          {"，要求 90%", ", 90% asked for"},
		"coverage: 0":                           {"，要求 0%", ", 0% asked for"},
		"coverage: {rule: 90, boundary: off}":   {"，要求：规则 90%", "; asked for: rules 90%"},
		"coverage: {all: 40, rule: 90}":         {"，要求：全部 40%、规则 90%", "; asked for: all 40%, rules 90%"},
		"coverage: {rule: off}":                 {"未要求", "not asked for"},
		"coverage: {all: off, rule: 0}":         {"未要求", "not asked for"},
		"mutation: {number: 90, comparison: 0}": {"，要求：数值 90%", "; asked for: numbers 90%"},
		"mutation: {number: off}":               {"未要求", "not asked for"},
	} {
		c, found := ci.ReadConfig(ci.ConfigName, []byte(text))
		require.Empty(t, found)
		by, _ := ran(t, c, rules, cases)
		said := by[text[:len("coverage")]].Said
		assert.Contains(t, said.ZH, says[0], text)
		assert.Contains(t, said.EN, says[1], text)
	}
}

// A reason is read as in rules files.
func TestReasonsForLess(t *testing.T) {
	for text, reasons := range map[string][]string{
		"coverage: 0 # accepted: asked_less – why":               {"why"},
		"# accepted: asked_less: why\r\n":                        {"why"},
		"#accepted: asked_less，因为新表":                             {"因为新表"},
		"# accepted: asked_less why":                             {"why"},
		"# accepted: asked_less –":                               nil,
		"# accepted: asked_less - ...":                           nil,
		"# accepted: asked_lesser – why":                         nil,
		"cases: a#accepted: asked_less – why":                    nil,
		"# accepted: unused_fact – why":                          nil,
		"# accepted: asked_less – a\n# accepted: asked_less – b": {"a", "b"},
	} {
		c, _ := ci.ReadConfig(ci.ConfigName, []byte("strict: false\n"+text+"\n"))
		assert.Equal(t, reasons, c.Lowered, text)
	}
}

// Every code of a gate is told.
func TestCodes(t *testing.T) {
	for _, code := range []string{
		ci.CodeCaseFailed, ci.CodeNoCases, ci.CodeCoverageLow, ci.CodeMutationLow, ci.CodeUnproven,
		ci.CodeCaseFlipped, ci.CodeFewerCases, ci.CodeAnswerTurned, ci.CodeAskedLess, ci.CodeIncomparable,
	} {
		means, known := ci.Means(code)
		require.True(t, known, code)
		assert.NotEmpty(t, means.ZH)
		assert.NotEmpty(t, means.EN)
		assert.Contains(t, ci.Codes(), code)
	}
	_, known := ci.Means("no_such_code")
	assert.False(t, known)
}

// Answers on record may turn by a day, or where a case of the same facts says so.
func TestAnswersOnRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answered.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(`{"record": "K-1", "on": "2025-05-01", "grams": 700}`+"\n"), 0o600))
	c := ci.Defaults()
	c.Records = []ci.Records{{Path: path, Question: "carriage"}}
	lower := strings.Replace(rules, "grams >= 1000", "grams == 700 or grams >= 1000", 1)
	by, _ := ran(t, c, lower, cases)
	assert.Equal(t, []string{ci.CodeAnswerTurned}, codes(by[ci.Base]))
	assert.Contains(t, by[ci.Base].Findings[0].Message.EN, "K-1")

	s := ci.Subject{Book: book(t, lower), Files: files(t, cases), Base: &ci.Version{Name: "before", Book: book(t, rules), Files: files(t, cases), Records: c.Records}}
	r, err := ci.Run(t.Context(), s, ci.Defaults())
	require.NoError(t, err)
	assert.Equal(t, []string{ci.CodeAnswerTurned}, codes(r.Gates[len(r.Gates)-1]), "also where they are not named any more")

	approved := cases + "- name: as on record\n  question: carriage\n  facts: {grams: 700, on: 2025-05-01}\n  expect: {verdict: paid}\n"
	by, _ = ran(t, c, lower, approved)
	assert.Equal(t, ci.Passed, by[ci.Base].State, "%v", by[ci.Base].Findings)

	day := func(from string) string {
		return strings.Replace(rules, `is: 'grams >= 1000 ? 5 : 0'`, fmt.Sprintf(`is: {by: date, 2020-01-01: 'grams >= 1000 ? 5 : 0', %s: 'grams == 700 or grams >= 1000 ? 5 : 0'}`, from), 1)
	}
	for _, from := range []string{"2025-05-01", "2025-05-02"} {
		by, _ = ran(t, c, day(from), cases)
		assert.Equal(t, ci.Passed, by[ci.Base].State, "%v", by[ci.Base].Findings)
	}
}

// A configuration is read whole, and what is wrong in it is told with its place
// and what to write instead.
func TestReadConfig(t *testing.T) {
	c, found := ci.ReadConfig(".rulebook.yaml", nil)
	require.Empty(t, found)
	assert.Equal(t, ci.Defaults(), c)
	c, found = ci.ReadConfig(".rulebook.yaml", []byte("rules: a.yaml\ncases: [x, y]\nstrict: false\nanalyse: false\npromises: proven\ncoverage: 80%\nmutation: 90\ntries: 5\nrecords:\n- {path: r.jsonl, question: q, local_times: true}\n- 2025-06\n"))
	require.Empty(t, found)
	assert.Equal(t, ci.Config{Rules: "a.yaml", Cases: []string{"x", "y"}, Promises: "proven", Coverage: 80, Mutation: 90, Tries: 5, Records: []ci.Records{{"r.jsonl", "q", true}, {Path: "2025-06"}}}, c)
	c, found = ci.ReadConfig(".rulebook.yaml", []byte("coverage: {all: 80, boundary: 100%}\nmutation: {number: 100, logic: off} # accepted: asked_less – the new form has no cases yet\n"))
	require.Empty(t, found)
	want := ci.Defaults()
	want.Coverage, want.CoverageOf = 80, map[coverage.Kind]int{coverage.Boundary: 100}
	want.Mutation, want.MutationOf = 0, map[mutate.Kind]int{mutate.Number: 100, mutate.Logic: 0}
	want.Lowered = []string{"the new form has no cases yet"}
	assert.Equal(t, want, c)
	for text, remedy := range map[string]string{
		"covrage: 80":                "did you mean coverage?",
		"coverage: {rules: 80}":      "did you mean rule?",
		"coverage: {rule: 101}":      "a whole number from 0 to 100",
		"mutation: {nombers: 80}":    "did you mean number?",
		"coverage: 101":              "a whole number from 0 to 100",
		"coverage: many":             "a whole number from 0 to 100",
		"mutation: -1":               "or off",
		"coverage: '%'":              "a whole number from 0 to 100",
		"tries: 5%":                  "a whole number from 1 to 1000000",
		"promises: maybe":            "kept, proven, off",
		"strict: yes":                "true, false",
		"- a":                        "key: value",
		"cases:":                     "behind the colon",
		"records: {question: q}":     "add path",
		"records: {pat: x, path: y}": "did you mean path?",
		"tries: 0.5":                 "from 1 to 1000000",
		"tries: 0":                   "from 1 to 1000000",
		"tries: -1":                  "from 1 to 1000000",
		"tries: 1000001":             "from 1 to 1000000",
	} {
		_, found := ci.ReadConfig(".rulebook.yaml", []byte(text+"\n"))
		require.NotEmpty(t, found, text)
		assert.Contains(t, found[0].Remedy.EN, remedy, text)
		assert.NotEmpty(t, found[0].Remedy.ZH)
		assert.Equal(t, 1, found[0].Span.Start.Line)
	}
}
