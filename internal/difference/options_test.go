package difference_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/policy"
)

// turning is a book of four readings: of one the verdict rests, of one a value,
// of one nothing that can be told apart, and one is looked at by no rule.
const turning = `rulebook: {id: kiosk, title: Kiosk, languages: [en], zone: Europe/London, in_force: {from: 2020-01-01}}
words:
  size: {small: small, large: large}
facts:
  cups: {en: cups, type: count}
readings:
  large_from: {article: rules/1, asks: from how many, options: {two: two, three: three}, chosen: two}
  price: {article: rules/1, asks: what a cup costs, options: {low: low, high: high}, chosen: low}
  same: {article: rules/1, asks: nothing, options: {one_way: one way, other_way: other way}, chosen: one_way}
  unused: {article: rules/1, asks: nothing at all, options: {yes_it_is: "yes", no_it_is_not: "no"}, chosen: yes_it_is}
questions:
  order:
    en: an order
    facts: [cups]
    rules: [least, cost, steady]
    verdict: {is: 'cups >= least.value ? "large" : "small"', words: size}
    values:
      cost: {en: cost, is: cost.value}
regulations:
  rules:
    en: Rules
    articles:
      "1":
        nature: definition
        title: Cups
        text: Cups.
        figures:
          least: {en: from, is: {by: large_from, two: "2", three: "3"}}
          cost: {en: cost, is: {by: price, low: cups * 2, high: cups * 3}}
          steady: {en: steady, is: {by: same, one_way: cups + 1, other_way: 1 + cups}}
`

func TestOptions(t *testing.T) {
	t.Parallel()
	book, err := rulebook.Parse("kiosk.yaml", []byte(turning))
	require.NoError(t, err)
	all, err := difference.Options(context.Background(), book, book.Rulebook().Readings, nil, 400, nil)
	require.NoError(t, err)
	effects := map[string]difference.Effect{}
	for _, o := range all {
		effects[o.Reading.Key+" "+o.Name] = o.Effect()
		for _, q := range o.Questions {
			assertTurns(t, book, o, q)
		}
	}
	assert.Equal(t, map[string]difference.Effect{
		"large_from three": difference.TurnsVerdict, "price high": difference.ChangesValues,
		"same other_way": difference.NoEffectFound, "unused no_it_is_not": difference.NoEffect,
	}, effects)
	views := difference.ViewOfOptions(book, all, "zh")
	require.Len(t, views, 4)
	assert.Equal(t, difference.TurnsVerdict, views[0].Effect)
	assert.Equal(t, difference.NoEffect, views[3].Effect)
}

// assertTurns asks a witness again, under both options.
func assertTurns(t *testing.T, book *rulebook.Book, o *difference.Option, q *difference.Asked) {
	t.Helper()
	if q.Witness == nil {
		return
	}
	var options []rulebook.Option
	if !q.Witness.AsOf.IsZero() {
		options = append(options, rulebook.AsOf(q.Witness.AsOf))
	}
	for _, r := range q.Witness.Readings {
		options = append(options, rulebook.Reading(r.Key, r.Option))
	}
	a, err := book.Ask(t.Context(), q.ID, q.Witness.JSON(), options...)
	require.NoError(t, err)
	b, err := book.Ask(t.Context(), q.ID, q.Witness.JSON(), append(options, rulebook.Reading(o.Reading.Key, o.Name))...)
	require.NoError(t, err)
	if o.Effect() == difference.TurnsVerdict {
		assert.NotEqual(t, a.Verdict, b.Verdict, o.Reading.Key)
	} else {
		assert.NotEqual(t, string(a.AppendJSON(nil, false)), string(b.AppendJSON(nil, false)), o.Reading.Key)
	}
}

// What a decision would come to in money is told from a month of records.
func TestOptionsOnRecord(t *testing.T) {
	t.Parallel()
	book, err := rulebook.Default()
	require.NoError(t, err)
	r, _ := book.Rulebook().Reading("ladder.hall_boundary")
	all, err := difference.Options(context.Background(), book, []*policy.Reading{r}, nil, 0, &difference.Record{Path: "../../examples/data/2025-06"})
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.NotNil(t, all[0].Replay)
	assert.Equal(t, 5, all[0].Replay.Changed)
	assert.Equal(t, "30", all[0].Replay.Sums[0].By.RatString())
	assert.Contains(t, difference.ViewOfOptions(book, all, "en")[0].Options[0].Lines, "128 rows: 5 are answered differently, 123 as before")
}
