// Package idp is a small identity provider for tests: OpenID Connect's code flow
// with PKCE, for one client, with people who need no password. It shares no code
// with what is tested by it, and can be made to lie.
package idp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"
)

// What the client is called, and its secret.
const (
	ClientID = "rulebook"
	Secret   = "s3cret: of the client"
)

// IDP is an identity provider. Its fields may be changed between requests, under its
// lock where requests may be under way.
type IDP struct {
	sync.Mutex
	URL     string         // of the provider: its issuer
	Person  map[string]any // claims of who signs in: sub and others
	Home    string         // where browsers are sent back to, in the place of the host that the client names; "" for that
	Now     func() time.Time
	Lie     func(claims map[string]any)                              // changes what a token says; nil for none
	Forge   func(header, claims map[string]any) string               // makes the token; nil for an honest one
	Say     func(document map[string]any)                            // changes what the provider says of itself; nil for none
	Instead func(http.ResponseWriter, *http.Request) (answered bool) // answers in its place; nil for none
	Asked   map[string]int                                           // by path
	codes   map[string]url.Values                                    // what was asked for, by code
	key     *ecdsa.PrivateKey
	kid     int
}

// Start starts a provider, which ends with the test.
func Start(t interface{ Cleanup(func()) }) *IDP {
	p := &IDP{Now: time.Now, Asked: map[string]int{}, codes: map[string]url.Values{}}
	p.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.document)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /end", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>ended</title><link rel=icon href=data:,><p>ended"))
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Lock()
		defer p.Unlock()
		p.Asked[r.URL.Path]++
		if p.Instead != nil && p.Instead(w, r) {
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Rotate has the provider sign by another key from now on, and know no former one.
func (p *IDP) Rotate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // for tests alone
	}
	p.key = key
	p.kid++
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (p *IDP) document(w http.ResponseWriter, _ *http.Request) {
	says := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys", "end_session_endpoint": p.URL + "/end",
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}, "token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
	}
	if p.Say != nil {
		p.Say(says)
	}
	send(w, http.StatusOK, says)
}

func (p *IDP) keys(w http.ResponseWriter, _ *http.Request) {
	public, err := p.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err)
	}
	const half = 32
	send(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": fmt.Sprint(p.kid), "x": encode(public[1 : 1+half]), "y": encode(public[1+half:]),
	}}})
}

// authorize lets the person in, and sends him back with a code.
func (p *IDP) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" || q.Get("nonce") == "" {
		http.Error(w, "a request as this client does not make it", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if p.Person == nil {
		answer.Set("error", "access_denied")
	} else {
		code := rand.Text()
		p.codes[code] = q
		answer.Set("code", code)
	}
	if home, err := url.Parse(p.Home); err == nil && p.Home != "" {
		back.Scheme, back.Host = home.Scheme, home.Host
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token gives a token for a code, once.
func (p *IDP) token(w http.ResponseWriter, r *http.Request) {
	id, secret, basic := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	if secret, _ = url.QueryUnescape(secret); !basic || id != ClientID || secret != Secret {
		send(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	asked, there := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !there || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") || encode(challenge[:]) != asked.Get("code_challenge") {
		send(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	now := p.Now()
	claims := map[string]any{"iss": p.URL, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": asked.Get("nonce")}
	maps.Copy(claims, p.Person)
	if p.Lie != nil {
		p.Lie(claims)
	}
	header := map[string]any{"alg": "ES256", "typ": "JWT", "kid": fmt.Sprint(p.kid)}
	forge := p.Forge
	if forge == nil {
		forge = p.Sign
	}
	send(w, http.StatusOK, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": forge(header, claims)})
}

// Sign is a token that is signed by the key of the provider.
func (p *IDP) Sign(header, claims map[string]any) string { return SignBy(p.key, header, claims) }

// SignBy is a token that is signed by a key.
func SignBy(key *ecdsa.PrivateKey, header, claims map[string]any) string {
	text := Unsigned(header, claims)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		panic(err)
	}
	const half = 32
	signature := make([]byte, 2*half)
	r.FillBytes(signature[:half])
	s.FillBytes(signature[half:])
	return text + "." + encode(signature)
}

// Unsigned is what of a token is signed.
func Unsigned(header, claims map[string]any) string {
	return encode(marshal(header)) + "." + encode(marshal(claims))
}

// PublicKey is the key of the provider as it is published, for who wants to misuse
// it.
func (p *IDP) PublicKey() []byte {
	data, err := p.key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return data
}

func marshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
