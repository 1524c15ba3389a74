package policy

// Detail is what one rule did, as data rather than prose: what a program needs
// that draws a deadline or a ladder. Of is the form's own type, such as
// sla.Timeline, penalty.Climb or kpi.Gauge; whoever does not know a type
// leaves it out.
type Detail struct {
	// Rule is a copy, with an Article that lists no Rules and a Form of its name,
	// section and wording alone; [Rulebook.Rule] has the whole.
	Rule *Rule
	Of   any
}

// Details tells what the rules behind the answer did, in the order of the
// explanation. They are found out when asked for, so that deciding does not
// pay for them. An answer with an Error has none, nor one to a question that
// does not apply or may not apply.
func (a *Answer) Details() []Detail {
	if a.from == nil {
		return nil
	}
	return a.from.Details()
}
