package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/servicerules/rulebook"
)

// construct is a part of the language that the five questions do not use, and
// what a decision takes that does.
type construct struct {
	name    string
	measure measure
}

// outage is what repair.compensation of ofcom.yaml is asked about.
type outage struct {
	Customer string    `rulebook:"customer_kind"`
	Loss     string    `rulebook:"fault.loss"`
	Cause    string    `rulebook:"fault.cause"`
	Reported time.Time `rulebook:"fault.reported_at"`
	Repaired time.Time `rulebook:"fault.repaired_at"`
}

// supportTicket is what ticket.resolution of support-contract.yaml is asked about.
type supportTicket struct {
	Priority string    `rulebook:"ticket.priority"`
	Country  string    `rulebook:"ticket.country"`
	Opened   time.Time `rulebook:"ticket.opened_at"`
	Resolved time.Time `rulebook:"ticket.resolved_at"`
	Pauses   []pause   `rulebook:"ticket.pauses"`
}

// pause is a time in which the customer is waited for.
type pause struct {
	From time.Time `rulebook:"from"`
	To   time.Time `rulebook:"to"`
}

// deskTicket is what ticket.priority of service-desk.yaml is asked about.
type deskTicket struct {
	Impact  string    `rulebook:"ticket.impact"`
	Urgency string    `rulebook:"ticket.urgency"`
	Opened  time.Time `rulebook:"ticket.opened_at"`
}

// constructs measures an accrual of sixty days, a limit in opening hours with
// three pauses, and a table of eight rows, by the example rulebooks. Each answer
// is compared with what was worked out by hand before anything is timed.
func constructs(rounds int, slice time.Duration) ([]construct, error) {
	at := func(zone string, day, hour, minute int) time.Time {
		place, err := time.LoadLocation(zone)
		if err != nil {
			place = time.UTC
		}
		return time.Date(2025, 6, day, hour, minute, 0, 0, place)
	}
	const london, newYork = "Europe/London", "America/New_York"
	accrual, err := asking("ofcom", "repair.compensation", "compensation",
		outage{Customer: "residential", Loss: "total", Cause: "network", Reported: at(london, 2, 10, 0), Repaired: at(london, 2+64, 10, 0)})
	if err != nil {
		return nil, err
	}
	pauses, err := asking("support-contract", "ticket.resolution", "on_time", supportTicket{
		Priority: "p2", Country: "us", Opened: at(newYork, 9, 9, 0), Resolved: at(newYork, 10, 12, 30), // due, to the minute
		Pauses: []pause{{at(newYork, 9, 10, 0), at(newYork, 9, 11, 0)}, {at(newYork, 9, 14, 0), at(newYork, 9, 15, 0)}, {at(newYork, 10, 9, 0), at(newYork, 10, 10, 0)}},
	})
	if err != nil {
		return nil, err
	}
	table, err := asking("service-desk", "ticket.priority", "p2", deskTicket{Impact: "department", Urgency: "work_stopped", Opened: at(london, 9, 9, 0)})
	if err != nil {
		return nil, err
	}
	all := []construct{{name: "accrual over 60 days"}, {name: "three pauses in opening hours"}, {name: "a table of eight rows"}}
	for i, ask := range []func(int) string{accrual, pauses, table} {
		var ns []float64
		for range rounds {
			ns = append(ns, spend(ask, 1, slice))
		}
		m := &all[i].measure
		m.ns = median(ns)
		m.allocs, m.bytes = allocated(ask, 1)
	}
	return all, nil
}

// asking asks an example rulebook about facts, whose verdict it compares.
func asking[T any](book, question, verdict string, facts T) (func(int) string, error) {
	loaded, err := rulebook.Load(filepath.Join("..", "examples", "rulebooks", book+".yaml"))
	if err != nil {
		return nil, err
	}
	if loaded, err = loaded.With(rulebook.AsOf(time.Date(2025, 12, 1, 12, 0, 0, 0, time.UTC))); err != nil {
		return nil, err
	}
	bound, err := rulebook.Bind[*T](loaded, question)
	if err != nil {
		return nil, err
	}
	ask := func(int) string {
		a, err := bound.Decide(&facts)
		if err != nil {
			return err.Error()
		}
		return a.Verdict
	}
	if got := ask(0); got != verdict {
		return nil, fmt.Errorf("%s: %q, and %q by hand", question, got, verdict)
	}
	return ask, nil
}
