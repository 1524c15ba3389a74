// Command rulebook-mcp gives a rulebook to assistants over the Model Context
// Protocol, on standard input and output. It reads, and changes nothing.
//
//	go install github.com/servicerules/rulebook/server/cmd/rulebook-mcp@latest
//	rulebook-mcp --rules rules.yaml --lang zh
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/server/assistant"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:]); {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage): // package flag has said why
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "rulebook-mcp:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong usage")

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("rulebook-mcp", flag.ContinueOnError)
	rules := flags.String("rules", "", "the rules file; the built-in one where it is left out")
	lang := flags.String("lang", "en", "the language of labels and sentences: zh or en")
	versions := flags.Bool("version", false, "say which version it is, and end")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	if *versions {
		fmt.Println("rulebook-mcp", version, runtime.Version())
		return nil
	}
	if *lang != "zh" && *lang != "en" {
		return fmt.Errorf("--lang %q is not known: write zh or en", *lang)
	}
	book, err := rulebook.Default()
	if *rules != "" {
		book, err = rulebook.Load(*rules)
	}
	if err != nil {
		return err
	}
	err = assistant.New(book, *lang, version).Run(ctx, &mcp.StdioTransport{})
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
