package rulebook

import (
	"reflect"
	"time"

	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/servicerules/rulebook/policy"
)

// Known is a field that may be missing: the zero Known says that nobody knows
// it, None that it is known not to exist, Is that it is known.
type Known[T any] = policy.Known[T]

// Month is a month of a year, for facts of type month. The zero Month is not
// given.
type Month = policy.Month

// Money is an exact amount of a currency, for facts of type money. The zero Money
// is not given.
type Money = policy.Money

// BindError names every field that keeps a Go type from being bound.
type BindError = policy.BindError

// Conversion makes values of one Go type into those of another that can be
// bound.
type Conversion struct{ by intake.Conversion }

// Convert makes fields of type T bindable where they are not by themselves, or
// not as they should be:
//
//	rulebook.Bind[Invoice](book, question, rulebook.Convert(func(d decimal.Decimal) (int64, error) { … }))
//
// F is any type that can be bound: a pointer or a [Known] where the fact may be
// missing. What f fails with is the refusal of the fact, "not_converted". A nil
// f makes [Bind] and [Columns] fail.
func Convert[T, F any](f func(T) (F, error)) Conversion { return Conversion{intake.Convert(f)} }

// inner are conversions as intake takes them.
func inner(conversions []Conversion) []intake.Conversion {
	all := make([]intake.Conversion, len(conversions))
	for i, c := range conversions {
		all[i] = c.by
	}
	return all
}

// Is is a known value.
func Is[T any](v T) Known[T] { return policy.Is(v) }

// None is what is known not to exist: an event that has not happened, a record
// that is not there.
func None[T any]() Known[T] { return policy.None[T]() }

// Bound asks one question about values of one Go type. It is immutable and
// safe for concurrent use.
type Bound[T any] struct {
	book    *Book
	binding *intake.Binding
}

// Bind checks once that the struct type T, or a pointer to one, fits the facts
// of a question. A field is bound by its tag to the fact of that name:
//
//	type Ticket struct {
//		Kind     string     `rulebook:"request.kind"`
//		Received time.Time  `rulebook:"request.received_at"`
//		Done     *time.Time `rulebook:"request.completed_at"`
//	}
//
// A struct, or a pointer to one, that has no tag, embedded or not, is looked
// through: the tags in it count as if they stood in its place. A struct field
// with a tag is a record whose own tags are relative to it, and tags with a dot
// reach into a record from anywhere. No tag is silently without effect; one of
// "-" leaves a field out. Facts without a field are not given.
//
//	yes/no                bool
//	count, number, year   any integer type; a year of 0 is not given
//	money                 rulebook.Money, or a string such as "9.98"; the zero of either is not given
//	moment                time.Time; the zero time is not given
//	date                  date.Date, or a time.Time, whose day in the rulebook's zone it is; the zero of either is not given
//	month                 rulebook.Month; the zero month is not given
//	word, name, article   string or a type of that kind; "" is not given; for a name also any integer type
//	text                  string; "" is none
//	list                  a slice of the above, or of pointers to them; nil is not given, an empty one is known to be empty
//	record                a struct
//
// Also taken are json.Number for numbers and names; types of that kind instead
// of time.Time; types that write themselves as JSON or text, for what they
// write; and those that are a driver.Valuer, for the value that they give.
// What else there is, such as a decimal, is bound by a conversion: [Convert].
//
// A pointer to any of them may be nil, and a [Known] of it may be unknown or
// none. One of the types of package database/sql that may be null, such as
// sql.NullTime or sql.Null[T], is not given where it is null. An interface is
// not given where it is nil, else it is what it holds: any of these, or what
// package json reads into an interface. What is not given is what the rulebook says of an absent fact:
// unknown, none or a default. A yes/no or number by value is always given.
//
// Text that is not UTF-8 is refused, "not_utf8": package json would write the same
// sign for the names of different people.
//
// A record exists where a pointer to it is not nil, or a Known of it is known.
// Bound by value, or by tags with a dot, it exists unless the rulebook says
// that it may be missing (if_absent: none or if_null: none): such a record
// exists as soon as anything in it is given, so a struct by value of which
// nothing is given is a record that is not there.
//
// The error is a *policy.UnknownQuestionError, or a *BindError that names
// every mismatch with its field and its fact.
func Bind[T any](b *Book, question string, conversions ...Conversion) (*Bound[T], error) {
	binding, err := b.decider().Bind(question, reflect.TypeFor[T](), inner(conversions)...)
	if err != nil {
		return nil, err
	}
	return &Bound[T]{book: b, binding: binding}, nil
}

// Decide answers the question. It is [Book.Ask] without the way over JSON: the
// same facts get the same answer, byte for byte, and nothing but the answer and
// its lists is allocated where everything needed is known and facts alike have
// been met before. Errors are a *policy.FactError that names fact and field (a
// word that is not in its list, a number out of range), policy.FactErrors where
// there are several, or a *policy.ReadingError.
func (a *Bound[T]) Decide(facts T, options ...Option) (*Answer, error) {
	if a == nil || a.binding == nil {
		return (*run.Engine)(nil).Decide(nil, memory.Address{}, time.Time{}) // which says so
	}
	engine, asOf, err := a.book.under(options)
	if err != nil {
		return nil, err
	}
	return engine.Decide(a.binding, memory.Of(&facts), asOf)
}

// Table is facts in columns: what some have instead of structs. It may be used
// by several goroutines as long as nobody writes to the columns.
type Table struct {
	book    *Book
	columns *intake.Columns
}

// Columns checks once that columns fit the facts of a question. A column is a
// slice of one of the types that [Bind] takes for a field, under the name of
// its fact ("request.kind"); all are of one length. The slices are not copied.
// Errors as for Bind; their mismatches name the columns.
func Columns(b *Book, question string, columns map[string]any, conversions ...Conversion) (*Table, error) {
	c, err := b.decider().Columns(question, columns, inner(conversions)...)
	if err != nil {
		return nil, err
	}
	return &Table{book: b, columns: c}, nil
}

// Len is the number of rows.
func (t *Table) Len() int {
	if t == nil {
		return 0
	}
	return t.columns.Len()
}

// Decide answers the question about a row, from 0 to Len()-1. Errors as for
// [Bound.Decide], and a *policy.RowError for a row that is not there.
func (t *Table) Decide(row int, options ...Option) (*Answer, error) {
	if t == nil || t.columns == nil {
		return (*run.Engine)(nil).DecideRow(nil, row, time.Time{}) // which says so
	}
	engine, asOf, err := t.book.under(options)
	if err != nil {
		return nil, err
	}
	return engine.DecideRow(t.columns, row, asOf)
}
