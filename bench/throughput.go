package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// throughput is what `rulebook batch` decides in a second on one core: reading,
// deciding and writing, of the requests as CSV.
func throughput(command string, s *sets, rows int) (float64, error) {
	dir, err := os.MkdirTemp("", "rulebook-bench")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "requests.csv")
	if err := writeRequests(in, s, rows); err != nil {
		return 0, err
	}
	run := exec.Command(command, "batch", questions[0], in, "-o", filepath.Join(dir, "answers.jsonl"), "--as-of", asOf.Format(time.RFC3339))
	run.Env = append(os.Environ(), "GOMAXPROCS=1")
	start := time.Now()
	out, err := run.CombinedOutput()
	took := time.Since(start)
	if code := run.ProcessState.ExitCode(); err != nil && code != 1 { // 1: some could not be decided
		return 0, fmt.Errorf("rulebook batch: %w: %s", err, out)
	}
	return float64(rows) / took.Seconds(), nil
}

func writeRequests(path string, s *sets, rows int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	fmt.Fprintln(w, "request.kind,request.severity,request.area_type,request.received_at,request.papers_complete_at,request.network_ready,"+
		"request.network_ready_at,request.eligible,request.completed_at,request.direct,request.department_head")
	for i := range rows {
		r := &s.requests[i%len(s.requests)]
		done := time.Time{}
		if r.Done != nil {
			done = *r.Done
		}
		fmt.Fprintf(w, "%s,%s,%s,%s,%s,%t,%s,%t,%s,%s,%s\n", r.Kind, r.Severity, r.Area, at(r.Received), at(r.Papers), r.NetworkReady,
			at(r.NetworkReadyAt), r.Eligible, at(done), r.Direct, r.Head)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
