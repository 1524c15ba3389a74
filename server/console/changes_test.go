package console

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const lendingRules = "../record/testdata/rules.yaml"

// ownRules are pages of rules in a file of their own, and its text.
func ownRules(t *testing.T) (p *visitor, text string) {
	t.Helper()
	data, err := os.ReadFile(lendingRules)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, data, 0o600))
	return newPages(t, file), string(data)
}

// sentTo sends a form and goes where it leads.
func (p *visitor) sentTo(path string, values url.Values) (to, text string) {
	p.Helper()
	w := p.send(path, values)
	require.Equal(p, http.StatusSeeOther, w.StatusCode, p.text(w))
	to = w.Header.Get("Location")
	return to, p.get(to)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// formOn is the form of a step as a page has it.
func formOn(t *testing.T, text, kind string) url.Values {
	t.Helper()
	_, rest, found := strings.Cut(text, `id="do-`+kind+`">`)
	require.True(t, found, "no form to be %s", kind)
	form, _, _ := strings.Cut(rest, "</form>")
	values := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(form, -1) {
		values.Set(m[1], m[2])
	}
	return values
}

func (p *visitor) known(path string) string {
	p.Helper()
	var text string
	require.Eventually(p, func() bool { text = p.get(path); return strings.Contains(text, `data-done="true"`) }, time.Minute, 5*time.Millisecond)
	return text
}

// The whole way of a change on pages, without scripts; what people write is text
// there and nothing else.
func TestChangePages(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		p, text := ownRules(t)
		p.lang = lang
		p.send("/ask/lending.fee", url.Values{"reader": {"王<秀>英"}, "kind": {"book"}, "_record": {"1"}})
		const evil = `"'><script>alert(1)</script><svg/onload=alert(2)>`
		changed := strings.Replace(text, "{from: 1, amount: 5}", "{from: 1, amount: 20}", 1)
		editor := p.get("/rules/changes/new")
		sound(t, "new", editor)
		base := hidden.FindStringSubmatch(editor)[2]
		to, _ := p.sentTo("/rules/changes/new", url.Values{"title": {"二十 " + evil}, "why": {evil}, "text": {strings.ReplaceAll(changed, "\n", "\r\n") + "bad: [" + evil}, "base": {base}})
		assert.Equal(t, "/rules/changes/1", to)
		page := p.known(to)
		sound(t, to, page)
		assert.NotContains(t, page, "<svg/")
		assert.Contains(t, page, "&lt;svg/")
		w := p.send(to+"/steps", formOn(t, page, "proposed"))
		refused := p.text(w)
		assert.Equal(t, http.StatusUnprocessableEntity, w.StatusCode)
		sound(t, "refused", refused)
		assert.Contains(t, refused, `id="step-refused"`)

		edit := p.get(to + "/edit")
		sound(t, "edit", edit)
		seen := regexp.MustCompile(`name="_seen" value="(\d+)"`).FindStringSubmatch(edit)[1]
		values := url.Values{"title": {"首次二十元"}, "why": {"馆务会决定"}, "text": {changed}, "base": {base}, "_seen": {seen}}
		p.sentTo(to+"/edit", values)
		late := p.send(to+"/edit", values) // another one who had the editor open
		body := p.text(late)
		assert.Equal(t, http.StatusConflict, late.StatusCode)
		assert.Contains(t, body, "馆务会决定", "what he wrote is not lost")
		sound(t, "late", body)

		page = p.known(to)
		sound(t, to, page)
		assert.Contains(t, page, "5")
		assert.Contains(t, page, `id="impact"`)
		assert.Contains(t, page, "&#43;15")
		assert.Contains(t, page, `href="/decisions/1-`)
		study := p.get(to + "/study")
		assert.Contains(t, study, `data-done="true"`)
		assert.NotContains(t, study, "<html")
		_, page = p.sentTo(to+"/steps", formOn(t, page, "proposed"))
		sound(t, to, page)
		// What is put on record while it is in shadow is compared.
		_, page = p.sentTo(to+"/steps", formOn(t, page, "shadowed"))
		sound(t, to, page)
		assert.NotContains(t, page, `id="do-shadowed"`)
		assert.Contains(t, page, `href="#shadow"`)
		p.send("/ask/lending.fee", url.Values{"reader": {"王<秀>英"}, "kind": {"book"}, "_record": {"1"}})
		page = p.get(to)
		sound(t, to, page)
		shadow := page[strings.Index(page, `<section id="shadow"`):]
		shadow = shadow[:strings.Index(shadow, "</section>")]
		assert.Contains(t, shadow, `href="/decisions/2-`)
		assert.NotContains(t, shadow, `href="/decisions/1-`, "it was on record before")
		assert.Contains(t, shadow, "20")
		assert.Contains(t, p.get("/rules/changes"), map[string]string{"zh": "影子运行中", "en": "in shadow"}[lang])
		_, page = p.sentTo(to+"/steps", formOn(t, page, "unshadowed"))
		sound(t, to, page)
		assert.NotContains(t, page, `href="#shadow"`)
		assert.Contains(t, page, `href="/decisions/2-`, "what was found stays")
		stale := formOn(t, page, "approved")
		_, page = p.sentTo(to+"/steps", formOn(t, page, "approved"))
		assert.Contains(t, page, `id="do-published"`)
		assert.Equal(t, http.StatusUnprocessableEntity, p.send(to+"/steps", stale).StatusCode, "approved already")
		schedule := formOn(t, page, "scheduled")
		for _, at := range []string{"soon", "2001-01-01T00:00"} {
			schedule.Set("from", at)
			assert.Equal(t, http.StatusUnprocessableEntity, p.send(to+"/steps", schedule).StatusCode, at)
		}
		schedule.Set("from", "2999-01-01T00:00")
		_, page = p.sentTo(to+"/steps", schedule)
		assert.Contains(t, page, "2999-01-01 00:00")
		_, page = p.sentTo(to+"/steps", formOn(t, page, "unscheduled"))
		_, page = p.sentTo(to+"/steps", formOn(t, page, "published"))
		sound(t, to, page)
		assert.Equal(t, changed, string(p.rules.Current().Text))
		for _, kind := range []string{"approved", "published", "withdrawn", "refused"} {
			assert.NotContains(t, page, `id="do-`+kind)
		}

		history := p.get("/rules/history")
		sound(t, "history", history)
		assert.Regexp(t, "第一份改动之前|before the first change", history)
		sums := regexp.MustCompile(`name="old" value="([0-9a-f]{64})"`).FindAllStringSubmatch(history, -1)
		require.Len(t, sums, 2)
		compared := p.get("/rules/history?old=" + sums[1][1] + "&new=" + sums[0][1])
		sound(t, "compared", compared)
		assert.Contains(t, compared, "20")
		back := p.get("/rules/changes/new?from=" + sums[1][1])
		sound(t, "back", back)
		assert.Contains(t, back, "{from: 1, amount: 5}")
		assert.Equal(t, http.StatusNotFound, p.do(mustGet("/rules/history?old=0&new=1")).StatusCode)
		assert.Equal(t, http.StatusNotFound, p.do(mustGet("/rules/changes/new?from=0")).StatusCode)
		assert.Equal(t, http.StatusNotFound, p.do(mustGet("/rules/changes/77")).StatusCode)
		sound(t, "list", p.get("/rules/changes"))
	}
}

// What is found out of a change is asked for alone by a page that is open: a change
// that there is not is not found, and what fails is logged.
func TestStudyAlone(t *testing.T) {
	p, _ := ownRules(t)
	var log strings.Builder
	p.console.log = slog.New(slog.NewTextHandler(&log, nil))
	at := func(method, path string) int {
		return p.do(httptest.NewRequest(method, path, nil)).StatusCode
	}
	for _, number := range []string{"1", "0", "x"} {
		assert.Equal(t, http.StatusNotFound, at(http.MethodGet, "/rules/changes/"+number+"/study"), number)
		assert.Equal(t, http.StatusNotFound, at(http.MethodPost, "/rules/changes/"+number+"/study"), number)
	}
	assert.Empty(t, log.String())
	require.NoError(t, p.store.Close())
	assert.Equal(t, http.StatusInternalServerError, at(http.MethodGet, "/rules/changes/1/study"))
	assert.Contains(t, log.String(), "page failed")
}

// A change of rules that are no longer in force is carried over to those that are,
// and where both alter the same line, a person chooses.
func TestCarriedOver(t *testing.T) {
	p, text := ownRules(t)
	base := hidden.FindStringSubmatch(p.get("/rules/changes/new"))[2]
	draft := func(from, to string) string {
		require.Contains(t, text, from)
		where, _ := p.sentTo("/rules/changes/new", url.Values{"title": {"t"}, "why": {"w"}, "text": {strings.Replace(text, from, to, 1)}, "base": {base}})
		return where
	}
	one, two, three := draft("zh: 逾期费", "zh: 逾期收费"), draft("effect_by: 2", "effect_by: 3"), draft("zh: 逾期费", "zh: 滞还费")
	page := p.get(one)
	for _, kind := range []string{"proposed", "approved", "published"} {
		_, page = p.sentTo(one+"/steps", formOn(t, page, kind))
	}
	page = p.get(two)
	assert.Contains(t, page, `id="stale"`)
	assert.NotContains(t, page, `id="do-proposed"`)
	edit := p.get(two + "/edit?carry=1")
	sound(t, "carry", edit)
	assert.Contains(t, edit, `class="note good" role="status" id="carried"`)
	assert.Contains(t, edit, "effect_by: 3")
	assert.Contains(t, edit, "逾期收费")
	assert.Contains(t, edit, "<details")
	edit = p.get(three + "/edit?carry=1")
	assert.Contains(t, edit, `class="note bad" role="status" id="carried"`)
	assert.Contains(t, edit, "&lt;&lt;&lt;&lt;&lt;&lt;&lt;")
}

// A reading is decided on its page.
func TestReadingOnItsPage(t *testing.T) {
	p, _ := ownRules(t)
	text := p.get("/rules/readings")
	sound(t, "readings", text)
	assert.Contains(t, text, "Decide this reading")
	form := url.Values{"_reading": {"fee.from"}, "option": {"at"}, "parameter": {"4"}, "_by": {"馆长"}}
	w := p.send("/rules/readings", form)
	assert.Equal(t, http.StatusUnprocessableEntity, w.StatusCode)
	text = p.text(w)
	sound(t, "refused", text)
	assert.Contains(t, text, `value="馆长"`)
	form.Set("why", "as elsewhere")
	_, text = p.sentTo("/rules/readings", form)
	assert.Contains(t, text, "at:4")
	assert.Contains(t, text, `id="do-approved"`)
}

func mustGet(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }
