package workday_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/sla/workday"
)

func Example() {
	monday := date.New(2025, time.January, 20)
	due, err := workday.China().Add(monday, 10)
	fmt.Println(due, due.Weekday(), err)
	// Output: 2025-02-08 Saturday <nil>
}

func ExampleCalendar_Add() {
	calendar := workday.China()
	friday := date.New(2025, time.June, 6)
	for _, n := range []int{5, 1, 0, -1} {
		due, _ := calendar.Add(friday, n)
		fmt.Println(n, due)
	}

	// The holidays of 2027 are not announced yet.
	_, err := calendar.Add(date.New(2026, time.December, 30), 5)
	var missing *workday.YearMissingError
	fmt.Println(errors.As(err, &missing), missing.Year)
	// Output:
	// 5 2025-06-13
	// 1 2025-06-09
	// 0 2025-06-06
	// -1 2025-06-05
	// true 2027
}

func ExampleCalendar_Provisional() {
	calendar := workday.China().Provisional()
	start := date.New(2026, time.December, 30)
	due, _ := calendar.Add(start, 5)
	year, missing := calendar.MissingYear(start+1, due)
	fmt.Println(due, missing, year)
	// Output: 2027-01-06 true 2027
}

func ExampleChinaKnownOn() {
	start := date.New(2020, time.January, 23)
	now, _ := workday.China().Add(start, 1)
	then, _ := workday.ChinaKnownOn(start).Add(start, 1)
	fmt.Println(then, "became", now)
	// Output: 2020-01-31 became 2020-02-03
}

func ExampleNew() {
	// A library: open Tuesday to Sunday, with a summer break.
	calendar, err := workday.New(workday.Config{
		Weekend:  []time.Weekday{time.Monday},
		AnyYear:  true,
		Closures: []date.Date{date.New(2025, time.August, 15), date.New(2025, time.August, 16)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	due, _ := calendar.Add(date.New(2025, time.August, 14), 2)
	kind, _ := calendar.Kind(date.New(2025, time.August, 15))
	fmt.Println(due, kind)
	// Output: 2025-08-19 closure
}

func ExampleNew_nextYear() {
	calendar, err := workday.New(workday.Config{
		Base: workday.China(),
		Years: map[int]workday.Year{2027: {
			Rest: []date.Date{date.New(2027, time.January, 1)},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	due, _ := calendar.Add(date.New(2026, time.December, 31), 1)
	fmt.Println(due)
	// Output: 2027-01-04
}

func ExampleCalendar_AddHours() {
	calendar, err := workday.New(workday.Config{
		AnyYear: true,
		Hours:   []workday.Span{{From: 9 * time.Hour, To: 12 * time.Hour}, {From: 13 * time.Hour, To: 18 * time.Hour}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2025, time.June, 6, 16, 30, 0, 0, time.UTC)
	due, _ := calendar.AddHours(friday, 4*time.Hour, time.UTC)
	fmt.Println(due.Format("Mon 2006-01-02 15:04"))
	// Output: Mon 2025-06-09 11:30
}
