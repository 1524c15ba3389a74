package load_test

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/policy"
)

var openClinic = sync.OnceValue(func() *run.Engine {
	data, err := os.ReadFile("testdata/clinic.yaml")
	if err != nil {
		panic(err)
	}
	book, found := load.Parse("clinic.yaml", data)
	if len(found) > 0 {
		panic(found[0])
	}
	return run.NewEngine(book)
})

// clinic is a rulebook with a fact of every type.
func clinic(t testing.TB) *run.Engine {
	t.Helper()
	return openClinic()
}

// treat asks the clinic.
func treat(t testing.TB, question, facts string) *policy.Answer {
	t.Helper()
	checked, err := clinic(t).Check(question, facts)
	require.NoError(t, err, facts)
	a, err := clinic(t).Ask(checked, time.Time{})
	require.NoError(t, err)
	return a
}

// everyFact is a value of every type.
const everyFact = `{
	"visit": {"urgency": "high", "came_at": "2025-06-03T09:00:00+08:00", "left_at": "2025-06-03T10:30:00+08:00", "day": "2025-06-05",
		"insured": true, "doctor": "Li", "stay": {"floor": 3, "remark": "calm"}},
	"signs": ["fever", "cough"], "turns": [3, 1, 2], "names": ["Wu", "An"],
	"helpers": [
		{"id": "Wu", "grade": 2, "at": "2025-06-03T08:00:00+08:00", "sign": "fever", "badge": {"shown": false, "since": "2025-01-01"}},
		{"id": "An", "badge": {}}, {"id": "Bo", "badge": null}],
	"said": "no < sleep", "month": "2025-06", "born": 2001, "balance": -5, "basis": "care/2.1", "amount": 7, "sampled": "2025-06-12",
	"as_of": "2025-07-01T00:00:00+08:00"}`

// Each value is read by the method of its type and by no other.
func TestAnswerValuesByType(t *testing.T) {
	a := treat(t, "care.all", everyFact)
	moment := func(text string) time.Time {
		m, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return m
	}
	readers := map[string]func(name string) (any, bool){
		"date":   func(name string) (any, bool) { return second(a.Date(name)) },
		"int":    func(name string) (any, bool) { return second(a.Int(name)) },
		"bool":   func(name string) (any, bool) { return second(a.Bool(name)) },
		"word":   func(name string) (any, bool) { return second(a.Word(name)) },
		"words":  func(name string) (any, bool) { return second(a.Words(name)) },
		"moment": func(name string) (any, bool) { m, ok := a.Moment(name); return m.UTC(), ok },
		"ratio":  func(name string) (any, bool) { n, d, ok := a.Ratio(name); return [2]int64{n, d}, ok },
		"month":  func(name string) (any, bool) { return second(a.Month(name)) },
		"length": func(name string) (any, bool) { return second(a.Duration(name)) },
	}
	for _, x := range []struct {
		name, reader string
		want         any
		json, zh, en string
	}{
		{"urgency", "word", "high", `"high"`, "急", "high"},
		{"came", "moment", moment("2025-06-03T01:00:00Z"), `"2025-06-03T09:00:00+08:00"`, "2025-06-03 09:00", "2025-06-03 09:00"},
		{"day", "date", date.New(2025, 6, 5), `"2025-06-05"`, "2025-06-05", "2025-06-05"},
		{"insured", "bool", true, "true", "是", "yes"},
		{"doctor", "word", "Li", `"Li"`, "Li", "Li"},
		{"signs", "words", []string{"cough", "fever"}, `["cough","fever"]`, "咳嗽、发热", "cough, fever"},
		{"turns", "", nil, "[3,1,2]", "3、1、2", "3, 1, 2"},
		{"names", "words", []string{"An", "Wu"}, `["An","Wu"]`, "An、Wu", "An, Wu"},
		{"said", "word", "no < sleep", `"no < sleep"`, "no < sleep", "no < sleep"},
		{"month", "month", policy.Month{Year: 2025, Month: time.June}, `"2025-06"`, "2025-06", "2025-06"},
		{"born", "int", int64(2001), "2001", "2001", "2001"},
		{"balance", "int", int64(-5), "-5", "-5", "-5"},
		{"basis", "word", "care/2.1", `"care/2.1"`, "诊疗规则第2.1条", "Care, article 2.1"},
		{"amount", "int", int64(7), "7", "7", "7"},
		{"share", "ratio", [2]int64{7, 2001}, `"7/2001"`, "7/2001", "7/2001"},
		{"stayed", "length", 90 * time.Minute, `"PT1H30M"`, "90分钟", "90 minutes"},
		{"back", "date", date.New(2025, 6, 10), `"2025-06-10"`, "2025-06-10", "2025-06-10"},
		{"apart", "int", int64(5), "5", "5", "5"},
		{"stay.floor", "int", int64(3), "3", "3", "3"},
		{"stay.remark", "word", "calm", `"calm"`, "calm", "calm"},
	} {
		for kind, read := range readers {
			got, ok := read(x.name)
			assert.Equal(t, kind == x.reader, ok, "%s as %s", x.name, kind)
			if ok {
				assert.Equal(t, x.want, got, x.name)
			} else {
				nothing, _ := read("no_such_value")
				assert.Equal(t, nothing, got, "%s as %s is the zero value", x.name, kind)
			}
		}
		assert.Equal(t, x.json, string(a.AppendValue(nil, x.name)))
		zh, _ := a.Show(x.name, "zh")
		en, ok := a.Show(x.name, "en")
		assert.True(t, ok, x.name)
		assert.Equal(t, x.zh+"|"+x.en, zh+"|"+en, x.name)
	}
	for _, none := range []string{"nothing", "stay.nothing", "urgency.high", ""} {
		for kind, read := range readers {
			_, ok := read(none)
			assert.False(t, ok, "%s as %s", none, kind)
		}
		_, ok := a.Show(none, "en")
		assert.False(t, ok)
		assert.Equal(t, "null", string(a.AppendValue(nil, none)))
	}
	assert.Len(t, a.Names(), 20)
	assert.Equal(t, "urgency", a.Names()[0])
	assert.Equal(t, "long", treat(t, "care.all", strings.Replace(everyFact, "10:30:00", "10:30:01", 1)).Verdict)
	assert.Equal(t, "brief", a.Verdict, "ninety minutes are not more than ninety")

	text, err := a.MarshalJSON()
	require.NoError(t, err)
	assert.Equal(t, string(a.AppendJSON(nil, true)), string(text))
}

func second[T any](v T, ok bool) (any, bool) { return v, ok }

// What is not known is read by no method, shown to nobody and null in JSON.
func TestAnswerOfNothing(t *testing.T) {
	a := treat(t, "care.all", `{"as_of": "2025-06-03T12:00:00+08:00"}`)
	assert.Equal(t, policy.Undetermined, a.Verdict)
	for _, name := range a.Names() {
		if name == "names" { // an empty list is what is meant by saying nothing
			shown, ok := a.Show(name, "zh")
			assert.True(t, ok)
			assert.Empty(t, shown)
			continue
		}
		if name == "stay" {
			assert.Equal(t, `{"floor":null,"remark":null}`, string(a.AppendValue(nil, name)))
			continue
		}
		_, ok := a.Show(name, "zh")
		assert.False(t, ok, name)
		assert.Equal(t, "null", string(a.AppendValue(nil, name)), name)
	}
	_, ok := a.Words("signs")
	assert.False(t, ok)
}

// A length of time is told in the largest unit that divides it.
func TestDurationsShown(t *testing.T) {
	for left, want := range map[string]string{
		"09:00:00": "0小时|0 hours", "09:01:00": "1分钟|1 minute", "09:59:00": "59分钟|59 minutes", "10:00:00": "1小时|1 hour",
		"11:00:00": "2小时|2 hours", "10:30:01": "1小时30分钟1秒|1 hour 30 minutes 1 second",
	} {
		a := treat(t, "care.all", strings.Replace(everyFact, "10:30:00", left, 1))
		zh, _ := a.Show("stayed", "zh")
		en, _ := a.Show("stayed", "en")
		assert.Equal(t, want, zh+"|"+en)
	}
}

// What is told of a decision in either language, with what it lacks.
func TestClinicExplains(t *testing.T) {
	for _, x := range []struct{ old, new, zh, en string }{
		{"", "", "停留：否：2025-06-03 10:30 − 2025-06-03 09:00 = 90分钟（离开 − 到诊），不超过 90分钟（care/1）\n等候：1小时（care/1；读法 wait = short）\n须看诊：做到：有医生（care/1）",
			"stay: no: 2025-06-03 10:30 − 2025-06-03 09:00 = 90 minutes (left − came), at most 90 minutes (care/1)\nwaiting: 1 hour (care/1; reading wait = short)\nmust be seen: kept: on record: doctor (care/1)"},
		{`"insured": true, "doctor": "Li"`, `"insured": false`,
			"缺少事实：医生（visit.doctor），用于：全部：doctor\n缺少事实：医生（visit.doctor），用于：须看诊\n须由人决定：是否转诊",
			"missing fact: doctor (visit.doctor), needed by: everything: doctor\nmissing fact: doctor (visit.doctor), needed by: must be seen\na person must decide: whether to refer"},
	} {
		a := treat(t, "care.all", strings.Replace(everyFact, x.old, x.new, 1))
		assert.True(t, strings.HasSuffix(a.Explain("zh"), x.zh), a.Explain("zh"))
		assert.True(t, strings.HasSuffix(a.Explain("en"), x.en), a.Explain("en"))
		assert.Equal(t, x.old != "", a.NeedsDecision)
	}
}

// An answer is cut down to the parts and values that were asked for.
func TestAnswerFieldsOfClinic(t *testing.T) {
	a := treat(t, "care.all", everyFact)
	q, ok := clinic(t).Rulebook().Question("care.all")
	require.True(t, ok)
	for _, x := range []struct {
		fields []string
		want   string
	}{
		{[]string{"verdict"}, `{"verdict":"brief"}`},
		{[]string{"amount", "verdict"}, `{"verdict":"brief","values":{"amount":7}}`},
		{[]string{"stay.floor"}, `{"values":{"stay":{"floor":3}}}`},
		{[]string{"stay.floor", "stay"}, `{"values":{"stay":{"floor":3,"remark":"calm"}}}`},
		{[]string{"stay", "stay.floor"}, `{"values":{"stay":{"floor":3,"remark":"calm"}}}`},
		{[]string{"stay.floor", "stay.remark", "born"}, `{"values":{"born":2001,"stay":{"floor":3,"remark":"calm"}}}`},
		{[]string{"values", "stay.floor"}, `{"values":` + string(valuesAlone(t, q, a)) + `}`},
		{nil, string(a.AppendJSON(nil, true))},
	} {
		f, err := q.AnswerFields(x.fields...)
		require.NoError(t, err, x.fields)
		assert.Equal(t, x.want, string(a.AppendFields(nil, f)), x.fields)
	}
	for name, remedy := range map[string]string{
		"amunt": "did you mean amount?", "stay.flor": "allowed: ", "amount.more": "allowed: ", "": "allowed: ", "Verdict": "did you mean verdict?",
	} {
		_, err := q.AnswerFields("verdict", name)
		var unknown *policy.FieldError
		require.ErrorAs(t, err, &unknown, name)
		assert.Equal(t, name, unknown.Field)
		assert.ErrorContains(t, err, "[unknown_field]")
		assert.Contains(t, unknown.Remedy.EN, remedy)
		assert.Contains(t, unknown.Remedy.ZH, "可写：question, verdict, values,")
	}
}

// valuesAlone are the values of an answer, each as it is told alone.
func valuesAlone(t *testing.T, q *policy.Question, a *policy.Answer) []byte {
	t.Helper()
	b := []byte{'{'}
	for i, f := range q.Values {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.AppendValue(append(b, `"`+f.Name+`":`...), f.Name)
	}
	return append(b, '}')
}

func clinicText(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/clinic.yaml")
	require.NoError(t, err)
	return string(data)
}
