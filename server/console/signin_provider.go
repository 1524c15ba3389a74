package console

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/provider"
)

// longestNext bounds, in bytes as it is written there, an address to go on at: it has
// room in a cookie beside what else stands there. Browsers keep none of more than 4096.
const longestNext = 3000

// toProvider sends somebody to the identity provider to sign in. link is the secret
// of his one-time link, where he comes by one.
func (c *Console) toProvider(r *http.Request, p *page) (int, error) {
	if c.provider == nil {
		return c.notFound(r, p)
	}
	p.atSignIn()
	query := r.URL.Query()
	next, link := c.pageAt(query.Get("next")), query.Get("link")
	if site := r.Header.Get("Sec-Fetch-Site"); link != "" && site != "" && site != "same-origin" {
		// He would come into the account of somebody else's link without having
		// seen whose it is: the page of the link asks him first.
		p.location = "/link/" + url.PathEscape(link)
		return http.StatusSeeOther, nil
	}
	if len(url.QueryEscape(next)) > longestNext {
		next = "/"
	}
	to, kept, err := c.provider.Begin(r.Context(), next, link)
	if err != nil {
		return c.notVouched(p, next, err)
	}
	p.cookies, p.location = []*http.Cookie{door.Attempt(c.secure, kept, provider.AttemptTime)}, to
	return http.StatusSeeOther, nil
}

// fromProvider lets in who comes back from the identity provider.
func (c *Console) fromProvider(r *http.Request, p *page) (int, error) {
	if c.provider == nil {
		return c.notFound(r, p)
	}
	p.atSignIn()
	p.cookies = []*http.Cookie{door.Attempt(c.secure, "", 0)}
	kept, right := door.AttemptOf(r, c.secure), func() {}
	if kept != "" { // without, nothing is asked; and any site can have a browser come so and use up what its address may try
		var err error
		if right, err = c.people.TryVouched(door.AddressOf(r.Context())); err != nil {
			return c.notVouched(p, "/", err)
		}
	}
	vouched, next, err := c.provider.Back(r.Context(), kept, r.URL.Query())
	if err != nil {
		return c.notVouched(p, "/", err)
	}
	next = c.pageAt(next)
	before, device := door.SessionOf(r, c.secure)
	vouched.Device = device
	in, err := c.people.SignInVouched(r.Context(), vouched)
	if err != nil {
		return c.notVouched(p, next, err)
	}
	right()
	if before != "" { // nobody goes on with a session that somebody else may know
		if err := c.people.SignOut(r.Context(), before); err != nil {
			return 0, err
		}
	}
	p.cookies = append(p.cookies, door.SignedIn(c.secure, in.Session, in.Device)...)
	p.location = next
	return http.StatusSeeOther, nil
}

// atSignIn makes the page that of signing in. Its own address is left aside: what
// the provider wrote into it is good once.
func (p *page) atSignIn() {
	p.Name, p.Nav, p.Title, p.Path, p.Again = "sign_in.html", "account", p.pick("登录", "Sign in"), "/sign-in", "/sign-in"
}

// notVouched is the page of signing in, with why it came to nothing.
func (c *Console) notVouched(p *page, next string, err error) (int, error) {
	x := c.signInView("", next)
	p.Data = x
	if errors.Is(err, provider.ErrAway) {
		c.log.Error("nobody can sign in at the identity provider", "err", err)
		x.Refused = &message{p.pick("统一认证现在连不上", "The identity provider cannot be reached"), p.pick("稍后再试；有密码的，用密码登录", "Try again in a moment; who has a password signs in by it")}
		return http.StatusServiceUnavailable, nil
	}
	status, refused, err := p.refusedBy(err)
	x.Refused = refused
	return status, err
}

// signInView asks who somebody is, by password or at the provider.
func (c *Console) signInView(id, next string) *signInView {
	return &signInView{ID: id, Next: next, Provider: c.calledProvider()}
}

// calledProvider is what people call the provider; nil for none.
func (c *Console) calledProvider() *diagnostic.Text {
	if c.provider == nil {
		return nil
	}
	called := c.provider.Called
	return &diagnostic.Text{ZH: cmp.Or(called.ZH, called.EN, "统一认证"), EN: cmp.Or(called.EN, called.ZH, "the identity provider")}
}

// signOutAt is where whoever signed in at the provider signs out there, too; "" for
// nowhere.
func (c *Console) signOutAt(how string) string {
	if c.provider == nil || how != people.ByProvider {
		return ""
	}
	return c.provider.SignOut()
}
