package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func output(t *testing.T, now time.Time) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), &out, now); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRun(t *testing.T) {
	out := output(t, at(2025, 7, 1, 0, 0))
	for _, want := range []string{
		"T1: running, due 2025-07-01 20:00\n",
		"T2: late, due 2025-06-16\n",
		"T3: undetermined, due unknown\n",
		"request.area_type",
		"time_limit/6",
		"proposed for S2: 50 yuan\n",
		"ladder.hall_boundary = gt3",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if again := output(t, at(2025, 7, 1, 0, 0)); again != out {
		t.Error("the same question had another answer")
	}
}

// The moment of asking is the caller's: a second past the limit an open fault
// is overdue.
func TestRunAsOf(t *testing.T) {
	due := at(2025, 7, 1, 20, 0)
	if out := output(t, due); !strings.Contains(out, "T1: running,") {
		t.Errorf("at the limit:\n%s", out)
	}
	if out := output(t, due.Add(time.Second)); !strings.Contains(out, "T1: overdue,") {
		t.Errorf("past the limit:\n%s", out)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestRunReportsWriteErrors(t *testing.T) {
	if err := run(t.Context(), fullDisk{}, at(2025, 7, 1, 0, 0)); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if err := run(t.Context(), io.Discard, at(2025, 7, 1, 0, 0)); err != nil {
		t.Error(err)
	}
}
