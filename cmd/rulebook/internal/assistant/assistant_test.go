package assistant_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/cmd/rulebook/internal/assistant"
)

// session is a client of the official package, connected to the built-in rulebook.
func session(t *testing.T, lang string) (*mcp.ClientSession, *rulebook.Book) {
	t.Helper()
	book, err := rulebook.Default()
	require.NoError(t, err)
	ours, theirs := mcp.NewInMemoryTransports()
	server, err := assistant.New(book, lang, "v0").Connect(t.Context(), ours, nil)
	require.NoError(t, err)
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), theirs, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, client.Close())
		assert.NoError(t, server.Wait())
	})
	return client, book
}

// call is what a tool says, and whether it is an error.
func call(t *testing.T, s *mcp.ClientSession, tool, arguments string) (string, bool) {
	t.Helper()
	r, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	require.NoError(t, err)
	require.Len(t, r.Content, 1)
	text, ok := r.Content[0].(*mcp.TextContent)
	require.True(t, ok)
	return text.Text, r.IsError
}

const june = `{"area": {"id": "A1", "type": "urban"}, "month": "2025-06", "households_month_end": 6000, "complaint_calls_recorded_by_branch": 6,
 "tickets": {"received": 100, "replied_within_72h": 100, "not_yet_due": 0}, "satisfaction": {"valid_responses": 200, "satisfied": 200}}`

// All tools are there, and all only read.
func TestTools(t *testing.T) {
	s, _ := session(t, "en")
	list, err := s.ListTools(t.Context(), nil)
	require.NoError(t, err)
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
		assert.True(t, tool.Annotations.ReadOnlyHint, tool.Name)
		assert.NotEmpty(t, tool.Description)
	}
	slices.Sort(names)
	assert.Equal(t, []string{"analyse", "ask", "check", "diff", "explain", "list"}, names)
}

// An answer is the library's to the byte, and carries its articles and hash.
func TestAsk(t *testing.T) {
	s, book := session(t, "zh")
	said, failed := call(t, s, "ask", `{"question": "contracting.kpi", "facts": `+june+`}`)
	require.False(t, failed, said)
	want, err := book.Ask(t.Context(), "contracting.kpi", []byte(june))
	require.NoError(t, err)
	assert.Equal(t, string(want.AppendJSON(nil, true)), said)
	assert.Contains(t, said, `"cites":["contracting/4"]`)
	assert.Contains(t, said, book.Rulebook().SHA256)

	said, failed = call(t, s, "ask", `{"question": "contracting.kpi", "facts": `+june+`, "readings": {"kpi.overall": "none"}, "as_of": "2025-07-01T00:00:00+08:00"}`)
	require.False(t, failed, said)
	assert.Contains(t, said, `"verdict":"reported"`)

	said, failed = call(t, s, "ask", `{"question": "contracting.kpi", "facts": {"area": {"type": "urbn"}}}`)
	assert.True(t, failed)
	assert.Contains(t, said, "area.type")
	assert.Contains(t, said, "是否指 urban")
	for _, wrong := range []string{
		`{"question": "contracting.kpii", "facts": {}}`,
		`{"question": "contracting.kpi", "facts": {}, "as_of": "yesterday"}`,
		`{"question": "contracting.kpi", "facts": {}, "readings": {"kpi.overall": "best"}}`,
	} {
		said, failed = call(t, s, "ask", wrong)
		assert.True(t, failed, said)
		assert.Contains(t, said, "→", "what to write instead")
	}
}

// The largest count is taken as it is written.
func TestNumbersAreExact(t *testing.T) {
	s, _ := session(t, "en")
	said, failed := call(t, s, "ask", strings.Replace(`{"question": "contracting.kpi", "facts": `+june+`}`, "6000", "999999999999999", 1))
	require.False(t, failed, said)
	assert.Contains(t, said, "6/999999999999999")
}

func TestExplain(t *testing.T) {
	s, _ := session(t, "en")
	said, failed := call(t, s, "explain", `{"question": "contracting.kpi", "facts": `+june+`}`)
	require.False(t, failed, said)
	var told struct {
		Why []struct {
			Rule    string
			RestsOn []struct{ Rule string } `json:"rests_on"`
		}
		Flips []struct {
			Changes map[string]any
			Verdict string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(said), &told))
	last := told.Why[len(told.Why)-1]
	assert.Equal(t, "contracting.overall", last.Rule)
	assert.Equal(t, "contracting.complaint_rate", last.RestsOn[0].Rule)
	assert.Contains(t, said, `{"changes":{"complaint_calls_recorded_by_branch":5},"verdict":"met"}`)
}

// A reading that the caller chose is varied like the others.
func TestExplainUnderReadings(t *testing.T) {
	s, _ := session(t, "en")
	said, failed := call(t, s, "explain", `{"question": "contracting.kpi", "facts": `+june+`, "readings": {"kpi.overall": "none"}}`)
	require.False(t, failed, said)
	assert.Contains(t, said, `"verdict":"reported"`)
	assert.Contains(t, said, `{"readings":{"kpi.overall":"all_applicable"},"verdict":"not_met"}`)
}

func TestList(t *testing.T) {
	s, book := session(t, "zh")
	said, failed := call(t, s, "list", `{}`)
	require.False(t, failed, said)
	for _, q := range book.Rulebook().Questions {
		assert.Contains(t, said, `"`+q.ID+`"`)
		one, failed := call(t, s, "list", `{"question": "`+q.ID+`"}`)
		require.False(t, failed, one)
		for _, f := range q.Facts {
			assert.Contains(t, one, `"name":"`+f.Name+`"`)
		}
	}
	said, failed = call(t, s, "list", `{"question": "contracting.kp"}`)
	assert.True(t, failed)
	assert.Contains(t, said, "contracting.kpi")
}

func TestCheckAndDiff(t *testing.T) {
	s, book := session(t, "zh")
	rules, err := os.ReadFile("../../../../rules.yaml")
	require.NoError(t, err)
	arguments := func(old, changed string) string {
		text := strings.Replace(string(rules), old, changed, 1)
		require.NotEqual(t, string(rules), text)
		data, err := json.Marshal(map[string]string{"rules": text})
		require.NoError(t, err)
		return string(data)
	}
	said, failed := call(t, s, "check", arguments(`request.kind == "fault"`, `request.kind == "falt"`))
	require.False(t, failed)
	assert.Contains(t, said, `"loads":false`)
	assert.Contains(t, said, "是否要写 fault")
	changed := arguments("within: 10 working days", "within: 11 working days")
	said, failed = call(t, s, "check", changed)
	require.False(t, failed)
	assert.Contains(t, said, `"loads":true`)
	assert.NotContains(t, said, book.Rulebook().SHA256)
	said, failed = call(t, s, "diff", changed)
	require.False(t, failed, said)
	assert.Contains(t, said, "农村装机")
}

func TestAnalyse(t *testing.T) {
	s, book := session(t, "en")
	said, failed := call(t, s, "analyse", `{"question": "accountability.recidivism"}`)
	require.False(t, failed, said)
	assert.Contains(t, said, book.Rulebook().SHA256)
	_, failed = call(t, s, "analyse", `{"question": "nothing"}`)
	assert.True(t, failed)
}
