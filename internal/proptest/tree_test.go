package proptest_test

import "path/filepath"

// inTree is a path in the module, as seen from here; one that begins at the root
// of the file system is itself.
func inTree(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join("..", "..", path)
}
