package main

import (
	"encoding/json"
	"flag"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The command speaks the protocol on its standard input and output.
func TestSpeaks(t *testing.T) {
	program := filepath.Join(t.TempDir(), "rulebook-mcp")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	s, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), &mcp.CommandTransport{Command: exec.Command(program, "--rules", "../../../rules.yaml", "--lang", "zh")}, nil)
	require.NoError(t, err)
	r, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "list", Arguments: json.RawMessage(`{}`)})
	require.NoError(t, err)
	assert.Contains(t, r.Content[0].(*mcp.TextContent).Text, "time_limit.request")
	require.NoError(t, s.Close())
}

func TestRefusals(t *testing.T) {
	assert.ErrorContains(t, run(t.Context(), []string{"--lang", "de"}), "write zh or en")
	assert.ErrorContains(t, run(t.Context(), []string{"--rules", "nowhere.yaml"}), "nowhere.yaml")
	assert.ErrorIs(t, run(t.Context(), []string{"--rulse", "x"}), errUsage)
	assert.ErrorIs(t, run(t.Context(), []string{"--help"}), flag.ErrHelp)
}
