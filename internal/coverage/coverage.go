// Package coverage tells what of a rulebook the example cases come to: which
// questions, verdicts, rules, rows of tables, articles and readings, and of each
// condition whether cases have seen it hold, not hold, and lie exactly at its
// boundary.
//
// What is covered has been looked at, not checked: whether a case would notice
// a change is what package mutate finds out.
package coverage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/sla"
)

// Kind is what is covered or not.
type Kind string

// The kinds of items.
const (
	Question  Kind = "question"   // asked
	Verdict   Kind = "verdict"    // a word of a question's verdict was reached
	Article   Kind = "article"    // cited
	Rule      Kind = "rule"       // applied
	Row       Kind = "row"        // a row of a table was picked
	Value     Kind = "expression" // an expression was evaluated at all
	Condition Kind = "condition"  // a comparison or fact was seen to hold, or not to
	Boundary  Kind = "boundary"   // both sides of a comparison by order were seen to be the same
	Reading   Kind = "reading"    // an option of a reading was chosen
)

// Kinds are all kinds, in the order in which they are reported.
func Kinds() []Kind {
	return []Kind{Question, Verdict, Article, Rule, Row, Value, Condition, Boundary, Reading}
}

// Label is the kind for people.
func (k Kind) Label() diagnostic.Text {
	switch k {
	case Question:
		return diagnostic.Text{ZH: "问题", EN: "questions"}
	case Verdict:
		return diagnostic.Text{ZH: "结论", EN: "verdicts"}
	case Article:
		return diagnostic.Text{ZH: "条款", EN: "articles"}
	case Rule:
		return diagnostic.Text{ZH: "规则", EN: "rules"}
	case Row:
		return diagnostic.Text{ZH: "表的行", EN: "rows of tables"}
	case Value:
		return diagnostic.Text{ZH: "表达式", EN: "expressions"}
	case Condition:
		return diagnostic.Text{ZH: "条件的两面", EN: "sides of conditions"}
	case Boundary:
		return diagnostic.Text{ZH: "正好在界限上", EN: "exactly at a boundary"}
	}
	return diagnostic.Text{ZH: "读法选项", EN: "options of readings"}
}

// Item is one thing that cases may come to.
type Item struct {
	Kind    Kind
	Name    string // the question, word, article, rule, condition, or reading=option
	Side    string // of a Condition: "yes" or "no"
	Article string // "" where it belongs to none
	Rule    string // its id, likewise
	Span    diagnostic.Span
	Cases   int    // how many come to it
	By      string // the first of them
	// TakenOver says that the rule has it from another one, in which it is written.
	TakenOver bool
	cell      bool // of a Boundary: it is the end of a range in a table
}

// Covered reports whether a case comes to it.
func (i *Item) Covered() bool { return i.Cases > 0 }

// Report is what cases come to, in the order of the file within each kind.
type Report struct {
	Items []*Item
	Cases int // how many there were
}

// Of is what is covered of a kind, and how much there is.
func (r *Report) Of(k Kind) (covered, all int) {
	for _, i := range r.Items {
		if i.Kind == k {
			all++
			if i.Covered() {
				covered++
			}
		}
	}
	return covered, all
}

// Missing are the items that no case comes to, in the order of the file.
func (r *Report) Missing() []*Item {
	var all []*Item
	for _, i := range r.Items {
		if !i.Covered() {
			all = append(all, i)
		}
	}
	return all
}

// Measure runs the cases and notes what they come to. Whether they pass does
// not matter. Cases of files that change the rules count for what has a name,
// and for no expression: it is another that they evaluate.
func Measure(ctx context.Context, book *rulebook.Book, files []*casefile.File) (*Report, error) {
	m := newMeter(run.Of(book).Book())
	report := &Report{}
	for _, f := range files {
		own := book
		if len(f.Changes) > 0 {
			var err error
			if own, err = casefile.Book(book, f); err != nil {
				continue // it is for test to say so
			}
		}
		for _, c := range f.Cases {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			report.Cases++
			m.ask(ctx, run.Of(own), c.Question, c.Facts, c, c.Name)
		}
	}
	report.Items = m.items()
	return report, nil
}

// meter counts.
type meter struct {
	book  *checked.Book
	named map[string]*Item // of what has a name, by kind and name
	order []*Item

	expressions map[*source.Node]*expression // by where they stand
	rows        map[*source.Node]*Item       // of tables
	by          string                       // the case that is asked
	fresh       int                          // items that it came to first
}

func newMeter(b *checked.Book) *meter {
	m := &meter{book: b, named: map[string]*Item{}, expressions: map[*source.Node]*expression{}, rows: map[*source.Node]*Item{}}
	reached := reachedRules(b)
	for _, q := range b.Questions {
		m.add(&Item{Kind: Question, Name: q.ID, Span: q.Span})
		if q.Verdict != nil && q.Question.Verdict.Words != nil {
			for _, w := range q.Question.Verdict.Words.Words {
				if w == string(sla.DeemedOnTime) && neverDeems(b, q) {
					continue
				}
				m.add(&Item{Kind: Verdict, Name: q.ID + "=" + w, Span: q.Span})
			}
		}
	}
	for _, r := range b.AllRules {
		if !reached[r.Unit()] {
			continue
		}
		if m.named[key(Article, r.Article.ID)] == nil {
			m.add(&Item{Kind: Article, Name: r.Article.ID, Article: r.Article.ID, Span: r.Article.Span})
		}
		m.add(&Item{Kind: Rule, Name: r.ID, Rule: r.ID, Article: r.Article.ID, Span: r.Rule.Span})
	}
	used := mentioned(b)
	for _, r := range b.Readings {
		if len(r.Options) < 2 && !r.Several || !used[r.Key] {
			continue // nothing can be chosen, or nothing comes of it
		}
		for _, o := range r.Options {
			m.add(&Item{Kind: Reading, Name: r.Key + "=" + o.Name, Article: r.Article, Span: r.Span})
		}
	}
	m.universe()
	return m
}

// neverDeems reports whether a verdict is the status of a clock of which no rule
// deems anything done. Files may compare that with the word all the same, so that
// it is among the words.
func neverDeems(b *checked.Book, q *checked.Question) bool {
	unit, output, _ := strings.Cut(q.Verdict.IsNode.Text, ".")
	clock := b.RulesByName[unit]
	return output == "status" && clock != nil && clock.Form.Name == "clock" &&
		!slices.ContainsFunc(b.AllRules, func(r *checked.Rule) bool { return r.Unit() == unit && r.Form.Name == "deeming" })
}

func key(k Kind, name string) string { return string(k) + " " + name }

func (m *meter) add(i *Item) {
	m.named[key(i.Kind, i.Name)] = i
	m.order = append(m.order, i)
}

// meet notes that the case came to something that has a name.
func (m *meter) meet(k Kind, name string) {
	if i := m.named[key(k, name)]; i != nil {
		m.count(i)
	}
}

func (m *meter) count(i *Item) {
	if i.Cases == 0 {
		i.By = m.by
		m.fresh++
	}
	i.Cases++
}

// answered notes what an answer says by itself.
func (m *meter) answered(a *policy.Answer) {
	m.meet(Question, a.Question)
	m.meet(Verdict, a.Question+"="+a.Verdict)
	for _, id := range a.Cites {
		m.meet(Article, id)
	}
	for _, id := range a.Rules {
		m.meet(Rule, id)
	}
	for _, r := range a.Readings {
		for option := range strings.SplitSeq(r.Option, ",") {
			name, _, _ := strings.Cut(option, ":")
			m.meet(Reading, r.Key+"="+strings.TrimSpace(name))
		}
	}
}

// items are all items, by kind and place.
func (m *meter) items() []*Item {
	all := slices.Clone(m.order)
	for _, x := range m.expressions {
		all = append(all, x.items()...)
	}
	rank := map[Kind]int{}
	for i, k := range Kinds() {
		rank[k] = i
	}
	slices.SortStableFunc(all, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), a.Span.Start.Compare(b.Span.Start), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Side, b.Side))
	})
	return all
}

// mentioned are all names in rules, questions and the choice of the calendar.
func mentioned(b *checked.Book) map[string]bool {
	all := checked.Mentions(b.CalendarNode)
	for _, r := range b.AllRules {
		maps.Copy(all, checked.MentionsOf(r))
	}
	for _, q := range b.Questions {
		for _, n := range q.Nodes() {
			maps.Copy(all, checked.Mentions(n))
		}
	}
	return all
}

// reachedRules are the units that some question evaluates: others are told by
// check, and no case could come to them.
func reachedRules(b *checked.Book) map[string]bool {
	reached := map[string]bool{}
	var follow func(name string)
	units := map[string][]*checked.Rule{}
	for _, r := range b.AllRules {
		units[r.Unit()] = append(units[r.Unit()], r)
		if r.Name != r.Unit() {
			units[r.Name] = append(units[r.Name], r)
		}
	}
	follow = func(name string) {
		for _, r := range units[name] {
			if !reached[r.Unit()] {
				reached[r.Unit()] = true
				for _, part := range units[r.Unit()] {
					for mentioned := range checked.MentionsOf(part) {
						follow(mentioned)
					}
				}
			}
		}
	}
	for _, q := range b.Questions {
		for _, name := range q.Question.Rules {
			follow(name)
		}
		for _, name := range q.Scope {
			follow(name)
		}
		for _, n := range q.Nodes() {
			for mentioned := range checked.Mentions(n) {
				follow(mentioned)
			}
		}
	}
	return reached
}
