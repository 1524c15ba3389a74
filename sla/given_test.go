package sla

import (
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// An end that is given stands as one that was counted, whichever way it came
// about; what counting tells is compared with an oracle elsewhere.
func TestGivenIsAsCounted(t *testing.T) {
	desk := helpDesk(t)
	rapid.Check(t, func(t *rapid.T) {
		counting := countings(desk).Draw(t, "counting")
		counting.CountFirstDay, counting.AfterClosing, counting.WorkingHours = false, AfterClosingSameDay, false
		if counting.Calendar == nil {
			counting.Calendar = desk
		}
		start := moments("start", t)
		p := Period{Length: Length{rapid.Int64Range(0, 40).Draw(t, "n"), rapid.SampledFrom([]Unit{CalendarDay, Hour}).Draw(t, "unit")}, Start: Start{At: start}}
		p.Rules.LastDay = LastDay(rapid.IntRange(0, 2).Draw(t, "last day"))
		p.Marks = []Mark{{Before: Length{1, CalendarDay}}, {Before: Length{2, WorkingDay}, Warns: true}, {Before: Length{3, Hour}}}[:rapid.IntRange(0, 3).Draw(t, "marks")]
		p.AsOf = start.Add(time.Duration(rapid.IntRange(-30, 1000).Draw(t, "hours later")) * time.Hour)
		p.Deemed = rapid.Bool().Draw(t, "deemed")
		if rapid.Bool().Draw(t, "done") {
			p.Done = start.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "hours until done")) * time.Hour)
		}
		g := Given{From: p.Start, LastDay: p.Rules.LastDay, Marks: p.Marks, Done: p.Done, Deemed: p.Deemed, AsOf: p.AsOf}
		if p.Length.Unit == CalendarDay {
			g.End.On = date.NewAt(start.In(counting.Zone)) + date.Date(p.Length.N)
		} else {
			g.End.At = start.Add(time.Duration(p.Length.N) * time.Hour)
		}
		counter := counting.Counter(Clocks{})
		want, wantErr := counter.Run(&p)
		got, err := counter.Given(&g)
		require.Equal(t, wantErr, err)
		if err != nil {
			return
		}
		require.False(t, got.StillKnown)
		want.StillKnown, want.Begins, got.Begins = false, time.Time{}, time.Time{}
		require.Equal(t, want, got)
	})
}

func TestGivenWithoutAStart(t *testing.T) {
	counting := Counting{Zone: zone}
	counter := counting.Counter(Clocks{})
	for _, c := range []struct {
		asOf string
		want Status
	}{{"1700-01-02", Running}, {"2025-06-09 23:59:59.0", Running}, {"2025-06-10", Overdue}} {
		o, err := counter.Given(&Given{End: Start{On: date.New(2025, 6, 9)}, AsOf: at(c.asOf)})
		require.NoError(t, err)
		require.Equal(t, c.want, o.Status, c.asOf)
		require.True(t, o.Begins.IsZero())
	}
	o, err := counter.Given(&Given{End: Start{On: date.New(2025, 6, 9)}})
	require.NoError(t, err)
	require.Equal(t, Running, o.Status, "not asked at any moment: before every other, and it always runs")
}

func TestGivenErrors(t *testing.T) {
	counter := Counting{Zone: zone}.Counter(Clocks{})
	day, moment := date.New(2025, 6, 9), at("2025-06-09 10:00")
	for _, c := range []struct {
		g    Given
		want error
	}{
		{Given{}, NoStart},
		{Given{End: Start{On: day, At: moment}}, TwoStarts},
		{Given{End: Start{On: day}, From: Start{On: day, At: moment}}, TwoStarts},
		{Given{End: Start{On: day}, LastDay: 9}, UnknownRule},
		{Given{End: Start{On: day}, Marks: []Mark{{Share: Share{1, 2}}}}, UnknownMark},
		{Given{End: Start{On: day}, Marks: []Mark{{}}}, UnknownMark},
		{Given{End: Start{On: LastDate + 1}}, &RangeError{Date: LastDate + 1}},
		{Given{End: Start{At: date.New(2300, 1, 1).MidnightUTC()}}, nil},
		{Given{End: Start{On: day}, From: Start{On: FirstDate - 1}}, &RangeError{Date: FirstDate - 1}},
		{Given{End: Start{On: date.New(2025, 6, 8)}, LastDay: LastDayNextWorkingDay}, nil},
	} {
		_, err := counter.Given(&c.g)
		require.Error(t, err)
		if c.want != nil {
			require.Equal(t, c.want, err)
		}
	}
	none := Counting{}.Counter(Clocks{})
	_, err := none.Given(&Given{End: Start{On: day}})
	require.ErrorIs(t, err, ErrNoZone)
}
