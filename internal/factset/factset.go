// Package factset has the facts of a question as a tree, as JSON has them, and
// finds and changes single values in it.
package factset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// Tree is a fact set as JSON has it: maps, lists, texts, json.Number, bool, nil.
type Tree = map[string]any

// FromJSON reads a fact set; false where it is no object.
func FromJSON(data []byte) (Tree, bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree Tree
	err := d.Decode(&tree)
	return tree, err == nil && tree != nil
}

// FromNode is what a YAML mapping says, by the declared types of the facts; the
// moment of asking stays with them. What the question does not take is left out.
func FromNode(q *policy.Question, n *source.Node) Tree {
	tree := Tree{}
	for _, e := range n.Entries {
		if e.Key.Text == "as_of" {
			tree["as_of"] = e.Value.Text
		}
		for _, f := range q.Facts {
			if f.Name == e.Key.Text {
				tree[f.Name] = plain(e.Value, f.Fact)
			}
		}
	}
	return tree
}

// plain is what a node says, by the type of its fact.
func plain(n *source.Node, f *policy.Fact) any {
	switch n.Kind {
	case source.Empty:
		return nil
	case source.Map:
		tree := Tree{}
		for _, e := range n.Entries {
			if i := slices.IndexFunc(f.Fields, func(x *policy.Fact) bool { return x.Name == e.Key.Text }); i >= 0 {
				tree[e.Key.Text] = plain(e.Value, f.Fields[i])
			}
		}
		return tree
	case source.Seq:
		list := make([]any, 0, len(n.Items))
		for _, item := range n.Items {
			if f.Elem != nil {
				list = append(list, plain(item, f.Elem))
			}
		}
		return list
	}
	switch f.TypeName {
	case "yes_no":
		return n.Text == "true"
	case "count", "number", "year":
		return json.Number(n.Text)
	}
	return n.Text
}

// Clone is a copy that shares nothing.
func Clone(t Tree) Tree { return CloneValue(t).(Tree) }

// CloneValue is a copy of a value in a tree that shares nothing.
func CloneValue(v any) any {
	switch x := v.(type) {
	case Tree:
		c := make(Tree, len(x))
		for k, y := range x {
			c[k] = CloneValue(y)
		}
		return c
	case []any:
		c := make([]any, len(x))
		for i, y := range x {
			c[i] = CloneValue(y)
		}
		return c
	}
	return v
}

// Path leads to a value: names of fields, and places in lists (int).
type Path []any

// String is the path as answers name missing facts: complaints[2].level.
func (p Path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch s := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(s) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, s)
		}
	}
	return b.String()
}

// then is the path one step further.
func (p Path) then(step any) Path { return append(slices.Clip(p), step) }

// Place is where a value of a fact set stands, or could stand.
type Place struct {
	Path  Path
	Fact  *policy.Fact
	Value any  // nil where it is null or not given
	Given bool // null is given
}

// InList reports whether it is an item of a list, which is always given.
func (p Place) InList() bool {
	_, item := p.Path[len(p.Path)-1].(int)
	return item
}

// Places are all places of the facts of a question, in their order: of those
// that are not given, too, but for what is in records and lists that are not.
func Places(q *policy.Question, t Tree) []Place {
	var all []Place
	for _, f := range q.Facts {
		v, given := t[f.Name]
		all = under(all, Place{Path{f.Name}, f.Fact, v, given})
	}
	return all
}

func under(all []Place, p Place) []Place {
	all = append(all, p)
	switch v := p.Value.(type) {
	case Tree:
		all = fields(all, p, v)
	case []any:
		for i, item := range v {
			if p.Fact.Elem != nil {
				all = under(all, Place{p.Path.then(i), p.Fact.Elem, item, true})
			}
		}
	}
	return all
}

func fields(all []Place, p Place, record Tree) []Place {
	for _, f := range p.Fact.Fields {
		v, given := record[f.Name]
		all = under(all, Place{p.Path.then(f.Name), f, v, given})
	}
	return all
}

// Fields are the places in a record that is not given.
func (p Place) Fields() []Place {
	if p.Value != nil || p.Fact.TypeName != "record" {
		return nil
	}
	var all []Place
	for _, x := range fields(nil, p, nil) {
		all = append(append(all, x), x.Fields()...)
	}
	return all
}

// With is a copy in which the path has that value. Records on the way that are
// missing are made; a place in a list that is one beyond its end is added.
func With(t Tree, p Path, v any) Tree {
	copied := Clone(t)
	change(copied, p, func(any) (any, bool) { return v, true })
	return copied
}

// Without is a copy in which the path is not given, or not in its list.
func Without(t Tree, p Path) Tree {
	copied := Clone(t)
	change(copied, p, func(any) (any, bool) { return nil, false })
	return copied
}

// At is the value at a path, and whether it is given.
func At(t Tree, p Path) (any, bool) {
	var v any = t
	for _, step := range p {
		given := false
		switch s := step.(type) {
		case int:
			if list, ok := v.([]any); ok && s < len(list) {
				v, given = list[s], true
			}
		case string:
			if record, ok := v.(Tree); ok {
				v, given = record[s]
			}
		}
		if !given {
			return nil, false
		}
	}
	return v, true
}

// change replaces what is at a path under v, or takes it away; it returns v,
// which is another list where its length changed.
func change(v any, p Path, to func(old any) (any, bool)) any {
	if len(p) == 0 {
		changed, _ := to(v)
		return changed
	}
	next := func(old any) (any, bool) {
		if len(p) == 1 {
			return to(old)
		}
		return change(old, p[1:], to), true
	}
	switch step := p[0].(type) {
	case int:
		list, _ := v.([]any)
		if step == len(list) {
			list = append(list, nil)
		}
		if step > len(list)-1 {
			return v
		}
		x, stays := next(list[step])
		if !stays {
			return slices.Delete(list, step, step+1)
		}
		list[step] = x
		return list
	case string:
		record, _ := v.(Tree)
		if record == nil {
			record = Tree{}
		}
		if x, stays := next(record[step]); stays {
			record[step] = x
		} else {
			delete(record, step)
		}
		return record
	}
	return v
}

// ParsePath reads what String of a path writes.
func ParsePath(text string) Path {
	var p Path
	for _, part := range strings.Split(text, ".") {
		name, places, _ := strings.Cut(part, "[")
		p = append(p, name)
		for _, place := range strings.Split(places, "[") {
			if i, err := strconv.Atoi(strings.TrimSuffix(place, "]")); err == nil {
				p = append(p, i)
			}
		}
	}
	return p
}
