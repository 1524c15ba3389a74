package analysis_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/run"
)

// What uses a fact, a word, a reading, a rule or an article is found where it
// stands.
func TestUses(t *testing.T) {
	book, err := rulebook.Parse("rules.yaml", []byte(read(t, "rules.yaml")))
	assert.NoError(t, err)
	of := func(name string) (all []string) {
		uses, known := analysis.UsesOf(run.Of(book).Book(), name)
		assert.True(t, known, name)
		for _, u := range uses {
			assert.NotZero(t, u.Span.Start.Line)
			all = append(all, u.Kind+" "+u.ID+" "+u.Article)
		}
		return all
	}
	assert.Contains(t, of("request.severity"), "rule fault_major time_limit/5")
	assert.NotContains(t, of("request.severity"), "rule restore_service time_limit/6")
	assert.Contains(t, of("restore"), "rule restore_service time_limit/6")
	assert.Contains(t, of("request_clock"), "question time_limit.request ")
	assert.Contains(t, of("request_clock"), "rule fault_major time_limit/5")
	assert.Contains(t, of("time_limit.rural"), "rule install_rural time_limit/6")
	_, known := analysis.UsesOf(run.Of(book).Book(), "no_such_name")
	assert.False(t, known)
}

// So it is in a rulebook of several files, each use in the file of its own.
func TestUsesInSeveralFiles(t *testing.T) {
	book, err := rulebook.LoadFS(fstest.MapFS{
		"main.yaml": {Data: []byte(`include: [rules.yaml]
rulebook: {id: shop, title: {zh: 店, en: shop}, zone: Asia/Shanghai, in_force: {from: 2020-01-01}}
facts: {parcels: {zh: 件数, en: parcels, type: count}}
questions: {shop.fee: {zh: 费, en: fee, facts: [parcels], rules: [fee], verdict: {is: '"done"', words: {done: {zh: 完, en: done}}}, values: {fee: {zh: 费, en: fee, is: fee.value}}}}
`)},
		"rules.yaml": {Data: []byte(`regulations:
  shop: {zh: 店规, en: rules, articles: {"1": {nature: definition, title: {zh: 一, en: one}, text: {zh: 一, en: one}, figures: {fee: {zh: 费, en: fee, is: parcels * 2}}}}}
`)},
	}, "main.yaml")
	require.NoError(t, err)
	uses, known := analysis.UsesOf(run.Of(book).Book(), "parcels")
	assert.True(t, known)
	files := map[string]string{}
	for _, u := range uses {
		files[u.Kind] = u.Span.File
	}
	assert.Equal(t, "rules.yaml", files["rule"], "%v", uses)
	assert.Equal(t, "main.yaml", files["question"], "%v", uses)
}
