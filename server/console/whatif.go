package console

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/live"
)

// readingSwitch is a reading that an answer rests on, with what its other
// options would change.
type readingSwitch struct {
	Key     string
	Asks    string
	Article articleRef
	Options []switchOption
	Moves   bool // another option changes something
	Other   bool // chosen otherwise than in the rulebook
	Open    bool // not decided by the organisation
}

// switchOption is an option of a reading.
type switchOption struct {
	Name    string // as it is written: "ge3", "business_close:18:00"
	Label   string
	On      bool
	Book    bool // the rulebook's own choice
	Changes []change
}

// change is one thing that comes out otherwise.
type change struct{ What, From, To string }

// switches tries every other option of the readings behind an answer. What
// wants a parameter that the rulebook does not give is left out: there is no
// one number to try.
func (v *viewer) switches(ctx context.Context, books *books, rules *live.Loaded, x asking, a *rulebook.Answer) ([]readingSwitch, error) {
	var all []readingSwitch
	readings := slices.Clone(a.Readings)
	for _, s := range x.settings { // what was switched can be switched back, also where it left nothing to rest on it
		if !slices.ContainsFunc(readings, func(r policy.UsedReading) bool { return r.Key == s.Key }) {
			readings = append(readings, policy.UsedReading(s))
		}
	}
	for _, used := range readings {
		r, ok := v.book.Reading(used.Key)
		if !ok {
			continue
		}
		s := readingSwitch{
			Key: r.Key, Asks: r.Asks.In(v.lang), Article: v.article(r.Article), Open: r.DecidedBy == "",
			Other: slices.ContainsFunc(x.settings, func(s live.Setting) bool { return s.Key == r.Key }),
		}
		own := used.Option
		if s.Other {
			own = v.chosen(rules, r.Key, a)
		}
		for _, name := range alternatives(r, used.Option, own) {
			o := switchOption{Name: name, Label: v.words().Option(r.Key, name), On: name == used.Option, Book: name == own}
			if !o.On {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				book, err := books.with(rules, settle(x.settings, r.Key, name))
				if err != nil {
					return nil, err
				}
				other, err := book.Ask(ctx, x.question.ID, x.facts, x.options()...)
				if err != nil {
					return nil, err
				}
				if o.Changes, err = v.changes(x.question, a, other); err != nil {
					return nil, err
				}
			}
			s.Moves = s.Moves || len(o.Changes) > 0
			s.Options = append(s.Options, o)
		}
		if len(s.Options) > 1 {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b readingSwitch) int { return rank(b) - rank(a) })
	return all, nil
}

// rank puts first what was switched, then what would change something.
func rank(s readingSwitch) int {
	switch {
	case s.Other:
		return 2
	case s.Moves:
		return 1
	}
	return 0
}

// chosen is the rulebook's own option of a reading on the day that the answer
// is from.
func (v *viewer) chosen(rules *live.Loaded, key string, a *rulebook.Answer) string {
	day, err := timeOfDay(a.Rulebook.Edition, v.book.Zone)
	if err != nil {
		day = time.Time{} // an answer without an edition: as it is chosen now
	}
	option, _ := rules.Book.Chosen(key, day) // the key is the rulebook's
	return option
}

// alternatives are the options to offer: those without a parameter, and the
// ones that are chosen as they are.
func alternatives(r *policy.Reading, used, own string) []string {
	if r.Several {
		return sets(r, used, own)
	}
	var names []string
	for _, o := range r.Options {
		if o.Parameter == "" {
			names = append(names, o.Name)
			continue
		}
		for _, chosen := range []string{used, own} {
			if name, _, _ := strings.Cut(chosen, ":"); name == o.Name && !slices.Contains(names, chosen) {
				names = append(names, chosen)
			}
		}
	}
	return names
}

// sets are the choices that differ from the one in use by one option.
func sets(r *policy.Reading, used, own string) []string {
	names := []string{used}
	if own != used {
		names = append(names, own)
	}
	c, err := r.ParseChoice(used)
	if err != nil {
		return names
	}
	for _, o := range r.Options {
		if o.Parameter != "" {
			continue
		}
		var set []string
		for _, x := range r.Options {
			if wording.Chosen(c, x.Name) != (x.Name == o.Name) {
				set = append(set, x.Name)
			}
		}
		if name := strings.Join(set, ","); len(set) > 0 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// settle is the settings with one reading chosen.
func settle(settings []live.Setting, key, option string) []live.Setting {
	out := slices.DeleteFunc(slices.Clone(settings), func(s live.Setting) bool { return s.Key == key })
	out = append(out, live.Setting{Key: key, Option: option})
	slices.SortFunc(out, func(a, b live.Setting) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// changes is what differs between two answers to the same question, in words.
func (v *viewer) changes(q *policy.Question, a, b *rulebook.Answer) ([]change, error) {
	var all []change
	note := func(what, from, to string) {
		if from != to {
			all = append(all, change{what, orDash(from), orDash(to)})
		}
	}
	if a.Error != nil || b.Error != nil {
		note(v.pick("结论", "verdict"), v.outcome(q, a), v.outcome(q, b))
		return all, nil
	}
	w := v.words()
	note(v.pick("结论", "verdict"), v.outcome(q, a), v.outcome(q, b))
	before, after := w.Rows(q, a), w.Rows(q, b)
	texts := func(rows []wording.Row) map[string]string {
		m := map[string]string{}
		for _, r := range rows {
			if !r.None {
				m[r.Path] = r.Text
			}
		}
		return m
	}
	was, is := texts(before), texts(after)
	seen := map[string]bool{}
	for _, r := range append(before, after...) {
		if seen[r.Path] || was[r.Path] == v.outcome(q, a) && is[r.Path] == v.outcome(q, b) {
			continue // only says the verdict again
		}
		seen[r.Path] = true
		note(r.Label, was[r.Path], is[r.Path])
	}
	note(v.pick("违反", "breaches"), v.breachesOf(a), v.breachesOf(b))
	note(v.pick("缺少的事实", "missing facts"), v.missingOf(q, a), v.missingOf(q, b))
	note(v.pick("须由人决定", "for a person to decide"), v.decisionsOf(a), v.decisionsOf(b))
	return all, nil
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func (v *viewer) outcome(q *policy.Question, a *rulebook.Answer) string {
	if a.Error != nil {
		return a.Failure().Message.In(v.lang)
	}
	return v.words().Verdict(q, a.Verdict)
}

func (v *viewer) breachesOf(a *rulebook.Answer) string {
	var all []string
	for _, b := range a.Breaches {
		all = append(all, b.Label.In(v.lang))
	}
	return strings.Join(all, v.pick("、", ", "))
}

func (v *viewer) missingOf(q *policy.Question, a *rulebook.Answer) string {
	var all []string
	for _, m := range a.MissingFacts {
		if label := v.factLabel(q, m.Fact); !slices.Contains(all, label) {
			all = append(all, label)
		}
	}
	return strings.Join(all, v.pick("、", ", "))
}

func (v *viewer) decisionsOf(a *rulebook.Answer) string {
	var all []string
	for _, d := range a.Decisions {
		all = append(all, d.Label.In(v.lang))
	}
	return strings.Join(all, v.pick("、", ", "))
}
