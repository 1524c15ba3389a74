// Package service is what the server does, whoever asks: the API and the
// pages call the same functions. It knows no HTTP.
package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/intake"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/changing"
	"github.com/servicerules/rulebook/server/internal/span"
	"github.com/servicerules/rulebook/server/internal/spool"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/spreadsheet"
)

// ErrBusy says that too much is being asked at once.
var ErrBusy = errors.New("too many questions at once")

// ErrCrowded says that as many tables are being received or reviewed as may be
// at once.
var ErrCrowded = errors.New("too many reviews at once")

// SettingTwiceError says that a reading was chosen twice.
type SettingTwiceError struct{ Key string }

// Error names the reading.
func (e *SettingTwiceError) Error() string { return "the reading " + e.Key + " was chosen twice" }

// FutureError says that a decision was not put on record because it rests on
// something that has not happened yet.
type FutureError struct {
	Fact string // as_of, or the path of an event
	// Clock is that of the server; zero where the event is later than a moment
	// of asking that was given.
	Clock time.Time
}

// Error is the refusal in English.
func (e *FutureError) Error() string { return e.Message().EN }

// Message says what is later than what.
func (e *FutureError) Message() diagnostic.Text {
	if e.Clock.IsZero() {
		return diagnostic.Textf("%s 晚于判断时间", "%s is later than the moment of asking", e.Fact)
	}
	return diagnostic.Textf("%s 晚于服务器的时钟 %s，尚未发生的不记录", "%s is later than the server's clock, %s: what has not happened is not put on record",
		e.Fact, e.Clock.Format(time.RFC3339))
}

// Remedy says what to do about it.
func (e *FutureError) Remedy() diagnostic.Text {
	if e.Fact == "as_of" {
		return diagnostic.Text{ZH: "省去 as_of，则按服务器的时钟；只试算不必记录", EN: "leave as_of out, and the server's clock is taken; to try something out, ask without recording"}
	}
	return diagnostic.Text{ZH: "改正它，或等它发生以后再记录；只试算不必记录", EN: "correct it, or record once it has happened; to try something out, ask without recording"}
}

// NotDecidedError says that the answer to facts that are in order is an error.
// Nothing was decided, so that there is nothing to put on record.
type NotDecidedError struct{ Answer *rulebook.Answer }

// Error is the reason in English.
func (e *NotDecidedError) Error() string { return "nothing was decided: " + e.Answer.Error.Error() }

// Observer is told what happens, for the metrics. It is called by many
// goroutines at once.
type Observer interface {
	// Asked is told of every answer: its verdict, "" for an error, and how
	// long it took to find.
	Asked(question, verdict string, took time.Duration)
	// Recorded is told of every decision that went on record.
	Recorded(question, verdict string)
}

type silent struct{}

func (silent) Asked(string, string, time.Duration) {}
func (silent) Recorded(string, string)             {}

// Service answers from the current rules and keeps decisions on record.
type Service struct {
	Rules *live.Rules
	Store *record.Store
	// Room is where what is sent and made of a month is kept meanwhile: in the
	// directory of the store or, where that is no file, the working directory.
	Room *spool.Room
	// Changes are those of the rules.
	Changes *changing.Changes

	watch watch

	// Of NoteEvents alone:
	told       map[string]bool // ids of what was noted of clocks that still run
	notedRules string          // SHA-256 of the rules whose coming into force is noted

	engine   string
	edition  string
	observer Observer
	quick    slots // of questions
	heavy    slots // of drafts
	drafts   slots // of drafts that are being received
	long     slots // of verifications
	streams  slots // of questions, each with many
	readers  slots // of events, who wait for more
	uploads  slots // of tables that are being received
	reviews  slots // of reviews: what one takes is bounded, so that all do
}

// What reviews may take of the machine.
const (
	roomBytes   = 2 << 30   // of the disk, all of them together
	reviewBytes = 112 << 20 // of memory, about, for the tables of one
	uploadsMost = 32        // received, or waiting to be reviewed, at once
	named       = 1000      // records that a group of a review names
	readersMost = 128       // of events, who wait for more, at once
	draftsMost  = 8         // received, or waiting to be checked, at once

	manyRecords = 5_000 // after so many, memory is given back to the system at once
	queueing    = 45 * time.Second
)

// New puts a service together. The observer may be nil.
func New(rules *live.Rules, store *record.Store, o Observer) *Service {
	if o == nil {
		o = silent{}
	}
	processors := runtime.GOMAXPROCS(0)
	s := &Service{
		Room: spool.NewRoom(filepath.Dir(store.Path()), roomBytes), uploads: make(slots, uploadsMost), streams: make(slots, max(16, 4*processors)), readers: make(slots, readersMost), reviews: make(slots, 1),
		Rules: rules, Store: store, engine: Engine(), edition: editionOf(Engine()), observer: o,
		quick: make(slots, 4*processors), heavy: make(slots, max(1, processors/2)), drafts: make(slots, draftsMost), long: make(slots, 1), watch: watch{turn: make(slots, 1)},
	}
	s.Changes = changing.New(rules, store, changing.Options{Try: func(ctx context.Context, text []byte) (*live.Trial, error) { return s.Try(ctx, text, nil) }})
	return s
}

// Engine is the version of the engine that decides, as records name it.
func Engine() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unversioned
	}
	return engineOf(info)
}

// unversioned is a program that nothing is known of: it was built outside of
// version control, or without its stamp.
const unversioned = "(devel)"

// engineOf is the version that stands in a program: of the module that
// decides, of the one that the program belongs to in the same repository, or
// what version control said.
func engineOf(info *debug.BuildInfo) string {
	const module = "github.com/servicerules/rulebook"
	version := unversioned
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == module && m.Version != "" && m.Replace == nil {
			version = m.Version
		}
	}
	if version == unversioned && strings.HasPrefix(info.Main.Path, module+"/") && info.Main.Version != "" {
		version = info.Main.Version
	}
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if revision == "" {
		return version
	}
	if version == unversioned {
		version = "devel"
	}
	return strings.TrimSuffix(version, dirty) + " " + revision + dirty
}

// Edition names what the program makes of the same rules, for caches: its
// version, or the process where that is not known for certain.
func (s *Service) Edition() string { return s.edition }

func editionOf(engine string) string {
	if engine == unversioned || strings.HasSuffix(engine, "+dirty") {
		engine += rand.Text()
	}
	sum := sha256.Sum256([]byte(engine))
	return hex.EncodeToString(sum[:4])
}

// slots bound how much is computed at once.
type slots chan struct{}

// patience is how long a request waits for its turn.
const patience = 5 * time.Second

func (s slots) take(ctx context.Context) error { return s.takeIn(ctx, patience) }

func (s slots) takeIn(ctx context.Context, patience time.Duration) error {
	select {
	case s <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case s <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait takes a turn however long that takes, as long as the context lasts.
func (s slots) wait(ctx context.Context) error {
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s slots) give() { <-s }

// Asking is a question with its facts.
type Asking struct {
	Question string
	Facts    []byte         // a JSON object
	AsOf     time.Time      // the moment of asking; zero leaves it to the facts
	Clock    bool           // AsOf was given by nobody: it was the server's clock a moment ago
	Readings []live.Setting // in any order, each key once
	By       people.Who     // who puts it on record; zero where nobody is asked who he is
}

// Asked is an answer and the rules that it came from.
type Asked struct {
	Answer *rulebook.Answer
	Rules  *live.Loaded
}

// Ask answers a question. Errors are those of rulebook.Book.Ask, a
// *SettingTwiceError or ErrBusy.
func (s *Service) Ask(ctx context.Context, a Asking) (*Asked, error) {
	asked, _, err := s.ask(ctx, a, false)
	return asked, err
}

func (s *Service) ask(ctx context.Context, a Asking, canonical bool) (asked *Asked, facts []byte, err error) {
	settings, err := sorted(a.Readings)
	if err != nil {
		return nil, nil, err
	}
	if err := s.quick.take(ctx); err != nil {
		return nil, nil, err
	}
	defer s.quick.give()
	ctx, deciding := span.Start(ctx, "decide")
	defer func() { deciding.End(err) }()
	started := time.Now()
	rules := s.Rules.Current()
	book, err := rules.With(settings)
	if err != nil {
		return nil, nil, err
	}
	checked, err := book.Check(a.Question, a.Facts)
	if err != nil {
		return nil, nil, err
	}
	deciding.Set("rulebook.question", a.Question) // which there is
	var options []rulebook.Option
	if !a.AsOf.IsZero() {
		options = append(options, rulebook.AsOf(a.AsOf))
	}
	answer, err := book.Ask(ctx, a.Question, checked, options...)
	if err != nil {
		return nil, nil, err
	}
	if canonical {
		facts = checked.AppendJSON(nil)
	}
	s.observer.Asked(a.Question, answer.Verdict, time.Since(started))
	return &Asked{Answer: answer, Rules: rules}, facts, nil
}

// sorted puts readings in one order.
func sorted(settings []live.Setting) ([]live.Setting, error) {
	if len(settings) == 0 {
		return nil, nil
	}
	settings = slices.SortedFunc(slices.Values(settings), func(a, b live.Setting) int { return strings.Compare(a.Key, b.Key) })
	for i := 1; i < len(settings); i++ {
		if settings[i].Key == settings[i-1].Key {
			return nil, &SettingTwiceError{settings[i].Key}
		}
	}
	return settings, nil
}

// Once lets a request be repeated without being recorded twice.
type Once struct {
	Caller string // who chose the key
	Key    string // "" for none
	// Request is all that was asked; the same key with another request is
	// refused.
	Request []byte
}

func (o Once) retry() *record.Retry {
	if o.Key == "" {
		return nil
	}
	return &record.Retry{Key: sha256.Sum256([]byte(o.Caller + "\x00" + o.Key)), Request: sha256.Sum256(o.Request)}
}

// ForChange is o for a step about a change of the rules; nil without a key.
func (o Once) ForChange() *record.BodyRetry {
	r := o.retry()
	if r == nil {
		return nil
	}
	return &record.BodyRetry{Key: r.Key.String(), Request: r.Request.String()}
}

// Recorded is a decision on record.
type Recorded struct {
	Entry  *record.Entry
	Answer []byte // canonical JSON, with its explanation
	First  bool   // false where an earlier request with the same key made it
}

// Record answers a question and returns once the decision is on record. The
// verdict undetermined goes on record too, as a note of what was missing; an
// answer that is an error does not: it is a *NotDecidedError. Other errors are
// those of Ask and of record.Store.Append.
func (s *Service) Record(ctx context.Context, a Asking, once Once) (*Recorded, error) {
	d, there, err := s.prepare(ctx, a, once)
	switch {
	case err != nil:
		return nil, err
	case there != nil:
		return recorded(there, false)
	}
	e, first, err := s.Store.Append(ctx, d)
	if err != nil {
		return nil, err
	}
	if !first {
		return recorded(e, false)
	}
	s.observer.Recorded(e.Question, e.Verdict)
	return &Recorded{Entry: e, Answer: d.Answer, First: true}, nil
}

// prepare answers a question as it is to be put on record, or finds the record of
// an earlier request with the same key.
func (s *Service) prepare(ctx context.Context, a Asking, once Once) (d *record.Draft, there *record.Entry, err error) {
	retry := once.retry()
	if retry != nil {
		if there, err = s.Store.Find(ctx, *retry); !errors.Is(err, record.ErrNotFound) {
			return nil, there, err
		}
	}
	assumed, err := s.assume(&a)
	if err != nil {
		return nil, nil, err
	}
	asked, facts, err := s.ask(ctx, a, true)
	if err != nil {
		return nil, nil, err
	}
	if failed := asked.Answer.Failure(); failed.Code == policy.CodeEventAfterAsOf {
		future := &FutureError{Fact: failed.Fact}
		if assumed {
			future.Clock = a.AsOf
		}
		return nil, nil, future
	} else if asked.Answer.Error != nil {
		return nil, nil, &NotDecidedError{asked.Answer}
	}
	if d, err = s.draft(a, asked, facts); err != nil {
		return nil, nil, err
	}
	d.Assumed = assumed || a.Clock
	d.Retry = retry
	return d, nil, nil
}

// skew is how far ahead of the server's clock the caller's may be.
const skew = time.Minute

// assume sets the moment of asking to the server's clock where neither the
// caller nor the facts say it. One that is said must not be later.
func (s *Service) assume(a *Asking) (assumed bool, err error) {
	now := s.Store.Now()
	switch asOf := asOfOf(*a); {
	case asOf.IsZero():
		a.AsOf = now
		return true, nil
	case asOf.After(now.Add(skew)):
		return false, &FutureError{Fact: "as_of", Clock: now}
	}
	return false, nil
}

// Recordable is the *FutureError for which a question would not be put on
// record now, whatever its answer; nil where there is none.
func (s *Service) Recordable(a Asking) error {
	_, err := s.assume(&a)
	return err
}

// asOfOf is the moment of asking, as the caller or the facts say it; zero
// where neither does. Facts that cannot be read are left to who checks them.
func asOfOf(a Asking) time.Time {
	if !a.AsOf.IsZero() {
		return a.AsOf
	}
	facts, err := intake.ParseFacts(a.Facts) // as who checks them reads them
	if err != nil {
		return time.Time{}
	}
	said := facts.Get("as_of")
	if said == nil {
		return time.Time{}
	}
	t, err := source.Moment(said.Text)
	if err != nil {
		return time.Time{}
	}
	return t
}

func recorded(e *record.Entry, first bool) (*Recorded, error) {
	b, err := e.Decode()
	if err != nil {
		return nil, err
	}
	return &Recorded{Entry: e, Answer: b.Answer, First: first}, nil
}

func (s *Service) draft(a Asking, asked *Asked, facts []byte) (*record.Draft, error) {
	sum, err := record.ParseHash(asked.Rules.SHA256)
	if err != nil {
		return nil, err
	}
	calendarSum, err := record.ParseHash(record.Calendar(asked.Rules.Book).Hash())
	if err != nil {
		return nil, err
	}
	settings, err := sorted(a.Readings)
	if err != nil {
		return nil, err
	}
	q, ok := asked.Rules.Book.Rulebook().Question(a.Question)
	if !ok {
		return nil, &policy.UnknownQuestionError{Question: a.Question}
	}
	given, err := intake.ParseFacts(a.Facts)
	if err != nil {
		return nil, err
	}
	d := &record.Draft{
		By:           a.By,
		FactsAssumed: intake.Assumed(q, given), Question: a.Question, Verdict: asked.Answer.Verdict, AsOf: a.AsOf, Facts: facts, Answer: asked.Answer.AppendJSON(nil, true),
		Rulebook: record.Rulebook{SHA256: sum, Text: asked.Rules.Text}, Calendar: calendarSum, Engine: s.engine,
	}
	for _, x := range settings {
		d.Readings = append(d.Readings, record.Setting(x))
	}
	return d, nil
}

// Verify derives decisions again and walks the chain.
func (s *Service) Verify(ctx context.Context, part record.Stretch) (*record.Report, error) {
	if err := s.long.take(ctx); err != nil {
		return nil, err
	}
	defer s.long.give()
	return s.Store.Verify(ctx, part)
}

// Try checks a draft of the rules and tries it on the example cases; see
// live.Rules.Try. Nothing is kept of it.
func (s *Service) Try(ctx context.Context, draft []byte, examples fs.FS) (*live.Trial, error) {
	if err := s.heavy.take(ctx); err != nil {
		return nil, err
	}
	defer s.heavy.give()
	t := s.Rules.Try(ctx, draft, examples)
	return t, ctx.Err()
}

// Look has a text of rules looked at that somebody is writing, in its turn among the
// drafts, for which an editor waits beside the writing. The error is that of look,
// ErrBusy or the context's.
func (s *Service) Look(ctx context.Context, look func() error) error {
	if err := s.heavy.takeIn(ctx, 10*patience); err != nil {
		return err
	}
	defer s.heavy.give()
	return look()
}

// Uploading takes one of the places of those who send tables to be reviewed,
// until release is called. The error is ErrCrowded.
func (s *Service) Uploading() (release func(), err error) {
	select {
	case s.uploads <- struct{}{}:
		return s.uploads.give, nil
	default:
		return nil, ErrCrowded
	}
}

// Drafting takes one of the places of those who send drafts, until release is
// called. The error is ErrBusy.
func (s *Service) Drafting() (release func(), err error) {
	select {
	case s.drafts <- struct{}{}:
		return s.drafts.give, nil
	default:
		return nil, ErrBusy
	}
}

// Streaming takes one of the places of streams of questions, until release is
// called. The error is ErrBusy.
func (s *Service) Streaming() (release func(), err error) {
	select {
	case s.streams <- struct{}{}:
		return s.streams.give, nil
	default:
		return nil, ErrBusy
	}
}

// Reading takes one of the places of those who wait for events, until release is
// called. The error is ErrBusy.
func (s *Service) Reading() (release func(), err error) {
	select {
	case s.readers <- struct{}{}:
		return s.readers.give, nil
	default:
		return nil, ErrBusy
	}
}

// Review reviews a month of records: the tables of a file system, as the
// command line's review reads them from a directory, in whatever format. One is reviewed at a time
// and what it takes of memory is bounded; others wait a while. Errors are
// those of review.Run, review.ErrTooLarge among them, and ErrCrowded.
func (s *Service) Review(ctx context.Context, tables fs.FS, o review.Options) (*review.Report, error) {
	switch err := s.reviews.takeIn(ctx, queueing); {
	case errors.Is(err, ErrBusy):
		return nil, ErrCrowded
	case err != nil:
		return nil, err
	}
	defer s.reviews.give()
	o.Most, o.Named, o.Tables = reviewBytes, named, spreadsheet.Sources
	done := 0
	told := o.Progress
	o.Progress = func(n, total int) {
		if done = n; told != nil {
			told(n, total)
		}
	}
	report, err := review.Run(ctx, s.Rules.Current().Book, tables, o)
	if done > manyRecords || errors.Is(err, review.ErrTooLarge) {
		debug.FreeOSMemory() // it would take minutes by itself
	}
	return report, err
}
