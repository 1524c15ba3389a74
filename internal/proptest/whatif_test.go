package proptest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/whatif"
)

// Whatever options are chosen of all readings together, the answer is one of
// those that were found under all readings.
func TestUnderAllReadingsAgainstRandomOnes(t *testing.T) {
	compared, turned := 0, 0
	for seed := range uint64(tries(t, 40)) {
		book, err := rulebook.Parse("random.yaml", []byte(newRandomBook(rand.New(rand.NewPCG(seed, 31))).text()))
		if err != nil {
			continue
		}
		b := book.Rulebook()
		rng := rand.New(rand.NewPCG(seed, 32))
		for _, q := range b.Questions {
			facts := newRandomFacts(rng, b, []int{0, 10, 40}[rng.IntN(3)]).Of(q)
			r, err := whatif.UnderAllReadings(t.Context(), book, q.ID, facts)
			require.NoError(t, err)
			if !r.Complete {
				continue
			}
			var found []string
			for _, o := range r.Outcomes {
				found = append(found, whatIsSaid(t, o.Answer))
			}
			for range 30 {
				with := book
				for _, x := range b.Readings {
					o := &x.Options[rng.IntN(len(x.Options))]
					if x.Several || o.Parameter != "" || rng.IntN(2) == 0 {
						continue // of an argument, one is tried
					}
					with, err = with.With(rulebook.Reading(x.Key, o.Name))
					require.NoError(t, err)
				}
				a, err := with.Ask(t.Context(), q.ID, facts)
				require.NoError(t, err)
				said := whatIsSaid(t, a)
				if !assert.Contains(t, found, said, "seed %d, %s, %v", seed, q.ID, facts) {
					return
				}
				compared++
				if said != found[0] {
					turned++
				}
			}
		}
	}
	assert.Greater(t, compared, 100)
	assert.Greater(t, turned, 10, "some answers turn on a reading")
}

func whatIsSaid(t *testing.T, a *rulebook.Answer) string {
	t.Helper()
	var all struct {
		Verdict, Values, Breaches, Liable, Decisions, Error any
		Provisional                                         bool `json:"provisional"`
	}
	require.NoError(t, json.Unmarshal(a.AppendJSON(nil, false), &all))
	return fmt.Sprint(all)
}
