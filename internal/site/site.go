// Package site makes pages of a rulebook that need nothing but themselves: the
// text of each article beside its rules in plain words, readings, tables and
// pictures, cases, what uses what. They are the same bytes for the same book and
// cases, and work from a file as from a server.
package site

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"path"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

//go:embed templates static
var files embed.FS

// File is one file of a site.
type File struct {
	Path string // with slashes, below the directory of the site
	Data []byte
}

// Options are what a site is made of besides the book.
type Options struct {
	Cases []*casefile.File

	// Engine is engine.js, with which the pages of questions can be asked; nil for
	// pages that only show.
	Engine []byte
}

// Build makes the files of a site, sorted by their paths. It asks all cases, and
// fails only where the context ends.
func Build(ctx context.Context, book *rulebook.Book, o Options) ([]File, error) {
	b := &builder{book: book, b: run.Of(book).Book(), files: map[string][]byte{}, engine: o.Engine}
	if err := b.runCases(ctx, o.Cases); err != nil {
		return nil, err
	}
	b.names()
	languages := b.b.Languages
	for _, lang := range languages {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := b.language(lang); err != nil {
			return nil, err
		}
	}
	if err := b.page("index.html", "start.html", &page{Lang: languages[0], Title: b.b.Title.In(languages[0]), Site: b.siteOf(languages[0]), Data: b.starts()}); err != nil {
		return nil, err
	}
	for _, name := range []string{"site.css", "site.js", "ask.css", "ask.js"} {
		data, err := files.ReadFile("static/" + name)
		if err != nil {
			return nil, err
		}
		b.files["assets/"+name] = data
	}
	if err := b.askAssets(o); err != nil {
		return nil, err
	}
	all := make([]File, 0, len(b.files))
	for name, data := range b.files {
		all = append(all, File{name, data})
	}
	slices.SortFunc(all, func(x, y File) int { return strings.Compare(x.Path, y.Path) })
	return all, nil
}

// builder makes the pages of one book.
type builder struct {
	book  *rulebook.Book
	b     *checked.Book
	cases []questionCases
	uses  useIndex
	files map[string][]byte

	engine []byte
}

// names finds what uses what.
func (b *builder) names() { b.uses = analysis.AllUses(b.b) }

// start is a way into the site.
type start struct{ Lang, Label, Href string }

// languageNames are what languages call themselves.
var languageNames = map[string]string{"zh": "中文", "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ja": "日本語", "ko": "한국어", "it": "Italiano", "pt": "Português", "ru": "Русский"}

func languageName(lang string) string {
	if name, ok := languageNames[lang]; ok {
		return name
	}
	return lang
}

func (b *builder) starts() []start {
	var all []start
	for _, lang := range b.b.Languages {
		all = append(all, start{lang, languageName(lang), lang + "/index.html"})
	}
	return all
}

// page is what a template shows.
type page struct {
	Lang  string
	Root  string // from the page to the directory of the site, with a slash where it is not empty
	Path  string // below the directory of the language
	Title string
	Nav   string // which entry of the menu it is of
	Site  *siteInfo
	Data  any
}

// siteInfo is what every page says of the book.
type siteInfo struct {
	Title, ID, Hash, InForce string
	Languages                []start
	Readings, Changes        int
	Cases                    bool
	rules                    map[string]string // addresses, by names
}

func (b *builder) siteOf(lang string) *siteInfo {
	s := &siteInfo{Title: b.b.Title.In(lang), ID: b.b.ID, Hash: b.b.SHA256[:12], Cases: len(b.cases) > 0, Readings: len(b.b.Readings), Languages: b.starts()}
	s.InForce = pick(lang, "自 "+b.b.From.String()+" 起施行", "in force from "+b.b.From.String())
	s.rules = map[string]string{}
	for _, r := range b.b.AllRules {
		s.rules[r.Name] = ruleAddress(r.ID)
	}
	if b.b.To != 0 {
		s.InForce = pick(lang, fmt.Sprintf("%v 至 %v 施行", b.b.From, b.b.To), fmt.Sprintf("in force from %v to %v", b.b.From, b.b.To))
	}
	return s
}

// pick is the wording in a language: English, where it is neither.
func pick(lang, zh, en string) string {
	if lang == "zh" {
		return zh
	}
	return en
}

// parsed is the template of a page, with what all pages share.
func parsed(name string, p *page) (*template.Template, error) {
	t := template.New(name).Funcs(functions(p))
	return t.ParseFS(files, "templates/base.html", "templates/parts.html", "templates/ask.html", "templates/"+name)
}

// page writes one page.
func (b *builder) page(file, name string, p *page) error {
	depth := strings.Count(file, "/")
	p.Root = strings.Repeat("../", depth)
	t, err := parsed(name, p)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, p); err != nil {
		return err
	}
	b.files[file] = out.Bytes()
	return nil
}

// speaker makes the pages of one language.
type speaker struct {
	*builder
	lang  string
	words wording.Words
	plain *plainwords.Speaker
	site  *siteInfo
	found []entry // for the search
	told  map[string]plainwords.Told
}

func (s *speaker) pick(zh, en string) string { return pick(s.lang, zh, en) }

func (s *speaker) text(t policy.Text) string { return t.In(s.lang) }

// write writes a page of the language.
func (s *speaker) write(at, name, nav, title string, data any) error {
	return s.page(path.Join(s.lang, at), name, &page{Lang: s.lang, Path: at, Title: title, Nav: nav, Site: s.site, Data: data})
}

func (b *builder) language(lang string) error {
	numbers := "en"
	if lang == "zh" {
		numbers = "zh"
	}
	s := &speaker{builder: b, lang: lang, words: wording.Words{Book: b.b.Rulebook, Lang: numbers}, plain: plainwords.New(b.b, lang), site: b.siteOf(lang), told: map[string]plainwords.Told{}}
	for _, r := range b.b.AllRules {
		s.told[r.Name] = s.plain.Rule(r)
	}
	for _, do := range []func() error{s.changes, s.home, s.regulations, s.questions, s.readings, s.facts, s.casePages, s.usesPage, s.ledger, s.search} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}
