package form

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Cache holds what was found once, by what it follows from. It is bounded and
// safe for concurrent use.
type Cache struct {
	known atomic.Pointer[map[string]any] // never written to, so that readers need no lock
	mu    sync.Mutex
	added map[string]any // since known was made
}

// MaxCached bounds it, since keys may come from facts. Further things are
// found afresh each time.
const MaxCached = 4096

// Find is what is remembered under a key, or nil.
func (m *Cache) Find(key []byte) any {
	if known := m.known.Load(); known != nil {
		if of := (*known)[string(key)]; of != nil {
			return of
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.added[string(key)]
}

// Add remembers something, unless there is much already.
func (m *Cache) Add(key []byte, of any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[string]any{}
	if all := m.known.Load(); all != nil {
		known = *all
	}
	if len(known)+len(m.added) >= MaxCached {
		return
	}
	if m.added == nil {
		m.added = map[string]any{}
	}
	m.added[string(key)] = of
	if len(m.added) > len(known)/2 { // so that copying stays cheap
		known = maps.Clone(known)
		maps.Copy(known, m.added)
		m.known.Store(&known)
		m.added = nil
	}
}

// Len is how much is remembered.
func (m *Cache) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.added)
	if known := m.known.Load(); known != nil {
		n += len(*known)
	}
	return n
}
