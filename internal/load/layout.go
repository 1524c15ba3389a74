package load

import (
	"math"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/source"
)

// layOut gives every question its slots. They follow the order in which facts
// are declared, which is also that of missing facts in answers.
func layOut(b *checked.Book) {
	b.Surely = [2]int64{math.MinInt64, math.MaxInt64}
	if b.From.Year() >= source.FirstYear {
		b.Surely[0] = (min(b.From, checked.LastOfMoments) + 2).MidnightUTC().UnixNano()
	}
	if b.To != 0 && b.To.Year() <= source.LastYear {
		b.Surely[1] = (max(b.To, checked.FirstOfMoments) - 1).MidnightUTC().UnixNano()
	}
	for i, q := range b.Questions {
		q.Index = i
		placed := map[*checked.Fact]*checked.Fact{}
		l := checked.Layout{}
		for _, f := range b.Facts {
			for _, x := range q.Facts {
				if x.Fact == f {
					placed[f] = l.Place(f)
				}
			}
		}
		for _, x := range q.Facts {
			l.Placed = append(l.Placed, placed[x.Fact])
		}
		l.Close()
		l.Paths = make([]string, l.Slots)
		for i, f := range l.Placed {
			l.Name(f, q.Facts[i].Name)
		}
		l.FindEventOrders(placed)
		q.Layout = l
		q.Musts = b.MustsOf(q)
	}
}
