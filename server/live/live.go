// Package live keeps the rulebook that a server answers from, and exchanges
// it while the server runs.
//
// A new text is loaded whole, checked, tried on the example cases where there
// are any, and only then put in the place of the old one, in one step: a
// request that has begun ends with the rules that it began with. A text that
// does not pass leaves the old rules where they are, and Status says why.
package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/server/internal/files"
	"github.com/servicerules/rulebook/server/signing"
)

// Loaded is a rulebook as it was loaded. It is immutable and safe for
// concurrent use.
type Loaded struct {
	Book     *rulebook.Book
	Text     []byte // of the rules file; not to be written to
	SHA256   string // of Text, in hex
	Source   string // path of the file, or rulebook.DefaultName
	LoadedAt time.Time
	Warnings diagnostic.List

	signature []byte // of Text, where rules need one
	variants  variants
}

// Status is the outcome of the latest attempt to load rules.
type Status struct {
	At       time.Time // when the attempt was made
	OK       bool      // whether its rules are the current ones
	SHA256   string    // of the text that was tried, "" where none could be read
	Source   string
	Text     []byte          // what was tried, to show findings in; not to be written to
	Findings diagnostic.List // of a refused file all, of an accepted one its warnings
	Failed   []FailedCase    // example cases that the text does not pass
	Err      error           // why the file or the cases could not be read, else nil
}

// Options say where rules come from. The zero Options are the embedded
// rulebook without cases.
type Options struct {
	File string // rules file; "" for the embedded rulebook
	// Published is the file that Publish writes where File is "", and that is the
	// rules file from then on, also after a start; "" for none.
	Published string
	Cases     string           // directory of example cases that rules must pass; "" for none
	Settle    time.Duration    // how long a changed file must stay the same; 0 means 100 ms
	Logger    *slog.Logger     // nil for none
	Now       func() time.Time // nil for time.Now
	// LastGood is a file in which the text of File that was loaded last is
	// kept, so that a start does not fail where File is refused by then; ""
	// for none.
	LastGood string
	// Signed is the signature by which somebody has signed a text of rules who may, and
	// else an error; beside are the signatures of the file beside the text, which is
	// called like it, with .sig behind. nil where rules need none. The embedded rulebook
	// is part of the program, and is not asked about.
	Signed func(ctx context.Context, text, beside []byte) (signature []byte, err error)
	// Attempted is called after every attempt, in order; it may be nil.
	Attempted func(Status)
}

// Rules holds the current rulebook. All methods are safe for concurrent use.
type Rules struct {
	options Options
	file    atomic.Pointer[string] // the rules file, "" for the embedded rulebook
	current atomic.Pointer[Loaded]
	status  atomic.Pointer[Status]

	read    func(path string) (text []byte, others []string, err error)
	loading sync.Mutex // one attempt at a time
	// watched are the rules file and those that it names, as far as the latest
	// attempt knew them, and seen what it saw of them.
	watched []string
	seen    []stamp
}

// Open loads the rules for the first time. Where they are not fit to be used,
// it takes those of Options.LastGood, with the status of what was refused; the
// error is a *RefusedError where there are none.
func Open(ctx context.Context, o Options) (*Rules, error) {
	if o.Settle == 0 {
		o.Settle = 100 * time.Millisecond
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Rules{options: o, read: readFile}
	r.file.Store(&o.File)
	if o.File == "" && o.Published != "" && !stampOf(o.Published).absent {
		r.file.Store(&o.Published)
	}
	r.loading.Lock()
	defer r.loading.Unlock()
	s, loaded := r.attempt(ctx)
	if !s.OK {
		good, old := r.lastGood(ctx)
		if old == nil {
			return nil, &RefusedError{s}
		}
		r.use(ctx, old, good.At)
		if o.Attempted != nil {
			o.Attempted(good)
		}
		o.Logger.Warn("started with the rules that were in use last", "source", o.LastGood, "sha256", old.SHA256)
	}
	r.finish(ctx, s, loaded)
	return r, nil
}

// RefusedError says that rules are not fit to be used, and why.
type RefusedError struct{ Status Status }

// Error lists every finding in English, one a line.
func (e *RefusedError) Error() string {
	s := e.Status
	switch {
	case errors.As(s.Err, new(*signing.UnsignedError)):
		return s.Source + ": " + s.Err.Error()
	case s.Err != nil:
		return s.Err.Error()
	case s.Findings.Failed():
		return s.Findings.Error()
	}
	lines := make([]string, len(s.Failed))
	for i, f := range s.Failed {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the findings, or the error of reading.
func (e *RefusedError) Unwrap() error {
	if e.Status.Err != nil {
		return e.Status.Err
	}
	return e.Status.Findings
}

// Current is the rulebook in use. It is never nil.
func (r *Rules) Current() *Loaded { return r.current.Load() }

// Status is the outcome of the latest attempt.
func (r *Rules) Status() Status { return *r.status.Load() }

// Watched is the path of the rules file that Watch looks at, with those that it
// names, "" for none.
func (r *Rules) Watched() string { return *r.file.Load() }

// Reload tries the file as it is now. The status is also what Status returns
// from then on.
func (r *Rules) Reload(ctx context.Context) Status {
	r.loading.Lock()
	defer r.loading.Unlock()
	s, loaded := r.attempt(ctx)
	return r.finish(ctx, s, loaded)
}

// attempt loads the rules as they are now; nil where they are not fit.
func (r *Rules) attempt(ctx context.Context) (Status, *Loaded) {
	s := Status{At: r.options.Now(), Source: r.Watched()}
	var loaded *Loaded
	if s.Source == "" {
		loaded = r.embedded(&s)
	} else {
		r.watch(s.Source)
		text, err := r.settled(ctx, s.Source)
		if err != nil {
			s.Err = err
		} else {
			s.Text = text
			loaded = Parse(s.Source, text, &s)
			if loaded != nil { // what is wrong with it is told first
				if loaded.signature, s.Err = r.signed(ctx, s.Source, text); s.Err != nil {
					loaded = nil
				}
			}
		}
	}
	if loaded != nil && r.options.Cases != "" {
		s.Failed, _, s.Err = r.ownCases(ctx, loaded.Book)
	}
	s.OK = loaded != nil && s.Err == nil && len(s.Failed) == 0
	return s, loaded
}

// finish puts rules that are fit in the place of the old ones, and tells of
// the attempt.
func (r *Rules) finish(ctx context.Context, s Status, loaded *Loaded) Status {
	if s.OK {
		r.use(ctx, loaded, s.At)
		r.remember(loaded)
	}
	r.report(s) // first: whoever sees the status finds it in the log
	r.status.Store(&s)
	if r.options.Attempted != nil {
		r.options.Attempted(s)
	}
	return s
}

func (r *Rules) use(ctx context.Context, loaded *Loaded, at time.Time) {
	loaded.LoadedAt = at
	loaded.warm(ctx)
	r.current.Store(loaded)
}

// remember keeps the text of rules that are fit, for a start at which the file
// is not.
func (r *Rules) remember(l *Loaded) {
	to := r.options.LastGood
	if to == "" || r.Watched() == "" {
		return
	}
	if text, err := os.ReadFile(to); err == nil && string(text) == string(l.Text) && r.options.Signed == nil {
		return
	}
	err := keepSignature(to, l.signature)
	if err == nil {
		err = replace(to, l.Text)
	}
	if err != nil {
		r.options.Logger.Error("the rules in use could not be kept for the next start", "file", to, "err", err)
	}
}

// signatureEnd is what stands behind the name of a rules file in that of its signatures.
const signatureEnd = ".sig"

// signed is the signature of a text that stands in a file, or is to, nil where none is
// needed; and else an error.
func (r *Rules) signed(ctx context.Context, path string, text []byte) ([]byte, error) {
	if r.options.Signed == nil {
		return nil, nil
	}
	beside, unreadable := SignaturesOf(path)
	signature, err := r.options.Signed(ctx, text, beside)
	if err != nil && unreadable != nil {
		err = unreadable
	}
	return signature, err
}

// keepSignature puts a signature beside a text that is about to be written to a file,
// before those that stand there: one of them is of the text that stands there still, and
// whichever of both is read after a crash is signed.
func keepSignature(path string, signature []byte) error {
	if signature == nil {
		return nil
	}
	beside, err := SignaturesOf(path)
	if err != nil || len(signature)+len(beside) > signing.MostSignatures {
		beside = nil
	}
	if bytes.Contains(beside, signature) {
		return nil
	}
	return replace(path+signatureEnd, append(bytes.Clone(signature), beside...))
}

// SignaturesOf is what stands in the file of signatures beside a rules file; nothing
// where there is none.
func SignaturesOf(path string) ([]byte, error) {
	info, err := os.Stat(path + signatureEnd)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // a pipe might never end
		return nil, fmt.Errorf("%s is no file", path+signatureEnd)
	}
	return files.ReadBounded(path+signatureEnd, signing.MostSignatures)
}

// replace writes a file in one step: it has its old text or its new one. Who may
// read it stays as it was.
func replace(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if old, err := os.Stat(path); err == nil {
		_ = f.Chmod(old.Mode().Perm()) // where it cannot be, the owner alone may read it
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// lastGood are the rules that were in use last, nil where none are kept or
// they cannot be used; of these the log says why.
func (r *Rules) lastGood(ctx context.Context) (Status, *Loaded) {
	s := Status{At: r.options.Now(), OK: true, Source: r.options.LastGood}
	if r.options.LastGood == "" || r.Watched() == "" {
		return s, nil
	}
	unused := func(why any) {
		r.options.Logger.Warn("the rules that were in use last cannot be used either", "source", r.options.LastGood, "why", why)
	}
	text, _, err := r.read(r.options.LastGood)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			unused(err)
		}
		return s, nil
	}
	s.Text = text
	loaded := Parse(r.options.LastGood, text, &s)
	if loaded == nil {
		unused((&RefusedError{s}).Error())
	} else if loaded.signature, err = r.signed(ctx, r.options.LastGood, text); err != nil {
		unused(err)
		return s, nil
	}
	return s, loaded
}

// warm has done what is done at first use: the first request need not wait
// for it.
func (l *Loaded) warm(ctx context.Context) {
	b := l.Book.Rulebook()
	_, calendar := b.DefaultCalendar()
	calendar.Hash()
	for _, q := range b.Questions[:min(1, len(b.Questions))] {
		_, _ = l.Book.Ask(ctx, q.ID, nil) // the answer does not matter
	}
}

func (r *Rules) embedded(s *Status) *Loaded {
	s.Source = rulebook.DefaultName
	book, err := rulebook.Default()
	if err != nil {
		s.Err = err
		return nil
	}
	s.Text, s.SHA256 = book.Rulebook().Source(), book.Rulebook().SHA256
	return &Loaded{Book: book, Text: s.Text, SHA256: s.SHA256, Source: s.Source}
}

// Parse loads a text and notes in s what was found. It is nil where the text
// was refused.
func Parse(name string, text []byte, s *Status) *Loaded {
	s.SHA256 = hashOf(text)
	book, found := check(name, text)
	s.Findings = found
	if book == nil {
		return nil
	}
	return &Loaded{Book: book, Text: text, SHA256: s.SHA256, Source: name, Warnings: found}
}

func (r *Rules) report(s Status) {
	if r.Current() == nil {
		return // the caller of Open is told
	}
	log := r.options.Logger.With("source", s.Source, "sha256", s.SHA256)
	switch {
	case s.OK:
		log.Info("rules loaded", "warnings", len(s.Findings))
	case s.Err != nil:
		log.Error("rules not loaded, the old ones stay in force", "err", s.Err)
	case len(s.Failed) > 0:
		log.Error("rules not loaded, the old ones stay in force", "failed_cases", len(s.Failed), "first", s.Failed[0].String())
	default:
		log.Error("rules not loaded, the old ones stay in force", "findings", len(s.Findings), "first", firstError(s.Findings))
	}
}

func firstError(l diagnostic.List) string {
	for _, d := range l {
		if d.Severity == diagnostic.Error {
			return d.Error()
		}
	}
	return ""
}

// maxFile bounds what is read of a rules file; the loader refuses less.
const maxFile = 8 << 20

// settled reads the rules, all files of them, until two reads a while apart
// agree, so that a file that is just being written is not taken for a complete
// one.
func (r *Rules) settled(ctx context.Context, path string) ([]byte, error) {
	const patience = 50
	last, _, err := r.read(path)
	for range patience {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(r.options.Settle):
		}
		again, _, errAgain := r.read(path)
		if err == nil && errAgain == nil && string(again) == string(last) {
			return again, nil
		}
		if err != nil && errAgain != nil {
			return nil, errAgain
		}
		last, err = again, errAgain
	}
	return nil, fmt.Errorf("%s keeps changing: it was read %d times and never twice the same", path, patience)
}

// readFile reads a rules file and those that it names, as one text. Others are
// the paths of those, also where nothing is there.
func readFile(path string) (text []byte, others []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() || info.Size() > maxFile {
		return nil, nil, fmt.Errorf("%s is no rules file: a file of at most %d bytes is expected", path, maxFile)
	}
	main, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	text, below := source.GatherIn(filepath.Dir(path), main)
	for _, name := range below {
		others = append(others, source.NameOf(path, name))
	}
	return text, others, nil
}

// Text is the one text of the rules in a file and those that it names: what is signed.
// The error names one of them that cannot be read.
func Text(path string) ([]byte, error) {
	text, others, err := readFile(path)
	for _, other := range others {
		if err == nil {
			_, err = os.Stat(other)
		}
	}
	return text, err
}

// Beside are the signatures that stand beside the rules file now; nothing where there
// are none.
func (r *Rules) Beside() []byte {
	if r.Watched() == "" {
		return nil
	}
	beside, _ := SignaturesOf(r.Watched()) // where they cannot be read, none is found
	return beside
}

// watch notes what the files are like that the rules are read from. They are
// looked at before they are read: what changes after that is seen.
func (r *Rules) watch(path string) {
	_, others, _ := r.read(path) // an error is met again when it is read for use
	r.watched = append([]string{path}, others...)
	if r.options.Signed != nil {
		r.watched = append(r.watched, path+signatureEnd)
	}
	r.seen = stampsOf(r.watched)
}

// stamp tells whether a file may have changed.
type stamp struct {
	size    int64
	changed time.Time
	absent  bool
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{absent: errors.Is(err, os.ErrNotExist)}
	}
	return stamp{size: info.Size(), changed: info.ModTime()}
}

// Watch looks at the files at every interval and reloads them when one has
// changed, until the context ends. Without a file it only waits.
func (r *Rules) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if r.Watched() != "" && r.changed() {
			r.Reload(ctx)
		}
	}
}

// changed reports whether a file is another one than the latest attempt saw.
func (r *Rules) changed() bool {
	r.loading.Lock()
	defer r.loading.Unlock()
	return !slices.Equal(stampsOf(r.watched), r.seen)
}

func stampsOf(paths []string) []stamp {
	stamps := make([]stamp, len(paths))
	for i, path := range paths {
		stamps[i] = stampOf(path)
	}
	return stamps
}
