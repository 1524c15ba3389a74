package condition

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func (t *Tree) written() string {
	parts := make([]string, len(t.Of))
	for i, x := range t.Of {
		parts[i] = x.written()
	}
	name := []string{"name", "element", "quoted", "number", "list", "not", "negate", "binary", "choice", "call"}[t.Op]
	if len(parts) == 0 {
		return name + " " + t.Text
	}
	return name + " " + t.Text + "(" + strings.Join(parts, ", ") + ")"
}

func TestTreeOf(t *testing.T) {
	for src, want := range map[string]string{
		`request.kind == "install" and not urgent`: `binary and(binary ==(name request.kind, quoted install), not (name urgent))`,
		`any(visits, .at.day >= 2025-01-31)`:       `call any(name visits, binary >=(element at.day, number 2025-01-31))`,
		`x == null ? 20% of fare : -1`:             `choice (binary ==(name x, name null), binary of(number 20%, name fare), negate (number 1))`,
		`# in ["a", "b"] || true`:                  `binary or(binary in(element , list (quoted a, quoted b)), name true)`,
		`sum(rows, .n * 9.98 GBP)`:                 `call sum(name rows, binary *(element n, number 9.98 GBP))`,
	} {
		tree, ok := TreeOf(src)
		if assert.True(t, ok, src) {
			assert.Equal(t, want, tree.written(), src)
		}
	}
	for _, src := range []string{"", "a ==", "1.5"} {
		_, ok := TreeOf(src)
		assert.False(t, ok, src)
	}
}
