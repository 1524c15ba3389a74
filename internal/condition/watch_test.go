package condition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// What a program is said to read: a fact that is only looked for is read for
// its existence alone, and a record always is.
func TestWatch(t *testing.T) {
	moment, count := &value.Type{Kind: value.Moment}, &value.Type{Kind: value.Count}
	env := &Env{Vars: map[string]*Var{
		"done": {Type: moment, Slot: 0},
		"n":    {Type: count, Slot: 1},
		"r": {Type: &value.Type{Kind: value.Record, Fields: []value.Field{{Name: "at", Type: moment}}}, Slot: 2,
			Fields: map[string]*Var{"at": {Type: moment, Slot: 3}}},
	}}
	for _, c := range []struct {
		source        string
		slots, values []int
	}{
		{"done == null", []int{0}, nil},
		{"done != null and n > 1", []int{0, 1}, []int{1}},
		{"r.at == null or r.at > done", []int{0, 2, 3}, []int{0, 3}},
		{"r.at == null", []int{2, 3}, nil},
		{"true", nil, nil},
	} {
		p, problems := Compile(c.source, env, Want{Kind: value.YesNo})
		require.Empty(t, problems, c.source)
		var calls [][2][]int
		f := &value.Frame{Slots: make([]value.Value, 4), ElemSlot: -1, Watch: func(slots, values []int) {
			calls = append(calls, [2][]int{slots, values})
		}}
		p.Eval(f)
		p.Holds(f)
		p.Num(f)
		p.Text(f)
		require.Len(t, calls, 4, "told by each way in")
		for _, got := range calls {
			assert.Equal(t, c.slots, got[0], c.source)
			assert.Equal(t, c.values, got[1], c.source)
		}
	}
}
