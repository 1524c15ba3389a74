package bridge

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

const facts = `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}`

func loaded(t *testing.T) (*Bridge, int) {
	t.Helper()
	b := New()
	var x Loaded
	read(t, b.Load(nil, ""), &x)
	require.True(t, x.Sound)
	return b, x.Book
}

func read(t *testing.T, r Reply, v any) {
	t.Helper()
	require.True(t, r.OK, r.Text)
	require.NoError(t, json.Unmarshal([]byte(r.Text), v))
}

// refusal is why a call has no result.
func refusal(t *testing.T, r Reply) Problem {
	t.Helper()
	require.False(t, r.OK, r.Text)
	var p Problem
	require.NoError(t, json.Unmarshal([]byte(r.Text), &p))
	assert.NotEmpty(t, p.Message.ZH)
	assert.NotEmpty(t, p.Message.EN)
	assert.NotNil(t, p.Findings)
	return p
}

func TestAnswersAreTheLibrarys(t *testing.T) {
	b, n := loaded(t)
	book, err := rulebook.Default()
	require.NoError(t, err)
	with, err := book.With(rulebook.Reading("period.end_of_day", "midnight"))
	require.NoError(t, err)
	want, err := with.Ask(context.Background(), "time_limit.request", facts)
	require.NoError(t, err)
	got := b.Ask(Asking{n, "time_limit.request", facts, `{"readings": {"period.end_of_day": "midnight"}}`})
	assert.Equal(t, Reply{true, string(want.AppendJSON(nil, true))}, got)
}

func TestBooksAreFreed(t *testing.T) {
	b, first := loaded(t)
	var second Loaded
	read(t, b.Load(map[string][]byte{"rules.yaml": []byte("rulebook: {id: mine}\n")}, "rules.yaml"), &second)
	assert.Zero(t, second.Book)
	assert.Equal(t, len(second.Findings), second.Errors)
	assert.Len(t, b.books, 1, "what is not sound is not held")
	read(t, b.Load(nil, ""), &second)
	assert.NotEqual(t, first, second.Book)
	b.Free(first)
	b.Free(first)
	b.Free(99)
	assert.Len(t, b.books, 1)
	assert.Equal(t, "no_such_book", refusal(t, b.Questions(first)).Code)
	var all []QuestionName
	read(t, b.Questions(second.Book), &all)
	assert.NotEmpty(t, all)
	b.Check(nil, "")
	assert.Len(t, b.books, 1, "what is checked is not held")
}

func TestRefused(t *testing.T) {
	b, n := loaded(t)
	ask := func(question, facts, options string) Problem {
		return refusal(t, b.Ask(Asking{n, question, facts, options}))
	}
	assert.Equal(t, "unknown_question", ask("nothing", "{}", "").Code)
	for _, options := range []string{"{", "[]", `{"asof": ""}`, `{} {}`, `{"readings": {"a": 1}}`} {
		assert.Equal(t, "wrong_options", ask("contracting.load", "{}", options).Code, options)
	}
	assert.Equal(t, "unknown_reading", ask("contracting.load", "{}", `{"readings": {"a": "b"}}`).Code)
	wrong := ask("contracting.load", `{"staff": -1, "other": 1}`, "")
	assert.Len(t, wrong.Findings, 2)
	assert.Contains(t, wrong.Message.EN, wrong.Findings[0].Fact)
	at := ask("contracting.load", "{}", `{"as_of": "1600-01-01T00:00:00Z"}`)
	assert.Equal(t, "as_of", at.Findings[0].Fact)
	assert.Equal(t, "no_main_file", refusal(t, b.Load(map[string][]byte{"a": nil}, "b")).Code)
	assert.Equal(t, "internal", refusal(t, Broken("a panic")).Code)
	assert.Equal(t, "wrong_call", refusal(t, Broken(WrongCall(0, "a string", "null"))).Code)
	none := refusal(t, (*Bridge)(nil).Questions(1)) // which panics
	assert.Equal(t, "internal", none.Code)
}

func TestFilesBesideTheMainOne(t *testing.T) {
	b := New()
	book, err := rulebook.Default()
	require.NoError(t, err)
	main := append([]byte("include: [../out.yaml, parts/more.yaml]\n"), book.Rulebook().Source()...)
	var x Loaded
	read(t, b.Load(map[string][]byte{"rules/main.yaml": main, "rules/parts/more.yaml": []byte("words: {}\n"), "out.yaml": nil}, "rules/main.yaml"), &x)
	codes := map[string]bool{}
	for _, f := range x.Findings {
		codes[f.Code] = true
	}
	assert.False(t, x.Sound, "a file outside of the folder is not read")
	assert.False(t, codes["file_missing"], "%v", codes)
}

func TestMoments(t *testing.T) {
	b, n := loaded(t)
	for local, moment := range map[string]string{
		"2025-06-09T10:00":     "2025-06-09T10:00:00+08:00",
		"2025-06-09T10:00:30":  "2025-06-09T10:00:30+08:00",
		"2025-06-09T10:00:00Z": "2025-06-09T10:00:00Z",
	} {
		assert.Equal(t, Reply{true, `"` + moment + `"`}, b.Moment(n, local))
	}
	assert.Equal(t, Reply{true, `"2025-06-09T18:00"`}, b.LocalTime(n, "2025-06-09T10:00:00Z"))
	assert.Equal(t, Reply{true, `"2025-06-09T10:00:00.5Z"`}, b.LocalTime(n, "2025-06-09T10:00:00.5Z"))
	// In Shanghai the clocks were put forward at 2 on this night, and back on the other.
	for _, local := range []string{"1986-05-04T02:30", "1986-09-14T01:30"} {
		assert.Equal(t, "clock_changed", refusal(t, b.Moment(n, local)).Code, local)
	}
	assert.Equal(t, "not_a_moment", refusal(t, b.Moment(n, "2025-06-09")).Code)
}

func TestCases(t *testing.T) {
	b, n := loaded(t)
	const file = `cases:
- name: right
  question: time_limit.request
  as_of: '2025-06-10T10:00:00+08:00'
  facts: {request: {kind: install, area_type: urban, papers_complete_at: '2025-06-09T10:00:00+08:00'}}
  expect: {due_date: '2025-06-16'}
- name: wrong
  question: time_limit.request
  readings: {period.end_of_day: midnight}
  facts: {request: {kind: install, area_type: urban, papers_complete_at: '2025-06-09T10:00:00+08:00'}}
  expect: {due_date: '2025-06-17'}
`
	var tested Tested
	read(t, b.Cases(n, "a.yaml", []byte(file)), &tested)
	assert.Equal(t, []int{1, 1}, []int{tested.Passed, tested.Failed})
	assert.Equal(t, "2025-06-16", tested.Cases[1].Differences[0].Got)
	read(t, b.Cases(n, "a.yaml", []byte("cases: 1\n")), &tested)
	assert.Equal(t, 1, tested.Failed)
	assert.NotEmpty(t, tested.Findings)
	var examples []Example
	read(t, b.Examples(n, "a.yaml", []byte(file)), &examples)
	assert.Equal(t, "2025-06-10T10:00:00+08:00", examples[0].AsOf)
	assert.Equal(t, map[string]string{"period.end_of_day": "midnight"}, examples[1].Readings)
	text, err := json.Marshal(examples[0].Facts)
	require.NoError(t, err)
	assert.JSONEq(t, facts, string(text))
}

func TestDescriptions(t *testing.T) {
	b, n := loaded(t)
	book, err := rulebook.Default()
	require.NoError(t, err)
	for _, q := range book.Rulebook().Questions {
		var info QuestionInfo
		read(t, b.Question(n, q.ID), &info)
		require.Len(t, info.Facts, len(q.Facts))
		for i, f := range q.Facts {
			assert.Equal(t, f.Name, info.Facts[i].Name)
			assert.Equal(t, len(f.Fact.Fields), len(info.Facts[i].Fields))
		}
		var shown Shown
		read(t, b.Show(Asking{n, q.ID, "{}", ""}, "zh"), &shown)
		assert.NotEmpty(t, shown.Title)
	}
	var readings []ReadingInfo
	read(t, b.Readings(n), &readings)
	for _, r := range readings {
		for _, o := range r.Options {
			_, err := book.With(rulebook.Reading(r.Key, o.Option))
			assert.NoError(t, err, "an option is as it is chosen")
		}
	}
}

// What is shown has its unit.
func TestShownValuesHaveUnits(t *testing.T) {
	b, n := loaded(t)
	const fine = `{"complaint": {"level": "hall", "form": "complaint", "substantiated": true, "cause": "service"}, "prior_in_window": {"hall": 2, "branch": 0, "county_or_above": 0}, "person": "S1"}`
	for lang, want := range map[string]string{"zh": "20 元", "en": "20 yuan"} {
		var shown Shown
		read(t, b.Show(Asking{n, "accountability.fine", fine, ""}, lang), &shown)
		texts := map[string]string{}
		for _, r := range shown.Rows {
			texts[r.Path] = r.Text
		}
		assert.Equal(t, want, texts["final_fine"])
	}
}
