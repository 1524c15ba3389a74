package policy

import (
	"encoding/binary"
	"slices"

	"github.com/servicerules/rulebook/internal/value"
)

// sketch is the facts of one decision in small: a byte for each slot, which
// says all there is to say of most facts, and beside it what no byte can hold.
type sketch struct {
	layout *layout
	codes  []byte        // by slot, filled up with zeros to whole words
	nums   []int64       // by slot, of numbers and points in time that are known
	refs   []value.Value // of other facts that are known, by trait.ref
	key    []byte        // room for the key of a pattern
	items  []value.Value // room for lists in refs
	lent   bool          // lists in refs may be in items
	beside bool          // put has noted something beside the codes, for copyTo
	days   []otherDay    // room for what would pick the edition under other options
	last   *scratch      // what the facts before were decided in
}

// What a code says. A known yes/no, or word of a list, has its place behind
// codeKnown.
const (
	codeUnknown byte = iota
	codeNone
	codeKnown
	codeEmpty   // a list without elements
	codeSpelled // in a key: a list whose elements are spelled out in it

	codeYes = codeKnown + 1
)

// maxWords is how many words of a list have codes.
const maxWords = 250

// trait is how the fact in a slot is sketched.
type trait struct {
	how   sketching
	kind  value.Kind
	words []string // of inWords
	ref   int      // of inRef: where it is in refs
}

type sketching uint8

const (
	inState  sketching = iota // whether there is a record
	inYesNo                   // yes or no
	inWords                   // a word or article, by its place
	inNumber                  // a number beside
	inRef                     // a value beside
)

// traitOf finds how a fact is sketched.
func (b *Rulebook) traitOf(f *Fact) trait {
	t := trait{kind: f.typ.Kind}
	switch f.typ.Kind {
	case value.Record:
	case value.YesNo:
		t.how = inYesNo
	case value.Count, value.Moment, value.Date, value.Month:
		t.how = inNumber
	case value.Word:
		t.how, t.words = inWords, f.Words.Words
	case value.Article:
		t.how, t.words = inWords, sortedKeys(b.articles)
	default:
		t.how = inRef
	}
	if len(t.words) > maxWords {
		t.how, t.words = inRef, nil
	}
	return t
}

func (l *layout) newSketch() *sketch {
	return &sketch{layout: l, codes: make([]byte, (l.slots+7)&^7), nums: make([]int64, l.slots), refs: make([]value.Value, l.refs)}
}

// sketch lends a sketch, to be left.
func (l *layout) sketch() *sketch {
	if k, ok := l.idle.Get().(*sketch); ok {
		return k
	}
	return l.newSketch()
}

// leave puts a sketch back. It keeps what it last held alive until it is used
// again or collected, which is soon.
func (k *sketch) leave() {
	k.items, k.lent = k.items[:0], false
	k.layout.idle.Put(k)
}

// scratch is one with the facts in it. It stays with the sketch, for the next
// facts.
func (k *sketch) scratch(p *pattern) *scratch {
	switch s := k.last; {
	case s == nil:
		k.last = p.ed.scratch()
	case s.run.ed != p.ed:
		s.leave()
		k.last = p.ed.scratch()
	}
	k.last.begin(p)
	k.last.fill(k)
	return k.last
}

// copyTo copies the facts of a sketch that stays as it is.
func (k *sketch) copyTo(c *sketch) {
	copy(c.codes, k.codes)
	if k.beside {
		copy(c.nums, k.nums)
		copy(c.refs, k.refs)
	}
}

// sketchOf sketches facts that are in their slots.
func (l *layout) sketchOf(slots []value.Value) *sketch {
	k := l.newSketch()
	k.putAll(slots)
	return k
}

// putAll notes all facts.
func (k *sketch) putAll(slots []value.Value) {
	for i, v := range slots {
		k.put(i, v)
	}
}

// put notes the value of a fact.
func (k *sketch) put(slot int, v value.Value) {
	t := &k.layout.traits[slot]
	if v.State != value.Known {
		k.codes[slot] = codeUnknown
		if v.State == value.None {
			k.codes[slot] = codeNone
		}
		return
	}
	k.codes[slot] = codeKnown
	switch t.how {
	case inYesNo:
		k.codes[slot] += byte(v.N)
	case inWords:
		k.codes[slot] += byte(slices.Index(t.words, v.S()))
	case inNumber:
		k.nums[slot], k.beside = v.N, true
	case inRef:
		k.refs[t.ref], k.beside = v, true
		if t.kind == value.List && len(v.L()) == 0 {
			k.codes[slot] = codeEmpty
		}
	}
}

// spread is what the slots of a record, and of all that is in it, hold.
type spread struct {
	from   int
	codes  []byte
	beside []patched // what no code says
}

type patched struct {
	slot  int
	value value.Value
}

// spreadOf is what the slots of a fact, and of what is in it, hold.
func (l *layout) spreadOf(slots []value.Value, f *Fact) spread {
	k, s := l.newSketch(), spread{from: f.slot}
	for i := f.slot; i < f.end(); i++ {
		k.put(i, slots[i])
		if how := l.traits[i].how; slots[i].IsKnown() && (how == inNumber || how == inRef) {
			s.beside = append(s.beside, patched{i, slots[i]})
		}
	}
	s.codes = k.codes[f.slot:f.end()]
	return s
}

// end is the slot behind those of a fact.
func (f *Fact) end() int {
	if n := len(f.Fields); n > 0 {
		return f.Fields[n-1].end()
	}
	return f.slot + 1
}

func (k *sketch) spread(s *spread) {
	copy(k.codes[s.from:], s.codes)
	for i := range s.beside {
		k.put(s.beside[i].slot, s.beside[i].value)
	}
}

// number notes a number, or a point in time.
func (k *sketch) number(slot int, n int64) { k.codes[slot], k.nums[slot] = codeKnown, n }

// get is the value of a fact.
func (k *sketch) get(slot int) value.Value {
	t, code := &k.layout.traits[slot], k.codes[slot]
	switch code {
	case codeUnknown:
		return value.UnknownOf(t.kind)
	case codeNone:
		return value.NoneOf(t.kind)
	}
	switch t.how {
	case inYesNo:
		return value.Bool(code == codeYes)
	case inWords:
		return value.TextIn(t.kind, value.Known, t.words[code-codeKnown])
	case inNumber:
		return value.NumberIn(t.kind, value.Known, k.nums[slot])
	case inRef:
		return k.ref(slot)
	}
	return value.In(t.kind, value.Known)
}

// ref is the value of a fact that is beside. It may be kept.
func (k *sketch) ref(slot int) value.Value {
	v := k.refs[k.layout.traits[slot].ref]
	if k.lent {
		return v.Clone()
	}
	return v
}

// list lends room for a list that lasts until the sketch is left. Something is
// in it.
func (k *sketch) list(n int) []value.Value {
	from := len(k.items)
	k.items, k.lent = slices.Grow(k.items, n)[:from+n], true
	return k.items[from : from+n : from+n]
}

// expand puts the facts into their slots.
func (k *sketch) expand(slots []value.Value) {
	for i := range k.layout.slots {
		slots[i] = k.get(i)
	}
}

// keyOf is what the facts have in common with others of their pattern, of
// those that the edition reads: every code, and the elements of short lists of
// words. It is good until the next call.
func (ed *edition) keyOf(k *sketch) []byte {
	key := append(k.key[:0], k.codes...)
	for i := 0; i+8 <= len(key) && i+8 <= len(ed.mask); i += 8 {
		w := binary.NativeEndian.Uint64(key[i:]) & binary.NativeEndian.Uint64(ed.mask[i:])
		binary.NativeEndian.PutUint64(key[i:], w)
	}
	for _, slot := range ed.readLists {
		if key[slot] != codeKnown {
			continue
		}
		if longer, ok := spell(key, k.refs[k.layout.traits[slot].ref]); ok {
			key = longer
			key[slot] = codeSpelled
		}
	}
	k.key = key
	return key
}

// Longer lists are not spelled out in a key.
const (
	maxSpelled      = 8   // elements
	maxSpelledBytes = 240 // all told
)

// spell appends all that is known of a value; false where that is more than
// words, or much.
func spell(dst []byte, v value.Value) ([]byte, bool) {
	from := len(dst)
	dst = append(dst, byte(v.State))
	if v.State == value.Known {
		switch v.K {
		case value.YesNo:
			dst = append(dst, byte(v.N))
		case value.Word, value.Article:
			if len(v.S()) > maxSpelledBytes {
				return dst, false
			}
			dst = append(append(dst, byte(len(v.S()))), v.S()...)
		case value.List, value.Record:
			if len(v.L()) > maxSpelled && v.K == value.List || len(v.L()) > maxWords {
				return dst, false
			}
			dst = append(dst, byte(len(v.L())), byte(v.N)) // the place of a record in its list
			for _, e := range v.L() {
				var ok bool
				if dst, ok = spell(dst, e); !ok {
					return dst, false
				}
			}
		default:
			return dst, false
		}
	} else if v.K == value.Record {
		dst = append(dst, byte(v.N))
	}
	return dst, len(dst)-from <= maxSpelledBytes
}
