package plan

import (
	"maps"
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// A demand is choices that must be tried together.
type Demand = map[string]policy.Choice

// maxPairs bounds the pairs of options that are tried for one unit. Above it
// each option is still tried.
const maxPairs = 4_000

// Combinations are sets of choices under which the nodes are to be tried, so
// that each value that is written is taken at least once, and any two options
// of different readings meet. There are about as many as the largest product
// of the options of two readings, not of all. Finding them is work, too: where
// it may not be spent, there are none.
func Combinations(b *checked.Book, nodes []*source.Node, on date.Date, spend func(units int) bool) []Demand {
	w := &choiceWalk{book: b, on: on, named: map[string][]string{}}
	for _, n := range nodes {
		w.walk(n, nil)
	}
	if !spend(len(w.demands) * checked.WorkOfDemand) {
		return nil
	}
	slices.SortStableFunc(w.demands, func(a, b Demand) int { return len(b) - len(a) })
	options := make([][]policy.Choice, len(w.readings))
	singles, total := []Demand{}, 0
	for i, key := range w.readings {
		options[i] = worthTrying(b.ReadingsByKey[key], w.named[key])
		total += len(options[i])
		for _, c := range options[i] {
			singles = append(singles, Demand{key: c})
		}
	}
	all := w.demands
	if total*total/2 <= maxPairs {
		for i, a := range w.readings {
			for j := i + 1; j < len(w.readings); j++ {
				for _, x := range options[i] {
					for _, y := range options[j] {
						all = append(all, Demand{a: x, w.readings[j]: y})
					}
				}
			}
		}
	}
	return merged(append(all, singles...), spend)
}

// worthTrying are the options that make a difference: those named, and of the
// others one for each kind of parameter.
func worthTrying(r *checked.Reading, named []string) []policy.Choice {
	if r.Several {
		all := policy.Choice{Set: []string{}}
		for _, o := range r.Options {
			all.Set = append(all.Set, o.Name)
		}
		return []policy.Choice{all, {Set: []string{}}}
	}
	var choices []policy.Choice
	var kinds []string
	for i := range r.Options {
		o := &r.Options[i]
		if !slices.Contains(named, o.Name) {
			if slices.Contains(kinds, o.Parameter) {
				continue
			}
			kinds = append(kinds, o.Parameter)
		}
		choices = append(choices, o.Sample())
	}
	return choices
}

// choiceWalk finds the choices below nodes.
type choiceWalk struct {
	book     *checked.Book
	on       date.Date
	readings []string
	named    map[string][]string // the options that a reading's choices name
	demands  []Demand            // one for each value
}

// limits are the options that remain of the readings that were chosen by
// around a value.
type limits map[string][]*policy.ReadingOption

func (w *choiceWalk) walk(n *source.Node, around limits) {
	switch {
	case checked.IsBy(n) && n.Get("by").Text == "date":
		w.walk(dateValue(n, w.on), around)
	case checked.IsBy(n) && w.book.ReadingsByKey[n.Get("by").Text] != nil:
		w.branch(n, w.book.ReadingsByKey[n.Get("by").Text], around)
	default:
		for _, e := range n.Entries {
			w.walk(e.Value, around)
		}
		for _, item := range n.Items {
			w.walk(item, around)
		}
	}
}

func (w *choiceWalk) branch(n *source.Node, r *checked.Reading, around limits) {
	if !slices.Contains(w.readings, r.Key) {
		w.readings = append(w.readings, r.Key)
	}
	if r.Several {
		return
	}
	left, chosen := around[r.Key]
	if !chosen {
		for i := range r.Options {
			left = append(left, &r.Options[i])
		}
	}
	named := map[string]bool{}
	for _, e := range n.Entries {
		if key := e.Key.Text; key != "by" && key != "otherwise" {
			named[key] = true
			if !slices.Contains(w.named[r.Key], key) {
				w.named[r.Key] = append(w.named[r.Key], key)
			}
		}
	}
	for _, e := range n.Entries {
		if e.Key.Text == "by" {
			continue
		}
		inside := slices.DeleteFunc(slices.Clone(left), func(o *policy.ReadingOption) bool {
			return e.Key.Text == "otherwise" && named[o.Name] || e.Key.Text != "otherwise" && o.Name != e.Key.Text
		})
		if len(inside) == 0 {
			continue // no choice leads here
		}
		below := limits{}
		maps.Copy(below, around)
		below[r.Key] = inside
		d := Demand{}
		for key, options := range below {
			d[key] = options[0].Sample()
		}
		w.demands = append(w.demands, d)
		w.walk(e.Value, below)
	}
}

// merged puts demands together that do not contradict each other.
func merged(demands []Demand, spend func(units int) bool) []Demand {
	var all []Demand
	compared := 0
	for _, d := range demands {
		i := slices.IndexFunc(all, func(m Demand) bool {
			compared++
			for key, c := range d {
				if other, ok := m[key]; ok && !other.Same(c) {
					return false
				}
			}
			return true
		})
		if i < 0 {
			all = append(all, Demand{})
			i = len(all) - 1
		}
		maps.Copy(all[i], d)
		if units := compared / checked.DemandsCompared; units > 0 {
			if compared %= checked.DemandsCompared; !spend(units) {
				return nil
			}
		}
	}
	return all
}

// dateValue is the value of {by: date, …} on a day.
func dateValue(n *source.Node, on date.Date) *source.Node {
	var pick *source.Node
	for _, e := range n.Entries {
		if e.Key.Text == "by" {
			continue
		}
		if from, err := source.Date(e.Key.Text); pick == nil || err == nil && from <= on {
			pick = e.Value
		}
	}
	return pick
}

// ChangesOn reports whether something in the rules of a unit changes on a day.
func ChangesOn(b *checked.Book, g checked.Group, on date.Date) bool {
	changes := false
	for _, r := range g.Rules {
		changes = changes || r.From == on || r.To != 0 && r.To+1 == on
		b.Dates(r.Node, func(d date.Date) { changes = changes || d == on })
	}
	return changes
}

// PastDates are the dates of values that were replaced before the rulebook
// came into force. They are checked like the others.
func PastDates(b *checked.Book) []date.Date {
	var days []date.Date
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		if checked.IsBy(n) && n.Get("by").Text == "date" {
			var last date.Date
			for _, e := range n.Entries {
				d, err := source.Date(e.Key.Text)
				if err != nil {
					continue
				}
				if last != 0 && d <= b.From && !slices.Contains(days, last) && len(days) < checked.MaxEditions {
					days = append(days, last)
				}
				last = d
			}
		}
		for _, e := range n.Entries {
			walk(e.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	for _, r := range b.AllRules {
		walk(r.Node)
	}
	for _, q := range b.Questions {
		for _, n := range q.Nodes() {
			walk(n)
		}
	}
	return days
}
