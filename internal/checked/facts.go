package checked

import (
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// Fact is the fact that the question takes under the name, or nil.
func (q *Question) Fact(name string) *Fact {
	for _, f := range q.Facts {
		if f.Name == name {
			return f.Fact
		}
	}
	return nil
}

// AbsentValue is what the fact is where it is absent or null, as a says.
func (f *Fact) AbsentValue(a policy.Absence) value.Value {
	switch a {
	case policy.IsNone:
		return value.NoneOf(f.Typ.Kind)
	case policy.IsDefault:
		if f.Default.IsKnown() {
			return f.Default
		}
	}
	return value.UnknownOf(f.Typ.Kind)
}

// Optional reports whether a record may be known not to exist.
func (f *Fact) Optional() bool { return f.Absent == policy.IsNone || f.Null == policy.IsNone }
