package printed_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/printed"
)

// written is the page of an answer.
func written(t *testing.T, lang, question, facts string, at time.Time) string {
	t.Helper()
	book, err := rulebook.Default()
	require.NoError(t, err)
	var options []rulebook.Option
	if !at.IsZero() {
		options = append(options, rulebook.AsOf(at))
	}
	a, err := book.Ask(context.Background(), question, []byte(facts), options...)
	require.NoError(t, err)
	n, err := intake.ParseFacts([]byte(facts))
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, printed.Asked{Book: book.Rulebook(), Lang: lang, Facts: n, AsOf: at, Answer: a}.Page().Write(&b))
	for _, elsewhere := range []string{"http:", "https:", "src=", "href=", "<script", "url("} {
		assert.NotContains(t, b.String(), elsewhere, "a page needs nothing else")
	}
	return b.String()
}

// A page has the outcome with its values, what was given apart from what was
// assumed, and the reasons, articles and readings that the answer has.
func TestAnswerAsPage(t *testing.T) {
	const late = `{"request": {"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00", "completed_at": "2025-06-17T09:00:00+08:00"}}`
	zh, en := written(t, "zh", "time_limit.request", late, time.Time{}), written(t, "en", "time_limit.request", late, time.Time{})
	for _, text := range []string{`<html lang="zh">`, "超期办结", "到期日", `<span class="tab">2025-06-16</span>`, "限时办结制第6条", "材料齐全时间", "没有给出", "具体责任人 （未指明）", "sha256"} {
		assert.Contains(t, zh, text)
	}
	for _, text := range []string{`<html lang="en">`, "The clock of one request", "late", "Time limits, article 6", "As of</span> not given", "where the text can be read"} {
		assert.Contains(t, strings.ToLower(en), strings.ToLower(text))
	}
	assert.Regexp(t, `(?s)class="figure">超期办结</p><p>.*到期.*<strong><span class="tab">2025-06-16</span></strong> <span class="quiet">已超 9小时</span>.*</p><dl>`, zh)
	assert.Contains(t, written(t, "en", "accountability.fine", `{"person": "S3", "complaint": {"level": "hall", "cause": "service", "substantiated": true}, "prior_in_window": {"hall": 3, "branch": 0, "county_or_above": 0}, "aggravating": [], "mitigating": []}`, time.Time{}), "<strong>50 yuan</strong>")
	assert.Equal(t, strings.Count(zh, `class="mark"`), strings.Count(en, `class="mark"`))
	given, assumed, _ := strings.Cut(zh, "按规则书推定")
	assert.Regexp(t, `<dt>网络具备条件</dt><dd>是 <span class="mark">推定</span>`, assumed)
	assert.NotContains(t, given, `class="mark"`)
	assert.NotContains(t, assumed, "材料齐全时间</dt>", "it was given")
	before := written(t, "en", "time_limit.request", `{"request": {"kind": "install", "papers_complete_at": "2025-06-09T10:00:00+08:00"}}`, time.Date(2025, 6, 20, 2, 0, 0, 0, time.UTC))
	assert.Contains(t, before, `As of</span> <span class="tab">2025-06-20 10:00</span>`)
	assert.Regexp(t, `(?s)class="toned open"><h2>No proposal yet.*Facts still needed`, before)
	failed := written(t, "en", "time_limit.request", `{"request": {"kind": "install", "papers_complete_at": "2035-06-09T10:00:00+08:00"}, "as_of": "2025-06-20T10:00:00+08:00"}`, time.Time{})
	assert.Regexp(t, `(?s)class="toned bad"><h2>No answer.*nothing can be decided`, failed)
}

// What people wrote stays text, whatever it holds.
func TestTextStaysText(t *testing.T) {
	const name = `<b>\"&amp;\u202e\n x`
	page := written(t, "zh", "accountability.fine", `{"person": "`+strings.ReplaceAll(name, `\n`, "")+`", "complaint": {"level": "hall"}, "aggravating": ["other_aggravating"], "other_reason": "<i>a\nb"}`, time.Time{})
	assert.NotRegexp(t, regexp.MustCompile(`<[bi]>`), page)
	assert.Contains(t, page, "&lt;b&gt;")
	assert.Contains(t, page, "[U+202E]")
	assert.Contains(t, page, "&lt;i&gt;a<br>b")
}
