package form

import (
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/condition"
	"github.com/servicerules/rulebook/internal/value"
)

// CompiledValue is a value of an answer, compiled. What it comes to is kept in slots
// of the run, so that an answer need not be written out before it is read.
type CompiledValue struct {
	*checked.Value
	Is, When *condition.Program
	Fields   []*CompiledValue
	Typ      *value.Type
	At       int    // the slot of its value
	WhenAt   int    // the slot that says whether it exists, -1 where it always does
	Id       string // as missing facts name it
	Owner    int    // of what it lacks; see ownedBy
	Kept     int    // its number among the values that an answer keeps
	KeptWhen int
	// Where it is noted that a value was shown that is no more than what
	// something else came to: of is and of when.
	IsNoted, WhenNoted Mark
}

// NoteOf is the place of that of one of its programs.
func (f *CompiledValue) NoteOf(p *condition.Program) Mark {
	switch {
	case p == nil:
		return MarkVoid
	case p == f.When:
		return f.WhenNoted
	}
	return f.IsNoted
}
