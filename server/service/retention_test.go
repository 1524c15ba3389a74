package service

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// retentionOf reads a file about retention.
func retentionOf(t *testing.T, text string) (*Retention, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "retention.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return ReadRetention(path)
}

// What is over is erased, and nothing before its day: by question, by what was done
// last, tables likewise.
func TestRetention(t *testing.T) {
	ctx := context.Background()
	rules, err := live.Open(ctx, live.Options{Settle: time.Millisecond})
	require.NoError(t, err)
	zone := rules.Current().Book.Rulebook().Zone
	now := time.Date(2019, 2, 28, 9, 0, 0, 0, zone)
	store, err := record.Open(ctx, filepath.Join(t.TempDir(), "rulebook.db"), record.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	s := New(rules, store, nil)
	put := func(question, facts string) string {
		t.Helper()
		done, err := s.Record(ctx, Asking{Question: question, Facts: []byte(facts)}, Once{})
		require.NoError(t, err)
		return done.Entry.ID()
	}
	const fine = `{"person":"S3","complaint":{"level":"hall","cause":"service","substantiated":true},"prior_in_window":{"hall":0,"branch":0,"county_or_above":0},"aggravating":[],"mitigating":[]}`
	const request = `{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2018-06-09T10:00:00+08:00","direct":"S1"}}`
	fined, requested := put("accountability.fine", fine), put("time_limit.request", request)
	now = time.Date(2020, 2, 29, 9, 0, 0, 0, zone)
	leap := put("time_limit.request", request)
	decided := put("accountability.fine", fine)
	kept, err := store.Keep(ctx, record.Import{Month: "2020-01", Source: "east"}, fstest.MapFS{"a.csv": {Data: []byte("record\n1\n")}}, []string{"a.csv"})
	require.NoError(t, err)
	now = time.Date(2021, 1, 1, 0, 0, 0, 0, zone)
	_, err = store.Take(ctx, record.StepBody{Kind: record.StepDecision, Record: decided, By: "Li", Reason: "x"})
	require.NoError(t, err)

	r, err := retentionOf(t, "records:\n- {questions: [accountability.fine], keep: 5 years}\n- {keep: 24个月}\ntables: {keep: 30 days}\n")
	require.NoError(t, err)
	book := rules.Current().Book.Rulebook()
	require.NoError(t, r.Unknown(ctx, store, book))
	other, err := retentionOf(t, "records: [{questions: [accountability.fine, a.b], keep: 5 years}]")
	require.NoError(t, err)
	assert.ErrorContains(t, other.Unknown(ctx, store, book), "the question a.b; write one of ")
	gone := func(year int, month time.Month, day, hour int) (ids []string) {
		t.Helper()
		now = time.Date(year, month, day, hour, 0, 0, 0, zone)
		_, _, err := s.RetainOnce(ctx, r)
		require.NoError(t, err)
		for _, id := range []string{fined, requested, leap, decided} {
			e, err := store.Get(ctx, id)
			require.NoError(t, err)
			if e.Erased() {
				ids = append(ids, id)
			}
		}
		return ids
	}
	assert.Empty(t, gone(2021, 2, 28, 9), "two years to the moment")
	i, err := store.Import(ctx, kept.ID)
	require.NoError(t, err)
	assert.False(t, i.Erased.IsZero())
	assert.Equal(t, "retention", i.Eraser)
	assert.Equal(t, []string{requested}, gone(2021, 2, 28, 10))
	assert.Equal(t, []string{requested}, gone(2022, 2, 28, 12), "that of 29 February is kept until 1 March")
	assert.Equal(t, []string{requested, leap}, gone(2022, 3, 1, 0))
	assert.Equal(t, []string{fined, requested, leap}, gone(2025, 12, 31, 23), "a decision of 2021")
	assert.Equal(t, []string{fined, requested, leap, decided}, gone(2026, 1, 1, 1))
	report, err := store.Verify(ctx, record.Stretch{})
	require.NoError(t, err)
	assert.Empty(t, report.Damage)
	assert.EqualValues(t, 4, report.Erased)
}

// What is erased is watched no more, and by whom and why is on record.
func TestErasedIsWatchedNoMore(t *testing.T) {
	ctx := context.Background()
	rules, err := live.Open(ctx, live.Options{Settle: time.Millisecond})
	require.NoError(t, err)
	zone := time.FixedZone("", 8*60*60)
	now := time.Date(2025, 6, 10, 9, 0, 0, 0, zone)
	store, err := record.Open(ctx, filepath.Join(t.TempDir(), "rulebook.db"), record.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	s := New(rules, store, nil)
	done, err := s.Record(ctx, Asking{Question: "time_limit.request", Facts: []byte(`{"request":{"kind":"install","area_type":"urban","papers_complete_at":"2025-06-09T10:00:00+08:00","direct":"S1"}}`)}, Once{})
	require.NoError(t, err)
	known, err := s.Standing(ctx)
	require.NoError(t, err)
	require.Len(t, known.Matters, 1)
	for _, reason := range []string{"", "  "} {
		_, err = s.Erase(ctx, done.Entry.ID(), reason, nil, people.Who{Name: "wang"})
		var refused *StepRefusedError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "reason", refused.Member)
	}
	step, err := s.Erase(ctx, done.Entry.ID(), " asked for ", nil, people.Who{Name: "wang", Title: "Wang", How: "password", Person: "p-1"})
	require.NoError(t, err)
	assert.Equal(t, [4]string{"Wang", "wang", "p-1", "asked for"}, [4]string{step.By, step.Caller, step.Person, step.Reason})
	known, err = s.Standing(ctx)
	require.NoError(t, err)
	assert.Empty(t, known.Matters)
	e, err := store.Get(ctx, done.Entry.ID())
	require.NoError(t, err)
	p, err := s.Procedure(ctx, e)
	require.NoError(t, err)
	assert.Equal(t, record.StageErased, StageOf(p.Steps))
	assert.Nil(t, p.Body)
}

// A file about retention that says something else than it seems to is refused, with
// what to write.
func TestRetentionIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		"":            "is empty; write records: [",
		"# nothing\n": "is empty; write records: [",
		"records: [{questions: [], keep: 5 years}]":                                "names none; name some",
		"records:\n- questions:\n  keep: 5 years\n":                                "line 2: nothing is written behind questions",
		"records: [{keep: 5 years}]\n---\ntables: {}\n":                            "second document",
		"records: {keep: 5 years}":                                                 "line 1: the value is of another kind; write records: [",
		"records: [{keep: 5 years, keep: 1 year}]":                                 "keep stands in line 1 already",
		"records: [{questions: [a]}]":                                              "it is not said how long; write a number of days",
		"tables: {questions: [], keep: 5 days}":                                    "leave it out",
		"records: []":                                                              "it says nothing",
		"records: [{keep: 5}]":                                                     "such as 5 years",
		"records: [{keep: 5 hours}]":                                               "such as 5 years",
		"records: [{keep: 5 working days}]":                                        "such as 5 years",
		"tables: {keep: soon}":                                                     "such as 5 years",
		"tables: {questions: [a], keep: 5天}":                                       "leave it out",
		"records: [{keep: 5 years}, {questions: [a], keep: 1 year}]":               "put it last",
		"records: [{questions: [a, a], keep: 1 year}]":                             "name it once",
		"records: [{questions: [a], keep: 1 year}, {questions: [a], keep: 1 day}]": "name it once",
		"record: [{keep: 5 years}]":                                                "line 1: there is no key record here; write records: [",
	} {
		_, err := retentionOf(t, text)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), says, text)
		assert.NotContains(t, err.Error(), "service.", text)
	}
}

// A length of no time at all would erase everything when the server starts.
func TestRetentionOfNoTime(t *testing.T) {
	for _, text := range []string{"records: [{keep: 0 days}]\n", "records: [{keep: 0年}]\n", "tables: {keep: 0 months}\n"} {
		_, err := retentionOf(t, text)
		assert.ErrorContains(t, err, "write 1 day or more", text)
	}
}

// A record that was erased takes the place of no other one.
func TestErasedTakesNoPlace(t *testing.T) {
	ctx := context.Background()
	rules, err := live.Open(ctx, live.Options{Settle: time.Millisecond})
	require.NoError(t, err)
	store, err := record.Open(ctx, filepath.Join(t.TempDir(), "rulebook.db"), record.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	s := New(rules, store, nil)
	var all []*record.Entry
	for range 2 {
		done, err := s.Record(ctx, Asking{Question: "accountability.trigger", Facts: []byte(`{"ground":"law","regulation":"time_limit","fault":"negligence"}`)}, Once{})
		require.NoError(t, err)
		all = append(all, done.Entry)
	}
	_, err = s.Erase(ctx, all[1].ID(), "asked for", nil, people.Who{})
	require.NoError(t, err)
	_, err = s.Take(ctx, record.StepBody{Kind: record.StepCorrection, Record: all[0].ID(), By: "Li", Reason: "x", Place: all[1].ID()})
	var refused *StepRefusedError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, [2]string{"erased", "instead"}, [2]string{refused.Code, refused.Member})
}
