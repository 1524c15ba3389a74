package policy

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// table finds things by bytes. It is safe for concurrent use, and costs
// readers no lock: an entry is never changed, and a table that grows is
// replaced.
type table[T any] struct {
	seed    maphash.Seed // so that nobody can foresee a hash
	limit   int          // of entries: it bounds the memory, since keys come from facts
	n       atomic.Int64
	mu      sync.Mutex              // held to add
	first   atomic.Pointer[held[T]] // often the only one
	entries atomic.Pointer[[]atomic.Pointer[held[T]]]
}

type held[T any] struct {
	hash uint64
	key  string
	of   *T
}

func newTable[T any](limit int) *table[T] { return &table[T]{seed: maphash.MakeSeed(), limit: limit} }

func (t *table[T]) hash(key []byte) uint64 { return maphash.Bytes(t.seed, key) }

// find is what was added under the key, or nil.
func (t *table[T]) find(key []byte, hash uint64) *T {
	all := t.entries.Load()
	if all == nil {
		return nil
	}
	e := probe(*all, key, hash).Load()
	if e == nil {
		return nil
	}
	return e.of
}

// firstUnder is what was added first, if that was under the key, or nil.
func (t *table[T]) firstUnder(key []byte) *T {
	if e := t.first.Load(); e != nil && e.key == string(key) {
		return e.of
	}
	return nil
}

// probe is where the key is, or would be.
func probe[T any](all []atomic.Pointer[held[T]], key []byte, hash uint64) *atomic.Pointer[held[T]] {
	for i := hash; ; i++ {
		at := &all[i&uint64(len(all)-1)]
		if e := at.Load(); e == nil || e.hash == hash && e.key == string(key) {
			return at
		}
	}
}

// add adds what is not there yet, unless the table is full.
func (t *table[T]) add(key []byte, hash uint64, of *T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.full() {
		return
	}
	all := t.entries.Load()
	if all == nil || 2*int(t.n.Load()) >= len(*all) {
		all = t.grown(all)
	}
	if at := probe(*all, key, hash); at.Load() == nil {
		e := &held[T]{hash, string(key), of}
		at.Store(e)
		t.first.CompareAndSwap(nil, e)
		t.n.Add(1)
	}
}

// full reports whether nothing more is added.
func (t *table[T]) full() bool { return int(t.n.Load()) >= t.limit }

// grown replaces the entries by twice as many.
func (t *table[T]) grown(all *[]atomic.Pointer[held[T]]) *[]atomic.Pointer[held[T]] {
	size := 16
	if all != nil {
		size = 2 * len(*all)
	}
	more := make([]atomic.Pointer[held[T]], size)
	if all != nil {
		for i := range *all {
			if e := (*all)[i].Load(); e != nil {
				probe(more, []byte(e.key), e.hash).Store(e)
			}
		}
	}
	t.entries.Store(&more)
	return &more
}
