package review

import (
	"slices"
	"time"

	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// inMonth reports whether a row belongs to the month of the review.
func (v *reviewer) inMonth(s *policy.ReviewSection, sh *shape, r *row) bool {
	if v.month == 0 || s.Month == "" {
		return true
	}
	from, known := v.monthAt(sh, r, s.Month)
	if !known {
		return true
	}
	to := from
	if s.Until != "" {
		if to, known = v.monthAt(sh, r, s.Until); !known {
			to = v.month
		}
	}
	return from == v.month || from < v.month && v.month <= to
}

// monthAt is the month that a fact of a row lies in.
func (v *reviewer) monthAt(sh *shape, r *row, path string) (month, bool) {
	i := slices.IndexFunc(sh.columns, func(c table.Column) bool { return c.Path == path })
	if i < 0 {
		return 0, false
	}
	c := sh.columns[i]
	n, problem := c.Node(c.Text(r.cells), v.rules.Zone)
	if problem != nil || n.Kind != source.Scalar {
		return 0, false
	}
	return monthIn(n.Text, v.rules.Zone)
}

// monthIn is the month of a moment, a date or a month.
func monthIn(text string, zone *time.Location) (month, bool) {
	if t, err := source.Moment(text); err == nil {
		t = t.In(zone)
		return monthOf(t.Year(), t.Month()), true
	}
	if d, err := source.Date(text); err == nil {
		return monthOf(d.Year(), d.Month()), true
	}
	m, err := parseMonth(text)
	return m, err == nil
}
