package policy

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What may be missing, and months, are read from JSON as they are written.
func TestKnownIsReadAsItIsWritten(t *testing.T) {
	type facts struct {
		A Known[int64]    `json:"a,omitzero"`
		B Known[string]   `json:"b,omitzero"`
		C Known[Month]    `json:"c,omitzero"`
		D Month           `json:"d,omitzero"`
		E Known[[]string] `json:"e,omitzero"`
	}
	for _, x := range []struct {
		text string
		want facts
	}{
		{`{}`, facts{}},
		{`{"a":7,"b":"x","c":"2026-01","d":"2025-12","e":[]}`, facts{Is(int64(7)), Is("x"), Is(Month{2026, time.January}), Month{2025, time.December}, Is([]string{})}},
		{`{"a":null,"b":null,"e":null}`, facts{A: None[int64](), B: None[string](), E: None[[]string]()}},
	} {
		var got facts
		require.NoError(t, json.Unmarshal([]byte(x.text), &got))
		assert.Equal(t, x.want, got)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		assert.Equal(t, x.text, string(text))
	}
	assert.Equal(t, []State{StateUnknown, StateNone, StateKnown}, []State{Known[int]{}.State(), None[int]().State(), Is(1).State()})
	var k Known[int64]
	assert.Error(t, json.Unmarshal([]byte(`"x"`), &k))
	var m Month
	assert.Error(t, json.Unmarshal([]byte(`"2026-13"`), &m))
}
