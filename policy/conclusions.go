package policy

import (
	"encoding/binary"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/servicerules/rulebook/internal/value"
)

// conclusions are what evaluations of an edition came to, by what it follows
// from. They are safe for concurrent use.
//
// That many answers share one is sound because what is concluded is a function
// of the key: the outcomes and findings of all rules, the verdict, and what was
// lacking. Where that is in an element of a list, its name depends on the
// facts, and nothing is shared.
type conclusions struct {
	known atomic.Pointer[map[string]*conclusion] // never written to, so that readers need no lock
	mu    sync.Mutex
	added map[string]*conclusion // since known was made
}

// maxConclusions bounds the memory, since keys come from facts. Further ones
// are drawn up afresh each time.
const maxConclusions = 4096

// find is the conclusion under a key, or nil.
func (c *conclusions) find(key []byte) *conclusion {
	if known := c.known.Load(); known != nil {
		if of := (*known)[string(key)]; of != nil {
			return of
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.added[string(key)]
}

// add remembers a conclusion, unless there are many.
func (c *conclusions) add(key []byte, of *conclusion) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := map[string]*conclusion{}
	if all := c.known.Load(); all != nil {
		known = *all
	}
	if len(known)+len(c.added) >= maxConclusions {
		return
	}
	if c.added == nil {
		c.added = map[string]*conclusion{}
	}
	c.added[string(key)] = of
	if len(c.added) > len(known)/2 { // so that copying stays cheap
		known = maps.Clone(known)
		maps.Copy(known, c.added)
		c.known.Store(&known)
		c.added = nil
	}
}

// conclude finds what the evaluation comes to, if it can among what was
// concluded before.
func (r *Run) conclude(scope outcome, verdict value.Value) *conclusion {
	r.marks[markScope] = scope
	key, named := append(r.key[:0], r.marks...), false
	key = append(append(key, byte(verdict.State)), verdict.S()...)
	for _, n := range r.Needs {
		key = binary.AppendVarint(append(key, 0), int64(n.Slot))
		key = binary.AppendVarint(key, int64(n.Index))
		key = binary.AppendVarint(key, int64(n.Field))
		named = named || n.Slot >= 0 && n.Index >= 0
	}
	r.key = key
	if named {
		return r.concluded(scope, verdict)
	}
	c := r.ed.conclusions.find(key)
	if c == nil {
		c = r.concluded(scope, verdict)
		r.ed.conclusions.add(key, c)
	}
	return c
}
