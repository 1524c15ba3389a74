package form

import (
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Story writes an explanation in one language, line by line: a step with its
// article and the readings used is a line.
type Story struct {
	Lang  string
	Run   *Run
	Uses  func(*Unit, *Part) []string // the readings of a rule that matter; nil for all that it rests on
	Text  []byte                      // the lines, each with a line feed
	ends  []int                       // of the lines
	Steps []told
	Used  []policy.UsedReading // by the steps, each once

	offsets bool // moments are told with their offset from UTC

	Claims  *[]policy.Claim // of the steps; nil where nobody wants them
	claimed int             // how many of them belong to steps
}

// told is a step, and what of the story is its own.
type told struct {
	Rule *checked.Rule
	Unit *Unit // nil for a rule that is none of a unit
	Text span  // of what the story says
	Used span  // of the facts and values that it used

	Claims span // of its claims
}

// span is a part of a list, to its second end and without it.
type span struct{ From, To int }

// Tell adds a step of a rule.
func (s *Story) Tell(p *Part, text policy.Text) {
	from := s.begin(p)
	s.Text = append(s.Text, text.In(s.Lang)...)
	s.end(p, from)
}

// Tellf adds a step of a rule, in the format of the story's language. Both
// formats are given the same operands, and may leave out some or take them in
// another order if they number them.
func (s *Story) Tellf(p *Part, zh, en string, operands ...any) {
	from := s.begin(p)
	s.Text = fmt.Appendf(s.Text, s.Pick(zh, en), operands...)
	s.end(p, from)
}

// begin begins the line of a step, and tells where.
func (s *Story) begin(p *Part) int {
	from := len(s.Text)
	s.write(p.Rule.Label.In(s.Lang), s.Pick("：", ": "))
	return from
}

// end ends it with the article, and the readings that no step before named.
func (s *Story) end(p *Part, from int) {
	step := told{Rule: p.Rule, Unit: p.unit(), Text: span{from, len(s.Text)}, Used: span{len(s.Used), len(s.Used)}}
	s.write(s.Pick("（", " ("), p.Rule.Article.ID)
	for _, key := range s.readingsOf(p) {
		if slices.ContainsFunc(s.Used, func(r policy.UsedReading) bool { return r.Key == key }) {
			continue
		}
		option := s.Run.Plan.Option(key)
		s.Used = append(s.Used, policy.UsedReading{Key: key, Option: option})
		s.write(s.Pick("；读法 ", "; reading "), key, " = ", option)
	}
	step.Used.To = len(s.Used)
	if s.Claims != nil {
		step.Claims = span{s.claimed, len(*s.Claims)}
		s.claimed = len(*s.Claims)
	}
	s.Steps = append(s.Steps, step)
	s.write(s.Pick("）", ")"))
	s.feed()
}

// readingsOf are the readings of a rule that matter.
func (s *Story) readingsOf(p *Part) []string {
	u := p.unit()
	if s.Uses == nil || u == nil {
		return s.Run.ReadingsOf(p)
	}
	return s.Uses(u, p)
}

func (s *Story) write(pieces ...string) {
	for _, piece := range pieces {
		s.Text = append(s.Text, piece...)
	}
}

// feed ends a line.
func (s *Story) feed() {
	s.ends = append(s.ends, len(s.Text))
	s.Text = append(s.Text, '\n')
}

// Pick is the wording in the language of the story.
func (s *Story) Pick(zh, en string) string { return policy.Text{ZH: zh, EN: en}.In(s.Lang) }

// Show is a value as a person reads it.
func (s *Story) Show(v value.Value) string {
	if s.offsets && v.K == value.Moment && v.IsKnown() {
		return s.Run.Plan.Book.DisplayWithOffset(v)
	}
	return s.Run.Text(v, s.Lang)
}

// Together says what tells of moments side by side: where their clocks differ, each
// has its offset.
func (s *Story) Together(say func() string, moments ...value.Value) string {
	was := s.offsets
	s.offsets = was || s.Run.Plan.Book.OffsetsDiffer(moments...)
	text := say()
	s.offsets = was
	return text
}

// ShowBoth shows two values that are told side by side: see Together.
func (s *Story) ShowBoth(v, w value.Value) (first, second string) {
	s.Together(func() string {
		first, second = s.Show(v), s.Show(w)
		return ""
	}, v, w)
	return first, second
}

// momentsOf are the moments of the sides of a comparison, and of what they were
// computed from.
func momentsOf(sides ...condition.Side) []value.Value {
	var all []value.Value
	for _, x := range sides {
		if x.Value.K == value.Moment {
			all = append(all, x.Value)
		}
		all = append(all, momentsOf(x.Of...)...)
	}
	return all
}

// ShowAs is a value of a type as a person reads it: words by the labels of
// the list that they are from.
func (s *Story) ShowAs(v value.Value, t *value.Type) string {
	if v.K == value.Moment {
		return s.Show(v)
	}
	return s.Run.Plan.Book.DisplayAs(v, t, s.Lang)
}

// Word is the wording of a word or code of the rulebook.
func (s *Story) Word(code string) string {
	if l, ok := s.Run.Plan.Book.Wordings[code]; ok {
		return l.In(s.Lang)
	}
	return code
}

// Words is the wording of several, joined, by the labels of the list that
// they are from, if that is known.
func (s *Story) Words(codes []string, from *value.Words) string {
	shown := make([]string, len(codes))
	for i, c := range codes {
		shown[i] = s.Word(c)
		if l, ok := s.Run.Plan.Book.LabelIn(from, c); ok {
			shown[i] = l.In(s.Lang)
		}
	}
	return strings.Join(shown, s.Pick("、", ", "))
}

// Why tells which comparisons decided the condition: "area type is urban", or
// "7 × 998 = 6986 (rate × customers), more than 5000". It notes that the step
// that is told next states them.
func (s *Story) Why(p *condition.Program) string {
	if p == nil {
		return ""
	}
	var parts []string
	for _, reason := range p.Why(&s.Run.Frame) {
		if reason.Index < 0 {
			reason.List = s.elementList() // of the element that is looked at, if there is one
		}
		if text := s.reason(reason); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, s.Pick("；", "; "))
}

// Because is Why behind a colon; empty where there is nothing to tell.
func (s *Story) Because(p *condition.Program) string {
	why := s.Why(p)
	if why == "" {
		return ""
	}
	return s.Pick("：", ": ") + why
}

// How tells how the result of the program came about: "7 × 998 = 6986 (rate ×
// customers)", or the result alone. It notes that the step that is told next
// states it. The result is shown as a value of the type.
func (s *Story) How(p *condition.Program, t *value.Type) string {
	x := p.Side(&s.Run.Frame)
	return s.how(x, -1, func(v value.Value) string { return s.ShowAs(v, t) })
}

// elementList is the slot of the list of which an item is looked at; -1 for none, and
// for one that is inside of an item.
func (s *Story) elementList() int {
	if s.Run.Within.Item > 0 {
		return -1
	}
	return s.Run.ElemSlot
}

// HowOfElement is How of a program about the element of a list that is looked at.
func (s *Story) HowOfElement(p *condition.Program) string {
	if p == nil {
		return ""
	}
	return s.how(p.Side(&s.Run.Frame), s.elementList(), func(v value.Value) string { return s.ShowAs(v, p.Type()) })
}

func (s *Story) reason(r condition.Reason) string {
	return s.Together(func() string { return s.reasonOf(r) }, momentsOf(r.Left, r.Right)...)
}

func (s *Story) reasonOf(r condition.Reason) string {
	fact := s.Fact(r.Left.Slot)
	if list := s.listFact(r.List); list != nil && fact == nil {
		fact = list.ElementField(r.Left.Source)
	}
	show := s.Show
	if fact != nil {
		show = func(v value.Value) string { return s.ShowAs(v, fact.Typ) }
	}
	left := func() string { // what it is, and what it comes to
		if s.arithmetic(r.Left) {
			return s.how(r.Left, r.List, s.Show)
		}
		name, named := s.label(r.Left, r.List)
		if !named {
			return show(r.Left.Value)
		}
		return s.Pick(name+"为"+show(r.Left.Value), name+" is "+show(r.Left.Value))
	}
	right := func() string {
		if s.arithmetic(r.Right) {
			return s.how(r.Right, r.List, s.Show)
		}
		text := show(r.Right.Value)
		if isPercent(r.Right) {
			text = r.Right.Source
		}
		if name, named := s.label(r.Right, r.List); named {
			text = s.Pick(name+" "+text, name+", "+text)
		}
		return text
	}
	holds := r.Holds.True()
	switch {
	case r.Op == "in" || r.Op == "not in":
		return s.membership(r, fact)
	case (r.Op == "==" || r.Op == "!=") && r.Right.Source == "null" && r.Right.Slot < 0:
		name := s.Name(r.Left, fact)
		if r.Left.Value.IsNone() {
			return s.Pick("没有"+name, "not on record: "+name)
		}
		return s.Pick("有"+name, "on record: "+name)
	case r.Op == "":
		s.claim(r.Left, policy.Equals, given(r.Left.Value), r.List)
		return left()
	case r.Right.Value.K == value.Count && r.Left.Value.K == value.List:
		name := s.Name(r.Left, fact)
		if !r.Right.Value.IsKnown() {
			return s.Pick(name+"中有几项符合还不清楚", "it is not known how many of "+name+" match")
		}
		return s.Pick(fmt.Sprintf("%s中符合的有 %d 项", name, r.Right.Value.N), fmt.Sprintf("%d of %s match", r.Right.Value.N, name))
	case complement[policy.Relation(r.Op)] == "": // of a function that picks one
		return left()
	case !r.Left.Value.IsKnown() || !r.Right.Value.IsKnown():
		return left() + s.Pick("，而另一边为", ", and the other side is ") + right()
	}
	relation := policy.Relation(r.Op)
	if !holds {
		relation = complement[relation]
	}
	s.claim(r.Left, relation, r.Right, r.List)
	s.decides()
	switch {
	case relation == policy.Equals && !s.arithmetic(r.Left) && !s.arithmetic(r.Right) && r.Right.Slot < 0:
		return left()
	case relation == policy.Differs:
		return left() + s.Pick("，不是", ", not ") + right()
	}
	return left() + s.Pick("，", ", ") + s.relation(relation, r.Left.Value) + right()
}

// membership tells whether something is in a list: a fact among words, or a
// word in a fact.
func (s *Story) membership(r condition.Reason, fact *checked.Fact) string {
	in := slices.ContainsFunc(r.Right.Value.L(), func(v value.Value) bool { return v.Equal(r.Left.Value) })
	if fact == nil && r.Left.Slot < 0 && r.Right.Slot >= 0 {
		list := s.Fact(r.Right.Slot)
		name, word := s.Name(r.Right, list), s.Show(r.Left.Value)
		if list != nil && list.Typ.Elem != nil {
			word = s.ShowAs(r.Left.Value, list.Typ.Elem)
		}
		if in {
			return s.Pick(name+"中有"+word, word+" is among "+name)
		}
		return s.Pick(name+"中没有"+word, word+" is not among "+name)
	}
	name, left, right := s.Name(r.Left, fact), s.Show(r.Left.Value), s.Show(r.Right.Value)
	if fact != nil {
		left, right = s.ShowAs(r.Left.Value, fact.Typ), s.ShowAs(r.Right.Value, checked.ListOf(fact.Typ))
	}
	what := s.Pick(name+"为"+left, name+" is "+left)
	if s.arithmetic(r.Left) {
		what = s.how(r.Left, r.List, s.Show)
	}
	if in {
		return what + s.Pick("，在"+right+"之中", ", one of "+right)
	}
	return what + s.Pick("，不在"+right+"之中", ", none of "+right)
}

// Name is the label of the fact or output on a side, or its expression.
func (s *Story) Name(side condition.Side, fact *checked.Fact) string {
	switch {
	case fact != nil:
		return fact.Label.In(s.Lang)
	case side.Slot == s.Run.Plan.AsOf:
		return s.Pick("判断时间", "moment of asking")
	}
	if u := s.Run.Plan.Owner[side.Slot]; u != nil {
		return s.nameOfOutput(u, side.Slot)
	}
	return side.Source
}

// Output is the label of an output of a unit or, of its main value, that of the rule.
func (s *Story) Output(u *Unit, slot int) string {
	label := s.labelOfOutput(u, slices.IndexFunc(u.Outputs, func(o OutputSlot) bool { return o.Slot == slot }))
	if label == "" {
		return u.Parts[0].Rule.Label.In(s.Lang)
	}
	return label
}

// labelOfOutput is the label of the i-th output; "" where it has none.
func (s *Story) labelOfOutput(u *Unit, i int) string {
	rule := u.Parts[0].Rule
	j := slices.IndexFunc(rule.Form.Outputs, func(o policy.Output) bool { return o.Name == u.Outputs[i].Name })
	switch {
	case j < 0 && len(u.Outputs) > 1: // one that the rule names itself, as a result of a table
		return s.Column(rule, u.Outputs[i].Name)
	case j < 0:
		return ""
	}
	return rule.Form.Outputs[j].Label.In(s.Lang)
}

// nameOfOutput is how what a rule gives is called: as the rule is, where that is
// its main value or a word that says how it stands; else, as in "due date of the
// repair", by the label of the output, too.
func (s *Story) nameOfOutput(u *Unit, slot int) string {
	rule := u.Parts[0].Rule
	name := rule.Label.In(s.Lang)
	i := slices.IndexFunc(u.Outputs, func(o OutputSlot) bool { return o.Slot == slot })
	if i < 0 || u.Outputs[i].Typ == nil || u.Outputs[i].Typ.Kind == value.Word {
		return name
	}
	label := s.labelOfOutput(u, i)
	if label == "" {
		return name
	}
	if u.Outputs[i].Typ.Kind == value.YesNo {
		return s.Pick(name+"（"+label+"）", name+" ("+label+")")
	}
	return s.Pick(name+"的"+label, label+" of "+name)
}

// Column is the label that a rule has for a key or result of its table, or else
// the wording of the name.
func (s *Story) Column(rule *checked.Rule, name string) string {
	if label, ok := s.Run.Plan.Book.ColumnLabel(rule, name); ok {
		return label.In(s.Lang)
	}
	return s.Word(name)
}

// Fact is the fact that a slot belongs to, or nil.
func (s *Story) Fact(slot int) *checked.Fact {
	var find func(facts []*checked.Fact) *checked.Fact
	find = func(facts []*checked.Fact) *checked.Fact {
		for _, f := range facts {
			if f.Slot == slot {
				return f
			}
			if x := find(f.Fields); x != nil {
				return x
			}
		}
		return nil
	}
	if slot < 0 {
		return nil
	}
	if f := s.Run.Plan.described[slot]; f != nil {
		return f
	}
	return find(s.Run.Plan.Question.Layout.Placed)
}

// UsualLength is how many bytes most explanations have at most.
const UsualLength = 1024

// Lines are what was written, line by line.
func (s *Story) Lines() []string {
	text, lines, from := string(s.Text), make([]string, len(s.ends)), 0
	for i, to := range s.ends {
		lines[i], from = text[from:to], to+len("\n")
	}
	return lines
}
