package proptest_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// What an analysis says of random rulebooks is so: the facts that it names show
// what it claims when they are asked, and a rule of which it says that it never
// applies does not, whatever is asked. RANDOM_BOOKS says how many there are.
func TestAnalysisOfRandomBooks(t *testing.T) {
	books, first := fromEnvironment("RANDOM_BOOKS", rounds(2, 5)), fromEnvironment("RANDOM_SEED", 1)
	found := map[string]int{}
	for seed := first; seed < first+books; seed++ {
		text := newRandomBook(rand.New(rand.NewPCG(uint64(seed), 55))).text()
		book, err := rulebook.Parse("random.yaml", []byte(text))
		if err != nil {
			continue
		}
		if !t.Run(strconv.Itoa(seed), func(t *testing.T) { analysisHolds(t, book, uint64(seed), found) }) {
			t.Logf("seed %d:\n%s", seed, text)
		}
	}
	t.Log(found)
}

func analysisHolds(t *testing.T, book *rulebook.Book, seed uint64, found map[string]int) {
	ctx := context.Background()
	r, err := analysis.Analyse(ctx, run.Of(book), analysis.Options{})
	require.NoError(t, err)
	never := map[string]bool{}
	for _, f := range r.Findings {
		found[f.Code]++
		if f.Code == "never_applies" && f.LongestList == 0 && strings.HasSuffix(f.Message.EN, " apply") && !strings.Contains(f.Message.EN, "no facts make th") {
			never[f.Rule] = true
		}
		if f.Facts == nil {
			continue
		}
		answer, err := book.Ask(ctx, f.Question, []byte(f.Facts))
		require.NoError(t, err, "%s %s", f.In("en"), f.Facts)
		var why *policy.AnswerError
		switch f.Code {
		case "two_rules_apply":
			require.True(t, errors.As(answer.Error, &why), "%s %s", f.In("en"), f.Facts)
			for _, name := range strings.Split(f.About, "+") {
				require.Contains(t, why.Message.EN, name)
			}
		case "no_verdict":
			require.Equal(t, policy.Undetermined, answer.Verdict)
			require.Empty(t, answer.MissingFacts)
		}
	}
	facts := newRandomFacts(rand.New(rand.NewPCG(seed, 6)), book.Rulebook(), 0)
	for _, q := range book.Rulebook().Questions {
		for range 200 {
			answer, err := book.Ask(ctx, q.ID, facts.Of(q))
			if err != nil || len(answer.MissingFacts) > 0 {
				continue // of facts that are lacking, more may be left open
			}
			for _, id := range answer.Rules {
				if strings.HasPrefix(id, "r.joint") {
					continue // that nobody answers beside is an answer, too
				}
				require.False(t, never[id], "%s applies", id)
			}
		}
	}
}
