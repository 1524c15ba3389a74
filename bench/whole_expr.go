package main

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// exprWhole has expr fill whole answers: programs over one map of facts, to
// which each adds what it gave. Over structs it would take one type a question
// and a copy of the facts for each answer; the map is kept and filled anew.
func exprWhole(s *sets, f *flat) (*contender, error) {
	c := &contender{name: "expr"}
	machine := vm.VM{}
	source := strings.NewReplacer("size(", "len(")
	for q, rows := range wholeFacts(s, f) {
		env := map[string]any{"day": day, "lastOf": lastOf, "circumstances": []any{}, "circumstance": ""}
		for name, v := range rows[0] {
			env[name] = v
		}
		var programs []*vm.Program
		for _, x := range wholeFields[q] {
			program, err := expr.Compile(source.Replace(x.source), expr.Env(env))
			if err != nil {
				return nil, fmt.Errorf("expr: %s: %w", x.name, err)
			}
			out, err := machine.Run(program, env)
			if err != nil {
				return nil, fmt.Errorf("expr: %s: %w", x.name, err)
			}
			if n, ok := out.(int); ok {
				out = int64(n)
			}
			programs, env[x.name] = append(programs, program), out
		}
		article, err := expr.Compile(aggravatingArticle, expr.Env(env))
		if err != nil {
			return nil, err
		}
		given := make(exprValues, len(programs))
		c.whole[q] = func(i int) any {
			for name, v := range rows[i] {
				env[name] = v
			}
			if q == 1 {
				cited := []any{}
				for _, circumstance := range f.complaints[i].Aggravating {
					env["circumstance"] = circumstance
					out, err := machine.Run(article, env)
					if err != nil {
						return err
					}
					cited = append(cited, out)
				}
				env["circumstances"] = append(cited, mitigatingArticles(len(f.complaints[i].Degrees))...)
			}
			for k, program := range programs {
				out, err := machine.Run(program, env)
				if err != nil {
					return err
				}
				if n, ok := out.(int); ok {
					out = int64(n) // as the facts are
				}
				given[k], env[wholeFields[q][k].name] = out, out
			}
			return assemble(q, given, s, i)
		}
	}
	return c, nil
}

// mitigatingArticles are those that mitigating circumstances cite.
func mitigatingArticles(n int) []any {
	var all []any
	for range n {
		all = append(all, "accountability/8", "accountability/8.2")
	}
	return all
}

// wholeFacts are the flattened facts as maps, with those that the verdict alone
// does not look at.
func wholeFacts(s *sets, f *flat) [5][]map[string]any {
	facts := mapsOf(f)
	for i := range s.requests {
		facts[0][i]["major"], facts[0][i]["important"] = s.requests[i].Major, s.requests[i].Important
	}
	return facts
}

// exprValues are what programs of expr gave.
type exprValues []any

func (v exprValues) text(i int) string  { s, _ := v[i].(string); return s }
func (v exprValues) number(i int) int64 { n, _ := v[i].(int64); return n }
func (v exprValues) yes(i int) bool     { yes, _ := v[i].(bool); return yes }

func (v exprValues) texts(i int) []string {
	list, _ := v[i].([]any)
	if len(list) == 0 {
		return nil
	}
	texts := make([]string, len(list))
	for k, x := range list {
		texts[k], _ = x.(string)
	}
	return texts
}
