package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/printed"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// answerPage writes an answer as a page; given are the facts as the library took
// them, and at is the moment of asking, zero where the facts or nobody said it.
func (a *app) answerPage(book *rulebook.Book, given any, x *rulebook.Answer, at time.Time) error {
	facts, ok := given.(*source.Node)
	if data, isJSON := given.([]byte); isJSON {
		facts, _ = intake.ParseFacts(data) // it was read a moment ago
		ok = facts != nil
	}
	if !ok {
		facts = table.NewMap()
	}
	page := printed.Asked{Book: book.Rulebook(), Lang: a.style.Lang, Facts: facts, AsOf: at, Answer: x}.Page()
	return page.Write(a.out)
}

// answer prints an answer for a person.
func (a *app) answer(book *rulebook.Book, q *policy.Question, x *rulebook.Answer) {
	s := a.style
	a.println(s.Bold(s.Text(q.Title)) + "  " + s.Dim(q.ID))
	w := wording.Words{Book: book.Rulebook(), Lang: s.Lang}
	if x.Error != nil {
		why := x.Failure()
		a.println("", s.Red(a.t("无法判定", "nothing can be decided"))+s.Colon()+report.Clean(s.Text(why.Message))+" "+s.Dim("["+why.Code+"]"))
		if remedy := report.Clean(s.Text(why.Remedy)); remedy != "" {
			a.println("→ " + remedy)
		}
		a.grounds(w, x)
		return
	}
	t := report.Table{Rows: [][]string{{a.t("结论", "verdict"), a.verdict(w, q, x)}}}
	for _, v := range w.Rows(q, x) {
		text := v.Text
		of, known := q.ValueAt(v.Path)
		switch {
		case v.None:
			text = s.Dim(text)
		case known && !of.Unit.IsZero() && text != "":
			text += " " + s.Text(of.Unit)
		}
		t.Rows = append(t.Rows, []string{strings.Repeat("  ", v.Depth+1) + v.Label, text})
	}
	a.println("")
	a.table(t)
	a.findings(w, q, x)
	a.steps(w, x)
	a.grounds(w, x)
}

// verdict is the verdict in words, with its code.
func (a *app) verdict(w wording.Words, q *policy.Question, x *rulebook.Answer) string {
	s := a.style
	label, paint := w.Verdict(q, x.Verdict), s.Bold
	if x.Verdict == policy.Undetermined {
		paint = s.Yellow
	}
	text := paint(label)
	if label != x.Verdict {
		text += s.Dim(s.Pick("（", " (") + x.Verdict + s.Pick("）", ")"))
	}
	if x.Provisional {
		text += s.Pick("，", ", ") + s.Yellow(a.t("暂定：随时间推移可能改变", "provisional: it may change with time"))
	}
	return text
}

// findings prints what was broken, who answers for it, what is missing and
// what a person must decide.
func (a *app) findings(w wording.Words, q *policy.Question, x *rulebook.Answer) {
	s := a.style
	section := func(title string, rows [][]string) {
		if len(rows) > 0 {
			a.heading(title)
			a.table(report.Table{Indent: 2, Rows: rows})
		}
	}
	var rows [][]string
	for _, b := range x.Breaches {
		rows = append(rows, []string{s.Red(report.Clean(w.Breach(b))), s.Dim(b.String())})
	}
	section(a.t("违反", "Breaches"), rows)
	rows = nil
	for _, l := range x.Liable {
		person := report.Clean(l.Person)
		if person == "" {
			person = s.Dim(a.t("未指明", "not named"))
		}
		rows = append(rows, []string{w.Word(l.Role, nil), person})
	}
	section(a.t("责任人", "Liable"), rows)
	rows = nil
	for i := 0; i < len(x.MissingFacts); i++ {
		fact, by := x.MissingFacts[i].Fact, []string{w.Rule(x.MissingFacts[i].NeededBy)}
		for ; i+1 < len(x.MissingFacts) && x.MissingFacts[i+1].Fact == fact; i++ {
			by = append(by, w.Rule(x.MissingFacts[i+1].NeededBy))
		}
		rows = append(rows, []string{s.Yellow(w.FactNamed(q, fact)), s.Dim(s.Pickf("用于：%s", "needed by: %s", strings.Join(by, s.Pick("；", "; "))))})
	}
	section(a.t("缺少的事实", "Missing facts"), rows)
	rows = nil
	for _, d := range x.Decisions {
		rows = append(rows, []string{s.Yellow(s.Text(d.Label)), s.Dim(w.Rule(d.Rule))})
	}
	section(a.t("须由人决定", "For a person to decide"), rows)
}

// steps prints the explanation, a numbered line a step.
func (a *app) steps(w wording.Words, x *rulebook.Answer) {
	for i, step := range x.Steps(a.style.Lang) {
		if i == 0 {
			a.heading(a.t("理由", "Reasons"))
		}
		text := report.Clean(step.Text)
		if step.Article != "" {
			text += a.t("（", " (") + wording.Article(w.Book, step.Article).In(w.Lang) + a.t("）", ")")
		}
		a.paragraph(fmt.Sprintf("%2d. ", i+1), text)
	}
}

// grounds prints what the answer rests on.
func (a *app) grounds(w wording.Words, x *rulebook.Answer) {
	s := a.style
	t := report.Table{}
	if len(x.Cites) > 0 {
		cites := make([]string, len(x.Cites))
		for i, id := range x.Cites {
			cites[i] = s.Text(wording.Article(w.Book, id))
		}
		t.Rows = append(t.Rows, []string{a.t("依据", "cites"), strings.Join(cites, s.Pick("、", "; "))})
	}
	widest := 0
	for _, r := range x.Readings {
		widest = max(widest, report.Width(r.Key+" = "+r.Option))
	}
	var lines []string
	for _, r := range x.Readings {
		lines = append(lines, report.Pad(r.Key+" = "+r.Option, widest, report.Left)+"  "+s.Dim(w.Option(r.Key, r.Option)))
	}
	if len(lines) > 0 {
		title := a.t("读法", "readings")
		if x.Error != nil {
			title = a.t("所依读法（换一种或可判定）", "readings (another may decide)")
		}
		t.Rows = append(t.Rows, []string{title, strings.Join(lines, "\n")})
	}
	edition := ""
	if x.Rulebook.Edition != "" {
		edition = s.Pickf("%s 版，", "edition of %s, ", x.Rulebook.Edition)
	}
	t.Rows = append(t.Rows, []string{a.t("规则书", "rulebook"), x.Rulebook.ID + s.Pick("，", ", ") + edition + "sha256 " + x.Rulebook.SHA256[:12] + "…"})
	a.println("")
	a.table(t)
}
