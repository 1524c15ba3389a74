package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server"
)

// printed is what a program has printed so far.
type printed struct {
	sync.Mutex
	bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.Lock()
	defer p.Unlock()
	return p.Buffer.Write(b)
}

func (p *printed) text() string {
	p.Lock()
	defer p.Unlock()
	return p.String()
}

// The program offers the example cases and the sample month, and ends when it
// is told to.
func TestExamplesAreOffered(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	var out, errs printed
	ended := make(chan int, 1)
	go func() {
		ended <- server.Run(ctx, []string{"--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "test.db")},
			server.Options{Stdout: &out, Stderr: &errs, Examples: offered()})
	}()
	var url []string
	require.Eventually(t, func() bool {
		url = regexp.MustCompile(`open (\S+)/\n`).FindStringSubmatch(out.text())
		return url != nil
	}, time.Minute, time.Millisecond, errs.text())
	for path, says := range map[string]string{"/ask/time_limit.request": `id="example"`, "/month": "/month/sample", "/month/sample": "2025-06"} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url[1]+path, nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusOK, resp.StatusCode, path)
		assert.True(t, strings.Contains(string(body), says), "%s has %s", path, says)
	}
	http.DefaultClient.CloseIdleConnections()
	end()
	assert.Zero(t, <-ended, errs.text())
}
