package whatif

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/policy"
)

// MaxAsked is after how many fact sets a search ends, and says so: on every machine
// after the same ones.
const MaxAsked = 8_000

// Change is one value of a fact set made another.
type Change struct {
	Place factset.Place // with what it was
	To    any           // as JSON has it; nil is null
	Gone  bool          // not given any more, or no item of its list any more
	Added bool          // an item that its list did not have
	away  int64         // on its line, with its sign; 0 for what has no distance
	size  int64         // how far it goes, in millionths of another word: less for a small part of a number
}

// word is the size of a change from one word to another.
const word = 1_000_000

// in is a fact set with the change.
func (c Change) in(t factset.Tree) factset.Tree {
	if c.Gone {
		return factset.Without(t, c.Place.Path)
	}
	return factset.With(t, c.Place.Path, c.To)
}

// Flip is a way to something else: the least change of its kind, confirmed by
// asking.
type Flip struct {
	Changes []Change
	Answer  *rulebook.Answer
	Now     string // what the target comes to, as JSON has it without quotes
}

// size orders flips: fewer changes first, then smaller ones.
func (f Flip) size() int64 {
	total := int64(0)
	for _, c := range f.Changes {
		total += c.size
	}
	return total
}

// Flips are the nearest changes to facts that lead to another verdict.
type Flips struct {
	Answer *rulebook.Answer // to the facts as they are
	Nearby []Flip           // smallest first: of one fact each or, where none of one is found, of two
	Asked  int              // fact sets
	All    bool             // false where the search ended before all that it tries was tried
}

// NearestFlips looks for changes to the facts of a question that have the target
// come out otherwise. A change to what nothing can be decided from is none.
//
// Words and flags are all tried, and lists with an item less, or up to a dozen
// more like one that they have. Numbers, dates and moments are
// tried at each unit near by (one, a day, a second), at what stands in the
// rules, in the facts and in the answer, and ever further away; from the
// nearest that changes the verdict, the last unit that does is found. A verdict
// that changes to and fro between two such places may be missed. A deadline of ctx
// ends the search with what was found.
func NearestFlips(ctx context.Context, book *rulebook.Book, q *policy.Question, facts factset.Tree, target Target, options ...rulebook.Option) (*Flips, error) {
	a, err := book.Ask(ctx, q.ID, facts, options...)
	if err != nil {
		return nil, err
	}
	s := &search{ctx: ctx, book: book, q: q, facts: facts, options: options, target: target, landmarks: landmarksOf(book, q, facts, a)}
	s.was, _ = target.of(a)
	out := &Flips{Answer: a, All: true}
	for _, c := range s.places() {
		out.Nearby = append(out.Nearby, s.alone(c)...)
	}
	if len(out.Nearby) == 0 {
		out.Nearby = s.pairs()
	}
	if s.err != nil && !s.early() {
		return nil, s.err
	}
	out.Asked, out.All = s.asked, s.err == nil
	slices.SortStableFunc(out.Nearby, func(x, y Flip) int { return cmp.Compare(x.size(), y.size()) })
	return out, nil
}

var errAskedEnough = errors.New("asked often enough")

// early reports whether the search ended at a bound: its own number, or the deadline of
// whoever asked. What was found until then is told.
func (s *search) early() bool {
	return errors.Is(s.err, errAskedEnough) || errors.Is(s.err, context.DeadlineExceeded)
}

// search asks about fact sets near one.
type search struct {
	ctx       context.Context
	book      *rulebook.Book
	q         *policy.Question
	facts     factset.Tree
	options   []rulebook.Option
	target    Target
	was       string // what the target is
	landmarks landmarks
	asked     int
	err       error // why it ended before its time
}

// ask is the answer to changed facts, nil where they are refused.
func (s *search) ask(changes ...Change) *rulebook.Answer {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err == nil && s.asked == MaxAsked {
		s.err = errAskedEnough
	}
	if s.err != nil {
		return nil
	}
	s.asked++
	facts := s.facts
	for _, c := range changes {
		facts = c.in(facts)
	}
	a, err := s.book.Ask(s.ctx, s.q.ID, facts, s.options...)
	if err != nil {
		return nil // the facts cannot be so
	}
	return a
}

// flip is a change that leads to an answer; false where that is not what is
// looked for.
func (s *search) flip(a *rulebook.Answer, changes ...Change) (Flip, bool) {
	if a == nil {
		return Flip{}, false
	}
	now, reached := s.target.reached(s.was, a)
	return Flip{changes, a, now}, reached
}

// places are all places for single values, of records that are not given, too.
func (s *search) places() []factset.Place {
	var all []factset.Place
	for _, p := range factset.Places(s.q, s.facts) {
		all = append(append(all, p), p.Fields()...)
	}
	return all
}

// alone are the changes at one place that flip the verdict: of words the
// first of each result, of a number or moment the nearest in each direction.
func (s *search) alone(p factset.Place) []Flip {
	var found []Flip
	try := func(c Change) {
		if f, ok := s.flip(s.ask(c), c); ok && !slices.ContainsFunc(found, func(x Flip) bool { return x.Now == f.Now }) {
			found = append(found, f)
		}
	}
	for _, c := range s.others(p) {
		try(c)
	}
	found = append(found, s.more(p)...)
	if line, ok := s.landmarks.line(p); ok {
		for _, sign := range []int64{-1, 1} {
			if f, ok := s.along(p, line, sign); ok {
				found = append(found, f)
			}
		}
	}
	return found
}

// others are the changes at a place to something that has no distance.
func (s *search) others(p factset.Place) (all []Change) {
	to := func(v any) {
		if v != p.Value || !p.Given {
			all = append(all, Change{Place: p, To: v, size: word})
		}
	}
	switch f := p.Fact; {
	case f.TypeName == "yes_no":
		to(true)
		to(false)
	case f.Words != nil:
		for _, w := range f.Words.Words {
			to(w)
		}
	case f.TypeName == "name" || f.TypeName == "article":
		for _, name := range s.landmarks.names {
			to(name)
		}
	case f.TypeName == "list":
		all = append(all, s.inList(p)...)
	}
	if p.Given && !p.InList() && p.Value != nil && p.Fact.TypeName != "record" {
		all = append(all, Change{Place: p, Gone: true, size: 2 * word}, Change{Place: p, To: nil, size: 2 * word})
	}
	if p.InList() {
		all = append(all, Change{Place: p, Gone: true, size: word})
	}
	return all
}

// inList are the changes that add an item: one like another or, where there is
// none, some item; a word that it does not have. A list that is not known becomes
// an empty one.
func (s *search) inList(p factset.Place) (all []Change) {
	list, known := p.Value.([]any)
	if p.Fact.Elem == nil {
		return nil
	}
	if !known {
		all = append(all, Change{Place: p, To: []any{}, size: word})
	}
	end := factset.Place{Path: append(slices.Clip(p.Path), len(list)), Fact: p.Fact.Elem}
	add := func(v any) { all = append(all, Change{Place: end, To: v, Added: true, size: word}) }
	if w := p.Fact.Elem.Words; w != nil {
		for _, word := range w.Words {
			if !slices.Contains(list, any(word)) {
				add(word)
			}
		}
		return all
	}
	for _, item := range list[:min(len(list), maxOfPlace)] {
		add(factset.CloneValue(item))
	}
	if len(list) == 0 {
		if v, ok := s.landmarks.some(p.Fact.Elem); ok {
			add(v)
		}
	}
	return all
}

// maxMore is how many items like one are added to a list.
const maxMore = 12

// more are several items like one of a list: the fewest that do where one does
// not.
func (s *search) more(p factset.Place) []Flip {
	list, _ := p.Value.([]any)
	if p.Fact.Elem == nil || p.Fact.Elem.Words != nil {
		return nil
	}
	for n := 2; n <= maxMore; n++ {
		var found []Flip
		for _, item := range list[:min(len(list), maxOfPlace)] {
			changes := make([]Change, n)
			for i := range changes {
				end := factset.Place{Path: append(slices.Clip(p.Path), len(list)+i), Fact: p.Fact.Elem}
				changes[i] = Change{Place: end, To: factset.CloneValue(item), Added: true, size: word}
			}
			if f, ok := s.flip(s.ask(changes...), changes...); ok && !slices.ContainsFunc(found, func(x Flip) bool { return x.Now == f.Now }) {
				found = append(found, f)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// along looks in one direction for the nearest value that flips the verdict.
func (s *search) along(p factset.Place, l line, sign int64) (Flip, bool) {
	change := func(distance int64) (Change, bool) {
		v, ok := l.at(sign * distance)
		return Change{Place: p, To: v, size: l.size(distance), away: sign * distance}, ok
	}
	first := int64(1)
	if !p.Given || p.Value == nil {
		if sign < 0 {
			first = 0 // the line begins at a value that is none yet
		}
	}
	last, side := first-1, s.side(s.was)
	for _, distance := range l.distances(sign, first) {
		c, ok := change(distance)
		if !ok {
			break
		}
		best, ok := s.flip(s.ask(c), c)
		if !ok {
			now := s.side(best.Now)
			if side*now < 0 { // it went past the value that is looked for
				if f, ok := s.between(change, last, distance, side); ok {
					return f, s.err == nil
				}
			}
			last = distance
			if now != 0 {
				side = now
			}
			continue
		}
		for low, high := last, distance; high-low > 1; {
			middle := low + (high-low)/2
			c, _ := change(middle)
			if f, ok := s.flip(s.ask(c), c); ok {
				high, best = middle, f
			} else {
				low = middle
			}
		}
		return best, s.err == nil
	}
	return Flip{}, false
}

// side is on which side of the value that is looked for another one is: -1, 1,
// or 0 where that cannot be said.
func (s *search) side(now string) int {
	if s.target.To == "" || s.target.Value == "" {
		return 0
	}
	order, _ := compare(now, s.target.To)
	return order
}

// between looks for the nearest distance with the value that is looked for: at
// the first of the two the target is on the given side of it, at the second
// beyond.
func (s *search) between(change func(int64) (Change, bool), low, high int64, side int) (best Flip, found bool) {
	for high-low > 1 {
		middle := low + (high-low)/2
		c, _ := change(middle)
		f, ok := s.flip(s.ask(c), c)
		switch {
		case ok:
			best, found, high = f, true, middle
		case s.side(f.Now)*side > 0:
			low = middle
		default:
			high = middle
		}
	}
	return best, found
}

// nearer is a flip with each of its numbers and moments as near to what it was
// as the others let it be.
func (s *search) nearer(f Flip) Flip {
	for i, c := range f.Changes {
		l, ok := s.landmarks.line(c.Place)
		if !ok || c.away == 0 {
			continue
		}
		sign, low, high := int64(1), int64(0), c.away
		if high < 0 {
			sign, high = -1, -high
		}
		for high-low > 1 {
			middle := low + (high-low)/2
			v, ok := l.at(sign * middle)
			changes := slices.Clone(f.Changes)
			changes[i] = Change{Place: c.Place, To: v, size: l.size(middle), away: sign * middle}
			if closer, flips := s.flip(s.ask(changes...), changes...); ok && flips {
				high, f = middle, closer
			} else {
				low = middle
			}
		}
	}
	return f
}

// maxOfPlace bounds the changes at a place that pairs are made of.
const maxOfPlace = 12

// pairs are changes at two places that together flip the verdict, the smallest
// of each two places.
func (s *search) pairs() []Flip {
	var all [][]Change
	for _, p := range s.places() {
		changes := s.others(p)
		if l, ok := s.landmarks.line(p); ok {
			for _, sign := range []int64{-1, 1} {
				for _, distance := range l.marks(sign, maxOfPlace/2) {
					if v, ok := l.at(sign * distance); ok {
						changes = append(changes, Change{Place: p, To: v, size: l.size(distance), away: sign * distance})
					}
				}
			}
		}
		if len(changes) > 0 {
			all = append(all, changes)
		}
	}
	var found []Flip
	for i := range all {
		for k := i + 1; k < len(all); k++ {
			var best *Flip
			for _, x := range all[i] {
				for _, y := range all[k] {
					if within(x, y) || within(y, x) {
						continue
					}
					if f, ok := s.flip(s.ask(x, y), x, y); ok && (best == nil || f.size() < best.size()) {
						best = &f
					}
				}
			}
			if best != nil {
				found = append(found, s.nearer(*best))
			}
			if s.err != nil {
				return found
			}
		}
	}
	return found
}

// within reports whether a change is inside what another one replaces, or moves
// to another place in its list.
func within(x, y Change) bool {
	a, b := x.Place.Path, y.Place.Path
	if len(a) < len(b) {
		return false
	}
	for i := range b {
		if a[i] != b[i] {
			_, place := b[i].(int)
			return place && i == len(b)-1 && (y.Gone || y.Added)
		}
	}
	return true
}

// line is where a number, a date or a moment may lie, in units from a value.
type line struct {
	at    func(distance int64) (any, bool) // false beyond its ends
	most  int64                            // how far away is tried
	scale int64                            // a distance that counts as much as another word
	near  []int64                          // distances, with their signs, of what stands in the rules, in the facts and in the answer
}

// size is that of a change so far away: never more than another word.
func (l line) size(distance int64) int64 {
	return word * min(distance, l.scale) / l.scale
}

// each unit is tried up to here.
const allWithin = 16

// distances are those to try in a direction, ascending: all that are near, those
// of the landmarks and a unit to either side of them, and ever greater ones.
func (l line) distances(sign, first int64) []int64 {
	all := l.beside(sign, first)
	for d := first; d <= allWithin; d++ {
		all = append(all, d)
	}
	for d := int64(allWithin); d <= l.most; d *= 2 {
		all = append(all, d)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// marks are the nearest distances of landmarks in a direction, and one unit.
func (l line) marks(sign int64, most int) []int64 {
	all := append(l.beside(sign, 1), 1)
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), most)]
}

// beside are the distances of the landmarks in a direction from first on, and of
// a unit to either side of each.
func (l line) beside(sign, first int64) (all []int64) {
	for _, d := range l.near {
		for _, nudge := range []int64{-1, 0, 1} {
			if x := sign*d + nudge; x >= first && x <= l.most {
				all = append(all, x)
			}
		}
	}
	return all
}

// numbers of facts are within these.
const farthestNumber = 1_000_000_000

// whole is the line of whole numbers around one.
func whole(at int64, least int64, near []int64, write func(int64) any) line {
	l := line{most: farthestNumber, scale: max(at, -at, 1)}
	l.at = func(d int64) (any, bool) {
		if n := at + d; n >= least && n <= farthestNumber {
			return write(n), true
		}
		return nil, false
	}
	for _, n := range near {
		l.near = append(l.near, n-at)
	}
	return l
}

func numberOf(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	x, err := n.Int64()
	return x, err == nil
}

func textOf(v any) string {
	s, _ := v.(string)
	return strings.TrimSpace(s)
}
