package penalty

import "math"

// Direction says which way a circumstance moves an amount.
type Direction string

// The values of Direction. It has no zero value: a circumstance without a
// direction is rejected.
const (
	Aggravating Direction = "aggravating" // up
	Mitigating  Direction = "mitigating"  // down
)

// A Factor is one circumstance.
type Factor struct {
	Code      string
	Direction Direction
	Claimed   bool // somebody relies on it; otherwise it is ignored
	Holds     bool // its conditions are met; otherwise it is rejected
	Exempts   bool // if it is mitigating and holds, nothing is to be paid
	Weight    int  // in steps; 0 is 1, and below 0 the factor is rejected
}

// Combine says how several circumstances make one number of steps.
type Combine string

// The values of Combine.
const (
	NetSum           Combine = "net_sum"            // the same direction adds, the opposite subtracts
	Strongest        Combine = "strongest"          // each direction counts only its strongest
	ManualOnConflict Combine = "manual_on_conflict" // net sum, but a person decides where both directions are present
)

// A Weighing is what circumstances amount to.
type Weighing struct {
	Steps int // Up - Down, also where a person must decide
	Up    int // steps of the aggravating circumstances
	Down  int // steps of the mitigating circumstances, as a positive number

	Accepted []string // codes that hold, each once, in the order given
	Rejected []string // codes claimed that do not hold, each once, in the order given

	Exempt        bool // an accepted mitigating circumstance exempts
	Conflict      bool // both directions are present
	NeedsDecision bool // a person must decide; Steps is only for information
}

// Weigh combines circumstances. A circumstance that was not claimed is
// ignored; one that is claimed and does not hold, or has no known direction
// or a weight below 0, is rejected and moves nothing. The same code twice
// counts once, with its greatest weight, and is accepted if either holds. Apart
// from the order of the codes, the order of the list does not matter. An
// unknown Combine leaves every accepted circumstance to a person. Sums that do
// not fit stop at the greatest int.
func Weigh(factors []Factor, combine Combine) Weighing {
	combine, ok := known(combine, NetSum, Strongest, ManualOnConflict)
	type key struct {
		code      string
		direction Direction
	}
	var w Weighing
	weights := make(map[key]int, len(factors))
	listed := make(map[string]bool, len(factors))
	for _, f := range factors {
		directed := f.Direction == Aggravating || f.Direction == Mitigating
		if !f.Claimed || !f.Holds || !directed || f.Weight < 0 {
			continue
		}
		if !listed[f.Code] {
			listed[f.Code] = true
			w.Accepted = append(w.Accepted, f.Code)
		}
		k := key{f.Code, f.Direction}
		weights[k] = max(weights[k], f.Weight, 1)
		if f.Exempts && f.Direction == Mitigating {
			w.Exempt = true
		}
	}
	for _, f := range factors { // only now is it known which codes hold
		if f.Claimed && !listed[f.Code] {
			listed[f.Code] = true
			w.Rejected = append(w.Rejected, f.Code)
		}
	}
	for k, weight := range weights {
		side := &w.Up
		if k.direction == Mitigating {
			side = &w.Down
		}
		switch {
		case combine == Strongest:
			*side = max(*side, weight)
		case *side > math.MaxInt-weight:
			*side = math.MaxInt
		default:
			*side += weight
		}
	}
	w.Steps = w.Up - w.Down
	w.Conflict = w.Up > 0 && w.Down > 0
	w.NeedsDecision = combine == ManualOnConflict && w.Conflict || !ok && len(w.Accepted) > 0
	return w
}
