package ruletable

import (
	"fmt"
	"slices"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/table"
)

// Head are the headings of the rows in a language.
func Head(lang string) []string {
	all := make([]string, len(headings))
	for i, h := range headings {
		all[i] = h.In(lang)
	}
	return all
}

var headings = []diagnostic.Text{
	{ZH: "种类", EN: "kind"}, {ZH: "条款", EN: "article"}, {ZH: "规则", EN: "rule"}, {ZH: "项目", EN: "item"}, {ZH: "值", EN: "value"}, {ZH: "说明", EN: "notes"}, {ZH: "位置（勿改）", EN: "place (not to be changed)"},
}

// The columns of the rows.
const (
	columnValue = 4
	columnPlace = 6
)

// Cells are a row as cells under Head.
func (r Row) Cells(lang string) []string {
	return []string{GroupLabel(r.Group).In(lang), r.Article, r.Rule, r.Item, r.Value, r.Note, r.key()}
}

// key tells the row from all others.
func (r Row) key() string { return r.Group + ": " + r.Place }

// Given is a sheet that came back.
type Given struct {
	File  string
	Sheet bool // its cells are called by letters
	Head  []string
	Line  int // of Head
	Rows  []GivenRow
}

// GivenRow is one of its rows.
type GivenRow struct {
	Line  int
	Cells []string
}

// Change is a value that a person changed.
type Change struct {
	Row Row
	To  string
	At  diagnostic.Span
}

// Compare finds what was changed in rows of a language that were handed out and
// came back. Where something else was changed than values, all of that is found,
// and there are no changes. Groups of which no row came back are left as they are;
// a sheet without any row is none that was handed out. Blanks at the ends of cells
// are nothing.
func Compare(rows []Row, lang string, sheets []Given) ([]Change, diagnostic.List) {
	c := &comparer{lang: lang, rows: map[string]Row{}, seen: map[string]bool{}, groups: map[string]bool{}}
	for _, r := range rows {
		c.rows[r.key()] = r
	}
	for _, s := range sheets {
		c.sheet(s)
	}
	for _, r := range rows {
		if c.groups[r.Group] && !c.seen[r.key()] && !c.elsewhere {
			c.fail(c.last, "row_missing", diagnostic.Textf("少了一行：%s %s %s", "a row is missing: %s %s %s", r.Article, r.Rule, r.Item),
				diagnostic.Textf("放回这一行；要删去规则，改规则文件", "put the row back; to remove a rule, edit the rules file"))
		}
	}
	if len(c.found) > 0 {
		return nil, c.found
	}
	return c.changes, nil
}

type comparer struct {
	lang   string
	rows   map[string]Row
	seen   map[string]bool
	groups map[string]bool // of which rows came back
	last   diagnostic.Span
	// elsewhere reports that a table of another rulebook is among them.
	elsewhere bool
	changes   []Change
	found     diagnostic.List
}

func (c *comparer) fail(at diagnostic.Span, code string, message, remedy diagnostic.Text) {
	c.found = append(c.found, diagnostic.Diagnostic{Code: code, Severity: diagnostic.Error, Span: at, Message: message, Remedy: remedy})
}

// at is the place of a cell.
func (g Given) at(line, column int) diagnostic.Span {
	p := diagnostic.Position{Line: line, Column: column + 1}
	return diagnostic.Span{File: g.File, Start: p, End: p}
}

// cell is what a message calls a cell, where the sheet is one of a workbook.
func (g Given) cell(line, column int) string {
	if !g.Sheet {
		return ""
	}
	return table.ColumnLetters(column) + fmt.Sprint(line) + " "
}

func (c *comparer) sheet(g Given) {
	c.last = g.at(max(1, g.Line), 0)
	head := trimmed(g.Head)
	if len(head) == 0 {
		c.noRows("这个表是空的", "the table is empty")
		return
	}
	if !slices.Equal(head, Head("zh")) && !slices.Equal(head, Head("en")) {
		c.fail(c.last, "header_changed", diagnostic.Textf("表头与导出的不同", "the header is not the one that was written"), diagnostic.Textf("用 rulebook table 重新导出，只改“值”一列", "write the table again by rulebook table, and change values alone"))
		return
	}
	lang := "en"
	if slices.Equal(head, Head("zh")) {
		lang = "zh"
	}
	if lang != c.lang {
		c.fail(c.last, "other_language", diagnostic.Textf("这个表是另一种语言的", "the table is in another language"), diagnostic.Textf("加 --lang %s", "add --lang %s", lang))
		return
	}
	rows := slices.DeleteFunc(slices.Clone(g.Rows), func(r GivenRow) bool { return table.Blank(r.Cells) })
	switch {
	case len(rows) == 0:
		c.noRows("这个表只有表头，没有一行", "the table has a header, and no row")
	case !slices.ContainsFunc(rows, func(r GivenRow) bool { _, ok := c.rows[r.cell(columnPlace)]; return ok }):
		c.fail(g.at(rows[0].Line, columnPlace), "other_rulebook", diagnostic.Textf("%[1]s规则文件里没有表中的任何位置，如 %[2]q：这是另一个规则文件的表", "%[1]sthe rules file has none of the places of the table, such as %[2]q: it is the table of another rules file",
			g.cell(rows[0].Line, columnPlace), table.Excerpt(rows[0].cell(columnPlace))), diagnostic.Textf("用 --rules 写明它的规则文件，或用 rulebook table 重新导出", "name its rules file by --rules, or write the table again by rulebook table"))
		c.elsewhere = true
	default:
		for _, r := range rows {
			c.row(g, r)
		}
	}
}

// noRows says that a table has nothing in it: a value is never removed by leaving
// it out.
func (c *comparer) noRows(zh, en string) {
	c.fail(c.last, "no_rows", diagnostic.Text{ZH: zh, EN: en}, diagnostic.Textf("用 rulebook table 重新导出，只改“值”一列", "write the table again by rulebook table, and change values alone"))
}

// trimmed are cells without blanks at their ends, and without empty ones behind.
func trimmed(cells []string) []string {
	all := make([]string, len(cells))
	last := 0
	for i, c := range cells {
		if all[i] = strings.TrimSpace(c); all[i] != "" {
			last = i + 1
		}
	}
	return all[:last]
}

// cell is a cell without blanks at its ends.
func (r GivenRow) cell(i int) string {
	if i < len(r.Cells) {
		return strings.TrimSpace(strings.ReplaceAll(r.Cells[i], "\r\n", "\n"))
	}
	return ""
}

func (c *comparer) row(g Given, given GivenRow) {
	c.last = g.at(given.Line, 0)
	r, ok := c.rows[given.cell(columnPlace)]
	if !ok {
		c.fail(g.at(given.Line, columnPlace), "unknown_place", diagnostic.Textf("%[1]s规则文件里没有 %[2]q", "%[1]sthe rules file has nothing at %[2]q", g.cell(given.Line, columnPlace), table.Excerpt(given.cell(columnPlace))),
			diagnostic.Textf("恢复这一格；要添规则，改规则文件", "put the cell back; to add a rule, edit the rules file"))
		return
	}
	if c.seen[r.key()] {
		c.fail(c.last, "row_twice", diagnostic.Textf("%s这一行出现两次", "%sthe row stands twice", g.cell(given.Line, 0)), diagnostic.Textf("删去一行", "remove one of them"))
		return
	}
	c.seen[r.key()], c.groups[r.Group] = true, true
	for i, was := range r.Cells(c.lang) {
		is := given.cell(i)
		if was = strings.TrimSpace(was); is == was || is == table.Neutral(was) {
			continue
		}
		at, name := g.at(given.Line, i), g.cell(given.Line, i)
		switch {
		case i != columnValue || r.Fixed:
			c.fail(at, "not_to_be_changed", diagnostic.Textf("%[1]s%[2]q 不能在这里改，原为 %[3]q", "%[1]s%[2]q cannot be changed here; it was %[3]q", name, table.Excerpt(is), table.Excerpt(was)),
				diagnostic.Textf("改回来；标签、条款和结构在规则文件里改", "put it back; labels, articles and structure are changed in the rules file"))
		case strings.ContainsAny(is, "\n\r"):
			c.fail(at, "several_lines", diagnostic.Textf("%[1]s值里有换行：%[2]q", "%[1]sthere is a line break in the value %[2]q", name, table.Excerpt(is)), diagnostic.Textf("写成一行", "write it on one line"))
		case is == "":
			c.fail(at, "no_value", diagnostic.Textf("%s这里要有一个值，原为 %q", "%sa value is needed here; it was %q", name, was), diagnostic.Textf("写上值", "write one"))
		case len(r.Choices) > 0 && !slices.Contains(r.Choices, is):
			c.fail(at, "unknown_option", diagnostic.Textf("%s没有选项 %q", "%sthere is no option %q", name, table.Excerpt(is)), table.OneOf(is, r.Choices))
		default:
			c.changes = append(c.changes, Change{Row: r, To: is, At: at})
		}
	}
}
