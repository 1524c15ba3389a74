package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

const shareRules = `rulebook: {id: lib, title: {zh: 馆, en: Library}, zone: Europe/London, in_force: {from: 2020-01-01}}
facts:
  start: {zh: 开始, en: start, type: moment}
  end: {zh: 结束, en: end, type: moment}
  met: {zh: 达标数, en: number met, type: count}
  all: {zh: 总数, en: number in all, type: count}
must:
  ends_after_start: {zh: 结束不早于开始, en: it ends no earlier than it begins, that: end >= start}
  no_more_than_all: {zh: 达标数不超过总数, en: no more are met than there are, that: met <= all}
regulations:
  r:
    zh: 规
    en: rules
    articles:
      "1": {nature: definition, title: {zh: 一, en: one}, text: {zh: 一, en: one}, figures: {open: {zh: 差, en: open, is: all - met}, long: {zh: 长, en: long, is: "start == null or end == null ? null : end - start"}}}
questions:
  share: {zh: 比, en: share, facts: [start, end, met, all], rules: [open, long], verdict: {is: '"done"', words: {done: {zh: 完, en: done}}}, values: {open: {zh: 差, en: open, is: open.value}}}
`

// Rows whose facts cannot all be right are refused with all that is wrong; the
// rows around them are answered.
func TestRowsThatCannotBe(t *testing.T) {
	book, err := rulebook.Parse("rules.yaml", []byte(shareRules))
	require.NoError(t, err)
	for in, input := range map[Format]string{
		CSV: "record,start,end,met,all\nA1,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,3,3\nA2,2026-03-02T10:00:00Z,2026-03-02T09:59:59Z,4,3\nA3,2026-03-02T10:00:00Z,,4,3\n",
		JSONL: `{"record": "A1", "start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:00:00Z", "met": 3, "all": 3}` + "\n" +
			`{"record": "A2", "start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:59:59Z", "met": 4, "all": 3}` + "\n" +
			`{"record": "A3", "start": "2026-03-02T10:00:00Z", "met": 4, "all": 3}` + "\n",
	} {
		var out bytes.Buffer
		r, err := Run(context.Background(), book, Options{Input: strings.NewReader(input), Output: &out, Plan: Plan{Question: "share", In: in, Out: JSONL}})
		require.NoError(t, err)
		require.NotNil(t, r)
		var got [][]string
		for line := range strings.Lines(out.String()) {
			type refusal struct{ Code, Fact string }
			var x struct {
				Error  *refusal
				Errors []refusal
			}
			require.NoError(t, json.Unmarshal([]byte(line), &x), line)
			facts := []string{}
			if x.Error != nil && x.Errors == nil { // there is only this one
				x.Errors = []refusal{*x.Error}
			}
			for _, e := range x.Errors {
				assert.Equal(t, "facts_impossible", e.Code)
				facts = append(facts, e.Fact)
			}
			got = append(got, facts)
		}
		assert.Equal(t, [][]string{{}, {"start", "met"}, {"met"}}, got, out.String())
	}
}
