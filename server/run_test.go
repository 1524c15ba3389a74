package server

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/servicerules/rulebook/server/console"
)

// example is a file or directory of the examples, wherever a test works.
func example(name string) string {
	path, err := filepath.Abs(filepath.Join("..", "examples", name))
	if err != nil {
		panic(err)
	}
	return path
}

var exampleCases, sampleMonth = example("cases"), example("data/2025-06")

// run is the program with the examples that come with it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, reload <-chan os.Signal) int {
	return Run(ctx, args, Options{Stdout: stdout, Stderr: stderr, Reload: reload, Examples: Examples{
		Cases: os.DirFS(exampleCases), Sample: console.Sample{Tables: os.DirFS(sampleMonth), Month: "2025-06", Rulebook: "gulin"},
	}})
}
