package policy

// Step is one step of an explanation.
type Step struct {
	Article  string // its id, "" for a closing remark
	Rule     string // id, likewise
	Text     string
	Readings []UsedReading
	Claims   []Claim // what it states of numbers, times and words, as data
}
