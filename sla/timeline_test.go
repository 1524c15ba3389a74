package sla

import (
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/sla/workday"
)

// The last numbered day of a limit in days is its due date, and its number is
// the limit, however days are counted.
func TestTimelineEndsAtTheDueDate(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		limit := Limit{WorkingDays: n}
		if rapid.Bool().Draw(t, "calendar days") {
			limit = Limit{CalendarDays: n}
		}
		c := Counting{Zone: zone, Calendar: workday.China(), CountFirstDay: rapid.Bool().Draw(t, "first day")}
		if rapid.Bool().Draw(t, "closing") {
			c.AfterClosing, c.Closes = AfterClosingNextWorkday, 18*time.Hour
		}
		start := time.Date(2024, 1, 1, 0, 0, 0, 0, zone).Add(time.Duration(rapid.IntRange(0, 600*24).Draw(t, "hours")) * time.Hour)
		line := Timeline{Deadline: Deadline{limit, c}, Start: start}
		due, err := line.Deadline.Due(start)
		require.NoError(t, err)
		line.Due, line.Limit = due, due

		days, err := line.Days(date.NewAt(start), due.Date+10)
		require.NoError(t, err)
		highest, on := 0, date.Date(0)
		for _, d := range days {
			if d.Nth > 0 {
				require.Equal(t, highest+1, d.Nth)
				highest, on = d.Nth, d.Date
			}
			kind, err := workday.China().Kind(d.Date)
			require.NoError(t, err)
			require.Equal(t, kind, d.Kind)
		}
		assert.Equal(t, n, highest)
		assert.Equal(t, due.Date, on)
	})
}

// A clock that was stopped and resumed counts what Resume counts.
func TestTimelineWithAPause(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	at := func(m time.Month, d int) time.Time { return time.Date(2025, m, d, 10, 0, 0, 0, zone) }
	deadline := Deadline{Limit{WorkingDays: 5}, Counting{Zone: zone, Calendar: workday.China()}}
	start, stopped, back := at(6, 9), at(6, 11), at(6, 17)
	due, err := Resume(deadline, start, stopped, back)
	require.NoError(t, err)
	require.Equal(t, "2025-06-20", due.Date.String())

	line := Timeline{Deadline: deadline, Start: start, Due: due, Limit: due, Pauses: []Pause{{stopped, back}}}
	days, err := line.Days(date.NewAt(start), due.Date+1)
	require.NoError(t, err)
	var nth []int
	paused := 0
	for _, d := range days {
		nth = append(nth, d.Nth)
		if d.Paused {
			paused++
		}
	}
	assert.Equal(t, []int{0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 5, 0}, nth)
	assert.Equal(t, 6, paused)
}

func TestTimelineOfHoursAndOfNothing(t *testing.T) {
	zone := time.UTC
	start := time.Date(2025, 6, 9, 9, 30, 0, 0, zone)
	line := Timeline{Deadline: Deadline{Limit{Duration: 24 * time.Hour}, Counting{Zone: zone}}, Start: start}
	days, err := line.Days(date.NewAt(start), date.NewAt(start)+6)
	require.NoError(t, err)
	require.Len(t, days, 7)
	for _, d := range days {
		assert.Zero(t, d.Nth)
	}
	assert.Equal(t, workday.Weekend, days[5].Kind) // without a calendar, a plain week

	days, err = Timeline{Deadline: line.Deadline}.Days(date.NewAt(start), date.NewAt(start)+6)
	require.NoError(t, err)
	assert.Empty(t, days)

	days, err = line.Days(date.NewAt(start), date.NewAt(start)+100_000)
	require.NoError(t, err)
	assert.Len(t, days, 1000)

	_, err = line.Days(workday.FirstDate-1, date.NewAt(start))
	var outside *workday.RangeError
	assert.ErrorAs(t, err, &outside)
}
