package load_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/memory"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

type (
	ownTime  time.Time
	wrapped  struct{ time.Time }
	ident    [4]byte
	grade    int
	word     string
	loud     string
	cents    struct{ n int64 }
	nullable struct{ sql.NullString }
	numeric  struct{ text string } // as drivers have them
	maybeInt struct {
		n  int
		ok bool
	}
	brokenText struct{ X int }
	raw        struct{ v driver.Value }
	looped     *looped
)

func (x ident) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%x", x[:]), nil }
func (x grade) MarshalText() ([]byte, error) { return []byte([]string{"", "high", "low"}[x]), nil }
func (x loud) MarshalJSON() ([]byte, error)  { return json.Marshal(strings.ToLower(string(x))) }
func (x cents) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%02d", x.n/100, x.n%100), nil
}
func (x *cents) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("%d.%02d", x.n/100, x.n%100))
}
func (x numeric) Value() (driver.Value, error) { return x.text, nil }
func (x maybeInt) MarshalJSON() ([]byte, error) {
	if !x.ok {
		return []byte("null"), nil
	}
	return []byte(strconv.Itoa(x.n)), nil
}
func (brokenText) MarshalText() ([]byte, error) { return nil, errors.New("it is broken") }
func (x raw) Value() (driver.Value, error) {
	if err, ok := x.v.(error); ok {
		return nil, err
	}
	return x.v, nil
}

// one binds a struct with one field, and tells what the same facts are asked as
// JSON.
func one(t *testing.T, tag string, v any, conversions ...intake.Conversion) (string, error) {
	t.Helper()
	typ := reflect.StructOf([]reflect.StructField{{Name: "X", Type: reflect.TypeOf(v), Tag: reflect.StructTag(fmt.Sprintf("rulebook:%q", tag))}})
	return oneField(t, typ, reflect.ValueOf(v), conversions...)
}

func inAny(t *testing.T, tag string, v any) (string, error) {
	t.Helper()
	typ := reflect.StructOf([]reflect.StructField{{Name: "X", Type: reflect.TypeFor[any](), Tag: reflect.StructTag(fmt.Sprintf("rulebook:%q", tag))}})
	return oneField(t, typ, reflect.ValueOf(v))
}

func oneField(t *testing.T, typ reflect.Type, v reflect.Value, conversions ...intake.Conversion) (string, error) {
	t.Helper()
	e := clinic(t)
	b, err := e.Bind("care.all", typ, conversions...)
	if err != nil {
		return "", err
	}
	x := reflect.New(typ)
	x.Elem().Field(0).Set(v)
	a, err := e.Decide(b, memory.OfValue(x), time.Time{})
	if err != nil {
		return "", err
	}
	return string(a.AppendJSON(nil, true)), nil
}

// Types that other packages made mean what their JSON means.
func TestTypesOfOthers(t *testing.T) {
	at := time.Date(2025, 6, 3, 23, 30, 0, 0, time.UTC) // the fourth in the rulebook's zone
	const moment = `"2025-06-04T07:30:00+08:00"`
	high, text, three := word("high"), "high", 3
	for _, x := range []struct {
		tag  string
		v    any
		json string // "" for nothing given
	}{
		{"visit.came_at", sql.NullTime{Time: at, Valid: true}, moment},
		{"visit.came_at", sql.NullTime{Time: at}, ""},
		{"visit.came_at", &sql.NullTime{Time: at, Valid: true}, moment},
		{"visit.came_at", (*sql.NullTime)(nil), ""},
		{"visit.came_at", sql.Null[time.Time]{V: at, Valid: true}, moment},
		{"visit.came_at", sql.Null[*time.Time]{V: &at, Valid: true}, moment},
		{"visit.came_at", sql.Null[*time.Time]{Valid: true}, ""},
		{"visit.came_at", sql.Null[sql.NullTime]{V: sql.NullTime{Time: at, Valid: true}, Valid: true}, moment},
		{"visit.came_at", policy.Is(sql.NullTime{Time: at, Valid: true}), moment},
		{"visit.came_at", sql.NullTime{Valid: true}, ""},
		{"visit.came_at", ownTime(at), moment},
		{"visit.came_at", ownTime{}, ""},
		{"visit.came_at", wrapped{at}, moment},
		{"visit.came_at", wrapped{}, ""},
		{"visit.came_at", raw{at}, moment},
		{"visit.came_at", raw{}, ""},
		{"visit.came_at", raw{"2025-06-03T23:30:00Z"}, moment},
		{"visit.day", at, `"2025-06-04"`},
		{"visit.day", time.Time{}, ""},
		{"visit.day", sql.NullTime{Time: at, Valid: true}, `"2025-06-04"`},
		{"visit.day", ownTime(at), `"2025-06-04"`},
		{"visit.day", raw{at}, `"2025-06-04"`},
		{"visit.day", raw{[]byte("2025-06-04")}, `"2025-06-04"`},
		{"month", sql.Null[policy.Month]{V: policy.Month{Year: 2025, Month: 6}, Valid: true}, `"2025-06"`},
		{"visit.urgency", sql.NullString{String: "high", Valid: true}, `"high"`},
		{"visit.urgency", sql.NullString{String: "high"}, ""},
		{"visit.urgency", sql.NullString{Valid: true}, ""},
		{"visit.urgency", sql.Null[word]{V: "high", Valid: true}, `"high"`},
		{"visit.urgency", nullable{sql.NullString{String: "high", Valid: true}}, `"high"`},
		{"visit.urgency", nullable{}, ""},
		{"visit.urgency", high, `"high"`},
		{"visit.urgency", grade(1), `"high"`},
		{"visit.urgency", grade(0), ""},
		{"visit.urgency", loud("HIGH"), `"high"`},
		{"visit.urgency", raw{[]byte("high")}, `"high"`},
		{"basis", sql.NullString{String: "care/2.1", Valid: true}, `"care/2.1"`},
		{"visit.insured", sql.NullBool{Bool: false, Valid: true}, `false`},
		{"visit.insured", sql.NullBool{Bool: true}, ""},
		{"visit.insured", sql.Null[bool]{V: true, Valid: true}, `true`},
		{"visit.insured", raw{true}, `true`},
		{"amount", sql.NullInt64{Int64: 7, Valid: true}, `7`},
		{"amount", sql.NullInt64{Int64: 7}, ""},
		{"amount", sql.NullInt32{Int32: 7, Valid: true}, `7`},
		{"amount", sql.NullInt16{Int16: 7, Valid: true}, `7`},
		{"amount", sql.NullByte{Byte: 7, Valid: true}, `7`},
		{"amount", sql.Null[uint16]{Valid: true}, `0`},
		{"amount", json.Number("7"), `7`},
		{"amount", json.Number(""), ""},
		{"amount", raw{int64(7)}, `7`},
		{"amount", raw{7.0}, `7`},
		{"amount", maybeInt{7, true}, `7`},
		{"amount", maybeInt{7, false}, ""},
		{"amount", *big.NewInt(7), `7`},
		{"amount", big.NewInt(7), `7`},
		{"amount", (*big.Int)(nil), ""},
		{"balance", json.Number("-5"), `-5`},
		{"born", sql.NullInt64{Int64: 2001, Valid: true}, `2001`},
		{"born", 0, ""},
		{"visit.doctor", 42, `42`},
		{"visit.doctor", int8(-4), `-4`},
		{"visit.doctor", uint64(math.MaxUint64), `18446744073709551615`},
		{"visit.doctor", uint(math.MaxUint), strconv.FormatUint(math.MaxUint, 10)},
		{"visit.doctor", int64(math.MinInt64), `-9223372036854775808`},
		{"visit.doctor", json.Number("42"), `42`},
		{"visit.doctor", &three, `3`},
		{"visit.doctor", ident{1, 2, 3, 0xff}, `"010203ff"`},
		{"visit.doctor", &ident{}, `"00000000"`},
		{"visit.doctor", cents{1250}, `"12.50"`},
		{"visit.doctor", numeric{"12.50"}, `"12.50"`},
		{"visit.doctor", sql.NullInt64{Int64: 42, Valid: true}, `42`},
		{"said", sql.NullString{String: "ah", Valid: true}, `"ah"`},
		{"said", sql.NullString{String: "", Valid: true}, `""`},
		{"said", sql.NullString{}, ""},
		{"names", []*string{&text, &text}, `["high", "high"]`},
		{"names", []int64{3, 1}, `[3, 1]`},
		{"names", []any{"Wu", 3, &text, ident{}}, `["Wu", 3, "high", "00000000"]`},
		{"names", []sql.NullString{{String: "An", Valid: true}}, `["An"]`},
		{"names", []policy.Known[string]{policy.Is("An")}, `["An"]`},
		{"turns", []json.Number{"3", "1"}, `[3, 1]`},
		{"helpers", []*helper{{ID: "Wu", Grade: policy.Is(int8(2))}, {ID: "An", Grade: policy.Is(int8(3))}}, `[{"id": "Wu", "grade": 2}, {"id": "An", "grade": 3}]`},
		{"helpers", []any{map[string]any{"id": "Wu", "at": at}, helper{ID: "An", Grade: policy.Is(int8(3))}}, `[{"id": "Wu", "at": "2025-06-03T23:30:00Z"}, {"id": "An", "grade": 3}]`},
		{"visit.stay", sql.Null[stay]{V: stay{Floor: policy.Is(uint8(3))}, Valid: true}, `{"floor": 3}`},
		{"visit.stay", sql.Null[stay]{}, ""},
	} {
		want := string(treat(t, "care.all", "{}").AppendJSON(nil, true))
		inVisit := strings.HasPrefix(x.tag, "visit.")
		if x.json != "" {
			facts := fmt.Sprintf(`{%q: %s}`, x.tag, x.json)
			if inVisit {
				facts = fmt.Sprintf(`{"visit": {%q: %s}}`, strings.TrimPrefix(x.tag, "visit."), x.json)
			}
			want = string(treat(t, "care.all", facts).AppendJSON(nil, true))
		} else if inVisit {
			want = string(treat(t, "care.all", `{"visit": {}}`).AppendJSON(nil, true))
		}
		got, err := one(t, x.tag, x.v)
		if assert.NoError(t, err, "%s %T %v", x.tag, x.v, x.v) {
			assert.Equal(t, want, got, "%s %T %v", x.tag, x.v, x.v)
		}
		got, err = inAny(t, x.tag, x.v)
		if assert.NoError(t, err, "any %s %T %v", x.tag, x.v, x.v) {
			assert.Equal(t, want, got, "any %s %T %v", x.tag, x.v, x.v)
		}
	}
	for _, x := range []struct {
		tag  string
		v    any
		json string
	}{
		{"visit.came_at", "2025-06-03T23:30:00Z", moment}, {"visit.day", "2025-06-04", `"2025-06-04"`}, {"month", "2025-06", `"2025-06"`}, {"amount", 7.0, `7`},
		{"visit.stay", map[string]any{"floor": 3}, `{"floor": 3}`}, {"names", []any{}, `[]`}, {"visit.doctor", 7.5, `7.5`},
	} {
		facts := fmt.Sprintf(`{%q: %s}`, x.tag, x.json)
		if name, ok := strings.CutPrefix(x.tag, "visit."); ok {
			facts = fmt.Sprintf(`{"visit": {%q: %s}}`, name, x.json)
		}
		got, err := inAny(t, x.tag, x.v)
		if assert.NoError(t, err, "any %s %T %v", x.tag, x.v, x.v) {
			assert.Equal(t, string(treat(t, "care.all", facts).AppendJSON(nil, true)), got, "any %s %T %v", x.tag, x.v, x.v)
		}
	}
}

// A type of others that does not fit is refused by the type, with the line to
// write, or by the value.
func TestTypesOfOthersRefused(t *testing.T) {
	for _, x := range []struct {
		tag  string
		v    any
		want string
	}{
		{"amount", cents{}, ".X: the fact amount is a count, which the Go type load_test.cents does not fit [wrong_type] → use int64, or a pointer or rulebook.Known of it where it may not be known: " +
			"X int64 `rulebook:\"amount\"`; or bind with rulebook.Convert(func(x load_test.cents) (int64, error) { … })"},
		{"amount", &cents{}, "[wrong_type]"},
		{"amount", ident{}, "[wrong_type]"},
		{"amount", sql.NullString{}, ".X: the fact amount is a count, which the Go type string does not fit"},
		{"amount", sql.NullFloat64{}, "[wrong_type]"},
		{"amount", 1.5, "rulebook.Convert(func(x float64) (int64, error) { … })"},
		{"visit.insured", 1, "[wrong_type]"},
		{"visit.urgency", json.Number("1"), "[wrong_type]"},
		{"visit.urgency", 1, "[wrong_type]"},
		{"visit.came_at", "2025", "X time.Time `rulebook:\"visit.came_at\"`"},
		{"visit.came_at", sql.NullString{}, "[wrong_type]"},
		{"names", "Wu", "X []string `rulebook:\"names\"`"},
		{"names", [2]string{}, "[wrong_type]"},
		{"turns", []cents{}, "X []int64 `rulebook:\"turns\"`"},
		{"helpers", map[string]any{}, "X []struct{ … } `rulebook:\"helpers\"`, whose fields have tags such as `rulebook:\"id\"`"},
		{"helpers", json.RawMessage{}, "use a slice of structs: X []struct{ … } `rulebook:\"helpers\"`, whose fields have tags such as `rulebook:\"id\"`"},
		{"visit.stay", map[string]any{}, "X struct{ … } `rulebook:\"visit.stay\"`, whose fields have tags such as `rulebook:\"floor\"`"},
		{"visit.stay", ident{}, "[wrong_type]"},
		{"amount", looped(nil), "[wrong_type]"},

		{"amount", raw{7.5}, "[not_an_integer]"},
		{"amount", raw{"7"}, "[wrong_type] → bind with rulebook.Convert(func(x load_test.raw) (int64, error) { … })"},
		{"amount", raw{struct{}{}}, "[wrong_type]"},
		{"amount", raw{errors.New("no line")}, "no line"},
		{"amount", json.Number("7.5"), "[not_an_integer]"},
		{"amount", json.Number("-7"), "[out_of_range]"},
		{"visit.doctor", brokenText{}, "it is broken"},
		{"visit.day", raw{time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}, "[out_of_range]"},
		{"visit.day", time.Date(10000, 1, 2, 0, 0, 0, 0, time.UTC), "[out_of_range]"},
		{"visit.urgency", sql.NullString{String: "hihg", Valid: true}, "did you mean high?"},
		{"visit.urgency", loud("HIHG"), "did you mean high?"},
		{"names", []*string{nil}, "[null_item]"},
		{"names", []sql.NullString{{}}, "[null_item]"},
		{"names", []any{"a", nil}, "[null_item]"},
		{"helpers", []*helper{nil}, "[null_item]"},
	} {
		_, err := one(t, x.tag, x.v)
		require.Error(t, err, "%s %T", x.tag, x.v)
		assert.Contains(t, err.Error(), x.want, "%s %T", x.tag, x.v)
	}
	for _, x := range []struct {
		tag  string
		v    any
		want string
	}{
		{"amount", "7", "[wrong_type]"},
		{"amount", cents{700}, "rulebook.Convert(func(x load_test.cents) (int64, error) { … })"},
		{"amount", 7.5, "[not_an_integer]"},
		{"amount", math.NaN(), "NaN"},
		{"amount", struct{}{}, "[wrong_type]"},
		{"names", "Wu", "[wrong_type]"},
		{"visit.stay", map[string]any{"flor": 3}, "did you mean floor?"},
		{"visit.stay", 3, "[wrong_type]"},
		{"amount", new(any), ""},
	} {
		_, err := inAny(t, x.tag, x.v)
		if x.want == "" {
			assert.NoError(t, err)
			continue
		}
		var refused *policy.FactError
		require.ErrorAs(t, err, &refused, "%s %T", x.tag, x.v)
		assert.Contains(t, err.Error(), x.want, "%s %T", x.tag, x.v)
		assert.NotEmpty(t, refused.Message.ZH)
	}
	var circle any
	circle = &circle
	_, err := inAny(t, "amount", circle)
	assert.ErrorContains(t, err, "too_deep")
	_, err = clinic(t).Columns("care.all", map[string]any{"amount": []cents{}})
	assert.ErrorContains(t, err, "\"amount\": []int64{ … }")
}

// What no method tells is told by a conversion.
func TestConversions(t *testing.T) {
	whole := intake.Convert(func(x cents) (*int64, error) {
		switch {
		case x.n == 0:
			return nil, nil
		case x.n%100 != 0:
			return nil, errors.New("there is no half yuan")
		}
		n := x.n / 100
		return &n, nil
	})
	trimmed := intake.Convert(func(x string) (string, error) { return strings.ToLower(x), nil })
	day := intake.Convert(func(x string) (date.Date, error) { return date.ParseISO(x) })
	room := intake.Convert(func(x word) (policy.Known[stay], error) {
		if x == "" {
			return policy.Known[stay]{}, nil
		}
		remark := string(x)
		return policy.Is(stay{Remark: &remark}), nil
	})
	for _, x := range []struct {
		tag        string
		v          any
		conversion intake.Conversion
		facts      string
	}{
		{"amount", cents{700}, whole, `{"amount": 7}`},
		{"amount", &cents{700}, whole, `{"amount": 7}`},
		{"amount", policy.Is(cents{700}), whole, `{"amount": 7}`},
		{"amount", sql.Null[cents]{V: cents{700}, Valid: true}, whole, `{"amount": 7}`},
		{"amount", cents{}, whole, `{}`},
		{"turns", []cents{{700}, {300}}, whole, `{"turns": [7, 3]}`},
		{"visit.urgency", "HIGH", trimmed, `{"visit": {"urgency": "high"}}`},
		{"visit.day", "2025-06-04", day, `{"visit": {"day": "2025-06-04"}}`},
		{"visit.stay", word("calm"), room, `{"visit": {"stay": {"remark": "calm", "floor": null}}}`},
		{"visit.stay", word(""), room, `{"visit": {}}`},
		{"amount", []any{cents{700}}[0], whole, `{"amount": 7}`},
	} {
		got, err := one(t, x.tag, x.v, x.conversion)
		require.NoError(t, err, "%s %T", x.tag, x.v)
		assert.Equal(t, string(treat(t, "care.all", x.facts).AppendJSON(nil, true)), got, "%s %T", x.tag, x.v)
	}
	_, err := one(t, "amount", cents{750}, whole)
	var refused *policy.FactError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "amount: it cannot be converted: there is no half yuan (field .X) [not_converted] → give a value that can be", err.Error())
	_, err = one(t, "amount", cents{}, intake.Convert(func(cents) (string, error) { return "", nil }))
	assert.ErrorContains(t, err, "the fact amount is a count, which the Go type string does not fit")

	book, err := rulebook.Load("testdata/clinic.yaml")
	require.NoError(t, err)
	type bill struct {
		Amount cents `rulebook:"amount"`
	}
	ask, err := rulebook.Bind[bill](book, "care.all", rulebook.Convert(func(x cents) (int64, error) { return x.n / 100, nil }))
	require.NoError(t, err)
	a, err := ask.Decide(bill{cents{700}})
	require.NoError(t, err)
	table, err := rulebook.Columns(book, "care.all", map[string]any{"amount": []cents{{700}}}, rulebook.Convert(func(x cents) (int64, error) { return x.n / 100, nil }))
	require.NoError(t, err)
	row, err := table.Decide(0)
	require.NoError(t, err)
	assert.Equal(t, string(treat(t, "care.all", `{"amount": 7}`).AppendJSON(nil, true)), string(a.AppendJSON(nil, true)))
	assert.Equal(t, string(a.AppendJSON(nil, true)), string(row.AppendJSON(nil, true)))
}

// A struct with months and Knowns is written as the facts that it means.
func TestKnownAsJSON(t *testing.T) {
	data, err := json.Marshal(struct {
		Month   policy.Month
		None    policy.Known[int]
		Unknown policy.Known[int] `json:",omitzero"`
		Is      policy.Known[policy.Month]
	}{Month: policy.Month{Year: 2025, Month: 6}, None: policy.None[int](), Is: policy.Is(policy.Month{Year: 2025, Month: 7})})
	require.NoError(t, err)
	assert.Equal(t, `{"Month":"2025-06","None":null,"Is":"2025-07"}`, string(data))
}
