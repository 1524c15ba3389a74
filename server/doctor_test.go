package server

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// examined is what doctor finds, by code.
func examined(t *testing.T, code int, args ...string) map[string]ailment {
	t.Helper()
	var out, errs bytes.Buffer
	got := Run(context.Background(), append([]string{"doctor", "--json"}, args...), Options{Stdout: &out, Stderr: &errs})
	require.Equal(t, code, got, "%s%s", out.String(), errs.String())
	var found struct{ Found []ailment }
	require.NoError(t, json.Unmarshal(out.Bytes(), &found))
	all := map[string]ailment{}
	for _, a := range found.Found {
		assert.NotEmpty(t, a.Text.ZH)
		assert.NotEmpty(t, a.Text.EN)
		assert.Equal(t, a.Grade == gradeFine, a.Remedy.ZH == "" && a.Remedy.EN == "", a.Code)
		all[a.Code] = a
	}
	return all
}

// Doctor says what is wrong with an installation, and changes nothing.
func TestDoctor(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o700))
	db := filepath.Join(dir, "rulebook.db")
	addr := []string{"--addr", "127.0.0.1:0", "--db", db}
	with := func(more ...string) []string { return append(append([]string{}, addr...), more...) }
	found := examined(t, exitFine, addr...)
	assert.Contains(t, found, "record")
	assert.Contains(t, found, "rules")
	assert.NoFileExists(t, db)

	rules := filepath.Join(dir, "rules.yaml")
	require.NoError(t, os.WriteFile(rules, []byte("rulebook: {}\n"), 0o600))
	found = examined(t, exitRefused, with("--rules", rules)...)
	assert.Equal(t, gradeBad, found["rules_findings"].Grade)
	assert.Contains(t, found["rules_findings"].Text.EN, "rules.yaml:1")
	assert.Contains(t, examined(t, exitRefused, with("--rules", filepath.Join(dir, "no.yaml"))...), "rules_unreadable")
	assert.Contains(t, examined(t, exitRefused, "--addr", "127.0.0.1:0", "--db", filepath.Join(dir, "no", "x.db")), "directory")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	assert.Contains(t, examined(t, exitRefused, "--addr", l.Addr().String(), "--db", db), "port_taken")

	future := time.Now().AddDate(0, 0, 1)
	s, err := record.Open(ctx, db, record.Options{Now: func() time.Time { return future }})
	require.NoError(t, err)
	if runtime.GOOS == "linux" {
		found = examined(t, exitFine, "--addr", l.Addr().String(), "--db", db)
		assert.Contains(t, found, "record_in_use")
		assert.Contains(t, found["port"].Text.EN, "by the server that runs")
	}
	require.NoError(t, l.Close())
	loaded, err := live.Open(ctx, live.Options{})
	require.NoError(t, err)
	kept, err := service.New(loaded, s, nil).Record(ctx, service.Asking{Question: "time_limit.request", Facts: []byte(`{"request":{"kind":"install"}}`)}, service.Once{})
	require.NoError(t, err)
	_, err = s.Take(ctx, record.StepBody{Kind: record.StepObjection, Record: kept.Entry.ID(), By: "Li", Reason: "it was done"})
	require.NoError(t, err)
	_, err = s.Keep(ctx, record.Import{Month: "2025-06", Source: "north"}, fstest.MapFS{"lunches.csv": {Data: []byte("record,food\nL1,rice\n")}}, []string{"lunches.csv"})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	found = examined(t, exitRefused, addr...)
	assert.Equal(t, gradeBad, found["clock"].Grade)
	assert.Contains(t, found["kept_unread"].Text.EN, "lunches.csv")

	change := func(statement string) {
		c, err := sql.Open("sqlite3", db)
		require.NoError(t, err)
		_, err = c.Exec(statement)
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}
	change("PRAGMA user_version = 2")
	assert.Contains(t, examined(t, exitRefused, addr...), "record_older")
	change("PRAGMA user_version = 99")
	assert.Contains(t, examined(t, exitRefused, addr...), "record_newer")
	change("PRAGMA user_version = 3; UPDATE steps SET who = 'Zhao'")
	assert.Contains(t, examined(t, exitRefused, addr...), "record_damaged", "steps are looked at, too")
	change("UPDATE steps SET who = 'Li'")
	assert.NotContains(t, examined(t, exitRefused, addr...), "record_damaged")
	change("UPDATE decisions SET body = CAST(replace(CAST(body AS TEXT), 'install', 'restore') AS BLOB)")
	assert.Contains(t, examined(t, exitRefused, addr...), "record_damaged")
	require.NoError(t, os.WriteFile(db, []byte("this is no database, but a text of some length that nobody takes for one"), 0o600))
	assert.Contains(t, examined(t, exitRefused, addr...), "record_unreadable")
	require.NoError(t, os.Remove(db))

	if runtime.GOOS != "windows" {
		tokens := filepath.Join(dir, "tokens")
		require.NoError(t, os.WriteFile(tokens, nil, 0o600))
		require.NoError(t, os.Chmod(tokens, 0o666))
		all := examined(t, exitRefused, with("--token-file", tokens)...)
		assert.True(t, all["tokens_writable"].Grade == gradeBad || all["tokens"].Grade == gradeBad)
		key := filepath.Join(dir, "key.pem")
		require.NoError(t, os.WriteFile(key, []byte("x"), 0o600))
		require.NoError(t, os.Chmod(key, 0o644))
		all = examined(t, exitRefused, with("--tls-cert", key, "--tls-key", key)...)
		assert.Contains(t, all, "key_open")
		assert.Contains(t, all, "certificate")
		require.NoError(t, os.Chmod(dir, 0o755))
		assert.Contains(t, examined(t, exitFine, addr...), "directory_open")
	}
}

// Doctor speaks Chinese and English.
func TestDoctorSpeaks(t *testing.T) {
	for lang, want := range map[string]string{"zh": "正常：规则可用", "en": "fine: the rules can be used"} {
		var out bytes.Buffer
		code := Run(context.Background(), []string{"doctor", "--lang", lang, "--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "x.db")}, Options{Stdout: &out, Stderr: &out})
		assert.Equal(t, exitFine, code)
		assert.Contains(t, out.String(), want)
	}
	assert.Equal(t, exitUsage, Run(context.Background(), []string{"doctor", "--lang", "fr"}, Options{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}))
}

// What is wrong with changes of the rules is told also where nothing else is on
// record.
func TestDoctorOfChanges(t *testing.T) {
	db := filepath.Join(t.TempDir(), "rulebook.db")
	s, err := record.Open(t.Context(), db, record.Options{})
	require.NoError(t, err)
	_, err = s.TakeChange(t.Context(), record.ChangeStepBody{Kind: record.ChangeDrafted, Title: "t"}, nil, func([]*record.ChangeStep) error { return nil })
	require.NoError(t, err)
	require.NoError(t, s.Close())
	args := []string{"--addr", "127.0.0.1:0", "--db", db}
	assert.Contains(t, examined(t, exitFine, args...), "record")
	c, err := sql.Open("sqlite3", db)
	require.NoError(t, err)
	_, err = c.Exec("UPDATE change_steps SET kind = 'approved'")
	require.NoError(t, err)
	require.NoError(t, c.Close())
	assert.Contains(t, examined(t, exitRefused, args...), "record_damaged")
}

// A file of retention with which the server would not start is told, also where it is
// the record alone that shows it.
func TestDoctorOfRetention(t *testing.T) {
	dir := t.TempDir()
	db, file := filepath.Join(dir, "rulebook.db"), filepath.Join(dir, "retention.yaml")
	s, err := record.Open(t.Context(), db, record.Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	args := []string{"--addr", "127.0.0.1:0", "--db", db, "--retention", file}
	for text, says := range map[string]string{"records: [{questions: [], keep: 5 years}]": "names none", "records: [{questions: [a.b], keep: 5 years}]": "the question a.b", "": "is empty"} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		assert.Contains(t, examined(t, exitRefused, args...)["retention"].Text.EN, says)
	}
	require.NoError(t, os.WriteFile(file, []byte("records: [{questions: [accountability.fine], keep: 5 years}]"), 0o600))
	assert.Equal(t, gradeFine, examined(t, exitFine, args...)["retention"].Grade)
}

// What events are sent to and takes none is told by doctor; so is a file of
// webhooks that others can read, or that cannot be used.
func TestDoctorOfWebhooks(t *testing.T) {
	dir := t.TempDir()
	db, file := filepath.Join(dir, "rulebook.db"), filepath.Join(dir, "hooks.yaml")
	s, err := record.Open(t.Context(), db, record.Options{})
	require.NoError(t, err)
	h := &record.Webhook{Name: "billing", URL: "https://x.example", Secret: []byte("0123456789abcdef01234567")}
	require.NoError(t, s.AddWebhook(t.Context(), h))
	args := []string{"--addr", "127.0.0.1:0", "--db", db}
	assert.Contains(t, examined(t, exitFine, args...), "webhooks")
	h.Failing, h.Problem, h.Tries = s.Now(), "status_500", 3
	require.NoError(t, s.SaveWebhook(t.Context(), h))
	assert.Contains(t, examined(t, exitFine, args...), "webhook_failing")
	h.Stopped = s.Now()
	require.NoError(t, s.SaveWebhook(t.Context(), h))
	found := examined(t, exitRefused, args...)
	assert.Contains(t, found["webhook_stopped"].Remedy.EN, "/v1/webhooks/billing/resume")
	require.NoError(t, s.RemoveWebhook(t.Context(), "billing"))
	require.NoError(t, s.Close())
	require.NoError(t, os.WriteFile(file, []byte("webhooks: []\n"), 0o600))
	require.NoError(t, os.Chmod(file, 0o644))
	if runtime.GOOS != "windows" {
		assert.Contains(t, examined(t, exitFine, append(args, "--webhooks", file)...), "webhooks_readable")
	}
	require.NoError(t, os.WriteFile(file, []byte("webhooks: [{name: a b}]\n"), 0o600))
	assert.Contains(t, examined(t, exitRefused, append(args, "--webhooks", file)...), "webhooks_file")
}
