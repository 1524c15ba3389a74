package forms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/load"
)

// branches is a rulebook of lists in lists: branches with their visits.
const branches = `
rulebook: {id: branches, title: {zh: 网点, en: branches}, zone: UTC, currency: GBP, in_force: {from: 2019-04-01}}
words: {said: {ok: {zh: 可, en: fine}, low: {zh: 低, en: low}}}
facts:
  branches:
    zh: 网点
    en: branches
    type: list
    of:
      type: record
      fields:
        id: {zh: 编号, en: branch, type: name}
        ward: {zh: 区, en: ward, type: name}
        visits: {zh: 上门, en: visits, type: list, of: {type: record, fields: {paid: {zh: 已付, en: paid, type: money}, kept: {zh: 守约, en: kept, type: yes_no}}}}
        shut: {zh: 关停, en: shut, type: list, if_absent: empty, of: {type: record, fields: {from: {zh: 自, en: from, type: moment}, to: {zh: 至, en: to, type: moment}}}}
regulations:
  b:
    zh: 网点
    en: Branches
    articles:
      "1":
        nature: threshold
        title: {zh: 合计, en: totals}
        text: {zh: 各网点及各区合计。, en: Totals of branches and of wards.}
        figures:
          by_branch:
            zh: 各网点
            en: by branch
            each: branches
            fields: {id: .id, ward: .ward, visits: len(.visits), paid: 'sum(.visits, .paid)', missed: 'count(.visits, not .kept)', late: 'filter(.visits, not .kept)', shut: total_time(.shut)}
          by_ward:
            zh: 各区
            en: by ward
            each: by_branch.value
            group_by: {ward: .ward}
            fields: {branches: len(group), paid: 'sum(group, .paid)', most: 'greatest(map(group, .missed))', missed_in: 'map(filter(group, .missed > 0), .id)'}
questions:
  b.wards:
    zh: 各区
    en: wards
    facts: [branches]
    governed_by: 2025-01-01
    rules: [by_ward]
    verdict: {is: 'any(by_ward.value, .most > 1) ? "low" : "ok"', words: said}
    values: {branches: {zh: 网点, en: branches, is: by_branch.value}, wards: {zh: 区, en: wards, is: by_ward.value}}
`

func TestListsInLists(t *testing.T) {
	book := parse(t, branches)
	const facts = `{"as_of": "2025-06-01T12:00:00Z", "branches": [
		{"id": "n1", "ward": "north", "visits": [{"paid": "1.50", "kept": true}, {"paid": "2.00", "kept": false}], "shut": [{"from": "2025-06-01T10:00:00Z"}, {"from": "2025-06-01T09:00:00Z", "to": "2025-06-01T10:30:00Z"}]},
		{"id": "s1", "ward": "south", "visits": []},
		{"id": "n2", "ward": "north", "visits": [{"paid": "0.25", "kept": false}, {"paid": "0.25", "kept": false}]}]}`
	a := ask(t, book, "b.wards", facts)
	assert.Equal(t, "low", a.Verdict)
	assert.True(t, a.Provisional)
	assert.JSONEq(t, `{"branches": [
		{"id": "n1", "ward": "north", "visits": 2, "paid": "3.50", "missed": 1, "late": [{"paid": "2.00", "kept": false}], "shut": "PT3H"},
		{"id": "n2", "ward": "north", "visits": 2, "paid": "0.50", "missed": 2, "late": [{"paid": "0.25", "kept": false}, {"paid": "0.25", "kept": false}], "shut": "PT0S"},
		{"id": "s1", "ward": "south", "visits": 0, "paid": "0.00", "missed": 0, "late": [], "shut": "PT0S"}],
		"wards": [{"ward": "north", "branches": 2, "paid": "4.00", "most": 2, "missed_in": ["n1", "n2"]}, {"ward": "south", "branches": 1, "paid": "0.00", "most": 0, "missed_in": []}]}`,
		valuesOf(t, a))
	a = ask(t, book, "b.wards", strings.Replace(facts, `"paid": "2.00", `, "", 1))
	assert.Equal(t, "low", a.Verdict, "what is paid does not matter to that")
	for _, m := range a.MissingFacts {
		assert.Equal(t, "branches[0].visits[1].paid", m.Fact)
	}
	require.NotEmpty(t, a.MissingFacts)
}

// What goes through another list for every element costs too much.
func TestListsForEveryElementAreBounded(t *testing.T) {
	for _, field := range []string{
		"sum(branches, len(.visits))", "len(branches) + count(branches, .ward == \"north\") + count(branches, .ward == \"south\") + count(branches, .ward == \"east\")",
	} {
		var fields []string
		for i := range 6 {
			fields = append(fields, fmt.Sprintf("f%d: '%s'", i, field))
		}
		_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(branches, "fields: {id: .id,", "fields: {"+strings.Join(fields, ", ")+", id: .id,", 1)))
		require.ErrorContains(t, err, "question_too_costly")
	}
	_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(branches, "fields: {id: .id,", "fields: {others: 'map(branches, .id)', id: .id,", 1)))
	require.ErrorContains(t, err, "question_too_costly", "a million names are kept")
}

// The element around a list is not seen while the list is gone through, and it is said
// how the same is written.
func TestElementAroundAList(t *testing.T) {
	const book = `
rulebook: {id: works, title: Works, languages: [en], zone: Europe/Berlin, in_force: {from: 2024-01-01}}
facts:
  jobs:
    en: jobs
    type: list
    of: {type: record, fields: {id: {en: number, type: name}, opened: {en: opened, type: moment}, stops: {en: stops, type: list, of: {type: record, fields: {at: {en: at, type: moment}}}}}}
regulations:
  w:
    en: works
    articles:
      "1":
        nature: deadline
        title: limit
        text: limit
        figures:
          later: {en: stopped later, each: jobs, fields: {id: .id, later: '«any(.stops, .at > .opened)»'}, columns: {later: {en: later}}}
questions:
  w.jobs:
    en: jobs
    facts: [jobs]
    rules: [later]
    verdict: {is: '"told"', words: {told: told}}
    values: {later: {is: later.value}}
`
	_, found := load.Parse("works.yaml", []byte(strings.NewReplacer("«", "", "»", "").Replace(book)))
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Remedy.EN, "any(.items, .at > .opened) is latest(map(.items, .at)) > .opened")
	assert.Contains(t, found[0].Remedy.ZH, "opened 是外层那一项的")

	said := parse(t, book[:strings.Index(book, "«")]+"latest(map(.stops, .at)) > .opened"+book[strings.Index(book, "»")+len("»"):])
	a := ask(t, said, "w.jobs", `{"jobs": [{"id": "a", "opened": "2025-06-02T10:00:00Z", "stops": [{"at": "2025-06-01T10:00:00Z"}, {"at": "2025-06-03T10:00:00Z"}]}, {"id": "b", "opened": "2025-06-02T10:00:00Z", "stops": [{"at": "2025-06-01T10:00:00Z"}]}]}`)
	assert.JSONEq(t, `{"later": [{"id": "a", "later": true}, {"id": "b", "later": false}]}`, valuesOf(t, a))
}
