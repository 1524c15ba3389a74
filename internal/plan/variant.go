package plan

import (
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// NewUnit is the unit of some rules, not yet built: with a variant for each of
// the words that facts may have, if values are chosen by such.
func NewUnit(plan *form.Plan, g checked.Group) *form.Unit {
	u := &form.Unit{Name: g.Name}
	choices := plan.Book.WordChoices(g.Nodes()...)
	if len(choices) == 0 {
		u.Parts = partsOf(plan, g, plan.Sel)
		return u
	}
	for _, words := range checked.CombinationsOf(choices) {
		sel := plan.Sel
		sel.Words = words
		v := &form.Variant{Words: words, Parts: partsOf(plan, g, sel)}
		u.Variants, u.Parts = append(u.Variants, v), append(u.Parts, v.Parts...)
	}
	u.Choices = choices
	return u
}

// each are the parts of a unit, one for each rule.
func each(u *form.Unit) []*form.Part {
	if u.Variants != nil {
		return u.Variants[0].Parts
	}
	return u.Parts
}

// buildVariants builds all variants of a unit, and what tells which of them
// holds.
func buildVariants(plan *form.Plan, u *form.Unit, found *diagnostic.List) bool {
	e := &variants{unit: u, shared: plan.NewMark()}
	for _, c := range u.Choices {
		i := &checked.Item{Node: c.By, Kind: source.Scalar, Text: c.Fact}
		want := condition.Want{Kind: value.Word}
		if c.YesNo {
			want.Kind = value.YesNo
		}
		e.facts = append(e.facts, &chooser{WordChoice: c, is: plan.Compile(i, plan.Names(), want, found)})
	}
	sel := plan.Sel
	defer func() { plan.Sel = sel }()
	for i, v := range u.Variants {
		plan.Sel.Words = v.Words
		eval, outputs, ok := buildForm(plan, u, v.Parts, i, found)
		if !ok {
			return false
		}
		v.Eval = eval
		if i == 0 {
			u.Outputs = outputs
			continue
		}
		for k := range outputs {
			if k < len(u.Outputs) && !open(u.Outputs[k].Typ) && !open(outputs[k].Typ) && !join(&u.Outputs[k], outputs[k]) {
				field := ""
				if v.Parts[0].Has("is") { // the value that is chosen, where it is what is computed
					field = "is"
				}
				v.Parts[0].Fail(field, "type_mismatch", diagnostic.Wording("%s.%s 随 by 所选的值而类型不一：%s与%s", "%s.%s is of one type for one word and of another for others: %s and %s",
					diagnostic.Text{ZH: u.Name, EN: u.Name}, diagnostic.Text{ZH: outputs[k].Name, EN: outputs[k].Name}, condition.TypeText(u.Outputs[k].Typ), condition.TypeText(outputs[k].Typ)),
					diagnostic.Textf("让每个词的值都是同一类型", "give values of one type for all words"))
			}
		}
	}
	u.Eval = e
	return true
}

// open reports whether a type could not be told, for which there is a finding.
func open(t *value.Type) bool { return t != nil && t.Kind == value.Invalid }

// join makes the type of an output one that holds what another variant gives,
// too, and reports whether there is one.
func join(o *form.OutputSlot, other form.OutputSlot) bool {
	t, more := o.Typ, other.Typ
	switch {
	case t == more:
		return true
	case t == nil || more == nil || t.Kind != more.Kind || t.Kind == value.Record && !sameFields(t, more):
		return false
	}
	joined := *form.OfAnyCurrency(t, more)
	o.Typ = &joined
	if t.Elem != nil && more.Elem != nil {
		elem := form.OutputSlot{Typ: t.Elem}
		if !join(&elem, form.OutputSlot{Typ: more.Elem}) {
			return false
		}
		joined.Elem = elem.Typ
	}
	if t.Words == nil || more.Words == nil || t.Words == more.Words {
		return true
	}
	joined.Words = t.Words.With(more.Words)
	return true
}

// sameFields reports whether two records have fields of the same names and kinds.
func sameFields(t, u *value.Type) bool {
	return slices.EqualFunc(t.Fields, u.Fields, func(a, b value.Field) bool { return a.Name == b.Name && a.Type.Kind == b.Type.Kind })
}

// chooser is a fact that tells which variants may hold.
type chooser struct {
	checked.WordChoice
	is *condition.Program
}

// word is that of the fact, and whether it is known.
func (c *chooser) word(r *form.Run) (string, value.State) {
	if !c.YesNo {
		return r.Word(c.is)
	}
	v := r.Eval(c.is)
	if v.True() {
		return checked.Yes, v.State
	}
	return checked.No, v.State
}

// index is the place of the fact's word among those that make a difference, and
// false where it is not known. Where there is none on record, what is written
// for all other words holds; if none is, the word is wanted.
func (c *chooser) index(r *form.Run) (int, bool) {
	word, state := c.word(r)
	switch {
	case state == value.Known:
		if i := slices.Index(c.Words, word); i >= 0 {
			return i, true
		}
	case state == value.None && !c.Absent:
		r.Need(c.is)
		return 0, false
	case state != value.None:
		return 0, false
	}
	return slices.Index(c.Words, ""), true
}

// variants evaluates a unit of which values are chosen by facts.
type variants struct {
	unit   *form.Unit
	facts  []*chooser
	shared form.Mark // that the variants that may hold agree on some outputs alone
}

// Evaluate evaluates the variant that holds. Where a word is not known, all
// that may hold are evaluated: if they agree, it makes no difference.
func (e *variants) Evaluate(r *form.Run) {
	needs := len(r.Needs)
	fits := e.fits(r)
	if len(fits) == 1 {
		r.Needs = r.Needs[:needs]
		fits[0].Eval.Evaluate(r)
		return
	}
	c := comparison{run: r, shared: e.shared, wanted: slices.Clone(r.Needs[needs:]), needs: needs, before: slices.Clone(r.Marks), liable: len(r.Accused)}
	for _, v := range fits {
		c.evaluate(v, e.unit.Outputs)
	}
	c.resolve(fits, e.unit)
}

// fits are the variants that may hold.
func (e *variants) fits(r *form.Run) []*form.Variant {
	var buffer [1]int
	at := append(buffer[:0], 0)
	for _, c := range e.facts {
		i, known := c.index(r)
		n := len(c.Words)
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
		return e.unit.Variants[at[0] : at[0]+1]
	}
	fits := make([]*form.Variant, len(at))
	for i, k := range at {
		fits[i] = e.unit.Variants[k]
	}
	return fits
}

// Explain tells which words chose the values of the rules that applied, and
// what was found.
func (e *variants) Explain(r *form.Run, s *form.Story) {
	v := e.reached(r)
	switch {
	case v == nil:
		return
	case e.isShared(r) && slices.ContainsFunc(v.Parts, r.DidApply):
		e.tellShared(r, s, v)
		return
	}
	for _, p := range v.Parts {
		if r.DidApply(p) {
			e.tellWords(r, s, p)
		}
	}
	v.Eval.Explain(r, s)
}

// isShared reports whether several variants may hold, which agree on some outputs.
func (e *variants) isShared(r *form.Run) bool { return r.Marks[e.shared] == form.Applied }

// tellShared tells the outputs on which the variants agree that may hold.
func (e *variants) tellShared(r *form.Run, s *form.Story, v *form.Variant) {
	var facts, are []string
	for _, f := range e.facts {
		if _, known := f.index(r); !known {
			facts = append(facts, r.Plan.Book.WordFact(f.Fact).Label.In(s.Lang))
		}
	}
	for _, o := range e.unit.Outputs {
		if is := r.Slots[o.Slot]; is.IsKnown() {
			are = append(are, s.Output(e.unit, o.Slot)+s.Pick("为", " ")+s.ShowAs(is, o.Typ))
		}
	}
	p := v.Parts[slices.IndexFunc(v.Parts, r.DidApply)]
	s.Tellf(p, "无论%[1]s为何：%[2]s", "whatever %[1]s is: %[2]s", strings.Join(facts, s.Pick("、", " and ")), strings.Join(are, s.Pick("，", ", ")))
}

// Chosen is the evaluator of the variant that was found to hold, or nil.
func (e *variants) Chosen(r *form.Run) form.Evaluator {
	if v := e.reached(r); v != nil && !e.isShared(r) {
		return v.Eval
	}
	return nil
}

// Any is the evaluator of one of the variants: they offer the same.
func (e *variants) Any() form.Evaluator { return e.unit.Variants[0].Eval }

// Details are those of the variant that holds.
func (e *variants) Details(r *form.Run) []policy.Detail {
	if v := e.reached(r); v != nil && !e.isShared(r) {
		if d, ok := v.Eval.(form.Detailer); ok {
			return d.Details(r)
		}
	}
	return nil
}

// reached is the variant that was found to hold.
func (e *variants) reached(r *form.Run) *form.Variant {
	for _, v := range e.unit.Variants {
		if slices.ContainsFunc(v.Parts, func(p *form.Part) bool { return r.Marks[p.Mark] != form.NotReached }) {
			return v
		}
	}
	return nil
}

// tellWords tells the words that chose values of a rule.
func (e *variants) tellWords(r *form.Run, s *form.Story, p *form.Part) {
	var told []string
	for _, f := range e.facts {
		if !slices.Contains(p.ChosenBy, f.Fact) {
			continue
		}
		v := r.Eval(f.is)
		if v.IsUnknown() {
			continue
		}
		label, word := r.Plan.Book.WordFact(f.Fact).Label, s.ShowAs(v, f.is.Type())
		told = append(told, label.In(s.Lang)+s.Pick("为", " is ")+word)
	}
	if told != nil {
		all := strings.Join(told, s.Pick("，", ", "))
		s.Tell(p, policy.Text{ZH: all + "，取相应的值", EN: all + ", which chooses its values"})
	}
}

// comparison is what several variants of a unit come to on the same facts.
type comparison struct {
	run    *form.Run
	shared form.Mark
	wanted []value.Need   // the words that are not known
	before []form.Outcome // the marks
	needs  int            // how many there were before
	liable int
	found  []comparedVariant
}

type comparedVariant struct {
	outputs []value.Value
	marks   []form.Outcome
	needs   []value.Need
	liable  []policy.Liable
	err     error
}

// evaluate notes what a variant comes to, and takes it back.
func (c *comparison) evaluate(v *form.Variant, outputs []form.OutputSlot) {
	r := c.run
	copy(r.Marks, c.before)
	r.Needs, r.Accused, r.Err = r.Needs[:c.needs], r.Accused[:c.liable], nil
	v.Eval.Evaluate(r)
	x := comparedVariant{marks: slices.Clone(r.Marks), needs: slices.Clone(r.Needs[c.needs:]), liable: slices.Clone(r.Accused[c.liable:]), err: r.Err}
	for _, o := range outputs {
		x.outputs = append(x.outputs, r.Slots[o.Slot])
	}
	c.found = append(c.found, x)
}

// resolve keeps what the variants come to. Where they come to the same in every
// respect, that is what holds. Else the words are wanted, and nothing is decided: but
// of forms that have several results, those on which they agree, where the same rules
// apply and the same is found.
func (c *comparison) resolve(fits []*form.Variant, u *form.Unit) {
	r, first := c.run, c.found[0]
	r.Err = nil
	r.Accused = r.Accused[:c.liable]
	alike := c.agree(fits)
	if alike && !slices.ContainsFunc(c.found, func(x comparedVariant) bool { return !slices.EqualFunc(x.outputs, first.outputs, sameResult) }) {
		copy(r.Marks, first.marks)
		r.Needs, r.Accused, r.Err = append(r.Needs[:c.needs], first.needs...), append(r.Accused, first.liable...), first.err
		for i, o := range u.Outputs {
			r.Slots[o.Slot] = first.outputs[i]
		}
		return
	}
	r.Needs = append(r.Needs[:c.needs], c.wanted...)
	for _, n := range first.needs {
		if !slices.ContainsFunc(c.found, func(x comparedVariant) bool { return !slices.Contains(x.needs, n) }) {
			r.Needs = append(r.Needs, n)
		}
	}
	for _, o := range u.Outputs {
		r.Slots[o.Slot] = value.UnknownOf(o.Typ.Kind)
	}
	c.leaveOpen(fits, u)
	if _, several := fits[0].Eval.(form.SeveralResults); several && alike {
		c.share(fits, u)
	}
}

// share keeps the outputs on which the variants agree, and what became of the rules
// that they rest on.
func (c *comparison) share(fits []*form.Variant, u *form.Unit) {
	first, known := c.found[0], false
	all := slices.Clone(c.run.Slots)
	for i, o := range u.Outputs {
		v := first.outputs[i]
		if !v.IsUnknown() && !slices.ContainsFunc(c.found, func(x comparedVariant) bool { return !sameResult(x.outputs[i], v) }) {
			all[o.Slot], known = v, known || v.IsKnown()
		}
	}
	if !known {
		return
	}
	copy(c.run.Slots, all)
	c.run.Mark(c.shared)
	for _, p := range fits[0].Parts { // those of others stay open, and their readings count
		c.run.Marks[p.Mark] = first.marks[p.Mark]
	}
}

// leaveOpen marks what was read, and the rules that are not decided. Nothing
// that only some variants found counts.
func (c *comparison) leaveOpen(fits []*form.Variant, u *form.Unit) {
	r := c.run
	copy(r.Marks, c.before)
	for _, x := range c.found {
		for m, o := range x.marks {
			r.Marks[m] = max(r.Marks[m], o)
		}
	}
	for _, x := range r.Plan.Reports {
		if x.Part.Builder != nil && x.Part.Builder.Building == u {
			r.Marks[x.Mark] = c.before[x.Mark]
		}
	}
	for _, p := range u.Parts {
		r.Marks[p.Mark] = c.before[p.Mark]
	}
	for i := range fits[0].Parts {
		out := form.NotApplicable
		for k, v := range fits {
			if o := c.found[k].marks[v.Parts[i].Mark]; o == form.Applied || o == form.Undetermined {
				out = form.Undetermined
			}
		}
		for k, v := range fits {
			p := v.Parts[i]
			r.Marks[p.Mark] = out
			if out == form.Undetermined || k == 0 {
				continue
			}
			for _, t := range u.Notes.Turns { // the first tells of it
				if t.Part == p.Mark {
					r.Marks[t.Mark] = c.before[t.Mark]
				}
			}
		}
	}
}

// agree reports whether the variants come to the same but for their outputs: the
// same rules that apply, findings and persons.
func (c *comparison) agree(fits []*form.Variant) bool {
	first := c.found[0]
	for k, x := range c.found {
		if x.err != nil || !slices.Equal(x.liable, first.liable) {
			return false
		}
		for i, p := range fits[k].Parts {
			if x.marks[p.Mark] != first.marks[fits[0].Parts[i].Mark] {
				return false
			}
		}
		if !slices.Equal(c.reported(fits[k], x), c.reported(fits[0], first)) || !slices.Equal(c.filedUnder(fits[k], x), c.filedUnder(fits[0], first)) {
			return false
		}
	}
	return true
}

// filedUnder are the articles of what a variant applied beside its rules, such
// as rows of a table.
func (c *comparison) filedUnder(v *form.Variant, x comparedVariant) []string {
	var ids []string
	for _, p := range v.Parts[0].Builder.Building.Parts {
		if p.Builder == v.Parts[0].Builder && !slices.Contains(v.Parts, p) && x.marks[p.Mark] == form.Applied {
			ids = append(ids, p.Rule.Article.ID)
		}
	}
	return ids
}

// reported are the findings of a variant.
func (c *comparison) reported(v *form.Variant, x comparedVariant) []form.Report {
	var all []form.Report
	for _, f := range c.run.Plan.Reports {
		if slices.Contains(v.Parts, f.Part) && x.marks[f.Mark] == form.Applied {
			f.Mark, f.Part = 0, nil
			all = append(all, f)
		}
	}
	return all
}

// sameResult reports whether two outputs are the same in value and kind.
func sameResult(a, b value.Value) bool { return a.K == b.K && a.State == b.State && a.Equal(b) }
