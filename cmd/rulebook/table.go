package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/ruletable"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/spreadsheet"
	"github.com/servicerules/rulebook/spreadsheet/write"
)

func (a *app) tableCommand() *cobra.Command {
	var out string
	format := ""
	cmd := &cobra.Command{
		Use:   a.t("table [种类…] [-o 文件]", "table [KIND…] [-o FILE]"),
		Short: a.t("把规则文件里的数字和选择写成表", "write the numbers and choices of a rules file as tables"),
		Long: a.t(
			`把规则文件里的期限、阶梯、表、指标、清单、数值、读法写成表：Markdown（缺省）、CSV 或 xlsx，按
-o 的文件名或 --format。可只写几种：limits、ladders、tables、indicators、checklists、values、
others、readings。xlsx 里可改的格子是白的，读法可下拉选择；改好“值”一列，用
rulebook table import 读回。`,
			`Write the limits, ladders, tables, indicators, checklists, values and readings of a rules file as
tables: Markdown (by default), CSV or xlsx, by the name of -o or by --format. Kinds may be named:
limits, ladders, tables, indicators, checklists, values, others, readings. In xlsx the cells that
may be changed are white, and readings drop down. Change values, and read them back by
rulebook table import.`),
		Example: a.t("rulebook table limits readings\nrulebook table -o 数字.xlsx", "rulebook table limits readings\nrulebook table -o numbers.xlsx"),
		Args:    arguments(0, -1, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, kind := range args {
				if !slices.Contains(ruletable.Groups, kind) {
					return &usageError{command: commandName(cmd), message: diagnostic.Textf("没有种类 %q", "there is no kind %q", kind), remedy: diagnostic.OneOf(kind, ruletable.Groups)}
				}
			}
			if format == "" {
				var known bool
				if format, known = formatOfTable(out); !known {
					return &usageError{command: commandName(cmd), message: diagnostic.Textf("从 %s 看不出写成哪种表", "%s does not say which format to write", out),
						remedy: diagnostic.Text{ZH: "文件名以 .md、.csv、.xlsx 或 .json 结尾，或写 --format", EN: "let the name end in .md, .csv, .xlsx or .json, or give --format"}}
				}
			}
			if err := a.spares(commandName(cmd), filesOf(out)); err != nil {
				return err
			}
			rows, err := a.ruleRows(args)
			if err != nil {
				return err
			}
			return a.writeRuleRows(rows, format, out)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruletable.Groups, cobra.ShellCompDirectiveNoFileComp
		},
	}
	allowed := []string{"markdown", "csv", "xlsx", "json"}
	cmd.Flags().Var(&choice{allowed: allowed, to: &format}, "format", a.t("格式", "format of the tables"))
	cmd.Flags().StringVarP(&out, "output", "o", "", a.t("写到这个文件，缺省为标准输出", "the file to write; standard output by default"))
	complete(cmd, "format", fixed(allowed...))
	cmd.AddCommand(a.tableImportCommand())
	return cmd
}

// ruleRows are the rows of the rules file that is used.
func (a *app) ruleRows(groups []string) ([]ruletable.Row, error) {
	book, err := a.load()
	if err != nil {
		return nil, err
	}
	b := book.Rulebook()
	return ruletable.Rows(b, source.Split(b.Source()), a.style.Lang, groups...), nil
}

// filesOf are the files that are written for the value of --output: none for
// standard output.
func filesOf(out string) []string {
	if out == "" || out == "-" {
		return nil
	}
	return []string{out}
}

// formatOfTable is the format that the name of a file says.
func formatOfTable(out string) (format string, known bool) {
	if len(filesOf(out)) == 0 {
		return "markdown", true
	}
	switch strings.ToLower(filepath.Ext(out)) {
	case ".md":
		return "markdown", true
	case ".csv":
		return "csv", true
	case ".xlsx":
		return "xlsx", true
	case ".json":
		return "json", true
	}
	return "", false
}

func (a *app) writeRuleRows(rows []ruletable.Row, format, out string) error {
	var b bytes.Buffer
	var err error
	switch format {
	case "csv":
		text := table.AppendRow([]byte(table.Mark), ruletable.Head(a.style.Lang))
		for _, r := range rows {
			text = table.AppendRow(text, r.Cells(a.style.Lang))
		}
		b.Write(text)
	case "xlsx":
		err = write.Workbook(&b, a.ruleSheets(rows))
	case "json":
		err = writeJSON(&b, struct {
			Rows []rowJSON `json:"rows"`
		}{rowsJSON(rows)})
	default:
		err = ruletable.Markdown(&b, rows, a.style.Lang)
	}
	if err != nil {
		return err
	}
	if len(filesOf(out)) == 0 {
		_, err = a.out.Write(b.Bytes())
		return err
	}
	if err := writeFile(out, b.Bytes()); err != nil {
		return cannotWrite(out, err)
	}
	a.println(a.t("已写入 ", "written: ") + out)
	return nil
}

// rowJSON is a row in JSON.
type rowJSON struct {
	Kind    string   `json:"kind"`
	Article string   `json:"article"`
	Rule    string   `json:"rule"`
	Item    string   `json:"item"`
	Value   string   `json:"value"`
	Place   string   `json:"place"`
	Choices []string `json:"choices,omitempty"`
	Fixed   bool     `json:"fixed,omitempty"` // is not to be changed here
}

func rowsJSON(rows []ruletable.Row) []rowJSON {
	all := make([]rowJSON, 0, len(rows))
	for _, r := range rows {
		all = append(all, rowJSON{r.Group, r.Article, r.Rule, r.Item, r.Value, r.Place, r.Choices, r.Fixed})
	}
	return all
}

// ruleSheets are the rows as sheets, one for each kind.
func (a *app) ruleSheets(rows []ruletable.Row) []write.Sheet {
	var sheets []write.Sheet
	last := ""
	for _, r := range rows {
		if r.Group != last {
			last = r.Group
			s := write.Sheet{Name: ruletable.GroupLabel(r.Group).In(a.style.Lang), Fixed: true, Choices: map[[2]int][]string{}, Own: map[[2]int]bool{}}
			for _, h := range ruletable.Head(a.style.Lang) {
				s.Columns = append(s.Columns, write.Column{Heading: h})
			}
			const value = 4
			s.Columns[value].Kind = write.Number
			sheets = append(sheets, s)
		}
		s := &sheets[len(sheets)-1]
		const value = 4
		at := [2]int{len(s.Rows), value}
		if !r.Fixed {
			s.Own[at] = true
		}
		if len(r.Choices) > 0 {
			s.Choices[at] = r.Choices
		}
		s.Rows = append(s.Rows, r.Cells(a.style.Lang))
	}
	if len(sheets) == 0 {
		sheets = []write.Sheet{{Name: "-", Columns: []write.Column{{Heading: "-"}}}}
	}
	return sheets
}

func (a *app) tableImportCommand() *cobra.Command {
	f := &editFlags{}
	how := table.How{}
	var by, on string
	cmd := &cobra.Command{
		Use:   a.t("import 文件", "import FILE"),
		Short: a.t("读回 rulebook table 写出的表里改过的值", "read back the values that were changed in what rulebook table wrote"),
		Long: a.t(
			`读 rulebook table 写出的 CSV 或 xlsx，把改过的值写进规则文件，其余一个字节也不动，等于逐个用
set、decide 改。改了别的（标签、条款、位置、增行删行）就不写，一次指出全部。--from 说明新值从
哪天起；改了读法要写 --by。改完核对整个文件，再跑用例，列出结果与改前不同的。`,
			`Read a CSV or xlsx file that rulebook table wrote, and write the values that were changed into the
rules file, every other byte of which stays: as set and decide do one at a time. Where something
else was changed – labels, articles, places, rows more or less – nothing is written, and all of it
is told. --from says from which day the new values hold, and a reading needs --by. The changed
file is checked, cases are run before and after, and those that come out differently are listed.`),
		Example: a.t("rulebook table import 数字.xlsx --from 2026-01-01 --by 综合部 --dry-run", "rulebook table import numbers.xlsx --from 2026-01-01 --by \"General office\" --dry-run"),
		Args:    arguments(1, 1, diagnostic.Text{ZH: "要写表的文件名", EN: "name the file of the tables"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := f.day(cmd)
			if err != nil {
				return err
			}
			day := date.NewAt(time.Now())
			if on != "" {
				if day, err = dateArgument(cmd, on); err != nil {
					return err
				}
			}
			changes, err := a.changedValues(args[0], how)
			if err != nil {
				return err
			}
			if strings.TrimSpace(by) == "" && slices.ContainsFunc(changes, func(c ruletable.Change) bool { return c.Row.Group == "readings" }) {
				return &usageError{command: commandName(cmd), message: diagnostic.Textf("改了读法，没有写由谁决定", "a reading was changed, and it is not said who decides"), remedy: diagnostic.Text{ZH: "写 --by 部门或姓名", EN: "write --by DEPARTMENT or a name"}}
			}
			if len(changes) == 0 {
				a.println(a.t("没有改过的值", "no value was changed"))
				return nil
			}
			var stale []edit.Stale
			var edits []func(*edit.File) (*edit.File, error)
			for _, c := range changes {
				edits = append(edits, func(file *edit.File) (*edit.File, error) {
					if c.Row.Group == "readings" {
						return file.Decide(c.Row.Place, c.To, by, day, from)
					}
					place, err := file.Find(c.Row.Place)
					if err != nil {
						return nil, err
					}
					stale = append(stale, file.StaleText(place, c.To)...)
					return file.Set(place, c.To, from)
				})
			}
			if err := a.edit(cmd, f, edits...); err != nil {
				return err
			}
			a.printStale(stale)
			return nil
		},
	}
	a.editFlags(cmd, f)
	cmd.Flags().StringVar(&by, "by", "", a.t("读法由谁决定", "who decides the readings"))
	a.encodingFlag(cmd, &how.Encoding)
	cmd.Flags().StringVar(&on, "on", "", a.t("哪天决定的；不写即今天", "the day of the decision; today if not given"))
	return cmd
}

// changedValues are the values that were changed in a file of tables.
func (a *app) changedValues(path string, how table.How) ([]ruletable.Change, error) {
	rows, err := a.ruleRows(nil)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, cannotRead(path, err)
	}
	dir, name := filepath.Dir(path), filepath.Base(path)
	found, err := spreadsheet.Readable(os.DirFS(dir), func(string) table.How { return how })
	if err != nil {
		return nil, cannotRead(path, err)
	}
	var sheets []ruletable.Given
	for _, s := range found {
		if file, _, _ := strings.Cut(s.File, "#"); file != name {
			continue
		}
		g, err := given(s)
		var wrong *table.RowError
		switch {
		case errors.As(err, &wrong):
			d := diagnostic.Position{Line: wrong.Line, Column: 1}
			return nil, a.refused(diagnostic.List{{Code: wrong.Problem.Code, Severity: diagnostic.Error, Span: diagnostic.Span{File: s.File, Start: d, End: d}, Message: wrong.Problem.Message, Remedy: wrong.Problem.Remedy}}, nil)
		case err != nil:
			return nil, cannotRead(path, err)
		}
		sheets = append(sheets, g)
	}
	if len(sheets) == 0 {
		return nil, &usageError{command: "table import", message: diagnostic.Textf("%s 不是表", "%s is no table", name), remedy: diagnostic.Text{ZH: "写 .csv 或 .xlsx 文件", EN: "name a .csv or .xlsx file"}}
	}
	changes, wrong := ruletable.Compare(rows, a.style.Lang, sheets)
	if len(wrong) > 0 {
		return nil, a.refused(wrong, nil)
	}
	return changes, nil
}

// given reads a sheet.
func given(s table.Source) (ruletable.Given, error) {
	g := ruletable.Given{File: s.File}
	rows, err := s.Open()
	if err != nil {
		return g, err
	}
	if c, ok := rows.(io.Closer); ok {
		defer c.Close()
	}
	g.Sheet = rows.About().Workbook
	for {
		cells, err := rows.Row()
		switch {
		case errors.Is(err, io.EOF):
			return g, nil
		case err != nil:
			return g, err
		case table.Blank(cells):
		case g.Head == nil:
			g.Head, g.Line = slices.Clone(cells), rows.Line()
		default:
			if wrong := rows.Wrong(); len(wrong) > 0 {
				return g, &table.RowError{Line: rows.Line(), Problem: wrong[0].Problem, Whole: true}
			}
			g.Rows = append(g.Rows, ruletable.GivenRow{Line: rows.Line(), Cells: slices.Clone(cells)})
		}
	}
}
