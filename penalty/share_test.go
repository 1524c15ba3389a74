package penalty_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/penalty"
)

// Shares add up to the amount and differ by one unit at most, whatever the
// amount and however many share.
func TestShareOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total, n := rapid.Int64Min(0).Draw(t, "total"), rapid.Int64Range(1, 60).Draw(t, "n")
		each, over, err := penalty.Split(total, n)
		require.NoError(t, err)
		require.True(t, 0 <= over && over < n)
		left := total
		for i := range n {
			share, err := penalty.ShareOf(total, n, i+1)
			require.NoError(t, err)
			want := each
			if i < over {
				want++
			}
			require.Equal(t, want, share)
			left -= share
		}
		require.Zero(t, left)
	})
	share, err := penalty.ShareOf(math.MaxInt64, math.MaxInt64-1, 1)
	require.NoError(t, err)
	assert.EqualValues(t, 2, share)

	var place *penalty.PlaceError
	for _, p := range []int64{math.MinInt64, 0, 4} {
		_, err := penalty.ShareOf(20, 3, p)
		require.ErrorAs(t, err, &place)
	}
	assert.EqualError(t, place, "penalty: there is no place 4 among 3")
	var shares *penalty.SharesError
	_, err = penalty.ShareOf(20, math.MinInt64, 1)
	require.ErrorAs(t, err, &shares)
	var negative *penalty.NegativeError
	_, err = penalty.ShareOf(-20, 2, 1)
	require.ErrorAs(t, err, &negative)
}

// What everybody pays of a fine comes to the fine, and is told.
func TestLadderSharesAreWhole(t *testing.T) {
	for place, fine := range map[string]int64{"shelf": 10, "hall": 20, "site": 80} {
		for people := int64(1); people <= 25; people++ {
			left := fine
			for number := int64(1); number <= people; number++ {
				facts := fmt.Sprintf(`{"place":%q,"earlier":{"shelf":0,"hall":0,"site":0},"claims":[],"people":%d,"number":%d}`, place, people, number)
				final, ok := ask(t, "fine", facts, "sharing=split").Int("final")
				require.True(t, ok)
				left -= final
			}
			require.Zero(t, left, "%d among %d", fine, people)
		}
	}
	told := func(people, number int) string {
		facts := fmt.Sprintf(`{"place":"hall","earlier":{"hall":0},"claims":[],"people":%d,"number":%d}`, people, number)
		return ask(t, "fine", facts, "sharing=split").Explain("en")
	}
	assert.Contains(t, told(3, 3), "20 among 3: 7, 7 and 6, together 20; the first 2 bear 1 more; this person is number 3 and bears 6")
	assert.Contains(t, told(4, 1), "20 among 4: 5 each")
	assert.Contains(t, told(21, 21), "20 among 21: 20 of 1 and 1 of 0, together 20; the first 20 bear 1 more; this person is number 21 and bears 0")

	// Without his place, nothing is said of what he pays.
	open := ask(t, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],"people":3}`, "sharing=split")
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
	open = askOf(t, book, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],"people":3}`, "sharing=split")
	require.Len(t, open.Decisions, 1)
	assert.Equal(t, "share", open.Decisions[0].Code)
	_, ok = open.Int("final")
	assert.False(t, ok)

	for facts, says := range map[string]string{`"people":3,"number":4`: "there is no place 4 among the 3 who share", `"people":3,"number":0`: "there is no place 0", `"people":0`: "it is split among 0"} {
		refused := ask(t, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],`+facts+`}`, "sharing=split")
		require.Error(t, refused.Error)
		assert.Contains(t, refused.Failure().Message.EN, says)
	}
	nothing := ask(t, "fine", `{"place":"hall","earlier":{"hall":0},"claims":[],"at_fault":false}`, "sharing=fault")
	assert.Contains(t, nothing.Explain("en"), "net steps 0: 20 proposed")
	assert.Contains(t, nothing.Explain("en"), "this person bears nothing: at fault is no; 0 proposed")
}

// A percentage is exact, rounded as the rule says, and told.
func TestJointRounding(t *testing.T) {
	h := penalty.Party{Person: "H"}
	for _, x := range []struct {
		rounding penalty.Rounding
		by, want int64
	}{{"", 33, 6}, {penalty.RoundDown, 33, 6}, {penalty.RoundUp, 33, 7}, {penalty.RoundHalfUp, 33, 7}, {penalty.RoundHalfUp, 32, 6}, {penalty.RoundUp, 50, 10}, {penalty.RoundUp, 1, 1}, {penalty.RoundHalfUp, 1, 0}} {
		got, err := penalty.Joint(penalty.Party{}, h, 20, penalty.Share{Kind: penalty.Percent, By: x.by, Rounding: x.rounding})
		require.NoError(t, err)
		assert.Equal(t, x.want, got[0].Fine, "%d %% of 20, %s", x.by, x.rounding)
	}
	var word *penalty.UnknownWordError
	_, err := penalty.Joint(penalty.Party{}, h, 20, penalty.Share{Kind: penalty.Percent, By: 1, Rounding: "x"})
	require.ErrorAs(t, err, &word)

	const by = "share_by: {by: beside, percent: parameter, fixed: parameter, otherwise: none}"
	for rounding, says := range map[string]string{"down": "F foreman 6 (33% of 20 is 6.6, rounded down)", "half_up": "F foreman 7 (33% of 20 is 6.6, rounded half up)", "up": "F foreman 7 (33% of 20 is 6.6, rounded up)"} {
		book := parse(t, strings.Replace(warehouse, by, by+"\n            share_rounding: "+rounding, 1))
		a := askOf(t, book, "joint", `{"fined":true,"worker":"W","foreman":"F","fine":20}`, "beside=percent:33")
		assert.Contains(t, a.Explain("en"), says)
		a = askOf(t, book, "joint", `{"fined":true,"worker":"W","foreman":"F","fine":20}`, "beside=percent:50")
		assert.Contains(t, a.Explain("en"), "F foreman 10 (50% of 20)")
	}
}

// Steps that multiply and divide show the sum, and what became of the rest.
func TestStepsShowTheirArithmetic(t *testing.T) {
	told := func(facts string, readings ...string) string {
		return ask(t, "fine", `{"place":"hall","earlier":{"hall":0},`+facts+`}`, readings...).Explain("en")
	}
	assert.Contains(t, told(`"claims":["drunk"]`, "effect=times:2"), "net steps 2: 20 × 2 = 40; 40 × 2 = 80: 80 proposed")
	assert.Contains(t, told(`"claims":["drunk"]`, "effect=times:3"), "net steps 2: multiplied from 20, to the top of the scale and no further: 80 proposed")
	assert.Contains(t, told(`"claims":["owned_up"],"before_found":true,"no_loss":false`, "effect=times:2"), "net steps -1: 20 ÷ 2 = 10: 10 proposed")
	assert.Contains(t, told(`"claims":["owned_up"],"before_found":true,"no_loss":false`, "effect=times:3"), "net steps -1: 20 ÷ 3 rounded down = 6: 6 proposed")
	assert.Contains(t, told(`"claims":["drunk"]`), "net steps 2: up from 20: 80 proposed")
}
