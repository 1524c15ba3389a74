package main

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// cel-go: checked and planned once with constant folding, evaluated over maps
// whose values were converted to CEL's own beforehand.

var celSources = [...]string{
	`cel.bind(start, kind in ["install", "restore"]
		? (!eligible || papers == 0 || !network_ready && network_ready_at == 0 ? 0 : papers > network_ready_at ? papers : network_ready_at)
		: received,
	kind == "other" ? "no_limit" :
	kind == "fault" && severity == "" || kind == "install" && area == "" ? "undetermined" :
	start == 0 ? "not_started" :
	cel.bind(end, kind == "fault" ? start + (severity == "ordinary" ? 24 : 72) * 3600000000000
		: due(start, kind == "complaint_reply" ? 3 : kind == "install" && area == "rural" ? 10 : 5),
		done != 0 ? (done <= end ? "on_time" : "late") : now > end ? "overdue" : "running"))`,
	`cause != "service" || level == "frontline" || substantiated == 0 ? "not_accountable" :
	substantiated < 0 ? "undetermined" :
	cel.bind(prior, level == "hall" ? prior_hall : level == "branch" ? prior_branch : prior_county,
		prior < 0 ? "undetermined" :
		"exempt" in degrees ? "no_fine" :
		(level == "hall" ? (prior >= 3 ? 2 : 1) : level == "branch" ? (prior >= 2 ? 4 : prior + 2) : 5) + size(aggravating) - size(degrees) <= 0 ? "no_fine" : "fine")`,
	`cel.bind(c, calls < 0 || households < 0 ? "?" : households == 0 ? "-" : calls * 1000 < households ? "met" : "not_met",
	cel.bind(r, replied < 0 || received < 0 ? "?" : received == not_yet_due ? "-" : replied == received - not_yet_due ? "met" : "not_met",
	cel.bind(s, satisfied < 0 || answers < 0 ? "?" : answers == 0 ? "-" : satisfied * 100 > answers * 99 ? "met" : "not_met",
		c == "not_met" || r == "not_met" || s == "not_met" ? "not_met" :
		c == "?" || r == "?" || s == "?" ? "undetermined" :
		c == "met" || r == "met" || s == "met" ? "met" : "not_applicable")))`,
	`area == "" || staff < 0 || households < 0 && staff != 0 ? "undetermined" : staff == 0 ? "unassigned" :
	households > (area == "urban" ? 6000 : 1000) * staff ? "above" :
	households < (area == "urban" ? 4000 : 600) * staff ? "below" : "within"`,
	`!publicised ? "breach" : !known ? "undetermined" :
	"general_office" in reported_to && "monitoring_centre" in reported_to ? "no_breach" : "breach"`,
}

func celPeer(f *flat) (*contender, error) {
	c := &contender{name: "cel-go"}
	for q, rows := range mapsOf(f) {
		env, err := cel.NewEnv(append(celVariables(rows[0]), ext.Bindings(), celDays("due", due))...)
		if err != nil {
			return nil, err
		}
		program, _, err := celProgram(env, celSources[q])
		if err != nil {
			return nil, fmt.Errorf("cel-go: question %d: %w", q, err)
		}
		activations := make([]cel.Activation, len(rows))
		for i, row := range rows {
			if activations[i], err = cel.NewActivation(celFacts(row)); err != nil {
				return nil, err
			}
		}
		c.decide[q] = func(i int) string {
			out, _, err := program.Eval(activations[i])
			if err != nil {
				return err.Error()
			}
			s, _ := out.Value().(string)
			return s
		}
	}
	return c, nil
}

// celVariables declare the facts of a row.
func celVariables(row map[string]any) []cel.EnvOption {
	var all []cel.EnvOption
	for name, v := range row {
		kind := cel.ListType(cel.StringType)
		switch v.(type) {
		case string:
			kind = cel.StringType
		case int64:
			kind = cel.IntType
		case bool:
			kind = cel.BoolType
		}
		all = append(all, cel.Variable(name, kind))
	}
	return all
}

// celFacts are the facts of a row as values of CEL.
func celFacts(row map[string]any) map[string]any {
	facts := make(map[string]any, len(row))
	for name, v := range row {
		facts[name] = types.DefaultTypeAdapter.NativeToValue(v)
	}
	return facts
}

// celDays declares a function of a moment and a number of days.
func celDays(name string, of func(start int64, n int) int64) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_int_int", []*cel.Type{cel.IntType, cel.IntType}, cel.IntType,
		cel.BinaryBinding(func(start, n ref.Val) ref.Val { return types.Int(of(int64(start.(types.Int)), int(n.(types.Int)))) })))
}

// celProgram plans an expression, and says what it gives.
func celProgram(env *cel.Env, source string) (cel.Program, *cel.Type, error) {
	ast, issues := env.Compile(source)
	if issues.Err() != nil {
		return nil, nil, issues.Err()
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	return program, ast.OutputType(), err
}
