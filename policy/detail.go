package policy

// Detail is what one rule did, as data rather than prose: what a program needs
// that draws a deadline or a ladder. Of is the form's own type, such as
// sla.Timeline, penalty.Climb or kpi.Gauge; whoever does not know a type
// leaves it out.
type Detail struct {
	Rule *Rule
	Of   any
}

// Detailer is an Evaluator that can tell what it did as data. Forms need not
// have it.
type Detailer interface {
	// Details tells what it found, from the same Run, when somebody asks.
	Details(*Run) []Detail
}

// Details tells what the rules behind the answer did, in the order of the
// explanation. They are found out when asked for, so that deciding does not
// pay for them. An answer with an Error has none.
func (a *Answer) Details() []Detail {
	s := a.rec.again()
	if s == nil {
		return nil
	}
	defer s.leave()
	return s.run.details()
}

func (r *Run) details() []Detail {
	var all []Detail
	for _, u := range r.ed.asked.units {
		d, ok := u.eval.(Detailer)
		if !ok || u.absent {
			continue
		}
		all = append(all, d.Details(r)...)
	}
	return all
}
