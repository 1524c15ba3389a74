package jsontext

import "strconv"

// Writer writes JSON piece by piece and puts the commas. The zero Writer
// begins with nothing; B is what has been written.
type Writer struct {
	B     []byte
	comma bool // whether the next item is not the first
}

// Open begins an object or array.
func (w *Writer) Open(c byte) {
	w.B = append(w.B, c)
	w.comma = false
}

// Close ends it.
func (w *Writer) Close(c byte) {
	w.B = append(w.B, c)
	w.comma = true
}

// Item begins an item of an array, which is to be written next.
func (w *Writer) Item() *Writer {
	if w.comma {
		w.B = append(w.B, ',')
	}
	w.comma = true
	return w
}

// Key begins a member of an object, whose value is to be written next.
func (w *Writer) Key(k string) *Writer {
	w.Item()
	w.B = Append(w.B, k)
	w.B = append(w.B, ':')
	return w
}

// Str writes a string.
func (w *Writer) Str(s string) { w.B = Append(w.B, s) }

// Raw writes what is JSON already.
func (w *Writer) Raw(s string) { w.B = append(w.B, s...) }

// Number writes a whole number.
func (w *Writer) Number(n int64) { w.B = strconv.AppendInt(w.B, n, 10) }

// Strs writes an array of strings.
func (w *Writer) Strs(list []string) {
	w.Open('[')
	for _, s := range list {
		w.Item().Str(s)
	}
	w.Close(']')
}
