package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/server/api"
	"github.com/servicerules/rulebook/server/live"
)

// A change goes its whole way over the interface, each request sent twice.
func TestChangesByAPI(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "rules.yaml")
	text, err := os.ReadFile("../record/testdata/rules.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	s := serve(t, live.Options{File: file, Settle: time.Millisecond})
	require.Equal(t, http.StatusCreated, s.ask("lending.fee", "?record=1", `{"reader":"R1","kind":"book"}`).status)
	changed := strings.Replace(string(text), "{from: 1, amount: 5}", "{from: 1, amount: 20}", 1)
	key := 0
	twice := func(status int, path, media, body string) api.Change {
		t.Helper()
		key++
		header := []string{"Idempotency-Key", "k" + strings.Repeat("k", key)}
		got := s.send("POST", path, media, body, header...)
		require.Equal(t, status, got.status, got.body)
		again := s.send("POST", path, media, body, header...)
		require.Equal(t, http.StatusOK, again.status, again.body)
		assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
		assert.Equal(t, got.body, again.body)
		var c api.Change
		require.NoError(t, json.Unmarshal([]byte(got.body), &c))
		return c
	}
	step := func(body map[string]any) api.Change {
		t.Helper()
		data, err := json.Marshal(body)
		require.NoError(t, err)
		return twice(http.StatusOK, "/v1/changes/1/steps", "application/json", string(data))
	}
	c := twice(http.StatusCreated, "/v1/changes?title="+url.QueryEscape("首次二十元")+"&why=decided", "application/yaml", changed+"bad: [")
	assert.Equal(t, "draft", c.State)
	p := s.send("POST", "/v1/changes/1/steps", "application/json", `{"kind":"proposed","sha256":"`+c.Text+`"}`).problem(t)
	assert.Equal(t, "not_fit", p.Code)
	require.NotEmpty(t, p.Errors)
	assert.Positive(t, p.Errors[len(p.Errors)-1].Line)
	c = twice(http.StatusOK, "/v1/changes/1/text?seen="+jsonOf(c.Latest), "text/plain", changed)
	assert.Equal(t, changed, s.get("/v1/changes/1/text").body)
	for {
		var study api.Study
		require.NoError(t, json.Unmarshal([]byte(s.get("/v1/changes/1/study", "Accept-Language", "zh").body), &study))
		if study.Stage != "done" {
			time.Sleep(time.Millisecond)
			continue
		}
		assert.True(t, study.OK)
		assert.Equal(t, 1, study.Impact.Changed)
		assert.Contains(t, study.Impact.Groups[0].Lines[1], "+15")
		assert.Len(t, study.Impact.Groups[1].Records, 1)
		assert.Contains(t, study.Differences[0].Lines[0], "5")
		break
	}
	assert.Equal(t, "not_in_shadow", s.get("/v1/changes/1/shadow").problem(t).Code)
	c = step(map[string]any{"kind": "shadowed", "sha256": c.Text, "seen": c.Latest})
	require.NotNil(t, c.Shadow)
	assert.Nil(t, c.Shadow.To)
	asked := s.send("POST", "/v1/questions/lending.fee/ask?record=1", "application/json", `{"reader":"R-1380","kind":"book","before":0}`)
	require.Equal(t, http.StatusCreated, asked.status, asked.body)
	var beside api.Beside
	got := s.get("/v1/changes/1/shadow", "Accept-Language", "zh")
	decode(t, got.body, &beside)
	assert.Equal(t, [3]int{1, 1, 0}, [3]int{beside.Compared, beside.Differing, int(beside.Behind)})
	assert.Equal(t, []api.BesideQuestion{{Question: "lending.fee", Compared: 1, Differing: 1}}, beside.Questions)
	assert.Contains(t, beside.Differences[0].Parts, "amount")
	assert.Equal(t, "结论相同，其他取值不同", beside.Differences[0].Told)
	assert.NotContains(t, got.body, "R-1380")
	c = step(map[string]any{"kind": "unshadowed", "seen": c.Latest})
	assert.NotNil(t, c.Shadow.To)
	c = step(map[string]any{"kind": "proposed", "sha256": c.Text, "seen": c.Latest})
	c = step(map[string]any{"kind": "approved", "sha256": c.Text, "seen": c.Latest})
	assert.True(t, c.Alone)
	c = step(map[string]any{"kind": "scheduled", "sha256": c.Text, "from": "2999-01-01T00:00:00+08:00"})
	assert.Equal(t, "scheduled", c.State)
	c = step(map[string]any{"kind": "published", "sha256": c.Text, "seen": c.Latest})
	assert.Equal(t, "published", c.State)
	assert.Equal(t, changed, s.get("/v1/rules").body)
	var h api.History
	require.NoError(t, json.Unmarshal([]byte(s.get("/v1/rules/history").body), &h))
	require.Len(t, h.Versions, 2)
	assert.True(t, h.Versions[0].Active)
	assert.EqualValues(t, 1, h.Versions[0].Change)
	assert.Equal(t, string(text), s.get("/v1/rules/"+h.Versions[1].SHA256).body)

	for body, code := range map[string]string{
		`{"kind":"published","sha256":"` + c.Text + `"}`:           "not_now",
		`{"kind":"withdrawn"}`:                                     "needed",
		`{"kind":"drafted","title":"x"}`:                           "unknown_kind",
		`{"kind":"found"}`:                                         "unknown_kind",
		`{"kind":"scheduled","from":"tomorrow","sha256":"x"}`:      "bad_moment",
		`{"kind":"withdrawn","reason":"x","secret":"13800138000"}`: "bad_record",
	} {
		got := s.send("POST", "/v1/changes/1/steps", "application/json", body)
		assert.NotContains(t, got.body, "13800138000")
		assert.Equal(t, code, got.problem(t).Code, body)
	}
	for _, path := range []string{"/v1/changes/2", "/v1/changes/x", "/v1/changes/0/text", "/v1/changes/99/study"} {
		assert.Equal(t, "unknown_change", s.get(path).problem(t).Code, path)
	}
}

func jsonOf(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}
