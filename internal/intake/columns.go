package intake

import (
	"maps"
	"reflect"
	"slices"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Columns are the facts of a question in columns. It never writes to them.
type Columns struct {
	book     *checked.Book
	question *checked.Question
	facts    []value.Value // where nothing is given
	columns  []column
	rows     int
}

// column is a slice whose elements are copied like fields.
type column struct {
	slice any // kept alive
	data  memory.Address
	size  uintptr // of an element
	steps []step
}

// NewColumns checks that columns, slices by the name of their fact, fit the facts
// of a question, some of them converted. The error is an *UnknownQuestionError or a *BindError.
func NewColumns(book *checked.Book, question string, columns map[string]any, conversions ...Conversion) (*Columns, error) {
	b, err := newBinder(book, question, "the columns", conversions...)
	if err != nil {
		return nil, err
	}
	c := &Columns{book: book, question: b.question}
	first := ""
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		v := reflect.ValueOf(columns[name])
		if !v.IsValid() || v.Kind() != reflect.Slice {
			b.fail(name, name, "not_a_slice", diagnostic.Textf("列不是切片", "the column is not a slice"), diagnostic.Textf("给出一个切片", "give a slice"))
			continue
		}
		if first == "" {
			first, c.rows = name, v.Len()
		} else if v.Len() != c.rows {
			b.fail(name, name, "length_differs", diagnostic.Textf("有 %[1]d 行，而列 %[2]s 有 %[3]d 行", "the length is %[1]d, that of the column %[2]s is %[3]d", v.Len(), first, c.rows),
				diagnostic.Textf("各列行数须相同", "all columns must be of one length"))
			continue
		}
		t := v.Type().Elem()
		c.columns = append(c.columns, column{columns[name], memory.OfValue(v), t.Size(), b.member(t, name, "", name, nil, nil)})
	}
	c.facts = b.finish()
	return c, b.err()
}

// Len is the number of rows.
func (c *Columns) Len() int {
	if c == nil {
		return 0
	}
	return c.rows
}

// Book is the rulebook that they were checked for, and Question the question;
// nil where they never were.
func (c *Columns) Book() *checked.Book {
	if c == nil {
		return nil
	}
	return c.book
}

// Question is the question that they were checked for.
func (c *Columns) Question() *checked.Question { return c.question }

// Fill copies a row into the slots of the facts. Errors are a *RowError, or as
// for [Binding.Fill].
func (c *Columns) Fill(facts []value.Value, arena *value.Arena, row int) error {
	if row < 0 || row >= c.rows {
		return &policy.RowError{Row: row, Rows: c.rows}
	}
	copy(facts, c.facts)
	cp := copier{book: c.book, question: c.question, arena: arena, to: facts}
	for i := range c.columns {
		x := &c.columns[i]
		cp.fields(x.steps, x.data.Add(uintptr(row)*x.size), nil)
	}
	cp.applyDeferred(0)
	return cp.wrong.Err()
}
