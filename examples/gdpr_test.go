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
	"github.com/servicerules/rulebook/policy"
)

// gdprDesk works limits out with a diary of each member state, without the engine.
type gdprDesk struct {
	zones map[string]*time.Location
	off   map[string]map[string]bool
}

func newGDPRDesk(t *testing.T) gdprDesk {
	d := gdprDesk{map[string]*time.Location{}, map[string]map[string]bool{}}
	for state, zone := range map[string]string{"de": "Europe/Berlin", "fr": "Europe/Paris", "ie": "Europe/Dublin", "pt": "Europe/Lisbon"} {
		var err error
		d.zones[state], err = time.LoadLocation(zone)
		require.NoError(t, err)
		d.off[state] = map[string]bool{}
	}
	for state, days := range map[string]string{
		"de": "2025-01-01 2025-04-18 2025-04-21 2025-05-01 2025-05-29 2025-06-09 2025-10-03 2025-12-25 2025-12-26 2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-05-25",
		"fr": "2025-01-01 2025-04-21 2025-05-01 2025-05-08 2025-05-29 2025-06-09 2025-07-14 2025-08-15 2025-11-01 2025-11-11 2025-12-25 2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25",
		"ie": "2025-01-01 2025-02-03 2025-03-17 2025-04-21 2025-05-05 2025-06-02 2025-08-04 2025-10-27 2025-12-25 2025-12-26 2026-01-01 2026-02-02 2026-03-17 2026-04-06 2026-05-04 2026-06-01",
		"pt": "2025-01-01 2025-04-18 2025-04-20 2025-04-25 2025-05-01 2025-06-10 2025-06-19 2025-08-15 2025-10-05 2025-11-01 2025-12-01 2025-12-08 2025-12-25 2026-01-01 2026-04-03 2026-04-05 2026-04-25 2026-05-01 2026-06-04 2026-06-10",
	} {
		for _, day := range strings.Fields(days) {
			d.off[state][day] = true
		}
	}
	return d
}

func (d gdprDesk) working(state string, day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !d.off[state][day.Format(time.DateOnly)]
}

// day is the day of a moment in a state, as its midnight in UTC.
func (d gdprDesk) day(state string, at time.Time) time.Time {
	y, m, n := at.In(d.zones[state]).Date()
	return time.Date(y, m, n, 0, 0, 0, 0, time.UTC)
}

// roll is the day itself, or the working day that follows.
func (d gdprDesk) roll(state string, day time.Time) time.Time {
	for !d.working(state, day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// monthsAfter is the day of a later month with the same number, or its last one.
func monthsAfter(day time.Time, n int) time.Time {
	y, m, number := day.Date()
	last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	return time.Date(last.Year(), last.Month(), min(number, last.Day()), 0, 0, 0, 0, time.UTC)
}

// suspended counts the days behind that of each question up to that of its
// answer, each once, of those that the limit counts: behind its start.
func (d gdprDesk) suspended(state string, start time.Time, pauses []span) int {
	days := map[time.Time]bool{}
	for _, p := range pauses {
		for day := d.day(state, p.from).AddDate(0, 0, 1); !day.After(d.day(state, p.to)); day = day.AddDate(0, 0, 1) {
			if day.After(start) {
				days[day] = true
			}
		}
	}
	return len(days)
}

func TestGDPRRequestsAgainstTheDesk(t *testing.T) {
	book, desk := bookOf(t, "gdpr"), newGDPRDesk(t)
	random := rand.New(rand.NewPCG(12, 2016))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	for range runsOf(7_000) {
		state, from, identity, late := pick("de", "fr", "ie", "pt"), pick("receipt", "day_after"), pick("suspends", "suspends", "nothing"), pick("one_month", "as_extended")
		received := time.Date(2025, 1, 2, 0, 0, 0, 0, desk.zones[state]).Add(time.Duration(random.IntN(300*24*60)) * time.Minute)
		after := func(days int) time.Time { return received.Add(time.Duration(random.IntN(days*24*60)) * time.Minute) }
		outcome := pick("acted", "acted", "refused")
		request := map[string]any{"right": "access", "state": state, "received_at": received.Format(time.RFC3339), "outcome": outcome}
		var pauses []span
		var written []any
		for range random.IntN(3) {
			p, reason := span{from: after(25)}, pick("identity", "clarification")
			p.to = p.from.Add(time.Duration(random.IntN(30*24)) * time.Hour)
			written = append(written, map[string]any{"reason": reason, "asked_at": p.from.Format(time.RFC3339), "answered_at": p.to.Format(time.RFC3339)})
			if reason != "identity" || identity == "suspends" {
				pauses = append(pauses, p)
			}
		}
		request["pauses"] = append([]any{}, written...)
		start := desk.day(state, received)
		if from == "day_after" {
			start = start.AddDate(0, 0, 1)
		}
		paused := desk.suspended(state, start, pauses)
		first := desk.roll(state, monthsAfter(start, 1).AddDate(0, 0, paused))
		months, extended, defects := 1, "", []string{}
		if random.IntN(2) == 0 {
			told := after(50)
			extension := map[string]any{"told_at": told.Format(time.RFC3339)}
			if random.IntN(4) > 0 {
				extension["reasons"] = "many"
			} else {
				defects = append(defects, "no_reasons")
			}
			if random.IntN(4) > 0 {
				extension["grounds"] = []string{"complexity"}
			} else {
				defects = append(defects, "no_ground")
			}
			if desk.day(state, told).After(first) {
				defects = append(defects, "notice_late")
			}
			extended = map[bool]string{true: "true", false: "false"}[len(defects) == 0]
			if request["extension"] = extension; len(defects) == 0 && (outcome != "refused" || late == "as_extended") {
				months = 3
			}
		}
		nominal := monthsAfter(start, months).AddDate(0, 0, paused)
		due := desk.roll(state, nominal)
		now := after(200)
		for _, p := range pauses {
			if now.Before(p.to) {
				now = p.to
			}
		}
		now = now.AddDate(0, 0, 60)
		verdict := "running"
		if random.IntN(3) > 0 {
			answered := received.Add(due.Sub(received) + time.Duration(random.IntN(4*24*60)-2*24*60)*time.Minute)
			request["answered_at"] = answered.Format(time.RFC3339)
			verdict = "on_time"
			if desk.day(state, answered).After(due) {
				verdict = "late"
			}
			if now.Before(answered) {
				now = answered
			}
		} else if desk.day(state, now).After(due) {
			verdict = "overdue"
		}
		facts, err := json.Marshal(map[string]any{"request": request})
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "request.answer", string(facts), rulebook.AsOf(now), rulebook.Reading("month.from", from),
			rulebook.Reading("identity.effect", identity), rulebook.Reading("refusal.extended", late))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		gotDue, _ := answer.Date("due_date")
		gotNominal, _ := answer.Date("nominal")
		gotPaused, _ := answer.Int("paused_days")
		gotExtended := ""
		if v, ok := answer.Bool("extended"); ok {
			gotExtended = map[bool]string{true: "true", false: "false"}[v]
		}
		gotDefects, _ := answer.Words("extension_defects")
		require.Equal(t, []any{verdict, due.Format(time.DateOnly), nominal.Format(time.DateOnly), int64(paused), extended},
			[]any{answer.Verdict, gotDue.String(), gotNominal.String(), gotPaused, gotExtended}, "%s at %s, %s %s %s", facts, now, from, identity, late)
		require.ElementsMatch(t, defects, gotDefects, "%s", facts)
		require.Equal(t, outcome == "acted" && (verdict == "late" || verdict == "overdue"),
			slices.ContainsFunc(answer.Breaches, func(b policy.Breach) bool { return b.Code == "answered_late" }), "%s", facts)
		reasonsHold(t, answer)
	}
}

func TestGDPRNoticesAgainstTheDesk(t *testing.T) {
	book, desk := bookOf(t, "gdpr"), newGDPRDesk(t)
	random := rand.New(rand.NewPCG(33, 2016))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	for range runsOf(3_000) {
		state, from, days := pick("de", "fr", "ie", "pt"), pick("next_hour", "the_moment"), pick("own", "later")
		aware := time.Date(2025, 1, 2, 0, 0, 0, 0, desk.zones[state]).Add(time.Duration(random.IntN(340*24*4)) * 15 * time.Minute)
		begins := aware
		if from == "next_hour" { // zones of whole hours
			begins = aware.Truncate(time.Hour).Add(time.Hour)
		}
		due := begins.Add(72 * time.Hour)
		if days == "later" {
			day := desk.day(state, aware)
			for n := 0; n < 2; {
				if day = day.AddDate(0, 0, 1); desk.working(state, day) {
					n++
				}
			}
			if end := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, desk.zones[state]); end.After(due) {
				due = end
			}
		}
		notified := due.Add(time.Duration(random.IntN(200)-100) * time.Minute)
		verdict := "on_time"
		if notified.After(due) {
			verdict = "late"
		}
		atMidnight := notified.Equal(due) && due.Sub(begins) > 72*time.Hour
		incident := map[string]any{"state": state, "aware_at": aware.Format(time.RFC3339), "risk": "likely", "notified_at": notified.Format(time.RFC3339), "documented": true,
			"notice": []string{"nature", "contact", "consequences", "measures"}}
		facts, err := json.Marshal(map[string]any{"incident": incident})
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "breach.notice", string(facts), rulebook.AsOf(notified.AddDate(0, 0, 1)), rulebook.Reading("hours.from", from), rulebook.Reading("hours.two_days", days))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		got, _ := answer.Moment("due")
		start, _ := answer.Moment("clock_start")
		require.True(t, start.Equal(begins), "%s: begins %s, not %s", facts, start, begins)
		require.Less(t, due.Sub(got), time.Second, "%s: due %s, not %s", facts, got, due)
		require.False(t, got.After(due), "%s: due %s, not %s", facts, got, due)
		if !atMidnight { // the end of a day is in time up to, and without, midnight
			require.Equal(t, verdict, answer.Verdict, "%s", facts)
		}
		reasonsHold(t, answer)
	}
}
