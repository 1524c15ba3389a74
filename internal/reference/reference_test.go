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

// A file that is included, or extends another, need not have what a whole
// rulebook needs.
func TestSchemaOfPartialFiles(t *testing.T) {
	data, err := reference.Schema(forms.All())
	require.NoError(t, err)
	var schema map[string]any
	require.NoError(t, json.Unmarshal(data, &schema))
	require.Nil(t, schema["required"])
	facts := schema["properties"].(map[string]any)["facts"].(map[string]any)["additionalProperties"].(map[string]any)
	require.Nil(t, facts["required"], "a branch may change one key of a fact")
	whole := schema["else"].(map[string]any)["allOf"].([]any)
	require.Len(t, whole, 2)
	needed := whole[0].(map[string]any)["properties"].(map[string]any)["facts"].(map[string]any)["additionalProperties"].(map[string]any)
	require.Equal(t, []any{"type"}, needed["required"])
	require.Equal(t, []any{"rulebook", "facts", "regulations", "questions"}, whole[1].(map[string]any)["then"].(map[string]any)["required"])
}
