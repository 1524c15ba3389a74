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
	line   *line // of the token file; nil where there is none
}

// line is what a line of the token file says of all that is asked by it.
type line struct {
	limit *rate.Limiter // nil for no limit
	until time.Time     // from which on the token is none; zero for ever
	ended atomic.Bool   // the line is gone
}

func (l *line) over(now time.Time) bool {
	return l != nil && (l.ended.Load() || !l.until.IsZero() && !now.Before(l.until))
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
	case c == nil || c.line == nil:
		return nil
	case c.line.over(time.Now()):
		return ErrEnded
	case c.line.limit == nil:
		return nil
	}
	return c.line.limit.Wait(ctx)
}

// reserve takes one question from the allowance; where there is none left, it
// says how long to wait.
func (c *Caller) reserve() time.Duration {
	if c.line == nil || c.line.limit == nil {
		return 0
	}
	r := c.line.limit.Reserve()
	wait := r.Delay()
	if wait > 0 {
		r.Cancel()
	}
	return wait
}

// CallerOf is who sent the request; nil where nobody is known.
func CallerOf(ctx context.Context) *Caller { return visitOf(ctx).caller }

// NameOf is the name of who sent the request, of his token or account; "" where
// nobody is known.
func NameOf(ctx context.Context) string {
	if c := CallerOf(ctx); c != nil {
		return c.Name
	}
	return ""
}

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

// known finds out who the caller is. Wrong credentials are refused; none at all,
// and a session that is over, are left to the routes.
func (o Options) known(next http.Handler) http.Handler {
	everybody := local()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r.Context())
		v.noting = o.noting(r.Context(), v.id)
		v.accounts, v.address = o.People != nil, addressOf(r, o.BehindProxy)
		if v.stranger {
			next.ServeHTTP(w, r)
			return
		}
		if o.Tokens == nil && o.People == nil {
			v.caller = everybody
			next.ServeHTTP(w, r)
			return
		}
		caller, err := o.callerOf(r)
		switch {
		case errors.Is(err, errWrong):
			refuse(w, r)
			return
		case err != nil:
			o.Logger.Error("the accounts cannot be read", "request", v.id, "err", err)
			write(w, r, problem.New(http.StatusServiceUnavailable, "accounts_unavailable", problem.Text{ZH: "账户无法读取", EN: "the accounts cannot be read"},
				problem.Text{ZH: "告诉管理员", EN: "tell the operator"}))
			return
		}
		v.caller = caller
		next.ServeHTTP(w, r)
	})
}

// errWrong says that credentials were given that are none.
var errWrong = errors.New("wrong credentials")

// callerOf is who a request is from; nil where it does not say.
func (o Options) callerOf(r *http.Request) (*Caller, error) {
	secret, given := credential(r)
	switch {
	case given && o.Tokens == nil:
		return nil, errWrong
	case given:
		c := o.Tokens.find(secret)
		if c == nil {
			return nil, errWrong
		}
		return o.inPerson(r.Context(), c)
	case o.People == nil:
		return nil, nil
	}
	session, _ := SessionOf(r, o.Secure)
	if session == "" {
		return nil, nil
	}
	a, how, err := o.People.Session(r.Context(), session, acts(r))
	if errors.Is(err, people.ErrNoSession) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Caller{Name: a.ID, title: a.Name, person: a.ID, how: how, may: a.May()}, nil
}

// inPerson is the caller of a token whose line names a person: he may no more
// than that person may, and nothing once the account is locked.
func (o Options) inPerson(ctx context.Context, c *Caller) (*Caller, error) {
	if o.People == nil || c.person == "" {
		return c, nil
	}
	a, err := o.People.Get(ctx, c.person)
	if errors.Is(err, people.ErrNone) || err == nil && a.Locked {
		return nil, errWrong
	}
	if err != nil {
		return nil, err
	}
	return &Caller{Name: c.Name, title: a.Name, person: c.person, how: c.how, may: c.may.Both(a.May()), line: c.line}, nil
}

// acts reports whether a request is something that a person does, and not what an
// open page asks for from time to time.
func acts(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return r.Method != http.MethodGet || mode == "" || mode == "navigate"
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
	_, given := credential(r)
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1/"):
		p.Challenge = `Bearer realm="rulebook"`
	case visitOf(r.Context()).accounts && !given: // the browser is not to ask: a page does
		p.Title = problem.Text{ZH: "请先登录", EN: "please sign in"}
		p.Remedy = problem.Text{ZH: "登录后再试；程序写上 Authorization: Bearer 令牌", EN: "sign in and try again; programs send Authorization: Bearer TOKEN"}
	default: // a browser asks a person for the token, and calls a page again with it
		p.Challenge = `Basic realm="rulebook", charset="UTF-8"`
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
		if p != people.Anybody && c != nil {
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
