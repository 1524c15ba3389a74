package mutate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/internal/run"
)

// Fate is what became of a change.
type Fate string

// What may become of a change.
const (
	Refused  Fate = "refused"         // the changed file does not load
	Killed   Fate = "killed"          // a case fails
	Survived Fate = "survived"        // no case fails, though answers differ
	Same     Fate = "no_difference"   // no case fails, and no difference was found in the facts that were tried
	Untried  Fate = "not_asked_about" // no case fails, and no facts could be tried
)

// Result is one change and what became of it.
type Result struct {
	*Mutant
	Fate    Fate
	By      string         // the case that fails, or the code of the finding that refuses it
	Tried   int            // how many fact sets were tried on a change that no case notices
	Witness *probe.Witness // facts that it answers differently; of Survived
}

// Options say what is run.
type Options struct {
	Kinds   []Kind // none is all
	Workers int    // at once; 0 is one a processor
	Tries   int    // fact sets for each change that no case notices; below 0 none

	Questions []string // only changes that may touch one of them; none is all
}

// wants reports whether a change is to be made.
func (o *Options) wants(m *Mutant) bool {
	if len(o.Kinds) > 0 && !slices.Contains(o.Kinds, m.Kind) {
		return false
	}
	return len(o.Questions) == 0 || slices.ContainsFunc(o.Questions, func(q string) bool { return slices.Contains(m.questions, q) })
}

// DefaultTries is how many fact sets are tried for a change that no case
// notices, where nothing is said.
const DefaultTries = 1500

// CasesFailError says that cases fail on the file as it is, so that their
// failing on a changed one means nothing.
type CasesFailError struct{ Names []string }

func (e *CasesFailError) Error() string {
	return fmt.Sprintf("%s on the rules as they are, the first is %q", diagnostic.Counted(len(e.Names), "case fails", "cases fail"), e.Names[0])
}

// Run makes each change and runs the cases that it may touch. The results are
// in the order of the file, whatever finishes first. The error is the
// context's, or a *CasesFailError.
func Run(ctx context.Context, book *rulebook.Book, files []*casefile.File, o Options) ([]*Result, error) {
	r := &runner{name: book.Rulebook().Name(), data: book.Rulebook().Source(), book: book, files: files, tries: o.Tries, cases: map[string][]placed{}}
	if r.tries == 0 {
		r.tries = DefaultTries
	}
	if err := r.gather(ctx); err != nil {
		return nil, err
	}
	var results []*Result
	for _, m := range Mutants(run.Of(book).Book()) {
		if o.wants(m) {
			results = append(results, &Result{Mutant: m})
		}
	}
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(workers, len(results)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(results) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				r.decide(ctx, results[i])
			}
		})
	}
	wait.Wait()
	return results, ctx.Err()
}

// runner runs cases against changed files.
type runner struct {
	name  string
	data  []byte
	book  *rulebook.Book
	files []*casefile.File
	cases map[string][]placed // by question
	tries int
}

// placed is a case and the file that it is of.
type placed struct {
	*casefile.Case
	file *casefile.File
}

// gather runs all cases on the file as it is.
func (r *runner) gather(ctx context.Context) error {
	var failing []string
	for _, f := range r.files {
		book, err := casefile.Book(r.book, f)
		for _, c := range f.Cases {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err != nil || !casefile.Run(ctx, book, c).Passed() {
				failing = append(failing, c.Name)
				continue
			}
			r.cases[c.Question] = append(r.cases[c.Question], placed{c, f})
		}
	}
	if len(failing) > 0 {
		return &CasesFailError{failing}
	}
	for _, list := range r.cases { // those that need a book of their own come last
		slices.SortStableFunc(list, func(a, b placed) int { return min(len(a.file.Changes), 1) - min(len(b.file.Changes), 1) })
	}
	return nil
}

// decide finds out what becomes of a change.
func (r *runner) decide(ctx context.Context, to *Result) {
	changed, err := rulebook.Parse(r.name, to.Apply(r.data))
	if err != nil {
		to.Fate, to.By = Refused, firstCode(err)
		return
	}
	to.By = r.killer(ctx, changed, to.questions)
	if to.By != "" {
		to.Fate = Killed
		return
	}
	to.Fate = Untried
	if r.tries < 0 || len(to.questions) == 0 {
		return
	}
	to.Fate = Same
	share := max(r.tries/len(to.questions), 1)
	for i, q := range to.questions {
		p := probe.New(r.book, changed, q, r.seeds(q), uint64(i))
		witness, tried := p.Search(ctx, share)
		to.Tried += tried
		if witness != nil {
			to.Fate, to.Witness = Survived, witness
			return
		}
	}
}

// killer is the name of the first case that fails on a changed book, "" for none.
func (r *runner) killer(ctx context.Context, changed *rulebook.Book, questions []string) string {
	books := map[*casefile.File]*rulebook.Book{}
	for _, q := range questions {
		for _, c := range r.cases[q] {
			book := changed
			if len(c.file.Changes) > 0 {
				if book = books[c.file]; book == nil {
					var err error
					if book, err = casefile.Book(changed, c.file); err != nil {
						return c.Name
					}
					books[c.file] = book
				}
			}
			if !casefile.Run(ctx, book, c.Case).Passed() {
				if ctx.Err() != nil {
					return ""
				}
				return c.Name
			}
		}
	}
	return ""
}

func (r *runner) seeds(question string) []*casefile.Case {
	var all []*casefile.Case
	for _, c := range r.cases[question] {
		all = append(all, c.Case)
	}
	return all
}

func firstCode(err error) string {
	var list diagnostic.List
	if errors.As(err, &list) && len(list) > 0 {
		return list[0].Code
	}
	return "unreadable"
}

// Count is how many changes there were of a kind, by their fate.
type Count struct {
	Kind                           Kind
	All, Refused, Killed, Survived int
	Same                           int // no difference was found, or none was looked for
}

// Counts count the results by kind, in the order of Kinds.
func Counts(results []*Result) []Count {
	var all []Count
	for _, k := range Kinds() {
		c := Count{Kind: k}
		for _, r := range results {
			if r.Kind != k {
				continue
			}
			c.All++
			switch r.Fate {
			case Refused:
				c.Refused++
			case Killed:
				c.Killed++
			case Survived:
				c.Survived++
			default:
				c.Same++
			}
		}
		if c.All > 0 {
			all = append(all, c)
		}
	}
	return all
}

// Score is the share of killed changes among those that cases could notice, in
// tenths of a per cent, rounded down; a thousand where there are none.
func (c Count) Score() int {
	const thousand = 1000
	if c.Killed+c.Survived == 0 {
		return thousand
	}
	return c.Killed * thousand / (c.Killed + c.Survived)
}
