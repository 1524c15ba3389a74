package policy

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
)

// editions are those of a rulebook under one set of readings, one for each
// question and each day on which something changes, found or made when they
// are first wanted. It is safe for concurrent use.
type editions struct {
	overrides map[string]Choice
	shared    *sharedEditions
	kept      [][]keptEdition // by question and boundary
	differing []atomic.Int32  // by question, whether editions differ: see differ
}

// differ reports whether the editions of a question give different answers, as
// find finds once.
func (e *editions) differ(q *checkedQuestion, find func() bool) bool {
	const same, different = 1, 2
	known := e.differing[q.index].Load()
	if known == 0 {
		known = same
		if find() {
			known = different
		}
		e.differing[q.index].Store(known)
	}
	return known == different
}

type keptEdition struct {
	once    sync.Once
	ready   atomic.Pointer[edition]
	refused *ReadingError // why there is none
}

func newEditions(shared *sharedEditions, overrides map[string]Choice) *editions {
	b := shared.book
	e := &editions{overrides: overrides, shared: shared, kept: make([][]keptEdition, len(b.Questions)), differing: make([]atomic.Int32, len(b.Questions))}
	all := make([]keptEdition, len(b.Questions)*len(b.boundaries))
	for i := range e.kept {
		e.kept[i], all = all[:len(b.boundaries)], all[len(b.boundaries):]
	}
	return e
}

// of is the edition that answers the question from the i-th boundary on.
// Choices that the rulebook was not checked under when it was loaded may not
// fit its rules: an argument, or several options together.
func (e *editions) of(q *checkedQuestion, i int) (*edition, error) {
	k := &e.kept[q.index][i]
	if ed := k.ready.Load(); ed != nil {
		return ed, nil
	}
	k.once.Do(func() {
		var ed *edition
		ed, k.refused = e.shared.of(q, i, e.overrides)
		k.ready.Store(ed)
	})
	if k.refused != nil {
		return nil, k.refused
	}
	return k.ready.Load(), nil
}

// sharedEditions are the editions of an engine and of those made from it by
// other readings. An edition serves all of them that agree on the readings that
// it rests on.
//
// That is sound because compiling is a function of the file, the question, the
// day and the choices it looks at, and looks at them through choiceOf alone,
// which notes each reading: two sets of readings that agree on those noted
// compile to the same.
type sharedEditions struct {
	book     *CheckedBook
	made     [][]madeEditions // by question and boundary
	compiled atomic.Int64     // how many were built

	mu     sync.Mutex
	fitted map[string]*ReadingError // whether choices fit all rules, by their text
}

type madeEditions struct {
	mu   sync.Mutex
	all  []madeEdition
	next int // the oldest, to be replaced next
}

// madeEdition is an edition with the choices that it rests on: of each reading
// that was looked at, the caller's, or none where the rulebook's own was taken.
type madeEdition struct {
	edition *edition
	choices map[string]Choice
	looked  map[string]bool
}

// maxVariants bounds the memory: of a question and boundary, so many editions
// are remembered, and maxFitted sets of choices.
const (
	maxVariants = 32
	maxFitted   = 256
)

func newSharedEditions(b *CheckedBook) *sharedEditions {
	s := &sharedEditions{book: b, made: make([][]madeEditions, len(b.Questions)), fitted: map[string]*ReadingError{}}
	for i := range s.made {
		s.made[i] = make([]madeEditions, len(b.boundaries))
	}
	return s
}

func (s *sharedEditions) of(q *checkedQuestion, i int, overrides map[string]Choice) (*edition, *ReadingError) {
	made := &s.made[q.index][i]
	made.mu.Lock()
	defer made.mu.Unlock()
	for _, m := range made.all {
		if m.under(overrides) {
			return m.edition, nil
		}
	}
	s.compiled.Add(1)
	looked := map[string]bool{}
	ed, refused := s.book.plan(q, selection{on: s.book.boundaries[i], overrides: overrides, looked: looked})
	if refused != nil {
		return nil, refused
	}
	m := madeEdition{ed, overrides, looked}
	if len(made.all) < maxVariants {
		made.all = append(made.all, m)
	} else {
		made.all[made.next] = m
		made.next = (made.next + 1) % maxVariants
	}
	return ed, nil
}

// under reports whether the edition is that under other choices, too.
func (m madeEdition) under(overrides map[string]Choice) bool {
	for key := range m.looked {
		was, other := m.choices[key], overrides[key] // none is the zero Choice, which nobody can choose
		if !was.Same(other) {
			return false
		}
	}
	return true
}

// fits tries the choices on every rule and question in every edition.
func (s *sharedEditions) fits(overrides map[string]Choice) *ReadingError {
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
	for _, day := range s.book.boundaries {
		if refused = s.book.fits(selection{on: day, overrides: overrides}); refused != nil {
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
func (b *CheckedBook) fits(s selection) *ReadingError {
	var found diagnostic.List
	ed := b.build(s, nil, &found)
	if !found.Failed() {
		for _, q := range b.Questions {
			ed.ask(q, &found)
		}
	}
	return s.refusal(found)
}

// refusal says that the rules cannot be read under the choices, where an error
// was found.
func (s selection) refusal(found diagnostic.List) *ReadingError {
	i := slices.IndexFunc(found, func(d diagnostic.Diagnostic) bool { return d.Severity == diagnostic.Error })
	if i < 0 {
		return nil
	}
	refused := &ReadingError{Message: found[i].Message, Remedy: found[i].Remedy}
	for i, key := range slices.Sorted(maps.Keys(s.overrides)) {
		if i > 0 {
			refused.Key, refused.Option = refused.Key+", ", refused.Option+", "
		}
		refused.Key, refused.Option = refused.Key+key, refused.Option+s.overrides[key].String()
	}
	return refused
}

// at is the index of the edition in force on a day.
func (b *CheckedBook) at(on date.Date) int {
	i := 0
	for k, d := range b.boundaries[1:] {
		if d <= on {
			i = k + 1
		}
	}
	return i
}

// plan compiles what a question reaches.
func (b *CheckedBook) plan(q *checkedQuestion, s selection) (*edition, *ReadingError) {
	var found diagnostic.List
	ed := b.newEdition(s, nil)
	ed.question, ed.stamp = q, Stamp{ID: b.ID, Edition: s.on.String(), SHA256: b.SHA256}
	ed.env, ed.base, ed.asOf = q.vars(b), q.layout.slots, q.layout.asOf
	ed.calendar = ed.ownCalendar(&found)
	ed.counting = calendarOf{ed.calendar}
	ed.units = ed.reached(q)
	ed.buildUnits(&found)
	if !found.Failed() {
		ed.asked = ed.ask(q, &found)
	}
	if refused := s.refusal(found); refused != nil {
		return nil, refused
	}
	ed.valuesAt = ed.base + len(ed.slots)
	ed.placeValues(ed.asked.values)
	ed.keepFacts()
	ed.keepOptions()
	for _, key := range slices.Sorted(maps.Keys(s.looked)) {
		ed.behind = append(ed.behind, UsedReading{key, ed.option(key)})
	}
	ed.conclusions, ed.idle = &memory{}, &sync.Pool{}
	for _, p := range ed.compiled {
		for _, d := range p.Divisions() {
			d.SetNumber(len(ed.divisions))
			ed.divisions = append(ed.divisions, d)
		}
	}
	ed.programs, ed.compiled, ed.env, ed.sel.looked = nil, nil, nil, nil // for building only
	return ed, nil
}

// keepFacts finds the facts that something reads: answers must keep them to be
// explained.
func (ed *edition) keepFacts() {
	read := make([]bool, ed.base)
	read[ed.asOf] = true
	for _, p := range ed.compiled {
		for _, slot := range p.Reads() {
			if slot < ed.base {
				read[slot] = true
			}
		}
	}
	for slot, is := range read {
		if is {
			ed.reads = append(ed.reads, slot)
		}
	}
	if p := ed.asked.governs; p != nil {
		ed.governedBy = p.Slots()
	}
}

// reached are the units that a question uses or is built on, in the order of
// the text. The others are not even compiled.
func (ed *edition) reached(q *checkedQuestion) []*unit {
	groups := ed.book.groups()
	byName := make(map[string]int, len(groups))
	for i, g := range groups {
		byName[g.name] = i
	}
	all := make([]*unit, len(groups))
	var take func(name string, evaluated bool)
	take = func(name string, _ bool) {
		i, ok := byName[name]
		if !ok || all[i] != nil {
			return
		}
		u := ed.newUnit(groups[i])
		all[i] = u
		for _, p := range u.parts {
			p.mentions(p.at, p.fields, take)
			ed.otherMentions(p, func(name string) { take(name, false) })
		}
	}
	for _, name := range q.Rules {
		take(name, true)
		all[byName[name]].listed = true
	}
	for _, name := range q.scope {
		take(name, true)
	}
	for _, n := range q.nodes() {
		var used []string
		if i := ed.book.resolve(n, ed.sel, nil, &used); i.kind == source.Scalar {
			for _, name := range references(i.text) {
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
