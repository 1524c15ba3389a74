package policy

import (
	"fmt"
)

// RowError says that there is no such row.
type RowError struct{ Row, Rows int }

// Error says how many there are.
func (e *RowError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf("there is no row %d: the rows are 0 to %d", e.Row, e.Rows-1)
}
