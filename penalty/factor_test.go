package penalty_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/penalty"
)

func up(code string, weight int) penalty.Factor {
	return penalty.Factor{Code: code, Direction: penalty.Aggravating, Claimed: true, Holds: true, Weight: weight}
}

func down(code string, weight int) penalty.Factor {
	return penalty.Factor{Code: code, Direction: penalty.Mitigating, Claimed: true, Holds: true, Weight: weight}
}

func TestWeigh(t *testing.T) {
	not := func(f penalty.Factor) penalty.Factor { f.Holds = false; return f }
	unclaimed := func(f penalty.Factor) penalty.Factor { f.Claimed = false; return f }
	exempts := func(f penalty.Factor) penalty.Factor { f.Exempts = true; return f }
	type list = []penalty.Factor
	type codes = []string
	tests := []struct {
		name    string
		combine penalty.Combine
		factors list
		want    penalty.Weighing
	}{
		{"none", penalty.NetSum, nil, penalty.Weighing{}},
		{"adds", penalty.NetSum, list{up("b", 0), up("a", 2)}, penalty.Weighing{Steps: 3, Up: 3, Accepted: codes{"b", "a"}}},
		{"the zero value adds", "", list{up("a", 1), up("b", 2)}, penalty.Weighing{Steps: 3, Up: 3, Accepted: codes{"a", "b"}}},
		{"subtracts", penalty.NetSum, list{up("a", 1), down("b", 3)}, penalty.Weighing{Steps: -2, Up: 1, Down: 3, Accepted: codes{"a", "b"}, Conflict: true}},
		{"weight 0", penalty.NetSum, list{down("a", 0)}, penalty.Weighing{Steps: -1, Down: 1, Accepted: codes{"a"}}},
		{"weight below 0", penalty.NetSum, list{down("a", -5), up("b", -1)}, penalty.Weighing{Rejected: codes{"a", "b"}}},
		{"not claimed", penalty.NetSum, list{unclaimed(up("a", 1)), unclaimed(not(up("b", 1)))}, penalty.Weighing{}},
		{"does not hold", penalty.NetSum, list{not(up("a", 1)), not(exempts(down("b", 1))), not(up("a", 1))}, penalty.Weighing{Rejected: codes{"a", "b"}}},
		{"no direction", penalty.NetSum, list{{Code: "a", Claimed: true, Holds: true}, {Code: "b", Direction: "x", Claimed: true, Holds: true}}, penalty.Weighing{Rejected: codes{"a", "b"}}},
		{"twice", penalty.NetSum, list{up("a", 1), up("a", 2), up("a", 1)}, penalty.Weighing{Steps: 2, Up: 2, Accepted: codes{"a"}}},
		{"twice, one holds", penalty.NetSum, list{not(up("a", 4)), up("a", 1)}, penalty.Weighing{Steps: 1, Up: 1, Accepted: codes{"a"}}},
		{"exempts", penalty.NetSum, list{exempts(down("a", 1))}, penalty.Weighing{Steps: -1, Down: 1, Accepted: codes{"a"}, Exempt: true}},
		{"an aggravating one cannot exempt", penalty.NetSum, list{exempts(up("a", 1))}, penalty.Weighing{Steps: 1, Up: 1, Accepted: codes{"a"}}},
		{"strongest", penalty.Strongest, list{up("a", 1), up("b", 3), down("c", 1), down("d", 2)}, penalty.Weighing{Steps: 1, Up: 3, Down: 2, Accepted: codes{"a", "b", "c", "d"}, Conflict: true}},
		{"manual, one direction", penalty.ManualOnConflict, list{up("a", 1), up("b", 3), not(down("c", 1))}, penalty.Weighing{Steps: 4, Up: 4, Accepted: codes{"a", "b"}, Rejected: codes{"c"}}},
		{"manual, both", penalty.ManualOnConflict, list{up("a", 1), down("b", 3)}, penalty.Weighing{Steps: -2, Up: 1, Down: 3, Accepted: codes{"a", "b"}, Conflict: true, NeedsDecision: true}},
		{"unknown", "x", list{up("a", 1)}, penalty.Weighing{Steps: 1, Up: 1, Accepted: codes{"a"}, NeedsDecision: true}},
		{"unknown, nothing to combine", "x", list{not(up("a", 1))}, penalty.Weighing{Rejected: codes{"a"}}},
		{"too heavy", penalty.NetSum, list{up("a", math.MaxInt), up("b", 1), down("c", 1)}, penalty.Weighing{Steps: math.MaxInt - 1, Up: math.MaxInt, Down: 1, Accepted: codes{"a", "b", "c"}, Conflict: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, penalty.Weigh(tt.factors, tt.combine))
		})
	}
}

func anyFactor(t *rapid.T) penalty.Factor {
	return penalty.Factor{
		Code:      rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "code"),
		Direction: rapid.SampledFrom([]penalty.Direction{penalty.Aggravating, penalty.Mitigating}).Draw(t, "direction"),
		Claimed:   rapid.Bool().Draw(t, "claimed"),
		Holds:     rapid.Bool().Draw(t, "holds"),
		Exempts:   rapid.Bool().Draw(t, "exempts"),
		Weight:    rapid.IntRange(-1, 3).Draw(t, "weight"),
	}
}

var combines = []penalty.Combine{penalty.NetSum, penalty.Strongest, penalty.ManualOnConflict}

// One more circumstance never works against its direction, from the list to
// the amount.
func TestDirectionHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		factors := rapid.SliceOfN(rapid.Custom(anyFactor), 0, 6).Draw(t, "factors")
		extra := anyFactor(t)
		combine := rapid.SampledFrom(combines).Draw(t, "combine")
		l := anyLadder(t)
		base := rapid.SampledFrom(l.Scale).Draw(t, "base")
		effect := penalty.Effect{Kind: penalty.ScaleStep}

		before := penalty.Weigh(factors, combine)
		after := penalty.Weigh(append(slices.Clone(factors), extra), combine)
		if !extra.Claimed || !extra.Holds {
			after.Rejected, before.Rejected = nil, nil
			assert.Equal(t, before, after, "what does not hold moves nothing")
			return
		}
		if before.NeedsDecision || after.NeedsDecision {
			return
		}
		from := l.Move(base, before.Steps, before.Exempt, effect).Final
		to := l.Move(base, after.Steps, after.Exempt, effect).Final
		if extra.Direction == penalty.Aggravating {
			assert.GreaterOrEqual(t, to, from)
		} else {
			assert.LessOrEqual(t, to, from)
		}
	})
}

func TestWeighIgnoresOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		factors := rapid.SliceOfN(rapid.Custom(anyFactor), 0, 8).Draw(t, "factors")
		combine := rapid.SampledFrom(combines).Draw(t, "combine")
		sorted := func(w penalty.Weighing) penalty.Weighing {
			slices.Sort(w.Accepted)
			slices.Sort(w.Rejected)
			return w
		}
		a := sorted(penalty.Weigh(factors, combine))
		b := sorted(penalty.Weigh(rapid.Permutation(factors).Draw(t, "permuted"), combine))
		assert.Equal(t, a, b)
	})
}
