package policy

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// pattern is what all facts with the same key have in common in an edition:
// words, yes and no, and which of the others are known. Units and figures that
// read nothing else are settled once for all of them; the others are live, and
// evaluated for every decision.
//
// That is sound because a unit is a function of what it reads: up to the first
// read of something live, two evaluations with the same key go the same way.
// So one that read nothing live never will. It asks of forms that they read
// facts through programs and Run.AsOf alone.
type pattern struct {
	ed      *edition
	values  []value.Value  // of the edition's memo
	results []value.Result // likewise
	slots   []uint16       // by slot, which of values is settled; of live ones, type and state
	fixed   []int32        // slots that are set before facts are evaluated: settled ones that live ones read, and numbers
	marks   []outcome      // of what is settled
	needs   []value.Need   // likewise, as in Run.Needs
	scope   outcome        // unless scopeLive
	verdict value.Value    // unless verdictLive

	settled     []uint16 // what programs of live units come to; see value.Frame
	chosen      []uint16 // of alternatives
	units       []*unit  // live
	figures     []*figure
	scopeLive   bool
	verdictLive bool
	conclusion  *conclusion // where nothing is live
	tells       []span      // what conclusions differ by: the marks of live units
	conclusions *table[conclusion]

	whole    bool    // nothing is settled
	kept     []kept  // what answers keep: facts that are not settled, then live figures
	facts    int     // how many of kept are facts
	nums     int     // numbers that answers keep, the states of kept first
	refs     int     // and texts and lists
	figureAt []int32 // by figure, its place in kept; -1 where it is settled
}

// span is a part of marks.
type span struct{ from, to int }

// spansOf are where something is so.
func spansOf(is []bool) []span {
	var all []span
	for i, so := range is {
		switch n := len(all); {
		case !so:
		case n > 0 && all[n-1].to == i:
			all[n-1].to++
		default:
			all = append(all, span{i, i + 1})
		}
	}
	return all
}

// maxPatterns and maxKeys bound the memory of an edition; facts of further
// patterns are evaluated as a whole.
const (
	maxPatterns = 1024
	maxKeys     = 8 * maxPatterns
)

// sightings remembers which patterns were met before, by their hashes, so that
// none is made for facts that come once. A hash may push out another one.
type sightings [1 << 12]atomic.Uint32

// again notes a sighting, and reports whether it is not the first.
func (s *sightings) again(hash uint64) bool {
	at, tag := &s[hash%uint64(len(s))], uint32(hash>>32)|1
	if at.Load() == tag {
		return true
	}
	at.Store(tag)
	return false
}

// newWhole is the pattern of all facts, in which nothing is settled.
func (ed *edition) newWhole() *pattern {
	asked := ed.asked
	p := &pattern{
		ed: ed, whole: true, marks: make([]outcome, ed.marks),
		units: asked.units, figures: asked.values, scopeLive: true, verdictLive: true, figureAt: make([]int32, len(ed.figureSlots)),
	}
	p.tells = []span{{0, ed.marks}}
	p.conclusions = newTable[conclusion](maxConclusions)
	for _, slot := range ed.reads {
		p.keep(slot, ed.question.layout.traits[slot].kept())
	}
	p.facts = len(p.kept)
	for i, slot := range ed.figureSlots {
		p.figureAt[i] = int32(len(p.kept))
		p.keep(slot, keptFigure(ed.figureKinds[i]))
	}
	p.house()
	return p
}

// scratch is what decisions are computed in. Answers keep nothing of it, so
// that it serves one decision after the other.
type scratch struct {
	run    Run
	key    []byte // room for the key of a conclusion
	liable [4]Liable
}

// scratch lends one, to be left.
func (ed *edition) scratch() *scratch {
	if s, ok := ed.idle.Get().(*scratch); ok {
		return s
	}
	s := &scratch{}
	s.run = Run{ed: ed, marks: make([]outcome, ed.marks)}
	s.run.Slots = make([]value.Value, ed.base+len(ed.slots))
	s.run.Frame.Zone, s.run.Calendar = ed.book.Zone, ed.counting
	s.run.ElemSlot, s.run.ElemAt = -1, -1
	s.run.Frame.Marks = s.run.marks
	return s
}

func (s *scratch) leave() { s.run.ed.idle.Put(s) }

// begin prepares it for facts of a pattern: what is settled is there, and
// nothing else was found.
func (s *scratch) begin(p *pattern) {
	r := &s.run
	if r.of != p {
		r.of, r.Settled, r.Results = p, p.settled, p.results
		for _, slot := range p.fixed {
			r.Slots[slot] = p.values[p.slots[slot]]
		}
		r.Needs = append(r.Needs[:0], p.needs...)
	}
	r.Needs = r.Needs[:len(p.needs)]
	copy(r.marks, p.marks)
	r.liable, r.Err, r.failed, r.Broken = s.liable[:0], nil, r.failed[:0], r.Broken[:0]
}

// fill puts the facts into their slots that are not settled.
func (s *scratch) fill(k *sketch) {
	p, slots := s.run.of, s.run.Slots
	if p.whole {
		k.expand(slots)
		clear(slots[p.ed.base:])
		return
	}
	for i := range p.kept[:p.facts] {
		switch x := &p.kept[i]; x.how {
		case asNumber:
			slots[x.slot].N = k.nums[x.slot]
		default:
			slots[x.slot] = k.ref(int(x.slot))
		}
	}
}

// take is a scratch with the facts of a sketch in it.
func (ed *edition) take(p *pattern, k *sketch) *scratch {
	s := ed.scratch()
	s.begin(p)
	s.fill(k)
	return s
}

// value is what is settled in a slot.
func (p *pattern) value(slot int) value.Value { return p.values[p.slots[slot]] }

// restore puts what is settled into slots that nothing live reads, for whoever
// looks at more than that.
func (r *Run) restore() {
	if r.of.whole {
		return
	}
	live := make([]bool, len(r.Slots))
	for _, x := range r.of.kept[:r.of.facts] {
		live[x.slot] = true
	}
	for _, u := range r.of.units {
		for _, o := range u.outputs {
			live[o.slot] = true
		}
		for _, slot := range u.locals {
			live[slot] = true
		}
	}
	for slot := range r.Slots[:r.ed.figuresAt] {
		if !live[slot] {
			r.Slots[slot] = r.of.value(slot)
		}
	}
}

// patternOf is the pattern of the facts: the whole one where theirs is not
// known.
func (ed *edition) patternOf(k *sketch) *pattern {
	key := ed.keyOf(k)
	hash := ed.keys.hash(key)
	p := ed.keys.find(key, hash)
	switch {
	case p != nil:
		return p
	case ed.keys.full() || ed.patterns.full() || !ed.sightings.again(hash):
		return ed.whole
	}
	p = ed.settle(k, key)
	ed.keys.add(key, hash, p)
	return p
}

// settling is how a pattern is made: facts of it are evaluated as a whole, and
// what reads something live is live itself.
type settling struct {
	*pattern
	sketch *sketch
	key    []byte
	run    *Run
	live   []bool        // by slot
	hot    bool          // something live was read
	reads  []bool        // by slot of a fact: whether it was, or may be, read
	shown  []figureSlot  // live figures
	at     map[int]int32 // where in kept the figure in a slot is
}

type figureSlot struct{ figure, slot int }

// settle makes the pattern of facts: the whole one where they cannot be
// evaluated. Keys that differ in nothing that is read share one.
func (ed *edition) settle(k *sketch, key []byte) *pattern {
	s := ed.take(ed.whole, k)
	defer s.leave()
	p := &pattern{ed: ed, figureAt: make([]int32, len(ed.figureSlots))}
	w := &settling{
		pattern: p, sketch: k, key: key, run: &s.run, live: make([]bool, len(s.run.Slots)), reads: make([]bool, ed.base), at: map[int]int32{},
	}
	for _, slot := range ed.reads { // live are those known whose value the key does not tell
		how := k.layout.traits[slot].how
		w.live[slot] = key[slot] == codeKnown && (how == inNumber || how == inRef)
	}
	s.run.Watch = w.read
	w.evaluate()
	w.explain()
	s.run.Watch = nil
	if s.run.Err != nil || len(s.run.failed) > 0 {
		return ed.whole
	}
	short := w.shortKey()
	hash := ed.patterns.hash(short)
	if known := ed.patterns.find(short, hash); known != nil {
		return known
	}
	w.keepFacts()
	w.keepFigures()
	p.house()
	if !w.memorise() {
		return ed.whole
	}
	p.marks = slices.Clone(s.run.marks)
	tells := make([]bool, ed.marks)
	tells[markScope], tells[markPassing] = true, true
	p.marks[markPassing] = notReached
	for _, g := range ed.asked.otherwise { // found for every decision
		tells[g.mark], p.marks[g.mark] = true, notReached
	}
	tell := func(marks []Mark) {
		for _, m := range marks {
			p.marks[m] = notReached
			tells[m] = m != markVoid
		}
	}
	for _, u := range p.units {
		tell(ed.marksOf(u))
	}
	if p.verdictLive {
		tell(marksOf(ed.asked.verdict))
	}
	tellFigures(p.figures, tell)
	p.tells, p.conclusions = spansOf(tells), newTable[conclusion](maxConclusions)
	p.needs = w.settledNeeds()
	if len(p.units) == 0 && len(p.figures) == 0 && !p.verdictLive && !ed.book.passes() && len(ed.asked.otherwise) == 0 {
		p.conclusion = s.conclude(p.scope, p.verdict)
	}
	ed.patterns.add(short, hash, p)
	return p
}

// explain notes what explanations read beside, and what live units and figures
// may read in other evaluations.
func (w *settling) explain() {
	needs := w.run.Needs
	for _, lang := range []string{"zh", "en"} {
		w.run.tell(lang, nil, nil)
	}
	w.run.details(nil)
	w.run.Needs = needs
	may := func(all []*condition.Program) {
		for _, p := range all {
			w.read(p.Reads())
		}
	}
	for _, u := range w.units {
		may(u.programs)
		w.read(w.ed.asOfOnly, nil) // it need not have asked this time
	}
	may(w.ed.asked.programs)
	w.read(w.ed.governedBy, nil)
}

// shortKey is the key less what nothing reads.
func (w *settling) shortKey() []byte {
	short := make([]byte, w.ed.base, 2*w.ed.base)
	for slot, is := range w.reads {
		short[slot] = notRead
		if is {
			short[slot] = w.key[slot]
		}
	}
	for _, slot := range w.ed.readLists {
		if short[slot] == codeSpelled {
			short, _ = spell(short, w.sketch.refs[w.sketch.layout.traits[slot].ref])
		}
	}
	return short
}

// notRead stands in a short key for a fact that does not matter.
const notRead = 0xff

// keepFacts has answers keep the live facts that are read.
func (w *settling) keepFacts() {
	for slot, is := range w.reads {
		if is && w.live[slot] {
			w.keep(slot, w.sketch.layout.traits[slot].kept())
		}
	}
	w.facts = len(w.kept)
}

// keepFigures has answers keep live figures, what is in one slot once.
func (w *settling) keepFigures() {
	for i := range w.figureAt {
		w.figureAt[i] = -1
	}
	slices.SortStableFunc(w.shown, func(a, b figureSlot) int { // one kind behind the other, for speed
		return cmp.Compare(keptFigure(w.ed.figureKinds[a.figure]).how, keptFigure(w.ed.figureKinds[b.figure]).how)
	})
	for _, x := range w.shown {
		at, ok := w.at[x.slot]
		if !ok {
			at = int32(len(w.kept))
			w.at[x.slot] = at
			w.keep(x.slot, keptFigure(w.ed.figureKinds[x.figure]))
		}
		w.figureAt[x.figure] = at
	}
}

// memorise keeps what is settled; false where there is no more room.
func (w *settling) memorise() bool {
	m, r := w.ed.memo, w.run
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.room(len(r.Slots) + w.ed.programCount) {
		return false
	}
	w.settlePrograms(m)
	w.slots = make([]uint16, len(r.Slots))
	for slot, v := range r.Slots {
		if w.live[slot] { // nothing of these very facts stays
			v = value.In(v.K, v.State)
		}
		w.slots[slot] = m.value(v)
	}
	w.values, w.results = m.values.all, m.results.all
	w.chosen = make([]uint16, len(w.ed.alternatives))
	for i, a := range w.ed.alternatives {
		w.chosen[i] = a.settle(w.settled, w.results)
	}
	return true
}

// read is told what an evaluation reads. Of facts, the key tells whether there
// is anything; of what a live unit sets, it does not.
func (w *settling) read(slots, values []int) {
	for _, slot := range values {
		w.hot = w.hot || w.live[slot]
	}
	for _, slot := range slots {
		if slot < w.ed.base {
			w.reads[slot] = true
		} else {
			w.hot = w.hot || w.live[slot]
		}
	}
}

// evaluate evaluates everything and finds what is live.
func (w *settling) evaluate() {
	r, asked := w.run, w.ed.asked
	for i, u := range asked.units {
		w.hot, r.named = false, false
		r.evaluate(asked.units[i : i+1])
		if !w.hot && !r.named { // who is liable is not kept in patterns
			continue
		}
		w.units = append(w.units, u)
		for _, o := range u.outputs {
			w.live[o.slot] = true
		}
		for _, slot := range u.locals {
			w.live[slot] = true
		}
	}
	w.hot = false
	w.verdict = r.verdict()
	w.verdictLive = w.hot
	w.scope = r.scope()
	w.scopeLive = slices.ContainsFunc(asked.scope, func(u *unit) bool { return u.holdsAt >= 0 && w.live[u.holdsAt] })
	switch {
	case w.scopeLive:
		w.figures = asked.values
		w.show(asked.values)
	case w.scope != noScope:
		w.figures = w.liveFigures(asked.values)
	}
}

// liveFigures evaluates figures and gives those that are live, less what is
// settled about them.
func (w *settling) liveFigures(list []*figure) []*figure {
	var live []*figure
	for _, f := range list {
		rest := *f
		if f.when != nil {
			if w.figure(f, f.when, f.whenAt) {
				live = append(live, f)
				w.show(live[len(live)-1:])
				continue
			}
			if !w.run.Slots[f.whenAt].True() {
				continue
			}
			rest.when = nil
		}
		if f.is == nil {
			rest.fields = w.liveFigures(f.fields)
		}
		if len(rest.fields) > 0 {
			live = append(live, &rest)
		}
		if f.is != nil && w.figure(f, f.is, f.at) {
			live = append(live, &rest)
			w.showOne(f.kept, f.at)
		}
	}
	return live
}

// figure evaluates one and reports whether it is live.
func (w *settling) figure(f *figure, p *condition.Program, at int) bool {
	w.hot = w.live[at]
	w.run.figure(f, p, at)
	w.live[at] = w.hot
	return w.hot
}

// show has answers keep what figures come to.
func (w *settling) show(list []*figure) {
	for _, f := range list {
		w.showOne(f.keptWhen, f.whenAt)
		if f.is != nil {
			w.showOne(f.kept, f.at)
		}
		w.show(f.fields)
	}
}

func (w *settling) showOne(figure, slot int) {
	if slot >= 0 {
		w.live[slot] = w.live[slot] || slot >= w.ed.figuresAt // the output of a unit that is settled stays so
		w.shown = append(w.shown, figureSlot{figure, slot})
	}
}

// settlePrograms finds what the programs of live units come to that read
// nothing live, and which slots the others read.
func (w *settling) settlePrograms(m *memo) {
	w.settled = make([]uint16, w.ed.programCount+1)
	fixed := make([]bool, len(w.run.Slots))
	settle := func(all ...*condition.Program) {
		for _, p := range all {
			w.hot = false
			slots, values := p.Reads()
			if w.read(slots, values); !w.hot {
				if r, ok := p.Settle(&w.run.Frame); ok {
					w.settled[p.Number()] = m.result(r)
					continue
				}
			}
			for _, slot := range slots {
				fixed[slot] = fixed[slot] || !w.live[slot]
			}
		}
	}
	for _, u := range w.units {
		settle(u.programs...)
	}
	settle(w.ed.asked.programs...)
	if p := w.ed.asked.governs; p != nil {
		settle(p)
	}
	for _, u := range w.ed.asked.scope {
		if u.holdsAt >= 0 {
			fixed[u.holdsAt] = !w.live[u.holdsAt]
		}
	}
	for _, x := range w.shown {
		fixed[x.slot] = fixed[x.slot] || !w.live[x.slot]
	}
	fixed[w.ed.asOf] = true
	for _, x := range w.kept[:w.pattern.facts] {
		fixed[x.slot] = x.how == asNumber // its type and state
	}
	for slot, is := range fixed {
		if is {
			w.fixed = append(w.fixed, int32(slot))
		}
	}
}

// tellFigures hands on the marks of figures that are live.
func tellFigures(list []*figure, tell func([]Mark)) {
	for _, f := range list {
		for _, p := range []*condition.Program{f.when, f.is} {
			tell(marksOf(p))
			if m := f.noteOf(p); m != markVoid {
				tell([]Mark{m})
			}
		}
		tellFigures(f.fields, tell)
	}
}

// marksOf are the marks that a program may set.
func marksOf(p *condition.Program) []Mark {
	if p == nil {
		return nil
	}
	var marks []Mark
	for _, m := range p.Marks() {
		marks = append(marks, Mark(m))
	}
	return marks
}

// settledNeeds are the needs of what is settled.
func (w *settling) settledNeeds() []value.Need {
	live := map[int]bool{}
	if w.verdictLive {
		live[w.ed.verdictOwner()] = true
	}
	for _, u := range w.units {
		live[u.index] = true
	}
	var figures func(list []*figure)
	figures = func(list []*figure) {
		for _, f := range list {
			live[f.owner] = true
			figures(f.fields)
		}
	}
	figures(w.figures)
	var settled []value.Need
	for owner, needs := range w.run.groups() {
		if live[owner] {
			continue
		}
		settled = append(append(settled, needs...), ownedBy(owner))
	}
	return settled
}
