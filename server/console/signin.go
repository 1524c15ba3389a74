package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/provider"
)

// Signing in and out, one-time links, and one's own account. That no other site
// has a browser send these forms is the door's business.

type signInView struct {
	ID, Next string
	Provider *diagnostic.Text // what the identity provider is called; nil for none
	SignOut  string           // where to sign out there, for who has signed out here
	Refused  *message
}

// signInPage asks who somebody is.
func (c *Console) signInPage(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Title = "sign_in.html", "account", p.pick("登录", "Sign in")
	x := c.signInView("", c.pageAt(r.URL.Query().Get("next")))
	if r.URL.Query().Has("out") {
		x.SignOut = c.signOutAt(people.ByProvider)
	}
	p.Data = x
	return http.StatusOK, nil
}

func (c *Console) signIn(r *http.Request, p *page) (int, error) {
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	p.Name, p.Nav, p.Title, p.Again = "sign_in.html", "account", p.pick("登录", "Sign in"), "/sign-in"
	x := c.signInView(values.Get("account"), c.pageAt(values.Get("next")))
	p.Data = x
	before, device := door.SessionOf(r, c.secure)
	in, err := c.people.SignIn(r.Context(), people.Attempt{ID: x.ID, Password: values.Get("password"), Address: door.AddressOf(r.Context()), Device: device})
	if status, refused, err := p.refusedBy(err); refused != nil || err != nil {
		x.Refused = refused
		return status, err
	}
	if before != "" { // nobody goes on with a session that somebody else may know
		if err := c.people.SignOut(r.Context(), before); err != nil {
			return 0, err
		}
	}
	p.cookies = door.SignedIn(c.secure, in.Session, in.Device)
	p.location = x.Next
	return http.StatusSeeOther, nil
}

// refusedBy puts into words why something of accounts was refused; err is what
// is no refusal.
func (p *page) refusedBy(err error) (status int, refused *message, other error) {
	var no *people.RefusedError
	var many *people.TooManyError
	switch {
	case err == nil:
		return 0, nil, nil
	case errors.As(err, &no):
		return http.StatusUnprocessableEntity, &message{sentence(no.Message.In(p.Lang)), sentence(no.Remedy.In(p.Lang))}, nil
	case errors.As(err, &many):
		p.retryAfter = many.Wait
		seconds := strconv.Itoa(int((many.Wait + time.Second - 1) / time.Second))
		return http.StatusTooManyRequests, &message{p.pick("试得太多了", "Too many attempts"), p.pick("等 "+seconds+" 秒再试", "Wait "+seconds+" seconds and try again")}, nil
	case errors.Is(err, people.ErrBusy):
		return http.StatusServiceUnavailable, &message{p.pick("同时登录的人太多", "Too many sign in at once"), p.pick("稍后再试", "Try again in a moment")}, nil
	}
	return 0, nil, err
}

// pageAt is the address of a page of this server, to go on at; anything else is
// that of the first page.
func (c *Console) pageAt(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	switch _, pattern := c.mux.Handler(&http.Request{Method: http.MethodGet, URL: u}); pattern {
	case "", // none, or only for forms, as /sign-out
		"GET /sign-in/provider", "GET " + provider.BackPath: // no pages: they do something
		return "/"
	}
	return next
}

// signOut ends the session.
func (c *Console) signOut(r *http.Request, p *page) (int, error) {
	if session, _ := door.SessionOf(r, c.secure); session != "" {
		if err := c.people.SignOut(r.Context(), session); err != nil {
			return 0, err
		}
	}
	p.cookies, p.location = []*http.Cookie{door.SignedOut(c.secure)}, "/sign-in"
	if c.signOutAt(door.WhoOf(r.Context()).How) != "" { // a form may lead to no other site: a page has the link
		p.location = "/sign-in?out=1"
	}
	return http.StatusSeeOther, nil
}

type linkView struct {
	Key             string
	First           bool // the first account is made by it
	ID, Person      string
	Until, ZoneName string
	Provider        *diagnostic.Text // what the identity provider is called; nil for none
	Refused         *message
}

// link lets somebody choose a password by a one-time link; the first one makes
// the account that manages the others.
func (c *Console) link(r *http.Request, p *page) (int, error) {
	key := r.PathValue("key")
	p.Name, p.Nav, p.Title, p.Again = "link.html", "account", p.pick("设置密码", "Choose a password"), r.URL.EscapedPath()
	l, err := c.people.Link(r.Context(), key)
	if status, refused, err := p.refusedBy(err); refused != nil || err != nil {
		p.Name, p.Data = "message.html", refused
		if refused != nil {
			p.Title, p.Again = refused.Text, ""
			status = http.StatusGone
		}
		return status, err
	}
	zone := p.viewer.book.Zone
	x := &linkView{Key: key, First: l.Account == nil, Until: wording.Moment(l.Until.In(zone).Truncate(time.Minute)), ZoneName: zone.String()}
	if l.Account != nil {
		x.ID, x.Person, x.Provider = l.Account.ID, l.Account.Name, c.calledProvider()
	} else {
		p.Title = p.pick("建立第一个账户", "Make the first account")
	}
	p.Data = x
	if r.Method != http.MethodPost {
		return http.StatusOK, nil
	}
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	if x.First {
		x.ID, x.Person = strings.TrimSpace(values.Get("account")), strings.TrimSpace(values.Get("name"))
	}
	if x.Refused = p.notTwice(values); x.Refused != nil {
		return http.StatusUnprocessableEntity, nil
	}
	in, err := c.people.UseLink(r.Context(), key, x.ID, x.Person, values.Get("password"))
	if status, refused, err := p.refusedBy(err); refused != nil || err != nil {
		x.Refused = refused
		return status, err
	}
	p.cookies, p.location = door.SignedIn(c.secure, in.Session, in.Device), "/account"
	return http.StatusSeeOther, nil
}

// notTwice refuses a new password that was not written twice the same.
func (p *page) notTwice(values url.Values) *message {
	if values.Get("password") == values.Get("again") {
		return nil
	}
	return &message{p.pick("两次写的密码不同", "The password was not written twice the same"), p.pick("再写一遍", "Write it again")}
}

type accountView struct {
	Who     string // how it was shown who this is
	ID      string
	Person  string
	Roles   []string
	May     []string
	Own     bool // a password of its own
	Changed bool
	Refused *message
}

// account is one's own account: what it may do, and another password.
func (c *Console) account(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Title = "account.html", "account", p.pick("我的账户", "My account")
	who := door.WhoOf(r.Context())
	x := &accountView{Who: p.viewer.who(who), ID: who.Person, Person: who.Title, Own: who.How == people.ByPassword, Changed: r.URL.Query().Has("changed")}
	p.Data = x
	if who.Person != "" {
		a, err := c.people.Get(r.Context(), who.Person)
		if err != nil {
			return 0, err
		}
		x.Roles = roleTitles(p, a.Roles)
	}
	for _, m := range people.Meanings() {
		if p.May(m.Permission) {
			x.May = append(x.May, m.Text.In(p.Lang))
		}
	}
	if r.Method != http.MethodPost {
		return http.StatusOK, nil
	}
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	if !x.Own {
		x.Refused = &message{p.pick("这不是用密码登录的", "This was not signed in by a password"), p.pick("用密码登录后再改", "Sign in by the password to change it")}
		return http.StatusUnprocessableEntity, nil
	}
	if x.Refused = p.notTwice(values); x.Refused != nil {
		return http.StatusUnprocessableEntity, nil
	}
	in, err := c.people.ChangePassword(r.Context(), who.Person, values.Get("present"), values.Get("password"))
	if status, refused, err := p.refusedBy(err); refused != nil || err != nil {
		x.Refused = refused
		return status, err
	}
	p.cookies, p.location = door.SignedIn(c.secure, in.Session, in.Device), "/account?changed=1"
	return http.StatusSeeOther, nil
}

func roleTitles(p *page, names []string) (all []string) {
	for _, name := range names {
		if role, ok := people.RoleOf(name); ok {
			all = append(all, role.Title.In(p.Lang))
		}
	}
	return all
}
