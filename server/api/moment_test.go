package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// What has not happened yet is put on record through no door and in no form:
// not by an event later than the clock, not by a moment of asking later than
// it; and where nobody says when it is asked, the record says that the
// server's clock was taken.
func TestRecordedMoments(t *testing.T) {
	now := time.Date(2025, 7, 1, 1, 0, 0, 123456000, time.UTC)
	s := serveBy(t, live.Options{}, record.Options{Now: func() time.Time { return now }})
	const question = "time_limit.request"
	request := func(completed string) string {
		if completed != "" {
			completed = `,"completed_at":"` + completed + `"`
		}
		return `{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00"` + completed + "}"
	}
	day := func(years, seconds int) string {
		return now.AddDate(years, 0, 0).Add(time.Duration(seconds) * time.Second).Format(time.RFC3339)
	}
	for name, x := range map[string]struct {
		query, completed, asOf string // the last within the facts
		fact                   string // that is refused
		assumed                bool
		mark                   string // of the byte order, before the facts
	}{
		"open":                      {assumed: true},
		"done":                      {completed: "2025-06-17T09:00:00+08:00", assumed: true},
		"done a second ago":         {completed: day(0, -1), assumed: true},
		"done in a second":          {completed: day(0, 1), fact: "request.completed_at"},
		"done in years":             {completed: day(6, 0), fact: "request.completed_at"},
		"asked before":              {query: day(0, -60)},
		"asked before, in facts":    {asOf: day(0, -60)},
		"asked by a quick clock":    {query: day(0, 30)},
		"asked later":               {query: day(0, 90), fact: "as_of"},
		"asked later, in facts":     {asOf: day(0, 90), fact: "as_of"},
		"asked and done in years":   {query: day(7, 0), completed: day(6, 0), fact: "as_of"},
		"both, in facts":            {asOf: day(7, 0), completed: day(6, 0), fact: "as_of"},
		"done later than asked":     {query: day(0, -60), completed: day(0, -30), fact: "request.completed_at"},
		"done later, said in facts": {asOf: day(0, -60), completed: day(0, -30), fact: "request.completed_at"},
		"asked twice alike":         {query: day(0, -60), asOf: day(0, -60)},
		"before, after a mark":      {mark: "\ufeff", asOf: day(0, -60)},
		"later, after a mark":       {mark: "\ufeff", asOf: day(0, 90), fact: "as_of"},
	} {
		facts := `{"request":` + request(x.completed) + "}"
		if x.asOf != "" {
			facts = `{"as_of":"` + x.asOf + `","request":` + request(x.completed) + "}"
		}
		facts = x.mark + facts
		query := "?record=1"
		if x.query != "" {
			query += "&as_of=" + url.QueryEscape(x.query)
		}
		before := s.store.Head().Seq
		got := s.ask(question, query, facts)
		many := s.send(http.MethodPost, "/v1/questions/"+question+"/ask-many"+query, "application/jsonl", facts)
		if x.fact != "" {
			d := got.problem(t)
			assert.Equal(t, http.StatusUnprocessableEntity, got.status, name)
			assert.Equal(t, "in_future", d.Code, name)
			assert.Equal(t, x.fact, d.Fact, name)
			assert.Contains(t, many.body, `"code":"in_future"`, name)
			assert.Equal(t, before, s.store.Head().Seq, "%s: nothing is on record", name)
			continue
		}
		require.Equal(t, http.StatusCreated, got.status, "%s: %s", name, got.body)
		assert.Equal(t, before+2, s.store.Head().Seq, name)
		var d api.OnRecord
		decode(t, s.get(got.header.Get("Location")).body, &d)
		assert.Equal(t, x.assumed, d.Record.Assumed, name)
		if x.assumed {
			require.NotNil(t, d.Record.AsOf, name)
			assert.True(t, d.Record.AsOf.Equal(now), name)
		}
	}
	verified := s.send(http.MethodPost, "/v1/decisions/verify", "", "")
	assert.Contains(t, verified.body, `"ok":true`)

	// Asked only, nothing is assumed, and the future may be tried out.
	got := s.ask(question, "?as_of="+url.QueryEscape(day(7, 0)), `{"request":`+request(day(6, 0))+"}")
	assert.Equal(t, http.StatusOK, got.status, got.body)
	// A repeated request is the same one, whatever the clock has become.
	first := s.ask(question, "?record=1", `{"request":`+request("")+"}", "Idempotency-Key", "k")
	now = now.Add(time.Hour)
	again := s.ask(question, "?record=1", `{"request":`+request("")+"}", "Idempotency-Key", "k")
	assert.Equal(t, http.StatusCreated, first.status)
	assert.Equal(t, http.StatusOK, again.status, again.body)
	assert.Equal(t, first.body, again.body)
	assert.False(t, strings.Contains(again.body, "in_future"))
}

// Every fact of every question that says when something was, wherever it
// stands: one that is an event is not put on record while it lies ahead, and
// one that is none, as a due date, may.
func TestRecordedFactsOfTheFuture(t *testing.T) {
	now := time.Date(2025, 12, 31, 15, 59, 0, 0, time.UTC) // a minute before the year ends in China
	later := map[string]string{"moment": `"2026-01-01T00:00:00+08:00"`, "date": `"2026-01-01"`, "month": `"2026-01"`, "year": "2026"}
	latest := map[string]string{"moment": `"2025-12-31T23:59:00+08:00"`, "date": `"2025-12-31"`, "month": `"2025-12"`, "year": "2025"}
	events, plans := 0, 0
	for _, file := range []string{"", "../../examples/rulebooks/service-desk.yaml"} {
		s := serveBy(t, live.Options{File: file}, record.Options{Now: func() time.Time { return now }})
		for _, q := range s.rules.Current().Book.Rulebook().Questions {
			var walk func(f *policy.Fact, path, before, behind string)
			walk = func(f *policy.Fact, path, before, behind string) {
				for _, x := range f.Fields {
					walk(x, path+"."+x.Name, before+`{"`+x.Name+`":`, "}"+behind)
				}
				if f.Elem != nil {
					at := path + "[0]"
					if f.Elem.TypeName != "record" && !f.Ordered {
						at = path
					}
					walk(f.Elem, at, before+"[", "]"+behind)
				}
				if later[f.TypeName] == "" {
					return
				}
				got := s.ask(q.ID, "?record=1", before+later[f.TypeName]+behind)
				refused := got.status == http.StatusUnprocessableEntity && got.problem(t).Code == "in_future"
				if !f.Event {
					plans++
					assert.False(t, refused, "%s %s: %s", q.ID, path, got.body)
					return
				}
				events++
				assert.True(t, refused && got.problem(t).Fact == path, "%s %s: %s", q.ID, path, got.body)
				got = s.ask(q.ID, "?record=1", before+latest[f.TypeName]+behind)
				assert.NotContains(t, got.body, "in_future", "%s %s", q.ID, path)
			}
			for _, f := range q.Facts {
				walk(f.Fact, f.Name, `{"`+f.Name+`":`, "}")
			}
		}
	}
	assert.Greater(t, events, 50)
	assert.Greater(t, plans, 3)
	t.Logf("%d events, %d others", events, plans)
}
