package run

import (
	"bytes"

	"github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/plan"
	"github.com/servicerules/rulebook/internal/value"
	"github.com/servicerules/rulebook/policy"
)

// known are the editions by the calendars as they were known on the day of
// asking, and the number of the day on which more became known. Where that is
// not to come, or nobody said when it is asked, they are those of today.
func (e *Engine) known(asOf value.Value) (*plan.Editions, int) {
	b := e.book
	if len(b.Announced) == 0 || !asOf.IsKnown() {
		return e.editions, 0
	}
	on := checked.DateIn(asOf.Time(b.Zone), b.Zone)
	for i, announced := range b.Announced {
		if on < announced {
			return e.editions.Known(i), i
		}
	}
	return e.editions, 0
}

// awaitsNotice reports whether an answer would be another one, had it been known
// what was announced later. One that is provisional anyway is not looked at:
// NextChange reckons with the announcement.
func (e *Engine) awaitsNotice(a *policy.Answer, q *checked.Question, edition, announced int, day governing, facts []value.Value) (bool, error) {
	if a.Error != nil || a.Provisional {
		return false, nil
	}
	was := a.AppendJSON(nil, false)
	for i := announced + 1; i <= len(e.book.Announced); i++ {
		later := e.editions
		if i < len(e.book.Announced) {
			later = e.editions.Known(i)
		}
		ed, err := later.Of(q, edition)
		if err != nil {
			return false, err
		}
		r := ed.Begin()
		copy(r.Facts(), facts)
		then := e.answerIn(r, q, day, nil)
		r.Leave()
		if !bytes.Equal(was, then.AppendJSON(nil, false)) {
			return true, nil
		}
	}
	return false, nil
}
