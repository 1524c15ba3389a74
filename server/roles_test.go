package server

import (
	"cmp"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/console"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// Who may use which address, written down here once more and not taken from the
// table of roles: a change of either is seen. "all" are all roles and any token,
// "anybody" needs no credentials.
var mayUse = map[string]string{
	"POST /v1/questions/{id}/ask":               "viewer clerk decider editor approver auditor archivist ask",
	"POST /v1/questions/{id}/ask?record=1":      "clerk decider ask",
	"POST /v1/questions/{id}/ask-many":          "viewer clerk decider editor approver auditor archivist ask",
	"POST /v1/questions/{id}/ask-many?record=1": "clerk decider ask",
	"POST /v1/questions/{id}/import":            "clerk decider ask",
	"GET /v1/questions":                         "all",
	"GET /v1/questions/{id}":                    "all",
	"GET /v1/articles":                          "all",
	"GET /v1/articles/{regulation}/{n}":         "all",
	"GET /v1/readings":                          "all",
	"GET /v1/rules":                             "all",
	"GET /v1/rules/{sha256}":                    "all",
	"POST /v1/rules/check":                      "editor ask",
	"POST /v1/rules/reload":                     "operator operate",
	"GET /v1/rules/history":                     "all",
	"GET /v1/changes":                           "all",
	"POST /v1/changes":                          "editor ask",
	"GET /v1/changes/{number}":                  "all",
	"GET /v1/changes/{number}/text":             "all",
	"POST /v1/changes/{number}/text":            "editor ask",
	"POST /v1/changes/{number}/steps":           "editor ask",
	"POST /v1/changes/{number}/steps withdrawn": "editor ask",
	"POST /v1/changes/{number}/steps approved":  "approver",
	"POST /v1/changes/{number}/steps refused":   "approver",
	"POST /v1/changes/{number}/steps scheduled": "approver",
	"POST /v1/changes/{number}/steps published": "approver",
	"POST /v1/changes/{number}/steps shadowed":  "editor ask",
	"GET /v1/changes/{number}/study":            "all",
	"GET /v1/changes/{number}/shadow":           "viewer clerk decider editor approver auditor archivist read",
	"GET /v1/calendar/add":                      "all",
	"POST /v1/review":                           "viewer clerk decider editor approver auditor archivist ask",
	"GET /v1/events":                            "viewer clerk decider editor approver auditor archivist read",
	"GET /v1/webhooks":                          "operator operate",
	"POST /v1/webhooks":                         "operator operate",
	"GET /v1/webhooks/{name}":                   "operator operate",
	"DELETE /v1/webhooks/{name}":                "operator operate",
	"POST /v1/webhooks/{name}/rotation":         "operator operate",
	"POST /v1/webhooks/{name}/resume":           "operator operate",
	"POST /v1/months":                           "clerk decider ask",
	"GET /v1/months":                            "viewer clerk decider editor approver auditor archivist read",
	"GET /v1/months/{number}":                   "viewer clerk decider editor approver auditor archivist read",
	"GET /v1/months/{number}/files/{name}":      "decider auditor read",
	"GET /v1/decisions":                         "viewer clerk decider editor approver auditor archivist read",
	"GET /v1/decisions/{id}":                    "decider auditor archivist read",
	"GET /v1/decisions/{id}/steps":              "decider auditor archivist read",
	"POST /v1/decisions/{id}/steps":             "clerk decider ask,read",
	"POST /v1/decisions/{id}/steps decision":    "decider ask,read",
	"POST /v1/decisions/{id}/steps withdrawal":  "decider ask,read",
	"GET /v1/decisions/export":                  "decider auditor read",
	"POST /v1/decisions/verify":                 "auditor archivist operator read",
	"POST /v1/decisions/{id}/erasure":           "archivist",
	"POST /v1/months/{number}/erasure":          "archivist",
	"GET /openapi.json":                         "all",
	"GET /healthz":                              "anybody",
	"GET /readyz":                               "anybody",
	"GET /metrics":                              "operator operate",

	"GET /{$}":                                           "all",
	"GET /state/{list}":                                  "viewer clerk decider editor approver auditor archivist read",
	"GET /ask":                                           "all",
	"GET /ask/{question}":                                "viewer clerk decider editor approver auditor archivist ask",
	"POST /ask/{question}":                               "viewer clerk decider editor approver auditor archivist ask",
	"GET /ask/{question}/what-if":                        "viewer clerk decider editor approver auditor archivist ask",
	"GET /month":                                         "viewer clerk decider editor approver auditor archivist ask",
	"POST /month":                                        "viewer clerk decider editor approver auditor archivist ask",
	"GET /month/{review}":                                "viewer clerk decider editor approver auditor archivist ask",
	"GET /month/{review}/{file}":                         "viewer clerk decider editor approver auditor archivist ask",
	"GET /month/{upload}/tables":                         "viewer clerk decider editor approver auditor archivist ask",
	"POST /month/{upload}/tables":                        "viewer clerk decider editor approver auditor archivist ask",
	"GET /month/{review}/record":                         "clerk decider ask",
	"POST /month/{review}/record":                        "clerk decider ask",
	"GET /rules":                                         "all",
	"GET /rules/readings":                                "all",
	"POST /rules/readings":                               "approver",
	"GET /rules/draft":                                   "editor ask",
	"POST /rules/draft":                                  "editor ask",
	"POST /rules/editor/findings":                        "editor ask",
	"POST /rules/editor/fixes":                           "editor ask",
	"POST /rules/editor/completions":                     "editor ask",
	"GET /rules/changes":                                 "all",
	"GET /rules/changes/new":                             "editor ask",
	"POST /rules/changes/new":                            "editor ask",
	"GET /rules/changes/{number}":                        "all",
	"GET /rules/changes/{number}/edit":                   "editor ask",
	"POST /rules/changes/{number}/edit":                  "editor ask",
	"POST /rules/changes/{number}/steps":                 "approver",
	"POST /rules/changes/{number}/steps _kind=proposed":  "editor ask",
	"POST /rules/changes/{number}/steps _kind=withdrawn": "editor ask",
	"POST /rules/changes/{number}/steps _kind=shadowed":  "editor ask",
	"POST /rules/changes/{number}/steps _kind=approved":  "approver",
	"POST /rules/changes/{number}/steps _kind=published": "approver",
	"GET /rules/changes/{number}/study":                  "all",
	"POST /rules/changes/{number}/study":                 "all",
	"GET /rules/history":                                 "all",
	"GET /decisions":                                     "viewer clerk decider editor approver auditor archivist read",
	"GET /decisions.csv":                                 "decider auditor read",
	"GET /decisions/{id}":                                "viewer clerk decider editor approver auditor archivist read",
	"GET /decisions/{id}/steps":                          "viewer clerk decider editor approver auditor archivist read",
	"POST /decisions/{id}/steps":                         "clerk decider ask,read",
	"GET /decisions/{id}/paper":                          "viewer clerk decider editor approver auditor archivist read",
	"POST /decisions/{id}/erasure":                       "archivist",
	"POST /month/{review}/erasure":                       "archivist",
	"GET /matters/{id}":                                  "viewer clerk decider editor approver auditor archivist read",
	"GET /decisions/verify":                              "viewer clerk decider editor approver auditor archivist read",
	"POST /decisions/verify":                             "auditor archivist operator read",
	"GET /banner":                                        "all",
	"GET /static/{file}":                                 "anybody",

	"GET /sign-in":               "anybody",
	"POST /sign-in":              "anybody",
	"GET /sign-in/provider":      "anybody",
	"GET /sign-in/provider/back": "anybody",
	"POST /sign-out":             "anybody",
	"GET /link/{key}":            "anybody",
	"POST /link/{key}":           "anybody",
	"GET /account":               "all",
	"POST /account":              "all",
	"GET /people":                "operator",
	"POST /people":               "operator",
	"GET /people/{id}":           "operator",
	"POST /people/{id}":          "operator",
	"GET /access":                "auditor",

	// kinds of steps
	"POST /decisions/{id}/steps _kind=decision":   "decider ask,read",
	"POST /decisions/{id}/steps _kind=correction": "decider ask,read",
	"POST /decisions/{id}/steps _kind=withdrawal": "decider ask,read",
	"POST /decisions/{id}/steps _kind=noted":      "clerk decider ask,read",
	"POST /decisions/{id}/steps _kind=hearing":    "clerk decider ask,read",
	"POST /decisions/{id}/steps _kind=objection":  "clerk decider ask,read",
	// what a form may do beside asking
	"POST /ask/{question} _record=1": "clerk decider ask",
}

// routes are all addresses that the server has.
func routes(t *testing.T) (patterns []string) {
	t.Helper()
	rules, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	store, err := record.Open(t.Context(), filepath.Join(t.TempDir(), "routes.db"), record.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	accounts, err := people.Open(t.Context(), filepath.Join(t.TempDir(), "routes.people"), people.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, accounts.Close()) }()
	pages, err := console.New(service.New(rules, store, nil), console.Options{People: accounts})
	require.NoError(t, err)
	for _, r := range append(api.Routes(), pages.Routes()...) {
		patterns = append(patterns, r.Pattern)
	}
	return patterns
}

// Every address for every role and every scope, both ways: who may, is not
// refused, and who may not, is.
func TestRolesAtRoutes(t *testing.T) {
	all := routes(t)
	for _, pattern := range all {
		assert.Contains(t, mayUse, pattern, "a new address: say here who may use it")
	}
	for entry := range mayUse {
		pattern, _, _ := strings.Cut(entry, "?")
		if words := strings.Fields(pattern); len(words) > 2 { // with what is sent
			pattern = strings.Join(words[:2], " ")
		}
		assert.Contains(t, all, pattern, "no such address any more")
	}
	callers := append(people.RoleNames(), "read", "ask", "operate", "ask,read")
	lines := map[string]string{}
	for _, c := range callers {
		lines[strings.ReplaceAll(c, ",", "-")] = c + " 0"
	}
	db := filepath.Join(t.TempDir(), "roles.db")
	s, secrets := withTokens(t, lines, "--accounts", "--db", db)
	id := recordedBy(t, s, secrets["clerk"])
	signedIn := sessions(t, db)
	for _, entry := range slices.Sorted(maps.Keys(mayUse)) {
		who := strings.Fields(mayUse[entry])
		method, path, body, media := requestFor(entry, id)
		for _, c := range append(callers, "") {
			may := slices.Contains(who, "anybody") || c != "" && (slices.Contains(who, "all") || slices.Contains(who, c))
			if scopes := strings.Split(c, ","); len(scopes) > 1 { // may what each may
				may = may || slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(who, s) })
			}
			var header []string
			if c != "" {
				header = []string{"Authorization", "Bearer " + secrets[strings.ReplaceAll(c, ",", "-")]}
			}
			if c == "" { // a script, that is not led to where one signs in
				header = []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "same-origin"}
			}
			resp, text := s.send(method, path, media, body, header...)
			refused := resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusUnauthorized
			assert.Equal(t, !may, refused, "%s by %q: %d", entry, c, resp.StatusCode)
			if session := signedIn[c]; session != "" && path != "/sign-out" { // the same for who signed in
				resp, _ := s.send(method, path, media, body, "Cookie", "session="+session)
				refused := resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusUnauthorized
				assert.Equal(t, !may, refused, "%s by %q signed in: %d", entry, c, resp.StatusCode)
			}
			if refused && c == "" {
				assert.Equal(t, http.StatusUnauthorized, resp.StatusCode, entry)
			}
			assert.Less(t, resp.StatusCode, http.StatusInternalServerError, "%s by %q: %s", entry, c, text)
		}
	}
}

// sessions signs somebody in for each role.
func sessions(t *testing.T, db string) map[string]string {
	t.Helper()
	s, err := people.Open(t.Context(), people.FileOf(db), people.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	all := map[string]string{}
	for _, role := range people.RoleNames() {
		require.NoError(t, s.Add(t.Context(), people.Who{}, role, role, []string{role}))
		link, _, err := s.NewLink(t.Context(), people.Who{}, role)
		require.NoError(t, err)
		in, err := s.UseLink(t.Context(), link, "", "", "a sentence long enough")
		require.NoError(t, err)
		all[role] = in.Session
	}
	return all
}

func recordedBy(t *testing.T, s *running, secret string) (id string) {
	t.Helper()
	resp, body := s.ask("?record=1", install, "Authorization", "Bearer "+secret)
	require.Equal(t, http.StatusCreated, resp.StatusCode, body)
	return resp.Header.Get("Decision-Id")
}

// requestFor is a request for an entry of mayUse, with an address that is there.
func requestFor(entry, id string) (method, path, body, media string) {
	entry, form, _ := strings.Cut(entry, " _")
	method, path, _ = strings.Cut(entry, " ")
	path, step, _ := strings.Cut(path, " ")
	of := "time_limit.request"
	path = strings.NewReplacer("/{$}", "/", "/people/{id}", "/people/li.wei", "{key}", "none", "/decisions/{id}", "/decisions/"+id, "/matters/{id}", "/matters/"+id, "{id}", of, "{question}", of, "{regulation}/{n}", "time_limit/6",
		"{sha256}", strings.Repeat("0", 64), "{list}", "overdue", "{number}", "1", "{name}", "a.csv", "{review}/{file}", "sample/none.csv", "{review}", "none", "{file}", "console.css").Replace(path)
	switch {
	case method == http.MethodGet:
	case form != "":
		body, media = "_"+form, "application/x-www-form-urlencoded"
	case strings.HasPrefix(path, "/v1/decisions/") && strings.HasSuffix(path, "/steps"):
		body, media = `{"kind":"`+cmp.Or(step, "objection")+`"}`, "application/json"
	case strings.HasPrefix(path, "/v1/changes/") && strings.HasSuffix(path, "/steps"):
		body, media = `{"kind":"`+cmp.Or(step, "proposed")+`"}`, "application/json"
	case strings.HasPrefix(path, "/v1/changes"):
		body, media = "a: 1", "application/yaml"
	case strings.HasPrefix(path, "/v1/questions/"):
		body, media = install, "application/json"
		if strings.Contains(path, "ask-many") {
			media = "application/jsonl"
		}
	case strings.HasPrefix(path, "/v1/rules/check"):
		body, media = "a: 1", "application/yaml"
	case !strings.HasPrefix(path, "/v1/"):
		body, media = "x=1", "application/x-www-form-urlencoded"
	}
	return method, path, body, media
}

// docs/operations.md shows the table of roles as it is in the code.
func TestRolesAreDocumented(t *testing.T) {
	data, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	table := rolesTable()
	assert.True(t, strings.Contains(string(data), table), "write this table into docs/operations.md:\n%s", table)
}

// rolesTable is the table as docs/operations.md has it.
func rolesTable() string {
	var b strings.Builder
	b.WriteString("| may | permission |")
	for _, r := range people.Roles() {
		b.WriteString(" " + r.Name + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(people.Roles())) + "\n")
	for _, m := range people.Meanings() {
		b.WriteString("| " + m.Text.EN + " | `" + string(m.Permission) + "` |")
		for _, r := range people.Roles() {
			b.WriteString(" " + map[bool]string{true: "●", false: ""}[r.May.Has(m.Permission)] + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}
