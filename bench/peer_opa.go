package main

import (
	"context"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"
)

// OPA: a prepared query, evaluated over inputs that were parsed beforehand.

const opaModule = `package bench

request := "no_limit" if input.kind == "other"
else := "undetermined" if { input.kind == "fault"; input.severity == "" }
else := "undetermined" if { input.kind == "install"; input.area == "" }
else := "not_started" if start == 0
else := "on_time" if { input.done != 0; input.done <= end }
else := "late" if input.done != 0
else := "overdue" if input.now > end
else := "running"

start := 0 if { input.kind in {"install", "restore"}; not ready }
else := max([input.papers, input.network_ready_at]) if input.kind in {"install", "restore"}
else := input.received

ready if { input.eligible; input.papers != 0; input.network_ready }
ready if { input.eligible; input.papers != 0; input.network_ready_at != 0 }

end := start + 86400000000000 if { input.kind == "fault"; input.severity == "ordinary" }
else := start + 259200000000000 if input.kind == "fault"
else := due(start, 3) if input.kind == "complaint_reply"
else := due(start, 10) if { input.kind == "install"; input.area == "rural" }
else := due(start, 5)

complaint := "not_accountable" if input.cause != "service"
else := "not_accountable" if input.level == "frontline"
else := "not_accountable" if input.substantiated == 0
else := "undetermined" if input.substantiated < 0
else := "undetermined" if prior < 0
else := "no_fine" if "exempt" in input.degrees
else := "no_fine" if (rung + count(input.aggravating)) - count(input.degrees) <= 0
else := "fine"

prior := input.prior_hall if input.level == "hall"
else := input.prior_branch if input.level == "branch"
else := input.prior_county

rung := 2 if { input.level == "hall"; prior >= 3 }
else := 1 if input.level == "hall"
else := 4 if { input.level == "branch"; prior >= 2 }
else := prior + 2 if input.level == "branch"
else := 5

area := "not_met" if "not_met" in rates
else := "undetermined" if "?" in rates
else := "met" if "met" in rates
else := "not_applicable"

rates := {calls, replies, satisfaction}

calls := "?" if input.calls < 0
else := "?" if input.households < 0
else := "-" if input.households == 0
else := "met" if input.calls * 1000 < input.households
else := "not_met"

replies := "?" if input.replied < 0
else := "?" if input.received < 0
else := "-" if input.received == input.not_yet_due
else := "met" if input.replied == input.received - input.not_yet_due
else := "not_met"

satisfaction := "?" if input.satisfied < 0
else := "?" if input.answers < 0
else := "-" if input.answers == 0
else := "met" if input.satisfied * 100 > input.answers * 99
else := "not_met"

load := "undetermined" if input.area == ""
else := "undetermined" if input.staff < 0
else := "unassigned" if input.staff == 0
else := "undetermined" if input.households < 0
else := "above" if input.households > bounds[input.area][1] * input.staff
else := "below" if input.households < bounds[input.area][0] * input.staff
else := "within"

bounds := {"urban": [4000, 6000], "rural": [600, 1000]}

change := "breach" if not input.publicised
else := "undetermined" if not input.known
else := "no_breach" if { "general_office" in input.reported_to; "monitoring_centre" in input.reported_to }
else := "breach"
`

func opaPeer(f *flat) (*contender, error) {
	c := &contender{name: "opa"}
	ctx := context.Background()
	builtin := rego.Function2(&rego.Function{Name: "due", Decl: types.NewFunction(types.Args(types.N, types.N), types.N)},
		func(_ rego.BuiltinContext, start, n *ast.Term) (*ast.Term, error) {
			from, _ := start.Value.(ast.Number).Int64()
			days, _ := n.Value.(ast.Number).Int()
			return ast.NewTerm(ast.MustInterfaceToValue(due(from, days))), nil
		})
	for q, rows := range mapsOf(f) {
		name := [...]string{"request", "complaint", "area", "load", "change"}[q]
		query, err := rego.New(rego.Query("data.bench."+name), rego.Module("bench.rego", opaModule), builtin).PrepareForEval(ctx)
		if err != nil {
			return nil, fmt.Errorf("opa: %w", err)
		}
		inputs := make([]ast.Value, len(rows))
		for i, row := range rows {
			delete(row, "Due")
			if inputs[i], err = ast.InterfaceToValue(row); err != nil {
				return nil, err
			}
		}
		c.decide[q] = func(i int) string {
			out, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
			if err != nil || len(out) == 0 {
				return fmt.Sprint("nothing: ", err)
			}
			s, _ := out[0].Expressions[0].Value.(string)
			return s
		}
	}
	return c, nil
}
