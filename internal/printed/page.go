// Package printed writes pages that stand alone: one file of HTML that needs
// nothing else, reads well on a large and a small screen, light and dark, and
// can be printed. It is the one home of how such a page looks.
package printed

import (
	"html/template"
	"io"
	"regexp"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/headline"
)

// Page is a page: what it is about, and its parts from top to bottom. All texts
// are in its language.
type Page struct {
	Lang  string // "zh" or "en"
	Of    string // what it belongs to, above the title; "" for nothing
	Title string
	Below []Line // under the title
	Parts []Part
	Foot  []Line // what proves where the page is from, in small letters
}

// Line is a labelled text.
type Line struct {
	Label, Text string
	Depth       int  // of a field of what stands above: 1 and more
	Assumed     bool // nobody gave it
}

// Part is a part of a page. What it does not have is left out.
type Part struct {
	Heading string
	Text    string
	Tone    Tone
	Figure  string // what is to be read first, in large letters
	Beside  []headline.Headline
	Lines   []Line // labels beside their texts
	Items   []Item
	Ordered bool // the items are numbered
	Table   *Table
}

// Tone is how a part looks.
type Tone string

// The tones: a part without one is plain text.
const (
	Bad  Tone = "bad"  // something was broken
	Open Tone = "open" // something waits for a fact or a person
	Said Tone = "said" // an outcome that is neither
)

// Item is one of a list.
type Item struct {
	Text string
	Of   string // where it is from, quieter: an article, a rule
}

// Table has a cell in each row for each of its headings.
type Table struct {
	Head    []string
	Numbers []bool // columns that stand on their right side
	Rows    [][]string
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error { return page.Execute(w, p) }

var dates = regexp.MustCompile(`\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?`)

// Dated keeps the dates of a text from being broken at the ends of lines; a line
// break of the text is one of the page.
func Dated(text string) template.HTML {
	text = strings.ReplaceAll(template.HTMLEscapeString(text), "\n", "<br>")
	return template.HTML(dates.ReplaceAllString(text, `<span class="tab">$0</span>`))
}

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"dated":   Dated,
	"assumed": func(lang string) string { return diagnostic.Text{ZH: "推定", EN: "assumed"}.In(lang) },
	"number":  func(t *Table, column int) bool { return column < len(t.Numbers) && t.Numbers[column] },
}).Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; --ground: #fff; --ink: #1b232d; --muted: #545e6b; --line: #c9ced3; --sunken: #eef1f3; --bad: #a3231b; --bad-soft: #fbeae7; --open: #7d4b00; --open-soft: #fbf0da; --said: #13587c; --said-soft: #e4eff5 }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #13171c; --ink: #e7eaee; --muted: #a6b0bc; --line: #3a444f; --sunken: #20272f; --bad: #f5a198; --bad-soft: #41211e; --open: #ecbd72; --open-soft: #392c14; --said: #83c4e8; --said-soft: #1b3342 } }
* { box-sizing: border-box }
body { font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 3rem; color: var(--ink); background: var(--ground); overflow-wrap: anywhere }
:lang(zh) { line-height: 1.7 }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem } h2 { font-size: 1.125rem; line-height: 1.3; margin: 1.75rem 0 .5rem } p { margin: 0 0 .5rem }
.quiet, footer { color: var(--muted) } .tab, td.n { font-variant-numeric: tabular-nums } .tab { white-space: nowrap }
dl { margin: 0 } dl > div { display: grid; grid-template-columns: minmax(8rem, 16rem) minmax(0, 1fr); gap: 0 1rem; padding: .1875rem 0; border-bottom: 1px solid var(--line) } dt { color: var(--muted) } dd { margin: 0 }
.depth-1 dt { padding-left: 1rem } .depth-2 dt { padding-left: 2rem } .depth-3 dt { padding-left: 3rem }
.mark { color: var(--open); border: 1px solid; border-radius: 3px; padding: 0 .25rem; font-size: .8125rem; white-space: nowrap }
ul, ol { margin: 0; padding-left: 1.5rem } li { margin: 0 0 .25rem }
.toned { border-left: 4px solid; padding: .625rem 1rem; margin: 1rem 0 0 } .toned h2 { margin: 0 0 .25rem } .toned > * { color: var(--ink) } .toned :last-child { margin-bottom: 0 } .toned ul { list-style: none; padding: 0 }
.bad { border-color: var(--bad); background: var(--bad-soft) } .open { border-color: var(--open); background: var(--open-soft) } .said { border-color: var(--said); background: var(--said-soft) }
.toned h2 { font-size: 1rem } .bad h2 { color: var(--bad) } .open h2 { color: var(--open) } .said h2 { color: var(--said) } .toned .quiet { color: inherit }
.figure { font-size: 1.375rem; font-weight: 600; line-height: 1.35; margin: 0 } .beside { margin-right: 1.25rem } .beside strong { font-size: 1.25rem }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% } th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top } th { background: var(--sunken) } td.n, th.n { text-align: right }
.wide th, .wide td { overflow-wrap: break-word; max-width: 30rem } .wide th { min-width: 4rem }
footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .5rem; font-size: .8125rem } footer p { margin: 0 }
@media (max-width: 34rem) { dl > div { grid-template-columns: 1fr } dd { padding-left: 1rem } }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 10pt; line-height: 1.4 } h2 { break-after: avoid; margin-top: 1rem } dl > div { padding: 0 } tr, li, dl > div, .toned { break-inside: avoid } thead { display: table-header-group } .wide { overflow: visible } * { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
</style></head><body>
<header>{{with .Of}}<p class="quiet">{{.}}</p>{{end}}
<h1>{{.Title}}</h1>
{{range .Below}}<p>{{with .Label}}<span class="quiet">{{.}}</span> {{end}}{{dated .Text}}</p>
{{end}}</header>
<main>
{{range .Parts}}<section{{with .Tone}} class="toned {{.}}"{{end}}>{{with .Heading}}<h2>{{.}}</h2>{{end}}
{{with .Figure}}<p class="figure">{{dated .}}</p>{{end}}{{with .Beside}}<p>{{range .}}<span class="beside">{{with .Label}}<span class="quiet">{{.}}</span> {{end}}<strong>{{dated .Text}}</strong>{{with .Note}} <span class="quiet">{{.}}</span>{{end}}</span> {{end}}</p>{{end}}{{with .Text}}<p>{{dated .}}</p>{{end}}
{{- with .Lines}}<dl>{{range .}}<div{{with .Depth}} class="depth-{{.}}"{{end}}><dt>{{.Label}}</dt><dd>{{dated .Text}}{{if .Assumed}} <span class="mark">{{assumed $.Lang}}</span>{{end}}</dd></div>
{{end}}</dl>{{end}}
{{- if .Items}}{{if .Ordered}}<ol>{{else}}<ul>{{end}}{{range .Items}}<li>{{dated .Text}}{{with .Of}} <span class="quiet">{{dated .}}</span>{{end}}</li>
{{end}}{{if .Ordered}}</ol>{{else}}</ul>{{end}}{{end}}
{{- with $t := .Table}}<div class="wide" tabindex="0"><table><thead><tr>{{range $i, $h := .Head}}<th{{if number $t $i}} class="n"{{end}}>{{$h}}</th>{{end}}</tr></thead><tbody>
{{range .Rows}}<tr>{{range $i, $c := .}}<td{{if number $t $i}} class="n"{{end}}>{{dated $c}}</td>{{end}}</tr>
{{end}}</tbody></table></div>{{end}}
</section>
{{end}}</main>
{{with .Foot}}<footer>{{range .}}<p>{{.Label}} {{.Text}}</p>
{{end}}</footer>{{end}}
</body></html>
`))
