// Command rulebook checks rules files and decides by them: it loads and
// explains them, answers questions from facts, runs the example cases and
// reviews a month of records.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones by name on machines that have none installed
)

func main() { os.Exit(rulebookMain()) }

func rulebookMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what does not listen to the first
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
}
