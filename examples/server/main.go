// Command server puts a rulebook behind HTTP: an API, decisions on record,
// and pages to ask at. Run it from the root of the checkout:
//
//	go run ./examples/server
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the rulebook's zone, also where the machine has none
)

func main() {
	limitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, reload)
	stop()
	os.Exit(code)
}

// memory is what the program stays below, about: what requests may take is
// bounded, and the collector need not leave more behind than this.
const memory = 224 << 20

// limitMemory sets the bound, where GOMEMLIMIT sets none.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memory)
	}
}
