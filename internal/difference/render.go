package difference

import (
	"fmt"
	"html/template"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// View is a report, and a replay where there is one, in one language: what all
// renderings have in common.
type View struct {
	Lang, Title, Old, New string
	Groups                []ViewGroup
	Same                  []string // a line for each question that a change reaches
	Labelled              []string // the same, with facts by their labels instead of as JSON, which is for who asks again
	Untouched             string   // how many questions cannot differ, "" for none
	Replay                []ViewGroup
	NoReplay              bool
}

// AnswerLines are what is said of the answers of questions.
func (v *View) AnswerLines() []string {
	if v.Untouched == "" {
		return v.Same
	}
	return append(slices.Clone(v.Same), v.Untouched)
}

// ViewGroup is lines under a heading.
type ViewGroup struct {
	Heading string
	Lines   []string
}

// moreInJSON says that there are more examples, on the command line.
var moreInJSON = diagnostic.Text{ZH: "另有 %d 条；--format json 逐条列出", EN: "and %d more; --format json lists them"}

// factsInWords are the facts of a witness on one line, by their labels; as JSON where
// the rulebook does not know them.
func factsInWords(w wording.Words, witness *probe.Witness) string {
	q, known := w.Book.Question(witness.Question)
	facts, err := intake.ParseFacts(witness.JSON())
	if !known || err != nil {
		return string(witness.JSON())
	}
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(w.Lang) }
	var items []string
	parts := false // the latest item has some
	for _, g := range w.Given(q, facts, nil) {
		said := strings.TrimSpace(g.Label + " " + g.Text)
		if g.Label == "" { // a record of a list
			said = pick("（", "(") + g.Text + pick("）", ")")
		}
		switch last := len(items) - 1; {
		case g.Depth == 0 || last < 0:
			items, parts = append(items, said), false
		case !parts:
			items[last], parts = items[last]+pick("：", ": ")+said, true
		default:
			items[last] += pick("，", ", ") + said
		}
	}
	return strings.Join(items, pick("；", "; "))
}

// ViewOf puts a report into words. The replay may be nil.
func ViewOf(r *Report, replay *Replay, lang string) *View {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	v := &View{Lang: lang, Title: pick("规则有什么变化", "What changes in the rules"), NoReplay: replay == nil}
	v.Old = fmt.Sprintf("%s (sha256 %s…)", r.Old.Name(), r.Old.SHA256[:12])
	v.New = fmt.Sprintf("%s (sha256 %s…)", r.New.Name(), r.New.SHA256[:12])
	for _, k := range Kinds() {
		g := ViewGroup{Heading: k.Label().In(lang)}
		for _, c := range r.Changes {
			if c.Kind == k {
				g.Lines = append(g.Lines, lineOf(r, c, lang))
			}
		}
		if len(g.Lines) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	untouched := 0
	say := func(line string) {
		v.Same, v.Labelled = append(v.Same, line), append(v.Labelled, line)
	}
	for _, q := range r.Questions {
		label := q.ID
		for _, b := range []*policy.Rulebook{r.New, r.Old} {
			if x, known := b.Question(q.ID); known {
				label = x.Title.In(lang) + pick("（", " (") + q.ID + pick("）", ")")
				break
			}
		}
		switch q.Sameness {
		case CannotDiffer:
			untouched++
		case OnlyOld:
			say(label + pick("：新文件没有这个问题", ": the new file does not have this question"))
		case OnlyNew:
			say(label + pick("：新增的问题", ": a new question"))
		case NoneFound:
			say(label + diagnostic.Textf("：试了 %[1]d 组事实，未见不同（不等于证明相同）", ": no difference found in %[2]s (no proof that there is none)", q.Tried, diagnostic.Counted(q.Tried, "fact set", "fact sets")).In(lang))
		case Differs:
			if q.Witness == nil {
				say(label + pick("：答复不同，例如记录 ", ": answers differ, for example of the record ") + q.Record + pick("，见“按新规则重算”", ", see below"))
				continue
			}
			begin, text := label+pick("：答复不同，例如 ", ": answers differ, for example "), ""
			words := wording.Words{Book: r.New, Lang: lang}
			for _, s := range q.Witness.Readings {
				text += pick("；读法 ", "; reading ") + s.Key + "=" + s.Option
				if label := words.Option(s.Key, s.Option); label != "" {
					text += pick("（", " (") + label + pick("）", ")")
				}
			}
			asked := pick("；判断时间 ", "; as of ")
			exactly, local := "", ""
			if at := q.Witness.AsOf; !at.IsZero() {
				exactly, local = asked+at.Format("2006-01-02T15:04:05Z07:00"), asked+wording.Moment(at.In(r.New.Zone))
			}
			end := pick("：", ": ") + DifferencesOf(r.Old, r.New, q.ID, q.Witness.Differences, lang)
			v.Same = append(v.Same, begin+string(q.Witness.JSON())+text+exactly+end)
			v.Labelled = append(v.Labelled, begin+factsInWords(words, q.Witness)+text+local+end)
		}
	}
	if untouched > 0 {
		v.Untouched = diagnostic.Textf("%[1]d 个问题用不到所改之处，答复不会不同。", "%[2]s on nothing that was changed: their answers cannot differ.", untouched, diagnostic.Counted(untouched, "question rests", "questions rest")).In(lang)
	}
	if replay != nil {
		v.Replay = replayOf(r, replay, lang, shownExamples, moreInJSON)
	}
	return v
}

// lineOf is one change in words.
func lineOf(r *Report, c *Change, lang string) string {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	var b strings.Builder
	if c.Article != "" {
		label := r.New.LabelOfArticle(c.Article)
		if _, known := r.New.Article(c.Article); !known {
			label = r.Old.LabelOfArticle(c.Article)
		}
		if !strings.HasPrefix(c.What.In(lang), label.In(lang)) {
			b.WriteString(label.In(lang) + pick("，", ", "))
		}
	}
	b.WriteString(c.What.In(lang))
	if c.Reading != "" && c.Kind == Reading {
		b.WriteString(pick("（", " (") + c.Reading + pick("）", ")"))
	}
	b.WriteString(pick("：", ": "))
	switch {
	case c.Old.IsZero():
		b.WriteString(pick("新增 ", "added ") + c.New.In(lang))
	case c.New.IsZero():
		b.WriteString(c.Old.In(lang) + pick(" → 删去", " → taken out"))
	default:
		b.WriteString(c.Old.In(lang) + " → " + c.New.In(lang))
	}
	if c.From != 0 {
		b.WriteString(pick("，自 ", ", from ") + c.From.String())
		if lang == "zh" {
			b.WriteString(" 起")
		}
	}
	return b.String()
}

// by is how much a sum changes by: an amount as people write it, a number with its
// unit.
func (s *Sum) by(lang string) string {
	sign := ""
	if s.By.Sign() > 0 {
		sign = "+"
	}
	if in, known := value.CurrencyNamed(s.Currency); known {
		minor := new(big.Rat).Mul(s.By, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(in.Decimals())), nil)))
		if n := minor.Num(); minor.IsInt() && n.IsInt64() {
			return sign + policy.Money{Minor: n.Int64(), Currency: s.Currency}.Show(lang)
		}
		return sign + s.Number() + " " + s.Currency
	}
	by := s.Number()
	if strings.Contains(by, ".") {
		by = strings.TrimSuffix(strings.TrimRight(by, "0"), ".")
	}
	return strings.TrimSpace(sign + by + " " + s.Unit.In(lang))
}

// elsewhere reports whether the value of another question that changes has the
// label of a sum's, too.
func (p *Replay) elsewhere(of *Sum) bool {
	return slices.ContainsFunc(p.Sums, func(s *Sum) bool {
		return s.Question != of.Question && s.Label.In("zh") == of.Label.In("zh") && s.Label.In("en") == of.Label.In("en")
	})
}

// replayOf is a replay in words, with so many examples of each group, and how many
// more there are.
func replayOf(r *Report, p *Replay, lang string, examples int, more diagnostic.Text) []ViewGroup {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	head := ViewGroup{Heading: pick("按新规则重算", "Asked again by the new rules")}
	head.Lines = append(head.Lines, diagnostic.Textf("共 %[1]d 条：%[2]d 条答复改变，%[3]d 条不变", "%[4]s: %[5]s answered differently, %[3]d as before", p.Rows, p.Changed, p.Unchanged, diagnostic.Counted(p.Rows, "row", "rows"), diagnostic.Counted(p.Changed, "is", "are")).In(lang))
	if p.Refused > 0 {
		head.Lines = append(head.Lines, fmt.Sprintf(pick("另有 %d 条读不出，新旧都不判断", "%d more could not be read, by neither"), p.Refused))
	}
	for _, s := range p.Sums {
		label := s.Label.In(lang)
		if q, known := r.New.Question(s.Question); known && p.elsewhere(s) {
			label = q.Title.In(lang) + pick("，", ", ") + label
		}
		head.Lines = append(head.Lines, fmt.Sprintf(pick("%s：合计 %s（%d 条增加，%d 条减少）", "%s: %s in all (%d up, %d down)"), label, s.by(lang), s.Up, s.Down))
	}
	all := []ViewGroup{head}
	for _, g := range p.Groups {
		var names []string
		for _, id := range g.Rules {
			names = append(names, r.New.LabelOfRule(id).In(lang)+pick("（", " (")+id+pick("）", ")"))
		}
		for _, key := range g.Readings {
			names = append(names, pick("读法 ", "reading ")+key)
		}
		if len(names) == 0 {
			names = []string{pick("其他改动", "other changes")}
		}
		x := ViewGroup{Heading: diagnostic.Textf("%[1]s：%[2]d 条", "%[1]s: %[3]s", strings.Join(names, pick("、", ", ")), g.Rows, diagnostic.Counted(g.Rows, "row", "rows")).In(lang)}
		for _, t := range g.Verdicts {
			x.Lines = append(x.Lines, turnOf(r, t, lang))
		}
		for _, e := range g.Examples[:min(len(g.Examples), examples)] {
			x.Lines = append(x.Lines, pick("例：", "for example ")+e.ID+pick("：", ": ")+DifferencesOf(r.Old, r.New, e.Question, e.Differences, lang))
		}
		if left := g.Rows - examples; left > 0 && examples > 0 {
			x.Lines = append(x.Lines, fmt.Sprintf(more.In(lang), left))
		}
		all = append(all, x)
	}
	return all
}

// turnOf is in words how many rows have their verdict turned in one way.
func turnOf(r *Report, t Turn, lang string) string {
	pick := func(zh, en string) string { return diagnostic.Text{ZH: zh, EN: en}.In(lang) }
	asked := ""
	if q, known := r.New.Question(t.Question); known {
		asked = q.Title.In(lang) + pick("：", ": ")
	}
	before, after := sayer(r.Old, t.Question, lang), sayer(r.New, t.Question, lang)
	switch {
	case t.Error == "" && t.NewError == "" && t.Old == t.New:
		return fmt.Sprintf(pick("%s结论仍为“%s”，其他取值改变：%d 条", "%sstill “%s”, other values change: %d"), asked, after.verdict(t.New), t.Rows)
	case t.Error == "" && t.NewError == "":
		return fmt.Sprintf(pick("%s结论“%s” → “%s”：%d 条", "%s“%s” → “%s”: %d"), asked, before.verdict(t.Old), after.verdict(t.New), t.Rows)
	case t.NewError == "":
		return fmt.Sprintf(pick("%s原来不能判断（%s），现在结论为“%s”：%d 条", "%scould not be answered (%s), now “%s”: %d"), asked, before.error(t.Error), after.verdict(t.New), t.Rows)
	case t.Error == "":
		return fmt.Sprintf(pick("%s原来结论为“%s”，现在不能判断（%s）：%d 条", "%s“%s”, now cannot be answered (%s): %d"), asked, before.verdict(t.Old), after.error(t.NewError), t.Rows)
	}
	return fmt.Sprintf(pick("%s都不能判断，原因 %s → %s：%d 条", "%scannot be answered by either, %s → %s: %d"), asked, before.error(t.Error), after.error(t.NewError), t.Rows)
}

// Empty reports whether nothing differs.
func (v *View) Empty() bool { return len(v.Groups) == 0 }

// Nothing is what is said where nothing differs.
func (v *View) Nothing() string {
	return diagnostic.Text{ZH: "两个文件说的一样。", EN: "Both files say the same."}.In(v.Lang)
}

// Answers is the heading above what is known of answers.
func (v *View) Answers() string {
	return diagnostic.Text{ZH: "答复是否不同", EN: "Whether answers differ"}.In(v.Lang)
}

// Markdown writes the view as Markdown.
func (v *View) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s → %s\n", v.Title, v.Old, v.New)
	group := func(g ViewGroup, level string) {
		fmt.Fprintf(&b, "\n%s %s\n\n", level, escaped(g.Heading))
		for _, l := range g.Lines {
			fmt.Fprintf(&b, "- %s\n", escaped(l))
		}
	}
	if v.Empty() {
		fmt.Fprintf(&b, "\n%s\n", v.Nothing())
	}
	for _, g := range v.Groups {
		group(g, "##")
	}
	group(ViewGroup{v.Answers(), v.AnswerLines()}, "##")
	for i, g := range v.Replay {
		group(g, strings.Repeat("#", min(2+i, 3)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// escaped is a text that Markdown shows as it is.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, ">", `\>`, "`", "\\`", "[", `\[`, "]", `\]`, "|", `\|`).Replace(text)
}

// HTML writes the view as one page that needs nothing else.
func (v *View) HTML(w io.Writer) error { return pageTemplate.Execute(w, v) }

var pageTemplate = template.Must(template.New("diff").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root{color-scheme:light dark;--text:#1c1c1c;--back:#fff;--faint:#666;--line:#ddd}
@media(prefers-color-scheme:dark){:root{--text:#e6e6e6;--back:#161616;--faint:#a0a0a0;--line:#3a3a3a}}
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:var(--text);background:var(--back);margin:0 auto;padding:1rem;max-width:60rem}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:1.8rem;border-bottom:1px solid var(--line)}h3{font-size:1rem}
.faint{color:var(--faint)}ul{padding-left:1.3rem}li{margin:.3rem 0;overflow-wrap:anywhere}
</style></head><body>
<h1>{{.Title}}</h1>
<p class="faint">{{.Old}} → {{.New}}</p>
{{if .Empty}}<p>{{.Nothing}}</p>{{end}}
{{range .Groups}}<h2>{{.Heading}}</h2><ul>{{range .Lines}}<li>{{.}}</li>{{end}}</ul>
{{end}}<h2>{{.Answers}}</h2><ul>{{range .AnswerLines}}<li>{{.}}</li>{{end}}</ul>
{{range $i, $g := .Replay}}{{if eq $i 0}}<h2>{{.Heading}}</h2>{{else}}<h3>{{.Heading}}</h3>{{end}}<ul>{{range .Lines}}<li>{{.}}</li>{{end}}</ul>
{{end}}</body></html>
`))
