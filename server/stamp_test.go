package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program that is built where version control is says what it was built
// from: the commit, and whether anything was changed since. The repository is
// one of its own, so that it is known what there is to say, and a machine that
// leaves the stamp out (-buildvcs=false) does not hide it.
func TestVersionControlStamp(t *testing.T) {
	testsize.NotAtTheDesk(t) // a program is built
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not there, and without it nothing can be stamped")
	}
	dir := t.TempDir()
	command := func(name string, args ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), name, args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s %q: %s", name, args, out)
		return strings.TrimSpace(string(out))
	}
	// The program's own files, and its packages where they are.
	for _, name := range []string{"cmd/rulebook-server/main.go", "go.mod", "go.sum"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), data, 0o600))
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	const module = "github.com/servicerules/rulebook"
	command("go", "mod", "edit", "-module", module+"/stamped", "-replace", module+"="+root,
		"-require", module+"/server@v0.0.0", "-replace", module+"/server="+filepath.Join(root, "server"), "-replace", module+"/spreadsheet="+filepath.Join(root, "spreadsheet"))
	command("git", "init", "-q")
	program := filepath.Join(t.TempDir(), "server")
	version := func() string {
		t.Helper()
		command("go", "build", "-buildvcs=true", "-ldflags=-s -w", "-o", program, ".")
		return command(program, "--version")
	}
	command("go", "list", "-deps", ".") // which brings go.mod in order
	command("git", "add", "-A")
	command("git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "as it is")
	revision := command("git", "rev-parse", "HEAD")
	assert.Regexp(t, `^rulebook-server \S+ `+revision+` go1`, version())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "more.go"), []byte("package main\n"), 0o600))
	assert.Regexp(t, `^rulebook-server \S+ `+revision+`\+dirty go1`, version())
}
