package policy_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// Asking as of a thousand days, from several goroutines, compiles each edition
// of the question once, and no other question.
func TestEditionsAreCompiledOnce(t *testing.T) {
	book, found := policy.Parse("library.yaml", []byte(library(t)), rulebook.Forms())
	require.False(t, found.Failed(), "%v", found)
	engine := policy.NewEngine(book)
	require.Greater(t, book.Editions(), 1)
	var all sync.WaitGroup
	failures := make(chan error, 4)
	for worker := range 4 {
		all.Go(func() {
			for i := range 250 {
				day := time.Date(2020, 1, 2, 12, 0, 0, 0, time.UTC).AddDate(0, 0, (worker*250+i)*3)
				facts := fmt.Sprintf(`{"loan": {"kind": "book", "lent_at": %q}, "as_of": "2032-01-01T00:00:00+08:00"}`, day.Format(time.RFC3339))
				checked, err := engine.Check("loan.clock", []byte(facts))
				if err == nil {
					_, err = engine.Ask(checked, time.Time{})
				}
				if err != nil {
					failures <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	assert.Equal(t, book.Editions(), engine.Compiled())
}
