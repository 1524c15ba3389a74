package proptest_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// Facts from structs and from columns get the answers, byte for byte, that the
// same facts get as JSON: for every question, with whatever is missing, and
// however a field says that it is.
func TestBoundFactsAnswerAsJSONDoes(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	engine := run.NewEngine(run.Of(book).Book())
	rng := rand.New(rand.NewPCG(6, 2025))
	for _, q := range book.Rulebook().Questions {
		t.Run(q.ID, func(t *testing.T) {
			for range 4 {
				m := mirror{rng}
				typ := m.structOf(q)
				binding, err := engine.Bind(q.ID, typ)
				require.NoError(t, err)
				var rows []map[string]any
				for _, lack := range []int{0, 5, 30, 30, 60} {
					rows = append(rows, newRandomFacts(rng, book.Rulebook(), lack).Of(q))
				}
				columns := map[string]reflect.Value{}
				for i := range typ.NumField() {
					f := typ.Field(i)
					columns[f.Tag.Get(policy.Tag)] = reflect.MakeSlice(reflect.SliceOf(f.Type), len(rows), len(rows))
				}
				for i, facts := range rows {
					record := reflect.New(typ)
					m.fill(record.Elem(), facts)
					for k := range typ.NumField() {
						columns[typ.Field(k).Tag.Get(policy.Tag)].Index(i).Set(record.Elem().Field(k))
					}
					asOf := time.Time{}
					if rng.IntN(3) > 0 {
						asOf = time.Date(2025, 3, 1+rng.IntN(60), 9, 0, 0, 0, time.UTC)
					}
					want := fromJSON(t, engine, q.ID, facts, asOf)
					answer, err := engine.Decide(binding, memory.OfValue(record), asOf)
					require.NoError(t, err)
					require.Equal(t, want, string(answer.AppendJSON(nil, true)))
				}
				slices := map[string]any{}
				for name, c := range columns {
					slices[name] = c.Interface()
				}
				table, err := engine.Columns(q.ID, slices)
				require.NoError(t, err)
				require.Equal(t, len(rows), table.Len())
				for i, facts := range rows {
					answer, err := engine.DecideRow(table, i, time.Time{})
					require.NoError(t, err)
					require.Equal(t, fromJSON(t, engine, q.ID, facts, time.Time{}), string(answer.AppendJSON(nil, true)))
				}
			}
		})
	}
}

func fromJSON(t *testing.T, engine *run.Engine, question string, facts map[string]any, asOf time.Time) string {
	data, err := json.Marshal(facts)
	require.NoError(t, err)
	checked, err := engine.Check(question, data)
	require.NoError(t, err)
	answer, err := engine.Ask(checked, asOf)
	require.NoError(t, err)
	return string(answer.AppendJSON(nil, true))
}

// mirror makes Go types that hold the facts of a question.
type mirror struct{ rng *rand.Rand }

func (m mirror) structOf(q *policy.Question) reflect.Type {
	var fields []reflect.StructField
	for _, f := range q.Facts {
		fields = append(fields, m.field(len(fields), f.Name, f.Fact))
	}
	return reflect.StructOf(fields)
}

func (m mirror) field(i int, name string, f *policy.Fact) reflect.StructField {
	return reflect.StructField{
		Name: "F" + strconv.Itoa(i), Tag: reflect.StructTag(policy.Tag + ":" + strconv.Quote(name)), Type: m.optional(f),
	}
}

type kind string

// optional is a type that can also say that the fact is not given.
func (m mirror) optional(f *policy.Fact) reflect.Type {
	t := m.plain(f)
	switch {
	case f.TypeName == "yes_no" && f.Absent == policy.IsUnknown && m.rng.IntN(2) == 0:
		return reflect.TypeFor[rulebook.Known[bool]]()
	case f.TypeName == "moment" && f.Absent == policy.IsUnknown && m.rng.IntN(3) == 0:
		return reflect.TypeFor[rulebook.Known[time.Time]]()
	case f.TypeName == "word" && f.Absent == policy.IsUnknown && m.rng.IntN(3) == 0:
		return reflect.TypeFor[rulebook.Known[string]]()
	}
	switch t.Kind() {
	case reflect.String, reflect.Slice:
		if f.TypeName != "text" && m.rng.IntN(2) == 0 { // "" is a text that there is not
			return t
		}
	case reflect.Struct:
		if f.TypeName != "record" && m.rng.IntN(2) == 0 {
			return t
		}
	}
	return reflect.PointerTo(t)
}

func (m mirror) plain(f *policy.Fact) reflect.Type {
	numbers := []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[int16](), reflect.TypeFor[uint32](), reflect.TypeFor[int64](), reflect.TypeFor[uint64]()}
	switch f.TypeName {
	case "record":
		var fields []reflect.StructField
		for i, x := range f.Fields {
			fields = append(fields, m.field(i, x.Name, x))
		}
		return reflect.StructOf(fields)
	case "list":
		return reflect.SliceOf(m.plain(f.Elem))
	case "yes_no":
		return reflect.TypeFor[bool]()
	case "count", "number", "year":
		return numbers[m.rng.IntN(len(numbers))]
	case "moment":
		return reflect.TypeFor[time.Time]()
	case "date":
		return reflect.TypeFor[date.Date]()
	case "month":
		return reflect.TypeFor[rulebook.Month]()
	case "word":
		return reflect.TypeFor[kind]()
	}
	return reflect.TypeFor[string]()
}

// fill sets the fields of a struct from facts that are written as JSON is.
func (m mirror) fill(v reflect.Value, facts map[string]any) {
	for i := range v.NumField() {
		if x, given := facts[v.Type().Field(i).Tag.Get(policy.Tag)]; given {
			m.set(v.Field(i), x)
		}
	}
}

func (m mirror) set(v reflect.Value, x any) {
	switch to := v.Addr().Interface().(type) {
	case *rulebook.Known[bool]:
		*to = rulebook.Is(x.(bool))
		return
	case *rulebook.Known[string]:
		*to = rulebook.Is(x.(string))
		return
	case *rulebook.Known[time.Time]:
		*to = rulebook.Is(moment(x))
		return
	case *time.Time:
		*to = moment(x)
		return
	case *date.Date:
		day, _ := time.Parse(time.DateOnly, x.(string))
		*to = date.NewAt(day)
		return
	case *rulebook.Month:
		first, _ := time.Parse("2006-01", x.(string))
		*to = rulebook.Month{Year: first.Year(), Month: first.Month()}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		m.set(v.Elem(), x)
	case reflect.Struct:
		m.fill(v, x.(map[string]any))
	case reflect.Slice:
		items := x.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i := range items {
			m.set(v.Index(i), items[i])
		}
	case reflect.String:
		v.SetString(x.(string))
	default:
		v.Set(reflect.ValueOf(x).Convert(v.Type()))
	}
}

func moment(x any) time.Time {
	t, _ := time.Parse(time.RFC3339, x.(string))
	return t
}
