// Package icalendar reads and writes days off as iCalendar files (RFC 5545),
// the .ics that offices publish and calendars on the desk subscribe to.
//
// It knows whole days alone. What it cannot take over exactly is refused with
// the line, never left out in silence; what is no event (alarms, tasks, zones)
// and properties that say nothing of the day are passed over.
package icalendar

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/sla/workday"
)

// A File is what an iCalendar file says of days.
type File struct {
	Name   string // of the calendar; may be empty
	Days   []Day  // by date, each date once
	Yearly []Yearly
}

// A Day is off, or worked although it is a day of the weekend.
type Day struct {
	On     date.Date
	Worked bool
	Names  workday.Name // by language; nil where it has no name
}

// Yearly is a day that comes back.
type Yearly struct {
	On          workday.YearDay
	From, Until int   // the years of the first and the last; Until 0 has no end
	Except      []int // years without it
	Names       workday.Name
}

// An Error says what is wrong with a file, and where.
type Error struct {
	Line            int // counted from 1; of a folded line the first; 0: of the file
	Message, Remedy diagnostic.Text
}

// Error is the message in English, with the line.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	return e.Text().EN
}

// Text is the message with the line.
func (e *Error) Text() diagnostic.Text {
	if e.Line == 0 {
		return e.Message
	}
	return diagnostic.Text{ZH: fmt.Sprintf("第 %d 行：%s", e.Line, e.Message.ZH), EN: fmt.Sprintf("line %d: %s", e.Line, e.Message.EN)}
}

// The years that calendars know.
var (
	firstYear = workday.FirstDate.Year()
	lastYear  = workday.LastDate.Year()
)

// summaries stand for days without a name.
var summaries = map[bool]map[string]string{ // by whether the day is worked
	false: {"zh": "休息日", "en": "day off"},
	true:  {"zh": "调休上班日", "en": "make-up working day"},
}

// sameNames reports whether two days are called the same.
func sameNames(a, b workday.Name) bool {
	if len(a) != len(b) {
		return false
	}
	for lang, name := range a {
		if b[lang] != name {
			return false
		}
	}
	return true
}

// A Run is days one after the other of the same kind and name.
type Run struct {
	First, Last date.Date
	Worked      bool
	Names       workday.Name
}

// Runs puts together what belongs together; days are by date. A run ends with
// its year where years are listed one by one.
func Runs(days []Day, withinYear bool) []Run {
	var all []Run
	for _, d := range days {
		if n := len(all); n > 0 {
			last := &all[n-1]
			if last.Last+1 == d.On && last.Worked == d.Worked && sameNames(last.Names, d.Names) && !(withinYear && last.Last.Year() != d.On.Year()) {
				last.Last = d.On
				continue
			}
		}
		all = append(all, Run{d.On, d.On, d.Worked, d.Names})
	}
	return all
}

// sorted are days by date.
func sorted(days []Day) []Day {
	return slices.SortedFunc(slices.Values(days), func(a, b Day) int { return cmp.Compare(a.On, b.On) })
}
