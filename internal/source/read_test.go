package source_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/source"
)

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}

func TestRead(t *testing.T) {
	data, err := source.Read(endless{})
	require.NoError(t, err)
	_, found := source.Parse("endless", data)
	require.Len(t, found, 1)
	assert.Equal(t, "file_too_large", found[0].Code)

	dir := t.TempDir()
	path := filepath.Join(dir, "rules.yaml")
	whole := strings.Repeat("#", source.MaxBytes)
	require.NoError(t, os.WriteFile(path, []byte(whole), 0o600))
	data, err = source.ReadFile(path)
	require.NoError(t, err)
	assert.Len(t, data, source.MaxBytes, "a file of the largest size is read whole")

	for _, path := range []string{dir, filepath.Join(dir, "absent")} {
		_, err = source.ReadFile(path)
		var failed *fs.PathError
		assert.ErrorAs(t, err, &failed, path)
	}
}
