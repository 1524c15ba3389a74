package proptest_test

import (
	"github.com/servicerules/rulebook/internal/testsize"
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

// rounds is how often something random is tried: in CI, in a long run, and a
// fifth of the first at the desk.
func rounds(ci, all int) int { return testsize.Pick((ci+4)/5, ci, all) }
