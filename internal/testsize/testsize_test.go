package testsize

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPick(t *testing.T) {
	for size, want := range map[string]int{"": 1, "ci": 2, "all": 3} {
		t.Setenv(variable, size)
		assert.Equal(t, want, Pick(1, 2, 3), size)
		ran := map[string]bool{}
		t.Run("ci", func(t *testing.T) { NotAtTheDesk(t); ran["ci"] = true })
		t.Run("all", func(t *testing.T) { OnlyInAll(t); ran["all"] = true })
		assert.Equal(t, want >= 2, ran["ci"], size)
		assert.Equal(t, want >= 3, ran["all"], size)
	}
	t.Setenv(variable, "CI")
	assert.PanicsWithValue(t, "RULEBOOK_TESTS is CI: set it to ci or to all, or do not set it", func() { Pick(1, 2, 3) })
}
