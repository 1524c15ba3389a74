package console

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A large month is a small page: every record is on one of the pages of its
// section, and in the table, once and in order.
func TestLargeMonth(t *testing.T) {
	const n = 1234
	var b strings.Builder
	b.WriteString("record,request.kind,request.severity,request.received_at\n")
	for i := range n {
		fmt.Fprintf(&b, "R%d,complaint_reply,,2025-06-%02dT08:00:00+08:00\n", i+1, 1+i%20)
	}
	p := newPages(t, "")
	r := p.upload("2025-06", "requests.csv", b.String())
	require.Equal(t, http.StatusSeeOther, r.StatusCode, p.text(r))
	to := r.Header.Get("Location")
	text := p.get(to)
	sound(t, to, text)
	assert.Less(t, len(text), 300_000)
	assert.Contains(t, text, fmt.Sprint(n))

	id := regexp.MustCompile(`<tr><th scope="row">(R\d+)</th>`)
	next := regexp.MustCompile(`rel="next" href="([^"]*)"`)
	var seen []string
	pages := 0
	for at := to + "?section=requests"; at != ""; pages++ {
		text := p.get(at)
		sound(t, at, text)
		assert.Less(t, len(text), 300_000)
		for _, m := range id.FindAllStringSubmatch(text, -1) {
			seen = append(seen, m[1])
		}
		at = ""
		if m := next.FindStringSubmatch(text); m != nil {
			at = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	assert.Equal(t, (n+shownRecords-1)/shownRecords, pages)
	var want []string
	for i := range n {
		want = append(want, fmt.Sprintf("R%d", i+1))
	}
	assert.Equal(t, want, seen)
	table, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.text(p.do(httptest.NewRequest(http.MethodGet, to+"/requests.csv", nil))), "\ufeff"))).ReadAll()
	require.NoError(t, err)
	assert.Len(t, table, n+1)
	for _, odd := range []string{"?section=nothing", "?section=requests&page=0", "?section=requests&page=-1", "?section=requests&page=99999", "?section=requests&page=x"} {
		text := p.get(to + odd)
		assert.True(t, slices.ContainsFunc(seen, func(id string) bool { return strings.Contains(text, ">"+id+"<") }), odd)
	}
}

// What is said to be too large, or comes compressed, is refused on pages too.
func TestLargeBodies(t *testing.T) {
	p := newPages(t, "")
	for path, media := range map[string]string{"/month": "multipart/form-data; boundary=x", "/ask/time_limit.request": "application/x-www-form-urlencoded", "/rules/draft": "application/x-www-form-urlencoded"} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("x"))
		r.ContentLength = 100_000_000_000
		r.Header.Set("Content-Type", media)
		got := p.do(r)
		assert.Equal(t, http.StatusRequestEntityTooLarge, got.StatusCode, path)
		sound(t, path, p.text(got))
	}
}
