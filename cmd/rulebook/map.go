package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/tablemap"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/spreadsheet"
)

func (a *app) mapCommand() *cobra.Command {
	how := &howFlags{}
	var out string
	cmd := &cobra.Command{
		Use:   a.t("map 表…", "map TABLE…"),
		Short: a.t("提出别人的表怎样读：哪一列是哪个事实，哪个词是什么", "propose how tables of somebody else are read: which column is which fact, which word is which"),
		Long: a.t(
			`看表的列名和内容，提出怎样读成规则文件 review 一节要的记录：哪一列是哪个事实，写的词是规则里的
哪个词，时刻按谁的时区，日期怎样写。结果写成旁边的 review.yaml（-o 另写一处，-o - 显示出来），
拿不准的地方有带“？”的注释，请逐处核对；没有用上的列也列在里面。写的是目录，就看其中全部的表。`,
			`Look at the headings and the cells of tables, and propose how they are read as the records that the
section review of the rules file wants: which column is which fact, which words are which of the
rules, whose clocks times are on, how dates are written. It is written as review.yaml beside them
(-o names another file, and -o - prints it). What is not certain has a comment with a question
mark, to be looked at by a person; columns that were not used are listed. Of a directory, all its
tables are looked at.`),
		Example: a.t("rulebook map 导出/工单.xlsx\nrulebook map 导出 -o -", "rulebook map export/tickets.xlsx\nrulebook map export -o -"),
		Args:    arguments(1, -1, diagnostic.Text{ZH: "要写表的文件名，或放表的目录", EN: "name tables, or a directory of them"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			b := book.Rulebook()
			if b.Review == nil {
				return noReview()
			}
			var all []tablemap.Proposal
			for _, path := range args {
				tables, err := a.tablesAt(path, how.how())
				if err != nil {
					return err
				}
				for _, t := range tables {
					all = append(all, tablemap.Propose(b, t))
				}
			}
			if len(all) == 0 {
				return &refusal{diagnostic.Text{ZH: "这里没有表", EN: "there are no tables here"}, diagnostic.Text{ZH: "写 CSV、xlsx、ods 或 JSON Lines 文件", EN: "name files of CSV, xlsx, ods or JSON Lines"}, "no_tables"}
			}
			text, doubts := tablemap.Write(all, a.style.Lang, b.Zone.String())
			return a.writeMap(args[0], out, text, doubts)
		},
	}
	how.add(a, cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", a.t("写到这个文件，缺省为表旁边的 review.yaml", "the file to write; review.yaml beside the tables by default"))
	return cmd
}

// writeMap writes a proposal with so many doubts, and over no file that is there.
func (a *app) writeMap(beside, out string, text []byte, doubts int) error {
	if out == "-" {
		_, err := a.out.Write(text)
		return err
	}
	if out == "" {
		dir := beside
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			dir = filepath.Dir(beside)
		}
		out = filepath.Join(dir, "review.yaml")
	}
	const readable = 0o644
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, readable)
	if errors.Is(err, fs.ErrExist) {
		return &usageError{command: "map", message: diagnostic.Textf("%s 已经有了", "%s is there already", out), remedy: diagnostic.Text{ZH: "用 -o 写到别处，或用 -o - 显示出来", EN: "write elsewhere with -o, or print it with -o -"}}
	}
	if err == nil {
		_, err = f.Write(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return cannotWrite(out, err)
	}
	a.println(a.t("已写入 ", "written: ") + out)
	switch {
	case doubts == 1:
		a.println(a.t("有 1 处拿不准，请核对带“？”的行", "1 place is not certain: look at the line with a question mark"))
	case doubts > 1:
		a.println(a.style.Pickf("有 %d 处拿不准，请核对带“？”的行", "%d places are not certain: look at the lines with a question mark", doubts))
	}
	return nil
}

// tablesAt are the tables of a directory or of a file, with some of their rows.
func (a *app) tablesAt(path string, how table.How) ([]tablemap.Table, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	dir, only := path, ""
	if !info.IsDir() {
		dir, only = filepath.Dir(path), filepath.Base(path)
	}
	found, err := spreadsheet.Readable(os.DirFS(dir), func(string) table.How { return how })
	if err != nil {
		return nil, cannotRead(path, err)
	}
	var all []tablemap.Table
	for _, s := range found {
		if file, _, _ := strings.Cut(s.File, "#"); only != "" && file != only {
			continue
		}
		t, err := tablemap.Look(s)
		var wrong *table.RowError
		switch {
		case errors.As(err, &wrong):
			return nil, a.wrongHeader(filepath.Join(dir, s.File), &batch.HeaderError{Line: wrong.Line, Problems: []*table.Problem{wrong.Problem}})
		case err != nil:
			return nil, cannotRead(filepath.Join(dir, s.File), err)
		}
		all = append(all, t)
	}
	return all, nil
}

func noReview() error {
	return &refusal{
		diagnostic.Text{ZH: "规则文件没有说审查什么", EN: "the rules file does not say what to review"},
		diagnostic.Text{ZH: "在规则文件里写上 review 一节", EN: "add a section review to the rules file"},
		"no_review",
	}
}

func (a *app) templateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   a.t("template 目录|文件.xlsx", "template DIR|FILE.xlsx"),
		Short: a.t("写出空表，供人填写每月的记录", "write empty tables for the records of a month to be filled in"),
		Long: a.t(
			`按规则文件的 review 一节写出空表，列名用规则书的语言（--lang）。写成 .xlsx，一张表一个工作表，
词语可下拉选择，“#说明”里有每一列的意思和例子；写成目录，一张表一个 CSV，说明在 说明.txt 里。
填好后用 rulebook review 审查。列表里的记录（如暂停的起止）另有一张表，一行一项，编号写它所属的
那一条。`,
			`Write empty tables for what the section review of the rules file reads, with headings in a language of
the rulebook (--lang). As .xlsx each table is a sheet, words drop down, and the sheet "#notes" says
what each column means, with an example; in a directory each is a CSV file, and notes.txt says so.
Fill them in and judge them by rulebook review. Records of a list, such as pauses, have a table of
their own, one a row, with the id of the record that they belong to.`),
		Example: a.t("rulebook template 2025-06.xlsx --lang zh\nrulebook template 2025-06", "rulebook template 2025-06.xlsx\nrulebook template 2025-06"),
		Args:    arguments(1, 1, diagnostic.Text{ZH: "要写目录，或以 .xlsx 结尾的文件名", EN: "name a directory, or a file that ends in .xlsx"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			if book.Rulebook().Review == nil {
				return noReview()
			}
			return a.template(book.Rulebook(), args[0])
		},
	}
	return cmd
}

// looksLikeFile reports whether a name that ends so is meant to be a file of a
// kind that is not written: letters, as in .pdf or .csv. A directory may be called
// 2025.06.
func looksLikeFile(ext string) bool {
	const longest = 6
	return len(ext) > 1 && len(ext) <= longest && !strings.EqualFold(ext, ".xlsx") && strings.ContainsFunc(ext, unicode.IsLetter)
}

// template writes empty tables, over no file that is there.
func (a *app) template(b *policy.Rulebook, out string) error {
	if ext := filepath.Ext(out); looksLikeFile(ext) {
		return &usageError{command: "template", message: diagnostic.Textf("不能写成 %s 文件：%s", "no %s file can be written: %s", ext, out),
			remedy: diagnostic.Text{ZH: "写以 .xlsx 结尾的文件名，或一个目录（其中每张表一个 CSV）", EN: "name a file that ends in .xlsx, or a directory, where each table is a CSV file"}}
	}
	all := tablemap.Templates(b, a.style.Lang)
	files := map[string][]byte{}
	notes := a.t("说明", "notes")
	if strings.EqualFold(filepath.Ext(out), ".xlsx") {
		data, err := a.templateWorkbook(all, "#"+notes)
		if err != nil {
			return err
		}
		files[out] = data
	} else {
		for _, e := range all {
			files[filepath.Join(out, e.Name+".csv")] = table.AppendRow([]byte(table.Mark), headingsOf(e))
		}
		files[filepath.Join(out, notes+".txt")] = []byte(table.Mark + a.templateNotes(all))
	}
	for name := range files {
		if _, err := os.Stat(name); err == nil {
			return &usageError{command: "template", message: diagnostic.Textf("%s 已经有了", "%s is there already", name), remedy: diagnostic.Text{ZH: "写另一个名字", EN: "give another name"}}
		}
	}
	for name, data := range files {
		const readable, searchable = 0o644, 0o755
		err := os.MkdirAll(filepath.Dir(name), searchable)
		if err == nil {
			err = os.WriteFile(name, data, readable)
		}
		if err != nil {
			return cannotWrite(name, err)
		}
	}
	a.println(a.t("已写入 ", "written: ") + out)
	fmt.Fprintln(a.err, a.errStyle.Pickf("填好以后：rulebook review %s --local-times（时刻按 %s）", "once it is filled in: rulebook review %s --local-times (times of %s)", out, b.Zone))
	return nil
}
