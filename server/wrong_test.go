package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the server can answer of a request that is wrong in itself, it answers
// in words: on the address of a page as a page in the reader's language, on an
// address for programs as JSON.
func TestWrongRequestsAreAnsweredInWords(t *testing.T) {
	s := start(t)
	client := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(client.CloseIdleConnections)
	refused := func(method, path string, status int, allow, zh, en string, header ...string) {
		t.Helper()
		for lang, says := range map[string]string{"zh-CN": zh, "en": en} {
			req, err := http.NewRequest(method, s.url+"/"+path, nil)
			require.NoError(t, err)
			req.Header.Set("Accept-Language", lang)
			for i := 0; i < len(header); i += 2 {
				req.Header.Set(header[i], header[i+1])
			}
			resp, err := client.Do(req)
			require.NoError(t, err)
			body := bodyOf(t, resp)
			assert.Equal(t, status, resp.StatusCode, "%s %.40s", method, path)
			assert.Equal(t, allow, resp.Header.Get("Allow"), "%s %.40s", method, path)
			if slices.ContainsFunc(forPrograms, func(p string) bool { return strings.HasPrefix("/"+path, p) }) {
				assert.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"), "%s %.40s", method, path)
				if method != http.MethodHead {
					assert.Contains(t, body, `"remedy":`, "%s %.40s", method, path)
				}
				continue
			}
			assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"), "%s %.40s", method, path)
			assert.Equal(t, lang, resp.Header.Get("Content-Language"))
			if method != http.MethodHead {
				assert.Contains(t, body, says, "%s %.40s", method, path)
			}
		}
	}
	const get, both = "GET, HEAD", "GET, HEAD, POST"
	for path, allow := range map[string]string{
		"": get, "ask": get, "ask/time_limit.request": both, "month": both, "month/sample": get, "month/sample/all.csv": get, "rules": get, "rules/readings": both, "rules/draft": both,
		"decisions": get, "decisions/1-000000000000": get, "decisions/verify": both, "banner": get, "static/console.css": get,
		"v1/questions": get, "v1/decisions/verify": "POST", "v1/review": "POST", "openapi.json": get, "healthz": get, "metrics": get,
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "BREW"} {
			if !strings.Contains(allow, method) {
				refused(method, path, http.StatusMethodNotAllowed, allow, "不接受这个方法", "does not take the method")
			}
		}
	}
	for _, path := range []string{"nothing", "ask/time_limit.request/more", "month/a/b/c", "static/nothing.css", "month/sample/none.csv", "v1/nothing", "v1/", "decisions/verify/x"} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete} {
			if method == http.MethodGet || method == http.MethodHead || !strings.HasPrefix(path, "month/") && !strings.HasPrefix(path, "static/") || path == "month/a/b/c" {
				refused(method, path, http.StatusNotFound, "", "没有这个页面", "There is no such page")
			}
		}
	}
	refused(http.MethodGet, "month/none/all.csv", http.StatusNotFound, "", "这次审查已不在", "This review is no longer kept")
	long := strings.Repeat("x", 9<<10)
	for _, path := range []string{"ask", "nothing", "v1/questions", "readyz"} {
		refused(http.MethodGet, path+"?x="+long, http.StatusRequestURITooLong, "", "地址超过", "The address is longer")
		refused(http.MethodGet, path, http.StatusRequestHeaderFieldsTooLarge, "", "请求头超过", "The headers are larger", "X-First", long, "X-Second", long)
	}

	// A page that is only sent to leads who goes to it to where it is sent from.
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		req, err := http.NewRequest(method, s.url+"/decisions/verify", nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusSeeOther, resp.StatusCode)
		assert.Equal(t, "/decisions", resp.Header.Get("Location"))
	}
}

// Whoever may not read decisions learns nothing by going where they are
// verified.
func TestVerifyingNeedsReading(t *testing.T) {
	s, secrets := withTokens(t, map[string]string{"asker": "ask", "reader": "read"})
	for caller, status := range map[string]int{"asker": http.StatusForbidden, "reader": http.StatusOK, "": http.StatusUnauthorized} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			req, err := http.NewRequest(method, s.url+"/decisions/verify", nil)
			require.NoError(t, err)
			if caller != "" {
				req.SetBasicAuth("", secrets[caller])
			}
			resp, err := s.client.Do(req)
			require.NoError(t, err)
			body := bodyOf(t, resp)
			assert.Equal(t, status, resp.StatusCode, "%s %q: %s", method, caller, body)
		}
	}
}
