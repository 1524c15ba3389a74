package review

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/policy"
)

const (
	pageWidth   = 100 // columns, unless the style says otherwise
	shownIDs    = 12  // ids of a group, before they are only counted
	maxShown    = 50  // findings
	maxLacking  = 20  // records of a section that only lack facts, before they are only counted
	gap         = 2
	minWrapped  = 10 // columns that a cell is never wrapped below
	detailStart = "    "
)

// Render writes the report for people to read. A style without a width gets
// 100 columns.
func (r *Report) Render(w io.Writer, s report.Style) error {
	if s.Width <= 0 {
		s.Width = pageWidth
	}
	p := &page{Style: s}
	p.head(r)
	p.readAs(r)
	for i := range r.Sections {
		if len(r.Sections[i].Tables) > 0 {
			p.section(r, &r.Sections[i])
		}
	}
	p.decisions(r)
	p.undecided(r)
	p.unreadable(r)
	p.notReviewed(r)
	p.totals(r)
	_, err := io.WriteString(w, p.b.String())
	return err
}

type page struct {
	report.Style
	b strings.Builder
}

func (p *page) line(text string) { p.b.WriteString(strings.TrimRight(text, " ") + "\n") }

func (p *page) heading(text string) {
	p.line("")
	p.line(p.Bold(report.Clean(text)))
}

// paragraph writes text behind a lead; a strings.Builder does not fail.
func (p *page) paragraph(lead, text string) {
	_ = report.Paragraph(&p.b, p.Style, lead, report.Clean(text))
}

func (p *page) head(r *Report) {
	p.line(p.Bold(p.Text(r.Title)))
	p.line(p.Text(r.Rulebook.Title))
	editions := p.Pick("无", "none")
	if len(r.Rulebook.Editions) > 0 {
		editions = strings.Join(r.Rulebook.Editions, p.Comma())
	}
	called, when := p.Pick("月份", "month"), p.Pick("全部月份", "all months")
	switch x := r.Period; {
	case x == nil:
	case r.Month != "":
		when = p.Text(x.Label)
	case strings.Contains(x.Name, ".."): // its label has both days
		called, when = p.Pick("期间", "period"), p.Text(x.Label)
	default:
		called, when = p.Pick("期间", "period"), p.Pickf("%s（%s 至 %s）", "%s (%s to %s)", p.Text(x.Label), x.From, x.To)
	}
	asOf := clock(r.AsOf)
	if asOf == "" {
		asOf = p.Pick("未给出", "not given")
	}
	rows := [][]string{
		{p.Pick("规则书", "rulebook"), r.Rulebook.ID + " · " + p.Pick("版本 ", "edition ") + editions},
		{"sha256", r.Rulebook.SHA256},
		{called, when},
		{p.Pick("判断时间", "as of"), asOf},
	}
	p.grid(nil, rows, nil)
}

// clock is a moment of RFC 3339 as people write it, in its own zone.
func clock(text string) string {
	if len(text) < len("2006-01-02T15:04:05Z") {
		return text
	}
	day, rest := text[:10], text[11:]
	at, zone := rest[:8], rest[8:]
	return day + " " + strings.TrimSuffix(at, ":00") + " (" + strings.Replace(zone, "Z", "UTC", 1) + ")"
}

func (p *page) count(n int) string {
	return p.Plural(n, "%d 条记录", "%d record", "%d records")
}

func (p *page) section(r *Report, s *Section) {
	p.heading(p.Text(s.Title))
	if note := p.Text(s.Note); note != "" {
		p.paragraph("", note)
	}
	var parts []string
	for _, t := range s.Verdicts {
		label := fmt.Sprintf("%s %d", p.Text(t.Label), t.Records)
		parts = append(parts, label)
	}
	line := p.count(s.Totals.Records)
	if len(parts) > 0 {
		line += p.Colon() + strings.Join(parts, " · ")
	}
	var also []string
	outside := r.outside()
	for _, x := range []struct {
		n      int
		zh, en string
	}{
		{s.Provisional, "其中暂定 %d", "%d provisional"}, {s.Totals.Outside, outside.ZH + "而未列入 %d", "%d " + outside.EN + " left out"},
		{s.Partly, "其中 %d 条所说的月份只有一部分在期间内", "%d of them about months that lie in the period only in part"}, {s.Totals.Unreadable, "无法读取 %d", "%d unreadable"},
	} {
		if x.n > 0 {
			also = append(also, p.Pickf(x.zh, x.en, x.n))
		}
	}
	if len(also) > 0 {
		line += p.Pick("；", "; ") + strings.Join(also, p.Pick("，", ", "))
	}
	p.paragraph("", line)
	p.months(s)
	p.table(s)
	for _, c := range s.Compare {
		p.cross(c)
	}
}

// table lists the records of a section, each with what follows from it below.
func (p *page) table(s *Section) {
	header := []string{p.Pick("记录", "record"), p.Pick("结论", "result")}
	right := []bool{false, false}
	for _, c := range s.Columns {
		header = append(header, p.Text(c.Label))
		right = append(right, c.Added())
	}
	var rows [][]string
	var below [][]string
	left := s.Left.all()
	lacking, unlisted := left.Lacking, left.Unlisted
	for i := range s.Records {
		if x := &s.Records[i]; x.Listed && x.lacksOnly() {
			lacking++
		}
	}
	if lacking <= maxLacking {
		lacking = 0
	}
	for i := range s.Records {
		x := &s.Records[i]
		if !x.Listed {
			unlisted++
		}
		if !x.Listed || lacking > 0 && x.lacksOnly() {
			continue
		}
		verdict := p.Text(x.Answer.Label)
		if x.Answer.Provisional {
			verdict += p.Pick("（暂定）", " (provisional)")
		}
		row := []string{x.ID, verdict}
		for _, c := range x.Cells {
			row = append(row, p.Text(c))
		}
		rows = append(rows, row)
		below = append(below, p.details(x))
	}
	sums := slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Added() })
	if len(rows) > 0 {
		if sums {
			rows = append(rows, p.sums(s))
			below = append(below, nil)
		}
		p.grid(header, rows, &gridStyle{right: right, below: below})
	}
	if left.Listed > 0 {
		p.line(p.Dim("  " + p.Text(s.leftOut(left.Listed))))
	}
	if lacking > 0 {
		p.line(p.Dim("  " + p.Plural(lacking, "%d 条只是缺少事实，见下文“尚不能定”", "%d only lacks facts; see below what could not be decided", "%d only lack facts; see below what could not be decided")))
	}
	switch {
	case unlisted > 0 && len(rows)+left.Listed+lacking == 0:
		p.line(p.Dim("  " + p.Plural(unlisted, "%d 条只计数，未列出", "%d is counted and not listed", "%d are counted and not listed")))
	case unlisted > 0:
		p.line(p.Dim("  " + p.Plural(unlisted, "其余 %d 条只计数，未列出", "%d more is counted and not listed", "%d more are counted and not listed")))
	}
}

// leftOut says that so many records are not listed though they are to be looked at.
func (s *Section) leftOut(n int) Text {
	return diagnostic.Textf("另有 %[1]d 条没有列出；列出更多用 --list，全部完整的回答用 --out", "%[2]s not listed: --list lists more of them, and --out writes all complete answers", n, diagnostic.Counted(n, "more is", "more are"))
}

// lacksOnly reports whether nothing is to be done about a record but to find
// out what is missing.
func (x *Record) lacksOnly() bool {
	lacks := false
	answers := []*Answer{&x.Answer}
	for i := range x.With {
		answers = append(answers, &x.With[i].Answer)
	}
	for _, a := range answers {
		if len(a.Breaches) > 0 || len(a.Decisions) > 0 || a.Error != nil {
			return false
		}
		lacks = lacks || len(a.Missing) > 0
	}
	return lacks && x.Answer.Verdict == policy.Undetermined
}

func (p *page) sums(s *Section) []string {
	row := []string{p.Pick("合计", "sum"), ""}
	open := 0
	for _, c := range s.Columns {
		row = append(row, c.Total(p.Lang))
		open = max(open, c.Unknown)
	}
	if open > 0 {
		row[1] = p.Pickf("另有未定 %d", "and %d open", open)
	}
	return row
}

// details are the lines below a record: its breaches and who answers for
// them, what a person must decide, what is missing, and the other questions.
func (p *page) details(x *Record) []string {
	lines := p.findings(&x.Answer)
	for i := range x.With {
		w := &x.With[i]
		text := p.Text(w.Title) + p.Colon()
		switch shown := p.Text(w.Shown); {
		case w.Answer.Error != nil:
			text += p.Text(*w.Answer.Error)
		case shown != "" && shown != p.Text(w.Answer.Label):
			text += p.Text(w.Answer.Label) + p.Pick("，", ", ") + shown
		default:
			text += p.Text(w.Answer.Label)
		}
		if w.Absent != "" {
			text += p.Pickf("（%s 中没有这条记录）", " (%s has no row for it)", w.Absent)
		}
		lines = append(lines, text)
		if w.Absent != "" {
			continue
		}
		for _, l := range p.findings(&w.Answer) {
			if w.Answer.Error == nil {
				lines = append(lines, "  "+l)
			}
		}
	}
	return lines
}

func (p *page) findings(a *Answer) []string {
	var lines []string
	for _, b := range a.Breaches {
		lines = append(lines, p.Red("✗ ")+p.Text(b.Label)+p.Pick("（", " (")+p.Text(b.Where)+p.Pick("）", ")"))
	}
	if len(a.Liable) > 0 {
		lines = append(lines, p.Pick("责任人：", "liable: ")+p.liable(a.Liable))
	}
	for _, d := range a.Decisions {
		lines = append(lines, p.Pick("须由人决定：", "for a person to decide: ")+p.Text(d))
	}
	if len(a.Missing) > 0 {
		missing := make([]string, len(a.Missing))
		for i, f := range a.Missing {
			missing[i] = p.Text(f.Label)
		}
		lines = append(lines, p.Pick("缺少：", "missing: ")+strings.Join(missing, p.Comma()))
	}
	if a.Error != nil {
		lines = append(lines, p.Text(*a.Error))
	}
	return lines
}

func (p *page) liable(list []Liable) string {
	who, known := make([]string, len(list)), 0
	for i, l := range list {
		who[i] = strings.TrimSpace(p.Text(l.Label) + " " + l.Person)
		if l.Person != "" {
			known++
		}
	}
	text := strings.Join(who, p.Comma())
	if known == 0 {
		text += p.Pick("（没有记录是谁）", " (who that is, was not recorded)")
	}
	return text
}

func (p *page) cross(c Cross) {
	p.line("")
	p.line(p.Pickf("与 %s 自带的 %s 对照", "Against what %s says itself in %s", c.File, c.Column))
	header := []string{p.Pick("我们的结论", "our result"), p.Pick("算作", "taken as"), p.Pick("其达标", "theirs met"), p.Pick("其未达标", "theirs not met"), p.Pick("其未填", "theirs empty")}
	var rows [][]string
	for _, r := range c.Rows {
		class := p.Pick("不比较", "not compared")
		switch r.Class {
		case met:
			class = p.Pick("达标", "met")
		case notMet:
			class = p.Pick("未达标", "not met")
		}
		rows = append(rows, []string{p.Text(r.Label), class, strconv.Itoa(r.Met), strconv.Itoa(r.NotMet), strconv.Itoa(r.Silent)})
	}
	p.grid(header, rows, &gridStyle{right: []bool{false, false, true, true, true}})
	text := p.Pickf("比较了 %d 条：一致 %d，不一致 %d", "%d compared: %d alike, %d not", c.Agree+c.Differ, c.Agree, c.Differ)
	if c.Apart > 0 {
		text += p.Pickf("；另有 %d 条一方没有结论", "; of %d more one side has no result", c.Apart)
	}
	if len(c.Examples) > 0 {
		text += p.Pick("。不一致的如 ", ". They differ on ") + strings.Join(c.Examples, p.Comma())
		if c.Differ > len(c.Examples) {
			text += p.Pick(" 等", " and others")
		}
	}
	p.paragraph("  ", text)
}

func (p *page) decisions(r *Report) {
	p.groups(r, p.Pick("须由人决定", "For a person to decide"), p.Pick("事项", "what"), func(s *Section) []Group { return s.Decisions })
}

func (p *page) undecided(r *Report) {
	p.groups(r, p.Pick("尚不能定：缺少的事实", "Could not be decided: missing facts"), p.Pick("缺少的事实", "missing fact"), func(s *Section) []Group {
		groups := slices.Clone(s.MissingFacts)
		for i, g := range groups {
			groups[i].Label = diagnostic.Wording("%s（%s）", "%s (%s)", g.Label, Text{ZH: g.Code, EN: g.Code})
		}
		return groups
	})
	p.groups(r, p.Pick("无法计算", "Could not be computed"), p.Pick("原因", "why"), func(s *Section) []Group { return s.Errors })
}

func (p *page) groups(r *Report, title, what string, of func(*Section) []Group) {
	var rows [][]string
	for i := range r.Sections {
		for j, g := range of(&r.Sections[i]) {
			title := ""
			if j == 0 {
				title = p.Text(r.Sections[i].Title)
			}
			rows = append(rows, []string{title, p.Text(g.Label), strconv.Itoa(len(g.Records)), p.ids(g.Records)})
		}
	}
	if len(rows) == 0 {
		return
	}
	p.heading(title)
	p.grid([]string{p.Pick("部分", "section"), what, p.Pick("条数", "records"), p.Pick("记录", "which")}, rows, &gridStyle{right: []bool{false, false, true, false}})
}

func (p *page) ids(ids []string) string {
	if len(ids) <= shownIDs {
		return strings.Join(ids, p.Comma())
	}
	return strings.Join(ids[:shownIDs], p.Comma()) + p.Pickf(" 等 %d 条", " and %d more", pick(p, len(ids), len(ids)-shownIDs))
}

// pick is the number that the style's language counts with.
func pick(p *page, zh, en int) int {
	if strings.HasPrefix(p.Lang, "zh") {
		return zh
	}
	return en
}

func (p *page) unreadable(r *Report) {
	if len(r.Findings) == 0 {
		return
	}
	p.heading(p.Pick("无法读取", "Could not be read"))
	for i, f := range r.Findings {
		if i == maxShown {
			break
		}
		at := f.File
		switch {
		case f.Cell != "":
			at += " " + f.Cell
		case f.Line > 0:
			at += ":" + strconv.Itoa(f.Line)
		}
		if f.Column != "" {
			at += " " + f.Column
		}
		if f.Value != "" {
			at += p.Pickf("“%s”", " %q", f.Value)
		}
		p.paragraph("  ", at+p.Colon()+p.Text(f.Message)+" ["+f.Code+"]")
		if remedy := p.Text(f.Remedy); remedy != "" {
			p.paragraph("    → ", remedy)
		}
	}
	if more := len(r.Findings) + r.MoreFindings - maxShown; more > 0 {
		p.line(p.Pickf("  还有 %d 处", "  and %d more", more))
	}
}

// readAs says how tables were read that are not CSV in UTF-8.
func (p *page) readAs(r *Report) {
	for _, x := range r.ReadAs {
		p.line(p.Pickf("  %s 按 %s 读取", "  %s was read as %s", x.File, p.Text(x.As)))
	}
}

func (p *page) notReviewed(r *Report) {
	var rows [][]string
	for _, s := range r.Sections {
		if s.Missing != "" {
			rows = append(rows, []string{p.Text(s.Title), p.Pickf("目录里没有 %s", "there is no %s", s.Missing)})
		}
	}
	if len(rows) > 0 {
		p.heading(p.Pick("没有审查", "Not reviewed"))
		p.grid(nil, rows, nil)
	}
}

func (p *page) totals(r *Report) {
	t := r.Totals
	p.heading(p.Pick("合计", "Totals"))
	rows := [][]string{{p.Pick("审查的记录", "records reviewed"), strconv.Itoa(t.Records)}}
	for _, x := range []struct {
		label string
		n     int
		more  string
	}{
		{p.Pick("有违反的记录", "records with breaches"), t.Breached, p.Plural(t.Breaches, "共 %d 处违反", "%d breach", "%d breaches")},
		{p.Pick("有待人决定的记录", "records for a person to decide"), t.Decisions, ""},
		{p.Pick("缺少事实的记录", "records with missing facts"), t.Undecided, ""},
		{p.Pick("无法计算的记录", "records that cannot be computed"), t.Failed, ""},
		{p.Pick(r.outside().ZH+"的记录", "records "+r.outside().EN), t.Outside, p.Pick("未列入", "left out")},
		{p.Pick("无法读取的行", "rows that could not be read"), t.Unreadable, ""},
	} {
		if x.n > 0 {
			rows = append(rows, []string{x.label, strconv.Itoa(x.n), x.more})
		} else {
			rows = append(rows, []string{x.label, "0", ""})
		}
	}
	p.grid(nil, rows, &gridStyle{right: []bool{false, true, false}})
}
