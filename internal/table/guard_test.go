package table_test

import (
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/table"
)

// Rows that are short pass, however many; one that never ends does not, and takes
// no more memory than its bound and what the reader has ahead.
func TestRowGuard(t *testing.T) {
	row := strings.Repeat("x", 1000) + "\n"
	g := table.NewRowGuard(strings.NewReader(strings.Repeat(row, 3000)))
	r, n := csv.NewReader(g), 0
	for ; ; n++ {
		g.Next()
		if _, err := r.Read(); err == io.EOF {
			break
		}
	}
	assert.Equal(t, 3000, n)
	assert.False(t, g.Hit())

	read := 0
	endless := readerFunc(func(p []byte) (int, error) {
		for i := range p {
			p[i] = 'x'
		}
		read += len(p)
		return len(p), nil
	})
	g = table.NewRowGuard(io.MultiReader(strings.NewReader("a,b\n\"1"), endless))
	r = csv.NewReader(g)
	g.Next()
	_, err := r.Read()
	require.NoError(t, err)
	g.Next()
	_, _ = r.Read()
	assert.True(t, g.Hit())
	assert.LessOrEqual(t, read, 2*table.MaxRow)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
