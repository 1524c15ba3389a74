package api_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

const install = `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","completed_at":"2025-06-17T09:00:00+08:00"}}`

const ask = "/v1/questions/time_limit.request/ask"

// What a request may do wrong, and what is said to it.
func TestRequestHazards(t *testing.T) {
	s := serve(t, live.Options{})
	deep := strings.Repeat(`{"request":`, 200) + "1" + strings.Repeat("}", 200)
	for name, x := range map[string]struct {
		method, path, media, body string
		header                    []string
		status                    int
		code                      string
		fact, parameter           string
		line                      int
	}{
		"no JSON":                      {body: "hello", status: 400, code: "json_syntax", line: 1},
		"an empty body":                {body: "", status: 400, code: "json_syntax", line: 1},
		"a JSON list":                  {body: "[]", status: 422, code: "wrong_type", line: 1},
		"cut off":                      {body: install[:40], status: 400, code: "json_syntax", line: 1},
		"text after the value":         {body: install + "{}", status: 400, code: "json_syntax", line: 1},
		"two values":                   {body: install + "\n" + install, status: 400, code: "json_syntax", line: 2},
		"a duplicate key":              {body: `{"request":{"kind":"fault","kind":"install"}}`, status: 400, code: "duplicate_key", line: 1},
		"an unknown fact":              {body: `{"requests":{}}`, status: 422, code: "unknown_fact", fact: "…", line: 1},
		"an unknown field":             {body: `{"request":{"Kind":"fault"}}`, status: 422, code: "unknown_fact", fact: "request.…", line: 1},
		"a key in capitals":            {body: `{"REQUEST":{"kind":"fault"}}`, status: 422, code: "unknown_fact", fact: "…", line: 1},
		"a word that is not":           {body: `{"request":{"kind":"falt"}}`, status: 422, code: "unknown_word", fact: "request.kind", line: 1},
		"a day that is not":            {body: `{"request":{"received_at":"2025-02-30T00:00:00Z"}}`, status: 422, code: "not_a_moment", fact: "request.received_at", line: 1},
		"a moment without its offset":  {body: `{"request":{"received_at":"2025-02-03T00:00:00"}}`, status: 422, code: "not_a_moment", fact: "request.received_at", line: 1},
		"a number for a moment":        {body: `{"request":{"received_at":1e99}}`, status: 422, code: "not_a_moment", fact: "request.received_at", line: 1},
		"null in a list":               {body: `{"observed":[null]}`, status: 422, code: "null_item", fact: "observed[0]", line: 1},
		"a list for a record":          {body: "{\n\"request\":[1]}", status: 422, code: "wrong_type", fact: "request", line: 2},
		"bad UTF-8":                    {body: "{\"request\":{\"direct\":\"\xff\xfe\"}}", status: 400, code: "not_utf8"},
		"half a surrogate":             {body: `{"request":{"direct":"\ud800"}}`, status: 400, code: "json_syntax", line: 1},
		"a byte order mark inside":     {body: "{\ufeff" + install[1:], status: 400, code: "json_syntax", line: 1},
		"UTF-16 without a mark":        {body: "{\x00}\x00", status: 400, code: "not_utf8"},
		"UTF-16":                       {body: "\xff\xfe{\x00}\x00", status: 400, code: "not_utf8"},
		"nested too deep":              {body: deep, status: 400, code: "too_deep", line: 1},
		"brackets without end":         {body: strings.Repeat("[", 60_000), status: 400, code: "too_deep", line: 1},
		"too large":                    {body: `{"request":{"direct":"` + strings.Repeat("x", api.MaxFacts) + `"}}`, status: 413, code: "too_large"},
		"a list too long":              {body: `{"observed":[` + strings.Repeat(`"x",`, 1000) + `"x"]}`, status: 422, code: "too_many_items", line: 1},
		"asked in the past":            {body: `{"as_of":"2025-01-01T00:00:00Z"}`, path: ask + "?as_of=2025-01-02T00:00:00Z", status: 422, code: "as_of_twice", fact: "as_of"},
		"no media type":                {media: "-", body: install, status: 415, code: "wrong_media_type"},
		"another media type":           {media: "text/plain", body: install, status: 415, code: "wrong_media_type"},
		"a form":                       {media: "application/x-www-form-urlencoded", body: "a=b", status: 415, code: "wrong_media_type"},
		"an unknown question":          {path: "/v1/questions/time_limit.reqest/ask", body: install, status: 404, code: "unknown_question"},
		"an unknown path":              {path: "/v1/question", body: install, status: 404, code: "unknown_path"},
		"a path above":                 {method: "GET", path: "/v1/%2e%2e/%2e%2e/etc/passwd", status: 404, code: "unknown_path"},
		"GET where POST is meant":      {method: "GET", status: 405, code: "wrong_method"},
		"DELETE of a decision":         {method: "DELETE", path: "/v1/decisions/1-000000000000", status: 405, code: "wrong_method"},
		"PUT of the rules":             {method: "PUT", path: "/v1/rules", body: "x", status: 405, code: "wrong_method"},
		"a method that there is not":   {method: "FROBNICATE", path: "/v1/rules", status: 405, code: "wrong_method"},
		"an unknown parameter":         {path: ask + "?asof=2025-01-01T00:00:00Z", body: install, status: 400, code: "unknown_parameter"},
		"a parameter twice":            {path: ask + "?explain=1&explain=0", body: install, status: 400, code: "bad_parameter", parameter: "explain"},
		"a flag that is none":          {path: ask + "?record=yes", body: install, status: 400, code: "bad_parameter", parameter: "record"},
		"a query that is none":         {path: ask + "?record=%zz", body: install, status: 400, code: "bad_query"},
		"as_of without its offset":     {path: ask + "?as_of=2025-01-01T00:00:00", body: install, status: 400, code: "bad_parameter", parameter: "as_of"},
		"as_of in the year 1699":       {path: ask + "?as_of=1699-01-01T00:00:00Z", body: install, status: 400, code: "bad_parameter", parameter: "as_of"},
		"a reading without option":     {path: ask + "?reading=period.start_day", body: install, status: 400, code: "bad_parameter", parameter: "reading"},
		"an unknown reading":           {path: ask + "?reading=period.start=include", body: install, status: 422, code: "unknown_reading", parameter: "reading"},
		"an unknown option":            {path: ask + "?reading=period.start_day=maybe", body: install, status: 422, code: "unknown_reading", parameter: "reading"},
		"a reading twice":              {path: ask + "?reading=period.start_day=include&reading=period.start_day=exclude", body: install, status: 400, code: "bad_parameter", parameter: "reading"},
		"a key without record":         {body: install, header: []string{"Idempotency-Key", "k"}, status: 400, code: "bad_parameter", parameter: "Idempotency-Key"},
		"an empty key":                 {path: ask + "?record=1", body: install, header: []string{"Idempotency-Key", ""}, status: 400, code: "bad_parameter", parameter: "Idempotency-Key"},
		"a long key":                   {path: ask + "?record=1", body: install, header: []string{"Idempotency-Key", strings.Repeat("k", 256)}, status: 400, code: "bad_parameter", parameter: "Idempotency-Key"},
		"ask-many: unknown question":   {path: "/v1/questions/nothing/ask-many", media: "application/jsonl", body: install, status: 404, code: "unknown_question"},
		"ask-many: unknown reading":    {path: ask + "-many?reading=x=y", media: "application/jsonl", body: install, status: 422, code: "unknown_reading", parameter: "reading"},
		"ask-many: JSON":               {path: ask + "-many", body: install, status: 415, code: "wrong_media_type"},
		"a decision that there is not": {method: "GET", path: "/v1/decisions/1-000000000000", status: 404, code: "unknown_decision"},
		"a decision with no id":        {method: "GET", path: "/v1/decisions/%27%20OR%201=1", status: 404, code: "unknown_decision"},
		"a search from nowhere":        {method: "GET", path: "/v1/decisions?after=1-000000000000", status: 400, code: "bad_parameter", parameter: "after"},
		"a page too long":              {method: "GET", path: "/v1/decisions?limit=1001", status: 400, code: "bad_parameter", parameter: "limit"},
		"a day for a moment":           {method: "GET", path: "/v1/decisions?from=2025-01-01", status: 400, code: "bad_parameter", parameter: "from"},
		"a search backwards":           {method: "GET", path: "/v1/decisions?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", status: 400, code: "bad_parameter", parameter: "to"},
		"export backwards":             {method: "GET", path: "/v1/decisions/export?first=3&last=2", status: 400, code: "bad_parameter", parameter: "last"},
		"verify backwards":             {path: "/v1/decisions/verify?first=3&last=2", status: 400, code: "bad_parameter", parameter: "last"},
		"verify with a body":           {path: "/v1/decisions/verify", body: `{"first": 1, "lst": 2}`, status: 400, code: "unexpected_body"},
		"verify with a long body":      {path: "/v1/decisions/verify", body: strings.Repeat(" ", 5000) + "x", status: 400, code: "unexpected_body"},
		"reload with a body":           {path: "/v1/rules/reload", media: "application/yaml", body: "rulebook: {}", status: 400, code: "unexpected_body"},
		"verify with a short hash":     {path: "/v1/decisions/verify?head=00", status: 400, code: "bad_parameter", parameter: "head"},
		"export from place 0":          {method: "GET", path: "/v1/decisions/export?first=0", status: 400, code: "bad_parameter", parameter: "first"},
		"an unknown article":           {method: "GET", path: "/v1/articles/time_limit/99", status: 404, code: "unknown_article"},
		"rules that there are not":     {method: "GET", path: "/v1/rules/" + strings.Repeat("0", 64), status: 404, code: "unknown_rules"},
		"rules by no hash":             {method: "GET", path: "/v1/rules/latest", status: 404, code: "unknown_rules"},
		"a date that is not":           {method: "GET", path: "/v1/calendar/add?from=2025-02-30&days=1", status: 400, code: "bad_parameter", parameter: "from"},
		"a date in another order":      {method: "GET", path: "/v1/calendar/add?from=03/04/2026&days=1", status: 400, code: "bad_parameter", parameter: "from"},
		"days without number":          {method: "GET", path: "/v1/calendar/add?from=2025-01-02", status: 400, code: "bad_parameter", parameter: "days"},
		"days in hexadecimal":          {method: "GET", path: "/v1/calendar/add?from=2025-01-02&days=0x1", status: 400, code: "bad_parameter", parameter: "days"},
		"a million days":               {method: "GET", path: "/v1/calendar/add?from=2025-01-02&days=1000000", status: 400, code: "bad_parameter", parameter: "days"},
		"a year without notice":        {method: "GET", path: "/v1/calendar/add?from=2026-12-31&days=5", status: 422, code: "calendar_year_missing"},
		"an unknown calendar":          {method: "GET", path: "/v1/calendar/add?from=2025-01-02&days=1&calendar=moon", status: 400, code: "bad_parameter", parameter: "calendar"},
		"a draft too large":            {path: "/v1/rules/check", media: "application/yaml", body: strings.Repeat("#", api.MaxDraft+1), status: 413, code: "too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			if x.method == "" {
				x.method = http.MethodPost
			}
			if x.path == "" {
				x.path = ask
			}
			switch x.media {
			case "":
				x.media = "application/json"
			case "-":
				x.media = ""
			}
			for _, lang := range []string{"zh-CN,zh;q=0.9,en;q=0.8", "en"} {
				got := s.send(x.method, x.path, x.media, x.body, append(x.header, "Accept-Language", lang)...)
				d := got.problem(t)
				assert.Equal(t, x.status, got.status, got.body)
				assert.Equal(t, x.code, d.Code, got.body)
				assert.Equal(t, x.fact, d.Fact)
				assert.Equal(t, x.parameter, d.Parameter)
				assert.Equal(t, x.line, d.Line)
				assert.Equal(t, strings.HasPrefix(lang, "zh"), strings.ContainsFunc(d.Title, han), d.Title)
				assert.NotContains(t, got.body, "goroutine")
			}
		})
	}
	assert.EqualValues(t, 0, s.store.Head().Seq, "nothing was recorded")
}

func han(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// Where something near exists, it is named.
func TestDidYouMean(t *testing.T) {
	s := serve(t, live.Options{})
	for want, got := range map[string]reply{
		"time_limit.request": s.ask("time_limit.reqest", "", install),
		"as_of":              s.ask("time_limit.request", "?asof=x", install),
		"time_limit/6":       s.get("/v1/articles/time_limits/6"),
		"fault":              s.ask("time_limit.request", "", `{"request":{"kind":"falt"}}`),
		"request":            s.ask("time_limit.request", "", `{"reqest":{}}`),
	} {
		assert.Contains(t, got.problem(t).Remedy, "did you mean "+want)
	}
}

func TestWrongMethodTellsTheRightOnes(t *testing.T) {
	s := serve(t, live.Options{})
	assert.Equal(t, "POST", s.get(ask).header.Get("Allow"))
	assert.Equal(t, "GET, HEAD", s.send(http.MethodPost, "/v1/rules", "", "").header.Get("Allow"))
}

func TestLanguage(t *testing.T) {
	s := serve(t, live.Options{})
	for header, zh := range map[string]bool{
		"": false, "zh": true, "zh-Hans-CN": true, "en": false, "fr": false, "fr, zh;q=0.2": true, "zh;q=0.1, en;q=0.2": false,
		"en;q=0, zh;q=0.5": true, "zh;q=2": false, "*": false, ";;;,,=": false,
	} {
		title := s.get("/v1/none", "Accept-Language", header).problem(t).Title
		assert.Equal(t, zh, strings.ContainsFunc(title, han), "%q: %s", header, title)
	}
}

// Every fact that is refused is told, in the order of the body.
func TestEveryRefusedFactIsTold(t *testing.T) {
	s := serve(t, live.Options{})
	p := s.ask("time_limit.request", "", "{\"explained\": 1,\n \"request\": {\"kind\": \"instal\", \"knd\": 2}}", "Accept-Language", "zh").problem(t)
	var got []string
	for _, e := range p.Errors {
		got = append(got, fmt.Sprintf("%s %s %d:%d", e.Code, e.Fact, e.Line, e.Column))
		assert.True(t, strings.ContainsFunc(e.Title, han))
		assert.NotEmpty(t, e.Remedy)
	}
	assert.Equal(t, []string{"not_a_boolean explained 1:15", "unknown_word request.kind 2:22", "unknown_fact request.… 2:32"}, got)
	assert.Equal(t, "not_a_boolean explained", p.Code+" "+p.Fact)
	p = s.ask("time_limit.request", "", `{"explained": 1}`).problem(t)
	assert.Empty(t, p.Errors, "it is the problem itself")
}

// A thousand seeded names and numbers, put wherever facts can be wrong, are
// in no problem.
func TestProblemsNameNobody(t *testing.T) {
	s := serve(t, live.Options{})
	for i := range 250 {
		name, number := fmt.Sprintf("王秀%04d", i), fmt.Sprintf("138%08d", i)
		for _, facts := range []string{
			fmt.Sprintf(`{"request":{"kind":"%s","direct":"%s"}}`, number, name),
			fmt.Sprintf(`{"%s":"%s"}`, name, number),
			fmt.Sprintf(`{"request":{"received_at":"%s %s"}}`, name, number),
			fmt.Sprintf(`{"request":{"direct":"%s"},"request":{"direct":"%s"}}`, name, number),
			fmt.Sprintf(`{"request":{"direct":"%s"`, name+number),
			fmt.Sprintf(`{"request":{"direct":"%s"}} %s`, name, number),
		} {
			for _, got := range []reply{
				s.ask("time_limit.request", "?record=1", facts, "Accept-Language", "zh"),
				s.send(http.MethodPost, ask+"-many", "application/jsonl", facts+"\n"),
			} {
				require.NotContains(t, got.body, name)
				require.NotContains(t, got.body, number)
				require.Contains(t, got.body, "urn:rulebook:problem:")
			}
		}
	}
}

// One question's facts cannot be sent in pieces, and the remedy does not say so.
func TestWhatIsTooLargeHasARemedyThatWorks(t *testing.T) {
	s := serve(t, live.Options{})
	large := `{"request":{"direct":"` + strings.Repeat("x", api.MaxFacts) + `"}}`
	got := s.send("POST", "/v1/questions/time_limit.request/ask", "application/json", large, "Accept-Language", "en").problem(t)
	assert.Equal(t, "send only the facts that the question takes", got.Remedy)
	got = s.send("POST", "/v1/rules/check", "application/yaml", strings.Repeat("#", api.MaxDraft+1), "Accept-Language", "en").problem(t)
	assert.Equal(t, "send less", got.Remedy)

	// What is no question is told of no facts, whether its length is said or not.
	for path, want := range map[string]string{
		"/v1/changes/1/steps": "as signature send what ssh-keygen wrote to the file .sig alone", "/v1/decisions/1-000000000000/erasure": "send less",
		"/v1/decisions/1-000000000000/steps": "send less", "/v1/webhooks": "send less",
	} {
		for _, body := range []io.Reader{strings.NewReader(strings.Repeat(" ", 300<<10)), io.LimitReader(blanks{}, 300<<10)} {
			req, err := http.NewRequest(http.MethodPost, s.URL+path, body)
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Accept-Language", "en")
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			text, err := io.ReadAll(resp.Body)
			require.NoError(t, errors.Join(err, resp.Body.Close()))
			assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode, "%s: %s", path, text)
			assert.Contains(t, string(text), want, path)
		}
	}
}

// blanks are as many as anybody reads.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// A body that says nothing may be sent where none is taken: some clients always
// send one.
func TestABodyThatSaysNothing(t *testing.T) {
	s := serve(t, live.Options{})
	for _, body := range []string{"", " \n", "{}", "{}\n"} {
		got := s.send("POST", "/v1/decisions/verify", "application/json", body)
		assert.Equal(t, 200, got.status, "%q: %s", body, got.body)
	}
}
