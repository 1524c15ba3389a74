package changing

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMerged(t *testing.T) {
	text := func(words string) []byte {
		return []byte(strings.ReplaceAll(words, " ", "\n") + "\n")
	}
	for _, c := range []struct {
		base, own, other, want string
		conflicts              int
	}{
		{"a b c d", "a b c d", "a b c d", "a b c d", 0},
		{"a b c d", "a B c d", "a b c D", "a B c D", 0},
		{"a b c d", "a B c d", "a B c d", "a B c d", 0},
		{"a b c d", "a c d", "a b c e d", "a c e d", 0},
		{"a b c d", "x a b c d", "a b c d y", "x a b c d y", 0},
		{"a b c", "a B c", "a X c", "a " + markOwn + " B " + markMiddle + " X " + markOther + " c", 1},
		{"a b c", "a B c", "a b C", "a " + markOwn + " B c " + markMiddle + " b C " + markOther, 1}, // beside each other
		{"a b c d e", "a d e", "a b c d", "a d", 0},
	} {
		got, n := merged(text(c.base), text(c.own), text(c.other))
		assert.Equal(t, c.conflicts, n, c)
		assert.Equal(t, strings.ReplaceAll(c.want, "\n", " "), strings.ReplaceAll(strings.TrimSuffix(string(got), "\n"), "\n", " "), c)
	}
	got, _ := merged(text("a b c d"), text("a B c d"), []byte("a\r\nb\r\nc\r\nD\r\n"))
	assert.Equal(t, "a\r\nB\r\nc\r\nD\r\n", string(got))
}

// Where only one text alters anything, what comes out is that text; nothing that
// both left alone is lost; and it does not matter which is which, but for the order
// of a conflict.
func TestMergedAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"a", "b", "c", "d"}
	text := func() []byte {
		var b strings.Builder
		for range r.IntN(9) {
			b.WriteString(words[r.IntN(len(words))] + "\n")
		}
		return []byte(b.String())
	}
	same := func(a, b []byte) bool {
		return strings.TrimRight(string(a), "\n") == strings.TrimRight(string(b), "\n")
	}
	for range 20_000 {
		base, own, other := text(), text(), text()
		got, n := merged(base, own, base)
		assert.True(t, n == 0 && same(got, own), "%q %q: %q", base, own, got)
		got, n = merged(base, base, other)
		assert.True(t, n == 0 && same(got, other), "%q %q: %q", base, other, got)
		got, n = merged(base, own, own)
		assert.True(t, n == 0 && same(got, own), "%q %q: %q", base, own, got)
		one, n := merged(base, own, other)
		two, m := merged(base, other, own)
		assert.Equal(t, n, m)
		if n == 0 {
			assert.Equal(t, string(one), string(two))
		}
		if t.Failed() {
			return
		}
	}
}
