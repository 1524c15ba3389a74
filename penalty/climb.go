package penalty

import "slices"

// A Climb is how a ladder priced one occurrence. An answer gives it among its
// Details, under the rule of the ladder.
type Climb struct {
	Ladder Ladder
	Step   Step // what was reached; Row is an index into the rows of its tier
	Steps  int  // net steps along the scale, up or down
	Exempt bool
	Final  int64
	// Decided reports that Final is known; otherwise a fact is missing, or a
	// person must decide.
	Decided bool
}

// Clone is a ladder of one's own, whose lists may be written to.
func (l Ladder) Clone() Ladder {
	l.Tiers, l.Scale = slices.Clone(l.Tiers), slices.Clone(l.Scale)
	for i := range l.Tiers {
		l.Tiers[i].Rows = slices.Clone(l.Tiers[i].Rows)
	}
	return l
}
