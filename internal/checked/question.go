package checked

import (
	"github.com/servicerules/rulebook/diagnostic"
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
		return nil, &policy.UnknownQuestionError{Question: id, Remedy: diagnostic.OneOf(id, b.QuestionIDs())}
	}
	return q, nil
}
