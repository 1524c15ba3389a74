// Command beam answers files of tickets on a cluster, as an Apache Beam
// pipeline. On its own machine it runs on Prism, Beam's local runner, which is
// linked in: nothing is downloaded and nothing else has to be started.
//
//	go run . -tickets 200000
//
// makes up tickets, answers them on Prism, answers them once more as rulebook
// batch does, and compares: the same lines, the same tally. With -input and
// -output it answers files of yours:
//
//	go run . -input 'tickets/*.jsonl' -output answers/june -fields verdict,due_date
//
// On a cluster, -runner universal -endpoint HOST:PORT names its job server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/batch"
)

// job is what is answered, by which rules, and where to.
type job struct {
	rules  []byte
	order  order
	input  string // pattern
	output string // what the names of the files begin with
	shards int
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("beam: ")
	beamlog.LogLevel = "warn" // Prism tells of every step
	var j job
	flag.StringVar(&j.input, "input", "", "`pattern` of the files of tickets: CSV or JSON Lines, also .gz")
	flag.StringVar(&j.output, "output", "", "what the `names` of the files of answers begin with")
	flag.IntVar(&j.shards, "shards", 8, "how many files of answers")
	flag.StringVar(&j.order.Plan.Question, "question", "time_limit.request", "what is asked about each")
	rules := flag.String("rules", "", "the rules `file`; rules.yaml of the repository by default")
	fields := flag.String("fields", "", "parts of the answers to write, separated by commas; all by default")
	selected := flag.String("select", "", "answers to write, separated by commas; all by default")
	readings := flag.String("reading", "", "options of readings, KEY=OPTION, separated by commas")
	asOf := flag.String("as_of", "", "the moment of asking, such as 2025-06-09T09:00:00+08:00")
	tickets := flag.Int64("tickets", 0, "make up so many tickets, answer them here and there, and compare")
	flag.Parse()
	beam.Init() // a worker stays in here
	j.order.Plan.Fields, j.order.Plan.Select, j.order.Readings = list(*fields), list(*selected), list(*readings)
	err := j.when(*asOf)
	if err == nil {
		j.rules, err = readRules(*rules)
	}
	switch {
	case err != nil:
	case *tickets > 0:
		err = compareMadeUp(context.Background(), j, *tickets)
	case j.input == "" || j.output == "" || j.shards < 1:
		err = errors.New("name -input and -output, or -tickets: see -help")
	default:
		err = run(context.Background(), j)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func (j *job) when(text string) (err error) {
	if text != "" {
		j.order.Plan.AsOf, err = time.Parse(time.RFC3339, text)
	}
	return err
}

// readRules reads a rules file with those that it names, as the one text that is
// sent to the workers; by default the repository's.
func readRules(path string) ([]byte, error) {
	if path == "" {
		path = filepath.Join("..", "..", "rules.yaml")
	}
	book, err := rulebook.Load(path)
	if err != nil {
		return nil, err
	}
	return book.Rulebook().Source(), nil
}

// run runs the pipeline and waits for its end. What is wrong with the order is
// said before anything is started.
func run(ctx context.Context, j job) error {
	book, err := parse(j.rules, j.order.Readings)
	if err != nil {
		return err
	}
	plan := j.order.Plan
	plan.In, plan.Out = batch.JSONL, batch.JSONL
	if _, err := batch.NewDecider(book, plan, nil); err != nil {
		return err
	}
	if err := send(j.rules, j.order); err != nil {
		return err
	}
	return execute(ctx, j)
}

func execute(ctx context.Context, j job) error {
	p := beam.NewPipeline()
	build(p.Root(), j.input, j.output, j.shards)
	runner := *runners.Runner
	if runner == "" {
		runner = "prism"
	}
	if _, err := beam.Run(ctx, runner, p); err != nil {
		return fmt.Errorf("the pipeline failed: %w", err)
	}
	return nil
}
