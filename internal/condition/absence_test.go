package condition

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
)

// absentEnv is the world in which some things may be none.
func absentEnv() *Env {
	env := testEnv()
	for _, name := range []string{"a", "i", "end", "next", "fee", "length", "colour", "visit"} {
		v := *env.Vars[name]
		v.MayBeNone = true
		env.Vars[name] = &v
	}
	stay := *tStay
	stay.Fields = append([]value.Field(nil), tStay.Fields...)
	for i := range stay.Fields {
		switch stay.Fields[i].Name {
		case "left_at", "nights", "bed":
			stay.Fields[i].MayBeNone = true
		}
	}
	env.Vars["stays"] = &Var{Type: listOf(&stay), Slot: slotStays}
	return env
}

// The places that are found are marked: «here».
func TestAbsences(t *testing.T) {
	for _, marked := range []string{
		`«end» < start`, `start >= «end»`, `«i» < 3 and b`, `i == 3`, `i != 3`, `i == null`, `colour == "red"`, `colour in ["red"]`, `a and b`, `j < 3`,
		`i != null and i < 3`, `i < 3 and i != null`, `b and i != null and i < 3`, `not (i == null) and i < 3`, `not (i == null or j > 3) and i < 3`, `i == null or i < 3`, `i < 3 or i == null`, `i != null or «i» < 3`, `i == null and «i» < 3`,
		`i == null ? false : i < 3`, `i != null ? i < 3 : b`, `i == null ? «i» < 3 : b`, `(i == null ? 0 : i) < 3`, `(i == null ? «length» : hours(i)) > hours(1)`, `end != null and end - start < «length»`, `(b ? «i» : 0) < 3`, `(i != null and b ? i : 0) < 3`,
		`«i» + 1 < 3`, `«i» + 1 > «i»`, `i + 1 == null`, `i + 1 != null and i < 3`, `i + j != null and i + j < 3`, `-«i» < 3`, `rounded(«i» / 2) < 3`, `-i == null`,
		`end != null and length != null and end - start < length`, `date_of(«end») < day`, `date_of(end) == day and end > start`, `day == date_of(end) and end > start`, `end == start and end > start`, `end == null and day < day`,
		`latest(«end», start) > start`, `latest(«end», start) == start`, `end == null ? true : latest(end, start) > start`, `greatest(«i», 3) > 2`, `greatest(3, «i», j) > 2`, `latest(«end», null) == start`,
		`visit != null and visit.room.beds > 2`, `visit.room.beds != null and visit.room.beds > 2`, `visit.room != null and visit.room.beds > 2`, `visit.kind == "large" and visit.room.beds > 2`, `visit.room.beds != null and visit.at < start`,
		`any(stays, «.left_at» < «end»)`, `any(stays, «.left_at» < start)`, `any(stays, .left_at != null and .left_at < start)`, `all(stays, .left_at == null or .left_at < start)`, `all(filter(stays, .left_at != null), .left_at < start)`, `all(filter(stays, .paid), «.left_at» < start)`,
		`any(filter(filter(stays, .left_at != null), .paid), .left_at < start)`, `any(stays, .bed != null and .bed.no > 1)`, `any(stays, .id == "x" and «.nights» > 1)`, `count(stays, .nights == 2 and .nights > 1) > 0`,
		`latest(«map(stays, .left_at)») == start`, `latest(map(filter(stays, .left_at != null), .left_at)) == start`, `latest(filter(map(stays, .left_at), # != null)) == start`, `any(map(stays, .left_at), «#» > start)`, `any(map(stays, .left_at), # != null and # > start)`,
		`«latest(moments)» > start`, `latest(moments) != null and latest(moments) > start`, `len(moments) > 0 and latest(moments) > start`, `len(moments) == 0 or latest(moments) > start`, `len(moments) == 0 ? b : latest(moments) > start`, `len(moments) >= 1 and latest(moments) > start`, `len(moments) < 1 or latest(moments) > start`, `len(moments) > -1 and «latest(moments)» > start`, `any(moments, # > start) and latest(moments) > start`, `start in moments and latest(moments) > start`, `latest([start, start]) > start`, `greatest(map(filter(stays, .nights != null), .nights)) == 3`, `len(stays) > 0 and greatest(map(stays, .paid ? 1 : 2)) > 1`, `all(moments, # > start) or latest(moments) > start`,
		`sum(filter(map(stays, .nights), # != null)) > 3`,
		`«i» < j and i < 3`, `j < «i» and i < 3 and b`, `«i» > 3 or «i» > j`, `start < «end» and end < start`, // of two that would guard each other, the first is told
		`20% of «fee» > 2 GBP`, `weekday_of(end) == "monday"`,
		`end != null and end > 2026-01-01T00:00:00Z and start == 2026-01-01T00:00:00Z`, `«end» > 2026-01-01T00:00:00Z and b`, `start in [2026-01-01T00:00:00Z] and «end» > start`, // moments that are written, whose zone nobody gave
		`null != i and i < 3`, `not (null == i) and i < 3`, `not (i == null) and i < 3`, `null == i or i < 3`,
		`(b ? i != null : false) and i < 3`, `(b ? false : i != null) and i < 3`, `(i != null ? true : false) and i < 3`, `(i == null ? false : b) and i < 3`, `(i == null ? true : b) or i < 3`, `(i == null ? b : true) and «i» < 3`, `(b ? i : null) != null and i < 3`, `(b ? i : 0) != null and «i» < 3`, `(i == null ? null : j) != null and i < 3`,
		`(i != null) == true and i < 3`, `true == (i != null) and i < 3`, `(i != null) != false and i < 3`, `(i == null) == false and i < 3`, `(i == null) != true and i < 3`, `(i != null) == false and «i» < 3`, `(i != null) == b and «i» < 3`, `((i != null) == b) == false and b == false and «i» < 3`, `a == true and (a == b) and i == i and «i» < 3`, `(i != null) == (i != null) and «i» < 3`, `(false or i != null) and i < 3`, `not (true and i == null) and i < 3`,
		`(b ? i != null : i != null) and i < 3`, `(b ? i != null : true) and «i» < 3`,
	} {
		absent(t, marked)
	}
	for _, marked := range []string{
		`«visit.room.beds» > 2`, `any(stays, «.bed.no» > 1)`, `«fee» > 2 GBP`, `«i» > 2 ? i > 3 : b`, `b == null or «i» < 3`, `end != null and end - start < «length»`, `«sum(map(stays, .nights))» > 3`,
		`latest(filter(map(stays, .left_at), «#» > start)) == start`,
	} {
		absent(t, marked)
	}
}

func absent(t *testing.T, marked string) {
	t.Helper()
	src := strings.NewReplacer("«", "", "»", "").Replace(marked)
	p, problems := Compile(src, absentEnv(), Want{Kind: value.YesNo})
	require.Empty(t, problems, src)
	got := []rune(src)
	found := p.AbsencesAmong(nil)
	for i := len(found) - 1; i >= 0; i-- {
		x := found[i]
		assert.Equal(t, x.Source, string([]rune(src)[x.From:x.To]))
		got = append(got[:x.From:x.From], []rune("«"+x.Source+"»"+string(got[x.To:]))...)
		assert.NotEmpty(t, x.Meets)
		assert.False(t, x.Passes)
		for _, text := range []string{x.Message.ZH, x.Message.EN, x.Remedy.ZH, x.Remedy.EN} {
			assert.NotEmpty(t, text)
		}
	}
	assert.Equal(t, marked, string(got))
}

// A value that is none because of a calculation is told, one that is given as
// it is, or chosen, is not.
func TestAbsencesThatPass(t *testing.T) {
	for src, want := range map[string]string{
		`i`: "", `i + 1`: "i", `i == null ? 0 : i + 1`: "", `j + 1`: "", `b ? i + 1 : 0`: "i", `date_of(end)`: "end", `end == null ? day : date_of(end)`: "", `latest(end, start)`: "end", `working_days_after(next, i)`: "next i", `rounded(20% of fee)`: "fee", `(b ? i : 0) * 2`: "i",
	} {
		p, problems := Compile(src, absentEnv(), Want{})
		require.Empty(t, problems, src)
		var got []string
		for _, x := range p.AbsencesAmong(nil) {
			got = append(got, x.Source)
			assert.Equal(t, src != `latest(end, start)`, x.Passes, src)
		}
		assert.Equal(t, want, strings.Join(got, " "), src)
		mayBe := map[string]bool{`i`: true, `i == null ? 0 : i + 1`: false, `j + 1`: false, `end == null ? day : date_of(end)`: false, `latest(end, start)`: false}
		if is, listed := mayBe[src]; listed {
			assert.Equal(t, is, p.MayBeNone(), src)
		} else {
			assert.True(t, p.MayBeNone(), src)
		}
	}
	compile := func(src string) *Program {
		p, problems := Compile(src, absentEnv(), Want{})
		require.Empty(t, problems, src)
		return p
	}
	given := compile(`i != null and end > start`)
	for _, src := range []string{`i + 1`, `i < 3`, `end - start < hours(3)`, `latest(end, start)`} {
		assert.NotEmpty(t, compile(src).AbsencesAmong(nil), src)
		assert.Empty(t, compile(src).AbsencesAmong(nil, given), src)
		assert.False(t, compile(src).MayBeNone(given), src)
	}
}

// What is given may leave open which of two things is there: then a branch says it.
func TestAbsencesInOneBranch(t *testing.T) {
	for _, x := range []struct{ given, marked string }{
		{"b or i != null", `b ? true : i < 3`}, {"b or i != null", `b ? «i» < 3 : true`}, {"not b or i != null", `b and i < 3`}, {"not b or i != null", `i < 3 and b`},
		{"not b or i != null", `not b or i < 3`}, {"b ? i != null : true", `b ? i < 3 : true`}, {"b ? i != null : true", `b ? true : «i» < 3`},
		{`colour != "red" or i != null`, `colour == "red" ? i < 3 : true`}, {`colour != "red" or i != null`, `colour == "blue" ? «i» < 3 : true`},
		{"i != null or end != null", `i == null ? end > start : i < 3`}, {"i != null or end != null", `i == null ? end > start : «end» > start`},
		{"i != null or end != null or b", `i == null and not b ? end > start : true`}, {"i != null or end != null or b", `i == null ? «end» > start : true`},
		{"not b or i != null", `(b ? i : 0) < 3`}, {"not b or i != null", `(b ? i : 0) + (b ? 0 : «i») < 3`}, {"not b or i != null", `b ? any(numbers, # < i) : true`},
		{"(not b or i != null) and (not b or end != null)", `b ? i < 3 and end > start : true`},
	} {
		given, problems := Compile(x.given, absentEnv(), Want{Kind: value.YesNo})
		require.Empty(t, problems, x.given)
		src := strings.NewReplacer("«", "", "»", "").Replace(x.marked)
		p, problems := Compile(src, absentEnv(), Want{Kind: value.YesNo})
		require.Empty(t, problems, src)
		got := []rune(src)
		for _, a := range slices.Backward(p.AbsencesAmong(Outputs{}, given)) {
			got = slices.Concat(got[:a.From], []rune("«"+a.Source+"»"), got[a.To:])
		}
		assert.Equal(t, x.marked, string(got), "where %s", x.given)
	}
}

// However deep conditions stand within each other, the analysis ends, and what it
// has not come to may be none.
func TestAbsencesInDeepExpressions(t *testing.T) {
	same, chosen, joined := "b", "b", "i < 3"
	for range 30 {
		same, chosen = "("+same+" == (i != null))", "("+chosen+" ? b : i != null)"
		joined = "(b and (" + joined + ` or colour == "red"))`
	}
	for _, src := range []string{same + " ? i < 3 : true", chosen + " ? i < 3 : true", joined} {
		p, problems := Compile(src, absentEnv(), Want{Kind: value.YesNo})
		require.Empty(t, problems, src)
		for _, holds := range []string{"b", same, chosen} {
			given, problems := Compile(holds, absentEnv(), Want{Kind: value.YesNo})
			require.Empty(t, problems, holds)
			assert.NotEmpty(t, p.AbsencesAmong(Outputs{}, given), "%s where %s", src, holds)
		}
	}
}

// What is found nothing in is never decided by something that is none: what may
// be none can be left out of the result or be what somebody wrote.
func TestNoAbsenceMeansNoSilentNone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := gen{t: t, ours: true}.yesNo(3)
		// That none equals nothing else is what whoever writes == says: an equality
		// guards the other side of an "and", wherever it stands.
		if strings.Contains(src, "==") || strings.Contains(src, "!=") || strings.Contains(src, " in ") {
			t.Skip("an equality decides, too")
		}
		env := testEnv()
		for _, name := range []string{"i", "visit", "numbers"} {
			v := *env.Vars[name]
			v.MayBeNone = true
			env.Vars[name] = &v
		}
		p, problems := Compile(src, env, Want{Kind: value.YesNo})
		if len(problems) > 0 {
			return
		}
		f := testFrame()
		for _, slot := range slotsByOrder() {
			switch slot {
			case slotI, slotVisit:
				f.Slots[slot] = rapid.SampledFrom(domains[slot]).Draw(t, "fact")
			default:
				for {
					f.Slots[slot] = rapid.SampledFrom(domains[slot]).Draw(t, "fact")
					if !f.Slots[slot].IsNone() || slot == slotNumbers {
						break
					}
				}
			}
		}
		if len(p.AbsencesAmong(nil)) > 0 {
			return
		}
		// Every comparison by order that decided had two sides.
		for _, r := range p.Why(f) {
			if r.Index >= 0 || r.Holds.IsUnknown() {
				continue
			}
			switch r.Op {
			case "<", "<=", ">", ">=":
				if r.Left.Value.IsNone() || r.Right.Value.IsNone() {
					t.Fatalf("%s: %s %s %s with none", src, r.Left.Source, r.Op, r.Right.Source)
				}
			}
		}
	})
}

// Where a number that may be none is not told, no guard in front of it holds where
// the number is none.
func TestNoGuardLetsNonePass(t *testing.T) {
	env := testEnv()
	for _, name := range []string{"a", "i", "colour", "visit", "numbers"} {
		v := *env.Vars[name]
		v.MayBeNone = true
		env.Vars[name] = &v
	}
	present := value.WordOf("small")
	rapid.Check(t, func(t *rapid.T) {
		g := guardGen{gen{t: t, ours: true}}
		guard := g.guard(3)
		middle := rapid.SampledFrom([]string{" and i < 3", " ? i < 3 : b", " == true and i < 3"}).Draw(t, "use")
		p, problems := Compile("("+guard+")"+middle, env, Want{Kind: value.YesNo})
		if len(problems) > 0 {
			return
		}
		guards, problems := Compile(guard, env, Want{Kind: value.YesNo})
		if len(problems) > 0 {
			return
		}
		var given []*Program // as the condition of the rule
		if rapid.Bool().Draw(t, "given") {
			holds, problems := Compile(g.guard(2), env, Want{Kind: value.YesNo})
			if len(problems) > 0 {
				return
			}
			given = append(given, holds)
		}
		for _, outputs := range []Outputs{nil, {}} {
			if slices.ContainsFunc(p.AbsencesAmong(outputs, given...), func(x Absence) bool { return x.From > len([]rune(guard)) }) {
				continue
			}
			f := testFrame()
			for _, slot := range slotsByOrder() {
				f.Slots[slot] = rapid.SampledFrom(domains[slot]).Draw(t, "fact")
				for f.Slots[slot].IsNone() && slot != slotA && slot != slotI && slot != slotVisit && slot != slotNumbers && slot != slotColour {
					f.Slots[slot] = rapid.SampledFrom(domains[slot]).Draw(t, "fact")
				}
			}
			f.Slots[slotI], f.Slots[slotSize] = value.NoneOf(value.Count), present
			if guards.Eval(f).True() && !slices.ContainsFunc(given, func(p *Program) bool { return !p.Eval(f).True() }) {
				t.Fatalf("%s holds where i is none: %v", guard, f.Slots)
			}
		}
	})
}

// guardGen writes conditions of the kinds that people guard with.
type guardGen struct{ gen }

func (g guardGen) guard(depth int) string {
	leaf := func() string {
		return g.oneOf("i != null", "i == null", "null != i", "null == i", "i == 1", "2 == i", "i != 1", "a", "b", "true", "false", "i in [1, 2]", "i > j", "j <= i",
			`colour == "red"`, `colour != "green"`, `"blue" == colour`, `colour in ["red", "green"]`, `colour not in ["red", "blue"]`, "colour != null", "visit == null", "visit.room.beds == i")
	}
	if depth <= 0 {
		return leaf()
	}
	d := depth - 1
	return g.pick(leaf, leaf,
		func() string { return "not (" + g.guard(d) + ")" },
		func() string { return "(" + g.guard(d) + g.oneOf(" and ", " or ") + g.guard(d) + ")" },
		func() string { return "(" + g.guard(d) + " ? " + g.guard(d) + " : " + g.guard(d) + ")" },
		func() string {
			return "((" + g.guard(d) + ")" + g.oneOf(" == ", " != ") + g.oneOf("true", "false", "a", "b") + ")"
		},
		func() string {
			return "(" + g.oneOf("true", "false", "a", "b") + g.oneOf(" == ", " != ") + "(" + g.guard(d) + "))"
		},
		func() string { return "((" + g.guard(d) + ")" + g.oneOf(" == ", " != ") + "(" + g.guard(d) + "))" },
		func() string {
			return "(" + g.guard(d) + " ? " + g.oneOf("i", "null", "j", "i + 1") + " : " + g.oneOf("i", "j", "i * 2") + ")" + g.oneOf(" == ", " != ") + g.oneOf("null", "i", "j")
		},
		func() string { return g.yesNo(1) },
	)
}

func TestAbsencesOfHostileSize(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("i < 3 and ", 400) + "b", strings.Repeat("i != null and ", 290) + "i < 3", "i" + strings.Repeat(" + i", 1000) + " > 0",
		strings.Repeat("(b ? i : ", 63) + "0" + strings.Repeat(")", 63) + " > 0", strings.Repeat("not (", 60) + "i < 3" + strings.Repeat(")", 60),
		strings.Repeat("(i == null ? b : ", 60) + "i < 3" + strings.Repeat(")", 60),
	} {
		p, problems := Compile(src, absentEnv(), Want{})
		require.Empty(t, problems)
		p.AbsencesAmong(nil)
	}
}
