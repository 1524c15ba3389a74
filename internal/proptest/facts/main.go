// Command facts writes random facts for a question, a JSON object a line: half of
// them with events in order, and from none to half of the facts missing.
//
//	go run ./internal/proptest/facts -rules FILE -n 1000 -seed 1 QUESTION
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/proptest"
)

func main() {
	rules := flag.String("rules", "rules.yaml", "the rules `FILE`")
	n := flag.Int("n", 1000, "how many")
	seed := flag.Uint64("seed", 1, "where to begin")
	list := flag.Bool("questions", false, "list the questions instead")
	flag.Parse()
	if err := run(*rules, flag.Arg(0), *n, *seed, *list); err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		os.Exit(1)
	}
}

func run(rules, question string, n int, seed uint64, list bool) error {
	book, err := rulebook.Load(rules)
	if err != nil {
		return err
	}
	if list {
		for _, q := range book.Rulebook().Questions {
			fmt.Println(q.ID)
		}
		return nil
	}
	q, ok := book.Rulebook().Question(question)
	if !ok {
		return fmt.Errorf("there is no question %q", question)
	}
	out := bufio.NewWriter(os.Stdout)
	write := json.NewEncoder(out)
	rng := rand.New(rand.NewPCG(seed, uint64(len(question))))
	for i := range n {
		r := proptest.Facts{Rand: rng, Book: book.Rulebook(), Lack: []int{0, 0, 5, 20, 50}[rng.IntN(5)]}
		if i%2 == 0 {
			start := time.Date(2025, 1, 20, 9, 0, 0, 0, time.FixedZone("", 8*3600))
			r.InOrder = &start
		}
		facts := r.Of(q)
		if rng.IntN(4) > 0 {
			facts["as_of"] = time.Date(2025, 2, 1+rng.IntN(90), 9, 0, 0, 0, time.UTC)
		}
		if err := write.Encode(facts); err != nil {
			return err
		}
	}
	return out.Flush()
}
