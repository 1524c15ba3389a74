package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/door"
)

const install = `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-17T09:00:00+08:00"}}`

const askPath = "/v1/questions/time_limit.request/ask"

// output is what a command prints, read while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// running is a server as the command runs it.
type running struct {
	t              *testing.T
	url            string
	client         *http.Client
	stdout, stderr *output
	reload         chan os.Signal
	end            func()
	code           chan int
	ended          bool
}

var opened = regexp.MustCompile(`^rulebook: open (https?://\S+)/\n$`)

// start runs the command in the background until the test, or stop, ends it.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{
		t: t, stdout: &output{}, stderr: &output{}, reload: make(chan os.Signal, 1), end: cancel, code: make(chan int, 1),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}},
	}
	args = append([]string{"--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "test.db")}, args...)
	go func() { r.code <- run(ctx, args, r.stdout, r.stderr, r.reload) }()
	require.Eventually(t, func() bool {
		m := opened.FindStringSubmatch(r.stdout.String())
		if m != nil {
			r.url = m[1]
		}
		return m != nil || len(r.code) > 0
	}, 60*time.Second, time.Millisecond)
	require.NotEmpty(t, r.url, "the server did not start: %s", r.stderr)
	t.Cleanup(func() { r.stop() })
	return r
}

// stop ends the server as Ctrl-C does.
func (r *running) stop() {
	r.t.Helper()
	if r.ended {
		return
	}
	r.ended = true
	r.end()
	select {
	case code := <-r.code:
		assert.Equal(r.t, exitFine, code, r.stderr)
	case <-time.After(60 * time.Second):
		r.t.Error("the server does not end")
	}
	r.client.CloseIdleConnections()
}

// send sends a request and reads the whole answer.
func (r *running) send(method, path, media, body string, header ...string) (*http.Response, string) {
	r.t.Helper()
	resp, text, err := r.try(method, path, media, body, header...)
	require.NoError(r.t, err)
	return resp, text
}

func (r *running) try(method, path, media, body string, header ...string) (*http.Response, string, error) {
	req, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		} else {
			req.Header.Set(header[i], header[i+1])
		}
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return resp, string(data), err
}

func (r *running) ask(query, facts string, header ...string) (*http.Response, string) {
	r.t.Helper()
	return r.send(http.MethodPost, askPath+query, "application/json", facts, header...)
}

// noGoroutines checks at the end of the test that none is left of it.
func noGoroutines(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

func TestServe(t *testing.T) {
	noGoroutines(t)
	db := filepath.Join(t.TempDir(), "here.db")
	s := start(t, "--db", db)
	resp, body := s.ask("?record=1&explain=1", install)
	assert.Equal(t, http.StatusCreated, resp.StatusCode)
	book, err := rulebook.Default()
	require.NoError(t, err)
	want, err := book.Ask(t.Context(), "time_limit.request", []byte(install))
	require.NoError(t, err)
	assert.Equal(t, string(want.AppendJSON(nil, true)), body)
	for header, value := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		assert.Equal(t, value, resp.Header.Get(header))
	}
	assert.NotContains(t, resp.Header.Get("Content-Security-Policy"), "unsafe")
	assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
	_, text := s.send(http.MethodGet, "/metrics", "", "")
	for _, want := range []string{
		`rulebook_answers_total{question="time_limit.request",verdict="late"} 1`, `rulebook_decisions_recorded_total{question="time_limit.request",verdict="late"} 1`,
		`rulebook_rules_info{sha256="` + book.Rulebook().SHA256 + `"} 1`, `rulebook_reloads_total{result="loaded"} 1`, `rulebook_log_sync_seconds_count 1`,
		`rulebook_log_waiting_records 0`, `rulebook_webhooks_failing 0`, `rulebook_request_seconds_bucket{route="POST /v1/questions/{id}/ask",status="201",le="0.1"}`,
	} {
		assert.Contains(t, text, want)
	}
	id := resp.Header.Get("Decision-Id")
	s.stop()
	var out, errs output
	assert.Equal(t, exitFine, run(t.Context(), []string{"verify", "--db", db}, &out, &errs, nil), errs.String())
	assert.Contains(t, out.String(), "1 record, 1 to 1: all as recorded")
	assert.Equal(t, exitFine, run(t.Context(), []string{"verify", "--db", db, "--json"}, &out, &errs, nil))
	assert.Equal(t, exitRefused, run(t.Context(), []string{"verify", "--db", db, "--head", strings.Repeat("1", 64)}, &out, &errs, nil))
	assert.Contains(t, out.String(), "head_differs")
	assert.NotEmpty(t, id)
}

// What a server must not be started with.
func TestStartRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	_, line, err := door.NewToken("billing", "ask")
	require.NoError(t, err)
	tokens := write("tokens", line+"\n")
	broken := write("broken.yaml", "rulebook: {id: x}\n")
	cases := filepath.Join(dir, "cases")
	require.NoError(t, os.Mkdir(cases, 0o700))
	write("cases/wrong.yaml", "cases:\n- name: wrong\n  question: time_limit.request\n  facts: {request: {kind: fault}}\n  expect: {verdict: late}\n")
	for _, x := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--rules", broken}, exitRefused, "broken.yaml:1:"},
		{[]string{"--rules", filepath.Join(dir, "none.yaml")}, exitTrouble, "no such file"},
		{[]string{"--rules", dir}, exitTrouble, "no rules file"},
		{[]string{"--rate", "-1"}, exitUsage, "--rate"},
		{[]string{"--rate", "NaN"}, exitUsage, "--rate"},
		{[]string{"--rate", "+Inf"}, exitUsage, "--rate"},
		{[]string{"--cases", cases}, exitRefused, `case "wrong"`},
		{[]string{"--cases", filepath.Join(dir, "none")}, exitTrouble, filepath.Join(dir, "none") + ": no such file"},
		{[]string{"--cases", tokens}, exitTrouble, tokens + ": not a directory"},
		{[]string{"--host", "https://rules.example"}, exitUsage, "the name alone"},
		{[]string{"--host", "rules.example:443"}, exitUsage, "the name alone"},
		{[]string{"--host", "rules.example/ask"}, exitUsage, "the name alone"},
		{[]string{"--host", "*.example"}, exitUsage, "the name alone"},
		{[]string{"--host", ""}, exitUsage, "the name alone"},
		{[]string{"--addr", "0.0.0.0:0"}, exitUsage, "--token-file"},
		{[]string{"--addr", ":0"}, exitUsage, "--token-file"},
		{[]string{"--addr", "192.0.2.1:80", "--token-file", tokens}, exitUsage, "--tls-cert"},
		{[]string{"--addr", "192.0.2.1:80", "--behind-proxy"}, exitUsage, "--token-file"},
		{[]string{"--addr", "0.0.0.0:0", "--token-file", tokens, "--behind-proxy"}, exitUsage, "--host"},
		{[]string{"--addr", "nowhere"}, exitUsage, "HOST:PORT"},
		{[]string{"--token-file", write("empty", "# nothing\n")}, exitUsage, "no credential"},
		{[]string{"--token-file", write("bad", "billing everything 00\n")}, exitUsage, "bad:1"},
		{[]string{"--token-file", write("twice", line+"\n"+line+"\n")}, exitUsage, "twice:2"},
		{[]string{"--tls-cert", tokens}, exitUsage, "--tls-key"},
		{[]string{"--tls-cert", tokens, "--tls-key", tokens}, exitTrouble, "tls"},
		{[]string{"--db", broken}, exitTrouble, "broken.yaml"},
		{[]string{"--nothing"}, exitUsage, "nothing"},
		{[]string{"--watch", "1ns"}, exitUsage, "--watch"},
		{[]string{"more"}, exitUsage, "serve, verify, backup, restore, token, people, doctor, changes, text or version"},
		{[]string{"verfy", "x.db"}, exitUsage, "did you mean verify?"},
		{[]string{"books/x.db"}, exitUsage, "--db for a file of decisions"},
		{[]string{"serve", "x.db"}, exitUsage, "--db for a file of decisions"},
		{[]string{"--json", "x.yaml"}, exitUsage, "--rules for a rules file"},
		{[]string{"verify", "a.db", "b.db"}, exitUsage, "one file is verified at a time"},
		{[]string{"verify", "a.db", "--db", "b.db"}, exitUsage, "a.db and --db b.db"},
		{[]string{"--nothing", "verify"}, exitUsage, "nothing"},
		{[]string{"backup", "a.db", "b.db"}, exitUsage, "backup copy.db --db rulebook.db"},
		{[]string{"token", "billing", "read", "ask"}, exitUsage, "token billing read,ask"},
		{[]string{"version", "9"}, exitUsage, "takes nothing"},
		{[]string{"verify", "--db", filepath.Join(dir, "none.db")}, exitTrouble, "none.db"},
		{[]string{"verify", "--first", "3", "--last", "1"}, exitUsage, "--first"},
		{[]string{"verify", "--head", "00"}, exitUsage, "--head"},
		{[]string{"backup"}, exitUsage, "2025-07-01.db"},
		{[]string{"backup", "--db", filepath.Join(dir, "none.db"), filepath.Join(dir, "x.db")}, exitTrouble, "none.db"},
		{[]string{"token"}, exitUsage, "token billing ask"},
		{[]string{"token", "billing", "all"}, exitUsage, "no scope"},
		{[]string{"token", "b i", "ask"}, exitUsage, "name"},
	} {
		var out, errs output
		args := x.args
		if strings.HasPrefix(args[0], "--") {
			args = append([]string{"--db", filepath.Join(dir, "t.db")}, args...)
			if !slices.Contains(args, "--addr") {
				args = append(args, "--addr", "127.0.0.1:0")
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		assert.Equal(t, x.code, run(ctx, args, &out, &errs, nil), "%v: %s", x.args, errs.String())
		cancel()
		assert.Contains(t, errs.String(), x.says, "%v", x.args)
		assert.Empty(t, out.String(), "%v", x.args)
	}
}

// The credentials of a token file open what they are for, and nothing else.
func TestTokens(t *testing.T) {
	noGoroutines(t)
	var lines []string
	secrets := map[string]string{"": ""}
	for name, scopes := range map[string]string{"reader": "read", "asker": "ask", "operator": "operate", "all": "read,ask,operate"} {
		secret, line, err := door.NewToken(name, scopes)
		require.NoError(t, err)
		secrets[name] = secret
		lines = append(lines, line)
	}
	secret, line, err := door.NewToken("slow", "ask")
	require.NoError(t, err)
	secrets["slow"], lines = secret, append(lines, line+" 3 # questions a second")
	secrets["wrong"] = "rb_wrong"
	file := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte("# credentials\n\n"+strings.Join(lines, "\n")+"\n"), 0o600))
	for _, secret := range secrets {
		if secret != "" {
			assert.NotContains(t, strings.Join(lines, "\n"), secret, "the file holds hashes")
		}
	}
	s := start(t, "--token-file", file)
	for _, x := range []struct {
		method, path, media, body string
		ok                        int
		allowed                   string
	}{
		{"POST", askPath, "application/json", install, 200, "asker all"},
		{"POST", askPath + "?record=1", "application/json", install, 201, "asker all"},
		{"POST", "/v1/rules/check", "application/yaml", "a: 1", 200, "asker all"},
		{"GET", "/v1/decisions", "", "", 200, "reader all"},
		{"GET", "/v1/decisions/export", "", "", 200, "reader all"},
		{"POST", "/v1/decisions/verify", "", "", 200, "reader all"},
		{"POST", "/v1/rules/reload", "", "", 200, "operator all"},
		{"GET", "/metrics", "", "", 200, "operator all"},
		{"GET", "/v1/questions", "", "", 200, "reader asker operator all slow"},
		{"GET", "/v1/rules", "", "", 200, "reader asker operator all slow"},
		{"GET", "/healthz", "", "", 200, "reader asker operator all slow none"},
		{"GET", "/readyz", "", "", 200, "reader asker operator all slow none"},
	} {
		for name, secret := range secrets {
			if name == "slow" {
				continue
			}
			want := http.StatusForbidden
			var header []string
			switch {
			case name == "":
				want = http.StatusUnauthorized
				if strings.Contains(x.allowed, "none") {
					want = x.ok
				}
			case name == "wrong":
				want = http.StatusUnauthorized
			case slices.Contains(strings.Fields(x.allowed), name):
				want = x.ok
			}
			if secret != "" {
				header = []string{"Authorization", "Bearer " + secret}
			}
			resp, body := s.send(x.method, x.path, x.media, x.body, header...)
			assert.Equal(t, want, resp.StatusCode, "%s %s by %q: %s", x.method, x.path, name, body)
			if want == http.StatusUnauthorized && strings.HasPrefix(x.path, "/v1/") {
				assert.Contains(t, resp.Header.Get("WWW-Authenticate"), "Bearer")
			}
			assert.NotContains(t, body, "rb_")
		}
	}
	_, body := s.send(http.MethodGet, "/readyz", "", "")
	assert.NotContains(t, body, "active", "who shows no token learns only how the server is")
	resp, _ := s.send(http.MethodGet, "/", "", "")
	assert.Contains(t, resp.Header.Get("WWW-Authenticate"), "Basic", "a browser asks for the token")

	limited := 0
	for range 20 {
		resp, _ := s.ask("", install, "Authorization", "Bearer "+secrets["slow"])
		if resp.StatusCode == http.StatusTooManyRequests {
			limited++
			assert.NotEmpty(t, resp.Header.Get("Retry-After"))
		}
	}
	assert.Positive(t, limited)
	resp, _ = s.ask("", install, "Authorization", "Bearer "+secrets["all"])
	assert.Equal(t, http.StatusOK, resp.StatusCode, "the limit is the token's own")
}

// Sites that a browser visits cannot use the server through it.
func TestOtherSites(t *testing.T) {
	s := start(t)
	for host, ok := range map[string]bool{"localhost": true, "127.0.0.1:1": true, "[::1]:80": true, "LOCALHOST.": true, "evil.example": false, "127.0.0.1.evil.example": false, "": true} {
		var header []string
		if host != "" {
			header = []string{"Host", host}
		}
		resp, _ := s.send(http.MethodGet, "/v1/questions", "", "", header...)
		assert.Equal(t, ok, resp.StatusCode == http.StatusOK, "%s: %d", host, resp.StatusCode)
	}
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}} {
		resp, body := s.ask("?record=1", install, header...)
		assert.Equal(t, http.StatusForbidden, resp.StatusCode)
		assert.Contains(t, body, "cross_origin")
	}
	resp, _ := s.ask("", install, "Sec-Fetch-Site", "same-origin", "Origin", s.url)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	// A probe comes by address, and learns no details.
	for _, host := range []string{"10.1.2.3:8080", "[fd00::1]", "pod-7.cluster.local"} {
		for _, path := range []string{"/healthz", "/readyz"} {
			resp, body := s.send(http.MethodGet, path, "", "", "Host", host)
			assert.Equal(t, http.StatusOK, resp.StatusCode, path)
			assert.NotContains(t, body, "active", path)
		}
		resp, _ := s.send(http.MethodGet, "/metrics", "", "", "Host", host)
		assert.Equal(t, http.StatusMisdirectedRequest, resp.StatusCode)
	}
	_, body := s.send(http.MethodGet, "/readyz", "", "")
	assert.Contains(t, body, "active")
}

// The commands take their flags and words in any order, and say their version.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "here.db")
	do := func(args ...string) (code int, out, errs string) {
		var o, e output
		code = run(t.Context(), args, &o, &e, nil)
		return code, o.String(), e.String()
	}
	s := start(t, "--db", db)
	resp, body := s.ask("?record=1", install)
	require.Equal(t, http.StatusCreated, resp.StatusCode, body)
	for i, args := range [][]string{{"backup", "FILE", "--db", db}, {"backup", "--db", db, "FILE"}, {"backup", "--db=" + db, "--", "FILE"}, {"backup", "FILE", "-db", db}} {
		to := filepath.Join(dir, fmt.Sprintf("copy%d.db", i))
		args[slices.Index(args, "FILE")] = to
		code, out, errs := do(args...)
		require.Equal(t, exitFine, code, errs)
		assert.Contains(t, out, "1 record,")
		code, out, errs = do("verify", "--db", to)
		assert.Equal(t, exitFine, code, errs)
		assert.Contains(t, out, "1 record,")
	}
	// What is not there, or not as it was noted down, is no good news.
	for code, args := range map[string][]string{
		"record_missing": {"--first", "2"}, "head_differs": {"--head", strings.Repeat("0", 64)},
	} {
		exit, out, _ := do(append([]string{"verify", "--db", db}, args...)...)
		assert.Equal(t, exitRefused, exit, "%q: %s", args, out)
		assert.Contains(t, out, code)
		assert.NotContains(t, out, "no_records")
	}
	code, _, errs := do("backup", "a", "--db", db, "b")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, `"b" is too much`)

	// A plain copy of the file in use has none of what stands in its WAL.
	data, err := os.ReadFile(db)
	require.NoError(t, err)
	plain := filepath.Join(dir, "plain.db")
	require.NoError(t, os.WriteFile(plain, data, 0o600))
	for _, form := range [][]string{nil, {"--json"}} {
		code, out, _ := do(append([]string{"verify", "--db", plain}, form...)...)
		assert.Equal(t, exitRefused, code, out)
		assert.Contains(t, out, "no_records")
		assert.Contains(t, out, "backup")
	}
	for _, args := range [][]string{{"--version"}, {"version"}, {"verify", "--version"}, {"--addr", "x", "--version"}} {
		code, out, errs := do(args...)
		assert.Equal(t, exitFine, code, errs)
		assert.Regexp(t, `^rulebook-server \S.* go1\.\d+\S* \w+/\w+\n$`, out)
	}
}

// A thousand seeded names and numbers, in facts that are right and wrong, are
// in no log line, no metric and no problem.
func TestNobodyIsNamed(t *testing.T) {
	for _, form := range []string{"--json=false", "--json=true"} {
		s := start(t, "--verbose", form)
		var problems strings.Builder
		for i := range 500 {
			name, number := fmt.Sprintf("赵钱%04d", i), fmt.Sprintf("139%08d", i)
			switch i % 5 {
			case 0:
				s.ask("?record=1", fmt.Sprintf(`{"request":{"kind":"fault","direct":"%s","department_head":"%s"}}`, name, number))
			case 1:
				_, body := s.ask("", fmt.Sprintf(`{"request":{"kind":"%s","%s":1}}`, name, number))
				problems.WriteString(body)
			case 2:
				_, body := s.send(http.MethodPost, askPath+"-many", "application/jsonl", fmt.Sprintf("{\"%s\":1}\n{\"request\":{\"kind\":\"%s\"}}\n", name, number))
				problems.WriteString(body)
			case 3:
				_, body := s.send(http.MethodPost, "/v1/questions/"+number+"/ask?"+name+"="+number, "application/json", name)
				problems.WriteString(body)
			case 4:
				_, body := s.send(number, "/v1/"+number, name, number, "Idempotency-Key", number)
				problems.WriteString(body)
			}
		}
		_, metrics := s.send(http.MethodGet, "/metrics", "", "")
		s.stop()
		for where, text := range map[string]string{"the log": s.stderr.String(), "the metrics": metrics, "the problems": problems.String()} {
			require.NotEmpty(t, text)
			assert.NotContains(t, text, "赵钱", where)
			assert.NotRegexp(t, regexp.MustCompile(`(^|[^0-9.])1390000\d{4}([^0-9]|$)`), text, where) // a measured time may hold any digits
		}
		assert.Greater(t, strings.Count(s.stderr.String(), "\n"), 500)
	}
}

// Five hundred clients that are slow, with the head or with the body, do not
// keep an honest one waiting.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	slow := 500
	s := start(t)
	address := strings.TrimPrefix(s.url, "http://")
	var conns []net.Conn
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for i := range slow {
		c, err := net.Dial("tcp", address)
		require.NoError(t, err)
		conns = append(conns, c)
		if i%2 == 0 {
			_, err = io.WriteString(c, "POST "+askPath+" HTTP/1.1\r\nHost: localhost\r\nX-Slow")
		} else {
			_, err = io.WriteString(c, "POST "+askPath+" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"request\"")
		}
		require.NoError(t, err)
	}
	var took []time.Duration
	for range 300 {
		started := time.Now()
		resp, body := s.ask("", install)
		took = append(took, time.Since(started))
		require.Equal(t, http.StatusOK, resp.StatusCode, body)
	}
	slices.Sort(took)
	t.Logf("with %d slow clients: p50 %v, p99 %v, longest %v", slow, took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	// The slow ones are dropped, each in its time.
	require.NoError(t, conns[0].SetReadDeadline(time.Now().Add(30*time.Second)))
	_, err := bufio.NewReader(conns[0]).ReadString('\x00')
	require.ErrorIs(t, err, io.EOF, "a head that does not come to its end")
}

// New rules are put in while questions are asked: no request fails, and every
// answer comes from rules that were right.
func TestReloadsUnderLoad(t *testing.T) {
	reloads := testsize.Pick(10, 60, 1000)
	noGoroutines(t)
	text, err := os.ReadFile("record/testdata/rules.yaml")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	put := func(i int) (sound bool) {
		next := append(slices.Clone(text), fmt.Sprintf("# %d\n", i)...)
		if sound = i%3 != 2; !sound {
			next = bytes.Replace(next, []byte("kind: {zh: 种类"), []byte("kinds: {zh: 种类"), 1)
		}
		require.NoError(t, os.WriteFile(file, next, 0o600))
		return sound
	}
	put(0)
	s := start(t, "--rules", file, "--watch", "10h")
	valid := sync.Map{}
	active := func() string {
		_, body := s.send(http.MethodGet, "/readyz", "", "")
		var r struct{ Active string }
		require.NoError(t, json.Unmarshal([]byte(body), &r))
		return r.Active
	}
	valid.Store(active(), true)

	var stop atomic.Bool
	var asked, failed, strange atomic.Int64
	var hashes sync.Map
	var clients sync.WaitGroup
	for c := range 16 {
		clients.Go(func() {
			for i := 0; !stop.Load(); i++ {
				query := ""
				if i%4 == 0 {
					query = "?record=1"
				}
				resp, body, err := s.try(http.MethodPost, "/v1/questions/lending.fee/ask"+query, "application/json", fmt.Sprintf(`{"reader":"R%d","kind":"book","before":%d}`, c, i%9))
				asked.Add(1)
				var a struct{ Rulebook struct{ SHA256 string } }
				switch {
				case err != nil || resp.StatusCode >= 300:
					failed.Add(1)
				case json.Unmarshal([]byte(body), &a) != nil || a.Rulebook.SHA256 == "":
					strange.Add(1)
				default:
					hashes.Store(a.Rulebook.SHA256, true)
				}
			}
		})
	}
	broken := 0
	for i := 1; i <= reloads; i++ {
		before := active()
		sound := put(i)
		resp, body := s.send(http.MethodPost, "/v1/rules/reload", "", "")
		if !sound {
			broken++
			assert.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
			assert.Equal(t, before, active(), "the old rules stay")
			continue
		}
		require.Equal(t, http.StatusOK, resp.StatusCode, body)
		valid.Store(active(), true)
		assert.NotEqual(t, before, active())
	}
	stop.Store(true)
	clients.Wait()
	used := 0
	hashes.Range(func(hash, _ any) bool {
		_, ok := valid.Load(hash)
		assert.True(t, ok, "an answer by rules that never were valid: %v", hash)
		used++
		return true
	})
	t.Logf("%d reloads, %d of them broken; %d questions asked, answered by %d rulebooks", reloads, broken, asked.Load(), used)
	assert.Zero(t, failed.Load(), "failed requests")
	assert.Zero(t, strange.Load())
	assert.Greater(t, used, 5)
	assert.Equal(t, reloads/3, broken)
	_, body := s.send(http.MethodPost, "/v1/decisions/verify", "", "")
	assert.Contains(t, body, `"ok":true`, "each by the rules of its time")
}

// A changed file is taken up by itself; a broken one leaves a warning until
// it is mended.
func TestWatchedFile(t *testing.T) {
	noGoroutines(t)
	text, err := os.ReadFile("record/testdata/rules.yaml")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	s := start(t, "--rules", file, "--watch", "10ms")
	ready := func(lang string) string {
		resp, body := s.send(http.MethodGet, "/readyz", "", "", "Accept-Language", lang)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		return body
	}
	assert.Contains(t, ready("en"), `"status":"ready"`)
	replace := func(data []byte) { // as editors do: another file under the name
		other := file + ".new"
		require.NoError(t, os.WriteFile(other, data, 0o600))
		require.NoError(t, os.Rename(other, file))
	}
	eventually := func(want string) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(ready("en"), want) }, time.Minute, 10*time.Millisecond, want)
	}
	replace(bytes.Replace(text, []byte("type: word"), []byte("type: wrd"), 1))
	eventually(`"status":"warning"`)
	assert.Contains(t, ready("en"), `did you mean word?`)
	assert.Contains(t, ready("zh"), `没有类型`)
	_, metrics := s.send(http.MethodGet, "/metrics", "", "")
	assert.Contains(t, metrics, "rulebook_rules_stale 1")
	assert.Contains(t, s.stderr.String(), "rules not loaded")
	resp, body := s.send(http.MethodPost, "/v1/questions/lending.fee/ask", "application/json", `{"reader":"R","kind":"book"}`)
	assert.Equal(t, http.StatusOK, resp.StatusCode, body)
	replace(append(slices.Clone(text), "# mended\n"...))
	eventually(`"status":"ready"`)
	require.NoError(t, os.Remove(file))
	eventually(`"reason":"unreadable"`)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	s.reload <- os.Interrupt // whichever signal it is
	eventually(`"status":"ready"`)
}

// Requests in flight finish when the server ends, streams are brought to an
// end, and nothing is left behind.
func TestShutdown(t *testing.T) {
	noGoroutines(t)
	s := start(t)
	in, out := io.Pipe()
	req, err := http.NewRequest(http.MethodPost, s.url+askPath+"-many?record=1", in)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/jsonl")
	go func() { _, _ = io.WriteString(out, install+"\n"+install+"\n") }()
	resp, err := s.client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	for range 2 {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		assert.Contains(t, line, `"verdict":"late"`)
	}
	s.end()
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	assert.Contains(t, line, `{"line":3,"problem":{"type":"urn:rulebook:problem:stopping"`)
	_, err = lines.ReadString('\n')
	require.ErrorIs(t, err, io.EOF, "and not cut off")
	_ = out.Close()
	s.stop()
	_, _, err = s.try(http.MethodGet, "/healthz", "", "")
	require.Error(t, err)
}

// Answers of a stream come while it is still being sent.
func TestStream(t *testing.T) {
	noGoroutines(t)
	s := start(t)
	in, out := io.Pipe()
	req, err := http.NewRequest(http.MethodPost, s.url+askPath+"-many", in)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-ndjson")
	go func() { _, _ = io.WriteString(out, install+"\n") }()
	resp, err := s.client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	const many = 3000
	go func() {
		for i := range many {
			text := install + "\n"
			switch i % 10 {
			case 3:
				text = "\n" // passed over
			case 5:
				text = "nonsense\n"
			case 7:
				text = strings.Repeat("x", 70<<10) + "\n"
			}
			if _, err := io.WriteString(out, text); err != nil {
				return
			}
		}
		_, _ = io.WriteString(out, install) // the last line need not end
		_ = out.Close()
	}()
	good, bad, large := 0, 0, 0
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch {
		case line == first:
			good++
		case strings.Contains(line, "json_syntax"):
			assert.True(t, strings.HasPrefix(line, fmt.Sprintf(`{"line":%d,`, bad*10+7)), line)
			bad++
		case strings.Contains(line, "too_large"):
			assert.True(t, strings.HasPrefix(line, fmt.Sprintf(`{"line":%d,`, large*10+9)), line)
			large++
		default:
			t.Fatal(line)
		}
	}
	assert.Equal(t, many*7/10+1, good)
	assert.Equal(t, many/10, bad)
	assert.Equal(t, many/10, large)
}

// A retry gets the first record, also when the rules have changed meanwhile.
func TestRetries(t *testing.T) {
	text, err := os.ReadFile("record/testdata/rules.yaml")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	s := start(t, "--rules", file, "--watch", "10h")
	ask := func(facts, key string) (*http.Response, string) {
		return s.send(http.MethodPost, "/v1/questions/lending.fee/ask?record=1", "application/json", facts, "Idempotency-Key", key)
	}
	const facts = `{"reader":"R","kind":"book"}`
	first, answer := ask(facts, "a")
	assert.Equal(t, http.StatusCreated, first.StatusCode)
	require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(text, []byte("amount: 5"), []byte("amount: 10")), 0o600))
	resp, body := s.send(http.MethodPost, "/v1/rules/reload", "", "")
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	again, body := ask(facts, "a")
	assert.Equal(t, http.StatusOK, again.StatusCode)
	assert.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))
	assert.Equal(t, first.Header.Get("Location"), again.Header.Get("Location"))
	assert.Equal(t, answer, body)
	other, body := ask(`{"reader":"S","kind":"book"}`, "a")
	assert.Equal(t, http.StatusUnprocessableEntity, other.StatusCode)
	assert.Contains(t, body, "key_reused")
	fresh, body := ask(facts, "b")
	assert.Equal(t, http.StatusCreated, fresh.StatusCode)
	assert.NotEqual(t, answer, body, "new rules")
	old, body := s.send(http.MethodGet, "/v1/rules/"+rulesOf(t, answer), "", "")
	assert.Equal(t, http.StatusOK, old.StatusCode)
	assert.Equal(t, string(text), body, "the rules of a past decision can still be read")
}

func rulesOf(t *testing.T, answer string) string {
	t.Helper()
	var a struct{ Rulebook struct{ SHA256 string } }
	require.NoError(t, json.Unmarshal([]byte(answer), &a))
	return a.Rulebook.SHA256
}
