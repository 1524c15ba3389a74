package checked

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Of moments that are told together each has its offset, where one of them has and
// their clocks differ.
func TestOffsetsSideBySide(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	b := &Book{Rulebook: &policy.Rulebook{Zone: berlin}}
	at := func(text string) value.Value {
		m, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return value.MomentOf(m)
	}
	winter, summer := at("2025-01-10T09:00:00Z"), at("2025-07-10T09:00:00Z")
	london := at("2025-01-10T09:00:00Z").OnClocks(0)
	same := at("2025-01-10T09:00:00Z").OnClocks(3600)
	doubled := at("2025-10-26T00:30:00Z") // 02:30, and an hour later again
	assert.False(t, b.OffsetsDiffer())
	assert.False(t, b.OffsetsDiffer(winter))
	assert.False(t, b.OffsetsDiffer(winter, summer), "of one zone, and neither says its offset")
	assert.False(t, b.OffsetsDiffer(winter, same))
	assert.False(t, b.OffsetsDiffer(winter, value.UnknownOf(value.Moment), value.NoneOf(value.Moment), value.Int(3)))
	assert.True(t, b.OffsetsDiffer(winter, london))
	assert.True(t, b.OffsetsDiffer(london, winter))
	assert.True(t, b.OffsetsDiffer(winter, value.Int(3), london))
	assert.True(t, b.OffsetsDiffer(winter, doubled))
	assert.False(t, b.OffsetsDiffer(summer, doubled))
	assert.Equal(t, "2025-01-10 10:00 +01:00", b.DisplayWithOffset(winter))
	assert.Equal(t, "2025-01-10 09:00 +00:00", b.DisplayWithOffset(london))
	assert.Equal(t, "2025-10-26 02:30 +02:00", b.DisplayWithOffset(doubled), "once")
	assert.Equal(t, "2025-01-10 10:00", b.Display(winter, "zh"))
	assert.Equal(t, "2025-01-10 09:00 +00:00", b.Display(london, "zh"))
}
