// Command billing is the smallest billing job that decides by the rulebook in
// its own process: it keeps tickets as its own structs and asks about each of
// them. Run it from the root of the checkout: go run ./examples/embed/billing
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/servicerules/rulebook"
)

// Ticket is a record of the billing system. The tags say which facts its fields
// are; a zero moment has not happened yet.
type Ticket struct {
	ID          string
	Kind        string    `rulebook:"request.kind"`
	Severity    string    `rulebook:"request.severity"`
	AreaType    string    `rulebook:"request.area_type"`
	ReceivedAt  time.Time `rulebook:"request.received_at"`
	PapersAt    time.Time `rulebook:"request.papers_complete_at"`
	CompletedAt time.Time `rulebook:"request.completed_at"`
	Direct      string    `rulebook:"request.direct"`
}

func main() {
	now := at(2025, 7, 1, 0, 0) // your own clock; the library never reads one
	if err := run(context.Background(), os.Stdout, now); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, now time.Time) error {
	book, err := rulebook.Default() // or rulebook.Load("rules.yaml")
	if err != nil {
		return err
	}
	request, err := rulebook.Bind[Ticket](book, "time_limit.request") // once: names every field that does not fit
	if err != nil {
		return err
	}
	for _, t := range []Ticket{
		{ID: "T1", Kind: "fault", Severity: "ordinary", ReceivedAt: at(2025, 6, 30, 20, 0), Direct: "S1"},
		{ID: "T2", Kind: "install", AreaType: "urban", PapersAt: at(2025, 6, 9, 10, 0), CompletedAt: at(2025, 6, 17, 9, 0), Direct: "S2"},
		{ID: "T3", Kind: "install", PapersAt: at(2025, 6, 9, 10, 0), Direct: "S3"}, // urban or rural? nobody said
	} {
		answer, err := request.Decide(t, rulebook.AsOf(now))
		if err != nil {
			return fmt.Errorf("ticket %s: %w", t.ID, err)
		}
		due := "unknown"
		if day, ok := answer.Date("due_date"); ok { // limits in working days
			due = day.String()
		} else if moment, ok := answer.Moment("due_at"); ok { // limits in hours
			due = moment.Format("2006-01-02 15:04")
		}
		fmt.Fprintf(w, "%s: %s, due %s\n%s\n\n", t.ID, answer.Verdict, due, answer.Explain("en"))
	}
	// A complaint about T2 reached the hall; it is S2's fourth this year. The
	// answer is a proposal: a person hears S2, then decides. Nothing is deducted.
	fine, err := book.Ask(ctx, "accountability.fine", map[string]any{
		"person":          "S2",
		"complaint":       map[string]any{"level": "hall", "substantiated": true, "cause": "service", "received_at": at(2025, 6, 18, 9, 0)},
		"prior_in_window": map[string]any{"hall": 3},
	}, rulebook.AsOf(now))
	if err != nil {
		return err
	}
	yuan, _ := fine.Int("final_fine")
	_, err = fmt.Fprintf(w, "proposed for S2: %d yuan\n%s\n", yuan, fine.Explain("en"))
	return err
}

func at(y int, m time.Month, d, hour, minute int) time.Time {
	return time.Date(y, m, d, hour, minute, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
}
