package sla

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/sla/workday"
)

// The calendars of the vectors: working days, opening hours, zone.
func vectorCalendars(t testing.TB) map[string]Counting {
	all := map[string]Counting{}
	office := []workday.Span{{From: 9 * time.Hour, To: 12 * time.Hour}, {From: 13 * time.Hour, To: 17*time.Hour + 30*time.Minute}}
	night := []workday.Span{{From: 22 * time.Hour, To: 30 * time.Hour}}
	always := []workday.Span{{From: 0, To: 24 * time.Hour}}
	add := func(name, zone string, config workday.Config) *workday.Calendar {
		calendar, err := workday.New(config)
		require.NoError(t, err)
		in, err := time.LoadLocation(zone)
		require.NoError(t, err)
		all[name] = Counting{Zone: in, Calendar: calendar}
		return calendar
	}
	listed := func(years map[int]string) workday.Config {
		config := workday.Config{Years: map[int]workday.Year{}, AnyYear: true} // births of 2008 too
		for year, text := range years {
			var y workday.Year
			for _, day := range strings.Fields(text) {
				d, err := date.ParseISO(strconv.Itoa(year) + "-" + day)
				require.NoError(t, err)
				y.Rest = append(y.Rest, d)
			}
			config.Years[year] = y
		}
		return config
	}
	cn := workday.China()
	china := add("cn", "Asia/Shanghai", workday.Config{Base: cn})
	germany := add("de", "Europe/Berlin", listed(map[int]string{
		2024: "01-01 03-29 04-01 05-01 05-09 05-20 10-03 12-25 12-26",
		2025: "01-01 04-18 04-21 05-01 05-29 06-09 10-03 12-25 12-26",
		2026: "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26",
	}))
	add("ew", "Europe/London", listed(map[int]string{
		2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
		2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
		2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26 12-28",
		2027: "01-01",
	}))
	federal := add("us", "America/New_York", listed(map[int]string{
		2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
		2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
		2026: "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25",
	}))
	for place, of := range map[string]struct {
		zone string
		base *workday.Calendar
	}{
		"berlin": {"Europe/Berlin", germany}, "new_york": {"America/New_York", federal},
		"shanghai": {"Asia/Shanghai", china}, "lord_howe": {"Australia/Lord_Howe", nil},
	} {
		add("always_"+place, of.zone, workday.Config{AnyYear: true, Weekend: []time.Weekday{}, Hours: always})
		if of.base == nil {
			continue
		}
		add("office_"+place, of.zone, workday.Config{Base: of.base, Hours: office})
		add("night_"+place, of.zone, workday.Config{AnyYear: true, Weekend: []time.Weekday{time.Friday, time.Saturday}, Hours: night})
	}
	return all
}

// vector is one row of the vectors as a period.
func vector(t *testing.T, row map[string]string, counting Counting) (Period, Counting) {
	n, err := strconv.ParseInt(row["n"], 10, 64)
	require.NoError(t, err)
	unit := Second
	for unit.String() != row["unit"] {
		unit++
		require.LessOrEqual(t, unit, Year, row["unit"])
	}
	p := Period{Length: Length{N: n, Unit: unit}, Backwards: row["direction"] == "before"}
	if strings.Contains(row["start"], "T") {
		p.Start.At, err = time.Parse(time.RFC3339, row["start"])
	} else {
		p.Start.On, err = date.ParseISO(row["start"])
	}
	require.NoError(t, err)
	if row["pauses"] != "" {
		var pauses []struct {
			From time.Time
			To   *time.Time
		}
		require.NoError(t, json.Unmarshal([]byte(row["pauses"]), &pauses))
		for _, pause := range pauses {
			own := Pause{From: pause.From}
			if pause.To != nil {
				own.To = *pause.To
			}
			p.Pauses = append(p.Pauses, own)
		}
	}
	for _, word := range strings.Split(row["convention"], "+") {
		switch word {
		case "day_not_counted", "as_is":
		case "day_counted":
			counting.CountFirstDay = true
		case "clear_days":
			p.Rules.ClearDays = true
		case "hour_not_counted":
			p.Rules.SkipHour = true
		case "short_excludes_rest":
			p.Rules.ShortDays = 5
		case "roll_next":
			p.Rules.LastDay = LastDayNextWorkingDay
		case "roll_back":
			p.Rules.LastDay = LastDayPreviousWorkingDay
		case "two_working_days":
			p.Rules.AtLeast = 2
		case "whole_days":
			p.Rules.PauseDays = WholeDays
		case "touched_days":
			p.Rules.PauseDays = TouchedDays
		case "share_50":
			p.Marks = []Mark{{Share: Share{1, 2}}}
		case "share_75":
			p.Marks = []Mark{{Share: Share{3, 4}}}
		case "share_100":
			p.Marks = []Mark{{Share: Share{1, 1}}}
		default:
			t.Fatal(word)
		}
	}
	return p, counting
}

// The vectors were worked out from the law by hand: the Civil Codes of China
// and Germany, Regulation 1182/71 of the Union, the civil procedure rules of
// England and Wales and of the United States; hours across changes of clocks;
// opening hours with pauses.
func TestLaw(t *testing.T) {
	file, err := os.Open("testdata/time-limits.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+110)
	calendars := vectorCalendars(t)
	for _, cells := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = cells[i]
		}
		t.Run(row["id"], func(t *testing.T) {
			counting, ok := calendars[row["calendar"]]
			require.True(t, ok)
			p, counting := vector(t, row, counting)
			counter := counting.Counter(Clocks{})
			o, err := counter.Run(&p)
			require.NoError(t, err)
			got := "none"
			switch {
			case len(p.Marks) > 0:
				if m := o.Marks[0]; m.Known {
					got = m.At.Format(time.RFC3339)
				}
			case o.Known && o.Due.IsDate:
				got = o.Due.Date.String()
			case o.Known:
				got = o.Due.End.Format(time.RFC3339)
			}
			assert.Equal(t, row["expected"], got, row["why"])
		})
	}
}
