package policy

import (
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// variant is the rules of a unit as they are where the facts that values are
// chosen by have certain words.
type variant struct {
	words []chosenWord
	parts []*Part
	eval  Evaluator
}

// newUnit is the unit of some rules, not yet built: with a variant for each of
// the words that facts may have, if values are chosen by such.
func (ed *edition) newUnit(g group) *unit {
	u := &unit{name: g.name}
	choices := ed.book.wordChoices(g.nodes()...)
	if len(choices) == 0 {
		u.parts = ed.partsOf(g, ed.sel)
		return u
	}
	for _, words := range combinationsOf(choices) {
		sel := ed.sel
		sel.words = words
		v := &variant{words: words, parts: ed.partsOf(g, sel)}
		u.variants, u.parts = append(u.variants, v), append(u.parts, v.parts...)
	}
	u.choices = choices
	return u
}

// each are the parts of a unit, one for each rule.
func (u *unit) each() []*Part {
	if u.variants != nil {
		return u.variants[0].parts
	}
	return u.parts
}

// buildVariants builds all variants of a unit, and what tells which of them
// holds.
func (ed *edition) buildVariants(u *unit, found *diagnostic.List) bool {
	e := &variants{unit: u}
	for _, c := range u.choices {
		i := &item{node: c.by, kind: source.Scalar, text: c.fact}
		e.facts = append(e.facts, &chooser{wordChoice: c, is: ed.compile(i, ed.names(), condition.Want{Kind: value.Word}, found)})
	}
	sel := ed.sel
	defer func() { ed.sel = sel }()
	for i, v := range u.variants {
		ed.sel.words = v.words
		eval, outputs, ok := ed.buildForm(u, v.parts, i, found)
		if !ok {
			return false
		}
		v.eval = eval
		if i == 0 {
			u.outputs = outputs
			continue
		}
		for k := range outputs {
			if k < len(u.outputs) && !u.outputs[k].join(outputs[k]) {
				v.parts[0].Fail("", "type_mismatch", diagnostic.Textf("%s.%s 随 by 所选的值而类型不一：%s 与 %s", "%s.%s is of one type for one word and of another for others: %s and %s", u.name, outputs[k].name, u.outputs[k].typ, outputs[k].typ),
					diagnostic.Textf("让每个词的值都是同一类型", "give values of one type for all words"))
			}
		}
	}
	u.eval = e
	return true
}

// join makes the type of an output one that holds what another variant gives,
// too, and reports whether there is one.
func (o *outputSlot) join(other outputSlot) bool {
	t, more := o.typ, other.typ
	if t == nil || more == nil || t.Kind != more.Kind {
		return false
	}
	joined := *t
	o.typ = &joined
	if t.Elem != nil && more.Elem != nil {
		elem := outputSlot{typ: t.Elem}
		if !elem.join(outputSlot{typ: more.Elem}) {
			return false
		}
		joined.Elem = elem.typ
	}
	if t.Words == nil || more.Words == nil || t.Words == more.Words {
		return true
	}
	words := *t.Words
	words.Each = slices.Clone(words.Each)
	for _, w := range more.Words.Each {
		if words.Index(w) < 0 {
			words.Each = append(words.Each, w)
		}
	}
	joined.Words = &words
	return true
}

// chooser is a fact that tells which variants may hold.
type chooser struct {
	wordChoice
	is *condition.Program
}

// index is the place of the fact's word among those that make a difference, and
// false where it is not known. Where there is none on record, what is written
// for all other words holds; if none is, the word is wanted.
func (c *chooser) index(r *Run) (int, bool) {
	word, state := r.Word(c.is)
	switch {
	case state == value.Known:
		if i := slices.Index(c.words, word); i >= 0 {
			return i, true
		}
	case state == value.None && !c.absent:
		r.Need(c.is)
		return 0, false
	case state != value.None:
		return 0, false
	}
	return slices.Index(c.words, ""), true
}

// variants evaluates a unit of which values are chosen by facts.
type variants struct {
	unit  *unit
	facts []*chooser
}

// Evaluate evaluates the variant that holds. Where a word is not known, all
// that may hold are evaluated: if they agree, it makes no difference.
func (e *variants) Evaluate(r *Run) {
	needs := len(r.Needs)
	fits := e.fits(r)
	if len(fits) == 1 {
		r.Needs = r.Needs[:needs]
		fits[0].eval.Evaluate(r)
		return
	}
	c := comparison{run: r, wanted: slices.Clone(r.Needs[needs:]), needs: needs, before: slices.Clone(r.marks), liable: len(r.liable)}
	for _, v := range fits {
		c.evaluate(v, e.unit.outputs)
	}
	c.settle(fits, e.unit)
}

// fits are the variants that may hold.
func (e *variants) fits(r *Run) []*variant {
	var room [1]int
	at := append(room[:0], 0)
	for _, c := range e.facts {
		i, known := c.index(r)
		n := len(c.words)
		if known {
			for k := range at {
				at[k] = at[k]*n + i
			}
			continue
		}
		var more []int
		for _, k := range at {
			for i := range n {
				more = append(more, k*n+i)
			}
		}
		at = more
	}
	if len(at) == 1 {
		return e.unit.variants[at[0] : at[0]+1]
	}
	fits := make([]*variant, len(at))
	for i, k := range at {
		fits[i] = e.unit.variants[k]
	}
	return fits
}

// Explain tells which words chose the values of the rules that applied, and
// what was found.
func (e *variants) Explain(r *Run, s *Story) {
	v := e.reached(r)
	if v == nil {
		return
	}
	for _, p := range v.parts {
		if r.DidApply(p) {
			e.tellWords(r, s, p)
		}
	}
	v.eval.Explain(r, s)
}

// Details are those of the variant that holds.
func (e *variants) Details(r *Run) []Detail {
	if v := e.reached(r); v != nil {
		if d, ok := v.eval.(Detailer); ok {
			return d.Details(r)
		}
	}
	return nil
}

// reached is the variant that was found to hold.
func (e *variants) reached(r *Run) *variant {
	for _, v := range e.unit.variants {
		if slices.ContainsFunc(v.parts, func(p *Part) bool { return r.marks[p.mark] != notReached }) {
			return v
		}
	}
	return nil
}

// tellWords tells the words that chose values of a rule.
func (e *variants) tellWords(r *Run, s *Story, p *Part) {
	var zh, en string
	for _, f := range e.facts {
		if !slices.Contains(p.chosenBy, f.fact) {
			continue
		}
		v := r.Eval(f.is)
		if v.IsUnknown() {
			continue
		}
		label, word := r.ed.book.wordFact(f.fact).Label, s.ShowAs(v, f.is.Type())
		if zh != "" {
			zh, en = zh+"，", en+", "
		}
		zh, en = zh+label.ZH+"为"+word, en+label.EN+" is "+word
	}
	if zh != "" {
		s.Tell(p, Text{ZH: zh + "，取相应的值", EN: en + ", which chooses its values"})
	}
}

// comparison is what several variants of a unit come to on the same facts.
type comparison struct {
	run    *Run
	wanted []value.Need // the words that are not known
	before []outcome    // the marks
	needs  int          // how many there were before
	liable int
	found  []comparedVariant
}

type comparedVariant struct {
	outputs []value.Value
	marks   []outcome
	needs   []value.Need
	liable  []Liable
	err     error
}

// evaluate notes what a variant comes to, and takes it back.
func (c *comparison) evaluate(v *variant, outputs []outputSlot) {
	r := c.run
	copy(r.marks, c.before)
	r.Needs, r.liable, r.Err = r.Needs[:c.needs], r.liable[:c.liable], nil
	v.eval.Evaluate(r)
	x := comparedVariant{marks: slices.Clone(r.marks), needs: slices.Clone(r.Needs[c.needs:]), liable: slices.Clone(r.liable[c.liable:]), err: r.Err}
	for _, o := range outputs {
		x.outputs = append(x.outputs, r.Slots[o.slot])
	}
	c.found = append(c.found, x)
}

// settle keeps what the variants come to. Where they come to the same in every
// respect, that is what holds. Else nothing is decided, not even an output on
// which they agree, because the reason for it would be another for each; and the
// words are wanted.
func (c *comparison) settle(fits []*variant, u *unit) {
	r, first := c.run, c.found[0]
	r.Err = nil
	r.liable = r.liable[:c.liable]
	if c.agree(fits) {
		copy(r.marks, first.marks)
		r.Needs, r.liable, r.Err = append(r.Needs[:c.needs], first.needs...), append(r.liable, first.liable...), first.err
		for i, o := range u.outputs {
			r.Slots[o.slot] = first.outputs[i]
		}
		return
	}
	r.Needs = append(r.Needs[:c.needs], c.wanted...)
	for _, n := range first.needs {
		if !slices.ContainsFunc(c.found, func(x comparedVariant) bool { return !slices.Contains(x.needs, n) }) {
			r.Needs = append(r.Needs, n)
		}
	}
	for _, o := range u.outputs {
		r.Slots[o.slot] = value.UnknownOf(o.typ.Kind)
	}
	c.leaveOpen(fits, u)
}

// leaveOpen marks what was read, and the rules that are not decided. Nothing
// that only some variants found counts.
func (c *comparison) leaveOpen(fits []*variant, u *unit) {
	r := c.run
	copy(r.marks, c.before)
	for _, x := range c.found {
		for m, o := range x.marks {
			r.marks[m] = max(r.marks[m], o)
		}
	}
	for _, x := range r.ed.reports {
		if x.part.b != nil && x.part.b.unit == u {
			r.marks[x.mark] = c.before[x.mark]
		}
	}
	for i := range fits[0].parts {
		out := notApplicable
		for k, v := range fits {
			if o := c.found[k].marks[v.parts[i].mark]; o == applied || o == undetermined {
				out = undetermined
			}
		}
		for k, v := range fits {
			p := v.parts[i]
			r.marks[p.mark] = out
			if out == undetermined || k == 0 {
				continue
			}
			for _, t := range u.notes.turns { // the first tells of it
				if t.part == p.mark {
					r.marks[t.mark] = c.before[t.mark]
				}
			}
		}
	}
}

// agree reports whether the variants come to the same: the same outputs, rules
// that apply, findings and persons.
func (c *comparison) agree(fits []*variant) bool {
	first := c.found[0]
	for k, x := range c.found {
		if x.err != nil || !slices.EqualFunc(x.outputs, first.outputs, sameResult) || !slices.Equal(x.liable, first.liable) {
			return false
		}
		for i, p := range fits[k].parts {
			if x.marks[p.mark] != first.marks[fits[0].parts[i].mark] {
				return false
			}
		}
		if !slices.Equal(c.reported(fits[k], x), c.reported(fits[0], first)) {
			return false
		}
	}
	return true
}

// reported are the findings of a variant.
func (c *comparison) reported(v *variant, x comparedVariant) []report {
	var all []report
	for _, f := range c.run.ed.reports {
		if slices.Contains(v.parts, f.part) && x.marks[f.mark] == applied {
			f.mark, f.part = 0, nil
			all = append(all, f)
		}
	}
	return all
}

// sameResult reports whether two outputs are the same in value and kind.
func sameResult(a, b value.Value) bool { return a.K == b.K && a.State == b.State && a.Equal(b) }
