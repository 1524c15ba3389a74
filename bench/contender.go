package main

import (
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// contender answers the five questions about the i-th fact set, with the
// verdict.
type contender struct {
	name    string
	decide  [5]func(i int) string
	explain [5]func(i int) string // the decision with its reasons; nil where there are none
	whole   [5]func(i int) any    // all that the hand-written code fills; nil where there is none
}

// questions in the order of a contender's functions.
var questions = [5]string{"time_limit.request", "accountability.fine", "contracting.kpi", "contracting.load", "contracting.area_change"}

// hand is the baseline.
func hand(s *sets) *contender {
	return &contender{
		name: "by hand",
		decide: [5]func(int) string{
			func(i int) string { return handRequest(&s.requests[i], asOf).Verdict },
			func(i int) string { return handFine(&s.complaints[i]).Verdict },
			func(i int) string { return handArea(&s.areas[i]).Verdict },
			func(i int) string { return handLoad(&s.loads[i]).Verdict },
			func(i int) string { return handChange(&s.changes[i]).Verdict },
		},
		explain: [5]func(int) string{
			func(i int) string { return handRequest(&s.requests[i], asOf).explain() },
			func(i int) string { return handFine(&s.complaints[i]).explain() },
			func(i int) string { return handArea(&s.areas[i]).explain() },
			func(i int) string { return handLoad(&s.loads[i]).explain() },
			func(i int) string { return handChange(&s.changes[i]).explain() },
		},
	}
}

// bare is if statements for the verdict alone.
func bare(s *sets) *contender {
	return &contender{name: "bare ifs", decide: [5]func(int) string{
		func(i int) string { return bareRequest(&s.requests[i], asOf) },
		func(i int) string { return bareFine(&s.complaints[i]) },
		func(i int) string { return bareArea(&s.areas[i]) },
		func(i int) string { return bareLoad(&s.loads[i]) },
		func(i int) string { return bareChange(&s.changes[i]) },
	}}
}

// agreed compares every answer with ours before anything is timed: of the
// hand-written code figure by figure, of the others the verdict.
func agreed(o *ours, s *sets, others []*contender) error {
	for i := range s.requests {
		verdicts, err := o.compareByHand(s, i)
		if err != nil {
			return fmt.Errorf("fact set %d: %w", i, err)
		}
		for _, c := range others {
			for q, ask := range c.decide {
				if got := ask(i); got != verdicts[q] {
					return fmt.Errorf("%s, %s, fact set %d: %q, ours %q", c.name, questions[q], i, got, verdicts[q])
				}
			}
		}
	}
	return nil
}

// measure is what one contender takes for one question.
type measure struct {
	ns, explained float64 // median of the rounds; 0 where there is nothing
	allocs, bytes float64
}

// timed measures everyone in turn, round by round, so that whatever else the
// machine does falls on all alike.
func timed(all []*contender, n, rounds int, slice time.Duration) [][5]measure {
	decide, explain := make([][5][]float64, len(all)), make([][5][]float64, len(all))
	for range rounds {
		for q := range questions {
			for c := range all {
				decide[c][q] = append(decide[c][q], spend(all[c].decide[q], n, slice))
				if all[c].explain[q] != nil {
					explain[c][q] = append(explain[c][q], spend(all[c].explain[q], n, slice))
				}
			}
		}
	}
	out := make([][5]measure, len(all))
	for c := range all {
		for q := range questions {
			m := &out[c][q]
			m.ns, m.explained = median(decide[c][q]), median(explain[c][q])
			m.allocs, m.bytes = allocated(all[c].decide[q], n)
		}
	}
	return out
}

// wholeTimes are the nanoseconds of a whole answer, the median of the rounds.
func wholeTimes(all []*contender, n, rounds int, slice time.Duration) [][5]float64 {
	times, out := make([][5][]float64, len(all)), make([][5]float64, len(all))
	for range rounds {
		for q := range questions {
			for c := range all {
				times[c][q] = append(times[c][q], spend(all[c].whole[q], n, slice))
			}
		}
	}
	for c := range all {
		for q := range questions {
			out[c][q] = median(times[c][q])
		}
	}
	return out
}

// spend asks about one fact set after the other for about so long, and gives
// the nanoseconds that one took: of processor time, that of the garbage
// collector included, so that other programs on the machine do not count.
func spend[A any](ask func(int) A, n int, slice time.Duration) float64 {
	asked, batch := 0, 64
	var last A
	defer func() { runtime.KeepAlive(last) }()
	runtime.GC() // what others left behind is theirs
	start, begun := time.Now(), processor()
	for {
		for range batch {
			last = ask(asked % n)
			asked++
		}
		if time.Since(start) >= slice && processor()-begun >= slice/2 {
			return float64((processor() - begun).Nanoseconds()) / float64(asked)
		}
	}
}

// processor is the time that the processor has spent on this process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var sink string

// allocated counts allocations and bytes of a decision.
func allocated(ask func(int) string, n int) (allocs, bytes float64) {
	n = min(n, 2000)
	for i := range n {
		sink = ask(i)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		sink = ask(i)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
