package proptest_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/memory"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// triesVariable says how many random structs the property of all shapes is
// tried on; a few where it is not set.
const triesVariable = "RULEBOOK_SHAPES"

func tries(t testing.TB, usual int) int {
	text := os.Getenv(triesVariable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, triesVariable)
	return n
}

// All shapes, one meaning: whatever struct the facts of a question are in, and
// however little of them is given, it gets the answer, byte for byte, that the
// same facts get as JSON; as does a row of columns, and where the struct has
// tags for package json, the struct itself.
func TestAllShapesHaveOneMeaning(t *testing.T) {
	var engines []*run.Engine
	for _, pattern := range []string{"rules.yaml", "examples/rulebooks/*.yaml", "internal/load/testdata/clinic.yaml", "internal/load/testdata/library.yaml"} {
		paths, err := filepath.Glob(inTree(pattern))
		require.NoError(t, err)
		require.NotEmpty(t, paths, pattern)
		for _, path := range paths {
			book, err := rulebook.Load(path)
			require.NoError(t, err)
			engines = append(engines, run.Of(book))
		}
	}
	require.GreaterOrEqual(t, len(engines), 3)
	for seed := range uint64(12) { // records that may be missing, with facts of every absence in them
		book, err := rulebook.Parse("random.yaml", []byte(newRandomBook(rand.New(rand.NewPCG(seed, 4))).text()))
		if err == nil {
			engines = append(engines, run.Of(book))
		}
	}
	type asked struct {
		engine   *run.Engine
		question *policy.Question
	}
	var all []asked
	for _, e := range engines {
		for _, q := range e.Rulebook().Questions {
			all = append(all, asked{e, q})
		}
	}
	const rows = 5
	told := shapesTold{}
	for try := range (tries(t, 600) + rows - 1) / rows {
		x := all[try%len(all)]
		rng := rand.New(rand.NewPCG(uint64(try), 11))
		if !oneMeaning(t, x.engine, x.question, rng, rows, told) {
			t.Fatalf("try %d of %s", try, x.question.ID)
		}
	}
	for _, what := range []string{"value", "pointer", "known", "dotted", "embedded", "looked through", "list", "marshalled", "known record", "none", "foreign", "record missing", "record of nothing"} {
		require.NotZero(t, told[what], "%s: %v", what, told)
	}
}

type shapesTold map[string]int

// oneMeaning asks about random facts in one random struct type.
func oneMeaning(t *testing.T, e *run.Engine, q *policy.Question, rng *rand.Rand, rows int, told shapesTold) bool {
	s := &shaper{rng: rng, told: told, marshals: rng.IntN(3) == 0}
	typ := reflect.StructOf(s.questionFields(q))
	if typ.NumField() == 0 {
		return true
	}
	binding, err := e.Bind(q.ID, typ)
	require.NoError(t, err, "%v", typ)
	column := reflect.MakeSlice(reflect.SliceOf(typ), rows, rows)
	columns := map[string]any{}
	for _, name := range s.columns(typ) {
		columns[name] = nil
	}
	for i := range rows {
		facts := newRandomFacts(rng, e.Rulebook(), []int{0, 10, 40, 70, 95}[rng.IntN(5)]).Of(q)
		s.fill(column.Index(i), facts, newRoot(q, e.Rulebook().Zone))
	}
	s.asColumns(column, columns)
	var table *intake.Columns
	if len(columns) > 0 {
		table, err = e.Columns(q.ID, columns)
		require.NoError(t, err, "%v", typ)
	}
	for i := range rows {
		v := column.Index(i)
		root := newRoot(q, e.Rulebook().Zone)
		root.read(v)
		facts := root.json(told).(map[string]any)
		asOf := time.Time{}
		if rng.IntN(3) > 0 && facts["as_of"] == nil {
			asOf = time.Date(2025, 3, 1+rng.IntN(60), 9, 0, 0, 0, time.UTC)
		}
		text, err := json.Marshal(facts)
		require.NoError(t, err)
		ask := func(data any) string {
			checked, err := e.Check(q.ID, data)
			if err != nil {
				return saidOrRefused(t, nil, err, text)
			}
			answer, err := e.Ask(checked, asOf)
			return saidOrRefused(t, answer, err, text)
		}
		want := ask(text)
		same := func(how, got string) bool {
			if got != want {
				t.Errorf("%s of %v\n%s\nas of %v\n%+v\nwant %s\ngot  %s", how, typ, text, asOf, v, want, got)
			}
			return got == want
		}
		record := reflect.New(typ)
		record.Elem().Set(v)
		answer, err := e.Decide(binding, memory.OfValue(record), asOf)
		if !same("Bind", saidOrRefused(t, answer, err, text)) {
			return false
		}
		if table != nil {
			answer, err := e.DecideRow(table, i, asOf)
			if !same("Columns", saidOrRefused(t, answer, err, text)) {
				return false
			}
		}
		if s.marshals {
			told["marshalled"]++
			data, err := json.Marshal(v.Interface())
			require.NoError(t, err)
			if !same("JSON of the struct", ask(data)) || !same("Ask with the struct", ask(v.Interface())) {
				return false
			}
		}
	}
	return true
}

// saidOrRefused is an answer as JSON, or which facts were refused for what cannot be so.
// They may not be refused for anything else.
func saidOrRefused(t *testing.T, a *policy.Answer, err error, facts []byte) string {
	t.Helper()
	refused := policy.RefusedFacts(err)
	if len(refused) == 0 {
		require.NoError(t, err, "%s", facts)
		return string(a.AppendJSON(nil, true))
	}
	text := "refused:"
	for _, r := range refused {
		require.Equal(t, "facts_impossible", r.Code, "%s: %v", facts, err)
		text += " " + r.Fact
	}
	return text
}

// shaper makes struct types that hold facts. Where marshals is set, they are
// such that package json writes them as the same facts.
type shaper struct {
	rng      *rand.Rand
	told     shapesTold
	marshals bool
	names    int
}

func (s *shaper) chance(percent int) bool { return s.rng.IntN(100) < percent }

// questionFields are fields for some of a question's facts.
func (s *shaper) questionFields(q *policy.Question) []reflect.StructField {
	facts := map[string]*policy.Fact{}
	var names []string
	for _, f := range q.Facts {
		facts[f.Name] = f.Fact
		names = append(names, f.Name)
	}
	fields := s.fields(names, facts, "", 0)
	if s.chance(20) {
		fields = append(fields, s.field("as_of", reflect.TypeFor[time.Time](), true))
	}
	return fields
}

// fields are fields for some of the facts, all of them behind a prefix.
func (s *shaper) fields(names []string, facts map[string]*policy.Fact, prefix string, depth int) []reflect.StructField {
	var fields []reflect.StructField
	for _, name := range names {
		f := facts[name]
		if s.chance(15) {
			continue // partly bound
		}
		if f.TypeName != "record" {
			t, omit := s.leaf(f)
			fields = append(fields, s.field(prefix+name, t, omit))
			continue
		}
		if known := knownRecords[name]; known != nil && !s.marshals && (f.Absent == policy.IsUnknown || f.Null == policy.IsNone) && s.chance(60) && fits(f) {
			s.told["known record"]++
			fields = append(fields, s.field(prefix+name, known, false))
			continue
		}
		within, below := factsOf(f)
		if !s.marshals && s.chance(35) {
			if more := s.fields(within, below, prefix+name+".", depth+1); len(more) > 0 {
				s.told["dotted"]++
				fields = append(fields, more...)
			}
			continue
		}
		inner := s.record(within, below, depth)
		if inner == nil {
			continue
		}
		forms := []string{"value", "pointer", "pointers"}
		if s.marshals && optional(f) {
			forms = forms[1:] // package json cannot know that it is missing
		}
		form := forms[s.rng.IntN(len(forms))]
		s.told[strings.TrimSuffix(form, "s")]++
		switch form {
		case "pointer":
			inner = reflect.PointerTo(inner)
		case "pointers":
			inner = reflect.PointerTo(reflect.PointerTo(inner))
		}
		fields = append(fields, s.field(prefix+name, inner, form != "value"))
	}
	s.rng.Shuffle(len(fields), func(i, k int) { fields[i], fields[k] = fields[k], fields[i] })
	for depth < 4 && len(fields) > 1 && s.chance(25) {
		from := s.rng.IntN(len(fields) - 1)
		to := from + 1 + s.rng.IntN(len(fields)-from)
		fields = slices.Concat(fields[:from], []reflect.StructField{s.group(fields[from:to])}, fields[to:])
	}
	return fields
}

func factsOf(f *policy.Fact) ([]string, map[string]*policy.Fact) {
	facts := map[string]*policy.Fact{}
	var names []string
	for _, x := range f.Fields {
		facts[x.Name] = x
		names = append(names, x.Name)
	}
	return names, facts
}

// record is a struct for a record, or nil.
func (s *shaper) record(names []string, facts map[string]*policy.Fact, depth int) reflect.Type {
	fields := s.fields(names, facts, "", depth+1)
	if len(fields) == 0 {
		return nil
	}
	return reflect.StructOf(fields)
}

// group puts fields into a struct without a tag.
func (s *shaper) group(fields []reflect.StructField) reflect.StructField {
	t := reflect.StructOf(fields)
	s.names++
	x := reflect.StructField{Name: fmt.Sprint("G", s.names), Type: t}
	if s.chance(50) {
		x.Type = reflect.PointerTo(t)
	}
	if x.Anonymous = s.marshals || s.chance(50); x.Anonymous {
		s.told["embedded"]++
	} else {
		s.told["looked through"]++
	}
	return x
}

func (s *shaper) field(tag string, t reflect.Type, omit bool) reflect.StructField {
	s.names++
	text := fmt.Sprintf("%s:%q", policy.Tag, tag)
	if s.marshals {
		if omit {
			tag += ",omitzero"
		}
		text += fmt.Sprintf(" json:%q", tag)
	}
	return reflect.StructField{Name: fmt.Sprint("F", s.names), Tag: reflect.StructTag(text), Type: t}
}

// leaf is a type for a fact that is no record, and whether its zero value is
// left out of JSON.
func (s *shaper) leaf(f *policy.Fact) (reflect.Type, bool) {
	if f.TypeName == "list" {
		return s.list(f), true
	}
	m := mirror{s.rng}
	t := m.plain(f)
	if types := foreignOf[f.TypeName]; !s.marshals && len(types) > 0 && s.chance(35) {
		s.told["foreign"]++
		t = types[s.rng.IntN(len(types))]
		if s.chance(20) {
			t = reflect.PointerTo(t)
		}
		return t, true
	}
	switch s.rng.IntN(4) {
	case 0:
		return reflect.PointerTo(t), true
	case 1:
		return reflect.PointerTo(reflect.PointerTo(t)), true
	case 2:
		if known, ok := knownOf[t]; ok && (f.Absent == policy.IsUnknown || f.Null == policy.IsNone) {
			s.told["known"]++
			return known.typ, true
		}
	}
	switch f.TypeName {
	case "yes_no", "count", "number", "text":
		return t, false
	}
	return t, true
}

// foreignOf are types of other packages that hold facts of a type.
var foreignOf = map[string][]reflect.Type{
	"yes_no":  {reflect.TypeFor[sql.NullBool](), reflect.TypeFor[sql.Null[bool]](), reflect.TypeFor[any]()},
	"count":   {reflect.TypeFor[sql.NullInt64](), reflect.TypeFor[sql.NullInt32](), reflect.TypeFor[sql.Null[uint16]](), reflect.TypeFor[json.Number](), reflect.TypeFor[any]()},
	"number":  {reflect.TypeFor[sql.NullInt64](), reflect.TypeFor[json.Number](), reflect.TypeFor[any]()},
	"moment":  {reflect.TypeFor[sql.NullTime](), reflect.TypeFor[sql.Null[time.Time]](), reflect.TypeFor[stamp](), reflect.TypeFor[any]()},
	"date":    {reflect.TypeFor[time.Time](), reflect.TypeFor[sql.NullTime](), reflect.TypeFor[any]()},
	"month":   {reflect.TypeFor[sql.Null[rulebook.Month]](), reflect.TypeFor[any]()},
	"word":    {reflect.TypeFor[sql.NullString](), reflect.TypeFor[sql.Null[kind]](), reflect.TypeFor[any](), reflect.TypeFor[spelledOut]()},
	"article": {reflect.TypeFor[sql.NullString](), reflect.TypeFor[any](), reflect.TypeFor[spelledOut]()},
	"name":    {reflect.TypeFor[sql.NullString](), reflect.TypeFor[int32](), reflect.TypeFor[uint64](), reflect.TypeFor[*int](), reflect.TypeFor[any](), reflect.TypeFor[spelledOut]()},
}

type stamp time.Time

// spelledOut is a text that writes itself.
type spelledOut struct{ letters []byte }

func (x spelledOut) MarshalText() ([]byte, error) { return x.letters, nil }

// known is how a Known is made.
type known struct {
	typ  reflect.Type
	none reflect.Value
	is   func(reflect.Value) reflect.Value
}

var knownOf = map[reflect.Type]known{}

func knows[T any]() reflect.Type {
	k := known{reflect.TypeFor[rulebook.Known[T]](), reflect.ValueOf(rulebook.None[T]()), func(v reflect.Value) reflect.Value {
		return reflect.ValueOf(rulebook.Is(v.Interface().(T)))
	}}
	knownOf[reflect.TypeFor[T]()] = k
	return k.typ
}

var _ = []reflect.Type{
	knows[bool](), knows[int](), knows[uint32](), knows[string](), knows[kind](), knows[time.Time](), knows[date.Date](), knows[rulebook.Month](),
}

// Records that have Knowns of their own: package reflect makes none.
type (
	knownRequest struct {
		Kind      string                    `rulebook:"kind"`
		Area      *string                   `rulebook:"area_type"`
		Received  time.Time                 `rulebook:"received_at"`
		Reason    string                    `rulebook:"extension.reason"`
		Asked     time.Time                 `rulebook:"extension.requested_at"`
		Completed rulebook.Known[time.Time] `rulebook:"completed_at"`
		Decision  struct {
			Outcome rulebook.Known[string] `rulebook:"extension.decision"`
		}
		Supplement struct {
			Notice time.Time `rulebook:"notice_at"`
		} `rulebook:"supplement"`
	}
	knownExtension struct {
		Reason   string     `rulebook:"reason"`
		Asked    time.Time  `rulebook:"requested_at"`
		Approved *time.Time `rulebook:"approved_at"`
	}
	knownStay struct {
		Floor rulebook.Known[uint32] `rulebook:"floor"`
	}
)

var knownRecords = map[string]reflect.Type{
	"request": knows[knownRequest](), "extension": knows[*knownExtension](), "stay": reflect.PointerTo(knows[knownStay]()),
}

// fits reports whether a record has the fields that the struct of its Known has
// tags for.
func fits(f *policy.Fact) bool {
	names, _ := factsOf(f)
	wanted := map[string][]string{
		"request": {"kind", "area_type", "received_at", "completed_at", "extension", "supplement"}, "extension": {"reason", "requested_at", "approved_at"}, "stay": {"floor"},
	}[f.Name]
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

func (s *shaper) list(f *policy.Fact) reflect.Type {
	s.told["list"]++
	var elem reflect.Type
	if f.Elem.TypeName == "record" {
		names, facts := factsOf(f.Elem)
		for elem == nil {
			elem = s.record(names, facts, 2)
		}
	} else {
		elem = mirror{s.rng}.plain(f.Elem)
		if types := foreignOf[f.Elem.TypeName]; !s.marshals && len(types) > 0 && s.chance(30) {
			elem = types[s.rng.IntN(len(types))]
		}
	}
	if s.chance(30) {
		elem = reflect.PointerTo(elem)
	}
	return reflect.SliceOf(elem)
}

func optional(f *policy.Fact) bool { return f.Absent == policy.IsNone || f.Null == policy.IsNone }

// fill gives a struct what it has fields for; of what is not given, it says so
// where JSON could as well.
func (s *shaper) fill(v reflect.Value, facts map[string]any, of *found) {
	for i := range v.NumField() {
		field := v.Field(i)
		tag, tagged := v.Type().Field(i).Tag.Lookup(policy.Tag)
		if !tagged {
			if field.Kind() == reflect.Pointer {
				if s.chance(30) {
					continue
				}
				field.Set(reflect.New(field.Type().Elem()))
				field = field.Elem()
			}
			s.fill(field, facts, of)
			continue
		}
		var x any = facts
		at := of
		for name := range strings.SplitSeq(tag, ".") {
			within, _ := x.(map[string]any)
			x, at = within[name], at.fields[name]
		}
		switch {
		case isKnownType(field.Type()) && at.fact.Null == policy.IsNone && (x == nil || s.chance(10)) && (at.fact.Absent != policy.IsUnknown || s.chance(50)):
			s.told["none"]++
			field.Set(knownOf[inKnown(field.Type())].none)
		case x == nil && field.Kind() == reflect.Struct && field.Type().PkgPath() == "":
			s.fill(field, nil, at)
		case x != nil:
			s.set(field, x, at)
		}
	}
}

func (s *shaper) set(v reflect.Value, x any, of *found) {
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.set(v.Elem(), x, of)
	case isKnownType(v.Type()):
		inner := reflect.New(inKnown(v.Type())).Elem()
		s.set(inner, x, of)
		v.Set(knownOf[inner.Type()].is(inner))
	case v.Kind() == reflect.Slice:
		items := x.([]any)
		v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
		for i := range items {
			s.set(v.Index(i), items[i], newFound(of.fact.Elem, of.zone))
		}
	case of.fact.TypeName == "record":
		s.fill(v, x.(map[string]any), of)
	case v.Type() == reflect.TypeFor[any]():
		s.setAny(v, x, of)
	case v.Type() == reflect.TypeFor[json.Number]():
		v.SetString(fmt.Sprint(x))
	case v.Type() == reflect.TypeFor[spelledOut]():
		v.Set(reflect.ValueOf(spelledOut{[]byte(x.(string))}))
	case v.Type() == reflect.TypeFor[stamp]():
		v.Set(reflect.ValueOf(stamp(moment(x))))
	case v.Type().PkgPath() == "database/sql":
		s.set(v.Field(0), x, of)
		v.Field(1).SetBool(true)
	case v.Type() == reflect.TypeFor[time.Time]() && of.fact.TypeName == "date":
		day, _ := time.ParseInLocation(time.DateOnly, x.(string), of.zone)
		v.Set(reflect.ValueOf(day.Add(time.Duration(s.rng.IntN(24*60)) * time.Minute).UTC()))
	case of.fact.TypeName == "name" && v.Kind() != reflect.String:
		v.Set(reflect.ValueOf(s.rng.IntN(9)).Convert(v.Type()))
	default:
		mirror{s.rng}.set(v, x)
	}
}

// setAny puts some type that the fact can be in into an interface.
func (s *shaper) setAny(v reflect.Value, x any, of *found) {
	types := append(slices.Clone(foreignOf[of.fact.TypeName]), mirror{s.rng}.plain(of.fact))
	t := types[s.rng.IntN(len(types))]
	if t == v.Type() {
		v.Set(reflect.ValueOf(x)) // as package json would have read it
		return
	}
	inner := reflect.New(t).Elem()
	s.set(inner, x, of)
	v.Set(inner)
}

func isKnownType(t reflect.Type) bool { return strings.HasPrefix(t.Name(), "Known[") }

func inKnown(t reflect.Type) reflect.Type {
	get, _ := t.MethodByName("Get")
	return get.Type.Out(0)
}

// columns are the facts that a struct without groups has, if it has none.
func (s *shaper) columns(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		tag, tagged := t.Field(i).Tag.Lookup(policy.Tag)
		if !tagged {
			return nil
		}
		names = append(names, tag)
	}
	return names
}

// asColumns puts the fields of rows into columns, under the names that there
// are.
func (s *shaper) asColumns(rows reflect.Value, columns map[string]any) {
	t := rows.Type().Elem()
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get(policy.Tag)
		if _, ok := columns[name]; !ok {
			continue
		}
		c := reflect.MakeSlice(reflect.SliceOf(t.Field(i).Type), rows.Len(), rows.Len())
		for k := range rows.Len() {
			c.Index(k).Set(rows.Index(k).Field(i))
		}
		columns[name] = c.Interface()
	}
}

// found is what a naive reader finds of a fact in a struct: the oracle. A
// record exists where a pointer or Known says so; bound by value or by a dotted
// tag, where it may not be missing; and where anything in it is given.
type found struct {
	zone   *time.Location
	fact   *policy.Fact
	fields map[string]*found
	within bool // something is bound by value or dotted tag
	exists bool
	given  bool
	null   any // what says that it is none
	value  any
}

func newRoot(q *policy.Question, zone *time.Location) *found {
	root := &found{exists: true, fields: map[string]*found{"as_of": {fact: &policy.Fact{TypeName: "moment"}}}}
	for _, f := range q.Facts {
		root.fields[f.Name] = newFound(f.Fact, zone)
	}
	return root
}

func newFound(f *policy.Fact, zone *time.Location) *found {
	n := &found{zone: zone, fact: f, fields: map[string]*found{}}
	for _, x := range f.Fields {
		n.fields[x.Name] = newFound(x, zone)
	}
	return n
}

// read finds what is in a struct.
func (n *found) read(v reflect.Value) {
	for i := range v.NumField() {
		x, tag := v.Field(i), v.Type().Field(i).Tag.Get(policy.Tag)
		if tag == "" {
			if x.Kind() != reflect.Pointer {
				n.read(x)
			} else if !x.IsNil() {
				n.read(x.Elem())
			}
			continue
		}
		at := n
		names := strings.Split(tag, ".")
		for k, name := range names {
			at = at.fields[name]
			at.within = at.within || k < len(names)-1
		}
		if x.Kind() == reflect.Struct && x.Type().PkgPath() == "" {
			at.within = true
			at.read(x)
		} else {
			at.take(x)
		}
	}
}

func (n *found) take(v reflect.Value) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	if v.Type().PkgPath() == "database/sql" {
		if v.Field(1).Bool() {
			n.take(v.Field(0))
		}
		return
	}
	if isKnownType(v.Type()) {
		get := v.MethodByName("Get").Call(nil)
		if get[1].Bool() {
			n.take(get[0])
		}
		if reflect.DeepEqual(v.Interface(), knownOf[inKnown(v.Type())].none.Interface()) {
			n.null = json.RawMessage("null")
		}
		return
	}
	switch x := v.Interface().(type) {
	case time.Time:
		n.value, n.given = x.Format(time.RFC3339Nano), !x.IsZero()
		if n.fact.TypeName == "date" {
			n.value = x.In(n.zone).Format(time.DateOnly)
		}
		return
	case stamp:
		n.take(reflect.ValueOf(time.Time(x)))
		return
	case json.Number:
		n.value, n.given = x, x != ""
		return
	case spelledOut:
		n.value, n.given = string(x.letters), len(x.letters) > 0
		return
	case date.Date:
		n.value, n.given = x.String(), x != 0
		return
	case rulebook.Month:
		n.value, n.given = x.String(), x != rulebook.Month{}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		n.exists = true
		n.read(v)
	case reflect.Slice:
		var items []*found
		for i := range v.Len() {
			item := newFound(n.fact.Elem, n.zone)
			item.take(v.Index(i))
			items = append(items, item)
		}
		n.value, n.given = items, !v.IsNil()
	case reflect.String:
		n.value, n.given = v.String(), v.String() != ""
		if !n.given && n.fact.TypeName == "text" {
			n.null = ""
		}
	default:
		n.value, n.given = v.Interface(), n.fact.TypeName != "year" || !v.IsZero()
	}
}

// isThere reports whether anything in a fact is given.
func (n *found) isThere() bool {
	if n.given || n.exists {
		return true
	}
	for _, x := range n.fields {
		if x.isThere() {
			return true
		}
	}
	return false
}

// json is a fact that is given, or a record that exists.
func (n *found) json(told shapesTold) any {
	if items, ok := n.value.([]*found); ok {
		list := []any{}
		for _, item := range items {
			list = append(list, item.json(told))
		}
		return list
	}
	if n.fact != nil && n.fact.TypeName != "record" {
		return n.value
	}
	facts := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(n.fields)) {
		x := n.fields[name]
		switch {
		case x.isThere() || x.within && !optional(x.fact):
			facts[name] = x.json(told)
		case x.null != nil:
			facts[name] = x.null
		case x.within:
			told["record missing"]++
		}
	}
	if len(facts) == 0 {
		told["record of nothing"]++
	}
	return facts
}
