package checked

import (
	"fmt"

	"github.com/servicerules/rulebook/internal/value"
)

// Path is the name of the fact that a need means, as the question calls it.
func (q *Question) Path(n value.Need) string {
	if n.Slot == q.Layout.AsOf {
		return "as_of"
	}
	if n.Index < 0 && n.Slot < len(q.Layout.Paths) && q.Layout.Paths[n.Slot] != "" {
		return q.Layout.Paths[n.Slot]
	}
	for i, f := range q.Layout.Placed {
		if p, ok := f.pathOf(n, q.Facts[i].Name); ok {
			return p
		}
	}
	return fmt.Sprintf("#%d", n.Slot)
}

func (f *Fact) pathOf(n value.Need, path string) (string, bool) {
	if f.Slot == n.Slot {
		if n.Index >= 0 {
			path = fmt.Sprintf("%s[%d]", path, n.Index)
			if n.Field >= 0 && f.Elem != nil && n.Field < len(f.Elem.Fields) {
				path += "." + f.Elem.Fields[n.Field].Name
			}
		}
		return path, true
	}
	for _, x := range f.Fields {
		if p, ok := x.pathOf(n, path+"."+x.Name); ok {
			return p, true
		}
	}
	return "", false
}
