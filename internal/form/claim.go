package form

import (
	"math/big"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// complement is what holds where a relation does not.
var complement = map[policy.Relation]policy.Relation{policy.Equals: policy.Differs, policy.Differs: policy.Equals, policy.Less: policy.AtLeast, policy.AtLeast: policy.Less, policy.More: policy.AtMost, policy.AtMost: policy.More}

// term is a side of a comparison as data.
func (s *Story) term(x condition.Side, list int) policy.Term {
	t := policy.Term{Value: x.Value.Text(s.Run.Plan.Book.Zone), Op: x.Op}
	for _, y := range x.Of {
		t.Of = append(t.Of, s.term(y, list))
	}
	if len(t.Of) == 0 { // of an empty list
		t.Op = ""
	}
	if _, named := s.label(x, list); named {
		t.Name = diagnostic.TextIn(s.Run.Plan.Book.Languages, func(lang string) string {
			in := *s
			in.Lang = lang
			name, _ := in.label(x, list)
			return name
		})
	}
	return t
}

// claim notes that the step that is told next states so.
func (s *Story) claim(left condition.Side, relation policy.Relation, right condition.Side, list int) {
	if s.Claims != nil && left.Value.IsKnown() && right.Value.IsKnown() {
		*s.Claims = append(*s.Claims, policy.Claim{Left: s.term(left, list), Relation: relation, Right: s.term(right, list)})
	}
}

// Compare says how two values compare, as in "40, less than 41", and notes that
// the step that is told next states it. The values must be of kinds that
// compare.
func (s *Story) Compare(left, right value.Value) string {
	relation := relationOf(left, right)
	s.claim(given(left), relation, given(right), -1)
	return s.Together(func() string {
		return s.Show(left) + s.Pick("，", ", ") + s.relation(relation, left) + s.Show(right)
	}, left, right)
}

// Decide is Compare of what the rule turns on.
func (s *Story) Decide(left, right value.Value) string {
	text := s.Compare(left, right)
	s.decides()
	return text
}

// decides notes that the rule turns on the claim that was noted last.
func (s *Story) decides() {
	if s.Claims != nil && len(*s.Claims) > s.claimed {
		(*s.Claims)[len(*s.Claims)-1].Decides = true
	}
}

// Number is a whole number as a step names it, and notes what it was computed
// from: "20 + 50 = 70". Op is an operator or the name of a function.
func (s *Story) Number(result int64, op string, of ...int64) string {
	x := condition.Side{Slot: -1, Value: value.Int(result), Op: op}
	for _, n := range of {
		x.Of = append(x.Of, given(value.Int(n)))
	}
	s.computed(x, -1)
	return s.Formula(x, s.shown(-1), 0) + " = " + s.Show(x.Value)
}

// Computed is how a value came of others, "3 × £9.98 = £29.94", and notes that
// the step that is told next states it.
func (s *Story) Computed(x condition.Side) string {
	s.computed(x, -1)
	return s.Together(func() string { return s.Formula(x, s.shown(-1), 0) + " = " + s.Show(x.Value) }, momentsOf(x)...)
}

// State notes that the step that is told next states that two whole numbers
// are so related.
func (s *Story) State(left int64, relation policy.Relation, right int64) {
	s.claim(given(value.Int(left)), relation, given(value.Int(right)), -1)
}

// Claim notes that the step that is told next states so of two known values.
func (s *Story) Claim(left value.Value, relation policy.Relation, right value.Value) {
	s.claim(given(left), relation, given(right), -1)
}

func given(v value.Value) condition.Side { return condition.Side{Slot: -1, Value: v} }

// computed notes that a value is what it was computed from.
func (s *Story) computed(x condition.Side, list int) {
	s.claim(x, policy.Equals, given(x.Value), list)
}

// relationOf is how two known values compare.
func relationOf(a, b value.Value) policy.Relation {
	exact := func(v value.Value) bool { return v.K == value.Count || v.K == value.Ratio }
	amount := func(v value.Value) bool { return v.K == value.Money || v.K == value.Part || v.K == value.Duration }
	switch {
	case exact(a) && exact(b), amount(a) && amount(b) && a.SameUnit(b):
		switch value.CompareRatio(a, b) {
		case -1:
			return policy.Less
		case 1:
			return policy.More
		}
		return policy.Equals
	case a.Equal(b):
		return policy.Equals
	case a.K != b.K || a.K == value.Word || a.K == value.Name || a.K == value.Article || a.K == value.YesNo:
		return policy.Differs
	case a.N < b.N:
		return policy.Less
	}
	return policy.More
}

// relation is how a relation is worded in front of what something is compared
// with.
func (s *Story) relation(r policy.Relation, left value.Value) string {
	words := relationWords
	if k := left.K; k == value.Moment || k == value.Date || k == value.Month {
		words = timeWords
	}
	return words[r].In(s.Lang)
}

var relationWords = map[policy.Relation]policy.Text{
	policy.Less: {ZH: "小于 ", EN: "less than "}, policy.AtMost: {ZH: "不超过 ", EN: "at most "},
	policy.More: {ZH: "大于 ", EN: "more than "}, policy.AtLeast: {ZH: "不少于 ", EN: "at least "},
	policy.Equals: {ZH: "等于 ", EN: "equal to "}, policy.Differs: {ZH: "不等于 ", EN: "other than "},
}

var timeWords = map[policy.Relation]policy.Text{
	policy.Less: {ZH: "早于 ", EN: "before "}, policy.AtMost: {ZH: "不晚于 ", EN: "no later than "},
	policy.More: {ZH: "晚于 ", EN: "after "}, policy.AtLeast: {ZH: "不早于 ", EN: "no earlier than "},
	policy.Equals: {ZH: "即 ", EN: "the same as "}, policy.Differs: {ZH: "不同于 ", EN: "other than "},
}

// label is the name that a side has for people; false where it has none.
func (s *Story) label(x condition.Side, list int) (string, bool) {
	fact := s.Fact(x.Slot)
	if of := s.listFact(list); of != nil && fact == nil {
		fact = of.ElementField(x.Source)
	}
	switch {
	case fact != nil || x.Slot >= 0:
		return s.Name(x, fact), true
	case x.Op == "len" || x.Op == "count":
		return s.number(x, list)
	}
	return "", false
}

// number is how the number of items of a list is called, where it has a name.
func (s *Story) number(x condition.Side, list int) (string, bool) {
	match, of := x.Op == "count", x.Of[0]
	for (of.Op == "filter" || of.Op == "map") && len(of.Of) > 0 {
		match, of = match || of.Op == "filter", of.Of[0]
	}
	name, named := s.label(of, list)
	if match {
		return s.Pick(name+"中符合的项数", "how many of "+name+" match"), named
	}
	return s.Pick(strings.TrimSuffix(name, "的")+"的项数", "the number of "+name), named // of a list called 按时的, there is one 的
}

// listFact is the list of facts that a list is, or whose records it holds.
func (s *Story) listFact(slot int) *checked.Fact {
	if f := s.Fact(slot); f != nil {
		return f
	}
	u := s.Run.Plan.Owner[slot]
	if u == nil {
		return nil
	}
	for _, o := range u.Outputs {
		if o.Slot != slot || o.Typ == nil || o.Typ.Elem == nil {
			continue
		}
		for _, f := range s.Run.Plan.Question.Layout.Placed {
			if f.Typ.Elem != nil && f.Typ.Elem == o.Typ.Elem {
				return f
			}
		}
		if _, maker := s.Run.MakerOf(o.Typ.Elem); maker != nil {
			return maker.Described()
		}
	}
	return nil
}

// how tells how a value came about: "7 × 998 = 6986 (rate × customers)", or the
// value alone where it was not computed. It notes that the step says so.
func (s *Story) how(x condition.Side, list int, show func(value.Value) string) string {
	if isPercent(x) {
		return x.Source
	}
	if text, ok := x.Value.AsPercent(); ok && !s.arithmetic(x) {
		return text
	}
	if !s.arithmetic(x) || !x.Value.IsKnown() {
		return show(x.Value)
	}
	s.computed(x, list)
	text := s.Formula(x, s.shown(list), 0)
	formula := text
	if x.Value.K != value.Ratio {
		text += " = " + show(x.Value)
	} else if exact, ok := decimal(x.Value); ok {
		text += " = " + exact
	}
	if called := s.Formula(x, s.called(list), 0); called != formula && s.names(x, list) {
		text += s.Pick("（", " (") + called + s.Pick("）", ")")
	}
	return text
}

// decimal is a ratio as an exact decimal; false where it has none with few
// places.
func decimal(v value.Value) (string, bool) {
	const most = 6
	n := new(big.Rat).SetFrac64(v.N, v.D)
	for places := range most {
		text := n.FloatString(places)
		if exact, ok := new(big.Rat).SetString(text); ok && exact.Cmp(n) == 0 {
			return text, true
		}
	}
	return "", false
}

// arithmetic reports whether a side is told by what it was computed from.
func (s *Story) arithmetic(x condition.Side) bool {
	if x.Op == "" || len(x.Of) == 0 {
		return false
	}
	_, told := functionWords[x.Op]
	return told || infix[x.Op] != "" || x.Op == "negate"
}

// names reports whether something in a computation has a name.
func (s *Story) names(x condition.Side, list int) bool {
	if !s.arithmetic(x) {
		_, named := s.label(x, list)
		return named
	}
	for _, y := range x.Of {
		if s.names(y, list) {
			return true
		}
	}
	return false
}

// few is how many values are told one by one.
const few = 8

// shown writes what was given as its value; lists, which may be long, by name, and
// those that have none by their values, if these are few and no records.
func (s *Story) shown(list int) func(condition.Side) string {
	return func(x condition.Side) string {
		if x.Value.K == value.List || x.Value.K == value.Record {
			if name, ok := s.label(x, list); ok {
				return name
			}
			if items := x.Value.L(); x.Value.K == value.List && len(items) <= few && !slices.ContainsFunc(items, func(v value.Value) bool { return v.K == value.Record || !v.IsKnown() }) {
				return s.Show(x.Value)
			}
			return x.Source
		}
		fact := s.Fact(x.Slot)
		if fact == nil {
			if isPercent(x) {
				return x.Source
			}
			if text, ok := x.Value.AsPercent(); ok {
				return text
			}
			return s.Show(x.Value)
		}
		return s.ShowAs(x.Value, fact.Typ)
	}
}

// isPercent reports whether a side is a percentage that stands in the rules file.
func isPercent(x condition.Side) bool {
	return x.Value.K == value.Ratio && x.Slot < 0 && strings.Trim(x.Source, "0123456789.") == "%"
}

// called writes what was given by its name, where it has one.
func (s *Story) called(list int) func(condition.Side) string {
	show := s.shown(list)
	return func(x condition.Side) string {
		if name, ok := s.label(x, list); ok {
			return name
		}
		return show(x)
	}
}

// infix are operators as people write them, and how tightly they bind.
var infix = map[string]string{"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}

var tightness = map[string]int{"+": 1, "-": 1, "*": 2, "/": 2}

// Formula writes a computation; least is how tightly it must bind to do
// without brackets.
func (s *Story) Formula(x condition.Side, leaf func(condition.Side) string, least int) string {
	if !s.arithmetic(x) {
		return leaf(x)
	}
	if op := infix[x.Op]; op != "" {
		binds := tightness[x.Op]
		parts := make([]string, len(x.Of))
		for i, y := range x.Of {
			parts[i] = s.Formula(y, leaf, binds+min(i, 1))
		}
		text := strings.Join(parts, op)
		if binds < least {
			return "(" + text + ")"
		}
		return text
	}
	if x.Op == "negate" {
		return "−" + s.Formula(x.Of[0], leaf, 3)
	}
	args := make([]any, len(x.Of))
	parts := make([]string, len(x.Of))
	words := functionWords[x.Op]
	within := 3
	if len(x.Of) == 1 || words.all != (policy.Text{}) && len(x.Of) != words.takes {
		within = 0
	}
	for i, y := range x.Of {
		parts[i] = s.Formula(y, leaf, within)
		if x.Op == "value_on" && i == 0 { // by its name, for it is told what it is on that day
			parts[i] = s.Name(y, nil)
		}
		args[i] = parts[i]
	}
	if words.all != (policy.Text{}) && len(x.Of) != words.takes {
		if len(parts) > few {
			parts = []string{diagnostic.Textf("%[1]d 个值", "%[2]s", len(parts), diagnostic.Counted(len(parts), "value", "values")).In(s.Lang)}
		}
		text := diagnostic.Textf(words.all.ZH, words.all.EN, strings.Join(parts, s.Pick("、", ", "))).In(s.Lang)
		if least > 0 {
			return "(" + text + ")"
		}
		return text
	}
	format := words.text
	n := words.counts
	if n > 0 && x.Of[n].Value.N < 0 && !s.arithmetic(x.Of[n]) {
		format.ZH = strings.Replace(format.ZH, "之后", "之前", 1)
		format.EN = strings.Replace(format.EN, "after", "before", 1)
		args[n] = s.Show(value.Int(-x.Of[n].Value.N))
	}
	if v := x.Of[n].Value.N; n > 0 && (v == 1 || v == -1) {
		format.EN = strings.Replace(format.EN, "days", "day", 1)
		format.EN = strings.Replace(format.EN, "months", "month", 1)
		format.EN = strings.Replace(format.EN, "years", "year", 1)
	}
	text := diagnostic.Textf(format.ZH, format.EN, args...).In(s.Lang)
	if least > 0 {
		return "(" + text + ")"
	}
	return text
}

// functionWord is how a function of the expression language is told.
type functionWord struct {
	takes  int         // so many arguments
	text   policy.Text // of them
	all    policy.Text // of any other number of them, listed
	counts int         // the argument that is a number of days, months or years
}

// functionWords are those that are told with what they were given. The others
// stand for their result.
var functionWords = func() map[string]functionWord {
	words := map[string]functionWord{}
	for _, f := range condition.Functions() {
		if f.Told != (policy.Text{}) || f.ToldAll != (policy.Text{}) {
			words[f.Name] = functionWord{takes: f.Takes, text: f.Told, all: f.ToldAll, counts: f.Counts}
		}
	}
	return words
}()
