package api_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/live"
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

// Facts that cannot all be right are refused with all that is wrong, asked one
// by one and many at once.
func TestFactsThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, []byte(shareRules), 0o600))
	s := serve(t, live.Options{File: file, Settle: time.Millisecond})
	const wrong = `{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:59:59Z", "met": 4, "all": 3}`
	const right = `{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:00:00Z", "met": 3, "all": 3}`
	both := func(what, body string) {
		t.Helper()
		assert.Contains(t, body, "it ends no earlier than it begins", what)
		assert.Contains(t, body, "no more are met than there are", what)
		assert.NotContains(t, body, "09:59:59", what) // nothing of what was sent
	}
	one := s.send(http.MethodPost, "/v1/questions/share/ask", "application/json", wrong, "Accept-Language", "en")
	assert.Equal(t, http.StatusUnprocessableEntity, one.status)
	both("ask", one.body)
	assert.Equal(t, http.StatusOK, s.send(http.MethodPost, "/v1/questions/share/ask", "application/json", right).status)
	many := s.send(http.MethodPost, "/v1/questions/share/ask-many", "application/jsonl", right+"\n"+wrong+"\n", "Accept-Language", "en")
	require.Equal(t, http.StatusOK, many.status, many.body)
	lines := strings.Split(strings.TrimSpace(many.body), "\n")
	require.Len(t, lines, 2, many.body)
	assert.NotContains(t, lines[0], "facts_impossible")
	both("ask-many", lines[1])
}
