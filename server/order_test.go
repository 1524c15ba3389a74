package server

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// orders are all orders of some pieces.
func orders(pieces [][]string) [][]string {
	if len(pieces) == 0 {
		return [][]string{nil}
	}
	var all [][]string
	for i, p := range pieces {
		rest := slices.Delete(slices.Clone(pieces), i, i+1)
		for _, o := range orders(rest) {
			all = append(all, slices.Concat(p, o))
		}
	}
	return all
}

// The order of flags and words never matters, not even that of the command's
// name among them: whatever it is, the same comes out.
func TestOrderOfArguments(t *testing.T) {
	t.Chdir(t.TempDir())
	s := start(t, "--db", "kept.db")
	s.send("POST", "/v1/questions/time_limit.request/ask?record=1", "application/json", `{"request":{"kind":"fault"}}`)
	s.stop()
	require.NoError(t, os.Mkdir("copies", 0o700))
	for _, x := range []struct {
		pieces [][]string
		code   int
		says   string
	}{
		{[][]string{{"verify"}, {"kept.db"}, {"--json"}}, exitFine, `"records": 1`},
		{[][]string{{"verify"}, {"--db", "kept.db"}, {"-last", "1"}}, exitFine, "1 record, 1 to 1: all as recorded"},
		{[][]string{{"verify"}, {"none.db"}, {"--first=1"}, {"-last", "1"}}, exitTrouble, "none.db"},
		{[][]string{{"verify"}, {"none.db"}, {"--json"}}, exitTrouble, "none.db"},
		{[][]string{{"backup"}, {"copies/copy.db"}, {"--db", "kept.db"}}, exitFine, "1 record,"},
		{[][]string{{"version"}, {"--json"}}, exitUsage, "json"},
		{[][]string{{"--version"}, {"--db", "kept.db"}, {"--json"}}, exitFine, "rulebook-server "},
		{[][]string{{"--version"}, {"verify"}, {"none.db"}}, exitFine, "rulebook-server "},
		{[][]string{{"--help"}, {"backup"}}, exitFine, "backup FILE"},
		{[][]string{{"verify"}, {"-h"}, {"kept.db"}}, exitFine, "verify [FILE]"},
		{[][]string{{"serve"}, {"--addr", "nowhere"}, {"--json"}}, exitUsage, "HOST:PORT"},
		{[][]string{{"--addr", "nowhere"}, {"--rules", "verify"}, {"--verbose"}}, exitUsage, "HOST:PORT"},
		{[][]string{{"backup"}, {"--db", "none.db"}, {"copies/never.db"}}, exitTrouble, "none.db"},
		{[][]string{{"verify"}, {"--db", "backup"}}, exitTrouble, "backup"},
	} {
		for _, args := range orders(x.pieces) {
			require.NoError(t, os.RemoveAll(filepath.Join("copies", "copy.db")))
			var out output
			code := run(context.Background(), args, &out, &out, nil)
			assert.Equal(t, x.code, code, "%q: %s", args, out.String())
			assert.Contains(t, regexp.MustCompile(` +`).ReplaceAllString(out.String(), " "), x.says, "%q", args)
		}
	}
	for _, args := range orders([][]string{{"token"}, {"--"}, {"billing"}, {"ask"}}) { // words keep their order among each other
		if strings.Join(args, " ") == "token -- billing ask" {
			var out output
			assert.Equal(t, exitFine, run(context.Background(), args, &out, &out, nil))
		}
	}
}
