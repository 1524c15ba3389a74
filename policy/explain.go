package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Explain is the explanation in a language: one line a step, with its article
// and the readings used, then what is missing and what a person must decide.
// The engine's sentences are Chinese where that is asked for, else English;
// labels are in the language that is asked for, or the first of the rulebook.
func (a *Answer) Explain(lang string) string { return strings.Join(a.lines(lang)[0], "\n") }

// usualLanguages are those of an answer that came from no rulebook.
var usualLanguages = []string{"zh", "en"}

// Languages are those of the rulebook: of the answer's labels, and of the
// explanation in its JSON.
func (a *Answer) Languages() []string {
	if a.from == nil {
		return slices.Clone(usualLanguages)
	}
	return slices.Clone(a.from.Languages())
}

// languages is Languages for who only reads them.
func (a *Answer) languages() []string {
	if a.from == nil {
		return usualLanguages
	}
	return a.from.Languages()
}

// lines are the explanation in each of the languages.
func (a *Answer) lines(langs ...string) [][]string {
	var told [][]string
	if a.from != nil {
		told = a.from.Explain(langs...)
	} else {
		told = make([][]string, len(langs))
	}
	for i, lang := range langs {
		told[i] = append(told[i], a.remarks(lang)...)
	}
	return told
}

// remarks are what is said about the answer as a whole.
func (a *Answer) remarks(lang string) []string {
	pick := func(zh, en string) string { return Text{ZH: zh, EN: en}.In(lang) }
	var all []string
	if a.Error != nil {
		why := a.Failure()
		all = append(all, why.Message.In(lang))
		if why.Remedy != (Text{}) {
			all = append(all, why.Remedy.In(lang))
		}
	}
	for _, m := range a.MissingFacts {
		fact, by := m.Fact, m.NeededBy
		if a.from != nil {
			by = a.from.LabelOfRule(by).In(lang)
			if label := a.from.LabelOfFact(m.Fact).In(lang); label != m.Fact {
				fact = fmt.Sprintf(pick("%s（%s）", "%s (%s)"), label, m.Fact)
			}
		}
		all = append(all, fmt.Sprintf(pick("缺少事实：%s，用于：%s", "missing fact: %s, needed by: %s"), fact, by))
	}
	if a.from != nil {
		for _, text := range a.from.Undefined() {
			all = append(all, text.In(lang))
		}
	}
	for _, d := range a.Decisions {
		all = append(all, pick("须由人决定：", "a person must decide: ")+d.Label.In(lang))
	}
	return all
}

// Step is one step of an explanation.
type Step struct {
	Article  string // its id, "" for a closing remark
	Rule     string // id, likewise
	Text     string
	Readings []UsedReading
	Claims   []Claim  // what it states of numbers, times and words, as data
	Uses     []string // ids of the rules that it rests on, of those that have a step of their own
}

// Detail is what one rule did, as data rather than prose: what a program needs
// that draws a deadline or a ladder. Of is the form's own type, such as
// sla.Timeline, penalty.Climb or kpi.Gauge; whoever does not know a type
// leaves it out.
type Detail struct {
	// Rule is a copy, with an Article that lists no Rules and a Form of its name,
	// section and wording alone; [Rulebook.Rule] has the whole.
	Rule *Rule
	Of   any
}

// Details tells what the rules behind the answer did, in the order of the
// explanation. They are found out when asked for, so that deciding does not
// pay for them. An answer with an Error has none, nor one to a question that
// does not apply or may not apply.
func (a *Answer) Details() []Detail {
	if a.from == nil {
		return nil
	}
	return a.from.Details()
}

// Claim is one thing that a step of an explanation states of numbers, times or
// words, as data: that Left stands in a relation to Right. It holds; whatever a
// condition asked for, a claim says what is so.
type Claim struct {
	Left     Term
	Relation Relation
	Right    Term
	Decides  bool // the rule would come out otherwise if it did not hold
}

// Relation is how two terms of a claim compare.
type Relation string

// The values of Relation. Numbers compare by size, moments, dates, months and
// lengths of time by order; words and names are equal or not.
const (
	Equals  Relation = "=="
	Differs Relation = "!="
	Less    Relation = "<"
	AtMost  Relation = "<="
	More    Relation = ">"
	AtLeast Relation = ">="
)

// Term is a value that a claim names, and how it was computed.
type Term struct {
	// Value is the value as the JSON of answers writes it: 20, "4/4003" or
	// "2025-06-20", without the quotes.
	Value string
	// Op is how it was computed from Of: + - * /, "negate", or the name of a
	// function of the expression language; empty where it was given.
	Op string
	Of []Term
	// Name is the label of the fact or rule that gave it; blank for a value
	// that was computed on the way, or stands in the rules file.
	Name Text
}
