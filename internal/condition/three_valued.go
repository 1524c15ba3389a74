package condition

import (
	"github.com/servicerules/rulebook/internal/value"
)

// What all closures share: yes, no, none and unknown as one small value, and going
// back to what was lacking before something that turned out not to matter.

// tri is a yes/no with its state. The order matters: no and yes are last.
type tri uint8

const (
	unknown tri = iota
	none
	no
	yes
)

// triOf is no or yes for a bit 0 or 1.
func triOf(bit uint8) tri { return no + tri(bit) }

func triBool(b bool) tri {
	if b {
		return yes
	}
	return no
}

func (t tri) value() value.Value {
	switch t {
	case yes:
		return value.Bool(true)
	case no:
		return value.Bool(false)
	case none:
		return value.NoneOf(value.YesNo)
	}
	return value.UnknownOf(value.YesNo)
}

func triFrom(v *value.Value) tri {
	switch v.State {
	case value.Known:
		return triBool(v.N != 0)
	case value.None:
		return none
	}
	return unknown
}

// mark is what to go back to where something unknown turns out not to matter.
type mark struct {
	needs  int
	failed bool // then Frame.Err stays as it is
}

func marked(f *value.Frame) mark { return mark{len(f.Needs), f.Err != nil} }

func (m mark) restore(f *value.Frame) {
	if len(f.Needs) != m.needs || f.Err != nil {
		m.back(f)
	}
}

// back is restore where there is something to go back from.
func (m mark) back(f *value.Frame) {
	f.Needs = f.Needs[:m.needs]
	if !m.failed {
		f.Err = nil
	}
}

func need(f *value.Frame, slot, index, field int) {
	noteNeed(f, value.Need{Slot: slot, Index: index, Field: field})
}

func noteNeed(f *value.Frame, n value.Need) {
	if k := len(f.Needs); k > 0 && f.Needs[k-1] == n {
		return
	}
	f.Needs = append(f.Needs, n)
}

// Never written to.
var (
	noneValue    = value.In(value.Invalid, value.None)
	unknownValue = value.Value{}
)

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

func stateOf(t tri) value.State {
	if t >= no {
		return value.Known
	}
	return value.State(t)
}

// same is whether two values are both decided and equal; a count equals the
// ratio of the same size.
func same(v, w value.Value) bool {
	if v.State != w.State || v.State == value.Unknown {
		return false
	}
	if v.State == value.Known && (isExact(v.K) && isExact(w.K) || v.K == value.Part || w.K == value.Part) {
		return value.CompareRatio(v, w) == 0
	}
	return v.Equal(w) && !partial(v)
}

// partial is whether a value has something unknown in it.
func partial(v value.Value) bool { return v.Partial() }
