package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/value"
)

// BindError says what keeps a Go type from supplying the facts of a question.
type BindError struct {
	Question   string
	Type       string
	Mismatches []Mismatch
}

// Mismatch is one field that does not fit.
type Mismatch struct {
	Field   string // in Go: "Ticket.Extension.By", or the name of a column
	Fact    string // as the question calls it: "request.extension.approver_role"
	Code    string // stable: not_a_struct, no_fields, unknown_fact, bound_twice, wrong_type, not_exported
	Message Text
	Remedy  Text
}

// Error names every mismatch, in English.
func (e *BindError) Error() string {
	if e == nil {
		return "<nil>"
	}
	lines := make([]string, len(e.Mismatches))
	for i, m := range e.Mismatches {
		lines[i] = fmt.Sprintf("%s: %s [%s]", m.Field, m.Message.EN, m.Code)
		if m.Remedy.EN != "" {
			lines[i] += " → " + m.Remedy.EN
		}
	}
	return fmt.Sprintf("%s cannot be bound to %s:\n%s", e.Type, e.Question, strings.Join(lines, "\n"))
}

// Tag is the key of the struct tag that names a field's fact.
const Tag = "rulebook"

// Month is a month of a year, as facts of type month are bound to. The zero
// Month is not given.
type Month struct {
	Year  int
	Month time.Month
}

// String is for example "2026-01".
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }

// MarshalText is String, and nothing for the zero Month.
func (m Month) MarshalText() ([]byte, error) {
	if m == (Month{}) {
		return nil, nil
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *Month) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Month{}
		return nil
	}
	year, month, err := source.Month(string(text))
	if err != nil {
		return err
	}
	*m = Month{year, month}
	return nil
}

// Known is a value that may be missing: the zero Known says that nobody knows
// it, [None] that it is known not to exist.
type Known[T any] struct {
	state value.State
	v     T
}

// AnyKnown is what every Known implements and nothing else can: the value that is
// in it, nil where none is known.
type AnyKnown interface{ ValueOrNil() any }

func (k Known[T]) ValueOrNil() any {
	if k.state != value.Known {
		return nil
	}
	return k.v
}

// Is is a known value.
func Is[T any](v T) Known[T] { return Known[T]{value.Known, v} }

// None is what is known not to exist: an event that has not happened, a record
// that is not there.
func None[T any]() Known[T] { return Known[T]{state: value.None} }

// Get is the value, and whether it is known.
func (k Known[T]) Get() (T, bool) { return k.v, k.state == value.Known }

// State is what is known of it.
func (k Known[T]) State() State { return State(k.state) }

// UnmarshalJSON reads null as what is known not to exist, and anything else as
// the known value.
func (k *Known[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*k = None[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*k = Is(v)
	return nil
}

// MarshalJSON is the value, or null where it is none or not known: tag such a
// field `omitzero` to leave out what is not known.
func (k Known[T]) MarshalJSON() ([]byte, error) {
	if k.state != value.Known {
		return []byte("null"), nil
	}
	return json.Marshal(k.v)
}
