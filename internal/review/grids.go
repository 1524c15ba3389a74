package review

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/internal/printed"
)

// Grid is a part of a report as a table: a section's records, what could not be
// read, the totals.
type Grid struct {
	Name    string // of the section, "findings" or "totals"
	Title   Text
	Note    Text
	Head    []string
	Numbers []bool // columns that are added up
	Rows    [][]string
}

// Grids are the parts of a report as tables in a language. Records that are only
// counted in the text of a report are listed here, too.
func (r *Report) Grids(lang string) []Grid {
	pick := func(zh, en string) string { return Text{ZH: zh, EN: en}.In(lang) }
	join := func(texts []string) string { return strings.Join(texts, pick("；", "; ")) }
	t := r.Totals
	totals := Grid{Name: "totals", Title: Text{ZH: "合计", EN: "Totals"}, Head: []string{pick("项目", "of"), pick("数", "number")}, Numbers: []bool{false, true}}
	for _, x := range []struct {
		label string
		n     int
	}{
		{pick("审查的记录", "records reviewed"), t.Records}, {pick("有违反的记录", "records with breaches"), t.Breached}, {pick("违反", "breaches"), t.Breaches},
		{pick("有待人决定的记录", "records for a person to decide"), t.Decisions}, {pick("缺少事实的记录", "records with missing facts"), t.Undecided},
		{pick("无法计算的记录", "records that cannot be computed"), t.Failed}, {pick(r.outside().ZH+"的记录", "records "+r.outside().EN), t.Outside}, {pick("无法读取的行", "rows that could not be read"), t.Unreadable},
	} {
		totals.Rows = append(totals.Rows, []string{x.label, strconv.Itoa(x.n)})
	}
	all := []Grid{totals}
	for i := range r.Sections {
		s := &r.Sections[i]
		if len(s.Tables) == 0 {
			continue
		}
		g := Grid{Name: s.Name, Title: s.Title, Note: s.Note, Head: []string{pick("编号", "record"), pick("结论", "verdict")}, Numbers: []bool{false, false}}
		for _, c := range s.Columns {
			g.Head, g.Numbers = append(g.Head, c.Label.In(lang)), append(g.Numbers, c.Added())
		}
		if left := s.Left.all(); left != (Left{}) {
			more := s.leftOut(left.Listed + left.Lacking + left.Unlisted)
			g.Note = Text{ZH: strings.TrimSpace(g.Note.ZH + " " + more.ZH), EN: strings.TrimSpace(g.Note.EN + " " + more.EN)}
		}
		others := s.others()
		for _, title := range others {
			g.Head, g.Numbers = append(g.Head, title.In(lang)), append(g.Numbers, false)
		}
		g.Head = append(g.Head, pick("违反", "breaches"), pick("缺的事实", "missing facts"), pick("待决定", "to be decided"), pick("文件", "file"))
		g.Numbers = append(g.Numbers, false, false, false, false)
		for k := range s.Records {
			x := &s.Records[k]
			a := &x.Answer
			verdict := a.Label.In(lang)
			if a.Error != nil {
				verdict += pick("：", ": ") + a.Error.In(lang)
			}
			row := []string{x.ID, verdict}
			for _, c := range x.Cells {
				row = append(row, c.In(lang))
			}
			for _, title := range others {
				shown := ""
				for _, other := range x.With {
					if other.Title == title {
						shown = other.Shown.In(lang)
					}
				}
				row = append(row, shown)
			}
			var breaches, missing, decisions []string
			for _, b := range a.Breaches {
				breaches = append(breaches, b.Label.In(lang)+" ("+b.Where.In(lang)+")")
			}
			for _, f := range a.Missing {
				missing = append(missing, f.Label.In(lang))
			}
			for _, d := range a.Decisions {
				decisions = append(decisions, d.In(lang))
			}
			g.Rows = append(g.Rows, append(row, join(breaches), join(missing), join(decisions), x.File))
		}
		if g := s.MonthGrid(lang); g != nil {
			all = append(all, *g)
		}
		all = append(all, g)
	}
	if len(r.Findings) > 0 {
		g := Grid{Name: "findings", Title: Text{ZH: "无法读取", EN: "Could not be read"}, Head: []string{pick("文件", "file"), pick("行或格", "line or cell"), pick("列", "column"), pick("写的是", "what stands there"), pick("问题", "what is wrong"), pick("怎样改", "what to do")}, Numbers: make([]bool, 6)}
		for _, f := range r.Findings {
			at := f.Cell
			if at == "" && f.Line > 0 {
				at = fmt.Sprint(f.Line)
			}
			g.Rows = append(g.Rows, []string{f.File, at, f.Column, f.Value, f.Message.In(lang), f.Remedy.In(lang)})
		}
		all = append(all, g)
	}
	return all
}

// others are the titles of the further questions that were asked about records.
func (s *Section) others() []Text {
	var all []Text
	for i := range s.Records {
		for _, x := range s.Records[i].With {
			if !slices.Contains(all, x.Title) {
				all = append(all, x.Title)
			}
		}
	}
	return all
}

// HTML writes the report as one page, which needs nothing else and can be printed.
func (r *Report) HTML(w io.Writer, lang string) error {
	p := &printed.Page{
		Lang: lang, Of: r.Rulebook.Title.In(lang), Title: r.Title.In(lang),
		Foot: []printed.Line{{Label: Text{ZH: "规则书", EN: "Rulebook"}.In(lang), Text: r.Rulebook.ID + ", sha256 " + r.Rulebook.SHA256}},
	}
	if r.Period != nil {
		p.Title += " " + r.Period.Label.In(lang)
	}
	if r.AsOf != "" {
		p.Below = []printed.Line{{Label: Text{ZH: "判断时间", EN: "As of"}.In(lang), Text: clock(r.AsOf)}}
	}
	for _, g := range r.Grids(lang) {
		p.Parts = append(p.Parts, printed.Part{Heading: g.Title.In(lang), Text: g.Note.In(lang), Table: &printed.Table{Head: g.Head, Numbers: g.Numbers, Rows: g.Rows}})
	}
	return p.Write(w)
}
