package examples

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// ofcomDesk is the scheme as a clerk with a diary works it out: day by day, in
// whole pence, without the engine.
type ofcomDesk struct {
	zone *time.Location
	off  map[string]bool // bank holidays
}

func newOfcomDesk(t *testing.T) ofcomDesk {
	zone, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	d := ofcomDesk{zone, map[string]bool{}}
	for _, day := range []string{
		"2024-01-01", "2024-03-29", "2024-04-01", "2024-05-06", "2024-05-27", "2024-08-26", "2024-12-25", "2024-12-26",
		"2025-01-01", "2025-04-18", "2025-04-21", "2025-05-05", "2025-05-26", "2025-08-25", "2025-12-25", "2025-12-26",
		"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28",
	} {
		d.off[day] = true
	}
	return d
}

// noon stands for a day: no change of clocks is near it.
func (d ofcomDesk) noon(t time.Time) time.Time {
	y, m, day := t.In(d.zone).Date()
	return time.Date(y, m, day, 12, 0, 0, 0, d.zone)
}

func (d ofcomDesk) working(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !d.off[day.Format(time.DateOnly)]
}

// rate is the amount of a day in pence: of the repair, the visit or the start.
func (ofcomDesk) rate(kind int, day time.Time) int64 {
	table := []struct {
		from  string
		pence [3]int64
	}{
		{"2026-04-01", [3]int64{1034, 3231, 646}}, {"2025-04-01", [3]int64{998, 3119, 624}}, {"2024-04-01", [3]int64{976, 3049, 610}},
		{"2023-04-01", [3]int64{933, 2915, 583}}, {"2022-04-01", [3]int64{840, 2624, 525}}, {"2021-04-01", [3]int64{806, 2518, 504}},
	}
	for _, row := range table {
		if day.Format(time.DateOnly) >= row.from {
			return row.pence[kind]
		}
	}
	return []int64{800, 2500, 500}[kind]
}

type ofcomMatter struct {
	loss, cause      string
	reported         time.Time
	repaired, asOf   time.Time // repaired is zero where it is not
	spans            [][2]time.Time
	firstDay, lastBy string
	each             bool
	most             int64 // below 0: no cap
}

// repair is the limit, the days and the pence of a delayed repair.
func (d ofcomDesk) repair(m *ofcomMatter) (deadline time.Time, verdict string, days, pence int64) {
	deadline = d.noon(m.reported)
	for n := 0; n < 2; {
		if deadline = deadline.AddDate(0, 0, 1); d.working(deadline) {
			n++
		}
	}
	end := m.repaired
	if end.IsZero() {
		end = m.asOf
	}
	lastDay := d.noon(end)
	excluded := m.cause == "customer" || m.cause == "law"
	var parts int64 // twenty-fourths of pence
	if m.loss == "total" && !excluded && lastDay.After(deadline) {
		day := deadline
		if m.firstDay == "day_after" {
			day = day.AddDate(0, 0, 1)
		}
		for ; !day.After(lastDay); day = day.AddDate(0, 0, 1) {
			if m.most >= 0 && days >= m.most {
				break
			}
			out := false
			for _, s := range m.spans {
				out = out || !day.Before(s[0]) && !day.After(s[1])
			}
			of := d.noon(m.reported)
			if m.each {
				of = day
			}
			switch {
			case out:
			case day.Before(lastDay) || m.lastBy == "counted":
				days++
				parts += 24 * d.rate(0, of)
			case m.lastBy == "hourly":
				y, month, n := day.Date()
				gone := int64(end.Sub(time.Date(y, month, n, 0, 0, 0, 0, d.zone)) / time.Hour)
				parts += min(gone, 24) * d.rate(0, of)
			}
		}
	}
	pence = (parts + 12) / 24 // half a penny is a whole one
	switch {
	case excluded:
		return deadline, "excluded", days, pence
	case pence > 0:
		return deadline, "compensation", days, pence
	}
	return deadline, "nothing_due", days, pence
}

func pounds(pence int64) string { return fmt.Sprintf("%d.%02d", pence/100, pence%100) }

func TestOfcomRepairAgainstTheDesk(t *testing.T) {
	book, desk := bookOf(t, "ofcom"), newOfcomDesk(t)
	random := rand.New(rand.NewPCG(2025, 4))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	for range runsOf(10_000) {
		m := ofcomMatter{
			loss: pick("total", "total", "total", "partial"), cause: pick("network", "weather", "third_party", "customer", "law"),
			firstDay: pick("day_after", "second_working_day"), lastBy: pick("not_counted", "counted", "hourly"), each: random.IntN(2) == 0, most: -1,
		}
		m.reported = time.Date(2024, 1, 1, 0, random.IntN(1440), 0, 0, desk.zone).AddDate(0, 0, random.IntN(900))
		after := time.Duration(random.IntN(90*24*60)) * time.Minute
		if random.IntN(3) > 0 {
			after /= 6
		}
		m.asOf = m.reported.Add(after)
		if random.IntN(8) == 0 { // the midnight that ends a day
			y, month, day := m.asOf.Date()
			m.asOf = time.Date(y, month, day+1, 0, 0, 0, 0, desk.zone)
		}
		fault := map[string]any{"loss": m.loss, "cause": m.cause, "reported_at": m.reported.Format(time.RFC3339)}
		if random.IntN(4) > 0 {
			m.repaired = m.asOf
			m.asOf = m.asOf.AddDate(0, 0, random.IntN(9))
			fault["repaired_at"] = m.repaired.Format(time.RFC3339)
		}
		var spans []any
		for range random.IntN(3) {
			from := desk.noon(m.reported).AddDate(0, 0, random.IntN(20))
			to := from.AddDate(0, 0, random.IntN(6))
			m.spans = append(m.spans, [2]time.Time{from, to})
			spans = append(spans, map[string]any{"from": from.Format(time.DateOnly), "to": to.Format(time.DateOnly)})
		}
		if len(spans) > 0 {
			fault["customer_days"] = spans
		}
		options := []rulebook.Option{
			rulebook.AsOf(m.asOf), rulebook.Reading("repair.first_day", m.firstDay), rulebook.Reading("repair.last_day", m.lastBy),
			rulebook.Reading("rates.over_april", map[bool]string{true: "of_each_day", false: "of_the_event"}[m.each]),
		}
		if random.IntN(2) == 0 {
			options = append(options, rulebook.Reading("repair.cap", "no_cap"))
		} else {
			m.most = []int64{3, 60}[random.IntN(2)]
			options = append(options, rulebook.Reading("repair.cap", fmt.Sprintf("days:%d", m.most)))
		}
		answer, err := book.Ask(t.Context(), "repair.compensation", map[string]any{"customer_kind": "residential", "fault": fault}, options...)
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		deadline, verdict, days, pence := desk.repair(&m)
		got, _ := answer.Money("compensation")
		due, _ := answer.Date("deadline")
		n, _ := answer.Int("days")
		require.Equal(t, []any{verdict, deadline.Format(time.DateOnly), days, pounds(pence) + " GBP"}, []any{answer.Verdict, due.String(), n, got.String()}, "%+v", m)
	}
}

// The whole of a customer is the repair, each visit at the rate of its day, and
// the start.
func TestOfcomTotalAgainstTheDesk(t *testing.T) {
	book, desk := bookOf(t, "ofcom"), newOfcomDesk(t)
	random := rand.New(rand.NewPCG(2026, 4))
	day := func() time.Time {
		return time.Date(2024, 1, 2, 12, 0, 0, 0, desk.zone).AddDate(0, 0, random.IntN(900))
	}
	for range 2000 {
		facts := map[string]any{"customer_kind": "small_business"}
		var pence int64
		if random.IntN(2) == 0 {
			m := ofcomMatter{loss: "total", cause: "weather", reported: day(), firstDay: "day_after", lastBy: "not_counted", most: 60}
			m.repaired = m.reported.Add(time.Duration(random.IntN(30*24)) * time.Hour)
			facts["fault"] = map[string]any{"loss": m.loss, "cause": m.cause, "reported_at": m.reported.Format(time.RFC3339), "repaired_at": m.repaired.Format(time.RFC3339)}
			_, _, _, due := desk.repair(&m)
			pence += due
		}
		var visits []any
		for i := range random.IntN(4) {
			on, missed := day(), random.IntN(3) > 0
			visits = append(visits, map[string]any{"id": fmt.Sprint("A", i), "missed": missed, "on": on.Format(time.DateOnly)})
			if missed {
				pence += desk.rate(1, on)
			}
		}
		if visits != nil {
			facts["appointments"] = visits
		}
		if random.IntN(2) == 0 {
			promised := day()
			started := promised.Add(time.Duration(random.IntN(20*24)-48) * time.Hour)
			cause := []string{"network", "customer", "law", "weather"}[random.IntN(4)]
			facts["start"] = map[string]any{"promised_on": promised.Format(time.DateOnly), "started_at": started.Format(time.RFC3339), "cause": cause}
			if cause != "customer" && cause != "law" {
				for d := promised; d.Before(desk.noon(started)); d = d.AddDate(0, 0, 1) {
					pence += desk.rate(2, promised)
				}
			}
		}
		text, err := json.Marshal(facts)
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "customer.total", string(text))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		got, ok := answer.Money("compensation")
		require.True(t, ok, "%s %v", text, answer.MissingFacts)
		require.Equal(t, pounds(pence)+" GBP", got.String(), "%s", text)
	}
}
