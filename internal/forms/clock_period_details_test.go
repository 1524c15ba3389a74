package forms_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/sla"
)

// The timeline of a clock that pauses and warns says what the answer says, too:
// it starts, is at risk, stands still, goes on, is overdue and is done.
func TestTimelineOfAPeriod(t *testing.T) {
	book, err := rulebook.Load("../../examples/rulebooks/support-contract.yaml")
	require.NoError(t, err)
	const opened, rest = `"opened_at":"2025-06-10T09:00:00+02:00"`, `"priority":"p1","country":"de"`
	const paused = `"pauses":[{"from":"2025-06-10T10:00:00+02:00"}]`
	const resumed = `"pauses":[{"from":"2025-06-10T10:00:00+02:00","to":"2025-06-10T12:00:00+02:00"}]`
	for _, x := range []struct {
		facts, asOf string
		status      sla.Status
		due         string // "" where it is not known
		pauses      int
	}{
		{`"opened_at":null`, "10:00", sla.NotStarted, "", 0},
		{opened, "10:00", sla.Running, "13:00", 0},
		{opened, "12:00", sla.AtRisk, "13:00", 0},
		{opened, "13:01", sla.Overdue, "13:00", 0},
		{opened + "," + paused, "16:00", sla.Paused, "", 1},
		{opened + "," + resumed, "13:00", sla.Running, "15:00", 1},
		{opened + "," + resumed, "15:01", sla.Overdue, "15:00", 1},
		{opened + "," + resumed + `,"resolved_at":"2025-06-10T14:59:00+02:00"`, "16:00", sla.OnTime, "15:00", 1},
		{opened + "," + resumed + `,"resolved_at":"2025-06-10T15:01:00+02:00"`, "16:00", sla.Late, "15:00", 1},
	} {
		name := x.facts + " at " + x.asOf
		asOf, err := time.Parse(time.RFC3339, "2025-06-10T"+x.asOf+":00+02:00")
		require.NoError(t, err)
		answer, err := book.Ask(context.Background(), "ticket.resolution", fmt.Appendf(nil, `{"ticket":{%s,%s}}`, x.facts, rest), rulebook.AsOf(asOf))
		require.NoError(t, err, name)
		all := timelines(answer)
		require.Len(t, all, 1, name)
		line := all[0]
		assert.Equal(t, x.status, line.Status, name)
		assert.Equal(t, answer.Verdict, string(line.Status), name)
		assert.Len(t, line.Pauses, x.pauses, name)
		assert.True(t, asOf.Equal(line.AsOf), name)
		due, known := answer.Moment("due")
		assert.Equal(t, x.due != "", known, name)
		if known {
			assert.True(t, due.Equal(line.Due.End), "%s: %v, not %v", name, line.Due.End, due)
			assert.Equal(t, x.due, due.Format("15:04"), name)
		}
		days, err := line.Days(0, 100)
		assert.NoError(t, err)
		assert.Empty(t, days, "no deadline says which days count")
	}
}
