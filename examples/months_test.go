package examples

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/review"
)

// Each rulebook of another trade has a month of records, all of which can be
// read, and of which it is known what comes out.
func TestMonthsOfOtherTrades(t *testing.T) {
	for book, sections := range map[string]map[string]map[string]int{
		"ofcom": {
			"repairs": {"compensation": 5, "nothing_due": 4, "excluded": 1, "not_in_scope": 1, "undetermined": 1},
			"visits":  {"compensation": 3, "nothing_due": 3},
			"starts":  {"compensation": 2, "nothing_due": 1, "excluded": 1},
		},
		"gdpr": {
			"requests": {"on_time": 6, "late": 3, "overdue": 1, "undetermined": 1},
			"breaches": {"on_time": 2, "late": 1, "overdue": 1, "not_required": 1},
		},
		"support-contract": {
			"resolutions": {"on_time": 5, "late": 2, "paused": 1, "at_risk": 1},
			"responses":   {"met": 7, "not_met": 2},
			"attainment":  {"not_met": 1},
		},
		"cloud-sla": {
			"services": {"credit": 6, "kept": 2, "not_in_scope": 1, "undetermined": 1},
			"logs":     {"credit": 3, "kept": 1},
			"claims":   {"blocked": 3, "credit": 1},
		},
		"time-limits": {"limits": {"ends": 8}},
	} {
		t.Run(book, func(t *testing.T) {
			r := reviewed(t, bookOf(t, book), "data/"+book, review.Options{})
			assert.Len(t, r.Sections, len(sections))
			for name, want := range sections {
				s := sectionOf(t, r, name)
				assert.Empty(t, s.Missing, "section %s has no table", name)
				assert.Equal(t, want, verdicts(s), name)
			}
		})
	}
}

// Amounts are summed to the penny, and shown as people write them.
func TestMonthOfCompensation(t *testing.T) {
	r := reviewed(t, bookOf(t, "ofcom"), "data/ofcom", review.Options{})
	repairs := sectionOf(t, r, "repairs")
	var sum rulebook.Money
	for _, c := range repairs.Columns {
		if c.Name == "compensation" {
			sum = *c.Money
			assert.Equal(t, 1, c.Unknown, "F12 says no cause")
		}
	}
	// 66 days at 9.98: F04 1, F05 7, F09 12, F10 5, F11 41 by 1 August.
	assert.Equal(t, rulebook.Money{Minor: 65868, Currency: "GBP"}, sum)
	assert.Equal(t, "£658.68", sum.Show("en"))
}
