// Package difference tells in words what one rules file says otherwise than
// another, which questions that can reach, and what it would have made of facts
// on record.
package difference

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/reach"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Kind is what a change is about.
type Kind string

// The kinds of changes, in the order in which they are told.
const (
	Reading   Kind = "reading"   // another option is chosen
	Limit     Kind = "limit"     // a length of time
	Amount    Kind = "amount"    // a number, amount or percentage
	Condition Kind = "condition" // an expression, or what rests on a choice
	Rule      Kind = "rule"      // a rule or article more or less
	Question  Kind = "question"  // what is asked and reported
	Fact      Kind = "fact"      // a fact or word list
	Other     Kind = "other"     // calendars, the head of the file, what must hold
	Wording   Kind = "wording"   // for people alone; decides nothing
)

// Kinds are all kinds, in the order in which they are told.
func Kinds() []Kind {
	return []Kind{Reading, Limit, Amount, Condition, Rule, Question, Fact, Other, Wording}
}

// Label is the kind for people.
func (k Kind) Label() diagnostic.Text {
	switch k {
	case Reading:
		return diagnostic.Text{ZH: "读法", EN: "Readings"}
	case Limit:
		return diagnostic.Text{ZH: "时限", EN: "Limits"}
	case Amount:
		return diagnostic.Text{ZH: "数值与金额", EN: "Numbers and amounts"}
	case Condition:
		return diagnostic.Text{ZH: "条件与算法", EN: "Conditions"}
	case Rule:
		return diagnostic.Text{ZH: "规则与条款", EN: "Rules and articles"}
	case Question:
		return diagnostic.Text{ZH: "问题", EN: "Questions"}
	case Fact:
		return diagnostic.Text{ZH: "事实与词表", EN: "Facts and words"}
	case Wording:
		return diagnostic.Text{ZH: "只是文字", EN: "Wording alone"}
	}
	return diagnostic.Text{ZH: "其他", EN: "Other"}
}

// Change is one thing that the new file says otherwise.
type Change struct {
	Kind    Kind
	Article string // its id; "" where it belongs to none
	Rule    string // its id, likewise
	Reading string // its key, likewise
	What    policy.Text
	Old     policy.Text // zero where there was none
	New     policy.Text // zero where there is none any more
	From    date.Date   // from which day on, where the file says so; else 0
	Span    diagnostic.Span
}

// Report is all that differs.
type Report struct {
	Old, New  *policy.Rulebook
	Changes   []*Change
	Questions []*Asked
}

// Sameness is what is known of the answers to a question.
type Sameness string

// What may be known.
const (
	CannotDiffer Sameness = "cannot_differ"       // nothing that it rests on was changed
	Differs      Sameness = "differs"             // there are facts that are answered differently
	NoneFound    Sameness = "no_difference_found" // in what was tried, which is no proof
	OnlyOld      Sameness = "only_old"            // the new book has no such question
	OnlyNew      Sameness = "only_new"
)

// Asked is a question, and whether its answers differ.
type Asked struct {
	ID       string
	Sameness Sameness
	Tried    int
	Witness  *probe.Witness
	Record   string // where nothing that was tried is answered differently: the first record that is
}

// Compare compares two books. The cases, of which there may be none, are facts
// to begin with; tries is how many fact sets are tried for each question that a
// change may reach.
func Compare(ctx context.Context, old, changed *rulebook.Book, files []*casefile.File, tries int) (*Report, error) {
	c := newComparison(run.Of(old).Book(), run.Of(changed).Book())
	c.readings()
	c.rules()
	c.rest()
	slices.SortStableFunc(c.changes, func(a, b *Change) int {
		return cmp.Compare(slices.Index(Kinds(), a.Kind), slices.Index(Kinds(), b.Kind))
	})
	r := &Report{Old: old.Rulebook(), New: changed.Rulebook(), Changes: c.changes}
	cases := casesOf(files)
	for n, id := range c.old.QuestionIDs() {
		q := &Asked{ID: id, Sameness: NoneFound}
		r.Questions = append(r.Questions, q)
		switch {
		case c.new.QuestionsByID[id] == nil:
			q.Sameness = OnlyOld
			continue
		case !c.touched(id):
			q.Sameness = CannotDiffer
			continue
		}
		if tries > 0 {
			q.Witness, q.Tried = probe.New(old, changed, id, cases[id], uint64(n)).SearchFor(ctx, tries, lacking)
		}
		if q.Witness != nil {
			q.Sameness = Differs
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	for _, id := range c.new.QuestionIDs() {
		if c.old.QuestionsByID[id] == nil {
			r.Questions = append(r.Questions, &Asked{ID: id, Sameness: OnlyNew})
		}
	}
	return r, nil
}

// lacking ranks witnesses: of which more facts are missing than before, which is
// so of all without a date once a value is chosen by date, tell least of a change.
func lacking(w *probe.Witness) int {
	if differenceIn(w.Differences, "missing_facts").New != "" {
		return 1
	}
	return 0
}

// casesOf are the cases of each question, but for those of files that change
// the rules.
func casesOf(files []*casefile.File) map[string][]*casefile.Case {
	cases := map[string][]*casefile.Case{}
	for _, f := range files {
		if len(f.Changes) == 0 {
			for _, x := range f.Cases {
				cases[x.Question] = append(cases[x.Question], x)
			}
		}
	}
	return cases
}

// comparison compares two books, part by part.
type comparison struct {
	old, new           *checked.Book
	oldRoot, newRoot   *source.Node
	oldReach, newReach *reach.Reach
	changes            []*Change
	settled            map[*source.Node]bool // nodes of both that have been compared
}

func newComparison(old, changed *checked.Book) *comparison {
	c := &comparison{old: old, new: changed, settled: map[*source.Node]bool{}}
	c.oldRoot, c.newRoot = old.Root, changed.Root
	c.oldReach, c.newReach = reach.Of(old, c.oldRoot), reach.Of(changed, c.newRoot)
	return c
}

func (c *comparison) add(x Change) { c.changes = append(c.changes, &x) }

// touched reports whether something that a question rests on differs in what
// it decides: its own node, its rules, readings, facts, and what all rest on.
func (c *comparison) touched(question string) bool {
	return c.restsOn(c.old, c.oldRoot, c.oldReach, question) != c.restsOn(c.new, c.newRoot, c.newReach, question)
}

func (c *comparison) restsOn(b *checked.Book, root *source.Node, r *reach.Reach, question string) string {
	var all strings.Builder
	for _, key := range []string{"rulebook", "calendars", "must", "words"} {
		all.WriteString(key + canonical(root.Get(key)) + "\n")
	}
	all.WriteString(canonical(root.Get("questions").Get(question)) + "\n")
	for _, rule := range b.AllRules {
		if slices.Contains(r.Questions(rule.Unit()), question) {
			all.WriteString(rule.ID + " " + rule.Article.ID + " " + rule.Form.Name + canonical(rule.Node) + "\n")
		}
	}
	for _, reading := range b.Readings {
		if slices.Contains(r.QuestionsOfReading(reading.Key), question) {
			all.WriteString(reading.Key + canonical(reading.Chosen) + strings.Join(reading.OptionNames(), ",") + "\n")
		}
	}
	for _, f := range b.QuestionsByID[question].Question.Facts {
		all.WriteString(f.Name + " " + canonical(root.Get("facts").Get(f.Fact.Name)) + "\n")
	}
	return all.String()
}

// canonical is what a node says, without wording, styles and places: two nodes
// that decide the same have the same.
func canonical(n *source.Node) string {
	if n == nil {
		return "-"
	}
	switch n.Kind {
	case source.Map:
		var b strings.Builder
		b.WriteString("{")
		for _, e := range n.Entries {
			if !checked.IsProse(e) {
				b.WriteString(strconv.Quote(e.Key.Text) + ":" + canonical(e.Value) + ",")
			}
		}
		return b.String() + "}"
	case source.Seq:
		var b strings.Builder
		b.WriteString("[")
		for _, item := range n.Items {
			b.WriteString(canonical(item) + ",")
		}
		return b.String() + "]"
	case source.Empty:
		return "~"
	}
	if n.Style != source.Plain && slices.Contains(plainOnly, n.Text) {
		return strconv.Quote(n.Text)
	}
	if q, err := source.ParseQuantity(n.Text); err == nil {
		return q.String() // 5个工作日 are 5 working days
	}
	return withoutZeros(strings.Join(strings.Fields(n.Text), " "))
}

// textOrAmount is a text in quotes, or an amount or a share with zeros at the end:
// 12.00 EUR, 1.50 GBP, 5.0%.
var textOrAmount = regexp.MustCompile(`"[^"]*"|'[^']*'|([0-9])(?:\.0+|(\.[0-9]*[1-9])0+)( ?[A-Z]{3}\b|%)`)

// withoutZeros writes amounts and shares without zeros at their end, which say
// nothing: 12.00 EUR are 12 EUR.
func withoutZeros(text string) string {
	return textOrAmount.ReplaceAllStringFunc(text, func(found string) string {
		if found[0] == '"' || found[0] == '\'' {
			return found
		}
		return textOrAmount.ReplaceAllString(found, "$1$2$3")
	})
}

// plainOnly are the texts that mean something without quotes alone: in quotes
// they are texts. All others mean the same in quotes.
var plainOnly = []string{"none", "parameter", "any", "null", "~", ""}

// wordingOf is what people read in a node, by path.
func wordingOf(n *source.Node, path string, into map[string]string) {
	if n == nil {
		return
	}
	for _, e := range n.Entries {
		at := path + "." + e.Key.Text
		if checked.IsProse(e) {
			into[at] = textOf(e.Value)
		} else {
			wordingOf(e.Value, at, into)
		}
	}
	for i, item := range n.Items {
		wordingOf(item, fmt.Sprintf("%s[%d]", path, i), into)
	}
}

// textOf is what is written for a node, on one line.
func textOf(n *source.Node) string {
	if n == nil {
		return ""
	}
	var parts []string
	switch n.Kind {
	case source.Map:
		for _, e := range n.Entries {
			if !checked.IsProse(e) || e.Value.Kind == source.Scalar {
				parts = append(parts, e.Key.Text+": "+textOf(e.Value))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case source.Seq:
		for _, item := range n.Items {
			parts = append(parts, textOf(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return strings.Join(strings.Fields(n.Text), " ")
}

// same is a text for both languages.
func same(text string) policy.Text { return policy.Text{ZH: text, EN: text} }
