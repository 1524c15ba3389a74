package review

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
)

// parcels is a rulebook whose fee is of the currency that a fact says.
const parcels = `
rulebook: {languages: [en], id: parcels, title: Parcels, zone: UTC, currency: EUR, in_force: {from: 2020-01-01}}
facts:
  cur: {en: currency, type: word, words: {eur: euro, jpy: yen}, if_absent: none}
  sent_on: {en: sent on, type: date}
  n: {en: number, type: count}
questions:
  bill:
    en: what is due
    facts: [cur, sent_on, n]
    rules: [price]
    verdict: {is: 'n > 0 ? "due" : "nothing"', words: {due: due, nothing: nothing}}
    values:
      fee: {en: fee, when: cur != null, is: price.value * n}
      fixed: {en: in euro, is: n * 1.25 EUR}
      number: {en: number, is: n}
regulations:
  r:
    en: R
    articles:
      "1":
        nature: sanction
        title: One
        text: Text.
        figures: {price: {en: price, is: {by: cur, eur: 2.50 EUR, jpy: 300 JPY}}}
review:
  en: Month
  sections:
    bills:
      en: Bills
      question: bill
      table: bills
      month: sent_on
      columns:
        fee: {en: fee, show: fee, sum: true}
        fixed: {en: in euro, show: fixed, sum: true}
        number: {en: number, show: number, sum: true}
`

// Amounts of different currencies are not added up: where facts choose the
// currency, there is a sum for each.
func TestSumsByCurrency(t *testing.T) {
	book, err := rulebook.Parse("rules.yaml", []byte(parcels))
	require.NoError(t, err)
	rows := "record,cur,sent_on,n\n1,eur,2025-04-02,1\n2,jpy,2025-04-03,2\n3,eur,2025-06-02,3\n4,null,2025-06-02,4\n5,eur,2025-06-02,\n"
	r, err := Run(context.Background(), book, files("bills.csv", rows), Options{Period: mustPeriod(t, "2025-Q2")})
	require.NoError(t, err)
	require.Empty(t, r.Findings)
	s := r.section(t, "bills")
	totals := func(columns []Column) (all []string) {
		for i := range columns {
			all = append(all, columns[i].Total("en"))
		}
		return all
	}
	assert.Equal(t, []string{"€10.00, 600 JPY", "€12.50", "10"}, totals(s.Columns))
	assert.Equal(t, 1, s.Columns[0].Unknown)
	require.Len(t, s.Months, 2)
	assert.Equal(t, []string{"€2.50, 600 JPY", "€3.75", "3"}, totals(s.Months[0].Columns))
	assert.Equal(t, []string{"€7.50", "€8.75", "7"}, totals(s.Months[1].Columns))

	data, err := json.Marshal(s.Columns)
	require.NoError(t, err)
	assert.JSONEq(t, `[
		{"name": "fee", "label": {"en": "fee"}, "amounts": ["10.00 EUR", "600 JPY"], "unknown": 1},
		{"name": "fixed", "label": {"en": "in euro"}, "money": "12.50 EUR", "unknown": 1},
		{"name": "number", "label": {"en": "number"}, "sum": 10, "unknown": 1}]`, string(data))
	var again []Column
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, s.Columns, again)

	text := r.text(t, "en")
	assert.Contains(t, text, "and 1 open    €10.00, 600 JPY   €12.50      10")
	grid := s.MonthGrid("zh")
	assert.Equal(t, []string{"合计", "€10.00、600 JPY", "€12.50", "10"}, append([]string{grid.Rows[2][0]}, grid.Rows[2][len(grid.Rows[2])-3:]...))
	for _, g := range r.Grids("en") {
		if g.Name == "bills" {
			assert.Equal(t, []bool{true, true, true}, g.Numbers[2:5])
		}
	}
}

// A sum of no amounts is one all the same.
func TestSumOfNoAmounts(t *testing.T) {
	book, err := rulebook.Parse("rules.yaml", []byte(parcels))
	require.NoError(t, err)
	r, err := Run(context.Background(), book, files("bills.csv", "record,cur,sent_on,n\n1,,2025-04-02,1\n"), Options{Month: "2025-04"})
	require.NoError(t, err)
	fee := r.section(t, "bills").Columns[0]
	assert.True(t, fee.Added())
	assert.Equal(t, "0", fee.Total("en"))
	data, err := json.Marshal(fee)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"amounts":[]`)
}

// A row whose facts cannot all be right is a row that could not be read, with its
// place; the others are reviewed.
func TestRowsThatCannotBe(t *testing.T) {
	book, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(parcels, "questions:\n", "must: {some: {en: something was sent, that: n > 0}}\nquestions:\n", 1)))
	require.NoError(t, err)
	rows := "record,cur,sent_on,n\n1,eur,2025-04-02,1\n2,jpy,2025-04-03,0\n3,eur,2025-06-02,3\n"
	r, err := Run(context.Background(), book, files("bills.csv", rows), Options{Period: mustPeriod(t, "2025-Q2")})
	require.NoError(t, err)
	require.Len(t, r.Findings, 1)
	bad := r.Findings[0]
	assert.Equal(t, "facts_impossible", bad.Code)
	assert.Equal(t, 3, bad.Line)
	assert.Equal(t, "n", bad.Column)
	assert.Equal(t, "this must be so: something was sent (number 0)", bad.Message.EN)
	assert.Equal(t, map[string]string{"1": "due", "3": "due"}, r.section(t, "bills").verdicts())
}
