package policy

import (
	"slices"
	"sync"
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
	ed          *edition
	slots       []value.Value // facts and what is settled; those of live ones are not read
	marks       []outcome     // of what is settled
	needs       []value.Need  // likewise, as in Run.Needs
	spans       []span        // likewise
	provisional bool          // likewise
	verdict     value.Value

	settled     []*value.Result // what programs of live units come to, as far as they are not; see value.Frame
	units       []*unit         // live
	figures     []*figure
	verdictLive bool
	conclusion  *Conclusion // where nothing is live
	tells       []Mark      // what conclusions differ by: the marks of live units
	conclusions *table[Conclusion]

	whole    bool        // no fact is settled
	numbers  []int       // slots of the facts that are not settled: numbers and points in time
	others   []int       // and others, then those of live figures that are no numbers
	facts    int         // how many of others are facts
	counts   []count     // live figures that are numbers
	pairs    int         // cells for numbers and counts
	figureAt []place     // by figure
	names    atomic.Bool // somebody was liable once
	idle     sync.Pool
}

// span is a part of Run.Needs.
type span struct{ from, to int }

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
		ed: ed, whole: true, slots: make([]value.Value, ed.base+len(ed.slots)), marks: make([]outcome, ed.marks), spans: make([]span, len(ed.units)),
		units: asked.units, figures: asked.values, verdictLive: true,
		others: append(slices.Clone(ed.reads), ed.figureSlots...), facts: len(ed.reads), figureAt: make([]place, len(ed.figureSlots)),
	}
	for m := range Mark(ed.marks) {
		p.tells = append(p.tells, m)
	}
	p.conclusions = newTable[Conclusion](maxConclusions)
	for i := range p.figureAt {
		p.figureAt[i] = place{asValue, len(ed.reads) + i}
	}
	return p
}

// scratch is what a decision is computed in. Answers keep nothing of it, so
// that it serves one decision after the other.
type scratch struct {
	of     *pattern
	run    Run
	key    []byte // room for the key of a conclusion
	liable [4]Liable
}

func (p *pattern) newScratch() *scratch {
	s := &scratch{of: p}
	s.run = Run{ed: p.ed, marks: make([]outcome, len(p.marks)), spans: slices.Clone(p.spans)}
	s.run.Slots = slices.Clone(p.slots)
	s.run.Needs = append(make([]value.Need, 0, len(p.needs)+8), p.needs...)
	s.run.Frame.Zone, s.run.Calendar, s.run.Settled = p.ed.book.Zone, p.ed.counting, p.settled
	s.run.ElemSlot, s.run.ElemAt = -1, -1
	s.reset()
	return s
}

// reset makes it as new, but for the facts: nothing was found.
func (s *scratch) reset() {
	r, p := &s.run, s.of
	copy(r.marks, p.marks)
	r.Needs = r.Needs[:len(p.needs)]
	for _, u := range p.units {
		r.spans[u.index] = span{}
	}
	r.liable, r.provisional, r.Err = s.liable[:0], p.provisional, nil
}

// scratch is one in which nothing was found yet, to be left.
func (p *pattern) scratch() *scratch {
	if s, ok := p.idle.Get().(*scratch); ok {
		s.reset()
		return s
	}
	return p.newScratch()
}

// take is a scratch with the facts of a sketch.
func (p *pattern) take(k *sketch) *scratch {
	s := p.scratch()
	s.fill(k)
	return s
}

// fill puts the facts into their slots that are not settled.
func (s *scratch) fill(k *sketch) {
	p, slots := s.of, s.run.Slots
	if p.whole {
		k.expand(slots)
		clear(slots[p.ed.base:])
		return
	}
	for _, slot := range p.numbers {
		slots[slot].N = k.nums[slot]
	}
	for _, slot := range p.others[:p.facts] {
		slots[slot] = k.ref(slot)
	}
}

func (s *scratch) leave() { s.of.idle.Put(s) }

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
	live   []bool                       // by slot
	hot    bool                         // something live was read
	reads  []bool                       // by slot of a fact: whether it was, or may be, read
	values []struct{ figure, slot int } // live figures that are no numbers
}

// settle makes the pattern of facts: the whole one where they cannot be
// evaluated. Keys that differ in nothing that is read share one.
func (ed *edition) settle(k *sketch, key []byte) *pattern {
	s := ed.whole.take(k)
	defer s.leave()
	p := &pattern{ed: ed, spans: make([]span, len(ed.units)), figureAt: make([]place, len(ed.figureSlots))}
	w := &settling{
		pattern: p, sketch: k, key: key, run: &s.run, live: make([]bool, len(s.run.Slots)), reads: make([]bool, ed.base),
	}
	for _, slot := range ed.reads { // live are those known whose value the key does not tell
		how := k.layout.traits[slot].how
		w.live[slot] = key[slot] == codeKnown && (how == inNumber || how == inRef)
	}
	s.run.Watch = w.read
	w.evaluate()
	w.explain()
	s.run.Watch = nil
	if s.run.Err != nil {
		return ed.whole
	}
	short := w.shortKey()
	hash := ed.patterns.hash(short)
	if known := ed.patterns.find(short, hash); known != nil {
		return known
	}
	w.keepFacts()
	w.settlePrograms()
	p.slots, p.marks = slices.Clone(s.run.Slots), slices.Clone(s.run.marks)
	for slot, live := range w.live {
		if live { // nothing of these very facts stays
			p.slots[slot] = value.In(p.slots[slot].K, p.slots[slot].State)
		}
	}
	for _, u := range p.units {
		for _, m := range ed.marksOf(u) {
			p.tells = append(p.tells, m)
			p.marks[m] = notReached
		}
	}
	p.tells, p.conclusions = append(p.tells, markScope), newTable[Conclusion](maxConclusions)
	p.needs = w.settledNeeds()
	if len(p.units) == 0 && len(p.figures) == 0 && !p.verdictLive {
		p.conclusion = s.conclude(s.run.scope(), p.verdict)
	}
	ed.patterns.add(short, hash, p)
	return p
}

// explain notes what explanations read beside, and what live units and figures
// may read in other evaluations.
func (w *settling) explain() {
	needs := w.run.Needs
	for _, lang := range []string{"zh", "en"} {
		w.run.tell(lang)
	}
	w.run.details()
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

// keepFacts has answers keep the live facts that are read, and gives the live
// figures their places behind them.
func (w *settling) keepFacts() {
	for slot, is := range w.reads {
		switch {
		case !is || !w.live[slot]:
		case w.sketch.layout.traits[slot].how == inNumber:
			w.numbers = append(w.numbers, slot)
		default:
			w.others = append(w.others, slot)
		}
	}
	w.pattern.facts = len(w.others)
	for _, x := range w.values {
		w.figureAt[x.figure].at = len(w.others)
		w.others = append(w.others, x.slot)
	}
	n := len(w.numbers)
	for i := range w.counts {
		w.counts[i].at = n
		n++
		if w.counts[i].ratio {
			n++
		}
	}
	w.pairs = (n + 1) / 2
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
		w.hot, r.provisional, r.named = false, false, false
		r.evaluate(asked.units[i : i+1])
		if !w.hot && !r.named { // who is liable is not kept in patterns
			w.provisional = w.provisional || r.provisional
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
	r.provisional = w.provisional
	w.hot = false
	w.verdict = r.verdict()
	w.verdictLive = w.hot
	switch {
	case slices.ContainsFunc(asked.scope, func(u *unit) bool { return u.holdsAt >= 0 && w.live[u.holdsAt] }):
		w.figures = asked.values
		w.keep(asked.values)
	case r.scope() != noScope:
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
				w.keep(live[len(live)-1:])
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
			w.keepFigure(f.kept, f.at, f.typ.Kind)
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

// keep has answers keep what figures come to.
func (w *settling) keep(list []*figure) {
	for _, f := range list {
		w.keepFigure(f.keptWhen, f.whenAt, value.YesNo)
		if f.is != nil {
			w.keepFigure(f.kept, f.at, f.typ.Kind)
		}
		w.keep(f.fields)
	}
}

func (w *settling) keepFigure(figure, slot int, kind value.Kind) {
	if slot < 0 {
		return
	}
	w.live[slot] = true
	switch kind {
	case value.YesNo, value.Count, value.Moment, value.Date, value.Month, value.Duration, value.Ratio:
		if len(w.counts) < maxStates {
			w.figureAt[figure] = place{asNumbers, len(w.counts)}
			w.counts = append(w.counts, count{slot: slot, kind: kind, ratio: kind == value.Ratio})
			return
		}
	}
	w.figureAt[figure] = place{how: asValue}
	w.values = append(w.values, struct{ figure, slot int }{figure, slot})
}

// settlePrograms finds what the programs of live units come to that read
// nothing live.
func (w *settling) settlePrograms() {
	w.settled = make([]*value.Result, w.ed.programCount+1)
	settle := func(all []*condition.Program) {
		for _, p := range all {
			w.hot = false
			if w.read(p.Reads()); !w.hot {
				w.settled[p.Number()] = p.Settle(&w.run.Frame)
			}
		}
	}
	for _, u := range w.units {
		settle(u.programs)
	}
	settle(w.ed.asked.programs)
}

// settledNeeds are the needs of what is settled, and where those of units are.
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
		from := len(settled)
		settled = append(settled, needs...)
		if owner < len(w.spans) {
			w.spans[owner] = span{from, len(settled)}
		}
		settled = append(settled, ownedBy(owner))
	}
	return settled
}
