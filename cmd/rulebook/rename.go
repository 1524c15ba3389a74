package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/editor"
)

// renamed is what a rename comes to, in JSON.
type renamed struct {
	Kind    string       `json:"kind"`
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Files   []editedJSON `json:"files"`
	Cases   int          `json:"cases"` // that were run, and come out as before
	Written bool         `json:"written"`
}

func (a *app) renameCommand() *cobra.Command {
	f := &editFlags{}
	cmd := &cobra.Command{
		Use:   a.t("rename 位置 新名称", "rename PLACE NEW"),
		Short: a.t("给事实、词、读法、规则等改名，用到的地方一起改", "give a fact, word, reading or rule another name, wherever it is used"),
		Long: a.t(
			`给规则书自己起的一个名称改名：事实、字段、词、词表、读法、选项、规则（数、表也是规则）、组、日历、
制度、问题。规则文件、它并入和扩展的文件、同一文件夹里共用这些文件的规则书、用例，用到的地方
一起改，其余一个字节也不动，注释也不动。位置写法同 rulebook set，也可只写名称或它的中文名：
  time_limit/6 install_urban    facts.request.fields.kind    request.kind    城区装机
改完核对一遍，用例改前改后各跑一遍；有错、有新的提醒或用例结果不同，就不改，并说明为什么。
事实文件、名单、台账和程序里也写着这个名称的，不在其内。`,
			`Give something that the rulebook has named another name: a fact, field, word, list of words, reading,
option, rule (named values and tables are rules), group, calendar, regulation or question. It is
changed in the rules file, the files that it includes and builds on, other rulebooks of the folder
that share those, and cases; every other byte stays, comments included. The place is as for rulebook
set, or the name alone, or its label:
  time_limit/6 install_urban    facts.request.fields.kind    request.kind    "urban installation"
The result is checked, and cases are run before and after: with errors, new warnings or a case that
comes out differently nothing is changed, and it is said why.
Files of facts, records and programs that have the name are not looked at.`),
		Example: a.t("rulebook rename request.kind matter\nrulebook rename time_limit/6 城区装机 urban_install --dry-run", "rulebook rename request.kind matter\nrulebook rename time_limit/6 install_urban urban_install --dry-run"),
		Args:    arguments(2, 3, diagnostic.Text{ZH: "要写位置和新名称，如 rulebook rename request.kind matter", EN: "name the place and the new name, such as rulebook rename request.kind matter"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			last := len(args) - 1
			return a.rename(cmd, f, strings.Join(args[:last], " "), args[last])
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	a.casesFlags(cmd, f)
	a.formatFlag(cmd)
	return cmd
}

func (a *app) rename(cmd *cobra.Command, f *editFlags, place, name string) error {
	rules, data, err := a.rulesToChange(cmd)
	if err != nil {
		return err
	}
	if _, err := parse(rules, data); err != nil {
		return a.refused(err, sourcesOf(rules, data))
	}
	p := openProject(data)
	s, err := p.Named(place)
	if err != nil {
		return a.editRefused(inFile(err, rules), sourcesOf(rules, data))
	}
	books, err := a.booksBeside(rules, p)
	if err != nil {
		return err
	}
	edits, err := editor.RenameShared(books, s, name)
	var no *editor.RenameError
	if errors.As(err, &no) {
		return &refusal{no.Message, no.Remedy, "cannot_rename"}
	}
	if err != nil {
		return err
	}
	files, err := a.filesWith(filepath.Dir(rules), edits)
	if err != nil {
		return err
	}
	after := p.With(books[0].Own(edits))
	changed, ran, err := a.renameCases(cmd, f, p, s, name, after)
	if err != nil {
		return err
	}
	files = append(files, changed...)
	if !f.dryRun {
		if err := writeFiles(files); err != nil {
			return err
		}
	}
	if a.json() {
		return writeJSON(a.out, renamed{string(s.Kind), s.ID, name, editedOf(files), ran, !f.dryRun})
	}
	a.printChanges(files)
	a.println("")
	if ran == 0 {
		a.println(a.t("没有跑用例：旁边没有，用 --cases 写明", "no cases were run: there are none beside the file; name some by --cases"))
	} else {
		a.println(a.style.Plural(ran, "用例 %d 个：结果都与改前相同", "%d case: it comes out as before", "%d cases: all come out as before"))
	}
	a.printWritten(files, f.dryRun)
	return nil
}

// renameCases are the files of cases in which a name is changed, and how many
// cases were run before and after; it is an error if one comes out differently.
func (a *app) renameCases(cmd *cobra.Command, f *editFlags, p *editor.Project, s *editor.Symbol, name string, after *editor.Project) ([]changed, int, error) {
	names, err := a.casesToRun(f)
	if err != nil {
		return nil, 0, err
	}
	data, texts := map[string][]byte{}, map[string]*editor.Text{}
	for _, name := range names {
		if data[name], err = a.readFile(name); err != nil {
			return nil, 0, err
		}
		texts[name] = editor.NewText(string(data[name]))
	}
	edits, ran, err := p.RenameInAllCases(cmd.Context(), s, name, after, texts)
	var no *editor.RenameError
	if errors.As(err, &no) {
		if no.Case != nil && !a.json() {
			a.failure(no.Case)
		}
		return nil, 0, &refusal{no.Message, no.Remedy, "case_differs"}
	}
	if err != nil {
		return nil, 0, err
	}
	var files []changed
	for _, name := range names {
		if len(edits[name]) > 0 {
			files = append(files, changed{name, data[name], []byte(texts[name].Edited(edits[name]).String())})
		}
	}
	return files, ran, nil
}
