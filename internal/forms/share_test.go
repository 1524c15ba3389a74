package forms_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What everybody pays of a fine comes to the fine, and is told.
func TestLadderSharesAreWhole(t *testing.T) {
	for place, fine := range map[string]int64{"shelf": 10, "hall": 20, "site": 80} {
		for people := int64(1); people <= 25; people++ {
			left := fine
			for number := int64(1); number <= people; number++ {
				facts := fmt.Sprintf(`{"place":%q,"earlier":{"shelf":0,"hall":0,"site":0},"claims":[],"people":%d,"number":%d}`, place, people, number)
				final, ok := askWarehouse(t, "fine", facts, "sharing=split").Int("final")
				require.True(t, ok)
				left -= final
			}
			require.Zero(t, left, "%d among %d", fine, people)
		}
	}
	told := func(people, number int) string {
		facts := fmt.Sprintf(`{"place":"hall","earlier":{"hall":0},"claims":[],"people":%d,"number":%d}`, people, number)
		return askWarehouse(t, "fine", facts, "sharing=split").Explain("en")
	}
	assert.Contains(t, told(3, 3), "20 among 3: 7, 7 and 6, together 20; the first 2 bear 1 more; this person is number 3 and bears 6")
	assert.Contains(t, told(4, 1), "20 among 4: 5 each")
	assert.Contains(t, told(21, 21), "20 among 21: 20 of 1 and 1 of 0, together 20; the first 20 bear 1 more; this person is number 21 and bears 0")

	// Without his place, nothing is said of what he pays.
	open := askWarehouse(t, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],"people":3}`, "sharing=split")
	assert.Equal(t, "undetermined", open.Verdict)
	assert.Equal(t, []string{"number < damage.damage_fine"}, missing(open))
	_, ok := open.Int("final")
	assert.False(t, ok)
	assert.Contains(t, open.Explain("en"), "20 among 3: 7, 7 and 6, together 20; this person's place is not known: 7 or 6")
	assert.Contains(t, open.Explain("zh"), "20 由 3 人分担：7、7和6，合计 20；本人排第几不明，担 7 或 6")

	// Where nothing says what it is, a person decides.
	const place = "            share_place: {by: sharing, split: number, otherwise: none}\n"
	require.Contains(t, warehouse, place)
	book := parse(t, strings.Replace(warehouse, place, "", 1))
	open = ask(t, book, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],"people":3}`, "sharing=split")
	require.Len(t, open.Decisions, 1)
	assert.Equal(t, "share", open.Decisions[0].Code)
	_, ok = open.Int("final")
	assert.False(t, ok)

	for facts, says := range map[string]string{`"people":3,"number":4`: "there is no place 4 among the 3 who share", `"people":3,"number":0`: "there is no place 0",
		`"people":4,"number":5`: "there is no place 5 among the 4 who share", `"people":2,"number":0`: "there is no place 0 among the 2", `"people":1,"number":3`: "there is no place 3 among the 1", `"people":0`: "it is split among 0"} {
		refused := askWarehouse(t, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],`+facts+`}`, "sharing=split")
		require.Error(t, refused.Error)
		assert.Contains(t, refused.Failure().Message.EN, says)
	}
	nothing := askWarehouse(t, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],"at_fault":false}`, "sharing=fault")
	assert.Contains(t, nothing.Explain("en"), "net steps 0: 20 proposed")
	assert.Contains(t, nothing.Explain("en"), "this person bears nothing: at fault is no; 0 proposed")
}

// A percentage is exact, rounded as the rule says, and told.
func TestJointRounding(t *testing.T) {
	const by = "share_by: {by: beside, percent: parameter, fixed: parameter, otherwise: none}"
	for rounding, says := range map[string]string{"down": "F foreman 6 (33% of 20 is 6.6, rounded down)", "half_up": "F foreman 7 (33% of 20 is 6.6, rounded half up)", "up": "F foreman 7 (33% of 20 is 6.6, rounded up)"} {
		book := parse(t, strings.Replace(warehouse, by, by+"\n            share_rounding: "+rounding, 1))
		a := ask(t, book, "joint", `{"fined":true,"worker":"W","foreman":"F","fine":20}`, "beside=percent:33")
		assert.Contains(t, a.Explain("en"), says)
		a = ask(t, book, "joint", `{"fined":true,"worker":"W","foreman":"F","fine":20}`, "beside=percent:50")
		assert.Contains(t, a.Explain("en"), "F foreman 10 (50% of 20)")
	}
}

// Steps that multiply and divide show the sum, and what became of the rest.
func TestStepsShowTheirArithmetic(t *testing.T) {
	told := func(facts string, readings ...string) string {
		return askWarehouse(t, "fine", `{"place":"hall","earlier":{"hall":0},`+facts+`}`, readings...).Explain("en")
	}
	assert.Contains(t, told(`"claims":["drunk"]`, "effect=times:2"), "net steps 2: 20 × 2 = 40; 40 × 2 = 80: 80 proposed")
	assert.Contains(t, told(`"claims":["drunk"]`, "effect=times:3"), "net steps 2: multiplied from 20, to the top of the scale and no further: 80 proposed")
	assert.Contains(t, told(`"claims":["owned_up"],"before_found":true,"no_loss":false`, "effect=times:2"), "net steps -1: 20 ÷ 2 = 10: 10 proposed")
	assert.Contains(t, told(`"claims":["owned_up"],"before_found":true,"no_loss":false`, "effect=times:3"), "net steps -1: 20 ÷ 3 rounded down = 6: 6 proposed")
	assert.Contains(t, told(`"claims":["drunk"]`), "net steps 2: up from 20: 80 proposed")
}
