package service

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/server/record"
	"github.com/servicerules/rulebook/sla"
)

// Clock is a clock of something on record, as it stands now.
type Clock struct {
	Rule *policy.Rule
	Line sla.Timeline
}

// Clocks are those of a record that have a start and an end, by the rules in
// force, as of now. Where these do not take its facts, there are none.
func (s *Service) Clocks(ctx context.Context, e *record.Entry) ([]Clock, error) {
	m := matterOf(e)
	if m == nil {
		return nil, nil
	}
	book, err := s.Rules.Current().With(m.readings)
	if err != nil {
		return nil, nil
	}
	answer, err := book.Ask(ctx, m.Question, []byte(m.facts), rulebook.AsOf(s.Store.Now()))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || answer.Error != nil {
		return nil, nil
	}
	var all []Clock
	for _, d := range answer.Details() {
		if line, ok := d.Of.(sla.Timeline); ok && !line.Start.IsZero() && !line.Due.End.IsZero() {
			all = append(all, Clock{d.Rule, line})
		}
	}
	return all, nil
}

// Given are the single values of a record's facts that somebody gave, as JSON, by
// their paths: "request.kind", "complaints[2].level".
func Given(body *record.Body) map[string]string {
	all := map[string]string{}
	var facts map[string]any
	if json.Unmarshal(body.Facts, &facts) == nil {
		leavesOf(facts, "", body.FactsAssumed, all)
	}
	return all
}

// Within reports whether what one record was given is among what another one was.
func Within(less, more map[string]string) bool {
	return (&Matter{Given: less}).within(&Matter{Given: more})
}

// FactAt is the fact at a path that may go through items of lists, as in
// "complaints[2].level" or "complaints[].level"; false where there is none.
func FactAt(q *policy.Question, path string) (*policy.Fact, bool) {
	var f *policy.Fact
	for i, step := range strings.Split(path, ".") {
		name, index, listed := strings.Cut(step, "[")
		var next *policy.Fact
		if i == 0 {
			for _, x := range q.Facts {
				if x.Name == name {
					next = x.Fact
				}
			}
		} else {
			for _, x := range f.Fields {
				if x.Name == name {
					next = x
				}
			}
		}
		for ; listed && next != nil; _, index, listed = strings.Cut(index, "[") {
			next = next.Elem
		}
		if f = next; f == nil {
			return nil, false
		}
	}
	return f, true
}
