package intake

import (
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// Rows reads the facts of a question out of many rows, such as those of a
// table or lines of JSON, with hardly a node in between. It takes nothing but
// what [Engine.Check] takes, and means the same by it; what is wrong with a
// row, and where, is Check's to say. It is immutable and safe for concurrent
// use.
type Rows struct {
	book    *checked.Book
	Asked   *checked.Question
	blank   []value.Value // where nothing is given
	columns []rowColumn
	facts   map[string]*checked.Fact // the question's, by name, and as_of
	given   []checked.SlotSpan       // by slot of a record: it, and what is in it, where it exists
	null    []checked.SlotSpan       // by slot of a record: it, and what is in it, where it is null
}

// rowColumn is where the values of a column go.
type rowColumn struct {
	fact    *checked.Fact // nil where there is none
	records []int         // the slots of those that it is in, the outermost first
}

// NewRows prepares for rows that have the facts under the given paths, in that
// order: "request.kind", or "as_of". Lines of JSON need none. The error is an
// *UnknownQuestionError.
func NewRows(book *checked.Book, question string, paths ...string) (*Rows, error) {
	b, err := newBinder(book, question, "rows")
	if err != nil {
		return nil, err
	}
	l := &b.question.Layout
	r := &Rows{book: book, Asked: b.question, blank: b.finish(), facts: map[string]*checked.Fact{}, given: make([]checked.SlotSpan, l.Slots), null: make([]checked.SlotSpan, l.Slots)}
	for _, path := range paths {
		f, records := b.lookup(path, nil)
		c := rowColumn{fact: f}
		for _, record := range records {
			c.records = append(c.records, record.Slot)
		}
		r.columns = append(r.columns, c)
	}
	slots := make([]value.Value, l.Slots)
	var add func(f *checked.Fact)
	add = func(f *checked.Fact) {
		if f.Typ.Kind == value.Record {
			r.null[f.Slot] = b.absence(f, f.Null)
			b.exists(slots, f)
			r.given[f.Slot] = checked.SpanOf(slots, f)
		}
		for _, x := range f.Fields {
			add(x)
		}
	}
	r.facts["as_of"], _ = b.lookup("as_of", nil)
	for i, f := range l.Placed {
		r.facts[b.question.Facts[i].Name] = f
		add(f)
	}
	return r, nil
}

// Row is the facts of one row while they are read into their slots. Where a
// method that reads is false, the row must be left and read by Check. It
// belongs to one goroutine.
type Row struct {
	Of    *Rows
	facts []value.Value
}

// Question is the question that the rows are of.
func (r *Rows) Question() *checked.Question { return r.Asked }

// Row is a row of which nothing has been read yet, in the slots of the facts.
func (r *Rows) Row(facts []value.Value) Row {
	copy(facts, r.blank)
	return Row{r, facts}
}

// Slots is how many slots the facts have.
func (r *Rows) Slots() int { return len(r.blank) }

// SaysWhen reports whether the row says its own moment of asking.
func (r *Row) SaysWhen() bool { return r.facts[r.Of.Asked.Layout.AsOf].IsKnown() }

// Put reads the value in a column. No column may be read twice.
func (r *Row) Put(column int, text string, quoted bool) bool {
	f := r.column(column)
	return f != nil && r.put(f, text, quoted)
}

// PutNull reads a null in a column.
func (r *Row) PutNull(column int) bool {
	f := r.column(column)
	return f != nil && f.Typ.Kind != value.Record && r.putNull(f) // another column may speak of its fields
}

// PutList reads a list in a column.
func (r *Row) PutList(column int, n *source.Node) bool {
	f := r.column(column)
	return f != nil && r.putList(f, n)
}

// column is the fact of a column that is given, if there is one.
func (r *Row) column(i int) *checked.Fact {
	c := &r.Of.columns[i]
	for _, slot := range c.records {
		if !r.facts[slot].IsKnown() {
			r.exists(slot)
		}
	}
	return c.fact
}

// exists notes that there is a record, of which nothing is known yet.
func (r *Row) exists(slot int) {
	r.Of.given[slot].Put(r.facts)
}

func (r *Row) put(f *checked.Fact, text string, quoted bool) bool {
	if f.Typ.Kind == value.List || f.Typ.Kind == value.Record {
		return false
	}
	v, err := ParseScalar(f, text, quoted, r.Of.book)
	r.facts[f.Slot] = v
	return err == nil
}

func (r *Row) putNull(f *checked.Fact) bool {
	if f.Typ.Kind == value.Record {
		r.Of.null[f.Slot].Put(r.facts)
	} else {
		r.facts[f.Slot] = f.AbsentValue(f.Null)
	}
	return true
}

func (r *Row) putList(f *checked.Fact, n *source.Node) bool {
	if f.Typ.Kind != value.List {
		return false
	}
	var wrong Refusals
	v := readFact(r.Of.book, f, n, f.Path, &wrong)
	if len(wrong.list) > 0 {
		return false
	}
	r.facts[f.Slot] = v
	return true
}
