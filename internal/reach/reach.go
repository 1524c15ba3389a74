// Package reach tells which questions a piece of a rules file may have a say in.
package reach

import (
	"maps"
	"slices"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// Reach tells which questions a piece of the file may have a say in. It errs
// on the side of too many: whatever mentions a name is taken to use it.
type Reach struct {
	All    []string // questions, in the order of the file
	byUnit map[string][]string
	byKey  map[string][]string // of a reading
	facts  map[string][]string
}

// Of finds it out for a book and the nodes of its file.
func Of(book *checked.Book, root *source.Node) *Reach {
	r := &Reach{All: book.QuestionIDs(), byUnit: map[string][]string{}, byKey: map[string][]string{}, facts: map[string][]string{}}
	unitOf := map[string]string{}
	for _, rule := range book.AllRules {
		unitOf[rule.Name], unitOf[rule.Unit()] = rule.Unit(), rule.Unit()
	}
	mentions := map[string]map[string]bool{} // by unit: every name in its rules
	for _, rule := range book.AllRules {
		if mentions[rule.Unit()] == nil {
			mentions[rule.Unit()] = map[string]bool{}
		}
		maps.Copy(mentions[rule.Unit()], checked.MentionsOf(rule))
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

// Questions are those that a unit may have a say in: a rule, or a group of them.
func (r *Reach) Questions(unit string) []string { return r.byUnit[unit] }

// QuestionsOfReading are those that a reading may have a say in.
func (r *Reach) QuestionsOfReading(key string) []string { return r.byKey[key] }

// QuestionsOfFact are those that take a fact.
func (r *Reach) QuestionsOfFact(name string) []string { return r.facts[name] }
