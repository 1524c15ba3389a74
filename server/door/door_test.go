package door

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/servicerules/rulebook/server/people"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHostName(t *testing.T) {
	for from, want := range map[string]string{
		"localhost": "localhost", "LocalHost:8080": "localhost", "localhost.": "localhost", "127.0.0.1:80": "127.0.0.1", "[::1]:80": "::1", "[::1]": "::1",
		"[0:0:0:0:0:0:0:1]": "::1", "rules.example.org": "rules.example.org", "": "", ":80": "", "a:b:c": "a:b:c",
	} {
		assert.Equal(t, want, hostName(from), from)
	}
}

func TestTokenFile(t *testing.T) {
	secret, line, err := NewToken("a.b-c_1", "read,ask")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "tokens")
	write := func(text string) (*Tokens, error) {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return ReadTokens(file, 7)
	}
	tokens, err := write("\n  # all of them\n" + line + " 0.5 # slow\r\n")
	require.NoError(t, err)
	c := tokens.find(secret)
	require.NotNil(t, c)
	assert.Equal(t, "a.b-c_1", c.Name)
	assert.True(t, c.May(people.SeeRecords) && c.May(people.Ask) && c.May(people.ReadRules) && c.May(people.Known) && c.May(people.Anybody))
	assert.False(t, c.May(people.Operate))
	assert.InDelta(t, 0.5, float64(c.line.limit.Limit()), 0)
	for _, wrong := range []string{"", secret + "x", secret[:len(secret)-1], strings.ToLower(secret)} {
		assert.Nil(t, tokens.find(wrong))
	}
	tokens, err = write(line)
	require.NoError(t, err)
	assert.InDelta(t, 7, float64(tokens.find(secret).line.limit.Limit()), 0, "the usual rate")
	tokens, err = write(line + " 0")
	require.NoError(t, err)
	assert.Nil(t, tokens.find(secret).line.limit, "no limit")
	hash := strings.Fields(line)[2]
	for _, bad := range []string{
		"x read", "x read " + hash + " 1 2", "x! read " + hash, "x write " + hash, "x read, " + hash, "x read " + hash[1:], "x read " + hash + "0",
		"x read z" + hash[1:], line + " -1", line + " NaN", line + " 1e9", line + " fast", line + "\n" + line,
		line + " until=2027-02-30", line + " until=", line + " until=2027-01-01 until=2027-01-01", line + " person=Li", line + " person=", line + " 1 2", line + " owner=li", strings.Repeat("x", 1<<17),
	} {
		_, err := write(bad)
		require.Error(t, err, bad)
		assert.Contains(t, err.Error(), file)
		assert.NotContains(t, err.Error(), hash, "hashes are not repeated")
	}
}

// What goes wrong inside is answered without telling what, and a cut-off
// answer is not taken for a whole one.
func TestFailuresInside(t *testing.T) {
	var log strings.Builder
	h := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
		}
		panic(errors.New("王秀英 13800138000"))
	}), Options{Hosts: []string{"127.0.0.1"}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	s := httptest.NewServer(h)
	defer s.Close()
	ask := func(path string) (resp *http.Response, body string, err error) {
		resp, err = s.Client().Get(s.URL + path)
		require.NoError(t, err)
		data, err := io.ReadAll(resp.Body)
		return resp, string(data), errors.Join(err, resp.Body.Close())
	}
	first, body, err := ask("/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusInternalServerError, first.StatusCode)
	assert.Contains(t, body, `"code":"internal"`)
	assert.Contains(t, body, first.Header.Get("Request-Id"))
	second, half, err := ask("/late")
	require.Error(t, err)
	assert.Equal(t, "half", half)
	s.Close()
	for _, text := range []string{body, log.String()} {
		assert.NotContains(t, text, "138001")
		assert.NotContains(t, text, "goroutine")
	}
	assert.Contains(t, log.String(), first.Header.Get("Request-Id"))
	assert.Contains(t, log.String(), second.Header.Get("Request-Id"))
}
