package changing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
	"github.com/servicerules/rulebook/server/record"
)

// Study is what is found out of a text of rules that is to take the place of
// another. What is not known yet is nil; a study that goes on is looked at again.
type Study struct {
	Base, Text string // SHA-256 of both
	Stage      Stage  // what is being looked into
	Failed     error  // why it was not brought to its end, but for the context's

	Trial *live.Trial // findings and cases
	// Report is what the text says otherwise, and which questions that can reach;
	// nil where one of the texts does not load.
	Report *difference.Report
	// Deviating is the new book, where it extends another one; its Deviations say
	// how it differs from that.
	Deviating *policy.Rulebook
	// Analysed are findings over all facts that the rules before do not have; nil
	// where that was not finished in its time.
	Analysed    []analysis.Finding
	HasAnalysed bool
	// Impact is what both make of what is on record.
	Impact     *difference.Replay
	Asked      int64 // records that were asked again so far
	OnRecord   int64 // records that there are
	Unfinished bool  // not all of them were asked in the time, or the number, that there is
}

// Stage is what a study looks into.
type Stage string

// The stages of a study, in their order.
const (
	StageWaiting  Stage = "waiting" // others are looked into before
	StageTrial    Stage = "trial"
	StageWords    Stage = "words"
	StageImpact   Stage = "impact"
	StageAnalysis Stage = "analysis"
	StageDone     Stage = "done"
)

// Bounds of a study: the machine is there for questions.
const (
	keptStudies = 4    // that are done
	openStudies = 8    // that are not: one is being made, others wait
	triedFacts  = 2000 // of each question that the change can reach
	wordsTime   = 30 * time.Second
	impactTime  = time.Minute
	impactMost  = 20_000 // records, the latest
	analyseTime = time.Minute
)

// studies are those that were made last, and the one that is being made.
type studies struct {
	mu    sync.Mutex
	all   []*study // the latest first
	turn  chan struct{}
	life  context.Context
	end   context.CancelFunc
	goes  sync.WaitGroup
	ended bool
}

type study struct {
	mu   sync.Mutex
	seen Study
}

func (s *study) change(f func(*Study)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.seen)
}

func (s *study) look() Study {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Study is what is found out of a text in the place of another, as far as it is
// known; it is begun where nobody asked for it lately, and goes on by itself until
// Close. Where too many others wait, it is not begun yet: whoever asks again later has
// it begun then. The error of a text that is not kept is record.ErrNotFound.
func (c *Changes) Study(ctx context.Context, base, text string) (Study, error) {
	for _, sum := range []string{base, text} {
		if _, err := c.Text(ctx, sum); err != nil {
			return Study{}, err
		}
	}
	return c.withoutErased(ctx, c.begin(base, text))
}

// withoutErased is a study without the records that were erased since. They are looked
// up while nobody waits for the study.
func (c *Changes) withoutErased(ctx context.Context, s *study) (Study, error) {
	seen := s.look()
	if seen.Impact == nil {
		return seen, nil
	}
	shown := *seen.Impact // what others look at stays as it is
	shown.Groups = nil
	for _, g := range seen.Impact.Groups {
		left := *g
		left.Examples = nil
		for _, e := range g.Examples {
			entry, err := c.store.Get(ctx, e.ID)
			if err != nil && !errors.Is(err, record.ErrNotFound) {
				return Study{}, err
			}
			if err == nil && !entry.Erased() {
				left.Examples = append(left.Examples, e)
			}
		}
		shown.Groups = append(shown.Groups, &left)
	}
	s.change(func(x *Study) {
		if x.Impact == seen.Impact { // else it has gone on meanwhile
			x.Impact = &shown
		}
	})
	seen.Impact = &shown
	return seen, nil
}

// begin is the study of a text in the place of another, which goes on by itself.
func (c *Changes) begin(base, text string) *study {
	s := &c.studies
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.all, func(x *study) bool { return x.seen.Base == base && x.seen.Text == text })
	if i >= 0 {
		found := s.all[i]
		s.all = slices.Insert(slices.Delete(s.all, i, i+1), 0, found)
		return found
	}
	made := &study{seen: Study{Base: base, Text: text, Stage: StageWaiting}}
	if s.ended || !s.room() {
		return made
	}
	s.all = append([]*study{made}, s.all...)
	s.goes.Go(func() {
		select {
		case s.turn <- struct{}{}:
		case <-s.life.Done():
			return
		}
		defer func() { <-s.turn }()
		err := c.studySafely(s.life, made)
		if s.life.Err() != nil {
			return
		}
		if err != nil {
			c.log.Error("a change could not be looked into", slog.String("sha256", text), slog.Any("err", err))
		}
		made.change(func(x *Study) { x.Stage, x.Failed = StageDone, err })
	})
	return made
}

// room reports whether there is room for one more study, and forgets those that were
// looked at the longest ago. One that is not done is never forgotten: whoever waits
// for it would have it begun again and again.
func (s *studies) room() bool {
	done, open := 0, 0
	s.all = slices.DeleteFunc(s.all, func(x *study) bool {
		if x.look().Stage != StageDone {
			open++
			return false
		}
		done++
		return done >= keptStudies
	})
	return open < openStudies
}

// studySafely is study for a goroutine of its own: where it fails inside, the server
// that answers questions goes on.
func (c *Changes) studySafely(ctx context.Context, s *study) (err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("looking into a change failed inside: %T", failure) // its text may hold facts
		}
	}()
	return c.study(ctx, s)
}

// Again forgets what was found out of a text, so that it is looked into anew: more
// may be on record since.
func (c *Changes) Again(base, text string) {
	s := &c.studies
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(x *study) bool {
		seen := x.look()
		return seen.Base == base && seen.Text == text && seen.Stage == StageDone
	})
}

// Close ends what is looked into in the background.
func (c *Changes) Close() {
	c.studies.mu.Lock()
	c.studies.ended = true
	c.studies.mu.Unlock()
	c.studies.end()
	c.studies.goes.Wait()
}

func (c *Changes) study(ctx context.Context, s *study) error {
	of := s.look()
	texts := [2][]byte{}
	for i, sum := range []string{of.Base, of.Text} {
		var err error
		if texts[i], err = c.Text(ctx, sum); err != nil {
			return err
		}
	}
	s.change(func(x *Study) { x.Stage = StageTrial })
	trial, err := c.try(ctx, texts[1])
	if err != nil {
		return err
	}
	s.change(func(x *Study) { x.Trial, x.Stage = trial, StageWords })
	old, err := rulebook.Parse("base", texts[0])
	if err != nil {
		return nil // it was in force once, and this program refuses it
	}
	changed, err := rulebook.Parse("change", texts[1])
	if err != nil {
		return nil // the trial says why
	}
	bounded, cancel := context.WithTimeout(ctx, wordsTime)
	report, err := difference.Compare(bounded, old, changed, nil, triedFacts)
	cancel()
	if err != nil {
		if report, err = difference.Compare(ctx, old, changed, nil, 0); err != nil {
			return err
		}
	}
	s.change(func(x *Study) {
		x.Report, x.Stage = report, StageImpact
		if changed.Rulebook().Extends() != "" {
			x.Deviating = changed.Rulebook()
		}
	})
	if err := c.impact(ctx, s, old, changed, report); err != nil {
		return err
	}
	s.change(func(x *Study) { x.Stage = StageAnalysis })
	return analysed(ctx, s, old, changed)
}

// analysed notes what analysing finds of the new book that it does not find of the
// old one.
func analysed(ctx context.Context, s *study, old, changed *rulebook.Book) error {
	ctx, cancel := context.WithTimeout(ctx, analyseTime)
	defer cancel()
	is, err := analysis.Analyse(ctx, run.Of(changed), analysis.Options{})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	} else if err != nil {
		return err
	}
	was, err := analysis.Analyse(ctx, run.Of(old), analysis.Options{})
	if errors.Is(err, context.DeadlineExceeded) {
		was = &analysis.Report{} // then all of them are told
	} else if err != nil {
		return err
	}
	known := map[[4]string]bool{}
	key := func(f analysis.Finding) [4]string { return [4]string{f.Code, f.Question, f.Rule, f.Message.EN} }
	for _, f := range was.Standing() {
		known[key(f)] = true
	}
	var fresh []analysis.Finding
	for _, f := range is.Standing() {
		if !known[key(f)] {
			fresh = append(fresh, f)
		}
	}
	s.change(func(x *Study) { x.Analysed, x.HasAnalysed = fresh, true })
	return nil
}

// impact asks what is on record again, by both books.
func (c *Changes) impact(ctx context.Context, s *study, old, changed *rulebook.Book, report *difference.Report) error {
	bounded, cancel := context.WithTimeout(ctx, impactTime)
	defer cancel()
	last := c.store.Head().Seq
	first := max(1, last-impactMost+1)
	s.change(func(x *Study) { x.OnRecord, x.Unfinished = last, first > 1 })
	replay, err := difference.ReplayAsked(bounded, old, changed, report, c.asked(bounded, first, last, func(n int64) {
		s.change(func(x *Study) { x.Asked = n })
	}))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && bounded.Err() == nil {
		return err
	}
	for _, g := range replay.Groups { // what nobody is shown is not kept
		g.Examples = slices.Clone(g.Examples[:min(len(g.Examples), shownRecords)])
	}
	s.change(func(x *Study) {
		x.Impact, x.Asked = replay, int64(replay.Rows+replay.Refused)
		x.Unfinished = x.Unfinished || err != nil
	})
	return nil
}

// asked are records as they were asked, the latest first, so that what is not
// reached in time is what is the longest ago.
func (c *Changes) asked(ctx context.Context, first, last int64, progress func(int64)) iter.Seq2[difference.Asking, error] {
	const page = 256
	return func(yield func(difference.Asking, error) bool) {
		n := int64(0)
		for to := last; to >= first; to -= page {
			from := max(first, to-page+1)
			entries, err := c.store.Stretch(ctx, from, int(to-from+1))
			if err != nil {
				yield(difference.Asking{}, err)
				return
			}
			for _, e := range slices.Backward(entries) {
				n++
				a, ok := askingOf(e)
				if ok && !yield(a, nil) {
					return
				}
			}
			progress(n)
		}
	}
}

// askingOf is what a record was asked; a record that cannot be read is left to
// whoever verifies.
func askingOf(e *record.Entry) (a difference.Asking, ok bool) {
	body, err := e.Decode()
	if err != nil {
		return a, false
	}
	a = difference.Asking{ID: e.ID(), Question: body.Question, Facts: []byte(body.Facts)}
	if body.AsOf != nil {
		a.AsOf = *body.AsOf
	}
	for key, option := range body.Readings {
		a.Readings = append(a.Readings, [2]string{key, option})
	}
	slices.SortFunc(a.Readings, func(x, y [2]string) int { return slices.Compare(x[:], y[:]) })
	return a, true
}
