// Package browser builds the engine for JavaScript: cmd/rulebook-wasm, and what of
// the package in js/ is made from it. It needs the go command, and the files of
// the module, which that finds.
package browser

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

const module = "github.com/servicerules/rulebook"

// Names of what is built.
const (
	PackedName = "rulebook.wasm.gz" // the WebAssembly
	GoName     = "go.js"            // wasm_exec.js of the Go that made it, as a module
	ScriptName = "engine.js"        // all in one, for pages that are opened from a disk
)

// Build writes the three files into a directory, which is made if need be. The
// engine is of the version that the running program was built with, or of the
// files that the working directory's module or workspace uses.
func Build(ctx context.Context, directory string) error {
	source, err := sourceOf(ctx)
	if err != nil {
		return err
	}
	return BuildFrom(ctx, source, directory)
}

// Script is the text of engine.js alone: a script that is not a module and that
// gives pages rulebookEngine(), a promise of an engine as in js/index.d.ts.
func Script(ctx context.Context) ([]byte, error) {
	directory, err := os.MkdirTemp("", "rulebook-engine")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(directory) }()
	if err := Build(ctx, directory); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(directory, ScriptName))
}

// BuildFrom is Build from the files of the module in a directory.
func BuildFrom(ctx context.Context, source, directory string) error {
	packed, err := compile(ctx, source)
	if err != nil {
		return err
	}
	root, err := output(ctx, source, nil, "env", "GOROOT")
	if err != nil {
		return err
	}
	wasmExec, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return err
	}
	install := "function installGo(globalThis) {\n" + string(wasmExec) + "}\n"
	script, err := scriptOf(source, install, packed)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	for name, text := range map[string][]byte{PackedName: packed, GoName: []byte(install + "\nexport { installGo };\n"), ScriptName: script} {
		if err := os.WriteFile(filepath.Join(directory, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compile is the WebAssembly, gzipped. The same files and the same Go give the
// same bytes.
func compile(ctx context.Context, source string) ([]byte, error) {
	directory, err := os.MkdirTemp("", "rulebook-wasm")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(directory) }()
	out := filepath.Join(directory, "rulebook.wasm")
	env := []string{"GOOS=js", "GOARCH=wasm", "GOWORK=off", "GOFLAGS=-trimpath"} // as other builds here have it: their cache serves
	if _, err := output(ctx, source, env, "build", "-buildvcs=false", "-ldflags=-s -w", "-o", out, "./cmd/rulebook-wasm"); err != nil {
		return nil, err
	}
	f, err := os.Open(out)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(w, f); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// scriptHead is the first line of engine.js.
const scriptHead = "// The engine of rulebook for pages that are opened from a disk: see docs/browser.md.\n"

// IsScript reports whether a file is engine.js.
func IsScript(data []byte) bool { return bytes.HasPrefix(data, []byte(scriptHead)) }

// exported is the one statement by which a file of js/ gives what it has.
var exported = regexp.MustCompile(`(?m)^export \{[^}]*\};\n`)

// scriptOf is engine.js: the files of js/ one after the other, in a function of
// their own.
func scriptOf(source, install string, packed []byte) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(scriptHead + "(() => {\n\"use strict\";\n\n")
	b.WriteString(install)
	for _, name := range []string{"api.js", "host.js", "page.js"} {
		text, err := os.ReadFile(filepath.Join(source, "js", name))
		if err != nil {
			return nil, err
		}
		b.WriteString("\n" + exported.ReplaceAllString(string(text), ""))
	}
	// A function needs what it calls not before it is called.
	fmt.Fprintf(&b, "\nconst packedEngine = %q;\n})();\n", base64.StdEncoding.EncodeToString(packed))
	return b.Bytes(), nil
}

// sourceOf is the directory with the files of the module.
func sourceOf(ctx context.Context) (string, error) {
	args := []string{"list", "-m", "-f", "{{.Dir}}", module}
	var env []string
	if version := ownVersion(); version != "" {
		args = []string{"list", "-m", "-f", "{{.Dir}}", module + "@" + version}
		env = []string{"GOWORK=off", "GOFLAGS=-mod=mod"}
		if _, err := output(ctx, os.TempDir(), env, "mod", "download", module+"@"+version); err != nil {
			return "", err
		}
		out, err := output(ctx, os.TempDir(), env, args...)
		return strings.TrimSpace(string(out)), err
	}
	out, err := output(ctx, "", env, args...)
	return strings.TrimSpace(string(out)), err
}

// ownVersion is the version of the module that the running program was built
// with; "" where it was built from files.
func ownVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	own := &info.Main
	for _, d := range info.Deps {
		if d.Path == module {
			own = d
		}
	}
	if own.Path != module || own.Replace != nil || !strings.HasPrefix(own.Version, "v") || strings.Contains(own.Version, "+dirty") || own.Sum == "" {
		return ""
	}
	return own.Version
}

// ErrNoGo is that the go command is not on this machine.
var ErrNoGo = errors.New("the go command is not on this machine")

// output runs the go command.
func output(ctx context.Context, directory string, env []string, args ...string) ([]byte, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, ErrNoGo
	}
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = directory
	cmd.Env = append(os.Environ(), env...)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(trouble.String()))
	}
	return out.Bytes(), nil
}
