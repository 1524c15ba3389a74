package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
)

// census finds everything that a person may act on in the pages, and in the
// end asks whether it was shown that acting on it changes something.
type census struct {
	*tab
	found  []foundControl
	proven []string // selectors
}

type foundControl struct {
	Page, HTML string
	By         []string // the selectors of provable that find it
}

// provable are the selectors that a test may prove something of.
var provable = []string{
	"#ask",
	"#draft",
	"#example",
	"#f-_as_of",
	"#go",
	"#month",
	"#own",
	"#readings input",
	"#reason",
	"#record",
	"#source",
	"#mapping",
	"#mapping .actions button",
	"#mapping input[type=checkbox]",
	"#mapping select",
	"#tables",
	"#verify",
	"#vfrom",
	"#vto",
	".examples button",
	".fields input",
	".fields select",
	".fields textarea",
	".search button",
	".search input",
	".search select",
	".tool",
	"[data-copy]",
	"[data-print]",
	"a[href]:not(.tool, #at-provider, #sign-out-there)",
	"#at-provider", // lead to another server
	"#sign-out-there",
	"button.add",
	"button.remove",
	"button.sr",
	"form.inline",
	"form.search",
	"#export",
	"form.step",
	"form.step button",
	"form.step input",
	"form.step select",
	"form.step textarea",
	"form.stack",
	"form.stack button",
	"summary",

	// of changes of the rules
	"#title",
	"#why",
	"#text",
	".editing button",
	"[data-part=list] button",
	"#study form",
	"#study-again",
	"#comparing",
	"#comparing button",
	"#comparing input",

	// of people
	"#sign-in",
	"#choose",
	"#add",
	"#edit",
	"#change",
	"#account",
	"#name",
	"#present",
	"#password",
	"#again",
	".roles input",
	"form[action^='/people/'] button",
	"form[action^='/people/']",
	"form[action='/sign-out']",
}

// allControls are the elements that people act on. What is hidden is for the
// script.
const allControls = `[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary, form")]`

// shown takes the controls of the page as it is now, follows its links, and folds
// and unfolds what can be.
func (c *census) shown(page string) {
	c.Helper()
	c.took(page)
	c.links(page)
	c.summaries(page)
}

// took takes the controls of the page as it is now.
func (c *census) took(page string) {
	c.Helper()
	selectors, err := json.Marshal(provable)
	require.NoError(c, err)
	text := value[string](c.tab, `JSON.stringify(`+allControls+`.map(e => ({HTML: e.cloneNode(false).outerHTML.slice(0, 200), By: `+string(selectors)+`.filter(s => e.matches(s))})))`)
	var found []foundControl
	require.NoError(c, json.Unmarshal([]byte(text), &found))
	require.NotEmpty(c, found, page)
	for _, f := range found {
		f.Page = page
		c.found = append(c.found, f)
	}
}

// proves says that what the selectors find was acted on, and that something
// came of it.
func (c *census) proves(selectors ...string) {
	c.Helper()
	require.Subset(c, provable, selectors)
	c.proven = append(c.proven, selectors...)
}

// joins adds what another one found and proved.
func (c *census) joins(other *census) {
	c.found, c.proven = append(c.found, other.found...), append(c.proven, other.proven...)
}

// finish fails for every control of any page that no test is about.
func (c *census) finish(t *testing.T) {
	t.Helper()
	for _, f := range c.found {
		assert.True(t, slices.ContainsFunc(f.By, func(s string) bool { return slices.Contains(c.proven, s) }), "%s: nobody shows that this does anything: %s", f.Page, f.HTML)
	}
}

// links follows every link of the page: there is a page at its end, and the
// place that it names is there. What was found at an address is kept for the
// next page of the tab, since most links stand on all of them.
func (c *census) links(page string) {
	c.Helper()
	dead := value[string](c.tab, `(async () => {
		const dead = [], seen = JSON.parse(sessionStorage.followed ?? "{}");
		const placesOf = d => [...d.querySelectorAll("[id]")].map(e => e.id);
		const here = placesOf(document);
		for (const a of document.querySelectorAll("a[href]:not(.tool)")) {
			const to = new URL(a.href.baseVal ?? a.href, location.href); // in a drawing it is an object
			if (to.origin !== location.origin || !to.protocol.startsWith("http")) { dead.push("elsewhere: " + a.outerHTML); continue; }
			const place = decodeURIComponent(to.hash.slice(1));
			let places = here;
			if (to.pathname + to.search !== location.pathname + location.search) {
				to.hash = "";
				if (!seen[to.href]) {
					const r = await fetch(to.href);
					const text = await r.text();
					const d = r.headers.get("Content-Type").startsWith("text/html") ? new DOMParser().parseFromString(text, "text/html") : null;
					seen[to.href] = {ok: r.ok && !!text.length, page: !!d?.querySelector("h1"), places: d ? placesOf(d) : []};
				}
				const got = seen[to.href];
				if (!got.ok || (!a.hasAttribute("download") && !got.page)) dead.push("no page: " + a.outerHTML);
				places = got.places;
			}
			if (place && !places.includes(place)) dead.push("no such place: " + a.outerHTML);
		}
		sessionStorage.followed = JSON.stringify(seen);
		return [...new Set(dead)].slice(0, 10).join("\n");
	})()`)
	assert.Empty(c, dead, page)
	c.proves("a[href]:not(.tool, #at-provider, #sign-out-there)")
}

// summaries folds and unfolds whatever can be.
func (c *census) summaries(page string) {
	c.Helper()
	stuck := value[string](c.tab, `[...document.querySelectorAll("summary")].filter(s => {
		const d = s.parentElement, open = d.open, inside = [...d.children].find(x => x !== s);
		s.click();
		const turned = d.open !== open && (!d.open || d.parentElement.closest("details:not([open])") || inside.getClientRects().length > 0);
		s.click();
		return !turned || d.open !== open;
	}).map(s => s.outerHTML).slice(0, 5).join("\n")`)
	assert.Empty(c, stuck, page)
	c.proves("summary")
}

// facts are those that the answer on the page is to, as the command to copy
// says them.
func (c *census) facts() string {
	c.Helper()
	return value[string](c.tab, `(document.getElementById("copy-curl")?.textContent ?? "").split("-d '")[1]?.slice(0, -1).replaceAll("'\\''", "'") ?? ""`)
}

// factAt is a fact by its path, as JSON, "" where it is not given.
func (c *census) factAt(path string) string {
	c.Helper()
	return value[string](c.tab, fmt.Sprintf(`(() => {
		const text = (document.getElementById("copy-curl")?.textContent ?? "").split("-d '")[1]?.slice(0, -1).replaceAll("'\\''", "'");
		if (!text) return "no answer";
		let at = JSON.parse(text);
		for (const step of %q.split(/[.\[\]]+/)) if (step !== "") at = at?.[step];
		return at === undefined ? "" : JSON.stringify(at);
	})()`, path))
}

// press clicks an element as a person does who has scrolled to it.
func (c *census) press(selector string) {
	c.Helper()
	c.js(fmt.Sprintf(`document.querySelector(%q).click()`, selector))
}

// TestEveryControl acts on every control of every page, and looks at what
// changes. Each part has a tab and a server of its own. The pages of changes and of
// people are those of TestChangingTheRules and TestPeoplePages.
func TestEveryControl(t *testing.T) {
	t.Parallel()
	window := browser(t)
	var mu sync.Mutex
	var all census
	t.Run("parts", func(t *testing.T) {
		for name, part := range map[string]func(*census){
			"frame": frame, "fields 1": fields(0, 2), "fields 2": fields(1, 2), "switching 1": switching(0, 2), "switching 2": switching(1, 2),
			"asking": asking, "staying": staying, "keeping": keeping, "looking": looking, "drafting": drafting, "reviewing": reviewing, "deciding": deciding,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := &census{tab: open(t, window, started(t), look{"en", 1280, "light"})}
				c.hurried()
				part(c)
				mu.Lock()
				defer mu.Unlock()
				all.joins(c)
			})
		}
	})
	if !t.Failed() {
		all.finish(t)
	}
}

// hurried lets a part shorten the pause after which the script takes it that
// nobody types any more, by hurry: over hundreds of fields it is most of the
// time. Where it matters what happens within that pause it is whole.
func (c *census) hurried() {
	c.Helper()
	call(c.tab, page.Enable, page.EnableParams{})
	call(c.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `{ const wait = window.setTimeout; window.setTimeout = (f, after, ...rest) => wait(f, after === 300 && sessionStorage.hurry ? 15 : after, ...rest); }`,
	})
}

func (c *census) hurry() (done func()) {
	c.Helper()
	c.visit("/ask")
	c.js(`sessionStorage.hurry = "yes"`)
	return func() { c.js(`sessionStorage.removeItem("hurry")`) }
}

// frame is what stands on every page.
func frame(c *census) {
	c.visit("/decisions?question=time_limit.request")
	c.shown("decisions, searching")
	for _, at := range []string{"/", "/ask", "/month", "/rules", "/decisions"} {
		c.follow(`nav.menu a[href="` + at + `"]`)
		assert.Equal(c, at, value[string](c.tab, `location.pathname`))
		assert.Equal(c, at, value[string](c.tab, `document.querySelector("nav.menu [aria-current]").getAttribute("href")`))
	}
	c.follow(".brand")
	assert.Equal(c, "/", value[string](c.tab, `location.pathname`))
	c.shown("how things stand")
	c.set("q", "time limit due")
	c.follow(".find button")
	assert.Equal(c, []string{"/ask/time_limit.request"}, value[[]string](c.tab, `[...document.querySelectorAll(".links a")].map(a => a.getAttribute("href"))`))
	c.shown("questions found")
	c.visit("/ask")
	c.shown("questions")
	c.js(`document.querySelector(".skip").focus()`)
	c.run(chromedp.KeyEvent("\r"))
	assert.Equal(c, "main", value[string](c.tab, `document.activeElement.id`))

	c.visit("/decisions?question=time_limit.request")
	ground := value[string](c.tab, `getComputedStyle(document.body).backgroundColor`)
	for _, page := range []string{"/decisions?question=time_limit.request", "/ask/time_limit.request"} {
		c.visit(page)
		c.press(".to-dark")
		assert.Equal(c, "dark", value[string](c.tab, `document.documentElement.dataset.theme`))
		assert.NotEqual(c, ground, value[string](c.tab, `getComputedStyle(document.body).backgroundColor`))
		c.until(`document.cookie.includes("theme=dark")`) // the browser may take a moment to know it itself
		c.visit(page)
		assert.Equal(c, "dark", value[string](c.tab, `document.documentElement.dataset.theme`), "it stays")
		c.press(".to-light")
		assert.Equal(c, ground, value[string](c.tab, `getComputedStyle(document.body).backgroundColor`))
	}
	c.visit("/decisions?question=time_limit.request")
	c.follow(`a[data-keep="lang"]`)
	assert.Equal(c, "zh-CN", value[string](c.tab, `document.documentElement.lang`))
	assert.Contains(c, value[string](c.tab, `location.search`), "question=time_limit.request")
	c.follow(`a[data-keep="lang"]`)
	assert.Equal(c, "en", value[string](c.tab, `document.documentElement.lang`))
	c.visit("/ask/time_limit.request")
	c.set("f-request-direct", "S77")
	c.follow(`button[name="lang"]`)
	assert.Equal(c, "zh-CN", value[string](c.tab, `document.documentElement.lang`))
	assert.Equal(c, "S77", value[string](c.tab, `document.getElementById("f-request-direct").value`))
	c.follow(`button[name="lang"]`)
	assert.Equal(c, "en", value[string](c.tab, `document.documentElement.lang`))
	c.proves(".tool")
	c.visit("/nothing")
	c.shown("no such page")
	c.forget("the server responded with a status of 404")
}

// forget takes away what the browser finds wrong and a test means to happen.
func (b *tab) forget(fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = slices.DeleteFunc(b.faults, func(s string) bool { return strings.Contains(s, fault) })
}

// questions are those that one of several parts acts on: all together all of
// them in the longest run, else a fourth.
func (c *census) questions(one, of int) (all []*policy.Question) {
	book, err := rulebook.Default()
	require.NoError(c, err)
	of *= testsize.Pick(8, 4, 1)
	for i, q := range book.Rulebook().Questions {
		if i%of == one {
			all = append(all, q)
		}
	}
	return all
}

// fields fills in every field of every question, and looks for each in what
// was asked.
func fields(one, of int) func(*census) {
	return func(c *census) { c.fields(one, of) }
}

func (c *census) fields(one, of int) {
	defer c.hurry()()
	for _, q := range c.questions(one, of) {
		c.visit("/ask/" + url.PathEscape(q.ID))
		c.addRows()
		c.shown(q.ID)
		names := value[[]string](c.tab, `(() => {
			const names = new Set(), form = document.getElementById("ask");
			for (const e of form.querySelectorAll(".fields input:not([type=hidden]), .fields select, .fields textarea")) {
				if (e.value === "null" || e.value === "[]") continue;
				if (e.type === "radio") { if (e.value !== "true") continue; e.checked = true; }
				else if (e.type === "checkbox") e.checked = true;
				else if (e.tagName === "SELECT") e.value = [...e.options].find(o => o.value && o.value !== "null").value;
				else e.value = {"datetime-local": "2025-06-09T10:00", date: "2025-06-09", month: "2025-05"}[e.type] ?? (e.inputMode === "numeric" ? (/year/.test(e.name) ? "2025" : "1") : "X7");
				e.dispatchEvent(new Event("input", {bubbles: true}));
				e.dispatchEvent(new Event("change", {bubbles: true}));
				names.add(e.name);
			}
			return [...names];
		})()`)
		c.settled()
		for _, name := range names {
			at := c.factAt(name)
			assert.NotContains(c, []string{"", "null", "no answer"}, at, "%s: %s; %s", q.ID, name, c.text("#refused"))
		}
		// the other choices of what is yes, no or neither, and what is known to be
		// none: of an empty form, first without and then with a row in every list
		c.visit("/ask/" + url.PathEscape(q.ID))
		done := map[string]bool{}
		for _, rows := range []bool{false, true} {
			if rows {
				c.addRows()
			}
			for _, one := range value[[][]string](c.tab, `[...document.querySelectorAll('.fields input[type=radio]:not([value=true]), .fields input[value=null], .fields input[value="[]"]')].map(e => [e.name, e.value, e.type])`) {
				if done[one[0]+one[1]] {
					continue
				}
				done[one[0]+one[1]] = true
				element := fmt.Sprintf(`document.querySelector('.fields input[name="' + CSS.escape(%q) + '"][value="%s"]')`, one[0], one[1])
				if one[1] == "" { // from yes to neither
					c.js(strings.Replace(element, `[value=""]`, `[value="true"]`, 1) + ".click()")
					c.settled()
					assert.Equal(c, "true", c.factAt(one[0]), "%s: %s", q.ID, one[0])
				}
				c.js(element + ".click()")
				c.settled()
				assert.Equal(c, one[1], c.factAt(one[0]), "%s: %s; %s", q.ID, one[0], c.text("#refused"))
				if one[2] == "checkbox" {
					c.js(element + ".click()")
					c.settled()
					assert.NotEqual(c, one[1], c.factAt(one[0]), "%s: %s", q.ID, one[0])
				}
			}
		}
		// rows go away again
		for value[bool](c.tab, `!!document.querySelector("button.remove")`) {
			rows := value[int](c.tab, `document.querySelectorAll(".list > .row").length`)
			c.press("button.remove")
			c.until(fmt.Sprintf(`document.querySelectorAll(".list > .row").length < %d`, rows))
			c.settled()
		}
		if c.Failed() {
			return
		}
	}
	c.proves(".fields input", ".fields select", ".fields textarea", "button.add", "button.remove")
}

// addRows adds a row to every list of the form.
func (c *census) addRows() {
	c.Helper()
	for _, add := range value[[]string](c.tab, `[...document.querySelectorAll("button.add")].map(e => e.id)`) {
		c.js(fmt.Sprintf(`document.getElementById(%q).click()`, add))
		c.until(fmt.Sprintf(`document.getElementById(%q).closest(".list").querySelector(".row")`, add))
		c.settled()
	}
}

// switching chooses every other option that says that it changes something,
// and looks whether it does.
func switching(one, of int) func(*census) {
	return func(c *census) { c.switching(one, of) }
}

func (c *census) switching(one, of int) {
	defer c.hurry()()
	moved, questions := 0, 0
	for _, q := range c.questions(one, of) {
		const shownChanges = `JSON.stringify([...document.querySelectorAll("#readings .switch")].flatMap(f => [...f.querySelectorAll("label")].filter(l => l.querySelector("ins")).slice(0, 2).map(l =>
			({ID: l.querySelector("input").id, Label: l.querySelector(".what").textContent, To: [...l.querySelectorAll("ins")].map(e => e.textContent).filter(x => x !== "–")}))))`
		var options []struct {
			ID, Label string
			To        []string
		}
		example := 1
		for ; example <= 4 && len(options) == 0; example++ {
			c.visit(fmt.Sprintf("/ask/%s?example=%d", url.PathEscape(q.ID), example))
			require.NoError(c, json.Unmarshal([]byte(value[string](c.tab, shownChanges)), &options))
		}
		if len(options) == 0 {
			continue
		}
		questions++
		at := fmt.Sprintf("/ask/%s?example=%d", url.PathEscape(q.ID), example-1)
		for _, o := range options[:min(len(options), 5)] {
			c.visit(at)
			before := c.text("#outcome")
			c.js(fmt.Sprintf(`(() => { const e = document.getElementById(%q); const d = e.closest("details"); if (d) d.open = true; e.focus(); e.click(); })()`, o.ID))
			c.settled()
			after := c.text("#outcome")
			name := q.ID + ": " + o.ID
			assert.NotEqual(c, before, after, name)
			assert.Contains(c, c.text(".switched"), o.Label, name)
			for _, to := range o.To {
				for part := range strings.SplitSeq(to, ", ") { // lists are written in one line there
					assert.Contains(c, folded(after), folded(part), "%s leads to what it says: %s", name, part)
				}
			}
			assert.True(c, value[bool](c.tab, `[...document.querySelectorAll("#readings input:checked")].some(e => e.closest("label").querySelector(".what").textContent === `+fmt.Sprintf("%q", o.Label)+`)`), "%s stays chosen", name)
			assert.True(c, value[bool](c.tab, `document.activeElement.name.startsWith("_reading.")`), "the focus stays where it was")
			c.run(chromedp.Reload())
			assert.Contains(c, c.text(".switched"), o.Label, "%s: also when the page is loaded again", name)
			c.press("#own")
			c.until(`!document.querySelector(".switched")`)
			assert.Equal(c, before, c.text("#outcome"), "%s: and back", name)
			moved++
			if c.Failed() {
				return
			}
		}
	}
	if testsize.Pick(false, false, true) {
		assert.GreaterOrEqual(c, moved, 20/of)
		assert.Greater(c, questions, 10/of)
	}
	c.proves("#readings input", "#own")
}

// folded is the words of a text, whatever is between them and however they are
// written.
func folded(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// asking is the rest of a question's page.
func asking(c *census) {
	c.visit("/ask/time_limit.request")
	c.set("f-_as_of", "2025-06-20T09:00")
	c.set("f-request-kind", "install")
	c.settled()
	assert.Contains(c, value[string](c.tab, `document.getElementById("copy-curl").textContent`), "as_of=2025-06-20")
	c.set("f-_as_of", "2025-06-21T09:00")
	c.settled()
	assert.Contains(c, value[string](c.tab, `document.getElementById("copy-curl").textContent`), "as_of=2025-06-21")
	c.shown("an answer")

	// the buttons that ask: nothing is lost of what changed just before
	c.js(`document.getElementById("f-request-direct").value = "S8"; document.getElementById("go").click()`)
	c.until(`document.getElementById("copy-curl").textContent.includes("S8")`)
	c.js(`document.getElementById("f-request-direct").value = "S9"; document.getElementById("f-request-direct").focus()`)
	c.run(chromedp.KeyEvent("\r"))
	c.until(`document.getElementById("copy-curl").textContent.includes("S9")`)
	c.proves("#go", "button.sr", "#f-_as_of", "#ask")

	c.settled()

	// copying
	c.js(`Object.defineProperty(navigator, "clipboard", {value: {writeText: async t => { window.copied = t; }}})`)
	for _, id := range []string{"copy-curl", "copy-case", "copy-go", "copy-link"} {
		c.js(fmt.Sprintf(`document.getElementById("open-%[1]s").open = true; document.querySelector('[data-copy="%[1]s"]').click()`, id))
		c.until(fmt.Sprintf(`document.querySelector('[data-copy="%s"]').textContent === "Copied"`, id))
		assert.Equal(c, value[string](c.tab, fmt.Sprintf(`document.getElementById(%q).textContent`, id)), value[string](c.tab, `window.copied`))
	}
	c.proves("[data-copy]")

	// what would change it is fetched when it is unfolded, and has a page of its own
	asked, link := c.facts(), value[string](c.tab, `document.getElementById("copy-link").textContent`)
	c.js(`document.getElementById("what-if").open = true`)
	c.until(`document.querySelector("#what-if .firm h3")`)
	c.follow(`nav.menu a[href="/rules"]`)
	c.back()
	c.visit(value[string](c.tab, `document.querySelector("#what-if a").getAttribute("href")`))
	assert.Contains(c, c.text("main"), "What to ask first")
	c.shown("what would change it")
	c.follow("main .button")

	// an address that holds the facts
	c.visit(strings.TrimPrefix(link, c.origin))
	assert.Equal(c, asked, c.facts())
	c.run(chromedp.Reload())
	assert.Equal(c, asked, c.facts())

	// examples: chosen, and filled in by the button
	c.js(`(() => { const e = document.getElementById("example"); e.value = e.options[2].value; e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	c.until(`location.search.includes("form=") && document.readyState === "complete" && document.getElementById("copy-curl") && !document.getElementById("copy-curl").textContent.includes("S9")`)
	chosen := c.facts()
	c.visit("/ask/time_limit.request")
	c.js(`(() => { const e = document.getElementById("example"); e.value = e.options[2].value; })()`)
	c.follow(".examples button")
	assert.Equal(c, chosen, c.facts())
	c.proves("#example", ".examples button")
}

// staying is what happens to the answer where something is refused, where the
// server is away, and where more is asked than may be.
func staying(c *census) {
	c.visit("/ask/accountability.fine?example=1")
	verdict := c.text("#outcome .verdict h2")
	require.NotEmpty(c, verdict)
	number := value[string](c.tab, `[...document.querySelectorAll('.fields input[inputmode=numeric]')].find(e => e.getClientRects().length).id`)
	was := value[string](c.tab, fmt.Sprintf(`document.getElementById(%q).value`, number))
	c.set(number, "1x")
	c.settled()
	assert.Equal(c, verdict, c.text("#outcome .verdict h2"), "the answer stays")
	assert.Contains(c, c.text("#stale"), "not one to what is filled in now")
	assert.NotEmpty(c, c.text("#"+number+"-error"), "the message stands at the field")
	assert.Contains(c, value[string](c.tab, fmt.Sprintf(`document.getElementById(%q).closest(".field").className`, number)), "wrong")
	assert.False(c, value[bool](c.tab, `!!document.getElementById("record")`), "there is nothing to record")
	c.shown("something is refused")
	c.press("#refused a")
	assert.Equal(c, number, value[string](c.tab, `document.activeElement.id`))
	c.run(chromedp.Reload())
	assert.Equal(c, verdict, c.text("#outcome .verdict h2"), "also without the script")
	assert.Equal(c, "1x", value[string](c.tab, fmt.Sprintf(`document.getElementById(%q).value`, number)))
	c.set(number, was)
	c.settled()
	assert.Empty(c, c.text("#stale"))
	assert.Empty(c, c.text("#refused"))
	c.forget("status of 422")

	c.js(`window.fetched = window.fetch; window.fetch = () => Promise.reject(new TypeError("away"))`)
	c.set(number, "2")
	c.until(`!document.getElementById("trouble").hidden`)
	assert.Contains(c, c.text("#trouble"), "cannot be reached")
	assert.Equal(c, "2", value[string](c.tab, fmt.Sprintf(`document.getElementById(%q).value`, number)))
	c.js(`window.fetch = async () => new Response("<main><h1>the token's rate limit is exceeded</h1><p class=lead>try again later</p></main>", {status: 429})`)
	c.press("#go")
	c.untilText("#trouble", "rate limit is exceeded → try again later")
	c.js(`window.fetch = window.fetched`)
	c.press("#go")
	c.until(`document.getElementById("trouble").hidden`)
	c.settled()
	assert.Contains(c, c.facts(), "2")
}

// keeping goes away from a form in every way, and comes back.
func keeping(c *census) {
	filled := func(name string) {
		c.Helper()
		c.until(`document.readyState === "complete" && document.getElementById("f-request-direct")?.value === "S-1890"`)
		assert.Equal(c, "install", value[string](c.tab, `document.getElementById("f-request-kind").value`), name)
		assert.Equal(c, "visit_absent", value[string](c.tab, `document.getElementById("f-request-customer_failures-0-type").value`), name)
		c.settled()
		assert.Contains(c, c.factAt("request.direct"), "S-1890", name)
		assert.NotContains(c, value[string](c.tab, `location.href`), "S-1890", name) // which no random key can hold
	}
	c.visit("/ask")
	c.follow(`a[href="/ask/time_limit.request"]`)
	c.set("f-_as_of", "2025-06-20T09:00")
	c.set("f-request-kind", "install")
	c.set("f-request-area_type", "urban")
	c.set("f-request-papers_complete_at", "2025-06-09T10:00")
	c.settled()
	c.press("#f-request-customer_failures-add")
	c.until(`document.getElementById("f-request-customer_failures-0-type")`)
	c.settled()
	c.set("f-request-customer_failures-0-type", "visit_absent")
	c.settled()
	c.set("f-request-direct", "S-1890") // and away, before it was sent
	c.follow("#outcome .cite")
	assert.Equal(c, "/rules", value[string](c.tab, `location.pathname`))
	c.back()
	filled("back from an article")
	c.run(chromedp.Reload())
	filled("loaded again")
	c.follow(`nav.menu a[href="/month"]`)
	c.back()
	filled("back from the menu")
	c.follow("#record")
	require.NotEmpty(c, c.text("#recorded strong"))
	c.shown("just recorded")
	c.back()
	filled("back from recording")
	c.follow("#record")
	number := c.text("#recorded strong")
	c.follow("#back")
	filled("the way back from recording")
	c.proves("#record")

	// what may not go on record, and away from where it says so
	c.set("f-_as_of", "2100-01-01T09:00")
	c.settled()
	c.follow("#record")
	assert.Contains(c, c.text("#refused"), "this has not come yet")
	c.follow(`nav.menu a[href="/rules"]`)
	c.back()
	filled("back from what was not recorded")
	assert.Contains(c, c.text("#refused"), "this has not come yet")
	c.run(chromedp.Reload())
	filled("loaded again")
	c.forget("status of 422")
	c.set("f-_as_of", "2025-06-20T09:00")
	c.settled()
	assert.Empty(c, c.text("#refused"))

	// what is changed and recorded at once is what goes on record
	c.set("f-request-direct", "S43")
	c.press("#record")
	c.until(`location.pathname.startsWith("/decisions/") && document.readyState === "complete" || !document.querySelector("#answer[aria-busy]")`)
	if !value[bool](c.tab, `location.pathname.startsWith("/decisions/")`) {
		c.follow("#record")
	}
	assert.Contains(c, c.text(".paper"), "S43")
	assert.NotEqual(c, number, c.text("#recorded strong"))

	c.visit("/ask/time_limit.request")
	c.set("f-request-kind", "install")
	c.until(`document.getElementById("record")`)
	c.settled()
	c.follow("#record")
	assert.Contains(c, c.text(".paper h1"), "Note")
	c.shown("a note")
	c.visit("/ask/time_limit.request?form=AAAAAAAAAAAAAAAAAAAAAAAAAA")
	assert.Contains(c, c.text("#lost"), "no longer kept")
	c.shown("a form that is lost")

	// without scripts
	c.scripts(false)
	c.visit("/ask/time_limit.request")
	c.js(`(() => { const f = document.getElementById("ask"); f.elements["_as_of"].value = "2025-06-20T09:00"; f.elements["request.kind"].value = "install"; f.elements["request.direct"].value = "S-1890"; })()`)
	c.follow("#f-request-customer_failures-add")
	c.js(`document.getElementById("f-request-customer_failures-0-type").value = "visit_absent"`)
	c.follow("#go")
	filled("without scripts")
	c.follow(`nav.menu a[href="/rules"]`)
	c.back()
	filled("without scripts, back from the menu")
	c.follow("#record")
	c.back()
	filled("without scripts, back from recording")
	c.scripts(true)
}

// looking finds and verifies decisions.
func looking(c *census) {
	c.visit("/decisions")
	c.js(`window.recorded = (async () => {
		for (let i = 0; i < 52; i++) {
			const r = await fetch("/v1/questions/time_limit.request/ask?record=1", {method: "POST", headers: {"Content-Type": "application/json"},
				body: JSON.stringify({request: {kind: "install", area_type: "urban", papers_complete_at: "2025-06-09T10:00:00+08:00", direct: "S" + i}})});
			if (r.status !== 201) return "status " + r.status;
		}
		return "";
	})()`)
	assert.Empty(c, value[string](c.tab, `window.recorded`))
	c.visit("/decisions")
	c.shown("decisions")
	rows := func() int { return value[int](c.tab, `document.querySelectorAll("table.decisions tbody tr").length`) }
	assert.Equal(c, 50, rows())
	first := c.text("table.decisions tbody th")
	c.follow(`p > a.button[href*="after="]`)
	assert.Positive(c, rows())
	assert.NotContains(c, c.text("table.decisions"), first)

	// every number of the first page leads to its list, each line to its record
	c.visit("/")
	c.shown("how things stand, with records")
	assert.Equal(c, "52", c.text(`.tile a[href="/state/overdue"] .n`))
	c.follow(`.tile a[href="/state/overdue"]`)
	assert.Equal(c, 52, value[int](c.tab, `document.querySelectorAll(".matters li").length`))
	c.shown("what is overdue")
	c.set("says", "S51")
	c.follow(".find button")
	assert.Equal(c, 1, value[int](c.tab, `document.querySelectorAll(".matters li").length`))
	c.follow(".find a")
	c.follow(".matters li:last-child a")
	assert.Contains(c, c.text(".paper .reasons"), "5 working days")
	c.visit("/")
	c.follow(".chart a:last-of-type")
	assert.Equal(c, 50, rows(), "of that month")

	search := func(id, text string) {
		c.visit("/decisions?question=time_limit.request")
		c.set(id, text)
		c.follow(".search button")
	}
	search("question", "accountability.fine")
	assert.Zero(c, rows())
	assert.Contains(c, c.text("main"), "Nothing was found")
	search("verdict", "on_time")
	assert.Zero(c, rows())
	search("verdict", "overdue")
	assert.Equal(c, 50, rows())
	search("from", "2200-01-01")
	assert.Zero(c, rows())
	search("to", "2020-01-01")
	assert.Zero(c, rows())
	search("id", first)
	assert.Equal(c, "/decisions/"+first, value[string](c.tab, `location.pathname`))
	c.shown("a decision")
	c.js(`window.print = () => { window.printed = true; }`)
	c.press("[data-print]")
	assert.True(c, value[bool](c.tab, `window.printed`))
	c.proves(".search select", ".search input", ".search button", "form.search", "[data-print]")

	c.visit("/decisions")
	c.set("vfrom", "2")
	c.set("vto", "3")
	c.follow("#verify")
	assert.Contains(c, c.text("main"), "places 2–3")
	c.shown("verified")
	c.follow(`nav.menu a[href="/rules"]`)
	c.back()
	assert.NotEmpty(c, c.text("#verify"), "back from what was found, and nothing is verified again")
	c.visit("/decisions")
	c.set("vfrom", "x")
	c.follow("#verify")
	assert.Contains(c, c.text("[role=alert]"), "a whole number")
	c.forget("status of 422")
	c.proves("#vfrom", "#vto", "#verify", "form.inline")
}

// drafting reads the rules and tries a draft.
func drafting(c *census) {
	c.visit("/rules")
	c.shown("rules")
	c.follow(`nav.tabs a[href="/rules/readings"]`)
	c.shown("readings")
	c.follow(`nav.tabs a[href="/rules/draft"]`)
	c.shown("a draft")
	c.set("draft", "rulebook: {id: x}\nregulatons: {}\n")
	c.follow("form.stack button.primary")
	assert.Contains(c, c.text("#outcome"), "cannot be used")
	c.shown("a bad draft")
	c.follow(`a[href="/rules/draft?from=current"]`)
	c.rewrites("draft", "within: 5 working days", "within: 4 working days")
	c.follow("form.stack button.primary")
	assert.Contains(c, c.text("#outcome"), "fails examples")
	assert.Contains(c, c.text("#failed-cases"), "due_date")
	c.shown("a draft that fails cases")
	// nothing is lost on the way: by going away and back, by loading the page
	// again, by another language
	mine := func() bool {
		c.until(`document.readyState === "complete" && document.getElementById("draft")`)
		return value[bool](c.tab, `document.getElementById("draft").value.includes("within: 4 working days") && !!document.getElementById("failed-cases")`)
	}
	c.follow(`nav.menu a[href="/month"]`)
	c.back()
	assert.True(c, mine(), "back")
	c.run(chromedp.Reload())
	assert.True(c, mine(), "loaded again")
	c.set("draft", value[string](c.tab, `document.getElementById("draft").value`)+"\n# not tried yet\n")
	c.follow(`button[name="lang"]`)
	assert.Equal(c, "zh-CN", value[string](c.tab, `document.documentElement.lang`))
	assert.True(c, mine(), "in another language")
	assert.True(c, value[bool](c.tab, `document.getElementById("draft").value.includes("# not tried yet")`))
	c.follow(`button[name="lang"]`)
	c.proves("#draft", "form.stack", "form.stack button")
}

// mapping sends a table that somebody else has made, says how it is read, and
// reviews it so.
func (c *census) mapping() {
	file := filepath.Join(c.TempDir(), "六月工单.csv")
	text := "流水,类别,故障程度,受理时间,办结情况\nW-1,故障,普通,03/06/2025 9:00,04/06/2025 8:30\nW-2,故障,一般,13/06/2025 10:00,14/06/2025 9:00\n"
	require.NoError(c, os.WriteFile(file, []byte(text), 0o600))
	c.visit("/month")
	c.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), []string{file}))
	c.set("month", "2025-06")
	c.follow("form.stack button")
	c.until(`document.readyState === "complete" && document.getElementById("mapping")`)
	c.shown("how tables are read")
	at := func(field string) string { return fmt.Sprintf(`document.querySelector('#mapping [name="%s"]')`, field) }
	choose := func(field, to string) {
		c.Helper()
		c.js(at(field) + fmt.Sprintf(`.value = %q`, to))
		c.follow("#look")
		c.until(`document.readyState === "complete" && document.getElementById("mapping")`)
		assert.Equal(c, to, value[string](c.tab, at(field)+`.value`), field)
	}
	choose("t0", "")
	assert.Contains(c, c.text("[role=alert]"), "none of the tables")
	choose("t0", "requests")
	choose("t0.id", "0")
	choose("t0.c1", "request.kind")
	choose("t0.c4", "request.completed_at")
	choose("t0.c2", "request.severity")
	choose("t0.word.request.severity=普通", "ordinary")
	choose("t0.word.request.kind=故障", "fault")
	choose("t0.days", "month_first")
	assert.NotEmpty(c, value[string](c.tab, `document.querySelector("#mapping .problem, #trial table")?.textContent ?? ""`), "there is no month 13")
	choose("t0.days", "day_first")
	c.js(at("t0.local") + ".click()")
	c.follow("#look")
	assert.Contains(c, c.text("#trial"), "zone")
	c.js(at("t0.local") + ".click()")
	c.follow(`button[name="lang"]`)
	assert.True(c, value[bool](c.tab, at("t0.local")+".checked"), "in another language nothing is lost")
	c.follow(`button[name="lang"]`)
	c.follow("#agreed")
	c.until(`document.readyState === "complete" && document.getElementById("sections")`)
	assert.Contains(c, c.text("main"), "W-2")
	c.proves("#mapping", "#mapping select", "#mapping input[type=checkbox]", "#mapping .actions button")
}

// reviewing reviews a month.
func reviewing(c *census) {
	files, err := filepath.Glob(sampleMonth + "/*.csv")
	require.NoError(c, err)
	for i := range files {
		files[i], err = filepath.Abs(files[i])
		require.NoError(c, err)
	}
	c.visit("/month")
	c.shown("month")
	c.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), []string{filepath.Join(filepath.Dir(files[0]), "README.md")}))
	c.follow("form.stack button")
	assert.Contains(c, c.text("[role=alert]"), "no table")
	c.forget("status of 422")
	c.follow(`nav.menu a[href="/rules"]`)
	c.back()
	assert.True(c, value[bool](c.tab, `!!document.getElementById("tables")`), "back from a refusal")
	c.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), files))
	c.set("month", "2025-05")
	c.follow("form.stack button")
	c.until(`document.querySelector(".tiles")`)
	may := c.text(".tiles")
	c.visit("/month")
	c.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), files))
	c.set("month", "2025-06")
	c.follow("form.stack button")
	c.until(`document.querySelector(".tiles")`)
	assert.NotEqual(c, may, c.text(".tiles"), "another month")
	c.shown("a review")
	c.js(`window.print = () => { window.printed = true; }`)
	c.press("[data-print]")
	assert.True(c, value[bool](c.tab, `window.printed`))
	c.mapping()
	c.visit("/month")
	c.follow("#sample")
	c.until(`document.querySelector(".tiles")`)
	c.shown("the sample")
	keep := func(reason string) {
		c.visit("/month")
		c.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), files))
		c.set("month", "2025-06")
		c.set("source", "north")
		c.set("reason", reason)
		c.follow("form.stack button.primary")
	}
	keep("")
	assert.Equal(c, "/month/kept-1", value[string](c.tab, `location.pathname`))
	keep("")
	assert.Contains(c, c.text("[role=alert]"), "say why")
	c.forget("status of 422")
	keep("a row was missing")
	assert.Equal(c, "/month/kept-2", value[string](c.tab, `location.pathname`))
	c.visit("/month")
	assert.Contains(c, c.text("#kept"), "a row was missing")
	c.js(`sessionStorage.removeItem("followed")`) // the page has places now that it had not
	c.shown("months that are kept")
	c.onRecord(files)
	c.visit("/")
	c.shown("how things stand, with a month")
	c.proves("#tables", "#month", "#source", "#reason")
}

// onRecord puts a reviewed month on record from its page, and again without some of
// its tables.
func (c *census) onRecord(files []string) {
	for _, files := range [][]string{files, files[1:]} {
		c.visit("/month")
		c.run(chromedp.SetUploadFiles(chromedp.CSS("#tables"), files))
		c.set("month", "2025-06")
		c.follow("form.stack button.primary")
		c.follow("#on-record")
		c.shown("a month to put on record")
		c.set("source", "east")
		c.follow("form.search button")
		c.shown("what would be put on record")
		if value[bool](c.tab, `!!document.getElementById("reason")`) {
			assert.Equal(c, "0", c.text("#plan .tile .n"), "it is on record but for the tables")
			c.set("reason", "one was of another hall")
		}
		c.follow("#put")
		assert.Contains(c, c.text("#plan"), "on record: east")
		c.shown("a month on record")
	}
	c.follow(".actions a.primary")
	assert.Equal(c, "/", value[string](c.tab, `location.pathname`))
	c.until(`document.querySelector('a[href="/state/overdue"]')`)
	c.visit("/month")
	assert.Contains(c, c.text("#kept"), "one was of another hall")
}

// back goes back in the history.
func (b *tab) back() {
	b.Helper()
	b.js(`window.left = true`)
	b.run(chromedp.NavigateBack())
	b.until(`!window.left && document.readyState === "complete"`)
}
