package server

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/idp"
	"github.com/servicerules/rulebook/server/provider"
)

// providerFile is a file about an identity provider of a test.
func providerFile(t *testing.T, p *idp.IDP, more string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte(idp.Secret+"\n"), 0o600))
	file := filepath.Join(dir, "oidc.yaml")
	require.NoError(t, os.WriteFile(file, []byte("issuer: "+p.URL+"\nclient_id: "+idp.ClientID+"\nclient_secret_file: secret\naddress: http://localhost:8080\ncalled: {zh: 单位账户, en: the office}\n"+more), 0o600))
	return file
}

// comesBack goes to the provider from an address of the server, and comes back: where
// to, and what stands there.
func (v *visitor) comesBack(p *idp.IDP, person map[string]any, at string) (to, body string, status int, back string) {
	v.t.Helper()
	resp, body := v.go1(http.MethodGet, at, nil)
	require.Equal(v.t, http.StatusSeeOther, resp.StatusCode, body)
	p.Lock()
	p.Person = person
	p.Unlock()
	req, err := http.NewRequest(http.MethodGet, resp.Header.Get("Location"), nil)
	require.NoError(v.t, err)
	resp, err = v.client.Transport.RoundTrip(req)
	require.NoError(v.t, err)
	text := bodyOf(v.t, resp)
	require.Equal(v.t, http.StatusFound, resp.StatusCode, text)
	u, err := resp.Location()
	require.NoError(v.t, err)
	v.header = []string{"Sec-Fetch-Site", "cross-site"}
	defer func() { v.header = nil }()
	resp, body = v.go1(http.MethodGet, u.RequestURI(), nil)
	return resp.Header.Get("Location"), body, resp.StatusCode, u.RequestURI()
}

// From a group of the provider to a change of the rules that takes two people, who
// are two whichever way they sign in.
func TestSignInAtTheProvider(t *testing.T) {
	p := idp.Start(t)
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules.yaml")
	text, err := os.ReadFile("record/testdata/rules.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(rules, text, 0o600))
	s, operator := withAccounts(t, "--rules", rules, "--oidc", providerFile(t, p, "roles:\n  writers: [editor]\n  heads: [editor, approver]\ncreate: true\n"))
	li := map[string]any{"sub": "u-1", "name": "李 伟", "preferred_username": "li.wei", "groups": []string{"heads"}}
	zhang := map[string]any{"sub": "u-2", "name": "张 敏", "preferred_username": "zhang.min", "groups": []string{"heads"}}

	v := s.visitor()
	_, page := v.get("/sign-in?next=/rules/changes")
	assert.Contains(t, page, `href="/sign-in/provider?next=%2frules%2fchanges"`)
	assert.Contains(t, page, "Sign in by the office")
	to, page, _, back := v.comesBack(p, li, "/sign-in/provider?next=/rules/changes")
	require.Equal(t, "/rules/changes", to, page)
	session := v.cookies["session"]
	require.NotNil(t, session)
	assert.True(t, session.HttpOnly)
	assert.Nil(t, v.cookies["attempt"], "what was kept is gone")
	code, page := v.get("/account")
	assert.Equal(t, http.StatusOK, code)
	assert.Contains(t, page, "李 伟")
	assert.Contains(t, page, "signed in at the identity provider")
	assert.NotContains(t, page, `id="change"`, "there is no password to change")
	code, page = v.get(back)
	assert.Equal(t, http.StatusUnprocessableEntity, code, "an answer is good once")
	assert.Contains(t, page, "This attempt was used")
	assert.NotContains(t, page, "state=", "nothing of it stands on the page")
	code, _ = v.get("/account")
	assert.Equal(t, http.StatusOK, code, "and the session goes on")

	// He proposes; neither signed in at the provider nor by a password of the same
	// account can he approve; another person can.
	post := func(v *visitor, path, body string) (int, string) {
		t.Helper()
		resp, text := s.send(http.MethodPost, path, "application/json", body, "Cookie", "session="+v.cookies["session"].Value, "Sec-Fetch-Site", "same-origin")
		return resp.StatusCode, text
	}
	draft := strings.Replace(string(text), "{from: 1, amount: 5}", "{from: 1, amount: 20}", 1)
	resp, body := s.send(http.MethodPost, "/v1/changes?title=twenty&why=as+decided", "application/yaml", draft, "Cookie", "session="+session.Value, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusCreated, resp.StatusCode, body)
	sum := fmt.Sprintf(`,"sha256":"%x"}`, sha256.Sum256([]byte(draft)))
	status, body := post(v, "/v1/changes/1/steps", `{"kind":"proposed"`+sum)
	require.Equal(t, http.StatusOK, status, body)
	assert.Contains(t, body, `"how":"oidc"`)
	assert.Contains(t, body, `"person":"li.wei"`)
	status, body = post(v, "/v1/changes/1/steps", `{"kind":"approved"`+sum)
	assert.Equal(t, http.StatusConflict, status, body)
	assert.Contains(t, body, "same_person")
	_, body, _ = operator.goes("/people/li.wei", "_do", "link")
	local := s.visitor()
	to, body, _ = local.goes(linkPath.FindString(body), "password", sentence+" too", "again", sentence+" too")
	require.Equal(t, "/account", to, body)
	status, body = post(local, "/v1/changes/1/steps", `{"kind":"approved"`+sum)
	assert.Equal(t, http.StatusConflict, status, body)
	assert.Contains(t, body, "same_person")
	other := s.visitor()
	to, page, _, _ = other.comesBack(p, zhang, "/sign-in/provider")
	require.Equal(t, "/", to, page)
	status, body = post(other, "/v1/changes/1/steps", `{"kind":"approved"`+sum)
	assert.Equal(t, http.StatusOK, status, body)

	// Whoever takes the name of an account of this server gets nothing of it.
	evil := s.visitor()
	for _, name := range []string{"op", "OP", "op@evil.example", "li.wei"} {
		_, page, status, _ = evil.comesBack(p, map[string]any{"sub": "u-9", "preferred_username": name, "groups": []string{"heads"}}, "/sign-in/provider")
		assert.Equal(t, http.StatusUnprocessableEntity, status)
		assert.Contains(t, page, "it has not this identity", name)
		assert.Nil(t, evil.cookies["session"])
	}
	_, page, status, _ = evil.comesBack(p, map[string]any{"sub": "u-9", "preferred_username": "evil", "groups": []string{"operator"}}, "/sign-in/provider")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, page, "gives you no role")
	long := "/decisions?q=" + strings.Repeat("a", 2900)
	to, _, _, _ = other.comesBack(p, zhang, "/sign-in/provider?next="+url.QueryEscape(long))
	assert.Equal(t, long, to)
	for _, next := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "/sign-in/provider?link=x", "/x/../sign-in/provider?link=x", "/sign%2din/provider", provider.BackPath, long + strings.Repeat("a", 100)} {
		to, _, _, _ = other.comesBack(p, zhang, "/sign-in/provider?next="+url.QueryEscape(next))
		assert.Equal(t, "/", to)
	}

	// A group that is taken away is no role any more from the next time on; a lock
	// holds at once.
	_, _, status, _ = other.comesBack(p, map[string]any{"sub": "u-2", "groups": []string{"writers"}}, "/sign-in/provider")
	assert.Equal(t, http.StatusSeeOther, status)
	status, body = post(other, "/v1/changes/1/steps", `{"kind":"refused","reason":"x"`+sum)
	assert.Equal(t, http.StatusForbidden, status, body)
	_, _, _ = operator.goes("/people/zhang.min", "_do", "lock")
	code, _ = other.get("/account")
	assert.Equal(t, http.StatusSeeOther, code)
	_, page, status, _ = other.comesBack(p, zhang, "/sign-in/provider")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, page, "The account is locked")

	// Signed out here, he is told where to sign out there.
	to, _, _, _ = v.comesBack(p, li, "/sign-in/provider")
	require.Equal(t, "/", to)
	session = v.cookies["session"]
	to, _, _ = v.goes("/sign-out")
	assert.Equal(t, "/sign-in?out=1", to)
	_, page = v.get(to)
	assert.Contains(t, page, `href="`+p.URL+`/end?client_id=rulebook&amp;post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fsign-in"`)
	v.cookies["session"] = session
	code, _ = v.get("/account")
	assert.Equal(t, http.StatusSeeOther, code, "signed out is out on the server")

	// Another browser, another site and a token that was exchanged on the way.
	stranger := s.visitor()
	code, page = stranger.get(back)
	assert.Equal(t, http.StatusUnprocessableEntity, code)
	assert.Contains(t, page, "This attempt was used")
	p.Lock()
	p.Lie = func(claims map[string]any) { claims["aud"] = "another" }
	p.Unlock()
	_, page, status, _ = stranger.comesBack(p, li, "/sign-in/provider")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, page, "not to be believed")
	p.Lock()
	p.Lie, p.Instead = nil, func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	p.Unlock()
	code, _ = stranger.get("/sign-in/provider/back?error=server_error&state=x")
	assert.Equal(t, http.StatusUnprocessableEntity, code)
	for range 40 {
		code, _ = stranger.get(back)
		assert.Equal(t, http.StatusUnprocessableEntity, code, "what any site can have a browser ask for uses up nothing")
	}
	for range 30 {
		stranger.cookies["attempt"] = &http.Cookie{Name: "attempt", Value: "x"}
		code, page = stranger.get(back)
		if code == http.StatusTooManyRequests {
			break
		}
	}
	assert.Equal(t, http.StatusTooManyRequests, code)
	assert.Contains(t, page, "Too many attempts")

	log := s.stderr.String()
	for _, secret := range []string{idp.Secret, session.Value, "李 伟", "code=", "state="} {
		assert.NotContains(t, log, secret)
	}
	assert.Contains(t, log, "not believed")
}

// Where accounts are made here, a person comes into his by a one-time link, and
// roles are those that were given here.
func TestAccountsOfTheProviderByLink(t *testing.T) {
	p := idp.Start(t)
	s, operator := withAccounts(t, "--oidc", providerFile(t, p, ""))
	sun := map[string]any{"sub": "u-7", "name": "孙 丽", "preferred_username": "sun.li", "groups": []string{"operator"}}
	v := s.visitor()
	_, page, status, _ := v.comesBack(p, sun, "/sign-in/provider")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, page, "There is no account of yours here")
	_, body, _ := operator.goes("/people", "account", "sun.li", "name", "孙 丽", "role", "clerk")
	link := linkPath.FindString(body)
	require.NotEmpty(t, link)
	code, page := v.get(link)
	require.Equal(t, http.StatusOK, code)
	assert.Contains(t, page, `href="/sign-in/provider?link=`+strings.TrimPrefix(link, "/link/")+`&amp;next=/account"`)
	begin := "/sign-in/provider?next=/account&link=" + strings.TrimPrefix(link, "/link/")
	for _, site := range []string{"cross-site", "same-site", "none"} { // as from another page, or a message
		v.header = []string{"Sec-Fetch-Site", site}
		resp, _ := v.go1(http.MethodGet, begin, nil)
		assert.Equal(t, link, resp.Header.Get("Location"), "whose link it is, is seen first")
		assert.Nil(t, v.cookies["attempt"])
	}
	v.header = nil
	to, page, _, _ := v.comesBack(p, sun, begin)
	require.Equal(t, "/account", to, page)
	code, page = v.get("/ask/time_limit.request")
	assert.Equal(t, http.StatusOK, code)
	assert.Contains(t, page, "孙 丽")
	code, _ = v.get("/people")
	assert.Equal(t, http.StatusForbidden, code, "groups say nothing here")
	code, _ = v.get(link)
	assert.Equal(t, http.StatusGone, code)
	_, page = operator.get("/people")
	assert.NotContains(t, page, "no password chosen yet")
	v = s.visitor()
	to, page, _, _ = v.comesBack(p, sun, "/sign-in/provider?next=/decisions")
	assert.Equal(t, "/decisions", to, page)

	// Detached, the identity opens the account no more, anywhere; a link joins it again.
	_, page = operator.get("/people/op")
	assert.NotContains(t, page, `id="detach"`)
	_, page = operator.get("/people/sun.li")
	assert.Contains(t, page, `id="detach"`)
	_, body, _ = operator.goes("/people/sun.li", "_do", "detach")
	assert.Contains(t, body, "Detached: that identity opens this account no more")
	assert.Contains(t, body, "no password chosen yet")
	assert.NotContains(t, body, `id="detach"`)
	_, body, status = operator.goes("/people/sun.li", "_do", "detach")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "The account has no identity at a provider")
	code, _ = v.get("/decisions")
	assert.Equal(t, http.StatusSeeOther, code, "signed in no more")
	_, page, status, _ = v.comesBack(p, sun, "/sign-in/provider")
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, page, "There is no account of yours here")
	_, body, _ = operator.goes("/people/sun.li", "_do", "link")
	begin = "/sign-in/provider?next=/account&link=" + strings.TrimPrefix(linkPath.FindString(body), "/link/")
	to, page, _, _ = s.visitor().comesBack(p, sun, begin)
	assert.Equal(t, "/account", to, page)
}

// A provider that is away keeps nobody out who has a password, and no server from
// starting.
func TestProviderIsAway(t *testing.T) {
	p := idp.Start(t)
	p.Instead = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	s, _ := withAccounts(t, "--oidc", providerFile(t, p, ""))
	v := s.visitor()
	code, page := v.get("/sign-in/provider")
	assert.Equal(t, http.StatusServiceUnavailable, code)
	assert.Contains(t, page, "The identity provider cannot be reached")
	to, _, _ := v.goes("/sign-in", "account", "op", "password", sentence)
	assert.Equal(t, "/", to)
	to, _, _ = v.goes("/sign-out")
	assert.Equal(t, "/sign-in", to)

	// doctor tells it, too
	db := filepath.Join(t.TempDir(), "x.db")
	doctor := func(code int, file string, more ...string) map[string]ailment {
		return examined(t, code, append([]string{"--addr", "127.0.0.1:0", "--db", db, "--accounts", "--oidc", file}, more...)...)
	}
	file := providerFile(t, p, "")
	assert.Contains(t, doctor(exitFine, file), "oidc_away")
	p.Lock()
	p.Instead = nil
	p.Unlock()
	assert.Contains(t, doctor(exitFine, file), "oidc")
	assert.NotContains(t, doctor(exitFine, file), "oidc_address")
	assert.Contains(t, doctor(exitRefused, file+"x"), "oidc_file")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for address, name := range map[string]string{"https://Rules.example.org": "rules.example.org", "https://rules.example.org:8443": "rules.example.org", "https://[::2]:8080": "::2"} {
		elsewhere := file + ".elsewhere"
		require.NoError(t, os.WriteFile(elsewhere, bytes.Replace(text, []byte("http://localhost:8080"), []byte(address), 1), 0o600))
		assert.Contains(t, doctor(exitRefused, elsewhere), "oidc_address", address)
		assert.NotContains(t, doctor(exitFine, elsewhere, "--host", name), "oidc_address", "the remedy works: %s", address)
	}
	if runtime.GOOS != "windows" {
		require.NoError(t, os.Chmod(filepath.Join(filepath.Dir(file), "secret"), 0o644))
		assert.Contains(t, doctor(exitFine, file), "oidc_secret_readable")
	}

	var o, e output
	assert.Equal(t, exitUsage, run(t.Context(), []string{"--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "x.db"), "--oidc", "none"}, &o, &e, nil))
	assert.Contains(t, e.String(), "--oidc needs --accounts")
	assert.Equal(t, exitUsage, run(t.Context(), []string{"--addr", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "x.db"), "--accounts", "--oidc", "none"}, &o, &e, nil))
	s = start(t, "--accounts")
	code, _ = s.visitor().get("/sign-in/provider")
	assert.Equal(t, http.StatusNotFound, code)
	_, page = s.visitor().get("/sign-in")
	assert.NotContains(t, page, "at-provider")
}
