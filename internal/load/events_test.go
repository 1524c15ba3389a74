package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// almanac asks about facts of one type, wherever facts may stand; those named
// "plan" are no events.
const almanac = `
rulebook: {id: almanac, title: {zh: 历书, en: Almanac}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}}
words:
  answer: {yes_: {zh: 是, en: "yes"}}
facts:
  plan: {zh: 计划, en: plan, type: TYPE}
  event: {zh: 事件, en: event, type: TYPE, event: true}
  outer:
    zh: 外
    en: outer
    type: record
    fields:
      plan: {zh: 计划, en: plan, type: TYPE}
      event: {zh: 事件, en: event, type: TYPE, event: true}
      inner: {zh: 内, en: inner, type: record, fields: {event: {zh: 事件, en: event, type: TYPE, event: true}, plan: {zh: 计划, en: plan, type: TYPE}}}
      each: {zh: 各次, en: each, type: list, of: {type: TYPE, event: true}}
  turns: {zh: 轮次, en: turns, type: list, ordered: true, of: {type: TYPE, event: true}}
  plans: {zh: 各计划, en: plans, type: list, of: {type: TYPE}}
  events: {zh: 各事件, en: events, type: list, of: {type: TYPE, event: true}}
  records:
    zh: 各记录
    en: records
    type: list
    of:
      type: record
      fields:
        plan: {zh: 计划, en: plan, type: TYPE}
        event: {zh: 事件, en: event, type: TYPE, event: true}
        inner: {zh: 内, en: inner, type: record, fields: {event: {zh: 事件, en: event, type: TYPE, event: true}}}
        each: {zh: 各次, en: each, type: list, of: {type: TYPE, event: true}}
regulations:
  almanac:
    zh: 历书
    en: Almanac
    articles:
      "1": {nature: purpose, title: {zh: 目的, en: Purpose}, text: {zh: 目的。, en: Purpose.}, decides_nothing: {zh: 只是目的, en: it is the purpose}}
questions:
  said: {zh: 问, en: question, facts: [plan, event, outer, plans, events, turns, records], governed_by: as_of, rules: [], verdict: {is: '"yes_"', words: answer}, values: {}}
`

// Whatever its type and wherever it stands, an event is of the future once it
// is later than the moment of asking, in the book's zone: a moment to the
// nanosecond, a date after today, a month after this one, a year after this
// one. What is no event may lie ahead.
func TestEventsOfEveryTypeAndPlace(t *testing.T) {
	for _, x := range []struct{ of, asOf, present, future string }{
		{"moment", "2025-12-31T15:59:59Z", `"2025-12-31T23:59:59+08:00"`, `"2025-12-31T23:59:59.000000001+08:00"`},
		{"date", "2025-12-31T15:59:59Z", `"2025-12-31"`, `"2026-01-01"`},
		{"date", "2025-12-31T16:00:00Z", `"2026-01-01"`, `"2026-01-02"`},
		{"date", "2025-06-30T15:59:59Z", `"2025-06-30"`, `"9999-12-31"`},
		{"month", "2025-12-31T15:59:59Z", `"2025-12"`, `"2026-01"`},
		{"month", "2025-12-31T16:00:00Z", `"2026-01"`, `"2026-02"`},
		{"month", "2025-06-30T15:59:59Z", `"2025-06"`, `"2025-07"`},
		{"month", "2025-06-01T00:00:00+08:00", `"2025-06"`, `"2031-05"`},
		{"year", "2025-12-31T15:59:59Z", "2025", "2026"},
		{"year", "2025-12-31T16:00:00Z", "2026", "2027"},
	} {
		book, err := rulebook.Parse("almanac.yaml", []byte(strings.ReplaceAll(almanac, "TYPE", x.of)))
		require.NoError(t, err, x.of)
		for facts, path := range map[string]string{
			`"event": VALUE`:                                           "event",
			`"outer": {"event": VALUE}`:                                "outer.event",
			`"outer": {"inner": {"event": VALUE}}`:                     "outer.inner.event",
			`"outer": {"each": [NOW, VALUE]}`:                          "outer.each",
			`"turns": [NOW, VALUE, NOW]`:                               "turns[1]",
			`"events": [VALUE]`:                                        "events",
			`"records": [{"event": VALUE}]`:                            "records[0].event",
			`"records": [{"event": NOW}, {"inner": {"event": VALUE}}]`: "records[1].inner.event",
			`"records": [{"each": [NOW, NOW, VALUE]}]`:                 "records[0].each",
			`"plan": VALUE`:                                            "",
			`"plans": [VALUE]`:                                         "",
			`"outer": {"plan": VALUE}`:                                 "",
			`"outer": {"inner": {"plan": VALUE}}`:                      "",
			`"records": [{"plan": VALUE}]`:                             "",
		} {
			ask := func(value string) *rulebook.Answer {
				given := strings.NewReplacer("VALUE", value, "NOW", x.present).Replace(facts)
				return askBook(t, book, "said", fmt.Sprintf(`{%s, "as_of": %q}`, given, x.asOf))
			}
			assert.Equal(t, "yes_", ask(x.present).Verdict, "%s %s as of %s", facts, x.present, x.asOf)
			a := ask(x.future)
			if path == "" {
				assert.Equal(t, "yes_", a.Verdict, "%s %s as of %s", facts, x.future, x.asOf)
				continue
			}
			if assert.Error(t, a.Error, "%s %s as of %s", facts, x.future, x.asOf) {
				assert.Equal(t, "event_after_as_of", a.Failure().Code)
				assert.Equal(t, path, a.Failure().Fact)
			}
		}
	}
}

// Of what has no time, nothing can be said to have happened.
func TestEventsHaveATime(t *testing.T) {
	for _, of := range []string{"count", "number", "yes_no", "name", "text", "article"} {
		_, err := rulebook.Parse("almanac.yaml", []byte(strings.ReplaceAll(almanac, "TYPE", of)))
		assert.ErrorContains(t, err, "key_of_other_type", of)
	}
}
