package policy

import (
	"maps"
	"sync"
	"sync/atomic"
)

// memory holds what was found once, by what it follows from. It is bounded and
// safe for concurrent use.
type memory struct {
	known atomic.Pointer[map[string]any] // never written to, so that readers need no lock
	mu    sync.Mutex
	added map[string]any // since known was made
}

// maxRemembered bounds it, since keys may come from facts. Further things are
// found afresh each time.
const maxRemembered = 4096

// find is what is remembered under a key, or nil.
func (m *memory) find(key []byte) any {
	if known := m.known.Load(); known != nil {
		if of := (*known)[string(key)]; of != nil {
			return of
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.added[string(key)]
}

// add remembers something, unless there is much already.
func (m *memory) add(key []byte, of any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[string]any{}
	if all := m.known.Load(); all != nil {
		known = *all
	}
	if len(known)+len(m.added) >= maxRemembered {
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
