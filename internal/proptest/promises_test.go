package proptest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// promised is a promise that a random rulebook makes: that a question never has a
// verdict, or that its verdict does not fall as a fact rises.
type promised struct {
	question, never string
	rises           string
	words           []string
}

// promisesOf writes promises about each question of a random rulebook.
func promisesOf(r *rand.Rand, b *policy.Rulebook) (map[string]promised, string) {
	all := map[string]promised{}
	var text strings.Builder
	text.WriteString("promises:\n")
	add := func(p promised, says string) {
		name := fmt.Sprint("p", len(all))
		all[name] = p
		fmt.Fprintf(&text, "  %s: {zh: 承诺, en: promise, article: %s, question: %s, %s}\n", name, b.Regulations[0].Articles[0].ID, p.question, says)
	}
	for _, q := range b.Questions {
		var words []string
		for _, w := range q.Verdict.Type.Words {
			words = append(words, w.Word)
		}
		if len(words) < 2 {
			continue
		}
		word := words[r.IntN(len(words))]
		add(promised{question: q.ID, never: word}, fmt.Sprintf("then: 'answer.verdict != %q'", word))
		for _, f := range q.Facts {
			if slices.Contains([]string{"count", "word", "yes_no"}, f.Fact.TypeName) {
				add(promised{question: q.ID, rises: f.Name, words: words}, fmt.Sprintf("as_rises: %s, never_falls: answer.verdict, order: [%s]", f.Fact.Name, strings.Join(words, ", ")))
				break
			}
		}
	}
	return all, text.String()
}

// What is said of the promises of random rulebooks is so: the facts that refute one
// do so when they are asked, and none of many random facts break one that is
// proven. RANDOM_BOOKS says how many there are.
func TestPromisesOfRandomBooks(t *testing.T) {
	books, first := fromEnvironment("RANDOM_BOOKS", rounds(2, 3)), fromEnvironment("RANDOM_SEED", 1)
	count := map[analysis.State]int{}
	for seed := first; seed < first+books; seed++ {
		r := rand.New(rand.NewPCG(uint64(seed), 55))
		text := newRandomBook(r).text()
		book, err := rulebook.Parse("random.yaml", []byte(text))
		if err != nil {
			continue
		}
		promises, more := promisesOf(r, book.Rulebook())
		if len(promises) == 0 {
			continue
		}
		if book, err = rulebook.Parse("random.yaml", []byte(text+more)); err != nil {
			t.Logf("seed %d: %v", seed, err)
			continue
		}
		if !t.Run(strconv.Itoa(seed), func(t *testing.T) { promisesHold(t, book, promises, uint64(seed), count) }) {
			t.Logf("seed %d:\n%s", seed, text+more)
		}
	}
	t.Log(count)
	require.NotEmpty(t, count)
}

func promisesHold(t *testing.T, book *rulebook.Book, promises map[string]promised, seed uint64, count map[analysis.State]int) {
	r, err := analysis.Promises(t.Context(), run.Of(book), analysis.Options{})
	require.NoError(t, err)
	facts := newRandomFacts(rand.New(rand.NewPCG(seed, 7)), book.Rulebook(), 0)
	for i := range r.Promises {
		found := &r.Promises[i]
		p := promises[found.Name]
		count[found.State]++
		switch found.State {
		case analysis.Refuted:
			was := verdictOn(t, book, p.question, found.Facts)
			if p.rises == "" {
				require.Equal(t, p.never, was, "%s", found.Facts)
				continue
			}
			is := verdictOn(t, book, p.question, found.Risen)
			require.Less(t, slices.Index(p.words, is), slices.Index(p.words, was), "%s\n%s", found.Facts, found.Risen)
		case analysis.Proven:
			q, _ := book.Rulebook().Question(p.question)
			for range 150 {
				given := facts.Of(q)
				text, err := json.Marshal(given)
				require.NoError(t, err)
				a, err := book.Ask(t.Context(), p.question, text)
				if err != nil || a.Error != nil {
					continue
				}
				if p.rises == "" {
					require.NotEqual(t, p.never, a.Verdict, "%s is proven: %s", found.Name, text)
					continue
				}
				if n, ok := given[p.rises].(int); ok {
					given = maps.Clone(given)
					given[p.rises] = n + 1
					b, err := book.Ask(t.Context(), p.question, given)
					was := slices.Index(p.words, a.Verdict)
					if err == nil && b.Error == nil && was >= 0 && slices.Contains(p.words, b.Verdict) && a.Rulebook.Edition == b.Rulebook.Edition {
						require.GreaterOrEqual(t, slices.Index(p.words, b.Verdict), was, "%s is proven: %s", found.Name, text)
					}
				}
			}
		}
	}
}

// verdictOn is what the engine answers to facts.
func verdictOn(t *testing.T, book *rulebook.Book, question string, facts json.RawMessage) string {
	t.Helper()
	a, err := book.Ask(t.Context(), question, []byte(facts))
	require.NoError(t, err, "%s", facts)
	require.NoError(t, a.Error, "%s", facts)
	return a.Verdict
}
