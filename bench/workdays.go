package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/sla/workday"
)

// workdays compares adding working days with rickar/cal, over plain weeks,
// which both know: distances of 1 to 250 days, either way.
func workdays(rounds int, slice time.Duration) (ours, theirs float64, err error) {
	plain, err := workday.New(workday.Config{AnyYear: true, Weekend: []time.Weekday{time.Saturday, time.Sunday}})
	if err != nil {
		return 0, 0, err
	}
	business := cal.NewBusinessCalendar()
	const n = 4096
	rng := rand.New(rand.NewPCG(7, 7))
	days, starts, distances := make([]date.Date, n), make([]time.Time, n), make([]int, n)
	for i := range n {
		days[i] = date.New(2020, 1, 1+rng.IntN(3000))
		starts[i] = days[i].MidnightUTC()
		distances[i] = 1 + rng.IntN(250)
		got, err := plain.Add(days[i], distances[i])
		if err != nil {
			return 0, 0, err
		}
		if want := date.NewAt(business.WorkdaysFrom(starts[i], distances[i])); got != want {
			return 0, 0, fmt.Errorf("%d working days after %s: rulebook %s, cal %s", distances[i], days[i], got, want)
		}
	}
	var a, b []float64
	for range rounds {
		a = append(a, spend(func(i int) string {
			d, _ := plain.Add(days[i], distances[i])
			daySink = d
			return ""
		}, n, slice))
		b = append(b, spend(func(i int) string {
			timeSink = business.WorkdaysFrom(starts[i], distances[i])
			return ""
		}, n, slice))
	}
	return median(a), median(b), nil
}

var (
	daySink  date.Date
	timeSink time.Time
)

// flatness is what adding a number of working days costs, by the number.
func flatness(rounds int, slice time.Duration) (table [][3]float64) {
	china := workday.China()
	from := date.New(2005, 3, 1)
	late := date.New(2025, 3, 3)
	for _, n := range []int{1, 5, 250, 5000} {
		var forth, back, between []float64
		end, err := china.Add(from, n)
		if err != nil {
			continue
		}
		for range rounds {
			forth = append(forth, perCall(slice, func(i int) { daySink, _ = china.Add(from+date.Date(i&7), n) }))
			back = append(back, perCall(slice, func(i int) { daySink, _ = china.Add(late-date.Date(i&7), -n) }))
			between = append(between, perCall(slice, func(i int) { countSink, _ = china.Between(from+date.Date(i&7), end+7) }))
		}
		table = append(table, [3]float64{median(forth), median(back), median(between)})
	}
	return table
}

var countSink int

// perCall is spend for what takes but a few nanoseconds.
func perCall(slice time.Duration, do func(i int)) float64 {
	calls := 0
	begun := processor()
	for {
		for i := range 4096 {
			do(i)
		}
		calls += 4096
		if took := processor() - begun; took >= slice {
			return float64(took.Nanoseconds()) / float64(calls)
		}
	}
}
