package condition

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// A day starts with its first moment, also where clocks skip midnight or
// strike it twice.
func TestStartOfDayWhereClocksChange(t *testing.T) {
	for zone, want := range map[string]string{
		"America/Sao_Paulo": "2018-11-04T01:00:00-02:00", // no midnight
		"Africa/Cairo":      "2023-04-28T01:00:00+03:00",
		"America/Havana":    "2024-11-03T00:00:00-04:00", // from 1:00 back to 0:00: the first of two
	} {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		at, err := time.Parse(time.RFC3339, want)
		require.NoError(t, err)
		n, err := startOfDay(&value.Frame{Zone: loc}, int64(date.NewAt(at)))
		require.NoError(t, err)
		assert.Equal(t, want, time.Unix(0, n).In(loc).Format(time.RFC3339))
	}
}
