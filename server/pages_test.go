package server

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/server/door"
)

// TestPages goes through the pages in a real browser, in both languages, on a
// wide screen and on a phone, light and dark.
func TestPages(t *testing.T) {
	t.Parallel()
	window := browser(t)
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	book, err := rulebook.Default()
	require.NoError(t, err)
	sound := book.Rulebook().Source()
	require.NoError(t, os.WriteFile(rules, sound, 0o644))
	origin := started(t, "--rules", rules)

	t.Run("journeys", func(t *testing.T) {
		for _, l := range looks() {
			t.Run(l.String(), func(t *testing.T) {
				t.Parallel() // two at a time on two processors
				b := open(t, window, origin, l)
				ask(b)
				recorded(b)
				month(b)
				readRules(b)
				states(b)
			})
		}
	})
	t.Run("broken rules while a page is open", func(t *testing.T) {
		var tabs []*tab
		for _, l := range looks() {
			b := open(t, window, origin, l)
			b.visit("/ask")
			tabs = append(tabs, b)
		}
		broken := strings.Replace(string(sound), `request.kind == "fault"`, `request.kind == "falt"`, 1)
		require.NotEqual(t, string(sound), broken)
		require.NoError(t, os.WriteFile(rules, []byte(broken), 0o644))
		for _, b := range tabs {
			b.untilText("#banner", "falt")
			assert.Contains(t, b.text("#banner"), b.t("规则文件有误", "The rules file is broken"))
			assert.Regexp(t, `rules\.yaml:\d+:\d+`, b.text("#banner"))
			b.seenLong("banner")
		}
		require.NoError(t, os.WriteFile(rules, sound, 0o644))
		for _, b := range tabs {
			b.until(`!document.querySelector("#banner [data-broken]")`)
		}
	})
}

// ask fills in a form, reads the answer and tries another reading.
func ask(b *tab) {
	b.visit("/ask")
	b.run(chromedp.KeyEvent("\t"))
	assert.Equal(b, "skip", value[string](b, `document.activeElement.className`), "the first stop of the keyboard")
	b.run(chromedp.KeyEvent("\r"))
	assert.Equal(b, "main", value[string](b, `document.activeElement.id`))
	b.seen("questions")
	b.follow(`a[href="/ask/time_limit.request"]`)
	b.seen("ask-empty")
	b.set("f-_as_of", "2025-06-20T09:00")
	b.set("f-request-kind", "install")
	b.set("f-request-area_type", "urban")
	b.untilText("#answer", b.t("未起算", "not started"))
	b.set("f-request-papers_complete_at", "2025-06-09T10:00")
	b.untilText("#answer .verdict", b.t("逾期", "overdue"))
	b.set("f-request-completed_at", "2025-06-17T09:00")
	b.set("f-request-direct", "S2")
	b.untilText("#answer .verdict", b.t("超期办结", "late"))
	b.untilText("#answer", "S2")
	assert.Contains(b, b.text("#outcome .verdict .figures"), "2025-06-16")
	assert.Equal(b, b.width < 600, value[bool](b, `document.getElementById("peek").getClientRects().length > 0`), "on a phone the answer stands where the change was made")
	if b.width < 600 {
		assert.Contains(b, b.text("#peek"), "2025-06-16")
		assert.Equal(b, "peek", value[string](b, `document.getElementById("f-request-direct").closest(".field").nextElementSibling.id`))
	}
	assert.Contains(b, b.text("#answer .values"), "2025-06-16")
	assert.Contains(b, b.text("#answer .reasons"), b.t("5个工作日", "5 working days"))
	assert.Contains(b, b.text("#answer .reasons .cite"), b.t("第\u00a06\u00a0条", "article\u00a06"))
	assert.Equal(b, 9, value[int](b, `document.querySelectorAll(".strip .day").length`), "from 9 to 17 June")
	assert.Equal(b, 2, value[int](b, `document.querySelectorAll(".strip .k-weekend").length`))
	assert.Equal(b, "5", value[string](b, `document.querySelector(".strip .has-due .n").textContent`))
	b.settled()
	b.seen("ask")

	// another reading, from the keyboard
	b.js(`[...document.querySelectorAll("#answer .switch")].find(f => f.querySelector(".changes ins")).querySelector("label:not(.on) input").focus()`)
	b.run(chromedp.KeyEvent(" "))
	b.until(`document.querySelector("#answer .switched")`)
	assert.True(b, value[bool](b, `document.activeElement.name.startsWith("_reading.")`), "the focus stays where it was")

	// a list of records, by its button
	b.settled()
	b.click("#f-request-customer_failures-add")
	b.until(`document.getElementById("f-request-customer_failures-0-type") && document.activeElement.id == "f-request-customer_failures-0-type"`)
	b.set("f-request-customer_failures-0-type", "visit_absent")
	b.settled()
	b.click("#f-request-customer_failures .remove")
	b.until(`!document.getElementById("f-request-customer_failures-0-type")`)

	b.visit("/ask/accountability.fine")
	if example := value[string](b, `[...document.querySelectorAll("#example option")].map(o => o.value)[3]`); example != "" {
		b.js(fmt.Sprintf(`document.getElementById("example").value = %q`, example))
		b.follow(".examples button")
	}
	b.seen("fine")
}

// recorded puts a decision on record, finds it again and verifies it.
func recorded(b *tab) {
	b.visit("/ask/time_limit.request")
	b.set("f-request-kind", "install")
	b.set("f-request-area_type", "urban")
	b.set("f-request-papers_complete_at", "2025-06-09T10:00")
	b.set("f-request-completed_at", "2025-06-17T09:00")
	b.set("f-_as_of", "2025-06-20T09:00")
	b.until(`document.getElementById("record")`)
	b.settled()
	b.follow("#record")
	number := b.text("#recorded strong")
	require.Regexp(b, `^\d+-[0-9a-f]{12}$`, number)
	assert.Contains(b, b.text(".proof"), b.t("已核验", "Verified"))
	assert.Contains(b, b.text(".paper .verdict .figures"), "2025-06-16", "the date stands in the headline")
	assert.Contains(b, b.text(".paper"), "2025-06-16")
	b.seen("decision")
	b.printed("decision")

	b.visit("/")
	b.seen("state")
	b.visit("/decisions")
	b.run(chromedp.SetValue(chromedp.CSS("#question"), "time_limit.request"))
	b.follow(".search button")
	assert.Contains(b, b.text("table.decisions"), number)
	b.seen("decisions")
	b.follow(`table.decisions a[href="/decisions/` + number + `"]`)
	assert.Contains(b, b.text(".paper h1"), b.t("建议书", "Proposal"))
	b.visit("/decisions")
	b.follow("#verify")
	assert.Contains(b, b.text("#outcome"), b.t("全部一致", "Everything is as it was recorded"))
	b.seen("verify")
}

// month takes a month from CSV to the print view.
func month(b *tab) {
	files, err := filepath.Glob(sampleMonth + "/*.csv")
	require.NoError(b, err)
	require.NotEmpty(b, files)
	for i := range files {
		files[i], err = filepath.Abs(files[i])
		require.NoError(b, err)
	}
	b.visit("/month")
	b.seen("month-start")
	fromAnOffice(b)
	b.visit("/month")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), files))
	b.set("month", "2025-06")
	b.follow("form.stack button")
	b.until(`document.querySelector(".tiles")`)
	assert.Contains(b, b.text(".gauge-table"), "4/5000")
	assert.Contains(b, b.text(".gauge-table"), b.t("须低于 0.1%", "below 0.1%"))
	assert.NotEmpty(b, b.text("#watch .watch"))
	assert.Contains(b, b.text("#sections"), b.t("拟罚", "fine"))
	start := value[[]int](b, `fetch(document.querySelector('a[download]').href).then(r => r.arrayBuffer()).then(a => [...new Uint8Array(a).slice(0, 3)])`)
	assert.Equal(b, []int{0xef, 0xbb, 0xbf}, start, "a byte order mark")
	b.seenLong("review")
	b.printed("review")
}

// fromAnOffice takes what a spreadsheet exports in GB18030, in columns of its own,
// through how it is read to its review.
func fromAnOffice(b *tab) {
	text, err := simplifiedchinese.GB18030.NewEncoder().String("工单编号,事项类型,区域,材料齐全时间,办结\nY1,安装,城区,2025/6/9 10:00,2025/6/13 16:00\nY2,安装,城区,2025/6/9 10:00,2025/6/17 16:00\n")
	require.NoError(b, err)
	file := filepath.Join(b.TempDir(), "六月装机.csv")
	require.NoError(b, os.WriteFile(file, []byte(text), 0o600))
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), []string{file}))
	b.set("month", "2025年6月")
	b.follow("form.stack button")
	b.until(`document.readyState === "complete" && document.getElementById("trial")`)
	assert.Contains(b, b.text("#trial"), "GB18030")
	choose := func(field, value string) {
		b.js(fmt.Sprintf(`document.querySelector('#mapping [name="%s"]').value = %q`, field, value))
	}
	choose("t0.c2", "request.area_type")
	choose("t0.c4", "request.completed_at")
	b.follow("#look")
	b.until(`document.readyState === "complete" && document.getElementById("trial")`)
	b.seenLong("month-tables")
	b.follow("#agreed")
	b.until(`document.readyState === "complete" && document.getElementById("sections")`)
	assert.Contains(b, b.text("#sections"), "Y2")
	assert.Contains(b, b.text("#sections"), b.t("超期办结 1", "late 1"))
	b.follow("#on-record")
	b.set("source", b.look.String()) // others put the same month on record meanwhile
	b.follow("form.search button")
	assert.Contains(b, b.text("#plan .tiles"), "2")
	b.seen("month-record")
	b.follow("#put")
	assert.Contains(b, b.text("#plan"), b.t("都在案了", "All of it is on record"))
	b.seen("month-on-record")
}

// readRules reads the rules and checks a draft.
func readRules(b *tab) {
	b.visit("/rules")
	b.seenLong("rules")
	b.follow(`nav.tabs a[href="/rules/readings"]`)
	b.seenLong("readings")
	b.follow(`nav.tabs a[href="/rules/draft"]`)
	b.set("draft", "rulebook: {id: x}\nregulatons: {}\n")
	b.follow("form.stack button.primary")
	assert.Contains(b, b.text(".findings"), "regulatons")
	b.seen("draft")
	b.js(`document.querySelector(".editing").setAttribute("aria-busy", "true"); document.querySelector(".editing .findings").style.transition = "none"`)
	b.seen("draft-busy") // while the findings are looked for anew, the last ones can be read
}

// states are what pages look like when something is not as it should be.
func states(b *tab) {
	b.visit("/ask/accountability.fine?example=1")
	b.set(value[string](b, `[...document.querySelectorAll(".fields input[inputmode=numeric]")].find(e => e.getClientRects().length).id`), "1x")
	b.settled()
	assert.NotEmpty(b, b.text("#stale"))
	b.seen("refused")
	b.visit("/ask/time_limit.request?form=AAAAAAAAAAAAAAAAAAAAAAAAAA")
	assert.NotEmpty(b, b.text("#lost"))
	b.seen("lost")
	b.set("f-request-kind", "install")
	b.until(`document.getElementById("record")`)
	b.settled()
	b.follow("#record")
	assert.Contains(b, b.text(".paper h1"), b.t("备忘", "Note"))
	b.seen("note")
	b.printed("note")
	b.visit("/rules/draft?from=current")
	b.rewrites("draft", "within: 5 working days", "within: 4 working days")
	b.follow("form.stack button.primary")
	assert.NotEmpty(b, b.text("#failed-cases"))
	b.seen("draft-cases")
}

// Pages for people who may not do what they want to.
func TestRefusedPages(t *testing.T) {
	t.Parallel()
	window := browser(t)
	secret, line, err := door.NewToken("asker", "ask")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte(line+"\n"), 0o600))
	origin := started(t, "--token-file", file)
	for _, l := range looks() {
		b := open(t, window, origin, l)
		call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{
			"Accept-Language": b.t("zh-CN", "en"), "Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(":"+secret)),
		}})
		b.visit("/decisions")
		assert.Contains(b, b.text("h1"), b.t("没有权限", "no permission"))
		b.seen("forbidden")
		b.forget("status of 403")
		b.visit("/ask/time_limit.request")
		b.set("f-request-kind", "install")
		b.set("f-request-area_type", "urban")
		b.set("f-request-papers_complete_at", "2025-06-09T10:00")
		b.until(`document.getElementById("record")`)
		b.settled()
		b.follow("#record")
		assert.Regexp(b, `^\d+-[0-9a-f]{12}$`, b.text("#recorded strong"))
		assert.Equal(b, "install", value[string](b, `document.getElementById("f-request-kind").value`))
		b.seen("recorded-unread")
	}
}
