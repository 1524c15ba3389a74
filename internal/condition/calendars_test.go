package condition

import (
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// daily works on every day.
type daily struct{}

func (daily) AddWorkingDays(day int64, n int) (int64, error)           { return day + int64(n), nil }
func (daily) WorkingDaysBetween(from, to int64) (int, error)           { return int(to - from), nil }
func (daily) LastDay() int64                                           { return int64(date.New(2029, time.December, 31)) }
func (daily) OpenTime(from, to int64, _ *time.Location) (int64, error) { return (to - from) / 2, nil }

func calendarEnv(t *testing.T) *Env {
	env := testEnv()
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	env.Calendars = map[string]Calendar{
		"red": {Zone: berlin}, "green": {Days: daily{}, Zone: time.UTC, HasHours: true}, "blue": {Days: daily{}},
	}
	return env
}

func TestCalendarByName(t *testing.T) {
	env := calendarEnv(t)
	for src, want := range map[string]string{
		`date_of(start)`: "2024-02-28", `date_of(start + hours(1))`: "2024-02-29", `date_of(start + hours(1), "red")`: "2024-02-28", `time_of_day(start, "red")`: "16h30m0s", `time_of_day(start, "green")`: "15h30m0s", `time_of_day(start, "blue")`: "23h30m0s",
		`date_of(start + hours(1), colour)`: "2024-02-28", `start_of_day(day, "green")`: "2024-02-29T08:00:00+08:00", `month_of(end + hours(1), "red")`: "2024-02", `month_of(end + hours(1))`: "2024-03",
		`working_days_after(2024-03-01, 1)`: "2024-03-04", `working_days_after(2024-03-01, 1, "blue")`: "2024-03-02", `working_days_after(2024-03-01, 1, "red")`: "2024-03-04", `working_days_between(2024-03-01, 2024-03-04, a ? "green" : "red")`: "3",
		`open_time(start, end, "green")`: "12h0m0s", `-open_time(end, start, "green")`: "12h0m0s",
		// What is given is computed on the clocks of the book.
		`days_between(date_of(start), date_of(start, "red"))`: "0", `start_of_day(date_of(start + hours(1)), "green")`: "2024-02-29T08:00:00+08:00",
	} {
		p, problems := Compile(src, env, Want{})
		require.Empty(t, problems, src)
		f := testFrame()
		zone, days := f.Zone, f.Calendar
		assert.Equal(t, want, p.Eval(f).Text(shanghai), src)
		assert.NoError(t, f.Err, src)
		assert.Equal(t, zone, f.Zone)
		assert.Equal(t, days, f.Calendar)
		assert.Equal(t, p.Format(), src)
		p.Side(f)
		p.Why(f)
	}
	p, problems := Compile(`date_of(start, colour)`, env, Want{})
	require.Empty(t, problems)
	f := testFrame()
	change(f, env, value.Unknown, "colour")
	assert.True(t, p.Eval(f).IsUnknown())
	assert.Equal(t, []value.Need{{Slot: slotColour, Index: -1, Field: -1}}, f.Needs)
	change(f, env, value.None, "start")
	f.Needs = nil
	assert.True(t, p.Eval(f).IsNone())
	assert.Empty(t, f.Needs)
	f = testFrame()
	change(f, env, value.None, "colour")
	assert.True(t, p.Eval(f).IsNone())
	f = testFrame()
	f.Slots[slotColour] = value.WordOf("pink")
	assert.True(t, p.Eval(f).IsUnknown())
	assert.ErrorIs(t, f.Err, ErrNoCalendar)
	p, problems = Compile(`open_time(start, end) == length`, env, Want{})
	require.Empty(t, problems)
	f = testFrame()
	assert.True(t, p.Eval(f).IsUnknown(), "a calendar without hours")
	assert.ErrorIs(t, f.Err, ErrNoCalendar)
}

func TestCalendarProblems(t *testing.T) {
	for src, code := range map[string]string{
		`date_of(start, "rde")`: CodeUnknownWord, `date_of(start, size)`: CodeUnknownWord, `date_of(start, name)`: CodeType, `date_of(start, 3)`: CodeType,
		`month_of(day, "red")`: CodeArguments, `date_of(start, "red", "red")`: CodeArguments, `days_after(day, 1, "red")`: CodeArguments, `open_time(start, end, "red")`: CodeNoCalendar, `open_time(start, end, colour)`: CodeNoCalendar, `rounded(i, j, "red")`: CodeArguments,
	} {
		_, problems := Compile(src, calendarEnv(t), Want{})
		require.Len(t, problems, 1, src)
		assert.Equal(t, code, problems[0].Code, src)
	}
	_, problems := Compile(`date_of(start, "red")`, testEnv(), Want{})
	require.Len(t, problems, 1)
	assert.Equal(t, CodeNoCalendar, problems[0].Code)
}

func TestNoOpeningHours(t *testing.T) {
	env := testEnv()
	env.HasHours = false
	_, problems := Compile(`open_time(start, end) > length`, env, Want{})
	require.Len(t, problems, 1)
	assert.Equal(t, CodeNoCalendar, problems[0].Code)
	assert.Contains(t, problems[0].Remedy.EN, "hours:")
}
