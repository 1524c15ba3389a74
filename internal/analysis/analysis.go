package analysis

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Options say what is looked at.
type Options struct {
	// Questions are the ids of those that are looked at; all, if there are none.
	Questions []string
	// AllReadings has promises looked into under the other options of readings as
	// well, one at a time.
	AllReadings bool
	NoPromises  bool // promises are not looked into
}

// analysis is the work on one report.
type analysis struct {
	engine *run.Engine
	book   *checked.Book
	report Report
	never  map[statement]*fate // of conditions, over all questions and editions
	order  []statement
	seen   map[string]bool // findings that were reported, by what they are about
}

// Analyse finds what can be said of all answers of a rulebook. The error is the
// context's, or that a question is unknown.
func Analyse(ctx context.Context, e *run.Engine, o Options) (*Report, error) {
	a, questions, err := begin(e, o)
	if err != nil {
		return nil, err
	}
	for _, q := range questions {
		for edition := range a.book.Boundaries {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s, err := newStudy(e, q, edition, nil)
			if err != nil {
				return nil, err
			}
			if !a.applies(s) {
				a.scopeClaims(s) // nothing else can be said
				continue
			}
			a.verdict(s, a.groups(s))
			a.conditions(s)
		}
	}
	a.fates(ctx)
	if !o.NoPromises {
		if err := a.promises(ctx, questions, o.AllReadings); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var lookedFor []string // of all that there is
	if len(o.Questions) == 0 {
		lookedFor = slices.DeleteFunc(slices.Clone(checked.AnalysisCodes), func(code string) bool { return o.NoPromises && aboutPromise(code) })
	}
	a.accept(lookedFor)
	slices.SortStableFunc(a.report.Findings, func(x, y Finding) int {
		return cmp.Or(x.Span.Start.Compare(y.Span.Start), cmp.Compare(x.Code, y.Code), cmp.Compare(x.About, y.About))
	})
	return &a.report, nil
}

// begin prepares the work on a report about some questions.
func begin(e *run.Engine, o Options) (*analysis, []*checked.Question, error) {
	a := &analysis{engine: e, book: e.Book(), never: map[statement]*fate{}, seen: map[string]bool{}}
	a.report.LongestList = longestTried
	if len(o.Questions) == 0 {
		return a, a.book.Questions, nil
	}
	var questions []*checked.Question
	for _, id := range o.Questions {
		q, err := checked.QuestionOf(a.book, id)
		if err != nil {
			return nil, nil, err
		}
		questions = append(questions, q)
	}
	return a, questions, nil
}

// applies reports whether some facts may have the question apply in the edition.
func (a *analysis) applies(s *study) bool {
	units := s.closure(nil, s.plan.Asked.Scope...)
	found, proof := a.find(s.classesOf(units, nil), units, s.inScope(), nil)
	return found != nil || proof != exact
}

// How many evaluations a claim is worth: first in order, so that what is finite is
// gone through; then from the start in other orders, so that no early choice
// keeps the search away from what there is.
const (
	triedInOrder = 6_000
	triedAnyhow  = 1_500
	otherOrders  = 6
)

// find searches for facts on which all wants are so and that accept takes. Where it
// finds none, the proof is of which facts that is so: exact, of all.
func (a *analysis) find(c *classes, units []*form.Unit, wants []want, accept func(trial) bool) (found *trial, proof coverage) {
	a.report.Claims++
	x := &search{classes: c, units: units, wants: wants, accept: accept, limit: triedInOrder}
	t, ok := x.find()
	a.report.Evaluations += x.tried
	if !ok && x.gaveUp {
		for seed := range uint64(otherOrders) {
			y := &search{classes: c, units: units, wants: wants, accept: accept, limit: triedAnyhow, random: rand.New(rand.NewPCG(seed, 1))}
			t, ok = y.find()
			a.report.Evaluations += y.tried
			if ok {
				break
			}
		}
	}
	switch {
	case ok:
		a.report.Found++
		return &t, exact
	case x.proof() == exact:
		a.report.Proven++
	default:
		a.report.Open++
	}
	return nil, x.proof()
}

// add reports a finding once.
func (a *analysis) add(f Finding) {
	key := f.Code + " " + f.Span.String() + " " + f.About // the same in several questions and editions
	if a.seen[key] {
		return
	}
	a.seen[key] = true
	a.report.Findings = append(a.report.Findings, f)
}

// about fills in which rule a finding is about.
func (f Finding) about(s *study, r *checked.Rule, n *source.Node) Finding {
	f.Question, f.Edition = s.q.ID, s.book.Boundaries[s.edition].String()
	f.Rule, f.Article = r.ID, r.Article.ID
	f.Span = r.KeyNode.Span
	if n != nil {
		f.Span = n.Span
		if n.Span.Start.Line != n.Span.End.Line {
			f.Span.End = n.Span.Start
			f.Span.End.Column++
		}
	}
	return f
}

// called is the name of a rule with its label.
func called(r *checked.Rule) policy.Text {
	return policy.Text{ZH: r.Label.ZH + "（" + r.Name + "）", EN: r.Label.EN + " (" + r.Name + ")"}
}
