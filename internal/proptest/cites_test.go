package proptest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// upkeep has a helper (article 5) that one rule uses, and rules that a reading
// sets aside: by their own condition, and by that of a helper.
const upkeep = `
rulebook: {id: upkeep, title: {zh: 养, en: upkeep}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}}
facts:
  planned: {zh: 计划内, en: planned, type: yes_no}
  told_at: {zh: 告知, en: told, type: moment}
  down_at: {zh: 停, en: down, type: moment}
  big: {zh: 大, en: big, type: yes_no}
readings:
  notice: {article: r/6, asks: {zh: 问, en: asks}, options: {planned: {zh: 甲, en: planned}, all: {zh: 乙, en: all}, hours: {zh: 丙, en: hours, parameter: hours}}, chosen: planned}
  size: {article: r/7, asks: {zh: 问, en: asks}, options: {big: {zh: 甲, en: big}, any: {zh: 乙, en: any}}, chosen: big}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "5":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: 文, en: text}
        figures:
          told_ahead: {zh: 提前两周告知, en: told two weeks ahead, is: 'told_at != null and down_at - told_at >= hours(336)'}
      "6":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: 文, en: text}
        duties:
          notice_given: {zh: 须提前告知, en: notice is given, when: {by: notice, planned: planned, all: "true", hours: 'planned and down_at - told_at >= hours(parameter)'}, met: told_ahead.value, breach: x}
      "7":
        nature: duty
        title: {zh: 题, en: title}
        text: {zh: 文, en: text}
        figures:
          matters: {zh: 要紧, en: it matters, quiet: true, is: {by: size, big: big, any: "true"}}
        duties:
          reported: {zh: 须报告, en: it is reported, when: matters.value, met: told_at != null, breach: y}
questions:
  q:
    zh: 问
    en: question
    facts: [planned, told_at, down_at, big]
    rules: [notice_given, reported]
    verdict: {is: 'notice_given.broken or reported.broken ? "broken" : "kept"', words: {broken: {zh: 违, en: broken}, kept: {zh: 守, en: kept}}}
    values: {}
`

// An answer cites what it applied and what a reading set aside, nothing else;
// and lists the rules and readings, and tells the steps, accordingly.
func TestAnswersCiteWhatTheyApplied(t *testing.T) {
	book, err := rulebook.Parse("upkeep.yaml", []byte(upkeep))
	require.NoError(t, err)
	for _, x := range []struct {
		name, facts     string
		chosen          []rulebook.Option
		cites, readings string
		tells, tellsNot string
	}{
		{"the helper of a rule that a reading sets aside", `{"planned": false, "big": true, "told_at": "2025-06-01T10:00:00+08:00", "down_at": "2025-06-02T10:00:00+08:00"}`, nil,
			"r/6 r/7", "notice size", "does not apply under the reading chosen (r/6; reading notice = planned)", "two weeks"},
		{"options that take an argument", `{"planned": false, "big": true, "told_at": "2025-06-01T10:00:00+08:00", "down_at": "2025-06-02T10:00:00+08:00"}`,
			[]rulebook.Option{rulebook.Reading("notice", "hours:1"), rulebook.Reading("size", "any")}, "r/6 r/7", "notice size", "", "two weeks"},
		{"a helper that was used", `{"planned": true, "big": true, "told_at": "2025-06-01T10:00:00+08:00", "down_at": "2025-06-02T10:00:00+08:00"}`, nil,
			"r/5 r/6 r/7", "notice size", "told two weeks ahead: no", ""},
		{"a rule that the reading of its helper sets aside", `{"planned": true, "big": false, "told_at": "2025-06-01T10:00:00+08:00", "down_at": "2025-06-02T10:00:00+08:00"}`, nil,
			"r/5 r/6 r/7", "notice size", "it is reported: does not apply under the reading chosen", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			b, err := book.With(x.chosen...)
			require.NoError(t, err)
			a, err := b.Ask(t.Context(), "q", []byte(x.facts))
			require.NoError(t, err)
			var keys []string
			for _, r := range a.Readings {
				keys = append(keys, r.Key)
			}
			assert.Equal(t, x.cites, strings.Join(a.Cites, " "))
			assert.Equal(t, x.readings, strings.Join(keys, " "))
			assert.Contains(t, a.Explain("en"), x.tells)
			if x.tellsNot != "" {
				assert.NotContains(t, a.Explain("en"), x.tellsNot)
				assert.NotContains(t, a.Cites, "r/5")
				assert.NotContains(t, a.Rules, "r.told_ahead")
			}
		})
	}
}

// Property: filing what an answer did not apply under another article leaves
// its cites as they are.
func TestWhatDidNotApplyMayStandAnywhere(t *testing.T) {
	text := string(embedded(t).Rulebook().Source())
	for _, rule := range []string{"language", "unsure", "outside_action", "owner_open"} {
		changed := strings.Replace(text, "\n          "+rule+":\n", "\n          "+rule+":\n            also_cites: [disclosure/7]\n", 1)
		require.NotEqual(t, text, changed, rule)
		before, err := rulebook.Parse("rules.yaml", []byte(text))
		require.NoError(t, err)
		after, err := rulebook.Parse("rules.yaml", []byte(changed))
		require.NoError(t, err)
		tried := 0
		for _, c := range casesIn(t, "examples/cases") {
			if !strings.HasPrefix(c.Question, "first_inquiry.") {
				continue
			}
			if _, err := run.Of(before).Check(c.Question, c.Facts); err != nil {
				continue // a case of facts that are refused
			}
			answer := func(b *rulebook.Book) *policy.Answer {
				checked, err := run.Of(b).Check(c.Question, c.Facts)
				require.NoError(t, err)
				a, err := run.Of(b).Ask(checked, time.Time{})
				require.NoError(t, err)
				return a
			}
			a, b := answer(before), answer(after)
			if !strings.Contains(strings.Join(a.Rules, " ")+" ", "."+rule+" ") {
				tried++
				require.Equal(t, a.Cites, b.Cites, "%s: %s", rule, c.Name)
			}
		}
		require.Positive(t, tried, rule)
	}
}
