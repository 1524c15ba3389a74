package editor

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Keys at the top are found as a regular expression finds them, which takes ten
// times as long.
func TestTopKey(t *testing.T) {
	form := regexp.MustCompile(`(?m)(?:\A\x{FEFF}|^)["']?(?:include|extends)["']*[ \t]*:`)
	pieces := []string{"include", "extends", ":", " :", "\n", "\r\n", "\"", "'", " ", "\t", "x", "\ufeff", "includes", "- ", "规"}
	random := rand.New(rand.NewPCG(3, 4))
	found := 0
	for range 20000 {
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		want := form.MatchString(b.String())
		assert.Equal(t, want, TopKey(b.String(), "include", "extends"), "%q", b.String())
		if want {
			found++
		}
	}
	assert.Greater(t, found, 400)
}
