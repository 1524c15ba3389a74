package load_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Asking as of a thousand days, from several goroutines, compiles each edition
// of the question once, and gets the answers that one goroutine gets alone.
func TestEditionsAreCompiledOnce(t *testing.T) {
	book, found := load.Parse("library.yaml", []byte(library(t)))
	require.False(t, found.Failed(), "%v", found)
	engine := run.NewEngine(book)
	require.Greater(t, run.Editions(book), 1)
	answer := func(engine *run.Engine, i int) (string, error) {
		day := time.Date(2020, 1, 2, 12, 0, 0, 0, time.UTC).AddDate(0, 0, i*3)
		checked, err := engine.Check("loan.clock", []byte(lent(day.Format(time.RFC3339))))
		if err != nil {
			return "", err
		}
		a, err := engine.Ask(checked, time.Time{})
		if err != nil {
			return "", err
		}
		return string(a.AppendJSON(nil, true)), nil
	}
	alone := run.NewEngine(book)
	want := make([]string, 1000)
	for i := range want {
		var err error
		want[i], err = answer(alone, i)
		require.NoError(t, err)
	}
	var all sync.WaitGroup
	failures := make(chan error, 4)
	for worker := range 4 {
		all.Go(func() {
			for k := range 250 {
				i := (k*4 + worker) % len(want)
				got, err := answer(engine, i)
				if err == nil && got != want[i] {
					err = fmt.Errorf("day %d: %s, alone %s", i, got, want[i])
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
	assert.Equal(t, run.Editions(book), engine.Compiled())
}
