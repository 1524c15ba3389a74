package examples

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/testsize"
)

// supportDesk is the contract as a clerk with a stop watch and the diaries of
// three countries works it out, without the engine.
type supportDesk struct {
	zones map[string]*time.Location
	off   map[string]map[string]bool
}

func newSupportDesk(t *testing.T) supportDesk {
	d := supportDesk{map[string]*time.Location{}, map[string]map[string]bool{}}
	for country, zone := range map[string]string{"de": "Europe/Berlin", "us": "America/New_York", "jp": "Asia/Tokyo"} {
		var err error
		d.zones[country], err = time.LoadLocation(zone)
		require.NoError(t, err)
		d.off[country] = map[string]bool{}
	}
	for country, days := range map[string]string{
		"de": "2025-01-01 2025-04-18 2025-04-21 2025-05-01 2025-05-29 2025-06-09 2025-10-03 2025-12-25 2025-12-26 2026-01-01",
		"us": "2025-01-01 2025-01-20 2025-02-17 2025-05-26 2025-06-19 2025-07-04 2025-09-01 2025-10-13 2025-11-11 2025-11-27 2025-12-25 2026-01-01",
		"jp": "2025-01-01 2025-01-13 2025-02-11 2025-02-24 2025-03-20 2025-04-29 2025-05-05 2025-05-06 2025-07-21 2025-08-11 2025-09-15 2025-09-23 2025-10-13 2025-11-03 2025-11-24 2026-01-01",
	} {
		for _, day := range strings.Fields(days) {
			d.off[country][day] = true
		}
	}
	return d
}

type span struct{ from, to time.Time } // to is zero where it has not ended

type supportTicket struct {
	priority, country string
	opened, resolved  time.Time // resolved is zero where it is not
	pauses            []span
}

// open are the hours of some weeks from a moment on.
func (d supportDesk) open(k *supportTicket) []span {
	if k.priority == "p1" {
		return []span{{k.opened, k.opened.AddDate(1, 0, 0)}}
	}
	var all []span
	y, m, first := k.opened.In(d.zones[k.country]).Date()
	for n := range 60 {
		at := func(hour, minute int) time.Time {
			return time.Date(y, m, first+n, hour, minute, 0, 0, d.zones[k.country])
		}
		day := at(12, 0)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !d.off[k.country][day.Format(time.DateOnly)] {
			all = append(all, span{at(9, 0), at(12, 30)}, span{at(13, 30), at(17, 30)})
		}
	}
	return all
}

// usedUp is the moment at which so much of the clock has run; zero where that
// cannot be known while a pause is open.
func (d supportDesk) usedUp(k *supportTicket, limit time.Duration) time.Time {
	return usedUp(k, d.open(k), limit)
}

func usedUp(k *supportTicket, hours []span, limit time.Duration) time.Time {
	pauses := slices.Clone(k.pauses)
	slices.SortFunc(pauses, func(a, b span) int { return a.from.Compare(b.from) })
	for _, open := range hours {
		at := open.from
		if at.Before(k.opened) {
			at = k.opened
		}
		for at.Before(open.to) {
			stop, stands, until := open.to, false, time.Time{}
			for _, p := range pauses {
				inside := !at.Before(p.from) && (p.to.IsZero() || at.Before(p.to))
				switch {
				case inside && p.to.IsZero():
					return time.Time{}
				case inside && p.to.After(until):
					stands, until = true, p.to
				case p.from.After(at) && p.from.Before(stop) && !p.from.Equal(p.to):
					stop = p.from
				}
			}
			if stands {
				at = until
				continue
			}
			if ran := stop.Sub(at); ran < limit {
				limit -= ran
				at = stop
				continue
			}
			return at.Add(limit)
		}
	}
	return time.Time{}
}

func (d supportDesk) resolution(k *supportTicket, now time.Time) (state, level string, due, lead, manager time.Time) {
	limit := 8 * time.Hour
	if k.priority == "p1" {
		limit = 4 * time.Hour
	}
	due, lead, manager = d.usedUp(k, limit), d.usedUp(k, limit/2), d.usedUp(k, limit/4*3)
	looked := now
	if !k.resolved.IsZero() {
		looked = k.resolved
	}
	reached := func(at time.Time) bool { return !at.IsZero() && !looked.Before(at) }
	switch {
	case reached(due):
		level = "director"
	case reached(manager):
		level = "manager"
	case reached(lead):
		level = "lead"
	default:
		level = "none"
	}
	paused := slices.ContainsFunc(k.pauses, func(p span) bool { return !now.Before(p.from) && (p.to.IsZero() || now.Before(p.to)) })
	switch {
	case !k.resolved.IsZero() && k.resolved.After(due):
		state = "late"
	case !k.resolved.IsZero():
		state = "on_time"
	case !due.IsZero() && now.After(due):
		state = "overdue"
	case paused:
		state = "paused"
	case reached(manager):
		state = "at_risk"
	default:
		state = "running"
	}
	return state, level, due, lead, manager
}

// ticket is a random one, and a moment of asking.
func (d supportDesk) ticket(random *rand.Rand, id string) (*supportTicket, map[string]any, time.Time) {
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	k := &supportTicket{priority: pick("p1", "p2", "p2"), country: pick("de", "us", "jp")}
	k.opened = time.Date(2025, 1, 2, 0, 0, 0, 0, d.zones[k.country]).Add(time.Duration(random.IntN(340*24*4)) * 15 * time.Minute)
	hours := 6
	if k.priority == "p2" {
		hours = 120
	}
	after := func() time.Time {
		return k.opened.Add(time.Duration(random.IntN(hours*4+8)-4) * 15 * time.Minute)
	}
	now := k.opened.Add(time.Duration(random.IntN(hours*4)) * 15 * time.Minute).Add(time.Duration(random.IntN(3)-1) * time.Second)
	if now.Before(k.opened) {
		now = k.opened
	}
	resolved := random.IntN(2) == 0
	facts := map[string]any{"id": id, "priority": k.priority, "country": k.country, "opened_at": k.opened.Format(time.RFC3339)}
	var pauses []any
	for range random.IntN(4) {
		p := span{from: after(), to: after()}
		if p.to.Before(p.from) {
			p.from, p.to = p.to, p.from
		}
		if p.from.After(now) {
			continue
		}
		if p.to.After(now) {
			if resolved {
				continue
			}
			p.to = time.Time{}
		}
		k.pauses = append(k.pauses, p)
		record := map[string]any{"from": p.from.Format(time.RFC3339)}
		if !p.to.IsZero() {
			record["to"] = p.to.Format(time.RFC3339)
		}
		pauses = append(pauses, record)
	}
	facts["pauses"] = append([]any{}, pauses...)
	if resolved {
		k.resolved = now
		facts["resolved_at"] = now.Format(time.RFC3339)
		now = now.Add(time.Duration(random.IntN(100)) * time.Hour)
	}
	return k, facts, now
}

// runsOf is how many random sets of facts are tried: so many, and at the desk a
// tenth.
func runsOf(many int) int { return testsize.Pick(many/10, many, many) }

func TestSupportTicketsAgainstTheDesk(t *testing.T) {
	book, desk := bookOf(t, "support-contract"), newSupportDesk(t)
	random := rand.New(rand.NewPCG(3, 2025))
	shown := func(at time.Time) string {
		if at.IsZero() {
			return "–"
		}
		return at.UTC().Format(time.RFC3339)
	}
	for range runsOf(7_000) {
		k, ticket, now := desk.ticket(random, "T")
		facts, err := json.Marshal(map[string]any{"ticket": ticket})
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "ticket.resolution", string(facts), rulebook.AsOf(now))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		state, level, due, lead, manager := desk.resolution(k, now)
		gotDue, _ := answer.Moment("due")
		gotLead, _ := answer.Moment("lead_at")
		gotManager, _ := answer.Moment("manager_at")
		gotLevel, _ := answer.Word("level")
		require.Equal(t, []string{state, level, shown(due), shown(lead), shown(manager)},
			[]string{answer.Verdict, gotLevel, shown(gotDue), shown(gotLead), shown(gotManager)}, "%s at %s", facts, now)
		require.Equal(t, state == "late" || state == "overdue", len(answer.Breaches) == 1, "%s", facts)
		reasonsHold(t, answer)
	}
}

func TestSupportMonthsAgainstTheDesk(t *testing.T) {
	book, desk := bookOf(t, "support-contract"), newSupportDesk(t)
	random := rand.New(rand.NewPCG(4, 2025))
	for range runsOf(1_500) {
		var list []any
		in, late, open := []string{}, []string{}, []string{}
		now := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
		for i := range random.IntN(8) {
			id := fmt.Sprint("T", i)
			k, facts, _ := desk.ticket(random, id)
			list = append(list, facts)
			switch state, _, due, _, _ := desk.resolution(k, now); {
			case state == "on_time":
				in = append(in, id)
			case state == "late" || state == "overdue":
				late = append(late, id)
			case due.IsZero():
				open = append(open, id)
			}
		}
		facts, err := json.Marshal(map[string]any{"month": "2025-06", "month_tickets": append([]any{}, list...)})
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "month.tickets", string(facts), rulebook.AsOf(now))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		got := map[string][]string{}
		for _, name := range []string{"in_time", "late", "open"} {
			got[name], _ = answer.Words(name)
		}
		require.ElementsMatch(t, in, got["in_time"], "%s", facts)
		require.ElementsMatch(t, late, got["late"], "%s", facts)
		require.ElementsMatch(t, open, got["open"], "%s", facts)
		verdict := "not_applicable"
		if n := len(in) + len(late); n > 0 {
			verdict = map[bool]string{true: "met", false: "not_met"}[100*len(in) >= 95*n]
		}
		require.Equal(t, verdict, answer.Verdict, "%s", facts)
		reasonsHold(t, answer)
	}
}

func TestSupportQuartersAgainstArithmetic(t *testing.T) {
	book := bookOf(t, "support-contract")
	random := rand.New(rand.NewPCG(5, 2025))
	for range runsOf(10_000) {
		empty := []string{"kept", "missed"}[random.IntN(2)]
		var months, credits []string
		var total, fees int64
		verdict := "met"
		n := random.IntN(4)
		for i := range n {
			closed := []int64{0, 20, 100, 10, 5, int64(random.IntN(40))}[random.IntN(6)]
			in := closed * []int64{100, 95, 94, 90, 89, 80, 79}[random.IntN(7)] / 100
			fee := random.Int64N(200_000)
			months = append(months, fmt.Sprintf(`{"month": "2025-%02d", "closed": %d, "in_time": %d, "fee": "%s"}`, 4+i, closed, in, pounds(fee)))
			var percent int64
			switch {
			case closed == 0 && empty == "kept" || closed > 0 && 100*in >= 95*closed:
			case closed == 0 || 100*in < 80*closed:
				percent = 25
			case 100*in < 90*closed:
				percent = 10
			default:
				percent = 5
			}
			if percent > 0 {
				verdict = "not_met"
			}
			credits = append(credits, `"`+pounds(fee*percent/100)+`"`)
			total, fees = total+fee*percent/100, fees+fee
		}
		if n == 0 {
			verdict = "not_applicable"
		}
		facts := `{"quarter_ends": "2025-06", "months": [` + strings.Join(months, ", ") + `]}`
		answer, err := book.Ask(t.Context(), "quarter.credit", facts, rulebook.Reading("months.empty", empty))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		credit, _ := answer.Money("credit")
		most, _ := answer.Money("cap")
		quarter := fees * 15 / 100
		require.Equal(t, []string{verdict, pounds(min(total, quarter)) + " EUR", pounds(quarter) + " EUR"}, []string{answer.Verdict, credit.String(), most.String()}, facts)
		require.Equal(t, "["+strings.Join(credits, ",")+"]", string(answer.AppendValue(nil, "credits")), facts)
		reasonsHold(t, answer)
	}
}
