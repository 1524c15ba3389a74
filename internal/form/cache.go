package form

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Cache holds what was found once, by what it follows from. It is bounded and
// safe for concurrent use.
type Cache struct {
	Known atomic.Pointer[map[string]any] // never written to, so that readers need no lock
	Mu    sync.Mutex
	Added map[string]any // since known was made
}

// MaxCached bounds it, since keys may come from facts. Further things are
// found afresh each time.
const MaxCached = 4096

// Find is what is remembered under a key, or nil.
func (m *Cache) Find(key []byte) any {
	if known := m.Known.Load(); known != nil {
		if of := (*known)[string(key)]; of != nil {
			return of
		}
	}
	m.Mu.Lock()
	defer m.Mu.Unlock()
	return m.Added[string(key)]
}

// Add remembers something, unless there is much already.
func (m *Cache) Add(key []byte, of any) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	known := map[string]any{}
	if all := m.Known.Load(); all != nil {
		known = *all
	}
	if len(known)+len(m.Added) >= MaxCached {
		return
	}
	if m.Added == nil {
		m.Added = map[string]any{}
	}
	m.Added[string(key)] = of
	if len(m.Added) > len(known)/2 { // so that copying stays cheap
		known = maps.Clone(known)
		maps.Copy(known, m.Added)
		m.Known.Store(&known)
		m.Added = nil
	}
}
