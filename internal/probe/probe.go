// Package probe looks for facts that two rulebooks answer differently. It
// begins with the facts of example cases and changes them a little, again and
// again, above all to what lies at a boundary: the numbers that stand in the
// rules, the moments that an answer names, each a unit before and after.
//
// What it finds is proof of a difference. That it finds none proves nothing:
// it is told with the number of fact sets that were tried.
package probe

import (
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/run"
	"github.com/servicerules/rulebook/policy"
)

// Witness is a fact set that two rulebooks answer differently.
type Witness struct {
	Question    string
	Facts       map[string]any // as JSON has them
	Readings    []casefile.Setting
	AsOf        time.Time // zero for none
	From        string    // the case that it was made from, "" for none
	Differences []Difference
}

// JSON is the facts as JSON.
func (w *Witness) JSON() []byte {
	text, _ := json.Marshal(w.Facts) // maps, lists, texts, numbers
	return text
}

// Probe looks for differences in the answers to one question. It is for one
// goroutine. The same seed finds the same.
type Probe struct {
	old, changed *rulebook.Book
	question     *checked.Question
	zone         *time.Location
	random       *rand.Rand
	numbers      []int64         // that stand in the rules
	days         []time.Time     // likewise
	clock        []time.Duration // times of day, likewise
	pool         []start
	seen         map[string]bool // answers that were met
}

// start is a fact set to begin with.
type start struct {
	facts    map[string]any
	asOf     time.Time
	readings []casefile.Setting
	from     string
}

// New prepares to compare the answers of two books to a question that both
// know. The cases are those of the question; there may be none.
func New(old, changed *rulebook.Book, question string, cases []*casefile.Case, seed uint64) *Probe {
	b := run.Of(old).Book()
	p := &Probe{
		old: old, changed: changed, question: b.QuestionsByID[question], zone: b.Zone, random: rand.New(rand.NewPCG(seed, 1)),
		numbers: NumbersIn(old, changed), seen: map[string]bool{},
	}
	p.days, p.clock = TimesIn(p.zone, old, changed)
	if p.question == nil {
		return p
	}
	for _, c := range cases {
		s := start{factset.FromNode(p.question.Question, c.Facts), c.AsOf, c.Readings, c.Name}
		p.pool = append(p.pool, s)
		if len(c.Readings) > 0 { // and as the rulebook itself reads
			s.readings = nil
			p.pool = append(p.pool, s)
		}
	}
	if len(p.pool) == 0 {
		at := time.Date(2025, 6, 11, 10, 0, 0, 0, p.zone)
		p.pool = append(p.pool, start{facts: p.anyFacts(at), asOf: at.AddDate(0, 1, 0)})
	}
	return p
}

// each reading is kept for so many fact sets: another one is another edition,
// which takes longer to make than to ask.
const kept = 40

// maxPool bounds the fact sets that are gone on from.
const maxPool = 400

// Search tries up to n fact sets and returns the first that is answered
// differently, nil for none, and how many were tried.
func (p *Probe) Search(ctx context.Context, n int) (*Witness, int) {
	return p.SearchFor(ctx, n, func(*Witness) int { return 0 })
}

// SearchFor is Search, and goes on until a difference is of rank 0. Where there is
// none such, it returns the first of the lowest rank.
func (p *Probe) SearchFor(ctx context.Context, n int, rank func(*Witness) int) (*Witness, int) {
	if p.question == nil {
		return nil, 0
	}
	tried := 0
	var best *Witness
	lowest := 0
	found := func(w *Witness) bool {
		if w == nil {
			return false
		}
		if at := rank(w); best == nil || at < lowest {
			best, lowest = w, at
		}
		return lowest == 0
	}
	for i := 0; i < len(p.pool) && tried < n; i++ { // those given come first, as they are
		tried++
		if found(p.try(ctx, p.pool[i])) {
			return best, tried
		}
	}
	settings := p.settings()
	for round := 0; tried < n && ctx.Err() == nil; round++ {
		own := settings[round%len(settings)]
		for range kept {
			if tried >= n || ctx.Err() != nil {
				break
			}
			s := p.pool[p.random.IntN(len(p.pool))]
			if own != nil {
				s.readings = own
			}
			tried++
			if found(p.try(ctx, p.vary(s))) {
				return best, tried
			}
		}
	}
	return best, tried
}

// settings are the readings to try, nil for those of the fact set itself, which
// come often.
func (p *Probe) settings() [][]casefile.Setting {
	keys := map[string]bool{}
	for _, s := range p.pool {
		if a, _ := p.ask(context.Background(), p.old, s); a != nil {
			for _, r := range a.Readings {
				keys[r.Key] = true
			}
		}
	}
	all := [][]casefile.Setting{nil, nil, nil, nil}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		r, known := p.old.Rulebook().Reading(key)
		if !known || r.Several {
			continue
		}
		for _, o := range r.Options {
			if o.Parameter == "" {
				all = append(all, []casefile.Setting{{Key: key, Option: o.Name}}, nil)
			}
		}
	}
	return all
}

// try asks both books; an answer of a kind that was not met before is worth
// going on from.
func (p *Probe) try(ctx context.Context, s start) *Witness {
	a, err := p.ask(ctx, p.old, s)
	if err != nil && (wrongReading(err) || ctx.Err() != nil) {
		return nil
	}
	b, changedErr := p.ask(ctx, p.changed, s)
	if changedErr != nil && (wrongReading(changedErr) || ctx.Err() != nil) {
		return nil
	}
	parts := PartsOf(a, err)
	if found := Compare(parts, PartsOf(b, changedErr)); len(found) > 0 {
		return &Witness{p.question.ID, s.facts, s.readings, s.asOf, s.from, found}
	}
	if err == nil && len(p.pool) < maxPool {
		key := a.Verdict
		for _, part := range parts[1:] {
			key += " " + part.Name
		}
		if !p.seen[key] {
			p.seen[key] = true
			p.pool = append(p.pool, s)
		}
	}
	return nil
}

func (p *Probe) ask(ctx context.Context, book *rulebook.Book, s start) (*policy.Answer, error) {
	options := make([]rulebook.Option, 0, len(s.readings)+1)
	for _, r := range s.readings {
		options = append(options, rulebook.Reading(r.Key, r.Option))
	}
	if !s.asOf.IsZero() {
		options = append(options, rulebook.AsOf(s.asOf))
	}
	return book.Ask(ctx, p.question.ID, s.facts, options...)
}
