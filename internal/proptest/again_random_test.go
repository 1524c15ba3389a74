package proptest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/policy"
)

// What an engine remembers changes no answer, whatever the rules are: rulebooks
// with rules of every form, over facts of every type, put together at random.
// RANDOM_BOOKS says how many there are, RANDOM_SEED where to begin.
func TestAskedAgainOfRandomBooks(t *testing.T) {
	books, first := fromEnvironment("RANDOM_BOOKS", rounds(40, 60)), fromEnvironment("RANDOM_SEED", 1)
	valid, used := 0, map[string]int{}
	for seed := first; seed < first+books; seed++ {
		b := newRandomBook(rand.New(rand.NewPCG(uint64(seed), 4)))
		text := b.text()
		book, err := rulebook.Parse("random.yaml", []byte(text))
		if err != nil {
			continue
		}
		valid++
		for form, n := range b.forms {
			used[form] += n
		}
		if !t.Run(strconv.Itoa(seed), func(t *testing.T) { askedAsNew(t, book, uint64(seed)) }) {
			t.Logf("seed %d:\n%s", seed, text)
		}
	}
	t.Logf("%d of %d valid; rules: %v", valid, books, used)
	require.Greater(t, valid, books*9/10)
	if books >= 20 {
		var sections []string
		for _, f := range forms.All() {
			sections = append(sections, f.Section)
		}
		// What is rare may be in further books only.
		for seed := first + books; len(used) < len(sections) && seed < first+10*books; seed++ {
			b := newRandomBook(rand.New(rand.NewPCG(uint64(seed), 4)))
			if _, err := rulebook.Parse("random.yaml", []byte(b.text())); err == nil {
				for form, n := range b.forms {
					used[form] += n
				}
			}
		}
		require.ElementsMatch(t, sections, sortedKeysOf(used), "there are rules of every form")
	}
}

func fromEnvironment(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// askedAsNew asks an engine about facts of several kinds in turn, and for
// each a new one.
func askedAsNew(t require.TestingT, book *rulebook.Book, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 5))
	b := book.Rulebook()
	newEngine := func() *run.Engine { return run.NewEngine(run.Of(book).Book()) }
	if rng.IntN(4) == 0 {
		newEngine = func() *run.Engine {
			e, err := run.NewEngine(run.Of(book).Book()).WithReading("pick", "two")
			require.NoError(t, err)
			return e
		}
	}
	old := newEngine()
	for _, q := range b.Questions {
		m := mirror{rng}
		typ := m.structOf(q)
		binding, err := old.Bind(q.ID, typ)
		require.NoError(t, err)
		type asked struct {
			facts  map[string]any
			answer *policy.Answer
			want   said
		}
		var all []asked
		var bases []map[string]any
		for range 4 {
			r := newRandomFacts(rng, b, []int{0, 0, 5, 15, 40}[rng.IntN(5)])
			bases = append(bases, r.Of(q))
		}
		for range 24 {
			r := newRandomFacts(rng, b, 0)
			facts := bases[rng.IntN(len(bases))]
			facts = r.alike(q, facts)
			asOf := time.Time{}
			if rng.IntN(3) > 0 {
				asOf = time.Date(2025, 1, 18+rng.IntN(60), 9, 0, 0, 0, time.UTC)
			}
			want := saidOf(askJSON(t, newEngine(), q.ID, facts, asOf))
			for range 2 {
				answer := askJSON(t, old, q.ID, facts, asOf)
				require.Equal(t, want, saidOf(answer), "%v as of %v", facts, asOf)
				all = append(all, asked{facts, answer, want})
			}
			record := reflect.New(typ)
			m.fill(record.Elem(), facts)
			answer, err := old.Decide(binding, memory.OfValue(record), asOf)
			require.NoError(t, err)
			require.Equal(t, want, saidOf(answer), "bound %v as of %v", facts, asOf)
			all = append(all, asked{facts, answer, want})
		}
		for _, x := range all {
			require.Equal(t, x.want, saidOf(x.answer), "later, %v", x.facts)
		}
	}
}

func askJSON(t require.TestingT, engine *run.Engine, question string, facts map[string]any, asOf time.Time) *policy.Answer {
	data, err := json.Marshal(facts)
	require.NoError(t, err)
	checked, err := engine.Check(question, data)
	require.NoError(t, err, string(data))
	answer, err := engine.Ask(checked, asOf)
	require.NoError(t, err)
	return answer
}

// said is all that an answer says.
type said struct {
	text, values string
	steps        []policy.Step
	liable       []policy.Liable
	missing      []policy.MissingFact
	details      []any
}

func saidOf(a *policy.Answer) said {
	s := said{text: string(a.AppendJSON(nil, true)), steps: a.Steps("en"), liable: append([]policy.Liable(nil), a.Liable...), missing: a.MissingFacts}
	for _, d := range a.Details() {
		s.details = append(s.details, d.Rule.ID, d.Of)
	}
	for _, name := range a.Names() {
		n, isInt := a.Int(name)
		at, isMoment := a.Moment(name)
		day, isDate := a.Date(name)
		yes, isYesNo := a.Bool(name)
		num, den, isRatio := a.Ratio(name)
		word, isWord := a.Word(name)
		words, isList := a.Words(name)
		s.values += fmt.Sprintln(name, n, isInt, at, isMoment, day, isDate, yes, isYesNo, num, den, isRatio, word, isWord, words, isList)
	}
	return s
}

// alike are facts of which other words, and what is known, are mostly the
// same.
func (r randomFacts) alike(q *policy.Question, facts map[string]any) map[string]any {
	like := maps.Clone(facts)
	for _, f := range q.Facts {
		if v, given := like[f.Name]; given {
			like[f.Name] = r.likewise(f.Fact, v)
		}
	}
	return like
}

func (r randomFacts) likewise(f *policy.Fact, v any) any {
	switch f.TypeName {
	case "record":
		fields := maps.Clone(v.(map[string]any))
		for _, x := range f.Fields {
			if v, given := fields[x.Name]; given {
				fields[x.Name] = r.likewise(x, v)
			}
		}
		return fields
	case "list":
		items := v.([]any)
		if len(items) == 0 || f.Elem.TypeName == "word" || f.Elem.TypeName == "yes_no" {
			return v
		}
		if r.Rand.IntN(3) == 0 {
			items = make([]any, 1+r.Rand.IntN(3))
			for i := range items {
				items[i] = newRandomFacts(r.Rand, r.Book, []int{0, 10, 30}[r.Rand.IntN(3)]).Fact(f.Elem)
			}
			return items
		}
		like := make([]any, len(items))
		for i := range items {
			like[i] = r.likewise(f.Elem, items[i])
		}
		return like
	case "yes_no", "word", "article":
		return v
	}
	return r.Fact(f)
}
