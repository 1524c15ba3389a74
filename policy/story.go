package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// Step is one step of an explanation.
type Step struct {
	Article  string
	Rule     string // id, "" for a closing remark
	Text     string
	Readings []UsedReading
}

// Story collects the steps of an explanation in one language.
type Story struct {
	Lang  string
	steps []Step
	shown map[string]bool // readings that an earlier step named
	run   *Run
}

// Tell adds a step of a rule.
func (s *Story) Tell(p *Part, text Text) { s.TellOf(p, p.Rule.Article, text) }

// TellOf adds a step of a rule that is about another article than its own.
func (s *Story) TellOf(p *Part, article *Article, text Text) {
	step := Step{Article: article.ID, Rule: p.Rule.ID, Text: p.Rule.Label.In(s.Lang) + s.pick("：", ": ") + text.In(s.Lang)}
	for _, key := range s.run.readingsOf(p) {
		if s.shown[key] {
			continue
		}
		s.shown[key] = true
		step.Readings = append(step.Readings, UsedReading{key, s.run.ed.option(key)})
	}
	s.steps = append(s.steps, step)
}

func (s *Story) pick(zh, en string) string { return Text{ZH: zh, EN: en}.In(s.Lang) }

// Show is a value as a person reads it.
func (s *Story) Show(v value.Value) string { return s.run.Text(v, s.Lang) }

// ShowAs is a value of a type as a person reads it: words by the labels of
// the list that they are from.
func (s *Story) ShowAs(v value.Value, t *value.Type) string {
	return s.run.ed.book.displayAs(v, t, s.Lang)
}

// Word is the wording of a word or code of the rulebook.
func (s *Story) Word(code string) string {
	if l, ok := s.run.ed.book.labels[code]; ok {
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
	return strings.Join(shown, s.pick("、", ", "))
}

// Why tells which comparisons decided the condition: "area type = urban".
func (s *Story) Why(p *condition.Program) string {
	if p == nil {
		return ""
	}
	var parts []string
	for _, reason := range p.Why(&s.run.Frame) {
		if !s.named(reason) {
			continue // an expression says nothing to a person
		}
		parts = append(parts, s.reason(reason))
	}
	return strings.Join(parts, s.pick("；", "; "))
}

// named reports whether the left side of a reason has a name for people.
func (s *Story) named(r condition.Reason) bool {
	if r.Left.Slot >= 0 || strings.HasPrefix(r.Left.Source, "\"") {
		return true
	}
	list := s.fact(r.List)
	return list != nil && list.elementField(r.Left.Source) != nil
}

func (s *Story) reason(r condition.Reason) string {
	fact := s.fact(r.Left.Slot)
	if list := s.fact(r.List); list != nil && fact == nil {
		fact = list.elementField(r.Left.Source)
	}
	if r.Op == "in" || r.Op == "not in" {
		return s.membership(r, fact)
	}
	name, left, right := s.name(r.Left, fact), s.Show(r.Left.Value), s.Show(r.Right.Value)
	if fact != nil {
		left, right = s.ShowAs(r.Left.Value, fact.typ), s.ShowAs(r.Right.Value, fact.typ)
	}
	switch {
	case r.Op == "==" && r.Right.Value.IsNone() || r.Op == "!=" && r.Right.Value.IsNone():
		if r.Left.Value.IsNone() {
			return s.pick("没有"+name, "not on record: "+name)
		}
		return s.pick("有"+name, "on record: "+name)
	case r.Op == "" || (r.Op == "==" || r.Op == "!=") && r.Left.Value.Equal(r.Right.Value):
		return s.pick(name+"为"+left, name+" is "+left)
	case r.Op == "==" || r.Op == "!=":
		return s.pick(name+"为"+left+"，不是"+right, name+" is "+left+", not "+right)
	}
	op, ok := operators[r.Op]
	if k := r.Left.Value.K; k == value.Moment || k == value.Date || k == value.Month {
		if in, timed := timeOperators[r.Op]; timed {
			op = in
		}
	}
	if r.Right.Value.K == value.Count && r.Left.Value.K == value.List {
		return s.pick(fmt.Sprintf("%s中符合的有 %d 项", name, r.Right.Value.N), fmt.Sprintf("%d of %s match", r.Right.Value.N, name))
	}
	if ok {
		return s.pick(name+"为"+left+"，对照"+op.ZH+right, name+" is "+left+", compared with "+op.EN+right)
	}
	return s.pick(name+"为"+left, name+" is "+left)
}

// membership tells whether something is in a list: a fact among words, or a
// word in a fact.
func (s *Story) membership(r condition.Reason, fact *Fact) string {
	in := slices.ContainsFunc(r.Right.Value.L(), func(v value.Value) bool { return v.Equal(r.Left.Value) })
	if fact == nil && r.Left.Slot < 0 && r.Right.Slot >= 0 {
		list := s.fact(r.Right.Slot)
		name, word := s.name(r.Right, list), s.Show(r.Left.Value)
		if list != nil && list.typ.Elem != nil {
			word = s.ShowAs(r.Left.Value, list.typ.Elem)
		}
		if in {
			return s.pick(name+"中有"+word, word+" is among "+name)
		}
		return s.pick(name+"中没有"+word, word+" is not among "+name)
	}
	name, left, right := s.name(r.Left, fact), s.Show(r.Left.Value), s.Show(r.Right.Value)
	if fact != nil {
		left, right = s.ShowAs(r.Left.Value, fact.typ), s.ShowAs(r.Right.Value, ListOf(fact.typ))
	}
	if in {
		return s.pick(name+"为"+left+"，在"+right+"之中", name+" is "+left+", one of "+right)
	}
	return s.pick(name+"为"+left+"，不在"+right+"之中", name+" is "+left+", none of "+right)
}

var operators = map[string]Text{
	"<": {ZH: "小于", EN: "less than "}, "<=": {ZH: "不超过", EN: "at most "},
	">": {ZH: "大于", EN: "more than "}, ">=": {ZH: "不少于", EN: "at least "},
}

var timeOperators = map[string]Text{
	"<": {ZH: "早于", EN: "before "}, "<=": {ZH: "不晚于", EN: "no later than "},
	">": {ZH: "晚于", EN: "after "}, ">=": {ZH: "不早于", EN: "no earlier than "},
}

// name is the label of the fact or output on a side, or its expression.
func (s *Story) name(side condition.Side, fact *Fact) string {
	switch {
	case fact != nil:
		return fact.Label.In(s.Lang)
	case side.Slot == s.run.ed.asOf:
		return s.pick("判断时间", "moment of asking")
	}
	if u := s.run.ed.owner[side.Slot]; u != nil {
		return u.parts[0].Rule.Label.In(s.Lang)
	}
	return side.Source
}

// fact is the fact that a slot belongs to, or nil.
func (s *Story) fact(slot int) *Fact {
	var find func(facts []*Fact) *Fact
	find = func(facts []*Fact) *Fact {
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
func (f *Fact) elementField(source string) *Fact {
	name, ok := strings.CutPrefix(source, ".")
	if !ok || f.Elem == nil {
		return nil
	}
	return f.Elem.vars[name]
}

// displayAs is display, with words by the labels of the list of the type.
func (b *Rulebook) displayAs(v value.Value, t *value.Type, lang string) string {
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
func (b *Rulebook) wordListOf(words *value.Words) *WordList {
	if words == nil || len(words.Each) == 0 {
		return nil
	}
	if w := b.words[words.Name]; w != nil {
		return w
	}
	for _, w := range b.Words {
		if !slices.ContainsFunc(words.Each, func(x string) bool { return w.typ.Index(x) < 0 }) {
			return w
		}
	}
	return nil
}

// display is a value as a person reads it.
func (b *Rulebook) display(v value.Value, lang string) string {
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
	case value.Duration:
		return showDuration(time.Duration(v.N), lang)
	case value.Word:
		if l, ok := b.labels[v.S()]; ok {
			return l.In(lang)
		}
		return v.S()
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
			return textf("%[1]d%[2]s", "%[1]d %[3]s%[4]s", n, unit.zh, unit.en, plural).In(lang)
		}
	}
	return d.String()
}

// Steps tells how the answer came about, in order. It is rendered when asked
// for, so that deciding does not pay for prose.
func (a *Answer) Steps(lang string) []Step {
	s := a.rec.again()
	if s == nil {
		return nil
	}
	defer s.leave()
	return s.run.tell(lang)
}

// tell is the explanation of what was evaluated.
func (r *Run) tell(lang string) []Step {
	s := &Story{Lang: lang, run: r, shown: map[string]bool{}}
	for _, u := range r.ed.asked.units {
		if u.absent {
			continue
		}
		for _, p := range u.parts {
			if r.marks[p.mark] != notReached {
				u.eval.Explain(r, s)
				break
			}
		}
	}
	return s.steps
}

// Explain is the explanation in "zh" or "en": one line a step, with its
// article and the readings used, then what is missing and what a person must
// decide.
func (a *Answer) Explain(lang string) string {
	if a.Error != nil {
		return a.Error.Message.In(lang)
	}
	return strings.Join(a.lines(lang, a.Steps(lang)), "\n")
}

// explanations are the lines of the explanation in both languages, told of one
// run.
func (a *Answer) explanations() (zh, en []string) {
	s := a.rec.again()
	if s == nil {
		return a.lines("zh", nil), a.lines("en", nil)
	}
	defer s.leave()
	return a.lines("zh", s.run.tell("zh")), a.lines("en", s.run.tell("en"))
}

func (a *Answer) lines(lang string, steps []Step) []string {
	lines := make([]string, 0, len(steps)+len(a.MissingFacts)+len(a.Decisions))
	pick := func(zh, en string) string { return Text{ZH: zh, EN: en}.In(lang) }
	var line []byte
	for _, s := range steps {
		line = append(append(append(line[:0], s.Text...), pick("（", " (")...), s.Article...)
		for _, r := range s.Readings {
			line = append(append(append(append(line, pick("；读法 ", "; reading ")...), r.Key...), " = "...), r.Option...)
		}
		lines = append(lines, string(append(line, pick("）", ")")...)))
	}
	for _, m := range a.MissingFacts {
		lines = append(lines, textf("缺少事实 %s（%s 需要）", "missing fact %s (needed by %s)", m.Fact, m.NeededBy).In(lang))
	}
	for _, d := range a.Decisions {
		lines = append(lines, pick("须由人决定：", "a person must decide: ")+d.Label.In(lang))
	}
	return lines
}
