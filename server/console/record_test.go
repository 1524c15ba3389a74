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

// section is a part of a page, from a mark to another.
func section(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, from)
	require.True(t, ok, from)
	part, _, ok := strings.Cut(rest, to)
	require.True(t, ok, to)
	return part
}

// What nobody gave is told apart from what somebody gave, on the page and so
// on paper.
func TestAssumedIsMarked(t *testing.T) {
	p := newPages(t, "")
	facts := `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","eligible":true}}`
	e := p.recorded("time_limit.request", []byte(facts), noon)
	body, err := e.Decode()
	require.NoError(t, err)
	assert.Contains(t, body.FactsAssumed, "request.network_ready")
	assert.Contains(t, body.FactsAssumed, "request.completed_at")
	assert.Contains(t, body.FactsAssumed, "request.extension")
	assert.NotContains(t, body.FactsAssumed, "request.eligible", "given, though it is the declared value")
	assert.NotContains(t, body.FactsAssumed, "request.severity", "not known, and not assumed")

	page := p.get("/decisions/" + e.ID())
	given, assumed := section(t, page, `id="facts-given"`, `id="assumed"`), section(t, page, `id="assumed"`, "</section>")
	assert.Contains(t, given, "eligible")
	assert.NotContains(t, assumed, "eligible")
	assert.Contains(t, assumed, "network ready")
	assert.NotContains(t, given, "network ready")
	assert.Contains(t, assumed, "has not happened")
	assert.Equal(t, strings.Count(assumed, "<dt>"), strings.Count(assumed, `class="mark-assumed"`))
	assert.NotContains(t, page, `id="unsaid"`)

	// everything left out, in both languages
	e = p.recorded("time_limit.request", []byte(`{}`), noon)
	p.lang = "zh"
	assert.Contains(t, p.get("/decisions/"+e.ID()), "没有提供任何事实")
}

// In the rows of a list the mark stands beside the value.
func TestAssumedInRows(t *testing.T) {
	p := newPages(t, "")
	e := p.recorded("accountability.fine", []byte(`{"person":"S2","complaint":{"level":"hall","substantiated":true},"mitigating":[{"code":"other_mitigating"}]}`), noon)
	body, err := e.Decode()
	require.NoError(t, err)
	assert.Contains(t, strings.Join(body.FactsAssumed, " "), "mitigating[0].degree", "%s", e.Body)
	assert.Regexp(t, `[^<]*\(not given, assumed\)`, section(t, p.get("/decisions/"+e.ID()), `id="facts-given"`, `id="assumed"`))
}

// Only a verdict is a decision: what nothing was decided from is not on
// record, and what was left open is a note that nobody signs.
func TestOnlyVerdictsAreSigned(t *testing.T) {
	p := newPages(t, "")
	const path = "/ask/time_limit.request"
	refused := url.Values{"_as_of": {"2025-06-20T09:00"}, "request.received_at": {"2025-06-21T10:00"}, "request.kind": {"fault"}}
	assert.NotContains(t, p.post(path, refused), `id="record"`, "there is nothing to record")
	refused.Set("_record", "1")
	r := p.send(path, refused)
	text := p.text(r)
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode)
	assert.Contains(t, text, "nothing can be decided")
	assert.Zero(t, p.store.Head().Seq)

	open := url.Values{"_as_of": {"2025-06-20T09:00"}}
	assert.Contains(t, p.post(path, open), "a note")
	open.Set("_record", "1")
	r = p.send(path, open)
	require.Equal(t, http.StatusSeeOther, r.StatusCode)
	to, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	note := p.get(to)
	sound(t, to, note)
	assert.NotContains(t, note, `class="sign"`)
	assert.Contains(t, note, "This is no proposal")
	assert.NotContains(t, note, `href="#f-`, "there is no form to go to")
	assert.Contains(t, p.get("/decisions"), "a note, no proposal")

	whole := url.Values{"_as_of": {"2025-06-20T09:00"}, "_record": {"1"}, "request.kind": {"install"}, "request.area_type": {"urban"}, "request.papers_complete_at": {"2025-06-09T10:00"}}
	to, _, _ = strings.Cut(p.send(path, whole).Header.Get("Location"), "?")
	decision := p.text(p.do(httptest.NewRequest(http.MethodGet, to, nil)))
	assert.Contains(t, decision, `class="sign"`)
	assert.NotContains(t, decision, "This is no proposal")
}

// A draft is found again by who sent it, and by nobody else; where it is no
// longer kept, the page says so.
func TestDraftsAreKept(t *testing.T) {
	p := newPages(t, "")
	r := httptest.NewRequest(http.MethodPost, "/rules/draft", strings.NewReader(url.Values{"draft": {"a: [1"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	to := p.do(r).Header.Get("Location")
	require.Regexp(t, `^/rules/draft\?form=[A-Z2-7]{26}$`, to)
	for range 2 {
		page := p.get(to)
		assert.Contains(t, page, "a: [1</textarea>")
		assert.Contains(t, page, "It cannot be used")
	}
	// one that is found again waits for its turn as one that is sent
	var taken []func()
	for {
		release, err := p.console.service.Drafting()
		if err != nil {
			break
		}
		taken = append(taken, release)
	}
	assert.Equal(t, http.StatusServiceUnavailable, p.do(httptest.NewRequest(http.MethodGet, to, nil)).StatusCode)
	for _, release := range taken {
		release()
	}
	p.console.drafts = newForms(keptDraftBytes)
	assert.Contains(t, p.get(to), "no longer kept")

	f := newForms(100)
	f.keep("a", url.Values{"x": {strings.Repeat("x", 200)}}, noon)
	assert.Empty(t, f.named, "what is larger than all may be is not kept")
	assert.Zero(t, f.size)
}

// Nothing that was filled in is left out without a word.
func TestNothingIsDropped(t *testing.T) {
	p := newPages(t, "")
	const path = "/ask/time_limit.request"
	for name, x := range map[string]struct {
		values url.Values
		says   string
	}{
		"a fact of other rules":     {url.Values{"request.colour": {"red"}}, "the rules in force take no such fact"},
		"a record of other rules":   {url.Values{"parcel.kind": {"x"}}, "the rules in force take no such fact"},
		"a row of other rules":      {url.Values{"request.customer_failures#": {"1"}, "request.customer_failures[0].colour": {"x"}}, "the rules in force take no such fact"},
		"an option of other rules":  {url.Values{"_reading.period.start_day": {"sometimes"}}, "the rules in force have no option sometimes"},
		"a reading of other rules":  {url.Values{"_reading.period.nothing": {"x"}}, "the rules in force have no option x"},
		"too many rows":             {url.Values{"request.customer_failures#": {"201"}}, "at most 200 rows"},
		"rows without a number":     {url.Values{"request.customer_failures#": {"x"}}, "at most 200 rows"},
		"none, and something":       {url.Values{"request.customer_failures": {"[]"}, "request.customer_failures#": {"1"}, "request.customer_failures[0].type": {"visit_absent"}}, "leave one of them"},
		"a moment that is no time":  {url.Values{"request.received_at": {"yesterday"}}, "a date and a time are expected"},
		"a number that is no count": {url.Values{"request.extension.times": {"1.5"}}, "a whole number is expected"},
	} {
		x.values.Set("_as_of", "2025-06-20T09:00")
		r := p.send(path, x.values)
		text := p.text(r)
		assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode, name)
		assert.Contains(t, text, x.says, name)
		if !strings.Contains(x.says, "have no option") { // there the answer is by the rulebook's own reading
			assert.NotContains(t, text, `id="record"`, name)
		}
		sound(t, name, text)
	}
	for query, says := range map[string]string{
		"from=june": "it was not searched by", "question=nothing": "no such question", "verdict=nothing": "no such verdict",
		"question=accountability.fine&verdict=overdue": "no such verdict", "from=2025-06-02&to=2025-06-01": "later than the last",
	} {
		assert.Contains(t, p.get("/decisions?"+query), says, query)
	}
	assert.NotContains(t, p.get("/decisions?verdict=overdue&from=2025-06-01&to=2025-06-01"), `class="note open"`)
}

// Forms are kept for as long as there is room and nobody else's are found.
func TestFormsAreKept(t *testing.T) {
	f, now := newForms(keptFormBytes), noon
	f.keep("a", url.Values{"x": {"1"}}, now)
	f.answered("a", now)
	f.keep("a", url.Values{"x": {"2"}}, now)
	values, answered := f.find("a", now)
	assert.Equal(t, "2", values.Get("x"))
	assert.Equal(t, "1", answered.Get("x"))
	f.copy("a", "b", now)
	f.keep("b", url.Values{"x": {"3"}}, now)
	values, _ = f.find("a", now)
	assert.Equal(t, "2", values.Get("x"), "another window")
	values, _ = f.find("a", now.Add(keptFormTime+1))
	assert.Nil(t, values, "in time they are forgotten")
	large := url.Values{"x": {strings.Repeat("x", maxForm)}}
	for i := range 40 {
		f.keep("large"+itoa(i), large, now)
		assert.LessOrEqual(t, f.size, keptFormBytes)
	}
	values, _ = f.find("a", now)
	assert.Nil(t, values)
	values, _ = f.find("large39", now)
	assert.NotNil(t, values)
	assert.Len(t, f.named, f.order.Len())
}
