package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (p *visitor) posted(at string, values url.Values) (int, string) {
	p.Helper()
	r := httptest.NewRequest(http.MethodPost, at, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := p.do(r)
	return w.StatusCode, p.text(w)
}

// A record is erased on its page, and no page shows anything of it afterwards.
func TestErasingARecord(t *testing.T) {
	p := newPages(t, "")
	const name = "Zhang-Wei-4711"
	id := p.put("accountability.fine", strings.Replace(fineFacts, `"S3"`, `"`+name+`"`, 1))
	status, _ := p.take(id, kindInput, "objection", byInput, name, reasonInput, name+" was ill")
	require.Equal(t, http.StatusSeeOther, status)
	at := "/decisions/" + id
	pages := []string{at, at + "/paper", "/matters/" + id, "/decisions", "/decisions?says=" + name, "/decisions.csv", "/", "/state/waiting", "/state/provisional"}
	for _, lang := range []string{"zh", "en"} {
		p.lang = lang
		text := p.get(at)
		assert.Contains(t, text, name)
		assert.Contains(t, text, `action="`+at+`/erasure"`)
		sound(t, at, text)
		for _, values := range []url.Values{{reasonInput: {"x"}}, {sureInput: {"1"}}, {sureInput: {"1"}, reasonInput: {" "}}} {
			status, text := p.posted(at+"/erasure", values)
			assert.Equal(t, http.StatusUnprocessableEntity, status)
			assert.Contains(t, text, `id="step-refused"`)
			assert.Contains(t, text, name)
			sound(t, at, text)
		}
	}
	status, text := p.posted(at+"/erasure", url.Values{sureInput: {"1"}, reasonInput: {"x"}, seenInput: {"0"}})
	assert.Equal(t, http.StatusUnprocessableEntity, status, "past an objection that nobody saw")
	assert.Contains(t, text, "meanwhile")
	sound(t, at, text)
	assert.Contains(t, text, `name="_seen" value="1"`)
	status, text = p.posted(at+"/erasure", url.Values{sureInput: {"1"}, reasonInput: {"five years are over"}, seenInput: {"1"}})
	require.Equal(t, http.StatusSeeOther, status, text)
	for _, lang := range []string{"zh", "en"} {
		p.lang = lang
		for _, page := range pages {
			text := p.text(p.do(httptest.NewRequest(http.MethodGet, page, nil)))
			if !strings.Contains(page, "says=") { // what was searched for stands in the form
				assert.NotContains(t, text, name, page)
			}
		}
		text := p.get(at)
		assert.Contains(t, text, `id="erased"`)
		assert.Contains(t, text, "five years are over")
		assert.NotContains(t, text, "/erasure")
		sound(t, at, text)
		status, text := p.take(id, kindInput, "objection", byInput, "Li", reasonInput, "x")
		assert.Equal(t, http.StatusUnprocessableEntity, status)
		assert.Contains(t, text, `id="step-refused"`)
		verified := p.text(p.do(httptest.NewRequest(http.MethodPost, "/decisions/verify", strings.NewReader(""))))
		assert.NotContains(t, verified, "damage")
	}
	p.lang = "en"
	assert.Contains(t, p.get("/decisions?stage=erased"), id)
	assert.NotContains(t, p.get("/decisions?stage=open"), id)
	w := p.do(httptest.NewRequest(http.MethodGet, at+"/paper", nil))
	assert.Equal(t, http.StatusSeeOther, w.StatusCode)
}

// Tables that are kept are erased on their page; what was counted in them stays.
func TestErasingKeptTables(t *testing.T) {
	p := newPages(t, "")
	require.Equal(t, "/month/kept-1", p.keepMonth("south", "").Header.Get("Location"))
	for _, lang := range []string{"zh", "en"} {
		p.lang = lang
		text := p.get("/month/kept-1")
		assert.Contains(t, text, `action="/month/kept-1/erasure"`)
		sound(t, "/month/kept-1", text)
		status, _ := p.posted("/month/kept-1/erasure", url.Values{reasonInput: {"x"}})
		assert.Equal(t, http.StatusUnprocessableEntity, status)
	}
	assert.NotContains(t, p.get("/month/sample"), "/erasure")
	status, text := p.posted("/month/kept-1/erasure", url.Values{sureInput: {"1"}, reasonInput: {"two years are over"}})
	require.Equal(t, http.StatusSeeOther, status, text)
	for _, lang := range []string{"zh", "en"} {
		p.lang = lang
		text := p.get("/month")
		assert.Contains(t, text, "two years are over")
		assert.NotContains(t, text, `href="/month/kept-1"`)
		sound(t, "/month", text)
		w := p.do(httptest.NewRequest(http.MethodGet, "/month/kept-1", nil))
		assert.Equal(t, http.StatusUnprocessableEntity, w.StatusCode)
	}
	// Whoever erases them by another way – a program, another server, what is over – has
	// their review gone from here, too.
	require.Equal(t, "/month/kept-2", p.keepMonth("west", "").Header.Get("Location"))
	p.get("/month/kept-2")
	require.NoError(t, p.store.EraseImport(t.Context(), 2, "retention", "two years are over"))
	assert.Equal(t, http.StatusUnprocessableEntity, p.do(httptest.NewRequest(http.MethodGet, "/month/kept-2", nil)).StatusCode)
	assert.Nil(t, p.console.reviews.find("kept-2"))
	// What was erased can be kept again.
	require.Equal(t, "/month/kept-3", p.keepMonth("west", "it was erased too early").Header.Get("Location"))
	status, _ = p.posted("/month/kept-9/erasure", url.Values{sureInput: {"1"}, reasonInput: {"x"}})
	assert.Equal(t, http.StatusNotFound, status)
	status, _ = p.posted("/month/sample/erasure", url.Values{sureInput: {"1"}, reasonInput: {"x"}})
	assert.Equal(t, http.StatusNotFound, status)
}
