package form

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
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

// Consultation is where it is noted that a program read the output of a unit,
// or the moment of asking.
type Consultation struct {
	Mark        Mark
	Slot        int
	Part        Mark // of the rule that the program belongs to
	Alternative bool // only another option of a reading would read it
}

// Turn is where it is noted that another option of a reading would have a
// program come to something else.
type Turn struct {
	Mark    Mark
	Part    Mark
	Reading string
}

// Notes are what is noted about the programs of a unit, or of a question.
type Notes struct {
	Consulted []Consultation
	Turns     []Turn
	Later     []Mark // a later moment of asking may change something
}

// Note gives a program the places for what it reads.
func (plan *Plan) Note(p *condition.Program, part Mark, alternative bool, into *Notes) {
	for _, slot := range p.Noted() {
		c := Consultation{Mark: plan.NewMark(), Slot: slot, Part: part, Alternative: alternative}
		p.NoteAt(slot, int(c.Mark))
		into.Consulted = append(into.Consulted, c)
		if slot == plan.AsOf && !alternative {
			later := plan.NewMark()
			p.LaterAt(slot, int(later))
			into.Later = append(into.Later, later)
		}
	}
}

// OtherItem is what an item would be under another option of a reading; nil where
// there are too many.
type OtherItem struct {
	Reading string
	Item    *checked.Item
	Argued  bool // the option may have any argument
}

// OtherItems are what an item would be if one of the readings that chose it had
// another option.
func OtherItems(b *checked.Book, i *checked.Item, s checked.Selection) []OtherItem {
	if i == nil || i.Origin == nil {
		return nil
	}
	var used []string
	b.Resolve(i.Origin, s, i.Around, &used)
	var all []OtherItem
	for _, key := range used {
		r := b.ReadingsByKey[key]
		now := b.ChoiceOf(r, s)
		if r.Several {
			all = append(all, OtherItem{Reading: key})
			continue
		}
		for k := range r.Options {
			o := &r.Options[k]
			if o.Name == now.Option {
				if o.Parameter != "" && takesParameter(i) {
					all = append(all, OtherItem{key, i, true})
				}
				continue
			}
			under := checked.Selection{On: s.On, Overrides: map[string]policy.Choice{key: o.Sample()}, Looked: s.Looked, Words: s.Words}
			for k, c := range s.Overrides {
				if k != key {
					under.Overrides[k] = c
				}
			}
			x := b.Resolve(i.Origin, under, i.Around, new([]string))
			all = append(all, OtherItem{key, x, o.Parameter != "" && takesParameter(x)})
		}
	}
	return all
}

// takesParameter reports whether the argument of an option is in an item.
func takesParameter(i *checked.Item) bool {
	return i.Parameter != nil && i.Kind == source.Scalar &&
		(i.Text != i.Node.Text || slices.Contains(checked.References(i.Text), "parameter"))
}

// watch has a program note what it reads, and be compared with what it would
// be under other options.
func (p *Part) watch(program *condition.Program, field string, i *checked.Item, want condition.Want, env *condition.Env) {
	plan, into := p.Builder.Plan, &p.Builder.Building.Notes
	plan.Note(program, p.Mark, false, into)
	if program.CountsDays() {
		plan.CountsDays = true
		for _, key := range plan.ByCalendar {
			mark := plan.NewMark()
			into.Turns = append(into.Turns, Turn{Mark: mark, Part: p.Mark, Reading: key})
			program.Compare(condition.Alternative{Mark: int(mark)})
		}
	}
	var last string
	var mark Mark
	for _, o := range OtherItems(plan.Book, i, plan.Sel) {
		o.Item = knowingTypes(o.Item, env)
		if o.Item != nil && !o.Argued && o.Item.Kind == source.Scalar && o.Item.Text == i.Text && o.Item.Parameter == i.Parameter {
			continue
		}
		if o.Reading != last {
			last, mark = o.Reading, plan.NewMark()
			into.Turns = append(into.Turns, Turn{Mark: mark, Part: p.Mark, Reading: o.Reading})
		}
		x := plan.Alternative(o, field, want, env)
		switch {
		case x == nil:
		case x.CountsDays() && slices.Contains(plan.ByCalendar, o.Reading):
			x = nil // on another calendar
		default:
			plan.Note(x, p.Mark, true, into)
		}
		program.Compare(condition.Alternative{Program: x, Any: o.Argued, Mark: int(mark)})
	}
}

// Alternative is the program of an item under another option; nil where what it
// would come to cannot be said. An argument that may be any is not known: what
// is decided without it is so for all.
func (plan *Plan) Alternative(o OtherItem, field string, want condition.Want, env *condition.Env) *condition.Program {
	text, i := "", o.Item
	switch {
	case i.None() && field == conditionField:
		text = "true" // a rule without a condition applies
	case i.None() || i.Kind != source.Scalar || i.SecondParameter != nil:
		return nil
	default:
		text = plan.expressionOf(i, env)
	}
	own := *env
	own.Params = nil
	if i != nil && i.Parameter != nil {
		v, err := checked.ParameterValue(i.Parameter.Kind, i.Parameter.Text)
		if err != nil {
			return nil
		}
		if o.Argued {
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
	i := p.Item.Get(field)
	switch p.spec(field).Kind {
	case policy.Expression:
		return !i.None() && i.Kind == source.Scalar
	case policy.Expressions:
		return !i.None() && i.Kind == source.Map && i.Origin == nil &&
			!slices.ContainsFunc(i.Entries, func(e checked.Entry) bool { return e.Value.None() || e.Value.Kind != source.Scalar })
	}
	return false
}

// Structural are the readings of a rule that no program is compared under.
func (p *Part) Structural() []string {
	var keys []string
	for field, used := range p.ReadingsByField {
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
	p.Borrowed = append(p.Borrowed, other.Rule)
	for _, f := range fields {
		p.AlsoReads(other.ReadingsByField[f]...)
	}
}

// AlsoReads says that the rule rests on further readings whenever it applies.
func (p *Part) AlsoReads(keys ...string) {
	p.Lent = append(p.Lent, keys...)
	p.Readings = append(p.Readings, keys...)
	slices.Sort(p.Readings)
	p.Readings = slices.Compact(p.Readings)
}

// ReadingsIn are the readings that the fields use.
func (p *Part) ReadingsIn(fields ...string) []string {
	var keys []string
	for _, f := range fields {
		keys = append(keys, p.ReadingsByField[f]...)
	}
	return keys
}
