package main

import (
	"time"

	"github.com/rickb777/date/v2"
)

// Bare if statements: the verdict alone, nothing to show for it. They know
// nothing of missing facts beyond what the verdict needs.

func bareRequest(r *Request, now time.Time) string {
	var limit time.Duration
	days := 0
	start := r.Received
	switch r.Kind {
	case "fault":
		switch r.Severity {
		case "ordinary":
			limit = 24 * time.Hour
		case "major":
			limit = 72 * time.Hour
		default:
			return undetermined
		}
	case "install":
		switch r.Area {
		case "urban":
			days = 5
		case "rural":
			days = 10
		default:
			return undetermined
		}
		start = applicationStart(r)
	case "restore":
		days = 5
		start = applicationStart(r)
	case "complaint_reply":
		days = 3
	default:
		return "no_limit"
	}
	if start.IsZero() {
		return "not_started"
	}
	end := start.Add(limit)
	if days > 0 {
		end = endOfDue(start, days)
	}
	verdict, _ := stand(r.Done, end, now)
	return verdict
}

// endOfDue is the last instant of the n-th working day after the day of start.
func endOfDue(start time.Time, n int) time.Time {
	due, err := calendar.Add(date.NewAt(start.In(zone)), n)
	if err != nil {
		return time.Time{}
	}
	y, m, d := due.Date()
	return time.Date(y, m, d+1, 0, 0, 0, -1, zone)
}

func bareFine(c *Complaint) string {
	switch {
	case c.Cause != "service" || c.Level == "frontline" || c.Substantiated != nil && !*c.Substantiated:
		return "not_accountable"
	case c.Substantiated == nil:
		return undetermined
	}
	prior := c.PriorCounty
	switch c.Level {
	case "hall":
		prior = c.PriorHall
	case "branch":
		prior = c.PriorBranch
	}
	if prior == nil {
		return undetermined
	}
	base, _ := rung(c.Level, *prior+1)
	at := 0
	for fineScale[at] != base {
		at++
	}
	for _, x := range c.Mitigating {
		if x.Degree == "exempt" {
			return "no_fine"
		}
	}
	if at+len(c.Aggravating)-len(c.Mitigating) <= 0 {
		return "no_fine"
	}
	return "fine"
}

func bareArea(x *Area) string {
	unmet, open, met := false, false, false
	judge := func(num, den *int, less int, ok func(n, d int) bool) {
		if num == nil || den == nil {
			open = true
			return
		}
		if d := *den - less; d != 0 {
			if ok(*num, d) {
				met = true
			} else {
				unmet = true
			}
		}
	}
	judge(x.Calls, x.Households, 0, func(n, d int) bool { return n*1000 < d })
	judge(x.Replied, x.Received, x.NotYetDue, func(n, d int) bool { return n == d })
	judge(x.Satisfied, x.Answers, 0, func(n, d int) bool { return n*100 > d*99 })
	switch {
	case unmet:
		return "not_met"
	case open:
		return undetermined
	case met:
		return "met"
	}
	return "not_applicable"
}

func bareLoad(x *Load) string {
	from, to := 600, 1000
	switch {
	case x.Area == "" || x.Staff == nil || x.Households == nil && *x.Staff != 0:
		return undetermined
	case *x.Staff == 0:
		return "unassigned"
	case x.Area == "urban":
		from, to = 4000, 6000
	}
	switch {
	case *x.Households > to**x.Staff:
		return "above"
	case *x.Households < from**x.Staff:
		return "below"
	}
	return "within"
}

func bareChange(x *Change) string {
	office, centre := false, false
	for _, to := range x.ReportedTo {
		office = office || to == "general_office"
		centre = centre || to == "monitoring_centre"
	}
	switch {
	case x.Publicised == 0:
		return "breach"
	case x.ReportedTo == nil:
		return undetermined
	case !office || !centre:
		return "breach"
	}
	return "no_breach"
}
