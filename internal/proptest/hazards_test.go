package proptest_test

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/load"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// What is known to bring down programs that read YAML, JSON, dates and
// expressions, or to make them say something wrong without an error. Each has
// a guard, and the finding that it gives.

// small is a rulebook of one page with changes: old, new, old, new, …
func small(t *testing.T, file string, changes ...string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/small/" + file + ".yaml")
	require.NoError(t, err)
	text := string(data)
	for i := 0; i < len(changes); i += 2 {
		require.Equal(t, 1, strings.Count(text, changes[i]), changes[i])
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return text
}

func codesOf(err error) []string {
	var found diagnostic.List
	var codes []string
	if errors.As(err, &found) {
		for _, d := range found {
			codes = append(codes, d.Code)
		}
	}
	return codes
}

func TestHazardsOfExpressions(t *testing.T) {
	const when = `n > 1 and "food" not in deeds`
	for hazard, code := range map[string]string{
		strings.Repeat("(", 70) + "true" + strings.Repeat(")", 70): "expression_too_deep",
		strings.Repeat("(", 5_000):                                 "expression_too_long",
		strings.Repeat("!", 70) + "true":                           "expression_too_deep",
		strings.Repeat("- ", 70) + "n > 1":                         "expression_too_deep",
		strings.Repeat("[", 70):                                    "expression_too_deep",
		strings.Repeat("len(", 70):                                 "expression_too_deep",
		`reduce(1..99999, #acc + #acc, "x") == "x"`:                "unknown_function",
		`1..99999 == [1]`:                                          "unsupported_syntax",
		`let a = n; a > 1`:                                         "unsupported_syntax",
		`"a" + "b" == "ab"`:                                        "type_mismatch",
		`repeat("a", 9) == "a"`:                                    "unknown_function",
		`toJSON(n) == "1"`:                                         "unknown_function",
		`all(deeds, all(deeds, # == "food"))`:                      "nested_loop",
		`"food" matches "(a?){999}b"`:                              "unsupported_syntax",
		`m != 3`:                                                   "unknown_fact",
		`m not in [3]`:                                             "unknown_fact",
		`n == 2147483647 * 2147483647 * 2147483647`:                "number_overflow",
		`n > 19.99 * 100`:                                          "float_literal",
		`n.String() == "3"`:                                        "unsupported_syntax",
		`deeds.Len() > 3`:                                          "unsupported_syntax",
		`n == "3"`:                                                 "type_mismatch",
		`"foood" in deeds`:                                         "unknown_word",
		"":                                                         "empty_expression",
	} {
		text := small(t, "duty", "'"+when+"'", strconv.Quote(hazard))
		_, err := rulebook.Parse("small.yaml", []byte(text))
		assert.Contains(t, codesOf(err), code, "%.60s: %v", hazard, err)
		checkRules(t, []byte(text))
	}
}

func TestHazardsOfYAML(t *testing.T) {
	head := "rulebook: {id: a,"
	for name, c := range map[string]struct{ old, new, code string }{
		"one error a pair of duplicates":   {head, "x: [" + strings.Repeat("{a,a,a,a},", 10_000) + "]\n" + head, "duplicate_key"},
		"a map of many keys":               {head, "x: {" + times(30_000, func(i int) string { return "k" + strconv.Itoa(i) + ": 1," }) + "}\n" + head, "too_many_keys"},
		"an anchor":                        {head, "x: &x 1\n" + head, "anchor"},
		"an alias":                         {head, "x: &x 1\ny: *x\n" + head, "alias"},
		"a merge key":                      {head, "x: {<<: {a: 1}}\n" + head, "merge_key"},
		"depth":                            {head, "x: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n" + head, "too_deep"},
		"a negation that is a tag":         {`when: 'n > 1 and "food" not in deeds'`, "when: !active x", "tag"},
		"an empty condition":               {`when: 'n > 1 and "food" not in deeds',`, "when: ,", "value_expected"},
		"an octal number":                  {"is: n - 1", "is: n - 020", "number_literal"},
		"a number with a separator":        {"is: n - 1", "is: n - 1_000", "number_literal"},
		"a fraction for a whole number":    {"is: n - 1", "is: n - 20.5", "float_literal"},
		"yes for true":                     {"if_absent: empty", "if_absent: empty, ordered: yes", "not_a_boolean"},
		"a second document":                {head, "---\nx: 1\n---\n" + head, "second_document"},
		"an empty item":                    {"prohibited: [noise]", "prohibited: [noise, ~]", "null_item"},
		"keys that are the same number":    {head, "x: {1: a, 0x1: b, \"1\": c}\n" + head, "duplicate_key"},
		"UTF-16":                           {head, "\xff\xfe" + head, "byte_order_mark"},
		"a line break that is none":        {"zh: 甲", "zh: 甲\u0085", "control_character"},
		"a date that does not exist":       {"2020-01-01", "2026-02-30", "not_a_date"},
		"a month that does not exist":      {"2020-01-01", "2026-13-01", "not_a_date"},
		"no date":                          {"2020-01-01", `""`, "value_expected"},
		"a date that could be two":         {"2020-01-01", "03/04/2026", "not_a_date"},
		"a date of no year":                {"2020-01-01", "0000-12-31", "out_of_range"},
		"a moment for a date":              {"2020-01-01", "2026-01-02T00:00:00Z", "not_a_date"},
		"a zone that does not exist":       {"zone: UTC", "zone: Asia/Shangai", "unknown_zone"},
		"the zone of the machine":          {"zone: UTC", "zone: Local", "unknown_zone"},
		"a file larger than a file may be": {head, "# " + strings.Repeat("x", 1<<20) + "\n" + head, "file_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			text := small(t, "duty", c.old, c.new)
			_, err := rulebook.Parse("small.yaml", []byte(text))
			assert.Contains(t, codesOf(err), c.code, "%v", err)
			checkRules(t, []byte(text))
		})
	}
	t.Run("a comment that cuts an expression", func(t *testing.T) {
		text := small(t, "share", "values: {big: {zh: 大, en: big, is: 'count(l, .x > 2)'}}",
			"values:\n      big:\n        zh: 大\n        en: big\n        is: n # 件 pieces")
		book, found := load.Parse("small.yaml", []byte(text))
		require.NotNil(t, book, "%v", found)
		require.Len(t, found, 1)
		assert.Equal(t, "comment_after_expression", found[0].Code)
		assert.Equal(t, diagnostic.Warning, found[0].Severity)
	})
}

func TestHazardsOfFacts(t *testing.T) {
	book, err := rulebook.Parse("small.yaml", []byte(small(t, "duty")))
	require.NoError(t, err)
	for facts, code := range map[string]string{
		`{"n":1,"n":2}`:               "duplicate_key",
		`{"N":1}`:                     "unknown_fact",
		`{"n":1} {"n":2}`:             "json_syntax",
		`{"n":1}x`:                    "json_syntax",
		"{\"deeds\":[\"noise\xff\"]}": "not_utf8",
		`{"deeds":[` + strings.Repeat("1,", 25<<20): "too_large",
		`{"deeds":` + strings.Repeat("[", 40):       "too_deep",
		`{"deeds":[null]}`:                          "null_item",
		`{"n":9223372036854775808}`:                 "out_of_range",
		`{"n":1.0}`:                                 "not_an_integer",
		`{"n":"1"}`:                                 "wrong_type",
		`{"deeds":[` + strings.Repeat(`"noise",`, 1_000) + `"noise"]}`: "too_many_items",
	} {
		_, err := book.Check("q", []byte(facts))
		var refused *policy.FactError
		require.True(t, errors.As(err, &refused), "%.60s: %v", facts, err)
		assert.Equal(t, code, refused.Code, "%.60s", facts)
	}
	for _, facts := range []string{`{}`, `{"n":null}`} { // null is no zero, and absent no false
		answer, err := book.Ask(t.Context(), "q", []byte(facts), rulebook.AsOf(time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)))
		require.NoError(t, err)
		assert.Equal(t, policy.Undetermined, answer.Verdict)
		_, known := answer.Int("left")
		assert.False(t, known)
	}
}

// 24 hours on are not the next day where clocks change: days are counted on
// dates, hours on the clock that everybody shares.
func TestHazardsOfDays(t *testing.T) {
	for within, want := range map[string]string{"1 calendar day": "2025-03-09", "24 hours": "2025-03-09T13:00:00-04:00"} {
		text := small(t, "deadline", "zone: Asia/Shanghai", "zone: America/New_York",
			"{by: date, 2020-01-01: 5 working days, 2026-01-01: 24小时}", within,
			"values: {day: {zh: 期, en: day, is: c.due_date}}", "values: {day: {zh: 期, en: day, is: c.due_date}, at: {zh: 时, en: at, is: c.due_at}}")
		book, err := rulebook.Parse("small.yaml", []byte(text))
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "q", []byte(`{"t":{"at":"2025-03-08T12:00:00-05:00"},"as_of":"2025-03-08T13:00:00-05:00"}`))
		require.NoError(t, err)
		got := ""
		if day, ok := answer.Date("day"); ok {
			got = day.String()
		}
		if at, ok := answer.Moment("at"); ok {
			got = at.Format(time.RFC3339)
		}
		assert.Equal(t, want, got, within)
	}
}
