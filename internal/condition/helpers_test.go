package condition

import (
	"errors"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/value"
)

// A small world for tests: a ward that takes patients.
const (
	slotA = iota
	slotB
	slotC
	slotI
	slotJ
	slotK
	slotColour
	slotShade
	slotSize
	slotName
	slotOther
	slotStart
	slotEnd
	slotDay
	slotNext
	slotMonth
	slotLength
	slotRate
	slotNumbers
	slotColours
	slotNames
	slotStays
	slotFlags
	slotMoments
	slotDates
	slotVisit
	slotVisitKind
	slotVisitAt
	slotVisitRoom
	slotVisitRoomBeds
	slotVisitTags
	slotLate
	slotDue
	slotBed
	slotArticle
	slotLengths
	slotRates
	slotFee
	slotPrice
	slotFees
	slotCharge
	slotCount
)

var (
	colours = &value.Words{Name: "colour", Each: []string{"red", "green", "blue"}}
	sizes   = &value.Words{Name: "size", Each: []string{"small", "large"}}

	tColour = &value.Type{Kind: value.Word, Words: colours}
	tSize   = &value.Type{Kind: value.Word, Words: sizes}
	tName   = &value.Type{Kind: value.Name}

	tStay = &value.Type{Kind: value.Record, Fields: []value.Field{
		{Name: "id", Type: tName},
		{Name: "nights", Type: countType},
		{Name: "paid", Type: yesNoType},
		{Name: "left_at", Type: momentType},
		{Name: "tags", Type: listOf(tColour)},
		{Name: "bed", Type: &value.Type{Kind: value.Record, Fields: []value.Field{
			{Name: "no", Type: countType},
			{Name: "colour", Type: tColour},
		}}},
	}}
)

func testEnv() *Env {
	v := func(slot int, t *value.Type) *Var { return &Var{Type: t, Slot: slot} }
	return &Env{
		Vars: map[string]*Var{
			"a": v(slotA, yesNoType), "b": v(slotB, yesNoType), "c": v(slotC, yesNoType),
			"i": v(slotI, countType), "j": v(slotJ, countType), "k": v(slotK, countType),
			"colour": v(slotColour, tColour), "shade": v(slotShade, tColour), "size": v(slotSize, tSize),
			"name": v(slotName, tName), "other": v(slotOther, tName),
			"start": v(slotStart, momentType), "end": v(slotEnd, momentType),
			"day": v(slotDay, dateType), "next": v(slotNext, dateType), "month": v(slotMonth, monthType),
			"length": v(slotLength, durationType), "rate": v(slotRate, ratioType),
			"numbers": v(slotNumbers, listOf(countType)), "colours": v(slotColours, listOf(tColour)),
			"names": v(slotNames, listOf(tName)), "stays": v(slotStays, listOf(tStay)),
			"flags": v(slotFlags, listOf(yesNoType)), "moments": v(slotMoments, listOf(momentType)),
			"dates": v(slotDates, listOf(dateType)), "rule": v(slotArticle, &value.Type{Kind: value.Article}),
			"lengths": v(slotLengths, listOf(durationType)), "rates": v(slotRates, listOf(ratioType)),
			"fee": v(slotFee, moneyType(gbp)), "price": v(slotPrice, &value.Type{Kind: value.Money}), "fees": v(slotFees, listOf(moneyType(gbp))),
			"charge": v(slotCharge, moneyType(gbp)),
			"床位":     v(slotBed, countType),
			"visit": {Type: &value.Type{Kind: value.Record}, Slot: slotVisit, Fields: map[string]*Var{
				"kind": v(slotVisitKind, tSize), "at": v(slotVisitAt, momentType), "tags": v(slotVisitTags, listOf(tColour)),
				"room": {Type: &value.Type{Kind: value.Record}, Slot: slotVisitRoom, Fields: map[string]*Var{
					"beds": v(slotVisitRoomBeds, countType),
				}},
			}},
			"outcome": {Slot: -1, Fields: map[string]*Var{
				"late": v(slotLate, yesNoType), "due": v(slotDue, dateType),
			}},
		},
		Params: map[string]value.Value{
			"limit": value.Int(5), "tone": value.WordOf("green"),
			"tones": value.ListOf([]value.Value{value.WordOf("red"), value.WordOf("blue")}),
			"never": value.NoneOf(value.Count), "share": value.RatioOf(1, 2),
			"nothing": value.ListOf(nil), "bundle": value.RecordOf(nil),
		},
		HasCalendar: true, HasHours: true,
	}
}

func at0(text string) value.Value {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return value.MomentOf(t)
}

func day0(y int, m time.Month, d int) value.Value { return value.DateOf(date.New(y, m, d)) }

func list(vs ...value.Value) value.Value { return value.ListOf(vs) }
func ints(ns ...int64) value.Value {
	var l []value.Value
	for _, n := range ns {
		l = append(l, value.Int(n))
	}
	return value.ListOf(l)
}

func wordList(ws ...string) value.Value {
	var l []value.Value
	for _, w := range ws {
		l = append(l, value.WordOf(w))
	}
	return value.ListOf(l)
}

func nameList(ws ...string) value.Value {
	var l []value.Value
	for _, w := range ws {
		l = append(l, value.NameOf(w))
	}
	return value.ListOf(l)
}

func stay(id string, nights int64, paid value.Value, rest ...value.Value) value.Value {
	fields := []value.Value{
		value.NameOf(id), value.Int(nights), paid, value.NoneOf(value.Moment), wordList("red"),
		value.RecordOf([]value.Value{value.Int(nights * 10), value.WordOf("blue")}),
	}
	for i, r := range rest {
		fields[3+i] = r
	}
	return value.RecordOf(fields)
}

var (
	gbp, _ = value.CurrencyNamed("GBP")
	usd, _ = value.CurrencyNamed("USD")
)

var shanghai = time.FixedZone("+08", 8*3600)

// weekdays is a calendar without holidays; 2030 is not published.
type weekdays struct{}

var errYear = errors.New("no such year")

func (weekdays) AddWorkingDays(day int64, n int) (int64, error) {
	d := date.Date(day)
	if n > 10000 || n < -10000 {
		return 0, errYear
	}
	for n > 0 {
		d++
		if d.Year() == 2030 {
			return 0, errYear
		}
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return int64(d), nil
}

func (weekdays) WorkingDaysBetween(from, to int64) (int, error) {
	n := 0
	for d := date.Date(from) + 1; d <= date.Date(to); d++ {
		if d.Year() == 2030 {
			return 0, errYear
		}
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
			n++
		}
	}
	return n, nil
}

func (weekdays) LastDay() int64 { return int64(date.New(2029, time.December, 31)) }

func testFrame() *value.Frame {
	f := &value.Frame{Slots: make([]value.Value, slotCount), ElemSlot: -1, ElemAt: -1, Zone: shanghai, Calendar: weekdays{}}
	set := func(slot int, v value.Value) { f.Slots[slot] = v }
	set(slotA, value.Bool(true))
	set(slotB, value.Bool(false))
	set(slotC, value.Bool(true))
	set(slotI, value.Int(3))
	set(slotJ, value.Int(4))
	set(slotK, value.Int(0))
	set(slotColour, value.WordOf("red"))
	set(slotShade, value.WordOf("green"))
	set(slotSize, value.WordOf("small"))
	set(slotName, value.NameOf("H1"))
	set(slotOther, value.NameOf("S2"))
	set(slotStart, at0("2024-02-28T23:30:00+08:00"))
	set(slotEnd, at0("2024-02-29T23:30:00+08:00"))
	set(slotDay, day0(2024, 2, 29))
	set(slotNext, day0(2024, 3, 4))
	set(slotMonth, value.MonthOf(2024, 2))
	set(slotLength, value.DurationOf(90*time.Minute))
	set(slotRate, value.RatioOf(4, 4003))
	set(slotNumbers, ints(1, 2, 3))
	set(slotColours, wordList("red", "blue"))
	set(slotNames, nameList("H1", "H2"))
	set(slotStays, list(stay("S1", 1, value.Bool(true)), stay("S2", 2, value.Bool(false)), stay("S3", 3, value.Bool(true))))
	set(slotFlags, list(value.Bool(true), value.Bool(false)))
	set(slotMoments, list(f.Slots[slotStart], f.Slots[slotEnd]))
	set(slotDates, list(f.Slots[slotDay], f.Slots[slotNext]))
	set(slotVisit, value.In(value.Record, value.Known))
	set(slotVisitKind, value.WordOf("large"))
	set(slotVisitAt, f.Slots[slotStart])
	set(slotVisitRoom, value.In(value.Record, value.Known))
	set(slotVisitRoomBeds, value.Int(2))
	set(slotVisitTags, wordList("green"))
	set(slotLate, value.Bool(true))
	set(slotDue, day0(2024, 3, 1))
	set(slotBed, value.Int(7))
	set(slotArticle, value.ArticleOf("care/6.1"))
	set(slotLengths, list(value.DurationOf(time.Hour), value.DurationOf(time.Minute)))
	set(slotRates, list(value.RatioOf(1, 2), value.RatioOf(2, 4)))
	set(slotFee, value.MoneyOf(998, gbp))
	set(slotPrice, value.MoneyOf(500, usd))
	set(slotFees, list(value.MoneyOf(1, gbp), value.MoneyOf(250, gbp)))
	set(slotCharge, value.MoneyOf(-7, gbp))
	return f
}

// change sets facts by name to none or unknown.
func change(f *value.Frame, env *Env, state value.State, names ...string) {
	for _, n := range names {
		f.Slots[env.Vars[n].Slot] = value.In(env.Vars[n].Type.Kind, state)
	}
}

func mustCompile(t testing.TB, src string, want Want) *Program {
	t.Helper()
	p, problems := Compile(src, testEnv(), want)
	require.Empty(t, problems, src)
	require.NotNil(t, p)
	return p
}

// assertValue wants the same kinds, states and data, all the way down.
func assertValue(t *testing.T, want, got value.Value) {
	t.Helper()
	assert.Equal(t, want.Tag, got.Tag)
	assert.True(t, want.Equal(got), "%s, not %s", got.Text(nil), want.Text(nil))
	if assert.Len(t, got.L(), len(want.L())) {
		for i, w := range want.L() {
			assertValue(t, w, got.L()[i])
		}
	}
}
