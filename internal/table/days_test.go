package table_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
)

// Days, months and moments as spreadsheets and offices write them; what may be
// two days is asked about, and what is none is left to the rulebook to refuse.
func TestDaysAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct{ kind, text, want string }{
		{"date", "2025-06-09", "2025-06-09"}, {"date", "2025/6/9", "2025-06-09"}, {"date", "2025.6.9", "2025-06-09"}, {"date", "2025年6月9日", "2025-06-09"},
		{"date", "2025 年 6 月 9 日", "2025-06-09"}, {"date", "20250609", "2025-06-09"}, {"date", "45817", "2025-06-09"}, {"date", "45817.5", "45817.5"},
		{"date", "2025-06-09T00:00:00", "2025-06-09"}, {"date", "2025/6/9 10:00", "2025/6/9 10:00"},
		{"date", "13/06/2025", "2025-06-13"}, {"date", "6/13/2025", "2025-06-13"}, {"date", "04/04/2025", "2025-04-04"}, {"date", "03/04/2025", "?"}, {"date", "3.4.2025", "?"},
		{"date", "31/02/2025", "31/02/2025"}, {"date", "2025-02-29", "2025-02-29"}, {"date", "2025/2/29", "2025/2/29"}, {"date", "9/6/25", "9/6/25"}, {"date", "Monday", "Monday"},
		{"month", "2025-06", "2025-06"}, {"month", "2025/6", "2025-06"}, {"month", "2025年6月", "2025-06"}, {"month", "Jun-25", "2025-06"}, {"month", "June 2025", "2025-06"},
		{"month", "sept. 2025", "2025-09"}, {"month", "2025-06-01", "2025-06"}, {"month", "2025/6/1", "2025-06"}, {"month", "2025-06-02", "2025-06-02"}, {"month", "45809", "2025-06"}, {"month", "45810", "45810"},
		{"month", "Junk-25", "Junk-25"},
		{"moment", "2025/6/9 10:00", "2025-06-09T10:00:00+08:00"}, {"moment", "2025年6月9日10时5分", "2025-06-09T10:05:00+08:00"}, {"moment", "2025年6月9日 下午1:05", "2025-06-09T13:05:00+08:00"},
		{"moment", "2025/6/9 12:00 AM", "2025-06-09T00:00:00+08:00"}, {"moment", "2025/6/9 12:00 pm", "2025-06-09T12:00:00+08:00"}, {"moment", "2025/6/9 13:00 PM", "no moment"},
		{"moment", "45817.4166666667", "2025-06-09T10:00:00+08:00"}, {"moment", "45817", "no time 2025-06-09"}, {"moment", "2025/6/9", "no time 2025-06-09"}, {"moment", "2025-06-09", "no time 2025-06-09"}, {"moment", "2025-02-30", "no moment"}, {"moment", "2025/6/9 24:01", "no moment"}, {"moment", "6月9日 10:00", "no moment"}, {"moment", "2025-06-09T25:00", "2025-06-09T25:00"}, {"moment", "2025/6/9\u00a010:00", "2025-06-09T10:00:00+08:00"}, {"moment", "2025/6/9\n10:00", "2025-06-09T10:00:00+08:00"},
		{"moment", "13/06/2025 08:30", "2025-06-13T08:30:00+08:00"}, {"moment", "03/04/2025 08:30", "?"}, {"moment", "2025-06-09T10:00:00Z", "2025-06-09T10:00:00Z"},
		{"moment", "2025-06-09T10:00:00.5+02:00", "2025-06-09T10:00:00.5+02:00"},
	} {
		column := table.Column{Local: true, Header: "x", Fact: &policy.Fact{TypeName: c.kind}}
		n, problem := column.Node(c.text, time.FixedZone("", 8*60*60))
		if c.want == "?" {
			if assert.NotNil(t, problem, c.text) {
				assert.Equal(t, "uncertain_date", problem.Code)
				assert.Contains(t, problem.Message.EN, "3 April 2025 or 4 March 2025")
				assert.Contains(t, problem.Message.ZH, "4 月 3 日，还是 3 月 4 日")
			}
			continue
		}
		if day, noTime := strings.CutPrefix(c.want, "no time "); noTime {
			if assert.NotNil(t, problem, c.text) {
				assert.Equal(t, "not_a_moment", problem.Code)
				assert.Equal(t, c.text, problem.Value)
				assert.Equal(t, c.text+" 只有日期，没有几点几分", problem.Message.ZH)
				assert.Equal(t, "write the time as well, as in "+day+" 10:00; if midnight is meant, "+day+" 00:00", problem.Remedy.EN)
			}
			continue
		}
		if c.want == "no moment" {
			if assert.NotNil(t, problem, c.text) {
				assert.Equal(t, "not_a_moment", problem.Code)
				assert.Equal(t, "写确有的年月日和时分，如 2026-01-31 08:30", problem.Remedy.ZH)
			}
			continue
		}
		if assert.Nil(t, problem, c.text) {
			assert.Equal(t, c.want, n.Text, c.kind+" "+c.text)
		}
	}
}

// Both orders of a date read it as they say.
func TestOrdersOfDays(t *testing.T) {
	for order, want := range map[table.DayOrder]string{table.DayFirst: "2025-04-03", table.MonthFirst: "2025-03-04"} {
		n, problem := table.Column{Days: order, Fact: &policy.Fact{TypeName: "date"}}.Node("03/04/2025", time.UTC)
		assert.Nil(t, problem)
		assert.Equal(t, want, n.Text)
	}
}

// Serial numbers are days from where each program begins to count.
func TestSerialDays(t *testing.T) {
	for _, c := range []struct {
		text string
		from bool
		want string
	}{
		{"61", false, "1900-03-01 00:00:00"}, {"60", false, ""}, {"2958465.5", false, "9999-12-31 12:00:00"}, {"2958466", false, ""},
		{"0", true, "1904-01-01 00:00:00"}, {"44355.75", true, "2025-06-09 18:00:00"}, {"-1", true, ""}, {"1e3", false, "1902-09-26 00:00:00"}, {"x", false, ""},
		{"45817.99999999999", false, "2025-06-10 00:00:00"},
	} {
		at, ok := table.SerialDay(c.text, c.from)
		got := ""
		if ok {
			got = at.Format(time.DateTime)
		}
		assert.Equal(t, c.want, got, c.text)
	}
}

// What may be the end of a day or the beginning of the next, and times without a
// day, are told with what to write.
func TestTimesThatAreNoMoments(t *testing.T) {
	column := table.Column{Local: true, Header: "x", Fact: &policy.Fact{TypeName: "moment"}}
	for text, want := range map[string][]string{
		"2025/6/30 24:00": {"uncertain_time", "2025-06-30 23:59:59", "2025-07-01 00:00"}, "2025年12月31日 24:00:00": {"uncertain_time", "2026-01-01 00:00"},
		"10:00": {"not_a_moment", "=A2+B2"}, "36:00:00": {"not_a_moment", "=A2+B2"}, "下午3:05": {"not_a_moment", "=A2+B2"}, "3:05 PM": {"not_a_moment", "=A2+B2"},
	} {
		_, problem := column.Node(text, time.UTC)
		if assert.NotNil(t, problem, text) {
			assert.Equal(t, want[0], problem.Code, text)
			for _, part := range want[1:] {
				assert.Contains(t, problem.Remedy.EN, part, text)
				assert.Contains(t, problem.Remedy.ZH, part, text)
			}
		}
	}
}
