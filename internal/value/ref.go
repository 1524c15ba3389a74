package value

import "unsafe"

// A Value has room for one pointer and one length, which its kind gives a
// meaning: of Word, Name and Article they are a string, of List and Record a
// slice. Both are kept alive and moved by the garbage collector as the string
// or slice itself would be. This file alone may touch them.
//
// A Name with a length and no pointer is a percentage that is written out when
// it is read: see PercentOf.

// TextIn is a value of a kind that is text: Word, Name or Article.
func TextIn(k Kind, state State, s string) Value {
	return Value{p: unsafe.Pointer(unsafe.StringData(s)), D: int64(len(s)), Tag: Tag{k, state}}
}

// ListIn is a value of a kind that has items: List or Record. It keeps l.
func ListIn(k Kind, state State, l []Value) Value {
	return Value{p: unsafe.Pointer(unsafe.SliceData(l)), D: int64(len(l)), Tag: Tag{k, state}}
}

// Ref is the text or the items of a value, without its kind.
type Ref struct {
	p unsafe.Pointer
	n int
}

// Ref is what the value refers to; nothing for a percentage that is not written
// out.
func (v Value) Ref() Ref {
	if v.p == nil {
		return Ref{}
	}
	return Ref{v.p, int(v.D)}
}

// In is the value of a kind that refers to it.
func (r Ref) In(k Kind, s State) Value { return Value{p: r.p, D: int64(r.n), Tag: Tag{k, s}} }

// S is the text of a Word, Name or Article, else "".
func (v Value) S() string {
	if v.p == nil || v.K-Word > Article-Word { // unsigned: below Word is beyond
		return v.written()
	}
	return unsafe.String((*byte)(v.p), v.D)
}

// Is reports whether a known Word, Name or Article is the text s.
func (v *Value) Is(s string) bool {
	if v.p == nil {
		return v.written() == s
	}
	return v.D == int64(len(s)) && unsafe.String((*byte)(v.p), v.D) == s
}

// Empty reports whether a known List has no items.
func (v *Value) Empty() bool { return v.D == 0 }

// L are the items of a List or the fields of a Record in declared order, else
// nil. They must not be written to.
func (v Value) L() []Value {
	if v.p == nil || v.K < List {
		return nil
	}
	return unsafe.Slice((*Value)(v.p), v.D)
}

// Clone is the value with lists of its own, all the way down.
func (v Value) Clone() Value {
	l := v.L()
	if len(l) == 0 {
		return v
	}
	c := make([]Value, len(l))
	for i, e := range l {
		c[i] = e.Clone()
	}
	n := v.N
	v = ListIn(v.K, v.State, c)
	v.N = n
	return v
}
