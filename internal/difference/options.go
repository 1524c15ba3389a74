package difference

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/reach"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/policy"
)

// Effect is what another option of a reading changes, as far as is known.
type Effect string

// The effects, the greatest first.
const (
	TurnsVerdict  Effect = "verdict"    // there are facts whose verdict becomes another
	TurnsError    Effect = "error"      // there are facts that can be answered under one option alone
	ChangesValues Effect = "values"     // there are facts of which something else is answered
	NoEffectFound Effect = "none_found" // in what was tried, which is no proof
	NoEffect      Effect = "none"       // no question looks at the reading
)

// Effects are all effects, the greatest first.
func Effects() []Effect {
	return []Effect{TurnsVerdict, TurnsError, ChangesValues, NoEffectFound, NoEffect}
}

// Option is another option of a reading than the one that is chosen.
type Option struct {
	Reading   *policy.Reading
	Chosen    string
	Name      string   // as With takes it: with an argument, of which one is tried, where it takes one
	Questions []*Asked // that look at the reading; a witness shows the greatest effect that was found, if it can without other readings
	Replay    *Replay  // of facts on record; nil where none were given
}

// Effect is the greatest effect on a question.
func (o *Option) Effect() Effect {
	if len(o.Questions) == 0 {
		return NoEffect
	}
	effect := NoEffectFound
	for _, q := range o.Questions {
		if q.Witness != nil {
			effect = greater(effect, effectOf(q.Witness))
		}
	}
	return effect
}

func greater(a, b Effect) Effect {
	if slices.Index(Effects(), b) < slices.Index(Effects(), a) {
		return b
	}
	return a
}

// effectOf is what a witness shows.
func effectOf(w *probe.Witness) Effect {
	has := func(part string) bool {
		return slices.ContainsFunc(w.Differences, func(d probe.Difference) bool { return d.Part == part })
	}
	switch {
	case has("error"): // there is no verdict on one side, at least
		return TurnsError
	case has("verdict"):
		return TurnsVerdict
	}
	return ChangesValues
}

// rank orders witnesses, the best first: by the effect that they show, and of two
// that show the same, first the one that needs no other readings than those that
// the rulebook chooses.
func rank(w *probe.Witness) int {
	n := 2 * slices.Index(Effects(), effectOf(w))
	if len(w.Readings) > 0 {
		n++
	}
	return n
}

// Report is what two rulebooks differ in of which one has chosen the option.
func (o *Option) Report(book *rulebook.Book) *Report {
	return &Report{Old: book.Rulebook(), New: book.Rulebook(), Changes: []*Change{{Kind: Reading, Reading: o.Reading.Key}}}
}

// Record is facts on record: a file as ReplayFile takes it.
type Record struct {
	Path     string    // .jsonl, .csv, or a month's directory
	Question string    // that the facts of a file are of; "" of a directory
	How      table.How // how tables say days and moments, where they do not say it themselves
}

// Options tells of each other option of some readings what it would change: in
// the answers to each question, of which tries fact sets are asked under both,
// beginning with those of the cases, and in the answers about facts on record.
func Options(ctx context.Context, book *rulebook.Book, readings []*policy.Reading, files []*casefile.File, tries int, record *Record) ([]*Option, error) {
	b := run.Of(book).Book()
	reached := reach.Of(b, b.Root)
	cases := casesOf(files)
	var all []*Option
	for _, r := range readings {
		chosen, _ := book.Chosen(r.Key, time.Time{})
		others, _ := whatif.OtherOptions(r, chosen)
		for _, name := range others {
			o := &Option{Reading: r, Chosen: chosen, Name: name}
			for _, id := range reached.QuestionsOfReading(r.Key) {
				o.Questions = append(o.Questions, &Asked{ID: id, Sameness: NoneFound})
			}
			all = append(all, o)
		}
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, len(all))
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				errs[i] = all[i].try(ctx, book, cases, tries)
			}
		})
	}
	wait.Wait()
	for i, o := range all {
		if err := cmp.Or(errs[i], ctx.Err()); err != nil {
			return nil, err
		}
		if record == nil {
			continue
		}
		changed, err := book.With(rulebook.Reading(o.Reading.Key, o.Name))
		if err != nil {
			return nil, err
		}
		if o.Replay, err = ReplayFile(ctx, book, changed, o.Report(book), *record); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// try asks the questions that look at the reading under both options.
func (o *Option) try(ctx context.Context, book *rulebook.Book, cases map[string][]*casefile.Case, tries int) error {
	changed, err := book.With(rulebook.Reading(o.Reading.Key, o.Name))
	if err != nil {
		return err
	}
	for n, q := range o.Questions {
		q.Witness, q.Tried = probe.New(book, changed, q.ID, cases[q.ID], uint64(n)).SearchFor(ctx, tries, rank)
		if q.Witness != nil {
			q.Sameness = Differs
		}
	}
	return nil
}
