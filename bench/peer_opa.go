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
	asks, err := opaAsks("bench", opaModule, mapsOf(f), opaDays("due", due))
	if err != nil {
		return nil, err
	}
	for q, ask := range asks {
		c.decide[q] = func(i int) string {
			out, err := ask(i)
			if err != nil {
				return err.Error()
			}
			s, _ := out.(string)
			return s
		}
	}
	return c, nil
}

// opaAsks are the rules of a module for the five questions, each asked about the
// i-th row of its facts.
func opaAsks(name, module string, facts [5][]map[string]any, functions ...func(*rego.Rego)) (asks [5]func(i int) (any, error), err error) {
	ctx := context.Background()
	for q, rule := range [...]string{"request", "complaint", "area", "load", "change"} {
		options := append([]func(*rego.Rego){rego.Query("data." + name + "." + rule), rego.Module(name+".rego", module)}, functions...)
		query, err := rego.New(options...).PrepareForEval(ctx)
		if err != nil {
			return asks, fmt.Errorf("opa: %w", err)
		}
		inputs := make([]ast.Value, len(facts[q]))
		for i, row := range facts[q] {
			if inputs[i], err = ast.InterfaceToValue(row); err != nil {
				return asks, err
			}
		}
		asks[q] = func(i int) (any, error) {
			out, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
			if err != nil {
				return nil, err
			}
			if len(out) == 0 {
				return nil, fmt.Errorf("opa: %s says nothing", rule)
			}
			return out[0].Expressions[0].Value, nil
		}
	}
	return asks, nil
}

// opaDays is a function of a moment and a number of days.
func opaDays(name string, of func(start int64, n int) int64) func(*rego.Rego) {
	return rego.Function2(&rego.Function{Name: name, Decl: types.NewFunction(types.Args(types.N, types.N), types.N)},
		func(_ rego.BuiltinContext, start, n *ast.Term) (*ast.Term, error) {
			from, _ := start.Value.(ast.Number).Int64() // the modules write whole numbers
			days, _ := n.Value.(ast.Number).Int()
			return ast.NewTerm(ast.MustInterfaceToValue(of(from, days))), nil
		})
}
