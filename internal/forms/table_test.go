package forms_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

const trainHead = `rulebook: {id: train, title: {zh: 火车, en: Trains}, zone: Europe/London, currency: GBP, in_force: {from: 2020-01-01}}
words: {paid: {some: {zh: 赔, en: paid}, nothing: {zh: 不赔, en: nothing}}, amounts: {share: {zh: 比例, en: share}, steps: {zh: 档, en: step}}}
facts:
  minutes_late: {zh: 晚点分钟, en: minutes late, type: count, if_absent: unknown, if_null: none}
  ticket: {zh: 票种, en: ticket, type: word, words: {single: {zh: 单程, en: single}, return: {zh: 往返, en: return}, season: {zh: 季票, en: season}}}
  first: {zh: 头等, en: first class, type: yes_no}
regulations:
  charter:
    zh: 章程
    en: charter
    articles:
      "1": {nature: definition, title: {zh: 一, en: one}, text: {zh: 一, en: one}, values: {long: {zh: 久, en: long delay, is: 60}}}
      "3": {nature: definition, title: {zh: 三, en: three}, text: {zh: 三, en: three}, decides_nothing: {zh: 见表, en: see the table}}
      "2":
        nature: sanction
        title: {zh: 二, en: two}
        text: {zh: 二, en: two}
        tables:
          pay:
            zh: 赔付
            en: compensation
            keys: {late: minutes_late, ticket: ticket}
            rows:
`

const trainTail = `
questions:
  pay:
    zh: 赔付
    en: compensation
    facts: [minutes_late, ticket, first]
    rules: [pay]
    verdict: {is: 'pay.steps > 0 ? "some" : "nothing"', words: paid}
    values: {steps: {zh: 档, en: step, is: pay.steps}, share: {zh: 比例, en: share, is: pay.share}}
`

func train(rows ...string) string {
	return trainHead + "              - " + strings.Join(rows, "\n              - ") + trainTail
}

var trainRows = []string{
	"{where: {late: below 15}, gives: {steps: 0, share: 0%}}",
	"{where: {late: from 15 below 30, ticket: single}, gives: {steps: 1, share: 25%}}",
	"{where: {late: 15以上不满30, ticket: [return, season]}, gives: {steps: 2, share: 12.5%}}",
	"{where: {late: from 30 below long}, gives: {steps: 3, share: 50%}, article: charter/3}",
	"{where: {late: from long, ticket: single}, gives: {steps: 4, share: 100%}}",
	"{where: {late: from long, ticket: [return, season]}, gives: {steps: 5, share: 50%}}",
	"{where: {late: none}, gives: {steps: 9, share: 0%}}",
}

func TestTable(t *testing.T) {
	book := parse(t, train(trainRows...))
	for facts, want := range map[string]string{
		`"minutes_late": 14, "ticket": "single"`: "0", `"minutes_late": 15, "ticket": "single"`: "1", `"minutes_late": 29, "ticket": "single"`: "1",
		`"minutes_late": 30, "ticket": "single"`: "3", `"minutes_late": 59, "ticket": "season"`: "3", `"minutes_late": 60, "ticket": "single"`: "4",
		`"minutes_late": 60, "ticket": "season"`: "5", `"minutes_late": 15, "ticket": "return"`: "2", `"minutes_late": null, "ticket": "return"`: "9",
		`"minutes_late": 14`: "0", `"minutes_late": 30`: "3", `"minutes_late": 15`: "null", `"minutes_late": 60`: "null", `"ticket": "single"`: "null",
	} {
		a := ask(t, book, "pay", "{"+facts+"}")
		assert.Contains(t, valuesOf(t, a), `"steps":`+want+",", facts)
		assert.Equal(t, want == "null", len(a.MissingFacts) > 0, facts)
	}
	a := ask(t, book, "pay", `{"minutes_late": 45, "ticket": "season"}`)
	assert.Equal(t, []string{"charter/1", "charter/3", "charter/2"}, a.Cites)
	assert.Equal(t, "compensation: minutes late is 45, at least 30; minutes late is 45, less than 60 → step 3, share 50% (charter/3)", a.Explain("en"))
	a = ask(t, book, "pay", `{"minutes_late": 61, "ticket": "season"}`)
	assert.Contains(t, a.Explain("zh"), "档为5，比例为50%（charter/2）")
	assert.Equal(t, []string{"ticket < charter.pay"}, missing(ask(t, book, "pay", `{"minutes_late": 61}`)))
}

func TestTableMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		rows []string
		want string
	}{
		"a gap":                     {trainRows[1:], "no row is for: late is below 15, ticket is single [table_gap]"},
		"a gap of one value":        {append([]string{"{where: {late: below 14}, gives: {steps: 0, share: 0%}}"}, trainRows[1:]...), "no row is for: late is 14, ticket is single"},
		"an overlap":                {append([]string{"{where: {late: up to 15}, gives: {steps: 0, share: 0%}}"}, trainRows[1:]...), "both for: late is 15, ticket is single [table_overlap]"},
		"the same row twice":        {append(trainRows[:1:1], trainRows...), "both for: late is below 15"},
		"an unknown word":           {append(trainRows[:5:5], "{where: {late: from long, ticket: [return, session]}, gives: {steps: 5, share: 50%}}"), "session"},
		"an unknown key":            {append(trainRows[:5:5], "{where: {lat: from 60}, gives: {steps: 5, share: 50%}}"), "did you mean late?"},
		"a result less":             {append(trainRows[:5:5], "{where: {late: from 60, ticket: [return, season]}, gives: {steps: 5}}"), "add share: an expression"},
		"a result more":             {append(trainRows[:5:5], "{where: {late: from 60, ticket: [return, season]}, gives: {steps: 5, share: 0%, more: 1}}"), "the rows before it have no result"},
		"a result otherwise":        {append(trainRows[:5:5], `{where: {late: from 60, ticket: [return, season]}, gives: {steps: '"a"', share: 0%}}`), "type_mismatch"},
		"a bound that is no number": {append(trainRows[:5:5], "{where: {late: from 1 hour, ticket: [return, season]}, gives: {steps: 5, share: 50%}}"), "type_mismatch"},
		"a bound that is a fact":    {append(trainRows[:5:5], "{where: {late: from minutes_late, ticket: [return, season]}, gives: {steps: 5, share: 50%}}"), "bound_not_constant"},
		"a range the wrong way":     {append(trainRows[:5:5], "{where: {late: from 60 below 60, ticket: [return, season]}, gives: {steps: 5, share: 50%}}"), "range_reversed"},
		"an article that is none":   {append(trainRows[:5:5], "{where: {late: from 60, ticket: [return, season]}, gives: {steps: 5, share: 50%}, article: charter/9}"), "unknown_article"},
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(train(c.rows...)))
		if assert.Error(t, err, name) {
			assert.Contains(t, err.Error(), c.want, name)
		}
	}
}

// Amounts and numbers follow each other, and what is counted is not below 0: rows that
// meet there neither overlap nor leave a gap.
func TestTableOfWhatFollowsEachOther(t *testing.T) {
	const facts = "  fare: {zh: 票价, en: fare, type: money}\n  trips:\n    zh: 行程\n    en: trips\n    type: list\n    of: {type: record, fields: {stops: {zh: 站, en: stops, type: count}, rise: {zh: 增减, en: change, type: number}}}\n"
	for name, c := range map[string]struct {
		keys, rows, facts, want string
	}{
		"amounts":            {"{fare: fare}", "below 10.01 GBP|above 10 GBP", `{"fare": "10.01"}`, "1"},
		"amounts up to":      {"{fare: fare}", "up to 10 GBP|from 10.01 GBP", `{"fare": "10.00"}`, "0"},
		"counts from nought": {"{late: minutes_late}", "0|from 1", `{"minutes_late": 0}`, "0"},
		"amounts apart":      {"{fare: fare}", "up to 10 GBP|from 10.02 GBP", "", "no row is for: fare is above 10.00 GBP and below 10.02 GBP"},
		"amounts below":      {"{fare: fare}", "from 0 GBP|above 10 GBP", "", "both for: fare is above 10.00 GBP"},
		"a computed count":   {"{late: minutes_late - 1}", "0|from 1", "", "no row is for: late is below 0"},
	} {
		rows := strings.Split(c.rows, "|")
		for i := range rows {
			rows[i] = fmt.Sprintf("{where: {%s: %s}, gives: {steps: %d, share: 1%%}}", strings.SplitN(c.keys[1:], ":", 2)[0], rows[i], i)
		}
		text := strings.Replace(train(rows...), "keys: {late: minutes_late, ticket: ticket}", "keys: "+c.keys, 1)
		text = strings.Replace(strings.Replace(text, "regulations:\n", facts+"regulations:\n", 1), "facts: [minutes_late, ticket, first]", "facts: [minutes_late, fare]", 1)
		book, err := rulebook.Parse("rules.yaml", []byte(text))
		if c.facts == "" {
			require.ErrorContains(t, err, c.want, name)
			continue
		}
		require.NoError(t, err, name)
		assert.Contains(t, valuesOf(t, ask(t, book, "pay", c.facts)), `"steps":`+c.want+",", name)
	}
	for key, sound := range map[string]bool{".stops": true, ".rise": false} {
		text := strings.Replace(train("{where: {n: 0}, gives: {steps: 0, share: 1%}}", "{where: {n: from 1}, gives: {steps: 1, share: 1%}}"), "keys: {late: minutes_late, ticket: ticket}", "each: trips\n            keys: {n: "+key+"}", 1)
		text = strings.Replace(text, "regulations:\n", facts+"regulations:\n", 1)
		text = text[:strings.Index(text, "\nquestions:")] + "\nquestions: {pay: {zh: 赔付, en: pay, facts: [trips], rules: [pay], verdict: {is: 'len(pay.value) > 0 ? \"some\" : \"nothing\"', words: paid}, values: {pay: {is: pay.value}}}}\n"
		_, err := rulebook.Parse("rules.yaml", []byte(text))
		if sound {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "no row is for: n is below 0")
		}
	}
}

// Ranges that people write otherwise are told as they are written here, and are
// sound when they are written so.
func TestRangesWrittenOtherwise(t *testing.T) {
	from60 := func(cell string) []string {
		return append(trainRows[:4:4], "{where: {late: "+strconv.Quote(cell)+"}, gives: {steps: 4, share: 100%}}", trainRows[6])
	}
	for cell, write := range map[string]string{
		"at least 60": "from 60", "60 or more": "from 60", "60+": "from 60", ">= 60": "from 60", "≥60": "from 60", ">=60": "from 60", "> 59": "above 59",
		"more than 59": "above 59", "no less than 60": "from 60", "至少60": "from 60", "不少于60": "from 60", "60及以上": "from 60", "大于59": "超过59", "60 and above": "from 60",
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(train(from60(cell)...)))
		require.ErrorContains(t, err, "is no range [value_expected] → write "+write, cell)
		parse(t, train(from60(write)...))
	}
	first := func(cell string) []string {
		return append([]string{"{where: {late: " + strconv.Quote(cell) + "}, gives: {steps: 0, share: 0%}}"}, trainRows[1:]...)
	}
	for cell, write := range map[string]string{
		"less than 15": "below 15", "under 15": "below 15", "< 15": "below 15", "at most 14": "up to 14", "14 or less": "up to 14", "<=14": "up to 14",
		"不足15": "不满15", "小于15": "不满15", "至多14": "不超过14", "14以内": "up to 14",
	} {
		_, err := rulebook.Parse("rules.yaml", []byte(train(first(cell)...)))
		require.ErrorContains(t, err, "is no range [value_expected] → write "+write, cell)
		parse(t, train(first(write)...))
	}
	for _, cell := range []string{"30-59", "30 - 59", "30 to 59", "from 30 to 59", "between 30 and 59", "30至59", "30~59", "30..59", "30...59", "30…59"} {
		rows := slices.Clone(trainRows)
		rows[3] = "{where: {late: " + strconv.Quote(cell) + "}, gives: {steps: 3, share: 50%}, article: charter/3}"
		_, err := rulebook.Parse("rules.yaml", []byte(train(rows...)))
		require.ErrorContains(t, err, "write from 30 up to 59, with 59 in it, or from 30 below 59, without", cell)
		rows[3] = strings.Replace(rows[3], strconv.Quote(cell), "from 30 up to 59", 1)
		parse(t, train(rows...))
	}
}

// Words that people write ranges with may stand in the names of values.
func TestRangesOfNamedValues(t *testing.T) {
	for _, name := range []string{"over_limit", "under_limit", "at_least_so", "more_than_that", "overtime", "less_than"} {
		text := strings.ReplaceAll(strings.ReplaceAll(train(trainRows...), "long:", name+":"), "long", name)
		text = strings.ReplaceAll(text, "en: "+name+" delay", "en: delay")
		parse(t, text)
	}
}

// What the check says of random tables is what trying every value says: a
// table loads if each has exactly one row, and then gives what that row gives.
func TestTablesByBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	words := []string{"single", "return", "season"}
	loaded := 0
	for range 400 {
		type row struct {
			low, high int // of minutes, both included; high 99 for no end
			words     []string
		}
		var rows []row
		switch r.IntN(3) {
		case 0: // cut apart, so that many are sound
			cuts := []int{0, 3 + r.IntN(3), 8 + r.IntN(3), 100}
			for i := range 3 {
				if r.IntN(2) == 0 {
					rows = append(rows, row{cuts[i], cuts[i+1] - 1, words})
				} else {
					rows = append(rows, row{cuts[i], cuts[i+1] - 1, words[:1]}, row{cuts[i], cuts[i+1] - 1, words[1:]})
				}
			}
			if r.IntN(3) == 0 {
				rows[r.IntN(len(rows))].low++
			}
		default:
			for range 1 + r.IntN(4) {
				low := r.IntN(4)
				rows = append(rows, row{low, low + r.IntN(4), words[:1+r.IntN(3)]})
			}
		}
		var written []string
		for i, x := range rows {
			at := fmt.Sprintf("from %d up to %d", x.low, x.high)
			switch {
			case x.low == 0 && x.high == 99:
				at = "any"
			case x.low == 0:
				at = fmt.Sprintf("below %d", x.high+1)
			case x.high == 99:
				at = fmt.Sprintf("above %d", x.low-1)
			case x.low == x.high:
				at = fmt.Sprint(x.low)
			}
			written = append(written, fmt.Sprintf("{where: {late: %q, ticket: [%s]}, gives: {steps: %d, share: 1%%}}", at, strings.Join(x.words, ", "), i+1))
		}
		sound := true
		of := func(late int, word string) int {
			found := 0
			for i, x := range rows {
				for _, w := range x.words {
					if w == word && late >= x.low && (late <= x.high || x.high == 99) {
						if found != 0 {
							return -1
						}
						found = i + 1
					}
				}
			}
			return found
		}
		for late := range 120 {
			for _, w := range words {
				sound = sound && of(late, w) > 0
			}
		}
		text := train(written...)
		book, err := rulebook.Parse("rules.yaml", []byte(text))
		require.Equal(t, sound, err == nil, "%v\n%s", err, strings.Join(written, "\n"))
		if err != nil {
			continue
		}
		loaded++
		for range 10 {
			late, word := r.IntN(15), words[r.IntN(3)]
			a := ask(t, book, "pay", fmt.Sprintf(`{"minutes_late": %d, "ticket": %q}`, late, word))
			require.Contains(t, valuesOf(t, a), fmt.Sprintf(`"steps":%d,`, of(late, word)))
		}
	}
	require.Greater(t, loaded, 50)
}

// A key that a reading chooses, with the argument of its option.
func TestTableKeyOfAReading(t *testing.T) {
	text := strings.Replace(train(trainRows...), "regulations:", `readings:
  grace: {article: charter/2, asks: {zh: 宽限, en: grace}, options: {none_at_all: {zh: 无, en: none}, minutes: {zh: 若干分钟, en: some minutes, parameter: count}}, chosen: none_at_all}
regulations:`, 1)
	text = strings.Replace(text, "keys: {late: minutes_late,", `keys: {late: {by: grace, none_at_all: minutes_late, minutes: "minutes_late - parameter"},`, 1)
	book := parse(t, text)
	for _, c := range []struct {
		reading string
		late    int
		want    string
	}{{"grace=none_at_all", 15, "1"}, {"grace=minutes:5", 15, "0"}, {"grace=minutes:5", 19, "0"}, {"grace=minutes:5", 20, "1"}, {"grace=minutes:45", 60, "1"}} {
		a := ask(t, book, "pay", fmt.Sprintf(`{"minutes_late": %d, "ticket": "single"}`, c.late), c.reading)
		assert.Contains(t, valuesOf(t, a), `"steps":`+c.want+",", "%v", c)
		if assert.Len(t, a.Readings, 1) {
			assert.Equal(t, "grace", a.Readings[0].Key)
		}
	}
	a := ask(t, book, "pay", `{"minutes_late": 16, "ticket": "single"}`, "grace=minutes:1")
	assert.Contains(t, a.Explain("en"), "at least 15")
	a = ask(t, book, "pay", `{}`, "grace=minutes:1")
	assert.Equal(t, []string{"minutes_late < charter.pay", "ticket < charter.pay"}, missing(a))
}

// Keys and results are called by the labels that the table gives them, in its own
// reasons and in those of what rests on it; what has none is called by its name.
func TestColumnsOfATable(t *testing.T) {
	rules := train(trainRows...)
	rules = strings.Replace(rules, "            keys: {late: minutes_late, ticket: ticket}\n", "            keys: {late: minutes_late + 0, ticket: ticket}\n            columns: {share: {zh: 赔付比例, en: part that is paid back}, late: {zh: 晚了, en: lateness}}\n", 1)
	rules = strings.Replace(rules, "        tables:\n", "        figures:\n          double: {zh: 两倍, en: twice the share, is: pay.share * 2}\n        tables:\n", 1)
	rules = strings.Replace(rules, "rules: [pay]", "rules: [pay, double]", 1)
	book, err := rulebook.Parse("train.yaml", []byte(rules))
	require.NoError(t, err)
	a := ask(t, book, "pay", `{"minutes_late": 20, "ticket": "single"}`)
	zh, en := a.Explain("zh"), a.Explain("en")
	assert.Contains(t, zh, "赔付比例为25%")
	assert.Contains(t, en, "part that is paid back 25%")
	assert.Contains(t, zh, "赔付的赔付比例 × 2")
	assert.Contains(t, en, "part that is paid back of compensation × 2")
	assert.Contains(t, zh, "档为1", "by the words of the rulebook")
	_, err = rulebook.Parse("train.yaml", []byte(strings.Replace(rules, "columns: {share:", "columns: {shar:", 1)))
	require.ErrorContains(t, err, `the table has no key or result "shar"`)
	assert.ErrorContains(t, err, "did you mean share?")
}
