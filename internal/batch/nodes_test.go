package batch

import (
	"cmp"
	"context"
	"slices"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/intake"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/policy"
)

// byNodes answers rows the long way round: by way of the nodes that a review
// makes of them, as anybody does who calls Check and Ask.
type byNodes struct{ *Decider }

func (d byNodes) cells(dst []byte, sum *tally.Tally, x row, cells []string) ([]byte, error) {
	root := table.NewMap()
	var problems []*table.Problem
	table.Read(root, d.columns, cells, d.rules.Zone, nil, func(p *table.Problem) {
		problems = append(problems, p)
		if i := slices.IndexFunc(d.columns, func(c table.Column) bool { return c.Header == p.Column }); i >= 0 {
			inColumn(p, d.columns[i])
		}
	})
	return d.ask(dst, sum, x, root, problems, func(refused *policy.FactError) *table.Problem { return d.ofCell(cells, refused) })
}

func (d byNodes) object(dst []byte, sum *tally.Tally, x row, text []byte) ([]byte, error) {
	root, err := intake.ParseFacts(text)
	var problems []*table.Problem
	for _, refused := range policy.RefusedFacts(err) {
		problems = append(problems, ofFact(refused))
	}
	if root == nil {
		return d.refuse(dst, sum, x, problems...), nil
	}
	if d.named {
		if i := slices.IndexFunc(root.Entries, func(e source.Entry) bool { return e.Key.Text == table.Record }); i >= 0 {
			id := root.Entries[i].Value
			root.Entries = slices.Delete(root.Entries, i, i+1)
			if id.Kind != source.Scalar && id.Kind != source.Empty {
				return d.refuse(dst, sum, x, &table.Problem{
					Code: "bad_id", Column: table.Record, Message: textf("编号应为文字", "an id is text"), Remedy: textf(`写 "record": "A1"`, `write "record": "A1"`),
				}), nil
			}
			if p := table.CheckID(id.Text); p != nil {
				return d.refuse(dst, sum, x, p), nil
			}
			if len(problems) == 0 && id.Kind == source.Scalar {
				x.id = id.Text
			}
		}
	}
	return d.ask(dst, sum, x, root, problems, ofFact)
}

func (d byNodes) ask(dst []byte, sum *tally.Tally, x row, root *source.Node, problems []*table.Problem, problem func(*policy.FactError) *table.Problem) ([]byte, error) {
	book := d.book
	if n := root.Get(table.AsOf); !d.plan.AsOf.IsZero() && (n == nil || n.Kind == source.Empty) {
		var err error
		if book, err = book.With(rulebook.AsOf(d.plan.AsOf)); err != nil {
			return dst, err
		}
	}
	facts, err := book.Check(d.question.ID, root)
	for _, refused := range policy.RefusedFacts(err) {
		problems = append(problems, problem(refused))
	}
	if d.plan.In == CSV { // those of the facts are in the order of the question, if at all
		column := func(p *table.Problem) int {
			for path := p.Column; path != ""; path = table.Parent(path) {
				if i := slices.IndexFunc(d.columns, func(c table.Column) bool { return c.Path == path }); i >= 0 {
					return i
				}
			}
			return -1
		}
		slices.SortStableFunc(problems, func(a, b *table.Problem) int { return cmp.Compare(column(a), column(b)) })
	}
	if len(problems) > 0 {
		return d.refuse(dst, sum, x, problems...), nil
	}
	if err != nil {
		return dst, err
	}
	a, err := book.Ask(context.Background(), d.question.ID, facts)
	for _, refused := range policy.RefusedFacts(err) {
		return d.refuse(dst, sum, x, problem(refused)), nil
	}
	return d.answered(dst, sum, x, a, err)
}
