package load

import (
	"maps"
	"regexp"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

var ofRule = regexp.MustCompile(`(?:^|[^a-z0-9_.])([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)`)

// verdicts reports rules that a question lists and whose breach changes nothing
// of its verdict, where the verdict looks at that of most others: whoever adds a
// duty lists it and forgets that the verdict has to look at it, too. Questions
// whose verdict looks at one such rule, or at none, mean it so: a late request is
// late whatever else was broken.
func (u *usage) verdicts() {
	for _, q := range u.book.Questions {
		node := u.root.Get("questions").Get(q.ID)
		looks := u.looksOf(node.Get("verdict").Get("is"))
		if node.Get("rules") == nil {
			continue
		}
		for _, output := range slices.Sorted(maps.Keys(looks.outputs)) {
			seen := looks.outputs[output]
			var missed []*source.Node
			listed := 0
			for _, item := range node.Get("rules").Items {
				switch {
				case slices.Contains(seen, item.Text):
					listed++
				case !looks.reached[item.Text] && u.breaks(item.Text, output):
					missed = append(missed, item)
				}
			}
			if listed < 2 || len(missed) > listed {
				continue
			}
			for _, item := range missed {
				u.warn("verdict_misses_rule", item.Span,
					diagnostic.Textf("结论（verdict）不看规则 %s：违反了这条规则，结论也不变", "the verdict does not look at the rule %s: it is the same where that is broken", item.Text),
					diagnostic.Textf("像其他规则那样，在 verdict 里写上 %[1]s.%[2]s", "write %[1]s.%[2]s in the verdict, as that of others is", item.Text, output))
			}
		}
	}
}

// looked is what a verdict looks at.
type looked struct {
	outputs map[string][]string // rules by the output that the verdict itself mentions
	reached map[string]bool     // rules that it comes to, through others as well
}

func (u *usage) looksOf(verdict *source.Node) looked {
	l := looked{outputs: map[string][]string{}, reached: map[string]bool{}}
	units := map[string][]*checked.Rule{}
	for _, r := range u.book.AllRules {
		units[r.Unit()] = append(units[r.Unit()], r)
	}
	var reach func(name string)
	reach = func(name string) {
		if l.reached[name] {
			return
		}
		l.reached[name] = true
		for _, r := range units[name] {
			for _, used := range u.rule(r) {
				reach(used)
			}
		}
	}
	u.by(verdict, func(n *source.Node) {
		for _, m := range ofRule.FindAllStringSubmatch(n.Text, -1) {
			if units[m[1]] != nil && !slices.Contains(l.outputs[m[2]], m[1]) {
				l.outputs[m[2]] = append(l.outputs[m[2]], m[1])
			}
		}
		for _, name := range checked.References(n.Text) {
			reach(name)
		}
	})
	return l
}

// breaks reports whether rules of that name report a breach and have the output.
func (u *usage) breaks(name, output string) bool {
	for _, r := range u.book.AllRules {
		if r.Unit() != name {
			continue
		}
		for _, f := range r.Form.Fields {
			if reportsBreach(f, r.Node.Get(f.Name)) {
				for _, o := range r.Form.Outputs {
					if o.Name == output {
						return true
					}
				}
			}
		}
	}
	return false
}
