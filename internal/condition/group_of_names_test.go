package condition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A rule with several outputs is no value: its outputs are named, and no type
// that nobody has heard of.
func TestGroupOfNamesIsNoValue(t *testing.T) {
	env := testEnv()
	env.Vars["clock"] = &Var{Slot: -1, Fields: map[string]*Var{"due": env.Vars["start"], "days": env.Vars["i"]}}
	for src, want := range map[string]Want{"clock": {}, "clock > 3": {}, "not clock": {}, "clock ? 1 : 2": {}} {
		_, problems := Compile(src, env, want)
		require.NotEmpty(t, problems, src)
		for _, p := range problems {
			assert.NotContains(t, p.Message.EN+p.Remedy.EN, "invalid", src)
		}
	}
	_, problems := Compile("clock", env, Want{})
	assert.Equal(t, "name one of its parts: clock.days, clock.due", problems[0].Remedy.EN)
	assert.Equal(t, "clock 是一组名称，不是一个值", problems[0].Message.ZH)
}
