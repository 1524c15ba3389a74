package server

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/door"
)

func bodyOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return string(data)
}

// withTokens is a server with a token for every kind of caller.
func withTokens(t *testing.T, scopes map[string]string, args ...string) (*running, map[string]string) {
	t.Helper()
	secrets := map[string]string{}
	var lines []string
	for name, may := range scopes {
		scope, rate, _ := strings.Cut(may, " ")
		secret, line, err := door.NewToken(name, scope)
		require.NoError(t, err)
		secrets[name] = secret
		lines = append(lines, strings.TrimSpace(line+" "+rate))
	}
	file := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return start(t, append([]string{"--token-file", file}, args...)...), secrets
}

// A token file that is wrong leaves the tokens before in use, and /readyz warns of it
// until it is mended.
func TestReadyTellsOfTheTokenFile(t *testing.T) {
	_, right, err := door.NewToken("asker", "ask")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "tokens")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text+"\n"), 0o600)) }
	write(right)
	s := start(t, "--token-file", file, "--watch", "10ms")
	ready := func(status string) {
		t.Helper()
		require.Eventually(t, func() bool {
			resp, body := s.send(http.MethodGet, "/readyz", "", "")
			return resp.StatusCode == http.StatusOK && strings.Contains(body, `"`+status+`"`)
		}, 60*time.Second, time.Millisecond)
	}
	ready("ready")
	write(right + "\nsomething else")
	ready("warning")
	write(right)
	ready("ready")
}

// A person who is not let in gets a page in his language; a program gets JSON.
func TestRefusalsArePages(t *testing.T) {
	s, secrets := withTokens(t, map[string]string{"asker": "ask", "reader": "read", "slow": "ask 0.001"})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s.send(http.MethodGet, "/ask", "", "", "Authorization", "Bearer "+secrets["slow"])
	type refusal struct {
		path, caller, host string
		status             int
		zh, en             string
	}
	var all []refusal
	for _, path := range []string{"/", "/ask", "/ask/time_limit.request", "/rules", "/decisions", "/decisions/1-000000000000", "/month", "/rules/draft", "/banner", "/nothing"} {
		all = append(all, refusal{path, "", "", http.StatusUnauthorized, "请出示有效的令牌", "valid token is needed"})
		all = append(all, refusal{path, "wrong", "", http.StatusUnauthorized, "请出示有效的令牌", "valid token is needed"})
		if path != "/" {
			all = append(all, refusal{path, "reader", "elsewhere.example", http.StatusMisdirectedRequest, "本服务不叫这个名字", "not known by this name"})
		}
	}
	all = append(all, refusal{"/decisions", "asker", "", http.StatusForbidden, "没有权限 see_records", "no permission see_records"})
	all = append(all, refusal{"/ask/time_limit.request", "reader", "", http.StatusForbidden, "没有权限 ask", "no permission ask"})
	all = append(all, refusal{"/month", "reader", "", http.StatusForbidden, "没有权限 ask", "no permission ask"})
	all = append(all, refusal{"/ask", "slow", "", http.StatusTooManyRequests, "超过令牌的速率限制", "rate limit is exceeded"})
	for _, x := range all {
		for lang, says := range map[string]string{"zh-CN": x.zh, "en": x.en} {
			req, err := http.NewRequest(http.MethodGet, s.url+x.path, nil)
			require.NoError(t, err)
			req.Header.Set("Accept-Language", lang)
			req.Host = x.host
			if x.caller != "" {
				req.SetBasicAuth("anybody", secrets[x.caller]+map[bool]string{true: "wrong"}[x.caller == "wrong"])
			}
			resp, err := transport.RoundTrip(req)
			require.NoError(t, err)
			body := bodyOf(t, resp)
			if x.path == "/" && resp.StatusCode == http.StatusFound {
				continue // to a page that refuses
			}
			assert.Equal(t, x.status, resp.StatusCode, "%+v", x)
			assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"), "%+v", x)
			assert.Contains(t, body, `<html lang="`+lang+`"`, "%+v", x)
			assert.Contains(t, body, says, "%+v", x)
			assert.Contains(t, body, resp.Header.Get("Request-Id"))
			assert.NotContains(t, body, `"code"`)
			switch x.status {
			case http.StatusUnauthorized:
				assert.Contains(t, resp.Header.Get("WWW-Authenticate"), "Basic", "a browser asks for the token")
				assert.NotRegexp(t, `data-rules="[0-9a-f]+"`, body, "who is not known learns nothing of the rules")
			case http.StatusTooManyRequests:
				assert.NotEmpty(t, resp.Header.Get("Retry-After"))
				assert.Contains(t, body, `href="/ask"`)
			}
		}
	}
	for path, caller := range map[string]string{"/v1/questions": "wrong", "/v1/decisions": "asker", "/metrics": "asker"} {
		resp, body := s.send(http.MethodGet, path, "", "", "Authorization", "Bearer "+secrets[caller], "Accept", "text/html")
		assert.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"), path)
		assert.Contains(t, body, `"code":`)
	}
}

// Who may record and not read gets a page that tells the number; and whoever
// records goes back to what he filled in. None of it gets into the log.
func TestRecordingWithoutReading(t *testing.T) {
	s, secrets := withTokens(t, map[string]string{"asker": "ask", "other": "ask", "all": "ask,read"}, "--verbose")
	const path = "/ask/time_limit.request"
	facts := url.Values{"_as_of": {"2025-06-20T09:00"}, "request.kind": {"install"}, "request.area_type": {"urban"}, "request.papers_complete_at": {"2025-06-09T10:00"}, "request.direct": {"王秀英 13800138000"}, "_record": {"1"}}
	as := func(name, method, path, body string) (*http.Response, string) {
		req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
		require.NoError(t, err)
		req.SetBasicAuth("", secrets[name])
		req.Header.Set("Accept-Language", "en")
		if body != "" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		resp, err := s.client.Do(req)
		require.NoError(t, err)
		return resp, bodyOf(t, resp)
	}
	resp, page := as("asker", http.MethodPost, path, facts.Encode())
	require.Equal(t, http.StatusOK, resp.StatusCode, page)
	assert.Equal(t, path, resp.Request.URL.Path, "redirected to a page that he may see")
	number := regexp.MustCompile(`id="recorded".*?<strong class="mono">(\d+-[0-9a-f]{12})<`).FindStringSubmatch(page)
	require.NotNil(t, number, page)
	assert.Contains(t, page, "may ask and record, but not read")
	assert.Contains(t, page, `value="王秀英 13800138000"`, "what was filled in is there")
	at := resp.Request.URL.RequestURI()
	assert.NotContains(t, at, "13800138000")

	_, again := as("other", http.MethodGet, at, "")
	assert.NotContains(t, again, "13800138000", "another's form is nobody's business")
	resp, _ = as("asker", http.MethodGet, "/decisions/"+number[1], "")
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	resp, page = as("all", http.MethodGet, "/decisions/"+number[1], "")
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Contains(t, page, "王秀英 13800138000")

	resp, page = as("all", http.MethodPost, path, facts.Encode())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	back := regexp.MustCompile(`href="(/ask/[^"]*form=[A-Z2-7]{26})"`).FindStringSubmatch(page)
	require.NotNil(t, back, "a way back to what was filled in")
	_, page = as("all", http.MethodGet, back[1], "")
	assert.Contains(t, page, `value="王秀英 13800138000"`)

	log := s.stderr.String()
	assert.Contains(t, log, "GET /ask/{question}", "requests are logged")
	for _, private := range []string{"13800138000", "王秀英", "form=", "urban"} {
		assert.NotContains(t, log, private)
	}
}
