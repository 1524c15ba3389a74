package run

import (
	"slices"

	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/policy"
)

// Steps tells how the answer came about.
func (e *evaluated) Steps(lang string) []policy.Step {
	var claims []policy.Claim
	s := e.tellAgain(lang, &claims)
	nothing := e.of.nothing
	if len(s.Steps)+len(nothing) == 0 {
		return nil
	}
	text, steps := string(s.Text), make([]policy.Step, len(s.Steps), len(s.Steps)+len(nothing))
	uses := usesOf(s)
	for i, t := range s.Steps {
		steps[i] = policy.Step{Article: t.Rule.Article.ID, Rule: t.Rule.ID, Text: text[t.Text.From:t.Text.To], Uses: uses[i]}
		if t.Used.From < t.Used.To {
			steps[i].Readings = s.Used[t.Used.From:t.Used.To:t.Used.To]
		}
		if t.Claims.From < t.Claims.To {
			steps[i].Claims = claims[t.Claims.From:t.Claims.To:t.Claims.To]
		}
	}
	for _, text := range nothing {
		steps = append(steps, policy.Step{Text: text.In(lang)})
	}
	return steps
}

// usesOf are the rules that each step rests on: those with a step in the units
// that its unit read, and, for the last of a unit, which tells what that came
// to, the others of the unit.
func usesOf(s *form.Story) [][]string {
	r, uses := s.Run, make([][]string, len(s.Steps))
	rules := map[*form.Unit][]string{} // by the unit, of the steps so far
	for i, t := range s.Steps {
		if t.Unit == nil {
			continue
		}
		rest := func(on *form.Unit) {
			for _, id := range rules[on] {
				if id != t.Rule.ID && !slices.Contains(uses[i], id) {
					uses[i] = append(uses[i], id)
				}
			}
		}
		if i+1 == len(s.Steps) || s.Steps[i+1].Unit != t.Unit {
			rest(t.Unit)
		}
		for _, c := range t.Unit.Notes.Consulted {
			if r.Marks[c.Mark] != form.NotReached && !c.Alternative {
				rest(r.Plan.Owner[c.Slot])
			}
		}
		rules[t.Unit] = append(rules[t.Unit], t.Rule.ID)
	}
	return uses
}

// tellAgain evaluates again, and has that told.
func (e *evaluated) tellAgain(lang string, claims *[]policy.Claim) *form.Story {
	again := e.again()
	if again == nil {
		return &form.Story{Lang: lang}
	}
	defer again.Leave()
	return tell(again, lang, basisOf(again, again.Marks[form.MarkScope]), claims)
}

// tell has the units that are in the basis of the answer tell their steps; all
// that were evaluated where it is nil. What they claim is appended to claims,
// unless that is nil.
func tell(r *form.Run, lang string, b *basis, claims *[]policy.Claim) *form.Story {
	s := &form.Story{Lang: lang, Run: r, Claims: claims, Text: make([]byte, 0, form.UsualLength)}
	if b != nil {
		s.Uses = b.readings
	}
	for _, u := range r.Plan.Asked.Units {
		if u.Absent {
			continue
		}
		if b == nil || b.cited[u.Index] {
			for _, p := range u.Parts {
				if r.Marks[p.Mark] != form.NotReached {
					u.Eval.Explain(r, s)
					break
				}
			}
			s.TellExceptions(u)
		}
		if b == nil {
			continue
		}
		for _, p := range u.Parts {
			if b.setAside(u, p) {
				s.Tell(p, policy.Text{ZH: "按所选读法不适用", EN: "does not apply under the reading chosen"})
			}
		}
	}
	return s
}

// Explain tells how the answer came about in each of the languages, of one
// run.
func (e *evaluated) Explain(langs ...string) [][]string {
	told := make([][]string, len(langs))
	again := e.again()
	if again == nil {
		return told
	}
	defer again.Leave()
	basis := basisOf(again, again.Marks[form.MarkScope])
	for i, lang := range langs {
		told[i] = tell(again, lang, basis, nil).Lines()
	}
	return told
}
