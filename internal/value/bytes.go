package value

import "encoding/binary"

// AppendSlots appends the values in some slots in a short form that [Reader]
// reads again. What they refer to is copied.
func AppendSlots(dst []byte, values []Value, slots []int) []byte {
	for _, slot := range slots {
		if v := &values[slot]; v.State == Known || v.K == Record {
			dst = v.AppendBytes(dst)
		} else { // as most are
			dst = append(dst, v.head())
		}
	}
	return dst
}

// head is the byte that the form of a value begins with.
func (v *Value) head() byte { return byte(v.K)<<stateBits | byte(v.State) }

// AppendBytes appends the short form of one value.
func (v *Value) AppendBytes(dst []byte) []byte {
	head := v.head()
	if v.State != Known && v.K != Record {
		return append(dst, head)
	}
	switch v.K {
	case YesNo:
		return append(dst, head, byte(v.N))
	case Moment: // never a small number
		if ahead, ok := v.Clocks(); ok {
			dst = binary.AppendVarint(append(dst, head|clocksBit), int64(ahead))
			return binary.LittleEndian.AppendUint64(dst, uint64(v.N))
		}
		return binary.LittleEndian.AppendUint64(append(dst, head), uint64(v.N))
	case Word, Name, Article:
		if v.p.IsNil() && v.D > 0 { // a percentage that is not written out
			dst = binary.AppendVarint(append(dst, head, notWritten), v.N)
			return binary.AppendUvarint(dst, uint64(v.D))
		}
		text := v.S()
		if len(text) < oneByte {
			return append(append(dst, head, byte(len(text)+1)), text...)
		}
		return append(binary.AppendUvarint(append(dst, head), uint64(len(text))+1), text...)
	case Record:
		return appendItems(binary.AppendVarint(append(dst, head), v.N), v.L())
	case List:
		return appendItems(append(dst, head), v.L())
	case Ratio:
		dst = binary.AppendVarint(append(dst, head), v.N)
		return binary.AppendUvarint(dst, uint64(v.D))
	case Money, Part:
		dst = binary.AppendVarint(append(dst, head), v.N)
		dst = binary.AppendUvarint(dst, uint64(v.D))
		return binary.AppendUvarint(dst, uint64(v.In))
	}
	return binary.AppendVarint(append(dst, head), v.N)
}

func appendItems(dst []byte, items []Value) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(items)))
	for i := range items {
		dst = items[i].AppendBytes(dst)
	}
	return dst
}

const (
	stateBits = 2
	// clocksBit is set of a moment that says which clocks it is shown on.
	clocksBit = 0x80
	// oneByte is the first length that takes two bytes.
	oneByte = 0x7f
	// notWritten stands for the length of a text, one more than it is.
	notWritten = 0
)

// Reader reads values, one after the other, from what AppendSlots gave. Texts
// that it reads are part of the string.
type Reader string

// Next is the next value.
func (r *Reader) Next() Value {
	head := (*r)[0]
	*r = (*r)[1:]
	if head&clocksBit != 0 {
		v := In(Moment, Known).OnClocks(int(r.varint()))
		v.N = r.fixed()
		return v
	}
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
	case YesNo:
		v.N, *r = int64((*r)[0]), (*r)[1:]
	case Moment:
		v.N = r.fixed()
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

// Skip passes over the next value.
func (r *Reader) Skip() {
	head := (*r)[0]
	*r = (*r)[1:]
	if head&clocksBit != 0 {
		r.uvarint()
		*r = (*r)[8:]
		return
	}
	kind, state := Kind(head>>stateBits), State(head&(1<<stateBits-1))
	switch {
	case kind == Record:
		r.uvarint()
		r.skipItems()
		return
	case state != Known:
		return
	}
	switch kind {
	case YesNo:
		*r = (*r)[1:]
	case Moment:
		*r = (*r)[8:]
	case Ratio:
		r.uvarint()
		r.uvarint()
	case Money, Part:
		r.uvarint()
		r.uvarint()
		r.uvarint()
	case Word, Name, Article:
		if n := r.uvarint(); n != notWritten {
			*r = (*r)[n-1:]
			return
		}
		r.uvarint()
		r.uvarint()
	case List:
		r.skipItems()
	default:
		r.uvarint()
	}
}

func (r *Reader) skipItems() {
	for range r.uvarint() {
		r.Skip()
	}
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

// fixed is a number in eight bytes.
func (r *Reader) fixed() int64 {
	var n uint64
	for i := range 8 {
		n |= uint64((*r)[i]) << (8 * i)
	}
	*r = (*r)[8:]
	return int64(n)
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
