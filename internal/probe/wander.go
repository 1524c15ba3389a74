package probe

import (
	"context"
	"time"

	"github.com/servicerules/rulebook/internal/casefile"
)

// Trial is a fact set to try.
type Trial struct {
	Facts    map[string]any // as JSON has them
	AsOf     time.Time      // zero for none
	Readings []casefile.Setting
	From     string // the case that it was made from, "" for none
}

// Wander makes up to n fact sets and shows each. Those that are said to be worth
// it are gone on from.
func (p *Probe) Wander(ctx context.Context, n int, visit func(Trial) (worth bool)) {
	if p.question == nil {
		return
	}
	settings := p.settings()
	for i := 0; i < n && ctx.Err() == nil; i++ {
		s := p.pool[p.random.IntN(len(p.pool))]
		if own := settings[i/kept%len(settings)]; own != nil {
			s.readings = own
		}
		s = p.vary(s)
		if visit(Trial{s.facts, s.asOf, s.readings, s.from}) && len(p.pool) < maxPool {
			p.pool = append(p.pool, s)
		}
	}
}
