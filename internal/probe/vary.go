package probe

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/policy"
)

// vary is a copy of a fact set with a few places changed.
func (p *Probe) vary(s start) start {
	s.facts = factset.Clone(s.facts)
	var said *policy.Answer
	if p.random.IntN(2) == 0 { // what the answer names is where it may turn
		said, _ = p.ask(context.Background(), p.old, s)
	}
	for range 1 + p.random.IntN(3) {
		all := factset.Places(p.question.Question, s.facts)
		if len(all) == 0 {
			break
		}
		near := p.nearby(all, said, s.asOf)
		l := all[p.random.IntN(len(all))]
		switch {
		case !l.InList() && l.Given && p.random.IntN(6) == 0:
			s.facts = factset.Without(s.facts, l.Path)
		case !l.InList() && p.random.IntN(12) == 0:
			s.facts = factset.With(s.facts, l.Path, nil)
		default:
			s.facts = factset.With(s.facts, l.Path, p.valueFor(l.Fact, l.Value, near))
		}
	}
	if !s.asOf.IsZero() && p.random.IntN(6) == 0 {
		near := p.nearby(factset.Places(p.question.Question, s.facts), said, s.asOf)
		s.asOf = p.moment(s.asOf, near)
	}
	return s
}

// nearby are the moments and numbers that facts, their answer and the moment of
// asking name.
type nearby struct {
	moments []time.Time
	counts  []int64
	names   []string
}

func (p *Probe) nearby(all []factset.Place, said *policy.Answer, asOf time.Time) *nearby {
	n := &nearby{}
	for _, l := range all {
		switch v := l.Value.(type) {
		case json.Number:
			if x, err := v.Int64(); err == nil {
				n.counts = append(n.counts, x)
			}
		case string:
			if t, ok := p.timeOf(v); ok {
				n.moments = append(n.moments, t)
			} else if l.Fact.TypeName == "name" {
				n.names = append(n.names, v)
			}
		}
	}
	if !asOf.IsZero() {
		n.moments = append(n.moments, asOf)
	}
	if said != nil && said.Error == nil {
		for v := range said.Values() {
			if t, ok := p.timeOf(strings.Trim(string(v.AppendJSON(nil)), `"`)); ok {
				n.moments = append(n.moments, t)
			}
		}
	}
	return n
}

// timeOf reads a moment, or the beginning of a day.
func (p *Probe) timeOf(text string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.In(p.zone), true
	}
	t, err := time.ParseInLocation(time.DateOnly, text, p.zone)
	return t, err == nil
}

// valueFor is another value for a place.
func (p *Probe) valueFor(f *policy.Fact, old any, near *nearby) any {
	at := time.Date(2025, 6, 11, 10, 0, 0, 0, p.zone)
	if t, ok := p.timeOf(textOf(old)); ok {
		at = t
	} else if len(near.moments) > 0 {
		at = pick(p, near.moments)
	}
	switch f.TypeName {
	case "record":
		if old, given := old.(map[string]any); given && p.random.IntN(3) > 0 {
			return old
		}
		return p.record(f, near)
	case "list":
		list, _ := old.([]any)
		return p.list(f, list, near)
	case "moment":
		return p.moment(at, near).Format(time.RFC3339)
	case "date":
		return p.moment(at, near).Format(time.DateOnly)
	case "month":
		return at.AddDate(0, p.random.IntN(5)-2, 0).Format("2006-01")
	case "year":
		return json.Number(strconv.Itoa(at.Year() + p.random.IntN(3) - 1))
	case "yes_no":
		if yes, given := old.(bool); given {
			return !yes
		}
		return p.random.IntN(2) == 0
	case "count", "number", "money":
		n := json.Number(strconv.FormatInt(p.count(wholeOf(old), near, f.TypeName == "number"), 10))
		if f.TypeName == "money" {
			return n.String()
		}
		return n
	}
	switch {
	case f.Words != nil:
		return pick(p, f.Words.Words)
	case len(near.names) > 0 && p.random.IntN(2) == 0:
		return pick(p, near.names)
	case f.TypeName == "article":
		if articles := p.old.Rulebook().Regulations; len(articles) > 0 {
			return pick(p, pick(p, articles).Articles).ID
		}
	}
	return "P" + strconv.Itoa(p.random.IntN(3))
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

func pick[T any](p *Probe, list []T) T { return list[p.random.IntN(len(list))] }

// record fills the fields of a record: all of them, so that something can be
// answered where there are many, or most.
func (p *Probe) record(f *policy.Fact, near *nearby) map[string]any {
	tree := map[string]any{}
	full := p.random.IntN(2) == 0
	for _, x := range f.Fields {
		if full || p.random.IntN(5) > 0 {
			tree[x.Name] = p.valueFor(x, nil, near)
		}
	}
	return tree
}

// list puts an item in, takes one out, or makes one twice.
func (p *Probe) list(f *policy.Fact, old []any, near *nearby) []any {
	list := slices.Clone(old)
	switch n := p.random.IntN(4); {
	case n == 0 && len(list) > 0:
		i := p.random.IntN(len(list))
		list = slices.Delete(list, i, i+1)
	case n == 1 && len(list) > 0:
		list = append(list, factset.CloneValue(pick(p, list)))
	case n == 2 && f.Elem.Words != nil: // most of the words
		list = list[:0]
		for _, w := range f.Elem.Words.Words {
			if p.random.IntN(3) > 0 {
				list = append(list, w)
			}
		}
	default:
		list = append(list, p.valueFor(f.Elem, nil, near))
	}
	if list == nil {
		list = []any{}
	}
	return list
}

// moment is one near another, or near what the rules count from it.
func (p *Probe) moment(at time.Time, near *nearby) time.Time {
	if len(near.moments) > 0 && p.random.IntN(3) > 0 {
		at = pick(p, near.moments)
	}
	switch p.random.IntN(10) {
	case 0:
		return at
	case 8:
		if len(p.days) > 0 {
			return pick(p, p.days).Add(time.Duration(p.random.IntN(3)-1) * time.Second)
		}
	case 9:
		if len(p.clock) > 0 {
			const nudge = 30 * time.Second
			return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, p.zone).Add(pick(p, p.clock) + time.Duration(p.random.IntN(3)-1)*nudge)
		}
	case 1:
		return at.Add(time.Second)
	case 2:
		return at.Add(-time.Second)
	case 3:
		return at.AddDate(0, 0, p.random.IntN(3)-1)
	case 4:
		return at.AddDate(p.random.IntN(3)-1, 0, p.random.IntN(3)-1)
	case 5:
		return at.AddDate(0, p.random.IntN(3)-1, p.random.IntN(3)-1)
	case 6:
		return at.Add(time.Duration(p.constant())*time.Hour + time.Duration(p.random.IntN(3)-1)*time.Second)
	}
	return at.AddDate(0, 0, int(p.constant()))
}

// constant is a number of the rules that may be one of days or hours.
func (p *Probe) constant() int64 {
	const most = 800
	return min(pick(p, p.numbers), most)
}

// wholeOf is a number, or the whole units of an amount such as "9.98" or
// "9.98 GBP"; 0 where there is none.
func wholeOf(old any) int64 {
	if x, ok := old.(json.Number); ok {
		n, _ := x.Int64()
		return n
	}
	digits, _, _ := strings.Cut(textOf(old), " ")
	digits, _, _ = strings.Cut(digits, ".")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// count is a number near another, or near one that the rules name.
func (p *Probe) count(n int64, near *nearby, below bool) int64 {
	const most = 1_000_000_000
	switch p.random.IntN(7) {
	case 0:
	case 1, 2:
		n = pick(p, p.numbers)
	case 3:
		if len(near.counts) > 0 {
			n = pick(p, near.counts)
		}
	case 4:
		if len(near.counts) > 0 {
			if x := pick(p, near.counts); x != 0 && x < 100_000 {
				n = min(pick(p, p.numbers), 100_000) * x
			}
		}
	case 5:
		n = p.random.Int64N(12)
	case 6:
		n *= pick(p, []int64{2, 10, 100, 1000})
	}
	n = min(n+p.random.Int64N(3)-1, most)
	if n < 0 && !below {
		return 0
	}
	return n
}

// anyFacts are facts to begin with where there is no case.
func (p *Probe) anyFacts(at time.Time) map[string]any {
	tree := map[string]any{}
	near := &nearby{moments: []time.Time{at}}
	for _, f := range p.question.Facts {
		tree[f.Name] = p.valueFor(f.Fact.Fact, nil, near)
	}
	return tree
}
