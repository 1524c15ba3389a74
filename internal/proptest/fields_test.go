package proptest_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

func TestAnswerFields(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	q, ok := book.Rulebook().Question("time_limit.request")
	require.True(t, ok)
	ask := func(facts string) *rulebook.Answer {
		a, err := book.Ask(context.Background(), q.ID, []byte(facts))
		require.NoError(t, err)
		return a
	}
	late := ask(`{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-17T09:00:00+08:00"}}`)
	failed := ask(`{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2027-06-09T10:00:00+08:00", "completed_at": "2027-06-17T09:00:00+08:00"}}`)
	require.NotNil(t, failed.Error)

	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"verdict"}, `{"verdict":"late"}`},
		{[]string{"due_date", "verdict"}, `{"verdict":"late","values":{"due_date":"2025-06-16"}}`},
		{[]string{"restarted.due_date", "due_date"}, `{"values":{"due_date":"2025-06-16","restarted":null}}`},
		{[]string{"provisional", "cites", "needs_decision"}, `{"needs_decision":false,"provisional":false,"cites":["time_limit/2","time_limit/6","time_limit/9"]}`},
	} {
		f, err := q.AnswerFields(c.fields...)
		require.NoError(t, err)
		assert.Equal(t, c.want, string(late.AppendFields(nil, f)))
	}

	complete := late.AppendJSON(nil, true)
	var keys map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(complete, &keys))
	var names []string
	for name, part := range keys {
		names = append(names, name)
		f, err := q.AnswerFields(name)
		require.NoError(t, err)
		assert.Equal(t, `{"`+name+`":`+string(part)+`}`, string(late.AppendFields(nil, f)))
	}
	all, err := q.AnswerFields(append(names, "due_date")...)
	require.NoError(t, err)
	assert.Equal(t, string(complete), string(late.AppendFields(nil, all)))
	none, err := q.AnswerFields()
	require.NoError(t, err)
	assert.Equal(t, string(complete), string(late.AppendFields(nil, none)))

	f, err := q.AnswerFields("verdict", "due_date")
	require.NoError(t, err)
	var told struct{ Error struct{ Code string } }
	require.NoError(t, json.Unmarshal(failed.AppendFields(nil, f), &told), "why there is no answer is always told")
	assert.Equal(t, failed.Failure().Code, told.Error.Code)

	_, err = q.AnswerFields("due_dat")
	var unknown *policy.FieldError
	require.ErrorAs(t, err, &unknown)
	assert.Contains(t, unknown.Remedy.EN, "due_date?")

	assert.Equal(t, `"2025-06-16"`, string(late.AppendValue(nil, "due_date")))
	assert.Equal(t, "null", string(late.AppendValue(nil, "restarted.due_date")))
	assert.Equal(t, "null", string(late.AppendValue(nil, "nothing")))
}
