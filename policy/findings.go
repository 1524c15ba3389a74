package policy

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// The scope of a question, as the mark markScope has it.
const (
	noScope   = notApplicable // the regulation does not apply
	openScope = undetermined
	yesScope  = applied
)

// findings is what an answer says of rules: it follows from the marks alone.
type findings struct {
	breaches  []Breach
	decisions []Decision
	cites     []string
	readings  []UsedReading
	rules     []string
}

// shapes keeps the findings of marks that were seen before: there are few
// kinds of answers to a question, and millions of answers. It is safe for
// concurrent use, and costs readers no lock: the map is never written to, but
// replaced by one that holds more.
type shapes struct {
	seen atomic.Pointer[map[string]*findings]
	mu   sync.Mutex // held to replace it
}

// maxShapes bounds the memory of an edition; findings of further marks are
// found afresh each time.
const maxShapes = 1024

// findings is what the marks of the run amount to. It is shared by all answers
// with the same marks.
func (ed *edition) findings(r *Run) *findings {
	if seen := ed.shapes.seen.Load(); seen != nil {
		if f, ok := (*seen)[string(r.marks)]; ok {
			return f
		}
	}
	f := r.find()
	ed.shapes.keep(string(r.marks), f)
	return f
}

func (s *shapes) keep(marks string, f *findings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	more := map[string]*findings{}
	if seen := s.seen.Load(); seen != nil {
		if len(*seen) >= maxShapes {
			return
		}
		maps.Copy(more, *seen)
	}
	more[marks] = f
	s.seen.Store(&more)
}

// find draws up what the marks say.
func (r *Run) find() *findings {
	f := &findings{}
	if r.marks[markScope] == yesScope {
		r.reported(f)
	}
	r.citations(f)
	f.clip()
	return f
}

// reported lists the breaches and decisions.
func (r *Run) reported(f *findings) {
	b := r.ed.book
	order := map[string]int{}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			order[x.ID] = len(order)
		}
	}
	for _, x := range r.ed.reports {
		switch {
		case r.marks[x.mark] != applied:
		case x.article == nil:
			f.decisions = append(f.decisions, Decision{x.code, x.part.Rule.ID, x.label})
		default:
			f.breaches = append(f.breaches, Breach{x.article.ID, x.code, x.detail, x.part.Rule.ID, b.breachLabel(x)})
		}
	}
	slices.SortStableFunc(f.breaches, func(x, y Breach) int {
		return cmp.Or(cmp.Compare(order[x.Article], order[y.Article]), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Detail, y.Detail))
	})
	f.breaches = slices.CompactFunc(f.breaches, func(x, y Breach) bool { return x.String() == y.String() })
	slices.SortFunc(f.decisions, func(x, y Decision) int {
		return cmp.Or(cmp.Compare(x.Code, y.Code), cmp.Compare(x.Rule, y.Rule))
	})
	f.decisions = slices.Compact(f.decisions)
}

func (b *Rulebook) breachLabel(x report) Text {
	label := x.part.Label()
	if l, ok := b.labels[x.code]; ok {
		label = l
	}
	if l, ok := b.labels[x.detail]; ok {
		label = Text{ZH: label.ZH + "：" + l.ZH, EN: label.EN + ": " + l.EN}
	}
	return label
}

// citations lists the articles, readings and rules that the answer rests on.
func (r *Run) citations(f *findings) {
	b := r.ed.book
	cited, used, did := map[string]bool{}, map[string]bool{}, map[*Rule]bool{}
	for _, key := range r.ed.asked.readings {
		used[key] = true
	}
	for _, u := range r.ed.asked.units {
		for _, p := range u.parts {
			if !r.DidApply(p) {
				continue
			}
			did[p.Rule] = true
			for _, id := range append([]string{p.Rule.Article.ID, p.Rule.Article.Parent()}, p.Rule.AlsoCite...) {
				cited[id] = true
			}
			for _, key := range r.readingsOf(p) {
				used[key] = true
			}
		}
	}
	for _, x := range f.breaches {
		cited[x.Article] = true
		cited[parentArticle(x.Article)] = true
	}
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			if cited[x.ID] {
				f.cites = append(f.cites, x.ID)
			}
		}
	}
	for _, rule := range b.rules {
		if did[rule] {
			f.rules = append(f.rules, rule.ID)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(used)) {
		f.readings = append(f.readings, UsedReading{key, b.choiceOf(b.readings[key], r.ed.sel).String()})
	}
}

// clip makes sure that whoever appends to a list gets one of his own.
func (f *findings) clip() {
	f.breaches, f.decisions = slices.Clip(f.breaches), slices.Clip(f.decisions)
	f.cites, f.readings, f.rules = slices.Clip(f.cites), slices.Clip(f.readings), slices.Clip(f.rules)
}
