package run_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/load"
	"github.com/servicerules/rulebook/internal/run"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Asking as of a thousand days, from several goroutines, compiles each edition
// of the question once, and gets the answers that one goroutine gets alone.
func TestEditionsAreCompiledOnce(t *testing.T) {
	text, err := os.ReadFile("../load/testdata/library.yaml")
	require.NoError(t, err)
	book, found := load.Parse("library.yaml", text)
	require.False(t, found.Failed(), "%v", found)
	engine := run.NewEngine(book)
	require.Greater(t, len(book.Boundaries), 1)
	answer := func(engine *run.Engine, i int) (string, error) {
		day := time.Date(2020, 1, 2, 12, 0, 0, 0, time.UTC).AddDate(0, 0, i*3)
		checked, err := engine.Check("loan.clock", []byte(fmt.Sprintf(`{"loan": {"kind": "book", "lent_at": %q}, "as_of": "2028-01-01T00:00:00+08:00"}`, day.Format(time.RFC3339))))
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
	assert.Equal(t, len(book.Boundaries), run.Compiled(engine))
}

// A reading that a question does not rest on costs it nothing, and one that it
// rests on is compiled once, however often it is asked for.
func TestWhatWithCompiles(t *testing.T) {
	book, err := rulebook.Default()
	require.NoError(t, err)
	engine := run.NewEngine(run.Of(book).Book())
	ask := func(e *run.Engine, question, facts string) {
		t.Helper()
		checked, err := e.Check(question, []byte(facts))
		require.NoError(t, err)
		_, err = e.Ask(checked, time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err)
	}
	const fine, load = "accountability.fine", "contracting.load"
	const complaint, area = `{"person": "S1", "complaint": {"level": "hall", "form": "complaint", "substantiated": true, "cause": "service", "received_at": "2025-06-09T10:00:00+08:00"}}`,
		`{"area": {"id": "A1", "type": "urban"}, "households": 5200, "staff": 2}`
	ask(engine, fine, complaint)
	ask(engine, load, area)
	require.Equal(t, 2, run.Compiled(engine))
	for i := range 50 {
		with, err := engine.WithReading("ladder.hall_boundary", "ge3")
		require.NoError(t, err)
		ask(with, load, area)
		require.Equal(t, 2+min(i, 1), run.Compiled(engine), "households rest on no ladder")
		ask(with, fine, complaint)
		require.Equal(t, 3, run.Compiled(engine), "the fine does, and is compiled once")
		back, err := with.WithReading("ladder.hall_boundary", "gt3")
		require.NoError(t, err)
		ask(back, fine, complaint)
		require.Equal(t, 3, run.Compiled(engine), "what the rulebook itself chooses is there")
	}
}
