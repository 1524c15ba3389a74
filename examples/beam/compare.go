package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/sample"
	"github.com/servicerules/rulebook/kpi"
)

// outcome is what a run has written and counted.
type outcome struct {
	lines [][]byte // sorted
	tally kpi.Tally
	took  spent
}

// spent is what a run has taken.
type spent struct{ wall, processor time.Duration }

func since(begun time.Time, processor time.Duration) spent {
	return spent{time.Since(begun), processorTime() - processor}
}

// String is both, rounded.
func (s spent) String() string {
	const digits = 10 * time.Millisecond
	text := s.wall.Round(digits).String()
	if s.processor > 0 {
		text += " (" + s.processor.Round(digits).String() + " of processors)"
	}
	return text
}

// differs says how two outcomes differ; nil where they do not.
func (o *outcome) differs(other *outcome) error {
	switch {
	case len(o.lines) != len(other.lines):
		return fmt.Errorf("%d lines here, %d there", len(o.lines), len(other.lines))
	case !o.tally.Equal(other.tally):
		return fmt.Errorf("the tallies differ")
	}
	for i := range o.lines {
		if !bytes.Equal(o.lines[i], other.lines[i]) {
			return fmt.Errorf("sorted line %d differs:\n%s\n%s", i+1, o.lines[i], other.lines[i])
		}
	}
	return nil
}

// compareMadeUp makes tickets up and answers them in both ways.
func compareMadeUp(ctx context.Context, j job, tickets int64) error {
	dir, err := os.MkdirTemp("", "rulebook-beam-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const files = 8
	if err := makeUp(j, dir, files, tickets); err != nil {
		return err
	}
	j.input, j.output = filepath.Join(dir, "tickets-*.jsonl"), filepath.Join(dir, "answers")
	cluster, err := onBeam(ctx, j)
	if err != nil {
		return err
	}
	single, err := onOneMachine(ctx, j)
	if err != nil {
		return err
	}
	if err := cluster.differs(single); err != nil {
		return err
	}
	fmt.Printf("%d tickets in %d files, the same %d lines and the same tally\n", tickets, files, len(single.lines))
	fmt.Printf("Beam on Prism  %v\n", cluster.took)
	fmt.Printf("one machine    %v\n", single.took)
	return nil
}

// made are the facts of the tickets that are made up: those that a billing
// system knows.
var made = []string{
	"request.kind", "request.severity", "request.area_type", "request.received_at", "request.papers_complete_at",
	"request.network_ready_at", "request.completed_at", "request.direct", "request.department_head",
}

// makeUp writes files of tickets, of which one in a thousand cannot be read.
func makeUp(j job, dir string, files, tickets int64) error {
	book, err := parse(j.rules, nil)
	if err != nil {
		return err
	}
	q, ok := book.Rulebook().Question(j.order.Plan.Question)
	if !ok {
		return fmt.Errorf("there is no question %q", j.order.Plan.Question)
	}
	rows := sample.New(book.Rulebook(), q, 1, made...)
	const oneIn = 1000
	for i := range files {
		var b bytes.Buffer
		for n := tickets * i / files; n < tickets*(i+1)/files; n++ {
			if n%oneIn == oneIn-1 {
				fmt.Fprintf(&b, "{\"record\": \"T%d\", \"no such fact\": 1}\n", n)
				continue
			}
			b.Write(append(rows.Object(n), '\n'))
		}
		const private = 0o600
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("tickets-%d.jsonl", i)), b.Bytes(), private); err != nil {
			return err
		}
	}
	return nil
}

// onBeam answers as a pipeline.
func onBeam(ctx context.Context, j job) (*outcome, error) {
	begun, processor := time.Now(), processorTime()
	if err := run(ctx, j); err != nil {
		return nil, err
	}
	o := &outcome{took: since(begun, processor)}
	text, err := os.ReadFile(j.output + "-tally.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &o.tally); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(j.output + "-*-of-*.jsonl")
	if err != nil {
		return nil, err
	}
	return o, o.read(names)
}

// onOneMachine answers as rulebook batch does, one file after the other.
func onOneMachine(ctx context.Context, j job) (*outcome, error) {
	names, err := filepath.Glob(j.input)
	if err != nil {
		return nil, err
	}
	begun, processor := time.Now(), processorTime()
	book, err := parse(j.rules, j.order.Readings)
	if err != nil {
		return nil, err
	}
	o := &outcome{}
	var written []string
	for i, name := range names {
		in, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		out := fmt.Sprintf("%s-single-%d", j.output, i)
		written = append(written, out)
		plan := j.order.Plan
		plan.Out = batch.JSONL
		plan.Repeats = true // workers do not know of each other's rows
		plan.In, _ = batch.NameFormat(name)
		r, err := batch.Run(ctx, book, batch.Options{Plan: plan, Input: in, OutPath: out})
		in.Close()
		if err != nil {
			return nil, err
		}
		if err := o.tally.Merge(r.Tally); err != nil {
			return nil, err
		}
	}
	o.took = since(begun, processor)
	return o, o.read(written)
}

func (o *outcome) read(names []string) error {
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(text) {
			o.lines = append(o.lines, bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	slices.SortFunc(o.lines, bytes.Compare)
	return nil
}
