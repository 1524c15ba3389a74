package kpi_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/kpi"
)

func TestTally(t *testing.T) {
	var tally kpi.Tally
	require.NoError(t, tally.Add("b", kpi.Counts{Base: 3, Count: 2, Pending: 1}))
	require.NoError(t, tally.Add("b", kpi.Counts{Base: 4}))
	require.NoError(t, tally.Add("a", kpi.Counts{}))
	require.NoError(t, tally.Count("y", 5))
	require.NoError(t, tally.Count("y", 6))
	require.NoError(t, tally.Count("x", 0))

	c, ok := tally.Counts("b")
	assert.True(t, ok)
	assert.Equal(t, kpi.Counts{Base: 7, Count: 2, Pending: 1}, c)
	_, ok = tally.Counts("y")
	assert.False(t, ok, "a counter is no indicator")
	n, ok := tally.Counter("y")
	assert.True(t, ok)
	assert.EqualValues(t, 11, n)
	_, ok = tally.Counter("b")
	assert.False(t, ok)
	assert.Equal(t, []string{"a", "b"}, tally.Indicators())
	assert.Equal(t, []string{"x", "y"}, tally.Counters())

	copied := tally.Clone()
	require.NoError(t, tally.Merge(tally), "itself")
	c, _ = tally.Counts("b")
	assert.Equal(t, kpi.Counts{Base: 14, Count: 4, Pending: 2}, c)
	assert.False(t, tally.Equal(copied))
	c, _ = copied.Counts("b")
	assert.Equal(t, kpi.Counts{Base: 7, Count: 2, Pending: 1}, c)
}

func TestTallyErrors(t *testing.T) {
	var tally kpi.Tally
	require.NoError(t, tally.Add("i", kpi.Counts{Base: 1, Count: 1, Pending: 1}))
	require.NoError(t, tally.Count("c", 1))
	before := tally.Clone()

	var name *kpi.NameError
	for _, bad := range []string{"", "\xff", strings.Repeat("x", kpi.MaxNameBytes+1)} {
		require.ErrorAs(t, tally.Add(bad, kpi.Counts{}), &name)
		require.ErrorAs(t, tally.Count(bad, 0), &name)
		assert.Equal(t, bad, name.Name)
		assert.Less(t, len(name.Error()), 60)
	}
	var negative *kpi.NegativeError
	for what, c := range map[string]kpi.Counts{"base": {Base: -1}, "count": {Count: -1}, "pending": {Pending: -1}} {
		require.ErrorAs(t, tally.Add("i", c), &negative)
		assert.Equal(t, what, negative.What)
	}
	require.ErrorAs(t, tally.Count("c", -1), &negative)
	assert.Equal(t, "c", negative.What)

	for _, c := range []kpi.Counts{{Base: math.MaxInt64}, {Count: math.MaxInt64}, {Pending: math.MaxInt64}} {
		require.ErrorIs(t, tally.Add("i", c), kpi.ErrOverflow)
		var other kpi.Tally
		require.NoError(t, other.Add("a", kpi.Counts{Base: 1}))
		require.NoError(t, other.Add("i", c))
		require.ErrorIs(t, tally.Merge(other), kpi.ErrOverflow)
	}
	require.ErrorIs(t, tally.Count("c", math.MaxInt64), kpi.ErrOverflow)
	var other kpi.Tally
	require.NoError(t, other.Add("a", kpi.Counts{Base: 1}))
	require.NoError(t, other.Count("c", math.MaxInt64))
	require.ErrorIs(t, tally.Merge(other), kpi.ErrOverflow)

	assert.True(t, tally.Equal(before), "unchanged")
	require.NoError(t, tally.Count("c", math.MaxInt64-1))
}

func TestTallyJSON(t *testing.T) {
	text, err := json.Marshal(kpi.Tally{})
	require.NoError(t, err)
	assert.Equal(t, `{"counters":{},"indicators":{}}`, string(text))

	var tally kpi.Tally
	require.NoError(t, tally.Count("stays", 1))
	require.NoError(t, json.Unmarshal([]byte(` {"indicators" : {"b":{"pending":3,"base":9223372036854775807,"count":0},"a":{"base":1,"count":2,"pending":0}},
		"counters": {"é":4}} `), &tally))
	text, err = json.Marshal(tally)
	require.NoError(t, err)
	assert.Equal(t, `{"counters":{"é":4},"indicators":{"a":{"base":1,"count":2,"pending":0},"b":{"base":9223372036854775807,"count":0,"pending":3}}}`, string(text))

	before := tally.Clone()
	for text, path := range map[string]string{
		`null`:                                  "",
		`[]`:                                    "",
		`3`:                                     "",
		`{}`:                                    "",
		`{"counters":{}}`:                       "",
		`{"counters":{},"indicators":{},"x":1}`: "x",
		`{"Counters":{},"indicators":{}}`:       "Counters",
		`{"counters":{},"counters":{},"indicators":{}}`:                                "counters",
		`{"counters":{"a":1,"a":1},"indicators":{}}`:                                   "counters.a",
		`{"counters":{"a":-1},"indicators":{}}`:                                        "counters.a",
		`{"counters":{"a":1.0},"indicators":{}}`:                                       "counters.a",
		`{"counters":{"a":1e2},"indicators":{}}`:                                       "counters.a",
		`{"counters":{"a":9223372036854775808},"indicators":{}}`:                       "counters.a",
		`{"counters":{"a":"1"},"indicators":{}}`:                                       "counters.a",
		`{"counters":{"a":null},"indicators":{}}`:                                      "counters.a",
		`{"counters":{"a":[1]},"indicators":{}}`:                                       "counters.a",
		`{"counters":null,"indicators":{}}`:                                            "counters",
		`{"counters":[],"indicators":{}}`:                                              "counters",
		`{"counters":{},"indicators":{"a":1}}`:                                         "indicators.a",
		`{"counters":{},"indicators":{"a":{"base":1,"count":1}}}`:                      "indicators.a",
		`{"counters":{},"indicators":{"a":{"base":1,"count":1,"pending":0,"base":1}}}`: "indicators.a.base",
		`{"counters":{},"indicators":{"a":{"base":1,"count":1,"pending":0,"rate":1}}}`: "indicators.a.rate",
		`{"counters":{},"indicators":{"a":{"base":1,"count":-1,"pending":0}}}`:         "indicators.a.count",
		"{\"counters\":{\"\xff\":1},\"indicators\":{}}":                                "",
	} {
		var syntax *kpi.SyntaxError
		require.ErrorAs(t, tally.UnmarshalJSON([]byte(text)), &syntax, text)
		assert.Equal(t, path, syntax.Path, text)
		assert.True(t, tally.Equal(before), "unchanged")
	}
	// What json.Unmarshal would stop before.
	for _, text := range []string{``, `{`, `{"counters"`, `{"counters":`, `{"counters":{"a":1`, `{"counters":{"a":1}`, `{"counters":{"a"`, `{"counters":{"a":}`, `{1:2}`, `{"counters":{},"indicators":{}} 1`, `{"counters":{},"indicators":{}}}`} {
		var syntax *kpi.SyntaxError
		require.ErrorAs(t, tally.UnmarshalJSON([]byte(text)), &syntax, text)
	}
	var name *kpi.NameError
	for _, key := range []string{``, strings.Repeat("x", kpi.MaxNameBytes+1)} {
		require.ErrorAs(t, json.Unmarshal([]byte(`{"counters":{"`+key+`":1},"indicators":{}}`), &tally), &name)
	}
	assert.EqualError(t, &kpi.SyntaxError{Message: "m"}, "kpi: tally: m")
	assert.EqualError(t, &kpi.SyntaxError{Path: "a.b", Message: "m"}, "kpi: tally: a.b: m")
	assert.EqualError(t, &kpi.NameError{}, `kpi: "" is no name`)
}

// event is one thing to count.
type event struct {
	counter bool
	name    string
	counts  kpi.Counts
}

func anyTallyEvent(t *rapid.T) event {
	n := rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Min(0))
	return event{
		counter: rapid.Bool().Draw(t, "counter"),
		name:    rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"),
		counts:  kpi.Counts{Base: n.Draw(t, "base"), Count: n.Draw(t, "count"), Pending: n.Draw(t, "pending")},
	}
}

func (e event) addTo(t *kpi.Tally) error {
	if e.counter {
		return t.Count(e.name, e.counts.Base)
	}
	return t.Add(e.name, e.counts)
}

// However a list is split, shuffled and merged, the tally is the same, or
// fails the same.
func TestTallySplits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(anyTallyEvent), 0, 12).Draw(t, "events")
		var whole kpi.Tally
		var failed error
		for _, e := range events {
			if err := e.addTo(&whole); err != nil {
				failed = err
			}
		}

		parts := make([]kpi.Tally, rapid.IntRange(1, 4).Draw(t, "parts"))
		var errs []error
		for _, e := range rapid.Permutation(events).Draw(t, "shuffled") {
			part := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
			errs = append(errs, e.addTo(&parts[part]))
		}
		for len(parts) > 1 { // merge any two neighbours, either into the other
			i := rapid.IntRange(0, len(parts)-2).Draw(t, "merge")
			a, b := parts[i], parts[i+1]
			if rapid.Bool().Draw(t, "swap") {
				a, b = b, a
			}
			errs = append(errs, a.Merge(b))
			parts[i] = a
			parts = append(parts[:i+1], parts[i+2:]...)
		}
		for _, err := range errs {
			if err != nil {
				require.Error(t, failed, "only if the whole fails too")
				require.ErrorIs(t, err, kpi.ErrOverflow)
				return
			}
		}
		require.NoError(t, failed)
		assert.True(t, whole.Equal(parts[0]))
		a, err := json.Marshal(whole)
		require.NoError(t, err)
		b, err := json.Marshal(parts[0])
		require.NoError(t, err)
		assert.Equal(t, a, b)
		var read kpi.Tally
		require.NoError(t, json.Unmarshal(a, &read))
		assert.True(t, whole.Equal(read))
	})
}

func FuzzTallyJSON(f *testing.F) {
	f.Add([]byte(`{"counters":{"a":1},"indicators":{"b":{"base":3,"count":2,"pending":1}}}`))
	f.Add([]byte(`{"counters":{"a":1,"a":2},"indicators":{}}`))
	f.Add([]byte(`{"counters":{},"indicators":{"":{}}} x`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var tally kpi.Tally
		if tally.UnmarshalJSON(data) != nil {
			assert.Empty(t, tally.Counters())
			assert.Empty(t, tally.Indicators())
			return
		}
		assert.True(t, json.Valid(data), "nothing is accepted that is no JSON")
		text, err := json.Marshal(tally)
		require.NoError(t, err)
		var again kpi.Tally
		require.NoError(t, json.Unmarshal(text, &again))
		assert.True(t, tally.Equal(again))
	})
}
