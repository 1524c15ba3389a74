package policy

import (
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/value"
)

// Rows reads facts from rows of single values that are written as text, such
// as the cells of a table, without a tree of nodes in between. It reads what
// [Engine.Check] would take, and takes nothing else: whatever is wrong, or
// more than a single value, it leaves to that. It is immutable and safe for
// concurrent use.
type Rows struct {
	engine   *Engine
	question *Question
	blank    *sketch // where nothing is given
	columns  []rowColumn
}

// rowColumn is where the values of a column go.
type rowColumn struct {
	fact    *Fact         // nil where it is none of a single value
	records []givenRecord // that the fact is in, the outermost first
}

// givenRecord is a record that exists as soon as one of its fields is given.
type givenRecord struct {
	slot   int
	fields patch // what it holds until more of them are
}

// Rows prepares for rows that have the facts under the given paths, in that
// order: "request.kind", or "as_of". The error is an *UnknownQuestionError.
func (e *Engine) Rows(question string, paths []string) (*Rows, error) {
	b, err := e.newBinder(question, "rows")
	if err != nil {
		return nil, err
	}
	r := &Rows{engine: e, question: b.question, blank: b.question.layout.sketchOf(b.facts)}
	for _, path := range paths {
		f, records := b.lookup(path, nil)
		c := rowColumn{}
		if f != nil && f.typ.Kind != value.List && f.typ.Kind != value.Record {
			c.fact = f
		}
		for _, record := range records {
			given := givenRecord{slot: record.slot}
			for _, x := range record.Fields {
				given.fields = append(given.fields, b.absence(x, x.Absent)...)
			}
			c.records = append(c.records, given)
		}
		r.columns = append(r.columns, c)
	}
	return r, nil
}

// Row is the facts of one row while they are read. It belongs to one
// goroutine, until it is decided or left.
type Row struct {
	of *Rows
	k  *sketch
}

// Row is a row of which nothing has been read yet.
func (r *Rows) Row() Row {
	k := r.question.layout.sketch()
	r.blank.copyTo(k)
	return Row{r, k}
}

// Put reads the value in a column, which must not have been read before. It is
// false where the row must be read by [Engine.Check]; so it is with Null.
func (r *Row) Put(column int, text string, quoted bool) bool {
	f := r.at(column)
	if f == nil {
		return false
	}
	if t := &r.k.layout.traits[f.slot]; t.how == inWords {
		i := slices.Index(t.words, text)
		r.k.codes[f.slot] = codeKnown + byte(i)
		return i >= 0
	}
	v, err := f.parseScalar(text, quoted, r.of.engine.book)
	r.k.put(f.slot, v)
	return err == nil
}

// Null reads a null in a column, which is as with Put.
func (r *Row) Null(column int) bool {
	f := r.at(column)
	if f != nil {
		r.k.put(f.slot, f.absentValue(f.Null))
	}
	return f != nil
}

// at is the fact of a column that is given.
func (r *Row) at(column int) *Fact {
	c := &r.of.columns[column]
	for i := range c.records {
		if record := &c.records[i]; r.k.codes[record.slot] != codeKnown {
			r.k.codes[record.slot] = codeKnown
			r.k.apply(record.fields)
		}
	}
	return c.fact
}

// Decide answers from the row, at the moment of asking where the row does not
// say its own, and leaves it. Errors are those of [Engine.Ask].
func (r *Row) Decide(asOf time.Time) (*Answer, error) {
	if r.k.codes[r.k.layout.asOf] == codeKnown {
		asOf = time.Time{}
	}
	return r.of.engine.decide(r.k, r.of.question, asOf)
}

// Leave gives a row up.
func (r *Row) Leave() { r.k.leave() }
