package condition

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
)

// withOutput has a number x that is there where a condition holds, and is then that
// of an expression if there is one; and yes, whether the condition holds.
func withOutput(t require.TestingT, env *Env, when, is string) (*Env, Outputs) {
	compile := func(src string, want Want) *Program {
		if src == "" {
			return nil
		}
		p, problems := Compile(src, env, want)
		require.Empty(t, problems, src)
		return p
	}
	const x, yes = 9001, 9002
	outputs := Outputs{x: {{When: compile(when, Want{Kind: value.YesNo}), Is: compile(is, Want{Kind: value.Count})}}}
	if when != "" {
		outputs[yes] = []Source{{Is: compile(when, Want{Kind: value.YesNo})}}
	}
	all := *env
	all.Vars = maps.Clone(env.Vars)
	all.Vars["x"] = &Var{Type: &value.Type{Kind: value.Count}, Slot: x}
	all.Vars["yes"] = &Var{Type: &value.Type{Kind: value.YesNo}, Slot: yes}
	return &all, outputs
}

// What is computed where a condition holds is guarded by what implies the condition.
func TestOutputsMayBeNone(t *testing.T) {
	for _, c := range []struct{ when, is, src, found string }{
		{"", "j", "x < 3", ""},
		{"", "i", "x < 3", "x"},
		{"", "i", "i != null and x < 3", ""},
		{"", "i + 1", "i != null and x < 3", ""},
		{"", "i", "x != null and x < i", ""},
		{"i != null", "i", "x < 3", "x"},
		{"i != null", "i", "i != null and x < 3", ""},
		{"i != null", "i", "x != null and x < i", ""},
		{"i != null", "", "x != null and i < 3", ""},
		{"b", "", "x < 3", "x"},
		{"b", "", "b and x < 3", ""},
		{"b", "", "not b or x < 3", ""},
		{"b", "", "b or x < 3", "x"},
		{"i != null", "i", "null != i and x < 3", ""},
		{"i != null", "i", "not (i == null) and x < 3", ""},
		{"i != null", "i", "not (null == i) and x < 3", ""},
		{"b", "", "b ? x < 3 : a", ""},
		{"b", "", "b ? a : x < 3", "x"},
		{"b", "", "yes and x < 3", ""},
		{"b", "", "x == 3", ""},
		{"b", "", "x + 1 < 3", "x"},
		{"b", "", "len([x]) > 0", ""},
		{"not b", "", "not b and x < 3", ""},
		{"not b", "", "b or x < 3", ""},
		{"a and b", "", "b and x < 3", "x"},
		{"a and b", "", "b and a and x < 3", ""},
		{"a or b", "", "b and x < 3", ""},
		{"a or b", "", "(a or b) and x < 3", ""},
		{"not (a or b)", "", "not a and not b and x < 3", ""},
		{"j > 3", "", "j > 3 and x < 3", ""},
		{"j > 3", "", "j > 2 and x < 3", "x"},
		{"j > 3", "", "not (j <= 3) and x < 3", ""},
		{"j > 3", "", "3 < j and x < 3", ""},
		{"3 < j", "", "j > 3 and x < 3", ""},
		{"j > 3", "", "j <= 3 ? b : x < 3", ""},
		{"i > 3", "", "i != null and not (i <= 3) and x < 3", ""},
		{"i > 3", "", "not (i <= 3) and x < 3", "i x"}, // of which one may be none
		{"j <= 3", "", "not (j > 3) and x < 3", ""},
		{"not (j <= 3)", "", "j > 3 and x < 3", ""},
		{"not (i <= 3)", "", "i != null and 3 < i and x < 3", ""},
		{"b == true", "", "b and x < 3", ""},
		{"b", "", "b == true and x < 3", ""},
		{"b", "", "true == b and x < 3", ""},
		{"b", "", "b != false and x < 3", ""},
		{"b", "", "yes == true and x < 3", ""},
		{"b", "", "b != true and x < 3", "x"},
		{"a", "", "a != false and x < 3", "x"}, // it may be none
		{"not b", "", "b == false and x < 3", ""},
		{"b == false", "", "not b and x < 3", ""},
		{"a == false", "", "not a and x < 3", "x"}, // it may be none
		{"not a", "", "a != true and x < 3", ""},
		{"b", "", "(b ? true : false) and x < 3", ""},
		{"b ? true : false", "", "b and x < 3", ""},
		{"b", "b ? j : null", "b and x < 3", ""},
		{"", "b ? j : null", "b and x < 3", ""},
		{"", "b ? null : j", "not b and x < 3", ""},
		{"", "b ? null : j", "b and x < 3", "x"},
		{"", `colour == "red" ? null : j`, `colour != "red" and x < 3`, ""},
		{"", `shade == "red" ? null : j`, `shade == "blue" and x < 3`, ""},
		{`shade in ["red", "blue"]`, "", `shade != "green" and x < 3`, ""},
		{`shade in ["red", "blue"]`, "", `"green" != shade and x < 3`, ""},
		{`shade in ["red", "blue"]`, "", `shade != "blue" and x < 3`, "x"},
		{`colour in ["red", "blue"]`, "", `colour != "green" and x < 3`, "x"}, // it may be none
		{`colour in ["red", "blue"]`, "", `null != colour and colour != "green" and x < 3`, ""},
		{`shade == "red"`, "", `shade not in ["green", "blue"] and x < 3`, ""},
		{`shade != "red"`, "", `shade in ["green", "blue"] and x < 3`, ""},
		{`shade != "red"`, "", `shade in ["green", "red"] and x < 3`, "x"},
		{`shade in ["green", "red"]`, "", `shade in ["red", "green"] and x < 3`, ""},
		{`shade not in ["green"]`, "", `shade in ["red", "blue"] and x < 3`, ""},
		{`shade == "red" or shade == "blue"`, "", `shade != "green" and x < 3`, ""},
		{`shade == "red" or shade == "blue"`, "", `shade != "red" and x < 3`, "x"},
		{`colour == "red" or colour == "blue"`, "", `colour != "green" and x < 3`, "x"}, // it may be none
		{`shade == "red" or shade == "blue" and b`, "", `b and shade != "green" and x < 3`, ""},
		{`colour == "red"`, "", `colour == "red" and x < 3`, ""},
		{`colour == "red"`, "", `colour != "red" or x < 3`, ""},
		{`colour != "red"`, "", `colour == "blue" and x < 3`, ""},
		{`colour != "red"`, "", `colour == "red" and x < 3`, "x"},
		{`colour in ["red", "blue"]`, "", `colour == "blue" and x < 3`, ""},
		{`colour in ["red", "blue"]`, "", `colour == "green" and x < 3`, "x"},
		{`colour not in ["red", "blue"]`, "", `colour == "green" and x < 3`, ""},
		{"true", "", "x < 3", ""},
		{"any(stays, .paid)", "", "any(stays, .paid) and x < 3", ""},
		{"any(stays, .paid)", "", "all(stays, .paid and x < 3)", "x"},
		{"b", "", "b and all(stays, x < 3)", ""},
	} {
		env, outputs := withOutput(t, absentEnv(), c.when, c.is)
		p, problems := Compile(c.src, env, Want{})
		require.Empty(t, problems, c.src)
		var found []string
		for _, x := range p.AbsencesAmong(outputs) {
			found = append(found, x.Source)
		}
		assert.Equal(t, c.found, strings.Join(found, " "), "%s of x where %s is %s", c.src, c.when, c.is)
	}
}

// Where no place is found, whatever guards an output has its condition hold.
func TestGuardedOutputsAreThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := testEnv()
		absent := map[int]bool{}
		for _, name := range append([]string{"i", "visit", "numbers"}, rapid.SampledFrom([][]string{nil, {"a"}, {"colour"}, {"a", "colour"}}).Draw(t, "absent")...) {
			absent[env.Vars[name].Slot] = true
			v := *env.Vars[name]
			v.MayBeNone = true
			env.Vars[name] = &v
		}
		g := guardGen{gen{t: t, ours: true}}
		write := func() string { return g.pick(func() string { return g.yesNo(2) }, func() string { return g.guard(2) }) }
		when, guard := write(), write()
		switch rapid.IntRange(0, 2).Draw(t, "related") {
		case 0:
			guard = "(" + when + ") and (" + guard + ")"
		case 1:
			when = "(" + when + ") or (" + guard + ")"
		}
		condition, problems := Compile(when, env, Want{Kind: value.YesNo})
		if len(problems) > 0 {
			return
		}
		guards, problems := Compile(guard, env, Want{Kind: value.YesNo})
		if len(problems) > 0 {
			return
		}
		all, outputs := withOutput(t, env, when, "")
		p, problems := Compile("("+guard+") and x < 3", all, Want{Kind: value.YesNo})
		if len(problems) > 0 {
			return // too long
		}
		for _, x := range p.AbsencesAmong(outputs) {
			if x.Source == "x" {
				return
			}
		}
		f := testFrame()
		for _, slot := range slotsByOrder() {
			f.Slots[slot] = rapid.SampledFrom(domains[slot]).Draw(t, "fact")
			for f.Slots[slot].IsNone() && !absent[slot] {
				f.Slots[slot] = rapid.SampledFrom(domains[slot]).Draw(t, "fact")
			}
		}
		if guards.Eval(f).True() {
			if v := condition.Eval(f); !v.True() && !v.IsUnknown() {
				t.Fatalf("%s holds, and %s does not", guard, when)
			}
		}
	})
}

// Outputs that rest on outputs are followed for so long, however many there are.
func TestOutputsOfHostileNumber(t *testing.T) {
	env := absentEnv()
	outputs := Outputs{}
	name := "i"
	for k := range 60 {
		p, problems := Compile(strings.Repeat(name+" + ", 40)+name, env, Want{})
		require.Empty(t, problems)
		name = "x" + strings.Repeat("x", k)
		env.Vars[name] = &Var{Type: &value.Type{Kind: value.Count}, Slot: 9100 + k}
		outputs[9100+k] = []Source{{When: nil, Is: p}}
	}
	p, problems := Compile(name+" < 3", env, Want{})
	require.Empty(t, problems)
	p.AbsencesAmong(outputs)
}
