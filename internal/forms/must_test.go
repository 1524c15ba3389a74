package forms_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

const mustBook = `rulebook: {id: lib, title: {zh: 馆, en: Library}, zone: Europe/London, currency: GBP, in_force: {from: 2020-01-01}}
facts:
  outage:
    zh: 中断
    en: outage
    type: record
    fields:
      start: {zh: 开始, en: start, type: moment}
      end: {zh: 结束, en: end, type: moment}
  met: {zh: 达标数, en: number met, type: count}
  base: {zh: 总数, en: number in all, type: count}
  stays:
    zh: 停留
    en: stays
    type: list
    if_absent: empty
    of: {type: record, fields: {came: {zh: 来, en: came, type: date}, left: {zh: 走, en: left, type: date}}}
  other: {zh: 别的, en: something else, type: count}
must:
  ends_after_start: {zh: 结束不早于开始, en: an outage ends no earlier than it begins, that: outage.end >= outage.start}
  no_more_than_all: {zh: 达标数不超过总数, en: no more are met than there are, that: met <= base}
  stays_end: {zh: 来了才走, en: whoever leaves has come, that: 'all(stays, .left == null or .came == null or .left >= .came)'}
  elsewhere: {zh: 别处, en: elsewhere, that: other > 5}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1": {nature: definition, title: {zh: 一, en: one}, text: {zh: 一, en: one}, figures: {open: {zh: 数, en: number, is: base - met}, far: {zh: 远, en: far, is: other}, long: {zh: 长, en: long, is: outage.end - outage.start}, many: {zh: 多, en: many, is: len(stays)}}}
questions:
  share: {zh: 比, en: share, facts: [outage, met, {all: base}, stays], rules: [open, long, many], verdict: {is: '"done"', words: {done: {zh: 完, en: done}}}, values: {open: {zh: 差, en: open, is: open.value}}}
  far: {zh: 远, en: far, facts: [other], rules: [far], verdict: {is: '"done"', words: {done: {zh: 完, en: done}}}, values: {far: {zh: 远, en: far, is: far.value}}}
`

type outageFacts struct {
	Outage struct {
		Start *time.Time `rulebook:"start"`
		End   *time.Time `rulebook:"end"`
	} `rulebook:"outage"`
	Met int `rulebook:"met"`
	All int `rulebook:"all"`
}

// Facts that cannot be are refused, all that is wrong at once, by Ask and by Bind.
func TestFactsThatCannotBe(t *testing.T) {
	book, err := rulebook.Parse("rules.yaml", []byte(mustBook))
	require.NoError(t, err)
	for facts, want := range map[string][]string{
		`"outage": {"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:00:00Z"}, "met": 3, "all": 3`:                                nil,
		`"outage": {"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:59:59Z"}, "met": 3, "all": 3`:                                {"outage.start"},
		`"outage": {"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:59:59Z"}, "met": 4, "all": 3`:                                {"outage.start", "met"},
		`"outage": {"start": "2026-03-02T10:00:00Z"}, "met": 3`:                                                                         nil,
		`"outage": {"start": "2026-03-02T10:00:00Z", "end": null}, "all": 3`:                                                            nil,
		`"stays": [{"came": "2026-03-02", "left": "2026-03-02"}, {"came": "2026-03-02"}]`:                                               nil,
		`"stays": [{"came": "2026-03-02", "left": "2026-03-02"}, {"came": "2026-03-02", "left": "2026-03-01"}]`:                         {"stays[1]"},
		`"stays": [{"came": "2026-03-01"}, {"came": "2026-03-09", "left": "2026-03-08"}, {"came": "2026-03-02", "left": "2026-03-01"}]`: {"stays[1]"}, // as given, in whatever order they are looked at
		``: nil,
	} {
		_, err := book.Ask(t.Context(), "share", "{"+facts+"}")
		var got []string
		for _, e := range policy.RefusedFacts(err) {
			assert.Equal(t, "facts_impossible", e.Code)
			got = append(got, e.Fact)
		}
		assert.Equal(t, want, got, facts)
		assert.Equal(t, want == nil, err == nil, facts)
	}
	_, err = book.Ask(t.Context(), "share", `{"met": 4, "all": 3}`)
	var one *policy.FactError
	require.True(t, errors.As(err, &one))
	assert.Equal(t, "1:9: met: this must be so: no more are met than there are (number met 4, number in all 3) [facts_impossible] → check what was given, and correct what is wrong", one.In("en"))
	assert.Contains(t, one.In("zh"), "须为：达标数不超过总数（达标数 4，总数 3）")
	assert.NotContains(t, one.Discreet().In("en"), "4")

	ask, err := rulebook.Bind[outageFacts](book, "share")
	require.NoError(t, err)
	var o outageFacts
	o.Met, o.All = 4, 3
	_, err = ask.Decide(o)
	require.ErrorAs(t, err, &one)
	assert.Equal(t, "met", one.Fact)
	o.All = 4
	_, err = ask.Decide(o)
	require.NoError(t, err)
}

// Structs and columns are refused as texts are, with all that cannot be.
func TestBoundFactsThatCannotBe(t *testing.T) {
	book := parse(t, mustBook)
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	end := start.Add(-time.Second)
	ask, err := rulebook.Bind[outageFacts](book, "share")
	require.NoError(t, err)
	var o outageFacts
	o.Outage.Start, o.Outage.End, o.Met, o.All = &start, &end, 4, 3
	_, err = ask.Decide(o)
	assert.Equal(t, []string{"outage.start", "met"}, impossible(t, err))

	table, err := rulebook.Columns(book, "share", map[string]any{
		"outage.start": []time.Time{start, start, start}, "outage.end": []time.Time{end, start, start}, "met": []int{4, 4, 3}, "all": []int{3, 3, 3},
	})
	require.NoError(t, err)
	for row, want := range [][]string{{"outage.start", "met"}, {"met"}, nil} {
		_, err = table.Decide(row)
		assert.Equal(t, want, impossible(t, err), row)
	}
}

// impossible are the facts that an error says cannot all be right.
func impossible(t *testing.T, err error) []string {
	t.Helper()
	var facts []string
	for _, e := range policy.RefusedFacts(err) {
		assert.Equal(t, "facts_impossible", e.Code)
		facts = append(facts, e.Fact)
	}
	return facts
}

func TestMustsThatAreNone(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"met <= base", "met <= bases"}:                       "unknown_fact",
		{"met <= base", "met <= outage.start"}:                "type_mismatch",
		{"met <= base", "base - met"}:                         "wrong_result",
		{"met <= base", "1 < 2"}:                              "must_without_fact",
		{"met <= base", "open.value > 1"}:                     "unknown_fact",
		{"outage.end >= outage.start", "outage.end <= as_of"}: "unknown_fact",
		{"en: no more are met than there are, ", ""}:          "missing_label",
	} {
		text := strings.Replace(mustBook, change[0], change[1], 1)
		require.NotEqual(t, mustBook, text)
		_, err := rulebook.Parse("rules.yaml", []byte(text))
		if assert.Error(t, err, change) {
			assert.Contains(t, err.Error(), "["+want+"]", change)
		}
	}
}

// Of the elements of a list, too, a condition is not broken by what is known
// not to exist: a period that is not over ends no earlier than it begins.
func TestImpossibleElements(t *testing.T) {
	book := parse(t, `
rulebook: {id: lib, title: {zh: 馆, en: Library}, zone: Europe/London, in_force: {from: 2020-01-01}}
facts:
  spans:
    zh: 时段
    en: periods
    type: list
    of: {type: record, fields: {from: {zh: 起, en: from, type: moment}, to: {zh: 止, en: to, type: moment}}}
must:
  in_order: {zh: 止不早于起, en: all end after they begin, that: "all(spans, .to >= .from)"}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1": {nature: definition, title: {zh: 一, en: one}, text: {zh: 一, en: one}, figures: {n: {zh: 数, en: number, is: len(spans)}}}
questions:
  q.n: {zh: 数, en: number, facts: [spans], rules: [n], verdict: {is: '"done"', words: {done: {zh: 完, en: done}}}, values: {n: {zh: 数, en: number, is: n.value}}}
`)
	for facts, refused := range map[string]bool{
		`{"spans": [{"from": "2026-03-02T10:00:00Z"}]}`:                                                                 false,
		`{"spans": [{"to": "2026-03-02T10:00:00Z"}, {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T10:00:00Z"}]}`:   false,
		`{"spans": [{"from": "2026-03-02T10:00:00Z"}, {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T09:00:00Z"}]}`: true,
		`{"spans": []}`: false,
	} {
		_, err := book.Ask(t.Context(), "q.n", facts)
		assert.Equal(t, refused, err != nil, "%s: %v", facts, err)
	}
}

// Facts that cannot be are pointed at where they stand in the text that was given,
// in its order, also when they are only checked; what was given as no text has no
// place.
func TestWhereImpossibleFactsStand(t *testing.T) {
	book := parse(t, mustBook)
	places := func(err error) (all []string) {
		for _, e := range policy.RefusedFacts(err) {
			assert.Equal(t, "facts_impossible", e.Code)
			all = append(all, strings.TrimSpace(e.Span.String()+" "+e.Fact))
		}
		return all
	}
	text := "{\"all\": 3, \"met\": 4,\n \"stays\": [{\"came\": \"2026-03-02\"},\n  {\"came\": \"2026-03-09\", \"left\": \"2026-03-08\"}],\n" +
		" \"outage\": {\"start\": \"2026-03-02T10:00:00Z\", \"end\": \"2026-03-02T09:00:00Z\"}}"
	want := []string{"1:19 met", "3:3 stays[1]", "4:22 outage.start"}
	_, err := book.Ask(t.Context(), "share", text)
	assert.Equal(t, want, places(err))
	_, err = book.Check("share", strings.NewReader(text))
	assert.Equal(t, want, places(err))

	// Of an element it is told what the condition looks at, and to nobody else.
	refused := policy.RefusedFacts(err)
	assert.Contains(t, refused[1].In("en"), " (came 2026-03-09, left 2026-03-08) [")
	assert.Contains(t, refused[1].In("zh"), "（来 2026-03-09，走 2026-03-08） [")
	assert.NotContains(t, refused[1].Discreet().In("en"), "2026")

	var facts map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &facts))
	_, err = book.Ask(t.Context(), "share", facts)
	assert.Equal(t, []string{"met", "outage.start", "stays[1]"}, places(err))
	_, err = book.Check("share", map[string]any{"met": -1})
	assert.Equal(t, "met: -1 is not between 0 and 999999999999999 [out_of_range] → write a non-negative whole number", err.Error())
}
