package load_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// asking is one of the example cases: a question, its facts and a moment.
type asking struct {
	question string
	facts    map[string]any
	asOf     time.Time
}

// everyExample is what the example cases ask.
func everyExample(t *testing.T) []asking {
	t.Helper()
	files, err := filepath.Glob("../../examples/cases/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []asking
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var in struct {
			Cases []struct {
				Question string
				AsOf     string `yaml:"as_of"`
				Facts    map[string]any
			}
		}
		require.NoError(t, yaml.Unmarshal(data, &in), file)
		for _, c := range in.Cases {
			x := asking{question: c.Question, facts: c.Facts}
			if c.AsOf != "" {
				x.asOf, err = time.Parse(time.RFC3339, c.AsOf)
				require.NoError(t, err)
			}
			all = append(all, x)
		}
	}
	return all
}

func (x asking) of(book *rulebook.Book) (*rulebook.Answer, error) {
	return book.Ask(context.Background(), x.question, x.facts, rulebook.AsOf(x.asOf))
}

// vandalise writes over everything that is reachable through the exported
// fields of a value, and appends to every list.
func vandalise(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			vandalise(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				vandalise(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			vandalise(v.Index(i))
		}
		full := v.Slice(0, v.Cap()) // what lies behind the list is its owner's, too
		for i := v.Len(); i < full.Len(); i++ {
			vandalise(full.Index(i))
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString("vandalised")
		}
	case reflect.Bool:
		if v.CanSet() {
			v.SetBool(!v.Bool())
		}
	case reflect.Int, reflect.Int64:
		if v.CanSet() {
			v.SetInt(v.Int() + 7)
		}
	}
}

// Whatever a caller does to an answer, and to what its methods hand out, the
// others that came to the same stay as they were, those made before and after.
func TestAnswersShareNothing(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	for i, x := range everyExample(t) {
		first, err := x.of(book)
		if err != nil {
			continue // a case of facts that are refused
		}
		want := string(first.AppendJSON(nil, true))
		before, err := x.of(book)
		require.NoError(t, err)
		victim, err := x.of(book)
		require.NoError(t, err)
		vandalise(reflect.ValueOf(victim))
		for _, step := range victim.Steps("en") {
			vandalise(reflect.ValueOf(&step))
		}
		for _, d := range victim.Details() {
			vandalise(reflect.ValueOf(&d))
		}
		for _, name := range first.Names() {
			words, _ := victim.Words(name)
			vandalise(reflect.ValueOf(words))
		}
		vandalise(reflect.ValueOf(victim.Names()))
		after, err := x.of(book)
		require.NoError(t, err)
		for who, other := range map[string]*rulebook.Answer{"first": first, "before": before, "after": after} {
			require.Equal(t, want, string(other.AppendJSON(nil, true)), "case %d: %s", i, who)
		}
	}
}

// The same while others are asking.
func TestAnswersAreTheirOwnersAtOnce(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	x := asking{question: "accountability.may_decide", facts: map[string]any{"person": "S1", "origin": "complaint"}}
	first, err := x.of(book)
	require.NoError(t, err)
	want := string(first.AppendJSON(nil, true))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				a, err := x.of(book)
				if assert.NoError(t, err) && assert.Equal(t, want, string(a.AppendJSON(nil, true))) {
					vandalise(reflect.ValueOf(a))
				}
			}
		})
	}
	all.Wait()
}

func TestNamesOfValues(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	for _, x := range everyExample(t) {
		a, err := x.of(book)
		if err != nil {
			continue
		}
		for _, name := range a.Names() {
			_, err := a.State(name)
			require.NoError(t, err, "%s of %s", name, x.question)
		}
		state, err := a.State("no_such_value")
		var unknown *policy.UnknownValueError
		require.ErrorAs(t, err, &unknown)
		assert.Equal(t, policy.StateUnknown, state)
		assert.Equal(t, x.question, unknown.Question)
	}
	a, err := asking{question: "time_limit.request", facts: map[string]any{}}.of(book)
	require.NoError(t, err)
	state, err := a.State("due_date")
	require.NoError(t, err)
	assert.Equal(t, policy.StateUnknown, state, "nobody gave anything")
	_, err = a.State("due_dat")
	assert.ErrorContains(t, err, `the answers of time_limit.request have no value "due_dat" [unknown_value] → did you mean due_date?`)
	_, err = new(policy.Answer).State("due_date")
	assert.Error(t, err)
}

// A struct that holds an answer by value is written as one that points to it.
func TestAnswersByValue(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	for _, x := range everyExample(t) {
		a, err := x.of(book)
		if err != nil {
			continue
		}
		want := `{"Answer":` + string(a.AppendJSON(nil, true)) + `}`
		byValue, err := json.Marshal(struct{ Answer rulebook.Answer }{*a})
		require.NoError(t, err)
		byPointer, err := json.Marshal(struct{ Answer *rulebook.Answer }{a})
		require.NoError(t, err)
		assert.JSONEq(t, want, string(byValue))
		assert.Equal(t, string(byPointer), string(byValue))

		var failed error = a.Error
		assert.Equal(t, a.Verdict == "", failed != nil)
		for _, shown := range []string{fmt.Sprint(*a), fmt.Sprint(a), fmt.Sprintf("%+v", a), a.String()} {
			assert.Equal(t, a.String(), shown)
			assert.NotContains(t, shown, "0x")
			assert.Contains(t, shown, x.question)
		}
	}
}

func TestAnswersInLogs(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	facts := map[string]any{"request": map[string]any{
		"kind": "fault", "severity": "ordinary", "direct": "S1", "received_at": "2025-06-09T10:00:00+08:00"}}
	a, err := asking{"time_limit.request", facts, time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)}.of(book)
	require.NoError(t, err)
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("decided", "answer", a, "copy", *a)
	line := out.String()
	assert.Contains(t, line, "answer.question=time_limit.request answer.verdict=overdue ")
	assert.Contains(t, line, "answer.breaches=[time_limit/5#overdue")
	assert.Contains(t, line, `copy="time_limit.request: overdue`)
	assert.NotContains(t, line, "0x")
	assert.NotContains(t, line, "S1", "a log names nobody")
	assert.True(t, strings.HasPrefix(a.String(), "time_limit.request: overdue"), a.String())

	refused, err := asking{"time_limit.request", facts, time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)}.of(book)
	require.NoError(t, err)
	assert.Contains(t, refused.String(), "event_after_as_of")
	assert.Equal(t, "received (request.received_at) is later than the moment of asking, 2025-06-01 08:00", refused.Failure().Message.EN)
	assert.Equal(t, "受理时间（request.received_at）晚于判断时间 2025-06-01 08:00", refused.Failure().Message.ZH)
	assert.NotEmpty(t, refused.Failure().Remedy.ZH)
}

// A map is shown by its entries, so that a table has something to say in its
// column.
func TestMapsAreShown(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	maps := 0
	for _, x := range everyExample(t) {
		a, err := x.of(book)
		if err != nil {
			continue
		}
		for v := range a.Values() {
			if v.Kind != policy.KindMap || len(v.Fields) == 0 {
				continue
			}
			maps++
			shown, ok := a.Show(v.Name, "en")
			assert.True(t, ok)
			for _, f := range v.Fields {
				assert.Contains(t, shown, f.Name)
			}
		}
	}
	assert.Positive(t, maps)
}
