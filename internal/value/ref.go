package value

import "github.com/servicerules/rulebook/internal/memory"

// A Value has a pointer and a length, which its kind gives a
// meaning: of Word, Name and Article they are a string, of List and Record a
// slice. Both are kept alive and moved by the garbage collector as the string
// or slice itself would be.
//
// A Name with a length and no pointer is a percentage that is written out when
// it is read: see PercentOf.

// TextIn is a value of a kind that is text: Word, Name or Article.
func TextIn(k Kind, state State, s string) Value {
	return Value{p: memory.OfText(s), D: int64(len(s)), Tag: Tag{k, state}}
}

// ListIn is a value of a kind that has items: List or Record. It keeps l.
func ListIn(k Kind, state State, l []Value) Value {
	return Value{p: memory.OfItems(l), D: int64(len(l)), Tag: Tag{k, state}}
}

// S is the text of a Word, Name or Article, else "".
func (v Value) S() string {
	if v.p.IsNil() || v.K-Word > Article-Word { // unsigned: below Word is beyond
		return v.written()
	}
	return v.p.Text(v.D)
}

// L are the items of a List or the fields of a Record in declared order, else
// nil. They must not be written to.
func (v Value) L() []Value {
	if v.p.IsNil() || v.K < List {
		return nil
	}
	return memory.Items[Value](v.p, v.D)
}
