package proptest_test

import (
	"os"
	"path/filepath"
)

// inTree is a path in the module, as seen from here; one that begins at the root
// of the file system is itself.
func inTree(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join("..", "..", path)
}

// rounds is how often something random is tried: ordinarily or, where
// RULEBOOK_LONG is set, in a long run.
func rounds(ordinarily, long int) int {
	if os.Getenv("RULEBOOK_LONG") != "" {
		return long
	}
	return ordinarily
}
