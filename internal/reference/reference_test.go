package reference_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/internal/golden"
	"github.com/servicerules/rulebook/internal/reference"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	schema, err := reference.Schema(forms.All())
	require.NoError(t, err)
	require.True(t, json.Valid(schema))
	for path, want := range map[string][]byte{
		"../../docs/rules-reference.md": reference.Markdown(forms.All()),
		"../../rules.schema.json":       schema,
	} {
		golden.File(t, path, want)
	}
}
