package analysis

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/load"
)

// Names in one walk are what each name by itself is found to be used by.
func TestAllUsesAreThoseOfEachName(t *testing.T) {
	for _, file := range []string{"../../examples/rulebooks/cloud-sla.yaml", "../../examples/rulebooks/gdpr.yaml"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		b, found := load.Parse(file, data)
		require.NotNil(t, b, found)
		all := AllUses(b)
		for _, name := range Names(b) {
			want, _ := UsesOf(b, name)
			assert.Equal(t, want, all[name], name)
		}
		assert.Greater(t, len(all), 50)
	}
}

func TestNamesIn(t *testing.T) {
	assert.Equal(t, []string{"a", "a.b", "c", "c/2", "c/2.1", "2", "2.1", "d"}, namesIn(`a.b + c/2.1 == "d"`))
	assert.Equal(t, []string{"按", "x"}, namesIn(`.y 按（x）`))
}
