package run

import (
	"slices"

	"github.com/servicerules/rulebook/internal/form"
)

// basis is what an answer rests on. Units are by their index.
type basis struct {
	run     *form.Run
	cited   []bool // units whose rules had a part in the answer as it is
	read    []bool // units that were read
	looked  []bool // units that were read at all, or would be under other options
	turned  []bool // units that another option of a reading makes different
	outside bool   // the question does not apply
}

// basisOf finds it from the notes of the evaluation.
func basisOf(r *form.Run, scope form.Outcome) *basis {
	b := &basis{run: r, outside: scope == form.OutOfScope}
	b.cited = b.reach(func(c *form.Consultation) bool { return !c.Alternative && r.Marks[c.Part] == form.Applied })
	b.read = b.reach(func(c *form.Consultation) bool { return !c.Alternative })
	b.looked = b.reach(func(*form.Consultation) bool { return true })
	b.turned = make([]bool, len(r.Plan.Units))
	for i, u := range r.Plan.Units {
		b.turned[i] = b.looked[i] && slices.ContainsFunc(u.Notes.Turns, func(t form.Turn) bool { return r.Marks[t.Mark] != form.NotReached })
	}
	return b
}

// reach follows what was noted from the question, and from the rules that it
// lists, as far as follow says.
func (b *basis) reach(follow func(*form.Consultation) bool) []bool {
	r := b.run
	reached := make([]bool, len(r.Plan.Units))
	var add func(u *form.Unit)
	visit := func(all []form.Consultation, follow func(*form.Consultation) bool) {
		for i := range all {
			if r.Marks[all[i].Mark] != form.NotReached && follow(&all[i]) {
				if u := r.Plan.Owner[all[i].Slot]; u != nil {
					add(u)
				}
			}
		}
	}
	add = func(u *form.Unit) {
		if !reached[u.Index] && !u.Absent {
			reached[u.Index] = true
			visit(u.Notes.Consulted, follow)
		}
	}
	for _, u := range r.Plan.Asked.Scope {
		add(u)
	}
	if b.outside {
		return reached
	}
	for _, u := range r.Plan.Asked.Units {
		if u.Listed {
			add(u)
		}
	}
	visit(r.Plan.Asked.Notes.Consulted, func(*form.Consultation) bool { return true })
	return reached
}

// governing are the readings that picked the edition, where another option would
// have picked one that differs.
func (b *basis) governing() []string {
	var keys []string
	for _, t := range b.run.Plan.Asked.Notes.Turns {
		if b.run.Marks[t.Mark] != form.NotReached {
			keys = append(keys, t.Reading)
		}
	}
	return keys
}

// applies reports whether a rule applied and had a part in the answer.
func (b *basis) applies(u *form.Unit, p *form.Part) bool {
	return b.cited[u.Index] && b.run.DidApply(p)
}

// setAside reports whether a rule that the answer had to consider does not
// apply, and would under another option of a reading; so far as can be seen,
// where that is a matter of a rule that it uses.
func (b *basis) setAside(u *form.Unit, p *form.Part) bool {
	r := b.run
	if !b.looked[u.Index] || r.Marks[p.Mark] == form.Applied || r.Marks[p.Mark] == form.Undetermined {
		return false
	}
	if slices.ContainsFunc(u.Notes.Turns, func(t form.Turn) bool { return t.Part == p.Mark && r.Marks[t.Mark] != form.NotReached }) {
		return b.cited[u.Index] || u.Listed
	}
	return u.Listed && slices.ContainsFunc(u.Notes.Consulted, func(c form.Consultation) bool {
		owner := r.Plan.Owner[c.Slot]
		return c.Part == p.Mark && r.Marks[c.Mark] != form.NotReached && owner != nil && b.turned[owner.Index] && !b.cited[owner.Index]
	})
}

// readings are those of a rule that matter to the answer.
func (b *basis) readings(u *form.Unit, p *form.Part) []string {
	r := b.run
	if !b.looked[u.Index] {
		return nil
	}
	var keys []string
	switch what := r.Marks[p.Mark]; {
	case b.applies(u, p), what == form.Undetermined, what == form.Applied && open(r, u):
		keys = r.ReadingsOf(p)
	case what == form.Applied:
		keys = append(r.DeferredOf(p, p.Structural()), p.Lent...)
	}
	for _, t := range u.Notes.Turns {
		if t.Part == p.Mark && r.Marks[t.Mark] != form.NotReached && !slices.Contains(keys, t.Reading) {
			keys = append(slices.Clip(keys), t.Reading)
		}
	}
	return keys
}

// open reports whether a rule of a unit could not be decided: then what it lacks
// depends on those that applied with it, such as the deadline of a clock.
func open(r *form.Run, u *form.Unit) bool {
	return slices.ContainsFunc(u.Parts, func(p *form.Part) bool { return r.Marks[p.Mark] == form.Undetermined })
}

// passing reports whether a later moment of asking may change the answer.
func (b *basis) passing() bool {
	r := b.run
	noted := func(n *form.Notes) bool {
		return slices.ContainsFunc(n.Later, func(m form.Mark) bool { return r.Marks[m] != form.NotReached })
	}
	if r.Marks[form.MarkPassing] != form.NotReached || !b.outside && noted(&r.Plan.Asked.Notes) {
		return true
	}
	return slices.ContainsFunc(r.Plan.Asked.Units, func(u *form.Unit) bool { return b.read[u.Index] && noted(&u.Notes) })
}
