package examples

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// limitDesk works limits out on a wall calendar, day by day, and with a stop
// watch, without the engine.
type limitDesk struct {
	zones map[string]*time.Location
	rest  map[string]map[string]bool // by calendar and day
	work  map[string]bool            // worked weekends of China
}

func newLimitDesk(t *testing.T) limitDesk {
	d := limitDesk{map[string]*time.Location{}, map[string]map[string]bool{}, map[string]bool{}}
	for name, zone := range map[string]string{"cn": "Asia/Shanghai", "de": "Europe/Berlin", "ew": "Europe/London", "us": "America/New_York", "lord_howe": "Australia/Lord_Howe"} {
		var err error
		d.zones[name], err = time.LoadLocation(zone)
		require.NoError(t, err)
	}
	for name, days := range map[string]string{
		"cn": "2025-01-01 2025-01-28..2025-02-04 2025-04-04..2025-04-06 2025-05-01..2025-05-05 2025-05-31..2025-06-02 2025-10-01..2025-10-08 " +
			"2026-01-01..2026-01-03 2026-02-15..2026-02-23 2026-04-04..2026-04-06 2026-05-01..2026-05-05 2026-06-19..2026-06-21",
		"de": "2025-01-01 2025-04-18 2025-04-21 2025-05-01 2025-05-29 2025-06-09 2025-10-03 2025-12-25..2025-12-26 2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-05-25",
		"ew": "2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25..2025-12-26 2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25",
		"us": "2025-01-01 2025-01-20 2025-02-17 2025-05-26 2025-06-19 2025-07-04 2025-09-01 2025-10-13 2025-11-11 2025-11-27 2025-12-25 2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19",
	} {
		d.rest[name] = map[string]bool{}
		for _, days := range strings.Fields(days) {
			first, last, _ := strings.Cut(days, "..")
			day, err := time.Parse(time.DateOnly, first)
			require.NoError(t, err)
			for d.rest[name][first] = true; last != "" && first != last; d.rest[name][first] = true {
				day = day.AddDate(0, 0, 1)
				first = day.Format(time.DateOnly)
			}
		}
	}
	for _, day := range strings.Fields("2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28 2026-05-09") {
		d.work[day] = true
	}
	return d
}

func (d limitDesk) working(calendar string, day time.Time) bool {
	name := day.Format(time.DateOnly)
	if calendar == "cn" && d.work[name] {
		return true
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !d.rest[calendar][name]
}

// roll is where an end on a day off moves to.
func (d limitDesk) roll(calendar, how string, day time.Time) time.Time {
	for how != "as_is" && !d.working(calendar, day) {
		day = day.AddDate(0, 0, map[string]int{"roll_next": 1, "roll_back": -1}[how])
	}
	return day
}

// steps goes so many days on or back, of those alone that count.
func steps(day time.Time, n, by int, counts func(time.Time) bool) time.Time {
	for n > 0 {
		if day = day.AddDate(0, 0, by); counts(day) {
			n--
		}
	}
	return day
}

// dayLimit is the last day of a limit in days or longer units.
func (d limitDesk) dayLimit(calendar string, start time.Time, n int, unit, direction string, has func(string) bool, how string) time.Time {
	by := map[string]int{"after": 1, "before": -1}[direction]
	all := func(time.Time) bool { return true }
	working := func(day time.Time) bool { return d.working(calendar, day) }
	var end time.Time
	months := map[string]int{"month": n, "year": 12 * n}[unit]
	switch {
	case unit == "working_day":
		return steps(start, n, by, working)
	case unit == "day" && has("short_excludes_rest") && n <= 5:
		end = steps(start, n, by, working)
	case unit == "day" && has("clear_days"):
		end = steps(start, n+1, by, all)
	case unit == "day" && has("day_counted"):
		end = steps(start, n-1, by, all)
	case unit == "day":
		end = steps(start, n, by, all)
	case unit == "week" && has("day_counted"):
		end = steps(start, 7*n-1, by, all)
	case unit == "week":
		end = steps(start, 7*n, by, all)
	default:
		end = monthsAfter(start, by*months)
		if has("day_counted") && end.Day() == start.Day() {
			end = end.AddDate(0, 0, -1)
		}
	}
	end = d.roll(calendar, how, end)
	if has("two_working_days") && (unit != "day" || n >= 2) {
		if second := steps(start, 2, 1, working); second.After(end) {
			end = second
		}
	}
	return end
}

// open are the opening hours of a calendar in the weeks from a moment on.
func (d limitDesk) open(calendar string, from time.Time) []span {
	kind, place, _ := strings.Cut(calendar, "_")
	base := map[string]string{"berlin": "de", "new_york": "us", "shanghai": "cn", "lord_howe": "lord_howe"}[place]
	if kind == "always" {
		return []span{{from, from.AddDate(0, 6, 0)}}
	}
	y, m, first := from.In(d.zones[base]).Date()
	var all []span
	for n := -1; n < 60; n++ {
		at := func(days, hour, minute int) time.Time {
			return time.Date(y, m, first+n+days, hour, minute, 0, 0, d.zones[base])
		}
		weekday := at(0, 12, 0).Weekday()
		switch {
		case kind == "night" && weekday <= time.Thursday:
			all = append(all, span{at(0, 22, 0), at(1, 6, 0)})
		case kind == "office" && d.working(base, at(0, 12, 0)):
			all = append(all, span{at(0, 9, 0), at(0, 12, 0)}, span{at(0, 13, 0), at(0, 17, 30)})
		}
	}
	return all
}

// A limit is what the law says, as random rows of it.
func TestTimeLimitsAgainstTheDesk(t *testing.T) {
	book, desk := bookOf(t, "time-limits"), newLimitDesk(t)
	random := rand.New(rand.NewPCG(1182, 71))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	ask := func(facts map[string]any) *rulebook.Answer {
		text, err := json.Marshal(facts)
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "limit.due", string(text), rulebook.AsOf(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)))
		require.NoError(t, err)
		require.NoError(t, answer.Error, "%s", text)
		require.Empty(t, answer.MissingFacts)
		reasonsHold(t, answer)
		return answer
	}
	for range runsOf(6_000) {
		calendar, unit, direction, how := pick("cn", "de", "ew", "us"), pick("day", "day", "working_day", "week", "month", "year"), pick("after", "after", "before"), pick("as_is", "roll_next", "roll_back")
		n := map[string]int{"day": 1 + random.IntN(40), "working_day": 1 + random.IntN(20), "week": 1 + random.IntN(6), "month": 1 + random.IntN(3), "year": 1}[unit]
		start := time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(200))
		switch {
		case unit == "year" && direction == "before":
			start = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(60))
		case unit == "year":
			start = time.Date(2025, 1, 20, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(100))
		}
		convention := []string{how}
		switch choice := random.IntN(6); {
		case unit == "working_day":
			convention = []string{"day_not_counted", "as_is"}
		case choice == 0 && direction == "after":
			convention = append(convention, "day_counted")
		case choice == 1 && unit == "day":
			convention = append(convention, "clear_days")
		case choice == 2 && unit == "day":
			convention = append(convention, "day_not_counted", "short_excludes_rest")
			n = 1 + random.IntN(7)
		case choice == 3 && direction == "after" && how != "roll_back":
			convention = append(convention, "day_not_counted", "two_working_days")
			n = min(n, 1+random.IntN(4))
		default:
			convention = append(convention, "day_not_counted")
		}
		random.Shuffle(len(convention), func(i, k int) { convention[i], convention[k] = convention[k], convention[i] })
		facts := map[string]any{"system": "eu", "n": n, "unit": unit, "direction": direction, "pauses": []any{}, "calendar": calendar, "convention": convention}
		if random.IntN(2) == 0 {
			facts["start_on"] = start.Format(time.DateOnly)
		} else { // a moment means the day on which it falls
			y, m, day := start.Date()
			facts["start_at"] = time.Date(y, m, day, random.IntN(24), random.IntN(60), 0, 0, desk.zones[calendar]).UTC().Format(time.RFC3339)
		}
		end := desk.dayLimit(calendar, start, n, unit, direction, func(word string) bool { return slices.Contains(convention, word) }, how)
		got, ok := ask(facts).Date("due_date")
		require.True(t, ok, "%v", facts)
		require.Equal(t, end.Format(time.DateOnly), got.String(), "%v", facts)
	}
	for range runsOf(5_000) {
		calendar := pick("office_berlin", "office_new_york", "office_shanghai", "night_berlin", "night_new_york", "night_shanghai", "always_berlin", "always_new_york", "always_shanghai", "always_lord_howe")
		unit := "opening_hour"
		if strings.HasPrefix(calendar, "always") {
			unit = "hour"
		}
		n, share := 1+random.IntN(30), pick("share_50", "share_75", "share_100")
		start := time.Date(2025, 3, 25, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(2)*213).Add(time.Duration(random.IntN(12*24*4)) * 15 * time.Minute)
		k := &supportTicket{opened: start}
		var pauses []any
		for range random.IntN(4) {
			p := span{from: start.Add(time.Duration(random.IntN(8*24*4)-8) * 15 * time.Minute)}
			record := map[string]any{"from": p.from.Format(time.RFC3339)}
			if random.IntN(6) > 0 {
				p.to = p.from.Add(time.Duration(random.IntN(30*4)) * 15 * time.Minute)
				record["to"] = p.to.Format(time.RFC3339)
			}
			k.pauses, pauses = append(k.pauses, p), append(pauses, record)
		}
		limit := time.Duration(n) * time.Hour * map[string]time.Duration{"share_50": 2, "share_75": 3, "share_100": 4}[share] / 4
		due := usedUp(k, desk.open(calendar, start), limit)
		answer := ask(map[string]any{"system": "sla", "start_at": start.Format(time.RFC3339), "n": n, "unit": unit, "direction": "after", "pauses": append([]any{}, pauses...), "calendar": calendar, "convention": []string{share}})
		got, ok := answer.Moment("due_at")
		require.Equal(t, !due.IsZero(), ok, "%s %s %d %s %v", start, calendar, n, share, pauses)
		require.True(t, !ok || got.Equal(due), "%s %s %d %s %v: %s, not %s", start, calendar, n, share, pauses, got, due)
	}
}
