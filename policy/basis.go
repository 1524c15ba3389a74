package policy

import (
	"slices"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// What an answer rests on is found out from what its evaluation read. Every
// program notes in the marks of the run which outputs of rules it read. From
// the question, and the rules that it lists, these notes lead to all that had a
// part in the answer: a rule that nobody read had none.
//
// A reading matters where another option of it would have given something
// else. So a program that was chosen by a reading is compared, whenever it is
// evaluated, with what the other options would have it be, on the same facts.
// If none of them differs, no evaluation under another option can: up to the
// first difference, it goes the same way. That is why what is chosen in rules
// that do not apply need not be listed; in rules that apply, it always is.

// consultation is where it is noted that a program read the output of a unit,
// or the moment of asking.
type consultation struct {
	mark        Mark
	slot        int
	part        Mark // of the rule that the program belongs to
	alternative bool // only another option of a reading would read it
}

// turn is where it is noted that another option of a reading would have a
// program come to something else.
type turn struct {
	mark    Mark
	part    Mark
	reading string
}

// notes are what is noted about the programs of a unit, or of a question.
type notes struct {
	consulted []consultation
	turns     []turn
	later     []Mark // a later moment of asking may change something
}

// note gives a program the places for what it reads.
func (ed *edition) note(p *condition.Program, part Mark, alternative bool, into *notes) {
	for _, slot := range p.Noted() {
		c := consultation{mark: ed.newMark(), slot: slot, part: part, alternative: alternative}
		p.NoteAt(slot, int(c.mark))
		into.consulted = append(into.consulted, c)
		if slot == ed.asOf && !alternative {
			later := ed.newMark()
			p.LaterAt(slot, int(later))
			into.later = append(into.later, later)
		}
	}
}

// other is what an item would be under another option of a reading; nil where
// there are too many.
type other struct {
	reading string
	item    *item
	argued  bool // the option may have any argument
}

// others are what an item would be if one of the readings that chose it had
// another option.
func (b *CheckedBook) others(i *item, s selection) []other {
	if i == nil || i.origin == nil {
		return nil
	}
	var used []string
	b.resolve(i.origin, s, i.around, &used)
	var all []other
	for _, key := range used {
		r := b.readings[key]
		now := b.choiceOf(r, s)
		if r.Several {
			all = append(all, other{reading: key})
			continue
		}
		for k := range r.Options {
			o := &r.Options[k]
			if o.Name == now.Option {
				if o.Parameter != "" && i.takesParameter() {
					all = append(all, other{key, i, true})
				}
				continue
			}
			under := selection{on: s.on, overrides: map[string]Choice{key: o.sample()}, looked: s.looked, words: s.words}
			for k, c := range s.overrides {
				if k != key {
					under.overrides[k] = c
				}
			}
			x := b.resolve(i.origin, under, i.around, new([]string))
			all = append(all, other{key, x, o.Parameter != "" && x.takesParameter()})
		}
	}
	return all
}

// takesParameter reports whether the argument of an option is in an item.
func (i *item) takesParameter() bool {
	return i.parameter != nil && i.kind == source.Scalar &&
		(i.text != i.node.Text || slices.Contains(references(i.text), "parameter"))
}

// watch has a program note what it reads, and be compared with what it would
// be under other options.
func (p *Part) watch(program *condition.Program, field string, i *item, want condition.Want, env *condition.Env) {
	ed, into := p.b.ed, &p.b.unit.notes
	ed.note(program, p.mark, false, into)
	if program.CountsDays() {
		ed.countsDays = true
		for _, key := range ed.byCalendar {
			mark := ed.newMark()
			into.turns = append(into.turns, turn{mark: mark, part: p.mark, reading: key})
			program.Compare(condition.Alternative{Mark: int(mark)})
		}
	}
	var last string
	var mark Mark
	for _, o := range ed.book.others(i, ed.sel) {
		if o.item != nil && !o.argued && o.item.kind == source.Scalar && o.item.text == i.text && o.item.parameter == i.parameter {
			continue
		}
		if o.reading != last {
			last, mark = o.reading, ed.newMark()
			into.turns = append(into.turns, turn{mark: mark, part: p.mark, reading: o.reading})
		}
		x := ed.alternative(o, field, want, env)
		switch {
		case x == nil:
		case x.CountsDays() && slices.Contains(ed.byCalendar, o.reading):
			x = nil // on another calendar
		default:
			ed.note(x, p.mark, true, into)
		}
		program.Compare(condition.Alternative{Program: x, Any: o.argued, Mark: int(mark)})
	}
}

// alternative is the program of an item under another option; nil where what it
// would come to cannot be said. An argument that may be any is not known: what
// is decided without it is so for all.
func (ed *edition) alternative(o other, field string, want condition.Want, env *condition.Env) *condition.Program {
	text, i := "", o.item
	switch {
	case i.none() && field == conditionField:
		text = "true" // a rule without a condition applies
	case i.none() || i.kind != source.Scalar:
		return nil
	default:
		text = i.expression()
	}
	own := *env
	own.Params = nil
	if i != nil && i.parameter != nil {
		v, err := parameterValue(i.parameter.kind, i.parameter.text)
		if err != nil {
			return nil
		}
		if o.argued {
			v = value.UnknownOf(v.K)
		}
		own.Params = map[string]value.Value{"parameter": v}
	}
	x, problems := condition.Compile(text, &own, want)
	if len(problems) > 0 {
		return nil
	}
	return x
}

// compared reports whether programs tell all that the readings in a field
// make different.
func (p *Part) compared(field string) bool {
	i := p.at.get(field)
	switch p.spec(field).Kind {
	case Expression:
		return !i.none() && i.kind == source.Scalar
	case Expressions:
		return !i.none() && i.kind == source.Map && i.origin == nil &&
			!slices.ContainsFunc(i.entries, func(e entry) bool { return e.value.none() || e.value.kind != source.Scalar })
	}
	return false
}

// structural are the readings of a rule that no program is compared under.
func (p *Part) structural() []string {
	var keys []string
	for field, used := range p.byField {
		if !slices.Contains(p.later, field) && !p.compared(field) {
			keys = append(keys, used...)
		}
	}
	return keys
}

// RestsOn says that the rule, whenever it applies, applies another one, too, as
// far as that is written in the given fields: its article is cited, and the
// readings in the fields count.
func (p *Part) RestsOn(other *Part, fields ...string) {
	p.borrowed = append(p.borrowed, other.Rule)
	for _, f := range fields {
		p.AlsoReads(other.byField[f]...)
	}
}

// AlsoReads says that the rule rests on further readings whenever it applies.
func (p *Part) AlsoReads(keys ...string) {
	p.lent = append(p.lent, keys...)
	p.Readings = append(p.Readings, keys...)
	slices.Sort(p.Readings)
	p.Readings = slices.Compact(p.Readings)
}

// ReadingsIn are the readings that the fields use.
func (p *Part) ReadingsIn(fields ...string) []string {
	var keys []string
	for _, f := range fields {
		keys = append(keys, p.byField[f]...)
	}
	return keys
}

// basis is what an answer rests on. Units are by their index.
type basis struct {
	run     *Run
	cited   []bool // units whose rules had a part in the answer as it is
	read    []bool // units that were read
	looked  []bool // units that were read at all, or would be under other options
	turned  []bool // units that another option of a reading makes different
	outside bool   // the question does not apply
}

// basis finds it from the notes of the evaluation.
func (r *Run) basis(scope outcome) *basis {
	b := &basis{run: r, outside: scope == noScope}
	b.cited = b.reach(func(c *consultation) bool { return !c.alternative && r.marks[c.part] == applied })
	b.read = b.reach(func(c *consultation) bool { return !c.alternative })
	b.looked = b.reach(func(*consultation) bool { return true })
	b.turned = make([]bool, len(r.ed.units))
	for i, u := range r.ed.units {
		b.turned[i] = b.looked[i] && slices.ContainsFunc(u.notes.turns, func(t turn) bool { return r.marks[t.mark] != notReached })
	}
	return b
}

// reach follows what was noted from the question, and from the rules that it
// lists, as far as follow says.
func (b *basis) reach(follow func(*consultation) bool) []bool {
	r := b.run
	reached := make([]bool, len(r.ed.units))
	var add func(u *unit)
	visit := func(all []consultation, follow func(*consultation) bool) {
		for i := range all {
			if r.marks[all[i].mark] != notReached && follow(&all[i]) {
				if u := r.ed.owner[all[i].slot]; u != nil {
					add(u)
				}
			}
		}
	}
	add = func(u *unit) {
		if !reached[u.index] && !u.absent {
			reached[u.index] = true
			visit(u.notes.consulted, follow)
		}
	}
	for _, u := range r.ed.asked.scope {
		add(u)
	}
	if b.outside {
		return reached
	}
	for _, u := range r.ed.asked.units {
		if u.listed {
			add(u)
		}
	}
	visit(r.ed.asked.notes.consulted, func(*consultation) bool { return true })
	return reached
}

// governing are the readings that picked the edition, where another option would
// have picked one that differs.
func (b *basis) governing() []string {
	var keys []string
	for _, t := range b.run.ed.asked.notes.turns {
		if b.run.marks[t.mark] != notReached {
			keys = append(keys, t.reading)
		}
	}
	return keys
}

// applies reports whether a rule applied and had a part in the answer.
func (b *basis) applies(u *unit, p *Part) bool { return b.cited[u.index] && b.run.DidApply(p) }

// setAside reports whether a rule that the answer had to consider does not
// apply, and would under another option of a reading; so far as can be seen,
// where that is a matter of a rule that it uses.
func (b *basis) setAside(u *unit, p *Part) bool {
	r := b.run
	if !b.looked[u.index] || r.marks[p.mark] == applied || r.marks[p.mark] == undetermined {
		return false
	}
	if slices.ContainsFunc(u.notes.turns, func(t turn) bool { return t.part == p.mark && r.marks[t.mark] != notReached }) {
		return b.cited[u.index] || u.listed
	}
	return u.listed && slices.ContainsFunc(u.notes.consulted, func(c consultation) bool {
		owner := r.ed.owner[c.slot]
		return c.part == p.mark && r.marks[c.mark] != notReached && owner != nil && b.turned[owner.index] && !b.cited[owner.index]
	})
}

// readings are those of a rule that matter to the answer.
func (b *basis) readings(u *unit, p *Part) []string {
	r := b.run
	if !b.looked[u.index] {
		return nil
	}
	var keys []string
	switch what := r.marks[p.mark]; {
	case b.applies(u, p), what == undetermined:
		keys = r.readingsOf(p)
	case what == applied:
		keys = append(r.deferredOf(p, p.structural()), p.lent...)
	}
	for _, t := range u.notes.turns {
		if t.part == p.mark && r.marks[t.mark] != notReached && !slices.Contains(keys, t.reading) {
			keys = append(slices.Clip(keys), t.reading)
		}
	}
	return keys
}

// passing reports whether a later moment of asking may change the answer.
func (b *basis) passing() bool {
	r := b.run
	noted := func(n *notes) bool {
		return slices.ContainsFunc(n.later, func(m Mark) bool { return r.marks[m] != notReached })
	}
	if r.marks[markPassing] != notReached || !b.outside && noted(&r.ed.asked.notes) {
		return true
	}
	return slices.ContainsFunc(r.ed.asked.units, func(u *unit) bool { return b.read[u.index] && noted(&u.notes) })
}
