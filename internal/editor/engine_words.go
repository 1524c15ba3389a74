package editor

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// engineGives reports whether a word is one that kinds of rule give, as a clock
// gives on_time, for which the rulebook only says what people call it.
func (p *Project) engineGives(s *Symbol) bool {
	if _, own := checked.EngineLabel(s.Name); !own || s.Kind != Word || p.Book() == nil {
		return false
	}
	for list := range p.Book().Relabels {
		if list.Name == s.List {
			return true
		}
	}
	for _, q := range p.Book().Questions {
		if q.ID == s.List {
			return slices.Contains(q.Given, s.Name)
		}
	}
	return false
}

// keptWord is why a word that kinds of rule give is not renamed, and what can be
// changed in its place.
func keptWord(s *Symbol) *RenameError {
	path := s.Key.Path()
	if s.Node.Kind == source.Map && len(s.Node.Entries) > 0 {
		path += "." + s.Node.Entries[0].Key.Text
	}
	return refusedRename(
		diagnostic.Textf("%s 是引擎自己的词，由规则得出，不能改名", "%s is a word of the engine's own, which rules give, and cannot be renamed", s.Name),
		diagnostic.Textf("它的叫法可以改：rulebook set '%s' 新叫法", "what people call it can be changed: rulebook set '%s' LABEL", path))
}

// engineHas reports whether a name is one that the language has, rather than a
// rulebook: a word or output of rules, a key of them, a function.
func engineHas(name string) bool {
	if _, own := checked.EngineLabel(name); own || checked.IsReserved(name) || slices.Contains([]string{policy.Undetermined, policy.NotInScope, "verdict"}, name) {
		return true
	}
	for _, f := range condition.Functions() {
		if f.Name == name {
			return true
		}
	}
	for _, f := range forms.All() {
		if f.Section == name ||
			slices.ContainsFunc(f.Outputs, func(o policy.Output) bool { return o.Name == name }) ||
			slices.ContainsFunc(f.Fields, func(x policy.Field) bool { return x.Name == name }) {
			return true
		}
	}
	return false
}
