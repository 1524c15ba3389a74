package main

import (
	"fmt"
	"slices"

	"github.com/servicerules/rulebook"
)

// agree compares a hand-written answer with ours, figure by figure.
type agree struct {
	what string
	ours *rulebook.Answer
	err  error
}

func (a *agree) same(name string, hand, our any) {
	if a.err == nil && hand != our {
		a.err = fmt.Errorf("%s: %s: by hand %v, ours %v", a.what, name, hand, our)
	}
}

func (a *agree) int(path string, hand int, known bool) {
	n, ok := a.ours.Int(path)
	a.same(path+" known", known, ok)
	a.same(path, int64(hand), n)
}

func (a *agree) bool(path string, hand, known bool) {
	yes, ok := a.ours.Bool(path)
	a.same(path+" known", known, ok)
	a.same(path, hand, yes)
}

func (a *agree) word(path, hand string) {
	w, _ := a.ours.Word(path)
	a.same(path, hand, w)
}

func (a *agree) told(t *Told) {
	a.same("verdict", t.Verdict, a.ours.Verdict)
	a.same("articles", fmt.Sprint(t.Articles), fmt.Sprint(a.ours.Cites))
	var missing []string
	for _, m := range a.ours.MissingFacts {
		if !slices.Contains(missing, m.Fact) {
			missing = append(missing, m.Fact)
		}
	}
	hand := slices.Sorted(slices.Values(t.Missing))
	slices.Sort(missing)
	a.same("missing facts", fmt.Sprint(hand), fmt.Sprint(missing))
	if t.Step != "" && t.Verdict != undetermined && len(missing) == 0 {
		a.same("step "+t.Step, true, slices.Contains(a.ours.Rules, t.Step))
	}
}

func agreeRequest(h *RequestAnswer, ours *rulebook.Answer) error {
	a := &agree{what: "time_limit.request", ours: ours}
	a.told(&h.Told)
	start, _ := ours.Moment("clock_start")
	dueAt, _ := ours.Moment("due_at")
	due, _ := ours.Date("due_date")
	a.same("clock_start", true, h.Start.Equal(start))
	a.same("due_at", true, h.DueAt.Equal(dueAt))
	a.same("due_date", h.DueDate, due)
	a.word("priority", h.Priority)
	return a.err
}

func agreeFine(h *FineAnswer, ours *rulebook.Answer) error {
	a := &agree{what: "accountability.fine", ours: ours}
	a.told(&h.Told)
	priced := h.Nth > 0
	a.bool("accountable", h.Accountable, h.Verdict != undetermined || h.Accountable)
	a.word("reason", h.Reason)
	a.word("level_applied", h.Level)
	a.int("nth", h.Nth, priced)
	a.int("base_fine", h.Base, priced || h.Verdict == "not_accountable")
	a.int("final_fine", h.Final, priced || h.Verdict == "not_accountable")
	a.int("steps", h.Steps, true)
	a.int("total_for_window", h.Total, priced)
	a.bool("capped", h.Capped, priced)
	a.bool("floored", h.Floored, priced)
	a.bool("exempt", h.Exempt, true)
	return a.err
}

func agreeArea(h *AreaAnswer, ours *rulebook.Answer) error {
	a := &agree{what: "contracting.kpi", ours: ours}
	a.told(&h.Told)
	for name, r := range map[string]Rate{"complaint_rate": h.Complaints, "ticket_reply_rate": h.Replies, "satisfaction_rate": h.Satisfaction} {
		a.word(name+".result", r.Result)
		a.word(name+".percent", r.Percent)
		num, den, _ := ours.Ratio(name + ".ratio")
		a.same(name+".ratio", fmt.Sprint(r.Num, r.Den), fmt.Sprint(num, den))
	}
	a.same("provisional", h.Provisional, ours.Provisional)
	return a.err
}

func agreeLoad(h *LoadAnswer, ours *rulebook.Answer) error {
	a := &agree{what: "contracting.load", ours: ours}
	a.told(&h.Told)
	num, den, _ := ours.Ratio("households_per_person")
	a.same("households_per_person", fmt.Sprint(h.Num, h.Den), fmt.Sprint(num, den))
	return a.err
}

func agreeChange(h *ChangeAnswer, ours *rulebook.Answer) error {
	a := &agree{what: "contracting.area_change", ours: ours}
	a.told(&h.Told)
	a.same("breaches", len(h.Breaches), len(ours.Breaches))
	return a.err
}
