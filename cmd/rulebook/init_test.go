package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every book to begin with is sound, passes its cases and reviews its month,
// which has something to find; the commands of its workflow pass.
func TestStarters(t *testing.T) {
	for _, like := range starterKinds {
		for _, lang := range []string{"zh", "en"} {
			t.Run(like+"_"+lang, func(t *testing.T) {
				dir := t.TempDir()
				code, out, errs := call(t, "", "init", dir, "--like", like, "--lang", lang)
				require.Equal(t, exitFine, code, errs)
				require.Contains(t, out, filepath.Join(dir, "rules.yaml"))
				t.Chdir(dir)

				code, out, errs = call(t, "", "check", "--format=json")
				require.Equal(t, exitFine, code, errs)
				var checked checked
				require.NoError(t, json.Unmarshal([]byte(out), &checked))
				assert.Empty(t, checked.Findings)

				workflow, err := os.ReadFile(".github/workflows/rules.yaml")
				require.NoError(t, err)
				ran := 0
				for _, m := range regexp.MustCompile(`run: rulebook (.*)`).FindAllStringSubmatch(string(workflow), -1) {
					args := strings.NewReplacer(`"$BASE"`, strings.Repeat("0", 40), `"$GITHUB_STEP_SUMMARY"`, "summary.md").Replace(m[1])
					code, out, errs = call(t, "", strings.Fields(args)...)
					require.Equal(t, exitFine, code, "%s %s", out, errs)
					ran++
				}
				require.Equal(t, 1, ran)

				code, out, errs = call(t, "", "review", "records/2025-06", "--format=json")
				require.Equal(t, exitFine, code, errs)
				var report struct {
					Totals   struct{ Records, Unreadable, Missing int }
					Sections []struct{ Records []any }
				}
				require.NoError(t, json.Unmarshal([]byte(out), &report))
				assert.Positive(t, report.Totals.Records)
				assert.NotEmpty(t, report.Sections[0].Records, "the month lists nothing")

				rules, err := os.ReadFile("rules.yaml")
				require.NoError(t, err)
				assert.Less(t, strings.Count(string(rules), "\n"), 40, "a newcomer reads it whole")
			})
		}
	}
}

// In a language in which there are no books to begin with, it says that they are in
// English, and what to change; a book that is changed so is sound.
func TestStarterInAnotherLanguage(t *testing.T) {
	dir := t.TempDir()
	code, out, errs := call(t, "", "init", dir, "--lang", "de")
	require.Equal(t, exitFine, code, errs)
	assert.Contains(t, out, "These are in English: there are none in de yet. A book in de has languages: [de] and its labels as {de: …}.")
	t.Chdir(dir)
	rules, err := os.ReadFile("rules.yaml")
	require.NoError(t, err)
	german := strings.NewReplacer("languages: [en]", "languages: [de]", "en: ", "de: ").Replace(string(rules))
	require.NoError(t, os.WriteFile("rules.yaml", []byte(german), 0o600))
	for _, command := range [][]string{{"check", "--strict"}, {"test", "cases"}, {"review", "records/2025-06"}} {
		code, out, errs = call(t, "", append(command, "--lang", "de")...)
		assert.Equal(t, exitFine, code, "%s %s", out, errs)
	}
}
