package review

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// Facts of a record that cannot all be right are a finding of its row; the other rows
// are reviewed.
func TestImpossibleFactsOfOneRecord(t *testing.T) {
	data, err := os.ReadFile("../../examples/rulebooks/support-contract.yaml")
	require.NoError(t, err)
	book, err := rulebook.Parse("rules.yaml", data)
	require.NoError(t, err)
	r, err := Run(context.Background(), book, files("attainment.csv", "record,month,tickets.closed,tickets.in_time\nA,2025-06,7,8\nB,2025-06,8,7\n", "review.yaml", "month: 2025-06\n"), Options{})
	require.NoError(t, err)
	require.Len(t, r.Findings, 1)
	f := r.Findings[0]
	assert.Equal(t, "facts_impossible", f.Code)
	assert.Equal(t, "attainment.csv", f.File)
	assert.Equal(t, 2, f.Line)
	assert.Equal(t, 1, r.Totals.Unreadable)
	assert.Equal(t, 1, r.Totals.Records)
}

// A table whose name is nearly that of review.yaml is one finding, which says what to
// write.
func TestTableNearlyNamed(t *testing.T) {
	r, err := Run(context.Background(), lending(t), files("review.yaml", "tables: {loan.csv: {section: loans, record: id}}\n", "loanz.csv", "id\nA\n"), Options{})
	require.NoError(t, err)
	var codes []string
	for _, f := range r.Findings {
		codes = append(codes, f.Code)
	}
	require.Equal(t, []string{"table_missing"}, codes)
	assert.Contains(t, r.Findings[0].Remedy.EN, "write loanz.csv in review.yaml")
}

// A section that is called by its label is one finding.
func TestSectionByItsLabel(t *testing.T) {
	book := lending(t)
	label := book.Rulebook().Review.Sections[0].Title.In("zh")
	_, err := Run(context.Background(), book, files("review.yaml", "tables: {a.csv: {section: "+label+", record: id, facts: {loan.kind: k}, words: {loan.kind: {a: book}}}}\n", "a.csv", "id\n"), Options{})
	var found diagnostic.List
	require.ErrorAs(t, err, &found)
	require.Len(t, found, 1, "%v", found)
	assert.Equal(t, "unknown_section", found[0].Code)
	assert.Contains(t, found[0].Remedy.EN, "write "+book.Rulebook().Review.Sections[0].Name)
}
