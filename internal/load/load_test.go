package load_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
)

// with makes replacements in a text: old, new, old, new, …
func with(t testing.TB, text string, changes ...string) string {
	t.Helper()
	for i := 0; i < len(changes); i += 2 {
		require.Equal(t, 1, strings.Count(text, changes[i]), "must stand once: %q", changes[i])
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return text
}

// places are the findings as "code line:column".
func places(found diagnostic.List) []string {
	all := make([]string, len(found))
	for i, d := range found {
		all[i] = fmt.Sprintf("%s %d:%d", d.Code, d.Span.Start.Line, d.Span.Start.Column)
	}
	return all
}

// One run reports everything: what is wrong with sections, facts, readings,
// rules, expressions and questions, in the order of the file, each once, and
// nothing that merely follows from something else.
func TestSeveralMistakes(t *testing.T) {
	book, found := parse(with(t, library(t),
		"zone: Asia/Shanghai", "zone: Asia/Peking",
		"closures: [2025-03-03]", "closures: [2025-02-30]",
		"noise: {zh: 喧哗, en: noise}", "noise: {zh: 喧哗}",
		"visitors: {zh: 到馆人数, en: visitors, type: count}", "visitors: {zh: 到馆人数, en: visitors, type: cuont}",
		"chosen: [card]", "chosen: [cart]",
		"lending: loan.renewals, next_day", "lending: loan.renewal, next_day",
		"rules: [papers_shown, person_in_charge, complaint_share, load, may_lend]", "rules: [papers_shown, person_in_charge, complaint_share, laod, may_lend]",
		"blocks_if: grade == \"grave\" and not apologised", "blocks_if: grade == \"serious\" and not apologized",
		"at_most: 20 working days", "at_most: 20 workdays",
		"direction: mitigating", "directon: mitigating",
		"third: 3, second: 2}, amount: 10}]", "third: 3, second: 0}, amount: 10}]",
		"nature: purpose", "nature: purposes",
	))
	require.Nil(t, book)
	assert.Equal(t, []string{
		"unknown_zone 6:9", "not_a_date 17:16", "missing_label 28:10", "unknown_type 54:44", "unknown_option 102:14",
		"unknown_fact 135:82", "unknown_rule 141:62", "unknown_word 172:33", "unknown_fact 172:51", "unknown_unit 245:25",
		"unknown_key 288:13", "ladder_row_order 300:88", "unknown_nature 343:17",
	}, places(found))
	for _, d := range found {
		checkWording(t, d)
	}
}

// What uses a fact, a list of words, a reading or a rule that was refused is
// not reported as well.
func TestNoNonsenseFollows(t *testing.T) {
	for name, c := range map[string]struct {
		change []string
		want   []string
	}{
		"a fact that everything uses":    {[]string{"  loan:\n    zh: 借阅\n    en: loan\n    type: record", "  loan:\n    zh: 借阅\n    en: loan\n    type: recrod"}, []string{"unknown_type"}},
		"a field that rules use":         {[]string{"en: renewals, type: count,", "en: renewals, type: counter,"}, []string{"unknown_type"}},
		"a list of words":                {[]string{"  kind: {book: {zh: 图书, en: book}, disc: {zh: 光盘, en: disc}}", "  kind: []"}, []string{"map_expected"}},
		"a reading":                      {[]string{"  clock.start:\n    article: lending/2", "  Clock.start:\n    article: lending/2"}, []string{"bad_name"}},
		"the options of a reading":       {[]string{"options: {lending: {zh: 借出时, en: when lent}, next_day: {zh: 次日零时, en: midnight after}}", "options: []"}, []string{"map_expected"}},
		"an expression that rules use":   {[]string{"lending: loan.lent_at\n              next_day: >-", "lending: loan.lent_att\n              next_day: >-"}, []string{"unknown_fact"}},
		"a rule that cannot be resolved": {[]string{"              by: clock.start\n              lending: loan.lent_at\n              next_day: >-", "              by: clock.strat\n              lending: loan.lent_at\n              next_day: >-"}, []string{"unknown_reading"}},
		"an article number":              {[]string{"      \"2\":\n", "      \"02\":\n"}, []string{"bad_article_number"}},
		"a kind of rule":                 {[]string{"        clocks:\n", "        clock:\n"}, []string{"unknown_key"}},
		"a section":                      {[]string{"\nreadings:\n", "\nreding:\n"}, []string{"unknown_key"}},
		"all facts":                      {[]string{"\nfacts:\n", "\nfact:\n"}, []string{"unknown_key"}},
		"all rules":                      {[]string{"\nregulations:\n", "\nregulation:\n"}, []string{"unknown_key"}},
		"the articles":                   {[]string{"    articles:\n", "    article:\n"}, []string{"unknown_key"}},
		"the list that elements are of":  {[]string{"            among: staff\n", "            among: stuff\n"}, []string{"unknown_fact"}},
		"the ladder of a history":        {[]string{"            level: grade\n            tiers:", "            level: grades\n            tiers:"}, []string{"unknown_fact"}},
		"a cycle": {[]string{
			"lending: loan.lent_at\n              next_day: >-", "lending: loan_clock.start\n              next_day: >-",
			"is: loan_clock.due_date", "is: \"latest(loan_clock.due, loan_start.value)\"",
		}, []string{"cycle"}},
	} {
		t.Run(name, func(t *testing.T) {
			book, found := parse(with(t, library(t), c.change...))
			require.Nil(t, book)
			var codes []string
			for _, d := range found {
				codes = append(codes, d.Code)
			}
			assert.Equal(t, c.want, codes, "%v", found)
		})
	}
}

// Two mistakes at once are found like each alone: there is no finding that
// neither has, and at least those of one of them are there.
func TestPairsOfMistakes(t *testing.T) {
	rules := library(t)
	all := allMistakes(t)
	alone := make([]map[string]bool, len(all))
	for i, m := range all {
		alone[i] = messages(m.written(t, rules))
	}
	random := rand.New(rand.NewPCG(1, 2))
	tried := 0
	for range testsize.Pick(40, 250, 250) {
		i, j := random.IntN(len(all)), random.IntN(len(all))
		text, ok := all[i].after(all[j], t, rules)
		if i == j || !ok {
			continue
		}
		tried++
		found := messages(text)
		if all[i].writesBeside(all[j]) && slices.ContainsFunc(slices.Collect(maps.Keys(found)), func(m string) bool {
			return strings.HasPrefix(m, "duplicate_key: ") && !alone[i][m] && !alone[j][m]
		}) {
			continue // both write the same key in one place, which is a third mistake
		}
		for m := range found {
			assert.True(t, alone[i][m] || alone[j][m], "%s\nfollows from none of\n%s\n%s", m, all[i].What, all[j].What)
		}
		assert.True(t, contains(found, alone[i]) || contains(found, alone[j]), "%s\n%s\ngive only %v", all[i].What, all[j].What, found)
	}
	require.Greater(t, tried, testsize.Pick(10, 100, 100))
}

// writesBeside reports whether two mistakes, or what goes with them, write in one
// place.
func (m *mistake) writesBeside(other *mistake) bool {
	places := map[string]bool{m.Replace: true}
	for _, c := range m.And {
		places[c.Replace] = true
	}
	return places[other.Replace] || slices.ContainsFunc(other.And, func(c change) bool { return places[c.Replace] })
}

func allMistakes(t *testing.T) []*mistake {
	t.Helper()
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	require.NoError(t, err)
	var all []*mistake
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var some []*mistake
		require.NoError(t, yaml.Unmarshal(data, &some))
		all = append(all, some...)
	}
	return all
}

// written is the text with the mistake in it.
func (m *mistake) written(t *testing.T, text string) string {
	t.Helper()
	text, _ = m.apply(t, text)
	return text
}

// after is the text with both mistakes; false where they are in one place.
func (m *mistake) after(other *mistake, t *testing.T, text string) (string, bool) {
	t.Helper()
	if len(m.Files) > 0 || strings.Contains(m.With, "include:") {
		return "", false // the text of several files is made last
	}
	text = other.written(t, text)
	files := len(source.Split([]byte(text)))
	for _, c := range append([]change{{m.Replace, m.With}}, m.And...) {
		if strings.Count(text, c.Replace) != 1 {
			return "", false
		}
		text = strings.Replace(text, c.Replace, strings.NewReplacer("«", "", "»", "").Replace(c.With), 1)
	}
	if len(source.Split([]byte(text))) != files {
		return "", false // the line break that parts two files was taken: no file is written so
	}
	return text, strings.Count(text, "\nreview:\n") < 2 && strings.Count(text, "\npromises:\n") < 2 && strings.Count(text, " changes:") < 2 && strings.Count(text, " 2028: ") < 2 && strings.Count(text, " weekday_hours:") < 2
}

// messages are the findings of a text, without their places.
// messages are the findings, less how many steps an answer takes exactly:
// another mistake may add one.
func messages(text string) map[string]bool {
	_, found := parse(text)
	all := map[string]bool{}
	for _, d := range found {
		all[d.Code+": "+manySteps.ReplaceAllString(d.Message.EN, "N steps")] = true
	}
	return all
}

var manySteps = regexp.MustCompile(`\d+ steps`)

func contains(all, part map[string]bool) bool {
	for m := range part {
		if !all[m] {
			return false
		}
	}
	return true
}

// A label under another name of its language is one finding, wherever the
// label stands.
func TestOtherNamesOfLanguages(t *testing.T) {
	rules := library(t)
	for _, names := range [][2]string{{"zh:", "cn:"}, {"en:", "english:"}} {
		place := regexp.MustCompile(`(?m)(?:^ *|[{ ])` + names[0])
		all := place.FindAllStringIndex(rules, -1)
		require.Greater(t, len(all), 100)
		for _, at := range all {
			text := rules[:at[1]-len(names[0])] + names[1] + rules[at[1]:]
			book, found := parse(text)
			require.Nil(t, book, "%s", rules[at[0]:min(at[1]+40, len(rules))])
			require.Len(t, found, 1, "%v", found)
			assert.Equal(t, "unknown_key", found[0].Code)
			assert.Equal(t, "write "+strings.TrimSuffix(names[0], ":"), found[0].Remedy.EN)
		}
	}
}
