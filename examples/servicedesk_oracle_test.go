package examples

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// The desk works the agreement out for itself: minute by minute with an eye on the
// clock, with numbers of its own, and without the engine.
type deskTicket struct {
	priority                             int // 1 to 4
	opened, reopened, resolved, answered time.Time
	offered                              time.Time
	silent                               int // contacts without an answer
	extension                            *deskExtension
}

type deskExtension struct {
	reason, role        string
	asked, agreed       time.Time // zero: not known to have been
	newDue              time.Time
	refused, noDecision bool
}

var deskZone = time.FixedZone("", 8*3600)

// deskDue is when a number of minutes has gone by, all of them or those in which the
// desk is open.
func deskDue(from time.Time, minutes int, open bool) time.Time {
	for at := from; ; at = at.Add(time.Minute) {
		if minutes == 0 {
			return at
		}
		day := at.In(deskZone).Weekday()
		if hour := at.In(deskZone).Hour(); !open || day != time.Saturday && day != time.Sunday && hour >= 8 && hour < 18 {
			minutes--
		}
	}
}

func (k *deskTicket) open(hours string) bool {
	return hours == "all_opening_hours" || hours == "by_priority" && k.priority >= 3
}

// resolution is when a ticket is due and how it stands.
func (k *deskTicket) resolution(now time.Time, hours, reopened, silence, agreedBy string) (due time.Time, status string) {
	from, done := k.opened, k.resolved
	if reopened == "new_clock" && !k.reopened.IsZero() {
		from = k.reopened
		if !done.IsZero() && done.Before(k.reopened) {
			done = time.Time{}
		}
	}
	due = deskDue(from, []int{4, 8, 24, 40}[k.priority-1]*60, k.open(hours))
	if x := k.extension; x != nil {
		holds := x.reason != "" && !x.asked.IsZero() && !x.asked.After(due) && !x.refused && !x.noDecision &&
			(x.role == "service_owner" || x.role == "customer_contact") &&
			(agreedBy == "any_time" || !x.agreed.IsZero() && !x.agreed.After(due))
		if holds && x.newDue.After(due) {
			due = x.newDue
		}
	}
	switch {
	case !done.IsZero() && !done.After(due):
		return due, "on_time"
	case silence == "two_attempts" && !k.offered.IsZero() && !k.offered.After(due) && k.silent >= 2:
		return due, "deemed_on_time"
	case !done.IsZero():
		return due, "late"
	case now.After(due):
		return due, "overdue"
	}
	return due, "running"
}

// response likewise, of the first response.
func (k *deskTicket) response(now time.Time, hours string) (due time.Time, status string) {
	due = deskDue(k.opened, []int{15, 30, 120, 240}[k.priority-1], k.open(hours))
	switch {
	case k.answered.IsZero() && now.After(due):
		return due, "overdue"
	case k.answered.IsZero():
		return due, "running"
	case k.answered.After(due):
		return due, "late"
	}
	return due, "on_time"
}

func TestDeskTicketsMinuteByMinute(t *testing.T) {
	book := bookOf(t, "service-desk")
	random := rand.New(rand.NewPCG(8, 18))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	shown := func(at time.Time) any {
		if at.IsZero() {
			return nil
		}
		return at.Format(time.RFC3339)
	}
	statuses := map[string]int{}
	for range runsOf(10_000) {
		k := &deskTicket{priority: 1 + random.IntN(4), opened: time.Date(2024, 2, 19, 0, random.IntN(14*24*60), 0, 0, deskZone)}
		if random.IntN(4) == 0 { // where the desk opens and closes
			k.opened = time.Date(2024, 2, 19+random.IntN(14), []int{8, 18}[random.IntN(2)], 0, 0, 0, deskZone)
		}
		hours, reopened := pick("by_priority", "by_priority", "all_running", "all_opening_hours"), pick("goes_on", "new_clock")
		silence, agreedBy := pick("two_attempts", "never"), pick("due", "any_time")
		due := deskDue(k.opened, []int{4, 8, 24, 40}[k.priority-1]*60, k.open(hours))
		now := due.Add(time.Duration(random.IntN(3)-1) * time.Second)
		if random.IntN(2) == 0 {
			now = due.Add(time.Duration(random.IntN(6000)) * time.Minute)
		}
		around := func() time.Time { // mostly about when it is due, often to the second, and no later than now
			at := due.Add(time.Duration(random.IntN(7)-3) * time.Second)
			if random.IntN(2) == 0 {
				at = due.Add(time.Duration(random.IntN(6000)-3000) * time.Minute)
			}
			if at.After(now) {
				at = now
			}
			if at.Before(k.opened) {
				at = k.opened
			}
			return at
		}
		maybe := func(at time.Time) time.Time {
			if random.IntN(4) == 0 {
				return time.Time{}
			}
			return at
		}
		k.resolved, k.offered = maybe(around()), maybe(around())
		response := deskDue(k.opened, []int{15, 30, 120, 240}[k.priority-1], k.open(hours))
		if k.answered = maybe(response.Add(time.Duration(random.IntN(5)-2) * time.Second)); k.answered.Before(k.opened) || k.answered.After(now) {
			k.answered = time.Time{}
		}
		var contacts []any
		for range random.IntN(4) {
			answered := random.IntN(3) == 0
			contacts = append(contacts, map[string]any{"at": shown(around()), "answered": answered})
			if !answered {
				k.silent++
			}
		}
		ticket := map[string]any{
			"kind": pick("incident", "request"), "priority": fmt.Sprintf("p%d", k.priority), "opened_at": shown(k.opened), "first_response_at": shown(k.answered),
			"resolved_at": shown(k.resolved), "solution_offered_at": shown(k.offered), "contacts": append([]any{}, contacts...), "customer_returned_at": nil, "extension": nil,
		}
		if random.IntN(3) == 0 {
			if k.reopened = around().Truncate(time.Minute); k.reopened.Before(k.opened) {
				k.reopened = k.opened
			}
			ticket["reopened"], ticket["reopened_at"] = 1+random.IntN(3), shown(k.reopened)
		}
		if random.IntN(2) == 0 {
			x := &deskExtension{reason: pick("", "spare part", "spare part"), role: pick("service_owner", "customer_contact", "agent", "team_lead"), asked: maybe(around())}
			if x.agreed = maybe(around()); x.agreed.Before(x.asked) {
				x.agreed = x.asked
			}
			x.newDue = around().Add(time.Hour)
			record := map[string]any{"requested_at": shown(x.asked), "approved_at": shown(x.agreed), "approver_role": x.role, "new_due_at": shown(x.newDue), "decision": nil, "reason": nil}
			switch random.IntN(4) {
			case 0:
				x.noDecision = true
			case 1:
				x.refused, record["decision"] = true, "refused"
			default:
				record["decision"] = "agreed"
			}
			if x.reason != "" {
				record["reason"] = x.reason
			}
			k.extension, ticket["extension"] = x, record
		}
		facts, err := json.Marshal(map[string]any{"ticket": ticket})
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "ticket.resolution", string(facts), rulebook.AsOf(now), rulebook.Reading("clock.hours", hours),
			rulebook.Reading("reopened.clock", reopened), rulebook.Reading("silence.closes", silence), rulebook.Reading("extension.agreed_by", agreedBy))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		due, status := k.resolution(now, hours, reopened, silence, agreedBy)
		got, _ := answer.Moment("due_at")
		require.Equal(t, []any{status, shown(due)}, []any{answer.Verdict, shown(got.In(deskZone))}, "%s at %s: %s %s %s %s", facts, now, hours, reopened, silence, agreedBy)
		late := slices.Contains(breachCodes(answer), "resolution_late")
		require.Equal(t, status == "late" || status == "overdue", late, "%s", facts)
		reasonsHold(t, answer)
		statuses[status]++

		answer, err = book.Ask(t.Context(), "ticket.response", string(facts), rulebook.AsOf(now), rulebook.Reading("clock.hours", hours))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		due, status = k.response(now, hours)
		got, _ = answer.Moment("due_at")
		require.Equal(t, []any{status, shown(due)}, []any{answer.Verdict, shown(got.In(deskZone))}, "%s at %s: %s", facts, now, hours)
		reasonsHold(t, answer)
	}
	for _, status := range []string{"on_time", "late", "overdue", "running", "deemed_on_time"} {
		require.Greater(t, statuses[status], 10, status)
	}
}

func TestDeskMonthsAndCredits(t *testing.T) {
	book := bookOf(t, "service-desk")
	random := rand.New(rand.NewPCG(95, 90))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	ask := func(question string, facts map[string]any, options ...rulebook.Option) *rulebook.Answer {
		data, err := json.Marshal(facts)
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), question, string(data), append(options, rulebook.AsOf(time.Date(2024, 6, 1, 0, 0, 0, 0, deskZone)))...)
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		reasonsHold(t, answer)
		return answer
	}
	whole := func(answer *rulebook.Answer, name string) any {
		n, ok := answer.Int(name)
		if !ok {
			return nil
		}
		return n
	}
	for range runsOf(10_000) {
		// A month: so many of each hundred in time.
		facts := map[string]any{"month": "2024-03"}
		empty, reopenedAs, overall := pick("not_applicable", "met"), pick("as_timed", "as_missed"), pick("every_priority", "p1_and_p2")
		var results []string
		for i, target := range []int{95, 90, 85, 80} {
			base := []int{0, 20, 40, 100, random.IntN(60)}[random.IntN(5)]
			inTime := min(base, max(0, (base*target+99)/100+random.IntN(3)-1))
			reopened, notYetDue := random.IntN(inTime+1)/8, random.IntN(3)
			facts[fmt.Sprintf("tickets_p%d", i+1)] = map[string]any{"received": base + notYetDue, "in_time": inTime, "not_yet_due": notYetDue, "reopened_in_time": reopened}
			if reopenedAs == "as_missed" {
				inTime -= reopened
			}
			switch {
			case base == 0:
				results = append(results, empty)
			case inTime*100 >= target*base:
				results = append(results, "met")
			default:
				results = append(results, "not_met")
			}
		}
		if overall == "p1_and_p2" {
			results = results[:2]
		}
		want := "not_applicable"
		if slices.Contains(results, "not_met") {
			want = "not_met"
		} else if slices.Contains(results, "met") {
			want = "met"
		}
		answer := ask("desk.attainment", facts, rulebook.Reading("attainment.empty", empty), rulebook.Reading("attainment.reopened", reopenedAs), rulebook.Reading("attainment.overall", overall))
		require.Equal(t, want, answer.Verdict, "%v %s %s %s", facts, empty, reopenedAs, overall)

		// A credit: the price list, and a scale on which circumstances move it.
		priority, earlier := random.IntN(4), [4]int{random.IntN(4), random.IntN(4), random.IntN(4), random.IntN(8)}
		price := func(nth int) int {
			switch {
			case priority == 0:
				return []int{100, 200, 500}[min(nth, 3)-1]
			case priority == 1 && nth < 3:
				return 50
			case priority == 1:
				return 100
			case priority == 2 && nth >= 3:
				return 20
			case priority == 3 && nth >= 6:
				return 10
			}
			return 0
		}
		confirmed, cause := random.IntN(5) > 0, pick("desk", "desk", "desk", "customer", "force_majeure")
		var claimed []string
		for _, c := range []string{"known_problem", "workaround", "warned_before"} {
			if random.IntN(2) == 0 {
				claimed = append(claimed, c)
			}
		}
		accepted := random.IntN(2) == 0
		up, down := 0, 0
		if slices.Contains(claimed, "known_problem") {
			up++
		}
		if slices.Contains(claimed, "workaround") && accepted {
			down++
		}
		if slices.Contains(claimed, "warned_before") {
			down++
		}
		combine := pick("net_sum", "manual_on_conflict")
		nth := earlier[priority] + 1
		scale := []int{0, 10, 20, 50, 100, 200, 500}
		at := min(max(slices.Index(scale, price(nth))+up-down, 0), len(scale)-1)
		verdict, base, credit := "no_credit", any(int64(price(nth))), any(int64(scale[at]))
		switch {
		case !confirmed || cause != "desk":
			verdict, base, credit = "not_counted", int64(0), int64(0)
		case combine == "manual_on_conflict" && up > 0 && down > 0:
			verdict, credit = "needs_decision", nil
		case scale[at] > 0:
			verdict = "credit"
		}
		facts = map[string]any{
			"customer": "C", "circumstances": append([]string{}, claimed...), "workaround_accepted": accepted,
			"miss":           map[string]any{"priority": fmt.Sprintf("p%d", priority+1), "at": "2024-03-05T12:00:00+08:00", "confirmed": confirmed, "cause": cause},
			"earlier_misses": map[string]any{"p1": earlier[0], "p2": earlier[1], "p3": earlier[2], "p4": earlier[3]},
		}
		answer = ask("desk.credit", facts, rulebook.Reading("credits.combine", combine))
		require.Equal(t, []any{verdict, base, credit}, []any{answer.Verdict, whole(answer, "base"), whole(answer, "credit")}, "%v %s", facts, combine)
	}
}

// breachCodes are what an answer finds broken.
func breachCodes(answer *rulebook.Answer) []string {
	var codes []string
	for _, b := range answer.Breaches {
		codes = append(codes, b.Code)
	}
	return codes
}
