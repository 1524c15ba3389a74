package forms_test

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkEachFigure answers from a list of so many lines, and from it by item,
// facts read and all.
func BenchmarkEachFigure(b *testing.B) {
	book := parse(b, orders)
	for _, n := range []int{10, 1000} {
		lines := make([]string, n)
		for i := range lines {
			lines[i] = fmt.Sprintf(`{"id": "n%d", "item": "pen", "count": %d, "price": "1.50", "due_on": "2025-06-01", "sent": "2025-06-0%d"}`, i, i%7, 1+i%9)
		}
		facts := `{"lines": [` + strings.Join(lines, ", ") + `]}`
		for _, question := range []string{"o.late", "o.items"} {
			b.Run(fmt.Sprintf("%s/%d", question, n), func(b *testing.B) {
				for b.Loop() {
					ask(b, book, question, facts)
				}
			})
		}
	}
}
