package value_test

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/value"
)

func TestZeroValueIsUnknown(t *testing.T) {
	var v value.Value
	assert.True(t, v.IsUnknown(), "a forgotten slot must never decide anything")
	assert.False(t, v.IsKnown())
	assert.False(t, v.IsNone())
	assert.False(t, v.True())
	assert.False(t, v.False())
}

func TestYesNo(t *testing.T) {
	yes, no := value.Bool(true), value.Bool(false)
	assert.True(t, yes.True())
	assert.False(t, yes.False())
	assert.True(t, no.False())
	assert.False(t, no.True())
	assert.False(t, value.NoneOf(value.YesNo).False(), "none is not a known no")
	assert.False(t, value.UnknownOf(value.YesNo).False())
	assert.False(t, value.Int(1).True(), "a count is no yes")
	assert.False(t, value.Int(0).False())
}

func TestText(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	day := date.New(2025, 3, 9)
	for text, v := range map[string]value.Value{
		"?":                          value.UnknownOf(value.Count),
		"null":                       value.NoneOf(value.Date),
		"true":                       value.Bool(true),
		"false":                      value.Bool(false),
		"-12":                        value.Int(-12),
		"4/4003":                     value.RatioOf(4, 4003),
		"1h30m0s":                    value.DurationOf(90 * time.Minute),
		"2025-03-09T02:00:00+08:00":  value.MomentOf(time.Date(2025, 3, 8, 18, 0, 0, 0, time.UTC)),
		"1969-12-31T23:59:59.5Z":     value.MomentOf(time.Unix(-1, 500_000_000)),
		"2025-03-09":                 value.DateOf(day),
		"2025-12":                    value.MonthOf(2025, time.December),
		"2025-01":                    value.MonthOf(2025, time.January),
		"paid":                       value.WordOf("paid"),
		"Lin":                        value.NameOf("Lin"),
		"loans/6.1":                  value.ArticleOf("loans/6.1"),
		"[]":                         value.ListOf(nil),
		"[1, null, ?]":               value.ListOf([]value.Value{value.Int(1), value.NoneOf(value.Count), {}}),
		"{Lin, [true]}":              value.RecordOf([]value.Value{value.NameOf("Lin"), value.ListOf([]value.Value{value.Bool(true)})}),
		"9223372036854775807/100000": value.RatioOf(math.MaxInt64, 100000),
	} {
		in := zone
		if text == "1969-12-31T23:59:59.5Z" {
			in = time.UTC
		}
		assert.Equal(t, text, v.Text(in))
	}
	assert.Equal(t, day, value.DateOf(day).Date())
	y, m := value.MonthOf(2025, time.December).YearMonth()
	assert.Equal(t, 2025, y)
	assert.Equal(t, time.December, m)
}

func TestEqual(t *testing.T) {
	list := func(all ...value.Value) value.Value { return value.ListOf(all) }
	same := [][2]value.Value{
		{value.Int(2), value.Int(2)},
		{value.Int(2), value.RatioOf(4, 2)},
		{value.RatioOf(4, 2), value.Int(2)},
		{value.RatioOf(1, 3), value.RatioOf(2, 6)},
		{value.WordOf("a"), value.NameOf("a")},
		{value.NoneOf(value.Date), value.NoneOf(value.Moment)},
		{value.UnknownOf(value.Date), value.Value{}},
		{list(), list()},
		{list(value.Int(1), value.NameOf("x")), list(value.Int(1), value.NameOf("x"))},
		{value.RecordOf([]value.Value{value.NoneOf(value.Count)}), value.RecordOf([]value.Value{value.NoneOf(value.Date)})},
	}
	for _, x := range same {
		assert.True(t, x[0].Equal(x[1]), "%v %v", x[0], x[1])
	}
	differ := [][2]value.Value{
		{value.Int(2), value.Int(3)},
		{value.Int(1), value.Bool(true)},
		{value.Int(0), value.NoneOf(value.Count)},
		{value.NoneOf(value.Count), value.UnknownOf(value.Count)},
		{value.RatioOf(1, 3), value.RatioOf(333333333333333333, 1000000000000000000)},
		{value.WordOf("a"), value.WordOf("b")},
		{list(value.Int(1)), list(value.Int(1), value.Int(1))},
		{list(value.Int(1), value.Int(2)), list(value.Int(2), value.Int(1))},
		{value.DateOf(7), value.MonthOf(0, 8)},
	}
	for _, x := range differ {
		assert.False(t, x[0].Equal(x[1]), "%v %v", x[0], x[1])
		assert.False(t, x[1].Equal(x[0]), "%v %v", x[1], x[0])
	}
}

// whole draws whole numbers, the extremes among them.
func whole() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 - 1, 1 << 31, 1 << 32, -1 << 31}))
}

// Exact arithmetic is that of big integers, or says that it does not fit.
func TestExactArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := whole().Draw(t, "a"), whole().Draw(t, "b")
		x, y := big.NewInt(a), big.NewInt(b)
		for name, op := range map[string]struct {
			exact func(a, b int64) (int64, bool)
			want  *big.Int
		}{
			"add": {value.Add, new(big.Int).Add(x, y)},
			"sub": {value.Sub, new(big.Int).Sub(x, y)},
			"mul": {value.Mul, new(big.Int).Mul(x, y)},
		} {
			got, ok := op.exact(a, b)
			if ok != op.want.IsInt64() {
				t.Fatalf("%s %d %d: fits %v, %s", name, a, b, ok, op.want)
			}
			if ok && got != op.want.Int64() {
				t.Fatalf("%s %d %d: %d, not %s", name, a, b, got, op.want)
			}
		}
	})
	for _, x := range [][2]int64{{math.MinInt64, -1}, {-1, math.MinInt64}} {
		_, ok := value.Mul(x[0], x[1])
		assert.False(t, ok, "the one product whose quotient overflows, too")
	}
	_, ok := value.Add(0, 0)
	assert.True(t, ok)
	_, ok = value.Sub(math.MinInt64, 1)
	assert.False(t, ok)
}

// Ratios compare as rational numbers.
func TestCompareRatio(t *testing.T) {
	positive := rapid.OneOf(rapid.Int64Range(1, 5), rapid.Int64Range(1, math.MaxInt64), rapid.Just(int64(math.MaxInt64)))
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (value.Value, *big.Rat) {
			n := whole().Draw(t, name)
			if rapid.Bool().Draw(t, name+" is a count") {
				return value.Int(n), big.NewRat(n, 1)
			}
			d := positive.Draw(t, name+" over")
			return value.RatioOf(n, d), big.NewRat(n, d)
		}
		v, x := draw("v")
		w, y := draw("w")
		if got, want := value.CompareRatio(v, w), x.Cmp(y); got != want {
			t.Fatalf("%s against %s: %d, not %d", x, y, got, want)
		}
	})
	assert.Zero(t, value.CompareRatio(value.RatioOf(math.MinInt64, 2), value.RatioOf(math.MinInt64/2, 1)))
	assert.Equal(t, 1, value.CompareRatio(value.RatioOf(math.MaxInt64, 2), value.RatioOf(math.MaxInt64, 3)))
	assert.Equal(t, -1, value.CompareRatio(value.RatioOf(-1, 2), value.RatioOf(-1, 3)))
}

func TestTypes(t *testing.T) {
	words := &value.Words{Name: "colour", Each: []string{"red", "green"}}
	assert.Equal(t, 1, words.Index("green"))
	assert.Equal(t, -1, words.Index("blue"))

	record := &value.Type{Kind: value.Record, Fields: []value.Field{
		{Name: "id", Type: &value.Type{Kind: value.Name}}, {Name: "colour", Type: &value.Type{Kind: value.Word, Words: words}},
	}}
	i, typ := record.Field("colour")
	assert.Equal(t, 1, i)
	assert.Equal(t, words, typ.Words)
	i, typ = record.Field("size")
	assert.Equal(t, -1, i)
	assert.Nil(t, typ)

	assert.Equal(t, "list of record", (&value.Type{Kind: value.List, Elem: record}).String())
	assert.Equal(t, "yes/no", (&value.Type{Kind: value.YesNo}).String())
	assert.Equal(t, "none", (*value.Type)(nil).String())
	assert.Equal(t, "list of none", (&value.Type{Kind: value.List}).String())
	assert.Equal(t, "invalid", value.Kind(200).String())
	for k := value.Invalid; k <= value.Record; k++ {
		assert.NotEmpty(t, k.String(), "%d", k)
	}
}

func TestFrameKeepsTheFirstFailure(t *testing.T) {
	var f value.Frame
	first := errors.New("first")
	f.Fail(first)
	f.Fail(errors.New("second"))
	assert.Equal(t, first, f.Err)
}

// Text and lists come back as they were put in, and nothing else has any.
func TestTextAndItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		for _, v := range []value.Value{value.WordOf(s), value.NameOf(s), value.ArticleOf(s)} {
			if v.S() != s || v.L() != nil {
				t.Fatalf("%q %v", v.S(), v.L())
			}
		}
		items := rapid.SliceOf(rapid.Map(rapid.Int64(), value.Int)).Draw(t, "items")
		for _, v := range []value.Value{value.ListOf(items), value.RecordOf(items)} {
			if len(v.L()) != len(items) || v.S() != "" {
				t.Fatalf("%v %q", v.L(), v.S())
			}
			for i, x := range v.L() {
				if x.N != items[i].N {
					t.Fatalf("item %d", i)
				}
			}
		}
		if v := value.RatioOf(1, 5); v.S() != "" || v.L() != nil {
			t.Fatal("a ratio is no text")
		}
	})
	assert.Nil(t, value.ListOf(nil).L())
	assert.Nil(t, value.NoneOf(value.List).L())
	assert.Empty(t, value.NoneOf(value.Name).S())
}

// A percentage that is written out when it is read is the same name as one
// that was written out before.
func TestPercentOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.Int64().Draw(t, "n"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "d")
		if rapid.Bool().Draw(t, "small") {
			n, d = n%5000, 1+d%5000
		}
		late, early := value.PercentOf(n, d), value.NameOf(value.Percent(n, d, 3))
		if late.S() != early.S() || late.Text(nil) != early.Text(nil) || late.Tag != early.Tag {
			t.Fatalf("%d/%d: %q, not %q", n, d, late.S(), early.S())
		}
		if !late.Equal(early) || !early.Equal(late) {
			t.Fatalf("%d/%d is not itself", n, d)
		}
		if same := value.PercentOf(n, d); late != same || late.L() != nil {
			t.Fatalf("%d/%d is not the same", n, d)
		}
	})
	assert.Equal(t, "0.100%", value.PercentOf(4, 4003).S())
	assert.Equal(t, "100.000%", value.PercentOf(7, 7).S())
	assert.Equal(t, "-0.500%", value.PercentOf(-1, 200).S())
	assert.Equal(t, value.PercentOf(1, 3).S(), value.PercentOf(2, 6).S())
	assert.True(t, value.PercentOf(1, 3).Equal(value.PercentOf(2, 6)))
	assert.False(t, value.PercentOf(1, 3).Equal(value.PercentOf(1, 4)))
}

// What values are written as is read as the same values, of every kind and in
// every state, lists in lists included.
func TestBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var values []value.Value
		var bytes []byte
		for range rapid.IntRange(1, 6).Draw(t, "values") {
			v := drawAny(t, 3)
			values, bytes = append(values, v), v.AppendBytes(bytes)
		}
		r := value.Reader(bytes)
		for i, v := range values {
			skipped := r
			skipped.Skip()
			if w := r.Next(); !same(v, w) {
				t.Fatalf("%d: %+v was read as %+v", i, v, w)
			}
			if skipped != r {
				t.Fatalf("%d: %+v was not passed over: %q is left, not %q", i, v, skipped, r)
			}
		}
		if r != "" {
			t.Fatalf("%q is left", r)
		}
	})
}

// drawAny is a value of any kind, with so many lists in each other at most.
func drawAny(t *rapid.T, depth int) value.Value {
	kind := value.Kind(rapid.IntRange(int(value.YesNo), int(value.Record)).Draw(t, "kind"))
	state := value.State(rapid.IntRange(int(value.Unknown), int(value.Known)).Draw(t, "state"))
	switch {
	case kind == value.Record && depth > 0:
		v := value.ListIn(kind, state, drawItems(t, depth))
		v.N = rapid.Int64Range(0, 1000).Draw(t, "place")
		return v
	case state != value.Known:
		return value.In(kind, state)
	}
	switch kind {
	case value.YesNo:
		return value.Bool(rapid.Bool().Draw(t, "yes"))
	case value.Ratio:
		return value.RatioOf(rapid.Int64().Draw(t, "n"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "d"))
	case value.Word, value.Name, value.Article:
		if kind == value.Name && rapid.Bool().Draw(t, "percentage") {
			return value.PercentOf(rapid.Int64().Draw(t, "n"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "d"))
		}
		return value.TextIn(kind, state, rapid.String().Draw(t, "text"))
	case value.List, value.Record:
		if depth == 0 {
			return value.ListOf(nil)
		}
		return value.ListOf(drawItems(t, depth))
	case value.Moment:
		v := value.NumberIn(kind, state, rapid.Int64().Draw(t, "moment"))
		if rapid.Bool().Draw(t, "on clocks") {
			v = v.OnClocks(rapid.IntRange(-18*3600, 18*3600).Draw(t, "ahead"))
		}
		return v
	}
	return value.NumberIn(kind, state, rapid.Int64().Draw(t, "n"))
}

func drawItems(t *rapid.T, depth int) []value.Value {
	var items []value.Value
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		items = append(items, drawAny(t, depth-1))
	}
	return items
}

// same reports whether two values are the same to the last bit of what they
// say, unlike Equal.
func same(v, w value.Value) bool {
	if v.Tag != w.Tag || v.S() != w.S() || len(v.L()) != len(w.L()) {
		return false
	}
	for i, e := range v.L() {
		if !same(e, w.L()[i]) {
			return false
		}
	}
	switch v.K {
	case value.Ratio:
		return v.N == w.N && v.D == w.D
	case value.Word, value.Name, value.Article, value.List:
		return true
	}
	return v.N == w.N
}
