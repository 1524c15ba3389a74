package review

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicerules/rulebook/internal/source"
)

func TestPeriodsAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"2025-06": "2025-06 2025-06-01 2025-06-30", "2024年2月": "2024-02 2024-02-01 2024-02-29", "2025年12月份": "2025-12 2025-12-01 2025-12-31",
		"2025-Q1": "2025-Q1 2025-01-01 2025-03-31", "2025q4": "2025-Q4 2025-10-01 2025-12-31", "2025年第三季度": "2025-Q3 2025-07-01 2025-09-30", "2025年2季度": "2025-Q2 2025-04-01 2025-06-30",
		"2025-H1": "2025-H1 2025-01-01 2025-06-30", "2025年下半年": "2025-H2 2025-07-01 2025-12-31",
		"2025": "2025 2025-01-01 2025-12-31", "2025年": "2025 2025-01-01 2025-12-31", "2025年度": "2025 2025-01-01 2025-12-31",
		"2025-04-01..2025-06-15": "2025-04-01..2025-06-15 2025-04-01 2025-06-15", "2025年4月1日至2025年6月15日": "2025-04-01..2025-06-15 2025-04-01 2025-06-15",
		"2025-06-01 to 2025-06-30": "2025-06 2025-06-01 2025-06-30", "2025-06-09..2025-06-09": "2025-06-09..2025-06-09 2025-06-09 2025-06-09",
	} {
		p, err := ParsePeriod(text)
		if assert.NoError(t, err, text) {
			assert.Equal(t, want, fmt.Sprint(p, " ", p.From, " ", p.To), text)
			assert.NotEmpty(t, p.Label().ZH)
			assert.NotEmpty(t, p.Label().EN)
			again, err := ParsePeriod(p.String())
			assert.NoError(t, err, "a period is read by its name")
			assert.Equal(t, p, again)
		}
	}
	for _, text := range []string{"", "2025-13", "2025-00", "2025-Q5", "2025-Q0", "2025-H3", "25", "20255", "0000", "2025-06-31..2025-07-01", "2025-06-09..2025-06-08", "2025-06-09", "..", "2025年十三月", "June"} {
		_, err := ParsePeriod(text)
		var refused *source.ScalarError
		if assert.ErrorAs(t, err, &refused, text) {
			assert.NotEmpty(t, refused.Remedy.ZH)
			assert.NotEmpty(t, refused.Remedy.EN)
		}
	}
	assert.Equal(t, Text{ZH: "2025年第三季度", EN: "quarter 3 of 2025"}, mustPeriod(t, "2025-Q3").Label())
}

func mustPeriod(t require.TestingT, text string) Period {
	p, err := ParsePeriod(text)
	require.NoError(t, err)
	return p
}

// Days that are cut into periods have each record in one of them and in no other,
// by the day that its own fact says in the rulebook's zone; the months of a longer
// period add up to it; and a record about a month is in no period that has only a
// part of the month.
func TestEveryRecordIsInOnePeriod(outer *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	first := date.New(2025, 1, 1)
	book := lending(outer)
	rapid.Check(outer, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(0, 364), 1, 8).Draw(t, "days")
		var loans, desks strings.Builder
		loans.WriteString("record,reader,loan.kind,loan.lent_at,loan.returned_at\n")
		desks.WriteString("record,month,complaints,visitors\n")
		for i, d := range days {
			at := rapid.SampledFrom([]time.Duration{0, time.Second, 24*time.Hour - time.Second}).Draw(t, "time of day")
			moment := (first + date.Date(d)).MidnightIn(zone).Add(at).UTC().Format(time.RFC3339)
			fmt.Fprintf(&loans, "L%d,R,film,%s,%s\n", i, moment, moment)
			fmt.Fprintf(&desks, "D%d,%s,1,200\n", i, (first + date.Date(d)).Format("2006-01"))
		}
		dir := files("loans.csv", loans.String(), "desks.csv", desks.String())
		cuts := map[int]bool{0: true}
		for _, at := range rapid.SliceOfN(rapid.IntRange(1, 364), 0, 4).Draw(t, "cuts") {
			cuts[at] = true
		}
		seen, about := map[string]int{}, map[string]int{}
		for from := 0; from < 365; {
			to := from
			for to+1 < 365 && !cuts[to+1] {
				to++
			}
			p, err := PeriodOf((first + date.Date(from)).String(), (first + date.Date(to)).String())
			require.NoError(t, err)
			r, err := Run(context.Background(), book, dir, Options{Period: p})
			require.NoError(t, err)
			s := r.section(outer, "loans")
			for _, x := range s.Records {
				seen[x.ID]++
				var i int
				_, _ = fmt.Sscanf(x.ID, "L%d", &i)
				require.True(t, from <= days[i] && days[i] <= to, "%s is of day %d, not of %s", x.ID, days[i], p)
			}
			if len(s.Months) > 0 {
				sum := Totals{Unreadable: s.Totals.Unreadable, Outside: s.Totals.Outside}
				for _, m := range s.Months {
					sum.add(m.Totals)
				}
				require.Equal(t, s.Totals, sum)
			}
			d := r.section(outer, "desks")
			for _, x := range d.Records {
				about[x.ID]++
			}
			require.Equal(t, len(days), d.Totals.Records+d.Totals.Outside)
			require.LessOrEqual(t, d.Partly, d.Totals.Outside)
			from = to + 1
		}
		for i, d := range days {
			id := fmt.Sprintf("L%d", i)
			require.Equal(t, 1, seen[id], id)
			m := monthOf(first + date.Date(d)).period()
			whole := true
			for at := range cuts {
				if c := first + date.Date(at); m.From < c && c <= m.To {
					whole = false
				}
			}
			require.Equal(t, whole, about[fmt.Sprintf("D%d", i)] == 1, "D%d", i)
		}
	})
}

// A quarter tells each of its months, and what began before it where that reaches
// into it; a rate of a month is never made one of the quarter.
func TestQuarter(t *testing.T) {
	dir := files("desks.csv", "record,month,complaints,visitors\nA,2025-03,1,200\nB,2025-04,0,200\nC,2025-06,9,200\nD,,1,200\n")
	r, err := Run(context.Background(), lending(t), dir, Options{Period: mustPeriod(t, "2025-Q2")})
	require.NoError(t, err)
	assert.Equal(t, &ReportPeriod{Name: "2025-Q2", Label: Text{ZH: "2025年第二季度", EN: "quarter 2 of 2025"}, From: "2025-04-01", To: "2025-06-30"}, r.Period)
	assert.Empty(t, r.Month)
	assert.Equal(t, "2025-07-01T00:00:00+08:00", r.AsOf)
	s := r.section(t, "desks")
	assert.True(t, s.ByMonth)
	var months []string
	for _, m := range s.Months {
		months = append(months, fmt.Sprintf("%s %d %d", m.Month, m.Totals.Records, len(m.Verdicts)))
	}
	assert.Equal(t, []string{"2025-04 1 1", "2025-06 1 1", " 1 1"}, months, "those that do not say their month stand last")
	for lang, words := range map[string][]string{
		"zh": {"2025年第二季度（2025-04-01 至 2025-06-30）", "各月分别判定", "未写月份", "不在本期间而未列入 1"},
		"en": {"quarter 2 of 2025 (2025-04-01 to 2025-06-30)", "month by month", "not said", "1 of another time left out"},
	} {
		for _, word := range words {
			assert.Contains(t, r.text(t, lang), word)
		}
	}
	month, err := Run(context.Background(), lending(t), dir, Options{Period: mustPeriod(t, "2025-06")})
	require.NoError(t, err)
	assert.Equal(t, "2025-06", month.Month)
	assert.Empty(t, month.section(t, "desks").Months)
}
