package server

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// as has a tab show a token with every request.
func (b *tab) as(secret string) {
	b.Helper()
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{
		"Accept-Language": b.t("zh-CN", "en"), "Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(":"+secret)),
	}})
}

// studied waits until all is found out about a change.
func (b *tab) studied() {
	b.Helper()
	b.until(`document.querySelector("#study[data-done=true]")`)
}

// unfolded shows that what is found out of a change stays unfolded while more comes
// in: the part of the page is loaded again as if it had not been complete.
func (b *tab) unfolded() {
	b.Helper()
	b.js(`{
		document.querySelector("#study").dataset.done = "false";
		for (const d of document.querySelectorAll("#study details")) d.open = true;
		const again = document.createElement("script");
		again.src = document.querySelector("head script").src;
		document.head.append(again);
	}`)
	b.studied()
	assert.True(b, value[bool](b, `document.querySelector("#study details").open`))
}

// TestChangingTheRules goes the way of a change by two people: Li drafts it wrong,
// mends it and proposes it, Zhang looks at what it says and whom it hits, refuses
// it, then approves and publishes what Li made of that; a second change is given a
// moment, and a reading is decided. Every control of these pages does what it says.
func TestChangingTheRules(t *testing.T) {
	t.Parallel()
	window := browser(t)
	seen := []look{{"zh", 390, "light"}}
	if testsize.Pick(false, false, true) { // it is the longest way of all
		seen = looks()
	}
	for _, l := range seen {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			rules := filepath.Join(t.TempDir(), "rules.yaml")
			text, err := os.ReadFile("../rules.yaml")
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(rules, text, 0o600))
			file, secrets := officeTokens(t)
			origin := started(t, "--rules", rules, "--token-file", file)
			li, zhang := &census{tab: open(t, window, origin, l)}, &census{tab: open(t, window, origin, l)}
			li.as(secrets["li"])
			zhang.as(secrets["zhang"])

			li.visit("/decisions")
			li.proposed(2) // a third time, which the change makes dearer
			li.follow(`nav.menu a[href="/rules"]`)
			li.follow(`nav.tabs a[href="/rules/changes"]`)
			li.shoot("changes-none")
			li.shown("no changes")
			li.follow(`main a.primary`)
			li.seen("change-editor")
			li.shown("the editor of a change")
			li.set("title", l.t("第四次改为第三次", "the third time, not the fourth"))
			li.set("why", l.t("办公会 6 月 9 日决定", "decided on 9 June"))
			li.rewrites("text", "chosen: gt3", "chosen: gt4")
			li.follow(`button[name="lang"]`)
			li.follow(`button[name="lang"]`)
			assert.Contains(li, value[string](li.tab, `document.getElementById("text").value`), "chosen: gt4", "nothing is lost")
			li.proves(".tool", "#title", "#why", "#text")
			li.follow("form.stack button.primary")
			li.studied()
			assert.Contains(li, li.text("#outcome"), l.t("不通过", "errors"))
			li.shoot("change-wrong")
			li.shown("a change that is wrong")
			li.follow(`#do-proposed button`)
			assert.NotEmpty(li, li.text("#step-refused"))
			li.forget("status of 422")
			li.follow(`main a[href$="/edit"]`)
			li.rewrites("text", "chosen: gt4", "chosen: ge3")
			li.js(`document.getElementById("title").focus()`)
			li.js(`window.before = true`)
			li.run(chromedp.KeyEvent("\r"))
			li.until(`!window.before && document.readyState === "complete"`)
			li.proves("button.sr", "form.stack", "form.stack button")
			li.studied()
			li.follow(`#do-proposed button`)
			assert.Contains(li, li.text("#state"), l.t("待批准", "proposed"))

			zhang.visit("/rules/changes")
			zhang.shoot("changes-one")
			zhang.follow(`.changes a`)
			zhang.studied()
			said := zhang.text("#study")
			assert.Contains(zhang, said, l.t("第三次", "third"))
			assert.Contains(zhang, said, l.t("共 1 条", "1 row"))
			zhang.shoot("change-to-approve")
			zhang.shown("a change to approve")
			zhang.follow("#study-again")
			zhang.studied()
			zhang.proves("#study form", "#study-again")
			zhang.unfolded()
			zhang.js(`for (const d of document.querySelectorAll("details")) d.open = true`)
			zhang.seen("change-all-open")
			zhang.set("refused-reason", l.t("还要写明从哪天起", "say from which day on"))
			zhang.follow(`#do-refused button`)
			assert.Contains(zhang, zhang.text("#refusal"), l.t("从哪天", "which day"))

			li.visit("/rules/changes/1/edit")
			li.set("why", l.t("办公会 6 月 9 日决定，自下月起", "decided on 9 June, from next month on"))
			li.follow("form.stack button.primary")
			li.studied()
			li.follow(`#do-proposed button`)
			assert.Zero(li, value[int](li.tab, `document.querySelectorAll("#do-approved").length`), "not his to approve")
			zhang.visit("/rules/changes/1")
			zhang.follow(`#do-approved button`)
			zhang.js(`document.querySelector("#do-scheduled").parentElement.open = true`)
			zhang.set("scheduled-from", "2999-01-01T00:00")
			zhang.follow(`#do-scheduled button`)
			assert.Contains(zhang, zhang.text("#state"), l.t("定时发布", "scheduled"))
			zhang.shown("a change with a moment")
			zhang.js(`document.querySelector("#do-unscheduled").parentElement.open = true`)
			zhang.follow(`#do-unscheduled button`)
			assert.Contains(zhang, zhang.text("#state"), l.t("已批准", "approved"))
			zhang.proves("form.step", "form.step button", "form.step input", "form.step textarea")
			zhang.follow(`#do-published button`)
			assert.Contains(zhang, zhang.text("#state"), l.t("现行", "in force"))
			zhang.seen("change-published")
			now, err := os.ReadFile(rules)
			require.NoError(t, err)
			assert.Equal(t, strings.Replace(string(text), "chosen: gt3", "chosen: ge3", 1), string(now))

			zhang.visit("/rules/readings")
			zhang.js(`document.querySelector("details.step").open = true`)
			zhang.shoot("readings-to-decide")
			zhang.fits("readings-to-decide")
			zhang.shown("readings to decide")
			zhang.js(`{ const f = document.querySelector("form.step"); f.querySelector("input[name=option]:not(:checked)").checked = true; f.querySelector("[name=_by]").value = "` + l.t("办公会", "the board") + `"; f.querySelector("[name=why]").value = "` + l.t("照上级的意见", "as advised") + `"; }`)
			zhang.follow(`form.step button`)
			assert.Contains(zhang, zhang.text("#state"), l.t("待批准", "proposed"))
			assert.NotEmpty(zhang, zhang.text("#not-yours"), "who decided it does not approve it")
			zhang.studied()
			zhang.shoot("reading-proposed")

			li.visit("/rules/history")
			li.follow("#comparing button")
			assert.Contains(li, li.text("#compared"), l.t("第三次", "third"))
			li.seen("versions-compared")
			li.shown("versions")
			li.proves("#comparing", "#comparing button", "#comparing input")
			li.follow(`a[href^="/rules/changes/new?from="]`)
			assert.Contains(li, value[string](li.tab, `document.getElementById("text").value`), "chosen: gt3")
			li.follow("form.stack button.primary")
			li.js(`document.querySelector("#do-withdrawn").parentElement.open = true`)
			li.set("withdrawn-reason", l.t("不必了", "not needed"))
			li.follow(`#do-withdrawn button`)
			assert.Contains(li, li.text("#state"), l.t("已撤回", "withdrawn"))
			li.visit("/rules/changes")
			li.seen("changes-list")
			li.shown("changes")
			li.joins(zhang)
			li.finish(t)
		})
	}
}
