package server

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/people"
)

// seeded are the names and phones of a thousand people.
func seeded() (names, phones []string) {
	families := []rune("王李张刘陈杨赵黄周吴")
	given := []rune("秀英芳伟敏静丽强磊军")
	for i := range 1000 {
		names = append(names, string([]rune{families[i/100], given[i/10%10], given[i%10]})+"某")
		phones = append(phones, fmt.Sprintf("138%08d", 12345677+i*9973))
	}
	return names, phones
}

// A thousand people stand on record, in facts and in steps. Who may not see
// personal data finds none of them anywhere, nor does the log, nor the metrics, nor
// what is told of traces; who may does, and each look is noted.
func TestNamesAreMasked(t *testing.T) {
	traces := receiving(t)
	names, phones := seeded()
	lines := map[string]string{}
	for _, role := range people.RoleNames() {
		lines[role] = role + " 0"
	}
	db := filepath.Join(t.TempDir(), "masked.db")
	s, secrets := withTokens(t, lines, "--db", db, "--accounts", "--verbose")
	as := func(role string) []string {
		return []string{"Authorization", "Bearer " + secrets[role], "Accept-Language", "zh-CN"}
	}
	var fines, requests strings.Builder
	for i := range names {
		if i%2 == 0 {
			fmt.Fprintf(&fines, `{"person":%q,"complaint":{"level":"hall","cause":"service","substantiated":true},"prior_in_window":{"hall":0,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`+"\n", names[i]+" "+phones[i])
		} else {
			fmt.Fprintf(&requests, `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","direct":%q,"department_head":%q}}`+"\n", names[i], phones[i])
		}
	}
	var ids []string
	for question, body := range map[string]string{"accountability.fine": fines.String(), "time_limit.request": requests.String()} {
		resp, text := s.send(http.MethodPost, "/v1/questions/"+question+"/ask-many?record=1", "application/jsonl", body, as("clerk")...)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		for line := range strings.Lines(text) {
			id, _, found := strings.Cut(strings.TrimPrefix(line, `{"decision":"`), `"`)
			require.True(t, found && strings.HasPrefix(line, `{"decision"`), line)
			ids = append(ids, id)
		}
	}
	require.Len(t, ids, len(names))
	looked := []string{ids[0], ids[len(ids)/2-1], ids[len(ids)/2], ids[len(ids)-1]}
	for i, id := range looked {
		for _, step := range []string{
			fmt.Sprintf(`{"kind":"objection","by":%q,"reason":%q}`, names[i], "call "+phones[i]),
			fmt.Sprintf(`{"kind":"noted","question":"accountability.may_decide","facts":{"decider":{"id":%q},"hearing":{"outcome":"heard"}},"by":%q,"reason":"x"}`, names[i], names[i]),
		} {
			resp, text := s.send(http.MethodPost, "/v1/decisions/"+id+"/steps", "application/json", step, as("clerk")...)
			assert.Contains(t, []int{http.StatusCreated, http.StatusUnprocessableEntity}, resp.StatusCode, text)
		}
	}

	all := append(append([]string{}, names...), phones...)
	namesIn := func(text string) (found string) {
		for _, x := range all {
			if strings.Contains(text, x) {
				return x
			}
		}
		return ""
	}
	named := map[string]bool{}
	for _, pattern := range routes(t) {
		method, _, _ := strings.Cut(pattern, " ")
		if method != http.MethodGet {
			continue
		}
		for i, id := range looked {
			_, path, _, _ := requestFor(pattern, id)
			if i > 0 && !strings.Contains(path, id) {
				continue
			}
			for _, role := range append(people.RoleNames(), "") {
				header := as(role)
				if role == "" {
					header = []string{"Accept-Language", "zh-CN"}
				}
				for range 2 { // the first page reads the record on as it is looked at
					resp, text := s.send(method, path, "", "", header...)
					found := namesIn(text + fmt.Sprint(resp.Header))
					if role == "decider" || role == "auditor" || role == "archivist" {
						named[pattern] = named[pattern] || found != ""
						continue
					}
					assert.Empty(t, found, "%s for %q", path, role)
				}
			}
		}
	}
	for _, pattern := range []string{"GET /decisions", "GET /decisions/{id}", "GET /decisions/{id}/paper", "GET /matters/{id}", "GET /decisions.csv", "GET /v1/decisions/{id}", "GET /v1/decisions/{id}/steps", "GET /v1/decisions/export", "GET /{$}", "GET /state/{list}"} {
		assert.True(t, named[pattern], "who may sees names at %s", pattern)
	}
	// A name that is known whole finds its record. A part of one finds nothing, or
	// letter after letter would tell the rest.
	for _, role := range []string{"viewer", "clerk", "editor", "decider"} {
		for _, x := range []struct {
			address, says string
			whole         bool
		}{
			{"/decisions?says=", names[1], true}, {"/decisions?says=", string([]rune(names[1])[:2]), false}, {"/decisions?says=", phones[1], true}, {"/decisions?says=", phones[1][:8], false},
			{"/state/overdue?says=", phones[1], true}, {"/state/overdue?says=", phones[1][:8], false},
			{"/decisions?question=time_limit.request&fact.request.direct=", names[1], true}, {"/decisions?question=time_limit.request&fact.request.direct=", string([]rune(names[1])[:2]), false},
		} {
			_, page := s.send(http.MethodGet, x.address+url.QueryEscape(x.says), "", "", as(role)...)
			found := strings.Contains(page, `href="/decisions/`) || strings.Contains(page, `href="/matters/`)
			assert.Equal(t, x.whole || role == "decider", found, "%s looks at %s%s", role, x.address, x.says)
		}
	}
	for _, x := range [][]string{ // what is sent comes back in no problem
		{"/v1/questions/accountability.fine/ask", `{"person":{"` + names[0] + `":1}}`}, {"/v1/questions/accountability.fine/ask", `{"` + names[0] + `":1}`}, {"/v1/questions/" + phones[0] + "/ask", `{}`},
	} {
		resp, text := s.send(http.MethodPost, x[0], "application/json", x[1], as("clerk")...)
		assert.GreaterOrEqual(t, resp.StatusCode, http.StatusBadRequest)
		assert.Empty(t, namesIn(text), x)
	}
	_, metrics := s.send(http.MethodGet, "/metrics", "", "", as("operator")...)
	assert.Empty(t, namesIn(metrics), metrics)
	assert.Empty(t, namesIn(s.stderr.String()), "the log")

	// Each look is noted, with who looked at which record; masked ones are none.
	accounts, err := people.Open(t.Context(), people.FileOf(db), people.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, accounts.Close()) }()
	events, err := accounts.Events(t.Context(), 0, 10_000)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, e := range events {
		if e.What == people.EventLooked {
			assert.Contains(t, []string{"decider", "auditor", "archivist"}, e.By.Name)
			seen[e.By.Name+" "+e.About+" "+e.Details] = true
		}
		assert.Empty(t, namesIn(e.About+e.Details))
	}
	for _, role := range []string{"decider", "auditor", "archivist"} {
		for _, id := range looked {
			for _, path := range []string{"/decisions/{id}", "/decisions/{id}/paper", "/matters/{id}", "/v1/decisions/{id}", "/v1/decisions/{id}/steps"} {
				assert.True(t, seen[role+" "+id+" "+path], "%s looked at %s: %s", role, id, path)
			}
		}
		exports := role != "archivist"
		assert.True(t, seen[role+"  /decisions"])
		assert.Equal(t, [2]bool{exports, exports}, [2]bool{seen[role+"  /v1/decisions/export"], seen[role+"  /decisions.csv"]})
	}
	resp, page := s.send(http.MethodGet, "/access", "", "", as("auditor")...)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Contains(t, page, "查看个人信息")
	_, page = s.send(http.MethodGet, "/decisions/"+looked[0], "", "", as("viewer")...)
	assert.Contains(t, page, "●")
	assert.Contains(t, page, "已核验", "it is the record all the same")

	s.stop()
	assert.NotEmpty(t, traces.named("GET /decisions"))
	assert.Empty(t, namesIn(traces.raw.String()))
	for _, name := range all {
		assert.NotContains(t, traces.raw.String(), url.QueryEscape(name))
	}
	told := map[string]bool{}
	for _, span := range traces.spans {
		for key := range attributes(span) {
			told[key] = true
		}
	}
	for _, key := range []string{"http.request.method", "http.route", "http.response.status_code", "rulebook.request", "rulebook.question", "error.type"} {
		delete(told, key)
	}
	assert.Empty(t, told, "what is told of a request is chosen by name")
}
