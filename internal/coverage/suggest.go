package coverage

import (
	"context"
	"slices"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// Suggestion is facts that come to something that no case comes to. What is
// right for them, a person has yet to say.
type Suggestion struct {
	Question string
	Trial    probe.Trial
	Answer   *policy.Answer // as the rules are
	Covers   []*Item
}

// Suggest looks for facts that come to what no case comes to, trying up to so
// many fact sets for each question. What it does not find may still exist.
func Suggest(ctx context.Context, book *rulebook.Book, files []*casefile.File, tries int) ([]*Suggestion, error) {
	m := newMeter(run.Of(book).Book())
	cases := map[string][]*casefile.Case{}
	for _, f := range files {
		if len(f.Changes) > 0 {
			continue
		}
		for _, c := range f.Cases {
			m.ask(ctx, run.Of(book), c.Question, c.Facts, c, c.Name)
			cases[c.Question] = append(cases[c.Question], c)
		}
	}
	var all []*Suggestion
	for n, q := range book.Rulebook().QuestionIDs() {
		probe.New(book, book, q, cases[q], uint64(n)).Wander(ctx, tries, func(t probe.Trial) (worth bool) {
			before := m.fresh
			a := m.ask(ctx, run.Of(book), q, t.Facts, &casefile.Case{AsOf: t.AsOf, Readings: t.Readings}, suggested)
			if m.fresh == before || a == nil || a.Error != nil {
				return m.fresh > before
			}
			s := &Suggestion{Question: q, Trial: t, Answer: a}
			for _, i := range m.items() {
				if i.By == suggested {
					s.Covers = append(s.Covers, i)
					i.By = suggested + q
				}
			}
			if len(s.Covers) > 0 {
				all = append(all, s)
			}
			return true
		})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return slices.Clip(all), nil
}

// suggested stands for the name of a case that does not exist yet.
const suggested = "\x00"
