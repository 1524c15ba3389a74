package penalty

// Sum is the amount that a rule came to which prices more than one rung of a
// ladder: a whole history, so much for each day, a tariff. An answer has it among
// its Details, under the rule, where the amount is known.
type Sum struct {
	Amount   int64  // in minor units of the currency; in whole units where it has none
	Currency string // its code, as "GBP"; "" for numbers without one
}
