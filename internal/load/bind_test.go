package load_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
)

type badge struct {
	Shown *bool     `rulebook:"shown"`
	Since date.Date `rulebook:"since"`
}

type helper struct {
	ID    string             `rulebook:"id"`
	Grade policy.Known[int8] `rulebook:"grade"`
	At    time.Time          `rulebook:"at"`
	Sign  string             `rulebook:"sign"`
	Badge *badge             `rulebook:"badge"`
}

type stay struct {
	Floor  policy.Known[uint8] `rulebook:"floor"`
	Remark *string             `rulebook:"remark"`
}

// record is a struct with a field for each fact of the clinic.
type record struct {
	Urgency string                  `rulebook:"visit.urgency"`
	Came    time.Time               `rulebook:"visit.came_at"`
	Left    policy.Known[time.Time] `rulebook:"visit.left_at"`
	Day     date.Date               `rulebook:"visit.day"`
	Insured *bool                   `rulebook:"visit.insured"`
	Doctor  string                  `rulebook:"visit.doctor"`
	Stay    policy.Known[stay]      `rulebook:"visit.stay"`
	Signs   []string                `rulebook:"signs"`
	Turns   []int16                 `rulebook:"turns"`
	Names   []string                `rulebook:"names"`
	Helpers []helper                `rulebook:"helpers"`
	Said    *string                 `rulebook:"said"`
	Month   policy.Month            `rulebook:"month"`
	Born    policy.Known[int]       `rulebook:"born"`
	Balance *int64                  `rulebook:"balance"`
	Basis   string                  `rulebook:"basis"`
	Amount  policy.Known[uint64]    `rulebook:"amount"`
	Sampled *date.Date              `rulebook:"sampled"`
	AsOf    time.Time               `rulebook:"as_of"`
}

func everyField() record {
	at := func(text string) time.Time {
		m, _ := time.Parse(time.RFC3339, text)
		return m
	}
	no, yes, said, calm, balance, sampled := false, true, "no < sleep", "calm", int64(-5), date.New(2025, 6, 12)
	return record{
		Urgency: "high", Came: at("2025-06-03T09:00:00+08:00"), Left: policy.Is(at("2025-06-03T02:30:00Z")), Day: date.New(2025, 6, 5),
		Insured: &yes, Doctor: "Li", Stay: policy.Is(stay{policy.Is(uint8(3)), &calm}), Signs: []string{"fever", "cough"},
		Turns: []int16{3, 1, 2}, Names: []string{"Wu", "An"},
		Helpers: []helper{
			{"Wu", policy.Is(int8(2)), at("2025-06-03T08:00:00+08:00"), "fever", &badge{&no, date.New(2025, 1, 1)}},
			{ID: "An", Grade: policy.Is(int8(1)), Badge: &badge{}}, {ID: "Bo", Grade: policy.Is(int8(1))},
		},
		Said: &said, Month: policy.Month{Year: 2025, Month: 6}, Born: policy.Is(2001), Balance: &balance, Basis: "care/2.1",
		Amount: policy.Is(uint64(7)), Sampled: &sampled, AsOf: at("2025-07-01T00:00:00+08:00"),
	}
}

// decide answers from a struct by the binding alone.
func decide[T any](e *run.Engine, question string, x T) (*policy.Answer, error) {
	b, err := e.Bind(question, reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	return e.Decide(b, memory.Of(&x), time.Time{})
}

// A struct gets the answer that the same facts get as JSON.
func TestBoundStructsAnswerLikeJSON(t *testing.T) {
	for _, x := range []struct {
		name  string
		give  func(*record)
		facts string
	}{
		{"every fact", func(*record) {}, everyFact},
		{"no fact but those that a struct always gives", func(r *record) { *r = record{Amount: policy.None[uint64]()} },
			`{"visit": {"stay": null}, "amount": null, "born": null}`},
		{"an empty list is one", func(r *record) { r.Signs, r.Names, r.Helpers = []string{}, []string{}, nil },
			edited(t, func(facts map[string]any) {
				facts["signs"], facts["names"] = []string{}, []string{}
				delete(facts, "helpers")
			})},
		{"an empty text is none", func(r *record) { none := " "; r.Said = &none }, edited(t, func(facts map[string]any) { facts["said"] = "" })},
		{"a name is trimmed", func(r *record) { r.Doctor = " Li " }, everyFact},
		{"a pointer to nothing", func(r *record) { r.Balance, r.Sampled = nil, nil },
			edited(t, func(facts map[string]any) { delete(facts, "balance"); delete(facts, "sampled") })},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := everyField()
			x.give(&r)
			a, err := decide(clinic(t), "care.all", r)
			require.NoError(t, err)
			assert.Equal(t, string(treat(t, "care.all", x.facts).AppendJSON(nil, true)), string(a.AppendJSON(nil, true)))
			pointed, err := decide(clinic(t), "care.all", &r)
			require.NoError(t, err)
			assert.Equal(t, string(a.AppendJSON(nil, true)), string(pointed.AppendJSON(nil, true)))
		})
	}
	_, err := decide(clinic(t), "care.all", (*record)(nil))
	assert.ErrorContains(t, err, "nothing_given")
}

// edited is everyFact after a change.
func edited(t *testing.T, change func(map[string]any)) string {
	t.Helper()
	facts := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(everyFact), &facts))
	change(facts)
	text, err := json.Marshal(facts)
	require.NoError(t, err)
	return string(text)
}

// Every whole number is taken to the ends of what it and the fact can hold.
func TestBoundNumbers(t *testing.T) {
	const (
		most     = 999_999_999_999_999
		mostInt  = min(most, math.MaxInt) // of 32 or 64 bits
		mostUint = min(most, math.MaxUint)
	)
	type number struct {
		decide func() (*policy.Answer, error)
		want   int64 // 0 where it is refused
	}
	numbers := []number{
		{amount(int(mostInt)), mostInt},
		{amount(int(-1)), 0},
		{amount(int8(127)), 127},
		{amount(int8(-1)), 0},
		{amount(int16(32_767)), 32_767},
		{amount(int32(1<<31 - 1)), 1<<31 - 1},
		{amount(int32(-1 << 31)), 0},
		{amount(int64(most)), most},
		{amount(int64(most) + 1), 0},
		{amount(int64(-1 << 63)), 0},
		{amount(uint(mostUint)), mostUint},
		{amount(uint8(255)), 255},
		{amount(uint16(65_535)), 65_535},
		{amount(uint32(1<<32 - 1)), 1<<32 - 1},
		{amount(uint64(most)), most},
		{amount(uint64(most) + 1), 0},
		{amount(^uint64(0)), 0},
	}
	if beyond := int64(most) + 1; mostInt == most {
		numbers = append(numbers, number{amount(int(beyond)), 0}, number{amount(^uint(0)), 0})
	}
	for _, x := range numbers {
		a, err := x.decide()
		if x.want == 0 {
			var refused *policy.FactError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, "out_of_range", refused.Code)
			assert.Equal(t, "many", refused.Fact)
			assert.Contains(t, refused.In("zh"), "不在 0 至 999999999999999 之间")
			assert.Contains(t, err.Error(), ".Many)")
			continue
		}
		require.NoError(t, err)
		n, _ := a.Int("amount")
		assert.Equal(t, x.want+1, n)
	}
}

func amount[T any](n T) func() (*policy.Answer, error) {
	return func() (*policy.Answer, error) {
		return decide(openClinic(), "care.count", struct {
			Many T `rulebook:"many"`
		}{n})
	}
}

// A value that the fact cannot have is refused by field and fact.
func TestBoundValuesRefused(t *testing.T) {
	for _, x := range []struct {
		give               func(*record)
		code, fact, zh, en string
	}{
		{func(r *record) { r.Urgency = "hihg" }, "unknown_word", "visit.urgency", "不在词表中（字段 record.Urgency）", `"hihg" is not one of the words (field record.Urgency) [unknown_word] → did you mean high?`},
		{func(r *record) { r.Basis = "care/3" }, "unknown_article", "basis", "没有条款", `there is no article "care/3" (field record.Basis)`},
		{func(r *record) { r.Doctor = strings.Repeat("长", 201) }, "name_too_long", "visit.doctor", "超过 200 个字符", "use an id"},
		{func(r *record) { r.Doctor = strings.Repeat("长", 200) }, "", "", "", ""},
		{func(r *record) { r.Came = time.Date(1699, 12, 31, 23, 59, 59, 0, time.UTC) }, "out_of_range", "visit.came_at", "1700 年至 2199 年", "1699-12-31T23:59:59Z is not within the years 1700 to 2199"},
		{func(r *record) { r.Came = time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC) }, "", "", "", ""},
		{func(r *record) { r.Left = policy.Is(time.Date(2199, 12, 31, 23, 59, 59, 0, time.UTC)) }, "", "", "", ""},
		{func(r *record) { r.Left = policy.Is(time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)) }, "out_of_range", "visit.left_at", "检查年份", "check the year"},
		{func(r *record) { r.Day = date.New(2000, 1, 1) }, "", "", "", ""},
		{func(r *record) { r.Day = date.New(1, 1, 2) }, "", "", "", ""},
		{func(r *record) { r.Day = date.New(9999, 12, 31) }, "", "", "", ""},
		{func(r *record) { r.Day = date.New(0, 12, 31) }, "out_of_range", "visit.day", "检查年份", "is not within the years 1 to 9999"},
		{func(r *record) { r.Day = date.New(10000, 1, 1) }, "out_of_range", "visit.day", "检查年份", "is not within"},
		{func(r *record) { r.Month = policy.Month{Year: 9999, Month: 12} }, "", "", "", ""},
		{func(r *record) { r.Month = policy.Month{Year: 2025, Month: 13} }, "out_of_range", "month", "检查年份与月份", "2025-13 is not a month"},
		{func(r *record) { r.Month = policy.Month{Year: 2025} }, "out_of_range", "month", "检查年份与月份", "2025-00 is not a month"},
		{func(r *record) { r.Month = policy.Month{Year: 10000, Month: 1} }, "out_of_range", "month", "检查年份与月份", "10000-01 is not a month"},
		{func(r *record) { r.Born = policy.Is(10000) }, "out_of_range", "born", "1 至 9999", "10000 is not a year from 1 to 9999"},
		{func(r *record) { r.Turns = make([]int16, 1000) }, "", "", "", ""},
		{func(r *record) { r.Turns = make([]int16, 1001) }, "too_many_items", "turns", "超过 1000 项", "more than 1000 items"},
		{func(r *record) { r.Names = []string{"a", " "} }, "null_item", "names[1]", "空项", "empty item (field record.Names[])"},
		{func(r *record) { r.Helpers[1].Sign = "x" }, "unknown_word", "helpers[1].sign", "不在词表中", "(field record.Helpers[].Sign)"},
	} {
		r := everyField()
		x.give(&r)
		_, err := decide(clinic(t), "care.all", r)
		if x.code == "" {
			assert.NoError(t, err)
			continue
		}
		var refused *policy.FactError
		require.ErrorAs(t, err, &refused, x.en)
		assert.Equal(t, x.code, refused.Code)
		assert.Equal(t, x.fact, refused.Fact)
		assert.Contains(t, refused.In("zh"), x.zh)
		assert.Contains(t, refused.In("en"), x.en)
	}
}

// A type that does not fit is refused field by field, once, before any fact.
func TestTypesThatCannotBeBound(t *testing.T) {
	type inner struct {
		Shown string `rulebook:"shown"`
	}
	type item struct {
		ID    *string            `rulebook:"idd"`
		Badge inner              `rulebook:"badge"`
		Deep  bool               `rulebook:"badge.shown"`
		Other struct{ A, B int } `rulebook:"-"`
	}
	type wrong struct {
		Visit    struct{ A int } `rulebook:"visit"`
		Urgency  int             `rulebook:"visit.urgncy"`
		Doctor   []byte          `rulebook:"visit.doctor"`
		Came     *string         `rulebook:"visit.came_at"`
		Day      int             `rulebook:"visit.day"`
		Signs    []*int          `rulebook:"signs"`
		Turns    int             `rulebook:"turns"`
		Helpers  []item          `rulebook:"helpers"`
		Month    string          `rulebook:"month"`
		Basis    int             `rulebook:"basis"`
		Amount   float64         `rulebook:"amount"`
		Said     *string         `rulebook:"said"`
		SaidTwo  string          `rulebook:"said"`
		balance  int64           `rulebook:"balance"`
		Untagged chan int
	}
	_ = wrong{}.balance
	_, err := clinic(t).Bind("care.all", reflect.TypeFor[wrong]())
	var refused *policy.BindError
	require.ErrorAs(t, err, &refused)
	var got []string
	for _, m := range refused.Mismatches {
		got = append(got, strings.TrimPrefix(m.Field, "wrong.")+" "+m.Fact+" "+m.Code)
		assert.NotEmpty(t, m.Message.ZH)
		assert.NotEmpty(t, m.Remedy.EN+m.Remedy.ZH)
	}
	assert.Equal(t, []string{
		"Visit visit no_fields", "Urgency visit.urgncy unknown_fact", "Doctor visit.doctor wrong_type", "Came visit.came_at wrong_type",
		"Day visit.day wrong_type", "Signs[] signs[] wrong_type", "Turns turns wrong_type", "Helpers[].ID helpers[].idd unknown_fact",
		"Helpers[].Badge.Shown helpers[].badge.shown wrong_type", "Helpers[].Deep helpers[].badge.shown bound_twice", "Month month wrong_type",
		"Basis basis wrong_type", "Amount amount wrong_type", "SaidTwo said bound_twice", "balance balance not_exported",
	}, got)
	assert.ErrorContains(t, err, "load_test.wrong cannot be bound to care.all:\n")
	assert.ErrorContains(t, err, "wrong.Day: the fact visit.day is a date, which the Go type int does not fit [wrong_type] → use date.Date, or a pointer or rulebook.Known of it where it may not be known: "+
		"Day date.Date `rulebook:\"visit.day\"`; or bind with rulebook.Convert(func(x int) (date.Date, error) { … })")

	for code, typ := range map[string]reflect.Type{
		"not_a_struct": reflect.TypeFor[time.Time](), "no_fields": reflect.TypeFor[struct{ A int }](),
	} {
		_, err := clinic(t).Bind("care.all", typ)
		assert.ErrorContains(t, err, code)
	}
	_, err = clinic(t).Bind("care.none", reflect.TypeFor[record]())
	var unknown *policy.UnknownQuestionError
	assert.ErrorAs(t, err, &unknown)
}

// Columns answer row by row like the facts of the row.
func TestColumnsAnswerLikeJSON(t *testing.T) {
	e := clinic(t)
	given := map[string]any{
		"visit.urgency": []string{"high", "low"}, "visit.stay": []stay{{Floor: policy.Is(uint8(1))}, {}}, "signs": [][]string{{"fever"}, nil},
		"amount": []policy.Known[int]{policy.Is(3), policy.None[int]()}, "said": []string{"", "x"},
	}
	c, err := e.Columns("care.all", given)
	require.NoError(t, err)
	assert.Equal(t, 2, c.Len())
	for row, facts := range []string{
		`{"visit": {"urgency": "high", "stay": {"floor": 1}}, "signs": ["fever"], "amount": 3, "said": ""}`,
		`{"visit": {"urgency": "low", "stay": {"floor": null}}, "amount": null, "said": "x"}`,
	} {
		a, err := e.DecideRow(c, row, time.Time{})
		require.NoError(t, err)
		assert.Equal(t, string(treat(t, "care.all", facts).AppendJSON(nil, true)), string(a.AppendJSON(nil, true)), facts)
	}
	for _, row := range []int{-1, 2} {
		_, err := e.DecideRow(c, row, time.Time{})
		var none *policy.RowError
		require.ErrorAs(t, err, &none)
		assert.Equal(t, policy.RowError{Row: row, Rows: 2}, *none)
		assert.ErrorContains(t, err, "the rows are 0 to 1")
	}
	for _, x := range []struct {
		columns map[string]any
		want    string
	}{
		{map[string]any{"born": []int{2001}, "amount": []int{1, 2}}, "born: the length is 1, that of the column amount is 2 [length_differs]"},
		{map[string]any{"born": 2001}, "born: the column is not a slice [not_a_slice]"},
		{map[string]any{"born": nil}, "born: the column is not a slice [not_a_slice]"},
		{map[string]any{"bron": []int{1}}, `bron: question care.all has no fact "bron" [unknown_fact] → did you mean born?`},
		{map[string]any{"born": []string{"2001"}}, "born: the fact born is a year, which the Go type string does not fit [wrong_type] → use int64"},
	} {
		_, err := e.Columns("care.all", x.columns)
		var refused *policy.BindError
		require.ErrorAs(t, err, &refused)
		assert.ErrorContains(t, err, "the columns cannot be bound to care.all:\n"+x.want)
	}
	_, err = e.Columns("care.none", nil)
	assert.ErrorContains(t, err, "unknown_question")
	wrong, err := e.Columns("care.all", map[string]any{"born": []int{10000}})
	require.NoError(t, err)
	_, err = e.DecideRow(wrong, 0, time.Time{})
	var refused *policy.FactError
	require.True(t, errors.As(err, &refused))
	assert.Equal(t, "out_of_range", refused.Code)
}

func TestKnownAndMonth(t *testing.T) {
	n, ok := policy.Is(5).Get()
	assert.True(t, ok)
	assert.Equal(t, 5, n)
	for _, k := range []policy.Known[int]{{}, policy.None[int]()} {
		_, ok := k.Get()
		assert.False(t, ok)
	}
	assert.Equal(t, "2026-01", policy.Month{Year: 2026, Month: 1}.String())
}

type inTurn struct {
	Urgency string  `rulebook:"visit.urgency"`
	Next    *inTurn // another one
}

func withTag(tag reflect.StructTag) any {
	return reflect.Zero(reflect.StructOf([]reflect.StructField{{Name: "Urgency", Type: reflect.TypeFor[string](), Tag: tag}})).Interface()
}

// No tag is without effect unless it is said to be.
func TestTagsWithoutEffectAreRefused(t *testing.T) {
	type base struct {
		Urgency string `rulebook:"visit.urgncy"`
	}
	type good struct {
		Urgency string `rulebook:"visit.urgency"`
	}
	bind := func(v any) error {
		_, err := clinic(t).Bind("care.all", reflect.TypeOf(v))
		return err
	}
	for _, x := range []struct {
		v    any
		want string // "" where it is bound
	}{
		{struct{ *base }{}, `.base.Urgency: question care.all has no fact "visit.urgncy" [unknown_fact]`},
		{struct{ Meta base }{}, `.Meta.Urgency: question care.all has no fact "visit.urgncy" [unknown_fact]`},
		{struct{ Meta *struct{ Deep base } }{}, `.Meta.Deep.Urgency: question care.all has no fact`},
		{struct{ Meta *struct{ Deep *good } }{}, ""},
		{struct {
			Urgency string `rulebook:"visit.urgency"`
			Meta    base   `rulebook:"-"`
		}{}, ""},
		{struct {
			First  good
			Second *good
		}{}, `.Second.Urgency: the fact visit.urgency is given by .First.Urgency already [bound_twice]`},
		{struct{ meta good }{}, ".meta: the field is not exported, so the tags in it have no effect [not_exported]"},
		{struct{ Many []good }{}, ".Many: the tags in the []load_test.good have no effect, load_test.good.Urgency among them [tag_without_effect]"},
		{struct{ Many map[string][2]*good }{}, "[tag_without_effect]"},
		{struct{ Far **good }{}, "[tag_without_effect]"},
		{inTurn{}, `inTurn.Next: a load_test.inTurn holds another one, whose tags cannot have an effect as well [tag_without_effect] → leave the field Next out with ` + "`rulebook:\"-\"`"},
		{withTag(`rulebook: "visit.urgency"`), "[bad_tag]"},
		{withTag(`json:"urgency" rulebook:visit.urgency`), "[bad_tag]"},
		{withTag(`json:"urgency", rulebook:"visit.urgency"`), "[bad_tag]"},
		{withTag(`Rulebook:"visit.urgency"`), "[bad_tag]"},
		{struct {
			Urgency string `rulebook:"visit.urgency,omitempty"`
		}{}, "[unknown_fact]"},
		{struct {
			good
			Of   string `json:"rulebook"`
			Note string `xml:"a" yaml:"rulebook,omitempty"`
		}{}, ""},
		{struct {
			Visit *struct {
				Urgency string `rulebook:"urgency"`
			} `rulebook:"visit"`
			Doctor string `rulebook:"visit.doctor"`
		}{}, "the record visit is given as a whole by a pointer or a Known, and in part by another field: .Visit [bound_twice] → move that part into the struct of the whole"},
		{struct {
			Doctor string `rulebook:"visit.doctor"`
			Visit  policy.Known[struct {
				Urgency string `rulebook:"urgency"`
			}] `rulebook:"visit"`
		}{}, "[bound_twice]"},
	} {
		err := bind(x.v)
		if x.want == "" {
			assert.NoError(t, err, "%T", x.v)
			continue
		}
		var refused *policy.BindError
		require.ErrorAs(t, err, &refused, "%T", x.v)
		assert.Contains(t, err.Error(), x.want, "%T", x.v)
		for _, m := range refused.Mismatches {
			assert.NotEmpty(t, m.Message.ZH)
			assert.NotEmpty(t, m.Remedy.ZH)
		}
	}
}

// Ask reads a struct as package json writes it. One that has our tags alone would
// be refused for names that nobody gave, so that it is told what to do.
func TestAskWithTagsForBindAlone(t *testing.T) {
	type stay struct {
		Floor int `rulebook:"floor"`
	}
	type visit struct {
		Stay *stay `json:"stay"`
	}
	type own struct {
		Balance int    `rulebook:"balance" json:"balance"`
		Note    string `rulebook:"-" json:"-"`
	}
	type embeds struct {
		*own
		Own2 own `rulebook:"-" json:"-"`
	}
	for _, x := range []struct {
		facts any
		want  string // "" where it is answered
	}{
		{own{Balance: 1}, ""},
		{embeds{own: &own{Balance: 1}}, ""},
		{struct {
			sync.Mutex `json:",omitempty"`
			Balance    int `json:"balance"`
		}{Balance: 1}, ""},
		{map[string]any{"visit": struct{ *stay }{&stay{}}}, "visit.Floor: the field Floor of a load_test.stay has a rulebook tag alone; in JSON it is called Floor, which is no fact [unknown_fact] → bind the struct by rulebook.Bind, or give its fields json tags, such as `json:\"floor\"`"},
		{struct {
			Urgency string `rulebook:"visit.urgency"`
		}{}, `Urgency: the field Urgency of a struct { Urgency string "rulebook:\"visit.urgency\"" } has a rulebook tag alone; in JSON it is called Urgency, which is no fact [unknown_fact] → bind the struct by rulebook.Bind`},
		{map[string]any{"visit": visit{&stay{3}}}, "visit.stay.Floor: the field Floor of a load_test.stay has a rulebook tag alone; in JSON it is called Floor, which is no fact [unknown_fact] → bind the struct by rulebook.Bind, or give its fields json tags, such as `json:\"floor\"`"},
	} {
		_, err := clinic(t).Check("care.all", x.facts)
		if x.want == "" {
			assert.NoError(t, err, "%T", x.facts)
			continue
		}
		assert.EqualError(t, err, x.want)
	}
}

// All that package json would write as something else is told, in the order of its
// keys, however often one asks: also what it cannot read, and within a struct that
// is embedded under a name.
func TestAskWithSeveralThatJSONCannotSee(t *testing.T) {
	type stay struct {
		Floor int `rulebook:"floor"`
	}
	type hidden struct{ floor int }
	facts := map[string]any{
		"who": "\xff",
		"bed": hidden{3},
		"visit": struct {
			stay `json:"stay"`
		}{},
		"ward": map[int]any{2: "\xfe", 1: &hidden{}},
	}
	for range 20 {
		_, err := clinic(t).Check("care.all", facts)
		var wrong policy.FactErrors
		require.ErrorAs(t, err, &wrong)
		var all []string
		for _, e := range wrong {
			all = append(all, e.Fact+" "+e.Code)
		}
		assert.Equal(t, []string{"bed wrong_type", "visit.stay.Floor unknown_fact", "ward.1 wrong_type", "ward.2 not_utf8", "who not_utf8"}, all)
	}
}

// A struct that is embedded in one of its own type, or in itself, adds nothing, as in
// package json: its fields are hidden.
func TestAskWithWhatEmbedsItself(t *testing.T) {
	own := &selfEmbedding{Balance: 1}
	own.selfEmbedding = own
	one := &embedsOther{Balance: 1}
	one.EmbeddedOther = &EmbeddedOther{one}
	for _, facts := range []any{own, *own, selfEmbedding{Balance: 1}, one, *one} {
		asked, err := clinic(t).Check("care.all", facts)
		require.NoError(t, err, "%T", facts)
		want, err := clinic(t).Check("care.all", `{"balance":1}`)
		require.NoError(t, err)
		assert.Equal(t, string(want.AppendJSON(nil)), string(asked.AppendJSON(nil)))
	}
	own.Note = "\xff"
	_, err := clinic(t).Check("care.all", own)
	var wrong *policy.FactError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, "not_utf8", wrong.Code)
}

type selfEmbedding struct {
	*selfEmbedding
	Balance int    `json:"balance"`
	Note    string `json:"note,omitempty"`
}

type embedsOther struct {
	*EmbeddedOther
	Balance int `json:"balance"`
}

type EmbeddedOther struct{ *embedsOther }
