package casefile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
)

// A bakery: what is asked of a loaf and of an order.
const bakery = `
rulebook: {id: bakery, title: {zh: 面包房, en: Bakery}, zone: Asia/Shanghai, currency: CNY, in_force: {from: 2020-01-01}, calendar: weeks}
calendars:
  weeks: {zh: 每周, en: weeks, any_year: true, weekend: [sunday]}
words:
  flaw: {burnt: {zh: 烤焦, en: burnt}, flat: {zh: 塌, en: flat}, stale: {zh: 陈, en: stale}}
  verdict: {good: {zh: 好, en: good}, bad: {zh: 坏, en: bad}}
  size: {small: {zh: 小, en: small}, large: {zh: 大, en: large}}
facts:
  flaws: {zh: 瑕疵, en: flaws, type: list, of: {type: word, words: flaw}}
  weight: {zh: 重量, en: weight, type: count, unit: {zh: 克, en: g}}
  bags:
    zh: 袋
    en: bags
    type: list
    if_absent: empty
    of:
      type: record
      fields:
        name: {zh: 名称, en: name, type: name}
        label: {zh: 标签, en: label, type: yes_no}
        price: {zh: 标价, en: price, type: yes_no}
  baker: {zh: 面包师, en: baker, type: name}
  baked_at: {zh: 出炉, en: baked, type: moment}
readings:
  weight.least:
    article: bread/2
    asks: {zh: 最少多重, en: the least weight}
    options: {grams_500: {zh: 五百克, en: 500 g}, grams_400: {zh: 四百克, en: 400 g}}
    chosen: grams_500
    why: {zh: 惯例, en: custom}
regulations:
  bread:
    zh: 面包
    en: Bread
    articles:
      "1":
        nature: duty
        title: {zh: 好面包, en: Good bread}
        text: {zh: 不焦不塌, en: neither burnt nor flat}
        duties:
          sound: {zh: 完好, en: sound, observed: flaws, prohibited: [burnt, flat], liable: {baker: baker}}
      "2":
        nature: duty
        title: {zh: 分量, en: Weight}
        text: {zh: 足量, en: full weight}
        duties:
          full: {zh: 足量, en: full weight, met: {by: weight.least, grams_500: weight >= 500, grams_400: weight >= 400}, breach: light}
        checklists:
          bagged: {zh: 装袋, en: bagged, each: bags, name: .name, as: bag, items: {label: {done: .label}, price: {done: .price}}}
        decisions:
          recall: {zh: 是否召回, en: whether to recall, when: weight < 100}
questions:
  loaf:
    zh: 面包好不好
    en: is the loaf good
    facts: [flaws, weight, bags, baker, baked_at]
    rules: [sound, full, bagged, recall]
    verdict: {is: 'sound.broken or full.broken ? "bad" : "good"', words: verdict}
    values:
      grams: {zh: 克, en: grams, is: weight}
      size: {zh: 大小, en: size, is: 'weight > 1000 ? "large" : "small"', words: size}
      whole: {zh: 完好, en: whole, is: not sound.broken}
      gaps: {zh: 缺项, en: gaps, is: bagged.gaps}
      scale:
        zh: 秤
        en: scale
        fields:
          grams: {zh: 克, en: grams, is: weight}
          least: {zh: 最少, en: least, is: {by: weight.least, grams_500: 500, grams_400: 400}}
      price: {zh: 价格, en: price, is: 5.50 CNY}
      share: {zh: 占比, en: share, is: 80%}
      remark: {zh: 备注, en: remark, is: none}
      baked_at: {zh: 出炉, en: baked, is: baked_at}
`

func bake(t testing.TB) *rulebook.Book {
	t.Helper()
	book, err := rulebook.Parse("bakery.yaml", []byte(bakery))
	require.NoError(t, err)
	return book
}

// one runs a single case with the given facts and expectation.
func one(t *testing.T, text string) *casefile.Result {
	t.Helper()
	f, found := casefile.Parse("f.yaml", []byte("cases:\n- name: n\n  question: loaf\n  "+strings.ReplaceAll(text, "\n", "\n  ")+"\n"))
	require.NotNil(t, f, "%v", found)
	require.Len(t, f.Cases, 1)
	return casefile.Run(t.Context(), bake(t), f.Cases[0])
}

func TestMatching(t *testing.T) {
	const (
		good  = "facts: {flaws: [], weight: 500}\n"
		bad   = "facts: {flaws: [flat, burnt], weight: 499, baker: B1}\n"
		bags  = "facts: {flaws: [], weight: 500, bags: [{name: A, label: true, price: false}, {name: B, label: false, price: false}]}\n"
		empty = "facts: {}\n"
		wrong = "facts: {flaws: [mouldy], weight: 500}\n"
		fresh = "facts: {flaws: [], weight: 500, baked_at: '2025-06-09T09:00:00+08:00'}\n"
	)
	breaches := "breaches: [bread/1#burnt, bread/1#flat, bread/2#light]"
	for name, test := range map[string]struct {
		text  string
		fails []string // the fields that do not match
	}{
		"everything as expected":       {good + "expect: {verdict: good, grams: 500, size: small, whole: true, remark: null, breaches: [], missing_facts: [], needs_decision: false, provisional: false}", nil},
		"nothing expected":             {good + "expect: {}", nil},
		"a field that is not there":    {good + "expect: {gram: 500}", []string{"gram"}},
		"another number":               {good + "expect: {grams: 501}", []string{"grams"}},
		"a number in quotes":           {good + "expect: {grams: '500'}", []string{"grams"}},
		"another word":                 {good + "expect: {size: large}", []string{"size"}},
		"a word in quotes":             {good + "expect: {size: 'small'}", nil},
		"another yes or no":            {good + "expect: {whole: false}", []string{"whole"}},
		"a yes or no in quotes":        {good + "expect: {whole: 'true'}", []string{"whole"}},
		"a word for a record":          {good + "expect: {scale: heavy}", []string{"scale"}},
		"several mismatches":           {good + "expect: {verdict: bad, grams: 1, size: small}", []string{"verdict", "grams"}},
		"null where there is a value":  {good + "expect: {grams: null}", []string{"grams"}},
		"a value where there is null":  {good + "expect: {remark: none}", []string{"remark"}},
		"the question itself":          {good + "expect: {question: loaf}", nil},
		"a moment with another offset": {fresh + "expect: {baked_at: '2025-06-09T01:00:00Z'}", nil},
		"an amount in any way":         {good + "expect: {price: 5.50}", nil},
		"an amount with its unit":      {good + "expect: {price: 5.5元}", nil},
		"an amount with its currency":  {good + "expect: {price: 5.50 CNY}", nil},
		"another amount":               {good + "expect: {price: 5.05元}", []string{"price"}},
		"an amount of other money":     {good + "expect: {price: 5.50 USD}", []string{"price"}},
		"a share as a percentage":      {good + "expect: {share: 80%}", nil},
		"a share as it is counted":     {good + "expect: {share: 80/100}", nil},
		"another percentage":           {good + "expect: {share: 8.0%}", []string{"share"}},
		"a percentage for a number":    {good + "expect: {grams: 50000%}", []string{"grams"}},
		"another moment":               {fresh + "expect: {baked_at: '2025-06-09T01:00:01Z'}", []string{"baked_at"}},

		"a record in part":                 {good + "expect: {scale: {grams: 500}}", nil},
		"a record with a wrong field":      {good + "expect: {scale: {grams: 500, least: 400}}", []string{"scale"}},
		"a record with no such field":      {good + "expect: {scale: {gram: 500}}", []string{"scale"}},
		"null for no such field":           {good + "expect: {scale: {gram: null}}", nil},
		"a dotted path":                    {good + "expect: {scale.least: 500}", nil},
		"a dotted path to the wrong value": {good + "expect: {scale.least: 400}", []string{"scale.least"}},
		"a dotted path to nowhere":         {good + "expect: {scale.most: 400}", []string{"scale.most"}},
		"a dotted path through a value":    {good + "expect: {grams.least: 400}", []string{"grams.least"}},
		"a record for a value":             {good + "expect: {grams: {least: 400}}", []string{"grams"}},

		"breaches that nobody named":       {bad + "expect: {verdict: bad}", []string{"breaches"}},
		"breaches in any order":            {bad + "expect: {breaches: [bread/2#light, bread/1#flat, bread/1#burnt]}", nil},
		"breaches are exact, one missing":  {bad + "expect: {breaches: [bread/2#light, bread/1#flat]}", []string{"breaches"}},
		"breaches are exact, one too many": {bad + "expect: {breaches: [bread/2#light, bread/1#flat, bread/1#burnt, bread/1#stale]}", []string{"breaches"}},
		"no breaches where there are some": {bad + "expect: {breaches: []}", []string{"breaches"}},
		"one breach without a list":        {"facts: {flaws: [], weight: 1}\nexpect: {breaches: bread/2#light, decisions: [recall], needs_decision: true}", nil},
		"liable by role":                   {bad + "expect: {" + breaches + ", liable: [baker]}", nil},
		"liable by person":                 {bad + "expect: {" + breaches + ", liable: [{role: baker, person: B1}]}", nil},
		"liable is another person":         {bad + "expect: {" + breaches + ", liable: [{role: baker, person: B2}]}", []string{"liable"}},
		"liable is exact":                  {bad + "expect: {" + breaches + ", liable: []}", []string{"liable"}},
		"liable is not named":              {bad + "expect: {" + breaches + "}", nil},

		"cites at least":        {good + "expect: {cites: [bread/2]}", nil},
		"cites another article": {good + "expect: {cites: [bread/2, bread/3]}", []string{"cites"}},
		"cites these alone":     {good + "expect: {cites_only: [bread/1, bread/2]}", nil},
		"cites another beside":  {good + "expect: {cites_only: [bread/2]}", []string{"cites_only"}},
		"rules at least":        {good + "expect: {rules: [bread.full]}", nil},
		"another rule":          {good + "expect: {rules: [bread.fuller]}", []string{"rules"}},

		"missing facts by name":   {empty + "expect: {verdict: undetermined, missing_facts: [weight, flaws]}", nil},
		"missing facts are exact": {empty + "expect: {missing_facts: [weight]}", []string{"missing_facts"}},
		"missing facts in full":   {"facts: {flaws: []}\nexpect: {missing_facts: [{fact: weight, needed_by: bread.recall}, {needed_by: bread.full}, {fact: weight}, {}]}", nil},
		"decisions by code":       {"facts: {flaws: [], weight: 1}\nexpect: {breaches: [bread/2#light], decisions: [recall]}", nil},
		"decisions are exact":     {good + "expect: {decisions: [recall]}", []string{"decisions"}},

		"a list of records in any order":   {bags + "expect: {gaps: [{bag: B, missing: [price, label]}, {bag: A}]}", nil},
		"each record needs one of its own": {bags + "expect: {gaps: [{bag: A}, {bag: A}]}", []string{"gaps"}},
		"a greedy match must be undone":    {bags + "expect: {gaps: [{}, {bag: A}]}", nil},
		"a list of another length":         {bags + "expect: {gaps: [{bag: A}]}", []string{"gaps"}},
		"an empty list":                    {good + "expect: {gaps: []}", nil},
		"a value for a list":               {good + "expect: {gaps: none}", []string{"gaps"}},
		"a list for a value":               {good + "expect: {grams: [500]}", []string{"grams"}},

		"an error that nobody named":   {wrong + "expect: {verdict: good}", []string{"error"}},
		"an error by its code":         {wrong + "expect: {error: unknown_word}", nil},
		"another error":                {wrong + "expect: {error: wrong_type}", []string{"error"}},
		"an error in full":             {wrong + "expect: {error: {code: unknown_word, fact: 'flaws[0]'}}", nil},
		"an error of another fact":     {wrong + "expect: {error: {code: unknown_word, fact: weight}}", []string{"error"}},
		"an error by a dotted path":    {wrong + "expect: {error.fact: 'flaws[0]'}", nil},
		"an error where there is none": {good + "expect: {error: unknown_word}", []string{"error"}},
		"no error where there is one":  {wrong + "expect: {error: null}", []string{"error"}},
		"no error where there is none": {good + "expect: {error: null}", nil},

		"a reading of the case": {"readings: {weight.least: grams_400}\nfacts: {flaws: [], weight: 400}\nexpect: {verdict: good, readings: {weight.least: grams_400}}", nil},
		"the edition":           {good + "expect: {rulebook.edition: '2020-01-01', rulebook: {id: bakery}}", nil},
		"another edition":       {good + "expect: {rulebook.edition: '2021-01-01'}", []string{"rulebook.edition"}},
		"an unknown reading":    {"readings: {weight.most: grams_400}\nexpect: {}", []string{"readings"}},
		"an unknown option":     {"readings: {weight.least: grams_300}\nexpect: {}", []string{"readings"}},
	} {
		t.Run(name, func(t *testing.T) {
			result := one(t, test.text)
			var fails []string
			for _, m := range result.Mismatches {
				fails = append(fails, m.Field)
			}
			assert.Equal(t, test.fails, fails, "%v", result.Mismatches)
			assert.Equal(t, len(test.fails) == 0, result.Passed())
		})
	}
}

func TestMismatchSaysWhatCameOut(t *testing.T) {
	for text, want := range map[string]string{
		"facts: {flaws: [], weight: 500}\nexpect: {scale: {grams: 1, least: null}}": `scale: expected {grams: 1, least: null}, got {grams: 500, least: 500}`,
		"facts: {flaws: [], weight: 500}\nexpect: {gaps: [{bag: A}, x]}":            `gaps: expected [{bag: A}, x], got []`,
		"facts: {flaws: [], weight: 500}\nexpect: {remark: fresh}":                  `remark: expected fresh, got null`,
		"facts: {flaws: [], weight: 500}\nexpect: {scale.most: 1}":                  `scale.most: expected 1, got no such field`,
		"facts: {flaws: [flat], weight: 500}\nexpect: {breaches: []}":               `breaches: expected none, got bread/1#flat`,
		"facts: {flaws: [], weight: 500}\nexpect: {breaches: [bread/1#flat]}":       `breaches: expected bread/1#flat, got none`,
	} {
		result := one(t, text)
		require.Len(t, result.Mismatches, 1)
		assert.Equal(t, want, result.Mismatches[0].String())
	}
}

// What came out, taken over into the case, is expected by it: also records, lists
// and texts that want quotes.
func TestWhatCameOutCanBeTakenOver(t *testing.T) {
	facts := "facts: {flaws: [], weight: 500, bags: [{name: 'A, B', label: false, price: true}, {name: 'true', label: false, price: false}]}\nexpect: {%s}"
	for _, field := range []string{"scale", "gaps", "grams", "size", "price", "share", "remark", "verdict"} {
		result := one(t, fmt.Sprintf(facts, field+": {no: such}"))
		require.Len(t, result.Mismatches, 1, field)
		got := result.Mismatches[0].Got
		assert.True(t, one(t, fmt.Sprintf(facts, field+": "+got)).Passed(), "%s: %s", field, got)
	}
}

// What an expectation calls as answers do – a value, a word, a breach, an article –
// is told by its name.
func TestExpectedByItsLabel(t *testing.T) {
	for expect, want := range map[string]string{
		"{重量: 5}":                 "allowed",
		"{克: 5}":                  "是否指 grams？",
		"{大小: small}":             "是否指 size？",
		"{verdict: 好}":            "写词，不写它的名称：good",
		"{size: 大号}":              "可写：small（小）、large（大）",
		"{breaches: [面包第1条#烤焦]}":  "写 bread/1",
		"{cites: [面包第二条]}":        "写 bread/2",
		"{cites: [面包第9条]}":        "可写：bread/1, bread/2",
		"{breaches: [bread/1#塌]}": "是否指 flat？",
		"{breaches: [bread/1#烤]}": "写成 条款#代码",
	} {
		r := one(t, "facts: {flaws: [], weight: 500}\nexpect: "+expect)
		require.NotEmpty(t, r.Findings, expect)
		if want == "allowed" {
			assert.True(t, strings.HasPrefix(r.Findings[0].Remedy.ZH, "可写："), "%s: %s", expect, r.Findings[0].Remedy.ZH)
			continue
		}
		assert.Contains(t, r.Findings[0].Remedy.ZH, want, expect)
	}
}

// A number with a separator in what is given or expected is one number.
func TestNumberCutInACase(t *testing.T) {
	for _, text := range []string{
		"facts: {flaws: [], weight: 1,500}\nexpect: {verdict: good}",
		"facts: {flaws: [], weight: 500}\nexpect: {grams: 1,500, verdict: good}",
		"facts: {flaws: [], weight: 500}\nexpect: {verdict: good, grams: 1,500}",
	} {
		r := one(t, text)
		require.Len(t, r.Findings, 1, text)
		assert.Equal(t, "write a number without separators: 1500", r.Findings[0].Remedy.EN)
	}
	r := one(t, "facts: {flaws: [], weight: 500}\nexpect: {price: 1,005.50元}")
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "数字不加分隔符：写 1005.50元", r.Findings[0].Remedy.ZH)
	r = one(t, "facts: {flaws: [], weight: １，５００}\nexpect: {verdict: good}")
	require.Len(t, r.Findings, 1)
	assert.Contains(t, r.Findings[0].Remedy.ZH, "写：1500")
}

// What no answer can be is told as a mistake of the case, with what to write.
func TestExpectedOfAnotherKind(t *testing.T) {
	for expect, want := range map[string]string{ // as YAML: code and remedy
		"{verdict: 好}":                "unknown_word: write the word, not its label: good",
		"{size: Small}":               "unknown_word: write the word, not its label: small",
		"{size: big}":                 "unknown_word: allowed: small, large",
		"{whole: '是'}":                "not_a_boolean: write true",
		"{whole: 'true'}":             "wrong_type: write it without quotes: true",
		"{grams: '500'}":              "wrong_type: write it without quotes: 500",
		"{grams: 500克}":               "not_an_integer: write the number without a unit: 500",
		"{grams: five}":               "not_an_integer: write a whole number in the digits 0-9, without leading zero, separator, fraction, exponent or unit",
		"{scale.grams: '500'}":        "wrong_type: write it without quotes: 500",
		"{price: 5.50%}":              "not_money: it is an amount of money, and not a share",
		"{baked_at: 2025-06-09 9:00}": "not_a_moment: write it with T, seconds and its offset, as in 2025-06-09T09:00:00+08:00",
	} {
		r := one(t, "facts: {flaws: [], weight: 500, baked_at: 2025-06-09T09:00:00+08:00}\nexpect: "+expect)
		require.Len(t, r.Mismatches, 1, expect)
		require.Len(t, r.Findings, 1, expect)
		assert.Equal(t, want, r.Findings[0].Code+": "+r.Findings[0].Remedy.EN, expect)
		assert.NotEmpty(t, r.Findings[0].Remedy.ZH, expect)
	}
	for _, expect := range []string{"{verdict: bad}", "{size: large}", "{whole: false}", "{grams: 501}", "{price: 5.51}", "{baked_at: 2025-06-09T09:00:01+08:00}", "{gaps: []}"} {
		assert.Empty(t, one(t, "facts: {flaws: [], weight: 500, baked_at: 2025-06-09T09:00:00+08:00}\nexpect: "+expect).Findings, expect)
	}
	r := one(t, "facts: {flaws: [flat], weight: 500}\nexpect: {verdict: bad, breaches: [bread/1]}")
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "写成 条款#代码，如 bread/1#flat", r.Findings[0].Remedy.ZH)
	r = one(t, "facts: {flaws: [flat], weight: 500}\nexpect: {verdict: bad, breaches: [bread/1#flta]}")
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "did you mean flat?", r.Findings[0].Remedy.EN)
}

func TestEveryRefusedFactIsAMismatch(t *testing.T) {
	var got []string
	for _, m := range one(t, "facts: {flaws: [flt], weight: -1, wieght: 2}\nexpect: {verdict: bad}").Mismatches {
		got = append(got, m.String()[:strings.Index(m.String(), ", message")])
	}
	assert.Equal(t, []string{
		`error: expected none, got {code: unknown_word, fact: "flaws[0]"`, `error: expected none, got {code: out_of_range, fact: weight`, `error: expected none, got {code: unknown_fact, fact: wieght`,
	}, got)
	assert.True(t, one(t, "facts: {flaws: [flt], weight: -1, wieght: 2}\nexpect: {error: unknown_word}").Passed())
}

// Who expects a refusal, and of another code, is told the code to expect.
func TestTheCodeOfARefusalIsTold(t *testing.T) {
	for facts, code := range map[string]string{"facts: {flaws: [flt], weight: 500}": "unknown_word", "facts: {flaws: [], weight: -1}": "out_of_range"} {
		r := one(t, facts+"\nexpect: {error: not_this}")
		require.Len(t, r.Mismatches, 1)
		assert.True(t, strings.HasPrefix(r.Mismatches[0].Refused.EN, code+": "), r.Mismatches[0].Refused.EN)
		assert.True(t, one(t, facts+"\nexpect: {error: "+code+"}").Passed())
	}
}

func TestRunKeepsTheAnswer(t *testing.T) {
	result := one(t, "facts: {flaws: [], weight: 500}\nexpect: {verdict: bad}")
	require.NotNil(t, result.Answer)
	assert.Equal(t, "good", result.Answer.Verdict)
	assert.Equal(t, "n", result.Case.Name)
	assert.Nil(t, one(t, "facts: {wieght: 500}\nexpect: {error: unknown_fact}").Answer)
}

func TestUnknownQuestionAndCancelledContextFail(t *testing.T) {
	f, found := casefile.Parse("f.yaml", []byte("cases:\n- {name: n, question: loafs, expect: {}}\n- {name: m, question: loaf, expect: {}}\n"))
	require.Empty(t, found)
	result := casefile.Run(t.Context(), bake(t), f.Cases[0])
	require.False(t, result.Passed())
	assert.Equal(t, "question", result.Mismatches[0].Field)
	assert.Contains(t, result.Mismatches[0].Got, "loafs")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.False(t, casefile.Run(ctx, bake(t), f.Cases[1]).Passed())
}

// Matching many records to many is quick also where it fails.
func TestManyRecords(t *testing.T) {
	var bags, wants []string
	for range 60 {
		bags = append(bags, "{name: A, label: false, price: false}")
		wants = append(wants, "{bag: A}")
	}
	wants[59] = "{bag: B}"
	result := one(t, "facts: {flaws: [], weight: 500, bags: ["+strings.Join(bags, ", ")+"]}\nexpect: {gaps: ["+strings.Join(wants, ", ")+"]}")
	assert.False(t, result.Passed())
}

func TestBook(t *testing.T) {
	book := bake(t)
	same, err := casefile.Book(book, &casefile.File{})
	require.NoError(t, err)
	assert.Same(t, book, same)

	f, found := casefile.Parse("f.yaml", []byte(`
scenario: lighter loaves
changes: {regulations.bread.articles."2".duties.full.met: weight >= 300}
steps:
- {name: 300 g is enough, question: loaf, facts: {flaws: [], weight: 300}, expect: {verdict: good}}
- {name: 299 g is not, question: loaf, facts: {flaws: [], weight: 299}, expect: {breaches: [bread/2#light]}}
`))
	require.Empty(t, found)
	lighter, err := casefile.Book(book, f)
	require.NoError(t, err)
	for _, c := range f.Cases {
		assert.Empty(t, casefile.Run(t.Context(), lighter, c).Mismatches, c.Name)
	}
	assert.False(t, casefile.Run(t.Context(), book, f.Cases[0]).Passed(), "the book itself stays as it is")
}

func TestBookThatDoesNotLoad(t *testing.T) {
	for name, change := range map[string]casefile.Change{
		"no such place":   {Path: "regulations.cake", To: "{}"},
		"not a condition": {Path: `regulations.bread.articles."2".duties.full.met`, To: "wieght >= 300"},
	} {
		_, err := casefile.Book(bake(t), &casefile.File{Name: "f.yaml", Changes: []casefile.Change{change}})
		var found diagnostic.List
		assert.True(t, errors.As(err, &found), "%s: %v", name, err)
	}
}

// Nothing is said in words, whatever it is that there is none of.
func TestNothingIsSaidInWords(t *testing.T) {
	for _, field := range []string{"breaches", "cites", "cites_only", "rules", "rules_only", "decisions", "missing_facts", "liable", "error"} {
		assert.Equal(t, "无", casefile.Side(field, "none").ZH, field)
		assert.Equal(t, "none", casefile.Side(field, "none").EN, field)
	}
	assert.Equal(t, "none", casefile.Side("colour", "none").ZH, "which may be a word")
}

// A breach that is expected as answers have it in JSON is told how cases write it.
func TestBreachAsMap(t *testing.T) {
	for expected, remedy := range map[string]string{
		"{article: bread/1, code: flat, rule: bread.whole}": "write bread/1#flat",
		"{code: flat}": "write it as article#code, as in bread/1#flat",
	} {
		r := one(t, "facts: {flaws: [flat], weight: 500}\nexpect: {verdict: bad, breaches: ["+expected+"]}")
		require.Len(t, r.Findings, 1, expected)
		assert.Equal(t, "bad_breach", r.Findings[0].Code)
		assert.Equal(t, remedy, r.Findings[0].Remedy.EN, expected)
	}
}

// A list without its brackets is told as it is meant, and once where its commas have
// made keys of its items.
func TestListsWithoutBrackets(t *testing.T) {
	for facts, remedies := range map[string][]string{
		"{flaws: flat, weight: 500}":         {"write [flat]"},
		"{flaws: flat, burnt, weight: 500}":  {"write [flat, burnt]"},
		"{weight: 500, flaws: flat, burnt}":  {"write [flat, burnt]"},
		"{weight: 500, flaws: flat burnt}":   {"write [flat, burnt]"},
		"{weight: 500, flaws: 'flat、burnt'}": {"write [flat, burnt]"},
		"{weight: 500, flaws: 'flat, brnt'}": {"write […]"},
	} {
		r := one(t, "facts: "+facts+"\nexpect: {verdict: bad}")
		var got []string
		for _, d := range r.Findings {
			got = append(got, d.Remedy.EN)
		}
		assert.Equal(t, remedies, got, facts)
	}
	r := one(t, "facts: {weight: 500, flaws: flat, wieght}\nexpect: {verdict: bad}")
	require.Len(t, r.Findings, 2, "what is no item is a mistake of its own")
}
