// Package gen writes the facts and the answers of questions as types of Go and
// TypeScript, as JSON Schema and as OpenAPI. All are made from one description,
// the shape: of facts from what the rulebook declares, of answers from what it
// found their values to be.
package gen

import (
	"strings"

	"github.com/servicerules/rulebook/policy"
)

// shape is what may stand somewhere in facts or in an answer.
type shape struct {
	kind   policy.Kind
	text   bool   // a name that may be empty: then it is known that there is none
	name   string // how a type of it may be called, in snake_case with dots
	words  []policy.Word
	list   string // the name of the word list, if it has one
	elem   *shape // of a list or a map
	fields []member
	in     string // of money: the code of its currency, where it is known
}

// member is a fact, a value, or a field of one.
type member struct {
	name              string
	label, note, unit policy.Text
	shape             *shape

	fact *policy.Fact // nil in answers
}

// title is the label in a language, else the name in words.
func (m member) title(lang string) string {
	if text := m.label.In(lang); text != "" {
		return oneLine(text)
	}
	return strings.ReplaceAll(m.name, "_", " ")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// factsOf is the shape of a question's facts.
func factsOf(q *policy.Question) *shape {
	s := &shape{kind: policy.KindRecord, name: q.ID + ".facts"}
	for _, f := range q.Facts {
		m := factOf(f.Fact)
		m.name = f.Name
		s.fields = append(s.fields, m)
	}
	return s
}

func factOf(f *policy.Fact) member {
	m := member{name: f.Name, label: f.Label, note: f.Note, unit: f.Unit, fact: f}
	name := strings.ReplaceAll(f.Path, "[]", ".item")
	m.shape = &shape{kind: policy.Kind(f.TypeName), name: name}
	switch f.TypeName {
	case "number", "year":
		m.shape.kind = policy.KindCount
	case "money": // digits and a point
		m.shape.kind = policy.KindName
	case "text":
		m.shape.kind, m.shape.text = policy.KindName, true
	case "word":
		m.shape.list = f.Words.Name
		for _, w := range f.Words.Words {
			m.shape.words = append(m.shape.words, policy.Word{Word: w, Label: f.Words.Labels[w]})
		}
	case "list":
		m.shape.elem = factOf(f.Elem).shape
	case "record":
		for _, x := range f.Fields {
			m.shape.fields = append(m.shape.fields, factOf(x))
		}
	}
	return m
}

// valuesOf is the shape of the values of a question's answers.
func valuesOf(q *policy.Question) *shape {
	s := &shape{kind: policy.KindRecord, name: q.ID + ".values"}
	for _, v := range q.Values {
		s.fields = append(s.fields, valueOf(v, q.ID+"."+v.Name))
	}
	return s
}

func valueOf(v *policy.QuestionValue, name string) member {
	m := member{name: v.Name, label: v.Label, unit: v.Unit, shape: shapeOf(v.Type, v.Words, name)}
	for i := range v.Fields { // of these the rulebook says more than their type
		m.shape.fields[i] = valueOf(v.Fields[i], name+"."+v.Fields[i].Name)
	}
	return m
}

func shapeOf(t *policy.ValueType, list *policy.WordList, name string) *shape {
	if t == nil {
		return &shape{kind: policy.KindAny, name: name}
	}
	s := &shape{kind: t.Kind, name: name, words: t.Words, in: t.In}
	if list != nil && len(list.Words) == len(t.Words) {
		s.list = list.Name
	}
	if t.Elem != nil || t.Kind == policy.KindList || t.Kind == policy.KindMap {
		s.elem = shapeOf(t.Elem, list, name+".item")
	}
	for _, f := range t.Fields {
		s.fields = append(s.fields, member{name: f.Name, label: f.Label, unit: f.Unit, shape: shapeOf(f.Type, nil, name+"."+f.Name)})
	}
	return s
}

// verdictOf is the shape of a question's verdict.
func verdictOf(q *policy.Question) *shape {
	own := func(word, zh, en string) policy.Word {
		return policy.Word{Word: word, Label: policy.Text{ZH: zh, EN: en}.InLanguages(q.Title.Languages())}
	}
	return &shape{
		kind: policy.KindWord, name: q.ID + ".verdict",
		words: append(append([]policy.Word{}, q.Verdict.Type.Words...),
			own(policy.Undetermined, "未定", "a fact is missing, or a person must decide"), own(policy.NotInScope, "不适用", "the regulation does not apply")),
	}
}
