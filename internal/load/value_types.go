package load

import (
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/form"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// learnQuestion notes what the values and the verdict of a question were found
// to be in one trial.
func (l *loader) learnQuestion(q *checked.Question, a *form.CompiledQuestion) {
	l.learnTypes(a)
	l.learnVerdict(q, a)
}

// learnTypes notes what the values of a question were found to be in one trial:
// another option of a reading, or another day, may make them something else.
func (l *loader) learnTypes(a *form.CompiledQuestion) {
	if l.types == nil {
		l.types = map[*checked.Value][]*value.Type{}
	}
	var each func(list []*form.CompiledValue)
	each = func(list []*form.CompiledValue) {
		for _, f := range list {
			if t := f.Typ; t != nil && t.Kind != value.Invalid && !slices.Contains(l.types[f.Value], t) {
				l.types[f.Value] = append(l.types[f.Value], t)
			}
			if slot, ok := refOf(f.Is); ok && f.Unit.IsZero() {
				f.Unit = l.book.UnitAt(slot)
			}
			learnColumns(f)
			each(f.Fields)
		}
	}
	each(a.Values)
}

// learnColumns gives the fields of records that a rule makes the labels that it
// has for them, where the value has none of its own.
func learnColumns(f *form.CompiledValue) {
	if f.Of == nil {
		return
	}
	for name, field := range f.Of.Elem.Vars {
		if _, own := f.Columns[name]; own || field.Label.IsZero() {
			continue
		}
		if f.Columns == nil {
			f.Columns = map[string]policy.Text{}
		}
		f.Columns[name] = field.Label
	}
}

// refOf is the slot of what a value is no more than.
func refOf(p *condition.Program) (slot int, ok bool) {
	if p == nil {
		return 0, false
	}
	return p.Ref()
}

// describeValues says of every value of every question what it may be.
func (l *loader) describeValues() {
	for _, q := range l.book.Questions {
		l.describe(q.Values)
		if q.Verdict != nil {
			q.Verdict.Type = &policy.ValueType{Kind: policy.KindWord, Words: l.book.WordsOf(l.book.WordsType(q.Verdict.Words), q.Verdict.Words)}
		}
	}
}

func (l *loader) describe(list []*checked.Value) {
	for _, v := range list {
		l.describe(v.Fields)
		if v.IsNode == nil {
			v.Type = &policy.ValueType{Kind: policy.KindRecord}
			for _, x := range v.Fields {
				v.Type.Fields = append(v.Type.Fields, policy.ValueField{Name: x.Name, Label: x.Label, Unit: x.Unit, Type: x.Type})
			}
			continue
		}
		for _, t := range l.types[v] {
			v.Type = or(v.Type, l.book.TypeOf(t, v))
		}
		if slices.ContainsFunc(l.types[v], func(t *value.Type) bool { return checked.Unsaid(t, v.Type) }) {
			v.SaidAs = v.Type
		}
		switch {
		case v.Type == nil && v.Words != nil: // it never comes to anything
			v.Type = &policy.ValueType{Kind: policy.KindWord, Words: l.book.WordsOf(l.book.WordsType(v.Words), v.Words)}
		case v.Type == nil:
			v.Type = &policy.ValueType{Kind: policy.KindAny}
		case v.Keyed:
			v.Type = keyed(v.Type)
		}
	}
}

// keyed is the type of the map that a list of two-field records is written as.
func keyed(t *policy.ValueType) *policy.ValueType {
	m := &policy.ValueType{Kind: policy.KindMap}
	if t.Elem != nil && len(t.Elem.Fields) == 2 {
		m.Elem = t.Elem.Fields[1].Type
	}
	return m
}

// or is the type of what may be either.
func or(t *policy.ValueType, u *policy.ValueType) *policy.ValueType {
	switch {
	case t == nil:
		return u
	case u == nil:
		return t
	case t.Kind == policy.KindAny || u.Kind == policy.KindAny:
		return &policy.ValueType{Kind: policy.KindAny}
	case t.Kind == u.Kind:
		return orAlike(t, u)
	case t.Kind == policy.KindRatio && u.Kind == policy.KindCount, t.Kind == policy.KindCount && u.Kind == policy.KindRatio:
		return &policy.ValueType{Kind: policy.KindRatio}
	case checked.IsText(t) && checked.IsText(u):
		return &policy.ValueType{Kind: policy.KindName}
	}
	return &policy.ValueType{Kind: policy.KindAny}
}

// orAlike is or for two of one kind.
func orAlike(t *policy.ValueType, u *policy.ValueType) *policy.ValueType {
	out := &policy.ValueType{Kind: t.Kind}
	switch t.Kind {
	case policy.KindWord:
		if t.Words != nil && u.Words != nil {
			out.Words = slices.Clone(t.Words)
			for _, w := range u.Words {
				if !slices.ContainsFunc(out.Words, func(x policy.Word) bool { return x.Word == w.Word }) {
					out.Words = append(out.Words, w)
				}
			}
		}
	case policy.KindMoney:
		if t.In == u.In {
			out.In = t.In
		}
	case policy.KindList, policy.KindMap:
		out.Elem = or(t.Elem, u.Elem)
	case policy.KindRecord:
		if len(t.Fields) != len(u.Fields) {
			return &policy.ValueType{Kind: policy.KindAny}
		}
		for i, f := range t.Fields {
			if f.Name != u.Fields[i].Name {
				return &policy.ValueType{Kind: policy.KindAny}
			}
			f.Type = or(f.Type, u.Fields[i].Type)
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}
