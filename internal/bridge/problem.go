package bridge

import (
	"errors"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/policy"
)

// Problem is why a call has no result. Its code is stable.
type Problem struct {
	Code     string            `json:"code"`
	Message  diagnostic.Text   `json:"message"`
	Remedy   diagnostic.Text   `json:"remedy"`
	Findings []formats.Finding `json:"findings"` // every one, where there are several
}

// Error is the problem in English.
func (p *Problem) Error() string { return p.Message.EN + " [" + p.Code + "] → " + p.Remedy.EN }

// problemOf is an error of the library as a problem.
func problemOf(err error) *Problem {
	var problem *Problem
	var reading *policy.ReadingError
	var question *policy.UnknownQuestionError
	var list diagnostic.List
	switch refused := policy.RefusedFacts(err); {
	case errors.As(err, &problem):
	case errors.As(err, &reading):
		problem = &Problem{Code: "unknown_reading", Message: reading.Message, Remedy: reading.Remedy}
	case errors.As(err, &question):
		problem = &Problem{
			Code:    "unknown_question",
			Message: diagnostic.Textf("没有问题 %q", "there is no question %q", question.Question), Remedy: question.Remedy,
		}
	case len(refused) > 0:
		first := refused[0]
		problem = &Problem{Code: first.Code, Message: first.Message, Remedy: first.Remedy, Findings: factFindings(refused)}
		if first.Fact != "" {
			problem.Message = diagnostic.Wording("%s：%s", "%s: %s", policy.Text{ZH: first.Fact, EN: first.Fact}, first.Message)
		}
	case errors.As(err, &list) && len(list) > 0:
		problem = &Problem{Code: list[0].Code, Message: list[0].Message, Remedy: list[0].Remedy, Findings: formats.FindingsOf(list)}
	default:
		problem = &Problem{Code: "internal", Message: diagnostic.Text{ZH: err.Error(), EN: err.Error()}}
	}
	if problem.Findings == nil {
		problem.Findings = []formats.Finding{}
	}
	return problem
}

func factFindings(refused []*policy.FactError) []formats.Finding {
	all := make([]formats.Finding, 0, len(refused))
	for _, e := range refused {
		f := formats.Finding{Code: e.Code, Severity: diagnostic.Error, Fact: e.Fact, Message: e.Message, Remedy: e.Remedy}
		if e.Span != (diagnostic.Span{}) {
			f.Span = &e.Span
		}
		all = append(all, f)
	}
	return all
}
