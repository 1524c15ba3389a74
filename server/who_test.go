package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// Who recorded and who took a step stands on record by what he showed, whatever
// the form says; where nobody is asked, nothing is said of it. All of it is
// verified.
func TestWhoStandsOnRecord(t *testing.T) {
	db := filepath.Join(t.TempDir(), "who.db")
	s, secrets := withTokens(t, map[string]string{"desk": "clerk person=li.wei", "boss": "decider"}, "--db", db)
	as := func(name string) []string { return []string{"Authorization", "Bearer " + secrets[name]} }
	resp, body := s.ask("?record=1", install, as("desk")...)
	require.Equal(t, http.StatusCreated, resp.StatusCode, body)
	id := resp.Header.Get("Decision-Id")
	resp, body = s.send(http.MethodPost, "/v1/decisions/"+id+"/steps", "application/json", `{"kind":"objection","by":"S2","reason":"late papers"}`, as("desk")...)
	require.Equal(t, http.StatusCreated, resp.StatusCode, body)
	ids := []string{id}
	for _, mode := range []string{"whole", "lines"} {
		resp, body = s.send(http.MethodPost, "/v1/questions/time_limit.request/import?as_of=2025-07-01T00:00:00Z&mode="+mode, "text/csv",
			"record,request.kind,request.area_type,request.papers_complete_at\n"+mode+",install,urban,2025-06-09T10:00:00+08:00\n", as("desk")...)
		require.Equal(t, http.StatusOK, resp.StatusCode, body)
		var line api.ImportLine
		require.NoError(t, json.NewDecoder(strings.NewReader(body)).Decode(&line))
		ids = append(ids, line.Decision)
	}
	form := url.Values{"_kind": {"decision"}, "_outcome": {"otherwise"}, "_by": {"Wang"}, "_reason": {"as said"}, "_caller": {"desk"}, "caller": {"desk"}}
	resp, body = s.send(http.MethodPost, "/decisions/"+id+"/steps", "application/x-www-form-urlencoded", form.Encode(), as("boss")...)
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	assert.Contains(t, body, "Wang")
	_, page := s.send(http.MethodGet, "/decisions/"+id, "", "", append(as("boss"), "Accept-Language", "zh-CN")...)
	assert.Contains(t, page, "<dd>li.wei，用 desk（令牌）</dd>")
	assert.Contains(t, page, "记载：boss（令牌）")
	s.stop()

	store, err := record.Open(t.Context(), db, record.Options{ReadOnly: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	for _, id := range ids {
		e, err := store.Get(t.Context(), id)
		require.NoError(t, err)
		of, err := e.Decode()
		require.NoError(t, err)
		assert.Equal(t, &people.Who{Name: "desk", How: people.ByToken, Person: "li.wei"}, of.RecordedBy)
	}
	e, err := store.Get(t.Context(), id)
	require.NoError(t, err)
	steps, err := store.Steps(t.Context(), e)
	require.NoError(t, err)
	require.Len(t, steps, 2)
	assert.Equal(t, []string{"S2", "desk", "token", "li.wei"}, []string{steps[0].By, steps[0].Caller, steps[0].How, steps[0].Person})
	assert.Equal(t, []string{"Wang", "boss", "token", ""}, []string{steps[1].By, steps[1].Caller, steps[1].How, steps[1].Person})
	report, err := store.Verify(t.Context(), record.Stretch{})
	require.NoError(t, err)
	assert.True(t, report.OK(), report.Damage)

	open := start(t)
	resp, body = open.ask("?record=1", install)
	require.Equal(t, http.StatusCreated, resp.StatusCode, body)
	_, body = open.send(http.MethodGet, "/v1/decisions/"+resp.Header.Get("Decision-Id"), "", "")
	assert.True(t, json.Valid([]byte(body)))
	assert.NotContains(t, body, "recorded_by")
}
