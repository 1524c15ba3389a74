package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/client"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

func TestRun(t *testing.T) {
	rules, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	store, err := record.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), record.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	back := api.New(service.New(rules, store, nil), api.Options{})
	var lost atomic.Int64 // answers that get lost on the way
	lost.Store(2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lost.Add(-1) < 0 {
			back.ServeHTTP(w, r)
			return
		}
		back.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	c, err := client.New(server.URL, "")
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, run(t.Context(), c, &out))
	assert.Regexp(t, `^time_limit.request: late, due 2025-06-16, on record as 1-[0-9a-f]{12}\n$`, out.String())
	assert.EqualValues(t, 1, store.Head().Seq, "however often it was tried")

	_, _, err = put(t.Context(), c, "time_limit.reqest", map[string]any{})
	assert.ErrorContains(t, err, "did you mean time_limit.request?")
}
