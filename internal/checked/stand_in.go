package checked

import (
	"sync"
	"time"

	"github.com/servicerules/rulebook/sla/workday"
)

// StandIn is the calendar in the place of one that is not known, or that has
// mistakes: any day of any year has hours, so that nothing which is counted by it
// is a further finding.
func StandIn() *workday.Calendar { return standIn() }

var standIn = sync.OnceValue(func() *workday.Calendar {
	c, _ := workday.New(workday.Config{AnyYear: true, Hours: []workday.Span{{From: 0, To: 24 * time.Hour}}}) // which has no mistakes
	return c
})
