package policy

import "github.com/servicerules/rulebook/diagnostic"

// questionOf finds a question. The error is an *UnknownQuestionError, or a
// *FactError where there is no rulebook.
func questionOf(b *CheckedBook, id string) (*checkedQuestion, error) {
	if b == nil {
		return nil, factError("no_rulebook", "", diagnostic.Textf("没有规则书", "there is no rulebook"),
			diagnostic.Textf("先载入：rulebook.Load、Parse 或 Default", "load one first: rulebook.Load, Parse or Default"))
	}
	q, ok := b.questions[id]
	if !ok {
		return nil, &UnknownQuestionError{id, diagnostic.OneOf(id, b.QuestionIDs())}
	}
	return q, nil
}
