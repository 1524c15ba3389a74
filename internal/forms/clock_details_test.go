package forms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/sla"
)

func timelines(a *rulebook.Answer) []sla.Timeline {
	var all []sla.Timeline
	for _, d := range a.Details() {
		if t, ok := d.Of.(sla.Timeline); ok {
			all = append(all, t)
		}
	}
	return all
}

// The timeline says what the answer says.
func TestTimelineAgreesWithTheAnswer(t *testing.T) {
	book := parse(t, library)
	for _, kind := range []string{"book", "map", "scan", "copy", "letter"} {
		for _, reading := range []string{"days=weekdays", "which=sooner", "which=later", "hours=open", "first_day=counted", "closing=desk:17:30"} {
			for _, when := range []string{"03 10:00:00", "07 17:00:00", "08 09:00:00"} {
				answer := ask(t, book, "loan", loan(kind, asked(when), done("12 12:00:00")), reading)
				all := timelines(answer)
				require.Len(t, all, 1, "%s %s", kind, reading)
				line := all[0]
				assert.Equal(t, answer.Verdict, string(line.Status))
				last, ok := answer.Moment("last")
				require.True(t, ok)
				assert.True(t, last.Equal(line.Due.End), "%s %s: %v, not %v", kind, reading, line.Due.End, last)
				assert.Equal(t, line.Due, line.Limit, "it was not extended")
				start, _ := answer.Moment("start")
				assert.True(t, start.Equal(line.Start))
				assert.Equal(t, "2025-03-12T12:00:00+08:00", line.Done.Format(time.RFC3339))
				assert.False(t, line.Again)
			}
		}
	}
}

func TestTimelineOfASecondRun(t *testing.T) {
	book := parse(t, library)
	facts := func(doneAt string) string {
		return loan("book", asked("07 10:00:00"), `"no_answer_at":`+march("10 09:00:00"), `"returned_at":`+march("17 09:00:00"), done(doneAt))
	}
	all := timelines(ask(t, book, "loan", facts("20 23:00:00")))
	require.Len(t, all, 2)
	assert.Equal(t, sla.DeemedOnTime, all[0].Status)
	assert.False(t, all[0].Again)
	again := all[1]
	assert.True(t, again.Again)
	assert.Equal(t, sla.OnTime, again.Status)
	assert.Equal(t, "2025-03-17T09:00:00+08:00", again.Start.Format(time.RFC3339))
	assert.Equal(t, "2025-03-20", again.Due.Date.String())
	assert.Empty(t, again.Pauses)

	all = timelines(ask(t, book, "loan", facts("20 23:00:00"), "comeback=resume"))
	require.Len(t, all, 2)
	resumed := all[1]
	assert.Equal(t, sla.Late, resumed.Status)
	assert.Equal(t, all[0].Start, resumed.Start, "the same clock goes on")
	assert.Equal(t, "2025-03-19", resumed.Due.Date.String())
	require.Len(t, resumed.Pauses, 1)
	assert.Equal(t, "2025-03-10T09:00:00+08:00", resumed.Pauses[0].From.Format(time.RFC3339))
	assert.Equal(t, "2025-03-17T09:00:00+08:00", resumed.Pauses[0].To.Format(time.RFC3339))
	days, err := resumed.Days(resumed.Limit.Date-12, resumed.Limit.Date)
	require.NoError(t, err)
	paused := 0
	for _, d := range days {
		if d.Paused {
			paused++
		}
	}
	assert.Equal(t, 7, paused, "from the 10th to the 16th")
}

func TestTimelineThatIsNotThere(t *testing.T) {
	book := parse(t, library)
	assert.Empty(t, timelines(ask(t, book, "loan", loan("none_of_these", asked("07 10:00:00")))))
	none, err := sla.Timeline{}.Days(0, 1)
	require.NoError(t, err)
	assert.Empty(t, none, "it has not started")
}
