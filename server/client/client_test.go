package client_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/client"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// A program records, decides, imports, follows and verifies by the client, and
// finds all that is wrong with what it sent in the types.
func TestClient(t *testing.T) {
	rules, err := live.Open(t.Context(), live.Options{})
	require.NoError(t, err)
	store, err := record.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), record.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	var header string
	back := api.New(service.New(rules, store, nil), api.Options{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Get("Authorization")
		back.ServeHTTP(w, r)
	}))
	defer s.Close()
	c, err := client.New(s.URL, "secret")
	require.NoError(t, err)
	ctx := t.Context()

	facts := map[string]any{"request": map[string]any{"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}
	asked, err := c.AskWithResponse(ctx, "time_limit.request", &client.AskParams{Record: client.Of(client.AskParamsRecordN1), IdempotencyKey: client.Of("k")}, facts)
	require.NoError(t, err)
	require.NotNil(t, asked.JSON201, string(asked.Body))
	assert.Equal(t, "Bearer secret", header)
	assert.Equal(t, "overdue", *asked.JSON201.Verdict)
	id := asked.HTTPResponse.Header.Get("Decision-Id")
	one, err := c.DecisionWithResponse(ctx, id)
	require.NoError(t, err)
	require.NotNil(t, one.JSON200)
	assert.Equal(t, "time_limit.request", one.JSON200.Record.Question)
	assert.NotEmpty(t, one.JSON200.Record.Answer.Cites)

	wrong, err := c.AskWithResponse(ctx, "time_limit.request", nil, map[string]any{"request": map[string]any{"kind": "x", "area_type": "y"}})
	require.NoError(t, err)
	require.NotNil(t, wrong.ApplicationproblemJSONDefault)
	require.Len(t, wrong.ApplicationproblemJSONDefault.Errors, 2)
	assert.Equal(t, "request.kind", *wrong.ApplicationproblemJSONDefault.Errors[1].Fact)
	require.ErrorContains(t, wrong.ApplicationproblemJSONDefault, "[unknown_word]")

	step, err := c.TakeStepWithResponse(ctx, id, nil, client.StepToTake{Kind: client.StepToTakeKindObjection, By: client.Of("S2"), Reason: client.Of("x")})
	require.NoError(t, err)
	require.NotNil(t, step.JSON201, string(step.Body))
	steps, err := c.StepsWithResponse(ctx, id)
	require.NoError(t, err)
	require.Len(t, steps.JSON200.Steps, 1)
	assert.Equal(t, client.ProcedureStageObjected, steps.JSON200.Stage)

	imported, err := c.ImportTableWithBody(ctx, "time_limit.request", nil, "text/csv", strings.NewReader("record,request.kind\nA,install\n"))
	require.NoError(t, err)
	var lines []client.ImportLine
	require.NoError(t, client.Lines(imported, func(l client.ImportLine) error { lines = append(lines, l); return nil }))
	require.Len(t, lines, 2)
	assert.Equal(t, 1, lines[1].Summary.Recorded)
	refused, err := c.ImportTableWithBody(ctx, "time_limit.request", nil, "text/csv", strings.NewReader("record,request.kin\nA,install\n"))
	require.NoError(t, err)
	var p *client.Problem
	require.ErrorAs(t, client.Lines(refused, func(client.ImportLine) error { return nil }), &p)
	assert.Equal(t, "unknown_column", p.Code)
	events, err := c.EventsWithResponse(ctx, &client.EventsParams{Type: []client.EventsParamsType{client.EventsParamsTypeDecisionRecorded}})
	require.NoError(t, err)
	require.Len(t, events.JSON200.Events, 2)
	assert.Equal(t, id, *events.JSON200.Events[0].Data.Record)
	verified, err := c.VerifyWithResponse(ctx, nil)
	require.NoError(t, err)
	assert.True(t, verified.JSON200.Ok)
	questions, err := c.QuestionsWithResponse(ctx)
	require.NoError(t, err)
	assert.NotEmpty(t, questions.JSON200.Questions[0].Title["zh"])
	text, err := c.RulesWithResponse(ctx)
	require.NoError(t, err)
	assert.Contains(t, string(text.Body), "rulebook:")
}
