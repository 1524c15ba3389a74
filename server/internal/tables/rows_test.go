package tables

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is larger than its bound is no end: it would look like a whole file.
func TestBounded(t *testing.T) {
	for _, size := range []int{0, 1, 3, 4, 5, 100} {
		const most = 4
		got, err := io.ReadAll(&bounded{strings.NewReader(strings.Repeat("x", size)), most + 1})
		if size > most {
			assert.ErrorIs(t, err, errTooLarge, size)
			continue
		}
		assert.NoError(t, err, size)
		assert.Len(t, got, size)
	}
}
