package form

import (
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/policy"
)

// What a value is chosen by may not exist: where a choice does not say what holds
// otherwise, it comes to nothing then, and whoever misses the value is told why.

// noteChoices keeps, of a program that chooses, whether what it chooses by does not
// exist, as conditions.
func (plan *Plan) noteChoices(program *condition.Program, i *checked.Item, env *condition.Env) {
	for _, asked := range i.Asked {
		if asked.Otherwise {
			continue
		}
		absent, problems := condition.Compile(asked.By.Text+" == null", env, condition.Want{})
		if absent == nil || len(problems) > 0 {
			continue // it always exists, or there is a finding
		}
		if plan.absentChoosers == nil {
			plan.absentChoosers = map[*condition.Program][]*condition.Program{}
		}
		plan.absentChoosers[program] = append(plan.absentChoosers[program], absent)
	}
}

// WhyNothing tells, of programs that come to nothing, what that they choose by does
// not exist; "" where that is not why.
func (s *Story) WhyNothing(programs ...*condition.Program) string {
	r := s.Run
	for _, p := range programs {
		if p == nil || !r.Ignoring(p).IsNone() {
			continue
		}
		for _, absent := range r.Plan.absentChoosers[p] {
			if r.Ignoring(absent).True() {
				return s.Why(absent)
			}
		}
	}
	return ""
}

// WhyNothing is that of a story, behind a message that a value is wanted; the
// message alone where that is not why.
func (r *Run) WhyNothing(message policy.Text, programs ...*condition.Program) policy.Text {
	languages := r.Plan.Book.Languages
	return diagnostic.Told(languages, func(lang string) string {
		s := &Story{Lang: lang, Run: r}
		if why := s.WhyNothing(programs...); why != "" {
			return message.In(lang) + s.Pick("（", " (") + why + s.Pick("）", ")")
		}
		return message.In(lang)
	})
}
