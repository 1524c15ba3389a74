package reference_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/reference"
)

var update = flag.Bool("update", false, "write the generated files")

func TestGeneratedFilesAreCurrent(t *testing.T) {
	schema, err := reference.Schema(rulebook.Forms())
	require.NoError(t, err)
	require.True(t, json.Valid(schema))
	for path, want := range map[string][]byte{
		"../../docs/rules-reference.md": reference.Markdown(rulebook.Forms()),
		"../../rules.schema.json":       schema,
	} {
		if *update {
			require.NoError(t, os.WriteFile(path, want, 0o644))
		}
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "run: go test ./internal/reference -update")
	}
}
