package server

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/door"
)

// officeTokens is a token file of an editor and two approvers, of which one is the
// editor himself, and their secrets.
func officeTokens(t *testing.T) (file string, secrets map[string]string) {
	t.Helper()
	secrets = map[string]string{}
	var lines []string
	for _, who := range [][3]string{{"li", "editor,decider", "li.wei"}, {"zhang", "approver,decider", "zhang.min"}, {"li-too", "approver", "li.wei"}} {
		secret, line, err := door.NewToken(who[0], who[1], "0", "person="+who[2])
		require.NoError(t, err)
		secrets[who[0]] = secret
		lines = append(lines, line)
	}
	file = filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return file, secrets
}

// A change goes its way from the command line, by two people.
func TestChangesFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	rules, draft := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "draft.yaml")
	text, err := os.ReadFile("record/testdata/rules.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(rules, text, 0o600))
	changed := strings.Replace(string(text), "{from: 1, amount: 5}", "{from: 1, amount: 20}", 1)
	require.NoError(t, os.WriteFile(draft, []byte(strings.Replace(changed, "type: word", "type: wrd", 1)), 0o600))
	file, secrets := officeTokens(t)
	s := start(t, "--rules", rules, "--token-file", file)
	say := func(who string, code int, args ...string) string {
		t.Helper()
		t.Setenv(tokenVariable, secrets[who])
		var out, errs bytes.Buffer
		got := Run(context.Background(), append([]string{"changes", "--server", s.url, "--lang", "en"}, args...), Options{Stdout: &out, Stderr: &errs})
		require.Equal(t, code, got, "%v: %s%s", args, out.String(), errs.String())
		return out.String() + errs.String()
	}
	assert.Contains(t, say("li", exitFine), "there is no change")
	said := say("li", exitRefused, "propose", draft, "--title", "twenty", "--why", "as decided \x1b[31m")
	assert.Contains(t, said, "did you mean word?")
	assert.Contains(t, said, "kept as a draft")
	require.NoError(t, os.WriteFile(draft, []byte(changed), 0o600))
	said = say("li", exitFine, "propose", draft, "--title", "twenty", "--why", "as decided \x1b[31m")
	assert.Contains(t, said, "2  proposed  twenty")
	assert.Contains(t, said, "5 → 20", "the author is told what it says otherwise")
	shown := say("zhang", exitFine, "show", "2")
	assert.NotContains(t, shown, "revised", "it was drafted as it is")
	assert.Contains(t, shown, "5 → 20")
	assert.NotContains(t, shown, "\x1b")
	_, sum, _ := strings.Cut(shown, "sha256 ")
	sum = sum[:12]
	assert.Contains(t, say("li", exitUsage, "shadow", "2"), "which text you looked at")
	assert.Contains(t, say("li", exitFine, "shadow", "2", "--sha256", sum), "in shadow")
	assert.Contains(t, say("li", exitRefused, "shadow", "2", "--sha256", sum), "not_now")
	_, asked := s.send("POST", "/v1/questions/lending.fee/ask?record=1", "application/json", `{"reader":"R1","kind":"book","before":0}`, "Authorization", "Bearer "+secrets["zhang"])
	require.Contains(t, asked, `"verdict":"fee"`)
	shown = say("zhang", exitFine, "show", "2")
	assert.Contains(t, shown, "1 decisions on record were compared, 1 are answered otherwise")
	assert.Contains(t, shown, "lending.fee  1 / 1")
	assert.Contains(t, say("li", exitFine, "unshadow", "2"), "2  proposed")
	assert.Contains(t, say("zhang", exitUsage, "approve", "2"), "which text you looked at")
	assert.Contains(t, say("zhang", exitRefused, "approve", "2", "--sha256", strings.Repeat("0", 12)), "other_text")
	assert.Contains(t, say("li-too", exitRefused, "approve", "2", "--sha256", sum), "same_person", "by another token of the same person")
	assert.Contains(t, say("li", exitRefused, "approve", "2", "--sha256", sum), "not_allowed")
	assert.Contains(t, say("zhang", exitFine, "approve", "2", "--sha256", sum), "approved")
	assert.Contains(t, say("zhang", exitFine, "publish", "2", "--sha256", sum, "--from", "2999-01-01T00:00:00Z"), "scheduled")
	assert.Contains(t, say("zhang", exitFine, "publish", "2", "--sha256", sum), "in force")
	now, err := os.ReadFile(rules)
	require.NoError(t, err)
	assert.Equal(t, changed, string(now))
	assert.Contains(t, say("li", exitFine, "withdraw", "1", "--reason", "a slip"), "withdrawn")
	history := say("li", exitFine, "history")
	assert.Contains(t, history, "change 2  in force")
	assert.Contains(t, history, "before the first change", "whether these were built in or stood in a file")
	assert.NotContains(t, say("li", exitFine, "list", "--open"), "withdrawn")

	// a file that was made of rules that are no longer in force does not undo what
	// came between
	sums := regexp.MustCompile(`[0-9a-f]{64}`).FindAllString(history, -1)
	require.Len(t, sums, 2)
	require.NoError(t, os.WriteFile(draft, bytes.Replace(text, []byte("effect_by: 2"), []byte("effect_by: 3"), 1), 0o600))
	late := []string{"propose", draft, "--title", "later", "--why", "as decided"}
	assert.Contains(t, say("li", exitRefused, append(late, "--base", sums[1][:12])...), "other_base")
	assert.Contains(t, say("li", exitUsage, append(late, "--base", sums[1][:11])...), "changes history lists them")
	assert.Contains(t, say("li", exitFine, late...), "20 → 5", "without --base he is told that it does")
	assert.Contains(t, say("li", exitUsage, "propose", draft, "--title", "x", "--why", strings.Repeat("因", 1000)), "say it shorter")
	assert.Contains(t, say("none", exitRefused, "list"), "unknown_caller")
	for _, wrong := range [][]string{{"praise"}, {"show"}, {"list", "1"}, {"propose", draft}, {"list", "--server", "here"}, {"list", "--lang", "fr"}} {
		say("li", exitUsage, wrong...)
	}
	assert.Contains(t, say("li", exitRefused, "show", "77"), "unknown_change")
	assert.NotContains(t, s.stderr.String(), "wrd", "no text of the rules in the log")
}
