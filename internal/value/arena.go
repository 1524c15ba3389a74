package value

import "slices"

// Arena lends memory for lists that lasts until it is cleared. It belongs to one
// goroutine.
type Arena struct{ items []Value }

// List is a list of n values, to be filled.
func (r *Arena) List(n int) []Value {
	from := len(r.items)
	r.items = slices.Grow(r.items, n)[:from+n]
	return r.items[from : from+n : from+n]
}

// Clear takes all of it back.
func (r *Arena) Clear() { r.items = r.items[:0] }
