package form

// The scope of a question, as the mark markScope has it.
const (
	NoScope   = NotApplicable // the regulation does not apply
	OpenScope = Undetermined
	YesScope  = Applied
)
