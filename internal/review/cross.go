package review

import (
	"slices"

	"github.com/servicerules/rulebook/policy"
)

// crossing compares our verdicts with those that a table carries.
type crossing struct {
	by       *compare
	at       int
	question *policy.Question
	table    Cross
}

const maxExamples = 10

func newCrossing(p *part, q *policy.Question) *crossing {
	at, _ := p.column(p.mapping.compare.column)
	return &crossing{by: p.mapping.compare, at: at, question: q, table: Cross{File: p.file, Column: p.mapping.compare.column, Rows: []CrossRow{}, Examples: []string{}}}
}

func (c *crossing) count(r *row, record Record) {
	verdict := record.Answer.Verdict
	i := slices.IndexFunc(c.table.Rows, func(x CrossRow) bool { return x.Verdict == verdict })
	if i < 0 {
		i = len(c.table.Rows)
		c.table.Rows = append(c.table.Rows, CrossRow{Verdict: verdict, Label: record.Answer.Label, Class: c.by.classes[verdict]})
	}
	ours, theirs := &c.table.Rows[i], ""
	switch r.cells[c.at] {
	case "":
		ours.Silent++
	case c.by.metWhen:
		ours.Met++
		theirs = met
	default:
		ours.NotMet++
		theirs = notMet
	}
	switch {
	case ours.Class == "" || theirs == "":
		c.table.Apart++
	case ours.Class == theirs:
		c.table.Agree++
	default:
		c.table.Differ++
		if len(c.table.Examples) < maxExamples {
			c.table.Examples = append(c.table.Examples, record.ID)
		}
	}
}

func (c *crossing) out() Cross {
	order := append(slices.Clone(c.question.Verdict.Words.Words), policy.NotInScope, policy.Undetermined, "")
	slices.SortFunc(c.table.Rows, func(a, b CrossRow) int { return slices.Index(order, a.Verdict) - slices.Index(order, b.Verdict) })
	return c.table
}
