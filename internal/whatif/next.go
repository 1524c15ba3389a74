package whatif

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/policy"
)

// NextFact is a fact that is missing, and what knowing it would bring.
type NextFact struct {
	Place   factset.Place
	Path    string
	Tried   int      // values
	Decides int      // how many of them decide the question
	Whole   []string // of a record that is not given: the fields that are missed, which are to be given together
	left    int      // how many facts are missing afterwards, of all values together
}

// Next is what to ask for where a question is undetermined.
type Next struct {
	Answer  *rulebook.Answer
	Facts   []NextFact // best first: after which the fewest are missing
	Fewest  []Change   // the fewest facts, with values, that decide it; none where it is not found
	Verdict string     // what they lead to
	All     bool       // false where the search ended early
}

// maxDeep is how many missing facts are given in turn.
const maxDeep = 4

// NextFacts tells which of the missing facts to ask for. Each is tried with all
// its words, yes and no, or with the numbers and moments at which the rules
// turn; what is missing then says how far it leads.
func NextFacts(ctx context.Context, book *rulebook.Book, q *policy.Question, facts factset.Tree, options ...rulebook.Option) (*Next, error) {
	a, err := book.Ask(ctx, q.ID, facts, options...)
	if err != nil {
		return nil, err
	}
	s := &search{ctx: ctx, book: book, q: q, facts: facts, options: options, landmarks: landmarksOf(book, q, facts, a)}
	out := &Next{Answer: a, All: true}
	type way []Change
	ways := []way{nil}
	for deep := 0; deep < maxDeep && len(ways) > 0 && len(out.Fewest) == 0; deep++ {
		var further []way
		for _, w := range ways {
			missing := a.MissingFacts
			if deep > 0 {
				x := s.ask(w...)
				if x == nil {
					continue
				}
				missing = x.MissingFacts
			}
			for _, p := range s.missing(missing, w) {
				next := NextFact{Place: p, Path: p.Path.String()}
				if p.Fact.TypeName == "record" {
					for _, m := range missing {
						if strings.HasPrefix(m.Fact, next.Path+".") && !slices.Contains(next.Whole, m.Fact) {
							next.Whole = append(next.Whole, m.Fact)
						}
					}
				}
				for _, c := range s.values(p) {
					with := append(slices.Clip(w), c)
					x := s.ask(with...)
					if x == nil || x.Error != nil {
						continue
					}
					next.Tried++
					next.left += len(x.MissingFacts)
					if x.Verdict == policy.Undetermined {
						further = append(further, with)
						continue
					}
					next.Decides++
					if len(out.Fewest) == 0 {
						out.Fewest, out.Verdict = with, x.Verdict
					}
				}
				if deep == 0 {
					out.Facts = append(out.Facts, next)
				}
			}
		}
		ways = further
	}
	if s.err != nil && !s.early() {
		return nil, s.err
	}
	out.All = s.err == nil
	slices.SortStableFunc(out.Facts, func(x, y NextFact) int {
		if x.Tried == 0 || y.Tried == 0 {
			return cmp.Compare(y.Tried, x.Tried)
		}
		return cmp.Or(cmp.Compare(x.left*y.Tried, y.left*x.Tried), cmp.Compare(y.Decides*x.Tried, x.Decides*y.Tried))
	})
	return out, nil
}

// missing are the places of missing facts, each once. Of a record that is not
// given, it is the record: were one field of it given, the others would count as
// known not to be.
func (s *search) missing(all []policy.MissingFact, given []Change) []factset.Place {
	facts := s.facts
	for _, c := range given {
		facts = c.in(facts)
	}
	var places []factset.Place
	for _, p := range factset.Places(s.q, facts) {
		for _, at := range append([]factset.Place{p}, p.Fields()...) {
			if slices.ContainsFunc(all, func(m policy.MissingFact) bool { return m.Fact == at.Path.String() }) {
				places = append(places, p)
				break
			}
		}
	}
	return places
}

// values are changes that give a place a value: of words and flags all.
func (s *search) values(p factset.Place) []Change {
	var all []Change
	for _, c := range s.others(p) {
		if !c.Gone && c.To != nil {
			all = append(all, c)
		}
	}
	if l, ok := s.landmarks.line(p); ok {
		for _, d := range append([]int64{0}, append(l.marks(1, maxOfPlace/2), negative(l.marks(-1, maxOfPlace/2))...)...) {
			if v, ok := l.at(d); ok {
				all = append(all, Change{Place: p, To: v})
			}
		}
	}
	if p.Fact.TypeName == "name" {
		if v, ok := s.landmarks.some(p.Fact); ok {
			all = append(all, Change{Place: p, To: v})
		}
	}
	if p.Fact.Event { // it may not have happened
		all = append(all, Change{Place: p, To: nil})
	}
	return all
}

func negative(all []int64) []int64 {
	for i := range all {
		all[i] = -all[i]
	}
	return all
}
