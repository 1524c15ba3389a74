package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tablemap"
	"github.com/servicerules/rulebook/spreadsheet/write"
)

func headingsOf(e tablemap.Empty) []string {
	var all []string
	for _, f := range e.Columns {
		all = append(all, f.Heading)
	}
	return all
}

// templateWorkbook is a workbook of empty tables, with a sheet that explains
// their columns.
func (a *app) templateWorkbook(all []tablemap.Empty, notes string) ([]byte, error) {
	var sheets []write.Sheet
	for _, e := range all {
		s := write.Sheet{Name: write.SheetName(e.Name)}
		for _, f := range e.Columns {
			c := write.Column{Heading: f.Heading, Choices: f.Words, Note: a.aboutField(f), Width: max(12, min(40, report.Width(f.Heading)+4))}
			if f.Fact != nil {
				switch f.Fact.TypeName {
				case "moment":
					c.Kind, c.Width = write.Moment, max(c.Width, 18)
				case "date":
					c.Kind = write.Day
				}
			}
			s.Columns = append(s.Columns, c)
		}
		sheets = append(sheets, s)
	}
	about := write.Sheet{Name: notes}
	for _, h := range a.notesHead() {
		about.Columns = append(about.Columns, write.Column{Heading: h})
	}
	about.Rows = a.notesRows(all)
	sheets = append(sheets, about)
	var b bytes.Buffer
	if err := write.Workbook(&b, sheets); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (a *app) notesHead() []string {
	return []string{a.t("表", "table"), a.t("内容", "what it holds"), a.t("列", "column"), a.t("事实", "fact"), a.t("怎样写", "how it is written"), a.t("例", "example")}
}

func (a *app) notesRows(all []tablemap.Empty) [][]string {
	var rows [][]string
	for _, e := range all {
		for _, f := range e.Columns {
			rows = append(rows, []string{write.SheetName(e.Name), e.About.In(a.style.Lang), f.Heading, f.Path, a.aboutField(f), f.Example})
		}
	}
	return rows
}

// aboutField says how the cells of a column are written.
func (a *app) aboutField(f tablemap.Field) string {
	if f.Path == table.Record {
		return a.t("每条记录的编号，不重复；列表的表里是它所属的记录", "the id of each record, which stands once; in the table of a list that of the record it belongs to")
	}
	parts := []string{kindOf(f.Fact, a.style.Lang)}
	if len(f.Words) > 0 {
		parts[0] = strings.Join(f.Words, a.t("、", ", "))
	}
	if note := f.Fact.Note.In(a.style.Lang); note != "" {
		parts = append(parts, note)
	}
	if f.Fact.TypeName == "list" {
		parts = append(parts, a.t("各项之间用分号；一项也没有写 []", "items parted by semicolons; [] for none"))
	}
	return strings.Join(slices.Compact(parts), a.t("；", "; "))
}

// templateNotes is the text beside empty tables in a directory.
func (a *app) templateNotes(all []tablemap.Empty) string {
	var b strings.Builder
	lang := a.style.Lang
	b.WriteString(a.t("每张表一行一条记录。不知道的留空，确实没有的写 null。以 # 开头的列是备注。\n", "Each table has one record a row. Leave empty what is not known, and write null where there is none. Columns that begin with # are remarks.\n"))
	for _, e := range all {
		fmt.Fprintf(&b, "\n%s.csv%s%s\n", e.Name, diagnostic.Text{ZH: "：", EN: ": "}.In(lang), e.About.In(lang))
		for _, f := range e.Columns {
			fmt.Fprintf(&b, "  %s (%s)%s%s%s%s\n", f.Heading, f.Path, diagnostic.Text{ZH: "：", EN: ": "}.In(lang), a.aboutField(f), a.t("；例 ", "; as in "), f.Example)
		}
	}
	return b.String()
}
