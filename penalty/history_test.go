package penalty_test

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/penalty"
)

// plus8 is a zone of its own, so that no test depends on a zone database.
var plus8 = time.FixedZone("+8", 8*60*60)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return m
}

// ev is an event that counts, in a matter of its own.
func ev(t testing.TB, id, level, when string) penalty.Event {
	return penalty.Event{ID: id, Level: level, At: at(t, when), Counts: true}
}

func due(fines []penalty.Fine) map[string]int64 {
	m := map[string]int64{}
	for _, f := range fines {
		m[f.ID] = f.Due
	}
	return m
}

func TestFinesWindows(t *testing.T) {
	tests := []struct {
		name         string
		window       penalty.Window
		first, again string
		nth          int
	}{
		{"year, last and first second", penalty.CalendarYear, "2024-12-31T23:59:59+08:00", "2025-01-01T00:00:00+08:00", 1},
		{"year, same", penalty.CalendarYear, "2025-01-01T00:00:00+08:00", "2025-12-31T23:59:59+08:00", 2},
		{"year of the zone, not of the offset", penalty.CalendarYear, "2024-12-31T16:00:00Z", "2025-01-01T00:00:00+08:00", 2},
		{"the zero window is the year", "", "2024-12-31T15:59:59Z", "2025-01-01T00:00:00+08:00", 1},
		{"month, same", penalty.CalendarMonth, "2025-02-01T00:00:00+08:00", "2025-02-28T23:59:59+08:00", 2},
		{"month, next", penalty.CalendarMonth, "2025-02-28T23:59:59+08:00", "2025-03-01T00:00:00+08:00", 1},
		{"month, a year later", penalty.CalendarMonth, "2024-02-01T00:00:00+08:00", "2025-02-01T00:00:00+08:00", 1},
		{"rolling, corresponding day", penalty.Rolling12Months, "2024-06-10T09:00:00+08:00", "2025-06-10T23:59:59+08:00", 2},
		{"rolling, a day over", penalty.Rolling12Months, "2024-06-09T23:59:59+08:00", "2025-06-10T00:00:00+08:00", 1},
		{"rolling, a month over", penalty.Rolling12Months, "2024-05-30T00:00:00+08:00", "2025-06-01T00:00:00+08:00", 1},
		{"rolling, a month short", penalty.Rolling12Months, "2024-07-01T00:00:00+08:00", "2025-06-30T00:00:00+08:00", 2},
		{"rolling, across the year", penalty.Rolling12Months, "2024-12-31T23:59:00+08:00", "2025-01-01T00:00:00+08:00", 2},
		{"rolling, years over", penalty.Rolling12Months, "2020-12-31T23:59:00+08:00", "2025-01-01T00:00:00+08:00", 1},
		{"rolling, 29 February to 28", penalty.Rolling12Months, "2024-02-29T09:00:00+08:00", "2025-02-28T09:00:00+08:00", 2},
		{"rolling, 29 February to 1 March", penalty.Rolling12Months, "2024-02-29T09:00:00+08:00", "2025-03-01T00:00:00+08:00", 1},
		{"rolling, 28 February to 29", penalty.Rolling12Months, "2023-02-28T09:00:00+08:00", "2024-02-29T09:00:00+08:00", 1},
		{"none", penalty.NoWindow, "1990-01-01T00:00:00+08:00", "2025-06-10T23:59:59+08:00", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule := penalty.HistoryRule{Ladder: sample(), Window: tt.window, Zone: plus8}
			fines, total, err := rule.Fines([]penalty.Event{ev(t, "1", "mid", tt.first), ev(t, "2", "mid", tt.again)})
			require.NoError(t, err)
			want := int64(50)
			if tt.nth == 2 {
				want = 80
			}
			assert.Equal(t, []penalty.Fine{
				{ID: "1", Level: "mid", Nth: 1, Base: 50, Due: 50},
				{ID: "2", Level: "mid", Nth: tt.nth, Base: want, Due: want},
			}, fines)
			assert.Equal(t, 50+want, total)
		})
	}
}

func TestFinesMatters(t *testing.T) {
	day := func(id, matter, incident, level string, day int, already int64) penalty.Event {
		return penalty.Event{
			ID: id, Matter: matter, Incident: incident, Level: level, Counts: true, AlreadyFined: already,
			At: time.Date(2025, 3, day, 9, 0, 0, 0, plus8),
		}
	}
	uncounted := day("x", "m", "", "top", 2, 500)
	uncounted.Counts = false
	type events = []penalty.Event
	type amounts = map[string]int64
	tests := []struct {
		name      string
		unit      penalty.Unit
		escalated penalty.Escalated
		events    events
		want      amounts
	}{
		{"one matter climbs, the highest pays", "", "",
			events{day("1", "m", "", "low", 1, 0), day("2", "m", "", "mid", 2, 0), day("3", "m", "", "top", 3, 0)},
			amounts{"1": 0, "2": 0, "3": 200}},
		{"one matter climbs, each pays", "", penalty.EachLevel,
			events{day("1", "m", "", "low", 1, 20), day("2", "m", "", "mid", 2, 0), day("3", "m", "", "top", 3, 0)},
			amounts{"1": 20, "2": 50, "3": 200}},
		{"earlier fines are credited", "", "",
			events{day("1", "m", "", "low", 1, 20), day("2", "m", "", "mid", 2, 50), day("3", "m", "", "top", 3, 0)},
			amounts{"1": 0, "2": 0, "3": 130}},
		{"never below 0", "", "",
			events{day("1", "m", "", "low", 1, 70), day("2", "m", "", "mid", 2, 0), day("3", "other", "", "mid", 3, 0)},
			amounts{"1": 0, "2": 0, "3": 80}},
		{"the highest may have come first", "", "",
			events{day("1", "m", "", "top", 1, 0), day("2", "m", "", "low", 2, 0), day("3", "", "", "low", 3, 0)},
			amounts{"1": 200, "2": 0, "3": 20}},
		{"what was superseded takes no number", "", "",
			events{day("1", "", "", "low", 1, 0), day("2", "", "", "low", 2, 0), day("3", "m", "", "low", 3, 0), day("4", "m", "", "mid", 4, 0), day("5", "", "", "low", 5, 0)},
			amounts{"1": 20, "2": 20, "3": 0, "4": 50, "5": 20}},
		{"what does not count supersedes and credits nothing", "", "",
			events{day("1", "m", "", "low", 1, 0), uncounted},
			amounts{"1": 20, "x": 0}},
		{"repeated, one matter", penalty.ByMatter, "",
			events{day("1", "m", "", "mid", 1, 0), day("2", "m", "", "mid", 2, 0), day("3", "n", "", "mid", 3, 0)},
			amounts{"1": 50, "2": 0, "3": 80}},
		{"repeated, every record", penalty.ByRecord, "",
			events{day("1", "m", "", "mid", 1, 0), day("2", "m", "", "mid", 2, 0), day("3", "n", "", "mid", 3, 0)},
			amounts{"1": 50, "2": 80, "3": 100}},
		{"every record, but only of the highest", penalty.ByRecord, "",
			events{day("1", "m", "", "low", 1, 60), day("2", "m", "", "mid", 2, 0), day("3", "m", "", "mid", 3, 0)},
			amounts{"1": 0, "2": 0, "3": 70}},
		{"every record of each level", penalty.ByRecord, penalty.EachLevel,
			events{day("1", "m", "", "low", 1, 0), day("2", "m", "", "mid", 2, 0), day("3", "m", "", "mid", 3, 0)},
			amounts{"1": 20, "2": 50, "3": 80}},
		{"one incident, many matters", penalty.ByIncident, "",
			events{day("1", "m", "i", "mid", 1, 0), day("2", "n", "i", "mid", 2, 0), day("3", "o", "", "mid", 3, 0), day("4", "o", "", "mid", 4, 0), day("5", "", "", "mid", 5, 0)},
			amounts{"1": 50, "2": 0, "3": 80, "4": 0, "5": 100}},
		{"one incident climbs", penalty.ByIncident, "",
			events{day("1", "m", "i", "low", 1, 5), day("2", "n", "i", "mid", 2, 0)},
			amounts{"1": 0, "2": 45}},
		{"incidents are nothing to matters", penalty.ByMatter, "",
			events{day("1", "m", "i", "mid", 1, 0), day("2", "n", "i", "mid", 2, 0)},
			amounts{"1": 50, "2": 80}},
		{"a matter may be named by its first record", penalty.ByMatter, "",
			events{day("1", "", "", "low", 1, 0), day("2", "1", "", "mid", 2, 0)},
			amounts{"1": 0, "2": 50}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule := penalty.HistoryRule{Ladder: sample(), Zone: plus8, Unit: tt.unit, Escalated: tt.escalated}
			slices.Reverse(tt.events)
			fines, total, err := rule.Fines(tt.events)
			require.NoError(t, err)
			assert.Equal(t, tt.want, due(fines))
			var sum int64
			for _, amount := range tt.want {
				sum += amount
			}
			assert.Equal(t, sum, total)
		})
	}

	rule := penalty.HistoryRule{Ladder: sample(), Zone: plus8}
	fines, _, err := rule.Fines(events{
		day("1", "m", "", "low", 1, 20), day("2", "m", "", "mid", 2, 0), day("3", "m", "", "mid", 3, 0),
	})
	require.NoError(t, err)
	assert.Equal(t, []penalty.Fine{
		{ID: "1", Level: "low", Superseded: true, PaidBy: "2"},
		{ID: "2", Level: "mid", Nth: 1, Base: 50, Credited: 20, Due: 30},
		{ID: "3", Level: "mid", Merged: true, PaidBy: "2"},
	}, fines)
}

func TestFinesRepricing(t *testing.T) {
	events := []penalty.Event{
		ev(t, "1", "low", "2025-01-01T00:00:00Z"), ev(t, "2", "low", "2025-01-02T00:00:00Z"),
		ev(t, "3", "low", "2025-01-03T00:00:00Z"), ev(t, "4", "low", "2025-01-04T00:00:00Z"),
		ev(t, "5", "low", "2025-01-05T00:00:00Z"), ev(t, "6", "mid", "2025-01-06T00:00:00Z"),
	}
	l := sample()
	l.Repricing = penalty.Retroactive
	rule := penalty.HistoryRule{Ladder: l, Window: penalty.NoWindow}
	fines, total, err := rule.Fines(events)
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"1": 20, "2": 20, "3": 20, "4": 140, "5": 50, "6": 50}, due(fines))
	assert.EqualValues(t, 300, total)
	assert.Equal(t, penalty.Fine{ID: "4", Level: "low", Nth: 4, Base: 50, Additional: 90, Due: 140}, fines[3])

	rule.Ladder.Levels = penalty.Cumulative
	fines, total, err = rule.Fines(events)
	require.NoError(t, err)
	assert.Equal(t, penalty.Fine{ID: "6", Level: "mid", Nth: 6, Base: 100, Due: 100}, fines[5], "none of its own level to re-price")
	assert.EqualValues(t, 350, total)

	// A rolling window re-prices only what is still in it.
	rule = penalty.HistoryRule{Ladder: l, Window: penalty.Rolling12Months, Zone: time.UTC}
	fines, _, err = rule.Fines([]penalty.Event{
		ev(t, "1", "mid", "2024-01-01T00:00:00Z"), ev(t, "2", "mid", "2024-12-01T00:00:00Z"),
		ev(t, "3", "mid", "2025-02-01T00:00:00Z"), ev(t, "4", "mid", "2025-03-01T00:00:00Z"),
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"1": 50, "2": 80 + 30, "3": 80, "4": 100 + 20 + 20}, due(fines))

	// A dear row was reached, then the window moved on: what was priced lower
	// since is raised again, what was raised before is not.
	fines, _, err = rule.Fines([]penalty.Event{
		ev(t, "1", "mid", "2024-01-01T00:00:00Z"), ev(t, "2", "mid", "2024-01-02T00:00:00Z"),
		ev(t, "3", "mid", "2024-06-01T00:00:00Z"), ev(t, "4", "mid", "2025-02-01T00:00:00Z"),
		ev(t, "5", "mid", "2025-03-01T00:00:00Z"),
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"1": 50, "2": 80 + 30, "3": 100 + 20 + 20, "4": 80, "5": 100 + 20}, due(fines))
}

func TestFinesErrors(t *testing.T) {
	rule := penalty.HistoryRule{Ladder: sample(), Zone: plus8}
	a, b := ev(t, "a", "low", "2025-01-01T00:00:00Z"), ev(t, "b", "low", "2025-01-02T00:00:00Z")
	tests := []struct {
		name    string
		change  func(*penalty.Event)
		problem penalty.EventProblem
		text    string
	}{
		{"no id", func(e *penalty.Event) { e.ID = "" }, penalty.NoID, `penalty: event "": no_id`},
		{"duplicate", func(e *penalty.Event) { e.ID = "b" }, penalty.DuplicateID, `penalty: event "b": duplicate_id`},
		{"duplicate that does not count", func(e *penalty.Event) { e.ID, e.Counts = "b", false }, penalty.DuplicateID, `penalty: event "b": duplicate_id`},
		{"no time", func(e *penalty.Event) { e.At = time.Time{} }, penalty.NoTime, `penalty: event "a": no_time`},
		{"level", func(e *penalty.Event) { e.Level = "x" }, penalty.BadLevel, `penalty: event "a": bad_level: penalty: level "x" is not on the ladder`},
		{"already fined", func(e *penalty.Event) { e.AlreadyFined = -1 }, penalty.BadFine, `penalty: event "a": bad_fine: penalty: already fined is -1, below zero`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := a
			tt.change(&a)
			_, _, err := rule.Fines([]penalty.Event{a, b})
			var got *penalty.EventError
			require.ErrorAs(t, err, &got)
			assert.Equal(t, tt.problem, got.Problem)
			assert.EqualError(t, err, tt.text)
		})
	}
	var level *penalty.UnknownLevelError
	a.Level = "x"
	_, _, err := rule.Fines([]penalty.Event{a})
	require.ErrorAs(t, err, &level)

	// What does not count needs neither level nor time.
	a.Counts, a.At = false, time.Time{}
	fines, total, err := rule.Fines([]penalty.Event{a})
	require.NoError(t, err)
	assert.Equal(t, []penalty.Fine{{ID: "a", Level: "x"}}, fines)
	assert.Zero(t, total)
}

func TestFinesOverflow(t *testing.T) {
	const half = math.MaxInt64/2 + 1
	l := penalty.Ladder{
		Tiers: []penalty.Tier{{Level: "x", Rows: []penalty.Row{{1, 0}, {3, half}}}},
		Scale: []int64{0, half},
	}
	events := []penalty.Event{
		ev(t, "1", "x", "2025-01-01T00:00:00Z"), ev(t, "2", "x", "2025-01-02T00:00:00Z"),
		ev(t, "3", "x", "2025-01-03T00:00:00Z"), ev(t, "4", "x", "2025-01-04T00:00:00Z"),
	}
	rule := penalty.HistoryRule{Ladder: l, Zone: plus8}
	_, total, err := rule.Fines(events[:3])
	require.NoError(t, err)
	assert.Equal(t, int64(half), total)
	_, _, err = rule.Fines(events)
	require.ErrorIs(t, err, penalty.ErrOverflow, "the total")
	rule.Ladder.Repricing = penalty.Retroactive
	_, _, err = rule.Fines(events[:3])
	require.ErrorIs(t, err, penalty.ErrOverflow, "the re-pricing")
	rule.Ladder.Tiers[0].Rows[1].From = 2
	_, _, err = rule.Fines(events[:2])
	require.ErrorIs(t, err, penalty.ErrOverflow, "price and re-pricing")

	// A credit too large to count covers everything.
	rule = penalty.HistoryRule{Ladder: sample(), Zone: plus8}
	for i := range events[:3] {
		events[i].Matter, events[i].Level, events[i].AlreadyFined = "m", "low", math.MaxInt64
	}
	events[2].Level = "top"
	fines, total, err := rule.Fines(events[:3])
	require.NoError(t, err)
	assert.Zero(t, total)
	assert.EqualValues(t, 200, fines[2].Credited)
}

func TestHistoryValidate(t *testing.T) {
	var word *penalty.UnknownWordError
	var ladder *penalty.LadderError
	good := penalty.HistoryRule{Ladder: sample(), Zone: plus8}
	require.NoError(t, good.Validate())

	r := good
	r.Zone = nil
	require.ErrorIs(t, r.Validate(), penalty.ErrNoZone)
	r.Window = penalty.NoWindow
	require.NoError(t, r.Validate())
	for what, change := range map[string]func(*penalty.HistoryRule){
		"window":    func(r *penalty.HistoryRule) { r.Window = "x" },
		"unit":      func(r *penalty.HistoryRule) { r.Unit = "x" },
		"escalated": func(r *penalty.HistoryRule) { r.Escalated = "x" },
	} {
		r := good
		change(&r)
		require.ErrorAs(t, r.Validate(), &word)
		assert.Equal(t, what, word.What)
		_, _, err := r.Fines(nil)
		require.ErrorAs(t, err, &word)
	}
	r = penalty.HistoryRule{Ladder: sample(), Zone: plus8}
	r.Ladder.Tiers[2].Rank = 1
	require.ErrorAs(t, r.Validate(), &ladder)
	assert.Equal(t, penalty.LadderError{Problem: penalty.RankTwice, Tier: 2, Row: -1, Scale: -1}, *ladder)
	r.Escalated = penalty.EachLevel
	require.NoError(t, r.Validate())
	r.Ladder.Tiers = nil
	require.ErrorAs(t, r.Validate(), &ladder)
}

func anyHistory(t *rapid.T, l penalty.Ladder) (penalty.HistoryRule, []penalty.Event) {
	rule := penalty.HistoryRule{
		Ladder:    l,
		Zone:      plus8,
		Window:    rapid.SampledFrom([]penalty.Window{penalty.CalendarYear, penalty.Rolling12Months, penalty.CalendarMonth, penalty.NoWindow}).Draw(t, "window"),
		Unit:      rapid.SampledFrom([]penalty.Unit{penalty.ByMatter, penalty.ByRecord, penalty.ByIncident}).Draw(t, "unit"),
		Escalated: rapid.SampledFrom([]penalty.Escalated{penalty.HighestLevel, penalty.EachLevel}).Draw(t, "escalated"),
	}
	n := rapid.IntRange(0, 14).Draw(t, "events")
	ids := rapid.Permutation([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"}).Draw(t, "ids")
	events := make([]penalty.Event, n)
	for i := range events {
		events[i] = anyEvent(t, l, ids[i])
	}
	return rule, events
}

func anyEvent(t *rapid.T, l penalty.Ladder, id string) penalty.Event {
	// Around the ends of months and years, and 29 February, across zones.
	days := []string{"2023-12-31", "2024-01-01", "2024-01-31", "2024-02-28", "2024-02-29", "2024-12-31", "2025-01-01", "2025-02-28", "2025-03-01"}
	day, _ := time.ParseInLocation(time.DateOnly, rapid.SampledFrom(days).Draw(t, "day"), plus8)
	return penalty.Event{
		ID:           id,
		Matter:       rapid.SampledFrom([]string{"", "m", "n", "o", "p"}).Draw(t, "matter"),
		Incident:     rapid.SampledFrom([]string{"", "m", "i"}).Draw(t, "incident"),
		Level:        rapid.SampledFrom(l.Tiers).Draw(t, "tier").Level,
		At:           day.Add(time.Duration(rapid.IntRange(-1, 24).Draw(t, "hour")) * time.Hour).UTC(),
		Counts:       rapid.IntRange(0, 4).Draw(t, "counts") > 0,
		AlreadyFined: rapid.SampledFrom([]int64{0, 0, 0, 15, 90}).Draw(t, "already"),
	}
}

func TestFinesAgainstScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, events := anyHistory(t, anyLadder(t))
		fines, total, err := rule.Fines(events)
		require.NoError(t, err)
		want := scanHistory(rule, events)
		assert.Equal(t, want, due(fines))
		var sum int64
		for _, f := range fines {
			sum += f.Due
			assert.Equal(t, f.Base+f.Additional-f.Credited, f.Due)
			if f.Base > 0 {
				assert.Contains(t, rule.Ladder.Scale, f.Base)
			}
			if f.Nth == 0 {
				assert.Zero(t, f.Due)
			}
		}
		assert.Equal(t, sum, total)
	})
}

// scanHistory prices a history the slow way: for every event it goes through
// the whole list again.
func scanHistory(rule penalty.HistoryRule, events []penalty.Event) map[string]int64 {
	tiers := map[string]penalty.Tier{}
	for _, tier := range rule.Ladder.Tiers {
		tiers[tier.Level] = tier
	}
	group := func(e penalty.Event) string {
		name := e.Matter
		if rule.Unit == penalty.ByIncident && e.Incident != "" {
			name = e.Incident
		}
		if name == "" {
			name = e.ID
		}
		return name
	}
	before := func(a, b penalty.Event) bool { return a.At.Before(b.At) || a.At.Equal(b.At) && a.ID < b.ID }
	occurs := func(e penalty.Event) bool {
		if !e.Counts {
			return false
		}
		for _, o := range events {
			if !o.Counts || group(o) != group(e) {
				continue
			}
			if rule.Escalated == penalty.HighestLevel && tiers[o.Level].Rank > tiers[e.Level].Rank {
				return false
			}
			if rule.Unit != penalty.ByRecord && o.Level == e.Level && before(o, e) {
				return false
			}
		}
		return true
	}
	inWindow := func(o, e penalty.Event) bool {
		a, b := o.At.In(plus8), e.At.In(plus8)
		switch rule.Window {
		case penalty.CalendarYear:
			return a.Format("2006") == b.Format("2006")
		case penalty.CalendarMonth:
			return a.Format("2006-01") == b.Format("2006-01")
		case penalty.Rolling12Months:
			limit := time.Date(a.Year()+1, a.Month(), a.Day(), 0, 0, 0, 0, time.UTC)
			if limit.Month() != a.Month() {
				limit = limit.AddDate(0, 0, -1)
			}
			return limit.Format(time.DateOnly) >= b.Format(time.DateOnly)
		}
		return true
	}

	ordered := slices.Clone(events)
	slices.SortFunc(ordered, func(a, b penalty.Event) int {
		return cmp.Or(cmp.Compare(a.At.UnixNano(), b.At.UnixNano()), cmp.Compare(a.ID, b.ID))
	})
	due, charged, credit := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, e := range events {
		due[e.ID] = 0
		if e.Counts {
			credit[group(e)] += e.AlreadyFined
		}
	}
	for _, e := range ordered {
		if !occurs(e) {
			continue
		}
		var earlier []penalty.Event // of this level, in the window
		nth := 1
		for _, o := range events {
			if !occurs(o) || !before(o, e) || !inWindow(o, e) {
				continue
			}
			if o.Level == e.Level {
				earlier = append(earlier, o)
			}
			if o.Level == e.Level || rule.Ladder.Levels == penalty.Cumulative {
				nth++
			}
		}
		base := scan(tiers[e.Level], nth)
		charged[e.ID] = base
		amount := base
		if isRetroactive(rule.Ladder, tiers[e.Level]) {
			for _, o := range earlier {
				if charged[o.ID] < base {
					amount += base - charged[o.ID]
					charged[o.ID] = base
				}
			}
		}
		if rule.Escalated == penalty.HighestLevel {
			off := min(amount, credit[group(e)])
			credit[group(e)] -= off
			amount -= off
		}
		due[e.ID] = amount
	}
	return due
}

func TestFinesProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, events := anyHistory(t, anyLadder(t))
		fines, total, err := rule.Fines(events)
		require.NoError(t, err)

		given := slices.Clone(events)
		again, sum, err := rule.Fines(rapid.Permutation(events).Draw(t, "permuted"))
		require.NoError(t, err)
		assert.Equal(t, fines, again, "the order of the list does not matter")
		assert.Equal(t, total, sum)
		assert.Equal(t, given, events, "the list is left as it was")

		extra := anyEvent(t, rule.Ladder, "zz")
		extra.Counts = false
		more, sum, err := rule.Fines(append(events, extra))
		require.NoError(t, err)
		without := slices.DeleteFunc(more, func(f penalty.Fine) bool { return f.ID == "zz" })
		assert.Equal(t, fines, without, "what does not count changes no fine")
		assert.Equal(t, total, sum)
	})
}

// What Price says of the next occurrence is what a history says of it.
func TestFinesAgreeWithPrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLadder(t)
		sequence := rapid.SliceOfN(rapid.SampledFrom(l.Tiers), 1, 10).Draw(t, "sequence")
		prior := map[string]int{}
		var events []penalty.Event
		rule := penalty.HistoryRule{Ladder: l, Window: penalty.NoWindow}
		for i, tier := range sequence {
			step, err := l.Price(tier.Level, prior)
			require.NoError(t, err)
			events = append(events, penalty.Event{ID: string(rune('a' + i)), Level: tier.Level, Counts: true, At: time.Unix(int64(i), 0)})
			prior[tier.Level]++
			fines, _, err := rule.Fines(events)
			require.NoError(t, err)
			last := fines[len(fines)-1]
			assert.Equal(t, step.Nth, last.Nth)
			assert.Equal(t, step.Base, last.Base)
			if step.WindowKnown {
				assert.Equal(t, step.AdditionalForEarlier, last.Additional)
				var total int64
				for _, f := range fines {
					if f.Level == tier.Level {
						total += f.Due
					}
				}
				assert.Equal(t, step.TotalForWindow, total)
			}
		}
	})
}
