package whatif_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/policy"
)

// sample is an example case as the searches take it.
type sample struct {
	book    *rulebook.Book
	q       *policy.Question
	facts   factset.Tree
	options []rulebook.Option
	name    string
}

// samples are one example case in every n of each question.
func samples(t *testing.T, n int) []sample {
	t.Helper()
	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	book, err := rulebook.Parse("rules.yaml", data)
	require.NoError(t, err)
	files, err := filepath.Glob("../../examples/cases/*.yaml")
	require.NoError(t, err)
	var all []sample
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		f, found := casefile.Parse(name, text)
		require.Empty(t, found)
		if len(f.Changes) > 0 {
			continue
		}
		for i, c := range f.Cases {
			q, ok := book.Rulebook().Question(c.Question)
			if !ok || i%n > 0 || len(c.Readings) > 0 {
				continue
			}
			s := sample{book: book, q: q, facts: factset.FromNode(q, c.Facts), name: c.Name}
			if !c.AsOf.IsZero() {
				s.options = append(s.options, rulebook.AsOf(c.AsOf))
			}
			if _, err := s.ask(t, s.facts); err == nil {
				all = append(all, s)
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

// sparse is n, and less where more is to be tried.
func sparse(n int) int { return testsize.Pick(n, n/4, n/4) }

func (s sample) ask(t *testing.T, facts factset.Tree) (*rulebook.Answer, error) {
	return s.book.Ask(t.Context(), s.q.ID, facts, s.options...)
}

// put is a fact set with changes, made without the code under test: by the text
// of their paths.
func put(t *testing.T, facts factset.Tree, changes []whatif.Change) factset.Tree {
	t.Helper()
	for _, c := range changes {
		if c.Gone {
			facts = factset.Without(facts, factset.ParsePath(c.Place.Path.String()))
		} else {
			facts = factset.With(facts, factset.ParsePath(c.Place.Path.String()), c.To)
		}
	}
	return facts
}

// What a flip says is so: asking the changed facts gives its verdict, another
// one than before. No whole number nearer to what it was does, and no flag or
// word that does is left out.
func TestFlipsAreNearestAndTrue(t *testing.T) {
	flipped := 0
	for _, s := range samples(t, sparse(48)) {
		found, err := whatif.NearestFlips(t.Context(), s.book, s.q, s.facts, whatif.Target{}, s.options...)
		require.NoError(t, err, s.name)
		before, err := s.ask(t, s.facts)
		require.NoError(t, err)
		nearest := map[string]int64{} // of numbers, by path
		said := map[string]bool{}
		for _, f := range found.Nearby {
			a, err := s.ask(t, put(t, s.facts, f.Changes))
			require.NoError(t, err, s.name)
			assert.Equal(t, f.Answer.Verdict, a.Verdict, s.name)
			assert.NotEqual(t, before.Verdict, a.Verdict, s.name)
			assert.NotEqual(t, policy.Undetermined, a.Verdict, s.name)
			flipped++
			if len(f.Changes) != 1 {
				continue
			}
			c := f.Changes[0]
			said[c.Place.Path.String()] = true
			if was, now, ok := numbers(c); ok {
				d := max(now-was, was-now)
				if old, known := nearest[c.Place.Path.String()]; !known || d < old {
					nearest[c.Place.Path.String()] = d
				}
			}
		}
		for _, p := range factset.Places(s.q, s.facts) {
			at, ok := p.Value.(json.Number)
			switch {
			case ok && p.Fact.TypeName == "count":
				was, _ := at.Int64()
				limit, known := nearest[p.Path.String()]
				const tried = 40 // as far as this test goes by ones
				for d := int64(1); d <= tried && (!known || d < limit); d++ {
					for _, n := range []int64{was - d, was + d} {
						a, err := s.ask(t, factset.With(s.facts, p.Path, json.Number(strconv.FormatInt(n, 10))))
						if err == nil && a.Error == nil && a.Verdict != policy.Undetermined && len(found.Nearby) > 0 && len(found.Nearby[0].Changes) == 1 {
							assert.Equal(t, before.Verdict, a.Verdict, "%s: %s = %d flips, and is nearer than %d", s.name, p.Path, n, limit)
						}
					}
				}
			case p.Fact.TypeName == "yes_no" && p.Given && p.Value != nil:
				a, err := s.ask(t, factset.With(s.facts, p.Path, p.Value == false))
				if err == nil && a.Error == nil && a.Verdict != before.Verdict && a.Verdict != policy.Undetermined {
					assert.True(t, said[p.Path.String()], "%s: %s", s.name, p.Path)
				}
			}
		}
	}
	assert.Greater(t, flipped, 20)
}

func numbers(c whatif.Change) (was, now int64, ok bool) {
	x, isNumber := c.Place.Value.(json.Number)
	y, also := c.To.(json.Number)
	if !isNumber || !also {
		return 0, 0, false
	}
	was, _ = x.Int64()
	now, _ = y.Int64()
	return was, now, true
}

// A moment that flips a verdict is the last that does: a second nearer to what
// it was does not.
func TestMomentsFlipToTheSecond(t *testing.T) {
	moments := 0
	for _, s := range samples(t, sparse(36)) {
		found, err := whatif.NearestFlips(t.Context(), s.book, s.q, s.facts, whatif.Target{}, s.options...)
		require.NoError(t, err)
		for _, f := range found.Nearby {
			c := f.Changes[0]
			was, _ := c.Place.Value.(string)
			now, _ := c.To.(string)
			d, ok := whatif.Between(was, now)
			if len(f.Changes) != 1 || c.Place.Fact.TypeName != "moment" || !ok || d.Time == 0 {
				continue
			}
			moments++
			nearer := secondNearer(t, was, now)
			a, err := s.ask(t, factset.With(s.facts, c.Place.Path, nearer))
			if err == nil && a.Error == nil {
				assert.NotEqual(t, f.Answer.Verdict, a.Verdict, "%s: %s %s, and so is %s", s.name, c.Place.Path, now, nearer)
			}
		}
	}
	assert.Positive(t, moments)
}

// A verdict to come to is come to, or nothing is said.
func TestFlipsToAVerdict(t *testing.T) {
	reached := 0
	for _, s := range samples(t, sparse(1200)) {
		if s.q.Verdict == nil || s.q.Verdict.Words == nil {
			continue
		}
		for _, verdict := range s.q.Verdict.Words.Words {
			found, err := whatif.NearestFlips(t.Context(), s.book, s.q, s.facts, whatif.Target{To: verdict}, s.options...)
			require.NoError(t, err)
			for _, f := range found.Nearby {
				a, err := s.ask(t, put(t, s.facts, f.Changes))
				require.NoError(t, err)
				assert.Equal(t, verdict, a.Verdict)
				reached++
			}
		}
	}
	assert.Positive(t, reached)
}

// What two cases of a question differ in, and what makes their answers differ:
// put into the first, each cause gives the verdict of the second, and of those
// that do so together none can be left out.
func TestCausesAreWhatMakesAnswersDiffer(t *testing.T) {
	byQuestion := map[string][]sample{}
	for _, s := range samples(t, 5) {
		if len(s.options) == 0 {
			byQuestion[s.q.ID] = append(byQuestion[s.q.ID], s)
		}
	}
	explained := 0
	for id, all := range byQuestion {
		for i := 1; i < len(all); i++ {
			a := whatif.Side{Book: all[i-1].book, Facts: all[i-1].facts}
			b := whatif.Side{Book: all[i].book, Facts: all[i].facts}
			c, err := whatif.Compare(t.Context(), id, a, b)
			require.NoError(t, err)
			if c.A.Verdict == c.B.Verdict {
				continue
			}
			with := func(causes []whatif.Cause) string {
				facts := a.Facts
				for _, cause := range causes {
					if v, given := factset.At(b.Facts, factset.ParsePath(cause.Fact)); given {
						facts = factset.With(facts, factset.ParsePath(cause.Fact), v)
					} else {
						facts = factset.Without(facts, factset.ParsePath(cause.Fact))
					}
				}
				x, err := all[i].ask(t, facts)
				if err != nil {
					return err.Error()
				}
				return x.Verdict
			}
			assert.Equal(t, c.B.Verdict, with(c.Causes), "all that they differ in makes the one the other")
			require.True(t, len(c.Alone)+len(c.Together) > 0, "%s and %s", all[i-1].name, all[i].name)
			for _, cause := range c.Alone {
				assert.Equal(t, c.B.Verdict, with([]whatif.Cause{cause}))
			}
			for k := range c.Together {
				fewer := append(append([]whatif.Cause{}, c.Together[:k]...), c.Together[k+1:]...)
				assert.NotEqual(t, c.B.Verdict, with(fewer), "%s: %v can be left out", id, c.Together[k])
			}
			explained++
		}
	}
	assert.Positive(t, explained)
}

// A reading, and the rules, are causes like facts.
func TestReadingsAndRulesAreCauses(t *testing.T) {
	s := samples(t, 1_000_000)[0]
	facts, ok := factset.FromJSON([]byte(`{"area":{"id":"A1","type":"urban"},"month":"2025-06","households_month_end":6000,"complaint_calls_recorded_by_branch":6,"tickets":{"received":100,"replied_within_72h":100,"not_yet_due":0},"satisfaction":{"valid_responses":200,"satisfied":200}}`))
	require.True(t, ok)
	a := whatif.Side{Book: s.book, Facts: facts}
	c, err := whatif.Compare(t.Context(), "contracting.kpi", a, whatif.Side{Book: s.book, Facts: facts, Readings: map[string]string{"kpi.overall": "none"}})
	require.NoError(t, err)
	assert.Equal(t, []whatif.Cause{{Reading: "kpi.overall", A: "", B: "none"}}, c.Alone)

	data, err := os.ReadFile("../../rules.yaml")
	require.NoError(t, err)
	other, err := rulebook.Parse("rules.yaml", []byte(string(data)+"\n# another file\n"))
	require.NoError(t, err)
	c, err = whatif.Compare(t.Context(), "contracting.kpi", a, whatif.Side{Book: other, Facts: facts})
	require.NoError(t, err)
	assert.Empty(t, c.Differences)
	assert.Equal(t, []whatif.Cause{{Rulebook: true}}, c.Causes)
}

// With a third of the facts, what to ask for next leads somewhere: what is said to be
// enough is, and nothing else than what is missing is asked for.
func TestWhatToAskNext(t *testing.T) {
	decided := 0
	done := map[string]bool{}
	for _, s := range samples(t, 1) {
		if done[s.q.ID] {
			continue
		}
		done[s.q.ID] = true
		partial := s.facts
		for i, p := range factset.Places(s.q, s.facts) {
			if p.Given && !p.InList() && len(p.Fact.Fields) == 0 && p.Fact.Elem == nil && i%3 > 0 {
				partial = factset.Without(partial, p.Path)
			}
		}
		n, err := whatif.NextFacts(t.Context(), s.book, s.q, partial, s.options...)
		if err != nil {
			continue
		}
		missing := map[string]bool{}
		for _, m := range n.Answer.MissingFacts {
			missing[m.Fact] = true
		}
		for _, f := range n.Facts {
			assert.True(t, missing[f.Path] || len(f.Whole) > 0, "%s: %s", s.q.ID, f.Path)
			for _, path := range f.Whole {
				assert.True(t, missing[path], "%s: %s", s.q.ID, path)
			}
			assert.LessOrEqual(t, f.Decides, f.Tried)
		}
		if len(n.Fewest) > 0 {
			a, err := s.ask(t, put(t, partial, n.Fewest))
			require.NoError(t, err, s.q.ID)
			assert.Equal(t, n.Verdict, a.Verdict, s.q.ID)
			assert.NotEqual(t, policy.Undetermined, a.Verdict, s.q.ID)
			decided++
		}
	}
	assert.Greater(t, decided, 5)
}

// Every step of an explanation stands in the tree of its reasons once, and what
// it rests on has a step.
func TestReasonsAreTheStepsAsATree(t *testing.T) {
	deep := 0
	for _, s := range samples(t, 4) {
		a, err := s.ask(t, s.facts)
		require.NoError(t, err)
		count := map[string]int{}
		for _, step := range a.Steps("en") {
			count[step.Rule+step.Text]++
		}
		var walk func(all []*whatif.Reason, depth int)
		walk = func(all []*whatif.Reason, depth int) {
			for _, r := range all {
				count[r.Rule+r.Text]--
				deep = max(deep, depth)
				walk(r.Under, depth+1)
			}
		}
		walk(whatif.Why(a, "en"), 1)
		for text, n := range count {
			assert.Zero(t, n, "%s: %s", s.name, text)
		}
	}
	assert.GreaterOrEqual(t, deep, 3)
}

func TestDistances(t *testing.T) {
	for _, c := range []struct{ a, b, zh, en string }{
		{"2025-06-10T09:30:01+08:00", "2025-06-10T09:30:00+08:00", "1 秒", "1 s"},
		{"2025-06-10T01:30:00Z", "2025-06-10T09:30:00+08:00", "0 秒", "0 s"},
		{"2025-06-12T12:35:00+08:00", "2025-06-10T09:30:00+08:00", "2 天 3 小时 5 分", "2 d 3 h 5 min"},
		{"2025-06-12", "2025-06-10", "2 天", "2 days"},
		{"2025-06-09", "2025-06-10", "1 天", "1 day"},
		{"6/6000", "1/1000", "0 个百分点", "0 percentage points"},
		{"4/5000", "1/1000", "0.02 个百分点", "0.02 percentage points"},
		{"1/3", "1/1000", "≈ 33.2333 个百分点", "≈ 33.2333 percentage points"},
		{"3", "5", "2", "2"},
		{"1.50", "1", "0.5", "0.5"},
	} {
		d, ok := whatif.Between(c.a, c.b)
		require.True(t, ok, c.a)
		assert.Equal(t, policy.Text{ZH: c.zh, EN: c.en}, d.Text(), "%s and %s", c.a, c.b)
	}
	for _, pair := range [][2]string{{"hall", "3"}, {"2025-06-10", "3"}, {"", ""}, {"1/0", "1"}} {
		_, ok := whatif.Between(pair[0], pair[1])
		assert.False(t, ok, fmt.Sprint(pair))
	}
}

// secondNearer is the moment a second nearer to what it was than it is now.
func secondNearer(t *testing.T, was, now string) string {
	t.Helper()
	x, err := time.Parse(time.RFC3339Nano, was)
	require.NoError(t, err)
	y, err := time.Parse(time.RFC3339Nano, now)
	require.NoError(t, err)
	if y.After(x) {
		return y.Add(-time.Second).Format(time.RFC3339Nano)
	}
	return y.Add(time.Second).Format(time.RFC3339Nano)
}

// Values come to exactly what they are to be, however that is written; what they
// cannot be is refused.
func TestFlipsToAValue(t *testing.T) {
	book, err := rulebook.Load("../../examples/rulebooks/cloud-sla.yaml")
	require.NoError(t, err)
	q, ok := book.Rulebook().Question("service.month")
	require.True(t, ok)
	var credit *policy.QuestionValue
	for _, v := range q.Values {
		if v.Name == "credit" {
			credit = v
		}
	}
	require.NotNil(t, credit)
	for _, text := range []string{"500", "500.00", " 500.00 USD "} {
		to, err := whatif.ReadTarget(credit, text, book.Rulebook().Zone)
		require.NoError(t, err)
		assert.Equal(t, "500.00", to)
	}
	for _, text := range []string{"late", "500 EUR", "5.001", "2025-01-01"} {
		_, err := whatif.ReadTarget(credit, text, book.Rulebook().Zone)
		assert.Error(t, err, text)
	}
	files, err := filepath.Glob("../../examples/rulebooks/cloud-sla-cases/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var cases []*casefile.Case
	for _, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		f, found := casefile.Parse(name, data)
		require.Empty(t, found)
		cases = append(cases, f.Cases...)
	}
	reached := 0
	for _, c := range cases {
		if c.Question != q.ID || len(c.Readings) > 0 || reached > 3 {
			continue
		}
		facts := factset.FromNode(q, c.Facts)
		r, err := whatif.NearestFlips(t.Context(), book, q, facts, whatif.Target{Value: "credit", To: "500.00"})
		if err != nil {
			continue
		}
		for _, flip := range r.Nearby {
			a, err := book.Ask(t.Context(), q.ID, put(t, facts, flip.Changes))
			require.NoError(t, err)
			for v := range a.Values() {
				if v.Name == "credit" {
					assert.Equal(t, `"500.00"`, string(v.AppendJSON(nil)))
					reached++
				}
			}
		}
	}
	assert.Positive(t, reached)
}

// Where facts choose the currency, an amount that is looked for has one, and only
// an amount of that currency is what is looked for.
func TestTargetOfACurrency(t *testing.T) {
	book, err := rulebook.Parse("rules.yaml", []byte(`
rulebook: {languages: [en], id: parcels, title: Parcels, zone: UTC, currency: EUR, in_force: {from: 2020-01-01}}
facts:
  cur: {en: currency, type: word, words: {eur: euro, usd: dollar, jpy: yen}}
  n: {en: number, type: count}
questions:
  bill:
    en: what is due
    facts: [cur, n]
    rules: [price]
    verdict: {is: '"due"', words: {due: due}}
    values: {fee: {en: fee, is: price.value * n}}
regulations:
  r:
    en: R
    articles:
      "1":
        nature: sanction
        title: One
        text: Text.
        figures: {price: {en: price, is: {by: cur, eur: 1 EUR, usd: 1 USD, jpy: 100 JPY}}}
`))
	require.NoError(t, err)
	q, _ := book.Rulebook().Question("bill")
	fee, _ := q.ValueAt("fee")
	flips := func(to string) (all []string) {
		if to != "" {
			to, err = whatif.ReadTarget(fee, to, time.UTC)
			require.NoError(t, err)
		}
		facts := factset.Tree{"cur": "eur", "n": json.Number("3")}
		r, err := whatif.NearestFlips(t.Context(), book, q, facts, whatif.Target{Value: "fee", To: to})
		require.NoError(t, err)
		for _, f := range r.Nearby {
			for _, c := range f.Changes {
				all = append(all, fmt.Sprint(c.Place.Path, " ", c.To))
			}
		}
		return all
	}
	assert.Equal(t, []string{"n 5"}, flips("5 EUR"))
	assert.Equal(t, []string{"cur usd"}, flips("3 USD"))
	assert.Equal(t, []string{"cur jpy"}, flips("300 JPY"))
	assert.Contains(t, flips(""), "cur usd", "3.00 EUR and 3.00 USD are not the same")
	_, err = whatif.ReadTarget(fee, "5", time.UTC)
	var wrong *whatif.TargetError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, "write an amount, such as 9.98 EUR", wrong.Remedy.EN)
}
