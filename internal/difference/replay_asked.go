package difference

import (
	"context"
	"iter"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// Asking is a question that was asked once, as ReplayAsked asks it again.
type Asking struct {
	ID, Question string
	Facts        any         // as Ask takes them
	AsOf         time.Time   // zero leaves the moment to the facts
	Readings     [][2]string // key and option of those that were chosen
}

// ReplayAsked asks both books again what was asked once, each question as of its
// moment and under the readings that were chosen then. Where the context ends, or
// the sequence has an error, what was counted so far comes with that error.
func ReplayAsked(ctx context.Context, old, changed *rulebook.Book, report *Report, all iter.Seq2[Asking, error]) (*Replay, error) {
	t := newTally(report)
	before, after := variantsOf(old), variantsOf(changed)
	const together = 256
	var waiting []Asking
	flush := func() {
		olds, news := make([]*row, len(waiting)), make([]*row, len(waiting))
		var wait sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for w := range workers {
			wait.Go(func() {
				for i := w; i < len(waiting) && ctx.Err() == nil; i += workers {
					olds[i], news[i] = before.ask(ctx, waiting[i]), after.ask(ctx, waiting[i])
				}
			})
		}
		wait.Wait()
		for i := range olds {
			if olds[i] != nil && news[i] != nil && ctx.Err() == nil {
				t.add(olds[i], news[i])
			}
		}
		waiting = waiting[:0]
	}
	var failed error
	for a, err := range all {
		if failed = err; err != nil {
			break
		}
		if waiting = append(waiting, a); len(waiting) == together {
			flush()
		}
		if failed = ctx.Err(); failed != nil {
			break
		}
	}
	flush()
	if failed == nil {
		failed = ctx.Err()
	}
	return t.finish(), failed
}

// variants are a book under the readings that were chosen, each made once.
type variants struct {
	mu    sync.Mutex
	book  *rulebook.Book
	under map[string]*rulebook.Book
	wrong map[string]error
}

func variantsOf(book *rulebook.Book) *variants {
	return &variants{book: book, under: map[string]*rulebook.Book{}, wrong: map[string]error{}}
}

func (v *variants) with(readings [][2]string) (*rulebook.Book, error) {
	if len(readings) == 0 {
		return v.book, nil
	}
	var key strings.Builder
	var options []rulebook.Option
	for _, r := range readings {
		key.WriteString(r[0] + "=" + r[1] + "\n")
		options = append(options, rulebook.Reading(r[0], r[1]))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.wrong[key.String()]; err != nil {
		return nil, err
	}
	book := v.under[key.String()]
	if book == nil {
		var err error
		if book, err = v.book.With(options...); err != nil {
			v.wrong[key.String()] = err
			return nil, err
		}
		v.under[key.String()] = book
	}
	return book, nil
}

func (v *variants) ask(ctx context.Context, a Asking) *row {
	book, err := v.with(a.Readings)
	var answer *policy.Answer
	if err == nil {
		var options []rulebook.Option
		if !a.AsOf.IsZero() {
			options = append(options, rulebook.AsOf(a.AsOf))
		}
		answer, err = book.Ask(ctx, a.Question, a.Facts, options...)
	}
	return rowOf(a.ID, a.Question, answer, err)
}

// ReplayInWords puts a replay into words, without examples; the first group that
// it gives is about all.
func ReplayInWords(r *Report, replay *Replay, lang string) []ViewGroup {
	return replayOf(r, replay, lang, 0, policy.Text{ZH: "另有 %d 条", EN: "and %d more"})
}
