package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/tally"
)

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

func theJob(t *testing.T, dir string) job {
	t.Helper()
	rules, err := readRules("")
	require.NoError(t, err)
	return job{
		rules: rules, input: filepath.Join(dir, "tickets-*"), output: filepath.Join(dir, "answers"), shards: 4,
		order: order{Plan: batch.Plan{Question: "time_limit.request"}},
	}
}

// 200,000 tickets on Prism and on one machine: the same lines, the same tally.
func TestEqualsOneMachine(t *testing.T) {
	const tickets = 200_000
	j := theJob(t, t.TempDir())
	require.NoError(t, makeUp(j, filepath.Dir(j.output), 8, tickets))
	j.order.Plan.Fields = []string{"verdict", "due_date", "due_at", "breaches", "missing_facts"}
	cluster, err := onBeam(t.Context(), j)
	require.NoError(t, err)
	single, err := onOneMachine(t.Context(), j)
	require.NoError(t, err)
	assert.Len(t, single.lines, tickets)
	require.NoError(t, cluster.differs(single))
	assert.Equal(t, int64(tickets/1000), tally.View{Tally: cluster.tally}.N(tally.Refused, ""))
	t.Logf("Beam on Prism %v, one machine %v", cluster.took, single.took)
}

// Complete answers, tables, readings, a moment of asking, and rows that are
// given up, with lines counted as in the whole file.
func TestTables(t *testing.T) {
	dir := t.TempDir()
	const head = "record,complaint.level,complaint.form,complaint.substantiated,complaint.cause,prior_in_window.hall,prior_in_window.branch,prior_in_window.county_or_above\n"
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	var rows strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&rows, "F%d,hall,complaint,true,service,%d,0,0\n", i, i%7)
	}
	write("tickets-1.csv", head+rows.String()+"\"F,hall\n"+rows.String())
	write("tickets-2.csv", head)
	write("tickets-3.jsonl", `{"record": "J1"}`+"\n")
	j := theJob(t, dir)
	j.order.Plan.Question, j.order.Readings = "accountability.fine", []string{"ladder.hall_boundary=ge3"}
	cluster, err := onBeam(t.Context(), j)
	require.NoError(t, err)
	single, err := onOneMachine(t.Context(), j)
	require.NoError(t, err)
	require.NoError(t, cluster.differs(single))
	assert.Len(t, cluster.lines, 18002)
	v := tally.View{Tally: cluster.tally}
	assert.Equal(t, int64(1), v.N(tally.Refusal, "csv_syntax"))
	assert.Positive(t, v.Sum("final_fine"))
	at := slices.IndexFunc(cluster.lines, func(line []byte) bool { return strings.HasPrefix(string(line), `{"line":9002,"error"`) })
	assert.GreaterOrEqual(t, at, 0)
	left, err := filepath.Glob(filepath.Join(dir, "*.part"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// A rulebook that is not the one that was sent is refused where it arrives.
func TestOtherRulebookIsRefused(t *testing.T) {
	dir := t.TempDir()
	j := theJob(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tickets-1.jsonl"), []byte("{}\n"), 0o600))
	require.NoError(t, send(j.rules, j.order))
	beam.PipelineOptions.Set(optionHash, hash([]byte("another")))
	err := execute(t.Context(), j)
	require.ErrorContains(t, err, "the rulebook is not the one that was sent")
	names, err := filepath.Glob(j.output + "*")
	require.NoError(t, err)
	assert.Empty(t, names)
}

func TestWrongOrder(t *testing.T) {
	j := theJob(t, t.TempDir())
	for change, want := range map[string]func(){
		"no question":   func() { j.order.Plan.Question = "time_limit.reques" },
		"unknown_field": func() { j.order.Plan.Question, j.order.Plan.Fields = "time_limit.request", []string{"verdit"} },
		"reading":       func() { j.order.Plan.Fields, j.order.Readings = nil, []string{"x=y"} },
	} {
		want()
		err := run(t.Context(), j)
		require.Error(t, err, change)
		assert.NotContains(t, err.Error(), "pipeline")
	}
}
