package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// FactAt is the fact that a question takes under a dotted path.
func (q *Question) FactAt(path string) (*Fact, bool) {
	head, rest, nested := strings.Cut(path, ".")
	i := slices.IndexFunc(q.Facts, func(f QuestionFact) bool { return f.Name == head })
	if i < 0 {
		return nil, false
	}
	f := q.Facts[i].Fact
	for f != nil && nested {
		head, rest, nested = strings.Cut(rest, ".")
		f = f.field(head)
	}
	return f, f != nil
}

// LabelOf names what is under a path, as answers and errors have it
// ("request.completed_at", "complaints[2].level", "as_of"), by its label: of a
// list, with the place of the element; the path itself where there is none.
func (q *Question) LabelOf(path string) Text {
	if path == "as_of" {
		return Text{ZH: "判断时间", EN: "moment of asking"}
	}
	list, rest, inside := strings.Cut(path, "[")
	f, ok := q.FactAt(list)
	if !ok {
		return Text{ZH: path, EN: path}
	}
	label := f.Label
	for inside && f.Elem != nil {
		var at string
		at, rest, _ = strings.Cut(rest, "]")
		if n, err := strconv.Atoi(at); err == nil {
			item := diagnostic.Textf("第 %d 项", "item %d", n+1)
			label = diagnostic.Wording("%s%s", "%s, %s", label, item)
		}
		f = f.Elem
		field, more, deeper := strings.Cut(strings.TrimPrefix(rest, "."), "[")
		for name := range strings.SplitSeq(field, ".") {
			if x := f.field(name); x != nil {
				f = x
			}
		}
		if field != "" {
			label = diagnostic.Wording("%s·%s", "%s: %s", label, f.Label)
		}
		rest, inside = more, deeper
	}
	return label
}

// ValueAt is the value of a question's answers under a dotted path.
func (q *Question) ValueAt(path string) (*QuestionValue, bool) {
	list := q.Values
	for {
		head, rest, nested := strings.Cut(path, ".")
		i := slices.IndexFunc(list, func(f *QuestionValue) bool { return f.Name == head })
		if i < 0 {
			return nil, false
		}
		if !nested {
			return list[i], true
		}
		list, path = list[i].Fields, rest
	}
}

// Wording is the wording of a word or code of the rulebook.
func (b *Rulebook) Wording(code string) (Text, bool) {
	t, ok := b.Wordings[code]
	return t, ok
}

// LabelOfArticle is an article or item as people call it: by the title of its
// regulation and its number; the id itself where there is no such regulation.
func (b *Rulebook) LabelOfArticle(id string) Text {
	regulation, number, _ := strings.Cut(id, "/")
	for _, r := range b.Regulations {
		if r.ID == regulation {
			return diagnostic.Wording("%s%s", "%s%s", r.Title, Text{ZH: "第" + number + "条", EN: ", article " + number})
		}
	}
	return Text{ZH: id, EN: id}
}

// LabelOfRule names what answers name by the id of a rule
// ("time_limit.request_clock", or "first_inquiry.attitude#rude" for one of what
// it goes through), as a missing fact does what needed it: by the label of the
// rule, or of the question; of rules that are a group, which has none of its own,
// by that of the first.
func (b *Rulebook) LabelOfRule(id string) Text {
	if whole, one, ok := strings.Cut(id, "#"); ok {
		label := b.LabelOfRule(whole)
		of, ok := b.Wordings[one]
		if !ok {
			of = Text{ZH: one, EN: one}
		}
		return diagnostic.Wording("%s：%s", "%s: %s", label, of)
	}
	_, name, _ := strings.Cut(id, ".")
	if r, ok := b.Rule(name); ok && r.ID == id {
		return r.Label
	}
	if q, ok := b.Question(id); ok {
		return q.Title
	}
	return b.labelOfGroup(id)
}

// labelOfGroup is the label of the first rule of a group, which has none of its
// own, and that it is one of several; the id where there is no such group.
func (b *Rulebook) labelOfGroup(id string) Text {
	regulation, name, _ := strings.Cut(id, ".")
	var parts []*Rule
	for _, r := range b.Rules() {
		if of, _, _ := strings.Cut(r.ID, "."); r.PartOf == name && of == regulation {
			parts = append(parts, r)
		}
	}
	switch len(parts) {
	case 0:
		return Text{ZH: id, EN: id}
	case 1:
		return parts[0].Label
	}
	return diagnostic.Wording("%s等", "%s and others", parts[0].Label)
}

// field is the field of a record, or nil.
func (f *Fact) field(name string) *Fact {
	for _, x := range f.Fields {
		if x.Name == name {
			return x
		}
	}
	return nil
}

func (q *Question) FactNames() []string {
	names := make([]string, len(q.Facts))
	for i, f := range q.Facts {
		names[i] = f.Name
	}
	return append(names, "as_of")
}

// PathsNear are the facts of the record that a path leads into, or else those
// of the question.
func (q *Question) PathsNear(path string) []string {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return append(q.FactNames(), q.pathsTo(path)...)
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

// pathsTo are the paths of the fields of records that have this name.
func (q *Question) pathsTo(name string) []string {
	var paths []string
	var each func(list []*Fact, prefix string)
	each = func(list []*Fact, prefix string) {
		for _, f := range list {
			if f.Name == name {
				paths = append(paths, prefix+f.Name)
			}
			each(f.Fields, prefix+f.Name+".")
		}
	}
	for _, f := range q.Facts {
		each(f.Fact.Fields, f.Name+".")
	}
	return paths
}

// ValueNames are the dotted names of all values of the question's answers.
func (q *Question) ValueNames() []string {
	var names []string
	var each func(list []*QuestionValue, prefix string)
	each = func(list []*QuestionValue, prefix string) {
		for _, f := range list {
			names = append(names, prefix+f.Name)
			each(f.Fields, prefix+f.Name+".")
		}
	}
	each(q.Values, "")
	return names
}
