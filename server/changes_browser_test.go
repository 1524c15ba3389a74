package server

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
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

// found waits until all is found out about a change.
func (b *tab) found() {
	b.Helper()
	b.until(`document.querySelector("#study[data-done=true]")`)
}

// TestChangingTheRules goes the way of a change by two people: Li drafts it wrong,
// mends it and proposes it, Zhang looks at what it says and whom it hits, refuses
// it, then approves and publishes what Li made of that; a second change is given a
// moment, and a reading is decided.
func TestChangingTheRules(t *testing.T) {
	t.Parallel()
	window := browser(t)
	seen := []look{{"zh", 390, "light"}}
	if long() { // it is the longest way of all
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
			li, zhang := open(t, window, origin, l), open(t, window, origin, l)
			li.as(secrets["li"])
			zhang.as(secrets["zhang"])

			li.visit("/decisions")
			li.proposed()
			li.follow(`nav.menu a[href="/rules"]`)
			li.follow(`nav.tabs a[href="/rules/changes"]`)
			li.shoot("changes-none")
			li.follow(`main a.primary`)
			li.seen("change-editor")
			li.set("title", l.t("第四次改为第三次", "the third time, not the fourth"))
			li.set("why", l.t("办公会 6 月 9 日决定", "decided on 9 June"))
			li.js(`{ const t = document.getElementById("text"); t.value = t.value.replace("chosen: gt3", "chosen: gt4"); }`)
			li.follow("form.stack button.primary")
			li.found()
			assert.Contains(li, li.text("#outcome"), l.t("不通过", "errors"))
			li.shoot("change-wrong")
			li.follow(`#do-proposed button`)
			assert.NotEmpty(li, li.text("#step-refused"))
			li.forget("status of 422")
			li.follow(`main a[href$="/edit"]`)
			li.js(`{ const t = document.getElementById("text"); t.value = t.value.replace("chosen: gt4", "chosen: ge3"); }`)
			li.follow("form.stack button.primary")
			li.found()
			li.follow(`#do-proposed button`)
			assert.Contains(li, li.text("#state"), l.t("待批准", "proposed"))

			zhang.visit("/rules/changes")
			zhang.shoot("changes-one")
			zhang.follow(`.changes a`)
			zhang.found()
			said := zhang.text("#study")
			assert.Contains(zhang, said, l.t("第三次", "third"))
			assert.Contains(zhang, said, l.t("共 1 条", "1 row"))
			zhang.shoot("change-to-approve")
			zhang.js(`for (const d of document.querySelectorAll("details")) d.open = true`)
			zhang.seen("change-all-open")
			zhang.set("refused-reason", l.t("还要写明从哪天起", "say from which day on"))
			zhang.follow(`#do-refused button`)
			assert.Contains(zhang, zhang.text("#refusal"), l.t("从哪天", "which day"))

			li.visit("/rules/changes/1/edit")
			li.set("why", l.t("办公会 6 月 9 日决定，自下月起", "decided on 9 June, from next month on"))
			li.follow("form.stack button.primary")
			li.found()
			li.follow(`#do-proposed button`)
			assert.Zero(li, value[int](li, `document.querySelectorAll("#do-approved").length`), "not his to approve")
			zhang.visit("/rules/changes/1")
			zhang.follow(`#do-approved button`)
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
			zhang.js(`{ const f = document.querySelector("form.step"); f.querySelector("input[name=option]:not(:checked)").checked = true; f.querySelector("[name=_by]").value = "` + l.t("办公会", "the board") + `"; f.querySelector("[name=why]").value = "` + l.t("照上级的意见", "as advised") + `"; }`)
			zhang.follow(`form.step button`)
			assert.Contains(zhang, zhang.text("#state"), l.t("待批准", "proposed"))
			assert.NotEmpty(zhang, zhang.text("#not-yours"), "who decided it does not approve it")
			zhang.found()
			zhang.shoot("reading-proposed")

			li.visit("/rules/history")
			li.follow("#comparing button")
			assert.Contains(li, li.text("#compared"), l.t("第三次", "third"))
			li.seen("versions-compared")
			li.follow(`a[href^="/rules/changes/new?from="]`)
			assert.Contains(li, value[string](li, `document.getElementById("text").value`), "chosen: gt3")
			li.follow("form.stack button.primary")
			li.visit("/rules/changes")
			li.seen("changes-list")
		})
	}
}
