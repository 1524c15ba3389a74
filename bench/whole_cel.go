package main

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// celWhole has cel-go fill whole answers: programs over one activation that
// looks in the facts of a row, which were converted beforehand, and in what the
// programs before gave.
func celWhole(s *sets, f *flat) (*contender, error) {
	c := &contender{name: "cel-go"}
	for q, rows := range wholeFacts(s, f) {
		env, err := celWholeEnv(rows[0])
		if err != nil {
			return nil, err
		}
		var programs []cel.Program
		for _, x := range wholeFields[q] {
			program, kind, err := celProgram(env, x.source)
			if err != nil {
				return nil, fmt.Errorf("cel-go: %s: %w", x.name, err)
			}
			programs = append(programs, program)
			if env, err = env.Extend(cel.Variable(x.name, kind)); err != nil {
				return nil, err
			}
		}
		article, _, err := celProgram(env, aggravatingArticle)
		if err != nil {
			return nil, err
		}
		facts := make([]map[string]any, len(rows))
		for i, row := range rows {
			facts[i] = celFacts(row)
		}
		given := make(celValues, len(programs))
		at := &celActivation{given: map[string]any{}}
		c.whole[q] = func(i int) any {
			at.facts = facts[i]
			if q == 1 {
				var cited []string
				for _, circumstance := range f.complaints[i].Aggravating {
					at.given["circumstance"] = types.String(circumstance)
					out, _, err := article.Eval(at)
					if err != nil {
						return err
					}
					text, _ := out.Value().(string)
					cited = append(cited, text)
				}
				for range f.complaints[i].Degrees {
					cited = append(cited, "accountability/8", "accountability/8.2")
				}
				at.given["circumstances"] = types.NewStringList(types.DefaultTypeAdapter, cited)
			}
			for k, program := range programs {
				out, _, err := program.Eval(at)
				if err != nil {
					return err
				}
				given[k], at.given[wholeFields[q][k].name] = out, out
			}
			return assemble(q, given, s, i)
		}
	}
	return c, nil
}

// celWholeEnv declares the facts of a row, and what the host provides.
func celWholeEnv(row map[string]any) (*cel.Env, error) {
	texts := cel.ListType(cel.StringType)
	return cel.NewEnv(append(celVariables(row),
		celDays("day", day),
		cel.Function("lastOf", cel.Overload("lastOf_int", []*cel.Type{cel.IntType}, cel.IntType,
			cel.UnaryBinding(func(n ref.Val) ref.Val { return types.Int(lastOf(int64(n.(types.Int)))) }))),
		cel.Function("concat", cel.Overload("concat_list_list", []*cel.Type{texts, texts}, texts,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val { return a.(traits.Adder).Add(b) }))),
		cel.Variable("circumstance", cel.StringType), cel.Variable("circumstances", texts))...)
}

// celActivation finds names among the facts and what programs gave.
type celActivation struct{ facts, given map[string]any }

// ResolveName is what a name stands for.
func (a *celActivation) ResolveName(name string) (any, bool) {
	if v, ok := a.facts[name]; ok {
		return v, true
	}
	v, ok := a.given[name]
	return v, ok
}

// Parent is none.
func (a *celActivation) Parent() cel.Activation { return nil }

// celValues are what programs of cel-go gave.
type celValues []ref.Val

func (v celValues) text(i int) string  { s, _ := v[i].Value().(string); return s }
func (v celValues) number(i int) int64 { n, _ := v[i].Value().(int64); return n }
func (v celValues) yes(i int) bool     { yes, _ := v[i].Value().(bool); return yes }

func (v celValues) texts(i int) []string {
	list, ok := v[i].(traits.Lister)
	if !ok {
		return nil
	}
	var texts []string
	for k := types.Int(0); k < list.Size().(types.Int); k++ {
		text, _ := list.Get(k).Value().(string)
		texts = append(texts, text)
	}
	return texts
}
