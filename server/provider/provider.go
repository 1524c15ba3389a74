// Package provider signs people in at an identity provider by OpenID Connect: the
// authorization code flow with PKCE. What it finds out is a people.Vouched; accounts
// and sessions are the business of package people.
//
// Everything that is known of an attempt stands in one secret of the browser's, in
// its cookie: state, nonce and code verifier are computed from it. So an answer of
// the provider fits only the browser that began, and the server keeps nothing for
// whoever begins and never comes back.
package provider

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/people"
)

// BackPath is where the provider sends people back to, behind the server's address.
const BackPath = "/sign-in/provider/back"

const (
	// AttemptTime is how long somebody may take to sign in at the provider.
	AttemptTime = 10 * time.Minute
	// skew is how far the clocks of the provider and of this machine may be apart.
	skew = time.Minute
	// freshTime is how long what the provider says of itself is believed.
	freshTime = time.Hour
	// againTime is when it is asked again where it did not answer.
	againTime = time.Minute
	askTime   = 10 * time.Second // for an answer of the provider
)

// ErrAway says that the provider cannot be reached, or does not answer as it should.
var ErrAway = errors.New("the identity provider cannot be reached")

// Options fit a provider into a program. Each may be left out.
type Options struct {
	Now       func() time.Time  // nil for time.Now
	Transport http.RoundTripper // nil for that of package net/http
	Logger    *slog.Logger      // nil for none
}

// Provider is an identity provider. Its methods are safe for concurrent use.
type Provider struct {
	*Config
	now    func() time.Time
	client *http.Client
	log    *slog.Logger

	mu    sync.Mutex
	about *about
	// asking is who asks the provider about itself now; nil for nobody.
	asking *asking
	used   map[string]time.Time // states that came back, and until when they could
}

// about is what the provider says of itself.
type about struct {
	codes    *oauth2.Config
	verifier *oidc.IDTokenVerifier
	signOut  string // "" for none
	until    time.Time
}

// asking is a question to the provider about itself, to which many may wait for the
// answer.
type asking struct {
	done  chan struct{} // closed once there is an answer
	found *about
	err   error
}

// New is the provider of a configuration. It is asked for the first time when
// somebody signs in, so that a server starts without it.
func New(c *Config, o Options) *Provider {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	client := &http.Client{Transport: bounded{o.Transport}, CheckRedirect: follow, Timeout: askTime}
	return &Provider{Config: c, now: o.Now, client: client, log: o.Logger, used: map[string]time.Time{}}
}

// Look asks the provider what it says of itself, where that is not known or was
// asked long ago. Errors: ErrAway, with the cause.
func (p *Provider) Look(ctx context.Context) error {
	_, err := p.asked(ctx)
	return err
}

// asked is what the provider says of itself. However many want to know it at once,
// it is asked once, and not by any of them: who leaves takes nothing from the others.
func (p *Provider) asked(ctx context.Context) (*about, error) {
	p.mu.Lock()
	if known := p.about; known != nil && p.now().Before(known.until) {
		p.mu.Unlock()
		return known, nil
	}
	a := p.asking
	if a == nil {
		a = &asking{done: make(chan struct{})}
		p.asking = a
		go p.ask(context.WithoutCancel(ctx), a, p.about)
	}
	p.mu.Unlock()
	select {
	case <-a.done:
		return a.found, a.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrAway, ctx.Err())
	}
}

// ask asks the provider, of which something is known, or nil.
func (p *Provider) ask(ctx context.Context, a *asking, known *about) {
	a.found, a.err = p.discover(ctx)
	switch {
	case a.err == nil:
	case known != nil: // it does not answer now, or something else does
		p.log.Warn("the identity provider does not say what it is; what it said before is used", "err", brief(a.err))
		later := *known
		later.until = p.now().Add(againTime) // nobody waits for it each time
		a.found, a.err = &later, nil
	default:
		a.err = fmt.Errorf("%w: %s", ErrAway, brief(a.err))
	}
	p.mu.Lock()
	if a.err == nil {
		p.about = a.found
	}
	p.asking = nil
	p.mu.Unlock()
	close(a.done)
}

func (p *Provider) discover(ctx context.Context) (*about, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		Keys    string   `json:"jwks_uri"`
		SignOut string   `json:"end_session_endpoint"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, err
	}
	codes := &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.secret, Endpoint: found.Endpoint(), RedirectURL: p.Address + BackPath, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...)}
	for _, at := range []string{codes.Endpoint.AuthURL, codes.Endpoint.TokenURL, more.Keys} {
		if err := checkURL(at); err != nil {
			return nil, err
		}
	}
	if checkURL(more.SignOut) != nil {
		more.SignOut = ""
	}
	// Said once, so that no code is shown twice to find it out.
	codes.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if p.secret == "" || len(more.Methods) > 0 && !slices.Contains(more.Methods, "client_secret_basic") {
		codes.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	verifier := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: func() time.Time { return p.now().Add(-skew) }})
	return &about{codes, verifier, more.SignOut, p.now().Add(freshTime)}, nil
}

// attempt is somebody who is on the way to the provider and back.
type attempt struct {
	secret     string
	begun      int64  // seconds since 1970
	next, link string // where to go then; the secret of a one-time link
}

func (a attempt) text() string {
	return url.Values{"secret": {a.secret}, "begun": {strconv.FormatInt(a.begun, 10)}, "next": {a.next}, "link": {a.link}}.Encode()
}

func parseAttempt(text string) (a attempt, ok bool) {
	values, err := url.ParseQuery(text)
	if err != nil || values.Get("secret") == "" {
		return a, false
	}
	begun, err := strconv.ParseInt(values.Get("begun"), 10, 64)
	return attempt{values.Get("secret"), begun, values.Get("next"), values.Get("link")}, err == nil
}

// derived is a word computed from what is known of the attempt, from which nobody
// finds the secret.
func (a attempt) derived(what string) string {
	sum := sha256.Sum256([]byte(what + " " + a.text()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (a attempt) state() string    { return a.derived("state") }
func (a attempt) nonce() string    { return a.derived("nonce") }
func (a attempt) verifier() string { return a.derived("code verifier") }

// Begin is where somebody goes to sign in, and what his browser keeps until he comes
// back. next is where he goes then; link the secret of a one-time link, "" for none.
// Errors: ErrAway.
func (p *Provider) Begin(ctx context.Context, next, link string) (to, kept string, err error) {
	x, err := p.asked(ctx)
	if err != nil {
		return "", "", err
	}
	a := attempt{rand.Text(), p.now().Unix(), next, link}
	return x.codes.AuthCodeURL(a.state(), oidc.Nonce(a.nonce()), oauth2.S256ChallengeOption(a.verifier())), a.text(), nil
}

// Back is who comes back from the provider, by what his browser kept and what the
// provider had it bring along, and where he goes. Errors: ErrAway, and a
// *people.RefusedError.
func (p *Provider) Back(ctx context.Context, kept string, brought url.Values) (v people.Vouched, next string, err error) {
	a, ok := parseAttempt(kept)
	age := p.now().Unix() - a.begun
	if !ok || age < 0 || age > int64(AttemptTime/time.Second) || subtle.ConstantTimeCompare([]byte(a.state()), []byte(brought.Get("state"))) != 1 || !p.first(a.state()) {
		return v, "", refuse("attempt_over", "这次登录已用过、超时，或是在另一个浏览器开始的", "this attempt was used, took too long or was begun in another browser", "重新登录", "sign in again")
	}
	if code := brought.Get("error"); code != "" {
		p.log.Warn("the identity provider let somebody not in", "code", plain(code))
		if code == "temporarily_unavailable" || code == "server_error" {
			return v, "", ErrAway
		}
		return v, "", refuse("denied", "统一认证没有让您登录", "the identity provider did not let you in", "重新登录；还不行，问管理统一认证的人", "sign in again; if it stays so, ask who manages the provider")
	}
	x, err := p.asked(ctx)
	if err != nil {
		return v, "", err
	}
	given, err := p.exchange(ctx, x, a, brought.Get("code"))
	if err != nil {
		return v, "", err
	}
	v, err = p.read(given)
	v.Link = a.link
	return v, a.next, err
}

// first reports whether a state comes back for the first time.
func (p *Provider) first(state string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	const most = 10_000
	for s, until := range p.used {
		if !now.Before(until) || len(p.used) >= most { // of too many, any: the provider takes its code only once, too
			delete(p.used, s)
		}
	}
	if _, there := p.used[state]; there {
		return false
	}
	p.used[state] = now.Add(AttemptTime)
	return true
}

// exchange has the provider give the person's token for a code, and believes it only
// where it is signed by the provider, for this server and for this attempt, now.
func (p *Provider) exchange(ctx context.Context, x *about, a attempt, code string) (*oidc.IDToken, error) {
	ctx = oidc.ClientContext(ctx, p.client)
	given, err := x.codes.Exchange(ctx, code, oauth2.VerifierOption(a.verifier()))
	var no *oauth2.RetrieveError
	switch {
	case errors.As(err, &no) && no.Response != nil && no.Response.StatusCode < http.StatusInternalServerError:
		p.log.Warn("the identity provider gave no token", "status", no.Response.StatusCode, "code", plain(no.ErrorCode))
		return nil, noToken()
	case err != nil:
		return nil, fmt.Errorf("%w: no token was given", ErrAway) // the error may hold what was sent
	}
	raw, _ := given.Extra("id_token").(string)
	token, err := x.verifier.Verify(ctx, raw)
	if err == nil {
		err = p.check(token, a, given.AccessToken)
	}
	if err != nil {
		p.log.Warn("a token of the identity provider is not believed", "err", brief(err))
		return nil, noToken()
	}
	return token, nil
}

// check is what the library leaves to who uses it.
func (p *Provider) check(t *oidc.IDToken, a attempt, access string) error {
	var more struct {
		Party string `json:"azp"`
	}
	if err := t.Claims(&more); err != nil {
		return err
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(a.nonce())) != 1:
		return errors.New("the nonce is that of no attempt")
	case t.Subject == "":
		return errors.New("the token names nobody")
	case len(t.Audience) > 1 && more.Party == "", more.Party != "" && more.Party != p.ClientID:
		return errors.New("the token was given to another program")
	case t.IssuedAt.After(p.now().Add(skew)):
		return errors.New("the token is of the future; is the clock right?")
	case t.AccessTokenHash != "":
		return t.VerifyAccessToken(access)
	}
	return nil
}

func noToken() error {
	return refuse("not_believed", "统一认证的答复不可信，没有登录", "the answer of the identity provider is not to be believed", "重新登录；还不行，告诉管理员，原因在服务器日志里", "sign in again; if it stays so, tell the operator: the server's log says why")
}

// SignOut is where somebody signs out at the provider, "" where it has no such
// place, or is not known yet.
func (p *Provider) SignOut() string {
	p.mu.Lock()
	x := p.about
	p.mu.Unlock()
	if x == nil || x.signOut == "" {
		return ""
	}
	to, err := url.Parse(x.signOut)
	if err != nil {
		return ""
	}
	query := to.Query()
	query.Set("client_id", p.ClientID)
	query.Set("post_logout_redirect_uri", p.Address+"/sign-in")
	to.RawQuery = query.Encode()
	return to.String()
}

func refuse(code, zh, en, remedyZH, remedyEN string) error {
	return &people.RefusedError{Code: code, Message: diagnostic.Text{ZH: zh, EN: en}, Remedy: diagnostic.Text{ZH: remedyZH, EN: remedyEN}}
}

// plain is a code of the provider as it may be logged: what else stands there is
// whatever whoever called wrote.
func plain(code string) string {
	const longest = 40
	if len(code) > longest || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "unknown"
	}
	return code
}
