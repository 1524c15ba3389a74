package provider

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/idp"
	"github.com/servicerules/rulebook/server/people"
)

// office is a provider to sign in at, with the server's side of it.
type office struct {
	*testing.T
	*idp.IDP
	p   *Provider
	log bytes.Buffer
	now time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, IDP: idp.Start(t), now: time.Now()}
	o.Person = map[string]any{"sub": "u-17", "name": "李 伟", "preferred_username": "Li.Wei@branch.example", "groups": []string{"clerks", "others"}}
	o.IDP.Now = func() time.Time { return o.now }
	c := &Config{
		Issuer: o.URL, ClientID: idp.ClientID, Address: "http://localhost:8080", Scopes: []string{"profile"}, GroupsClaim: "groups", AccountClaim: "preferred_username", NameClaim: "name",
		Roles: map[string][]string{"clerks": {"viewer", "clerk"}, "chiefs": {"decider"}}, Create: true, secret: idp.Secret,
	}
	o.p = New(c, Options{Now: func() time.Time { return o.now }, Logger: slog.New(slog.NewTextHandler(&o.log, nil))})
	return o
}

// goes is somebody who goes to the provider and comes back.
func (o *office) goes() (kept string, brought url.Values) {
	o.Helper()
	to, kept, err := o.p.Begin(o.Context(), "/decisions", "")
	require.NoError(o, err)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(to)
	require.NoError(o, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(o, errors.Join(err, resp.Body.Close()))
	require.Equal(o, http.StatusFound, resp.StatusCode)
	back, err := resp.Location()
	require.NoError(o, err)
	require.Equal(o, "http://localhost:8080"+BackPath, back.Scheme+"://"+back.Host+back.Path)
	return kept, back.Query()
}

func (o *office) signIn() (people.Vouched, error) {
	o.Helper()
	kept, brought := o.goes()
	v, next, err := o.p.Back(o.Context(), kept, brought)
	if err == nil {
		assert.Equal(o, "/decisions", next)
	}
	return v, err
}

// refused is the code of a refusal.
func refused(t *testing.T, err error) string {
	t.Helper()
	var no *people.RefusedError
	require.ErrorAs(t, err, &no)
	assert.NotEmpty(t, no.Message.ZH)
	assert.NotEmpty(t, no.Remedy.ZH)
	return no.Code
}

func TestSignIn(t *testing.T) {
	o := newOffice(t)
	v, err := o.signIn()
	require.NoError(t, err)
	assert.Equal(t, people.Vouched{Identity: people.Identity{Issuer: o.URL, Subject: "u-17"}, Account: "li.wei", Name: "李 伟", Roles: []string{"viewer", "clerk"}}, v)
	assert.Equal(t, 1, o.Asked["/keys"])
	_, err = o.signIn()
	require.NoError(t, err)
	assert.Equal(t, 1, o.Asked["/keys"], "keys are kept")
	assert.Equal(t, 1, o.Asked["/.well-known/openid-configuration"])
	assert.Empty(t, o.log.String())
	out, err := url.Parse(o.p.SignOut())
	require.NoError(t, err)
	assert.Equal(t, url.Values{"client_id": {"rulebook"}, "post_logout_redirect_uri": {"http://localhost:8080/sign-in"}}, out.Query())
}

// Tokens that lie are not believed, and the log says why without what they hold.
func TestTokensThatLie(t *testing.T) {
	set := func(name string, value any) func(map[string]any) { return func(c map[string]any) { c[name] = value } }
	drop := func(name string) func(map[string]any) { return func(c map[string]any) { delete(c, name) } }
	o := newOffice(t)
	at := func(d time.Duration) int64 { return o.now.Add(d).Unix() }
	for _, x := range []struct {
		name string
		lie  func(map[string]any)
		fine bool
	}{
		{"honest", nil, true},
		{"wrong issuer", set("iss", "https://evil.example"), false}, {"issuer with a slash", set("iss", o.URL+"/"), false}, {"no issuer", drop("iss"), false},
		{"wrong audience", set("aud", "another"), false}, {"no audience", drop("aud"), false}, {"audiences of others", set("aud", []string{"a", "b"}), false},
		{"two audiences and no party", set("aud", []string{idp.ClientID, "b"}), false},
		{"two audiences, for this one", func(c map[string]any) { c["aud"], c["azp"] = []string{idp.ClientID, "b"}, idp.ClientID }, true},
		{"for another party", set("azp", "another"), false},
		{"expired within the skew", set("exp", at(-50*time.Second)), true}, {"expired", set("exp", at(-70*time.Second)), false}, {"no expiry", drop("exp"), false},
		{"issued a moment ahead", set("iat", at(50*time.Second)), true}, {"issued in the future", set("iat", at(70*time.Second)), false}, {"not before an hour", set("nbf", at(time.Hour)), false},
		{"wrong nonce", set("nonce", "x"), false}, {"no nonce", drop("nonce"), false}, {"nobody", set("sub", ""), false}, {"no subject", drop("sub"), false},
		{"access token of another", set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), false},
	} {
		t.Run(x.name, func(t *testing.T) {
			o.T, o.Lie = t, x.lie
			o.log.Reset()
			v, err := o.signIn()
			if x.fine {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, "not_believed", refused(t, err))
			assert.Empty(t, v.Subject)
			assert.Contains(t, o.log.String(), "not believed")
			assert.NotContains(t, o.log.String(), "李")
			assert.NotContains(t, o.log.String(), idp.Secret)
		})
	}
}

// Tokens that the provider did not sign are not believed.
func TestTokensThatAreForged(t *testing.T) {
	o := newOffice(t)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString
	symmetric := func(key []byte) func(header, claims map[string]any) string {
		return func(header, claims map[string]any) string {
			header["alg"] = "HS256"
			text := idp.Unsigned(header, claims)
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(text))
			return text + "." + encode(mac.Sum(nil))
		}
	}
	for name, forge := range map[string]func(header, claims map[string]any) string{
		"alg none": func(header, claims map[string]any) string {
			header["alg"] = "none"
			return idp.Unsigned(header, claims) + "."
		},
		"alg None": func(header, claims map[string]any) string {
			header["alg"] = "None"
			return idp.Unsigned(header, claims) + "."
		},
		"no signature":      func(header, claims map[string]any) string { return idp.Unsigned(header, claims) + "." },
		"another key":       func(header, claims map[string]any) string { return idp.SignBy(other, header, claims) },
		"by the public key": symmetric(o.PublicKey()),
		"by the secret":     symmetric([]byte(idp.Secret)),
		"a key of its own": func(header, claims map[string]any) string {
			header["jku"] = "http://evil.example"
			return idp.SignBy(other, header, claims)
		},
		"without id of key": func(header, claims map[string]any) string {
			delete(header, "kid")
			return idp.SignBy(other, header, claims)
		},
		"changed afterwards": func(header, claims map[string]any) string {
			token := o.Sign(header, claims)
			claims["sub"] = "u-1"
			return idp.Unsigned(header, claims) + token[strings.LastIndexByte(token, '.'):]
		},
		"nothing":  func(_, _ map[string]any) string { return "" },
		"no token": func(_, _ map[string]any) string { return "a.b.c" },
		"large":    func(_, _ map[string]any) string { return strings.Repeat("A", 2<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			o.T, o.Forge = t, forge
			v, err := o.signIn()
			require.Error(t, err)
			if name == "large" {
				require.ErrorIs(t, err, ErrAway)
			} else {
				assert.Equal(t, "not_believed", refused(t, err))
			}
			assert.Empty(t, v.Subject)
		})
	}
}

// Keys are exchanged without a restart, and a token of a key that was taken back is
// none.
func TestKeysAreRotated(t *testing.T) {
	o := newOffice(t)
	_, err := o.signIn()
	require.NoError(t, err)
	o.Rotate()
	_, err = o.signIn()
	require.NoError(t, err)
	assert.Equal(t, 2, o.Asked["/keys"])
	o.Forge = func(header, claims map[string]any) string {
		token := o.Sign(header, claims)
		o.Rotate() // before anybody looks at it
		return token
	}
	_, err = o.signIn()
	require.NoError(t, err, "a key that is known is good until another one is asked for")
	o.Forge = func(header, claims map[string]any) string { o.Rotate(); return o.Sign(header, claims) }
	_, err = o.signIn()
	assert.Equal(t, "not_believed", refused(t, err), "the id of the key is that of the one before")
	assert.Equal(t, 3, o.Asked["/keys"])
}

// An answer of the provider fits the browser that began, once, and not for ever.
func TestAttempts(t *testing.T) {
	o := newOffice(t)
	back := func(kept string, brought url.Values) error {
		_, _, err := o.p.Back(t.Context(), kept, brought)
		return err
	}
	kept, brought := o.goes()
	require.NoError(t, back(kept, brought))
	assert.Equal(t, "attempt_over", refused(t, back(kept, brought)), "twice")
	kept, brought = o.goes()
	other, _ := o.goes()
	assert.Equal(t, "attempt_over", refused(t, back(other, brought)), "in another browser")
	assert.Equal(t, "attempt_over", refused(t, back("", brought)))
	assert.Equal(t, "attempt_over", refused(t, back("x", brought)))
	assert.Equal(t, "attempt_over", refused(t, back(strings.Replace(kept, "decisions", "people", 1), brought)), "what is kept was changed")
	assert.Equal(t, "attempt_over", refused(t, back(kept, url.Values{"code": brought["code"]})), "no state")
	assert.Equal(t, "attempt_over", refused(t, back(kept, url.Values{"code": brought["code"], "state": {""}})))
	require.NoError(t, back(kept, brought), "what strangers tried took nothing from it")

	kept, brought = o.goes()
	_, code := o.goes()
	assert.Equal(t, "not_believed", refused(t, back(kept, url.Values{"state": brought["state"], "code": code["code"]})), "the code of another attempt")
	kept, brought = o.goes()
	assert.Equal(t, "not_believed", refused(t, back(kept, url.Values{"state": brought["state"]})), "no code")

	for _, x := range []struct {
		after time.Duration
		fine  bool
	}{{AttemptTime - time.Second, true}, {AttemptTime, true}, {AttemptTime + time.Second, false}} {
		kept, brought = o.goes()
		o.now = o.now.Add(x.after)
		if err := back(kept, brought); x.fine {
			assert.NoError(t, err, x.after)
		} else {
			assert.Equal(t, "attempt_over", refused(t, err), x.after)
		}
	}
	assert.Less(t, len(o.p.used), 4, "what is over is forgotten")
	o.Person = nil
	kept, brought = o.goes()
	assert.Equal(t, "denied", refused(t, back(kept, brought)))
	kept, brought = o.goes()
	brought.Set("error", "temporarily_unavailable")
	assert.ErrorIs(t, back(kept, brought), ErrAway)
	kept, brought = o.goes()
	brought.Set("error", "<script>\n李")
	assert.Equal(t, "denied", refused(t, back(kept, brought)))
	assert.NotContains(t, o.log.String(), "script")
}

// A provider that is away, or another one than it should be, lets nobody in; it is
// asked again, and what it said before holds meanwhile.
func TestProviderAway(t *testing.T) {
	o := newOffice(t)
	for name, say := range map[string]func(map[string]any){
		"another issuer":   func(d map[string]any) { d["issuer"] = "https://evil.example" },
		"keys unprotected": func(d map[string]any) { d["jwks_uri"] = "http://evil.example/keys" },
		"no keys":          func(d map[string]any) { delete(d, "jwks_uri") },
		"token address":    func(d map[string]any) { d["token_endpoint"] = "javascript:x" },
		"no sign-in":       func(d map[string]any) { d["authorization_endpoint"] = "" },
	} {
		o.Say = say
		assert.ErrorIs(t, o.p.Look(t.Context()), ErrAway, name)
	}
	o.Say = nil
	for _, status := range []int{http.StatusInternalServerError, http.StatusNotFound, http.StatusOK} {
		o.Instead = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(status); return true }
		_, _, err := o.p.Begin(t.Context(), "/", "")
		assert.ErrorIs(t, err, ErrAway, status)
	}
	o.Instead = nil
	kept, brought := o.goes()
	o.Instead = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/token" {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	}
	_, _, err := o.p.Back(t.Context(), kept, brought)
	assert.ErrorIs(t, err, ErrAway)
	o.Instead = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/.well-known/openid-configuration" {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	}
	o.now = o.now.Add(2 * freshTime)
	_, err = o.signIn()
	assert.NoError(t, err, "what it said before holds")
	assert.Contains(t, o.log.String(), "what it said before is used")
	asked := o.Asked["/.well-known/openid-configuration"]
	_, err = o.signIn()
	assert.NoError(t, err)
	assert.Equal(t, asked, o.Asked["/.well-known/openid-configuration"], "it is not asked each time")
	o.now = o.now.Add(againTime)
	_, err = o.signIn()
	assert.NoError(t, err)
	assert.Equal(t, asked+1, o.Asked["/.well-known/openid-configuration"])
}

// However many want to know at once what a provider is that answers late, it is asked
// once, and who leaves takes nothing from the others.
func TestProviderIsAskedOnce(t *testing.T) {
	o := newOffice(t)
	asked, answers := make(chan struct{}), make(chan struct{})
	o.Instead = func(http.ResponseWriter, *http.Request) bool {
		close(asked)
		<-answers
		return false
	}
	impatient, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { left <- o.p.Look(impatient) }()
	<-asked
	leave()
	require.ErrorIs(t, <-left, ErrAway)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { assert.NoError(t, o.p.Look(t.Context())) })
	}
	close(answers)
	all.Wait()
	assert.Equal(t, 1, o.Asked["/.well-known/openid-configuration"])
}

// A provider that sends elsewhere is followed only where nobody on the way reads or
// changes what is said, and no code or secret goes there.
func TestProviderSendsElsewhere(t *testing.T) {
	o := newOffice(t)
	other := idp.Start(t)
	sent := func(path, to string, status int) {
		o.Instead = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != path {
				return false
			}
			w.Header().Set("Location", to)
			w.WriteHeader(status)
			return true
		}
	}
	const document = "/.well-known/openid-configuration"
	for _, to := range []string{"http://evil.example" + document, "ftp://localhost/", document} {
		sent(document, to, http.StatusFound)
		assert.ErrorIs(t, o.p.Look(t.Context()), ErrAway, to)
	}
	other.Say = func(d map[string]any) {
		for _, name := range []string{"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} {
			d[name] = strings.Replace(d[name].(string), other.URL, o.URL, 1)
		}
	}
	sent(document, other.URL+document, http.StatusFound)
	require.NoError(t, o.p.Look(t.Context()), "on this machine")
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		sent("/token", other.URL+"/token", status)
		_, err := o.signIn()
		require.Error(t, err)
		assert.Zero(t, other.Asked["/token"], status)
	}
}

// A page in the place of an answer does not fill the log.
func TestPageInThePlaceOfAnAnswer(t *testing.T) {
	o := newOffice(t)
	page := func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "\x1b[31m\xff"+strings.Repeat("伟", 100_000))
		return true
	}
	o.Instead = page
	err := o.p.Look(t.Context())
	require.ErrorIs(t, err, ErrAway)
	assert.Contains(t, err.Error(), "502")
	assert.Less(t, len(err.Error()), 2000)
	assert.NotContains(t, err.Error(), "\x1b")
	assert.True(t, utf8.ValidString(err.Error()))
	o.Instead = func(w http.ResponseWriter, r *http.Request) bool { return r.URL.Path == "/keys" && page(w, r) }
	_, err = o.signIn()
	assert.Equal(t, "not_believed", refused(t, err))
	assert.Less(t, o.log.Len(), 2000)
}

// The person of a token, with the roles that his groups have.
func TestClaims(t *testing.T) {
	o := newOffice(t)
	base := o.Person
	for name, x := range map[string]struct {
		set  map[string]any
		want people.Vouched
	}{
		"groups":        {map[string]any{"groups": []string{"chiefs", "clerks"}}, people.Vouched{Account: "li.wei", Name: "李 伟", Roles: []string{"viewer", "clerk", "decider"}}},
		"one group":     {map[string]any{"groups": "chiefs"}, people.Vouched{Account: "li.wei", Name: "李 伟", Roles: []string{"decider"}}},
		"no group":      {map[string]any{"groups": []string{}}, people.Vouched{Account: "li.wei", Name: "李 伟", Roles: []string{}}},
		"another kind":  {map[string]any{"groups": map[string]any{"clerks": true}}, people.Vouched{Account: "li.wei", Name: "李 伟", Roles: []string{}}},
		"other case":    {map[string]any{"groups": []string{"Clerks", "clerks "}}, people.Vouched{Account: "li.wei", Name: "李 伟", Roles: []string{}}},
		"a role's name": {map[string]any{"groups": []string{"operator", "approver"}}, people.Vouched{Account: "li.wei", Name: "李 伟", Roles: []string{}}},
		"no name":       {map[string]any{"name": nil}, people.Vouched{Account: "li.wei", Name: "li.wei", Roles: []string{"viewer", "clerk"}}},
		"long name":     {map[string]any{"name": strings.Repeat("伟", 100)}, people.Vouched{Account: "li.wei", Name: strings.Repeat("伟", 60), Roles: []string{"viewer", "clerk"}}},
		"Chinese":       {map[string]any{"preferred_username": "李伟"}, people.Vouched{Name: "李 伟", Roles: []string{"viewer", "clerk"}}},
		"a number":      {map[string]any{"preferred_username": 17}, people.Vouched{Name: "李 伟", Roles: []string{"viewer", "clerk"}}},
	} {
		t.Run(name, func(t *testing.T) {
			o.T, o.Person = t, map[string]any{}
			for k, v := range base {
				o.Person[k] = v
			}
			for k, v := range x.set {
				o.Person[k] = v
			}
			x.want.Identity = people.Identity{Issuer: o.URL, Subject: "u-17"}
			got, err := o.signIn()
			require.NoError(t, err)
			assert.Equal(t, x.want, got)
		})
	}
	o.T, o.Person = t, map[string]any{"sub": "u-17", "realm_access": map[string]any{"roles": []string{"clerks"}}, "realm_access.none": "x"}
	o.p.GroupsClaim, o.p.Create = "realm_access.roles", false
	got, err := o.signIn()
	require.NoError(t, err)
	assert.Equal(t, people.Vouched{Identity: people.Identity{Issuer: o.URL, Subject: "u-17"}, Roles: []string{"viewer", "clerk"}}, got)
	o.p.Roles = nil
	got, err = o.signIn()
	require.NoError(t, err)
	assert.Nil(t, got.Roles, "roles are given here")
}
