package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDiff(t *testing.T) {
	for _, x := range []struct{ want, got, diff string }{
		{"", "", ""},
		{"a\nb\n", "a\nb\n", ""},
		{"a\nb\nc\n", "a\nx\nc\n", "-    2  b\n+    2  x\n"},
		{"a\nc\n", "a\nb\nc\n", "+    2  b\n"},
		{"a\nb\nc\nd\n", "b\nc\ne\nd\n", "-    1  a\n+    3  e\n"},
		{"a\n", "", "-    1  a\n"},
		{"a", "a\n", "-    1  a (and no line end)\n+    1  a\n"},
	} {
		assert.Equal(t, x.diff, Diff(x.want, x.got), "%q %q", x.want, x.got)
	}
	long := func(word string) string { return strings.Repeat(word+"\n", 3_000) }
	diff := Diff(long("a"), long("b"))
	assert.Equal(t, shown+1, strings.Count(diff, "\n"), "a long difference is cut")
	assert.True(t, strings.HasSuffix(diff, "… and 5960 lines more\n"), diff)
}

// failed is a test that fails, and what it said.
type failed struct {
	testing.TB
	said string
}

func (s *failed) Helper()                           {}
func (s *failed) Name() string                      { return "TestPages/zh" }
func (s *failed) Errorf(format string, args ...any) { s.said = fmt.Sprintf(format, args...) }

func TestAFailureSaysWhatToRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.txt")
	fail := func() string {
		s := &failed{}
		File(s, path, []byte("a\nB\n"))
		return s.said
	}
	const run = "go test ./internal/golden -run '^TestPages$' -update"
	assert.Contains(t, fail(), run, "a file that is not there")
	require.NoError(t, os.WriteFile(path, []byte("a\nb\n"), 0o644))
	said := fail()
	assert.Contains(t, said, "-    2  b\n+    2  B\n")
	assert.True(t, strings.HasSuffix(said, run), said)
	File(t, path, []byte("a\nb\n"))
}
