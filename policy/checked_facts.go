package policy

// Facts are facts of one question that were checked, so that they can be asked
// about again and again. They are immutable and safe for concurrent use.
type Facts struct{ set FactSet }

// FactSet is what was checked, as the engine holds it.
type FactSet interface {
	// Question is the question that the facts are of.
	Question() *Question
	// AppendJSON appends their canonical JSON to dst; see [Facts.AppendJSON].
	AppendJSON(dst []byte) []byte
}

// NewFacts are facts that the engine has checked.
func NewFacts(set FactSet) *Facts { return &Facts{set} }

// Set is what was checked; nil where nothing was.
func (f *Facts) Set() FactSet {
	if f == nil {
		return nil
	}
	return f.set
}

// Question is the question that the facts are of; nil where nothing was
// checked.
func (f *Facts) Question() *Question {
	if f == nil || f.set == nil {
		return nil
	}
	return f.set.Question()
}

// MarshalJSON writes the facts canonically; see AppendJSON.
func (f Facts) MarshalJSON() ([]byte, error) { return f.AppendJSON(nil), nil }

// AppendJSON appends the canonical JSON of the facts to dst: facts and fields
// in the order of their declaration, moments in the rulebook's zone, defaults
// written out, words of a list sorted where their order means nothing.
// However facts were written, those that mean the same give the same bytes,
// but for the order of a list of records: it stays as it was given, since
// answers name records by their place. Checked again, the bytes are the same
// facts and get the same answer. Facts that were never checked are null.
func (f *Facts) AppendJSON(dst []byte) []byte {
	if f == nil || f.set == nil {
		return append(dst, "null"...)
	}
	return f.set.AppendJSON(dst)
}
