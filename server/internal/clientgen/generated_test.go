package clientgen

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/server/api"
)

const clientDir = "../../client"

var update = flag.Bool("update", false, "write openapi.json, and with RULEBOOK_TESTS=all client.gen.go")

// The client is made of the description that the server has now.
func TestDescription(t *testing.T) {
	data, err := api.OpenAPI()
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(clientDir, "openapi.json"), data, 0o644))
	}
	kept, err := os.ReadFile(filepath.Join(clientDir, "openapi.json"))
	require.NoError(t, err)
	assert.True(t, string(data) == string(kept), "the interface has changed: RULEBOOK_TESTS=all go test ./internal/clientgen -update")
}

// The client is what the generator makes of the description: the same bytes. The
// generator is built for it, which takes a minute the first time, so that it runs
// with RULEBOOK_TESTS=all alone.
func TestGenerated(t *testing.T) {
	testsize.OnlyInAll(t)
	tools, err := filepath.Abs("../../../tools/go.mod")
	require.NoError(t, err)
	out, kept := filepath.Join(t.TempDir(), "client.gen.go"), filepath.Join(clientDir, "client.gen.go")
	if *update {
		out = kept
	}
	c := exec.Command("go", "tool", "-modfile="+tools, "oapi-codegen", "-config", filepath.Join(clientDir, "oapi-codegen.yaml"), "-o", out, filepath.Join(clientDir, "openapi.json"))
	c.Env = append(os.Environ(), "GOWORK=off")
	said, err := c.CombinedOutput()
	require.NoError(t, err, string(said))
	made, err := os.ReadFile(out)
	require.NoError(t, err)
	there, err := os.ReadFile(kept)
	require.NoError(t, err)
	assert.True(t, string(made) == string(there), "RULEBOOK_TESTS=all go test ./internal/clientgen -update")
}
