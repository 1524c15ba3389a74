package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

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
