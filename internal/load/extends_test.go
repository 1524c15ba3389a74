package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
)

const branchHead = "rulebook: {id: branch}\nextends: base.yaml\n"

// branchOf is a book on top of another one.
func branchOf(branch, base string) string {
	return joined([]beside{{"", "include: []\n" + branch}, {"base.yaml", base}})
}

// A branch that says nothing is as its base is.
func TestBranchThatChangesNothing(t *testing.T) {
	base, _ := parse(library(t))
	branch, found := parse(branchOf(branchHead+"# accepted: review_missing – 例 / an example\n", library(t)))
	require.NotNil(t, branch, "%v", found)
	require.Empty(t, found)
	assert.Equal(t, "branch", branch.ID)
	assert.Equal(t, base.Title, branch.Title)
	assert.Equal(t, "base.yaml", branch.Extends())
	assert.Empty(t, branch.Deviations())
	require.Len(t, branch.AllRules, len(base.AllRules))
	for i, r := range base.AllRules {
		assert.Equal(t, r.ID, branch.AllRules[i].ID)
		assert.Equal(t, base.Excerpt(r.Rule), branch.Excerpt(branch.AllRules[i].Rule))
	}
	assert.Equal(t, base.QuestionIDs(), branch.QuestionIDs())
	assert.Empty(t, base.Extends())
}

// Every mistake of a base is found through a branch as well, in the base.
func TestMistakesOfABase(t *testing.T) {
	rules, tried := library(t), 0
	for i, m := range mistakes(t) {
		text, _ := m.apply(t, rules)
		if i%sample() > 0 || len(m.Files) > 0 || strings.Contains(m.With, "include:") || m.code == "acceptance_idle" || m.code == "review_missing" {
			continue
		}
		if root, _ := source.Parse("", []byte(text)); root == nil || root.Get("rulebook").Get("id") == nil {
			continue
		}
		want := all(parse(text))
		if slices.ContainsFunc(want, func(d diagnostic.Diagnostic) bool {
			return d.Code == "file_cut_off" || d.Code == "acceptance_idle" || d.Span.Start.Line < 9
		}) {
			continue // the head of a branch is its own
		}
		for i := range want {
			want[i].Span.File = "base.yaml"
		}
		got := all(parse(branchOf(branchHead+"# accepted: review_missing – 例 / an example\n", text)))
		tried++
		assert.Equal(t, told(want), told(got), "%s/%s", m.code, m.What)
	}
	assert.Greater(t, tried, 30)
}

// Of every rule, every key may be changed where the base says so, and nowhere
// else: then the change is listed, with both values.
func TestWhatMayBeChanged(t *testing.T) {
	text := library(t)
	root, _ := source.Parse("library.yaml", []byte(text))
	tried := 0
	for _, article := range root.Get("regulations").Get("lending").Get("articles").Entries {
		for _, section := range article.Value.Entries {
			for _, rule := range section.Value.Entries {
				if section.Value.Get("zh") != nil || rule.Value.Kind != source.Map {
					continue
				}
				for i, e := range rule.Value.Entries {
					if i%testsize.Pick(4, 1, 1) > 0 {
						continue
					}
					tried++
					path := fmt.Sprintf("regulations: {lending: {articles: {%q: {%s: {%s: {%s: changed}}}}}}\n", article.Key.Text, section.Key.Text, rule.Key.Text, e.Key.Text)
					_, found := parse(branchOf(branchHead+path, text))
					require.Len(t, found, 1, "%s: %v", path, found)
					d := found[0]
					require.Equal(t, "not_changeable", d.Code)
					line := strings.Split(branchHead+path, "\n")[2]
					at := []rune(line)[d.Span.Start.Column-1 : d.Span.End.Column-1]
					assert.Equal(t, e.Key.Text, string(at), "the place is the word")
					assert.Equal(t, "library.yaml", d.Span.File)
					assert.Contains(t, d.Remedy.EN, "may_change: ["+e.Key.Text+"] there in base.yaml")
					checkWording(t, d)

					if rule.Value.Span.Start.Line == rule.Key.Span.Start.Line {
						continue // {…}: the mark is a line
					}
					indent := strings.Repeat(" ", e.Key.Span.Start.Column-1)
					marked := text[:e.Key.Start-len(indent)] + indent + "may_change: [" + e.Key.Text + "]\n" + text[e.Key.Start-len(indent):]
					same := strings.Replace(path, "changed}", "'"+strings.ReplaceAll(e.Value.Text, "'", "''")+"'}", 1)
					if e.Value.Kind == source.Scalar {
						book, found := parse(branchOf(branchHead+same, text))
						require.NotNil(t, book, "%s: %v", same, found)
						assert.Empty(t, book.Deviations(), "what is said alike is no change")
					}
					book, found := parse(branchOf(branchHead+path, marked))
					for _, d := range found {
						assert.NotEqual(t, "not_changeable", d.Code, "%s: %v", path, d)
					}
					if book == nil {
						continue
					}
					require.Len(t, book.Deviations(), 1)
					got := book.Deviations()[0]
					assert.Equal(t, "changed", got.Branch)
					assert.Equal(t, e.Value.Written(), got.Base)
					assert.Equal(t, "lending/"+article.Key.Text, got.Article)
					assert.Equal(t, e.Value.Path(), got.Path)
				}
			}
		}
	}
	assert.Greater(t, tried, 30)
}

// A change has the effect of the same change of the base, and so has what is
// added.
func TestBranchIsAsTheChangedBase(t *testing.T) {
	base := strings.Replace(library(t), "            last_day_ends: \"18:00\"\n", "            last_day_ends: \"18:00\"\n            may_change: [last_day_ends]\n", 1)
	require.NotEqual(t, library(t), base)
	branch := branchHead + `words: {kind: {map: {zh: 地图, en: map}}}
facts: {loan: {fields: {place: {zh: 位置, en: place, type: text}}}}
regulations:
  lending:
    articles:
      "2":
        clocks: {loan_clock: {last_day_ends: "20:00"}}
        deadlines: {map_time: {zh: 地图借期, en: time of a map, part_of: loan_clock, when: loan.kind == "map", within: 3 working days, from: loan.lent_at}}
      "1.2": {nature: purpose, title: {zh: 项, en: Item}, text: {zh: 项。, en: Item.}, decides_nothing: {zh: 无, en: none}}
`
	book, found := parse(branchOf(branch, base))
	require.NotNil(t, book, "%v", found)
	var numbers []string
	for _, a := range book.Regulations[0].Articles {
		numbers = append(numbers, a.Number)
	}
	assert.Equal(t, []string{"1", "1.1", "1.2", "2", "3", "4"}, numbers, "an item stands where its number belongs")
	var told []string
	for _, d := range book.Deviations() {
		told = append(told, fmt.Sprint(d.Added, " ", d.Path, " ", d.Article, " ", d.Base, " ", d.Branch))
	}
	assert.Equal(t, []string{
		`true words.kind.map   `, `true facts.loan.fields.place   `, `false regulations.lending.articles.2.clocks.loan_clock.last_day_ends lending/2 "18:00" "20:00"`,
		`true regulations.lending.articles.2.deadlines.map_time lending/2  `, `true regulations.lending.articles."1.2" lending/1.2  `,
	}, told)
	clock, _ := book.Rule("loan_clock")
	assert.Contains(t, book.Excerpt(clock), `last_day_ends: "18:00"`)
	assert.Contains(t, book.Excerpt(clock), "# library.yaml\n", "what changes it is shown with it")
	assert.Contains(t, book.Excerpt(clock), `last_day_ends: "20:00"`)
	assert.Equal(t, policy.Text{ZH: "借期", EN: "time of the loan"}, book.Deviations()[2].Label)

	again, found := parse(string(book.Source()))
	require.NotNil(t, again, "%v", found)
	assert.Equal(t, book.SHA256, again.SHA256)
	assert.Equal(t, book.Deviations(), again.Deviations())
}

// What a nation marks, a branch of a province may change, too; a province marks
// only what is its own.
func TestThreeBooks(t *testing.T) {
	nation := strings.Replace(library(t), "    chosen: as_book\n", "    chosen: as_book\n    may_change: [chosen]\n", 1)
	three := func(province, branch string) []beside {
		return []beside{{"", "rulebook: {id: branch}\nextends: provinces/one.yaml\n" + branch}, {"provinces/one.yaml", "rulebook: {id: province}\nextends: nation/rules.yaml\n" + province}, {"provinces/nation/rules.yaml", nation}}
	}
	text := func(files []beside) string {
		files[0].Text = "include: []\n" + files[0].Text
		return joined(files)
	}
	book, found := parse(text(three("readings: {loan.length: {chosen: days:10}}\n", "readings: {loan.length: {chosen: days:12}}\n")))
	require.NotNil(t, book, "%v", found)
	require.Len(t, book.Deviations(), 1, "those of the branch from its province alone")
	assert.Equal(t, "days:10", book.Deviations()[0].Base)
	assert.Equal(t, "days:12", book.Deviations()[0].Branch)
	reading := book.ReadingsByKey["loan.length"]
	assert.Equal(t, "days:12", reading.Chosen.Text)

	_, found = parse(text(three("readings: {loan.length: {may_change: [options]}}\n", "")))
	require.Len(t, found, 1)
	assert.Equal(t, "not_changeable", found[0].Code)
	assert.Equal(t, "provinces/one.yaml", found[0].Span.File)
}

// Books that extend one another in a circle are refused.
func TestBooksInACircle(t *testing.T) {
	files := map[string]string{"a.yaml": "rulebook: {id: a}\nextends: b.yaml\n", "b.yaml": "rulebook: {id: b}\nextends: a.yaml\n"}
	text, _ := source.Gather([]byte(files["a.yaml"]), func(path string) ([]byte, error) { return []byte(files[path]), nil })
	book, found := parse(string(text))
	require.Nil(t, book)
	require.NotEmpty(t, found)
	assert.Equal(t, "file_twice", found[0].Code, "%v", found)
}

// A word of the base that is a text alone is laid down as one is that stands in a map:
// another wording is refused, however it is written, the same one is no change, and what
// the refusal says to write loads. Deviations are called by the labels of the book.
func TestBranchWordsWordOtherwise(t *testing.T) {
	base := `rulebook: {id: base, languages: [en], title: Shop, zone: Europe/London, in_force: {from: 2025-01-01}}
words: {code: {late: «late»}}
facts: {n: {en: how many, type: count}}
readings:
  most: {article: shop/1, asks: how many are many, options: {three: three, four: four}, chosen: three, may_change: [chosen]}
regulations:
  shop:
    en: Shop
    articles:
      "1":
        nature: duty
        title: Few
        text: Few.
        duties: {few: {met: 'n < 3', when: {by: most, three: "true", four: n > 4}, breach: late}}
questions:
  few: {en: few, facts: [n], rules: [few], verdict: {is: 'few.broken ? "bad" : "good"', words: {bad: bad, good: good}}, values: {}}
`
	for _, x := range []struct {
		base, own string
		refused   bool
	}{
		{"too late", "too late", false}, {"too late", "{en: too late}", false}, {"{en: too late}", "too late", false}, {"{en: too late}", "{en: too late}", false},
		{"too late", "overdue", true}, {"too late", "{en: overdue}", true}, {"{en: too late}", "overdue", true}, {"{en: too late}", "{en: overdue}", true},
		{"{en: too late, may_change: [en]}", "{en: overdue}", false},
	} {
		branch := branchHead + "readings: {most: {chosen: four}}\nwords: {code: {late: " + x.own + "}}\n"
		book, found := parse(branchOf(branch, strings.Replace(base, "«late»", x.base, 1)))
		errors := slices.DeleteFunc(all(book, found), func(d diagnostic.Diagnostic) bool { return d.Severity != diagnostic.Error })
		if !x.refused {
			require.NotNil(t, book, "%v: %v", x, found)
			require.Empty(t, errors, "%v", x)
			assert.Equal(t, diagnostic.TextIn([]string{"en"}, func(string) string { return "how many are many" }), book.Deviations()[0].Label)
			continue
		}
		require.Len(t, errors, 1, "%v", x)
		assert.Equal(t, "not_changeable", errors[0].Code, "%v", x)
	}
}
