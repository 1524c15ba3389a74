// Package release tests the scripts that prepare a release.
package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"github.com/servicerules/rulebook/internal/testsize"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const (
	root    = "github.com/servicerules/rulebook"
	version = "v0.99.0"
	top     = "../.." // of the checkout
)

// mostModules is how many modules there may be in the graph of a program that
// embeds the library, itself included.
const mostModules = 25

// What is released is there: modules of the workspace, and commands in them.
func TestModules(t *testing.T) {
	workspace := run(t, top, nil, "go", "list", "-m", "-f", "{{.Path}}")
	for _, m := range modules(t) {
		if !slices.Contains(strings.Fields(workspace), path.Join(root, m.dir)) {
			t.Errorf("%s is no module of the workspace:\n%s", m.dir, workspace)
		}
		for _, command := range m.commands {
			if name := strings.TrimSpace(run(t, top, nil, "go", "list", "-f", "{{.Name}}", command)); name != "main" {
				t.Errorf("%s is no command but package %s", command, name)
			}
		}
	}
}

// TestRelease prepares a release of the files as they stand here, and uses it
// as strangers do: who install the commands, and who build on the library. It
// builds everything anew, which takes a minute, where RULEBOOK_TESTS=all.
func TestRelease(t *testing.T) {
	testsize.OnlyInAll(t)
	dir := t.TempDir()
	source, prepared := filepath.Join(dir, "source"), filepath.Join(dir, "release")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for _, name := range []string{"GIT_AUTHOR", "GIT_COMMITTER"} {
		t.Setenv(name+"_NAME", "nobody")
		t.Setenv(name+"_EMAIL", "nobody@example.com")
	}
	copyCheckout(t, source)
	script := filepath.Join(source, "tools", "prepare-release")

	if said := fails(t, source, script, "0.99.0", prepared); !strings.Contains(said, "is no version") {
		t.Errorf("a version without v: %s", said)
	}
	if said := fails(t, source, script, version, prepared); !strings.Contains(said, "CHANGELOG.md has no section ## [0.99.0]") {
		t.Errorf("no section in CHANGELOG.md: %s", said)
	}
	if err := os.RemoveAll(prepared); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(source, "CHANGELOG.md"), "## [Unreleased]\n", "## [Unreleased]\n\n## [0.99.0] - 2030-01-02\n\nSomething.\n\n## [0.98.0] - 2030-01-01\n")
	run(t, source, nil, "git", "commit", "-qam", "Changes of 0.99.0")
	before := run(t, source, nil, "git", "show-ref", "--head")
	run(t, source, nil, script, version, prepared)
	if after := run(t, source, nil, "git", "show-ref", "--head"); after != before {
		t.Errorf("the checkout has other references than before:\n%s\n%s", before, after)
	}
	if said := run(t, source, nil, "git", "status", "--porcelain"); said != "" {
		t.Errorf("the checkout is changed:\n%s", said)
	}

	modules := modules(t)
	tags := strings.Fields(run(t, filepath.Join(prepared, "checkout"), nil, "git", "tag", "--points-at", "HEAD"))
	for _, m := range modules {
		if !slices.Contains(tags, path.Join(m.dir, version)) {
			t.Errorf("no tag for %s among %v", m.dir, tags)
		}
		text := read(t, filepath.Join(prepared, "checkout", m.dir, "go.mod"))
		if strings.Contains(text, "replace ") || strings.Contains(text, "v0.0.0-0001") {
			t.Errorf("%s/go.mod still rests on a checkout:\n%s", m.dir, text)
		}
	}

	// The go command of a stranger, who has nothing of the release and gets it
	// from a proxy.
	cached := strings.TrimSpace(run(t, dir, nil, "go", "env", "GOMODCACHE"))
	proxy := strings.TrimSpace(run(t, dir, nil, "go", "env", "GOPROXY"))
	stranger := []string{
		"GOPROXY=" + files(prepared, "cache", "cache", "download") + "," + files(cached, "cache", "download") + "," + proxy,
		"GOMODCACHE=" + filepath.Join(dir, "mod"), "GOBIN=" + filepath.Join(dir, "bin"), "GOFLAGS=-trimpath -modcacherw",
		"GOSUMDB=off", "GOWORK=off", "CGO_ENABLED=0",
	}
	for _, m := range modules {
		for _, command := range m.commands {
			t.Run("go install "+path.Base(command), func(t *testing.T) {
				run(t, dir, stranger, "go", "install", command+"@"+version)
				said := run(t, dir, nil, filepath.Join(dir, "bin", path.Base(command)), "--version")
				if !strings.Contains(said, " "+version+" ") {
					t.Errorf("%s --version prints %q", command, said)
				}
			})
		}
	}
	t.Run("embedder", func(t *testing.T) { embed(t, filepath.Join(dir, "embedder"), stranger) })
	t.Run("files", func(t *testing.T) {
		own := runtime.GOOS + "/" + runtime.GOARCH
		if runtime.GOOS == "windows" {
			own = "linux/amd64"
		}
		run(t, source, []string{"PLATFORMS=" + own}, filepath.Join(source, "tools", "release-files"), prepared)
		for _, m := range modules {
			for _, command := range m.commands {
				checkArchive(t, filepath.Join(prepared, "files"), command, own, filepath.Join(dir, "bin", path.Base(command)))
			}
		}
		notes := read(t, filepath.Join(prepared, "files", "NOTES.md"))
		for _, want := range []string{"Something.", "go install " + root + "/cmd/rulebook@" + version, read(t, filepath.Join(prepared, "files", "SHA256SUMS"))} {
			if !strings.Contains(notes, want) {
				t.Errorf("the notes lack %q:\n%s", want, notes)
			}
		}
		if strings.Contains(notes, "## [") {
			t.Errorf("the notes are of several versions:\n%s", notes)
		}
	})
}

// embed builds a program on the library, as its README says, and counts the
// modules in its graph.
func embed(t *testing.T, dir string, env []string) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const program = `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/servicerules/rulebook"
)

func main() {
	book, err := rulebook.Default()
	if err != nil {
		log.Fatal(err)
	}
	answer, err := book.Ask(context.Background(), "time_limit.request", []byte(` + "`" + `{"request": {
		"kind": "install", "area_type": "urban",
		"papers_complete_at": "2025-06-09T10:00:00+08:00",
		"completed_at":       "2025-06-17T09:00:00+08:00"}}` + "`" + `))
	if err != nil {
		log.Fatal(err)
	}
	due, _ := answer.Date("due_date")
	fmt.Println(answer.Verdict, due, answer.Breaches)
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, dir, env, "go", "mod", "init", "example.com/embedder")
	run(t, dir, env, "go", "get", root+"@"+version)
	run(t, dir, env, "go", "mod", "tidy")
	if got := run(t, dir, env, "go", "run", "."); got != "late 2025-06-16 [time_limit/6#overdue]\n" {
		t.Errorf("the program prints %q", got)
	}
	graph := run(t, dir, env, "go", "list", "-m", "all")
	if n := strings.Count(graph, "\n"); n > mostModules {
		t.Errorf("%d modules, more than %d:\n%s", n, mostModules, graph)
	}
}

// checkArchive wants the archive of a command to be in SHA256SUMS, to hold the
// very program that was installed, and to say what that is made of.
func checkArchive(t *testing.T, dir, command, platform, installed string) {
	t.Helper()
	name := fmt.Sprintf("%s_%s_%s", path.Base(command), version, strings.ReplaceAll(platform, "/", "_"))
	archive := read(t, filepath.Join(dir, name+".tar.gz"))
	if line := fmt.Sprintf("%x  %s.tar.gz\n", sha256.Sum256([]byte(archive)), name); !strings.Contains(read(t, filepath.Join(dir, "SHA256SUMS")), line) {
		t.Errorf("SHA256SUMS lacks %q", line)
	}
	unzipped, err := gzip.NewReader(strings.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	held := map[string][]byte{}
	for r := tar.NewReader(unzipped); ; {
		head, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if held[head.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := held[name+"/LICENSE"]; !ok {
		t.Errorf("%s has no licence", name)
	}
	if !bytes.Equal(held[name+"/"+path.Base(command)], []byte(read(t, installed))) {
		t.Errorf("%s does not hold the program that go install builds", name)
	}
	var made struct {
		Metadata struct {
			Component struct{ Name, Version string }
		}
		Components []struct{ Name, Version, PURL string }
	}
	if err := json.Unmarshal(held[name+"/sbom.cdx.json"], &made); err != nil {
		t.Fatal(err)
	}
	if made.Metadata.Component.Name != path.Base(command) || made.Metadata.Component.Version != version {
		t.Errorf("what %s is made of is said of %+v", name, made.Metadata.Component)
	}
	found := map[string]string{}
	for _, c := range made.Components {
		found[c.Name] = c.PURL
	}
	for _, module := range []string{"std", "github.com/expr-lang/expr", "gopkg.in/yaml.v3"} {
		if !strings.HasPrefix(found[module], "pkg:golang/"+module+"@") {
			t.Errorf("%s is made of %v, without %s", name, found, module)
		}
	}
}

// module is a line of the file modules.
type module struct {
	dir      string
	commands []string // their import paths
}

func modules(t *testing.T) []module {
	t.Helper()
	var all []module
	for line := range strings.Lines(read(t, filepath.Join(top, "tools", "modules"))) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "#" {
			m := module{dir: fields[0]}
			for _, command := range fields[1:] {
				m.commands = append(m.commands, path.Join(root, m.dir, command))
			}
			all = append(all, m)
		}
	}
	if len(all) < 2 {
		t.Fatalf("only %d modules", len(all))
	}
	return all
}

// copyCheckout makes a repository of the files of this one, as they stand.
func copyCheckout(t *testing.T, to string) {
	t.Helper()
	for name := range strings.SplitSeq(run(t, top, nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00") {
		from := filepath.Join(top, name)
		info, err := os.Stat(from)
		if err != nil || info.IsDir() { // the end of the list, or removed here
			continue
		}
		data, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, info.Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run(t, to, nil, "git", "init", "-q")
	run(t, to, nil, "git", "add", "--all")
	run(t, to, nil, "git", "commit", "-qm", "All")
}

func edit(t *testing.T, file, old, text string) {
	t.Helper()
	before := read(t, file)
	after := strings.Replace(before, old, text, 1)
	if after == before {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// files is a directory as a proxy.
func files(elements ...string) string {
	return "file://" + filepath.ToSlash(filepath.Join(elements...))
}

// run runs a program and returns what it prints.
func run(t *testing.T, dir string, env []string, program string, args ...string) string {
	t.Helper()
	out, said, err := try(dir, env, program, args)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", program, strings.Join(args, " "), err, out, said)
	}
	return out
}

// fails wants a program to fail, and returns what it says.
func fails(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	_, said, err := try(dir, nil, program, args)
	if err == nil {
		t.Fatalf("%s %s did not fail", program, strings.Join(args, " "))
	}
	return said
}

func try(dir string, env []string, program string, args []string) (out, said string, err error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err
}
