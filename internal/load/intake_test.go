package load_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

type (
	rawFacts  []byte
	namedText string
	unseen    struct{ grade string }
	skipped   struct {
		Grade string `json:"-"`
	}
	reading struct{ *strings.Reader }
	withKey struct {
		Grade string `json:"grade"`
	}
)

// Whatever facts are handed over in is read, or refused with what to do. It is
// never taken for no facts.
func TestFactsInWhateverHoldsThem(t *testing.T) {
	book := lend(t)
	const text = `{"grade":"grave"}`
	checked, err := book.Check("fine.amount", text)
	require.NoError(t, err)
	want := string(checked.AppendJSON(nil))
	require.Contains(t, want, "grave")
	buffer := bytes.NewBufferString(text)
	content := text
	for _, facts := range []any{
		text, []byte(text), json.RawMessage(text), *buffer, buffer, strings.NewReader(text), *strings.NewReader(text), rawFacts(text), namedText(text),
		&content, io.LimitReader(strings.NewReader(text), 100), iotest.OneByteReader(strings.NewReader(text)), reading{strings.NewReader(text)},
		checked, *checked, map[string]string{"grade": "grave"}, map[string]any{"grade": &[]string{"grave"}[0]}, withKey{"grave"}, &withKey{"grave"},
		struct{ withKey }{withKey{"grave"}},
	} {
		got, err := book.Check("fine.amount", facts)
		require.NoError(t, err, "%T", facts)
		assert.Equal(t, want, string(got.AppendJSON(nil)), "%T", facts)
	}
	for _, nothing := range []any{nil, map[string]any(nil), map[string]any{}, struct{}{}, "{}"} {
		got, err := book.Check("fine.amount", nothing)
		require.NoError(t, err, "%T", nothing)
		assert.NotContains(t, string(got.AppendJSON(nil)), "grade", "%T", nothing)
	}

	for _, x := range []struct {
		facts    any
		code, at string
	}{
		{unseen{"grave"}, "wrong_type", ""},
		{&unseen{"grave"}, "wrong_type", ""},
		{skipped{"grave"}, "wrong_type", ""},
		{&strings.Builder{}, "wrong_type", ""},
		{&sync.Map{}, "wrong_type", ""},
		{map[string]any{"fines": []any{map[string]any{"id": unseen{}}}}, "wrong_type", "fines[0].id"},
		{struct {
			Fines []any `json:"fines"`
		}{[]any{bytes.NewBufferString("{}")}}, "wrong_type", "fines[0]"},
		{map[string]any{"fines": *checked}, "wrong_type", "fines"},
		{(*policy.Facts)(nil), "nothing_given", ""},
		{policy.Facts{}, "other_question", ""},
		{&policy.Facts{}, "other_question", ""},
		{(*bytes.Buffer)(nil), "nothing_given", ""},
		{(*withKey)(nil), "nothing_given", ""},
		{iotest.ErrReader(errors.New("the line is dead")), "unreadable", ""},
		{strings.NewReader(strings.Repeat(" ", 2<<20)), "too_large", ""},
		{bytes.Buffer{}, "json_syntax", ""},
		{strings.NewReader(""), "json_syntax", ""},
		{[]string{"grade"}, "wrong_type", ""},
		{7, "wrong_type", ""},
		{make(chan int), "wrong_type", ""},
		{func() {}, "wrong_type", ""},
	} {
		_, err := book.Ask(t.Context(), "fine.amount", x.facts)
		var refused *policy.FactError
		require.ErrorAs(t, err, &refused, "%T", x.facts)
		assert.Equal(t, x.code, refused.Code, "%T", x.facts)
		assert.Equal(t, x.at, refused.Fact, "%T", x.facts)
		assert.NotEmpty(t, refused.Remedy.ZH, "%T", x.facts)
		assert.NotEmpty(t, refused.Remedy.EN, "%T", x.facts)
		assert.NotEmpty(t, refused.Discreet().Message.ZH)
	}
	_, err = run.Of(book).Ask(nil, time.Time{})
	assert.ErrorContains(t, err, "nothing_given")
	data, err := json.Marshal(map[string]any{"checked": *checked, "none": policy.Facts{}})
	require.NoError(t, err)
	assert.Equal(t, `{"checked":`+want+`,"none":null}`, string(data))
}

// The moment of asking is held to the years that moments are of, and only a
// moment takes the place of another.
func TestMomentOfAsking(t *testing.T) {
	book := lend(t)
	at := func(year int) time.Time { return time.Date(year, 6, 3, 10, 0, 0, 0, time.UTC) }
	const running = `{"loan":{"kind":"book","lent_at":"2025-06-03T10:00:00+08:00"},"reader":"R"}`
	type lent struct {
		Kind string    `rulebook:"loan.kind"`
		At   time.Time `rulebook:"loan.lent_at"`
	}
	ask, err := rulebook.Bind[lent](book, "loan.clock")
	require.NoError(t, err)
	columns, err := rulebook.Columns(book, "loan.clock", map[string]any{"loan.kind": []string{"book"}})
	require.NoError(t, err)
	doors := func(options ...rulebook.Option) map[string]error {
		_, asked := book.Ask(t.Context(), "loan.clock", running, options...)
		_, bound := ask.Decide(lent{"book", at(2025)}, options...)
		_, row := columns.Decide(0, options...)
		return map[string]error{"Ask": asked, "Bind": bound, "Columns": row}
	}
	for _, year := range []int{-300000, 1, 1677, 1699, 2200, 2262, 2263, 2609, 9999, 300000} {
		for door, err := range doors(rulebook.AsOf(at(year))) {
			var refused *policy.FactError
			require.ErrorAs(t, err, &refused, "%s %d", door, year)
			assert.Equal(t, "out_of_range as_of", refused.Code+" "+refused.Fact)
		}
	}
	for _, year := range []int{1999, 2000, 2025, 2101, 2199} {
		for door, err := range doors(rulebook.AsOf(at(year))) {
			assert.NoError(t, err, door)
		}
	}
	later, err := book.With(rulebook.AsOf(at(2026)))
	require.NoError(t, err)
	for name, options := range map[string][]rulebook.Option{
		"none": nil, "a zero option": {{}}, "a zero time": {rulebook.AsOf(time.Time{})}, "both": {rulebook.AsOf(at(2026)), {}},
	} {
		a, err := later.Ask(t.Context(), "loan.clock", running, options...)
		require.NoError(t, err)
		assert.Equal(t, "overdue", a.Verdict, name)
	}
	a, err := later.Ask(t.Context(), "loan.clock", running, rulebook.AsOf(at(2025)))
	require.NoError(t, err)
	assert.Equal(t, "running", a.Verdict)
	_, err = later.With(rulebook.Reading("", "x"))
	var unknown *policy.ReadingError
	assert.ErrorAs(t, err, &unknown)
}

// What was bound to one rulebook is not decided by another.
func TestBoundToAnotherRulebook(t *testing.T) {
	bound, other := clinic(t), run.Of(lend(t))
	alike, err := rulebook.Load("testdata/clinic.yaml")
	require.NoError(t, err)
	again, err := rulebook.Load("testdata/clinic.yaml")
	require.NoError(t, err)
	if bound == run.Of(alike) {
		bound = run.Of(again)
	}
	var x record
	b, err := bound.Bind("care.all", reflect.TypeFor[record]())
	require.NoError(t, err)
	c, err := bound.Columns("care.all", map[string]any{"born": []int{2001}})
	require.NoError(t, err)
	for _, e := range []*run.Engine{other, run.Of(alike), nil} {
		_, byStruct := e.Decide(b, memory.Of(&x), time.Time{})
		_, byRow := e.DecideRow(c, 0, time.Time{})
		for _, err := range []error{byStruct, byRow} {
			var refused *policy.FactError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, "other_rulebook", refused.Code)
			assert.NotEmpty(t, refused.Remedy.ZH)
		}
	}
	_, err = bound.Decide(b, memory.Address{}, time.Time{})
	assert.ErrorContains(t, err, "nothing_given")
	other, err = bound.WithReading("wait", "long:2")
	require.NoError(t, err)
	_, err = other.Decide(b, memory.Of(&x), time.Time{})
	assert.NoError(t, err, "another reading of the same")
}
