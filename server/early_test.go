package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// early is a request that is refused before its body has been read.
type early struct {
	name, method, path, caller string
	header                     []string
	start                      string // of the body
	status                     int
}

// refusedEarly are requests that are refused at every layer, as pages and as
// programs send them.
func refusedEarly() []early {
	const form = "multipart/form-data; boundary=b"
	part := func(file string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" + file + "\"\r\n\r\n"
	}
	all := []early{
		{"no question", http.MethodPost, "/v1/questions/none/ask", "all", []string{"Content-Type", "application/json"}, "", http.StatusRequestEntityTooLarge},
		{"a draft that is too large", http.MethodPost, "/v1/rules/check", "all", []string{"Content-Type", "application/yaml"}, "", http.StatusRequestEntityTooLarge},
		{"no such parameter", http.MethodPost, "/v1/questions/time_limit.request/ask?colour=red", "all", []string{"Content-Type", "application/json"}, "", http.StatusBadRequest},
		{"a field that the form has not", http.MethodPost, "/v1/review", "all", []string{"Content-Type", form}, "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n", http.StatusRequestEntityTooLarge},
	}
	for _, at := range []string{"/month", "/v1/review"} {
		post := func(name, caller string, status int, start string, header ...string) {
			all = append(all, early{name + " " + at, http.MethodPost, at, caller, append([]string{"Content-Type", form}, header...), start, status})
		}
		post("no table", "all", http.StatusUnprocessableEntity, part("photo.png"))
		post("no name", "all", http.StatusUnprocessableEntity, part("..csv/.."))
		post("the same table twice", "all", http.StatusUnprocessableEntity, part("areas.csv")+"area\r\n"+part("areas.csv"))
		post("encoded", "all", http.StatusUnsupportedMediaType, "", "Content-Encoding", "gzip")
		post("of another site", "all", http.StatusForbidden, "", "Sec-Fetch-Site", "cross-site")
		post("not allowed", "reader", http.StatusForbidden, part("areas.csv"))
		post("unknown", "nobody", http.StatusUnauthorized, part("areas.csv"))
		post("another name", "all", http.StatusMisdirectedRequest, part("areas.csv"), "Host", "elsewhere.example")
		post("too often", "slow", http.StatusTooManyRequests, part("areas.csv"))
		all = append(all,
			early{"not put " + at, http.MethodPut, at, "all", []string{"Content-Type", form}, "", http.StatusMethodNotAllowed},
			early{"nowhere " + at, http.MethodPost, at + "/x/y/z", "all", []string{"Content-Type", form}, "", http.StatusNotFound})
	}
	all = append(all,
		early{"no form", http.MethodPost, "/month", "all", []string{"Content-Type", "text/plain"}, "", http.StatusUnsupportedMediaType},
		early{"JSON to a page", http.MethodPost, "/ask/time_limit.request", "all", []string{"Content-Type", "application/json"}, "", http.StatusUnsupportedMediaType},
		early{"a draft as a file", http.MethodPost, "/rules/draft", "all", []string{"Content-Type", "multipart/form-data; boundary=b"}, "", http.StatusUnsupportedMediaType},
		early{"no tables", http.MethodPost, "/v1/review", "all", []string{"Content-Type", "text/plain"}, "", http.StatusUnsupportedMediaType},
		early{"facts that are too many", http.MethodPost, "/ask/time_limit.request", "all", []string{"Content-Type", "application/x-www-form-urlencoded"}, "", http.StatusRequestEntityTooLarge})
	return all
}

// connect opens a connection and sends the head of a request.
func (x *early) connect(t *testing.T, s *running, secrets map[string]string, length string) net.Conn {
	t.Helper()
	at, err := url.Parse(s.url)
	require.NoError(t, err)
	c, err := net.Dial("tcp", at.Host)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	host := at.Host
	var head strings.Builder
	for i := 0; i < len(x.header); i += 2 {
		if x.header[i] == "Host" {
			host = x.header[i+1]
			continue
		}
		fmt.Fprintf(&head, "%s: %s\r\n", x.header[i], x.header[i+1])
	}
	secret := secrets[x.caller]
	if secret == "" {
		secret = "wrong"
	}
	_, err = fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%s%s\r\n\r\n%s", x.method, x.path, host, secret, head.String(), length, x.start)
	require.NoError(t, err)
	return c
}

// Who sends all of a body before he looks for the answer gets the answer,
// whatever the refusal and however early it was known; and so does who looks
// at once, who need send no more.
func TestEarlyRefusalsArrive(t *testing.T) {
	t.Parallel()
	s, secrets := withTokens(t, map[string]string{"all": "ask,read", "reader": "read", "slow": "ask 0.001"})
	s.send(http.MethodGet, "/ask", "", "", "Authorization", "Bearer "+secrets["slow"])
	const size = 12 << 20
	piece := []byte(strings.Repeat("x", 64<<10))
	answered := func(t *testing.T, x *early, c *bufio.Reader) {
		t.Helper()
		resp, err := http.ReadResponse(c, &http.Request{Method: x.method})
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err, "the whole answer")
		assert.Equal(t, x.status, resp.StatusCode, "%s", body)
		if strings.HasPrefix(x.path, "/v1/") {
			assert.Equal(t, "application/problem+json", resp.Header.Get("Content-Type"))
		} else {
			assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
		}
	}
	for _, x := range refusedEarly() {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			t.Run("in one go", func(t *testing.T) {
				c := x.connect(t, s, secrets, fmt.Sprintf("Content-Length: %d", len(x.start)+size))
				defer func() { _ = c.Close() }()
				for range size / len(piece) {
					_, err := c.Write(piece)
					require.NoError(t, err)
				}
				in := bufio.NewReader(c)
				answered(t, &x, in)
				_, err := in.ReadByte()
				assert.ErrorIs(t, err, io.EOF, "what was left is no request of its own")
			})
			t.Run("looking at once", func(t *testing.T) {
				c := x.connect(t, s, secrets, fmt.Sprintf("Content-Length: %d", 60<<20))
				defer func() { _ = c.Close() }()
				started := time.Now()
				if x.start != "" {
					_, err := c.Write(piece)
					require.NoError(t, err)
				}
				answered(t, &x, bufio.NewReader(c))
				assert.Less(t, time.Since(started), 4*time.Second, "it is not the rest that is waited for")
			})
		})
	}
}

// A request that is refused with little left of its body costs nobody the
// connection, and one whose rest does not come is answered all the same.
func TestEarlyRefusalsOfShortBodies(t *testing.T) {
	t.Parallel()
	s, secrets := withTokens(t, map[string]string{"reader": "read"})
	body := strings.Repeat("x", 20000)
	x := early{method: http.MethodPost, path: "/v1/questions/time_limit.request/ask", caller: "reader", header: []string{"Content-Type", "application/json"}, start: body}
	c := x.connect(t, s, secrets, "Content-Length: 20000")
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	for i := range 3 {
		if i > 0 {
			_, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n%s", x.path, body)
			require.NoError(t, err)
		}
		resp, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		assert.Equal(t, []int{http.StatusForbidden, http.StatusUnauthorized, http.StatusUnauthorized}[i], resp.StatusCode)
		assert.False(t, resp.Close)
	}
	x.start = "xyz"
	cut := x.connect(t, s, secrets, "Content-Length: 20000")
	defer func() { _ = cut.Close() }()
	resp, err := http.ReadResponse(bufio.NewReader(cut), nil)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	assert.True(t, resp.Close)
}

// Who sends a form that is taken goes on by the same connection, however he
// said how long it is.
func TestTakenUploadsKeepTheConnection(t *testing.T) {
	s := start(t)
	const form = "--b\r\nContent-Disposition: form-data; name=\"tables\"; filename=\"requests.csv\"\r\n\r\nrecord,request.kind\nR1,install\n\r\n--b--\r\n"
	for _, head := range []string{fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(form), form), fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(form), form)} {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		require.NoError(t, err)
		in := bufio.NewReader(c)
		for range 3 {
			_, err = io.WriteString(c, "POST /month HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"+head)
			require.NoError(t, err)
			resp, err := http.ReadResponse(in, nil)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			assert.Equal(t, http.StatusSeeOther, resp.StatusCode)
			assert.False(t, resp.Close)
		}
		require.NoError(t, c.Close())
	}
}
