package forms_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

const restRow = "{where: otherwise, gives: {steps: 7, share: 1%}, article: charter/3}"

// The row for all other cases is that of what no other row is for, wherever it
// stands, and of a key that is none.
func TestTableOtherwise(t *testing.T) {
	for _, rows := range [][]string{
		{trainRows[0], trainRows[1], restRow},
		{restRow, trainRows[0], trainRows[1]},
	} {
		book := parse(t, train(rows...))
		for facts, want := range map[string]string{
			`"minutes_late": 14, "ticket": "single"`: "0", `"minutes_late": 15, "ticket": "single"`: "1", `"minutes_late": 29, "ticket": "single"`: "1",
			`"minutes_late": 30, "ticket": "single"`: "7", `"minutes_late": 15, "ticket": "return"`: "7", `"minutes_late": null, "ticket": "single"`: "7",
			`"minutes_late": 14`: "0", `"minutes_late": 30`: "7", `"minutes_late": null`: "7", `"ticket": "return"`: "null", `"minutes_late": 15`: "null", ``: "null",
		} {
			a := ask(t, book, "pay", "{"+facts+"}")
			assert.Contains(t, valuesOf(t, a), `"steps":`+want+",", facts)
			assert.Equal(t, want == "null", len(a.MissingFacts) > 0, facts)
		}
		a := ask(t, book, "pay", `{"minutes_late": 45, "ticket": "season"}`)
		assert.Contains(t, a.Cites, "charter/3")
		assert.Equal(t, "compensation: late is 45, ticket is season, no other row is for this → step 7, share 1% (charter/3)", a.Explain("en"))
		assert.Contains(t, a.Explain("zh"), "没有别的行适用，取 档为7")
		a = ask(t, book, "pay", `{"minutes_late": 45}`)
		assert.Equal(t, "compensation: late is 45, no other row is for this → step 7, share 1% (charter/3)", a.Explain("en"))
	}
}

func TestTableOtherwiseMistakes(t *testing.T) {
	noNone := strings.NewReplacer(", if_absent: unknown, if_null: none}", "}")
	for name, c := range map[string]struct {
		text, want string
	}{
		"two of them":                      {train(trainRows[0], restRow, restRow), "this row and row 2 are both for all other cases [table_overlap]"},
		"an overlap of others":             {train(trainRows[0], trainRows[0], restRow), "[table_overlap]"},
		"another word for it":              {train(trainRows[0], strings.Replace(restRow, "otherwise", "其他", 1)), "[map_expected] → write otherwise"},
		"what is neither map nor this":     {train(trainRows[0], strings.Replace(restRow, "otherwise", "late", 1)), "[map_expected] → write {key: word or range}"},
		"words that are of no key":         {train(trainRows[0], strings.Replace(restRow, "otherwise", "[late]", 1)), "[map_expected] → write {key: word or range}"},
		"the rest of a key, not of a row":  {train(trainRows[0], "{where: {late: otherwise}, gives: {steps: 1, share: 0%}}"), "where: otherwise"},
		"a result that other rows do not":  {train(trainRows[0], "{where: otherwise, gives: {steps: 1, share: 0%, more: 1}}"), "the rows before it have no result"},
		"no case that is left":             {noNone.Replace(train(append(slices.Clone(trainRows[:6]), restRow)...)), "[table_otherwise_never]"},
		"no case but one without a result": {train(append(slices.Clone(trainRows[:6]), restRow)...), ""},
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(c.text))
		if c.want == "" {
			assert.NoError(t, err, name)
		} else if assert.Error(t, err, name) {
			assert.Contains(t, err.Error(), c.want, name)
		}
	}
}

// A random table with a row for all other cases gives what trying every row says,
// and decides nothing without a fact that a value of that fact would turn.
func TestTablesOtherwiseByBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	words := []string{"single", "return", "season"}
	for range 150 {
		type row struct {
			low, high int
			words     []string
		}
		var rows []row
		var written []string
		for i, low := range []int{1, 6, 11} {
			x := row{low, low + r.IntN(5), words[r.IntN(3):]}
			rows = append(rows, x)
			written = append(written, fmt.Sprintf("{where: {late: from %d up to %d, ticket: [%s]}, gives: {steps: %d, share: 1%%}}", x.low, x.high, strings.Join(x.words, ", "), i+1))
		}
		written = slices.Insert(written, r.IntN(4), restRow)
		of := func(late int, word string) string { // -1 being none
			for i, x := range rows {
				if late >= x.low && late <= x.high && slices.Contains(x.words, word) {
					return fmt.Sprint(i + 1)
				}
			}
			return "7"
		}
		book := parse(t, train(written...))
		for late := -2; late < 18; late++ { // -2 being not known
			for _, word := range append([]string{""}, words...) {
				facts, lates, given := []string{}, []int{late}, []string{word}
				switch late {
				case -2:
					lates = nil
					for i := -1; i < 20; i++ {
						lates = append(lates, i)
					}
				case -1:
					facts = append(facts, `"minutes_late": null`)
				default:
					facts = append(facts, fmt.Sprintf(`"minutes_late": %d`, late))
				}
				if word == "" {
					given = words
				} else {
					facts = append(facts, fmt.Sprintf(`"ticket": %q`, word))
				}
				may := map[string]bool{}
				for _, l := range lates {
					for _, w := range given {
						may[of(l, w)] = true
					}
				}
				got := valuesOf(t, ask(t, book, "pay", "{"+strings.Join(facts, ", ")+"}"))
				if late != -2 && word != "" || !strings.Contains(got, `"steps":null`) {
					require.Len(t, may, 1, "%v\n%v\n%s", facts, written, got)
					for want := range may {
						require.Contains(t, got, `"steps":`+want+",", "%v\n%v", facts, written)
					}
				}
			}
		}
	}
}
