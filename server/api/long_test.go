package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// many puts n decisions on record, as quickly as it goes.
func many(t *testing.T, s *service.Service, n int) {
	t.Helper()
	var writers sync.WaitGroup
	next := make(chan int)
	for range 64 {
		writers.Go(func() {
			for range next {
				_, err := s.Record(t.Context(), service.Asking{Question: "time_limit.request", Facts: []byte(install)}, service.Once{})
				assert.NoError(t, err)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	writers.Wait()
}

// A verification that takes longer than the server's times comes to its end,
// and shows meanwhile that it is worked on. In full, of 60,000 records.
func TestVerifyTakesItsTime(t *testing.T) {
	t.Parallel()
	n, times := testsize.Pick(4000, 4000, 60_000), testsize.Pick(100*time.Millisecond, 100*time.Millisecond, time.Second)
	rules, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	store, err := record.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), record.Options{})
	require.NoError(t, err)
	made := service.New(rules, store, nil)
	many(t, made, n)
	server := httptest.NewUnstartedServer(api.New(made, api.Options{Heartbeat: times / 4}))
	server.Config.ReadTimeout, server.Config.WriteTimeout = times, times
	server.Start()
	defer func() {
		server.Close()
		require.NoError(t, store.Close())
	}()
	post := func(accept string) (*http.Response, *bufio.Scanner) {
		req, err := http.NewRequest(http.MethodPost, server.URL+"/v1/decisions/verify", nil)
		require.NoError(t, err)
		req.Header.Set("Accept", accept)
		resp, err := server.Client().Do(req)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		return resp, bufio.NewScanner(resp.Body)
	}
	sound := func(line string) {
		var v api.Verified
		decode(t, line, &v)
		assert.True(t, v.OK)
		assert.EqualValues(t, n, v.Records)
	}
	started := time.Now()
	resp, lines := post("application/json")
	blank, last := 0, ""
	for lines.Scan() {
		if last = lines.Text(); last == "" {
			blank++
		}
	}
	require.NoError(t, lines.Err())
	require.NoError(t, resp.Body.Close())
	sound(last)
	took := time.Since(started)
	require.Greater(t, took, times, "or nothing is shown by this")
	assert.Positive(t, blank)
	t.Logf("%d records verified in %.1f s over a server whose answers have %v", n, took.Seconds(), times)

	resp, lines = post("application/jsonl")
	assert.Equal(t, "application/jsonl", resp.Header.Get("Content-Type"))
	var all []string
	for lines.Scan() {
		all = append(all, lines.Text())
	}
	require.NoError(t, resp.Body.Close())
	require.Greater(t, len(all), 1)
	sound(all[len(all)-1])
	before := int64(0)
	for _, line := range all[:len(all)-1] {
		var p api.Progress
		decode(t, line, &p)
		assert.GreaterOrEqual(t, p.Done, before)
		before = p.Done
	}

	// Who goes away does not keep the next one waiting.
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/v1/decisions/verify", nil)
	require.NoError(t, err)
	resp, err = server.Client().Do(req)
	require.NoError(t, err)
	cancel()
	_ = resp.Body.Close()
	small, err := server.Client().Post(server.URL+"/v1/decisions/verify?last=1", "", nil)
	require.NoError(t, err)
	defer func() { _ = small.Body.Close() }()
	var v api.Verified
	require.NoError(t, json.NewDecoder(small.Body).Decode(&v))
	assert.EqualValues(t, 1, v.Records)
}
