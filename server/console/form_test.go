package console

import (
	"context"
	"html"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
)

// everyCase runs over the cases of both rulebooks.
func everyCase(t *testing.T, visit func(t *testing.T, book *rulebook.Book, c *casefile.Case)) {
	t.Helper()
	n := 0
	for _, set := range []struct {
		book  *rulebook.Book
		cases fs.FS
	}{{gulin(t), os.DirFS(exampleCases)}, {deskBook(t), os.DirFS("../../examples/rulebooks/service-desk-cases")}} {
		for _, c := range mustCases(t, set.cases).all {
			if c.Facts == nil {
				continue
			}
			if _, err := set.book.Check(c.Question, c.Facts); err != nil {
				continue // a case of facts that are refused
			}
			n++
			visit(t, set.book, c)
		}
	}
	require.Greater(t, n, 300)
}

// answerOf asks as a case does.
func answerOf(t *testing.T, book *rulebook.Book, c *casefile.Case, facts any) *rulebook.Answer {
	t.Helper()
	var options []rulebook.Option
	if at := momentOfAsking(c); !at.IsZero() {
		options = append(options, rulebook.AsOf(at))
	}
	for _, s := range c.Readings {
		options = append(options, rulebook.Reading(s.Key, s.Option))
	}
	a, err := book.Ask(context.Background(), c.Question, facts, options...)
	require.NoError(t, err, c.Name)
	return a
}

// Facts that go into a form and come out again have the same answer.
func TestFormKeepsFacts(t *testing.T) {
	everyCase(t, func(t *testing.T, book *rulebook.Book, c *casefile.Case) {
		q := question(t, book, c.Question)
		f := &form{book: book.Rulebook(), lang: "en", values: fill(book.Rulebook(), q, c.Facts)}
		data, wrong := f.given(q)
		require.Empty(t, wrong, c.Name)
		want := string(answerOf(t, book, c, c.Facts).AppendJSON(nil, true))
		assert.Equal(t, want, string(answerOf(t, book, c, data).AppendJSON(nil, true)), "%s\n%s", c.Name, data)
		assert.NotEmpty(t, f.fields(q))
	})
}

// What is copied as a case passes as a case.
func TestCopiedCasesPass(t *testing.T) {
	n := 0
	everyCase(t, func(t *testing.T, book *rulebook.Book, c *casefile.Case) {
		if n++; n%3 != 0 { // each takes milliseconds: parsing, and the case itself
			return
		}
		x := asking{question: question(t, book, c.Question), asOf: momentOfAsking(c)}
		f := &form{book: book.Rulebook(), lang: "en", values: fill(book.Rulebook(), x.question, c.Facts)}
		x.facts, _ = f.given(x.question)
		a, err := book.Ask(context.Background(), c.Question, x.facts, x.options()...)
		require.NoError(t, err)
		text, err := x.yamlCase(a, "a name: with a colon")
		require.NoError(t, err)
		file, found := casefile.Parse("", []byte(text))
		require.NotNil(t, file, "%v\n%s", found, text)
		require.Len(t, file.Cases, 1)
		result := casefile.Run(context.Background(), book, file.Cases[0])
		assert.True(t, result.Passed(), "%s: %v\n%s", c.Name, result.Mismatches, text)
	})
}

func TestCopiedCommands(t *testing.T) {
	x := asking{
		question: question(t, gulin(t), "accountability.fine"), asOf: time.Date(2025, 6, 20, 9, 0, 0, 0, time.FixedZone("", 8*3600)),
		facts: []byte(`{"person": "O'Neill ` + "`" + `"}`),
	}
	x.settings = settle(nil, "ladder.hall_boundary", "ge3")
	assert.Equal(t, `curl -s 'http://127.0.0.1:8080/v1/questions/accountability.fine/ask?as_of=2025-06-20T09%3A00%3A00%2B08%3A00&explain=1&reading=ladder.hall_boundary%3Dge3' \
  -H 'Content-Type: application/json' \
  -d '{"person": "O'\''Neill `+"`"+`"}'`, x.curl("http://127.0.0.1:8080"))
	assert.Equal(t, `answer, err := book.Ask(ctx, "accountability.fine", []byte("{\"person\": \"O'Neill `+"`"+`\"}"),
	rulebook.AsOf(time.Date(2025, 6, 20, 1, 0, 0, 0, time.UTC)),
	rulebook.Reading("ladder.hall_boundary", "ge3"))`, x.goCode())
}

func TestWhatAFormCanGetWrong(t *testing.T) {
	book := gulin(t)
	q := question(t, book, "time_limit.request")
	f := &form{book: book.Rulebook(), lang: "en", values: url.Values{
		"request.received_at": {"tomorrow"}, "request.extension.times": {"1.5"}, "request.kind": {"install"}, "nothing.of.the.kind": {"x"},
	}}
	data, wrong := f.given(q)
	assert.Contains(t, wrong["request.received_at"], "a date and a time")
	assert.Contains(t, wrong["request.extension.times"], "a whole number")
	assert.Len(t, wrong, 3, "and what is no fact is not left out without a word")
	assert.NotContains(t, string(data), "nothing")
}

// Rows keep their contents and their order when others come and go.
func TestRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := url.Values{}
		var want []string
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			if len(want) == 0 || rapid.Bool().Draw(t, "add") {
				addRow(values, "list")
				text := rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "text")
				values.Set("list["+itoa(len(want))+"].x", text)
				values.Set("list["+itoa(len(want))+"].y[0].z", text)
				want = append(want, text)
				continue
			}
			i := rapid.IntRange(0, len(want)-1).Draw(t, "which")
			removeRow(values, "list["+itoa(i)+"]")
			want = append(want[:i], want[i+1:]...)
		}
		if values.Get("list#") != "" {
			require.Equal(t, itoa(len(want)), values.Get("list#"))
		}
		for i, text := range want {
			require.Equal(t, text, values.Get("list["+itoa(i)+"].x"))
			require.Equal(t, text, values.Get("list["+itoa(i)+"].y[0].z"))
		}
		require.False(t, values.Has("list["+itoa(len(want))+"].x"), "nothing is left behind")
	})
	values := url.Values{"list#": {"1"}, "list[0].x": {"a"}}
	for _, odd := range []string{"", "list", "list[1]", "list[-1]", "list[x]", "]", "list[99999999999999999999]"} {
		removeRow(values, odd)
	}
	assert.Equal(t, url.Values{"list#": {"1"}, "list[0].x": {"a"}}, values)
}

func TestMomentField(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	for _, text := range []string{"2025-06-09T10:00", "2025-06-09T10:00:01", "2025-06-09T23:59:59.999"} {
		at, problem := momentIn(text, zone)
		require.Empty(t, problem)
		assert.Equal(t, text, momentField(at))
	}
	_, problem := momentIn("2025-02-30T10:00", zone)
	assert.NotEmpty(t, problem)
}

// A time that the clocks showed twice, or never, is not guessed; with its
// offset it is read, and it is shown so again.
func TestMomentFieldWhereClocksChange(t *testing.T) {
	for _, c := range []struct{ zone, text, first, second string }{
		{"Europe/London", "2025-10-26T01:30", "2025-10-26T01:30:00+01:00", "2025-10-26T01:30:00Z"},
		{"Europe/London", "2025-03-30T01:30", "2025-03-30T01:30:00+01:00", "2025-03-30T01:30:00Z"},
		{"Australia/Lord_Howe", "2025-04-06T01:45:30", "2025-04-06T01:45:30+11:00", "2025-04-06T01:45:30+10:30"},
		{"Antarctica/Troll", "2025-10-26T01:00", "2025-10-26T01:00:00+02:00", "2025-10-26T01:00:00Z"},
		{"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T12:00:00+14:00", "2011-12-30T12:00:00-10:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		_, problem := momentIn(c.text, zone)
		assert.True(t, needsOffset(c.text, zone))
		for _, text := range []string{c.first, c.second} {
			assert.Contains(t, problem.ZH, text)
			assert.Contains(t, problem.EN, text)
			at, none := momentIn(text, zone)
			require.Empty(t, none)
			again, none := momentIn(momentField(at.In(zone)), zone)
			require.Empty(t, none)
			assert.True(t, at.Equal(again), "%s %s", c.zone, text)
		}
	}
}

func mustCases(t *testing.T, dir fs.FS) *cases {
	t.Helper()
	x, err := newCases(dir)
	require.NoError(t, err)
	return x
}

// An address that holds the facts fills in the form as it was, and says what
// the question does not take.
func TestLinkHoldsTheFacts(t *testing.T) {
	p := newPages(t, "")
	const path = "/ask/time_limit.request"
	values := url.Values{"request.kind": {"install"}, "request.area_type": {"urban"}, "request.papers_complete_at": {"2025-06-09T10:00"}, "_as_of": {"2025-06-20T09:00"}}
	linkOf := func(text string) string {
		_, rest, found := strings.Cut(text, `id="copy-link"`)
		require.True(t, found)
		_, rest, _ = strings.Cut(rest, ">")
		link, _, _ := strings.Cut(rest, "<")
		return html.UnescapeString(strings.TrimPrefix(link, "http://example.com"))
	}
	link := linkOf(p.post(path, values))
	again := p.get(link)
	assert.Equal(t, link, linkOf(again), "and so on")
	assert.Contains(t, again, "due</span> <strong><span class=\"tab\">2025-06-16")
	assert.Contains(t, again, "personal data", "who makes it is warned")

	wrong := p.do(httptest.NewRequest(http.MethodGet, path+"?facts="+url.QueryEscape(`{"request":{"kind":"install"},"colour":"red"}`), nil))
	assert.Equal(t, http.StatusUnprocessableEntity, wrong.StatusCode)
	assert.Contains(t, p.text(wrong), "take no such fact")
	assert.Equal(t, http.StatusBadRequest, p.do(httptest.NewRequest(http.MethodGet, path+"?facts=x", nil)).StatusCode)

	many := url.Values{"request.kind": {"install"}, "request.extension.reason": {strings.Repeat("因", 2000)}}
	text := p.post(path, many)
	assert.NotContains(t, text, `id="copy-link"`)
	assert.Contains(t, text, "too many for an address")
}

// What would change an answer is told on a page of its own; of what is
// undetermined, what to ask first.
func TestWhatWouldChange(t *testing.T) {
	p := newPages(t, "")
	of := func(path string, values url.Values) string {
		text := p.post(path, values)
		_, rest, found := strings.Cut(text, `data-from="`)
		require.True(t, found)
		at, _, _ := strings.Cut(rest, `"`)
		page := p.get(html.UnescapeString(at))
		sound(t, at, page)
		return page
	}
	text := of("/ask/contracting.load", url.Values{"households": {"4000"}, "area.type": {"urban"}, "staff": {"1"}})
	assert.Contains(t, text, "4000 households → 3999 households")
	late := url.Values{"request.kind": {"install"}, "request.area_type": {"urban"}, "request.papers_complete_at": {"2025-06-09T10:00"}, "request.completed_at": {"2025-06-17T09:00"}, "_as_of": {"2025-06-20T09:00"}}
	text = of("/ask/time_limit.request", late)
	assert.Regexp(t, "How far from the boundary[^§]*9 h</strong>|9 h apart", text)
	assert.Contains(t, of("/ask/time_limit.request", url.Values{"request.kind": {"install"}}), "What to ask first")
	assert.Contains(t, p.get("/ask/time_limit.request/what-if?form=AAAAAAAAAAAAAAAAAAAAAAAAAA"), "no longer kept")
}
