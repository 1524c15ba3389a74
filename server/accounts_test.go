package server

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

const sentence = "a long sentence to remember"

// visitor is a browser without scripts: it keeps cookies, and says what browsers
// say of where a form comes from.
type visitor struct {
	*running
	cookies map[string]*http.Cookie
	header  []string
}

func (r *running) visitor() *visitor { return &visitor{running: r, cookies: map[string]*http.Cookie{}} }

// go1 sends one request and follows nothing.
func (v *visitor) go1(method, path string, form url.Values) (*http.Response, string) {
	v.t.Helper()
	req, err := http.NewRequest(method, v.url+path, strings.NewReader(form.Encode()))
	require.NoError(v.t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	for i := 0; i+1 < len(v.header); i += 2 {
		req.Header.Set(v.header[i], v.header[i+1])
	}
	for _, c := range v.cookies {
		req.AddCookie(c)
	}
	resp, err := v.client.Transport.RoundTrip(req)
	require.NoError(v.t, err)
	for _, c := range resp.Cookies() {
		v.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return resp, bodyOf(v.t, resp)
}

func (v *visitor) get(path string) (int, string) {
	resp, body := v.go1(http.MethodGet, path, nil)
	return resp.StatusCode, body
}

// goes sends a form and is where it leads to, "" where the page comes again.
func (v *visitor) goes(path string, pairs ...string) (to, body string, status int) {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	resp, body := v.go1(http.MethodPost, path, form)
	return resp.Header.Get("Location"), body, resp.StatusCode
}

var linkPath = regexp.MustCompile(`/link/[A-Z2-7]{26}`)

// withAccounts is a server with its first account, which is signed in.
func withAccounts(t *testing.T, args ...string) (s *running, operator *visitor) {
	t.Helper()
	s = start(t, append([]string{"--accounts", "--verbose"}, args...)...)
	require.Eventually(t, func() bool { return linkPath.MatchString(s.stderr.String()) }, 10e9, 1e6)
	operator = s.visitor()
	to, body, _ := operator.goes(linkPath.FindString(s.stderr.String()), "account", "op", "name", "王 五", "password", sentence, "again", sentence)
	require.Equal(t, "/account", to, body)
	return s, operator
}

// person makes an account and signs it in.
func person(t *testing.T, s *running, operator *visitor, id, name string, roles ...string) *visitor {
	t.Helper()
	form := []string{"account", id, "name", name}
	for _, role := range roles {
		form = append(form, "role", role)
	}
	_, body, status := operator.goes("/people", form...)
	require.Equal(t, http.StatusOK, status, body)
	link := linkPath.FindString(body)
	require.NotEmpty(t, link, body)
	v := s.visitor()
	code, page := v.get(link)
	require.Equal(t, http.StatusOK, code, page)
	to, body, _ := v.goes(link, "password", sentence+" of "+id[:1], "again", sentence+" of "+id[:1])
	require.Equal(t, "/account", to, body)
	return v
}

// Who sends a form after his session is over is told how not to lose what he wrote:
// signed in in another window, he has his browser send it again.
func TestFormsOutliveSessions(t *testing.T) {
	s, operator := withAccounts(t)
	editor := person(t, s, operator, "li.wei", "李 伟", "editor")
	_, page := editor.get("/rules/changes/new")
	base := regexp.MustCompile(`name="base" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	require.NotNil(t, base)
	written := []string{"title", "written for an hour", "why", "because", "text", "rulebook: {}\n", "base", base[1]}
	editor.goes("/sign-out")
	to, page, status := editor.goes("/rules/changes/new", written...)
	assert.Empty(t, to)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Contains(t, page, `href="/sign-in?next=/account" target="_blank" rel="noopener"`)
	assert.Contains(t, page, "load it again")
	to, _, _ = editor.goes("/sign-in", "account", "li.wei", "password", sentence+" of l")
	assert.Equal(t, "/", to)
	to, page, _ = editor.goes("/rules/changes/new", written...)
	assert.Equal(t, "/rules/changes/1", to, page)
}

// From the first start to people who sign in, out and are locked.
func TestAccounts(t *testing.T) {
	s, operator := withAccounts(t)
	link := linkPath.FindString(s.stderr.String())
	code, body := s.visitor().get(link)
	assert.Equal(t, http.StatusGone, code, "good once")
	assert.NotContains(t, body, "dd0599", "a stranger learns nothing of the rules")

	// Who is not known is led to where one signs in, and back.
	stranger := s.visitor()
	resp, _ := stranger.go1(http.MethodGet, "/decisions?says=x", nil)
	assert.Equal(t, http.StatusSeeOther, resp.StatusCode)
	assert.Equal(t, "/sign-in?next=%2Fdecisions%3Fsays%3Dx", resp.Header.Get("Location"))
	code, body = stranger.get("/sign-in?next=%2Fdecisions%3Fsays%3Dx")
	assert.Equal(t, http.StatusOK, code)
	assert.Contains(t, body, `name="next" value="/decisions?says=x"`)
	assert.NotRegexp(t, `data-rules="[0-9a-f]+"`, body)
	assert.NotContains(t, body, `<nav class="menu"`)
	for _, header := range [][]string{{"Sec-Fetch-Mode", "cors"}} {
		x := &visitor{running: s, cookies: map[string]*http.Cookie{}, header: header}
		resp, _ := x.go1(http.MethodGet, "/banner", nil)
		assert.Equal(t, http.StatusUnauthorized, resp.StatusCode, "a script is not led elsewhere")
		assert.Empty(t, resp.Header.Get("WWW-Authenticate"), "and the browser asks nobody")
	}
	resp, _ = s.send(http.MethodGet, "/v1/questions", "", "")
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	assert.Contains(t, resp.Header.Get("WWW-Authenticate"), "Bearer")

	clerk := person(t, s, operator, "li.wei", "李 伟", "clerk")
	for path, want := range map[string]int{"/decisions": 200, "/ask/time_limit.request": 200, "/people": 403, "/access": 403, "/rules/draft": 403, "/account": 200} {
		code, body := clerk.get(path)
		assert.Equal(t, want, code, path)
		assert.Contains(t, body, "李 伟")
	}
	for _, next := range []string{"", "//evil.example", "https://evil.example/", `/\evil.example`, "evil", "/\tx", "javascript:x", "/sign-out", "/nothing", "/rules/changes/1/steps"} {
		to, _, _ := s.visitor().goes("/sign-in", "account", "li.wei", "password", sentence+" of l", "next", next)
		assert.Equal(t, "/", to, next)
	}
	to, _, _ := s.visitor().goes("/sign-in", "account", "li.wei", "password", sentence+" of l", "next", "/decisions?says=x")
	assert.Equal(t, "/decisions?says=x", to)

	// Cookies: no script reads them, and each signing in gives another.
	session := clerk.cookies["session"]
	require.NotNil(t, session)
	assert.True(t, session.HttpOnly)
	assert.Equal(t, http.SameSiteLaxMode, session.SameSite)
	assert.False(t, session.Secure)
	fixed := s.visitor()
	fixed.cookies["session"] = &http.Cookie{Name: "session", Value: session.Value}
	_, _, _ = fixed.goes("/sign-in", "account", "op", "password", sentence)
	assert.NotEqual(t, session.Value, fixed.cookies["session"].Value)
	code, _ = clerk.get("/account")
	assert.Equal(t, http.StatusSeeOther, code, "the session that was there ends: whoever set it is not signed in")

	clerk = s.visitor()
	_, _, _ = clerk.goes("/sign-in", "account", "li.wei", "password", sentence+" of l")
	copied := *clerk.cookies["session"]
	to, _, _ = clerk.goes("/sign-out")
	assert.Equal(t, "/sign-in", to)
	assert.Nil(t, clerk.cookies["session"])
	clerk.cookies["session"] = &copied
	code, _ = clerk.get("/account")
	assert.Equal(t, http.StatusSeeOther, code, "signed out is out on the server")

	// Roles and locks hold at once.
	clerk = s.visitor()
	_, _, _ = clerk.goes("/sign-in", "account", "li.wei", "password", sentence+" of l")
	_, body, _ = operator.goes("/people/li.wei", "_do", "change", "name", "李 伟", "role", "viewer", "role", "auditor")
	assert.Contains(t, body, `id="done"`)
	code, _ = clerk.get("/access")
	assert.Equal(t, http.StatusOK, code)
	_, body, _ = operator.goes("/people/li.wei", "_do", "lock")
	assert.Contains(t, body, "locked")
	code, _ = clerk.get("/access")
	assert.Equal(t, http.StatusSeeOther, code)
	_, body, status := clerk.goes("/sign-in", "account", "li.wei", "password", sentence+" of l")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "The account or the password is wrong")
	assert.NotContains(t, body, sentence, "no password comes back")
	assert.Contains(t, body, `value="li.wei"`)
	_, body, status = operator.goes("/people/op", "_do", "lock")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "Nobody who can manage accounts would be left")
	for _, x := range [][]string{{"account", "li.wei", "name", "x", "role", "viewer"}, {"account", "Li", "name", "x", "role", "viewer"}, {"account", "x", "name", "x"}, {"account", "x", "name", "x", "role", "boss"}} {
		_, body, status = operator.goes("/people", x...)
		assert.Equal(t, http.StatusUnprocessableEntity, status, x)
		assert.Contains(t, body, `id="refused"`)
	}
	for _, path := range []string{"/people/nobody"} {
		code, _ = operator.get(path)
		assert.Equal(t, http.StatusNotFound, code)
		_, _, status = operator.goes(path, "_do", "link")
		assert.Equal(t, http.StatusNotFound, status)
	}

	// Another password ends what is signed in elsewhere, and goes on here.
	elsewhere := s.visitor()
	_, _, _ = elsewhere.goes("/sign-in", "account", "op", "password", sentence)
	_, body, status = operator.goes("/account", "present", sentence, "password", "quite another sentence", "again", "quite other")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "not written twice the same")
	to, _, _ = operator.goes("/account", "present", sentence, "password", "quite another sentence", "again", "quite another sentence")
	assert.Equal(t, "/account?changed=1", to)
	code, _ = operator.get("/people")
	assert.Equal(t, http.StatusOK, code)
	code, _ = elsewhere.get("/people")
	assert.Equal(t, http.StatusSeeOther, code)

	// Too many that are wrong wait, with how long.
	wrong := s.visitor()
	for range 5 {
		_, _, status = wrong.goes("/sign-in", "account", "nobody", "password", "wrong")
		assert.Equal(t, http.StatusUnprocessableEntity, status)
	}
	resp, body = wrong.go1(http.MethodPost, "/sign-in", url.Values{"account": {"nobody"}, "password": {"wrong"}})
	assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	assert.NotEmpty(t, resp.Header.Get("Retry-After"))
	assert.Contains(t, body, "Too many attempts")

	log := s.stderr.String()
	for _, secret := range []string{sentence, "another sentence", copied.Value, "李 伟", "says=x"} {
		assert.NotContains(t, log, secret)
	}
	assert.Equal(t, 1, strings.Count(log, "/link/")-strings.Count(log, "/link/{key}"), "but for the link that was printed")
}

// No other site can have a browser sign in, sign out or do anything with
// accounts.
func TestOtherSitesAndAccounts(t *testing.T) {
	s, operator := withAccounts(t)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"}} {
		operator.header = header
		for _, x := range [][]string{
			{"/sign-in", "account", "op", "password", sentence}, {"/sign-out"}, {"/people", "account", "evil", "name", "E", "role", "operator"}, {"/people/op", "_do", "link"},
			{"/account", "present", sentence, "password", "quite another sentence", "again", "quite another sentence"}, {"/link/" + strings.Repeat("A", 26), "password", sentence, "again", sentence},
		} {
			to, body, status := operator.goes(x[0], x[1:]...)
			assert.Equal(t, http.StatusForbidden, status, "%v %v", header, x)
			assert.Empty(t, to)
			assert.Contains(t, body, "another site")
		}
	}
	operator.header = nil
	code, body := operator.get("/people")
	assert.Equal(t, http.StatusOK, code, "still signed in, by the same password")
	assert.NotContains(t, body, "evil")
	_, _, status := s.visitor().goes("/sign-in", "account", "op", "password", sentence)
	assert.Equal(t, http.StatusSeeOther, status)
	for _, path := range []string{"/sign-out", "/people?account=evil&name=E&role=operator"} { // nothing is done by looking
		_, _ = operator.get(path)
	}
	code, body = operator.get("/people")
	assert.Equal(t, http.StatusOK, code)
	assert.NotContains(t, body, ">evil<")
}

// By TLS the cookies are for this very host, and never sent without it.
func TestCookiesByTLS(t *testing.T) {
	_, operator := withAccounts(t, "--behind-proxy")
	for _, name := range []string{"__Host-session", "__Host-device"} {
		c := operator.cookies[name]
		require.NotNil(t, c, name)
		assert.True(t, c.Secure && c.HttpOnly && c.Path == "/" && c.Domain == "" && c.SameSite == http.SameSiteLaxMode, name)
	}
	code, _ := operator.get("/people")
	assert.Equal(t, http.StatusOK, code)
}

// A token that names a person may no more than he may, ends with his account, and
// is him: what he did signed in and what was done with the token was one person.
func TestTokensOfPeople(t *testing.T) {
	db := filepath.Join(t.TempDir(), "people.db")
	secret, line, err := door.NewToken("script", "clerk,decider,operator", "person=li.wei")
	require.NoError(t, err)
	nobody, nobodyLine, err := door.NewToken("nobody", "clerk", "person=not.there")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte(line+"\n"+nobodyLine+"\n"), 0o600))
	s, operator := withAccounts(t, "--token-file", file, "--db", db)
	by := []string{"Authorization", "Bearer " + secret}
	resp, _ := s.ask("?record=1", install, by...)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode, "there is no such account yet")
	resp, _ = s.ask("", install, "Authorization", "Bearer "+nobody)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	v := person(t, s, operator, "li.wei", "李 伟", "clerk", "decider")
	resp, body := s.ask("?record=1", install, by...)
	require.Equal(t, http.StatusCreated, resp.StatusCode, body)
	id := resp.Header.Get("Decision-Id")
	resp, _ = s.send(http.MethodGet, "/metrics", "", "", by...)
	assert.Equal(t, http.StatusForbidden, resp.StatusCode, "the token says operator, but he is none")

	resp, body = s.send(http.MethodPost, "/v1/decisions/"+id+"/steps", "application/json", `{"kind":"decision","by":"Wang","outcome":"otherwise","reason":"x"}`, by...)
	assert.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, body)
	assert.Contains(t, body, "not_yourself")
	code, page := v.get("/decisions/" + id)
	require.Equal(t, http.StatusOK, code)
	assert.Contains(t, page, "Decided by: <strong>李 伟</strong>")
	to, body, _ := v.goes("/decisions/"+id+"/steps", "_kind", "decision", "_outcome", "otherwise", "_reason", "as said")
	require.Equal(t, "/decisions/"+id+"#steps", to, body)
	_, body, _ = operator.goes("/people/li.wei", "_do", "lock")
	assert.Contains(t, body, "locked")
	resp, _ = s.ask("", install, by...)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode, "a lock ends his tokens, too")
	s.stop()

	store, err := record.Open(t.Context(), db, record.Options{ReadOnly: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	e, err := store.Get(t.Context(), id)
	require.NoError(t, err)
	of, err := e.Decode()
	require.NoError(t, err)
	steps, err := store.Steps(t.Context(), e)
	require.NoError(t, err)
	require.Len(t, steps, 1)
	assert.Equal(t, []string{"李 伟", "li.wei", people.ByPassword, "li.wei"}, []string{steps[0].By, steps[0].Caller, steps[0].How, steps[0].Person})
	assert.Equal(t, &people.Who{Name: "script", How: people.ByToken, Person: "li.wei"}, of.RecordedBy)
	assert.False(t, people.Different(of.RecordedBy.Person, steps[0].Person))
	assert.NotContains(t, string(e.Body), "李 伟", "what may have to be erased is not in the chain of records")
}

// Accounts from the command line, and in a backup.
func TestPeopleCommand(t *testing.T) {
	db := filepath.Join(t.TempDir(), "cli.db")
	do := func(args ...string) (int, string, string) {
		var o, e output
		code := run(t.Context(), append(args, "--db", db), &o, &e, nil)
		return code, o.String(), e.String()
	}
	code, _, errs := do("people")
	assert.Equal(t, exitTrouble, code)
	assert.Contains(t, errs, "people first")
	code, out, _ := do("people", "first", "--host", "rules.example.org", "--behind-proxy")
	assert.Equal(t, exitFine, code)
	assert.Regexp(t, `^https://rules\.example\.org/link/[A-Z2-7]{26}\n`, out)
	s := start(t, "--db", db, "--accounts")
	require.Eventually(t, func() bool { return linkPath.MatchString(s.stderr.String()) }, 10e9, 1e6)
	v := s.visitor()
	gone, _ := v.get(linkPath.FindString(out))
	assert.Equal(t, http.StatusGone, gone, "a later one took its place")
	to, body, _ := v.goes(linkPath.FindString(s.stderr.String()), "account", "op", "name", "Op", "password", sentence, "again", sentence)
	require.Equal(t, "/account", to, body)
	code, out, errs = do("people", "add", "li.wei", "--name", "李 伟", "--role", "clerk,decider")
	require.Equal(t, exitFine, code, errs)
	assert.Contains(t, out, "The link is for li.wei,")
	link := linkPath.FindString(out)
	to, body, _ = s.visitor().goes(link, "password", sentence, "again", sentence)
	assert.Equal(t, "/account", to, body)
	code, out, _ = do("people")
	assert.Equal(t, exitFine, code)
	assert.Equal(t, "li.wei\t李 伟\tclerk,decider\nop\tOp\tviewer,operator\n", out)
	for _, x := range []struct {
		code int
		says string
		args []string
	}{
		{exitFine, "", []string{"people", "change", "li.wei", "--role", "viewer"}}, {exitFine, "", []string{"people", "lock", "li.wei"}}, {exitFine, "", []string{"people", "unlock", "li.wei"}},
		{exitTrouble, "the account has no identity at a provider", []string{"people", "detach", "li.wei"}}, {exitTrouble, "no such account", []string{"people", "detach", "nobody"}}, {exitUsage, "write people", []string{"people", "detach"}},
		{exitTrouble, "nobody who can manage", []string{"people", "lock", "op"}}, {exitTrouble, "no such account", []string{"people", "link", "nobody"}},
		{exitTrouble, "there is somebody", []string{"people", "first"}}, {exitUsage, "write people", []string{"people", "add"}}, {exitUsage, "write people", []string{"people", "nonsense"}}, {exitUsage, "is too much", []string{"people", "add", "a", "b"}}, {exitUsage, "say what to change", []string{"people", "change", "op"}},
		{exitUsage, "write people", []string{"people", "first", "x"}}, {exitTrouble, "no role", []string{"people", "add", "x", "--name", "X"}}, {exitTrouble, "there is an account", []string{"people", "add", "op", "--name", "X", "--role", "viewer"}},
	} {
		code, _, errs := do(x.args...)
		assert.Equal(t, x.code, code, "%v: %s", x.args, errs)
		assert.Contains(t, errs, x.says, "%v", x.args)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	code, out, errs = do("backup", copied)
	require.Equal(t, exitFine, code, errs)
	assert.Contains(t, out, "2 accounts")
	s.stop()

	// Who leaves --accounts out does not let everybody in unaware.
	code, _, errs = do("serve", "--addr", "127.0.0.1:0")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "--accounts")
	again := start(t, "--db", copied, "--accounts")
	_, _, status := again.visitor().goes("/sign-in", "account", "op", "password", sentence)
	assert.Equal(t, http.StatusSeeOther, status)
	assert.NotContains(t, again.stderr.String(), "/link/", "there is somebody who manages accounts")
}
