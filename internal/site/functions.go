package site

import (
	"html/template"
	"strings"

	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/plainwords"
	"github.com/servicerules/rulebook/policy"
)

// functions are what templates may call on a page.
func functions(p *page) template.FuncMap {
	r := render{p.Root + p.Lang + "/", p.Site.rules}
	return template.FuncMap{
		"t":           func(zh, en string) string { return pick(p.Lang, zh, en) },
		"phrase":      r.phrase,
		"tell":        r.block,
		"to":          func(at string) string { return p.Root + p.Lang + "/" + at },
		"text":        func(x policy.Text) string { return x.In(p.Lang) },
		"readingHref": readingAddress,
		"asset":       func(name string) string { return p.Root + "assets/" + name },
		"nav": func(name string) template.HTMLAttr {
			if p.Nav == name {
				return ` aria-current="true"`
			}
			return ""
		},
		"foreign": func(text string) template.HTMLAttr { // what people gave stays as they gave it
			if _, lang := casefile.TextIn(text, p.Lang); lang == "zh" && p.Lang != "zh" {
				return ` lang="zh-CN"`
			}
			return ""
		},
		"langAttr": func() string {
			if p.Lang == "zh" {
				return "zh-CN"
			}
			return p.Lang
		},
	}
}

// render writes what was told as HTML, with links to what it names.
type render struct {
	base  string            // to the pages of the language
	rules map[string]string // addresses of rules, by their names
}

func (r render) phrase(p plainwords.Phrase) template.HTML {
	var b strings.Builder
	for _, s := range p {
		text := template.HTMLEscapeString(s.Text)
		switch s.Kind {
		case plainwords.Fact:
			r.link(&b, "f", "facts.html#"+factAnchor(s.ID), text)
		case plainwords.Rule:
			r.link(&b, "r", r.rules[s.ID], text)
		case plainwords.Article:
			r.link(&b, "r", articleAddress(s.ID), text)
		case plainwords.Reading:
			r.link(&b, "reading", readingAddress(s.ID), strings.Trim(text, "［］[]"))
		case plainwords.Word:
			b.WriteString(`<span class="w">` + text + `</span>`)
		case plainwords.Code:
			b.WriteString(`<code>` + text + `</code>`)
		case plainwords.Number:
			b.WriteString(`<span class="n">` + text + `</span>`)
		default:
			b.WriteString(text)
		}
	}
	return template.HTML(b.String()) //nolint:gosec // every text was escaped above
}

func (r render) link(b *strings.Builder, class, address, text string) {
	b.WriteString(`<a class="` + class + `" href="` + template.HTMLEscapeString(r.base+address) + `">` + text + `</a>`)
}

// block writes a statement, with its parts as a list below it.
func (r render) block(b plainwords.Block) template.HTML {
	out := r.phrase(b.Phrase)
	if len(b.Parts) > 0 {
		out += `<ul class="parts">` + r.blocks(b.Parts) + `</ul>`
	}
	return out
}

func (r render) blocks(all []plainwords.Block) template.HTML {
	var out template.HTML
	for _, b := range all {
		out += `<li>` + r.block(b) + `</li>`
	}
	return out
}
