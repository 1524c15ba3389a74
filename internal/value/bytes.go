package value

import "encoding/binary"

// AppendBytes appends the value in a short form that [Reader] reads again. What
// it refers to is copied.
func (v Value) AppendBytes(dst []byte) []byte {
	dst = append(dst, byte(v.K)<<stateBits|byte(v.State))
	switch {
	case v.K == Record:
		dst = binary.AppendVarint(dst, v.N)
		return appendItems(dst, v.L())
	case v.State != Known:
		return dst
	}
	switch v.K {
	case Ratio:
		dst = binary.AppendVarint(dst, v.N)
		return binary.AppendUvarint(dst, uint64(v.D))
	case Money, Part:
		dst = binary.AppendVarint(dst, v.N)
		dst = binary.AppendUvarint(dst, uint64(v.D))
		return binary.AppendUvarint(dst, uint64(v.In))
	case Word, Name, Article:
		if v.p.IsNil() && v.D > 0 { // a percentage that is not written out
			dst = binary.AppendVarint(append(dst, notWritten), v.N)
			return binary.AppendUvarint(dst, uint64(v.D))
		}
		text := v.S()
		return append(binary.AppendUvarint(dst, uint64(len(text))+1), text...)
	case List:
		return appendItems(dst, v.L())
	}
	return binary.AppendVarint(dst, v.N)
}

func appendItems(dst []byte, items []Value) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(items)))
	for _, e := range items {
		dst = e.AppendBytes(dst)
	}
	return dst
}

const (
	stateBits = 2
	// notWritten stands for the length of a text, one more than it is.
	notWritten = 0
)

// Reader reads values, one after the other, from what AppendBytes gave. Texts
// that it reads are part of the string.
type Reader string

// Next is the next value.
func (r *Reader) Next() Value {
	head := (*r)[0]
	*r = (*r)[1:]
	v := In(Kind(head>>stateBits), State(head&(1<<stateBits-1)))
	switch {
	case v.K == Record:
		n := r.varint()
		v = ListIn(Record, v.State, r.items())
		v.N = n
		return v
	case v.State != Known:
		return v
	}
	switch v.K {
	case Ratio:
		v.N = r.varint()
		v.D = int64(r.uvarint())
	case Money, Part:
		v.N = r.varint()
		v.D = int64(r.uvarint())
		v.In = Currency(r.uvarint())
	case Word, Name, Article:
		n := r.uvarint()
		if n == notWritten {
			n := r.varint()
			return PercentOf(n, int64(r.uvarint()))
		}
		text := string((*r)[:n-1])
		*r = (*r)[n-1:]
		return TextIn(v.K, Known, text)
	case List:
		return ListOf(r.items())
	default:
		v.N = r.varint()
	}
	return v
}

func (r *Reader) items() []Value {
	n := r.uvarint()
	if n == 0 {
		return nil
	}
	items := make([]Value, n)
	for i := range items {
		items[i] = r.Next()
	}
	return items
}

func (r *Reader) uvarint() uint64 {
	var n uint64
	for i := 0; ; i++ {
		b := (*r)[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			*r = (*r)[i+1:]
			return n
		}
	}
}

func (r *Reader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}
