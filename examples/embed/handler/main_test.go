package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

func TestMux(t *testing.T) {
	t.Setenv("BILLING_PASSWORD", "secret")
	rules, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	store, err := record.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), record.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	mux := newMux(rules, store)
	send := func(method, path, body, password string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.SetBasicAuth("clerk", password)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	assert.Contains(t, send("GET", "/", "", "").Body.String(), rules.Current().SHA256)
	const ask = "/rules/v1/questions/accountability.trigger/ask?record=1"
	assert.Equal(t, http.StatusUnauthorized, send("POST", ask, "{}", "wrong").Code)
	answer := send("POST", ask, `{"ground": "law", "regulation": "time_limit", "fault": "negligence"}`, "secret")
	assert.Equal(t, http.StatusCreated, answer.Code, answer.Body)
	assert.Contains(t, answer.Body.String(), `"verdict":"accountable"`)
	assert.EqualValues(t, 1, store.Head().Seq)
}

// A server that answers ends when it is told to.
func TestRunEnds(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := free.Addr().String()
	require.NoError(t, free.Close())
	ctx, end := context.WithCancel(t.Context())
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, addr, filepath.Join(t.TempDir(), "test.db")) }()
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + addr + "/")
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	}, time.Minute, 20*time.Millisecond)
	end()
	require.NoError(t, <-ended)
}
