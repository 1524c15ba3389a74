package value

import "slices"

// Room lends memory for lists that lasts until it is cleared. It belongs to one
// goroutine.
type Room struct{ items []Value }

// List is a list of n values, to be filled.
func (r *Room) List(n int) []Value {
	from := len(r.items)
	r.items = slices.Grow(r.items, n)[:from+n]
	return r.items[from : from+n : from+n]
}

// Clear takes all of it back.
func (r *Room) Clear() { r.items = r.items[:0] }
