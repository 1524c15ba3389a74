package condition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// What an evaluation takes with lists of a thousand items, and how long the
// list is that it gives.
func TestCost(t *testing.T) {
	list := &value.Type{Kind: value.List, Elem: &value.Type{Kind: value.Count}}
	env := &Env{Vars: map[string]*Var{
		"a": {Type: list, Slot: 0}, "b": {Type: list, Slot: 1}, "n": {Type: &value.Type{Kind: value.Count}, Slot: 2},
	}}
	for _, x := range []struct {
		source       string
		units, items int64
	}{
		{"n", 1, 0},
		{"n + 1 > 2", 5, 0},
		{"a", 1, 1_000},
		{"len(a)", 1_002, 0},
		{"[n, 1]", 3, 2},
		{"n in [1, 2, 3]", 6, 0},
		{"n in a", 1_003, 0},
		{"all(a, # > 0)", 4_001, 0},
		{"all(a, # in b)", 1_004_001, 0},
		{"filter(a, # > 0)", 4_001, 1_000},
		{"map(a, # + n)", 4_001, 1_000},
		{"n > 0 ? a : b", 2_006, 1_000},
		{"distinct(a)", 26_002, 1_000},
		{"joined(a, b)", 52_003, 2_000},
		{"joined(joined(a, b), a)", 130_005, 3_000},
		{"all(a, len(distinct(b)) > #)", 27_006_001, 0},
	} {
		p, problems := Compile(x.source, env, Want{})
		require.Empty(t, problems, x.source)
		units, items := p.CostOf(listsOf(1_000))
		assert.Equal(t, [2]int64{x.units, x.items}, [2]int64{units, items}, x.source)
	}
	p, problems := Compile("all(a, # in b)", env, Want{})
	require.Empty(t, problems)
	for doublings := range 31 {
		units, _ := p.CostOf(listsOf(1 << doublings))
		assert.Positive(t, units, "nothing overflows")
		assert.LessOrEqual(t, units, int64(costMost))
	}
}

// listsOf is the length of all lists that a program reads.
func listsOf(n int64) Lengths { return Lengths{List: n, Inner: n, Slot: -1} }
