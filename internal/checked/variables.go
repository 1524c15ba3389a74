package checked

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// FactVars are the names that expressions may use for facts.
func (b *Book) FactVars() map[string]*condition.Var {
	vars := make(map[string]*condition.Var, len(b.Facts)+1)
	for _, f := range b.Facts {
		vars[f.Name] = f.variable()
	}
	vars["as_of"] = asOfVar(b.AsOfSlot)
	return vars
}

func asOfVar(slot int) *condition.Var {
	return &condition.Var{Type: &value.Type{Kind: value.Moment}, Slot: slot, Noted: true}
}

// mayBeNone reports whether the fact may be known not to exist.
func (f *Fact) mayBeNone() bool { return f.Absent == policy.IsNone || f.Null == policy.IsNone }

func (f *Fact) variable() *condition.Var {
	v := &condition.Var{Type: f.Typ, Slot: f.Slot, MayBeNone: f.mayBeNone()}
	if len(f.Fields) > 0 {
		v.Fields = make(map[string]*condition.Var, len(f.Fields))
		for _, x := range f.Fields {
			v.Fields[x.Name] = x.variable()
		}
	}
	return v
}

// Group is the rules of one unit.
type Group struct {
	Name  string
	Rules []*Rule
}

// Groups are the rules by the unit that they are evaluated in, in the order of
// the text.
func (b *Book) Groups() []Group {
	var all []Group
	at := map[string]int{}
	for _, r := range b.AllRules {
		i, ok := at[r.Unit()]
		if !ok {
			i = len(all)
			at[r.Unit()] = i
			all = append(all, Group{Name: r.Unit()})
		}
		all[i].Rules = append(all[i].Rules, r)
	}
	return all
}

// Takes reports whether the question takes the fact that is declared so.
func (q *Question) Takes(declared string) bool {
	return slices.ContainsFunc(q.Facts, func(f Taken) bool { return f.Fact.Name == declared })
}

// WantWords wants words of the list, or a list of them where the expression
// gives a list.
func (b *Book) WantWords(t *value.Type, w *policy.WordList) condition.Want {
	words := condition.Want{Kind: value.Word, Words: b.WordsType(w), Mixed: true}
	if t != nil && t.Kind == value.List {
		return condition.Want{Kind: value.List, Elem: &words}
	}
	return words
}
