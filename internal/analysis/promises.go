package analysis

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// A State is what is known of a promise.
type State string

// States of a promise.
const (
	Proven   State = "proven"   // no facts break it
	Refuted  State = "refuted"  // some do, and the engine was asked with them
	Searched State = "searched" // none of those that were tried do, which proves nothing
)

// A PromiseResult is what was found out about a promise.
type PromiseResult struct {
	*checked.Promise
	State State
	// Facts are given to the question, and the answer breaks the promise; nil where
	// none were found. Of a promise about a rise, Risen are the same facts but for
	// the one that has risen.
	Facts, Risen json.RawMessage
	Shows        Shown  // what the answers say
	Edition      string // the first day of the edition in which they do
	// Reading and Option say under which other choice than the rulebook's own they
	// break it; "" where they do under that.
	Reading, Option string
	Tried           int // of a promise that is not proven, on how many fact sets or parts of such that meet its condition it was tried
	// LongestList is how long the lists were that were tried, where lists are all
	// that keeps the promise from being proven; else 0.
	LongestList int
	// Idle says that it promises nothing: in each edition, its condition holds on
	// no facts, as Unfulfilled says of some edition, or its value does not depend
	// on what rises, as Unturned does.
	Idle, Unfulfilled, Unturned bool
	Unmet                       bool // its condition holds on none of the facts that were tried, which are not all
	Readings                    int  // under how many other options of readings it was looked at
}

// Shown is what answers say that break a promise, as a person reads it.
type Shown struct {
	Values []ShownValue
	Rises  *ShownValue // of a promise about a rise, the fact that rises
}

// ShownValue is a value of an answer, or a fact, before and, of a promise about a
// rise, after it.
type ShownValue struct {
	Name         string // as expressions write it
	Label        policy.Text
	Value, After policy.Text
}

// Budgets of a promise: of evaluations on facts, in all that is finite; and in
// other orders, each from the start.
const (
	promiseInOrder  = 20_000
	promiseAnyhow   = 250
	promiseRestarts = 40
)

// Promises looks into what a rulebook promises of its answers, and nothing else.
// The error is the context's, or that a question is unknown.
func Promises(ctx context.Context, e *run.Engine, o Options) (*Report, error) {
	a, questions, err := begin(e, o)
	if err != nil {
		return nil, err
	}
	if err := a.promises(ctx, questions, o.AllReadings); err != nil {
		return nil, err
	}
	a.accept(nil)
	return &a.report, nil
}

// promises looks into those about some questions.
func (a *analysis) promises(ctx context.Context, questions []*checked.Question, allReadings bool) error {
	results := map[*checked.Promise]*PromiseResult{}
	for _, q := range questions {
		if len(a.book.PromisesOf(q)) == 0 {
			continue
		}
		for edition := range a.book.Boundaries {
			if err := a.promisesIn(ctx, q, edition, allReadings, results); err != nil {
				return err
			}
		}
	}
	for _, p := range a.book.Promises { // as they stand in the file
		if r := results[p]; r != nil {
			r.Unmet = r.Unmet && !r.Idle && r.State == Searched
			a.reportPromise(r)
			a.report.Promises = append(a.report.Promises, *r)
		}
	}
	return ctx.Err()
}

// promisesIn looks into the promises about a question in one edition.
func (a *analysis) promisesIn(ctx context.Context, q *checked.Question, edition int, allReadings bool, results map[*checked.Promise]*PromiseResult) error {
	s, err := newStudy(a.engine, q, edition, nil)
	if err != nil {
		return err
	}
	for _, p := range s.plan.Promises {
		r := results[p.Promise]
		if r == nil {
			r = &PromiseResult{Promise: p.Promise, State: Proven, Idle: true, Unmet: true}
			results[p.Promise] = r
		}
		met := a.look(ctx, s, p, r)
		switch x := s.promised(p); {
		case r.State == Refuted:
			r.Idle, r.Unmet = false, false
		case x.rises >= 0 && !x.turnsOnRise(): // whatever meets the condition
			r.Unturned = true
			r.Unmet = r.Unmet && p.When != nil && met == 0
		case met > 0:
			r.Idle, r.Unmet = false, false
		case r.Unmet || r.Idle:
			some, none := a.conditionMet(x)
			r.Unmet, r.Idle = r.Unmet && !some, r.Idle && none
			r.Unfulfilled = r.Unfulfilled || none
		}
	}
	if !allReadings {
		return ctx.Err()
	}
	for _, used := range s.plan.Behind {
		for _, choice := range otherChoices(s.book.ReadingsByKey[used.Key], used.Option) {
			other, err := newStudy(a.engine, q, edition, map[string]policy.Choice{used.Key: choice})
			if err != nil {
				continue // the choice does not fit the rules
			}
			for _, p := range other.plan.Promises {
				r := results[p.Promise]
				if r.Readings++; r.State == Refuted {
					continue
				}
				if a.look(ctx, other, p, r); r.State == Refuted {
					r.Reading, r.Option = used.Key, choice.String()
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return ctx.Err()
}

// otherChoices are the options of a reading beside the one that is used.
func otherChoices(r *checked.Reading, used string) []policy.Choice {
	var all []policy.Choice
	for i := range r.Options {
		choice := r.Options[i].Sample()
		if r.Several {
			choice = policy.Choice{Set: []string{r.Options[i].Name}}
		}
		if choice.String() != used {
			all = append(all, choice)
		}
	}
	return all
}

// look looks for facts that break a promise in one edition, and notes what comes
// of it: what holds of all editions is proven, and one in which it is broken
// refutes it. It returns on how many fact sets, or parts of such, the promise's
// condition was seen to hold; of a promise without one, 0.
func (a *analysis) look(ctx context.Context, s *study, p *form.CompiledPromise, r *PromiseResult) int {
	if r.State == Refuted || ctx.Err() != nil {
		return 0
	}
	x := s.promised(p)
	if x.kept() {
		return 0
	}
	broken, proof, tried := x.search()
	a.report.Evaluations += tried
	if p.When != nil {
		tried = x.met
	}
	switch {
	case broken != nil:
		r.State, r.Facts, r.Risen, r.Shows = Refuted, broken.facts, broken.risen, broken.shown
		r.Edition, r.LongestList = s.book.Boundaries[s.edition].String(), 0
	case proof != exact:
		if r.State == Proven {
			r.LongestList = longestTried
		}
		r.State = Searched
		r.Tried += tried
		if proof == sampled {
			r.LongestList = 0
		}
	}
	return x.met
}

// conditionMet reports whether some facts are found on which the condition of a
// promise holds; and whether it is shown that there are none.
func (a *analysis) conditionMet(x *promised) (some, none bool) {
	if x.promise.When == nil {
		return true, false
	}
	y := x.searching(false, promiseInOrder, nil)
	y.wants, y.accept = x.applies(), nil
	_, some = y.find()
	a.report.Evaluations += y.tried
	return some, !some && y.proof() == exact
}

// broken are facts on which the engine's answers break a promise.
type broken struct {
	facts, risen json.RawMessage
	shown        Shown
}

// promised is a promise that is looked into.
type promised struct {
	*study
	promise  *form.CompiledPromise
	units    []*form.Unit // that it depends on
	classes  *classes
	rises    int                 // the slot of the fact that rises, -1 for none
	moved    map[*form.Unit]bool // that depend on it
	found    *broken
	atWill   bool           // what forms compute is chosen at will, so that what is met may be on no facts
	met      int            // on how many fact sets, or parts of such, the condition held
	position map[string]int // of words, by the order of the promise
}

func (s *study) promised(p *form.CompiledPromise) *promised {
	x := &promised{study: s, promise: p, rises: p.RisesAt}
	programs := programsOf(p)
	slots := slotsOf(programs...)
	for _, v := range p.Answer {
		slots = append(slots, slotsOf(append(slices.Clone(v.Exists), v.Is)...)...)
	}
	x.units = s.closure(slots, s.plan.Asked.Scope...)
	x.classes = s.classesOf(x.units, programs)
	for _, v := range p.Answer {
		x.classes.learn(v.Is, v.Slot)
		for _, exists := range v.Exists {
			x.classes.learn(exists, -1)
		}
	}
	if p.AsRises != nil {
		x.classes.at(slotPlace(x.rises)).members++ // it is there twice
		x.moved = x.dependents(x.rises)
	}
	x.classes.computing = slices.ContainsFunc(x.units, x.classes.computes)
	x.position = map[string]int{}
	for i, word := range x.order() {
		x.position[word] = i
	}
	return x
}

// search looks for facts that break the promise: in order, which proves that there
// are none where all that matters is finite; then with what forms compute chosen at
// will, which proves it where none of their results breaks it; and where neither
// decides, from the start in many orders.
func (x *promised) search() (*broken, coverage, int) {
	tried, proof := 0, sampled
	pass := func(open bool, limit int, random *rand.Rand) bool {
		y := x.searching(open, limit, random)
		found := false
		if x.rises < 0 {
			_, found = y.find()
		} else {
			found = y.findPair(x)
		}
		tried += y.tried
		if random == nil && !found {
			proof = min(proof, y.proof())
		}
		return x.found != nil || proof == exact
	}
	if pass(false, triedInOrder, nil) || pass(true, promiseInOrder, nil) || pass(false, promiseInOrder, nil) {
		return x.found, proof, tried
	}
	for seed := range uint64(promiseRestarts) {
		if pass(false, promiseAnyhow, rand.New(rand.NewPCG(seed, 2))) {
			break
		}
	}
	return x.found, proof, tried
}

// searching is a search for facts that break the promise; where it is open, what
// forms compute is chosen at will, and facts that seem to break it prove nothing.
func (x *promised) searching(open bool, limit int, random *rand.Rand) *search {
	y := &search{classes: x.classes, units: x.units, limit: limit, random: random, settles: true}
	x.atWill = open
	if open {
		y.open = map[*form.Unit]bool{}
		for _, u := range x.units {
			y.open[u] = x.classes.computes(u)
		}
	}
	y.wants = x.applies()
	if x.rises < 0 {
		y.wants = x.applies(x.holds(x.promise.Then, false))
		y.accept = func(t trial) bool { return open || x.confirm(t) }
	}
	return y
}

// applies wants the promise to be about the facts, and more. The condition of the
// promise comes first, whose facts decide most of it.
func (x *promised) applies(more ...want) []want {
	var all []want
	if x.promise.When != nil {
		holds := x.holds(x.promise.When, true)
		all = append(all, func(r *form.Run) (answer, []value.Need) {
			a, needs := holds(r)
			if a == yes && !x.atWill {
				x.met++
			}
			return a, needs
		})
	}
	return append(append(append(all, more...), x.inScope()...), x.inEdition)
}

// inEdition wants the facts to say which edition answers, and that to be the one
// that is looked at.
func (x *promised) inEdition(r *form.Run) (answer, []value.Need) {
	if len(x.book.Boundaries) == 1 && x.book.To == 0 && x.plan.Asked.Governs == nil {
		return yes, nil
	}
	day, needs, ok := r.Facts()[x.q.Layout.AsOf], []value.Need{{Slot: x.q.Layout.AsOf, Index: -1, Field: -1}}, true
	if p := x.plan.Asked.Governs; p != nil {
		day, needs, ok = evaluated(r, p)
	}
	switch {
	case !ok, day.IsNone():
		return no, nil
	case day.IsUnknown():
		return open, needs
	}
	edition, picked := x.engine.Picks(day)
	return answerOf(picked && edition == x.edition), nil
}

// reportPromise reports a promise that is broken, or that promises nothing.
func (a *analysis) reportPromise(r *PromiseResult) {
	f := Finding{Question: r.Question, Article: r.Article, Edition: r.Edition}
	f.Severity, f.Span = diagnostic.Warning, r.KeyNode.Span
	switch {
	case r.State == Refuted:
		f.Severity, f.Code = diagnostic.Error, checked.CodePromiseBroken
		f.Message = diagnostic.Textf("承诺“%[1]s”不成立：%[3]s", "the promise %[2]q does not hold: %[4]s", r.Label.ZH, r.Label.EN, r.Shows.In("zh"), r.Shows.In("en"))
		f.Remedy = diagnostic.Textf("改正规则；承诺本身写错的，改正承诺", "correct the rules; where the promise is not what was meant, correct it")
		f.Facts, f.Risen = r.Facts, r.Risen
		if r.Reading != "" {
			f.Message.ZH += "（读法 " + r.Reading + " 选 " + r.Option + " 时）"
			f.Message.EN += " (where the reading " + r.Reading + " is " + r.Option + ")"
		}
	case r.Idle:
		f.Code = checked.CodePromiseIdle
		f.Message, f.Remedy = r.whyIdle()
	case r.Unmet:
		f.Code = checked.CodePromiseIdle
		f.Message = diagnostic.Textf("试过的事实里，没有一组符合承诺“%[1]s”的条件，等于什么都没有查", "none of the facts that were tried fulfil the condition of the promise %[2]q, so that nothing was looked into", r.Label.ZH, r.Label.EN)
		f.Remedy = diagnostic.Textf("看 when 有没有自相矛盾，或把它放宽", "see whether when contradicts itself, or have it ask for less")
	default:
		return
	}
	a.add(f)
}

// whyIdle says why a promise promises nothing, and what to do about it.
func (r *PromiseResult) whyIdle() (message, remedy policy.Text) {
	if !r.Unturned {
		return diagnostic.Textf("承诺“%[1]s”的条件没有事实能成立，等于什么都没有承诺", "no facts fulfil the condition of the promise %[2]q, which promises nothing", r.Label.ZH, r.Label.EN),
			diagnostic.Textf("改正 when", "correct when")
	}
	key := r.Never.Key().Text // never_falls or never_rises
	if !r.Unfulfilled {
		return diagnostic.Textf("承诺“%[1]s”里，%[3]s 增大不影响 %[4]s，等于什么都没有承诺", "in the promise %[2]q, %[4]s does not depend on %[3]s, and nothing is promised", r.Label.ZH, r.Label.EN, r.AsRises.Text, r.Never.Text),
			diagnostic.Textf("改正 as_rises 或 %s", "correct as_rises or %s", key)
	}
	return diagnostic.Textf("承诺“%[1]s”里，有的版本 %[3]s 增大不影响 %[4]s，其余版本没有事实符合条件，等于什么都没有承诺", "in the promise %[2]q, %[4]s does not depend on %[3]s in some editions, and no facts fulfil the condition in the others: nothing is promised", r.Label.ZH, r.Label.EN, r.AsRises.Text, r.Never.Text),
		diagnostic.Textf("改正 as_rises、%[1]s 或 when", "correct as_rises, %[1]s or when", key)
}

// In is what answers say that break a promise, in a language.
func (s Shown) In(lang string) string {
	told := func(v ShownValue) string {
		name := v.Label.In(lang) + diagnostic.Textf("（%[1]s）", " (%[1]s)", v.Name).In(lang) + " "
		if v.Label.IsZero() {
			name = v.Name + " "
		}
		if s.Rises == nil {
			return name + "= " + v.Value.In(lang)
		}
		return name + v.Value.In(lang) + " → " + v.After.In(lang)
	}
	var parts []string
	if s.Rises != nil {
		parts = append(parts, told(*s.Rises))
	}
	for _, v := range s.Values {
		parts = append(parts, told(v))
	}
	return strings.Join(parts, diagnostic.Text{ZH: "，", EN: ", "}.In(lang))
}
