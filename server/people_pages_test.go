package server

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/internal/idp"
	"github.com/servicerules/rulebook/server/people"
)

// TestPeoplePages goes from a one-time link to an account, to another person's
// account, in a real browser: every control of these pages does what it says.
func TestPeoplePages(t *testing.T) {
	t.Parallel()
	window := browser(t)
	for i, l := range looks() {
		db := filepath.Join(t.TempDir(), "people.db")
		office := idp.Start(t)
		origin := started(t, "--accounts", "--db", db, "--oidc", providerFile(t, office, ""))
		office.Lock()
		office.Home, office.Person = origin, map[string]any{"sub": "u-1", "name": "李伟"}
		office.Unlock()
		s, err := people.Open(t.Context(), people.FileOf(db), people.Options{})
		require.NoError(t, err)
		require.Eventually(t, func() bool { // the server's own link, whose place this one takes
			events, err := s.Events(t.Context(), 0, 1)
			require.NoError(t, err)
			return len(events) == 1
		}, patience, time.Millisecond)
		first, _, err := s.FirstLink(t.Context(), people.Who{})
		require.NoError(t, err)
		require.NoError(t, s.Close())
		c := &census{tab: open(t, window, origin, l)}
		c.mu.Lock()
		c.elsewhere = office.URL
		c.mu.Unlock()
		peoplePages(c, first, func(page string) {
			c.seen(page)
			switch {
			case i > 0:
			case value[bool](c.tab, `!document.getElementById("sign-out")`):
				c.took(page) // a link leads to where one signs in
			default:
				c.shown(page)
			}
		})
		c.finish(t)
	}
}

// submit sends the form that a control is in and waits for the page.
func (b *tab) submit(selector string) {
	b.Helper()
	b.js(`window.before = true`)
	b.click(selector)
	b.until(`!window.before && document.readyState == "complete"`)
}

func peoplePages(b *census, first string, seen func(page string)) {
	const password = "a sentence to remember"
	b.visit("/decisions")
	assert.Equal(b, "/sign-in", value[string](b.tab, `location.pathname`), "who is not known is led to where one signs in")
	assert.Empty(b, value[string](b.tab, `document.body.dataset.rules`))
	seen("sign-in")
	b.visit("/link/" + first)
	b.set("account", "wang.wu")
	b.set("name", "王五")
	b.set("password", password)
	b.set("again", "something else")
	b.submit("#choose .primary")
	assert.Contains(b, b.text("#refused"), b.t("两次写的密码不同", "not written twice the same"))
	assert.Equal(b, "wang.wu", value[string](b.tab, `document.getElementById("account").value`))
	seen("first-account")
	b.forget("status of 422")
	b.set("password", password)
	b.set("again", password)
	b.submit("#choose .primary")
	assert.Equal(b, "/account", value[string](b.tab, `location.pathname`))
	assert.Contains(b, b.text("main"), b.t("管理账户", "manage accounts"))
	assert.Equal(b, "王五", b.text(".tool.who"))
	seen("account")

	b.follow(`.menu a[href="/people"]`)
	b.set("account", "li.wei")
	b.set("name", "李伟")
	b.submit("#add .primary")
	assert.Contains(b, b.text("#refused"), b.t("没有选角色", "No role was chosen"))
	b.forget("status of 422")
	b.js(`document.getElementById("role-clerk").focus()`)
	b.run(chromedp.KeyEvent(" "))
	seen("people")
	b.submit("#add .primary")
	link := b.text("#link")
	assert.Contains(b, link, "/link/")
	assert.True(b, value[bool](b.tab, `document.getElementById("role-clerk").checked && !document.getElementById("role-viewer").checked`))
	seen("person")
	b.js(`document.getElementById("role-viewer").click()`)
	b.set("name", "李小伟")
	b.submit("#edit .primary")
	assert.True(b, value[bool](b.tab, `document.getElementById("role-viewer").checked`))
	assert.Contains(b, b.text("h1"), "李小伟")
	b.proves("#add", "#edit", "#account", "#name", ".roles input")
	b.submit("#lock")
	assert.Contains(b, b.text("h1"), b.t("已锁定", "locked"))
	b.submit("#unlock")
	b.submit("#make-link")
	again := b.text("#link")
	assert.NotEqual(b, link, again)
	b.proves("form[action^='/people/']", "form[action^='/people/'] button")
	b.follow(`.menu a[href="/people"]`)
	assert.Contains(b, b.text("table"), "李小伟")
	assert.Contains(b, b.text("table"), b.t("还没设密码", "no password chosen yet"))
	b.follow(`a.tool.who`)
	b.set("present", password)
	b.set("password", password+" again")
	b.set("again", password+" again")
	b.submit("#change .primary")
	assert.NotEmpty(b, b.text("#changed"))
	b.visit("/people/wang.wu")
	b.js(`document.getElementById("role-auditor").click()`)
	b.submit("#edit .primary")
	b.follow(`.menu a[href="/people"]`) // whose menu has it
	b.follow(`.menu a[href="/access"]`)
	assert.Contains(b, b.text("table"), b.t("改姓名或角色", "changed name or roles"))
	assert.Contains(b, value[string](b.tab, `document.querySelector("table").textContent`), b.t("审计、运维", "auditor, operator"))
	seen("access")
	b.submit("#sign-out")
	assert.Equal(b, "/sign-in", value[string](b.tab, `location.pathname`))
	b.proves("form[action='/sign-out']", ".tool") // the other tools are those of every page
	b.set("account", "wang.wu")
	b.set("password", password)
	b.submit("#sign-in .primary")
	assert.Contains(b, b.text("#refused"), b.t("账户名或密码不对", "The account or the password is wrong"))
	b.forget("status of 422")

	// At the provider, by the link; what is detached there opens nothing here.
	atProvider := func() {
		b.js(`window.before = true`)
		b.click("#at-provider")
		b.until(`!window.before && document.readyState == "complete"`)
	}
	signOutThere := func() {
		b.submit("#sign-out")
		seen("signed-out")
		b.click("#sign-out-there")
		b.until(`document.readyState == "complete" && document.title == "ended"`)
	}
	b.visit(again[len(b.origin):])
	seen("link")
	atProvider()
	assert.Equal(b, "/account", value[string](b.tab, `location.pathname`))
	assert.Equal(b, "李小伟", b.text(".tool.who"))
	signOutThere()
	b.visit("/sign-in")
	seen("sign-in")
	atProvider()
	assert.Equal(b, "李小伟", b.text(".tool.who"))
	b.submit("#sign-out")
	b.proves("#at-provider", "#sign-out-there")
	b.visit("/sign-in?next=/people/li.wei")
	b.set("account", "wang.wu")
	b.set("password", password+" again")
	b.submit("#sign-in .primary")
	seen("person-joined")
	b.submit("#detach")
	assert.Contains(b, b.text("#done"), b.t("已脱离", "Detached"))
	assert.False(b, value[bool](b.tab, `!!document.getElementById("detach")`))
	b.submit("#make-link")
	again = b.text("#link")
	b.submit("#sign-out")
	b.visit("/sign-in")
	atProvider()
	assert.Contains(b, b.text("main"), b.t("这里没有您的账户", "here is no account of yours here"))
	b.forget("status of 422")

	b.visit(again[len(b.origin):])
	b.set("password", password+" mine")
	b.set("again", password+" mine")
	b.submit("#choose .primary")
	assert.Equal(b, "李小伟", b.text(".tool.who"))
	b.proves("#choose", "#change", "#present", "#password", "#again", "form.stack button")
	assert.False(b, value[bool](b.tab, `!!document.querySelector('.menu a[href="/people"]')`), "a clerk manages nobody")
	b.submit("#sign-out")

	// without scripts, by the keyboard, all the same
	b.scripts(false)
	b.visit("/sign-in?next=/people")
	for _, keys := range []string{"wang.wu", "\t", password + " again", "\r"} {
		if keys == "wang.wu" {
			b.run(chromedp.Click(chromedp.CSS("#account")))
		}
		b.run(chromedp.KeyEvent(keys))
	}
	b.scripts(true)
	b.until(`location.pathname == "/people"`)
	b.proves("#sign-in")
}
