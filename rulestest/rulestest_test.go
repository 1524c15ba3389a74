package rulestest_test

import (
	"os"
	"os/exec"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/rulestest"
)

const library = `
rulebook: {id: library, title: {zh: 图书馆, en: Library}, zone: UTC, currency: EUR, in_force: {from: 2020-01-01}}
words:
  verdict: {in_time: {zh: 按时, en: in time}, late: {zh: 逾期, en: late}}
facts:
  days: {zh: 天数, en: days, type: count, unit: {zh: 天, en: days}}
regulations:
  lending:
    zh: 借阅
    en: Lending
    articles:
      "1":
        nature: duty
        title: {zh: 归还, en: Return}
        text: {zh: 二十八天内归还, en: back within 28 days}
        duties:
          returned: {zh: 归还, en: returned, met: days <= 28, breach: late}
questions:
  loan:
    zh: 逾期了吗
    en: is it late
    facts: [days]
    rules: [returned]
    verdict: {is: 'returned.broken ? "late" : "in_time"', words: verdict}
    values: {}
`

func book(t *testing.T) *rulebook.Book {
	t.Helper()
	b, err := rulebook.Parse("library.yaml", []byte(library))
	require.NoError(t, err)
	return b
}

const (
	passing = "cases:\n- {name: on the day, question: loan, facts: {days: 28}, expect: {verdict: in_time}}\n"
	failing = "cases:\n- {name: a day later, question: loan, facts: {days: 29}, expect: {verdict: late}}\n" // says nothing of the breach
	changes = "scenario: longer loans\nchanges: {regulations.lending.articles.\"1\".duties.returned.met: days <= 30}\nsteps:\n- {name: the 29th, question: loan, facts: {days: 29}, expect: {verdict: in_time}}\n"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestRun(t *testing.T) {
	rulestest.Run(t, book(t), fstest.MapFS{
		"rules.yaml":            file(library), // outside the directory
		"cases/loan.yaml":       file(passing),
		"cases/more/loan.yml":   file(passing),
		"cases/more/story.yaml": file(changes),
		"cases/README.md":       file("not a case"),
	}, "cases")
}

// What must fail is run by this same test binary, in a process of its own.
var mustFail = map[string]struct {
	fsys fstest.MapFS
	says []string
}{
	"a case that fails": {
		fstest.MapFS{"cases/loan.yaml": file(failing)},
		[]string{"TestMustFail/loan/a_day_later", "cases/loan.yaml:2:3: breaches: expected none, got lending/1#late", "returned: broken"},
	},
	"a mistake in a file": {
		fstest.MapFS{"cases/loan.yaml": file("cases:\n- {name: n, question: loan}\n"), "cases/other.yaml": file(passing)},
		[]string{`cases/loan.yaml:2:3: "expect" is missing`},
	},
	"an unknown question": {
		fstest.MapFS{"cases/loan.yaml": file("cases:\n- {name: n, question: loans, expect: {}}\n")},
		[]string{"cases/loan.yaml:2:3: question: expected an answer", "did you mean loan"},
	},
	"refused facts": {
		fstest.MapFS{"cases/loan.yaml": file("cases:\n- {name: n, question: loan, facts: {days: -1}, expect: {}}\n")},
		[]string{"error: expected none", "out_of_range"},
	},
	"a change to nothing": {
		fstest.MapFS{"cases/loan.yaml": file("changes: {lending: x}\n" + passing)},
		[]string{"cases/loan.yaml:1:11: the rules file has nothing at lending"},
	},
	"a file without cases": {
		fstest.MapFS{"cases/loan.yaml": file("cases: []\n"), "cases/other.yaml": file(passing)},
		[]string{"cases/loan.yaml: no case in the file"},
	},
	"a directory without files": {
		fstest.MapFS{"cases/README.md": file("nothing")},
		[]string{"no case file at cases"},
	},
	"no directory": {
		fstest.MapFS{},
		[]string{"reading the cases: open cases: file does not exist"},
	},
}

const marker = "RULESTEST_MUST_FAIL"

func TestRunFails(t *testing.T) {
	for name, test := range mustFail {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMustFail$")
			cmd.Env = append(os.Environ(), marker+"="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "%s", out)
			for _, want := range test.says {
				assert.Contains(t, string(out), want)
			}
			assert.NotContains(t, string(out), "panic")
		})
	}
}

// TestMustFail does nothing unless TestRunFails calls it.
func TestMustFail(t *testing.T) {
	if test, ok := mustFail[os.Getenv(marker)]; ok {
		rulestest.Run(t, book(t), test.fsys, "cases")
	}
	if test, ok := ciMustFail[os.Getenv(marker)]; ok {
		b, err := rulebook.Parse("library.yaml", []byte(test.rules))
		require.NoError(t, err)
		rulestest.CI(t, b, test.fsys, "cases", test.limits)
	}
}

const accepted = library + "# accepted: review_missing – for tests\n"

func TestCI(t *testing.T) {
	b, err := rulebook.Parse("library.yaml", []byte(accepted))
	require.NoError(t, err)
	both := file("cases:\n- {name: on the day, question: loan, facts: {days: 28}, expect: {verdict: in_time}}\n- {name: late, question: loan, facts: {days: 29}, expect: {verdict: late, breaches: [lending/1#late]}}\n")
	rulestest.CI(t, b, fstest.MapFS{"cases/loan.yaml": both}, "cases", rulestest.Limits{Coverage: 90, Mutation: 50, Proven: true})
	warned, err := rulebook.Parse("library.yaml", []byte(library))
	require.NoError(t, err)
	rulestest.CI(t, warned, fstest.MapFS{"cases/loan.yaml": both}, "cases", rulestest.Limits{Warnings: true})
}

// What CI must find, each by its gate.
var ciMustFail = map[string]struct {
	rules  string
	fsys   fstest.MapFS
	limits rulestest.Limits
	says   []string
}{
	"ci: a warning":          {library, fstest.MapFS{"cases/loan.yaml": file(passing)}, rulestest.Limits{}, []string{"TestMustFail/check", "review_missing"}},
	"ci: a case that fails":  {accepted, fstest.MapFS{"cases/loan.yaml": file(failing)}, rulestest.Limits{}, []string{"TestMustFail/cases", "breaches: expected none, got lending/1#late"}},
	"ci: a mistake in cases": {accepted, fstest.MapFS{"cases/loan.yaml": file("cases: x\n"), "cases/other.yaml": file(passing)}, rulestest.Limits{}, []string{"TestMustFail/cases", "cases/loan.yaml:1:8"}},
	"ci: no cases":           {accepted, fstest.MapFS{"cases/README.md": file("nothing")}, rulestest.Limits{}, []string{"there are no cases"}},
	"ci: too little covered": {accepted, fstest.MapFS{"cases/loan.yaml": file(passing)}, rulestest.Limits{Coverage: 100}, []string{"TestMustFail/coverage", "coverage_low"}},
	"ci: too little noticed": {accepted, fstest.MapFS{"cases/loan.yaml": file(passing)}, rulestest.Limits{Mutation: 100}, []string{"TestMustFail/mutation", "mutation_low"}},
	"ci: a broken promise": {
		accepted + "promises: {always: {zh: 总是按时, en: always in time, article: lending/1, question: loan, then: 'answer.verdict == \"in_time\"'}}\n",
		fstest.MapFS{"cases/loan.yaml": file(passing)}, rulestest.Limits{}, []string{"TestMustFail/promises", "promise_broken"},
	},
	"ci: no directory": {accepted, fstest.MapFS{}, rulestest.Limits{}, []string{"reading the cases: open cases: file does not exist"}},
}

func TestCIFails(t *testing.T) {
	for name, test := range ciMustFail {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMustFail$")
			cmd.Env = append(os.Environ(), marker+"="+name)
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "%s", out)
			for _, want := range test.says {
				assert.Contains(t, string(out), want)
			}
			assert.NotContains(t, string(out), "panic")
		})
	}
}

func ExampleRun() {
	// In rules_test.go, beside rules.yaml and a directory of cases:
	testRules := func(t *testing.T) {
		book, err := rulebook.Load("rules.yaml")
		if err != nil {
			t.Fatal(err)
		}
		rulestest.Run(t, book, os.DirFS("."), "cases")
	}
	_ = testRules
}
