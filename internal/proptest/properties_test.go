package proptest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

func embedded(t testing.TB) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Default()
	require.NoError(t, err)
	return book
}

// generator makes facts that a question may be asked with.
type generator struct {
	*rand.Rand
	last *time.Time // where moments come one after the other, the last of them
	sets *int       // how many sets of facts were made
}

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 1)), new(time.Time), new(int)}
}

func (g generator) facts(q *policy.Question) map[string]any {
	facts := map[string]any{}
	if *g.sets, *g.last = *g.sets+1, (time.Time{}); *g.sets%4 > 0 { // mostly as things happen: other orders are refused
		*g.last = day2025(1)
	}
	for _, f := range q.Facts {
		if g.IntN(12) > 0 {
			facts[f.Name] = g.value(f.Fact, 0)
		}
	}
	if g.IntN(3) > 0 {
		facts["as_of"] = "2026-06-30T12:00:00+08:00" // after every event below
	}
	return facts
}

func (g generator) value(f *policy.Fact, place int) any {
	switch f.TypeName {
	case "yes_no":
		return g.IntN(2) == 0
	case "count":
		return []int{0, 1, 2, 3, 4, 5, 72, 599, 600, 1000, 4000, 6001}[g.IntN(12)]
	case "number":
		return g.IntN(7) - 3
	case "year":
		return 2024 + g.IntN(3)
	case "moment":
		return g.moment().Format(time.RFC3339)
	case "date":
		return g.moment().Format("2006-01-02")
	case "month":
		return g.moment().Format("2006-01")
	case "word":
		return f.Words.Words[g.IntN(len(f.Words.Words))]
	case "article":
		return []string{"time_limit/6", "first_inquiry/5", "accountability/6.1"}[g.IntN(3)]
	case "list":
		list := []any{}
		for i := range g.IntN(5) {
			list = append(list, g.value(f.Elem, i))
		}
		return list
	case "record":
		record := map[string]any{}
		for _, x := range f.Fields {
			if x.Name == "id" && f.Path != "" && strings.HasSuffix(f.Path, "[]") {
				record[x.Name] = fmt.Sprintf("K%d", place)
			} else if g.IntN(8) > 0 {
				record[x.Name] = g.value(x, place)
			}
		}
		return record
	default:
		return fmt.Sprintf("N%d", g.IntN(4))
	}
}

func (g generator) moment() time.Time {
	if !g.last.IsZero() {
		*g.last = earlier(g.last.Add(time.Duration(g.IntN(1000))*30*time.Minute), day2025(500))
		return *g.last
	}
	return day2025(1 + g.IntN(500)).Add(time.Duration(g.IntN(48)) * 30 * time.Minute)
}

func day2025(n int) time.Time { return time.Date(2025, 1, n, 0, 0, 0, 0, time.FixedZone("", 8*60*60)) }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func ask(t testing.TB, book *rulebook.Book, question string, facts any) *rulebook.Answer {
	t.Helper()
	data, err := json.Marshal(facts)
	require.NoError(t, err)
	answer, err := book.Ask(context.Background(), question, data)
	require.NoError(t, err, "%s %s", question, data)
	return answer
}

// shuffled is the facts with every list whose order means nothing in another
// order.
func (g generator) shuffled(f *policy.Fact, v any) any {
	switch x := v.(type) {
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = g.shuffled(f.Elem, e)
		}
		if !f.Ordered {
			g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		return list
	case map[string]any:
		record := map[string]any{}
		for _, field := range f.Fields {
			if e, ok := x[field.Name]; ok {
				record[field.Name] = g.shuffled(field, e)
			}
		}
		return record
	}
	return v
}

// Property: list order never matters, and the same facts give the same bytes.
func TestSameFactsSameBytes(t *testing.T) {
	book := embedded(t)
	for _, q := range book.Rulebook().Questions {
		t.Run(q.ID, func(t *testing.T) {
			g := newGenerator(7)
			for range 150 {
				facts := g.facts(q)
				first := ask(t, book, q.ID, facts)
				again, err := first.MarshalJSON()
				require.NoError(t, err)
				mixed := map[string]any{"as_of": facts["as_of"]}
				for _, f := range q.Facts {
					if v, ok := facts[f.Name]; ok {
						mixed[f.Name] = g.shuffled(f.Fact, v)
					}
				}
				other := ask(t, book, q.ID, mixed)
				if first.Error != nil {
					require.NotNil(t, other.Error)
					require.Equal(t, first.Failure().Code, other.Failure().Code)
					continue // likewise the place of what is wrong
				}
				if len(first.MissingFacts) > 0 {
					// Missing facts are named by their place in the list as
					// given, which is what the caller must look at.
					require.Len(t, other.MissingFacts, len(first.MissingFacts))
					require.Equal(t, first.Verdict, other.Verdict)
					continue
				}
				shuffled, err := other.MarshalJSON()
				require.NoError(t, err)
				require.Equal(t, string(again), string(shuffled))
			}
		})
	}
}

// Property: what was decided without a fact still holds when it is learnt,
// and without it nothing is passed or fined that depends on it.
func TestLearningAFactContradictsNothing(t *testing.T) {
	book := embedded(t)
	for _, q := range book.Rulebook().Questions {
		t.Run(q.ID, func(t *testing.T) {
			g := newGenerator(11)
			dropped := 0
			for range 150 {
				facts := g.facts(q)
				full := ask(t, book, q.ID, facts)
				for _, f := range q.Facts {
					without(f.Fact, facts, f.Name, func() {
						dropped++
						requireConsistent(t, ask(t, book, q.ID, facts), full, facts)
					})
				}
			}
			require.True(t, dropped > 0 || q.ID == "supervision.finding", "its facts are events: absent, they have not happened")
		})
	}
}

// without drops each fact in turn whose absence means that it is unknown.
func without(f *policy.Fact, parent map[string]any, name string, try func()) {
	v, ok := parent[name]
	if !ok {
		return
	}
	if f.Absent == policy.IsUnknown {
		delete(parent, name)
		try()
		parent[name] = v
	}
	switch x := v.(type) {
	case map[string]any:
		for _, field := range f.Fields {
			without(field, x, field.Name, try)
		}
	case []any:
		for _, e := range x {
			if record, ok := e.(map[string]any); ok {
				for _, field := range f.Elem.Fields {
					without(field, record, field.Name, try)
				}
			}
		}
	}
}

func requireConsistent(t *testing.T, less, full *rulebook.Answer, facts any) {
	t.Helper()
	if less.Error != nil || full.Error != nil {
		return // nothing was decided
	}
	context := func() string {
		data, _ := json.Marshal(facts)
		return fmt.Sprintf("\nwithout: %s\nless: %s\nfull: %s", data, less.AppendJSON(nil, false), full.AppendJSON(nil, false))
	}
	if less.Verdict != policy.Undetermined && less.Verdict != full.Verdict {
		t.Fatalf("verdict %s became %s%s", less.Verdict, full.Verdict, context())
	}
	for _, b := range less.Breaches {
		found := false
		for _, x := range full.Breaches {
			found = found || x.String() == b.String()
		}
		if !found {
			t.Fatalf("breach %v was found without the fact and not with it%s", b, context())
		}
	}
	if path, ok := contradiction(values(t, less), values(t, full), ""); ok {
		t.Fatalf("value %s changed%s", path, context())
	}
}

func subset(less, full []any) bool {
	for _, l := range less {
		if !slices.Contains(full, l) {
			return false
		}
	}
	return true
}

func values(t *testing.T, a *rulebook.Answer) any {
	t.Helper()
	var tree struct{ Values map[string]any }
	d := json.NewDecoder(bytes.NewReader(a.AppendJSON(nil, false)))
	d.UseNumber()
	require.NoError(t, d.Decode(&tree))
	return tree.Values
}

// contradiction finds a value that is known in less and another in full.
func contradiction(less, full any, path string) (string, bool) {
	switch l := less.(type) {
	case nil:
		return "", false
	case map[string]any:
		f, ok := full.(map[string]any)
		if !ok {
			return path, true
		}
		for k, v := range l {
			if p, found := contradiction(v, f[k], path+"."+k); found {
				return p, true
			}
		}
		return "", false
	case []any:
		if path == ".blockers" {
			f, _ := full.([]any)
			return path, !subset(l, f) // those found so far; more may come
		}
	}
	a, _ := json.Marshal(less)
	if bytes.Contains(a, []byte("null")) {
		return "", false // a list of records that are not all known yet
	}
	b, _ := json.Marshal(full)
	return path, !bytes.Equal(a, b)
}

// The same answer under any TZ of the process: the test runs itself in three.
func TestSameBytesUnderAnyTimeZone(t *testing.T) {
	const marker = "RULEBOOK_TEST_ANSWERS"
	if os.Getenv(marker) != "" {
		book := embedded(t)
		for _, q := range book.Rulebook().Questions {
			g := newGenerator(3)
			for range 40 {
				answer := ask(t, book, q.ID, g.facts(q))
				data, err := answer.MarshalJSON()
				require.NoError(t, err)
				fmt.Printf("answer %s %q %q\n", data, answer.Explain("zh"), answer.Explain("en"))
			}
		}
		return
	}
	var first string
	for i, zone := range []string{"UTC", "Asia/Shanghai", "America/New_York"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSameBytesUnderAnyTimeZone$")
		cmd.Env = append(os.Environ(), marker+"=1", "TZ="+zone, fmt.Sprintf("GOMAXPROCS=%d", 1+i))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		answers := strings.Join(answerLines(string(out)), "\n")
		require.NotEmpty(t, answers)
		if first == "" {
			first = answers
		}
		require.Equal(t, first, answers, zone)
	}
}

func answerLines(out string) []string {
	var lines []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "answer ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// Asked a thousand times, and by many at once, a book answers the same. It is
// a book of its own, so that its editions are compiled by many at once, too.
func TestRepeatedAndConcurrentAsking(t *testing.T) {
	data, err := os.ReadFile(inTree("rules.yaml"))
	require.NoError(t, err)
	book, err := rulebook.Parse("rules.yaml", data)
	require.NoError(t, err)
	for _, q := range book.Rulebook().Questions {
		t.Run(q.ID, func(t *testing.T) {
			facts := newGenerator(5).facts(q)
			answer := func(explained bool) string {
				answer, err := book.Ask(context.Background(), q.ID, facts)
				if err != nil {
					return err.Error()
				}
				text := string(answer.AppendJSON(nil, explained))
				if explained {
					text += answer.Explain("zh") + answer.Explain("en")
				}
				return text
			}
			const askers = 4
			said := make([]map[string]bool, askers)
			var all sync.WaitGroup
			for i := range askers {
				all.Go(func() {
					said[i] = map[string]bool{}
					for n := range 1_000 / askers {
						said[i][answer(n%25 == 0)] = true
					}
				})
			}
			all.Wait()
			for _, s := range said {
				require.Len(t, s, 2, "with reasons and without")
				require.Equal(t, said[0], s)
			}
		})
	}
}
