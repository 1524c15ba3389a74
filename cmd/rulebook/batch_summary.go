package main

import (
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// sayRows says on one line how many rows there were.
func sayRows(w io.Writer, s report.Style, out string, r *batch.Result) error {
	v := tally.View{Tally: r.Tally}
	answered, refused := v.N(tally.Records, ""), v.N(tally.Refused, "")
	rows := "%s rows: %s answered, %s not readable"
	if answered+refused == 1 {
		rows = "%s row: %s answered, %s not readable"
	}
	text := s.Pickf("%s 行：已答 %s，读不了 %s", rows, grouped(answered+refused), grouped(answered), grouped(refused))
	if r.Resumed > 0 {
		text += s.Pickf("；其中 %s 行是以前做的", "; %s of them by earlier runs", grouped(r.Resumed))
	}
	if out != "" {
		text += " → " + out
	}
	_, err := fmt.Fprintln(w, s.Dim(text))
	return err
}

// summary writes the sums of a run in words.
type summary struct {
	report.Style
	view  tally.View
	words wording.Words
	table report.Table
}

func writeSummary(w io.Writer, s report.Style, b *policy.Rulebook, q *policy.Question, r *batch.Result) error {
	x := &summary{Style: s, view: tally.View{Tally: r.Tally}, words: wording.Words{Book: b, Lang: s.Lang}}
	x.table.Align = []report.Align{report.Left, report.Right}
	whole := x.view.N(tally.Records, "") + x.view.N(tally.Refused, "")
	x.row(0, x.Pick("行", "rows"), whole, 0)
	x.row(1, x.Pick("已答", "answered"), x.view.N(tally.Records, ""), whole)
	x.verdicts(q)
	x.row(1, x.Pick("读不了", "not readable"), x.view.N(tally.Refused, ""), whole)
	x.each(tally.Refusal, whole, x.words.Reason)
	x.findings(q)
	if err := x.sums(q); err != nil {
		return err
	}
	return x.table.Write(w, s)
}

// row adds a number and, of a whole, its share.
func (x *summary) row(depth int, label string, n, whole int64) {
	cells := []string{strings.Repeat("  ", depth) + report.Clean(label), grouped(n)}
	if whole > 0 && n > 0 {
		cells = append(cells, percent(big.NewRat(n, whole)))
	}
	x.table.Rows = append(x.table.Rows, cells)
}

// percent is a rounded percentage.
func percent(r *big.Rat) string {
	const hundred, digits = 100, 3
	return new(big.Rat).Mul(r, big.NewRat(hundred, 1)).FloatString(digits) + "%"
}

func (x *summary) each(kind tally.Kind, whole int64, label func(of string) string) {
	const depth = 2
	for _, c := range x.view.Of(kind) {
		x.row(depth, label(c.Of), c.N, whole)
	}
}

func (x *summary) verdicts(q *policy.Question) {
	const depth = 2
	answered := x.view.N(tally.Records, "")
	failed := answered
	for _, verdict := range append(slices.Clone(q.Verdict.Words.Words), policy.NotInScope, policy.Undetermined) {
		n := x.view.N(tally.Verdict, verdict)
		failed -= n
		if n > 0 {
			x.row(depth, x.words.Verdict(q, verdict), n, answered)
		}
	}
	if failed > 0 {
		x.row(depth, x.Pick("无法计算", "not computable"), failed, answered)
	}
}

func (x *summary) findings(q *policy.Question) {
	answered := x.view.N(tally.Records, "")
	for _, part := range []struct {
		label       diagnostic.Text
		whole, each tally.Kind
		name        func(of string) string
	}{
		{diagnostic.Text{ZH: "有违反的", EN: "with a breach"}, tally.Breached, tally.Breach, x.words.BreachOf},
		{diagnostic.Text{ZH: "缺事实的", EN: "with a missing fact"}, tally.Lacking, tally.Missing, func(of string) string { return x.words.FactNamed(q, of) }},
		{diagnostic.Text{ZH: "须由人决定的", EN: "for a person to decide"}, tally.Deciding, tally.Decision, x.words.Code},
		{diagnostic.Text{ZH: "无法计算的", EN: "not computable"}, tally.Failed, tally.Error, x.words.Reason},
	} {
		if n := x.view.N(part.whole, ""); n > 0 {
			x.row(1, x.Text(part.label), n, answered)
			x.each(part.each, answered, part.name)
		}
	}
	if n := x.view.N(tally.Provisional, ""); n > 0 {
		x.row(1, x.Pick("暂定的", "provisional"), n, answered)
	}
}

func (x *summary) sums(q *policy.Question) error {
	for _, name := range x.view.Sums() {
		label, shown := name, grouped(x.view.Sum(name))
		if f, ok := q.ValueAt(name); ok {
			label = x.Text(f.Label)
		}
		amounts := x.view.Amounts(name)
		switch in := tally.CurrencyOf(q, name); {
		case in != "":
			shown = policy.Money{Minor: x.view.Sum(name), Currency: in}.Show(x.Lang)
		case len(amounts) > 0 || tally.ByCurrency(q, name):
			shown = wording.Amounts(amounts, x.Lang)
		}
		cells := []string{x.Pickf("合计 %s", "sum of %s", label), shown}
		if n := x.view.N(tally.Unknown, name); n > 0 {
			rows := "not known of %s rows"
			if n == 1 {
				rows = "not known of %s row"
			}
			cells = append(cells, x.Pickf("另有 %s 行未知", rows, grouped(n)))
		}
		x.table.Rows = append(x.table.Rows, cells)
	}
	rates, err := x.view.Rates()
	if err != nil {
		return err
	}
	for _, r := range rates {
		cells := []string{x.words.Rule(r.Rule), fmt.Sprintf("%d/%s", r.Count, r.Base.RatString())}
		if share := r.Share(); share != nil {
			cells = append(cells, percent(share))
		}
		if r.Pending > 0 {
			cells = append(cells, x.Pickf("待定 %d", "%d pending", r.Pending))
		}
		x.table.Rows = append(x.table.Rows, cells)
	}
	return nil
}
