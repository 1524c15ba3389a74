package files

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.yaml")
	require.NoError(t, os.WriteFile(path, []byte("12345"), 0o600))
	data, err := ReadBounded(path, 5)
	require.NoError(t, err)
	assert.Equal(t, "12345", string(data))
	_, err = ReadBounded(path, 4)
	assert.EqualError(t, err, path+" is larger than 4 bytes")
	_, err = ReadBounded(path+".gone", 5)
	assert.ErrorIs(t, err, os.ErrNotExist)
}
