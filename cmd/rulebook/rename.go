package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
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
	before, err := parse(rules, data)
	if err != nil {
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
	now, err := parse(rules, after.All())
	if err != nil {
		return err // it has been loaded just now
	}
	changed, ran, err := a.renameCases(cmd, f, before, now, func(t *editor.Text) []editor.Edit { return p.RenameInCases(s, name, after, t) })
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
func (a *app) renameCases(cmd *cobra.Command, f *editFlags, before, after *rulebook.Book, edits func(*editor.Text) []editor.Edit) ([]changed, int, error) {
	names, err := a.casesToRun(f)
	if err != nil {
		return nil, 0, err
	}
	var files []changed
	ran := 0
	for _, name := range names {
		data, err := a.readFile(name)
		if err != nil {
			return nil, 0, err
		}
		t := editor.NewText(string(data))
		now := t.Edited(edits(t))
		if now != t {
			files = append(files, changed{name, data, []byte(now.String())})
		}
		was, is, err := bothWays(name, before, after, data, []byte(now.String()))
		if err != nil {
			return nil, 0, err
		}
		for i := range was {
			if err := cmd.Context().Err(); err != nil {
				return nil, 0, err
			}
			ran++
			if x, y := was[i].run(cmd.Context()), is[i].run(cmd.Context()); x.Passed() != y.Passed() {
				if !a.json() {
					a.failure(y)
				}
				return nil, 0, &refusal{
					diagnostic.Textf("改名后用例 %s 的结果不同（%v），没有改", "with the new name the case %s comes out differently (%v), and nothing was changed", y.Case.Name, y.Case.Span),
					diagnostic.Textf("用例里若还写着原来的名称，先改用例；不然换一个名称", "where the case still has the old name, change it there first; else choose another name"), "case_differs",
				}
			}
		}
	}
	return files, ran, nil
}

// readyCase is a case with the rulebook that it is about.
type readyCase struct {
	book *rulebook.Book
	*casefile.Case
}

// bothWays are the cases of a file before and after, as many of both. Of a file
// that is not sound there are none.
func bothWays(name string, before, after *rulebook.Book, old, now []byte) (was, is []readyCase, err error) {
	was, err = ready(name, before, old)
	if err != nil || was == nil {
		return nil, nil, nil // what cannot be run before need not run after
	}
	is, err = ready(name, after, now)
	if err == nil && len(is) != len(was) {
		err = &refusal{diagnostic.Textf("改名后 %s 读不了", "with the new name %s cannot be read", name), diagnostic.Textf("换一个名称", "choose another name"), "case_differs"}
	}
	return was, is, err
}

func (c readyCase) run(ctx context.Context) *casefile.Result {
	return casefile.Run(ctx, c.book, c.Case)
}

func ready(name string, book *rulebook.Book, data []byte) ([]readyCase, error) {
	f, _ := casefile.Parse(name, data)
	if f == nil {
		return nil, nil
	}
	book, err := casefile.Book(book, f)
	if err != nil {
		return nil, err
	}
	var all []readyCase
	for _, c := range f.Cases {
		all = append(all, readyCase{book, c})
	}
	return all, nil
}
