package edit

import (
	"github.com/servicerules/rulebook/internal/source"
)

// Deviate writes into a branch's file what an edit makes different in a file of
// the book that it extends, which itself stays as it is: the fields that this
// marks with may_change, whole, as the branch must say them. What is not marked
// is written as it was changed, so that loading says why it cannot be.
func (f *File) Deviate(base, changed *File) (*File, error) {
	out := f
	for _, d := range deviations(base.root, changed.root, nil) {
		var err error
		if out, err = out.put(d.path, d.value.Flow()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Depth is how many of the keys on the way to what an edit makes different stand
// in the file already.
func (f *File) Depth(base, changed *File) int {
	depth := 0
	for _, d := range deviations(base.root, changed.root, nil) {
		at, n := f.root, 0
		for _, key := range d.path {
			if at = at.Get(key.Text); at == nil {
				break
			}
			n++
		}
		depth = max(depth, n)
	}
	return depth
}

// deviation is a field of the base that differs, by the keys on the way to it.
type deviation struct {
	path  []*source.Node
	value *source.Node
}

func deviations(was, is *source.Node, path []*source.Node) []deviation {
	var all []deviation
	marks := source.Named(was, "may_change")
	for _, e := range is.Entries {
		old, way := was.Get(e.Key.Text), append(path[:len(path):len(path)], e.Key)
		marked := false
		for _, m := range marks {
			marked = marked || m.Text == e.Key.Text
		}
		switch {
		case old != nil && source.Same(old, e.Value):
		case old == nil, marked, old.Kind != source.Map, e.Value.Kind != source.Map:
			all = append(all, deviation{way, e.Value})
		default:
			all = append(all, deviations(old, e.Value, way)...)
		}
	}
	return all
}

// put writes a value at a path, with the maps on the way that are not there yet.
func (f *File) put(path []*source.Node, text string) (*File, error) {
	at := f.root
	for i, key := range path {
		next := at.Get(key.Text)
		switch {
		case next != nil && i == len(path)-1:
			return f.change(source.Splice(f.Data, next, text))
		case next != nil && next.Kind == source.Map:
			at = next
			continue
		}
		for k := len(path) - 1; k > i; k-- {
			text = "{" + path[k].Flow() + ": " + text + "}"
		}
		return f.change(source.AddEntry(f.Data, at, key.Flow(), text))
	}
	return f, nil
}
