package server

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	engine "github.com/servicerules/rulebook/internal/browser"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/site"
	"github.com/servicerules/rulebook/internal/testsize"
)

// Asking on the page of a question, opened from a file: a case fills in the form,
// the answer is the library's, a link holds the facts, and what is changed in the
// rules is found wrong, or makes cases come out otherwise. Nothing is asked of
// anybody: the tab looks for that, and for errors of the console.
func TestAskingOnTheSite(t *testing.T) {
	t.Parallel()
	const rules, cases, question = "../examples/rulebooks/service-desk.yaml", "../examples/rulebooks/service-desk-cases/response.yaml", "ticket.response"
	book, err := rulebook.Load(rules)
	require.NoError(t, err)
	data, err := os.ReadFile(cases)
	require.NoError(t, err)
	f, found := casefile.Parse(cases, data)
	require.NotNil(t, f, found)
	script, err := engine.Script(t.Context())
	require.NoError(t, err)
	files, err := site.Build(t.Context(), book, site.Options{Cases: []*casefile.File{f}, Engine: script})
	require.NoError(t, err)
	dir := t.TempDir()
	for _, f := range files {
		at := filepath.Join(dir, filepath.FromSlash(f.Path))
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		require.NoError(t, os.WriteFile(at, f.Data, 0o644))
	}
	c := f.Cases[0]
	require.Equal(t, question, c.Question)
	window := browser(t)
	seen := []look{{"zh", 390, "dark"}} // the page in its other looks is TestSiteInABrowser's
	if testsize.Pick(false, false, true) {
		seen = looks()
	}
	for _, l := range seen {
		b := open(t, window, "file://"+filepath.ToSlash(dir), l)
		page := "/" + l.lang + "/questions/" + question + ".html"
		b.visit(page)
		b.until(`document.getElementById("ask").dataset.ready`)
		t.Logf("%v: the first answer %s ms after the page was opened", l, value[string](b, `document.getElementById("ask").dataset.ready`))
		b.js(`(() => { const s = document.querySelector(".ask-form select"); s.value = "0"; s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
		answered := `!document.querySelector(".ask-answer[aria-busy]") && document.querySelectorAll(".ask-answer .lines dd").length > 0`
		b.until(answered)
		b.click(".ask-form .ask-bar:last-of-type button")
		b.until(`location.hash.startsWith("#ask=")`)
		var asked struct {
			Facts json.RawMessage `json:"facts"`
		}
		require.NoError(t, json.Unmarshal([]byte(value[string](b, `decodeURIComponent(location.hash.slice(5))`)), &asked))
		facts, err := book.Check(question, c.Facts)
		require.NoError(t, err)
		given, err := book.Check(question, []byte(asked.Facts))
		require.NoError(t, err)
		assert.Equal(t, string(facts.AppendJSON(nil)), string(given.AppendJSON(nil)), "the facts of the form are those of the case")
		verdict := b.text(".ask-answer .ask-verdict")
		b.js(`window.before = true; location.reload()`)
		b.until("!window.before && " + answered) // of the page that comes, not of the one that goes
		assert.Equal(t, verdict, b.text(".ask-answer .ask-verdict"), "the link brings the facts back")

		b.js(`document.querySelectorAll("#ask > details").forEach(d => d.open = true)`)
		b.until(`document.querySelector(".ask-rules textarea") && document.querySelector("#ask > details [aria-live]").childElementCount && !document.querySelector("#ask > details [aria-busy]")`)
		change := func(from, to string) {
			b.js(`(() => { const e = document.querySelector(".ask-rules textarea"); e.value = e.value.replaceAll(` + from + `, ` + to + `); e.dispatchEvent(new Event("input", {bubbles: true})); })()`)
		}
		change(`"when:"`, `"wen:"`)
		b.until(`document.querySelector(".ask-findings .error button")`)
		change(`"wen:"`, `"when:"`)
		b.until(`!document.querySelector(".ask-findings .error")`)
		change(`/\b(\d+) minutes/g`, `"1 minutes"`)
		b.until(`document.querySelectorAll(".ask-rules .ask-list li").length > 0`)
		b.seen("site-ask")

		// What was shown of other facts, or of other rules, does not stay.
		b.until(`document.querySelector(".ask-side > div:last-child .ask-verdict")`)
		asOf := `[...document.querySelectorAll(".ask-form > .ask-field input")].at(-1)`
		b.js(`(() => { const e = ` + asOf + `; e.type = "text"; e.value = "yesterday"; e.dispatchEvent(new Event("input", {bubbles: true})); })()`)
		b.until(`document.querySelector(".ask-answer .ask-verdict.bad") && !document.querySelector(".ask-answer .lines")`)
		assert.Zero(t, value[int](b, `document.querySelector(".ask-side > div:last-child").childElementCount`), "no comparison of facts that cannot be read")
		b.js(`(() => { const e = ` + asOf + `; e.value = ""; e.dispatchEvent(new Event("input", {bubbles: true})); })()`)
		b.until(`document.querySelector(".ask-side > div:last-child .ask-verdict")`)
		change(`"when:"`, `"wen:"`)
		b.until(`document.querySelector(".ask-findings .error button")`)
		assert.Zero(t, value[int](b, `document.querySelector(".ask-side > div:last-child").childElementCount`), "no comparison with rules that are broken")

		// A link that holds something else is told of.
		told := map[string]string{"zh": "没有填", "en": "not filled in"}
		for given, names := range map[string]string{`{"facts":null}`: "", `{"facts":{"nobody":1,"ticket":{"nothing":2,"priority":"p9","received_at":"soon"}}}`: "nobody", `[]`: "", `{`: ""} {
			shown := map[string]string{"zh": "读不出来", "en": "cannot be read"}[l.lang]
			if names != "" {
				shown = told[l.lang]
			}
			b.js(`document.querySelector(".ask-form > .ask-wrong").textContent = ""; location.hash = "#ask=" + encodeURIComponent(` + "`" + given + "`" + `)`)
			b.until(`document.querySelector(".ask-form > .ask-wrong").textContent.includes("` + shown + `")`)
			if names != "" {
				for _, path := range []string{"nobody", "ticket.nothing", "ticket.priority", "ticket.received_at"} {
					assert.Contains(t, b.text(".ask-form > .ask-wrong"), path)
				}
			}
		}

		// What is emptied is empty: fields, address, and the case that was chosen.
		b.js(`(() => { const s = document.querySelector(".ask-form select"); s.value = "0"; s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
		b.until(answered)
		b.click(".ask-form .ask-bar:last-of-type button")
		b.until(`location.hash.startsWith("#ask=") && document.querySelector(".ask-form .ask-bar:last-of-type span").childElementCount`)
		b.js(`document.querySelectorAll(".ask-form .ask-bar:last-of-type button")[1].click()`)
		b.until(`!location.hash && document.querySelector(".ask-form select").value === ""`)
		b.until(`!document.querySelector(".ask-form .ask-bar:last-of-type span").childElementCount`)
		b.until(`!document.querySelector(".ask-answer[aria-busy]") && document.querySelector(".ask-answer .ask-at")`)
		assert.Empty(t, value[string](b, `[...document.querySelectorAll(".ask-form input:not([type=radio], [type=checkbox]), .ask-form select")].map(e => e.value).join("")`))
	}
}
