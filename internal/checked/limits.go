package checked

// Checking a file costs about one unit of work a microsecond: one for each
// byte of an expression that is compiled, and so many for each rule that is
// built, for every edition and every branch of a choice. The rulebook that
// comes with the library takes a fifth of the allowance; only a file that
// multiplies choices by rules runs out of it.
const (
	WorkAllowance = 250_000
	WorkOfPart    = 25
	WorkOfDemand  = 2
	MaxEditions   = 100

	// DemandsCompared is how many demands are compared for one unit.
	DemandsCompared = 10
)
