package policy

import (
	"strings"
)

// PathsNear are the facts of the record that a path leads into, or else those
// of the question.
func (q *Question) PathsNear(path string) []string {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return q.FactNames()
	}
	f, ok := q.FactAt(path[:i])
	if !ok || len(f.Fields) == 0 {
		return q.PathsNear(path[:i])
	}
	paths := make([]string, len(f.Fields))
	for n, x := range f.Fields {
		paths[n] = path[:i+1] + x.Name
	}
	return paths
}
