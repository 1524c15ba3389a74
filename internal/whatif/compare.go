package whatif

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/probe"
	"github.com/servicerules/rulebook/policy"
)

// Side is one of two answers to a question that are compared: what it is asked
// of, and with what.
type Side struct {
	Book     *rulebook.Book
	Facts    factset.Tree
	Readings map[string]string // options chosen for this answer, by the key of the reading
	Options  []rulebook.Option // others, such as the moment of asking
}

// Cause is something in which two sides differ. One of its parts is given.
type Cause struct {
	Fact     string // its path, with what each side says; nil is null or not given
	A, B     any
	NotA     bool   // the first does not give it
	NotB     bool   // the second does not
	Reading  string // its key; A and B are the options, "" for the rulebook's own
	Rulebook bool   // the rules themselves
}

// Comparison is in what two answers differ, and why.
type Comparison struct {
	A, B        *rulebook.Answer
	Differences []probe.Difference // of the answers
	Causes      []Cause            // all that the sides differ in
	Alone       []Cause            // each of which alone makes the first answer the second
	Together    []Cause            // where none alone does: that do together, none of which can be left out
	ByVerdict   bool               // what is explained is the verdict; else, where that is the same, all of the answer
}

// Compare asks both, and finds which differences between the sides make their
// answers differ: those that, put into the first, lead to what the second says.
func Compare(ctx context.Context, question string, a, b Side) (*Comparison, error) {
	q, ok := a.Book.Rulebook().Question(question)
	if !ok {
		return nil, fmt.Errorf("there is no question %q", question)
	}
	out := &Comparison{}
	var err error
	if out.A, err = a.ask(ctx, question); err != nil {
		return nil, &SideError{"A", err}
	}
	if out.B, err = b.ask(ctx, question); err != nil {
		return nil, &SideError{"B", err}
	}
	target := probe.PartsOf(out.B, nil)
	out.Differences = probe.Compare(probe.PartsOf(out.A, nil), target)
	out.ByVerdict = out.A.Verdict != out.B.Verdict
	out.Causes = causes(q, a, b, out.A.Rulebook.SHA256 != out.B.Rulebook.SHA256)
	if len(out.Differences) == 0 {
		return out, nil
	}
	reached := func(set []Cause) bool {
		x, err := a.with(b, set).ask(ctx, question)
		if err != nil {
			return false
		}
		if out.ByVerdict {
			return x.Verdict == out.B.Verdict && (x.Error == nil) == (out.B.Error == nil)
		}
		return len(probe.Compare(probe.PartsOf(x, nil), target)) == 0
	}
	for _, c := range out.Causes {
		if reached([]Cause{c}) {
			out.Alone = append(out.Alone, c)
		}
	}
	if len(out.Alone) == 0 && reached(out.Causes) {
		out.Together = slices.Clone(out.Causes)
		for i := 0; i < len(out.Together); {
			if fewer := slices.Concat(out.Together[:i], out.Together[i+1:]); reached(fewer) {
				out.Together = fewer
			} else {
				i++
			}
		}
	}
	return out, ctx.Err()
}

// SideError says which of two sides was refused.
type SideError struct {
	Side string // A or B
	Err  error
}

// Error is the refusal with its side.
func (e *SideError) Error() string { return e.Side + ": " + e.Err.Error() }

// Unwrap is the refusal.
func (e *SideError) Unwrap() error { return e.Err }

func (s Side) ask(ctx context.Context, question string) (*rulebook.Answer, error) {
	options := slices.Clone(s.Options)
	for _, key := range slices.Sorted(maps.Keys(s.Readings)) {
		options = append(options, rulebook.Reading(key, s.Readings[key]))
	}
	return s.Book.Ask(ctx, question, s.Facts, options...)
}

// with is a side that has those differences as another one has them.
func (s Side) with(b Side, set []Cause) Side {
	s.Readings = maps.Clone(s.Readings)
	if s.Readings == nil {
		s.Readings = map[string]string{}
	}
	for _, c := range set {
		switch {
		case c.Rulebook:
			s.Book = b.Book
		case c.Reading != "":
			if option, ok := b.Readings[c.Reading]; ok {
				s.Readings[c.Reading] = option
			} else {
				delete(s.Readings, c.Reading)
			}
		default:
			path := factset.ParsePath(c.Fact)
			if v, given := factset.At(b.Facts, path); given {
				s.Facts = factset.With(s.Facts, path, factset.CloneValue(v))
			} else {
				s.Facts = factset.Without(s.Facts, path)
			}
		}
	}
	return s
}

// causes are all that two sides differ in.
func causes(q *policy.Question, a, b Side, rules bool) []Cause {
	var all []Cause
	if rules {
		all = append(all, Cause{Rulebook: true})
	}
	keys := maps.Clone(a.Readings)
	if keys == nil {
		keys = map[string]string{}
	}
	maps.Copy(keys, b.Readings)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if a.Readings[key] != b.Readings[key] {
			all = append(all, Cause{Reading: key, A: a.Readings[key], B: b.Readings[key]})
		}
	}
	names := make([]string, 0, len(q.Facts)+1)
	for _, f := range q.Facts {
		names = append(names, f.Name)
	}
	return differing(all, nil, a.Facts, b.Facts, append(names, "as_of"))
}

// differing are the places in which two values differ: fields of records, and
// items of lists that are as long; in the order of the names, then of the
// alphabet.
func differing(all []Cause, at factset.Path, a, b any, first []string) []Cause {
	switch x := a.(type) {
	case factset.Tree:
		y, ok := b.(factset.Tree)
		if !ok {
			break
		}
		rest := map[string]bool{}
		for name := range x {
			rest[name] = true
		}
		for name := range y {
			rest[name] = true
		}
		for _, name := range append(slices.Clone(first), slices.Sorted(maps.Keys(rest))...) {
			if !rest[name] {
				continue
			}
			delete(rest, name)
			v, given := x[name]
			w, also := y[name]
			path := append(slices.Clip(at), name)
			if given && also {
				all = differing(all, path, v, w, nil)
			} else {
				all = append(all, Cause{Fact: path.String(), A: v, B: w, NotA: !given, NotB: !also})
			}
		}
		return all
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			break
		}
		for i := range x {
			all = differing(all, append(slices.Clip(at), i), x[i], y[i], nil)
		}
		return all
	}
	if !reflect.DeepEqual(a, b) {
		all = append(all, Cause{Fact: at.String(), A: a, B: b})
	}
	return all
}
