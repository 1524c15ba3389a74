package penalty

import "slices"

// EffectKind says what one step up or down does to an amount.
type EffectKind string

// The values of EffectKind.
const (
	ScaleStep EffectKind = "scale_step" // one place along the ladder's scale
	Multiply  EffectKind = "multiply"   // times By up, divided by By down
	Manual    EffectKind = "manual"     // a person decides
)

// An Effect is what steps do to an amount.
type Effect struct {
	Kind EffectKind
	By   int64 // for Multiply: the factor of one step, 1 or more
}

// Validate is nil, an [UnknownWordError], or a [FactorError] where Multiply
// has a factor below 1.
func (e Effect) Validate() error {
	kind, ok := known(e.Kind, ScaleStep, Multiply, Manual)
	switch {
	case !ok:
		return &UnknownWordError{What: "effect", Word: string(e.Kind)}
	case kind == Multiply && e.By < 1:
		return &FactorError{By: e.By}
	}
	return nil
}

// An Outcome is the amount after circumstances were weighed.
type Outcome struct {
	Final   int64 // the amount; 0 where it is not decided
	Decided bool  // false: a person must decide
	Capped  bool  // the steps led beyond the top of the scale
	Floored bool  // the steps led below the bottom of the scale
}

// Move moves an amount by a number of steps: up for steps > 0, down for
// steps < 0.
//
// An exempt amount is 0 whatever else holds; 0 steps leave the amount as it
// is. Otherwise:
//
//   - ScaleStep moves along the scale and stops at its ends. An amount that
//     is not on the scale moves up from the next lower place and down from
//     the next higher one, so that one step reaches the next amount in that
//     direction.
//   - Multiply multiplies, stopping at the top of the scale, or divides,
//     rounding down to whole units.
//   - Manual decides nothing.
//
// Steps up never lower an amount and steps down never raise it: an amount
// beyond an end of the scale stays where it is rather than be clipped the
// wrong way. A negative amount, an effect that Validate refuses and a scale
// that is empty, descends or begins below 0 decide nothing.
func (l Ladder) Move(base int64, steps int, exempt bool, effect Effect) Outcome {
	if !exempt && effect.Validate() != nil {
		return Outcome{}
	}
	return l.move(base, steps, exempt, effect)
}

// move is Move with an effect that is valid.
func (l *Ladder) move(base int64, steps int, exempt bool, effect Effect) Outcome {
	switch {
	case exempt:
		return Outcome{Decided: true}
	case base < 0:
		return Outcome{}
	case steps == 0:
		return Outcome{Final: base, Decided: true}
	case effect.Kind == Manual || len(l.Scale) == 0 || l.Scale[0] < 0 || !slices.IsSorted(l.Scale):
		return Outcome{}
	case effect.Kind == Multiply && steps > 0:
		return l.multiply(base, steps, effect.By)
	case effect.Kind == Multiply:
		return divide(base, steps, effect.By)
	case steps > 0:
		return l.up(base, steps)
	}
	return l.down(base, steps)
}

func (l Ladder) up(base int64, steps int) Outcome {
	top := len(l.Scale) - 1
	at, on := slices.BinarySearch(l.Scale, base)
	if !on {
		at-- // -1: below the scale
	}
	if steps > top-at {
		return Outcome{Final: max(base, l.Scale[top]), Decided: true, Capped: true}
	}
	return Outcome{Final: l.Scale[at+steps], Decided: true}
}

func (l Ladder) down(base int64, steps int) Outcome {
	at, _ := slices.BinarySearch(l.Scale, base) // len(Scale): above the scale
	if steps < -at {
		return Outcome{Final: min(base, l.Scale[0]), Decided: true, Floored: true}
	}
	return Outcome{Final: l.Scale[at+steps], Decided: true}
}

func (l Ladder) multiply(base int64, steps int, by int64) Outcome {
	top := l.Scale[len(l.Scale)-1]
	if base == 0 || by == 1 {
		steps = 0 // would stay the same, however often
	}
	final := base
	for ; steps > 0; steps-- {
		next, err := mul(final, by)
		if err != nil || next > top {
			return Outcome{Final: max(base, top), Decided: true, Capped: true}
		}
		final = next
	}
	return Outcome{Final: final, Decided: true}
}

func divide(base int64, steps int, by int64) Outcome {
	if by == 1 {
		steps = 0
	}
	// Dividing step by step rounds to the same as dividing once.
	for ; steps < 0 && base > 0; steps++ {
		base /= by
	}
	return Outcome{Final: base, Decided: true}
}
