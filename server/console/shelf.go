package console

import (
	"slices"
	"sync"
)

// shelf holds what somebody made last and may look at again: the reviews, and the
// tables that wait for somebody to say how they are read. What is on it ends with
// the server; its names cannot be guessed.
type shelf[T shelved] struct {
	mu   sync.Mutex
	list []T // the latest first
}

// shelved has a name, takes room on the disk, and is closed once it is dropped and
// nobody looks at it any more.
type shelved interface {
	comparable
	named() string
	size() int64
	take()
	release()
	drop()
}

// shelvedMost is how much a shelf holds, shelvedBytes how much of the disk all but
// the latest take.
const (
	shelvedMost  = 8
	shelvedBytes = 256 << 20
)

// keep takes something in, in the place of what has its name. It is the caller's,
// too, until he releases it.
func (s *shelf[T]) keep(x T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.take()
	bytes := int64(0)
	kept := []T{x}
	for _, other := range s.list {
		if other == x {
			continue
		}
		if bytes += other.size(); other.named() == x.named() || len(kept) == shelvedMost || bytes > shelvedBytes {
			other.drop()
			continue
		}
		kept = append(kept, other)
	}
	s.list = kept
}

// find is what has a name, the zero value for none. It is to be released.
func (s *shelf[T]) find(name string) (found T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.list {
		if x.named() == name {
			x.take()
			return x
		}
	}
	return found
}

// forget lets go of what has a name.
func (s *shelf[T]) forget(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(s.list, func(x T) bool {
		if x.named() == name {
			x.drop()
		}
		return x.named() == name
	})
}
