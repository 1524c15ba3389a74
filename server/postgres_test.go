package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/internal/postgrestest"
)

// Two servers over one PostgreSQL, as an office runs them: a request repeated at the
// other server is the same record, a change published at one is in force at both, each
// event is sent once and in its order; the database goes and comes back under both;
// every command takes its name, and nothing that is printed has its password.
func TestPostgres(t *testing.T) {
	testsize.NotAtTheDesk(t)
	database := postgrestest.Start(t)
	database.Database(t, "office")
	db := database.URLWithPassword("office")
	dir := t.TempDir()
	t.Chdir(dir)
	var printed bytes.Buffer
	command := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		got := Run(context.Background(), args, Options{Stdout: &out, Stderr: &errs})
		require.Equal(t, code, got, "%v: %s%s", args[0], out.String(), errs.String())
		printed.Write(out.Bytes())
		printed.Write(errs.Bytes())
		return out.String() + errs.String()
	}
	assert.Contains(t, command(exitTrouble, "verify", db), "nothing of rulebook is in the database yet")
	assert.Equal(t, gradeFine, examined(t, exitFine, "--addr", "127.0.0.1:0", "--db", db)["record"].Grade)

	var mu sync.Mutex
	var told []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, r.Header.Get("Webhook-Id"))
	}))
	defer receiver.Close()
	hooks := filepath.Join(dir, "hooks.yaml")
	require.NoError(t, os.WriteFile(hooks, []byte("webhooks:\n- {name: a, url: '"+receiver.URL+"', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, types: [decision.recorded]}\n"), 0o600))
	book, err := rulebook.Default()
	require.NoError(t, err)
	var servers []*running
	for _, name := range []string{"a", "b"} {
		rules := filepath.Join(dir, name+".yaml")
		require.NoError(t, os.WriteFile(rules, book.Rulebook().Source(), 0o600))
		servers = append(servers, start(t, "--db", db, "--rules", rules, "--webhooks", hooks, "--webhooks-private"))
	}
	ask := func(r *running, key string) (int, string) {
		t.Helper()
		resp, body := r.ask("?record=1", install, "Idempotency-Key", key)
		printed.WriteString(body)
		return resp.StatusCode, resp.Header.Get("Location")
	}
	var all []string
	for i := range 20 {
		status, first := ask(servers[i%2], "k"+string(rune('a'+i)))
		require.Equal(t, http.StatusCreated, status)
		_, again := ask(servers[(i+1)%2], "k"+string(rune('a'+i)))
		assert.Equal(t, first, again)
		all = append(all, "record."+filepath.Base(first))
	}
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(told) >= len(all) }, time.Minute, 10*time.Millisecond)

	// The server that sends ends; the other one goes on.
	servers[0].stop()
	_, last := ask(servers[1], "after")
	all = append(all, "record."+filepath.Base(last))
	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return told[len(told)-1] == all[len(all)-1] }, time.Minute, 10*time.Millisecond)
	mu.Lock()
	assert.Equal(t, all, slices.Compact(told), "at least once, in their order: the latest before the end may have come again")
	mu.Unlock()
	servers[0] = start(t, "--db", db, "--rules", filepath.Join(dir, "a.yaml"), "--webhooks", hooks, "--webhooks-private")

	// The database goes, and comes back.
	ready := func(r *running) (status string, cause string) {
		resp, err := r.client.Get(r.url + "/readyz")
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		printed.Write(body)
		var x struct{ Status, Cause string }
		require.NoError(t, json.Unmarshal(body, &x))
		return x.Status, x.Cause
	}
	database.Crash()
	for _, r := range servers {
		require.Eventually(t, func() bool { status, cause := ready(r); return status == "unavailable" && cause == "unreachable" }, time.Minute, 50*time.Millisecond, "nobody has to ask for it to be seen")
		status, _ := ask(r, "meanwhile")
		assert.Equal(t, http.StatusServiceUnavailable, status)
		resp, err := r.client.Get(r.url + "/v1/decisions")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	}
	assert.Equal(t, gradeBad, examined(t, exitRefused, "--addr", "127.0.0.1:0", "--db", db)["database_unreachable"].Grade)
	require.NoError(t, database.Run())
	for _, r := range servers {
		require.Eventually(t, func() bool { status, _ := ready(r); return status == "ready" }, time.Minute, 50*time.Millisecond)
	}
	_, first := ask(servers[0], "meanwhile")
	_, again := ask(servers[1], "meanwhile")
	assert.Equal(t, first, again, "what was told to be not on record is sent again, and is there once")

	// The commands, while both run.
	assert.Contains(t, command(exitFine, "verify", db), "22 records, 1 to 22: all as recorded")
	assert.Contains(t, command(exitUsage, "verify", db, "--db", db), "one file is verified at a time")
	found := examined(t, exitFine, "--addr", "127.0.0.1:0", "--db", db, "--webhooks", hooks, "--webhooks-private")
	assert.Equal(t, gradeFine, found["record"].Grade)
	data, err := json.Marshal(found)
	require.NoError(t, err)
	printed.Write(data)
	command(exitFine, "people", "--db", db, "add", "li.wei", "--name", "李伟", "--role", "clerk")
	assert.Contains(t, command(exitFine, "people", "--db", db), "li.wei")
	assert.Contains(t, command(exitUsage, "--addr", "127.0.0.1:0", "--db", db), "start with --accounts, or rename the schema rulebook_people")
	assert.Contains(t, command(exitFine, "backup", "copy.db", "--db", db), "copy.db: 22 records")
	assert.Contains(t, command(exitFine, "verify", "copy.db"), "22 records, 1 to 22: all as recorded")
	database.Database(t, "second")
	second := database.URLWithPassword("second")
	assert.Contains(t, command(exitFine, "restore", "copy.db", "--db", second), "22 records")
	assert.Contains(t, command(exitFine, "verify", second), "22 records, 1 to 22: all as recorded")
	assert.Contains(t, command(exitFine, "people", "--db", second), "li.wei")
	assert.Contains(t, command(exitTrouble, "restore", "copy.db", "--db", second), "something is kept there already")
	assert.Contains(t, command(exitTrouble, "restore", "copy.db", "--db", "other.db"), "put it in the place of the file")
	command(exitUsage, "restore", "copy.db")

	for _, r := range servers {
		r.stop()
		printed.WriteString(r.stdout.String() + r.stderr.String())
	}
	assert.NotContains(t, printed.String(), database.Password)
}
