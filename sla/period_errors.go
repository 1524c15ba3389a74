package sla

// A RuleError says that the rules, or what they meet, fit no period.
type RuleError string

// The errors of rules.
const (
	TwoStarts     RuleError = "two_starts"          // a start on a day and at a moment
	NoStart       RuleError = "no_start"            // neither
	StartOnADay   RuleError = "start_on_a_day"      // a length of time needs a moment
	ClearAndFirst RuleError = "clear_and_first_day" // clear days do not count the first
	UnknownRule   RuleError = "unknown_rule"        // a number that is no constant, or below 0
	NoPauseDays   RuleError = "no_pause_days"       // pauses of a length in days, and no word how they count
	UnknownMark   RuleError = "unknown_mark"        // a mark that is not exactly one of share and length
)

// Error tells what does not fit.
func (e RuleError) Error() string {
	switch e {
	case TwoStarts:
		return "sla: a period starts on a day or at a moment, not both"
	case NoStart:
		return "sla: a period needs a start"
	case StartOnADay:
		return "sla: a length of time starts at a moment, not on a day"
	case ClearAndFirst:
		return "sla: clear days and a first day that is counted exclude each other"
	case NoPauseDays:
		return "sla: PauseDays must say which days do not count because of pauses"
	case UnknownRule:
		return "sla: a rule of the period is below 0 or none of its constants"
	case UnknownMark:
		return "sla: a mark is either a share of 0 or more or a length before the end"
	}
	return "sla: " + string(e)
}
