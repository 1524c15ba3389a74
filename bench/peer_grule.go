package main

import (
	"fmt"
	"strings"

	"github.com/hyperjumptech/grule-rule-engine/ast"
	"github.com/hyperjumptech/grule-rule-engine/builder"
	"github.com/hyperjumptech/grule-rule-engine/engine"
	"github.com/hyperjumptech/grule-rule-engine/pkg"
)

// grule: a knowledge base built once and executed for each fact. The rules
// write the verdict into the fact; the first that fires completes.

const gruleRules = `
rule Other "" salience 90 { when R.Kind == "other" then R.Verdict = "no_limit"; Complete(); }
rule Open "" salience 80 { when R.Kind == "fault" && R.Severity == "" || R.Kind == "install" && R.Area == "" then R.Verdict = "undetermined"; Complete(); }
rule Idle "" salience 70 { when R.Start() == 0 then R.Verdict = "not_started"; Complete(); }
rule InTime "" salience 60 { when R.Done != 0 && R.Done <= R.End() then R.Verdict = "on_time"; Complete(); }
rule Late "" salience 50 { when R.Done != 0 then R.Verdict = "late"; Complete(); }
rule Overdue "" salience 40 { when R.Now > R.End() then R.Verdict = "overdue"; Complete(); }
rule Running "" salience 30 { when R.Verdict == "" then R.Verdict = "running"; Complete(); }
|
rule Not "" salience 90 { when C.Cause != "service" || C.Level == "frontline" || C.Substantiated == 0 then C.Verdict = "not_accountable"; Complete(); }
rule Open "" salience 80 { when C.Substantiated < 0 || C.Prior() < 0 then C.Verdict = "undetermined"; Complete(); }
rule Exempt "" salience 70 { when C.Exempt() || C.Rung() + C.Up() - C.Down() <= 0 then C.Verdict = "no_fine"; Complete(); }
rule Fine "" salience 60 { when C.Verdict == "" then C.Verdict = "fine"; Complete(); }
|
rule Unmet "" salience 90 { when A.Calls >= 0 && A.Households > 0 && A.Calls * 1000 >= A.Households
	|| A.Replied >= 0 && A.Received >= 0 && A.Received != A.NotYetDue && A.Replied != A.Received - A.NotYetDue
	|| A.Satisfied >= 0 && A.Answers > 0 && A.Satisfied * 100 <= A.Answers * 99 then A.Verdict = "not_met"; Complete(); }
rule Open "" salience 80 { when A.Calls < 0 || A.Households < 0 || A.Replied < 0 || A.Received < 0 || A.Satisfied < 0 || A.Answers < 0 then A.Verdict = "undetermined"; Complete(); }
rule Met "" salience 70 { when A.Households != 0 || A.Received != A.NotYetDue || A.Answers != 0 then A.Verdict = "met"; Complete(); }
rule Nothing "" salience 60 { when A.Verdict == "" then A.Verdict = "not_applicable"; Complete(); }
|
rule Open "" salience 90 { when L.Area == "" || L.Staff < 0 || L.Households < 0 && L.Staff != 0 then L.Verdict = "undetermined"; Complete(); }
rule Nobody "" salience 80 { when L.Staff == 0 then L.Verdict = "unassigned"; Complete(); }
rule Above "" salience 70 { when L.Area == "urban" && L.Households > 6000 * L.Staff || L.Area == "rural" && L.Households > 1000 * L.Staff then L.Verdict = "above"; Complete(); }
rule Below "" salience 60 { when L.Area == "urban" && L.Households < 4000 * L.Staff || L.Area == "rural" && L.Households < 600 * L.Staff then L.Verdict = "below"; Complete(); }
rule Within "" salience 50 { when L.Verdict == "" then L.Verdict = "within"; Complete(); }
|
rule Hidden "" salience 90 { when !G.Publicised then G.Verdict = "breach"; Complete(); }
rule Open "" salience 80 { when !G.Known then G.Verdict = "undetermined"; Complete(); }
rule Told "" salience 70 { when G.Office() && G.Centre() then G.Verdict = "no_breach"; Complete(); }
rule Untold "" salience 60 { when G.Verdict == "" then G.Verdict = "breach"; Complete(); }
`

// Start is when the clock starts, 0 for not yet.
func (r *FlatRequest) Start() int64 {
	switch {
	case r.Kind != "install" && r.Kind != "restore":
		return r.Received
	case !r.Eligible || r.Papers == 0 || !r.NetworkReady && r.NetworkReadyAt == 0:
		return 0
	}
	return max(r.Papers, r.NetworkReadyAt)
}

// End is the last nanosecond in time.
func (r *FlatRequest) End() int64 {
	switch {
	case r.Kind == "fault" && r.Severity == "ordinary":
		return r.Received + 24*3600e9
	case r.Kind == "fault":
		return r.Received + 72*3600e9
	case r.Kind == "complaint_reply":
		return due(r.Received, 3)
	case r.Kind == "install" && r.Area == "rural":
		return due(r.Start(), 10)
	}
	return due(r.Start(), 5)
}

// Prior is how many came before, -1 where nobody knows.
func (c *FlatComplaint) Prior() int64 {
	switch c.Level {
	case "hall":
		return c.PriorHall
	case "branch":
		return c.PriorBranch
	}
	return c.PriorCounty
}

// Rung is the place on the scale before circumstances.
func (c *FlatComplaint) Rung() int64 {
	switch n := c.Prior(); {
	case c.Level == "hall" && n >= 3:
		return 2
	case c.Level == "hall":
		return 1
	case c.Level == "branch":
		return min(n+2, 4)
	}
	return 5
}

func grulePeer(f *flat) (*contender, error) {
	c := &contender{name: "grule"}
	library := ast.NewKnowledgeLibrary()
	rules := builder.NewRuleBuilder(library)
	machine := engine.NewGruleEngine()
	for q, text := range splitRules(gruleRules) {
		name := fmt.Sprint("q", q)
		if err := rules.BuildRuleFromResource(name, "1", pkg.NewBytesResource([]byte(text))); err != nil {
			return nil, fmt.Errorf("grule: question %d: %w", q, err)
		}
		base, err := library.NewKnowledgeBaseInstance(name, "1")
		if err != nil {
			return nil, err
		}
		run := func(key string, fact any) error {
			data := ast.NewDataContext()
			if err := data.Add(key, fact); err != nil {
				return err
			}
			return machine.Execute(data, base)
		}
		c.decide[q] = func(i int) string {
			var err error
			var verdict *string
			switch q {
			case 0:
				x := f.requests[i]
				err, verdict = run("R", &x), &x.Verdict
			case 1:
				x := f.complaints[i]
				err, verdict = run("C", &x), &x.Verdict
			case 2:
				x := f.areas[i]
				err, verdict = run("A", &x), &x.Verdict
			case 3:
				x := f.loads[i]
				err, verdict = run("L", &x), &x.Verdict
			default:
				x := f.changes[i]
				err, verdict = run("G", &x), &x.Verdict
			}
			if err != nil {
				return err.Error()
			}
			return *verdict
		}
	}
	return c, nil
}

func splitRules(text string) []string { return strings.Split(text, "\n|\n") }
