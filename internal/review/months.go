package review

import (
	"slices"
	"strconv"
)

// outside is what records are called that are of another time than the report.
func (r *Report) outside() Text {
	if r.Month == "" && r.Period != nil {
		return Text{ZH: "不在本期间", EN: "of another time"}
	}
	return Text{ZH: "不在本月", EN: "of other months"}
}

// monthNote says what the numbers of a month are where they are not simply those
// of its records.
func (s *Section) monthNote() Text {
	if !s.ByMonth {
		return Text{ZH: "每条记录算在它自己所说的那个月", EN: "Each record is counted in the month that it says itself"}
	}
	return Text{
		ZH: "每条记录是一个月的数：规则按月衡量的，各月分别判定，不把几个月相加再判",
		EN: "Each record is about one month: what the rules measure per month is judged month by month, and never added up over several to be judged",
	}
}

// MonthGrid are the months of a section as a table in a language, with the whole
// period below; nil where the period is a single month.
func (s *Section) MonthGrid(lang string) *Grid {
	if len(s.Months) == 0 {
		return nil
	}
	g := &Grid{Name: s.Name + "-months", Title: Text{ZH: s.Title.ZH + "（逐月）", EN: s.Title.EN + " (by month)"}, Note: s.monthNote()}
	pick := func(zh, en string) string { return Text{ZH: zh, EN: en}.In(lang) }
	add := func(heading string) { g.Head, g.Numbers = append(g.Head, heading), append(g.Numbers, len(g.Head) > 0) }
	add(pick("月份", "month"))
	add(pick("记录", "records"))
	add(pick("有违反", "with breaches"))
	for _, v := range s.Verdicts {
		add(v.Label.In(lang))
	}
	for _, c := range s.Columns {
		if c.Added() {
			add(c.Label.In(lang))
		}
	}
	row := func(called string, m MonthSum) {
		cells := []string{called, strconv.Itoa(m.Totals.Records), strconv.Itoa(m.Totals.Breached)}
		for _, v := range s.Verdicts {
			n := 0
			if i := slices.IndexFunc(m.Verdicts, func(x Tally) bool { return x.Verdict == v.Verdict }); i >= 0 {
				n = m.Verdicts[i].Records
			}
			cells = append(cells, strconv.Itoa(n))
		}
		for _, c := range m.Columns {
			if c.Added() {
				cells = append(cells, c.Total(lang))
			}
		}
		g.Rows = append(g.Rows, cells)
	}
	for _, m := range s.Months {
		called := m.Month
		if called == "" {
			called = pick("未写月份", "not said")
		}
		row(called, m)
	}
	row(pick("合计", "in all"), MonthSum{Totals: s.Totals, Verdicts: s.Verdicts, Columns: s.Columns})
	return g
}

// months writes what each month of a longer period comes to.
func (p *page) months(s *Section) {
	g := s.MonthGrid(p.Lang)
	if g == nil {
		return
	}
	p.paragraph("", p.Text(g.Note))
	p.grid(g.Head, g.Rows, &gridStyle{right: g.Numbers})
	p.line("")
}
