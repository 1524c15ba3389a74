package api

import (
	"net/http"

	"github.com/servicerules/rulebook/server/door"
	"github.com/servicerules/rulebook/server/problem"
)

// What records and kept tables say of people can be erased. See record.Store.Erase.

type (
	// Erasure is why what a decision says is erased.
	Erasure struct {
		Reason string `json:"reason" jsonschema:"why, naming nobody: it stays on record"`
		Seen   *int64 `json:"seen,omitempty" jsonschema:"latest of its steps that you know of: nothing is erased past a later one"`
	}
	// MonthErasure is why kept tables are erased.
	MonthErasure struct {
		Reason string `json:"reason" jsonschema:"why, naming nobody: it stays on record"`
	}
)

func (a *api) erase(w http.ResponseWriter, r *http.Request) error {
	data, err := read(w, r, MaxFacts)
	if err != nil {
		return err
	}
	var want Erasure
	if err := strictly(data, &want); err != nil {
		return err
	}
	step, err := a.Erase(r.Context(), r.PathValue("id"), want.Reason, want.Seen, door.WhoOf(r.Context()))
	if err != nil {
		return err
	}
	return sendFresh(w, http.StatusOK, stepOf(step, true))
}

func (a *api) eraseMonth(w http.ResponseWriter, r *http.Request) error {
	i, err := a.keptBy(r)
	if err != nil {
		return err
	}
	data, err := read(w, r, MaxFacts)
	if err != nil {
		return err
	}
	var want MonthErasure
	if err := strictly(data, &want); err != nil {
		return err
	}
	if err := a.EraseImport(r.Context(), i.ID, want.Reason, door.WhoOf(r.Context())); err != nil {
		return err
	}
	if i, err = a.keptBy(r); err != nil {
		return err
	}
	return sendFresh(w, http.StatusOK, keptOf(i))
}

// gone says that what is asked for was erased.
func gone() *problem.Problem {
	return problem.New(http.StatusGone, "erased", problem.Text{ZH: "内容已被抹去", EN: "it was erased"}, problem.Text{ZH: "何时、为何抹去，见它的记载", EN: "when and why is on record with it"})
}
