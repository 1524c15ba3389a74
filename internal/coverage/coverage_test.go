package coverage_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/coverage"
)

func measured(t *testing.T, cases string) (*rulebook.Book, *coverage.Report, []*casefile.File) {
	t.Helper()
	book, err := rulebook.Load("../mutate/testdata/bakery.yaml")
	require.NoError(t, err)
	f, found := casefile.Parse("cases.yaml", []byte(cases))
	require.Empty(t, found)
	r, err := coverage.Measure(context.Background(), book, []*casefile.File{f})
	require.NoError(t, err)
	return book, r, []*casefile.File{f}
}

const one = `
cases:
  - name: 正好五百克
    question: loaf
    facts: {flaws: [], weight: 500, bags: [{name: a, label: true, price: false}], baker: anna}
    expect: {verdict: good}
`

// told are the missing items, as people read them.
func told(r *coverage.Report) string {
	var all []string
	for _, i := range r.Missing() {
		all = append(all, i.Told().EN)
	}
	return strings.Join(all, "\n")
}

func TestWhatOneCaseComesTo(t *testing.T) {
	_, r, _ := measured(t, one)
	missing := told(r)
	for _, want := range []string{
		"no case of loaf comes to bad",
		"weight >= 500 never fails to hold",
		"weight >= 400 never holds", // that reading was never asked under
		"weight < 100 never holds",
		"the two sides of weight < 100 are never the same",
		"no case falls in the row {where: {weight: below 500}, gives: {yuan: 5}}",
		"no case is answered under grams_400 of reading weight.least",
		"weight >= 400 is never evaluated", // likewise
	} {
		assert.Contains(t, missing, want)
	}
	for _, not := range []string{
		"weight >= 500 never holds", "sides of weight >= 500", "yuan: 8", "grams_500 of", "no case asks", "comes to good",
		".label never holds", // one item of a list is enough
	} {
		assert.NotContains(t, missing, not)
	}
	assert.Contains(t, missing, ".label never fails to hold")
}

// Another case takes away what it comes to, and adds nothing.
func TestMoreCasesCoverMore(t *testing.T) {
	_, before, _ := measured(t, one)
	_, after, _ := measured(t, one+`
  - {name: 少一克, question: loaf, readings: {weight.least: grams_400}, facts: {flaws: [burnt], weight: 99}, expect: {verdict: bad}}
`)
	assert.Less(t, len(after.Missing()), len(before.Missing()))
	now := map[string]int{}
	for _, i := range after.Items {
		now[i.Span.String()+i.Told().EN] = i.Cases
	}
	for _, i := range before.Items {
		assert.Contains(t, now, i.Span.String()+i.Told().EN)
		assert.GreaterOrEqual(t, now[i.Span.String()+i.Told().EN], i.Cases)
	}
	assert.NotContains(t, told(after), "weight < 100 never holds")
	assert.NotContains(t, told(after), "grams_400 of reading")
}

// A suggestion, finished with what the rules say today, covers what it says.
func TestSuggestionsCoverWhatTheySay(t *testing.T) {
	book, r, files := measured(t, one)
	suggestions, err := coverage.Suggest(context.Background(), book, files, 1500)
	require.NoError(t, err)
	require.NotEmpty(t, suggestions)
	var cases strings.Builder
	cases.WriteString(one)
	promised := 0
	for n, s := range suggestions {
		promised += len(s.Covers)
		d := &casefile.Draft{
			Name: "new " + string(rune('a'+n)), Question: s.Question, Facts: s.Trial.Facts, AsOf: s.Trial.AsOf, Readings: s.Trial.Readings,
			Expect: "{verdict: " + s.Answer.Verdict + "}",
		}
		cases.WriteString(d.YAML())
	}
	_, after, _ := measured(t, cases.String())
	assert.Equal(t, len(r.Missing())-promised, len(after.Missing()), told(after))
	assert.NotContains(t, told(after), "weight < 100 never holds")
	assert.NotContains(t, told(after), "the two sides of weight < 100 are never the same")
}

func TestPage(t *testing.T) {
	book, r, _ := measured(t, one)
	for _, lang := range []string{"zh", "en"} {
		var b strings.Builder
		require.NoError(t, coverage.HTML(&b, book.Rulebook(), r, lang))
		assert.Contains(t, b.String(), `<html lang="`+lang+`">`)
		assert.Contains(t, b.String(), `class="none"`)
		assert.NotContains(t, b.String(), "src=")
		assert.NotContains(t, b.String(), "http")
		assert.Equal(t, strings.Count(string(book.Rulebook().Source()), "\n"), strings.Count(b.String(), `<div id="L`))
	}
}

// The example cases of the regulations come to every question, article and rule.
func TestOwnCases(t *testing.T) {
	book, err := rulebook.Load("../../rules.yaml")
	require.NoError(t, err)
	var files []*casefile.File
	for _, dir := range []string{"../../examples/cases/", "../../examples/cases/own/"} {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".yaml") {
				continue
			}
			data, err := os.ReadFile(dir + e.Name())
			require.NoError(t, err)
			f, found := casefile.Parse(e.Name(), data)
			require.Empty(t, found)
			files = append(files, f)
		}
	}
	r, err := coverage.Measure(context.Background(), book, files)
	require.NoError(t, err)
	for _, k := range []coverage.Kind{coverage.Question, coverage.Article, coverage.Rule} {
		covered, all := r.Of(k)
		assert.Equal(t, all, covered, k)
	}
}

// The key of a table is evaluated where a row is looked for by it.
func TestKeysOfTablesAreEvaluated(t *testing.T) {
	text, err := os.ReadFile("../mutate/testdata/bakery.yaml")
	require.NoError(t, err)
	book, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(string(text), "keys: {weight: weight}", "keys: {weight: weight + 0}", 1)))
	require.NoError(t, err)
	f, found := casefile.Parse("cases.yaml", []byte(one))
	require.Empty(t, found)
	r, err := coverage.Measure(context.Background(), book, []*casefile.File{f})
	require.NoError(t, err)
	assert.NotContains(t, told(r), "weight + 0 is never evaluated")
	assert.Contains(t, told(r), "no case falls in the row {where: {weight: below 500}, gives: {yuan: 5}}")
}

// What a rule has from another one is told of it by its name. The status of a clock
// of which nothing is deemed done need not be deemed on time.
func TestWhatIsTakenOverIsToldByName(t *testing.T) {
	const text = `rulebook: {id: a, title: A, zone: UTC, in_force: {from: 2020-01-01}, languages: [en]}
facts:
  weight: {en: weight, type: count}
  volume: {en: volume, type: count}
  opened: {en: opened, type: moment}
  closed: {en: closed, type: moment}
  size: {en: size, type: word, words: {small: small, medium: medium, large: large}}
regulations:
  a:
    en: A
    articles:
      "1":
        nature: duty
        title: One
        text: By weight, in a day.
        tables:
          price: {en: price, keys: {size: weight}, rows: [{where: {size: below 500}, gives: {yuan: 5}}, {where: {size: from 500}, gives: {yuan: 8}}]}
          other: {en: other price, like: price, in_place_of: {weight: volume}}
          boxes: {en: boxes, keys: {size: size}, rows: [{where: {size: small}, gives: {n: 1}}, {where: {size: [medium, large]}, gives: {n: 2}}]}
        clocks:
          run: {en: run, done: closed, breach: late}
        deadlines:
          day: {en: day, part_of: run, from: opened, within: 24 hours}
questions:
  q: {en: q, facts: [weight, volume, opened, closed, size], rules: [run], verdict: {is: run.status}, values: {n: {en: n, is: boxes.n}, p: {en: p, is: price.yuan}, o: {en: o, is: other.yuan}}}
`
	book, err := rulebook.Parse("rules.yaml", []byte(text))
	require.NoError(t, err)
	f, found := casefile.Parse("cases.yaml", []byte("cases:\n- {name: a, question: q, facts: {weight: 1, volume: 1, size: small}, expect: {}}\n"))
	require.Empty(t, found)
	r, err := coverage.Measure(t.Context(), book, []*casefile.File{f})
	require.NoError(t, err)
	assert.NotContains(t, told(r), "deemed_on_time")
	missing := strings.Split(told(r), "\n")
	assert.Contains(t, missing, "no case of q comes to late")
	assert.Contains(t, missing, "no case falls in the row {where: {size: [medium, large]}, gives: {n: 2}}", "the words of a row are told")
	assert.NotContains(t, missing, "[medium, large] never holds", "of that row, and once")
	assert.Contains(t, missing, "no case falls in the row {where: {size: from 500}, gives: {yuan: 8}}")
	assert.Contains(t, missing, "rule a.other: no case falls in the row {where: {size: from 500}, gives: {yuan: 8}}")
}

// A row is fallen in where it is picked: on whatever day, whatever of its results
// is asked for, and not where it only may be the one. Its cells are told by what
// they say, with their key.
func TestRowsThatArePicked(t *testing.T) {
	const text = `rulebook: {id: a, title: A, zone: UTC, in_force: {from: 2020-01-01}, languages: [en], currency: GBP}
facts:
  on: {en: day, type: date, if_absent: unknown}
  cause: {en: cause, type: word, words: {frost: frost, burst: burst}}
  hours: {en: hours, type: count}
  strike: {en: strike, type: yes_no}
regulations:
  a:
    en: A
    articles:
      "1":
        nature: right
        title: One
        text: By cause and hours.
        tables:
          price:
            en: price
            keys: {cause: cause, hours: hours, excepted: strike and hours < 90}
            rows:
              - {where: {cause: frost}, gives: {first: {by: date, 2020-01-01: 10 GBP, 2025-01-01: 20 GBP}, again: 5 GBP}}
              - {where: {cause: burst, hours: below 12}, gives: {first: 0 GBP, again: 0 GBP}}
              - {where: {cause: burst, hours: from 12, excepted: no}, gives: {first: 30 GBP, again: 0 GBP}}
              - {where: {cause: burst, hours: from 12, excepted: yes}, gives: {first: 0 GBP, again: 0 GBP}}
questions:
  q: {en: q, facts: [on, cause, hours, strike], governed_by: on, rules: [price], verdict: {is: "price.first > 0 GBP ? 'due' : 'nothing'", words: {due: due, nothing: nothing}}, values: {again: {en: again, is: price.again}}}
`
	book, err := rulebook.Parse("rules.yaml", []byte(text))
	require.NoError(t, err)
	measure := func(facts string) string {
		f, found := casefile.Parse("cases.yaml", []byte("cases:\n- {name: a, question: q, facts: {"+facts+"}, expect: {}}\n"))
		require.Empty(t, found)
		r, err := coverage.Measure(t.Context(), book, []*casefile.File{f})
		require.NoError(t, err)
		return told(r)
	}
	const row = "no case falls in the row {where: {cause: "
	missing := measure("on: 2025-06-01, cause: frost, hours: 3, strike: false")
	assert.NotContains(t, missing, row+"frost", "the row is picked by what it is on a later day")
	assert.Equal(t, 3, strings.Count(missing, row+"burst"), missing)
	for _, said := range []string{"yes never", "no never", "frost never", "yes is never evaluated", "the two sides of yes"} {
		assert.NotContains(t, missing, said)
	}
	assert.Contains(t, missing, "no case is exactly at an end of hours: from 12")
	assert.Contains(t, missing, "strike never holds", "of the key")

	missing = measure("on: 2025-06-01, cause: burst")
	assert.Equal(t, 3, strings.Count(missing, row+"burst"), "each may be the one, and none is\n%s", missing)
	missing = measure("on: 2025-06-01, cause: burst, hours: 12, strike: true")
	assert.Equal(t, 2, strings.Count(missing, row+"burst"), missing)
	assert.NotContains(t, missing, "exactly at an end of")
}
