package checked

import (
	"fmt"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// QuestionOf finds a question. The error is an *UnknownQuestionError, or a
// *FactError where there is no rulebook.
func QuestionOf(b *Book, id string) (*Question, error) {
	if b == nil {
		return nil, policy.NewFactError("no_rulebook", "", diagnostic.Textf("没有规则书", "there is no rulebook"),
			diagnostic.Textf("先载入：rulebook.Load、Parse 或 Default", "load one first: rulebook.Load, Parse or Default"))
	}
	q, ok := b.QuestionsByID[id]
	if !ok {
		return nil, &policy.UnknownQuestionError{Question: id, Remedy: OneOfQuestions(b.Rulebook, id)}
	}
	return q, nil
}

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
				field := f.Elem.Fields[n.Field]
				path += "." + field.Name
				if n.Item > 0 {
					path += fmt.Sprintf("[%d]", n.Item-1)
				}
				if field.Elem != nil && n.ItemField > 0 && n.ItemField <= len(field.Elem.Fields) {
					path += "." + field.Elem.Fields[n.ItemField-1].Name
				}
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

// QuestionCalled is the question of that title, in any language of it, or the one
// whose id is nearest; "" for none.
func QuestionCalled(b *policy.Rulebook, name string) string {
	for _, q := range b.Questions {
		for _, lang := range q.Title.Languages() {
			if q.Title.In(lang) == name {
				return q.ID
			}
		}
	}
	return diagnostic.Nearest(name, b.QuestionIDs())
}

// OneOfQuestions says which questions there are, in Chinese with their titles, and
// which is probably meant.
func OneOfQuestions(b *policy.Rulebook, name string) diagnostic.Text {
	ids := b.QuestionIDs()
	titled := make([]string, len(ids))
	for i, q := range b.Questions {
		titled[i] = q.ID + "（" + q.Title.In("zh") + "）"
	}
	near := QuestionCalled(b, name)
	return diagnostic.Text{ZH: diagnostic.OneOfNear(near, titled).ZH, EN: diagnostic.OneOfNear(near, ids).EN}
}
