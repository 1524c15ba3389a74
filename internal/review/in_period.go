package review

import (
	"slices"
	"time"

	"github.com/rickb777/date/v2"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// standing is where a record stands to the period of the review.
type standing int

const (
	inside  standing = iota
	outside          // of another time
	partly           // about a month that lies in the period only in part
)

// placed is where a row stands to the period, and the month that its fact says;
// 0 where it says none.
func (v *reviewer) placed(s *policy.ReviewSection, sh *shape, r *row) (standing, month) {
	if s.Month == "" {
		return inside, 0
	}
	from, known := v.daysOf(sh, r, s.Month)
	if !known {
		return inside, 0
	}
	m, p := monthOf(from.From), v.period
	switch {
	case p.IsZero() || p.has(from.From) && p.has(from.To):
		return inside, m
	case from.To < p.From && s.Until != "":
		if to, known := v.daysOf(sh, r, s.Until); !known || to.To >= p.From {
			return inside, m
		}
		return outside, m
	case from.To < p.From || p.To < from.From:
		return outside, m
	}
	return partly, m
}

// daysOf are the days that a fact of a row speaks of.
func (v *reviewer) daysOf(sh *shape, r *row, path string) (Period, bool) {
	i := slices.IndexFunc(sh.columns, func(c table.Column) bool { return c.Path == path })
	if i < 0 {
		return Period{}, false
	}
	c := sh.columns[i]
	n, problem := c.Node(c.Text(r.cells), v.rules.Zone)
	if problem != nil || n.Kind != source.Scalar {
		return Period{}, false
	}
	return daysIn(n.Text, v.rules.Zone)
}

// daysIn are the days of a moment, a date or a month.
func daysIn(text string, zone *time.Location) (Period, bool) {
	if t, err := source.Moment(text); err == nil {
		d := date.NewAt(t.In(zone))
		return Period{From: d, To: d}, true
	}
	if d, err := source.Date(text); err == nil {
		return Period{From: d, To: d}, true
	}
	if y, m, err := source.Month(text); err == nil {
		return monthOf(date.New(y, m, 1)).period(), true
	}
	return Period{}, false
}
