package mutate

import (
	"maps"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// reach tells which questions a piece of the file may have a say in. It errs
// on the side of too many: whatever mentions a name is taken to use it.
type reach struct {
	all    []string // questions, in the order of the file
	byUnit map[string][]string
	byKey  map[string][]string // of a reading
	facts  map[string][]string
}

func newReach(book *checked.Book, root *source.Node) *reach {
	r := &reach{all: book.QuestionIDs(), byUnit: map[string][]string{}, byKey: map[string][]string{}, facts: map[string][]string{}}
	unitOf := map[string]string{}
	for _, rule := range book.AllRules {
		unitOf[rule.Name], unitOf[rule.Unit()] = rule.Unit(), rule.Unit()
	}
	mentions := map[string]map[string]bool{} // by unit: every name in its rules
	for _, rule := range book.AllRules {
		if mentions[rule.Unit()] == nil {
			mentions[rule.Unit()] = map[string]bool{}
		}
		maps.Copy(mentions[rule.Unit()], checked.Mentions(rule.Node))
	}
	everywhere := checked.Mentions(root.Get("rulebook"))
	maps.Copy(everywhere, checked.Mentions(root.Get("calendars")))
	for _, q := range book.Questions {
		names := maps.Clone(everywhere)
		maps.Copy(names, checked.Mentions(root.Get("questions").Get(q.ID)))
		// Names of a unit bring those that its rules mention, until nothing is new.
		reached := map[string]bool{}
		for waiting := slices.Collect(maps.Keys(names)); len(waiting) > 0; {
			name := waiting[len(waiting)-1]
			waiting = waiting[:len(waiting)-1]
			unit := unitOf[name]
			if unit == "" || reached[unit] {
				continue
			}
			reached[unit] = true
			for mentioned := range mentions[unit] {
				names[mentioned] = true
				waiting = append(waiting, mentioned)
			}
		}
		for unit := range reached {
			r.byUnit[unit] = append(r.byUnit[unit], q.ID)
		}
		for _, reading := range book.Readings {
			if names[reading.Key] {
				r.byKey[reading.Key] = append(r.byKey[reading.Key], q.ID)
			}
		}
		for _, f := range q.Question.Facts {
			r.facts[f.Fact.Name] = append(r.facts[f.Fact.Name], q.ID)
		}
	}
	return r
}

func (r *reach) ofUnit(unit string) []string   { return r.byUnit[unit] }
func (r *reach) ofReading(key string) []string { return r.byKey[key] }
func (r *reach) ofFact(name string) []string   { return r.facts[name] }
