package proptest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/policy"
)

// exampleAnswers are the answers to all example cases, by name.
func exampleAnswers(t *testing.T, do func(name string, book *rulebook.Book, c *casefile.Case, a *rulebook.Answer)) {
	t.Helper()
	for _, x := range []struct{ rules, cases string }{
		{"rules.yaml", "examples/cases"},
		{"examples/rulebooks/service-desk.yaml", "examples/rulebooks/service-desk-cases"},
	} {
		book, err := rulebook.Load(inTree(x.rules))
		require.NoError(t, err)
		asked := 0
		require.NoError(t, fs.WalkDir(os.DirFS(inTree(x.cases)), ".", func(name string, _ fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".yaml" {
				return err
			}
			data, err := os.ReadFile(inTree(path.Join(x.cases, name)))
			require.NoError(t, err)
			f, found := casefile.Parse(name, data)
			require.NotNil(t, f, "%v", found)
			book, err := casefile.Book(book, f)
			require.NoError(t, err)
			for _, c := range f.Cases {
				if r := casefile.Run(t.Context(), book, c); r.Answer != nil {
					do(f.Name+": "+c.Name, book, c, r.Answer)
					asked++
				}
			}
			return nil
		}))
		require.Greater(t, asked, 10)
	}
}

// The values of an answer are those of its JSON: in its order, with the same
// text, and each of the kind that its question says.
func TestValuesAreThoseOfTheJSON(t *testing.T) {
	exampleAnswers(t, func(name string, book *rulebook.Book, _ *casefile.Case, a *rulebook.Answer) {
		sameValues(t, name, book.Rulebook(), a)
	})
}

// So they are of random facts, of random rulebooks, and under random readings.
func TestValuesOfRandomAnswers(t *testing.T) {
	seen := map[policy.Kind]bool{}
	kinds := []policy.Kind{
		policy.KindYesNo, policy.KindCount, policy.KindMoney, policy.KindRatio, policy.KindMoment, policy.KindDate, policy.KindMonth, policy.KindWord,
		policy.KindName, policy.KindArticle, policy.KindList, policy.KindRecord, policy.KindMap,
	}
	unseen := func() bool { return slices.ContainsFunc(kinds, func(k policy.Kind) bool { return !seen[k] }) }
	sameValuesOfRandomFacts(t, embedded(t), 0, seen)
	books, least := 0, tries(t, 25)
	for seed := 0; (seed < least || unseen() && seed < 10*least) && !t.Failed(); seed++ { // what is rare may be in later books only
		if book, err := rulebook.Parse("random.yaml", []byte(newRandomBook(rand.New(rand.NewPCG(uint64(seed), 21))).text())); err == nil {
			books++
			sameValuesOfRandomFacts(t, book, uint64(books), seen)
		}
	}
	require.Greater(t, books, 9)
	for _, kind := range kinds {
		assert.True(t, seen[kind], kind)
	}
}

// sameValuesOfRandomFacts asks every question of a book, and notes the kinds of
// values that there were.
func sameValuesOfRandomFacts(t *testing.T, book *rulebook.Book, seed uint64, seen map[policy.Kind]bool) {
	rng := rand.New(rand.NewPCG(seed, 22))
	b := book.Rulebook()
	for _, q := range b.Questions {
		for range 20 {
			with := book
			for _, r := range b.Readings {
				option := r.Options[rng.IntN(len(r.Options))]
				if other, err := with.With(rulebook.Reading(r.Key, option.Name)); err == nil && rng.IntN(3) == 0 {
					with = other
				}
			}
			facts := newRandomFacts(rng, b, []int{0, 10, 40, 70, 95}[rng.IntN(5)]).Of(q)
			a, err := with.Ask(t.Context(), q.ID, facts)
			require.NoError(t, err)
			sameValues(t, fmt.Sprint(seed, q.ID, facts), b, a)
			for v := range a.Values() {
				seen[v.Kind] = true
			}
			if t.Failed() {
				return
			}
		}
	}
}

func sameValues(t *testing.T, name string, b *policy.Rulebook, a *rulebook.Answer) {
	t.Helper()
	text := "{"
	var names []string
	for v := range a.Values() {
		if names = append(names, v.Name); len(names) > 1 {
			text += ","
		}
		key, _ := json.Marshal(v.Name)
		text += string(key) + ":" + string(v.AppendJSON(nil))
		sameValue(t, name, b, a, v.Name, v)
	}
	if a.Error != nil {
		assert.Empty(t, names, name)
		return
	}
	assert.Equal(t, a.Names(), append([]string{}, names...), name)
	var whole struct {
		Values json.RawMessage `json:"values"`
	}
	require.NoError(t, json.Unmarshal(a.AppendJSON(nil, false), &whole))
	assert.Equal(t, string(whole.Values), text+"}", name)
}

// sameValue compares a value with what the answer's getters say.
func sameValue(t *testing.T, name string, b *policy.Rulebook, a *rulebook.Answer, at string, v policy.Value) {
	t.Helper()
	name += " " + at
	q, _ := b.Question(a.Question)
	described, ok := q.ValueAt(at)
	if !assert.True(t, ok, name) {
		return
	}
	assert.Equal(t, described.Label, v.Label, name)
	assert.Equal(t, described.Unit, v.Unit, name)
	assertFits(t, name, described.Type, v)

	state, err := a.State(at)
	require.NoError(t, err, name)
	assert.Equal(t, state, v.State, name)
	assert.Equal(t, string(a.AppendValue(nil, at)), string(v.AppendJSON(nil)), name)
	again, ok := a.Value(at)
	require.True(t, ok, name)
	assert.Equal(t, v.Data, again.Data, name)
	assert.Equal(t, string(v.AppendJSON(nil)), string(again.AppendJSON(nil)), name)
	shown, _ := a.Show(at, "zh")
	if v.Kind != policy.KindMap && v.Kind != policy.KindRecord {
		assert.Equal(t, shown, v.Show("zh"), name)
	}
	var same any
	switch v.Data.(type) {
	case nil:
		assert.True(t, v.State != policy.StateKnown || len(v.Fields)+len(v.Items) > 0 || v.Kind == policy.KindList || v.Kind == policy.KindMap, name)
	case bool:
		same, _ = a.Bool(at)
	case int64:
		same, _ = a.Int(at)
	case policy.Ratio:
		num, den, _ := a.Ratio(at)
		same = policy.Ratio{Num: num, Den: den}
	case policy.Money:
		same, _ = a.Money(at)
	case time.Duration:
		same, _ = a.Duration(at)
	case time.Time:
		same, _ = a.Moment(at)
	case date.Date:
		same, _ = a.Date(at)
	case policy.Month:
		same, _ = a.Month(at)
	case string:
		same, _ = a.Word(at)
	case []string:
		same, _ = a.Words(at)
	default:
		assert.Fail(t, "a type that nobody documents", "%s: %T", name, v.Data)
	}
	assert.Equal(t, same, v.Data, name)
	if len(described.Fields) > 0 {
		for _, f := range v.Fields {
			sameValue(t, name, b, a, at+"."+f.Name, f)
		}
	}
}

// assertFits checks that a value is what its description says.
func assertFits(t *testing.T, name string, of *policy.ValueType, v policy.Value) {
	t.Helper()
	if of == nil || of.Kind == policy.KindAny {
		return
	}
	assert.Equal(t, of.Kind, v.Kind, name)
	if word, ok := v.Data.(string); ok && of.Words != nil {
		assert.True(t, slices.ContainsFunc(of.Words, func(w policy.Word) bool { return w.Word == word }), "%s: %s", name, word)
		assert.Equal(t, of.Words, v.Words(), name)
	}
	for i, item := range v.Items {
		assertFits(t, fmt.Sprintf("%s[%d]", name, i), of.Elem, item)
	}
	for i, f := range v.Fields {
		switch of.Kind {
		case policy.KindMap:
			assertFits(t, name+"."+f.Name, of.Elem, f)
		case policy.KindRecord:
			require.Less(t, i, len(of.Fields), name)
			assert.Equal(t, of.Fields[i].Name, f.Name, name)
			assert.Equal(t, of.Fields[i].Label, f.Label, name)
			assertFits(t, name+"."+f.Name, of.Fields[i].Type, f)
		}
	}
}

// An answer's JSON can be read into the type that describes it, and its parts
// are written as those types are.
func TestAnswersAreWhatTheirDocumentSays(t *testing.T) {
	text := func(v any) string {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		require.NoError(t, e.Encode(v))
		return strings.TrimSpace(b.String())
	}
	exampleAnswers(t, func(name string, _ *rulebook.Book, _ *casefile.Case, a *rulebook.Answer) {
		var doc policy.AnswerDocument
		d := json.NewDecoder(bytes.NewReader(a.AppendJSON(nil, true)))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&doc), name)
		var parts map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(a.AppendJSON(nil, true), &parts))
		for part, v := range map[string]any{
			"breaches": doc.Breaches, "liable": doc.Liable, "missing_facts": doc.MissingFacts, "decisions": doc.Decisions, "error": doc.Error,
			"cites": doc.Cites, "rules": doc.Rules, "explanation": doc.Explanation, "rulebook": doc.Rulebook, "verdict": doc.Verdict, "question": doc.Question,
		} {
			if want, ok := parts[part]; ok {
				assert.Equal(t, string(want), text(v), "%s %s", name, part)
			}
		}
	})
}

// Every value of every question says what it may be, with labelled words.
func TestValuesAreDescribedWithoutAnAnswer(t *testing.T) {
	for _, file := range []string{"rules.yaml", "examples/rulebooks/service-desk.yaml"} {
		book, err := rulebook.Load(inTree(file))
		require.NoError(t, err)
		for _, q := range book.Rulebook().Questions {
			var each func(list []*policy.QuestionValue, path string)
			each = func(list []*policy.QuestionValue, path string) {
				for _, v := range list {
					name := path + "." + v.Name
					require.NotNil(t, v.Type, name)
					assert.NotEqual(t, policy.KindAny, v.Type.Kind, name)
					for _, w := range v.Type.Words {
						assert.False(t, w.Label.IsZero(), "%s: %s", name, w.Word)
					}
					each(v.Fields, name)
				}
			}
			each(q.Values, q.ID)
			require.NotNil(t, q.Verdict.Type)
			assert.NotEmpty(t, q.Verdict.Type.Words, q.ID)
		}
	}
}

// What is done to the values of an answer reaches neither it nor another one.
func TestValuesAreCopies(t *testing.T) {
	exampleAnswers(t, func(name string, _ *rulebook.Book, _ *casefile.Case, a *rulebook.Answer) {
		before := string(a.AppendJSON(nil, true))
		for v := range a.Values() {
			spoil(v)
		}
		assert.Equal(t, before, string(a.AppendJSON(nil, true)), name)
		for v := range a.Values() {
			for _, w := range v.Words() {
				require.NotEqual(t, "spoilt", w.Word, name)
			}
		}
	})
}

// A value that no answer gave can be looked at.
func TestValueOfNoAnswer(t *testing.T) {
	for _, v := range []policy.Value{{}, {Name: "x", Kind: policy.KindCount, State: policy.StateKnown, Data: int64(1)}} {
		assert.Equal(t, "null", string(v.AppendJSON(nil)))
		assert.Empty(t, v.Show("en"))
		assert.Nil(t, v.Words())
		assert.Equal(t, v.Name+": null", fmt.Sprint(v))
		_, ok := v.Field("y")
		assert.False(t, ok)
	}
	a := &rulebook.Answer{}
	for range a.Values() {
		assert.Fail(t, "an answer that nobody gave has no values")
	}
	_, ok := a.Value("due_date")
	assert.False(t, ok)
}

func spoil(v policy.Value) {
	if list, ok := v.Data.([]string); ok {
		for i := range list {
			list[i] = "spoilt"
		}
	}
	words := v.Words()
	for i := range words {
		words[i].Word = "spoilt"
	}
	for i := range v.Fields {
		spoil(v.Fields[i])
		v.Fields[i] = policy.Value{Name: "spoilt"}
	}
	for i := range v.Items {
		spoil(v.Items[i])
		v.Items[i] = policy.Value{}
	}
}

// A number has the unit that the rulebook gives it, else that of the fact which
// it is.
func TestUnitsOfValues(t *testing.T) {
	rules, err := os.ReadFile(inTree("rules.yaml"))
	require.NoError(t, err)
	const undelivered = "undelivered: {zh: 未发放户数, en: undelivered, is: cards_undelivered.value}"
	require.Contains(t, string(rules), undelivered)
	text := strings.Replace(string(rules), undelivered, `undelivered: {zh: 未发放户数, en: undelivered, is: cards_undelivered.value, unit: {zh: 户, en: homes}}
      delivered: {zh: 已发, en: delivered, is: cards_delivered}`, 1)
	book, err := rulebook.Parse("rules.yaml", []byte(text))
	require.NoError(t, err)
	q, _ := book.Rulebook().Question("contracting.service_cards")
	units := map[string]string{}
	for _, v := range q.Values {
		units[v.Name] = v.Unit.EN
	}
	assert.Equal(t, map[string]string{"missing_fields": "", "undelivered": "homes", "delivered": "cards", "result": ""}, units)
	a, err := book.Ask(t.Context(), q.ID, map[string]any{"households": 40, "cards_delivered": 30, "card_fields": []string{}})
	require.NoError(t, err)
	v, ok := a.Value("delivered")
	require.True(t, ok)
	assert.Equal(t, int64(30), v.Data)
	assert.Equal(t, "cards", v.Unit.EN)
	assert.Equal(t, "已发", v.Label.ZH)
}
