// Package whatif asks a question again as if something were different.
package whatif

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
)

// MaxAnswers bounds how many combinations of readings are asked under.
const MaxAnswers = 600

// Choice is an option of a reading.
type Choice struct{ Reading, Option string }

// Outcome is an answer that some combinations of readings lead to.
type Outcome struct {
	Answer *rulebook.Answer // of the first of Under
	Under  [][]Choice       // of the combinations, those with the fewest changes of the rulebook's own; none for the answer as it is
	Count  int              // how many combinations lead to it
}

// Readings is what a question answers under all readings.
type Readings struct {
	Outcomes []Outcome // the first is the answer under the rulebook's own readings
	Tried    int       // combinations
	Complete bool      // there are no others that could lead to something else
	Turning  []string  // readings of which another option alone changes the answer
	Steady   []string  // others that the answer names
	Sampled  []string  // readings with an option that takes an argument, of which one was tried
}

// Holds reports whether the answer is the same under all that was tried.
func (r *Readings) Holds() bool { return len(r.Outcomes) == 1 }

// Flips are the outcomes in which a target comes out otherwise: one of each
// result, with the fewest changes of readings.
func (r *Readings) Flips(t Target) (all []Outcome) {
	was, _ := t.of(r.Outcomes[0].Answer)
	at := map[string]int{}
	for _, o := range r.Outcomes[1:] {
		now, reached := t.reached(was, o.Answer)
		if !reached {
			continue
		}
		i, met := at[now]
		switch {
		case !met:
			at[now] = len(all)
			all = append(all, o)
		case len(all[i].Under[0]) > len(o.Under[0]):
			all[i] = o
		case len(all[i].Under[0]) == len(o.Under[0]):
			all[i].Under = append(slices.Clip(all[i].Under), o.Under...)
		}
	}
	return all
}

// UnderAllReadings asks under every combination of readings that may change the
// answer. An answer names the readings of which another option may; where none
// does, no combination can. So it is enough to go from each answer to those
// under the other options of what it names, until there are no new ones.
//
// Answers are the same where verdict, values and findings are. What is missing
// may be another fact; then, too, it is not known. A deadline of ctx ends it with
// what was tried until then.
func UnderAllReadings(ctx context.Context, book *rulebook.Book, question string, facts any, options ...rulebook.Option) (*Readings, error) {
	b := book.Rulebook()
	out := &Readings{Complete: true}
	at := map[string]int{} // of outcomes, by what they say
	seen := map[string]bool{"": true}
	queue := []map[string]string{{}}
	own := map[string]string{} // what the rulebook chooses, of readings that an answer named
	var first *rulebook.Answer
	for len(queue) > 0 {
		if out.Tried == MaxAnswers || out.Tried > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			out.Complete = false
			break
		}
		under := queue[0]
		queue = queue[1:]
		with := book
		for _, c := range listed(under) {
			var err error
			if with, err = with.With(rulebook.Reading(c.Reading, c.Option)); err != nil {
				return nil, err
			}
		}
		a, err := with.Ask(ctx, question, facts, options...)
		if out.Tried > 0 && errors.Is(err, context.DeadlineExceeded) {
			out.Complete = false
			break
		}
		if err != nil {
			return nil, err
		}
		out.Tried++
		what, err := saying(a)
		if err != nil {
			return nil, err
		}
		i, known := at[what]
		if !known {
			i = len(out.Outcomes)
			at[what] = i
			out.Outcomes = append(out.Outcomes, Outcome{Answer: a})
		}
		o := &out.Outcomes[i]
		o.Count++
		if choices := listed(under); i > 0 && (len(o.Under) == 0 || len(o.Under[0]) == len(choices)) { // the queue has the fewest changes first
			o.Under = append(o.Under, choices)
		}
		if first == nil {
			first = a
		}
		if len(under) == 1 && i > 0 {
			for key := range under {
				if !slices.Contains(out.Turning, key) {
					out.Turning = append(out.Turning, key)
				}
			}
		}
		// Where facts are missing the day may be, and with it what the rulebook itself
		// chooses.
		complete := len(a.MissingFacts) == 0
		for _, used := range a.Readings {
			r, _ := b.Reading(used.Key)
			if _, changed := under[r.Key]; !changed && complete {
				own[r.Key] = used.Option
			}
			others, sampled := OtherOptions(r, used.Option)
			if sampled && !slices.Contains(out.Sampled, r.Key) {
				out.Sampled = append(out.Sampled, r.Key)
			}
			for _, option := range others {
				next := maps.Clone(under)
				next[r.Key] = option
				if own[r.Key] == option && complete {
					delete(next, r.Key)
				}
				if name := named(next); !seen[name] {
					seen[name] = true
					queue = append(queue, next)
				}
			}
		}
	}
	if first == nil {
		return nil, errors.New("nothing was asked")
	}
	for _, used := range first.Readings {
		if !slices.Contains(out.Turning, used.Key) {
			out.Steady = append(out.Steady, used.Key)
		}
	}
	slices.Sort(out.Turning)
	slices.Sort(out.Sampled)
	return out, nil
}

// OtherOptions are the options of a reading beside the one that was used, and
// whether there is one with an argument, of which a single one is among them.
// Of a reading that chooses several, they are those with one more or one less.
func OtherOptions(r *policy.Reading, used string) (others []string, sampled bool) {
	if r.Several {
		chosen := strings.Split(used, ",")
		for i := range r.Options {
			name := r.Options[i].Name
			var set []string
			for j := range r.Options {
				if has := slices.Contains(chosen, r.Options[j].Name); has != (r.Options[j].Name == name) {
					set = append(set, r.Options[j].Name)
				}
			}
			if len(set) > 0 {
				others = append(others, strings.Join(set, ","))
			}
		}
		return others, false
	}
	name, _, _ := strings.Cut(used, ":")
	for i := range r.Options {
		o := &r.Options[i]
		sampled = sampled || o.Parameter != ""
		if o.Name != name {
			others = append(others, o.Sample().String())
		}
	}
	return others, sampled
}

// listed are the choices in the order of their readings.
func listed(under map[string]string) []Choice {
	choices := make([]Choice, 0, len(under))
	for _, key := range slices.Sorted(maps.Keys(under)) {
		choices = append(choices, Choice{key, under[key]})
	}
	return choices
}

func named(under map[string]string) string {
	var name strings.Builder
	for _, c := range listed(under) {
		name.WriteString(c.Reading + "=" + c.Option + "\n")
	}
	return name.String()
}

// saying is what an answer says, as text: all but how it came about.
func saying(a *rulebook.Answer) (string, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(a.AppendJSON(nil, false), &all); err != nil {
		return "", err
	}
	for _, how := range []string{"readings", "rules", "cites", "explanation", "rulebook", "missing_facts"} {
		delete(all, how)
	}
	text, err := json.Marshal(all)
	return string(text), err
}
