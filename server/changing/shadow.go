package changing

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/people"
	"github.com/servicerules/rulebook/server/record"
)

// Shadow is the time in which the text of a change runs beside the rules in force.
// Whatever is put on record then is decided by it, too, and compared; nothing else
// comes of that. It is found out from the record whenever somebody looks, so that no
// answer waits for it and nothing has to be kept of it.
type Shadow struct {
	Began time.Time
	By    people.Who
	Ended time.Time // zero while it runs
	step  int64     // that began it

	after, last int64 // places of the records between which it ran: behind the one, up to the other
}

// Runs reports whether it has not ended.
func (s *Shadow) Runs() bool { return s != nil && s.Ended.IsZero() }

// end is a shadow after a step that ends it, if it runs.
func (s *Shadow) end(by *record.ChangeStep) *Shadow {
	if !s.Runs() {
		return s
	}
	ended := *s
	ended.Ended, ended.last = by.At, by.Records
	return &ended
}

// Beside is what the text of a change makes of what was put on record while it was in
// shadow.
type Beside struct {
	Compared  int              // records that both could be asked about
	Differing int              // of them, that it answers otherwise
	Refused   int              // records that neither takes today
	Behind    int64            // records that were not compared yet: the next look goes on
	Questions []BesideQuestion // in the order of their ids
	Latest    []*Differing     // records that are answered otherwise, the latest first, at most listedBeside
}

// BesideQuestion counts the records of a question.
type BesideQuestion struct {
	ID                            string
	Compared, Differing, Verdicts int // Verdicts: of those that differ, that have another verdict or none
}

// Differing is a record that is answered otherwise.
type Differing struct {
	ID, Question string
	Recorded     time.Time
	Differences  []probe.Difference
	old, changed *policy.Rulebook
}

// Text tells how, in a language; without personal, the outcome alone.
func (d *Differing) Text(lang string, personal bool) string {
	all := d.Differences
	if !personal {
		if all = difference.Outcomes(all); len(all) == 0 {
			return diagnostic.Text{ZH: "结论相同，其他取值不同", EN: "the same verdict, other values differ"}.In(lang)
		}
	}
	return difference.DifferencesOf(d.old, d.changed, d.Question, all, lang)
}

// Bounds of what is found out of a shadow.
const (
	mostShadows  = 4   // that run at once
	keptShadows  = 8   // whose counts are in memory, so that the next look goes on with them
	listedBeside = 500 // records
	besideChunk  = 200 // records that are read at once
	besideTime   = 2 * time.Second
)

// shadows are those that somebody looked at last.
type shadows struct {
	mu  sync.Mutex
	all []*shadow // the latest first
}

// shadow is what was found out of a change in shadow so far.
type shadow struct {
	change, step int64

	turn      chan struct{} // full while somebody compares, which takes up to seconds
	text      *rulebook.Book
	pairs     map[record.Hash]*difference.Pair // by the rules that decided; nil of rules that this program refuses
	books     map[record.Hash]*policy.Rulebook
	steps     int64 // step about a record up to which it is known what was erased
	next      int64 // place of the record that comes next
	looked    time.Time
	questions map[string]*BesideQuestion
	seen      Beside
}

// anew forgets what was found out.
func (s *shadow) anew(x *Change) {
	s.next, s.looked, s.questions, s.seen = x.Shadow.after+1, time.Time{}, map[string]*BesideQuestion{}, Beside{}
}

// Beside compares what was put on record while a change was in shadow, from where it
// was the last time on, for two seconds at most. It is nil where the change was not in
// shadow as it stands.
func (c *Changes) Beside(ctx context.Context, x *Change) (*Beside, error) {
	if x.Shadow == nil {
		return nil, nil
	}
	s, came := c.shadowOf(x), time.Now()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// What was erased is told no more, nor counted.
	erased, steps, err := c.store.ErasedBehind(ctx, s.steps)
	if err != nil {
		return nil, err
	}
	if s.text == nil || len(erased) > 0 {
		s.anew(x)
	}
	s.steps = steps
	if s.looked.Before(came) { // else another look went on while this one waited for it
		if err := c.compare(ctx, s, x); err != nil {
			return nil, err
		}
		s.looked = time.Now()
	}
	out := s.seen
	out.Latest = slices.Clone(out.Latest)
	for _, q := range s.questions {
		out.Questions = append(out.Questions, *q)
	}
	slices.SortFunc(out.Questions, func(a, b BesideQuestion) int { return strings.Compare(a.ID, b.ID) })
	return &out, nil
}

func (c *Changes) shadowOf(x *Change) *shadow {
	all := &c.shadows
	all.mu.Lock()
	defer all.mu.Unlock()
	i := slices.IndexFunc(all.all, func(s *shadow) bool { return s.change == x.Number && s.step == x.Shadow.step })
	s := &shadow{change: x.Number, step: x.Shadow.step, turn: make(chan struct{}, 1), pairs: map[record.Hash]*difference.Pair{}, books: map[record.Hash]*policy.Rulebook{}}
	if i >= 0 {
		s = all.all[i]
		all.all = slices.Delete(all.all, i, i+1)
	}
	all.all = append([]*shadow{s}, all.all[:min(len(all.all), keptShadows-1)]...)
	return s
}

// compare reads on for a while.
func (c *Changes) compare(ctx context.Context, s *shadow, x *Change) (err error) {
	if s.text == nil {
		if s.text, err = c.Book(ctx, x.Text); err != nil {
			return err
		}
	}
	last := c.store.Head().Seq
	if !x.Shadow.Runs() {
		last = x.Shadow.last
	}
	for began := time.Now(); s.next <= last && time.Since(began) < besideTime; {
		entries, err := c.store.Stretch(ctx, s.next, int(min(besideChunk, last-s.next+1)))
		if err != nil {
			return err
		}
		if len(entries) == 0 { // they are missing, which is for whoever verifies
			s.next = last + 1
		}
		for _, e := range entries {
			if err := c.compareOne(ctx, s, e); err != nil {
				return err
			}
			s.next = e.Seq + 1
		}
	}
	s.seen.Behind = max(0, last-s.next+1)
	return nil
}

// compareOne asks both about one record.
func (c *Changes) compareOne(ctx context.Context, s *shadow, e *record.Entry) error {
	a, ok := askingOf(e)
	if !ok {
		return nil // erased, or for whoever verifies
	}
	body, err := e.Decode()
	if err != nil {
		return err
	}
	sum, err := record.ParseHash(body.Rulebook)
	if err != nil {
		return err
	}
	pair, known := s.pairs[sum]
	if !known {
		// Rules that this program refuses, or whose text is damaged, are for whoever verifies.
		if book, err := c.store.Book(ctx, sum); err == nil {
			pair, s.books[sum] = difference.PairOf(book, s.text), book.Rulebook()
		} else if ctx.Err() != nil {
			return ctx.Err()
		}
		s.pairs[sum] = pair
	}
	if pair == nil {
		s.seen.Refused++
		return nil
	}
	found, asked := pair.Ask(ctx, a)
	if err := ctx.Err(); err != nil {
		return err
	}
	if !asked {
		s.seen.Refused++
		return nil
	}
	q := s.questions[a.Question]
	if q == nil {
		q = &BesideQuestion{ID: a.Question}
		s.questions[a.Question] = q
	}
	q.Compared++
	s.seen.Compared++
	if len(found) == 0 {
		return nil
	}
	q.Differing++
	s.seen.Differing++
	if len(difference.Outcomes(found)) > 0 {
		q.Verdicts++
	}
	d := &Differing{ID: a.ID, Question: a.Question, Recorded: e.RecordedAt, Differences: found, old: s.books[sum], changed: s.text.Rulebook()}
	s.seen.Latest = append([]*Differing{d}, s.seen.Latest[:min(len(s.seen.Latest), listedBeside-1)]...)
	return nil
}

// roomForShadow refuses to put another change in shadow while as many are as may be.
func (c *Changes) roomForShadow(ctx context.Context) error {
	all, err := c.All(ctx)
	if err != nil {
		return err
	}
	running := 0
	for _, x := range all {
		if x.Shadow.Runs() {
			running++
		}
	}
	if running < mostShadows {
		return nil
	}
	return &RefusedError{
		Code: CodeShadows, Message: diagnostic.Textf("已有 %d 份改动在影子运行", "%d changes are in shadow already", running),
		Remedy: diagnostic.Text{ZH: "先结束其中一份的影子运行", EN: "end one of them first"},
	}
}

// loads refuses to put a change in shadow whose text check finds fault with.
func (c *Changes) loads(ctx context.Context, now *Change) error {
	text, err := c.Text(ctx, now.Text)
	if err != nil {
		return err
	}
	trial, err := c.try(ctx, text)
	if err != nil {
		return err
	}
	if !trial.Findings.Failed() {
		return nil
	}
	e := unfit(trial)
	e.Remedy = diagnostic.Text{ZH: "改正以后再开始；规则编辑页逐处列出", EN: "mend it, and begin then; the page of the change lists every place"}
	return e
}
