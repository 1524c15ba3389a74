package policy

// TwoRulesError says that two rules of a group, of which only one may apply,
// both apply to the facts.
type TwoRulesError struct{ First, Second string }

// Error names both.
func (e *TwoRulesError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return "both " + e.First + " and " + e.Second + " apply; only one of the group may"
}
