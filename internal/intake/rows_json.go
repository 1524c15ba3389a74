package intake

import (
	"unicode/utf8"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// ReadJSON reads an object of facts in JSON. What is no fact, and is a single
// value, goes to other, which says whether that is in order.
func (r *Row) ReadJSON(data []byte, other func(key, text string, quoted bool) bool) bool {
	w := rowReader{row: r, other: other}
	if len(data) > policy.MaxFactBytes || r.Of.Asked.Layout.Slots > len(w.seen) || !utf8.Valid(data) {
		return false
	}
	w.text = string(data)
	w.space()
	ok := w.object(nil, 0)
	w.space()
	return ok && w.at == len(w.text)
}

// rowReader walks through an object of facts as jsonParser does, which it
// leaves all errors to.
type rowReader struct {
	jsonParser
	row   *Row
	other func(key, text string, quoted bool) bool
	seen  [512]bool // by slot
}

// object reads the facts of a question, or the fields of a record.
func (w *rowReader) object(record *checked.Fact, depth int) bool {
	if depth > policy.MaxDepth || w.peek() != '{' {
		return false
	}
	w.advance(1)
	w.space()
	for first := true; w.peek() != '}'; first = false {
		if !first {
			if w.peek() != ',' {
				return false
			}
			w.advance(1)
			w.space()
		}
		if w.peek() != '"' {
			return false
		}
		key := w.str()
		w.space()
		if w.peek() != ':' {
			return false
		}
		w.advance(1)
		w.space()
		if !w.member(record, key, depth+1) || w.err != nil {
			return false
		}
		w.space()
	}
	w.advance(1)
	return true
}

func (w *rowReader) member(record *checked.Fact, key string, depth int) bool {
	f := w.row.Of.facts[key]
	if record != nil {
		f = record.Vars[key]
	}
	switch {
	case f != nil && w.seen[f.Slot]:
		return false
	case f != nil:
		w.seen[f.Slot] = true
	case record != nil:
		return false
	}
	switch c := w.peek(); {
	case (c == '{' || c == '[') && f == nil:
		return false
	case c == '{':
		if f.Typ.Kind != value.Record {
			return false
		}
		w.row.exists(f.Slot)
		return w.object(f, depth)
	case c == '[':
		n := w.value(depth)
		return w.err == nil && len(w.twice) == 0 && w.row.putList(f, n)
	}
	text, quoted := "", w.peek() == '"'
	if quoted {
		text = w.str()
	} else {
		text = w.literal()
	}
	switch {
	case f == nil:
		return w.err == nil && w.other(key, text, quoted)
	case !quoted && text == "null":
		return w.row.putNull(f)
	}
	return w.err == nil && w.row.put(f, text, quoted)
}
