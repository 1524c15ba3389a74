package proptest_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

const pairs = `
rulebook: {id: pairs, title: {zh: 对, en: pairs}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}}
facts:
  one: {zh: 甲, en: one, type: name}
  two: {zh: 乙, en: two, type: name}
  note: {zh: 注, en: note, type: text}
  names: {zh: 名, en: names, type: list, of: {type: name}}
  at: {zh: 处, en: place, type: record, if_absent: none, fields: {who: {zh: 谁, en: who, type: name}}}
  visits: {zh: 访, en: visits, type: list, of: {type: record, fields: {who: {zh: 谁, en: who, type: name}}}}
questions:
  q:
    zh: 问
    en: question
    facts: [one, two, note, names, at, visits]
    rules: [same]
    verdict: {is: 'same.value ? "same" : "other"', words: {same: {zh: 同, en: same}, other: {zh: 异, en: other}}}
    values: {who: {zh: 谁, en: who, is: at.who}, whoever: {zh: 名, en: names, is: names}, visited: {zh: 访, en: visits, is: visits}, said: {zh: 注, en: note, is: note}}
regulations:
  r: {zh: 规, en: rules, articles: {"1": {nature: definition, title: {zh: 题, en: title}, text: {zh: 文, en: text}, figures: {same: {zh: 同, en: same, is: one == two}}}}}
`

// Names that are not UTF-8, as an old system's database holds them.
const (
	zhang = "\xd5\xc5" // 张, in GBK
	li    = "\xc0\xee" // 李
)

type (
	gbkText  string
	gbkValue string
	gbkName  string
	inPlace  struct {
		Who string `json:"who" rulebook:"who"`
	}
	inJSON struct {
		One   string         `json:"one"`
		Note  *gbkName       `json:"note"`
		Names []any          `json:"names"`
		At    map[string]any `json:"at"`
		inPlace
		Unsaid string `json:"-"`
		unseen string
	}
)

func (x gbkText) MarshalText() ([]byte, error)  { return []byte(x), nil }
func (x gbkValue) Value() (driver.Value, error) { return []byte(x), nil }

// Text that is not UTF-8 is refused by its fact, however it is given: JSON would
// write the same sign for every part of it, and make two people one.
func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	book, err := rulebook.Parse("pairs.yaml", []byte(pairs))
	require.NoError(t, err)
	refuses := func(t *testing.T, err error, facts ...string) {
		t.Helper()
		var where []string
		for _, e := range policy.RefusedFacts(err) {
			assert.Equal(t, "not_utf8", e.Code)
			assert.NotEmpty(t, e.Remedy.ZH)
			where = append(where, e.Fact)
		}
		assert.ElementsMatch(t, facts, where, "%v", err)
	}
	ask := func(t *testing.T, facts any, where ...string) {
		t.Helper()
		_, err := book.Ask(t.Context(), "q", facts)
		refuses(t, err, where...)
	}
	text := gbkName("a" + li)
	ask(t, map[string]any{"one": zhang}, "one")
	ask(t, map[string]any{"one": gbkText(zhang), "two": time.Time{}}, "one")
	ask(t, map[string]gbkName{"two": li}, "two")
	ask(t, map[string]any{"names": []string{"a", "b", zhang}}, "names[2]")
	ask(t, map[string]any{"visits": []map[string]*gbkName{{"who": &text}}}, "visits[0].who")
	ask(t, &inJSON{One: "x", Names: []any{1, li}, unseen: zhang, Unsaid: zhang}, "names[1]")
	ask(t, inJSON{Note: &text}, "note")
	ask(t, inJSON{At: map[string]any{"who": any(li)}}, "at.who")
	ask(t, struct {
		*inPlace
		At inPlace `json:"at"`
	}{&inPlace{"x"}, inPlace{li}}, "at.who")
	ask(t, `{"one": "`+zhang+`"}`, "")
	type known struct {
		One   rulebook.Known[string]            `json:"one,omitzero"`
		Two   *rulebook.Known[gbkText]          `json:"two,omitempty"`
		Names rulebook.Known[[]string]          `json:"names,omitzero"`
		At    rulebook.Known[inPlace]           `json:"at,omitzero"`
		Visit []rulebook.Known[*inPlace]        `json:"visits,omitempty"`
		Note  rulebook.Known[map[string]string] `json:"-"`
	}
	two := rulebook.Is(gbkText(li))
	ask(t, known{One: rulebook.Is(zhang)}, "one")
	ask(t, &known{
		rulebook.Is(zhang), &two, rulebook.Is([]string{"a", li, zhang}), rulebook.Is(inPlace{zhang}),
		[]rulebook.Known[*inPlace]{rulebook.Is(&inPlace{"a"}), rulebook.Is(&inPlace{li})}, rulebook.Is(map[string]string{"a": li}),
	}, "one", "two", "names[1]", "names[2]", "at.who", "visits[1].who")
	ask(t, map[string]any{"one": rulebook.Is(zhang), "two": any(li), "at": rulebook.Is(map[string]any{"who": li})}, "one", "two", "at.who")
	_, err = book.Ask(t.Context(), "q", known{One: rulebook.None[string](), Names: rulebook.Is([]string{"张"})})
	require.NoError(t, err)

	type bound struct {
		One   string         `rulebook:"one"`
		Two   sql.NullString `rulebook:"two"`
		Note  *gbkName       `rulebook:"note"`
		Names []gbkText      `rulebook:"names"`
		At    inPlace        `rulebook:"at"`
		Visit []*inPlace     `rulebook:"visits"`
	}
	binding, err := rulebook.Bind[bound](book, "q")
	require.NoError(t, err)
	_, err = binding.Decide(bound{zhang + "a", sql.NullString{String: li, Valid: true}, &text, []gbkText{"x", zhang}, inPlace{li}, []*inPlace{{"a"}, {zhang}}})
	refuses(t, err, "one", "two", "note", "names[1]", "at.who", "visits[1].who")
	_, err = binding.Decide(bound{One: "b" + zhang + "a", At: inPlace{"张"}})
	refuses(t, err, "one")

	for _, x := range []struct {
		columns map[string]any
		where   []string
	}{
		{map[string]any{"one": []any{zhang}, "two": []gbkValue{li}, "names": [][]any{{"x", zhang}}}, []string{"one", "two", "names[1]"}},
		{map[string]any{"at": []any{map[string]any{"who": zhang}}, "visits": [][]any{{map[string]any{"who": li}}}}, []string{"at.who", "visits[0].who"}},
		{map[string]any{"one": []rulebook.Known[string]{rulebook.Is(zhang)}, "two": []gbkText{li}}, []string{"one", "two"}},
	} {
		columns, err := rulebook.Columns(book, "q", x.columns)
		require.NoError(t, err)
		_, err = columns.Decide(0)
		refuses(t, err, x.where...)
	}
	converted, err := rulebook.Columns(book, "q", map[string]any{"one": []int{1}}, rulebook.Convert(func(int) (string, error) { return zhang, nil }))
	require.NoError(t, err)
	_, err = converted.Decide(0)
	refuses(t, err, "one")

	// What is UTF-8 is taken, the sign of replacement itself among it.
	for _, name := range []string{"张", "\ufffd", "é\U0001f600", "a\x00b"} {
		data, err := json.Marshal(map[string]string{"one": name, "two": name})
		require.NoError(t, err)
		for _, facts := range []any{data, map[string]any{"one": name, "two": name}, json.RawMessage(data)} {
			a, err := book.Ask(t.Context(), "q", facts)
			require.NoError(t, err)
			assert.Equal(t, "same", a.Verdict)
		}
		a, err := binding.Decide(bound{One: name, Two: sql.NullString{String: name, Valid: true}})
		require.NoError(t, err)
		assert.Equal(t, "same", a.Verdict)
	}
}
