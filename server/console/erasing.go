package console

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// Whoever may, erases what a record or kept tables say of people: see
// record.Store.Erase.

// eraseDecision erases a record, and shows what is left of it.
func (c *Console) eraseDecision(r *http.Request, p *page) (int, error) {
	e, err := c.service.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return 0, err
	}
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	refused := unsure(p, values)
	if refused == nil {
		_, err = c.service.Erase(r.Context(), e.ID(), values.Get(reasonInput), seenOf(values), door.WhoOf(r.Context()))
		refused = refusedErasure(p, err)
	}
	switch {
	case refused != nil:
		values.Set(kindInput, record.StepErasure)
		x, err := c.decisionPage(r, p, e, values)
		if err != nil {
			return 0, err
		}
		x.Procedure.Refused = refused
		return http.StatusUnprocessableEntity, nil
	case err != nil:
		return 0, err
	}
	p.location = "/decisions/" + url.PathEscape(e.ID())
	return http.StatusSeeOther, nil
}

// eraseMonth erases tables that are kept.
func (c *Console) eraseMonth(r *http.Request, p *page) (int, error) {
	key := r.PathValue("review")
	id, ok := keptNumber(key)
	if !ok {
		return c.notFound(r, p)
	}
	values, err := formOf(r)
	if err != nil {
		return 0, err
	}
	if refused := unsure(p, values); refused != nil {
		return c.monthPage(r, p, &monthRefusal{Text: refused.Text, Remedy: refused.Remedy}, monthAsked{})
	}
	err = c.service.EraseImport(r.Context(), id, values.Get(reasonInput), door.WhoOf(r.Context()))
	c.reviews.forget(key) // with its records, also where the log is busy
	if refused := refusedErasure(p, err); refused != nil {
		return c.monthPage(r, p, &monthRefusal{Text: refused.Text, Remedy: refused.Remedy}, monthAsked{})
	}
	if err != nil {
		return 0, err
	}
	p.location = "/month#kept"
	return http.StatusSeeOther, nil
}

// unsure is the refusal of an erasure that nobody said he was sure of; nil where
// somebody did.
func unsure(p *page, values url.Values) *message {
	if values.Get(sureInput) != "" {
		return nil
	}
	return &message{p.pick("没有抹去：还没有勾选确认", "nothing was erased: that it cannot be undone was not ticked"), p.pick("勾选“抹去后无法恢复”，再提交", "tick that it cannot be undone, and send it again")}
}

func refusedErasure(p *page, err error) *message {
	var wrong *service.StepRefusedError
	if !errors.As(err, &wrong) {
		return nil
	}
	return &message{wrong.Message.In(p.Lang), wrong.Remedy.In(p.Lang)}
}
