package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/people"
)

// The pages of who manages accounts, and of who looks at what was done.

type peopleView struct {
	Rows     []personRow
	ID, Name string // filled in for a new account
	Roles    []roleChoice
	Refused  *message
}

type personRow struct {
	ID, Href, Name, Roles, State string
	Open                         bool // signs in not, or not yet
}

// roleChoice is a role to tick, with what it may do.
type roleChoice struct {
	Name, Title, May string
	On               bool
}

func roleChoices(p *page, on []string) (all []roleChoice) {
	for _, role := range people.Roles() {
		var may []string
		for _, m := range people.Meanings() {
			if role.May.Has(m.Permission) {
				may = append(may, m.Text.In(p.Lang))
			}
		}
		all = append(all, roleChoice{role.Name, role.Title.In(p.Lang), strings.Join(may, p.pick("；", "; ")), slices.Contains(on, role.Name)})
	}
	return all
}

func stateOfAccount(p *page, a *people.Account) string {
	switch {
	case a.Locked:
		return p.pick("已锁定", "locked")
	case !a.Chosen && !a.Joined:
		return p.pick("还没设密码", "no password chosen yet")
	}
	return ""
}

// peoplePage lists the accounts; sent, it makes one.
func (c *Console) peoplePage(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Title = "people.html", "people", true, p.pick("人员", "People")
	x := &peopleView{}
	p.Data = x
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		x.ID, x.Name = strings.TrimSpace(values.Get("account")), strings.TrimSpace(values.Get("name"))
		err := c.people.Add(r.Context(), door.WhoOf(r.Context()), x.ID, x.Name, values["role"])
		if err == nil {
			return c.withLink(r, p, x.ID, p.pick("账户已建立", "The account was made"))
		}
		if status, x.Refused, err = p.refusedBy(err); err != nil {
			return 0, err
		}
	}
	all, err := c.people.List(r.Context())
	if err != nil {
		return 0, err
	}
	for _, a := range all {
		row := personRow{ID: a.ID, Href: "/people/" + url.PathEscape(a.ID), Name: a.Name, Roles: strings.Join(roleTitles(p, a.Roles), p.pick("、", ", ")), State: stateOfAccount(p, a)}
		row.Open = row.State != ""
		x.Rows = append(x.Rows, row)
	}
	x.Roles = roleChoices(p, values["role"])
	return status, nil
}

type personView struct {
	ID, Name, State, Created string
	Locked                   bool
	Joined                   bool // it has an identity at the provider
	Roles                    []roleChoice
	Done                     string
	Link, Until              string // a link that was made now, shown this once
	Refused                  *message
}

// person is the page of an account; sent, it does one thing with it.
func (c *Console) person(r *http.Request, p *page) (int, error) {
	id := r.PathValue("id")
	if r.Method != http.MethodPost {
		return c.personPage(r, p, id, &personView{})
	}
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	by, x := door.WhoOf(r.Context()), &personView{}
	switch values.Get("_do") {
	case "change":
		err = c.people.Change(r.Context(), by, id, values.Get("name"), values["role"])
		x.Done = p.pick("已改", "Changed")
	case "lock":
		err = c.people.Lock(r.Context(), by, id, true)
		x.Done = p.pick("已锁定，登录都已结束", "Locked; wherever it was signed in, it is no more")
	case "unlock":
		err = c.people.Lock(r.Context(), by, id, false)
		x.Done = p.pick("已解锁", "Unlocked")
	case "detach":
		err = c.people.Detach(r.Context(), by, id)
		x.Done = p.pick("已脱离：用那个身份登录进不了这个账户，登录都已结束。要让本人再登录，签发一次性链接", "Detached: that identity opens this account no more, and wherever it was signed in, it is no more. Make a one-time link to let its person in again")
	case "link":
		return c.withLink(r, p, id, p.pick("链接已签发", "The link was made"))
	default:
		return c.personPage(r, p, id, x)
	}
	return c.personAfter(r, p, id, x, err)
}

// personAfter is the page of an account after something was done with it: x says
// what, where err is nil.
func (c *Console) personAfter(r *http.Request, p *page, id string, x *personView, err error) (int, error) {
	status, refused, err := p.refusedBy(err)
	if err != nil {
		return c.noAccount(p, err)
	}
	if refused == nil {
		return c.personPage(r, p, id, x)
	}
	x.Done, x.Refused = "", refused
	if found, err := c.personPage(r, p, id, x); err != nil || found != http.StatusOK {
		return found, err
	}
	return status, nil
}

// withLink is the page of an account with a new one-time link.
func (c *Console) withLink(r *http.Request, p *page, id, done string) (int, error) {
	secret, until, err := c.people.NewLink(r.Context(), door.WhoOf(r.Context()), id)
	x := &personView{Done: done}
	if err != nil {
		return c.personAfter(r, p, id, x, err)
	}
	scheme := "http://"
	if c.secure {
		scheme = "https://"
	}
	x.Link = scheme + r.Host + "/link/" + secret
	zone := p.viewer.book.Zone
	x.Until = wording.Moment(until.In(zone).Truncate(time.Minute)) + " " + zone.String()
	return c.personPage(r, p, id, x)
}

func (c *Console) personPage(r *http.Request, p *page, id string, x *personView) (int, error) {
	p.Name, p.Nav, p.Again = "person.html", "people", "/people/"+url.PathEscape(id)
	a, err := c.people.Get(r.Context(), id)
	if err != nil {
		return c.noAccount(p, err)
	}
	p.Title = a.Name
	x.ID, x.Name, x.State, x.Locked, x.Joined, x.Roles = a.ID, a.Name, stateOfAccount(p, a), a.Locked, a.Joined, roleChoices(p, a.Roles)
	x.Created = wording.Moment(a.Created.In(p.viewer.book.Zone).Truncate(time.Minute))
	p.Data = x
	return http.StatusOK, nil
}

func (c *Console) noAccount(p *page, err error) (int, error) {
	if !errors.Is(err, people.ErrNone) {
		return 0, err
	}
	p.Name, p.Nav, p.Again, p.Title = "message.html", "people", "", p.pick("没有这个账户", "There is no such account")
	p.Data = message{p.Title, p.pick("在“人员”里查找", "Look for it under People")}
	return http.StatusNotFound, nil
}

type accessView struct {
	Rows     []accessRow
	Next     string
	ZoneName string
}

type accessRow struct{ At, Who, What, About, AboutHref, Details string }

// access lists what was done with accounts, and who looked at what.
func (c *Console) access(r *http.Request, p *page) (int, error) {
	p.Name, p.Nav, p.Wide, p.Title = "access.html", "access", true, p.pick("操作日志", "Who did what")
	before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	const shown = 100
	events, err := c.people.Events(r.Context(), before, shown)
	if err != nil {
		return 0, err
	}
	zone := p.viewer.book.Zone
	x := &accessView{ZoneName: zone.String()}
	for _, e := range events {
		row := accessRow{At: wording.Moment(e.At.In(zone).Truncate(time.Second)), Who: p.viewer.who(e.By), What: people.EventTexts[e.What].In(p.Lang), About: e.About, Details: e.Details}
		switch e.What {
		case people.EventLooked:
			row.AboutHref = "/decisions/" + url.PathEscape(e.About)
		case people.EventAdded, people.EventChanged:
			row.Details = strings.Join(roleTitles(p, strings.Split(e.Details, ",")), p.pick("、", ", "))
		}
		x.Rows = append(x.Rows, row)
	}
	if len(events) == shown {
		x.Next = "/access?before=" + strconv.FormatInt(events[shown-1].Seq, 10)
	}
	p.Data = x
	return http.StatusOK, nil
}
