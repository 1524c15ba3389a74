package condition

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// An alternative that fails where the program does not is another result, and
// so is one that looks at what failed, though both come to what is not known.
func TestAlternativesThatFail(t *testing.T) {
	env := &Env{Vars: map[string]*Var{"n": {Type: &value.Type{Kind: value.Count}, Slot: 0}, "m": {Type: &value.Type{Kind: value.Count}, Slot: 1}}}
	for _, x := range []struct {
		source, other string
		n, m          value.Value
		broken        []int
		differs       bool
	}{
		{"n > 1", "n * 2 > 2", value.Int(5), value.Int(5), nil, false},
		{"n > 1", "n * 2 > 2", value.Int(math.MaxInt64), value.Int(5), nil, true},
		{"n > 1", "n + m > 1", value.UnknownOf(value.Count), value.UnknownOf(value.Count), nil, false},
		{"n > 1", "n + m > 1", value.UnknownOf(value.Count), value.UnknownOf(value.Count), []int{1}, true},
		{"n > 1", "n * 2 > 2", value.UnknownOf(value.Count), value.UnknownOf(value.Count), []int{1}, false},
	} {
		p, problems := Compile(x.source, env, Want{Kind: value.YesNo})
		require.Empty(t, problems)
		other, problems := Compile(x.other, env, Want{Kind: value.YesNo})
		require.Empty(t, problems)
		p.Compare(Alternative{Program: other, Mark: 1})
		f := &value.Frame{Slots: []value.Value{x.n, x.m}, Marks: make([]byte, 2), Broken: x.broken}
		p.Eval(f)
		require.NoError(t, f.Err, "what fails under another option fails nobody")
		assert.Equal(t, x.differs, f.Marks[1] != 0, "%s or %s of %v, %v", x.source, x.other, x.n, x.m)
	}
}
