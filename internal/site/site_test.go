package site_test

import (
	"bytes"
	"context"
	"html"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/site"
)

var books = []string{
	"rules.yaml", "examples/rulebooks/cloud-sla.yaml", "examples/rulebooks/gdpr.yaml", "examples/rulebooks/ofcom.yaml",
	"examples/rulebooks/service-desk.yaml", "examples/rulebooks/support-contract.yaml", "examples/rulebooks/time-limits.yaml",
}

func load(t *testing.T, name string) *rulebook.Book {
	book, err := rulebook.Load(filepath.Join("../..", name))
	require.NoError(t, err)
	return book
}

func casesOf(t *testing.T, pattern string) []*casefile.File {
	names, err := filepath.Glob(filepath.Join("../..", pattern))
	require.NoError(t, err)
	var all []*casefile.File
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		f, found := casefile.Parse(name, data)
		require.NotNil(t, f, found)
		all = append(all, f)
	}
	return all
}

func build(t *testing.T, book *rulebook.Book, cases ...*casefile.File) map[string]string {
	files, err := site.Build(context.Background(), book, site.Options{Cases: cases})
	require.NoError(t, err)
	all := map[string]string{}
	for _, f := range files {
		all[f.Path] = string(f.Data)
	}
	return all
}

// Every book that comes with the library has a site, in which every link leads
// somewhere and nothing is left out.
func TestEveryBookHasASite(t *testing.T) {
	for _, name := range books {
		t.Run(path.Base(name), func(t *testing.T) {
			book := load(t, name)
			var cases []*casefile.File
			if strings.Contains(name, "rulebooks") {
				cases = casesOf(t, strings.TrimSuffix(name, ".yaml")+"-cases/*.yaml")
			}
			files := build(t, book, cases...)
			soundPages(t, files)
			b := book.Rulebook()
			for _, lang := range b.Languages {
				for _, reg := range b.Regulations {
					text := html.UnescapeString(files[lang+"/regulations/"+reg.ID+".html"])
					for _, a := range reg.Articles {
						assert.Contains(t, text, `id="article-`+a.Number+`"`)
						assert.Contains(t, text, a.Title.In(lang))
						for _, r := range a.Rules {
							assert.Contains(t, text, `id="rule-`+r.Name+`"`)
							assert.Contains(t, text, r.Label.In(lang))
						}
					}
				}
				readings := html.UnescapeString(files[lang+"/readings.html"])
				for _, r := range b.Readings {
					assert.Contains(t, readings, r.Asks.In(lang))
				}
				for _, q := range b.Questions {
					page := files[lang+"/questions/"+q.ID+".html"]
					assert.Contains(t, html.UnescapeString(page), q.Title.In(lang))
					assert.Contains(t, page, `<section id="ask"`)
				}
			}
			for _, f := range cases {
				for _, c := range f.Cases {
					for _, lang := range b.Languages {
						name, _ := casefile.TextIn(c.Name, lang)
						assert.Contains(t, html.UnescapeString(files[lang+"/cases/"+c.Question+".html"]), name)
					}
				}
			}
		})
	}
}

var (
	idOf     = regexp.MustCompile(`\sid="([^"]*)"`)
	linkOf   = regexp.MustCompile(`<a [^>]*href="([^"]*)"`)
	loads    = regexp.MustCompile(`<(?:link|script|img|iframe|source|object|embed)[^>]*\s(?:href|src|data)="([^"]*)"`)
	language = regexp.MustCompile(`<html lang="[a-zA-Z-]+">`)
	tags     = regexp.MustCompile(`<[^>]*>`)
)

// soundPages checks what holds of all pages of all sites.
func soundPages(t *testing.T, files map[string]string) {
	ids := map[string]map[string]bool{}
	for name, text := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		ids[name] = map[string]bool{}
		for _, m := range idOf.FindAllStringSubmatch(text, -1) {
			id := html.UnescapeString(m[1])
			assert.False(t, ids[name][id], "%s: the id %s stands twice", name, id)
			ids[name][id] = true
		}
	}
	for name, text := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		assert.Len(t, language.FindAllString(text, -1), 1, name)
		assert.Equal(t, 1, strings.Count(text, "<h1"), "%s: one heading of the first level", name)
		assert.Equal(t, 1, strings.Count(text, "<main"), name)
		for _, m := range linkOf.FindAllStringSubmatch(text, -1) {
			href := html.UnescapeString(m[1])
			if strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://") {
				continue // where a text is to be read
			}
			file, anchor, _ := strings.Cut(href, "#")
			to := name
			if file != "" {
				to = path.Join(path.Dir(name), file)
			}
			if assert.Contains(t, files, to, "%s links to %s", name, href) && anchor != "" {
				assert.True(t, ids[to][anchor], "%s links to %s, which has no such part", name, href)
			}
		}
		for _, m := range loads.FindAllStringSubmatch(text, -1) {
			if m[1] != "data:," {
				assert.Contains(t, files, path.Join(path.Dir(name), m[1]), name)
			}
		}
		words := tags.ReplaceAllString(text, "")
		for _, leak := range []string{"%!", "map[", "<nil>", "&lt;nil&gt;", "[]string", "ZgotmplZ", "0x"} {
			assert.NotContains(t, words, leak, name)
		}
	}
}

func TestSameBookSameBytes(t *testing.T) {
	book := load(t, "examples/rulebooks/cloud-sla.yaml")
	cases := casesOf(t, "examples/rulebooks/cloud-sla-cases/*.yaml")
	a, err := site.Build(context.Background(), book, site.Options{Cases: cases})
	require.NoError(t, err)
	b, err := site.Build(context.Background(), load(t, "examples/rulebooks/cloud-sla.yaml"), site.Options{Cases: cases})
	require.NoError(t, err)
	require.Len(t, b, len(a))
	for i := range a {
		assert.Equal(t, a[i].Path, b[i].Path)
		assert.True(t, bytes.Equal(a[i].Data, b[i].Data), a[i].Path)
	}
}

// What a book says is text on every page, whatever it looks like.
func TestHostileWording(t *testing.T) {
	const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>`
	data, err := os.ReadFile("testdata/hostile.yaml")
	require.NoError(t, err)
	book, err := rulebook.Parse("hostile.yaml", bytes.ReplaceAll(data, []byte("HOSTILE"), []byte(hostile)))
	require.NoError(t, err)
	f, found := casefile.Parse("cases.yaml", []byte("cases:\n- name: '"+hostile+` / "x" & ''y'''`+"\n  note: '"+hostile+"'\n  question: ask\n  facts: {kind: a, when: 2025-01-01}\n  expect: {verdict: fine}\n"))
	require.NotNil(t, f, found)
	files := build(t, book, f)
	soundPages(t, files)
	for name, text := range files {
		assert.NotContains(t, text, hostile, name)
		assert.NotContains(t, text, "<img", name)
		if strings.HasSuffix(name, ".html") {
			assert.NotContains(t, strings.ReplaceAll(text, "</script>", ""), "<script>alert", name)
		}
	}
	assert.Contains(t, files["en/regulations/law.html"], "&lt;img src=x onerror=alert(2)&gt;")
	assert.NotContains(t, files["en/search-index.js"], "<")
}

// What changes stands once, at the named value, not again at each rule that uses it.
func TestChangesStandOnce(t *testing.T) {
	page := build(t, load(t, "examples/rulebooks/ofcom.yaml"))["zh/changes.html"]
	assert.Equal(t, 1, strings.Count(page, "10.34 GBP"))
	assert.Equal(t, 1, strings.Count(page, "6.46 GBP"))
}

// A case that comes out otherwise says so by labels and words.
func TestCasesThatComeOutOtherwise(t *testing.T) {
	const text = `cases:
- name: 三天 / three days
  question: accountability.fine
  facts: {person: S1, complaint: {level: hall, form: complaint, substantiated: true, cause: service}, prior_in_window: {hall: 0, branch: 0, county_or_above: 0}}
  expect: {verdict: no_fine, final_fine: 50, capped: true}
`
	f, found := casefile.Parse("cases.yaml", []byte(text))
	require.NotNil(t, f, found)
	files := build(t, load(t, "rules.yaml"), f)
	zh, en := html.UnescapeString(files["zh/cases/accountability.fine.html"]), html.UnescapeString(files["en/cases/accountability.fine.html"])
	for _, want := range []string{"结论：应为 不罚，实得 拟罚款", "拟罚金额：应为 50，实得 20", "已到最高档：应为 是，实得 否"} {
		assert.Contains(t, zh, want)
	}
	assert.Contains(t, en, "final fine: expected 50, got 20")
	assert.Contains(t, en, ">three days</h2>")
}
