package condition

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
)

// gen writes random expressions over a few facts with small domains.
type gen struct {
	t    *rapid.T
	ours bool // also what expr has no counterpart for
	loop bool
}

func (g gen) pick(options ...func() string) string {
	return options[rapid.IntRange(0, len(options)-1).Draw(g.t, "pick")]()
}

func (g gen) oneOf(words ...string) string { return rapid.SampledFrom(words).Draw(g.t, "word") }

func (g gen) yesNo(depth int) string {
	leaves := []func() string{
		func() string { return g.oneOf("a", "b", "c", "true", "false") },
		func() string { return g.count(0) + g.oneOf(" == ", " != ", " < ", " <= ", " > ", " >= ") + g.count(0) },
		func() string { return g.word(0) + g.oneOf(" == ", " != ") + g.word(0) },
	}
	if g.loop {
		leaves = append(leaves, func() string { return "#" + g.oneOf(" == ", " < ", " != ") + g.count(0) })
	}
	if depth <= 0 {
		return g.pick(leaves...)
	}
	d := depth - 1
	more := append(leaves,
		func() string { return "(" + g.yesNo(d) + " and " + g.yesNo(d) + ")" },
		func() string { return "(" + g.yesNo(d) + " or " + g.yesNo(d) + ")" },
		func() string { return "(" + g.yesNo(d) + " and " + g.yesNo(d) + " and " + g.yesNo(d) + ")" },
		func() string { return "not (" + g.yesNo(d) + ")" },
		func() string { return "(" + g.yesNo(d) + " ? " + g.yesNo(d) + " : " + g.yesNo(d) + ")" },
		func() string { return g.count(d) + g.oneOf(" == ", " != ", " < ", " <= ", " > ", " >= ") + g.count(d) },
		func() string { return g.word(d) + g.oneOf(" in ", " not in ") + g.words(d) },
		func() string { return g.count(d) + g.oneOf(" in ", " not in ") + g.counts(d) },
		func() string { return "((" + g.yesNo(d) + ")" + g.oneOf(" == ", " != ") + "(" + g.yesNo(d) + "))" },
	)
	if g.ours && !g.loop {
		more = append(more, func() string { return g.oneOf("any", "all", "none") + "(visit.tags, # == colour)" })
	}
	if !g.loop {
		more = append(more, func() string {
			inner := g
			inner.loop = true
			return g.oneOf("any", "all", "none", "one") + "(" + g.counts(d) + ", " + inner.yesNo(d) + ")"
		})
	}
	if g.ours {
		more = append(more,
			func() string {
				return g.oneOf("a", "i", "colour", "numbers", "greatest(i, j)", "i / j") + g.oneOf(" == ", " != ") + "null"
			},
			func() string {
				return g.count(d) + " / " + g.count(d) + g.oneOf(" == ", " < ", " >= ") + g.oneOf("1 / 2", "2")
			},
			// Facts of a record, and of a record in it.
			func() string {
				return g.oneOf("visit", "visit.kind", "visit.room.beds", "colours") + g.oneOf(" == ", " != ") + "null"
			},
			func() string {
				return g.oneOf(`visit.kind == "large"`, `visit.kind != size`, `visit.kind in ["small", "large"]`, `"small" in [visit.kind, size]`)
			},
			func() string { return g.oneOf(`"red"`, `"blue"`) + " in " + g.oneOf("colours", "visit.tags") },
			func() string { return g.amount(d) + g.oneOf(" < ", " == ", " != ", " >= ") + g.amount(d) },
			func() string { return g.amount(d) + g.oneOf(" in ", " not in ") + g.oneOf("fees", "[fee, 2 GBP]") },
			func() string {
				return g.oneOf("fee / charge", "sum(fees) / 2 GBP", "20%", "i / 3") + g.oneOf(" < ", " >= ", " == ") + g.oneOf("50%", "rate", "i")
			},
			func() string {
				return g.oneOf("i", "j", "7") + g.oneOf(" < ", " >= ") + g.oneOf("rounded_to", "rounded_up_to", "rounded_half_even_to") + "(" + g.count(d) + ", " + g.oneOf("2", "i", "1 / 2") + ")"
			},
			func() string {
				return g.oneOf("day", "next", "2024-03-01") + g.oneOf(" < ", " == ") + g.oneOf("end_of_month", "start_of_quarter") + "(" + g.oneOf("day", "next") + ")"
			},
			func() string {
				return g.count(0) + g.oneOf(" < ", " == ") + g.oneOf("whole_months_between(day, next)", "days_in_month(next)", "quarter_of(day)")
			},
			func() string { return `weekday_of(day)` + g.oneOf(" == ", " != ") + `"monday"` },
		)
	}
	return g.pick(more...)
}

func (g gen) count(depth int) string {
	leaf := func() string { return g.oneOf("i", "j", "0", "1", "2") }
	if g.ours {
		leaf = func() string { return g.oneOf("i", "j", "visit.room.beds", "0", "1", "2") }
	}
	if depth <= 0 {
		return leaf()
	}
	d := depth - 1
	more := []func() string{
		leaf,
		func() string { return "(" + g.count(d) + g.oneOf(" + ", " - ", " * ") + g.count(d) + ")" },
		func() string { return "(-" + g.count(d) + ")" },
		func() string { return "(" + g.yesNo(d) + " ? " + g.count(d) + " : " + g.count(d) + ")" },
		func() string { return "len(" + g.counts(d) + ")" },
		func() string { return "sum(" + g.counts(d) + ")" },
	}
	if !g.loop {
		more = append(more, func() string {
			inner := g
			inner.loop = true
			return "count(" + g.counts(d) + ", " + inner.yesNo(d) + ")"
		})
	}
	if g.ours {
		more = append(more, func() string {
			return g.oneOf("greatest", "least", "rounded", "rounded_down", "rounded_up") + "(" + g.count(d) + ", " + g.count(d) + ")"
		}, func() string {
			return g.oneOf("rounded", "rounded_down", "rounded_up") + "(" + g.count(d) + g.oneOf(" / ", " * (1 / 2) * ") + g.count(d) + ")"
		})
	}
	return g.pick(more...)
}

func (g gen) amount(depth int) string {
	leaf := func() string { return g.oneOf("fee", "charge", "2 GBP", "0.01 GBP") }
	if depth <= 0 {
		return leaf()
	}
	d := depth - 1
	return g.pick(leaf,
		func() string { return "(" + g.amount(d) + g.oneOf(" + ", " - ") + g.amount(d) + ")" },
		func() string { return "(" + g.amount(d) + g.oneOf(" * ", " / ") + g.oneOf("i", "20%", "3") + ")" },
		func() string { return g.oneOf("20% of ", "-") + g.amount(0) },
		func() string { return g.oneOf("greatest", "least") + "(" + g.amount(d) + ", " + g.amount(d) + ")" },
		func() string {
			lists := []string{"fees", "[fee, charge]"}
			if !g.loop {
				lists = append(lists, "map(fees, # / 3)")
			}
			return "sum(" + g.oneOf(lists...) + ")"
		},
		func() string {
			return g.oneOf("rounded", "rounded_down", "rounded_half_even") + "(" + g.amount(d) + ")"
		},
		func() string {
			return g.oneOf("rounded_to", "rounded_up_to") + "(" + g.amount(d) + ", " + g.oneOf("1 GBP", "charge") + ")"
		},
		func() string { return "(" + g.yesNo(d) + " ? " + g.amount(d) + " : " + g.amount(d) + ")" },
	)
}

func (g gen) word(depth int) string {
	leaf := func() string { return g.oneOf("colour", "shade", `"red"`, `"green"`) }
	if depth <= 0 {
		return leaf()
	}
	return g.pick(leaf, func() string {
		return "(" + g.yesNo(depth-1) + " ? " + g.word(depth-1) + " : " + g.word(depth-1) + ")"
	})
}

func (g gen) words(int) string {
	return g.oneOf("colours", `["red"]`, `["red", shade]`, `[]`, `["green", "blue"]`)
}

func (g gen) counts(depth int) string {
	leaf := func() string { return g.oneOf("numbers", "[i, 1]", "[0, 2]", "[j]") }
	if depth <= 0 {
		return leaf()
	}
	d := depth - 1
	more := []func() string{leaf}
	if !g.loop {
		inner := g
		inner.loop = true
		more = append(more,
			func() string { return "filter(" + g.counts(d) + ", " + inner.yesNo(d) + ")" },
			func() string { return "map(" + g.counts(d) + ", " + g.oneOf("# + 1", "#", "i", "# * j") + ")" })
	}
	if g.ours && !g.loop {
		more = append(more,
			func() string {
				return g.oneOf("without", "both", "joined") + "(" + g.counts(d) + ", " + g.counts(d) + ")"
			},
			func() string { return "distinct(" + g.counts(d) + ")" })
	}
	return g.pick(more...)
}

// What each fact of the generator can be once it is known.
var domains = map[int][]value.Value{
	slotA: {value.Bool(true), value.Bool(false), value.NoneOf(value.YesNo)}, slotB: {value.Bool(true), value.Bool(false)}, slotC: {value.Bool(true), value.Bool(false)},
	slotI: {value.Int(0), value.Int(1), value.Int(2), value.NoneOf(value.Count)}, slotJ: {value.Int(0), value.Int(1), value.Int(3)},
	slotColour: {value.WordOf("red"), value.WordOf("green"), value.NoneOf(value.Word)}, slotShade: {value.WordOf("red"), value.WordOf("blue")},
	slotNumbers: {ints(), ints(1), ints(2, 0), value.NoneOf(value.List)},
	slotColours: {wordList(), wordList("red"), wordList("green", "blue")},
	slotFee:     {value.MoneyOf(998, gbp), value.MoneyOf(200, gbp), value.NoneOf(value.Money)}, slotCharge: {value.MoneyOf(-7, gbp), value.MoneyOf(0, gbp), value.MoneyOf(1, gbp)},
	slotFees: {list(), list(value.MoneyOf(998, gbp)), list(value.MoneyOf(1, gbp), value.MoneyOf(250, gbp)), value.NoneOf(value.List)},
	slotDay:  {day0(2024, 2, 29), day0(2024, 12, 31), value.NoneOf(value.Date)}, slotNext: {day0(2024, 3, 1), day0(2023, 1, 31)},
	slotSize:  {value.WordOf("small"), value.WordOf("large")},
	slotVisit: {value.In(value.Record, value.Known), value.NoneOf(value.Record)}, slotVisitRoom: {value.In(value.Record, value.Known), value.NoneOf(value.Record)},
	slotVisitKind: {value.WordOf("small"), value.WordOf("large"), value.NoneOf(value.Word)}, slotVisitRoomBeds: {value.Int(0), value.Int(2), value.NoneOf(value.Count)},
	slotVisitTags: {wordList(), wordList("red"), wordList("green", "blue"), value.NoneOf(value.List)},
}

func slotsByOrder() []int {
	var s []int
	for slot := range domains {
		s = append(s, slot)
	}
	slices.Sort(s)
	return s
}

// Whatever was decided without the missing facts holds for every way in which
// they can turn out, and learning some of them never contradicts it.
func TestKleeneAgreesWithCompletions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := gen{t: t, ours: true}.yesNo(3)
		p := tryCompile(t, src)
		if p == nil {
			return
		}
		f := testFrame()
		var lost []int
		for _, slot := range slotsByOrder() {
			f.Slots[slot] = rapid.SampledFrom(domains[slot]).Draw(t, "fact")
			if len(lost) < 4 && rapid.Bool().Draw(t, "lost") {
				lost = append(lost, slot)
				f.Slots[slot] = value.UnknownOf(f.Slots[slot].K)
			}
		}
		// An element of a list may be what is missing, too.
		holes := rapid.Bool().Draw(t, "hole")
		if holes {
			f.Slots[slotNumbers] = list(value.Int(1), value.UnknownOf(value.Count))
			lost = slices.DeleteFunc(lost, func(s int) bool { return s == slotNumbers })
		}
		before := p.Eval(f)
		asked := slices.Clone(f.Needs)
		if before.IsUnknown() {
			if len(asked) == 0 {
				t.Fatalf("%s: unknown, and needs nothing", src)
			}
		} else if len(asked) > 0 {
			t.Fatalf("%s: decided as %v, and needs %v", src, before, asked)
		}
		for _, n := range asked {
			if n.Slot == value.DividedByNothing {
				continue
			}
			v := f.Slots[n.Slot]
			if n.Index >= 0 {
				v = v.L()[n.Index]
			}
			if !v.IsUnknown() {
				t.Fatalf("%s: needs %v, which is known", src, n)
			}
		}

		var complete func(rest []int)
		complete = func(rest []int) {
			v := p.Eval(f)
			divided := slices.ContainsFunc(f.Needs, func(n value.Need) bool { return n.Slot == value.DividedByNothing })
			f.Needs = f.Needs[:0]
			if !before.IsUnknown() && !v.Equal(before) {
				t.Fatalf("%s: was %v, then %v with %v", src, before, v, f.Slots)
			}
			if len(rest) == 0 {
				if v.IsUnknown() && !holes && !divided {
					t.Fatalf("%s: unknown with everything known", src)
				}
				return
			}
			saved := f.Slots[rest[0]]
			for _, d := range domains[rest[0]] {
				f.Slots[rest[0]] = d
				complete(rest[1:])
			}
			f.Slots[rest[0]] = saved
		}
		if holes {
			for _, n := range []value.Value{value.Int(0), value.Int(1), value.Int(2), value.UnknownOf(value.Count)} {
				f.Slots[slotNumbers] = list(value.Int(1), n)
				holes = n.IsUnknown()
				complete(lost)
			}
			return
		}
		complete(lost)
	})
}

// Simple conditions over distinct facts are decided exactly where all
// completions agree.
func TestKleeneIsComplete(t *testing.T) {
	three := []value.Value{value.Bool(true), value.Bool(false), value.UnknownOf(value.YesNo)}
	for _, src := range []string{
		`a and b and c`, `a or b or c`, `a and not b or c`, `a ? b : c`, `not (a and b) == c`, `(a or b) and c`, `any(flags, #)`, `all(flags, #)`, `none(flags, #)`, `one(flags, #)`, `count(flags, #) > 1`,
	} {
		p := mustCompile(t, src, Want{Kind: value.YesNo})
		for n := range 27 {
			vs := []value.Value{three[n%3], three[n/3%3], three[n/9]}
			eval := func(vs []value.Value) value.Value {
				f := testFrame()
				copy(f.Slots[slotA:], vs)
				f.Slots[slotFlags] = list(vs...)
				return p.Eval(f)
			}
			outcomes := map[bool]bool{}
			for m := range 8 {
				full := slices.Clone(vs)
				for i := range full {
					if full[i].IsUnknown() {
						full[i] = value.Bool(m>>i&1 == 1)
					}
				}
				outcomes[eval(full).True()] = true
			}
			got := eval(vs)
			// count may not be decided, though only its comparison matters.
			if len(outcomes) == 1 && !strings.HasPrefix(src, "count") && !got.IsKnown() {
				t.Errorf("%s with %v: undecided", src, vs)
			}
			if got.IsKnown() && (len(outcomes) != 1 || !outcomes[got.True()]) {
				t.Errorf("%s with %v: decided", src, vs)
			}
		}
	}
}

// tryCompile is nil for an expression that came out too large.
func tryCompile(t *rapid.T, src string) *Program {
	p, problems := Compile(src, testEnv(), Want{Kind: value.YesNo})
	if len(problems) > 0 {
		for _, x := range problems {
			if x.Code != CodeTooDeep && x.Code != CodeTooLong && x.Code != CodeTooCostly {
				t.Fatalf("%s: %v", src, problems)
			}
		}
	}
	return p
}

// Where every fact is known, expr's own machine gives the same.
func TestAgainstExpr(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := gen{t: t}.yesNo(4)
		p := tryCompile(t, src)
		if p == nil {
			return
		}
		f := testFrame()
		env := map[string]any{}
		for name, slot := range map[string]int{"a": slotA, "b": slotB, "c": slotC, "i": slotI, "j": slotJ, "colour": slotColour, "shade": slotShade, "numbers": slotNumbers, "colours": slotColours} {
			known := slices.DeleteFunc(slices.Clone(domains[slot]), func(v value.Value) bool { return !v.IsKnown() })
			f.Slots[slot] = rapid.SampledFrom(known).Draw(t, name)
			env[name] = native(f.Slots[slot])
		}
		want, err := expr.Eval(src, env)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if got := p.Eval(f); !got.IsKnown() || got.True() != want {
			t.Fatalf("%s with %v: %v, expr says %v", src, env, got.Text(nil), want)
		}
		again := tryCompile(t, p.Format())
		if again == nil {
			return
		}
		if got := again.Eval(f); got.True() != want {
			t.Fatalf("%s formatted as %s: %v", src, p.Format(), got.Text(nil))
		}
		if again.Format() != p.Format() {
			t.Fatalf("%s formatted as %s, then %s", src, p.Format(), again.Format())
		}
		for _, slot := range p.Slots() {
			f.Slots[slot] = value.Value{}
		}
		if len(p.Slots()) > 0 {
			_ = p.Eval(f)
			for _, n := range f.Needs {
				if !slices.Contains(p.Slots(), n.Slot) {
					t.Fatalf("%s: needs slot %d, which it does not read", src, n.Slot)
				}
			}
		}
	})
}

func native(v value.Value) any {
	switch v.K {
	case value.YesNo:
		return v.N != 0
	case value.Count:
		return int(v.N)
	case value.List:
		l := make([]any, len(v.L()))
		for i := range l {
			l[i] = native(v.L()[i])
		}
		return l
	}
	return v.S()
}

// Rounding gives the whole numbers that the exact quotient lies between, and
// the nearer of them; of two as near the one farther from 0.
func TestRounding(t *testing.T) {
	down, up, nearest := mustCompile(t, `rounded_down(i, j)`, Want{}), mustCompile(t, `rounded_up(i, j)`, Want{}), mustCompile(t, `rounded(i, j)`, Want{})
	ofRatio := mustCompile(t, `rounded(i / j)`, Want{})
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-20, 20), rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64 + 1, math.MaxInt64 / 2}))
		a, b := number.Draw(t, "a"), number.Filter(func(n int64) bool { return n != 0 }).Draw(t, "b")
		f := testFrame()
		f.Slots[slotI], f.Slots[slotJ] = value.Int(a), value.Int(b)
		lower, upper, near := down.Eval(f), up.Eval(f), nearest.Eval(f)
		if a == math.MinInt64 && b == -1 {
			return
		}
		exact := big.NewRat(a, 1)
		exact.Quo(exact, big.NewRat(b, 1))
		at := func(v value.Value) *big.Rat {
			if !v.IsKnown() || v.K != value.Count {
				t.Fatalf("%d / %d: %v", a, b, v)
			}
			return big.NewRat(v.N, 1)
		}
		gap := new(big.Rat).Sub(at(upper), at(lower))
		if at(lower).Cmp(exact) > 0 || at(upper).Cmp(exact) < 0 || exact.IsInt() != (gap.Sign() == 0) || gap.Cmp(big.NewRat(1, 1)) > 0 {
			t.Fatalf("%d / %d lies between %d and %d?", a, b, lower.N, upper.N)
		}
		off := new(big.Rat).Sub(at(near), exact)
		half := new(big.Rat).Abs(off).Cmp(big.NewRat(1, 2))
		if half > 0 || half == 0 && off.Sign() != exact.Sign() {
			t.Fatalf("%d / %d is rounded to %d", a, b, near.N)
		}
		if again := ofRatio.Eval(f); f.Err == nil && !again.Equal(near) {
			t.Fatalf("%d / %d is rounded to %d, and as a ratio to %d", a, b, near.N, again.N)
		}
	})
}

// Evaluating, holding and explaining a condition tell the same.
func TestWhyAgreesWithEval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := gen{t: t, ours: true}.yesNo(3)
		p := tryCompile(t, src)
		if p == nil {
			return
		}
		f := testFrame()
		for _, slot := range slotsByOrder() {
			f.Slots[slot] = rapid.SampledFrom(append(slices.Clone(domains[slot]), value.Value{})).Draw(t, "fact")
		}
		v := p.Eval(f)
		needs := slices.Clone(f.Needs)
		for _, r := range p.Why(f) {
			if r.From < 0 || r.To > len([]rune(src)) || r.From > r.To {
				t.Fatalf("%s: %+v", src, r)
			}
		}
		if !slices.Equal(needs, f.Needs) || f.Err != nil {
			t.Fatalf("%s: Why changed the frame", src)
		}
		if holds, decided := p.Holds(f); holds != v.True() || decided == v.IsUnknown() {
			t.Fatalf("%s: Eval %v, Holds %v %v", src, v, holds, decided)
		}
	})
}

// agree wants the other ways of evaluating to tell what Eval does, to need the
// same and to fail in the same way. The frame is as it was before Eval.
func agree(t interface{ Fatalf(string, ...any) }, src string, p *Program, before, evaluated value.Frame, v value.Value) {
	if v.State != value.Known {
		v = value.In(v.K, v.State)
	}
	for name, way := range map[string]func(*value.Frame) bool{
		"Holds": func(f *value.Frame) bool {
			holds, decided := p.Holds(f)
			return holds == v.True() && decided == (v.State != value.Unknown)
		},
		"Num": func(f *value.Frame) bool {
			n, state := p.Num(f)
			return n == v.N && state == v.State
		},
		"Text": func(f *value.Frame) bool {
			s, state := p.Text(f)
			return s == v.S() && state == v.State
		},
	} {
		f := before
		if !way(&f) || !slices.Equal(f.Needs, evaluated.Needs) || fmt.Sprint(f.Err) != fmt.Sprint(evaluated.Err) {
			t.Fatalf("%s: Eval %v needs %v and fails with %v, %s needs %v and fails with %v", src, v, evaluated.Needs, evaluated.Err, name, f.Needs, f.Err)
		}
	}
}

func TestWaysOfEvaluatingAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := gen{t: t, ours: true}
		src := g.pick(func() string { return g.yesNo(3) }, func() string { return g.count(3) }, func() string { return g.word(3) })
		p, _ := Compile(src, testEnv(), Want{})
		if p == nil {
			return
		}
		f := testFrame()
		for _, slot := range slotsByOrder() {
			f.Slots[slot] = rapid.SampledFrom(append(slices.Clone(domains[slot]), value.Value{})).Draw(t, "fact")
		}
		if rapid.Bool().Draw(t, "large") {
			f.Slots[slotI] = value.Int(math.MaxInt64)
		}
		before := *f
		v := p.Eval(f)
		agree(t, src, p, before, *f, v)
	})
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		`a and 床位 > 3`, `any(stays, .paid and not (.nights in [1, 2]))`, `colour == "red" ? 1 : 2`, `hours(24) + start`, `x`, `((`, `"`, `#`, `.a`, `a ?: b`, `1 < 2 < 3`, `{a: 1}`, `a[1:]`, `let x = 1; x`, `joined([["a"]], [])`, `months_where(2024, colours, "red")`, "latest(null)", `-(-1)`, "`x`", `'\xff'`, `sum(stays, .nights)`, `1 / 0`, `start_of_day(day)`,
		`rounded(20% of 9.98 GBP)`, `fee > 2026-01-01`, `2026-01-01T09:00:00+08:00 - start`, `9.985 GBP`, `£5`, `5%%`, `20%of fee`, `9元+1 CNY`, `0000-00-00`, `2026-01-01T`, `fee / 3 > 20% of charge`, `rounded_to(length / 7, minutes(1))`, `exchanged(fee, rate, "USD")`, `date_of(start, "x")`, `9 GBP(`, `.5 GBP`, `1.5.5 GBP`, `5% in 5%`, `"£5" /* 5% */ // 2026-01-01`,
	} {
		f.Add(s, uint8(0))
	}
	kinds := []value.Kind{value.Invalid, value.YesNo, value.Count, value.Ratio, value.Duration, value.Moment, value.Date, value.Month, value.Word, value.Name, value.Article, value.List, value.Money, value.Part}
	env := testEnv()
	element := testEnv()
	element.Element = tStay
	f.Fuzz(func(t *testing.T, src string, k uint8) {
		e := env
		if k >= 128 {
			e = element
		}
		p, problems := Compile(src, e, Want{Kind: kinds[int(k)%len(kinds)]})
		if (p == nil) == (len(problems) == 0) {
			t.Fatalf("%q: a program or problems, not both or neither", src)
		}
		inside(t, src, problems)
		if p == nil {
			return
		}
		frame := testFrame()
		frame.Elem, frame.ElemSlot, frame.ElemAt = stay("S1", 1, value.Bool(true)), slotStays, 0
		before := *frame
		v := p.Eval(frame)
		agree(t, src, p, before, *frame, v)
		p.Why(frame)
		if text := p.Format(); len(text) <= maxBytes {
			q, problems := Compile(text, e, Want{Kind: kinds[int(k)%len(kinds)]})
			if len(problems) > 0 {
				if problems[0].Code == CodeTooDeep {
					return
				}
				t.Fatalf("%q formatted as %q: %v", src, text, problems)
			}
			if q.Format() != text {
				t.Fatalf("%q formatted as %q, then %q", src, text, q.Format())
			}
			frame.Err = nil
			if w := q.Eval(frame); !w.Equal(v) {
				t.Fatalf("%q gives %v, %q gives %v", src, v, text, w)
			}
		}
	})
}

// FuzzEval sets facts to every state; learning them one by one never
// contradicts.
func FuzzEval(f *testing.F) {
	f.Add(`a and i > 3 or any(numbers, # == i)`, uint64(0))
	f.Add(`(a ? i : j) in numbers and colour not in colours`, uint64(123456789))
	f.Add(`latest(start, end) - start <= hours(24)`, uint64(1<<40))
	f.Add(`any(filter(stays, .nights > i), .paid)`, uint64(77))
	f.Add(`working_days_after(date_of(visit.at), i) < day`, uint64(7777777))
	f.Add(`i / j < rate or len(without(colours, visit.tags)) > 0`, uint64(99999))
	f.Add(`rounded_down(i, j) > rounded_up(k, i)`, uint64(31337))
	f.Add(`rounded(20% of fee) < greatest(charge, 1 GBP) or sum(fees) / k > 2 GBP`, uint64(4242))
	f.Add(`whole_months_between(day, next) > days_in_month(month) or weekday_of(start) == "monday"`, uint64(31))
	env := testEnv()
	f.Fuzz(func(t *testing.T, src string, states uint64) {
		p, _ := Compile(src, env, Want{})
		if p == nil {
			return
		}
		full := testFrame()
		part := testFrame()
		x := states
		for i := range part.Slots {
			x = x*6364136223846793005 + 1442695040888963407
			switch x >> 62 {
			case 0:
				part.Slots[i] = value.UnknownOf(part.Slots[i].K)
			case 1:
				full.Slots[i] = value.In(part.Slots[i].K, value.None)
				part.Slots[i] = full.Slots[i]
			}
		}
		before := *part
		v := p.Eval(part)
		agree(t, src, p, before, *part, v)
		if v.IsUnknown() == (len(part.Needs) == 0 && part.Err == nil) {
			t.Fatalf("%q: %v with needs %v, error %v", src, v, part.Needs, part.Err)
		}
		p.Why(part)
		w := p.Eval(full)
		if !v.IsUnknown() && !partial(v) && !v.Equal(w) && full.Err == nil {
			t.Fatalf("%q: %v, with more facts %v", src, fmt.Sprint(v), fmt.Sprint(w))
		}
	})
}

func TestNoAllocation(t *testing.T) {
	p := mustCompile(t, benchSource, Want{Kind: value.YesNo})
	f := testFrame()
	require.True(t, p.Eval(f).True())
	require.Zero(t, testing.AllocsPerRun(100, func() { p.Eval(f) }))
	require.Zero(t, testing.AllocsPerRun(100, func() { p.Holds(f) }))
	p = mustCompile(t, `any(stays, .nights > i or not .paid)`, Want{Kind: value.YesNo})
	require.Zero(t, testing.AllocsPerRun(100, func() { p.Eval(f) }))
}

const benchSource = `a and colour == "red" and size in ["small", "large"] and i + j * 2 >= 10 and (end - start <= hours(24) or b)`

// BenchmarkCondition compares one condition three ways, and prints how many
// times as long as hand-written Go the other two take.
func BenchmarkCondition(b *testing.B) {
	f := testFrame()
	p, _ := Compile(benchSource, testEnv(), Want{Kind: value.YesNo})
	type facts struct {
		A, B         bool
		Colour, Size string
		I, J         int
		Start, End   int
	}
	x := &facts{true, false, "red", "small", 3, 4, int(f.Slots[slotStart].N), int(f.Slots[slotEnd].N)}
	machine, err := expr.Compile(`A and Colour == "red" and Size in ["small", "large"] and I + J * 2 >= 10 and (End - Start <= 86400000000000 or B)`, expr.Env(facts{}), expr.AsBool())
	if err != nil {
		b.Fatal(err)
	}
	var sink bool
	day := 24 * time.Hour
	hand := 1.0 // nanoseconds
	b.Run("hand-written", func(b *testing.B) {
		for b.Loop() {
			sink = x.A && x.Colour == "red" && (x.Size == "small" || x.Size == "large") && x.I+x.J*2 >= 10 && (x.End-x.Start <= int(day) || x.B)
		}
		hand = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	})
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sink, _ = p.Holds(f)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hand, "x-hand-written")
	})
	b.Run("expr", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, _ := expr.Run(machine, x)
			sink = v.(bool)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hand, "x-hand-written")
	})
	_ = sink
}
