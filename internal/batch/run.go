package batch

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/tally"
	"github.com/servicerules/rulebook/kpi"
	"github.com/servicerules/rulebook/policy"
)

// Options say where rows come from and where answers go.
type Options struct {
	Plan

	Input    io.Reader
	InSize   int64 // bytes of Input, 0 where nobody knows
	InGzip   bool
	Readings []string // of the book, as "key=option"; for the checkpoint only

	Output        io.Writer // where OutPath is ""
	OutPath       string    // the file to write; only such a run can be resumed
	OutGzip       bool
	Resume        bool      // go on where a run to OutPath stopped; begin where there was none
	Summary       string    // the file for the summary, "" for none, or
	SummaryOutput io.Writer // where it goes to instead
	Program       string    // version of what writes the output

	Progress func(Progress)    // called now and then, in order
	Grown    func(bytes int64) // told how many bytes the ids of records take, now and then

	every time.Duration // between checkpoints
	size  int           // of blocks
	files fileSystem
}

// Written are the files that a run writes or replaces, whether it ends or not.
func (o *Options) Written() []string {
	var all []string
	if o.OutPath != "" {
		all = append(all, o.OutPath, partName(o.OutPath), checkpointName(o.OutPath))
	}
	if o.Summary != "" {
		all = append(all, o.Summary)
	}
	return all
}

// Progress says how far a run is.
type Progress struct {
	Rows     int64 // answered or refused, with those of runs before
	New      int64 // those of this run
	Read     int64 // bytes of the input
	Size     int64 // of the input, 0 where nobody knows
	Skipping bool  // reads what a run before has answered
}

// Result is what has come of a run.
type Result struct {
	Tally   kpi.Tally
	Resumed int64 // rows that runs before have answered
	Already bool  // a run before has done everything
}

// Complete reports whether every row was read and decided.
func (r *Result) Complete() bool {
	v := tally.View{Tally: r.Tally}
	return v.N(tally.Refused, "") == 0 && v.N(tally.Failed, "") == 0 && v.N(tally.Verdict, policy.Undetermined) == 0
}

// StoppedError says that a run stopped before the end.
type StoppedError struct {
	Rows      int64
	Resumable bool
	Err       error // why
}

// Error is the reason.
func (e *StoppedError) Error() string { return fmt.Sprintf("stopped after %d rows: %v", e.Rows, e.Err) }
func (e *StoppedError) Unwrap() error { return e.Err }

// InputError says that the input could not be read to its end.
type InputError struct{ Err error }

// Error is the reason.
func (e *InputError) Error() string { return "reading the input: " + e.Err.Error() }
func (e *InputError) Unwrap() error { return e.Err }

// Run answers the rows of the input. Errors: those of [NewDecider];
// *UnfinishedError, *ChangedError and *DamagedError where files of another run
// are in the way; *StoppedError, around what stopped the run.
//
// Where the context ends while the input gives nothing, a goroutine waits for
// it until it does.
func Run(ctx context.Context, book *rulebook.Book, o Options) (*Result, error) {
	if o.every == 0 {
		o.every = time.Second
	}
	if o.size == 0 {
		o.size = blockSize
	}
	if o.files == nil {
		o.files = disk{}
	}
	r := &runner{Options: o, book: book}
	return r.run(ctx)
}

type runner struct {
	Options
	book    *rulebook.Book
	decider *Decider
	cutter  *Cutter
	ids     *idSet // nil where records may repeat
	out     *output
	read    atomic.Int64 // bytes of the input as it comes
	state   checkpoint
	begun   int64 // rows of runs before
	told    time.Time
	saved   time.Time
}

func (r *runner) run(ctx context.Context) (*Result, error) {
	from, err := r.begin()
	if err != nil {
		return nil, err
	}
	header, err := r.open()
	if err != nil {
		return nil, err
	}
	if r.decider, err = NewDecider(r.book, r.Plan, header); err != nil {
		return nil, err
	}
	if !r.Repeats && r.decider.named {
		r.ids = newIDSet(r.Grown)
	}
	if from != nil {
		if err := r.skipTo(ctx, from); err != nil {
			return nil, err
		}
		if from.Done {
			return &Result{Tally: r.state.Tally, Resumed: r.rows(), Already: true}, r.complete()
		}
	}
	if r.out, err = r.create(from); err != nil {
		return nil, err
	}
	defer r.out.close()
	if from == nil {
		if err := r.out.write(r.encode(nil, r.decider.Header())); err != nil {
			return nil, &StoppedError{Err: err}
		}
		r.state.Output = r.out.at
	}
	r.begun = r.rows()
	err = r.work(ctx)
	switch {
	case err != nil:
		return nil, r.stop(err)
	case r.OutPath == "":
		return r.result(), r.finishStream()
	}
	if err := r.save(true); err != nil {
		return nil, r.stop(err)
	}
	return r.result(), r.complete()
}

func (r *runner) result() *Result { return &Result{Tally: r.state.Tally, Resumed: r.begun} }

// rows is how many have been answered or refused.
func (r *runner) rows() int64 {
	v := tally.View{Tally: r.state.Tally}
	return v.N(tally.Records, "") + v.N(tally.Refused, "")
}

// counting counts what is read.
type counting struct {
	io.Reader
	n *atomic.Int64
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// open begins to read the input.
func (r *runner) open() (header []byte, err error) {
	var in io.Reader = counting{r.Input, &r.read}
	if r.InGzip {
		if in, err = gzip.NewReader(in); err != nil {
			return nil, &InputError{err}
		}
	}
	r.cutter = NewCutter(in, r.In)
	r.cutter.size = r.size
	header, err = r.cutter.Header()
	var wrong *HeaderError
	if err != nil && !errors.As(err, &wrong) {
		err = &InputError{err}
	}
	return header, err
}

// skipTo passes over what has been answered, and makes sure that it is still
// what it was.
func (r *runner) skipTo(ctx context.Context, from *checkpoint) error {
	var rows []idSlot
	for at := (Position{}); at.Blocks < from.Input.Blocks; {
		b, err := r.cutter.Next()
		switch {
		case errors.Is(err, io.EOF) || err == nil && b.At.Bytes > from.Input.Bytes:
			return &ChangedError{What: "input"}
		case err != nil:
			return &InputError{err}
		}
		if r.ids != nil {
			rows = r.ids.idsOf(rows[:0], r.decider, b)
			r.ids.note(rows)
		}
		at = b.At
		if at.Blocks == from.Input.Blocks && at != from.Input {
			return &ChangedError{What: "input"}
		}
		r.tell(Progress{Read: r.read.Load(), Size: r.InSize, Skipping: true})
		if err := ctx.Err(); err != nil {
			return &StoppedError{Rows: r.rows(), Resumable: true, Err: err}
		}
	}
	if from.Done {
		switch _, err := r.cutter.Next(); {
		case err == nil:
			return &ChangedError{What: "input"}
		case !errors.Is(err, io.EOF):
			return &InputError{err}
		}
	}
	r.state = *from
	return nil
}

// task is one block on its way. Its buffers are used again for later blocks.
type task struct {
	block         Block
	text          []byte
	plain, zipped []byte
	out           []byte // one of them
	sum           kpi.Tally
	another       bool // the header of another table stands in it, or above it
	err           error
	done          chan struct{}

	named         []idSlot      // the ids of the rows
	before, after chan struct{} // closed once the ids of the blocks before, and of this one, are noted
}

// work answers the rest of the input. Whatever stops it, what is in the state
// has been written.
func (r *runner) work(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	var (
		free    = make(chan *task, 2*workers+2)
		tasks   = make(chan *task)
		ordered = make(chan *task, cap(free))
		ended   = make(chan error, 1)
	)
	for range cap(free) {
		free <- &task{done: make(chan struct{}, 1)}
	}
	go func() {
		defer close(tasks)
		defer close(ordered)
		ended <- r.feed(ctx, free, tasks, ordered)
	}()
	for range workers {
		go func() {
			for t := range tasks {
				r.answer(t, r.repeats(t))
				t.done <- struct{}{}
			}
		}()
	}
	for {
		select {
		case t, more := <-ordered:
			if !more {
				return <-ended
			}
			<-t.done
			if err := r.take(t); err != nil {
				return err
			}
			free <- t
		case <-ctx.Done():
			return r.drain(ctx.Err(), ordered)
		}
	}
}

// drain writes what has been read already.
func (r *runner) drain(why error, ordered <-chan *task) error {
	for {
		select {
		case t, more := <-ordered:
			if !more {
				return why
			}
			<-t.done
			if err := r.take(t); err != nil {
				return err
			}
		default:
			return why
		}
	}
}

// feed cuts the input into tasks.
func (r *runner) feed(ctx context.Context, free <-chan *task, tasks, ordered chan<- *task) error {
	noted := make(chan struct{})
	close(noted)
	for {
		var t *task
		select {
		case t = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		b, err := r.cutter.Next()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &InputError{err}
		}
		t.text = append(t.text[:0], b.Text...)
		t.block = b
		t.block.Text = t.text
		t.before, t.after = noted, make(chan struct{})
		noted = t.after
		tasks <- t
		ordered <- t
	}
}

// answer decides a block.
func (r *runner) answer(t *task, repeats []repeat) {
	sum := r.decider.NewTally()
	t.plain, t.another, t.err = r.decider.decide(t.plain[:0], t.block, repeats, sum)
	if t.err == nil {
		t.sum, t.err = sum.Total()
	}
	switch {
	case t.err != nil:
	case r.OutGzip:
		t.out = r.encode(t.zipped[:0], t.plain)
		t.zipped = t.out
	default:
		t.out = t.plain
	}
}

// repeats finds the rows whose records stood in the file before. Workers wait
// for each other here, in the order of the file, for as long as it takes to look
// the ids of a block up.
func (r *runner) repeats(t *task) []repeat {
	defer close(t.after)
	if r.ids == nil {
		return nil
	}
	t.named = r.ids.idsOf(t.named[:0], r.decider, t.block)
	<-t.before
	return r.ids.note(t.named)
}

// take writes the answers of a block.
func (r *runner) take(t *task) error {
	if r.state.Another { // nobody knew it when the block was decided
		t.block.Another = true
		r.answer(t, nil)
	}
	if t.err != nil {
		return t.err
	}
	if err := r.out.write(t.out); err != nil {
		return err
	}
	if err := r.state.Tally.Merge(t.sum); err != nil {
		return err
	}
	r.state.Input, r.state.Output, r.state.Another = t.block.At, r.out.at, r.state.Another || t.another
	r.tell(Progress{Rows: r.rows(), New: r.rows() - r.begun, Read: r.read.Load(), Size: r.InSize})
	if r.OutPath != "" && time.Since(r.saved) >= r.every {
		return r.save(false)
	}
	return nil
}

// tell tells how far the run is, a few times a second.
func (r *runner) tell(p Progress) {
	const pause = 200 * time.Millisecond
	if r.Progress != nil && time.Since(r.told) >= pause {
		r.told = time.Now()
		r.Progress(p)
	}
}

// stop leaves a state that a later run can go on from.
func (r *runner) stop(why error) error {
	e := &StoppedError{Rows: r.rows(), Err: why}
	if r.OutPath == "" {
		return e
	}
	if err := r.save(false); err != nil {
		e.Err = errors.Join(why, err)
		_, e.Resumable, _ = readCheckpoint(r.files, r.OutPath)
		return e
	}
	e.Resumable = true
	return e
}
