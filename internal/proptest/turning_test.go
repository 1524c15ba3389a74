package proptest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
)

// Property: where another option of a reading changes what is answered, the
// answer lists the reading. It is tried on every example case, under what the
// rulebook chooses and, where it is said, under options of other readings (see
// basesOf); and on facts made up.
func TestAnswersListEveryReadingTheyTurnOn(t *testing.T) {
	for _, x := range []struct{ book, cases string }{
		{"rules.yaml", "examples/cases"},
		{"examples/rulebooks/service-desk.yaml", "examples/rulebooks/service-desk-cases"},
		{"internal/load/testdata/library.yaml", ""},
	} {
		book := fileBook(t, x.book)
		b := book.Rulebook()
		turns, cases := newTurning(book), casesIn(t, x.cases)
		for i := 0; i < len(cases); i += testsize.Pick(15, 3, 1) {
			c := cases[i]
			turns.require(t, c.Question, c.Facts, c.AsOf, c.Readings)
		}
		many, seed := basesOf(t)
		turns.bases(t, cases, many, rand.New(rand.NewPCG(seed, 7)))
		rng := rand.New(rand.NewPCG(19, 84))
		for _, q := range b.Questions {
			g := newGenerator(19)
			for i := range rounds(8, 30) {
				facts := g.facts(q)
				if i%2 == 0 {
					facts = newRandomFacts(rng, b, []int{0, 5, 30}[rng.IntN(3)]).Of(q)
				}
				turns.require(t, q.ID, facts, time.Time{}, nil)
			}
		}
		t.Logf("%s: %d answers under %d other options, which changed %d", x.book, turns.asked, turns.tries, turns.changed)
		require.Positive(t, turns.changed, x.book)
	}
}

// A clock lists the readings that it counts by, whichever way it comes to count:
// in hours that only run while it is open, to measure an extension, or from a
// return alone.
func TestClocksListTheReadingsTheyCountBy(t *testing.T) {
	turns := newTurning(fileBook(t, "rules.yaml"))
	fault := `{"request": {"kind": "fault", "severity": "ordinary", "received_at": "2025-01-29T20:00:00+08:00", %s}}`
	for name, x := range map[string]struct {
		facts  string
		chosen []setting
	}{
		"opening hours": {
			fmt.Sprintf(fault, `"completed_at": "2025-02-08T11:00:00+08:00"`), []setting{{Key: "period.hours_clock", Option: "business_hours"}},
		},
		"length of an extension": {
			fmt.Sprintf(fault, `"completed_at": "2025-02-08T11:00:00+08:00", "extension": {"reason": "x", "requested_at": "2025-01-30T09:00:00+08:00",
				"approved_at": "2025-01-30T10:00:00+08:00", "approver_role": "branch_leader_in_charge", "decision": "approved", "new_due_at": "2025-02-09T00:00:00+08:00"}`),
			[]setting{{Key: "extension.max", Option: "working_days:3"}},
		},
		"a return to what had not begun": {
			`{"request": {"kind": "install", "area_type": "urban", "customer_returned_at": "2025-06-10T09:00:00+08:00",
				"supplement": {"notice_at": "2025-06-08T09:00:00+08:00", "notice_complete": true, "lapsed_at": "2025-06-10T09:00:00+08:00"}}}`, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := turns.changed
			turns.require(t, "time_limit.request", []byte(x.facts), time.Date(2025, 6, 17, 0, 0, 0, 0, time.UTC), x.chosen)
			require.Greater(t, turns.changed, changed, "no reading changes anything: the test is idle")
		})
	}
}

// Where nothing can be answered, too, and where another option leads there:
// because of the day that picks the edition, or because something fails.
func TestFailuresListTheReadingsTheyTurnOn(t *testing.T) {
	file, err := os.ReadFile(inTree("internal/load/testdata/library.yaml"))
	require.NoError(t, err)
	const governed = "governed_by: {by: clock.start, lending: loan.lent_at, next_day: loan.lent_at}"
	const holds = `loan.kind in ["book", "disc"]`
	const guards = "        guards:\n"
	for name, replaced := range map[string][]string{
		"another day":          {governed, `governed_by: {by: clock.start, lending: loan.lent_at, next_day: "days_after(date_of(loan.lent_at), 1)"}`},
		"the moment of asking": {governed, "governed_by: {by: clock.start, lending: loan.lent_at, next_day: none}"},
		"or another day":       {governed, "governed_by: {by: clock.start, lending: none, next_day: loan.back_at}"},
		"any day":              {governed, `governed_by: {by: loan.length, as_book: loan.lent_at, days: "days_after(date_of(loan.lent_at), parameter)"}`},
		"out of scope":         {holds, `loan.kind in ["book"]`},
		"scope by a reading":   {holds, `{by: desk.calendar, state: loan.kind == "book", plain: loan.kind == "disc"}`},
		"scope that may fail":  {holds, `{by: desk.calendar, state: "working_days_between(date_of(loan.lent_at), date_of(loan.back_at)) > 2", plain: loan.kind == "disc"}`},
		"what nobody looks at": {guards, helpers, holds, `loan.kind == "disc" or many.value > 3`},
		"what one may look at": {guards, helpers, holds, `{by: loan.length, as_book: loan.kind == "disc", days: many.value > 3}`},
		"what another may be":  {guards, helpers, holds, `{by: fine.start, third: spare.value > 2, second: loan.renewals > 2}`},
		"what is not known":    {guards, helpers, holds, `{by: fine.start, third: many.value > 3, second: loan.renewed_by == "head"}`},
		"any day of one edition": {`governed_by: {by: clock.start, lending: loan.lent_at, next_day: loan.lent_at}`,
			`governed_by: {by: loan.length, as_book: loan.lent_at, days: "days_after(date_of(loan.lent_at), parameter)"}`,
			"{by: date, 2020-01-01: 20 working days, 2026-01-01: 15个工作日}", "20 working days"},
		"what fails by an option": {guards, helpers, holds, `{by: fine.start, third: loan.renewals >= 0, second: loan.renewals * 9000000000000000000 >= 0}`},
	} {
		t.Run(name, func(t *testing.T) {
			text := string(file)
			for i := 0; i < len(replaced); i += 2 {
				require.Contains(t, text, replaced[i])
				text = strings.Replace(text, replaced[i], replaced[i+1], 1)
			}
			for _, inForce := range []string{"{from: 2020-01-01, to: 2030-12-31}", "{from: 2020-01-01}"} {
				book, err := rulebook.Parse("library.yaml", []byte(strings.Replace(text, "{from: 2020-01-01, to: 2030-12-31}", inForce, 1)))
				require.NoError(t, err)
				turns := newTurning(book)
				for _, lent := range []string{"2019-12-31", "2020-01-01", "2025-12-31", "2026-01-01", "2029-12-20", "2030-12-31", "2031-01-01"} {
					for _, back := range []string{`"2029-06-01T10:00:00+08:00"`, `"2031-01-01T10:00:00+08:00"`, "null"} {
						for _, kind := range []string{`"book"`, `"disc"`, "null"} {
							for _, asOf := range []time.Time{{}, time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)} {
								facts := fmt.Sprintf(`{"loan": {"kind": %s, "lent_at": "%sT10:00:00+08:00", "back_at": %s, "renewals": 3}}`, kind, lent, back)
								turns.require(t, "loan.clock", []byte(facts), asOf, nil)
								turns.require(t, "loan.clock", []byte(facts), asOf, []setting{{Key: "desk.calendar", Option: "plain"}})
								turns.require(t, "loan.clock", []byte(facts), asOf, []setting{{Key: "loan.length", Option: "days:2"}})
							}
						}
					}
				}
				require.Positive(t, turns.failed, "nothing fails: the test is idle")
			}
		})
	}
}

// helpers are rules that come to nothing, or fail, under some facts and readings.
const helpers = `        figures:
          many:
            zh: 多少日
            en: how many days
            is: {by: desk.calendar, state: "working_days_between(date_of(loan.lent_at), date_of(loan.back_at))", plain: loan.renewals}
          spare:
            zh: 备用
            en: spare
            is: {by: loan.length, as_book: loan.renewals, days: many.value * 4000000000000000000}
        guards:
`

// The same of rulebooks made up.
func TestAnswersOfRandomBooksListEveryReading(t *testing.T) {
	asked, changed, failed := 0, 0, 0
	for seed := range uint64(40) {
		book, err := rulebook.Parse("random.yaml", []byte(newRandomBook(rand.New(rand.NewPCG(seed, 78))).text()))
		if err != nil {
			continue
		}
		b := book.Rulebook()
		turns, rng := newTurning(book), rand.New(rand.NewPCG(seed, 79))
		for _, q := range b.Questions {
			for range 10 {
				turns.require(t, q.ID, newRandomFacts(rng, b, []int{0, 5, 30}[rng.IntN(3)]).Of(q), time.Time{}, nil)
			}
		}
		asked, changed, failed = asked+turns.asked, changed+turns.changed, failed+turns.failed
		require.False(t, t.Failed(), "rulebook of seed %d", seed)
	}
	t.Logf("%d answers, of which other options changed %d; of the tries, %d failed", asked, changed, failed)
	require.Positive(t, failed)
}

// setting is the option of a reading.
type setting = casefile.Setting

// turning tries every option of every reading on questions.
type turning struct {
	book           *policy.Rulebook
	own            *run.Engine // under the rulebook's own readings
	engines        map[string]*run.Engine
	options        []setting                  // of every reading, with some arguments where an option takes one
	reached        map[string]map[string]bool // by question, the readings that its rules mention
	asked, changed int
	tries          int // of other options
	failed         int // of the tries, those in which nothing could be computed
}

// someArguments are arguments that options are tried with.
var someArguments = map[string][]string{
	"clock_time": {"17:00", "18:00"}, "hours": {"1", "48"}, "working_days": {"1", "3", "10"}, "percent": {"30", "80"}, "count": {"2", "30"}, "times": {"1", "2"},
}

func newTurning(book *rulebook.Book) *turning {
	b := book.Rulebook()
	x := &turning{own: run.Of(book), book: b, engines: map[string]*run.Engine{}, reached: map[string]map[string]bool{}}
	for _, q := range b.Questions {
		x.reached[q.ID] = readingsBehind(b, q.ID)
	}
	for _, r := range b.Readings {
		names := []string{}
		for _, o := range r.Options {
			names = append(names, o.Name)
			switch {
			case r.Several:
			case o.Parameter == "":
				x.options = append(x.options, setting{Key: r.Key, Option: o.Name})
			default:
				for _, argument := range someArguments[o.Parameter] {
					x.options = append(x.options, setting{Key: r.Key, Option: o.Name + ":" + argument})
				}
			}
		}
		for subset := 1; r.Several && subset < 1<<len(names); subset++ {
			var some []string
			for i, name := range names {
				if subset&(1<<i) != 0 {
					some = append(some, name)
				}
			}
			x.options = append(x.options, setting{Key: r.Key, Option: strings.Join(some, ",")})
		}
	}
	return x
}

// readingsBehind are the readings that a question, and the rules that it uses,
// mention in the file, and some more.
func readingsBehind(b *policy.Rulebook, question string) map[string]bool {
	_, text, _ := strings.Cut(string(b.Source()), "\nquestions:")
	_, text, _ = strings.Cut(text, "\n  "+question+":\n")
	if end := regexp.MustCompile(`(?m)^ {0,2}[^ #\n]`).FindStringIndex(text); end != nil {
		text = text[:end[0]]
	}
	word, by, taken := regexp.MustCompile(`\w+`), regexp.MustCompile(`by: ([\w.]+)`), map[string]bool{}
	partOf := regexp.MustCompile(`part_of: (\w+)`)
	for more := true; more; {
		more = false
		words := map[string]bool{}
		for _, w := range word.FindAllString(text, -1) {
			words[w] = true
		}
		for _, r := range b.Rules() {
			excerpt := b.Excerpt(r)
			group := partOf.FindStringSubmatch(excerpt)
			if !taken[r.ID] && (words[r.Name] || group != nil && words[group[1]]) {
				taken[r.ID], more = true, true
				text += "\n" + excerpt
			}
		}
	}
	found := map[string]bool{}
	for _, m := range by.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

func (x *turning) engine(t *testing.T, chosen []setting) *run.Engine {
	key := ""
	for _, s := range chosen {
		key += s.Key + "=" + s.Option + ";"
	}
	if e, ok := x.engines[key]; ok {
		return e
	}
	e := run.NewEngine(x.own.Book())
	if len(chosen) > 0 {
		before, last := x.engine(t, chosen[:len(chosen)-1]), chosen[len(chosen)-1]
		var err error
		if e, err = before.WithReading(last.Key, last.Option); err != nil {
			e = nil // these options do not fit together
		}
	}
	x.engines[key] = e
	return e
}

// require asks a question under every option and compares.
func (x *turning) require(t *testing.T, question string, facts any, asOf time.Time, chosen []setting) {
	base := x.ask(t, question, facts, asOf, chosen)
	if base == nil {
		return
	}
	x.asked++
	listed := map[string]bool{}
	for _, r := range base.Readings {
		listed[r.Key] = true
	}
	for _, s := range x.options {
		if !x.reached[question][s.Key] || slices.ContainsFunc(chosen, func(c setting) bool { return c.Key == s.Key }) {
			continue
		}
		other := x.ask(t, question, facts, asOf, append(slices.Clip(chosen), s))
		if other == nil {
			continue
		}
		x.tries++
		if base.Error != nil || other.Error != nil {
			x.failed++
		}
		if turns := whatIsAnswered(base) != whatIsAnswered(other); turns {
			x.changed++
			if !listed[s.Key] {
				data, _ := json.Marshal(facts)
				t.Errorf("%s turns on %s = %s and does not say so\nfacts %s\nas of %v, under %v\n%s\n%s", question, s.Key, s.Option, data, asOf, chosen,
					base.AppendJSON(nil, false), other.AppendJSON(nil, false))
				listed[s.Key] = true
			}
		}
	}
}

func (x *turning) ask(t *testing.T, question string, facts any, asOf time.Time, chosen []setting) *policy.Answer {
	e := x.engine(t, chosen)
	if e == nil {
		return nil
	}
	if m, ok := facts.(map[string]any); ok {
		data, err := json.Marshal(m)
		require.NoError(t, err)
		facts = data
	}
	checked, err := e.Check(question, facts)
	if err != nil {
		return nil // nothing is answered
	}
	a, err := e.Ask(checked, asOf)
	if err != nil {
		return nil // an argument that does not fit the rules
	}
	return a
}

// bases tries cases under options of readings that the cases do not name, each
// in its turn beside every other option: under so many for each question, chosen
// by chance, and under all where that is less.
func (x *turning) bases(t *testing.T, cases []*casefile.Case, many int, rng *rand.Rand) {
	byQuestion := map[string][]*casefile.Case{}
	for _, c := range cases {
		byQuestion[c.Question] = append(byQuestion[c.Question], c)
	}
	for _, question := range slices.Sorted(maps.Keys(byQuestion)) {
		reached := slices.DeleteFunc(slices.Clone(x.options), func(s setting) bool { return !x.reached[question][s.Key] })
		rng.Shuffle(len(reached), func(i, k int) { reached[i], reached[k] = reached[k], reached[i] })
		for _, s := range reached[:min(many, len(reached))] {
			for _, c := range byQuestion[question] {
				if !slices.ContainsFunc(c.Readings, func(r setting) bool { return r.Key == s.Key }) {
					x.require(t, c.Question, c.Facts, c.AsOf, append(slices.Clip(c.Readings), s))
				}
			}
			clear(x.engines) // each holds editions of its own
		}
	}
}

// basesOf says under how many options of other readings the cases of each question are
// tried beside, and by which seed they are chosen: RULEBOOK_TURNING=20 is under
// twenty, RULEBOOK_TURNING=all under every one, RULEBOOK_SEED=7 by another chance.
func basesOf(t *testing.T) (many int, seed uint64) {
	switch text := os.Getenv("RULEBOOK_TURNING"); {
	case text == "all":
		many = math.MaxInt
	case text != "":
		var err error
		many, err = strconv.Atoi(text)
		require.NoError(t, err, "RULEBOOK_TURNING is a number, or all")
	}
	if text := os.Getenv("RULEBOOK_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "RULEBOOK_SEED is a number")
	}
	return many, seed
}

// whatIsAnswered is what other readings may not change without a word.
func whatIsAnswered(a *policy.Answer) string {
	var tree map[string]json.RawMessage
	if json.Unmarshal(a.AppendJSON(nil, false), &tree) != nil {
		return ""
	}
	maps.DeleteFunc(tree, func(key string, _ json.RawMessage) bool {
		return !slices.Contains([]string{"verdict", "values", "breaches", "liable", "needs_decision", "missing_facts", "error"}, key)
	})
	data, _ := json.Marshal(tree)
	return string(bytes.TrimSpace(data))
}

func casesIn(t *testing.T, dir string) []*casefile.Case {
	if dir == "" {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(inTree(dir), "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	deeper, err := filepath.Glob(filepath.Join(inTree(dir), "*", "*.yaml"))
	require.NoError(t, err)
	names = append(names, deeper...)
	var all []*casefile.Case
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		f, found := casefile.Parse(name, data)
		require.NotNil(t, f, found)
		if len(f.Changes) == 0 {
			all = append(all, f.Cases...)
		}
	}
	return all
}
