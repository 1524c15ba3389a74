package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// Step is one step of an explanation.
type Step struct {
	Article  string // its id, "" for a closing remark
	Rule     string // id, likewise
	Text     string
	Readings []UsedReading
	Claims   []Claim // what it states of numbers, times and words, as data
}

// Story writes an explanation in one language, line by line: a step with its
// article and the readings used is a line.
type Story struct {
	Lang  string
	run   *Run
	uses  func(*unit, *Part) []string // the readings of a rule that matter; nil for all that it rests on
	text  []byte                      // the lines, each with a line feed
	ends  []int                       // of the lines
	steps []told
	used  []UsedReading // by the steps, each once

	claims  *[]Claim // of the steps; nil where nobody wants them
	claimed int      // how many of them belong to steps
}

// told is a step, and what of the story is its own.
type told struct {
	rule *checkedRule
	text span // of Story.text
	used span // of Story.used

	claims span // of Story.claims
}

// span is a part of a list, to its second end and without it.
type span struct{ from, to int }

// Tell adds a step of a rule.
func (s *Story) Tell(p *Part, text Text) {
	from := s.begin(p)
	s.text = append(s.text, text.In(s.Lang)...)
	s.end(p, from)
}

// Tellf adds a step of a rule, in the format of the story's language. Both
// formats are given the same operands, and may leave out some or take them in
// another order if they number them.
func (s *Story) Tellf(p *Part, zh, en string, operands ...any) {
	from := s.begin(p)
	s.text = fmt.Appendf(s.text, s.Pick(zh, en), operands...)
	s.end(p, from)
}

// begin begins the line of a step, and tells where.
func (s *Story) begin(p *Part) int {
	from := len(s.text)
	s.write(p.Rule.Label.In(s.Lang), s.Pick("：", ": "))
	return from
}

// end ends it with the article, and the readings that no step before named.
func (s *Story) end(p *Part, from int) {
	step := told{rule: p.Rule, text: span{from, len(s.text)}, used: span{len(s.used), len(s.used)}}
	s.write(s.Pick("（", " ("), p.Rule.Article.ID)
	for _, key := range s.readingsOf(p) {
		if slices.ContainsFunc(s.used, func(r UsedReading) bool { return r.Key == key }) {
			continue
		}
		option := s.run.ed.option(key)
		s.used = append(s.used, UsedReading{key, option})
		s.write(s.Pick("；读法 ", "; reading "), key, " = ", option)
	}
	step.used.to = len(s.used)
	if s.claims != nil {
		step.claims = span{s.claimed, len(*s.claims)}
		s.claimed = len(*s.claims)
	}
	s.steps = append(s.steps, step)
	s.write(s.Pick("）", ")"))
	s.feed()
}

// readingsOf are the readings of a rule that matter.
func (s *Story) readingsOf(p *Part) []string {
	if s.uses == nil || p.b == nil {
		return s.run.readingsOf(p)
	}
	return s.uses(p.b.unit, p)
}

func (s *Story) write(pieces ...string) {
	for _, piece := range pieces {
		s.text = append(s.text, piece...)
	}
}

// feed ends a line.
func (s *Story) feed() {
	s.ends = append(s.ends, len(s.text))
	s.text = append(s.text, '\n')
}

func (s *Story) Pick(zh, en string) string { return Text{ZH: zh, EN: en}.In(s.Lang) }

// Show is a value as a person reads it.
func (s *Story) Show(v value.Value) string { return s.run.Text(v, s.Lang) }

// ShowAs is a value of a type as a person reads it: words by the labels of
// the list that they are from.
func (s *Story) ShowAs(v value.Value, t *value.Type) string {
	return s.run.ed.book.displayAs(v, t, s.Lang)
}

// Word is the wording of a word or code of the rulebook.
func (s *Story) Word(code string) string {
	if l, ok := s.run.ed.book.Wordings[code]; ok {
		return l.In(s.Lang)
	}
	return code
}

// Words is the wording of several, joined, by the labels of the list that
// they are from, if that is known.
func (s *Story) Words(codes []string, from *value.Words) string {
	list := s.run.ed.book.wordListOf(from)
	shown := make([]string, len(codes))
	for i, c := range codes {
		shown[i] = s.Word(c)
		if list != nil {
			if l, ok := list.Labels[c]; ok {
				shown[i] = l.In(s.Lang)
			}
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
	for _, reason := range p.Why(&s.run.Frame) {
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
	x := p.Side(&s.run.Frame)
	return s.how(x, -1, func(v value.Value) string { return s.ShowAs(v, t) })
}

func (s *Story) reason(r condition.Reason) string {
	fact := s.fact(r.Left.Slot)
	if list := s.listFact(r.List); list != nil && fact == nil {
		fact = list.elementField(r.Left.Source)
	}
	show := s.Show
	if fact != nil {
		show = func(v value.Value) string { return s.ShowAs(v, fact.typ) }
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
		name := s.name(r.Left, fact)
		if r.Left.Value.IsNone() {
			return s.Pick("没有"+name, "not on record: "+name)
		}
		return s.Pick("有"+name, "on record: "+name)
	case r.Op == "":
		s.claim(r.Left, Equals, given(r.Left.Value), r.List)
		return left()
	case r.Right.Value.K == value.Count && r.Left.Value.K == value.List:
		name := s.name(r.Left, fact)
		if !r.Right.Value.IsKnown() {
			return s.Pick(name+"中有几项符合还不清楚", "it is not known how many of "+name+" match")
		}
		return s.Pick(fmt.Sprintf("%s中符合的有 %d 项", name, r.Right.Value.N), fmt.Sprintf("%d of %s match", r.Right.Value.N, name))
	case complement[Relation(r.Op)] == "": // of a function that picks one
		return left()
	case !r.Left.Value.IsKnown() || !r.Right.Value.IsKnown():
		return left() + s.Pick("，而另一边为", ", and the other side is ") + right()
	}
	relation := Relation(r.Op)
	if !holds {
		relation = complement[relation]
	}
	s.claim(r.Left, relation, r.Right, r.List)
	switch {
	case relation == Equals && !s.arithmetic(r.Left) && !s.arithmetic(r.Right) && r.Right.Slot < 0:
		return left()
	case relation == Differs:
		return left() + s.Pick("，不是", ", not ") + right()
	}
	return left() + s.Pick("，", ", ") + s.relation(relation, r.Left.Value) + right()
}

// membership tells whether something is in a list: a fact among words, or a
// word in a fact.
func (s *Story) membership(r condition.Reason, fact *checkedFact) string {
	in := slices.ContainsFunc(r.Right.Value.L(), func(v value.Value) bool { return v.Equal(r.Left.Value) })
	if fact == nil && r.Left.Slot < 0 && r.Right.Slot >= 0 {
		list := s.fact(r.Right.Slot)
		name, word := s.name(r.Right, list), s.Show(r.Left.Value)
		if list != nil && list.typ.Elem != nil {
			word = s.ShowAs(r.Left.Value, list.typ.Elem)
		}
		if in {
			return s.Pick(name+"中有"+word, word+" is among "+name)
		}
		return s.Pick(name+"中没有"+word, word+" is not among "+name)
	}
	name, left, right := s.name(r.Left, fact), s.Show(r.Left.Value), s.Show(r.Right.Value)
	if fact != nil {
		left, right = s.ShowAs(r.Left.Value, fact.typ), s.ShowAs(r.Right.Value, ListOf(fact.typ))
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

// name is the label of the fact or output on a side, or its expression.
func (s *Story) name(side condition.Side, fact *checkedFact) string {
	switch {
	case fact != nil:
		return fact.Label.In(s.Lang)
	case side.Slot == s.run.ed.asOf:
		return s.Pick("判断时间", "moment of asking")
	}
	if u := s.run.ed.owner[side.Slot]; u != nil {
		return u.parts[0].Rule.Label.In(s.Lang)
	}
	return side.Source
}

// fact is the fact that a slot belongs to, or nil.
func (s *Story) fact(slot int) *checkedFact {
	var find func(facts []*checkedFact) *checkedFact
	find = func(facts []*checkedFact) *checkedFact {
		for _, f := range facts {
			if f.slot == slot {
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
	return find(s.run.ed.question.layout.placed)
}

// elementField is the field that ".name" means in the elements of a list.
func (f *checkedFact) elementField(source string) *checkedFact {
	name, ok := strings.CutPrefix(source, ".")
	if !ok || f.Elem == nil {
		return nil
	}
	return f.Elem.vars[name]
}

// displayAs is display, with words by the labels of the list of the type.
func (b *CheckedBook) displayAs(v value.Value, t *value.Type, lang string) string {
	if t == nil || !v.IsKnown() {
		return b.display(v, lang)
	}
	switch v.K {
	case value.Word:
		if w := b.wordListOf(t.Words); w != nil {
			if l, ok := w.Labels[v.S()]; ok {
				return l.In(lang)
			}
		}
	case value.List:
		if t.Kind == value.List && t.Elem != nil && len(v.L()) > 0 {
			parts := make([]string, len(v.L()))
			for i, e := range v.L() {
				parts[i] = b.displayAs(e, t.Elem, lang)
			}
			return strings.Join(parts, Text{ZH: "、", EN: ", "}.In(lang))
		}
	}
	return b.display(v, lang)
}

// wordListOf is the rulebook's list of that name or, for words of a form's
// own, the first that holds them all.
func (b *CheckedBook) wordListOf(words *value.Words) *WordList {
	if words == nil || len(words.Each) == 0 {
		return nil
	}
	if w := b.words[words.Name]; w != nil {
		return w
	}
	for _, w := range b.Words {
		if !slices.ContainsFunc(words.Each, func(x string) bool { return b.wordsType(w).Index(x) < 0 }) {
			return w
		}
	}
	return nil
}

// display is a value as a person reads it.
func (b *CheckedBook) display(v value.Value, lang string) string {
	switch {
	case v.IsUnknown():
		return Text{ZH: "未知", EN: "not known"}.In(lang)
	case v.IsNone():
		return Text{ZH: "无", EN: "none"}.In(lang)
	}
	switch v.K {
	case value.YesNo:
		if v.N != 0 {
			return Text{ZH: "是", EN: "yes"}.In(lang)
		}
		return Text{ZH: "否", EN: "no"}.In(lang)
	case value.Moment:
		t := v.Time(b.Zone)
		if t.Nanosecond() != 0 && t.Hour() == 23 && t.Minute() == 59 {
			return t.Format("2006-01-02") + " 24:00"
		}
		if t.Second() != 0 {
			return t.Format("2006-01-02 15:04:05")
		}
		return t.Format("2006-01-02 15:04")
	case value.Money:
		return showMoney(v, lang)
	case value.Duration:
		return showDuration(time.Duration(v.N), lang)
	case value.Part:
		if v.In == 0 && v.D > 0 && v.N%v.D == 0 { // a duration, in whole nanoseconds
			return showDuration(time.Duration(v.N/v.D), lang)
		}
		return v.Text(b.Zone)
	case value.Word:
		if l, ok := b.Wordings[v.S()]; ok {
			return l.In(lang)
		}
		if l, ok := condition.WeekdayLabel(v.S()); ok {
			return l.In(lang)
		}
		return v.S()
	case value.Article:
		return b.LabelOfArticle(v.S()).In(lang)
	case value.List:
		parts := make([]string, len(v.L()))
		for i, e := range v.L() {
			parts[i] = b.display(e, lang)
		}
		if len(parts) == 0 {
			return Text{ZH: "无", EN: "none"}.In(lang)
		}
		return strings.Join(parts, Text{ZH: "、", EN: ", "}.In(lang))
	case value.Record:
		parts := make([]string, 0, len(v.L()))
		for _, e := range v.L() {
			if e.IsKnown() {
				parts = append(parts, b.display(e, lang))
			}
		}
		return strings.Join(parts, " ")
	default:
		return v.Text(b.Zone)
	}
}

func showDuration(d time.Duration, lang string) string {
	for _, unit := range []struct {
		of     time.Duration
		zh, en string
	}{{time.Hour, "小时", "hour"}, {time.Minute, "分钟", "minute"}} {
		if d%unit.of == 0 {
			n, plural := d/unit.of, "s"
			if n == 1 {
				plural = ""
			}
			return diagnostic.Textf("%[1]d%[2]s", "%[1]d %[3]s%[4]s", n, unit.zh, unit.en, plural).In(lang)
		}
	}
	return d.String()
}

// Steps tells how the answer came about.
func (e *evaluated) Steps(lang string) []Step {
	var claims []Claim
	s := e.tellAgain(lang, &claims)
	nothing := e.of.nothing
	if len(s.steps)+len(nothing) == 0 {
		return nil
	}
	text, steps := string(s.text), make([]Step, len(s.steps), len(s.steps)+len(nothing))
	for i, t := range s.steps {
		steps[i] = Step{Article: t.rule.Article.ID, Rule: t.rule.ID, Text: text[t.text.from:t.text.to]}
		if t.used.from < t.used.to {
			steps[i].Readings = s.used[t.used.from:t.used.to:t.used.to]
		}
		if t.claims.from < t.claims.to {
			steps[i].Claims = claims[t.claims.from:t.claims.to:t.claims.to]
		}
	}
	for _, text := range nothing {
		steps = append(steps, Step{Text: text.In(lang)})
	}
	return steps
}

// tellAgain evaluates again, and has that told.
func (e *evaluated) tellAgain(lang string, claims *[]Claim) *Story {
	again := e.again()
	if again == nil {
		return &Story{Lang: lang}
	}
	defer again.leave()
	return again.tell(lang, again.basis(again.marks[markScope]), claims)
}

// tell has the units that are in the basis of the answer tell their steps; all
// that were evaluated where it is nil. What they claim is appended to claims,
// unless that is nil.
func (r *Run) tell(lang string, b *basis, claims *[]Claim) *Story {
	s := &Story{Lang: lang, run: r, claims: claims, text: make([]byte, 0, usualStory)}
	if b != nil {
		s.uses = b.readings
	}
	for _, u := range r.ed.asked.units {
		if u.absent {
			continue
		}
		if b == nil || b.cited[u.index] {
			for _, p := range u.parts {
				if r.marks[p.mark] != notReached {
					u.eval.Explain(r, s)
					break
				}
			}
		}
		if b == nil {
			continue
		}
		for _, p := range u.parts {
			if b.setAside(u, p) {
				s.Tell(p, Text{ZH: "按所选读法不适用", EN: "does not apply under the reading chosen"})
			}
		}
	}
	return s
}

// usualStory is how many bytes most explanations have at most.
const usualStory = 1024

// Explain tells how the answer came about in each of the languages, of one
// run.
func (e *evaluated) Explain(langs ...string) [][]string {
	told := make([][]string, len(langs))
	again := e.again()
	if again == nil {
		return told
	}
	defer again.leave()
	basis := again.basis(again.marks[markScope])
	for i, lang := range langs {
		told[i] = again.tell(lang, basis, nil).lines()
	}
	return told
}

// lines are what was written, line by line.
func (s *Story) lines() []string {
	text, lines, from := string(s.text), make([]string, len(s.ends)), 0
	for i, to := range s.ends {
		lines[i], from = text[from:to], to+len("\n")
	}
	return lines
}
