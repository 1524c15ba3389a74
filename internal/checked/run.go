package checked

import (
	"time"

	"github.com/rickb777/date/v2"
)

func DateIn(t time.Time, zone *time.Location) date.Date {
	y, m, d := t.In(zone).Date()
	return date.New(y, m, d)
}
