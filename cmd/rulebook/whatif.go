package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// shownFlips is how many ways to another verdict are listed.
const shownFlips = 12

// treeOf is the facts of a question as a tree: given as JSON, or as a node of
// YAML.
func treeOf(q *policy.Question, given any) factset.Tree {
	switch x := given.(type) {
	case []byte:
		tree, _ := factset.FromJSON(x)
		return tree
	case *source.Node:
		return factset.FromNode(q, x)
	}
	return nil
}

// why prints how an answer came about, as a tree, and how far each comparison
// is from coming out otherwise.
func (a *app) why(book *rulebook.Book, q *policy.Question, x *rulebook.Answer) error {
	reasons := whatif.Why(x, a.style.Lang)
	if a.json() {
		return writeJSON(a.out, whatif.WhyDocument(x, reasons))
	}
	s := a.style
	w := wording.Words{Book: book.Rulebook(), Lang: s.Lang}
	a.println(s.Bold(s.Text(q.Title)) + "  " + s.Dim(q.ID))
	a.println("")
	verdict := a.t("无法判定", "nothing can be decided")
	if x.Error == nil {
		verdict = a.verdict(w, q, x)
	}
	a.println(verdict)
	a.heading(a.t("理由（每步之下是它依据的）", "Reasons (under each step what it rests on)"))
	a.reasons(w, reasons, "", false)
	a.println("")
	a.findings(w, q, x)
	return nil
}

// reasons prints a part of the tree, behind which more of the same branch may
// follow.
func (a *app) reasons(w wording.Words, reasons []*whatif.Reason, indent string, more bool) {
	s := a.style
	for i, r := range reasons {
		branch, below := "├─ ", "│  "
		if i == len(reasons)-1 && !more {
			branch, below = "└─ ", "   "
		}
		text := report.Clean(r.Text)
		if r.Article != "" {
			text += s.Dim(s.Pick("（", " (") + wording.Article(w.Book, r.Article).In(w.Lang) + s.Pick("）", ")"))
		}
		a.println(indent + branch + text)
		under := "│  "
		if len(r.Under)+len(r.Again) == 0 {
			under = "   "
		}
		for _, m := range r.Margins {
			a.println(indent + below + under + s.Dim(a.margin(m)))
		}
		for _, used := range r.Readings {
			a.println(indent + below + under + s.Dim(a.t("读法 ", "reading ")+used.Key+" = "+used.Option+s.Pick("：", ": ")+w.Option(used.Key, used.Option)))
		}
		a.reasons(w, r.Under, indent+below, len(r.Again) > 0)
		for k, id := range r.Again {
			branch := "├─ "
			if k == len(r.Again)-1 {
				branch = "└─ "
			}
			a.println(indent + below + branch + s.Dim(w.Rule(id)+a.t("（见别处）", " (told elsewhere)")))
		}
	}
}

// margin says how far a comparison is from its boundary.
func (a *app) margin(m whatif.Margin) string {
	if m.By.IsZero() {
		return a.t("恰在界限上", "right at the boundary")
	}
	return a.style.Pickf("距界限 %s", "%s from the boundary", m.By.Text().In(a.style.Lang))
}

// flips prints the nearest changes that give another verdict: to facts, and to
// readings.
func (a *app) flips(book *rulebook.Book, q *policy.Question, found *whatif.Flips, readings *whatif.Readings, target whatif.Target) error {
	byReading := readings.Flips(target)
	if a.json() {
		return writeJSON(a.out, found.Document(byReading))
	}
	s := a.style
	w := wording.Words{Book: book.Rulebook(), Lang: s.Lang}
	a.println(s.Bold(s.Text(q.Title))+"  "+s.Dim(q.ID), "", a.outcome(w, q, target, found.Answer))
	a.heading(a.t("怎样改事实就会变（从小到大）", "Changes to facts that make it another, smallest first"))
	t := report.Table{Indent: 2}
	for i, f := range found.Nearby {
		if i == shownFlips {
			break
		}
		var parts []string
		for _, c := range f.Changes {
			parts = append(parts, a.changed(w, c))
		}
		t.Rows = append(t.Rows, []string{strings.Join(parts, s.Pick("；且 ", "; and ")), "→ " + a.result(w, q, target, f.Answer)})
	}
	if len(t.Rows) == 0 {
		a.println("  " + a.t("改一项或两项事实，没有找到会变的", "no change of one or two facts that was tried does"))
	}
	a.table(t)
	if more := len(found.Nearby) - shownFlips; more > 0 {
		a.println("  " + s.Pickf("…另有 %d 种（--format json 全列）", "… and %d more (--format json lists all)", more))
	}
	if !found.All {
		a.println("  " + s.Yellow(s.Pickf("试了 %d 种便停下，还有没试的", "ended after %d fact sets; others were not tried", found.Asked)))
	}
	a.heading(a.t("换哪个读法就会变", "Readings that make it another"))
	if len(byReading) == 0 {
		a.println("  " + a.t("没有", "none"))
	}
	for _, o := range byReading {
		for n, way := range o.Under {
			if n == shownWays {
				break
			}
			var parts []string
			for _, c := range way {
				parts = append(parts, c.Reading+" = "+c.Option+s.Dim(s.Pick("（", " (")+w.Option(c.Reading, c.Option)+s.Pick("）", ")")))
			}
			a.println("  " + strings.Join(parts, s.Pick(" 且 ", " and ")) + "  → " + a.result(w, q, target, o.Answer))
		}
	}
	if len(readings.Sampled) > 0 {
		a.println("  " + s.Dim(a.t("带参数的选项只试了一个参数：", "of options with an argument one argument was tried: ")+strings.Join(readings.Sampled, ", ")))
	}
	return nil
}

// outcome is the verdict, or the value that is the target with its label.
func (a *app) outcome(w wording.Words, q *policy.Question, t whatif.Target, x *rulebook.Answer) string {
	if t.Value == "" {
		return a.verdict(w, q, x)
	}
	v, _ := x.Value(t.Value)
	return a.style.Text(v.Label) + a.style.Colon() + a.style.Bold(a.result(w, q, t, x))
}

// result is what a target comes to, in words.
func (a *app) result(w wording.Words, q *policy.Question, t whatif.Target, x *rulebook.Answer) string {
	if t.Value == "" {
		return w.Verdict(q, x.Verdict)
	}
	v, _ := x.Value(t.Value)
	i := slices.IndexFunc(q.Values, func(of *policy.QuestionValue) bool { return of.Name == t.Value })
	return w.Value(q.Values[i], v) // it is one of them: check saw to it
}

// changed says a change to a fact in words.
func (a *app) changed(w wording.Words, c whatif.Change) string {
	s := a.style
	place := c.Place.Path.String()
	if label := s.Text(c.Place.Fact.Label); label != "" && label != place {
		place += s.Dim(s.Pick("（", " (") + label + s.Pick("）", ")"))
	}
	show := func(v any) string { return a.factValue(w, c.Place.Fact, v) }
	switch {
	case c.Gone && c.Place.InList():
		return s.Pickf("去掉 %s", "without %s", place)
	case c.Gone:
		return s.Pickf("不给 %s", "%s not given", place)
	case c.Added:
		return s.Pickf("多一项 %s：%s", "one more, %s: %s", place, show(c.To))
	case !c.Place.Given:
		return place + s.Colon() + show(c.To)
	}
	text := place + s.Colon() + show(c.Place.Value) + " → " + show(c.To)
	if by := distanceWords(c.Place.Value, c.To, s.Lang); by != "" {
		text += s.Dim(s.Pick("（", " (") + by + s.Pick("）", ")"))
	}
	return text
}

// distanceWords is how far a change goes, with its direction; "" where there is
// no such thing.
func distanceWords(from, to any, lang string) string {
	x, y := fmt.Sprint(from), fmt.Sprint(to)
	d, ok := whatif.Between(x, y)
	if from == nil || to == nil || !ok || d.IsZero() {
		return ""
	}
	if d.Kind == whatif.Times || d.Kind == whatif.Days {
		later := diagnostic.Text{ZH: "晚 ", EN: " later"}
		if before(y, x) {
			later = diagnostic.Text{ZH: "早 ", EN: " earlier"}
		}
		return diagnostic.Text{ZH: later.ZH + d.Text().ZH, EN: d.Text().EN + later.EN}.In(lang)
	}
	return ""
}

// before compares two moments or dates as facts write them.
func before(a, b string) bool {
	x, err := time.Parse(time.RFC3339Nano, a)
	y, err2 := time.Parse(time.RFC3339Nano, b)
	if err != nil || err2 != nil {
		return a < b
	}
	return x.Before(y)
}

// factValue is the value of a fact as a person reads it.
func (a *app) factValue(w wording.Words, f *policy.Fact, v any) string {
	switch x := v.(type) {
	case nil:
		return a.t("无", "none")
	case bool:
		if x {
			return a.t("是", "yes")
		}
		return a.t("否", "no")
	case string:
		if f.Words != nil {
			if label := w.Word(x, f.Words); label != x {
				return x + a.style.Dim(a.style.Pick("（", " (")+label+a.style.Pick("）", ")"))
			}
		}
		return report.Clean(x)
	case json.Number:
		return x.String()
	}
	text, _ := json.Marshal(v) // maps, lists, texts, numbers
	return report.Clean(string(text))
}

// next prints what to ask for where a question is undetermined.
func (a *app) next(book *rulebook.Book, q *policy.Question, n *whatif.Next) error {
	if a.json() {
		return writeJSON(a.out, n.Document())
	}
	s := a.style
	w := wording.Words{Book: book.Rulebook(), Lang: s.Lang}
	a.println(s.Bold(s.Text(q.Title))+"  "+s.Dim(q.ID), "", a.verdict(w, q, n.Answer))
	if n.Answer.Verdict != policy.Undetermined || len(n.Facts) == 0 {
		a.println(a.t("没有还要问的事实", "there is no fact to ask for"))
		return nil
	}
	a.heading(a.t("接下来问（最有用的在前）", "What to ask next, best first"))
	t := report.Table{Indent: 2}
	for _, f := range n.Facts {
		what := s.Pickf("试了 %[1]d 个值，%[2]d 个即可判定", "of %[3]s, %[2]d would decide", f.Tried, f.Decides, diagnostic.Counted(f.Tried, "value tried", "values tried"))
		switch {
		case len(f.Whole) > 0:
			what = a.t("一并给出：", "to be given together: ") + strings.Join(f.Whole, ", ")
		case f.Tried == 0:
			what = ""
		case f.Decides == 0:
			what = s.Plural(f.Tried, "试了 %d 个值，都还不足以判定", "of %d value tried, none would decide", "of %d values tried, none would decide")
		}
		t.Rows = append(t.Rows, []string{w.FactNamed(q, f.Path), s.Dim(what)})
	}
	a.table(t)
	if len(n.Fewest) == 0 {
		a.println("", s.Yellow(a.t("没有找到几项事实即可判定的情形", "no few facts were found that decide it")))
		return nil
	}
	var parts []string
	for _, c := range n.Fewest {
		c.Place.Given = false
		parts = append(parts, a.changed(w, c))
	}
	a.println("", s.Pickf("最少再知道 %d 项就可能判定，例如 %s → %s", "it takes %d at least, such as %s → %s", len(n.Fewest), strings.Join(parts, s.Pick("；", "; ")), w.Verdict(q, n.Verdict)))
	return nil
}

// askOther asks in one of the ways that tell more than the answer. It is false
// where none was chosen.
func (a *app) askOther(cmd *cobra.Command, book *rulebook.Book, q *policy.Question, given any, how askFlags, options []rulebook.Option) (bool, error) {
	ctx := cmd.Context()
	switch {
	case how.allReadings:
		found, err := whatif.UnderAllReadings(ctx, book, q.ID, given, options...)
		if err != nil {
			return true, err
		}
		return true, a.underAllReadings(book, q, found)
	case how == (askFlags{}):
		return false, nil
	}
	x, err := book.Ask(ctx, q.ID, given, options...) // with the places of what is wrong with them
	if err != nil {
		return true, err
	}
	if x.Error != nil { // which an answer tells
		return false, nil
	}
	switch {
	case how.why:
		return true, a.why(book, q, x)
	case how.flip || how.to != "" || how.value != "":
		found, err := whatif.NearestFlips(ctx, book, q, treeOf(q, given), how.target(), options...)
		if err != nil {
			return true, err
		}
		readings, err := whatif.UnderAllReadings(ctx, book, q.ID, given, options...)
		if err != nil {
			return true, err
		}
		return true, a.flips(book, q, found, readings, how.target())
	case how.next:
		found, err := whatif.NextFacts(ctx, book, q, treeOf(q, given), options...)
		if err != nil {
			return true, err
		}
		return true, a.next(book, q, found)
	}
	return false, nil
}
