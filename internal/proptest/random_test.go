package proptest_test

import (
	"math/rand/v2"

	"github.com/servicerules/rulebook/internal/proptest"
	"github.com/servicerules/rulebook/policy"
)

// randomFacts are random facts, and facts that are like others.
type randomFacts struct{ proptest.Facts }

func newRandomFacts(rng *rand.Rand, book *policy.Rulebook, lack int) randomFacts {
	return randomFacts{proptest.Facts{Rand: rng, Book: book, Lack: lack}}
}
