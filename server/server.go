// Package server puts the packages of the server together into a program: the
// rules that are live, decisions on record, what is done with both as a
// service, and before it the door, the api for programs and the console for
// people. A program that wants to be put together otherwise uses those
// packages itself; what stands under internal is for this module alone.
package server

import (
	"context"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the rulebook's zone, also where the machine has none

	"github.com/servicerules/rulebook/server/console"
)

// programName is what the program calls itself.
const programName = "rulebook-server"

// What the program ends with.
const (
	exitFine    = 0
	exitRefused = 1 // rules that are not fit to be used, or damage found
	exitUsage   = 2
	exitTrouble = 3 // something could not be opened, or the server failed
)

// Options fit the program into its surroundings.
type Options struct {
	Stdout, Stderr io.Writer
	Reload         <-chan os.Signal // has the rules file loaded anew; nil for never
	Examples
}

// Examples are what the pages offer to begin with. All of it may be left out.
type Examples struct {
	Cases  fs.FS          // example cases to fill forms with and to try drafts on; nil for none
	Sample console.Sample // a month of records to review
}

// Main is the program as a process: it takes its arguments and ends it. It
// ends what runs on SIGINT and SIGTERM, and loads the rules file anew on
// SIGHUP.
func Main(e Examples) {
	limitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	code := Run(ctx, os.Args[1:], Options{Stdout: os.Stdout, Stderr: os.Stderr, Reload: reload, Examples: e})
	stop()
	os.Exit(code)
}

// Run is the program: the server, until the context ends, or one of the
// other commands. The code is 0 where all is as asked, 1 for rules that are not fit
// to be used, damage found or a step about a change that is refused, 2 for arguments
// that are wrong and 3 where something could not be opened or the server failed.
func Run(ctx context.Context, args []string, o Options) (code int) {
	c, rest, err := chosen(commands(o), args)
	if err == nil {
		err = c.execute(ctx, rest)
	}
	return end(o.Stderr, err)
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
