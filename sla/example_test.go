package sla_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/sla"
	"github.com/servicerules/rulebook/sla/workday"
)

var beijing = time.FixedZone("Beijing", 8*3600)

// An IT desk promises a new laptop within five working days.
func ExampleDeadline() {
	laptop := sla.Deadline{
		Limit:    sla.Limit{WorkingDays: 5},
		Counting: sla.Counting{Zone: beijing, Calendar: workday.China()},
	}
	ordered := time.Date(2025, time.September, 26, 16, 0, 0, 0, beijing)
	due, err := laptop.Due(ordered)
	if err != nil {
		fmt.Println(err)
		return
	}
	delivered := time.Date(2025, time.October, 10, 9, 30, 0, 0, beijing)
	fmt.Println(due, due.InTime(delivered), sla.Judge(due, delivered, delivered, false))
	// Output: 2025-10-10 true on_time
}

// An answer within eight opening hours.
func ExampleDeadline_workingHours() {
	desk, err := workday.New(workday.Config{
		Base:         workday.China(),
		Hours:        []workday.Span{{From: 9 * time.Hour, To: 12 * time.Hour}, {From: 13 * time.Hour, To: 18 * time.Hour}},
		WeekdayHours: map[time.Weekday][]workday.Span{time.Friday: {{From: 9 * time.Hour, To: 12 * time.Hour}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := sla.Deadline{
		Limit:    sla.Limit{Duration: 8 * time.Hour},
		Counting: sla.Counting{Zone: beijing, Calendar: desk, WorkingHours: true},
	}
	due, err := answer.Due(time.Date(2025, time.June, 12, 15, 0, 0, 0, beijing))
	fmt.Println(due.End.Format("Mon 2006-01-02 15:04"), err)
	// Output: Mon 2025-06-16 11:00 <nil>
}

// The holidays of the next year are not announced yet.
func ExampleDeadline_Due() {
	d := sla.Deadline{
		Limit:    sla.Limit{WorkingDays: 3},
		Counting: sla.Counting{Zone: beijing, Calendar: workday.China()},
	}
	start := time.Date(2026, time.December, 30, 10, 0, 0, 0, beijing)
	_, err := d.Due(start)
	var missing *workday.YearMissingError
	if errors.As(err, &missing) {
		fmt.Println("no listing for", missing.Year)
	}
	d.Counting.Provisional = true
	due, err := d.Due(start)
	fmt.Println(due, due.Provisional, err)
	// Output:
	// no listing for 2027
	// 2027-01-04 true <nil>
}

func ExampleJudge() {
	due := sla.Due{End: time.Date(2025, time.June, 16, 18, 0, 0, 0, beijing)}
	never := time.Time{}
	fmt.Println(sla.Judge(due, never, due.End, false))
	fmt.Println(sla.Judge(due, never, due.End.Add(1), false))
	fmt.Println(sla.Judge(due, due.End, due.End.Add(time.Hour), false))
	fmt.Println(sla.Judge(due, due.End.Add(1), due.End.Add(time.Hour), false))
	// Output:
	// running
	// overdue
	// on_time
	// late
}

func ExampleExtensionRule_Judge() {
	counting := sla.Counting{Zone: beijing, Calendar: workday.China()}
	due := sla.Due{
		Date:   date.New(2025, time.June, 16),
		IsDate: true,
		End:    time.Date(2025, time.June, 16, 23, 59, 59, 999999999, beijing),
	}
	rule := sla.ExtensionRule{Approvers: []string{"head"}, MaxWorkingDays: 5}
	ext := sla.Extension{
		Reason:       "waiting for a spare part",
		RequestedAt:  time.Date(2025, time.June, 13, 9, 0, 0, 0, beijing),
		ApprovedAt:   time.Date(2025, time.June, 17, 9, 0, 0, 0, beijing),
		ApproverRole: "head",
		Decision:     sla.Approved,
		NewDate:      date.New(2025, time.June, 20),
	}
	result, err := rule.Judge(ext, due, counting)
	fmt.Println(result.Valid, result.Defects, result.Due, err)

	ext.ApprovedAt = time.Date(2025, time.June, 16, 17, 0, 0, 0, beijing)
	result, err = rule.Judge(ext, due, counting)
	fmt.Println(result.Valid, result.Defects, result.Due, err)
	// Output:
	// false [approved_after_due] 2025-06-16 <nil>
	// true [] 2025-06-20 <nil>
}

func ExampleResume() {
	repair := sla.Deadline{
		Limit:    sla.Limit{WorkingDays: 5},
		Counting: sla.Counting{Zone: beijing, Calendar: workday.China()},
	}
	monday := time.Date(2025, time.June, 9, 10, 0, 0, 0, beijing)
	wednesday := monday.AddDate(0, 0, 2) // two days used, three left
	due, err := sla.Resume(repair, monday, wednesday, monday.AddDate(0, 0, 14))
	fmt.Println(due, err)
	// Output: 2025-06-26 <nil>
}

// Eight opening hours with a lunch break and an hour of waiting for the
// customer; a warning at three quarters.
func ExampleCounter_Run() {
	zone := time.FixedZone("CST", 8*3600)
	desk, err := workday.New(workday.Config{
		Base:  workday.China(),
		Hours: []workday.Span{{From: 9 * time.Hour, To: 12 * time.Hour}, {From: 13 * time.Hour, To: 18 * time.Hour}},
	})
	if err != nil {
		panic(err)
	}
	counting := sla.Counting{Zone: zone, Calendar: desk}
	counter := counting.Counter(sla.ClocksOf(zone)) // made once and kept

	day := func(hour int) time.Time { return time.Date(2025, 6, 16, hour, 0, 0, 0, zone) }
	outcome, err := counter.Run(&sla.Period{
		Length: sla.Length{N: 6, Unit: sla.OpeningHour},
		Start:  sla.Start{At: day(9)},
		Pauses: []sla.Pause{{From: day(10), To: day(11)}},
		Marks:  []sla.Mark{{Share: sla.Share{Num: 3, Den: 4}, Warns: true}},
		AsOf:   day(16),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(outcome.Due, outcome.Status, "stood still", outcome.Still.Time)
	fmt.Println("three quarters", outcome.Marks[0].At.Format(time.TimeOnly), "next change", outcome.Next.Format(time.TimeOnly))
	// Output:
	// 2025-06-16T17:00:00+08:00 at_risk stood still 1h0m0s
	// three quarters 15:30:00 next change 17:00:00
}

// A month whose first day counts, and that ends on a Saturday.
func ExamplePeriod() {
	counting := sla.Counting{Zone: time.UTC, Calendar: workday.China(), CountFirstDay: true}
	counter := counting.Counter(sla.Clocks{})
	period := sla.Period{Length: sla.Length{N: 1, Unit: sla.Month}, Start: sla.Start{On: date.New(2025, time.May, 15)}}
	for _, last := range []sla.LastDay{sla.LastDayAsIs, sla.LastDayNextWorkingDay} {
		period.Rules.LastDay = last
		outcome, err := counter.Run(&period)
		fmt.Println(outcome.Due, err)
	}
	// Output:
	// 2025-06-14 <nil>
	// 2025-06-16 <nil>
}
