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

const fine = `{"person":"S3","complaint":{"level":"hall","cause":"service","substantiated":true},"prior_in_window":{"hall":0,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`

// From proposal to decision by a program, as a person does it on the page.
func TestStepsByProgram(t *testing.T) {
	s := serve(t, live.Options{})
	recorded := s.ask("accountability.fine", "?record=1", fine)
	require.Equal(t, http.StatusCreated, recorded.status, recorded.body)
	at := recorded.header.Get("Location") + "/steps"
	look := func() (p api.Procedure) {
		t.Helper()
		got := s.get(at, "Accept-Language", "en")
		require.Equal(t, http.StatusOK, got.status)
		assert.NotContains(t, got.body, "null")
		decode(t, got.body, &p)
		return p
	}
	take := func(body string, header ...string) reply {
		t.Helper()
		return s.send(http.MethodPost, at, "application/json", body, append([]string{"Accept-Language", "en"}, header...)...)
	}
	before := look()
	assert.Equal(t, "open", before.Stage)
	assert.True(t, before.Open)
	assert.Equal(t, []string{"20 yuan"}, before.Proposed)
	require.NotEmpty(t, before.Before)
	assert.Equal(t, "accountability.may_decide", before.Before[0].Question)
	assert.NotEmpty(t, before.Before[0].Missing)

	for body, want := range map[string]struct {
		status int
		code   string
		fact   string
	}{
		`{"kind":"decision","outcome":"as_proposed","by":"Li","reason":"x"}`: {409, "something_open", "despite"},
		`{"kind":"decision"}`: {422, "missing", "by"},
		`{"kind":"decision","outcome":"other_amount","amount":"3 apples","by":"Li","reason":"x","despite":true}`: {422, "other_unit", "amount"},
		`{"kind":"dance"}`:                 {422, "unknown_kind", "kind"},
		`{"kind":"hearing","outcome":"x"}`: {422, "unknown_outcome", "outcome"},
		`{"kind":"withdrawal"}`:            {422, "missing", "corrects"},
		`{"kind":"noted","question":"accountability.fine","facts":{}}`:                                                                     {422, "not_asked", "question"},
		`{"kind":"noted","question":"accountability.may_decide","facts":{"hearing":{"outcome":"hear"},"decider":{"rol":"x"}}}`:             {422, "unknown_word", "hearing.outcome"},
		`{"kind":"noted","question":"accountability.may_decide","facts":{"hearing":{"outcome":"heard","at":"2098-06-10T10:00:00+08:00"}}}`: {422, "event_after_as_of", "facts"},
		`{"kind":"correction","instead":"9-000000000000","reason":"x"}`:                                                                    {422, "unknown_decision", "instead"},
		`{"knd":"decision"}`: {422, "bad_record", ""},
		`{"kind":1}`:         {422, "bad_record", "kind"},
		`{"kind":"objection","kind":"objection"}`: {400, "duplicate_key", ""},
		`[]`: {422, "bad_record", ""},
		`{`:  {400, "json_syntax", ""},
	} {
		p := take(body).problem(t)
		assert.Equal(t, want.status, p.Status, body)
		assert.Equal(t, want.code, p.Code, body)
		assert.Equal(t, want.fact, p.Fact, body)
	}
	all := take(`{"kind":"decision"}`).problem(t)
	var members []string
	for _, e := range all.Errors {
		members = append(members, e.Fact)
	}
	assert.Equal(t, []string{"by", "outcome", "reason"}, members, "all that is wrong")
	assert.Len(t, take(`{"kind":"noted","question":"accountability.may_decide","facts":{"hearing":{"outcome":"hear"},"decider":{"rol":"x"}}}`).problem(t).Errors, 2)

	noted := take(`{"kind":"noted","question":"accountability.may_decide","seen":0,"facts":{"hearing":{"outcome":"heard","notified_at":"2025-06-10T10:00:00+08:00","at":"2025-06-12T10:00:00+08:00"}}}`)
	require.Equal(t, http.StatusCreated, noted.status, noted.body)
	assert.Equal(t, "steps_unseen", take(`{"kind":"decision","outcome":"as_proposed","by":"Li","reason":"x","despite":true,"seen":0}`).problem(t).Code)

	// repeated, it is the same step; the key of another request is refused
	decide := `{"kind":"decision","outcome":"other_amount","amount":"10","by":"Li  Na","reason":"first time","despite":true}`
	first := take(decide, "Idempotency-Key", "k1")
	require.Equal(t, http.StatusCreated, first.status, first.body)
	again := take(decide, "Idempotency-Key", "k1")
	assert.Equal(t, http.StatusOK, again.status)
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	assert.Equal(t, first.body, again.body)
	assert.Equal(t, "key_reused", take(strings.Replace(decide, "10", "15", 1), "Idempotency-Key", "k1").problem(t).Code)
	assert.Equal(t, "already_taken", take(decide).problem(t).Code)
	var step api.Step
	decode(t, first.body, &step)
	assert.Equal(t, "10 yuan", step.Step.Amount)
	assert.Equal(t, "Li Na", step.Step.By)

	// what was wrong is withdrawn, and can be done again
	require.Equal(t, http.StatusCreated, take(`{"kind":"correction","reason":"the wrong person"}`).status)
	assert.Equal(t, "corrected", look().Stage)
	assert.Equal(t, "was_corrected", take(strings.Replace(decide, `"kind"`, `"corrects":2,"kind"`, 1)).problem(t).Code)
	assert.Equal(t, "missing", take(`{"kind":"withdrawal","corrects":3}`).problem(t).Code, "a reason")
	assert.Equal(t, "not_correctable", take(`{"kind":"withdrawal","corrects":9,"reason":"x"}`).problem(t).Code)
	require.Equal(t, http.StatusCreated, take(`{"kind":"withdrawal","corrects":3,"reason":"it was the right one"}`).status)
	assert.Equal(t, "decided", look().Stage)
	assert.Equal(t, "not_correctable", take(`{"kind":"withdrawal","corrects":4,"reason":"x"}`).problem(t).Code, "a withdrawal stays")
	require.Equal(t, http.StatusCreated, take(`{"kind":"withdrawal","corrects":2,"reason":"heard again"}`).status)
	assert.Equal(t, "open", look().Stage)
	require.Equal(t, http.StatusCreated, take(strings.Replace(decide, "10", "20", 1)).status)
	after := look()
	assert.EqualValues(t, 6, after.Latest)
	var holds []int64
	for _, x := range after.Steps {
		if x.Holds {
			holds = append(holds, x.Seq)
		}
	}
	assert.Equal(t, []int64{1, 4, 5, 6}, holds)
	assert.Equal(t, "unknown_decision", s.get("/v1/decisions/9-000000000000/steps").problem(t).Code)
	verified := s.send(http.MethodPost, "/v1/decisions/verify", "", "")
	assert.Contains(t, verified.body, `"ok":true`)
}
