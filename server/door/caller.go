package door

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/problem"
)

// Caller is who sent a request. What is put on record says who did it by
// these, never by what a form says alone.
type Caller struct {
	Name   string // of the token or of the account; "local" where nobody is asked
	title  string // what the person is called, "" where it is not known
	person string
	how    string
	may    people.Set
	limit  *rate.Limiter // nil for no limit
	until  time.Time     // from which on the credential is none; zero for ever
	ended  atomic.Bool   // the credential was taken back
}

// Person is the id of the account of the person behind the caller: of whoever
// signed in his own, of a token the one that its line names by person=ID. It is
// "" where no person is known: of a token without a person, and where nobody is
// asked for credentials.
//
// An id is never given to another person, and does not change. Whatever needs
// two people, as a change of rules that a second person approves, keeps the
// Person of the first beside what he did, and compares by people.Different,
// which says of nobody known that he is not another.
func (c *Caller) Person() string {
	if c == nil {
		return ""
	}
	return c.person
}

// How tells how the caller showed who he is: one of people.ByNothing, ByToken,
// ByPassword and ByProvider.
func (c *Caller) How() string {
	if c == nil {
		return people.ByNothing
	}
	return c.how
}

// Who is the caller as he is put on record; zero where nobody is asked who he
// is.
func (c *Caller) Who() people.Who {
	if c == nil || c.how == people.ByNothing {
		return people.Who{}
	}
	return people.Who{Name: c.Name, How: c.how, Person: c.person, Title: c.title}
}

// May reports whether the caller may do something.
func (c *Caller) May(p people.Permission) bool {
	return p == people.Anybody || c != nil && c.may.Has(p)
}

// ErrEnded says that the credential of a request that goes on was taken back,
// or that its time is over.
var ErrEnded = errors.New("the credential is valid no longer")

// Wait waits until the caller may ask once more; each line of a long request
// counts as one. Where the credential has ended meanwhile, the error is
// ErrEnded.
func (c *Caller) Wait(ctx context.Context) error {
	switch {
	case c == nil:
		return nil
	case c.over(time.Now()):
		return ErrEnded
	case c.limit == nil:
		return nil
	}
	return c.limit.Wait(ctx)
}

func (c *Caller) over(now time.Time) bool {
	return c.ended.Load() || !c.until.IsZero() && !now.Before(c.until)
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

// CallerOf is who sent the request; nil where nobody is known.
func CallerOf(ctx context.Context) *Caller { return visitOf(ctx).caller }

// WhoOf is who sent the request, as he is put on record.
func WhoOf(ctx context.Context) people.Who { return CallerOf(ctx).Who() }

// May reports whether whoever sent a request may do something. Outside of a
// door everybody may do everything: a program that embeds pages or interface
// without one has a guard of its own.
func May(ctx context.Context, p people.Permission) bool {
	v, behind := ctx.Value(visitKey{}).(*visit)
	return !behind || v.caller.May(p)
}

// local is the caller where nobody is asked who he is.
func local() *Caller { return &Caller{Name: "local", may: people.Everything()} }

// known finds out who the caller is. Wrong credentials are refused; none at all
// are left to the routes.
func (o Options) known(next http.Handler) http.Handler {
	everybody := local()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		if v.stranger {
			next.ServeHTTP(w, r)
			return
		}
		if o.Tokens == nil {
			v.caller = everybody
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
func Require(p people.Permission, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := CallerOf(r.Context())
		switch {
		case c.May(p):
		case c == nil:
			refuse(w, r)
			return
		default:
			write(w, r, NotAllowed(p))
			return
		}
		if p != people.Anybody && c != nil && c.limit != nil {
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

// NotAllowed is the refusal of who may not do something, with the roles that
// may.
func NotAllowed(p people.Permission) *problem.Problem {
	var zh, en []string
	for _, role := range people.Roles() {
		if role.May.Has(p) {
			zh, en = append(zh, role.Title.ZH+"（"+role.Name+"）"), append(en, role.Name)
		}
	}
	words := p.Words()
	return problem.New(http.StatusForbidden, "not_allowed",
		problem.Text{ZH: "没有权限 " + string(p) + "：" + words.ZH, EN: "there is no permission " + string(p) + ": to " + words.EN},
		problem.Text{ZH: "请管理账户的人给予有此权限的角色：" + strings.Join(zh, "、") + "；程序用有此权限的令牌",
			EN: "have who manages accounts give a role that may, of: " + strings.Join(en, ", ") + "; programs use a token that may"})
}
