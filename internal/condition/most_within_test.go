package condition

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/internal/value"
)

// What most_within finds is what trying every day as the first of the window
// finds; where something is not known, it is the same whatever that is, or unknown.
func TestMostWithinByBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 26))
	ofDates, ofMoments := mustCompile(t, "most_within(dates, i)", Want{}), mustCompile(t, "most_within(moments, hours(i))", Want{})
	for range 3000 {
		f := testFrame()
		length := int64(1 + r.IntN(12))
		f.Slots[slotI] = value.Int(length)
		var at []int64
		var dates, moments []value.Value
		for range r.IntN(7) {
			n := int64(r.IntN(30))
			at = append(at, n)
			dates = append(dates, value.NumberIn(value.Date, value.Known, 19000+n))
			moments = append(moments, value.NumberIn(value.Moment, value.Known, n*int64(time.Hour)))
		}
		most := func(length int64) (most int64) {
			for first := int64(-15); first < 31; first++ {
				n := int64(0)
				for _, x := range at {
					if x >= first && x < first+length {
						n++
					}
				}
				most = max(most, n)
			}
			return most
		}
		f.Slots[slotDates], f.Slots[slotMoments] = list(dates...), list(moments...)
		assert.Equal(t, value.Int(most(length)), ofDates.Eval(f), "%v %d", at, length)
		assert.Equal(t, value.Int(most(length+1)), ofMoments.Eval(f), "%v %d", at, length)
		if len(dates) > 0 {
			k := r.IntN(len(dates))
			dates[k] = value.UnknownOf(value.Date)
			f.Slots[slotDates] = list(dates...)
			assert.True(t, ofDates.Eval(f).IsUnknown())
			assert.NotEmpty(t, f.Needs, "the element is named")
			dates[k] = value.NoneOf(value.Date)
			f.Needs = nil
			assert.True(t, ofDates.Eval(f).IsNone())
			assert.Empty(t, f.Needs)
		}
	}
}

func TestMostWithin(t *testing.T) {
	ends := list(value.NumberIn(value.Moment, value.Known, math.MinInt64+1), value.NumberIn(value.Moment, value.Known, math.MaxInt64))
	for _, c := range []struct {
		source string
		change func(f *value.Frame)
		want   string
	}{
		{"most_within([], 3)", nil, "0"},
		{"most_within(dates, 5)", nil, "2"}, // 29 February to 4 March
		{"most_within(dates, 4)", nil, "1"},
		{"most_within(moments, hours(24))", nil, "2"},
		{"most_within(moments, hours(24) - seconds(1))", nil, "1"},
		{"most_within([day, day, day], 1)", nil, "3"},
		{"most_within(map(filter(stays, .left_at != null), .left_at), hours(0)) >= 0", nil, "true"}, {"most_within(map(stays, .left_at), hours(0)) >= 0", nil, "false"}, // as one is none,
		{"most_within(moments, hours(1))", func(f *value.Frame) { f.Slots[slotMoments] = ends }, "1"},
		{"most_within(dates, 5)", func(f *value.Frame) { f.Slots[slotDates] = value.NoneOf(value.List) }, "0"},
		{"most_within(dates, i)", func(f *value.Frame) { f.Slots[slotI] = value.NoneOf(value.Count) }, "null"},
		{"most_within(dates, i) >= 2", func(f *value.Frame) { f.Slots[slotI] = value.UnknownOf(value.Count) }, "?"},
	} {
		f := testFrame()
		if c.change != nil {
			c.change(f)
		}
		got := mustCompile(t, c.source, Want{}).Eval(f)
		if c.want == "?" {
			assert.True(t, got.IsUnknown(), c.source)
			continue
		}
		assert.Equal(t, c.want, got.Text(nil), c.source)
	}
	for source, code := range map[string]string{
		"most_within(numbers, 3)": CodeType, "most_within(dates, hours(3))": CodeType, "most_within(moments, 3)": CodeType,
		"most_within(dates)": CodeArguments, "most_within(day, 3)": CodeType, "most_within(dates, a)": CodeType, `most_within([], "x")`: CodeType,
	} {
		_, problems := Compile(source, testEnv(), Want{})
		if assert.NotEmpty(t, problems, source) {
			assert.Equal(t, code, problems[0].Code, source)
		}
	}
	for _, length := range []string{"most_within(dates, i - i)", "most_within(dates, i - j)", "most_within(moments, hours(i - j))"} {
		f := testFrame()
		assert.True(t, mustCompile(t, length, Want{}).Eval(f).IsUnknown(), length)
		assert.ErrorIs(t, f.Err, ErrNoLength, length)
	}
}
