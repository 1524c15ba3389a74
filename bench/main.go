// Command bench measures deciding with rulebook against the code that one
// would have written by hand, and against other engines: the same five
// questions, the same generated facts, every answer compared before anything
// is timed. Start it by bench/run.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

func main() {
	short := flag.Bool("short", false, "fewer facts and rounds, for under 50 seconds")
	alone := flag.Bool("alone", false, "without the other engines, whose heaps the collector looks through too")
	command := flag.String("rulebook", "", "the rulebook command, for batch")
	docs := flag.String("docs", "", "write results and chart into this directory")
	flag.Parse()
	runtime.GOMAXPROCS(1) // what a core does: collecting on another one would count, too
	if err := run(*short, *alone, *command, *docs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(short, alone bool, command, docs string) error {
	facts, peerFacts, rounds, slice, rows := 100_000, 10_000, 9, 120*time.Millisecond, 200_000
	if short {
		facts, peerFacts, rounds, slice, rows = 20_000, 2_000, 5, 40*time.Millisecond, 50_000
	}
	s := generate(facts)
	o, err := bindAll()
	if err != nil {
		return err
	}
	fmt.Printf("%d fact sets a question: comparing answers\n", facts)
	if err := agreed(o, &s, []*contender{bare(&s)}); err != nil {
		return err
	}
	var others []*contender
	for from := (facts - 1) / peerFacts * peerFacts; from >= 0; from -= peerFacts { // the first are timed
		if alone || short && from > 0 {
			continue
		}
		to := min(from+peerFacts, facts)
		some := sets{s.requests[from:to], s.complaints[from:to], s.areas[from:to], s.loads[from:to], s.changes[from:to]}
		if others, err = peers(&some); err != nil {
			return err
		}
		if err := agreed(o, &some, others); err != nil {
			return err
		}
	}
	s = s.first(peerFacts) // the collector need not look through the others while the time is taken
	all := append([]*contender{hand(&s), o.contender(&s), bare(&s)}, others...)
	r := &results{all: all, facts: facts, peerFacts: peerFacts, rounds: rounds, date: time.Now(), machine: machine()}
	r.measures = timed(all, peerFacts, rounds, slice)
	if r.workdays, r.cal, err = workdays(rounds, slice); err != nil {
		return err
	}
	if r.constructs, err = constructs(rounds, slice); err != nil {
		return err
	}
	if alone {
		fmt.Println(r.table())
		fmt.Printf("ratio to hand-written, nothing else in memory: %.1f (decision) %.1f (explained)\n", r.ratio(us, byHand, decision), r.ratio(us, byHand, explained))
		return nil
	}
	if err := r.compareWhole(o, &s, rounds, slice); err != nil {
		return err
	}
	r.flat = flatness(rounds, slice)
	if command != "" {
		if r.batch, err = throughput(command, &s, rows); err != nil {
			return err
		}
	}
	fmt.Println(r.table())
	if docs != "" {
		if err := r.write(docs); err != nil {
			return err
		}
	}
	fmt.Println(r.summary())
	return nil
}

// peers are the other engines, over flattened facts.
func peers(s *sets) (all []*contender, err error) {
	f := flatten(s)
	for _, peer := range []func(*flat) (*contender, error){exprStruct, exprMap, celPeer, opaPeer, grulePeer} {
		c, err := peer(f)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// machine says what was measured on.
func machine() string {
	model := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s, %s/%s", model, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
