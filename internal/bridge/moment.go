package bridge

import (
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/walltime"
)

// momentLayout is how facts write a moment.
const momentLayout = time.RFC3339Nano

// fieldLayouts are how fields of browsers write date and time.
var fieldLayouts = []string{"2006-01-02T15:04:05.999", "2006-01-02T15:04:05", "2006-01-02T15:04"}

// Moment is a time on the clocks of a book's zone, as 2025-06-09T10:00, as the
// moment that facts write: 2025-06-09T10:00:00+08:00. What is a moment already
// stays. A time that the clocks showed twice, or never, is refused with the
// moments to choose from.
func (b *Bridge) Moment(book int, text string) Reply {
	return reply(func() (any, error) {
		x, err := b.book(book)
		if err != nil {
			return nil, err
		}
		if _, err := source.Moment(text); err == nil {
			return text, nil
		}
		for _, layout := range fieldLayouts {
			wall, err := time.Parse(layout, text)
			if err != nil {
				continue
			}
			zone := x.Rulebook().Zone
			if t, once := walltime.Read(wall, zone); once {
				return walltime.Text(t, wall), nil
			}
			message, remedy := table.ClockChanged(wall, zone)
			return nil, &Problem{Code: "clock_changed", Message: message, Remedy: remedy}
		}
		return nil, &Problem{
			Code:    "not_a_moment",
			Message: diagnostic.Textf("%q 不是日期和时间", "%q is not a date and a time", text),
			Remedy:  diagnostic.Text{ZH: "写成 2025-06-09T10:00", EN: "write 2025-06-09T10:00"},
		}
	})
}

// LocalTime is a moment on the clocks of a book's zone, as a field of a browser
// has it; the moment itself where that would not lead back to it.
func (b *Bridge) LocalTime(book int, text string) Reply {
	return reply(func() (any, error) {
		x, err := b.book(book)
		if err != nil {
			return nil, err
		}
		t, err := source.Moment(text)
		if err != nil {
			return nil, wrongMoment(err)
		}
		local := t.In(x.Rulebook().Zone)
		for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
			wall, err := time.Parse(layout, local.Format(layout))
			if back, once := walltime.Read(wall, x.Rulebook().Zone); err == nil && once && back.Equal(t) {
				return local.Format(layout), nil
			}
		}
		return text, nil
	})
}
