package proptest_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
)

// What an engine remembers changes no answer: after many questions it answers
// as one that was never asked before, byte for byte, reasons included.
func TestAskedAgainAnswersAsANewEngine(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(20, 25))
	desk := fileBook(t, "examples/rulebooks/service-desk.yaml")
	library := fileBook(t, "internal/load/testdata/library.yaml")
	for _, b := range []*rulebook.Book{book, desk, library, busyLibrary(t)} {
		old := run.NewEngine(run.Of(b).Book())
		for _, q := range b.Rulebook().Questions {
			t.Run(q.ID, func(t *testing.T) {
				for range testsize.Pick(1, 6, 6) {
					r := newRandomFacts(rng, b.Rulebook(), []int{0, 0, 5, 15, 40}[rng.IntN(5)])
					bases := []map[string]any{r.Of(q), r.Of(q), r.Of(q)}
					for range 24 {
						facts := bases[rng.IntN(len(bases))]
						r.vary(q, facts)
						asOf := time.Time{}
						if rng.IntN(3) > 0 {
							asOf = time.Date(2025, 2, 1+rng.IntN(90), 9, 0, 0, 0, time.UTC)
						}
						want := fromJSON(t, run.NewEngine(run.Of(b).Book()), q.ID, facts, asOf)
						for range 2 {
							require.Equal(t, want, fromJSON(t, old, q.ID, facts, asOf))
						}
					}
				}
			})
		}
	}
}

// An element that lacks something is named by the place that it was given at,
// also where another one lacked the same before, and other lists were looked at
// since.
func TestAskedAgainNamesTheElementGiven(t *testing.T) {
	book := busyLibrary(t)
	helper := func(role string, sober ...bool) map[string]any {
		h := map[string]any{"role": role}
		if len(sober) > 0 {
			h["sober"] = sober[0]
		}
		return h
	}
	first := []any{helper("head", true), helper("clerk", true), helper("clerk")}
	second := []any{helper("clerk"), helper("head", true), helper("clerk", true)}
	old := run.NewEngine(run.Of(book).Book())
	for i, x := range []struct {
		helpers  []any
		renewals int
		lacking  string
	}{
		{first, 0, "helpers[2].sober"}, {first, 0, "helpers[2].sober"},
		{second, 0, "helpers[0].sober"}, {first, 1, "helpers[2].sober"},
		{second, 0, "helpers[0].sober"}, {first, 2, "helpers[2].sober"}, {second, 1, "helpers[0].sober"},
	} {
		facts := map[string]any{
			"loan":    map[string]any{"kind": "book", "lent_at": "2025-02-03T10:00:00+08:00", "renewals": x.renewals},
			"helpers": x.helpers,
		}
		asOf := time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC)
		want := fromJSON(t, run.NewEngine(run.Of(book).Book()), "loan.clock", facts, asOf)
		require.Equal(t, want, fromJSON(t, old, "loan.clock", facts, asOf), "%d", i)
		require.Contains(t, want, x.lacking, "%d", i)
	}
}

// Where a question does not apply, nobody broke anything, and nobody is liable.
func TestOutOfScopeNobodyIsLiable(t *testing.T) {
	e := run.NewEngine(run.Of(busyLibrary(t)).Book())
	for range 3 {
		for _, x := range []struct {
			renewals int
			verdict  string
			liable   []policy.Liable
		}{
			{49_999, "overdue", []policy.Liable{{Role: "reader", Person: "Li"}}},
			{50_000, policy.NotInScope, nil},
		} {
			data, err := json.Marshal(map[string]any{
				"reader": "Li", "loan": map[string]any{"kind": "book", "lent_at": "2025-02-03T10:00:00+08:00", "renewals": x.renewals},
			})
			require.NoError(t, err)
			checked, err := e.Check("loan.clock", data)
			require.NoError(t, err)
			a, err := e.Ask(checked, time.Date(2025, 6, 3, 0, 0, 0, 0, time.UTC))
			require.NoError(t, err)
			require.Equal(t, x.verdict, a.Verdict)
			require.Equal(t, x.liable, a.Liable)
			require.Equal(t, x.liable == nil, len(a.Breaches) == 0)
		}
	}
}

// A clock that wants a new due of an extension that names none says so, also
// where others that named one were answered before.
func TestAskedAgainAboutExtensionsWithoutDue(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	old := run.NewEngine(run.Of(book).Book())
	ask := func(e *run.Engine, due any, hour int) string {
		day := "2025-06-11T08:00:00+08:00"
		return fromJSON(t, e, "time_limit.request", map[string]any{"request": map[string]any{
			"kind": "fault", "severity": "ordinary", "received_at": time.Date(2025, 6, 10, 8+hour, 0, 0, 0, time.UTC).Format(time.RFC3339),
			"extension": map[string]any{
				"reason": "R", "requested_at": day, "approved_at": day, "approver_role": "branch_leader_in_charge", "decision": "approved",
				"new_due_date": due, "new_due_at": nil, "times": 1,
			},
		}}, time.Date(2025, 6, 12, 0, 0, 0, 0, time.UTC))
	}
	for hour, due := range []any{nil, nil, "2025-06-13", "2025-06-13", nil, "2025-06-16", nil} {
		want := ask(run.NewEngine(run.Of(book).Book()), due, hour)
		require.Equal(t, want, ask(old, due, hour), "%d", hour)
		require.Equal(t, due == nil, strings.Contains(want, "request.extension.new_due_date"), want)
	}
}

// Goroutines that ask at once get what each would
// alone.
func TestAskedBySeveral(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(4, 20))
	q, _ := book.Rulebook().Question("time_limit.request")
	var sets []map[string]any
	for range 20 {
		r := newRandomFacts(rng, book.Rulebook(), 5)
		facts := r.Of(q)
		for range 5 {
			r.vary(q, facts)
			data, err := json.Marshal(facts)
			require.NoError(t, err)
			var set map[string]any
			require.NoError(t, json.Unmarshal(data, &set))
			sets = append(sets, set)
		}
	}
	alone, together := run.NewEngine(run.Of(book).Book()), run.NewEngine(run.Of(book).Book())
	want := make([]string, len(sets))
	for i, facts := range sets {
		want[i] = fromJSON(t, alone, q.ID, facts, time.Time{})
	}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for n := range 3 * len(sets) {
				i := (n*(2*g+1) + g) % len(sets)
				if got := fromJSON(t, together, q.ID, sets[i], time.Time{}); got != want[i] {
					t.Errorf("%v: %s, not %s", sets[i], got, want[i])
				}
			}
		})
	}
	all.Wait()
}

// busyLibrary is a library where a number decides whether anything applies,
// values show what rules came to, and an element of a list may be lacking
// something.
func busyLibrary(t *testing.T) *rulebook.Book {
	t.Helper()
	text, err := os.ReadFile(inTree("internal/load/testdata/library.yaml"))
	require.NoError(t, err)
	for _, change := range [][2]string{
		{`holds: loan.kind in ["book", "disc"]`, `holds: loan.renewals < 50000`},
		{`due_date: {zh: 应还日, en: due date, is: loan_clock.due_date}`, `due_date: {zh: 应还日, en: due date, is: loan_clock.due_date}
      noisy: {zh: 吵闹, en: noisy, is: quiet_kept.broken}
      status: {zh: 状态, en: status, is: loan_clock.status}
      apology: {zh: 道歉, en: apology, when: loan.renewals > 20000, is: must_apologise.needed}
      quiet: {zh: 安静, en: quiet, when: not quiet_kept.broken, fields: {
        due: {zh: 应还时刻, en: due, is: loan_clock.due}, sorry: {zh: 抱歉, en: sorry, is: apologised}, who: {zh: 谁, en: who, is: reader}}}`},
		{`            done: loan.back_at`, `            done: loan.back_at
            liable: {reader: reader}`},
		{`facts: [loan, reader, deeds, apologised, as_of]`, `facts: [loan, reader, deeds, apologised, helpers, as_of]`},
		{`rules: [loan_clock, quiet_kept, must_apologise]`, `rules: [loan_clock, quiet_kept, must_apologise, helpers_sober]`},
		{`  reader: {zh: 读者, en: reader, type: name}`, `  reader: {zh: 读者, en: reader, type: name}
  helpers: {zh: 帮手, en: helpers, type: list, of: {type: record, fields: {
    role: {zh: 岗位, en: role, type: word, words: desk_role}, sober: {zh: 清醒, en: sober, type: yes_no}}}}`},
		{`          must_apologise:`, `          helpers_sober:
            zh: 帮手是否清醒
            en: whether the helpers are sober
            when: any(helpers, .role == "clerk" and not .sober)
          must_apologise:`},
	} {
		changed := strings.Replace(string(text), change[0], change[1], 1)
		require.NotEqual(t, string(text), changed)
		text = []byte(changed)
	}
	path := filepath.Join(t.TempDir(), "library.yaml")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return fileBook(t, path)
}

func fileBook(t *testing.T, path string) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Load(inTree(path))
	require.NoError(t, err)
	return book
}

// vary gives every number, point in time, name and every other list among the
// facts another value; words, and what is known, stay.
func (r randomFacts) vary(q *policy.Question, facts map[string]any) {
	for _, f := range q.Facts {
		if v, given := facts[f.Name]; given {
			facts[f.Name] = r.varied(f.Fact, v)
		}
	}
}

func (r randomFacts) varied(f *policy.Fact, v any) any {
	switch f.TypeName {
	case "record":
		fields := v.(map[string]any)
		for _, x := range f.Fields {
			if v, given := fields[x.Name]; given {
				fields[x.Name] = r.varied(x, v)
			}
		}
		return fields
	case "list":
		if len(v.([]any)) == 0 || r.Rand.IntN(2) == 0 {
			return v
		}
		items := make([]any, 1+r.Rand.IntN(3))
		for i := range items {
			items[i] = r.Fact(f.Elem)
		}
		return items
	case "yes_no", "word", "article":
		return v
	}
	return r.Fact(f)
}
