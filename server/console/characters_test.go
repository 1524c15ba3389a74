package console

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/server/service"
)

// everyKind is a character of every kind that text may hold: of every
// category of Unicode, and those that readers of text are known to trip over.
func everyKind() []rune {
	all := []rune{0, 1, '\t', '\n', '\v', '\r', 0x1b, 0x7f, 0x80, 0x85, 0x9f, 0xa0, 0xad, 0x61c, 0x200b, 0x200e, 0x2028, 0x2029, 0x202e, 0x2066, 0xfeff, 0xfffd, 0xfffe, 0xffff,
		0x1f600, 0x1ffff, 0xe0001, 0xf0000, 0x10fffd, 0x10ffff, '"', '\\', '\'', '`', '<', '>', '&', '#', ':', '{', '[', '%', '$', '*', '!', '|', '-', '~', '@', '五'}
	for _, table := range unicode.Categories {
		switch {
		case len(table.R16) > 0 && !(table.R16[0].Lo >= 0xd800 && table.R16[0].Lo < 0xe000):
			all = append(all, rune(table.R16[0].Lo), rune(table.R16[len(table.R16)-1].Hi))
		case len(table.R32) > 0:
			all = append(all, rune(table.R32[0].Lo), rune(table.R32[len(table.R32)-1].Hi))
		}
	}
	return all
}

const odd = "甲 <b>乙</b>"

// factsWith are facts that hold a text in a name, in a sentence and in a list.
func factsWith(t *testing.T, text string) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"request": map[string]any{
		"kind": "install", "area_type": "urban", "papers_complete_at": "2025-06-09T10:00:00+08:00", "direct": "S1", "department_head": text,
		"extension": map[string]any{"requested_at": "2025-06-10T10:00:00+08:00", "reason": odd + text},
	}})
	require.NoError(t, err)
	return data
}

func (p *visitor) recorded(question string, facts []byte, asOf time.Time, readings ...live.Setting) *record.Entry {
	p.Helper()
	done, err := p.console.service.Record(p.Context(), service.Asking{Question: question, Facts: facts, AsOf: asOf, Readings: readings}, service.Once{})
	require.NoError(p, err)
	return done.Entry
}

// Whatever a fact holds, the page of the decision shows it, and every other
// fact as well.
func TestDecisionShowsEveryCharacter(t *testing.T) {
	p := newPages(t, "")
	for _, c := range everyKind() {
		name := fmt.Sprintf("%U", c)
		text := "x" + string(c) + "y"
		path := "/decisions/" + p.recorded("time_limit.request", factsWith(t, text), noon).ID()
		page := p.get(path)
		sound(t, path, page)
		for _, says := range []string{"Verified", "kind of request", "install", "2025-06-09 10:00", "S1", "reason"} {
			assert.Contains(t, page, says, name)
		}
		assert.NotContains(t, page, "The record as it stands", name)
		shown := html.UnescapeString(page)
		if c == 0 { // HTML has no such character
			text = "x\ufffdy"
		}
		assert.Contains(t, shown, ">"+shownAs(c, text), name)
		assert.Contains(t, shown, odd+text, name)
		if !unicode.IsGraphic(c) && c != '\n' && c != '\t' && c != '\r' {
			assert.Contains(t, page, fmt.Sprintf("[U+%04X]", c), "what cannot be seen is named")
		}
	}
	assert.Contains(t, p.post("/decisions/verify", url.Values{}), "Everything is as it was recorded")
}

func shownAs(c rune, text string) string {
	if plainly("x"+string(c)+"y") != "x"+string(c)+"y" {
		return "\u2068" + text
	}
	return text
}

// All characters that there are, in a few long texts.
func TestDecisionShowsAllOfUnicode(t *testing.T) {
	p := newPages(t, "")
	const piece = 0x8000
	for from := rune(1); from <= unicode.MaxRune; from += piece {
		var b strings.Builder
		for c := from; c < from+piece && c <= unicode.MaxRune; c++ {
			if utf8.ValidRune(c) && c != '\r' {
				b.WriteRune(c)
			}
		}
		if b.Len() == 0 {
			continue
		}
		data, err := json.Marshal(map[string]any{"request": map[string]any{"kind": "install", "direct": "S1", "extension": map[string]any{"reason": "[" + b.String() + "]"}}})
		require.NoError(t, err)
		page := html.UnescapeString(p.get("/decisions/" + p.recorded("time_limit.request", data, noon).ID()))
		assert.True(t, strings.Contains(page, "["+b.String()+"]"), "from %U", from)
		assert.Contains(t, page, "S1")
		assert.Contains(t, page, "Verified")
	}
}

// The form takes every character too: the answer is there, and so is what can
// be copied from it, which means the same.
func TestFormTakesEveryCharacter(t *testing.T) {
	p := newPages(t, "")
	for _, c := range everyKind() {
		text := "x" + string(c) + "y"
		page := p.post("/ask/time_limit.request", url.Values{"_as_of": {"2025-06-20T09:00"}, "request.kind": {"install"}, "request.direct": {text}, "request.extension.reason": {text}})
		assert.Contains(t, page, "As a case (YAML)", "%U", c)
		assert.Contains(t, page, `id="record"`, "%U", c)
		q := question(t, gulin(t), "time_limit.request")
		x := asking{question: q, facts: factsWith(t, text), asOf: noon}
		a, err := gulin(t).Ask(t.Context(), q.ID, x.facts, x.options()...)
		require.NoError(t, err)
		written, err := x.yamlCase(a, "t")
		require.NoError(t, err, "%U", c)
		f, found := casefile.Parse("case.yaml", []byte(written))
		require.NotNil(t, f, "%U: %v\n%s", c, found, written)
		require.Len(t, f.Cases, 1)
		assert.Equal(t, text, f.Cases[0].Facts.Get("request").Get("department_head").Text, "%U", c)
	}
	r := p.send("/ask/time_limit.request", url.Values{"request.direct": {"x\xffy"}})
	assert.Equal(t, http.StatusUnprocessableEntity, r.StatusCode, "what JSON cannot hold is refused and not replaced")
	assert.Contains(t, p.text(r), "not UTF-8 text")
}
