package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The command speaks the protocol on its standard input and output, with a
// client of the official package.
func TestAssistantsSpeakWithTheCommand(t *testing.T) {
	command := exec.Command(os.Args[0], "mcp", "--rules", "../../rules.yaml", "--lang", "zh")
	command.Args[0] = "rulebook" // by which TestMain knows that it is to be the command
	s, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), &mcp.CommandTransport{Command: command}, nil)
	require.NoError(t, err)
	r, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "list", Arguments: json.RawMessage(`{}`)})
	require.NoError(t, err)
	text := r.Content[0].(*mcp.TextContent).Text
	assert.Contains(t, text, "time_limit.request")
	assert.Contains(t, text, "事项")
	require.NoError(t, s.Close())
	assert.True(t, command.ProcessState.Success(), "it ends without an error when the assistant goes")
}
