package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

// A record is erased by a program: its hash stays, it is verified still, and a key
// leads to a new one.
func TestErasingByProgram(t *testing.T) {
	s := serve(t, live.Options{})
	ask := func() reply {
		return s.send(http.MethodPost, "/v1/questions/accountability.fine/ask?record=1", "application/json", strings.Replace(fine, "S3", "Zhang-Wei-4711", 1), "Idempotency-Key", "ticket-1")
	}
	first := ask()
	require.Equal(t, http.StatusCreated, first.status, first.body)
	at := first.header.Get("Location")
	var before api.OnRecord
	decode(t, s.get(at).body, &before)
	require.NotNil(t, before.Record)
	assert.NotEmpty(t, before.Record.Salt)
	erase := func(body string) reply { return s.send(http.MethodPost, at+"/erasure", "application/json", body) }
	for body, status := range map[string]int{`{}`: 422, `{"reason":""}`: 422, `{"why":"x"}`: 422, `{"reason":1}`: 422, ``: 400} {
		assert.Equal(t, status, erase(body).status, body)
	}
	done := erase(`{"reason":"five years are over"}`)
	require.Equal(t, http.StatusOK, done.status, done.body)
	var step api.Step
	decode(t, done.body, &step)
	assert.Equal(t, "erasure", step.Step.Kind)
	assert.Equal(t, "five years are over", step.Step.Reason)
	assert.Equal(t, "fine", step.Step.Erased.Verdict)
	assert.Equal(t, done.body, erase(`{"reason":"again"}`).body)
	var left api.OnRecord
	got := s.get(at)
	require.Equal(t, http.StatusOK, got.status)
	decode(t, got.body, &left)
	assert.Equal(t, api.OnRecord{ID: before.ID, Hash: before.Hash, Erased: true}, left)
	assert.NotContains(t, s.get("/v1/decisions/export").body, "Zhang")
	var verified api.Verified
	decode(t, s.send(http.MethodPost, "/v1/decisions/verify", "", "").body, &verified)
	assert.True(t, verified.OK)
	assert.EqualValues(t, 1, verified.Erased)
	again := ask()
	assert.Equal(t, http.StatusCreated, again.status)
	assert.NotEqual(t, at, again.header.Get("Location"))
	assert.Equal(t, http.StatusConflict, s.send(http.MethodPost, at+"/steps", "application/json", `{"kind":"objection","by":"Li","reason":"x"}`).status)
	assert.Equal(t, http.StatusUnprocessableEntity, s.send(http.MethodPost, again.header.Get("Location")+"/steps", "application/json", `{"kind":"erasure","reason":"x"}`).status, "by its own address alone")
	assert.Equal(t, http.StatusNotFound, s.send(http.MethodPost, "/v1/decisions/9-000000000000/erasure", "application/json", `{"reason":"x"}`).status)
}
