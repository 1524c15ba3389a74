package main

import (
	"slices"

	"github.com/servicerules/rulebook"
)

// wholeOurs reads what the hand-written answer has from ours, so that what is
// written out only when somebody reads it counts, too.
func wholeOurs(o *ours, s *sets) [5]func(int) any {
	return [5]func(int) any{
		func(i int) any {
			a, err := o.request.Decide(&s.requests[i])
			if err != nil {
				return err
			}
			r := &RequestAnswer{Told: ourTold(a)}
			r.Start = orZero(a.Moment("clock_start"))
			r.DueAt = orZero(a.Moment("due_at"))
			r.DueDate = orZero(a.Date("due_date"))
			r.Priority = orZero(a.Word("priority"))
			return r
		},
		func(i int) any {
			a, err := o.complaint.Decide(&s.complaints[i])
			if err != nil {
				return err
			}
			r := &FineAnswer{Told: ourTold(a)}
			r.Accountable = orZero(a.Bool("accountable"))
			r.Reason = orZero(a.Word("reason"))
			r.Level = orZero(a.Word("level_applied"))
			r.Nth, r.Base, r.Steps = ourInt(a, "nth"), ourInt(a, "base_fine"), ourInt(a, "steps")
			r.Final, r.Total = ourInt(a, "final_fine"), ourInt(a, "total_for_window")
			r.Capped = orZero(a.Bool("capped"))
			r.Floored = orZero(a.Bool("floored"))
			r.Exempt = orZero(a.Bool("exempt"))
			return r
		},
		func(i int) any {
			a, err := o.area.Decide(&s.areas[i])
			if err != nil {
				return err
			}
			return &AreaAnswer{Told: ourTold(a), Provisional: a.Provisional,
				Complaints: ourRate(a, "complaint_rate"), Replies: ourRate(a, "ticket_reply_rate"), Satisfaction: ourRate(a, "satisfaction_rate")}
		},
		func(i int) any {
			a, err := o.load.Decide(&s.loads[i])
			if err != nil {
				return err
			}
			r := &LoadAnswer{Told: ourTold(a)}
			r.Num, r.Den = ourRatio(a, "households_per_person")
			return r
		},
		func(i int) any {
			a, err := o.change.Decide(&s.changes[i])
			if err != nil {
				return err
			}
			r := &ChangeAnswer{Told: ourTold(a)}
			for _, b := range a.Breaches {
				r.Breaches = append(r.Breaches, b.String())
			}
			return r
		},
	}
}

// ourTold is what every answer has; the step is among the answer's rules.
func ourTold(a *rulebook.Answer) Told {
	t := Told{Verdict: a.Verdict, Articles: a.Cites}
	for _, m := range a.MissingFacts {
		if !slices.Contains(t.Missing, m.Fact) {
			t.Missing = append(t.Missing, m.Fact)
		}
	}
	return t
}

// orZero is a value of an answer, the zero value where the answer has none: the
// hand-written answers, which all are compared with, have it so.
func orZero[T any](v T, _ bool) T { return v }

func ourInt(a *rulebook.Answer, path string) int { return int(orZero(a.Int(path))) }

func ourRatio(a *rulebook.Answer, path string) (num, den int) {
	n, d, _ := a.Ratio(path) // zeros where there is none
	return int(n), int(d)
}

func ourRate(a *rulebook.Answer, name string) Rate {
	r := Rate{}
	r.Result = orZero(a.Word(name + ".result"))
	r.Percent = orZero(a.Word(name + ".percent"))
	r.Num, r.Den = ourRatio(a, name+".ratio")
	return r
}
