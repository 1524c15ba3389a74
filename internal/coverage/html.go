package coverage

import (
	"cmp"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// HTML writes the report as one page that needs nothing else: the figures, and
// the rules file with every line coloured by what cases come to on it.
func HTML(w io.Writer, b *policy.Rulebook, r *Report, lang string) error {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	p := page{Lang: lang, Title: pick("用例覆盖：", "Coverage by cases: ") + b.Title.In(lang), File: b.Name(), Cases: r.Cases}
	p.Text = map[string]string{
		"cases": pick("用例", "cases"), "missing": pick("没有用例经过的", "What no case comes to"), "rules": pick("规则文件", "The rules file"),
		"covered": pick("全部经过", "all covered"), "partly": pick("部分经过", "partly covered"), "none": pick("没有经过", "not covered"),
		"of": pick("项", "of"),
	}
	for _, k := range Kinds() {
		if covered, all := r.Of(k); all > 0 {
			p.Bars = append(p.Bars, bar{k.Label().In(lang), covered, all, covered * 100 / all})
		}
	}
	lines := map[int][]*Item{}
	for _, i := range r.Items {
		lines[i.Span.Start.Line] = append(lines[i.Span.Start.Line], i)
	}
	for n, text := range slices.Collect(strings.Lines(string(b.Source()))) {
		l := line{Number: n + 1, Text: strings.TrimRight(text, "\r\n")}
		covered := 0
		var tips []string
		for _, i := range lines[n+1] {
			if i.Covered() {
				covered++
			} else {
				tips = append(tips, i.Told().In(lang))
			}
		}
		switch {
		case len(lines[n+1]) == 0:
		case covered == len(lines[n+1]):
			l.Class = "covered"
		case covered == 0:
			l.Class = "none"
		default:
			l.Class = "partly"
		}
		l.Missing = strings.Join(tips, "\n")
		p.Lines = append(p.Lines, l)
	}
	byArticle := map[string][]missing{}
	for _, i := range r.Missing() {
		where := ""
		if i.Article != "" {
			where = b.LabelOfArticle(i.Article).In(lang)
		}
		byArticle[where] = append(byArticle[where], missing{i.Told().In(lang), i.Span.Start.Line})
	}
	for _, where := range slices.SortedFunc(maps.Keys(byArticle), func(a, b string) int {
		return cmp.Compare(byArticle[a][0].Line, byArticle[b][0].Line)
	}) {
		p.Missing = append(p.Missing, group{cmp.Or(where, pick("问题", "Questions")), byArticle[where]})
	}
	return pageTemplate.Execute(w, p)
}

type page struct {
	Lang, Title, File string
	Cases             int
	Text              map[string]string
	Bars              []bar
	Missing           []group
	Lines             []line
}

type bar struct {
	Label        string
	Covered, All int
	Percent      int
}

type group struct {
	Where string
	Items []missing
}

type missing struct {
	Told string
	Line int
}

type line struct {
	Number               int
	Text, Class, Missing string
}

var pageTemplate = template.Must(template.New("coverage").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root{color-scheme:light dark;--text:#1c1c1c;--back:#fff;--faint:#666;--line:#ddd;--good:#e3f4e3;--part:#fdf3d0;--bad:#fbe0de;--bar:#2e7d32}
@media(prefers-color-scheme:dark){:root{--text:#e6e6e6;--back:#161616;--faint:#a0a0a0;--line:#3a3a3a;--good:#173a1c;--part:#45390f;--bad:#4c1f1c;--bar:#66bb6a}}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:var(--text);background:var(--back);margin:0 auto;padding:1rem;max-width:76rem}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:1rem;margin:1rem 0 .2rem}
.faint{color:var(--faint)}
table.bars{border-collapse:collapse}table.bars td,table.bars th{padding:.2rem .8rem .2rem 0;text-align:left;font-weight:normal}
table.bars td.n{text-align:right;font-variant-numeric:tabular-nums}
.track{width:12rem;max-width:30vw;height:.7rem;border:1px solid var(--line)}.track div{height:100%;background:var(--bar)}
ul{margin:.2rem 0;padding-left:1.3rem}a{color:inherit}
.file{font:13px/1.45 ui-monospace,Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;border:1px solid var(--line);overflow-x:auto}
.file div{display:flex;white-space:pre;min-width:max-content}
.file .no{color:var(--faint);text-align:right;width:3.4rem;padding-right:.8rem;flex:none;user-select:none}
.file .mark{width:1.2rem;flex:none;text-align:center}
.covered{background:var(--good)}.partly{background:var(--part)}.none{background:var(--bad)}
.key span{padding:.1rem .5rem;margin-right:.5rem}
:target{outline:2px solid}
</style></head><body>
<h1>{{.Title}}</h1>
<p class="faint">{{.File}} · {{.Cases}} {{index .Text "cases"}}</p>
<table class="bars">{{range .Bars}}<tr><th scope="row">{{.Label}}</th><td><div class="track"><div style="width:{{.Percent}}%"></div></div></td><td class="n">{{.Covered}} / {{.All}}</td><td class="n">{{.Percent}}%</td></tr>
{{end}}</table>
{{if .Missing}}<h2>{{index .Text "missing"}}</h2>
{{range .Missing}}<h3>{{.Where}}</h3><ul>{{range .Items}}<li>{{.Told}} <a href="#L{{.Line}}">:{{.Line}}</a></li>{{end}}</ul>
{{end}}{{end}}
<h2>{{index .Text "rules"}}</h2>
<p class="key"><span class="covered">✓ {{index .Text "covered"}}</span><span class="partly">◐ {{index .Text "partly"}}</span><span class="none">✗ {{index .Text "none"}}</span></p>
<div class="file" tabindex="0">{{range .Lines}}<div id="L{{.Number}}"{{with .Class}} class="{{.}}"{{end}}{{with .Missing}} title="{{.}}"{{end}}><span class="no">{{.Number}}</span><span class="mark">{{if eq .Class "covered"}}✓{{else if eq .Class "partly"}}◐{{else if eq .Class "none"}}✗{{end}}</span><span>{{.Text}}</span></div>
{{end}}</div>
</body></html>
`))
