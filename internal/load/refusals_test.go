package load_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

func placesOf(err error) []string {
	var places []string
	for _, e := range policy.RefusedFacts(err) {
		places = append(places, e.Code+" "+e.Fact)
	}
	return places
}

// Everything that is wrong with facts is told at once, in the order of the text.
func TestEveryRefusedFactIsTold(t *testing.T) {
	book := lend(t)
	for _, x := range []struct {
		question, facts string
		want            []string
	}{
		{"fine.amount", `{"earlier": -1}`, []string{"out_of_range earlier"}},
		{"fine.amount", `{"grade": "grav", "zzz": 1, "as_of": "today", "earlier": -1, "apologised": 2, "fines": [null, {"at": 1, "id": "", "whn": 2}, 3]}`, []string{
			"unknown_word grade", "unknown_fact zzz", "not_a_moment as_of", "out_of_range earlier", "not_a_boolean apologised",
			"null_item fines[0]", "not_a_moment fines[1].at", "empty_name fines[1].id", "unknown_fact fines[1].whn", "wrong_type fines[2]",
		}},
		{"fine.amount", "{\"as_of\": 1,\n \"grade\": 7,\n \"grade\": \"grave\"}", []string{"not_a_moment as_of", "duplicate_key "}},
		{"fine.amount", `{"grade": "grave", "grade": "grave", "fines": [}`, []string{"duplicate_key ", "json_syntax "}},
		{"loan.clock", `{"loan": {"kind": "bok", "lent_at": 3, "x": 1, "back_at": {}}, "reader": []}`, []string{
			"unknown_word loan.kind", "not_a_moment loan.lent_at", "unknown_fact loan.x", "wrong_type loan.back_at", "wrong_type reader",
		}},
	} {
		_, err := book.Ask(t.Context(), x.question, x.facts)
		assert.Equal(t, x.want, placesOf(err), x.facts)
		var first *policy.FactError
		require.ErrorAs(t, err, &first)
		assert.Equal(t, x.want[0], first.Code+" "+first.Fact)
		var all policy.FactErrors
		if assert.Equal(t, len(x.want) > 1, errors.As(err, &all)); len(all) > 0 {
			assert.Len(t, strings.Split(all.In("zh"), "\n"), len(x.want))
			assert.Equal(t, all.In("en"), err.Error())
		}
		for _, e := range policy.RefusedFacts(err) {
			assert.NotEmpty(t, e.Remedy.ZH)
			assert.NotZero(t, e.Span.Start.Line)
		}
	}
	assert.Empty(t, policy.RefusedFacts(errors.New("another")))

	var many []string
	for i := range 150 {
		many = append(many, fmt.Sprintf(`"x%d": 1`, i))
	}
	_, err := book.Ask(t.Context(), "fine.amount", "{"+strings.Join(many, ",")+"}")
	all := policy.RefusedFacts(err)
	require.Len(t, all, 101)
	assert.Equal(t, "unknown_fact x0", all[0].Code+" "+all[0].Fact)
	assert.Equal(t, "50 more are wrong [too_many_errors] → mend those above first", all[100].Error())
}

// So it is of structs and columns, in the order of the fields.
func TestEveryRefusedFieldIsTold(t *testing.T) {
	book, err := rulebook.Load("testdata/clinic.yaml")
	require.NoError(t, err)
	ask, err := rulebook.Bind[record](book, "care.all")
	require.NoError(t, err)
	r := everyField()
	r.Urgency, r.Came, r.Born, r.Names = "hihg", time.Date(1699, 1, 1, 0, 0, 0, 0, time.UTC), policy.Is(10000), []string{"a", "", "b", ""}
	r.Helpers[0].Sign, r.Helpers[1].Sign = "x", "y"
	_, err = ask.Decide(r)
	assert.Equal(t, []string{
		"unknown_word visit.urgency", "out_of_range visit.came_at", "null_item names[1]", "null_item names[3]",
		"unknown_word helpers[0].sign", "unknown_word helpers[1].sign", "out_of_range born",
	}, placesOf(err))
	assert.Contains(t, err.Error(), "(field record.Urgency)")
	table, err := rulebook.Columns(book, "care.all", map[string]any{"visit.urgency": []string{"hihg"}, "born": []int{10000}, "basis": []any{"no/1"}})
	require.NoError(t, err)
	_, err = table.Decide(0)
	assert.Equal(t, []string{"unknown_article basis", "out_of_range born", "unknown_word visit.urgency"}, placesOf(err))
}
