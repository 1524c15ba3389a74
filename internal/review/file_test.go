package review

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// A file is reviewed as if it lay alone in a directory called like it; review.yaml
// beside it is read.
func TestFile(t *testing.T) {
	book, err := rulebook.Load("../../rules.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	data, err := os.ReadFile("../../examples/data/2025-06/requests.csv")
	require.NoError(t, err)
	for _, name := range []string{"requests.csv", "2025-07.csv", "loads.csv"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	review := func(name string) *Report {
		r, err := File(t.Context(), book, filepath.Join(dir, name), Options{})
		require.NoError(t, err)
		return r
	}
	r := review("requests.csv")
	assert.Equal(t, 61, r.Totals.Records)
	assert.Empty(t, r.Month)
	assert.Equal(t, "2025-07", review("2025-07.csv").Month)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "review.yaml"), []byte("month: 2025-06\n"), 0o600))
	assert.Equal(t, "2025-06", review("requests.csv").Month)
	_, err = File(t.Context(), book, filepath.Join(dir, "nowhere.csv"), Options{})
	require.NoError(t, err, "a directory without tables is one, too")
}

func TestPeriodCalled(t *testing.T) {
	for name, want := range map[string]string{"2025-06": "2025-06", "2025年6月": "2025-06", "2025年12月份": "2025-12", "2025年06月": "2025-06", "2025-Q3": "2025-Q3", "2025年上半年": "2025-H1", "2025年": "2025"} {
		m, ok := periodCalled(name)
		require.True(t, ok, name)
		assert.Equal(t, want, m.String(), name)
	}
	for _, name := range []string{"", "2025", "2025年13月", "2025年0月", "25年6月", "六月", "2025-06-01"} {
		_, ok := periodCalled(name)
		assert.False(t, ok, name)
	}
}
