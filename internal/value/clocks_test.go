package value

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The clocks that a moment is shown on are how it is written, and nothing else.
func TestMomentOnItsClocks(t *testing.T) {
	plain := MomentOf(time.Date(2025, 6, 3, 15, 30, 0, 0, time.UTC))
	for ahead, text := range map[int]string{
		-4 * 3600: "2025-06-03T11:30:00-04:00", 0: "2025-06-03T15:30:00Z", 9 * 3600: "2025-06-04T00:30:00+09:00", 5*3600 + 45*60: "2025-06-03T21:15:00+05:45",
		-12 * 3600: "2025-06-03T03:30:00-12:00", 14 * 3600: "2025-06-04T05:30:00+14:00",
	} {
		v := plain.OnClocks(ahead)
		assert.Equal(t, text, v.Text(time.UTC))
		assert.Equal(t, `["`+text+`"]`, string(ListOf([]Value{v}).AppendJSON(nil, nil, time.UTC)))
		assert.True(t, v.Equal(plain))
		assert.Equal(t, plain.Time(time.UTC), v.Time(time.UTC))
		assert.Equal(t, plain.Time(time.UTC), v.Shown(time.UTC).UTC())
		got, ok := v.Clocks()
		require.True(t, ok)
		assert.Equal(t, ahead, got)

		r := Reader(AppendSlots(nil, []Value{Int(1), v, plain, NoneOf(Moment)}, []int{1, 0, 2, 3}))
		assert.Equal(t, []Value{v, Int(1), plain, NoneOf(Moment)}, []Value{r.Next(), r.Next(), r.Next(), r.Next()})
		assert.Empty(t, r)
	}
	_, ok := plain.Clocks()
	assert.False(t, ok)
	assert.Equal(t, "2025-06-03T15:30:00Z", plain.Text(time.UTC))
	_, ok = Int(3).Clocks()
	assert.False(t, ok)
}
