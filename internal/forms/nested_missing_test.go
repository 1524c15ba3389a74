package forms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const nestedMissing = `
rulebook: {id: nested, title: Nested, languages: [en], zone: Europe/Berlin, currency: EUR, in_force: {from: 2024-01-01}}
facts:
  items:
    en: items
    type: list
    of:
      type: record
      fields:
        id: {en: id, type: name}
        at: {en: at, type: moment}
        done: {en: done, type: moment, if_absent: none}
        from: {en: from, type: date, if_absent: none}
        to: {en: to, type: date, if_absent: none}
        halts: {en: halts, type: list, if_absent: empty, of: {type: record, fields: {from: {en: from, type: moment, if_absent: unknown}, to: {en: to, type: moment, if_absent: unknown}, why: {en: why, type: count, if_absent: unknown}}}}
regulations:
  r:
    en: Rules
    articles:
      "1":
        nature: deadline
        title: One
        text: One.
        clocks: {each: {en: each, each: items, id: .id, done: .done, pause_days: whole_days}}
        deadlines: {limit: {en: limit, part_of: each, within: 2 days, from: .at}}
        pauses: {halt: {en: halt, part_of: each, each: 'HALTS', from: .from, to: .to}}
        figures:
          listed: {en: listed, each: items, fields: {id: .id, n: "sum(.halts, .why)", ended: "all(.halts, .to != null)"}, columns: {n: {en: n}, ended: {en: ended}}}
questions:
  r.clock: {en: clock, facts: [items], rules: [each], verdict: {is: 'len(each.late) > 0 ? "late" : "kept"', words: {late: late, kept: kept}}, values: {late: {is: each.late}}}
  r.listed: {en: listed, facts: [items], rules: [listed], verdict: {is: '"yes"', words: {yes: "yes"}}, values: {n: {en: n, is: "map(listed.value, .n)"}, ended: {en: ended, is: "map(listed.value, .ended)"}}}
`

// What a record inside of an item lacks is named by its place there, as it was given,
// in all shapes of facts.
func TestMissingInListInsideOfAnItem(t *testing.T) {
	const facts = `{"as_of": "2025-06-20T00:00:00Z", "items": [
		{"id": "b", "at": "2025-06-02T08:00:00Z", "done": "2025-06-03T08:00:00Z", "halts": []},
		{"id": "a", "at": "2025-06-02T08:00:00Z", "done": "2025-06-08T08:00:00Z", "halts": [
			{"from": "2025-06-05T08:00:00Z", "to": "2025-06-05T09:00:00Z", "why": 1}, {"from": "2025-06-03T00:00:00Z", "why": 3}, {"from": "2025-06-04T00:00:00Z", "to": "2025-06-04T09:00:00Z"}]}]}`
	type halt struct {
		From *string `json:"from"`
		To   *string `json:"to"`
		Why  *int    `json:"why"`
	}
	type item struct {
		ID    string `json:"id"`
		At    string `json:"at"`
		Done  string `json:"done"`
		Halts []halt `json:"halts"`
	}
	text := func(s string) *string { return &s }
	one, three := 1, 3
	bound := struct {
		AsOf  string `json:"as_of"`
		Items []item `json:"items"`
	}{"2025-06-20T00:00:00Z", []item{{ID: "b", At: "2025-06-02T08:00:00Z", Done: "2025-06-03T08:00:00Z", Halts: []halt{}},
		{ID: "a", At: "2025-06-02T08:00:00Z", Done: "2025-06-08T08:00:00Z", Halts: []halt{
			{text("2025-06-05T08:00:00Z"), text("2025-06-05T09:00:00Z"), &one}, {text("2025-06-03T00:00:00Z"), nil, &three}, {text("2025-06-04T00:00:00Z"), text("2025-06-04T09:00:00Z"), nil}}}}}
	for _, halts := range []string{".halts", "filter(.halts, .why != 7)"} {
		book := parse(t, strings.ReplaceAll(nestedMissing, "HALTS", halts))
		for shape, given := range map[string]any{"json": facts, "struct": bound, "pointer": &bound} {
			say := func(question string) []string {
				a, err := book.Ask(t.Context(), question, given)
				require.NoError(t, err)
				require.NoError(t, a.Error)
				return missing(a)
			}
			if halts == ".halts" {
				assert.Equal(t, []string{"items[1].halts[1].to < r.each"}, say("r.clock"), shape)
			}
			assert.Equal(t, "[items[1].halts[1].to < r.listed items[1].halts[2].why < r.listed]", fmt.Sprint(say("r.listed")), shape)
		}
	}
}
