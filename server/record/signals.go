package record

import "sync"

// signals tell those who wait that something is on record that was not before.
type signals struct {
	mu   sync.Mutex
	next chan struct{} // closed at the next change; nil while nobody waits
}

// Changed is closed once something has been put on record after the call. Look at
// what there is after the call and before waiting.
func (s *Store) Changed() <-chan struct{} {
	s.signals.mu.Lock()
	defer s.signals.mu.Unlock()
	if s.signals.next == nil {
		s.signals.next = make(chan struct{})
	}
	return s.signals.next
}

func (s *Store) signal() {
	s.signals.mu.Lock()
	defer s.signals.mu.Unlock()
	if s.signals.next != nil {
		close(s.signals.next)
		s.signals.next = nil
	}
}
