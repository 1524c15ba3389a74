// Command build makes what js/ needs beside its own files, in js/dist or in the
// directory that is named.
//
//	go run ./internal/browser/build [DIRECTORY]
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/servicerules/rulebook/internal/browser"
)

func main() {
	directory := filepath.Join("js", "dist")
	if len(os.Args) > 1 {
		directory = os.Args[1]
	}
	if err := browser.Build(context.Background(), directory); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}
