package policy

import (
	"maps"
	"slices"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
)

// A demand is choices that must be tried together.
type demand = map[string]Choice

// maxPairs bounds the pairs of options that are tried for one unit. Above it
// each option is still tried.
const maxPairs = 4_000

// combinations are sets of choices under which the nodes are to be tried, so
// that each value that is written is taken at least once, and any two options
// of different readings meet. There are about as many as the largest product
// of the options of two readings, not of all. Finding them is work, too: where
// it may not be spent, there are none.
func (b *CheckedBook) combinations(nodes []*source.Node, on date.Date, spend func(units int) bool) []demand {
	w := &choiceWalk{book: b, on: on, named: map[string][]string{}}
	for _, n := range nodes {
		w.walk(n, nil)
	}
	if !spend(len(w.demands) * workOfDemand) {
		return nil
	}
	slices.SortStableFunc(w.demands, func(a, b demand) int { return len(b) - len(a) })
	options := make([][]Choice, len(w.readings))
	singles, total := []demand{}, 0
	for i, key := range w.readings {
		options[i] = b.readings[key].worthTrying(w.named[key])
		total += len(options[i])
		for _, c := range options[i] {
			singles = append(singles, demand{key: c})
		}
	}
	all := w.demands
	if total*total/2 <= maxPairs {
		for i, a := range w.readings {
			for j := i + 1; j < len(w.readings); j++ {
				for _, x := range options[i] {
					for _, y := range options[j] {
						all = append(all, demand{a: x, w.readings[j]: y})
					}
				}
			}
		}
	}
	return merged(append(all, singles...), spend)
}

// worthTrying are the options that make a difference: those named, and of the
// others one for each kind of parameter.
func (r *checkedReading) worthTrying(named []string) []Choice {
	if r.Several {
		all := Choice{Set: []string{}}
		for _, o := range r.Options {
			all.Set = append(all.Set, o.Name)
		}
		return []Choice{all, {Set: []string{}}}
	}
	var choices []Choice
	var kinds []string
	for i := range r.Options {
		o := &r.Options[i]
		if !slices.Contains(named, o.Name) {
			if slices.Contains(kinds, o.Parameter) {
				continue
			}
			kinds = append(kinds, o.Parameter)
		}
		choices = append(choices, o.sample())
	}
	return choices
}

// sample is the choice of an option, with some argument where it takes one.
func (o *ReadingOption) sample() Choice {
	c := Choice{Option: o.Name}
	if o.Parameter != "" {
		c.Parameter = sampleParameter(o.Parameter)
	}
	return c
}

// choiceWalk finds the choices below nodes.
type choiceWalk struct {
	book     *CheckedBook
	on       date.Date
	readings []string
	named    map[string][]string // the options that a reading's choices name
	demands  []demand            // one for each value
}

// limits are the options that remain of the readings that were chosen by
// around a value.
type limits map[string][]*ReadingOption

func (w *choiceWalk) walk(n *source.Node, around limits) {
	switch {
	case isBy(n) && n.Get("by").Text == "date":
		w.walk(dateValue(n, w.on), around)
	case isBy(n) && w.book.readings[n.Get("by").Text] != nil:
		w.branch(n, w.book.readings[n.Get("by").Text], around)
	default:
		for _, e := range n.Entries {
			w.walk(e.Value, around)
		}
		for _, item := range n.Items {
			w.walk(item, around)
		}
	}
}

func (w *choiceWalk) branch(n *source.Node, r *checkedReading, around limits) {
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
		inside := slices.DeleteFunc(slices.Clone(left), func(o *ReadingOption) bool {
			return e.Key.Text == "otherwise" && named[o.Name] || e.Key.Text != "otherwise" && o.Name != e.Key.Text
		})
		if len(inside) == 0 {
			continue // no choice leads here
		}
		below := limits{}
		maps.Copy(below, around)
		below[r.Key] = inside
		d := demand{}
		for key, options := range below {
			d[key] = options[0].sample()
		}
		w.demands = append(w.demands, d)
		w.walk(e.Value, below)
	}
}

// merged puts demands together that do not contradict each other.
func merged(demands []demand, spend func(units int) bool) []demand {
	var all []demand
	compared := 0
	for _, d := range demands {
		i := slices.IndexFunc(all, func(m demand) bool {
			compared++
			for key, c := range d {
				if other, ok := m[key]; ok && !other.Same(c) {
					return false
				}
			}
			return true
		})
		if i < 0 {
			all = append(all, demand{})
			i = len(all) - 1
		}
		maps.Copy(all[i], d)
		if units := compared / demandsCompared; units > 0 {
			if compared %= demandsCompared; !spend(units) {
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

// changesOn reports whether something in the rules of a unit changes on a day.
func (b *CheckedBook) changesOn(g group, on date.Date) bool {
	changes := false
	for _, r := range g.rules {
		changes = changes || r.From == on || r.To != 0 && r.To+1 == on
		b.dates(r.node, func(d date.Date) { changes = changes || d == on })
	}
	return changes
}

// pastDates are the dates of values that were replaced before the rulebook
// came into force. They are checked like the others.
func (b *CheckedBook) pastDates() []date.Date {
	var days []date.Date
	var walk func(n *source.Node)
	walk = func(n *source.Node) {
		if isBy(n) && n.Get("by").Text == "date" {
			var last date.Date
			for _, e := range n.Entries {
				d, err := source.Date(e.Key.Text)
				if err != nil {
					continue
				}
				if last != 0 && d <= b.From && !slices.Contains(days, last) && len(days) < maxEditions {
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
	for _, r := range b.rules {
		walk(r.node)
	}
	for _, q := range b.Questions {
		for _, n := range q.nodes() {
			walk(n)
		}
	}
	return days
}
