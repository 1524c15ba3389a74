package form

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// ExceptField is the field of forms of which at most one rule of a group
// applies: a general rule names the special ones that it gives way to.
var ExceptField = policy.Field{Name: "except", Kind: policy.Codes, Doc: policy.Text{
	ZH: "同组中哪些规则适用时本规则让位（特别规定优先）；两条都会说明", EN: "the rules of the group that this one gives way to where they apply; both are told",
}}

// Exception is a general rule that gives way to a special one.
type Exception struct {
	General, Special *Part
	Mark             Mark // that it did, where both would apply
	general, special int  // their places in the group
}

// exceptions are those that the rules of a group name.
func (b *Builder) exceptions(parts []*Part) []Exception {
	var all []Exception
	var names []string
	for _, p := range parts {
		names = append(names, p.Rule.Name)
	}
	for g, p := range parts {
		if !p.Has("except") {
			continue
		}
		for n, name := range p.Codes("except") {
			s := slices.Index(names, name)
			switch rule := b.Plan.Book.RulesByName[name]; {
			case s == g:
				p.FailItem("except", n, "exception_to_itself", diagnostic.Textf("规则不能让位于自己", "a rule cannot give way to itself"), diagnostic.Textf("写同组另一条规则的名称", "name another rule of the group"))
			case s >= 0:
				x := Exception{General: p, Special: parts[s], Mark: b.Plan.NewMark(), general: g, special: s}
				all, b.Building.Exceptions = append(all, x), append(b.Building.Exceptions, x)
			case rule == nil || rule.Unit() != p.Rule.Unit(): // else it is not in force
				others := slices.DeleteFunc(slices.Clone(names), func(other string) bool { return other == p.Rule.Name })
				p.FailItem("except", n, "unknown_rule", diagnostic.Textf("同组没有名为 %q 的规则", "the group has no rule %q", name), diagnostic.OneOf(name, others))
			}
		}
	}
	to := make([][]int, len(parts)) // to which a rule gives way
	for _, x := range all {
		to[x.general] = append(to[x.general], x.special)
	}
	behind := make([][]bool, len(parts)) // what a special rule gives way to, directly or not
	for _, x := range all {
		if behind[x.special] == nil {
			behind[x.special] = make([]bool, len(parts))
			giveWayTo(to, x.special, behind[x.special])
		}
		if behind[x.special][x.general] {
			x.General.Fail("except", "exceptions_in_circle", diagnostic.Textf("规则 %s 与 %s 互相让位", "the rules %s and %s give way to each other", x.General.Rule.Name, x.Special.Rule.Name),
				diagnostic.Textf("只在一般规定里写 except", "write except in the general rule alone"))
			break
		}
	}
	return all
}

// giveWayTo notes the rules that one gives way to, directly or not; each is gone
// through once.
func giveWayTo(to [][]int, rule int, noted []bool) {
	for _, special := range to[rule] {
		if !noted[special] {
			noted[special] = true
			giveWayTo(to, special, noted)
		}
	}
}

// giveWay takes back that general rules apply where special ones do, and leaves
// it open where these are. Found is what becomes of each.
func (r *Run) giveWay(a *Alternatives, found []Outcome) {
	var buffer [16]Outcome
	was := append(buffer[:0], found...)
	for i := range a.exceptions {
		x := &a.exceptions[i]
		switch special := was[x.special]; {
		case special == Applied:
			if was[x.general] == Applied {
				r.Mark(x.Mark)
			}
			found[x.general] = NotApplicable
			r.NotApplied(x.General)
		case special == Undetermined && found[x.general] == Applied:
			found[x.general] = Undetermined
			r.Undetermined(x.General)
		}
	}
}

// GaveWay reports whether a general rule, which would apply, gave way to a
// special one that does.
func (r *Run) GaveWay(u *Unit, p *Part) bool {
	return slices.ContainsFunc(u.Exceptions, func(x Exception) bool { return x.General == p && r.Marks[x.Mark] == Applied })
}

// TellExceptions tells which rules of a unit gave way, and to which.
func (s *Story) TellExceptions(u *Unit) {
	for _, x := range u.Exceptions {
		switch {
		case s.Run.Marks[x.Mark] != Applied:
		case s.Run.Marks[x.General.Mark] == Applied: // to other items of a list
			s.Tellf(x.General, "有的项也合%[1]s的条件，对这些项让位于它", "gives way to %[1]s for items to which that applies as well", x.Special.Label().In(s.Lang))
		default:
			s.Tellf(x.General, "也合条件，但让位于%s", "would apply as well, and gives way to: %s", x.Special.Label().In(s.Lang))
		}
	}
}
