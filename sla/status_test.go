package sla

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestJudge(t *testing.T) {
	due := Due{Date: on("2025-06-17"), IsDate: true, End: at("2025-06-17 23:59:59.999999999")}
	for _, tc := range []struct {
		name       string
		done, asOf string
		deemed     bool
		want       Status
	}{
		{"open", "", "2025-06-17 12:00", false, Running},
		{"open at the end", "", "2025-06-17 23:59:59.999999999", false, Running},
		{"open after the end", "", "2025-06-18", false, Overdue},
		{"open, never asked", "", "", false, Running},
		{"done", "2025-06-16", "2025-06-20", false, OnTime},
		{"done at the end", "2025-06-17 23:59:59.999999999", "2025-06-20", false, OnTime},
		{"done after the end", "2025-06-18", "2025-06-20", false, Late},
		{"deemed, open", "", "2025-06-20", true, DeemedOnTime},
		{"deemed, still time", "", "2025-06-16", true, DeemedOnTime},
		{"deemed, done late", "2025-06-18", "2025-06-20", true, DeemedOnTime},
		{"deemed, done in time", "2025-06-16", "2025-06-20", true, OnTime},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Judge(due, at(tc.done), at(tc.asOf), tc.deemed)
			assert.Equal(t, tc.want, got)
			assert.Equal(t, NotStarted, Judge(Due{}, at(tc.done), at(tc.asOf), tc.deemed))
		})
	}
}

func TestBreached(t *testing.T) {
	for s, want := range map[Status]bool{NotStarted: false, Running: false, Overdue: true, OnTime: false, Late: true, DeemedOnTime: false} {
		assert.Equal(t, want, s.Breached(), s)
	}
}

func TestLaterCompletionNeverImproves(t *testing.T) {
	rank := map[Status]int{OnTime: 0, DeemedOnTime: 1, Late: 2}
	rapid.Check(t, func(t *rapid.T) {
		moment := func(label string) time.Time {
			return at("2025-06-16").Add(time.Duration(rapid.Int64Range(-5, 5).Draw(t, label)))
		}
		due := Due{End: moment("end")}
		done, asOf, deemed := moment("done"), moment("as of"), rapid.Bool().Draw(t, "deemed")
		later := done.Add(time.Duration(rapid.Int64Range(0, 9).Draw(t, "later")))

		a, b := Judge(due, done, asOf, deemed), Judge(due, later, asOf, deemed)
		require.Contains(t, rank, a)
		require.Contains(t, rank, b)
		require.LessOrEqual(t, rank[a], rank[b])

		// Open at asOf is as bad as a completion at asOf, never better later.
		open, now := Judge(due, time.Time{}, asOf, deemed), Judge(due, asOf, asOf, deemed)
		require.Equal(t, now == Late, open == Overdue)
		require.Equal(t, now.Breached(), open.Breached())
		if !asOf.After(later) && open.Breached() {
			require.True(t, Judge(due, later, asOf, deemed).Breached())
		}
	})
}
