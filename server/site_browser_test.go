package server

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/site"
	"github.com/servicerules/rulebook/internal/testsize"
)

// The pages that `rulebook site` writes, opened from a file: accessible, no wider
// than the screen down to 320 pixels, searched without a server, and nothing is
// asked of anybody.
func TestSiteInABrowser(t *testing.T) {
	t.Parallel()
	name, page, rule, word := "../examples/rulebooks/cloud-sla.yaml", "regulations/sla.html", "rule-level", map[string]string{"zh": "可用率", "en": "uptime"}
	if testsize.Pick(false, false, true) {
		name, page, rule, word = "../rules.yaml", "regulations/accountability.html", "rule-complaint_fine", map[string]string{"zh": "投诉 罚款", "en": "complaint fine"}
	}
	book, err := rulebook.Load(name)
	require.NoError(t, err)
	const cases = "../examples/rulebooks/cloud-sla-cases/service.month.yaml"
	data, err := os.ReadFile(cases)
	require.NoError(t, err)
	f, found := casefile.Parse(cases, data)
	require.NotNil(t, f, found)
	files, err := site.Build(t.Context(), book, site.Options{Cases: []*casefile.File{f}})
	require.NoError(t, err)
	dir := t.TempDir()
	for _, f := range files {
		at := filepath.Join(dir, filepath.FromSlash(f.Path))
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		require.NoError(t, os.WriteFile(at, f.Data, 0o644))
	}
	window := browser(t)
	for _, l := range looks() {
		if l.width < 600 {
			l.width = 320
		}
		b := open(t, window, "file://"+filepath.ToSlash(dir), l)
		b.visit("/index.html")
		b.until(`/\/(zh|en)\/index.html$/.test(location.pathname) && document.readyState === "complete"`) // which, is for the browser to say
		for _, at := range []string{"index.html", page + "#" + rule, "readings.html", "questions/" + book.Rulebook().Questions[0].ID + ".html"} {
			b.visit("/" + l.lang + "/" + at)
			b.js(`document.querySelectorAll("details").forEach(d => d.open = true)`)
			b.fits(at)
			b.accessible(at)
			b.shoot("site-" + filepath.Base(filepath.Dir(at)) + "-" + filepath.Base(at))
		}
		b.visit("/" + l.lang + "/search.html")
		b.set("q", word[l.lang])
		b.until(`document.querySelectorAll("#results li").length > 1 && document.querySelector("#results mark")`)
		href := value[string](b, `document.querySelector("#results a").href`)
		b.follow("#results a")
		assert.True(t, value[bool](b, `!location.hash || !!document.getElementById(decodeURIComponent(location.hash.slice(1)))`), href)
	}
}
