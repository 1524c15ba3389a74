package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
