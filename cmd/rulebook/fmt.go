package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/layout"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
)

// formattedJSON is what was laid out, in JSON.
type formattedJSON struct {
	Files   []formattedFile `json:"files"`
	Written bool            `json:"written"`
}

type formattedFile struct {
	File     string            `json:"file"`
	Lines    int               `json:"lines"`              // that are otherwise in the layout; 0 of a file that is in it
	Findings []formats.Finding `json:"findings,omitempty"` // why it cannot be read, and is left
}

func (a *app) fmtCommand() *cobra.Command {
	var check, dryRun bool
	cmd := &cobra.Command{
		Use:   a.t("fmt [文件…]", "fmt [FILE…]"),
		Short: a.t("统一规则文件和用例的排版，内容一字不改", "lay out files of rules and cases alike, without a change of what they say"),
		Long: a.t(
			`统一排版：每层缩进两格；冒号、逗号、短横后空一格，括号里侧不空；行末、空行里没有空格，空行至多
连着两行，文件末尾有换行。引号、次序、注释、在哪里换行、换行符、列表与键对齐还是缩进，照原样。
写入前核对过：读出来的内容和注释与原来完全相同；再运行一遍，什么也不会改。规则书的 sha256 按
字节算，会变。不写文件即 rules.yaml 和它并入的文件。读不了的文件不动，并说明为什么。
--check 不写入，列出要改的文件，有就退出码为 1。`,
			`Lay files out alike: two blanks a level; one behind colons, commas and dashes, none within brackets;
none at line ends and in empty lines, at most two of these in a row; a line break at the end. Quotation
marks, order, comments, where lines break and how they end, and whether lists stand below their key or
to the right of it stay. Before a file is written it is made sure that all that is read from it, and its
comments, are the same; to run it again changes nothing. The sha256 of a rulebook is of its bytes and
changes. Without a file: rules.yaml and what it includes. What cannot be read is left, with the reason.
With --check nothing is written, and the exit code is 1 if a file is not in the layout.`),
		Example: "rulebook fmt\nrulebook fmt --check rules.yaml cases/*.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := a.filesToFormat(cmd, args)
			if err != nil {
				return err
			}
			return a.layOut(names, check, dryRun)
		},
		ValidArgsFunction: yamlFiles,
	}
	cmd.Flags().BoolVar(&check, "check", false, a.t("只列出排版不同的文件；有就退出码为 1", "only list files that are not in the layout; with any, exit with 1"))
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, a.t("只看会改成什么，不写文件", "show what would change, and write nothing"))
	a.formatFlag(cmd)
	return cmd
}

// filesToFormat are the files that are named, else the rules file and those that
// it includes.
func (a *app) filesToFormat(cmd *cobra.Command, args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	rules, data, err := a.rulesToChange(cmd)
	if err != nil {
		return nil, err
	}
	parts := source.Split(data)
	names := []string{rules}
	for _, n := range source.Named(source.Nodes(rules, parts[0].Text), source.Include) {
		for _, p := range parts[1:] {
			if p.Path == n.Text {
				names = append(names, source.NameOf(rules, p.Path))
			}
		}
	}
	return names, nil
}

func (a *app) layOut(names []string, check, dryRun bool) error {
	doc := formattedJSON{Files: []formattedFile{}}
	var files []changed
	var unread diagnostic.List
	sources := report.Sources{}
	for _, name := range names {
		data, err := a.readFile(name)
		if err != nil {
			return err
		}
		out, found := layout.Format(name, data)
		f := formattedFile{File: name}
		switch {
		case len(found) > 0:
			f.Findings = formats.FindingsOf(found)
			unread, sources[name] = append(unread, found...), data
		case !bytes.Equal(data, out):
			files = append(files, changed{name, data, out})
			for _, l := range edit.Lines(data, out) {
				if !l.Added {
					f.Lines++
				}
			}
			f.Lines = max(f.Lines, 1)
		}
		doc.Files = append(doc.Files, f)
	}
	doc.Written = !check && !dryRun && len(files) > 0
	if doc.Written {
		if err := writeFiles(files); err != nil {
			return err
		}
	}
	switch {
	case a.json():
		if err := writeJSON(a.out, doc); err != nil {
			return err
		}
	case check:
		for _, f := range files {
			a.println(f.name)
		}
	case dryRun && len(files) > 0:
		a.printChanges(files)
		a.printWritten(files, true)
	case len(files) > 0:
		for _, f := range files {
			a.println(a.t("已写入 ", "written: ") + f.name)
		}
	case len(unread) == 0:
		a.println(a.t("都已是统一排版，没有改动", "all is in the layout; nothing changed"))
	}
	if len(unread) > 0 && !a.json() {
		a.flush()
		if err := report.Findings(a.err, a.errStyle, unread, sources); err != nil {
			return err
		}
	}
	if len(unread) > 0 || check && len(files) > 0 {
		return &exitError{exitFindings}
	}
	return nil
}
