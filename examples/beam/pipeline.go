package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/kpi"
)

func init() {
	register.DoFn3x1[context.Context, fileio.ReadableFile, func(block), error](&cutFn{})
	register.DoFn3x1[block, func(int, string), func(kpi.Tally), error](&decideFn{})
	register.DoFn3x1[context.Context, int, func(*string) bool, error](&writeFn{})
	register.DoFn2x1[context.Context, kpi.Tally, error](&summaryFn{})
	register.Combiner1[kpi.Tally](&mergeFn{})
	register.Emitter1[block]()
	register.Emitter2[int, string]()
	register.Emitter1[kpi.Tally]()
	register.Iter1[string]()
	// A tally travels as its JSON.
	beam.RegisterCoder(reflect.TypeFor[kpi.Tally](),
		func(t kpi.Tally) ([]byte, error) { return json.Marshal(t) },
		func(data []byte) (t kpi.Tally, err error) { return t, json.Unmarshal(data, &t) })
}

// build puts the pipeline together: files → blocks of rows → answers and
// tallies → files of answers, one tally.
func build(s beam.Scope, input, output string, shards int) {
	files := fileio.ReadMatches(s, fileio.MatchFiles(s.Scope("input"), input))
	blocks := beam.Reshuffle(s, beam.ParDo(s.Scope("cut"), &cutFn{}, files))
	answers, tallies := beam.ParDo2(s.Scope("decide"), &decideFn{Shards: shards}, blocks)
	beam.ParDo0(s.Scope("write"), &writeFn{Output: output, Shards: shards}, beam.GroupByKey(s, answers))
	beam.ParDo0(s.Scope("summary"), &summaryFn{Output: output}, beam.Combine(s, &mergeFn{}, tallies))
}

// block is rows of a file on their way to whoever is free.
type block struct {
	File    string
	Number  int64
	In      string // the format
	Header  []byte // of CSV
	Line    int64
	Text    []byte
	Refused []byte // what is wrong with a row that was given up: JSON
}

// cutFn cuts a file into blocks of whole rows.
type cutFn struct{}

// ProcessElement cuts one file.
func (*cutFn) ProcessElement(ctx context.Context, file fileio.ReadableFile, emit func(block)) error {
	in, err := file.Open(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	name := file.Metadata.Path
	r := bufio.NewReader(in)
	format, zipped, err := batch.Detect(name, r)
	if err != nil {
		return err
	}
	if zipped {
		return fmt.Errorf("%s is compressed, but its name does not end in .gz", name)
	}
	cut := batch.NewCutter(r, format)
	header, err := cut.Header()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	header = []byte(string(header)) // the cutter uses its memory again
	for {
		b, err := cut.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		out := block{File: name, Number: b.At.Blocks, In: string(format), Header: header, Line: b.Line, Text: []byte(string(b.Text))}
		if b.Refused != nil {
			if out.Refused, err = json.Marshal(b.Refused); err != nil {
				return err
			}
		}
		emit(out)
	}
}

// decideFn answers the rows of a block.
type decideFn struct {
	Shards int

	rules    *received
	deciders map[string]*batch.Decider // by format and header
}

// Setup loads the rulebook that came with the pipeline.
func (f *decideFn) Setup() error {
	rules, err := receive()
	f.rules, f.deciders = rules, map[string]*batch.Decider{}
	return err
}

// ProcessElement answers the rows of one block.
func (f *decideFn) ProcessElement(b block, answers func(int, string), tallies func(kpi.Tally)) error {
	key := b.In + "\n" + string(b.Header)
	d := f.deciders[key]
	if d == nil {
		plan := f.rules.order.Plan
		plan.In, plan.Out = batch.Format(b.In), batch.JSONL
		var err error
		if d, err = batch.NewDecider(f.rules.book, plan, b.Header); err != nil {
			return fmt.Errorf("%s: %w", b.File, err)
		}
		f.deciders[key] = d
	}
	rows := batch.Block{Line: b.Line, Text: b.Text}
	if b.Refused != nil {
		rows.Refused = &table.Problem{}
		if err := json.Unmarshal(b.Refused, rows.Refused); err != nil {
			return err
		}
	}
	sum := d.NewTally()
	out, err := d.Decide(nil, rows, sum)
	if err != nil {
		return fmt.Errorf("%s, block %d: %w", b.File, b.Number, err)
	}
	total, err := sum.Total()
	if err != nil {
		return err
	}
	tallies(total)
	if len(out) > 0 {
		answers(b.shard(f.Shards), string(out))
	}
	return nil
}

// shard is the file that the answers to a block go to: always the same, so
// that a block that is decided again is not written twice.
func (b block) shard(shards int) int {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s\n%d", b.File, b.Number)
	return int(h.Sum32() % uint32(shards))
}

// mergeFn merges tallies.
type mergeFn struct{}

// MergeAccumulators merges two.
func (*mergeFn) MergeAccumulators(a, b kpi.Tally) (kpi.Tally, error) {
	sum := a.Clone()
	return sum, sum.Merge(b)
}

// writeFn writes one file of answers.
type writeFn struct {
	Output string
	Shards int
}

// ProcessElement writes the answers of a shard, under another name until they
// are complete: a second attempt replaces what a first one left.
func (f *writeFn) ProcessElement(ctx context.Context, shard int, answers func(*string) bool) error {
	return replace(ctx, fmt.Sprintf("%s-%05d-of-%05d.jsonl", f.Output, shard, f.Shards), func(w io.Writer) error {
		var text string
		for answers(&text) {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
		}
		return nil
	})
}

// summaryFn writes the tally of all.
type summaryFn struct{ Output string }

// ProcessElement writes it.
func (f *summaryFn) ProcessElement(ctx context.Context, sum kpi.Tally) error {
	text, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	return replace(ctx, f.Output+"-tally.json", func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// replace writes a file whole or not at all.
func replace(ctx context.Context, name string, write func(io.Writer) error) error {
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	part := name + ".part"
	f, err := fs.OpenWrite(ctx, part)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	err = write(b)
	if err := errors.Join(err, b.Flush(), f.Close()); err != nil {
		return err
	}
	return filesystem.Rename(ctx, fs, part, name)
}
