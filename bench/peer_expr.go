package main

import (
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// expr-lang/expr: compiled once, run by a virtual machine that is reused.

var exprSources = [...]string{
	`let start = kind in ["install", "restore"]
		? (not eligible or papers == 0 or not network_ready and network_ready_at == 0 ? 0 : papers > network_ready_at ? papers : network_ready_at)
		: received;
	kind == "other" ? "no_limit" :
	kind == "fault" and severity == "" or kind == "install" and area == "" ? "undetermined" :
	start == 0 ? "not_started" : (
		let end = kind == "fault" ? start + (severity == "ordinary" ? 24 : 72) * 3600000000000
			: Due(start, kind == "complaint_reply" ? 3 : kind == "install" and area == "rural" ? 10 : 5);
		done != 0 ? (done <= end ? "on_time" : "late") : now > end ? "overdue" : "running")`,
	`cause != "service" or level == "frontline" or substantiated == 0 ? "not_accountable" :
	substantiated < 0 ? "undetermined" : (
		let prior = level == "hall" ? prior_hall : level == "branch" ? prior_branch : prior_county;
		prior < 0 ? "undetermined" :
		"exempt" in degrees ? "no_fine" :
		(level == "hall" ? (prior >= 3 ? 2 : 1) : level == "branch" ? (prior >= 2 ? 4 : prior + 2) : 5) + len(aggravating) - len(degrees) <= 0 ? "no_fine" : "fine")`,
	`let c = calls < 0 or households < 0 ? "?" : households == 0 ? "-" : calls * 1000 < households ? "met" : "not_met";
	let r = replied < 0 or received < 0 ? "?" : received == not_yet_due ? "-" : replied == received - not_yet_due ? "met" : "not_met";
	let s = satisfied < 0 or answers < 0 ? "?" : answers == 0 ? "-" : satisfied * 100 > answers * 99 ? "met" : "not_met";
	c == "not_met" or r == "not_met" or s == "not_met" ? "not_met" :
	c == "?" or r == "?" or s == "?" ? "undetermined" :
	c == "met" or r == "met" or s == "met" ? "met" : "not_applicable"`,
	`area == "" or staff < 0 or households < 0 and staff != 0 ? "undetermined" : staff == 0 ? "unassigned" :
	households > (area == "urban" ? 6000 : 1000) * staff ? "above" :
	households < (area == "urban" ? 4000 : 600) * staff ? "below" : "within"`,
	`not publicised ? "breach" : not known ? "undetermined" :
	"general_office" in reported_to and "monitoring_centre" in reported_to ? "no_breach" : "breach"`,
}

func exprPeer(name string, envs [5]any, at func(question, i int) any) (*contender, error) {
	c := &contender{name: name}
	machine := vm.VM{}
	for q, src := range exprSources {
		program, err := expr.Compile(src, expr.Env(envs[q]))
		if err != nil {
			return nil, fmt.Errorf("%s: question %d: %w", name, q, err)
		}
		c.decide[q] = func(i int) string {
			out, err := machine.Run(program, at(q, i))
			if err != nil {
				return err.Error()
			}
			s, _ := out.(string)
			return s
		}
	}
	return c, nil
}

// exprStruct runs over structs.
func exprStruct(f *flat) (*contender, error) {
	envs := [5]any{FlatRequest{}, FlatComplaint{}, FlatArea{}, FlatLoad{}, FlatChange{}}
	return exprPeer("expr, struct", envs, func(q, i int) any {
		switch q {
		case 0:
			return &f.requests[i]
		case 1:
			return &f.complaints[i]
		case 2:
			return &f.areas[i]
		case 3:
			return &f.loads[i]
		}
		return &f.changes[i]
	})
}

// exprMap runs over maps.
func exprMap(f *flat) (*contender, error) {
	maps := mapsOf(f)
	for _, row := range maps[0] {
		row["Due"] = due
	}
	var envs [5]any
	for q := range envs {
		envs[q] = maps[q][0]
	}
	return exprPeer("expr, map", envs, func(q, i int) any { return maps[q][i] })
}

// mapsOf are the flattened facts as maps.
func mapsOf(f *flat) [5][]map[string]any {
	var m [5][]map[string]any
	for i := range f.requests {
		r, c, a, l, g := &f.requests[i], &f.complaints[i], &f.areas[i], &f.loads[i], &f.changes[i]
		m[0] = append(m[0], map[string]any{
			"kind": r.Kind, "severity": r.Severity, "area": r.Area, "received": r.Received, "papers": r.Papers, "network_ready": r.NetworkReady,
			"network_ready_at": r.NetworkReadyAt, "eligible": r.Eligible, "done": r.Done, "now": r.Now,
		})
		m[1] = append(m[1], map[string]any{
			"level": c.Level, "cause": c.Cause, "substantiated": c.Substantiated, "prior_hall": c.PriorHall, "prior_branch": c.PriorBranch,
			"prior_county": c.PriorCounty, "aggravating": c.Aggravating, "degrees": c.Degrees,
		})
		m[2] = append(m[2], map[string]any{
			"households": a.Households, "calls": a.Calls, "received": a.Received, "replied": a.Replied, "not_yet_due": a.NotYetDue,
			"answers": a.Answers, "satisfied": a.Satisfied,
		})
		m[3] = append(m[3], map[string]any{"area": l.Area, "households": l.Households, "staff": l.Staff})
		m[4] = append(m[4], map[string]any{"publicised": g.Publicised, "known": g.Known, "reported_to": g.ReportedTo})
	}
	return m
}
