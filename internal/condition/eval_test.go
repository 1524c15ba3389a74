package condition

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// Each case is an expression and what it gives, as Value.Text writes it.
func TestEvalKnown(t *testing.T) {
	cases := []struct{ src, want string }{
		{`true`, "true"}, {`a`, "true"}, {`b`, "false"}, {`not a`, "false"}, {`!b`, "true"},
		{`a and b`, "false"}, {`a && c`, "true"}, {`b or c`, "true"}, {`b || b`, "false"},
		{`a and c and not b`, "true"}, {`a and c and b`, "false"}, {`b or b or c`, "true"}, {`b or b or not a`, "false"},
		{`true and a`, "true"}, {`b or true`, "true"}, {`false and a`, "false"}, {`false or false`, "false"},

		{`i < 3`, "false"}, {`i <= 3`, "true"}, {`i == 3`, "true"}, {`i >= 3`, "true"}, {`i > 3`, "false"}, {`i != 3`, "false"},
		{`i < 4`, "true"}, {`i <= 2`, "false"}, {`i >= 4`, "false"}, {`i > 2`, "true"}, {`i != 4`, "true"},
		{`3 < i`, "false"}, {`3 == i`, "true"}, {`i < j`, "true"}, {`j < i`, "false"}, {`i != j`, "true"},
		{`-i`, "-3"}, {`-i < -2`, "true"}, {`i + j * 2`, "11"}, {`(i + j) * 2`, "14"}, {`i - j`, "-1"}, {`2 + 3`, "5"},
		{`a == b`, "false"}, {`a != b`, "true"}, {`a == true`, "true"}, {`a == c`, "true"},
		{`床位 == 7`, "true"}, {`limit + 1`, "6"}, {`i < limit`, "true"},

		{`colour == "red"`, "true"}, {`colour == "green"`, "false"}, {`"red" == colour`, "true"}, {`colour != "red"`, "false"},
		{`colour == shade`, "false"}, {`colour != shade`, "true"}, {`shade == tone`, "true"}, {`tone == "green"`, "true"},
		{`colour in ["red", "blue"]`, "true"}, {`colour not in ["red"]`, "false"}, {`shade in tones`, "false"}, {`shade in colours`, "false"},
		{`"red" in colours`, "true"}, {`colour in []`, "false"}, {`colour in [shade, "red"]`, "true"}, {`i in [1, 2, 3]`, "true"}, {`i in numbers`, "true"}, {`j in numbers`, "false"},
		{`a in flags`, "true"}, {`rate in rates`, "false"}, {`1/2 in rates`, "true"}, {`3/6 in [1/2]`, "true"},
		{`name == "H1"`, "true"}, {`name in names`, "true"}, {`other in names`, "false"}, {`name == other`, "false"}, {`rule == "care/6.1"`, "true"},
		{`starts_with(name, "H")`, "true"}, {`starts_with(other, "H")`, "false"}, {`starts_with(rule, "care/")`, "true"},
		{`name in ["A","B","C","D","E","F","G","H1","I"]`, "true"}, {`name in ["A","B","C","D","E","F","G","H","I"]`, "false"},

		{`i / j`, "3/4"}, {`6 / 4`, "6/4"}, {`6 / 4 == 3 / 2`, "true"}, {`i / j < 1`, "true"}, {`i / j > rate`, "true"}, {`4 / 4003 == rate`, "true"},
		{`rate < 1 / 1000`, "true"}, {`rate * 1000 >= 1`, "false"}, {`i / (6 / 3)`, "3/2"}, {`i / (6 / 4)`, "12/6"}, {`6 / 4 / 2`, "6/8"}, {`-(1 / 2)`, "-1/2"},
		{`1 / -2`, "-1/2"}, {`1 / -2 < 0`, "true"}, {`never / k`, "null"}, {`share * 4 == 2`, "true"}, {`2 * share`, "1"}, {`3 * share`, "3/2"}, {`share * share`, "1/4"}, {`6 * (1 / 4)`, "3/2"}, {`-3 * share`, "-3/2"}, {`0 * share`, "0"}, {`2000 * (25 / 100)`, "500"}, {`share`, "1/2"},
		{`a ? i : 1 / 2`, "3"}, {`b ? i : 1 / 2`, "1/2"},

		{`end - start`, "24h0m0s"}, {`end - start == hours(24)`, "true"}, {`start + hours(24) == end`, "true"}, {`hours(24) + start >= end`, "true"},
		{`end - minutes(1) < end`, "true"}, {`length * 2`, "3h0m0s"}, {`2 * length == hours(3)`, "true"}, {`length + minutes(30)`, "2h0m0s"}, {`length - hours(2)`, "-30m0s"}, {`-length`, "-1h30m0s"},
		{`next - day`, "4"}, {`days_between(day, next)`, "4"}, {`days_between(next, day)`, "-4"},
		{`date_of(start)`, "2024-02-28"}, {`date_of(start + minutes(30))`, "2024-02-29"}, {`month_of(start)`, "2024-02"}, {`month_of(next)`, "2024-03"}, {`month_of(day) == month`, "true"},
		{`year_of(start)`, "2024"}, {`year_of(day)`, "2024"}, {`year_of(month)`, "2024"}, {`time_of_day(start)`, "23h30m0s"},
		{`years_after(day, 1)`, "2025-02-28"}, {`years_after(day, 4)`, "2028-02-29"}, {`years_after(day, -1)`, "2023-02-28"},
		{`months_after(day, 1)`, "2024-03-29"}, {`months_after(day, 12)`, "2025-02-28"}, {`months_after(day, -2)`, "2023-12-29"}, {`days_after(day, 1)`, "2024-03-01"}, {`days_after(day, -29)`, "2024-01-31"},
		{`working_days_after(day, 1)`, "2024-03-01"}, {`working_days_after(day, 2)`, "2024-03-04"}, {`working_days_between(day, next)`, "2"},
		{`start_of_day(day)`, "2024-02-29T00:00:00+08:00"}, {`end_of_month(month)`, "2024-02-29"}, {`end_of_month(month_at(2023, 2))`, "2023-02-28"}, {`end_of_month(month_at(2023, 12))`, "2023-12-31"}, {`month_at(2024, 2) == month`, "true"}, {`month < month_at(2024, 3)`, "true"},
		{`latest(start, end) == end`, "true"}, {`earliest(start, end) == start`, "true"}, {`latest(day, next)`, "2024-03-04"}, {`latest(dates)`, "2024-03-04"}, {`earliest(moments) == start`, "true"}, {`earliest([next, day])`, "2024-02-29"}, {`latest([])`, "null"}, {`latest(null)`, "null"},
		{`greatest(i, j, 1)`, "4"}, {`least(i, j, 1)`, "1"}, {`greatest(numbers)`, "3"}, {`greatest(0, 5 - i)`, "2"},
		{`rounded_down(7, 2)`, "3"}, {`rounded_up(7, 2)`, "4"}, {`rounded_down(-7, 2)`, "-4"}, {`rounded_up(-7, 2)`, "-3"}, {`rounded_down(7, -2)`, "-4"}, {`rounded_up(-7, -2)`, "4"}, {`rounded_down(i * 2, 3)`, "2"}, {`rounded_up(i * 2, 3)`, "2"}, {`rounded_down(0, 5)`, "0"},
		{`rounded(7, 2)`, "4"}, {`rounded(-7, 2)`, "-4"}, {`rounded(7, -2)`, "-4"}, {`rounded(-7, -2)`, "4"}, {`rounded(6, 4)`, "2"}, {`rounded(5, 4)`, "1"}, {`rounded(0, 5)`, "0"}, {`rounded(1, 3)`, "0"}, {`rounded(-2, 3)`, "-1"},
		{`rounded(7 / 2)`, "4"}, {`rounded_down(-7 / 2)`, "-4"}, {`rounded_up(7 / 2)`, "4"}, {`rounded(2001 * (25 / 100))`, "500"}, {`rounded_up(2001 * (25 / 100))`, "501"}, {`rounded(i)`, "3"}, {`rounded(share, 2)`, "0"}, {`rounded_up(i, share)`, "6"}, {`rounded(never / 2)`, "null"},
		{`rounded_down(never, k)`, "null"},

		{`len(numbers)`, "3"}, {`len([])`, "0"}, {`sum(numbers)`, "6"}, {`sum([])`, "0"}, {`sum(stays, .nights)`, "6"}, {`sum(map(stays, .nights)) == 6`, "true"}, {`sum(lengths)`, "1h1m0s"},
		{`any(stays, .paid)`, "true"}, {`all(stays, .paid)`, "false"}, {`none(stays, .nights > 3)`, "true"}, {`none(stays, .paid)`, "false"}, {`one(stays, not .paid)`, "true"}, {`one(stays, .paid)`, "false"}, {`one(stays, .nights > 5)`, "false"},
		{`count(stays, .paid)`, "2"}, {`any(numbers, # == i)`, "true"}, {`all(numbers, # > 0)`, "true"}, {`all([], # > 0)`, "true"}, {`any([], # > 0)`, "false"}, {`any(flags, #)`, "true"}, {`any(nothing, # == 1)`, "false"},
		{`filter(numbers, # > 1)`, "[2, 3]"}, {`map(filter(stays, .paid), .id)`, "[S1, S3]"}, {`map(numbers, # * 2)`, "[2, 4, 6]"}, {`map(stays, .bed.no)`, "[10, 20, 30]"}, {`count(stays, .bed.colour == "blue")`, "3"}, {`any(stays, "red" in .tags)`, "true"}, {`any(stays, #.nights == 2)`, "true"},
		{`any(stays, .nights == i and .paid == a)`, "true"}, {`any(filter(stays, .paid), .nights == 2)`, "false"}, {`len(filter(stays, .left_at == null))`, "3"},
		{`without(numbers, [2])`, "[1, 3]"}, {`both(colours, ["blue", "green"])`, "[blue]"}, {`joined(colours, ["green", "red"])`, "[red, blue, green]"}, {`joined(map(stays, .tags))`, "[red]"}, {`joined([colours, ["green"]])`, "[red, blue, green]"}, {`distinct([1, 2, 1])`, "[1, 2]"}, {`distinct([])`, "[]"}, {`joined(numbers, [], [9])`, "[1, 2, 3, 9]"}, {`len(distinct(rates))`, "1"}, {`distinct([0/5, 0/7, 2/2, 1/2])`, "[0/5, 2/2, 1/2]"}, {`len(without(["red"], colours)) == 0`, "true"}, {`both([], colours)`, "[]"},
		{`joined([[], colours])`, "[red, blue]"}, {`distinct(flags)`, "[true, false]"},
		{`months_where(2024, ["green","red"], "red")`, "[2024-02]"},
		{`months_where(2024, ["red","green","red","green","green","green","green","green","green","green","green","red"], "red")`, "[2024-01, 2024-03, 2024-12]"},

		{`a ? "red" : "blue"`, "red"}, {`b ? colour : "blue"`, "blue"}, {`b ? colour : shade`, "green"}, {`a ? b : c`, "false"}, {`b ? numbers : [9]`, "[9]"}, {`a ? numbers : [9]`, "[1, 2, 3]"}, {`b ? day : null`, "null"}, {`a ? day : null`, "2024-02-29"}, {`true ? i : j`, "3"}, {`a ? null : null`, "null"}, {`b ? 1 : a ? 2 : 3`, "2"}, {`i > j ? i : j`, "4"},
		{`day == null`, "false"}, {`day != null`, "true"}, {`never == null`, "true"}, {`null == null`, "true"}, {`visit == null`, "false"}, {`visit.room != null`, "true"},
		{`visit.kind == "large"`, "true"}, {`visit.room.beds`, "2"}, {`"green" in visit.tags`, "true"}, {`outcome.late and outcome.due > day`, "true"}, {`null`, "null"}, {`latest(null, day)`, "2024-02-29"}, {`(a ? day : null) == null`, "false"},
		{`i // a remark`, "3"}, {"i ==\n\t3", "true"},
	}
	for _, c := range cases {
		t.Run(c.src, func(t *testing.T) {
			p := mustCompile(t, c.src, Want{})
			f := testFrame()
			v := p.Eval(f)
			assert.Equal(t, c.want, v.Text(shanghai))
			assert.NoError(t, f.Err)
			assert.Empty(t, f.Needs)
			if p.Type().Kind != value.Ratio && !v.IsNone() {
				assert.Equal(t, p.Type().Kind, v.K)
			}
			again := mustCompile(t, p.Format(), Want{})
			assert.Equal(t, p.Format(), again.Format())
			assert.Equal(t, c.want, again.Eval(testFrame()).Text(shanghai))
			p.Why(f)
			assert.Empty(t, f.Needs)
		})
	}
}

// Facts named in `no` are none; the rest are as above.
func TestEvalNone(t *testing.T) {
	cases := []struct{ no, src, want string }{
		{"a", `a`, "false"}, {"a", `not a`, "true"}, {"a", `a and c`, "false"}, {"a", `a or c`, "true"}, {"a", `a or b`, "false"}, {"a", `a ? true : false`, "false"},
		{"a", `a == null`, "true"}, {"a", `a == false`, "false"}, {"a", `a != false`, "true"}, {"a b", `a == b`, "true"}, {"a", `c and b or a`, "false"}, {"a", `c and c and a`, "false"},
		{"i", `i == null`, "true"}, {"i", `i != null`, "false"}, {"i", `i == 3`, "false"}, {"i", `i != 3`, "true"}, {"i j", `i == j`, "true"}, {"i j", `i != j`, "false"}, {"i", `i == j`, "false"},
		{"i", `i < 3`, "false"}, {"i", `i >= 3`, "false"}, {"i", `not (i < 3)`, "true"}, {"i", `j > i`, "false"}, {"i", `i + 1 == null`, "true"}, {"i", `1 - i == null`, "true"}, {"i", `-i == null`, "true"}, {"i", `i / 2 == null`, "true"}, {"i", `-(i / 2) == null`, "true"}, {"i", `i / 2 < 1`, "false"},
		{"colour", `colour == "red"`, "false"}, {"colour", `colour != "red"`, "true"}, {"colour shade", `colour == shade`, "true"}, {"colour", `colour in ["red"]`, "false"}, {"colour", `colour not in ["red"]`, "true"}, {"colour", `colour in colours`, "false"}, {"colour", `colour == null`, "true"},
		{"end", `end <= start`, "false"}, {"end", `end - start == null`, "true"}, {"end", `date_of(end) == null`, "true"}, {"end", `latest(start, end) == start`, "true"}, {"start end", `latest(start, end) == null`, "true"}, {"day", `days_between(day, next) == null`, "true"}, {"day", `working_days_after(day, 3) == null`, "true"},
		{"i", `greatest(i, 2) == 2`, "true"}, {"name", `starts_with(name, "H")`, "false"},
		{"numbers", `len(numbers) == 0`, "true"}, {"numbers", `numbers == null`, "true"}, {"numbers", `any(numbers, # > 0)`, "false"}, {"numbers", `all(numbers, # > 0)`, "true"}, {"numbers", `1 in numbers`, "false"}, {"numbers", `sum(numbers) == 0`, "true"}, {"numbers", `count(numbers, # > 0) == 0`, "true"}, {"numbers", `len(filter(numbers, # > 0)) == 0`, "true"}, {"numbers", `len(map(numbers, # + 1)) == 0`, "true"}, {"numbers", `len(joined(numbers, [1])) == 1`, "true"}, {"numbers", `len(without(numbers, [1])) == 0`, "true"}, {"numbers", `greatest(numbers) == null`, "true"}, {"numbers", `(a ? numbers : [1]) == null`, "true"},
		{"visit", `visit == null`, "true"}, {"visit", `visit.kind == null`, "true"}, {"visit", `visit.kind == "large"`, "false"}, {"visit", `visit.room == null`, "true"}, {"visit", `visit.room.beds == null`, "true"}, {"visit", `len(visit.tags) == 0`, "true"},
	}
	for _, c := range cases {
		t.Run(c.no+": "+c.src, func(t *testing.T) {
			p := mustCompile(t, c.src, Want{Kind: value.YesNo})
			f := testFrame()
			change(f, testEnv(), value.None, strings.Fields(c.no)...)
			v := p.Eval(f)
			assert.Equal(t, c.want, v.Text(shanghai))
			holds, decided := p.Holds(f)
			assert.Equal(t, c.want == "true", holds)
			assert.True(t, decided)
			assert.Empty(t, f.Needs)
			assert.NoError(t, f.Err)
		})
	}
}

// A percentage is a name like any other, however it is kept.
func TestEvalPercentage(t *testing.T) {
	for src, want := range map[string]string{
		`name`: "50.000%", `name == "50.000%"`: "true", `name != "50.000%"`: "false", `name == other`: "true", `name in ["1%", "50.000%"]`: "true", `name in ["1%"]`: "false",
		`name in names`: "true", `"50.000%" in names`: "true", `"50%" in names`: "false", `"50.000%" in [name]`: "true", `starts_with(name, "50")`: "true", `distinct([name, other])`: "[50.000%]", `distinct(names)`: "[H1, 50.000%]",
		`both(names, [name])`: "[50.000%, 50.000%]", `a ? name : "x"`: "50.000%", `any(names, # == name)`: "true", `name == null`: "false",
	} {
		f := testFrame()
		f.Slots[slotName], f.Slots[slotOther] = value.PercentOf(1, 2), value.PercentOf(2, 4)
		f.Slots[slotNames] = list(value.NameOf("H1"), value.PercentOf(3, 6), value.NameOf("50.000%"))
		assert.Equal(t, want, mustCompile(t, src, Want{}).Eval(f).Text(shanghai), src)
	}
}

func n0(slot int) value.Need             { return value.Need{Slot: slot, Index: -1, Field: -1} }
func ni(slot, i, k int) value.Need       { return value.Need{Slot: slot, Index: i, Field: k} }
func needs(n ...value.Need) []value.Need { return n }

var byNothing = value.Need{Slot: value.DividedByNothing, Index: 0, Field: -1}

// Where something is divided by nothing, nothing can be said of the result.
func TestDividingByNothing(t *testing.T) {
	for src, want := range map[string]string{
		`i / 0 < 1`: "?", `not (i / 0 < 1)`: "?", `i / 0 >= 1`: "?", `i / k == 1`: "?", `i / k != 1`: "?", `i / k == null`: "?", `i / k != null`: "?", `1 / 0 == 1 / 0`: "?",
		`0 / 0 == 0`: "?", `i / (j - j) > 1`: "?", `-(i / k) > 1`: "?", `i / k * 2 > 1`: "?",
		`rounded_down(i, 0) < 1`: "?", `not (rounded_up(i, k) < 1)`: "?", `rounded_down(i, k) + 1 == 1`: "?", `rounded_down(0, 0) == 0`: "?",
		`any(numbers, # / k > 1)`: "?", `all(numbers, # / k > 1)`: "?", `any(numbers, i / (# - 1) > 1)`: "true", `all(numbers, i / (# - 2) < 0)`: "false", `i / k in rates`: "?", `greatest(map(numbers, rounded_down(i, # - 1))) > 0`: "?",
		`sum(map(numbers, rounded_up(#, k))) > 0`: "?", `rounded(i / k) > 0`: "?", `rounded(share, k) > 0`: "?", `count(numbers, # / k > 1) > 0`: "?", `(i / k > 1 ? 1 : 2) == 1`: "?", `(i / k > 1 ? 1 : 1) == 1`: "true",
		`a or i / k > 1`: "true", `i / k > 1 or a`: "true", `b and i / k > 1`: "false", `i / k > 1 and b`: "false", `a and i / k > 1`: "?", `k != 0 and i / k > 1`: "false", `k == 0 or i / k > 1`: "true",
		`never / k < 1`: "false", `k / i < 1`: "true",
	} {
		p := mustCompile(t, src, Want{Kind: value.YesNo})
		f := testFrame()
		v := p.Eval(f)
		assert.Equal(t, want, v.Text(shanghai), src)
		assert.NoError(t, f.Err, src)
		if want == "?" {
			assert.Equal(t, needs(byNothing), f.Needs, src)
			assert.NotEmpty(t, p.Divisions(), src)
		} else {
			assert.Empty(t, f.Needs, src)
		}
	}
	d := mustCompile(t, `(i + 1) / k > 2`, Want{Kind: value.YesNo}).Divisions()
	require.Len(t, d, 1)
	assert.Equal(t, Division{Source: `(i + 1) / k`, By: Side{Source: "k", Slot: slotK}}, *d[0])

	f := testFrame()
	change(f, testEnv(), value.Unknown, "i")
	assert.True(t, mustCompile(t, `i / k > 2`, Want{Kind: value.YesNo}).Eval(f).IsUnknown())
	assert.Equal(t, needs(byNothing), f.Needs, "whatever i may be")
}

// Facts named in `lost` are unknown.
func TestEvalUnknown(t *testing.T) {
	cases := []struct {
		lost, src, want string
		needs           []value.Need
	}{
		{"a", `a`, "?", needs(n0(slotA))}, {"a", `not a`, "?", needs(n0(slotA))},
		{"a", `a and b`, "false", nil}, {"a", `b and a`, "false", nil}, {"a", `a and c`, "?", needs(n0(slotA))}, {"a", `c and a`, "?", needs(n0(slotA))},
		{"a", `a or c`, "true", nil}, {"a", `b or a`, "?", needs(n0(slotA))}, {"a c", `a and c`, "?", needs(n0(slotA), n0(slotC))}, {"a c", `a and c and b`, "false", nil}, {"a c", `a or c or b`, "?", needs(n0(slotA), n0(slotC))}, {"a", `a and c and true`, "?", needs(n0(slotA))},
		{"a", `(a or b) and b`, "false", nil}, {"a", `a and a`, "?", needs(n0(slotA))},
		{"i", `i == 3`, "?", needs(n0(slotI))}, {"i", `3 == i`, "?", needs(n0(slotI))}, {"i", `i + 1 < j`, "?", needs(n0(slotI))}, {"i j", `i < j`, "?", needs(n0(slotI), n0(slotJ))}, {"i", `i == null`, "?", needs(n0(slotI))}, {"i", `i < never`, "false", nil}, {"i", `i == never`, "?", needs(n0(slotI))}, {"i", `i + never == null`, "true", nil}, {"i", `i / k == null`, "?", needs(byNothing)}, {"i", `i / 2 == null`, "?", needs(n0(slotI))}, {"k", `i / k == null`, "?", needs(n0(slotK))}, {"i", `-i < 0`, "?", needs(n0(slotI))}, {"i", `-(i / 2) < 0`, "?", needs(n0(slotI))}, {"i", `i / 2 < 1`, "?", needs(n0(slotI))}, {"a", `a == b`, "?", needs(n0(slotA))},
		{"colour", `colour == "red"`, "?", needs(n0(slotColour))}, {"colour", `colour == shade`, "?", needs(n0(slotColour))}, {"colour", `colour in ["red"]`, "?", needs(n0(slotColour))}, {"colour", `colour in colours`, "?", needs(n0(slotColour))}, {"colour", `colour in []`, "false", nil}, {"colour", `colour == null`, "?", needs(n0(slotColour))}, {"colour", `shade in ["green", colour]`, "true", nil},
		{"colours", `shade in colours`, "?", needs(n0(slotColours))}, {"shade", `colour in ["red", shade]`, "true", nil}, {"shade", `colour in ["green", shade]`, "?", needs(n0(slotShade))}, {"name", `starts_with(name, "H")`, "?", needs(n0(slotName))},
		{"start", `date_of(start) == day`, "?", needs(n0(slotStart))}, {"start", `latest(start, end) == end`, "?", needs(n0(slotStart))}, {"moments", `latest(moments) == end`, "?", needs(n0(slotMoments))}, {"day", `days_after(day, 1) == next`, "?", needs(n0(slotDay))},
		{"stays", `any(stays, .paid)`, "?", needs(n0(slotStays))}, {"stays", `one(stays, .paid)`, "?", needs(n0(slotStays))}, {"stays", `count(stays, .paid) == 1`, "?", needs(n0(slotStays))}, {"stays", `len(filter(stays, .paid)) == 1`, "?", needs(n0(slotStays))}, {"stays", `len(map(stays, .id)) == 1`, "?", needs(n0(slotStays))}, {"numbers", `sum(numbers) == 1`, "?", needs(n0(slotNumbers))}, {"numbers", `len(distinct(numbers)) == 1`, "?", needs(n0(slotNumbers))}, {"numbers", `len(without([], numbers)) == 0`, "true", nil}, {"numbers", `len(both([1], numbers)) == 0`, "?", needs(n0(slotNumbers))}, {"numbers", `len(numbers) == 0`, "?", needs(n0(slotNumbers))},
		{"i", `any(numbers, # == i)`, "?", needs(n0(slotI))}, {"a", `any(stays, a or .nights == 3)`, "true", nil}, {"a", `all(stays, a and .nights < 3)`, "false", nil}, {"a", `one(stays, .paid or a)`, "false", nil},
		{"a", `(a ? 1 : 1) == 1`, "true", nil}, {"a", `(a ? i : 3) == 3`, "true", nil}, {"a", `(a ? i : j) == 3`, "?", needs(n0(slotA))}, {"a i", `(a ? i : j) == 3`, "?", needs(n0(slotA))}, {"a", `a ? c : c`, "true", nil}, {"a", `a ? c : b`, "?", needs(n0(slotA))}, {"a", `(a ? "red" : colour) == "red"`, "true", nil}, {"a", `(a ? "red" : shade) == "red"`, "?", needs(n0(slotA))}, {"a", `len(a ? numbers : [1, 2, 3]) == 3`, "true", nil}, {"a", `len(a ? numbers : [1]) == 3`, "?", needs(n0(slotA))}, {"a", `(a ? 1/2 : 2/4) == share`, "true", nil}, {"a", `(a ? 1/2 : 1/4) == share`, "?", needs(n0(slotA))}, {"a", `(a ? 2 : 4/2) == 2`, "true", nil},
		{"visit", `visit.kind == "large"`, "?", needs(n0(slotVisit))}, {"visit", `visit == null`, "?", needs(n0(slotVisit))}, {"visit", `visit.room.beds == 2`, "?", needs(n0(slotVisit))}, {"visit", `a or visit.kind == "large"`, "true", nil},
		{"i", `len([i, 2]) == 2`, "true", nil}, {"i", `len(joined([[i], [2]])) == 2`, "?", needs(n0(slotI))}, {"numbers", `len(joined([numbers, [2]])) == 2`, "?", needs(n0(slotNumbers))},
		{"i", `len(months_where(i, ["red"], colour)) == 2`, "?", needs(n0(slotI))},
	}
	for _, c := range cases {
		t.Run(c.lost+": "+c.src, func(t *testing.T) {
			p := mustCompile(t, c.src, Want{Kind: value.YesNo})
			f := testFrame()
			change(f, testEnv(), value.Unknown, strings.Fields(c.lost)...)
			before := n0(999)
			f.Needs = append(f.Needs, before)
			v := p.Eval(f)
			assert.Equal(t, c.want, v.Text(shanghai))
			assert.Equal(t, append(needs(before), c.needs...), f.Needs)
			_, decided := p.Holds(f)
			assert.Equal(t, c.want != "?", decided)
			assert.NoError(t, f.Err)
			assert.Subset(t, p.Slots(), slotsOf(c.needs))
		})
	}
}

func slotsOf(n []value.Need) []int {
	s := []int{}
	for _, x := range n {
		if x.Slot == value.DividedByNothing {
			continue
		}
		s = append(s, x.Slot)
	}
	return s
}

// Unknowns inside of lists are named by element and field.
func TestNeedsOfElements(t *testing.T) {
	q := value.UnknownOf(value.YesNo)
	stays := list(
		stay("S1", 1, value.Bool(false)),
		stay("S2", 2, q),
		value.UnknownOf(value.Record),
		stay("S4", 4, value.Bool(false), value.UnknownOf(value.Moment), list(value.WordOf("red"), value.UnknownOf(value.Word)), value.UnknownOf(value.Record)),
		value.NoneOf(value.Record),
		value.RecordOf(nil),
	)
	numbers := list(value.Int(1), value.UnknownOf(value.Count), value.Int(3))
	cases := []struct {
		src, want string
		needs     []value.Need
	}{
		{`any(stays, .paid)`, "?", needs(ni(slotStays, 1, 2), ni(slotStays, 2, -1), ni(slotStays, 5, 2))},
		{`all(stays, .paid)`, "false", nil},
		{`any(stays, .nights == 4)`, "true", nil},
		{`count(stays, .nights > 0) == 3`, "?", needs(ni(slotStays, 2, -1), ni(slotStays, 5, 1))},
		{`any(filter(numbers, true), # == 5)`, "?", needs(ni(slotNumbers, 1, -1))},
		{`any(numbers, # == 3)`, "true", nil},
		{`any(numbers, # == 4)`, "?", needs(ni(slotNumbers, 1, -1))},
		{`3 in numbers`, "true", nil},
		{`4 in numbers`, "?", needs(ni(slotNumbers, 1, -1))},
		{`sum(numbers) == 4`, "?", needs(ni(slotNumbers, 1, -1))},
		{`greatest(numbers) == 4`, "?", needs(ni(slotNumbers, 1, -1))},
		{`len(numbers) == 3`, "true", nil},
		{`len(distinct(numbers)) == 3`, "?", needs(ni(slotNumbers, 1, -1))},
		{`len(filter(numbers, # > 0)) == 3`, "?", needs(ni(slotNumbers, 1, -1))},
		{`len(map(numbers, # + 1)) == 3`, "?", needs(ni(slotNumbers, 1, -1))},
		{`any(stays, .nights == 4 and "green" in .tags)`, "?", needs(ni(slotStays, 2, -1), ni(slotStays, 3, 4), ni(slotStays, 5, 1), ni(slotStays, 5, 4))},
		{`any(stays, .nights == 4 and .bed.no == 3)`, "?", needs(ni(slotStays, 2, -1), ni(slotStays, 3, 5), ni(slotStays, 5, 1), ni(slotStays, 5, 5))},
		{`len(joined(map(stays, .tags))) == 3`, "?", needs(ni(slotStays, 2, -1), ni(slotStays, 3, 4), ni(slotStays, 5, 4))},
		{`any(stays, # == null)`, "true", nil},
		{`none(stays, .nights == 9)`, "?", needs(ni(slotStays, 2, -1), ni(slotStays, 5, 1))},
		{`one(numbers, # > 0)`, "false", nil},
		{`one(numbers, # == 1)`, "?", needs(ni(slotNumbers, 1, -1))},
		{`any(a ? numbers : [1], # == 9)`, "?", needs(ni(slotNumbers, 1, -1))},
		{`len(months_where(2024, colours, "red")) == 1`, "?", needs(ni(slotColours, 0, -1))},
	}
	for _, c := range cases {
		t.Run(c.src, func(t *testing.T) {
			f := testFrame()
			f.Slots[slotStays], f.Slots[slotNumbers] = stays, numbers
			f.Slots[slotColours] = list(value.UnknownOf(value.Word))
			v := mustCompile(t, c.src, Want{Kind: value.YesNo}).Eval(f)
			assert.Equal(t, c.want, v.Text(shanghai))
			assert.Equal(t, c.needs, append([]value.Need(nil), f.Needs...))
			assert.Equal(t, []any{-1, -1, true}, []any{f.ElemSlot, f.ElemAt, f.Elem.IsUnknown()})
		})
	}
	t.Run("filtered elements keep their place", func(t *testing.T) {
		f := testFrame()
		f.Slots[slotStays] = list(stay("S1", 1, value.Bool(false)), stay("S2", 2, q))
		v := mustCompile(t, `any(filter(stays, .nights == 2), .paid)`, Want{}).Eval(f)
		assert.True(t, v.IsUnknown())
		assert.Equal(t, needs(ni(slotStays, 1, 2)), f.Needs)
	})
	t.Run("none ends a sum", func(t *testing.T) {
		f := testFrame()
		f.Slots[slotNumbers] = list(value.UnknownOf(value.Count), value.NoneOf(value.Count))
		assert.True(t, mustCompile(t, `sum(numbers) == null`, Want{}).Eval(f).True())
		assert.Empty(t, f.Needs)
	})
}

// An expression may be evaluated per element, with one loop inside.
func TestElement(t *testing.T) {
	env := testEnv()
	env.Element = tStay
	run := func(src string, elem value.Value) (value.Value, *value.Frame) {
		p, problems := Compile(src, env, Want{})
		require.Empty(t, problems, src)
		f := testFrame()
		f.Elem, f.ElemSlot, f.ElemAt = elem, slotStays, 7
		return p.Eval(f), f
	}
	s := stay("S1", 3, value.Bool(true))
	for src, want := range map[string]string{
		`.paid`: "true", `.nights == i`: "true", `#.nights > 3`: "false", `any(.tags, # == "red")`: "true", `.bed.colour`: "blue",
		`any(stays, .nights == 2)`: "true", `.tags`: "[red]", `len(filter(.tags, # == colour))`: "1",
	} {
		v, f := run(src, s)
		assert.Equal(t, want, v.Text(shanghai), src)
		assert.Equal(t, s, f.Elem)
	}
	v, f := run(`.left_at == null`, stay("S1", 3, value.Bool(true), value.UnknownOf(value.Moment)))
	assert.True(t, v.IsUnknown())
	assert.Equal(t, needs(ni(slotStays, 7, 3)), f.Needs)

	v, f = run(`any(filter(.tags, true), # == "blue")`, stay("S1", 3, value.Bool(true), value.NoneOf(value.Moment), list(value.UnknownOf(value.Word))))
	assert.True(t, v.IsUnknown())
	assert.Equal(t, needs(ni(slotStays, 7, 4)), f.Needs)
	assert.Equal(t, 7, f.ElemAt)

	v, f = run(`"red" in (a ? .tags : colours)`, stay("S1", 3, value.Bool(true), value.NoneOf(value.Moment), list(value.UnknownOf(value.Word))))
	assert.True(t, v.IsUnknown())
	assert.Equal(t, needs(ni(slotStays, 7, 4)), f.Needs)

	v, _ = run(`.paid`, value.NoneOf(value.Record))
	assert.True(t, v.IsNone())
	v, _ = run(`#`, s)
	assert.Equal(t, s, v)
}

func TestFailures(t *testing.T) {
	big := value.Int(math.MaxInt64)
	cases := []struct {
		src string
		is  error
	}{
		{`i + 1 > 0`, nil}, {`-1 - i - 1 > 0`, nil}, {`i * 2 > 0`, nil}, {`i * (1 / 2) * 3 > 1`, nil}, {`hours(i) > length`, nil}, {`sum([i, 1]) > 0`, nil}, {`start + hours(2562047) > end`, nil}, {`-(-i - 1) > 0`, nil}, {`rounded_down(-i - 1, -1) > 0`, nil}, {`rounded_up(-i - 1, -1) > 0`, nil}, {`rate / i / i > 0`, nil},
		{`years_after(day, i) == day`, ErrOutOfRange}, {`months_after(day, i) == day`, ErrOutOfRange}, {`months_after(day, 12 * 9000) == day`, ErrOutOfRange}, {`days_after(day, i) == day`, ErrOutOfRange}, {`days_after(day, -999999) == day`, ErrOutOfRange}, {`month_at(2024, i) == month`, ErrOutOfRange}, {`month_at(i, 1) == month`, ErrOutOfRange}, {`month_at(2024, k) == month`, ErrOutOfRange},
		{`start_of_day(years_after(day, 1000)) == start`, ErrOutOfRange}, {`working_days_after(day, i) == day`, ErrOutOfRange}, {`len(months_where(i, ["red"], "red")) == 1`, ErrOutOfRange},
		{`working_days_after(day, 9999) == day`, errYear}, {`working_days_between(day, years_after(day, 9)) == 1`, errYear},
	}
	for _, c := range cases {
		t.Run(c.src, func(t *testing.T) {
			f := testFrame()
			f.Slots[slotI] = big
			v := mustCompile(t, c.src, Want{}).Eval(f)
			assert.True(t, v.IsUnknown())
			if c.is != nil {
				assert.ErrorIs(t, f.Err, c.is)
				return
			}
			var o *OverflowError
			require.ErrorAs(t, f.Err, &o)
			assert.Contains(t, c.src, o.Source)
			assert.Contains(t, o.Error(), "overflow in ")
		})
	}
	t.Run("what does not matter does not fail", func(t *testing.T) {
		for _, src := range []string{`i + 1 > 0 and b`, `b and i + 1 > 0`, `a or i + 1 > 0`, `i + 1 > 0 or a`, `any(numbers, i + 1 > 0 or # == 3)`} {
			f := testFrame()
			f.Slots[slotI] = big
			v := mustCompile(t, src, Want{}).Eval(f)
			assert.True(t, v.IsKnown(), src)
			assert.NoError(t, f.Err, src)
		}
	})
	t.Run("no calendar at hand", func(t *testing.T) {
		for _, src := range []string{`working_days_after(day, 1) == day`, `working_days_between(day, next) == 1`} {
			f := testFrame()
			f.Calendar = nil
			assert.True(t, mustCompile(t, src, Want{}).Eval(f).IsUnknown())
			assert.ErrorIs(t, f.Err, ErrNoCalendar)
		}
	})
	t.Run("dates beyond the calendar", func(t *testing.T) {
		for _, src := range []string{`end_of_month(month) == day`, `start_of_day(day) == start`, `months_after(day, 1) == day`} {
			f := testFrame()
			f.Slots[slotMonth].N, f.Slots[slotDay].N = math.MaxInt64, math.MaxInt64
			assert.True(t, mustCompile(t, src, Want{}).Eval(f).IsUnknown())
			assert.ErrorIs(t, f.Err, ErrOutOfRange)
		}
	})
	t.Run("a frame that is too short", func(t *testing.T) {
		f := &value.Frame{}
		p := mustCompile(t, `i > 1`, Want{Kind: value.YesNo})
		assert.True(t, p.Eval(f).IsUnknown())
		assert.ErrorIs(t, f.Err, ErrFrame)
		f.Err = nil
		holds, decided := p.Holds(f)
		assert.False(t, holds || decided)
		assert.ErrorIs(t, f.Err, ErrFrame)
		assert.Nil(t, p.Why(f))
	})
	t.Run("UTC without a zone", func(t *testing.T) {
		f := testFrame()
		f.Zone = nil
		assert.Equal(t, "15h30m0s", mustCompile(t, `time_of_day(start)`, Want{}).Eval(f).Text(nil))
	})
}

func TestProgram(t *testing.T) {
	p := mustCompile(t, `visit.room.beds > i and (colour == "red" or i < 9) and true`, Want{Kind: value.YesNo})
	assert.Equal(t, []int{slotI, slotColour, slotVisit, slotVisitRoom, slotVisitRoomBeds}, p.Slots())
	_, ok := p.Const()
	assert.False(t, ok)
	assert.Equal(t, `visit.room.beds > i and (colour == "red" or i < 9) and true`, p.Format())

	for src, want := range map[string]string{
		`2 * 3`: "6", `false and a`: "false", `limit > 3 ? "red" : colour`: "red", `tones`: "[red, blue]", `hours(2)`: "2h0m0s", `null`: "null", `never != null or i == 3`: "?", `(true and never == 1) or false`: "false", `1 in [1, 2]`: "true", `end_of_month(month_at(2024, 2))`: "2024-02-29",
	} {
		p := mustCompile(t, src, Want{})
		v, ok := p.Const()
		assert.Equal(t, want != "?", ok, src)
		if ok {
			assert.Equal(t, want, v.Text(nil), src)
			assert.Empty(t, p.Slots(), src)
		}
	}
	v, ok := mustCompile(t, `null`, Want{Kind: value.YesNo}).Const()
	assert.True(t, ok && v.False())
	_, decided := mustCompile(t, `i`, Want{}).Holds(testFrame())
	assert.True(t, decided)
	assert.Equal(t, value.Invalid, mustCompile(t, `null`, Want{}).Type().Kind)
	assert.Equal(t, value.Date, mustCompile(t, `null`, Want{Kind: value.Date}).Type().Kind)

	// Text takes the kind that its place wants.
	v = mustCompile(t, `a ? "H1" : "H2"`, Want{Kind: value.Name}).Eval(testFrame())
	assertValue(t, value.NameOf("H1"), v)
	v = mustCompile(t, `["H1"]`, Want{Kind: value.List, Elem: &Want{Kind: value.Name}}).Eval(testFrame())
	assertValue(t, nameList("H1"), v)
	v = mustCompile(t, `joined(names, ["H9"])`, Want{}).Eval(testFrame())
	assertValue(t, nameList("H1", "H2", "H9"), v)
	v = mustCompile(t, `joined([names, [a ? "x" : "y"], map(numbers, "z"), filter(["q"], true)])`, Want{}).Eval(testFrame())
	assertValue(t, nameList("H1", "H2", "x", "z", "q"), v)
	v = mustCompile(t, `a ? joined([["x"]]) : distinct(names)`, Want{}).Eval(testFrame())
	assertValue(t, nameList("x"), v)

	p, problems := Compile("true", nil, Want{})
	assert.Empty(t, problems)
	assert.NotNil(t, p)
}

func TestFormat(t *testing.T) {
	for src, want := range map[string]string{
		`((a))&&( b||c )`:                       `a and (b or c)`,
		`a and (b and c)`:                       `a and (b and c)`,
		`!(i==3)`:                               `not (i == 3)`,
		`not a == b`:                            `(not a) == b`,
		`a == not b`:                            `a == not b`,
		`not(colour in ['red'])`:                `colour not in ["red"]`,
		`!(not a)`:                              `not not a`,
		`-(-i)-(-j)`:                            `-(-i) - -j`,
		`(i+j)*2-(i-j)`:                         `(i + j) * 2 - (i - j)`,
		`(a?1:2)>1 ? (b?1:2) : (c?1:2)`:         `(a ? 1 : 2) > 1 ? (b ? 1 : 2) : c ? 1 : 2`,
		`any(stays,{ .paid and #.nights>1 })`:   `any(stays, .paid and .nights > 1)`,
		"colour == `red` /* really */":          `colour == "red"`,
		`(i<j)==(a==b)`:                         `(i < j) == (a == b)`,
		`count( numbers , #>1 )+len([1,2,3])`:   `count(numbers, # > 1) + len([1, 2, 3])`,
		`not any(flags, #)`:                     `not any(flags, #)`,
		`(a ? stays : stays) == null and not a`: `(a ? stays : stays) == null and not a`,
	} {
		p := mustCompile(t, src, Want{})
		assert.Equal(t, want, p.Format())
		assert.Equal(t, want, mustCompile(t, want, Want{}).Format())
	}
}
