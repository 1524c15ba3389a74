package door

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/servicerules/rulebook/server/problem"
)

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// Scope is something that a caller may do.
type Scope string

// What a token may be for. Whoever is known at all may read the rules.
const (
	Anybody Scope = ""        // needs no token: whether the server is well
	Known   Scope = "known"   // any token: the rules, the questions, the calendar
	Read    Scope = "read"    // decisions on record
	Ask     Scope = "ask"     // ask, record, check drafts, review months
	Operate Scope = "operate" // reload rules, look at the metrics
)

// Caller is who sent a request.
type Caller struct {
	Name   string // of his token, or "local" where none are needed
	scopes []Scope
	limit  *rate.Limiter // nil for no limit
}

// May reports whether the caller may do something.
func (c *Caller) May(s Scope) bool {
	return s == Anybody || c != nil && (s == Known || slices.Contains(c.scopes, s))
}

// Wait waits until the caller may ask once more; each line of a long request
// counts as one.
func (c *Caller) Wait(ctx context.Context) error {
	if c == nil || c.limit == nil {
		return nil
	}
	return c.limit.Wait(ctx)
}

// CallerOf is who sent the request; nil where nobody is known.
func CallerOf(ctx context.Context) *Caller { return visitOf(ctx).caller }

// Tokens are credentials, kept as their hashes.
type Tokens struct{ list []token }

type token struct {
	hash   [sha256.Size]byte
	caller *Caller
}

var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// ReadTokens reads a file of credentials, one a line:
//
//	billing ask 2bd806c9…  500     # name, scopes, SHA-256 of the token, rate
//
// Scopes are joined by commas. The rate, in questions a second, may be left
// out; usual applies then, and 0 is no limit.
func ReadTokens(path string, usual float64) (*Tokens, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &Tokens{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		if err := t.add(fields, usual); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(t.list) == 0 {
		return nil, fmt.Errorf("%s names no credential; make one with the command token", path)
	}
	return t, nil
}

func (t *Tokens) add(fields []string, usual float64) error {
	const fewest, most = 3, 4
	if len(fields) < fewest || len(fields) > most {
		return fmt.Errorf("a line has %d or %d words, NAME SCOPES SHA-256 [RATE], and not %d", fewest, most, len(fields))
	}
	c := &Caller{Name: fields[0]}
	if !tokenName.MatchString(c.Name) {
		return fmt.Errorf("the name %q is not made of letters, digits and . _ -", c.Name)
	}
	if slices.ContainsFunc(t.list, func(o token) bool { return o.caller.Name == c.Name }) {
		return fmt.Errorf("the name %q stands twice", c.Name)
	}
	scopes, err := ParseScopes(fields[1])
	if err != nil {
		return err
	}
	c.scopes = scopes
	limit := usual
	if len(fields) == most {
		if limit, err = strconv.ParseFloat(fields[3], 64); err != nil || !(limit >= 0 && limit <= 1e6) {
			return fmt.Errorf("the rate %q is not a number of questions a second", fields[3])
		}
	}
	if limit > 0 {
		c.limit = rate.NewLimiter(rate.Limit(limit), max(1, int(limit)))
	}
	k := token{caller: c}
	if n, err := hex.Decode(k.hash[:], []byte(fields[2])); err != nil || n != len(k.hash) || len(fields[2]) != hex.EncodedLen(len(k.hash)) {
		return fmt.Errorf("the third word is no SHA-256 in hex; the command token prints the line to write")
	}
	t.list = append(t.list, k)
	return nil
}

// ParseScopes reads scopes joined by commas.
func ParseScopes(text string) ([]Scope, error) {
	var all []Scope
	for word := range strings.SplitSeq(text, ",") {
		s := Scope(word)
		if s != Read && s != Ask && s != Operate {
			return nil, fmt.Errorf("there is no scope %q; write read, ask or operate, joined by commas", word)
		}
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all, nil
}

// NewToken makes a token, and the line that lets it in.
func NewToken(name, scopes string) (secret, line string, err error) {
	if !tokenName.MatchString(name) {
		return "", "", fmt.Errorf("the name %q is not made of letters, digits and . _ -", name)
	}
	if _, err := ParseScopes(scopes); err != nil {
		return "", "", err
	}
	secret = "rb_" + rand.Text()
	sum := sha256.Sum256([]byte(secret))
	return secret, name + " " + scopes + " " + hex.EncodeToString(sum[:]), nil
}

// find compares with every token, so that the time tells nothing.
func (t *Tokens) find(secret string) *Caller {
	sum := sha256.Sum256([]byte(secret))
	var found *Caller
	for i := range t.list {
		if subtle.ConstantTimeCompare(sum[:], t.list[i].hash[:]) == 1 {
			found = t.list[i].caller
		}
	}
	return found
}

var local = &Caller{Name: "local", scopes: []Scope{Read, Ask, Operate}}

// known finds out who the caller is. A wrong token is refused; none at all is
// left to the routes.
func (o Options) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		if v.stranger {
			next.ServeHTTP(w, r)
			return
		}
		if o.Tokens == nil {
			v.caller = local
			next.ServeHTTP(w, r)
			return
		}
		secret, given := credential(r)
		if given {
			if v.caller = o.Tokens.find(secret); v.caller == nil {
				refuse(w, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// credential is the token of a program, or the password that a browser asked
// a person for.
func credential(r *http.Request) (secret string, given bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", false
	}
	if scheme, rest, found := strings.Cut(header, " "); found && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest), true
	}
	_, secret, _ = r.BasicAuth()
	return secret, true
}

func refuse(w http.ResponseWriter, r *http.Request) {
	p := problem.New(http.StatusUnauthorized, "unknown_caller",
		problem.Text{ZH: "请出示有效的令牌", EN: "a valid token is needed"},
		problem.Text{ZH: "写上 Authorization: Bearer 令牌；在浏览器里把令牌作为密码", EN: "send Authorization: Bearer TOKEN; in a browser, the token is the password"})
	// a browser asks a person for the token, and calls a page again with it
	p.Challenge = `Basic realm="rulebook", charset="UTF-8"`
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		p.Challenge = `Bearer realm="rulebook"`
	}
	write(w, r, p)
}

// Require lets through who may do what the route does. A request is one
// question as far as the rate limit goes.
func Require(s Scope, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := CallerOf(r.Context())
		switch {
		case c.May(s):
		case c == nil:
			refuse(w, r)
			return
		default:
			write(w, r, problem.New(http.StatusForbidden, "not_allowed",
				problem.Textf("令牌没有权限 %s", "the token has no scope %s", s),
				problem.Text{ZH: "用另一个令牌，或在令牌文件里加上", EN: "use another token, or add the scope to the token file"}))
			return
		}
		if s != Anybody && c != nil && c.limit != nil {
			if wait := c.reserve(); wait > 0 {
				p := problem.New(http.StatusTooManyRequests, "too_many_requests",
					problem.Text{ZH: "超过令牌的速率限制", EN: "the token's rate limit is exceeded"},
					problem.Text{ZH: "稍后再试", EN: "try again later"})
				p.RetryAfter = wait
				write(w, r, p)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// reserve takes one question from the allowance; where there is none left, it
// says how long to wait.
func (c *Caller) reserve() time.Duration {
	r := c.limit.Reserve()
	wait := r.Delay()
	if wait > 0 {
		r.Cancel()
	}
	return wait
}
