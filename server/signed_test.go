package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
	"github.com/servicerules/rulebook/server/internal/signingtest"
	"github.com/servicerules/rulebook/server/record"
)

// A server that takes signed rules only starts by them alone, publishes what was signed,
// and starts by that again: its signature is on record.
func TestSignedRules(t *testing.T) {
	dir := t.TempDir()
	rules, draft, db := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "draft.yaml"), filepath.Join(dir, "test.db")
	text, err := os.ReadFile("record/testdata/rules.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(rules, text, 0o600))
	changed := bytes.Replace(text, []byte("{from: 1, amount: 5}"), []byte("{from: 1, amount: 20}"), 1)
	require.NoError(t, os.WriteFile(draft, changed, 0o600))
	office := signingtest.New(t, "head.office")
	signers := office.File()
	sign := func(path string, text []byte) {
		require.NoError(t, os.WriteFile(path, []byte(office.Sign(text)), 0o600))
	}
	file, secrets := officeTokens(t)
	args := []string{"--db", db, "--rules", rules, "--signers", signers, "--token-file", file}
	refused := func(says string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		assert.NotEqual(t, exitFine, Run(context.Background(), append([]string{"--addr", "127.0.0.1:0"}, args...), Options{Stdout: &out, Stderr: &out}))
		assert.Contains(t, out.String(), says)
	}
	refused("the rules are not signed; have one of the signers sign them: ssh-keygen", args...)
	refused("names nobody", "--db", db, "--rules", rules, "--signers", os.DevNull)
	doctor := append([]string{"--addr", "127.0.0.1:0"}, args...)
	assert.Contains(t, examined(t, exitRefused, doctor...), "rules_unsigned")
	sign(rules+".sig", text)
	assert.Contains(t, examined(t, exitFine, doctor...), "rules_signed")
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(signers, 0o666))
		assert.Contains(t, examined(t, exitRefused, doctor...), "signers_writable")
		require.NoError(t, os.Chmod(signers, 0o600))
	}

	s := start(t, args...)
	say := func(who string, code int, args ...string) string {
		t.Helper()
		t.Setenv(tokenVariable, secrets[who])
		var out, errs bytes.Buffer
		got := Run(context.Background(), append([]string{"changes", "--server", s.url, "--lang", "en"}, args...), Options{Stdout: &out, Stderr: &errs})
		require.Equal(t, code, got, "%v: %s%s", args, out.String(), errs.String())
		return out.String() + errs.String()
	}
	assert.Contains(t, say("li", exitFine, "propose", draft, "--title", "twenty", "--why", "as decided"), "1  proposed")
	sum := record.Hash(sha256.Sum256(changed)).String()
	assert.Equal(t, string(changed), say("zhang", exitFine, "text", "1"), "what is signed")
	signature := filepath.Join(dir, "draft.yaml.sig")
	sign(signature, text)
	assert.Contains(t, say("zhang", exitRefused, "approve", "1", "--sha256", sum, "--signature", signature), "the signature of head.office is not of these rules [unsigned]")
	assert.Contains(t, say("zhang", exitFine, "approve", "1", "--sha256", sum), "approved")
	assert.Contains(t, say("zhang", exitRefused, "publish", "1", "--sha256", sum), "the rules are not signed [unsigned]")
	assert.Contains(t, say("zhang", exitUsage, "publish", "1", "--sha256", sum, "--signature", filepath.Join(dir, "none")), "--signature: ")
	assert.Contains(t, say("zhang", exitUsage, "show", "1", "--signature", signature), "goes with approve and publish")
	sign(signature, changed)
	assert.Contains(t, say("zhang", exitFine, "publish", "1", "--sha256", sum, "--signature", signature), "in force")
	assert.Contains(t, say("zhang", exitFine, "show", "1"), "signed by head.office")
	s.stop()

	// Its signature stands beside the file, too: a record of before does not keep the
	// server from starting.
	s = start(t, append([]string{"--db", filepath.Join(dir, "other.db")}, args[2:]...)...)
	_, said := s.send("GET", "/v1/rules", "", "", "Authorization", "Bearer "+secrets["li"])
	assert.Equal(t, string(changed), said)
	s.stop()
	require.NoError(t, os.Remove(rules+".sig"))
	s = start(t, args...)
	_, said = s.send("GET", "/v1/rules", "", "", "Authorization", "Bearer "+secrets["li"])
	assert.Equal(t, string(changed), said)
	assert.Contains(t, examined(t, exitFine, append([]string{"--addr", "127.0.0.1:0"}, args...)...), "rules_signed")
	// What somebody writes to the file without a signature is not used, and it is told why.
	require.NoError(t, os.WriteFile(rules, append(bytes.Clone(changed), "# mine\n"...), 0o600))
	require.Eventually(t, func() bool { return strings.Contains(s.stderr.String(), "rules not loaded") }, time.Minute, time.Millisecond)
	assert.Contains(t, s.stderr.String(), "the rules are not signed")
	_, said = s.send("GET", "/v1/rules", "", "", "Authorization", "Bearer "+secrets["li"])
	assert.Equal(t, string(changed), said)
	s.stop()

	var out bytes.Buffer
	require.Equal(t, exitFine, Run(context.Background(), []string{"text", "--rules", draft}, Options{Stdout: &out, Stderr: &out}))
	assert.Equal(t, string(changed), out.String())
}

// Of two servers over one database one takes signed rules only: what the other
// publishes without a signature it does not take, and says so wherever somebody looks,
// with what to do; done, it takes it.
func TestSignedRulesAtOneOfTwo(t *testing.T) {
	database := postgrestest.Start(t)
	database.Database(t, "office")
	text, err := os.ReadFile("record/testdata/rules.yaml")
	db, dir := database.URLWithPassword("office"), t.TempDir()
	t.Chdir(dir)
	require.NoError(t, err)
	changed := bytes.Replace(text, []byte("{from: 1, amount: 5}"), []byte("{from: 1, amount: 20}"), 1)
	office := signingtest.New(t, "head.office")
	signers, draft := office.File(), filepath.Join(dir, "draft.yaml")
	require.NoError(t, os.WriteFile(draft, changed, 0o600))
	file, secrets := officeTokens(t)
	of := func(name string, more ...string) []string {
		return append([]string{"--db", db, "--rules", filepath.Join(dir, name+".yaml"), "--token-file", file}, more...)
	}
	lax, strict := of("lax"), of("strict", "--signers", signers)
	for _, name := range []string{"lax", "strict"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".yaml"), text, 0o600))
	}
	beside := filepath.Join(dir, "strict.yaml.sig")
	require.NoError(t, os.WriteFile(beside, []byte(office.Sign(text)), 0o600))
	a, b := start(t, lax...), start(t, strict...)
	say := func(s *running, who string, code int, args ...string) string {
		t.Helper()
		t.Setenv(tokenVariable, secrets[who])
		var out, errs bytes.Buffer
		got := Run(context.Background(), append([]string{"changes", "--server", s.url, "--lang", "en"}, args...), Options{Stdout: &out, Stderr: &errs})
		require.Equal(t, code, got, "%v: %s%s", args, out.String(), errs.String())
		return out.String() + errs.String()
	}
	get := func(path string) string {
		_, said := b.send("GET", path, "", "", "Authorization", "Bearer "+secrets["zhang"], "Accept-Language", "en")
		return said
	}
	sum := record.Hash(sha256.Sum256(changed)).String()
	say(a, "li", exitFine, "propose", draft, "--title", "twenty", "--why", "as decided")
	say(a, "zhang", exitFine, "approve", "1", "--sha256", sum)
	say(a, "zhang", exitFine, "publish", "1", "--sha256", sum)

	require.Eventually(t, func() bool { return strings.Contains(get("/readyz"), `"behind":{"change":1,"sha256":"`+sum) }, time.Minute, 10*time.Millisecond)
	assert.Contains(t, get("/readyz"), `"status":"warning"`)
	_, stranger := b.send("GET", "/readyz", "", "")
	assert.NotContains(t, stranger, sum)
	const what, do = "change 1, which another server has published, cannot be put in force here, and the rules before still answer here: the signature of head.office is not of these rules", "have one of the signers sign what rulebook-server changes text 1 prints"
	for _, path := range []string{"/rules", "/banner"} {
		page := get(path)
		assert.Contains(t, page, "Rules that another server has published are not in force here")
		assert.Contains(t, page, what)
		assert.Contains(t, page, do)
		assert.Contains(t, page, `<a href="/rules/changes/1">change 1</a>`)
	}
	assert.Equal(t, string(text), get("/v1/rules"))
	assert.NotContains(t, b.stderr.String(), "takes rules without a signature")
	assert.Contains(t, examined(t, exitFine, append([]string{"--addr", "127.0.0.1:0"}, strict...)...), "rules_behind")
	assert.NotContains(t, examined(t, exitFine, append([]string{"--addr", "127.0.0.1:0"}, lax...)...), "rules_behind")

	// What is then made here leads nowhere, and it is said where it does.
	other := append(bytes.Clone(text), "# otherwise\n"...)
	require.NoError(t, os.WriteFile(draft, other, 0o600))
	say(b, "li", exitFine, "propose", draft, "--title", "six", "--why", "as decided")
	another := record.Hash(sha256.Sum256(other)).String()
	say(b, "zhang", exitFine, "approve", "2", "--sha256", another)
	signature := filepath.Join(dir, "draft.yaml.sig")
	require.NoError(t, os.WriteFile(signature, []byte(office.Sign(other)), 0o600))
	refusal := say(b, "zhang", exitRefused, "publish", "2", "--sha256", another, "--signature", signature)
	assert.Contains(t, refusal, what)
	assert.Contains(t, refusal, "[other_base]")

	// It is signed after all, as it says.
	printed := say(b, "zhang", exitFine, "text", "1")
	require.NoError(t, os.WriteFile(beside, []byte(office.Sign(text)+office.Sign([]byte(printed))), 0o600))
	require.Eventually(t, func() bool { return get("/v1/rules") == string(changed) }, time.Minute, 10*time.Millisecond)
	require.Eventually(t, func() bool { return strings.Contains(get("/readyz"), `"status":"ready"`) }, time.Minute, 10*time.Millisecond)
	assert.NotContains(t, get("/banner"), "another server")

	// Once somebody has signed, a server that wants no signature says that others do.
	a.stop()
	say(b, "li", exitFine, "propose", draft, "--title", "six", "--why", "as decided")
	say(b, "zhang", exitFine, "approve", "3", "--sha256", another)
	say(b, "zhang", exitFine, "publish", "3", "--sha256", another, "--signature", signature)
	a = start(t, lax...)
	assert.Contains(t, a.stderr.String(), "takes rules without a signature")
	assert.Contains(t, examined(t, exitFine, append([]string{"--addr", "127.0.0.1:0"}, lax...)...), "signers_missing")
}

// Where the file of published rules is gone, the built-in rules answer, and it is said.
func TestPublishedRulesGone(t *testing.T) {
	dir := t.TempDir()
	db, draft := filepath.Join(dir, "test.db"), filepath.Join(dir, "draft.yaml")
	book, err := rulebook.Default()
	require.NoError(t, err)
	changed := append(bytes.Clone(book.Rulebook().Source()), "# another\n"...)
	require.NoError(t, os.WriteFile(draft, changed, 0o600))
	s := start(t, "--db", db)
	say := func(args ...string) {
		t.Helper()
		var out bytes.Buffer
		require.Equal(t, exitFine, Run(context.Background(), append([]string{"changes", "--server", s.url, "--lang", "en"}, args...), Options{Stdout: &out, Stderr: &out}), &out)
	}
	sum := record.Hash(sha256.Sum256(changed)).String()
	say("propose", draft, "--title", "t", "--why", "w")
	say("approve", "1", "--sha256", sum)
	say("publish", "1", "--sha256", sum)
	s.stop()
	require.NoError(t, os.Rename(db+published, draft))
	at := []string{"--addr", "127.0.0.1:0", "--db", db}
	assert.Contains(t, examined(t, exitFine, at...), "published_gone")
	const gone = "the file of published rules is gone"
	s = start(t, "--db", db)
	assert.Contains(t, s.stderr.String(), gone)
	s.stop()
	s = start(t, "--db", db)
	assert.NotContains(t, s.stderr.String(), gone, "it is among the versions by then")
}
