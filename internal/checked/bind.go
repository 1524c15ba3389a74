package checked

import "github.com/servicerules/rulebook/policy"

// Optional reports whether a record may be known not to exist.
func (f *Fact) Optional() bool { return f.Absent == policy.IsNone || f.Null == policy.IsNone }
