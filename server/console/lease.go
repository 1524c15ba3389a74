package console

import "sync"

// lease counts who uses something that several pages may look at, and closes it
// once it was dropped and nobody looks at it any more.
type lease struct {
	close func() error // of temporary files, whose error says nothing that anybody could use

	mu      sync.Mutex
	users   int
	dropped bool
}

// take begins a use of it, to be released.
func (l *lease) take() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.users++
}

// release ends a use of it.
func (l *lease) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.users--
	l.closeUnused()
}

// drop has it closed after its last use.
func (l *lease) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropped = true
	l.closeUnused()
}

func (l *lease) closeUnused() {
	if l.dropped && l.users == 0 && l.close != nil {
		_ = l.close() // a temporary file
		l.close = nil
	}
}
