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

// cloudPercent is how much of a charge is credited: by the share of time down, in
// ten-thousandths, of which a level allows so many.
func cloudPercent(service string, down, all int64) int64 {
	first := map[string]int64{"compute": 1, "database": 5, "storage": 10}[service]
	switch {
	case down*10_000 > 500*all:
		return 100
	case down*10_000 > 100*all:
		return 25
	case down*10_000 > first*all:
		return 10
	}
	return 0
}

// cloudCredit is so many per cent of a charge in cents, rounded, and no more than
// is left of it.
func cloudCredit(charge, credited, percent int64, rounding string) int64 {
	credit := charge * percent / 100
	rest := charge * percent % 100
	if rounding == "up" && rest > 0 || rounding == "half_up" && rest >= 50 {
		credit++
	}
	return max(0, min(credit, charge-credited))
}

func TestCloudSLALogSecondBySecond(t *testing.T) {
	book := bookOf(t, "cloud-sla")
	random := rand.New(rand.NewPCG(99, 95))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	start := time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)
	const seconds = 28 * 86_400
	for range runsOf(3_000) {
		base := random.IntN(seconds)
		moment := func() time.Time { // mostly near each other, and over both ends of the month
			at := base + random.IntN(20_000) - 10_000
			if random.IntN(4) == 0 {
				at = random.IntN(seconds+200_000) - 100_000
			}
			return start.Add(time.Duration(at) * time.Second)
		}
		span := func() (from, to time.Time) {
			from = moment()
			return from, from.Add(time.Duration(random.IntN(9000)) * time.Second)
		}
		type period struct{ from, to time.Time }
		var outages, windows []any
		var down, planned []period
		for range random.IntN(6) {
			from, to := span()
			cause := pick("provider", "provider", "provider", "customer")
			outages = append(outages, map[string]any{"from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339), "cause": cause})
			if cause == "provider" {
				down = append(down, period{from: from, to: to})
			}
		}
		notice := pick("hours_before:72", "not_needed")
		for range random.IntN(4) {
			from, to := span()
			announced := from.Add(-time.Duration(random.IntN(5)*36) * time.Hour)
			windows = append(windows, map[string]any{"announced_at": announced.Format(time.RFC3339), "from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339)})
			if notice == "not_needed" || from.Sub(announced) >= 72*time.Hour {
				planned = append(planned, period{from: from, to: to})
			}
		}
		overrun := pick("counts", "whole_left_out")
		var all, counted int64
		diary := make([]byte, seconds) // 1: down, 2: planned, 4: down and not forgiven
		mark := func(p period, bit byte) {
			for at := max(0, int(p.from.Sub(start)/time.Second)); at < min(seconds, int(p.to.Sub(start)/time.Second)); at++ {
				diary[at] |= bit
			}
		}
		for _, p := range planned {
			mark(p, 2)
		}
		for _, p := range down {
			mark(p, 1)
			forgiven := false
			for _, w := range planned {
				forgiven = forgiven || overrun == "whole_left_out" && p.from.Before(w.to) && w.from.Before(p.to)
			}
			if !forgiven {
				mark(p, 4)
			}
		}
		for _, bits := range diary {
			if bits&1 > 0 {
				all++
			}
			if bits&4 > 0 && bits&2 == 0 {
				counted++
			}
		}
		service, rounding := pick("compute", "database", "storage"), pick("down", "half_up", "up")
		charge := int64(random.IntN(100_000))
		credited := int64(random.IntN(2)) * random.Int64N(charge+1)
		facts, err := json.Marshal(map[string]any{
			"usage":   map[string]any{"service": service, "region": "r", "month": "2025-02", "charge": pounds(charge), "credited": pounds(credited)},
			"outages": outages, "maintenance": windows,
		})
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "service.log", string(facts), rulebook.AsOf(start.AddDate(0, 2, 0)), rulebook.Reading("maintenance.notice", notice),
			rulebook.Reading("maintenance.overrun", overrun), rulebook.Reading("credit.rounding", rounding))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		percent := cloudPercent(service, counted, seconds)
		want := []any{time.Duration(counted) * time.Second, time.Duration(all-counted) * time.Second, percent, pounds(cloudCredit(charge, credited, percent, rounding)) + " USD"}
		gone, _ := answer.Duration("counted")
		left, _ := answer.Duration("left_out")
		share, _ := answer.Int("percent")
		credit, _ := answer.Money("credit")
		require.Equal(t, want, []any{gone, left, share, credit.String()}, "%s %s %s", facts, notice, overrun)
	}
}

func TestCloudSLAClaimAgainstArithmetic(t *testing.T) {
	book := bookOf(t, "cloud-sla")
	random := rand.New(rand.NewPCG(1, 10))
	const minutes = 30 * 1440
	for range runsOf(10_000) {
		rounding := []string{"down", "half_up", "up"}[random.IntN(3)]
		var lines, credits []any
		var total int64
		for i := range random.IntN(4) {
			service := []string{"compute", "database", "storage"}[random.IntN(3)]
			down := []int64{4, 5, 21, 22, 43, 44, 432, 433, 2160, 2161, random.Int64N(minutes)}[random.IntN(11)]
			charge := random.Int64N(5000)
			credited := random.Int64N(2) * random.Int64N(charge+1)
			lines = append(lines, map[string]any{
				"id": fmt.Sprint("L", i), "service": service, "region": "r", "downtime_minutes": down, "charge": pounds(charge), "credited": pounds(credited),
			})
			credit := cloudCredit(charge, credited, cloudPercent(service, down, minutes), rounding)
			credits, total = append(credits, pounds(credit)), total+credit
		}
		facts, err := json.Marshal(map[string]any{
			"claim": map[string]any{"id": "C", "month": "2025-06", "received_at": "2025-08-31T23:00:00Z", "evidence": []string{"dates_and_times", "region", "billing_cycle", "request_logs"}},
			"lines": append([]any{}, lines...),
		})
		require.NoError(t, err)
		answer, err := book.Ask(t.Context(), "claim.credit", string(facts), rulebook.AsOf(time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)), rulebook.Reading("credit.rounding", rounding))
		require.NoError(t, err)
		require.NoError(t, answer.Error)
		got, ok := answer.Money("total")
		require.True(t, ok)
		require.Equal(t, pounds(total)+" USD", got.String(), "%s", facts)
		if total > 100 {
			require.Equal(t, "credit", answer.Verdict)
		} else {
			require.Equal(t, "blocked", answer.Verdict, "%s", facts)
		}
		require.Len(t, credits, len(lines))
	}
}
