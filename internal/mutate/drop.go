package mutate

import (
	"strings"

	"github.com/servicerules/rulebook/internal/source"
)

// dropEntry takes the i-th entry of a map out of the file; false where it is
// the only one, or does not stand on lines of its own.
func dropEntry(data []byte, m *source.Node, i int) (edit, bool) {
	starts, ends := make([]int, len(m.Entries)), make([]int, len(m.Entries))
	for j, e := range m.Entries {
		starts[j], ends[j] = e.Key.Start, max(e.Key.End, e.Value.End)
	}
	return dropOf(data, m, starts, ends, i, "")
}

// dropItem takes the i-th item of a list out of the file, likewise.
func dropItem(data []byte, list *source.Node, i int) (edit, bool) {
	starts, ends := make([]int, len(list.Items)), make([]int, len(list.Items))
	for j, n := range list.Items {
		starts[j], ends[j] = n.Start, n.End
	}
	return dropOf(data, list, starts, ends, i, "-")
}

func dropOf(data []byte, n *source.Node, starts, ends []int, i int, mark string) (edit, bool) {
	switch last := len(starts) - 1; {
	case last < 1:
		return edit{}, false
	case data[n.Start] == '{' || data[n.Start] == '[':
		if i == last {
			return edit{from: ends[i-1], to: ends[i]}, true
		}
		return edit{from: starts[i], to: starts[i+1]}, true
	default:
		from, ok := lineOf(data, starts[i], mark)
		if !ok {
			return edit{}, false
		}
		to := len(data)
		if i < last {
			to, ok = lineOf(data, starts[i+1], mark)
		} else if end := strings.IndexByte(string(data[ends[i]:]), '\n'); end >= 0 {
			to = ends[i] + end + 1
		}
		return edit{from: from, to: to}, ok
	}
}

// lineOf is where the line of something begins; false where something other
// than the mark stands before it.
func lineOf(data []byte, at int, mark string) (int, bool) {
	from := at
	for from > 0 && data[from-1] != '\n' {
		from--
	}
	return from, strings.Trim(string(data[from:at]), " ") == mark
}
