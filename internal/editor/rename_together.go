package editor

import (
	"slices"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// together are a symbol and those that must have the same name: where a fact
// chooses a calendar, its words are the names of calendars.
func (p *Project) together(s *Symbol) []*Symbol {
	n := p.known()
	all := []*Symbol{s}
	if s.Kind != Calendar && s.Kind != Word {
		return all
	}
	lists := n.listsOfCalendars()
	if s.Kind == Word && !slices.Contains(lists, s.List) {
		return all
	}
	add := func(x *Symbol) {
		if x != nil && !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	add(n.get(Calendar, s.Name))
	for _, list := range lists {
		add(n.get(Word, list+":"+s.Name))
	}
	return all
}

// listsOfCalendars are the lists of words of the facts that choose calendars.
func (n *names) listsOfCalendars() []string {
	var lists []string
	var value func(v *source.Node)
	value = func(v *source.Node) {
		if v.Kind == source.Map {
			for _, e := range v.Entries { // of a choice
				value(e.Value)
			}
			return
		}
		if f := n.fact(v.Text); f != nil && f.List != "" {
			lists = append(lists, f.List)
		}
	}
	var in func(v *source.Node, fields []policy.Field)
	in = func(v *source.Node, fields []policy.Field) {
		for _, e := range v.Pairs() {
			i := slices.IndexFunc(fields, func(f policy.Field) bool { return f.Name == e.Key.Text })
			switch {
			case i < 0:
			case fields[i].Kind == policy.Calendar:
				value(e.Value)
			default:
				for _, x := range append(items(e.Value), e.Value) {
					in(x, fields[i].Fields)
				}
			}
		}
	}
	for _, r := range n.of(Rule) {
		if f := formOf(r.Section); f != nil {
			in(r.Node, append(policy.CommonFields(), f.Fields...))
		}
	}
	slices.Sort(lists)
	return slices.Compact(lists)
}
