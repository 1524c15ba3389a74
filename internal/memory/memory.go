// Package memory reads what stands at an address. It is the one place that
// imports unsafe, for two things that were measured to pay: the fields of bound
// structs and columns are read where they are, without package reflect (package
// intake), and a value keeps its text or its list in one word (package value).
//
// It is sound because of four rules, which each function says how it keeps:
//
//   - An [Address] is made only of a pointer, slice or string that Go has, by
//     [Of], [OfValue], [OfText] and [OfItems], and is an unsafe.Pointer all the
//     time: what it leads to stays alive, and is found again when a stack moves.
//   - It is moved only by offsets and sizes that package reflect gives for the
//     type that stands there, and only within it: from a struct to its field, from
//     a slice to an item below its length.
//   - It is read only as the type that stands there, or as one of the same kind and
//     layout (type Level string is read as a string). Whoever binds a type checks
//     that once, before anything is read.
//   - Nothing is written through it.
package memory

import (
	"reflect"
	"unsafe"
)

// Address is where something stands; the zero Address is nowhere.
type Address struct{ at unsafe.Pointer }

// Of is where p points to.
func Of[T any](p *T) Address { return Address{unsafe.Pointer(p)} }

// OfValue is where the first item of a slice stands, or where a pointer points
// to.
func OfValue(v reflect.Value) Address { return Address{v.UnsafePointer()} }

// IsNil reports whether it is nowhere.
func (a Address) IsNil() bool { return a.at == nil }

// Read is the T that stands there.
func Read[T any](a Address) T { return *(*T)(a.at) }

// Add is so many bytes further on, within the struct or slice that stands there.
func (a Address) Add(bytes uintptr) Address { return Address{unsafe.Add(a.at, bytes)} }

// Follow is where the pointer points to that stands there, nowhere for nil.
func (a Address) Follow() Address { return Address{*(*unsafe.Pointer)(a.at)} }

// Slice is where the items of the slice stand that stands there, and how many
// there are; nowhere for nil. Whatever its items are, a slice begins with the
// address of the first and their number.
func (a Address) Slice() (items Address, n int) { return a.Follow(), len(*(*[]struct{})(a.at)) }

// Copy is a new pointer to a copy of the T that stands there.
func (a Address) Copy(t reflect.Type) reflect.Value {
	v := reflect.New(t)
	v.Elem().Set(reflect.NewAt(t, a.Hidden().at).Elem())
	return v
}

// Hidden is the same address, hidden from the compiler: else every struct that
// is decided about would have to move to the heap, as some might hold a type whose
// methods are called. Whoever calls it copies what stands there before anything
// else, so that no address outlives the call. Nothing moves the stack while it
// runs (it calls nothing and is not split), so x is never an address of the past.
//
//go:nosplit
//go:noinline
func (a Address) Hidden() Address {
	x := uintptr(a.at)
	return Address{*(*unsafe.Pointer)(unsafe.Pointer(&x))}
}

// OfText is where a text stands, to be read again by Text with its length.
func OfText(s string) Address { return Address{unsafe.Pointer(unsafe.StringData(s))} }

// Text is the text of n bytes of which OfText gave the address: texts never
// change.
func (a Address) Text(n int64) string { return unsafe.String((*byte)(a.at), n) }

// OfItems is where items stand, to be read again by Items with their number.
func OfItems[T any](items []T) Address { return Address{unsafe.Pointer(unsafe.SliceData(items))} }

// Items are the n items of which OfItems gave the address.
func Items[T any](a Address, n int64) []T { return unsafe.Slice((*T)(a.at), n) }
