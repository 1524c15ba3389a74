package checked

import (
	"github.com/rickb777/date/v2"
)

// At is the index of the edition in force on a day.
func (b *Book) At(on date.Date) int {
	i := 0
	for k, d := range b.Boundaries[1:] {
		if d <= on {
			i = k + 1
		}
	}
	return i
}
