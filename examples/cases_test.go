package examples

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/rulestest"
)

func TestCases(t *testing.T) {
	rulestest.Run(t, gulin(t), os.DirFS("."), "cases")
}

func TestScenarios(t *testing.T) {
	rulestest.Run(t, gulin(t), os.DirFS("."), "scenarios")
}

func gulin(t *testing.T) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Load("../rules.yaml")
	require.NoError(t, err)
	return book
}

// allCases are the cases of every file that does not change the rules.
func allCases(t *testing.T) []*casefile.Case {
	t.Helper()
	var all []*casefile.Case
	err := fs.WalkDir(os.DirFS("."), "cases", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, found := casefile.Parse(name, data)
		if f == nil {
			return found
		}
		require.Empty(t, f.Changes, name)
		all = append(all, f.Cases...)
		return nil
	})
	require.NoError(t, err)
	return all
}

// shelf is a book under the readings of cases: each set of readings is made
// ready once.
type shelf struct {
	book  *rulebook.Book
	under map[string]*rulebook.Book
}

func newShelf(book *rulebook.Book) *shelf {
	return &shelf{book, map[string]*rulebook.Book{"": book}}
}

// with is the book under the settings.
func (s *shelf) with(t *testing.T, settings []casefile.Setting) *rulebook.Book {
	t.Helper()
	key := ""
	var options []rulebook.Option
	for _, x := range settings {
		key += x.Key + "=" + x.Option + " "
		options = append(options, rulebook.Reading(x.Key, x.Option))
	}
	if s.under[key] == nil {
		book, err := s.book.With(options...)
		require.NoError(t, err)
		s.under[key] = book
	}
	return s.under[key]
}

// answer is what the book says to a case under the case's readings, nil where
// the facts are refused.
func (s *shelf) answer(t *testing.T, c *casefile.Case) (*rulebook.Answer, error) {
	t.Helper()
	return answerOf(t, s.with(t, c.Readings), c)
}

func answerOf(t *testing.T, book *rulebook.Book, c *casefile.Case) (*rulebook.Answer, error) {
	t.Helper()
	if c.AsOf.IsZero() {
		return book.Ask(t.Context(), c.Question, c.Facts)
	}
	return book.Ask(t.Context(), c.Question, c.Facts, rulebook.AsOf(c.AsOf))
}

// bare is an answer, or a refusal, without the readings and the edition: what
// an organisation would notice.
func bare(answer *rulebook.Answer, err error) string {
	if err != nil {
		return err.Error()
	}
	a := *answer
	a.Readings, a.Rulebook = nil, policy.Stamp{}
	return string(a.AppendJSON(nil, false))
}

// An option without effect on any case, and why.
var noEffect = map[string]string{
	"calendar.rural = separate":   "the rural calendar has no closures yet; scenarios/rural-calendar.yaml gives it one",
	"ladder.subject = area":       "the count comes in as a fact, and a history is asked for one subject",
	"ladder.subject = department": "the count comes in as a fact, and a history is asked for one subject",
}

// Every option that stands in a reading changes the answer of some case, or
// is known to change none. A reading with a single option has nothing to
// choose: bounds.convention, contracting.range, kpi.rounding.
func TestEveryOptionHasAnEffectOrAReason(t *testing.T) {
	book := gulin(t)
	cases := allCases(t)
	var single []string
	for _, r := range book.Rulebook().Readings {
		chosen, ok := book.Chosen(r.Key, time.Time{})
		require.True(t, ok, r.Key)
		options := others(r, chosen)
		if len(options) == 0 {
			single = append(single, r.Key)
		}
		for _, option := range options {
			name := r.Key + " = " + option
			_, none := noEffect[name]
			witness := witness(t, book, cases, r.Key, chosen, option)
			switch {
			case none && witness != nil:
				t.Errorf("%s is said to change nothing, but it changes %q", name, witness.Name)
			case !none && witness == nil:
				t.Errorf("%s changes no case", name)
			}
		}
	}
	assert.Equal(t, []string{"bounds.convention", "contracting.range", "kpi.rounding"}, single)
	assert.Len(t, book.Rulebook().Readings, 68)
}

// others are the options that are not chosen, with a sample argument. Of a
// reading that takes several options, they are each option alone, and each
// that is not chosen beside the chosen ones.
func others(r *policy.Reading, chosen string) []string {
	var all []string
	for _, o := range r.Options {
		option := o.Name
		switch o.Parameter {
		case "clock_time":
			option += ":18:00"
		case "percent":
			option += ":70"
		case "hours", "working_days", "count":
			option += ":2"
		}
		if option != chosen {
			all = append(all, option)
		}
		if r.Several && !slices.Contains(strings.Split(chosen, ","), option) {
			all = append(all, chosen+","+option)
		}
	}
	return all
}

// witness is a case whose answer is another under the option; nil if there is
// none. Cases with readings of their own take part where they name this one.
func witness(t *testing.T, book *rulebook.Book, cases []*casefile.Case, key, chosen, option string) *casefile.Case {
	t.Helper()
	books := newShelf(book)
	for _, c := range cases {
		var others []casefile.Setting
		for _, s := range c.Readings {
			if s.Key != key {
				others = append(others, s)
			}
		}
		if len(others) > 0 && len(others) == len(c.Readings) {
			continue
		}
		before := bare(answerOf(t, books.with(t, append(slices.Clip(others), casefile.Setting{Key: key, Option: chosen})), c))
		after := bare(answerOf(t, books.with(t, append(slices.Clip(others), casefile.Setting{Key: key, Option: option})), c))
		if before != after {
			return c
		}
	}
	return nil
}

// The cases reach whatever the rulebook can say: each rule applies, each
// article with rules is cited, each word of a verdict and of a finding occurs.
func TestCasesReachEverything(t *testing.T) {
	book := gulin(t)
	b := book.Rulebook()
	cited, applied, verdicts, said := set{}, set{}, set{}, set{}
	books := newShelf(book)
	for _, c := range allCases(t) {
		answer, err := books.answer(t, c)
		if err != nil {
			continue
		}
		cited.add(answer.Cites...)
		applied.add(answer.Rules...)
		verdicts.add(c.Question+" "+answer.Verdict, answer.Verdict)
		for _, x := range answer.Breaches {
			said.add(x.Code)
		}
		for _, x := range answer.Liable {
			said.add(x.Role)
		}
		for _, field := range []string{"blockers", "extension_defects", "options", "required_steps", "penalty_kinds", "missing", "missing_fields"} {
			words, _ := answer.Words(field)
			said.add(words...)
		}
		for _, field := range []string{"action", "reason", "priority", "status", "notice", "band", "advised"} {
			word, _ := answer.Word(field)
			said.add(word)
		}
	}
	for _, reg := range b.Regulations {
		for _, a := range reg.Articles {
			if len(a.Rules) > 0 {
				assert.True(t, cited[a.ID], "no case cites %s", a.ID)
			}
		}
	}
	for _, r := range b.Rules() {
		assert.True(t, applied[r.ID], "%s applies in no case", r.ID)
	}
	for _, q := range b.Questions {
		// What happened or not, and who employs somebody, is never unknown.
		if q.ID != "supervision.scope" && q.ID != "supervision.finding" {
			assert.True(t, verdicts[q.ID+" "+policy.Undetermined], "no case of %s lacks a fact", q.ID)
		}
		for _, word := range q.Verdict.Words.Words {
			// A list that several questions share need not be used up by each.
			assert.True(t, verdicts[word], "no case has the verdict %s of %s", word, q.ID)
		}
	}
	for _, list := range b.Words {
		if !slices.Contains([]string{
			"breach_code", "blocker", "extension_defect", "not_accountable_reason", "measure", "contact_action",
			"referral_step", "priority", "penalty_kind", "clock_status", "notice_state_word", "liable_role",
			"card_field", "publication_channel", "scheme",
		}, list.Name) {
			continue
		}
		for _, word := range list.Words {
			assert.True(t, said[word], "no case says %s of %s", word, list.Name)
		}
	}
}

type set map[string]bool

func (s set) add(words ...string) {
	for _, w := range words {
		s[w] = true
	}
}

// J7: with its date, a change leaves every answer about earlier days as it
// was; without, the answers that change are just those that rest on what was
// changed.
func TestChangeOfTheRules(t *testing.T) {
	book := gulin(t)
	before := newShelf(book)
	dated, undated := newShelf(changed(t, book, "scenarios/j7-dated.yaml")), newShelf(changed(t, book, "scenarios/j7-undated.yaml"))
	cases := allCases(t)

	t.Run("dated", func(t *testing.T) {
		compared := 0
		for _, c := range cases {
			after, err := dated.answer(t, c)
			// What nobody dated does not say which rules it falls under.
			if err != nil || after.Rulebook.Edition != "2011-05-20" {
				continue
			}
			compared++
			assert.Equal(t, bare(before.answer(t, c)), bare(after, nil), c.Name)
		}
		assert.Greater(t, compared, 150)
	})

	t.Run("undated", func(t *testing.T) {
		flips := map[string]int{}
		for _, c := range cases {
			if bare(before.answer(t, c)) != bare(undated.answer(t, c)) {
				flips[c.Question]++
			}
		}
		assert.Equal(t, []string{"accountability.fine", "accountability.history", "time_limit.request"}, slices.Sorted(maps.Keys(flips)))
		assert.Greater(t, flips["time_limit.request"], 24, "dozens of installations")
	})
}

// J2: a bound that takes in its own limit turns exactly the cases that stand
// on it.
func TestAtMostTurnsOnlyTheLimitItself(t *testing.T) {
	before := gulin(t)
	after := changed(t, before, "scenarios/j2-at-most.yaml")
	turned := 0
	for _, c := range allCases(t) {
		if len(c.Readings) > 0 { // the change names no readings
			continue
		}
		answer, err := answerOf(t, before, c)
		if bare(answer, err) == bare(answerOf(t, after, c)) {
			continue
		}
		turned++
		num, den, ok := answer.Ratio("complaint_rate.ratio")
		assert.True(t, ok && num*1000 == den, "%s: %d/%d", c.Name, num, den)
	}
	assert.GreaterOrEqual(t, turned, 4)
}

// J7: a quantity in the place of a number does not load. The finding says
// where it stands, in both languages.
func TestTypoDoesNotLoad(t *testing.T) {
	source := string(gulin(t).Rulebook().Source())
	const row = "hall:\n                rank: 1\n"
	require.Equal(t, 1, strings.Count(source, row))
	_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(source, row, "hall:\n                rank: 4个工作日\n", 1)))
	var found diagnostic.List
	require.True(t, errors.As(err, &found), "%v", err)
	i := slices.IndexFunc(found, func(d diagnostic.Diagnostic) bool { return d.Severity == diagnostic.Error })
	require.GreaterOrEqual(t, i, 0)
	line := strings.Count(source[:strings.Index(source, row)], "\n") + 2
	assert.Contains(t, found[i].Span.String(), fmt.Sprintf("rules.yaml:%d:23", line))
	assert.NotEmpty(t, found[i].Message.ZH)
	assert.NotEmpty(t, found[i].Message.EN)
	assert.NotEmpty(t, found[i].Remedy.ZH)
}

func changed(t *testing.T, book *rulebook.Book, name string) *rulebook.Book {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	f, found := casefile.Parse(name, data)
	require.NotNil(t, f, "%v", found)
	require.NotEmpty(t, f.Changes)
	book, err = casefile.Book(book, f)
	require.NoError(t, err)
	return book
}
