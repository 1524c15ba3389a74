package console

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/service"
)

// keepMonth sends the sample's areas of a month, to be kept.
func (p *visitor) keepMonth(source, reason string) *http.Response {
	p.Helper()
	return p.keepTable("areas.csv", "2025-06", source, reason)
}

// keepTable sends a table of the sample, to be kept under a month.
func (p *visitor) keepTable(table, month, source, reason string) *http.Response {
	p.Helper()
	areas, err := os.ReadFile(filepath.Join(sampleMonth, table))
	require.NoError(p, err)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range map[string]string{"month": month, "source": source, "reason": reason} {
		require.NoError(p, w.WriteField(name, value))
	}
	f, err := w.CreateFormFile("tables", table)
	require.NoError(p, err)
	_, err = f.Write(areas)
	require.NoError(p, err)
	require.NoError(p, w.Close())
	r := httptest.NewRequest(http.MethodPost, "/month", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return p.do(r)
}

// Tables are kept by month and source, also when the server is started anew;
// what takes their place says why, and both can be looked at.
func TestKeptMonths(t *testing.T) {
	p := newPages(t, "")
	assert.NotContains(t, p.get("/"), `id="kept"`)
	r := p.keepMonth("north", "")
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	require.Equal(t, "/month/kept-1", r.Header.Get("Location"))
	assert.Contains(t, p.get("/month/kept-1"), "2025-06")

	r = p.keepMonth("north", "")
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "say why")
	r = p.keepMonth("north", "a <row> was missing")
	require.Equal(t, "/month/kept-2", r.Header.Get("Location"))
	require.Equal(t, "/month/kept-3", p.keepMonth("south", "").Header.Get("Location"))
	assert.Equal(t, http.StatusUnprocessableEntity, p.keepMonth("ＮＯＲＴＨ", "").StatusCode, "the same source, in other letters")

	again, err := New(service.New(p.rules, p.store, nil), Options{Cases: os.DirFS(exampleCases), Now: p.console.now})
	require.NoError(t, err)
	first := p.get("/month/kept-2")
	p.console = again
	assert.Equal(t, first, p.get("/month/kept-2"))
	list := p.get("/month")
	sound(t, "/month", list)
	assert.Contains(t, list, "corrected since")
	assert.Contains(t, list, "a &lt;row&gt; was missing")
	start := p.get("/")
	sound(t, "/", start)
	assert.Contains(t, start, `href="/month#kept">2025-06`, "of two sources")
	assert.Equal(t, http.StatusUnprocessableEntity, p.do(httptest.NewRequest(http.MethodGet, "/month/kept-9", nil)).StatusCode)
}

// A list of what is open is searched by what stands in the facts, as it is
// written and as it is called.
func TestStateIsSearched(t *testing.T) {
	p := newPages(t, "")
	record := func(facts string) {
		_, err := p.console.service.Record(t.Context(), service.Asking{Question: "time_limit.request", Facts: []byte(facts)}, service.Once{})
		require.NoError(t, err)
	}
	record(`{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","direct":"Wang"}}`)
	record(`{"request":{"kind":"restore","area_type":"rural","papers_complete_at":"2025-06-09T10:00:00+08:00","direct":"Li"}}`)
	found := func(list, says string) int {
		text := p.get("/state/" + list + "?says=" + says)
		sound(t, list, text)
		return strings.Count(text, `class="mono" href="/decisions/`)
	}
	assert.Equal(t, 2, found("overdue", ""))
	assert.Equal(t, 1, found("overdue", "wang"))
	assert.Equal(t, 1, found("overdue", "township"), "as a word is called")
	assert.Zero(t, found("overdue", "nobody"))
	assert.Zero(t, found("not-met", ""))
	text := p.get("/")
	sound(t, "/", text)
	assert.Contains(t, text, "<strong>Wang</strong>")
	assert.Equal(t, http.StatusNotFound, p.do(httptest.NewRequest(http.MethodGet, "/state/nothing", nil)).StatusCode)
}

// Tables are not kept under a month that none of their records is of.
func TestTheWrongMonthIsNotKept(t *testing.T) {
	p := newPages(t, "")
	r := p.keepTable("fines.csv", "2025-01", "north", "")
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, p.text(r), "has no record of 2025-01")
	assert.Equal(t, http.StatusSeeOther, p.keepTable("fines.csv", "2025-06", "north", "").StatusCode)
}

// The average is over the months since the first that has anything.
func TestAverageOfMonths(t *testing.T) {
	v := &viewer{lang: "en"}
	starts := make([]time.Time, 6)
	for name, x := range map[string]struct {
		all  []int
		want string
	}{"none before": {[]int{0, 0, 0, 0, 3}, "nothing yet"}, "two": {[]int{0, 0, 4, 1, 9}, "2.5"}, "with a gap": {[]int{4, 0, 0, 0, 9}, "1.0"}} {
		c := v.drawn("", starts, x.all, make([]int, len(x.all)), "", func(int) string { return "" })
		assert.Equal(t, x.want, c.Mean, name)
	}
}

// The records of a month are looked for by what stands in them.
func TestMonthIsSearched(t *testing.T) {
	p := newPages(t, "")
	for says, want := range map[string]string{"s3": ">S3<", "K1": ">K1<", "not+accountable": ">K1<", "nobody+at+all": `<span class="tab">0</span>`} {
		text := p.get("/month/sample?says=" + says)
		sound(t, says, text)
		assert.Contains(t, text, want, says)
		assert.NotContains(t, text, `id="watch"`, "nothing but what is looked for")
	}
	assert.NotContains(t, p.get("/month/sample?says=s3"), `<th scope="row">K1</th>`)
}
