package server

import (
	"database/sql"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Why nothing can be put on record stands in the log, in /readyz and in the
// metrics, and no longer than it is so.
func TestWhyNothingIsRecorded(t *testing.T) {
	testsize.NotAtTheDesk(t)
	t.Parallel()
	dbFile := filepath.Join(t.TempDir(), "here.db")
	s := start(t, "--db", dbFile)
	other, err := sql.Open("sqlite3", "file:"+dbFile)
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	tx, err := other.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("CREATE TABLE x (y)")
	require.NoError(t, err)
	resp, body := s.ask("?record=1", install)
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	assert.Contains(t, body, "not_on_record")
	resp, body = s.send(http.MethodGet, "/readyz", "", "")
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	assert.Contains(t, body, `"cause":"locked"`)
	assert.Contains(t, body, `"detail":`)
	_, body = s.send(http.MethodGet, "/readyz", "", "", "Host", "10.0.0.1")
	assert.Contains(t, body, `"cause":"locked"`)
	assert.NotContains(t, body, `"detail":`)
	// what was filled in at the page is a step away
	resp, body = s.send(http.MethodPost, "/ask/time_limit.request", "application/x-www-form-urlencoded", "_as_of=2025-06-20T09:00&request.direct=S42&_record=1")
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	back := regexp.MustCompile(`data-again="([^"]*)"`).FindStringSubmatch(body)
	require.NotNil(t, back, body)
	assert.Contains(t, body, `<a href="`+back[1]+`" id="again">`)
	_, body = s.send(http.MethodGet, html.UnescapeString(back[1]), "", "")
	assert.Contains(t, body, `value="S42"`)
	_, metrics := s.send(http.MethodGet, "/metrics", "", "")
	assert.Contains(t, metrics, `rulebook_log_failing{cause="locked"} 1`)
	assert.Contains(t, metrics, `rulebook_log_failing{cause="disk_full"} 0`)
	assert.Contains(t, s.stderr.String(), "nothing can be put on record")
	assert.Contains(t, s.stderr.String(), "cause=locked")

	require.NoError(t, tx.Rollback())
	require.Eventually(t, func() bool {
		resp, _ := s.send(http.MethodGet, "/readyz", "", "")
		return resp.StatusCode == http.StatusOK
	}, time.Minute, 50*time.Millisecond)
	assert.Contains(t, s.stderr.String(), "on record again")
	assert.Equal(t, 1, strings.Count(s.stderr.String(), "nothing can be put on record"), "said once")
	_, metrics = s.send(http.MethodGet, "/metrics", "", "")
	assert.Contains(t, metrics, `rulebook_log_failing{cause="locked"} 0`)

	// A second server on the file does not start.
	var out, errs output
	assert.Equal(t, exitTrouble, run(t.Context(), []string{"--db", dbFile, "--addr", "127.0.0.1:0"}, &out, &errs, nil))
	assert.Contains(t, errs.String(), "another server")
	assert.Contains(t, errs.String(), dbFile)
}

// Rules that were refused are no outage after a restart: the server answers by
// those that were in use, with the same warnings.
func TestRestartWithRefusedRules(t *testing.T) {
	text, err := os.ReadFile("record/testdata/rules.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	file, dbFile := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "here.db")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	s := start(t, "--db", dbFile, "--rules", file, "--watch", "10h")
	const facts = `{"reader":"R","kind":"book"}`
	ask := func() string {
		resp, body := s.send(http.MethodPost, "/v1/questions/lending.fee/ask", "application/json", facts)
		require.Equal(t, http.StatusOK, resp.StatusCode, body)
		return body
	}
	before := ask()
	for _, spoiled := range []string{strings.Replace(string(text), "type: word", "type: wrd", 1), ""} {
		require.NoError(t, os.WriteFile(file, []byte(spoiled), 0o600))
		if spoiled == "" {
			require.NoError(t, os.Remove(file))
		}
		s.stop()
		s = start(t, "--db", dbFile, "--rules", file, "--watch", "20ms")
		assert.Equal(t, before, ask())
		resp, body := s.send(http.MethodGet, "/readyz", "", "")
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Contains(t, body, `"status":"warning"`)
		_, metrics := s.send(http.MethodGet, "/metrics", "", "")
		assert.Contains(t, metrics, "rulebook_rules_stale 1")
		assert.Contains(t, metrics, `rulebook_rules_info{sha256="`+rulesOf(t, before)+`"} 1`)
		assert.Contains(t, s.stderr.String(), "started with the rules that were in use last")
		_, page := s.send(http.MethodGet, "/ask", "", "", "Accept-Language", "en")
		assert.Contains(t, page, "rules.yaml")
	}
	require.NoError(t, os.WriteFile(file, text, 0o600))
	require.Eventually(t, func() bool {
		_, body := s.send(http.MethodGet, "/readyz", "", "")
		return strings.Contains(body, `"status":"ready"`)
	}, time.Minute, 20*time.Millisecond, "as soon as the file is mended")
}
