package plan

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Editions are those of a rulebook under one set of readings, one for each
// question and each day on which something changes, found or made when they
// are first wanted. It is safe for concurrent use.
type Editions struct {
	overrides map[string]policy.Choice
	Shared    *SharedEditions
	kept      [][]keptEdition // by question and boundary
	differing []atomic.Int32  // by question, whether editions differ: see differ

	earlier []earlierEditions // by the days on which more became known of calendars; see Known
}

type earlierEditions struct {
	once  sync.Once
	known *Editions
}

// Known are the editions as they were known before the i-th of the days on
// which more became known of calendars.
func (e *Editions) Known(i int) *Editions {
	then := &e.earlier[i]
	then.once.Do(func() { then.known = NewEditions(e.Shared.knownBefore(i), e.overrides) })
	return then.known
}

// Differ reports whether the editions of a question give different answers, as
// find finds once.
func (e *Editions) Differ(q *checked.Question, find func() bool) bool {
	const same, different = 1, 2
	known := e.differing[q.Index].Load()
	if known == 0 {
		known = same
		if find() {
			known = different
		}
		e.differing[q.Index].Store(known)
	}
	return known == different
}

type keptEdition struct {
	once    sync.Once
	ready   atomic.Pointer[form.Plan]
	refused *policy.ReadingError // why there is none
}

// NewEditions are the editions under some readings; none is made yet.
func NewEditions(shared *SharedEditions, overrides map[string]policy.Choice) *Editions {
	b := shared.Book
	e := &Editions{overrides: overrides, Shared: shared, kept: make([][]keptEdition, len(b.Questions)), differing: make([]atomic.Int32, len(b.Questions)),
		earlier: make([]earlierEditions, len(b.Announced))}
	all := make([]keptEdition, len(b.Questions)*len(b.Boundaries))
	for i := range e.kept {
		e.kept[i], all = all[:len(b.Boundaries)], all[len(b.Boundaries):]
	}
	return e
}

// Of is the edition that answers the question from the i-th boundary on.
// Choices that the rulebook was not checked under when it was loaded may not
// fit its rules: an argument, or several options together.
func (e *Editions) Of(q *checked.Question, i int) (*form.Plan, error) {
	k := &e.kept[q.Index][i]
	if plan := k.ready.Load(); plan != nil {
		return plan, nil
	}
	k.once.Do(func() {
		var plan *form.Plan
		plan, k.refused = e.Shared.of(q, i, e.overrides)
		k.ready.Store(plan)
	})
	if k.refused != nil {
		return nil, k.refused
	}
	return k.ready.Load(), nil
}

// SharedEditions are the editions of an engine and of those made from it by
// other readings. An edition serves all of them that agree on the readings that
// it rests on.
//
// That is sound because compiling is a function of the file, the question, the
// day and the choices it looks at, and looks at them through Book.ChoiceOf alone,
// which notes each reading: two sets of readings that agree on those noted
// compile to the same.
type SharedEditions struct {
	Book     *checked.Book
	made     [][]madeEditions // by question and boundary
	Compiled atomic.Int64     // how many were built

	mu      sync.Mutex
	fitted  map[string]*policy.ReadingError // whether choices fit all rules, by their text
	earlier []*SharedEditions               // by the days on which more became known of calendars; nil where nobody asked yet
}

// knownBefore are those of the rulebook as it was known before the i-th of the
// days on which more became known of calendars.
func (s *SharedEditions) knownBefore(i int) *SharedEditions {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.earlier[i] == nil {
		s.earlier[i] = NewSharedEditions(s.Book.KnownBefore(s.Book.Announced[i]))
	}
	return s.earlier[i]
}

type madeEditions struct {
	mu   sync.Mutex
	all  []madeEdition
	next int // the oldest, to be replaced next
}

// madeEdition is an edition with the choices that it rests on: of each reading
// that was looked at, the caller's, or none where the rulebook's own was taken.
type madeEdition struct {
	edition *form.Plan
	choices map[string]policy.Choice
	looked  map[string]bool
}

// maxVariants bounds the memory: of a question and boundary, so many editions
// are remembered, and maxFitted sets of choices.
const (
	maxVariants = 32
	maxFitted   = 256
)

// NewSharedEditions has no editions yet.
func NewSharedEditions(b *checked.Book) *SharedEditions {
	s := &SharedEditions{Book: b, made: make([][]madeEditions, len(b.Questions)), fitted: map[string]*policy.ReadingError{}, earlier: make([]*SharedEditions, len(b.Announced))}
	for i := range s.made {
		s.made[i] = make([]madeEditions, len(b.Boundaries))
	}
	return s
}

func (s *SharedEditions) of(q *checked.Question, i int, overrides map[string]policy.Choice) (*form.Plan, *policy.ReadingError) {
	made := &s.made[q.Index][i]
	made.mu.Lock()
	defer made.mu.Unlock()
	for _, m := range made.all {
		if m.under(overrides) {
			return m.edition, nil
		}
	}
	s.Compiled.Add(1)
	looked := map[string]bool{}
	plan, refused := planFor(s.Book, q, checked.Selection{On: s.Book.Boundaries[i], Overrides: overrides, Looked: looked}, nil)
	if refused != nil {
		return nil, refused
	}
	m := madeEdition{plan, overrides, looked}
	if len(made.all) < maxVariants {
		made.all = append(made.all, m)
	} else {
		made.all[made.next] = m
		made.next = (made.next + 1) % maxVariants
	}
	return plan, nil
}

// under reports whether the edition is that under other choices, too.
func (m madeEdition) under(overrides map[string]policy.Choice) bool {
	for key := range m.looked {
		was, other := m.choices[key], overrides[key] // none is the zero Choice, which nobody can choose
		if !was.Same(other) {
			return false
		}
	}
	return true
}

// Fits tries the choices on every rule and question in every edition.
func (s *SharedEditions) Fits(overrides map[string]policy.Choice) *policy.ReadingError {
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(overrides)) {
		text.WriteString(key + "=" + overrides[key].String() + "\n")
	}
	s.mu.Lock()
	refused, known := s.fitted[text.String()]
	s.mu.Unlock()
	if known {
		return refused
	}
	for _, day := range s.Book.Boundaries {
		if refused = fits(s.Book, checked.Selection{On: day, Overrides: overrides}); refused != nil {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fitted) >= maxFitted {
		clear(s.fitted)
	}
	s.fitted[text.String()] = refused
	return refused
}

// fits tries the choices on every rule and question.
func fits(b *checked.Book, s checked.Selection) *policy.ReadingError {
	var found diagnostic.List
	plan := Build(b, s, nil, &found)
	if !found.Failed() {
		for _, q := range b.Questions {
			CompileQuestion(plan, q, &found)
		}
	}
	return refusal(s, found)
}

// refusal says that the rules cannot be read under the choices, where an error
// was found.
func refusal(s checked.Selection, found diagnostic.List) *policy.ReadingError {
	i := slices.IndexFunc(found, func(d diagnostic.Diagnostic) bool { return d.Severity == diagnostic.Error })
	if i < 0 {
		return nil
	}
	refused := &policy.ReadingError{Message: found[i].Message, Remedy: found[i].Remedy}
	for i, key := range slices.Sorted(maps.Keys(s.Overrides)) {
		if i > 0 {
			refused.Key, refused.Option = refused.Key+", ", refused.Option+", "
		}
		refused.Key, refused.Option = refused.Key+key, refused.Option+s.Overrides[key].String()
	}
	return refused
}

// Watched is the plan of a question under a selection, of its own. While it is
// built, told learns of every program of a rule, with the field and the item
// that it is written in.
func Watched(b *checked.Book, q *checked.Question, s checked.Selection, told func(p *form.Part, field string, i *checked.Item, program *condition.Program)) (*form.Plan, error) {
	s.Looked = map[string]bool{}
	plan, refused := planFor(b, q, s, told)
	if refused != nil {
		return nil, refused
	}
	return plan, nil
}

// planFor compiles what a question reaches.
func planFor(b *checked.Book, q *checked.Question, s checked.Selection, told func(*form.Part, string, *checked.Item, *condition.Program)) (*form.Plan, *policy.ReadingError) {
	var found diagnostic.List
	plan := newEdition(b, s, nil)
	plan.OnCompile = told
	plan.Question, plan.Stamp = q, policy.Stamp{ID: b.ID, Edition: s.On.String(), SHA256: b.SHA256}
	plan.Env, plan.Base, plan.AsOf = q.Vars(b), q.Layout.Slots, q.Layout.AsOf
	plan.Calendar = OwnCalendar(plan, &found)
	plan.Counting = form.CalendarOf{C: plan.Calendar}
	plan.Units = reached(plan, q)
	buildUnits(plan, &found)
	if !found.Failed() {
		plan.Asked = CompileQuestion(plan, q, &found)
	}
	if refused := refusal(s, found); refused != nil {
		return nil, refused
	}
	if told != nil {
		// One that does not fit other options than those chosen says nothing of them.
		plan.Promises = CompilePromises(plan, q, plan.Asked, new(diagnostic.List))
	}
	plan.ValuesAt = plan.Base + len(plan.Slots)
	placeValues(plan, plan.Asked.Values)
	keepFacts(plan)
	keepOptions(plan)
	for _, key := range slices.Sorted(maps.Keys(s.Looked)) {
		plan.Behind = append(plan.Behind, policy.UsedReading{Key: key, Option: plan.Option(key)})
	}
	plan.Conclusions, plan.Idle = &form.Cache{}, &sync.Pool{}
	for _, p := range plan.Compiled {
		for _, d := range p.Divisions() {
			d.SetNumber(len(plan.Divisions))
			plan.Divisions = append(plan.Divisions, d)
		}
	}
	plan.Programs, plan.Compiled, plan.Env, plan.Sel.Looked = nil, nil, nil, nil // for building only
	return plan, nil
}

// keepFacts finds the facts that something reads: answers must keep them to be
// explained.
func keepFacts(plan *form.Plan) {
	read := make([]bool, plan.Base)
	read[plan.AsOf] = true
	for _, p := range plan.Compiled {
		for _, slot := range p.Reads() {
			if slot < plan.Base {
				read[slot] = true
			}
		}
	}
	for slot, is := range read {
		if is {
			plan.Reads = append(plan.Reads, slot)
		}
	}
	if p := plan.Asked.Governs; p != nil {
		plan.GovernedByAsking = slices.Contains(p.Slots(), plan.AsOf)
	}
}

// reached are the units that a question uses or is built on, in the order of
// the text. The others are not even compiled.
func reached(plan *form.Plan, q *checked.Question) []*form.Unit {
	groups := plan.Book.Groups()
	byName := make(map[string]int, len(groups))
	for i, g := range groups {
		byName[g.Name] = i
	}
	all := make([]*form.Unit, len(groups))
	var take func(name string, evaluated bool)
	take = func(name string, _ bool) {
		i, ok := byName[name]
		if !ok || all[i] != nil {
			return
		}
		u := NewUnit(plan, groups[i])
		all[i] = u
		for _, p := range u.Parts {
			mentions(p, p.Item, p.Fields, take)
			otherMentions(plan, p, func(name string) { take(name, false) })
		}
	}
	for _, name := range q.Rules {
		take(name, true)
		all[byName[name]].Listed = true
	}
	for _, name := range q.Scope {
		take(name, true)
	}
	for _, n := range q.Nodes() {
		var used []string
		if i := plan.Book.Resolve(n, plan.Sel, nil, &used); i.Kind == source.Scalar {
			for _, name := range checked.References(i.Text) {
				take(name, true)
			}
		}
	}
	units := all[:0]
	for _, u := range all {
		if u != nil {
			units = append(units, u)
		}
	}
	return units
}
