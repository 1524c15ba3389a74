package main

import (
	"fmt"

	"github.com/servicerules/rulebook"
)

// ours are the questions bound to their types.
type ours struct {
	request   *rulebook.Bound[*Request]
	complaint *rulebook.Bound[*Complaint]
	area      *rulebook.Bound[*Area]
	load      *rulebook.Bound[*Load]
	change    *rulebook.Bound[*Change]
}

func bindAll() (*ours, error) {
	book, err := rulebook.Default()
	if err != nil {
		return nil, err
	}
	if book, err = book.With(rulebook.AsOf(asOf)); err != nil {
		return nil, err
	}
	o := &ours{}
	if o.request, err = rulebook.Bind[*Request](book, questions[0]); err != nil {
		return nil, err
	}
	if o.complaint, err = rulebook.Bind[*Complaint](book, questions[1]); err != nil {
		return nil, err
	}
	if o.area, err = rulebook.Bind[*Area](book, questions[2]); err != nil {
		return nil, err
	}
	if o.load, err = rulebook.Bind[*Load](book, questions[3]); err != nil {
		return nil, err
	}
	o.change, err = rulebook.Bind[*Change](book, questions[4])
	return o, err
}

func (o *ours) contender(s *sets) *contender {
	verdict := func(a *rulebook.Answer, err error) string {
		if err != nil {
			return err.Error()
		}
		return a.Verdict
	}
	reasons := func(a *rulebook.Answer, err error) string {
		if err != nil {
			return err.Error()
		}
		return a.Explain("en")
	}
	return &contender{
		name: "rulebook",
		decide: [5]func(int) string{
			func(i int) string { return verdict(o.request.Decide(&s.requests[i])) },
			func(i int) string { return verdict(o.complaint.Decide(&s.complaints[i])) },
			func(i int) string { return verdict(o.area.Decide(&s.areas[i])) },
			func(i int) string { return verdict(o.load.Decide(&s.loads[i])) },
			func(i int) string { return verdict(o.change.Decide(&s.changes[i])) },
		},
		explain: [5]func(int) string{
			func(i int) string { return reasons(o.request.Decide(&s.requests[i])) },
			func(i int) string { return reasons(o.complaint.Decide(&s.complaints[i])) },
			func(i int) string { return reasons(o.area.Decide(&s.areas[i])) },
			func(i int) string { return reasons(o.load.Decide(&s.loads[i])) },
			func(i int) string { return reasons(o.change.Decide(&s.changes[i])) },
		},
	}
}

// compareByHand gives our verdicts about a fact set; the error says where the
// hand-written answers differ.
func (o *ours) compareByHand(s *sets, i int) (verdicts [5]string, err error) {
	for q := range questions {
		var a *rulebook.Answer
		var differs func() error
		switch q {
		case 0:
			a, err = o.request.Decide(&s.requests[i])
			differs = func() error { return agreeRequest(handRequest(&s.requests[i], asOf), a) }
		case 1:
			a, err = o.complaint.Decide(&s.complaints[i])
			differs = func() error { return agreeFine(handFine(&s.complaints[i]), a) }
		case 2:
			a, err = o.area.Decide(&s.areas[i])
			differs = func() error { return agreeArea(handArea(&s.areas[i]), a) }
		case 3:
			a, err = o.load.Decide(&s.loads[i])
			differs = func() error { return agreeLoad(handLoad(&s.loads[i]), a) }
		default:
			a, err = o.change.Decide(&s.changes[i])
			differs = func() error { return agreeChange(handChange(&s.changes[i]), a) }
		}
		if err == nil {
			err = differs()
		}
		if err != nil {
			return verdicts, fmt.Errorf("%s: %w", questions[q], err)
		}
		verdicts[q] = a.Verdict
	}
	return verdicts, nil
}
