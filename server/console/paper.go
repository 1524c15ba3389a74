package console

import (
	"net/http"
	"net/url"

	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// paperView is what the person concerned is given: one page.
type paperView struct {
	*decisionView
	Decision *stepRow // nil where nobody has decided
	Before   []stepRow
	Corrects *stepRow // that says that the record was wrong; nil where none does
	Names    []nameLink
}

// paper is the page for the person concerned, to be printed.
func (c *Console) paper(r *http.Request, p *page) (int, error) {
	e, err := c.service.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return 0, err
	}
	x, err := c.decisionPage(r, p, e, url.Values{})
	if err != nil {
		return 0, err
	}
	if x.Erased { // there is nothing to give to anybody
		p.location = "/decisions/" + url.PathEscape(e.ID())
		return http.StatusSeeOther, nil
	}
	p.Name = "paper.html"
	paper := &paperView{decisionView: x}
	for i, s := range x.Procedure.Steps {
		switch {
		case s.Gone:
		case s.Class == record.StepDecision:
			paper.Decision = &x.Procedure.Steps[i]
		case s.Class == record.StepCorrection:
			paper.Corrects = &x.Procedure.Steps[i]
		case s.Class == record.StepNoted, s.Class == record.StepHearing:
			paper.Before = append(paper.Before, s)
		}
	}
	if body, err := e.Decode(); err == nil {
		paper.Names = p.viewer.namesOf(e.Question, service.Given(body))
		for i := range paper.Names {
			paper.Names[i].Name = p.viewer.mask(paper.Names[i].Name)
		}
	}
	p.Title = p.pick("给当事人的文书 ", "Paper for the person concerned ") + e.ID()
	p.Data = paper
	return http.StatusOK, nil
}
