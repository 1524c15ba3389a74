package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rickb777/date/v2"
	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/edit"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// editFlags are the flags of commands that change a rules file.
type editFlags struct {
	from   string
	cases  []string
	dryRun bool
}

func (a *app) editFlags(cmd *cobra.Command, f *editFlags) {
	cmd.Flags().StringVar(&f.from, "from", "", a.t("从哪天起；之前的仍用原来的值", "the day from which it holds; until then the old value does"))
	a.casesFlags(cmd, f)
}

func (a *app) casesFlags(cmd *cobra.Command, f *editFlags) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.cases, "cases", nil, a.t("改前改后各跑一遍的用例，文件或目录；不写则用旁边的", "cases to run before and after; those beside the rules file if not given"))
	flags.BoolVar(&f.dryRun, "dry-run", false, a.t("只看会改成什么，不写文件", "show what would change, and write nothing"))
}

// day is the day of --from; 0 where none is given.
func (f *editFlags) day(cmd *cobra.Command) (date.Date, error) {
	if f.from == "" {
		return 0, nil
	}
	return dateArgument(cmd, f.from)
}

func (a *app) setCommand() *cobra.Command {
	f := &editFlags{}
	cmd := &cobra.Command{
		Use:   a.t("set 位置… 新值", "set PLACE… VALUE"),
		Short: a.t("改规则文件里的一个值，可写明从哪天起", "change one value of the rules file, from a day on if you like"),
		Long: a.t(
			`改规则文件里的一个值，其余一个字节也不动，注释也不动。位置这样写：
  time_limit/6 install_urban.within    第六条的一条规则和它的字段
  限时办结制第6条 城区装机.within      制度和规则也可写名称
  time_limit.install_urban.within      规则的编号和字段
  words.role.agent.zh                  从最外层起的路径
写 --from，这个值从那天起才变，以前的事仍按原来的值。改完核对整个文件，有错就不写；
再跑用例，列出结果与改前不同的。`,
			`Change one value of the rules file and leave every other byte alone, comments included. The place is:
  time_limit/6 install_urban.within    a rule of an article, and its field
  time_limit/6 "urban installation.within"   the rule by its label; the regulation may be, too
  time_limit.install_urban.within      the rule by its id, and the field
  words.role.agent.zh                  a path from the top
With --from the value changes on that day, and earlier matters keep the old one. The changed file
is checked, and not written if it has errors; cases are run before and after, and those that come
out differently are listed.`),
		Example: a.t("rulebook set time_limit/6 install_urban.within \"4 个工作日\" --from 2026-01-01\nrulebook set time_limit/6 install_urban.zh 城区装机 --dry-run", "rulebook set time_limit/6 install_urban.within \"4 working days\" --from 2026-01-01\nrulebook set time_limit/6 install_urban.en \"urban installation\" --dry-run"),
		Args:    withinQuotes(3, diagnostic.Text{ZH: "要写位置和新值，如 rulebook set time_limit/6 install_urban.within \"4 个工作日\"", EN: "name the place and the new value, such as rulebook set time_limit/6 install_urban.within \"4 working days\""}),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := f.day(cmd)
			if err != nil {
				return err
			}
			last := len(args) - 1
			var stale []edit.Stale
			err = a.edit(cmd, f, func(file *edit.File) (*edit.File, error) {
				place, err := file.Find(strings.Join(args[:last], " "))
				if err != nil {
					return nil, err
				}
				stale = file.StaleText(place, args[last])
				return file.Set(place, args[last], from)
			})
			if err != nil {
				return err
			}
			a.printStale(stale)
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	a.editFlags(cmd, f)
	return cmd
}

// withinQuotes is two arguments or more of which the last may have spaces in it:
// where there are too many, that is probably why.
func withinQuotes(most int, missing diagnostic.Text) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := arguments(2, most, missing)(cmd, args)
		var wrong *usageError
		if len(args) > most && errors.As(err, &wrong) {
			last := strings.Join(args[most-1:], " ")
			wrong.remedy = diagnostic.Textf("最后一个里有空格的，加引号：\"%[1]s\"", "if the last one has spaces in it, put it in quotes: \"%[1]s\"", last)
		}
		return err
	}
}

// printStale says where the wording of an article, or of a rule, has numbers that
// were changed.
func (a *app) printStale(stale []edit.Stale) {
	says := map[string]string{
		"text":  a.t("条文（text）", "the text of the article"),
		"title": a.t("标题（title）", "the title of the article"),
		"note":  a.t("说明（note）", "the note"),
		"label": a.t("名称", "the label"),
	}
	for _, x := range stale {
		a.println(a.style.Yellow(says[x.In] + a.style.Pickf("仍写着“%s”：改前的第 %d 行“%s”，请一并改", " still says “%s”: line %d as it was, “%s”, to be changed as well", x.Number, x.Line, report.Clean(x.Beside))))
	}
}

func (a *app) decideCommand() *cobra.Command {
	f := &editFlags{}
	var by, on string
	cmd := &cobra.Command{
		Use:   a.t("decide 读法 选项", "decide READING OPTION"),
		Short: a.t("决定一个读法，并记下由谁在哪天决定", "decide a reading, and note who did and when"),
		Long: a.t(
			`在规则文件里选定一个读法，记下 decided: {by, on}。其余一个字节也不动。改完核对整个文件，
有错就不写；再跑用例，列出结果与改前不同的。读法和选项也可写它们的名称，或名称开头的几个字。`,
			`Choose an option of a reading in the rules file and note decided: {by, on}. Every other byte stays.
The changed file is checked, and not written if it has errors; cases are run before and after, and
those that come out differently are listed. Reading and option may be named by their labels, too,
or by the words that a label begins with.`),
		Example: a.t("rulebook decide ladder.hall_boundary ge3 --by 综合部 --on 2026-02-03", "rulebook decide ladder.hall_boundary ge3 --by \"General office\" --on 2026-02-03"),
		Args: func(cmd *cobra.Command, args []string) error {
			missing := diagnostic.Text{ZH: "要写读法和选项；rulebook readings 列出全部", EN: "name a reading and an option; rulebook readings lists them"}
			if len(args) == 1 {
				missing = diagnostic.Textf("还要写选项；rulebook readings %[1]s 列出它的选项", "name an option, too; rulebook readings %[1]s lists them", args[0])
			}
			return withinQuotes(2, missing)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := f.day(cmd)
			if err != nil {
				return err
			}
			if strings.TrimSpace(by) == "" {
				return &usageError{command: commandName(cmd), message: diagnostic.Textf("没有写由谁决定", "it is not said who decides"), remedy: diagnostic.Text{ZH: "写 --by 部门或姓名", EN: "write --by DEPARTMENT or a name"}}
			}
			day := date.NewAt(time.Now())
			if on != "" {
				if day, err = dateArgument(cmd, on); err != nil {
					return err
				}
			}
			line, why := 0, ""
			err = a.edit(cmd, f, func(file *edit.File) (*edit.File, error) {
				line, why = file.Reason(args[0], args[1], a.style.Lang)
				return file.Decide(args[0], args[1], by, day, from)
			})
			if err == nil && line > 0 {
				a.println(a.style.Yellow(a.style.Pickf("理由（why）是为原来的选项写的：改前的第 %d 行“%s”，请一并改", "the reason (why) was written for the other option: line %d as it was, “%s”, to be changed as well", line, report.Clean(why))))
			}
			return err
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	a.editFlags(cmd, f)
	cmd.Flags().StringVar(&by, "by", "", a.t("由谁决定", "who decides"))
	cmd.Flags().StringVar(&on, "on", "", a.t("哪天决定的；不写即今天", "the day of the decision; today if not given"))
	return cmd
}

// edit makes changes in the rules file, checks it, says what is different and which
// cases come out differently, and writes it: all of the changes, or none.
func (a *app) edit(cmd *cobra.Command, f *editFlags, changes ...func(*edit.File) (*edit.File, error)) error {
	rules, data, err := a.rulesToChange(cmd)
	if err != nil {
		return err
	}
	before, err := parse(rules, data)
	if err != nil {
		return a.refused(err, sourcesOf(rules, data))
	}
	parts := source.Split(data)
	first := map[string][]byte{} // files that are changed, as they were
	var names []string
	for _, change := range changes {
		at, file, err := editOne(before.Rulebook(), parts, change)
		if err != nil {
			return a.editRefused(err, sourcesOf(rules, data))
		}
		if bytes.Equal(parts[at].Text, file.Data) {
			continue
		}
		name := source.NameOf(rules, parts[at].Path)
		if first[name] == nil {
			names = append(names, name)
			first[name] = parts[at].Text
		}
		parts[at].Text = file.Data
	}
	var written []changed
	for _, name := range names {
		i := slices.IndexFunc(parts, func(p source.File) bool { return source.NameOf(rules, p.Path) == name })
		if bytes.Equal(parts[i].Text, first[name]) {
			continue
		}
		old, err := a.readFile(name)
		if err != nil {
			return err
		}
		written = append(written, changed{name, old, asItEnded(old, parts[i].Text)})
	}
	if len(written) == 0 {
		a.println(a.t("已经是这样，没有改动", "it is so already; nothing changed"))
		return nil
	}
	changed := parts[0].Text
	if source.Joined(data) {
		changed = source.Join(parts)
	}
	after, err := parse(rules, changed)
	if err != nil {
		a.println(a.t("改后的文件有错，没有写入：", "The changed file has errors and was not written:"), "")
		return a.refused(err, sourcesOf(rules, changed))
	}
	a.printChanges(written)
	if err := a.flipped(cmd.Context(), f, before, after); err != nil {
		return err
	}
	if !f.dryRun {
		if err := writeFiles(written); err != nil {
			return err
		}
	}
	a.printWritten(written, f.dryRun)
	return nil
}

// editOne changes the first file of a rulebook that has the place, and says
// which it is. What only the book has that this one extends is changed in a file
// of this one, as a deviation.
func editOne(b *policy.Rulebook, parts []source.File, change func(*edit.File) (*edit.File, error)) (int, *edit.File, error) {
	base := map[string]bool{} // files of the book that it extends, which is changed where it is
	for _, f := range b.Files() {
		base[f.Name] = f.Base
	}
	var first error
	for _, below := range []bool{false, true} {
		for i, p := range parts {
			name := source.NameOf(b.Name(), p.Path)
			if base[name] != below {
				continue
			}
			file, err := edit.Open(name, p.Text)
			if err != nil {
				return i, nil, err
			}
			file.InForceFrom(b.From)
			file.InLanguages(b.Languages)
			changed, err := change(file)
			var one diagnostic.Diagnostic
			switch {
			case err == nil && below:
				return deviate(b, parts, base, file, changed)
			case err == nil:
				return i, changed, nil
			case !errors.As(err, &one) || one.Code != edit.CodeUnknownPlace:
				return i, nil, err
			case first == nil:
				first = err
			}
		}
	}
	return 0, nil, first
}

// deviate writes what is changed of a base into the file of the branch that has
// most of the place already, else into its main file.
func deviate(b *policy.Rulebook, parts []source.File, base map[string]bool, file, changed *edit.File) (int, *edit.File, error) {
	at, most := 0, -1
	var own *edit.File
	for i, p := range parts {
		name := source.NameOf(b.Name(), p.Path)
		if base[name] {
			continue
		}
		f, err := edit.Open(name, p.Text)
		if err != nil {
			return i, nil, err
		}
		if depth := f.Depth(file, changed); depth > most {
			at, most, own = i, depth, f
		}
	}
	out, err := own.Deviate(file, changed)
	return at, out, err
}

// editRefused says why an edit cannot be made.
func (a *app) editRefused(err error, sources report.Sources) error {
	var one diagnostic.Diagnostic
	if errors.As(err, &one) {
		return a.refused(diagnostic.List{one}, sources)
	}
	return a.refused(err, sources)
}

// flipped runs cases by the rules before and after an edit and tells which come
// out differently.
func (a *app) flipped(ctx context.Context, f *editFlags, before, after *rulebook.Book) error {
	names, err := a.casesToRun(f)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		a.println("", a.t("没有跑用例：旁边没有，用 --cases 写明", "no cases were run: there are none beside the file; name some by --cases"))
		return nil
	}
	ran, same := 0, 0
	for _, name := range names {
		c, found, err := a.readCases(name)
		switch {
		case err != nil:
			return err
		case c == nil || len(found) > 0 || len(c.Changes) > 0:
			continue // files that change the rules themselves have their own text to start from
		}
		for _, x := range c.Cases {
			if err := ctx.Err(); err != nil {
				return err
			}
			was, is := casefile.Run(ctx, before, x), casefile.Run(ctx, after, x)
			ran++
			switch {
			case was.Passed() == is.Passed():
				same++
			case is.Passed():
				a.println("", a.style.Green(a.t("现在通过了", "passes now"))+"  "+report.Clean(x.Name), "      "+a.style.Dim(x.Span.String()))
			default:
				a.failure(is)
			}
		}
	}
	a.println("", a.style.Plural(ran, "用例 %d 个", "%d case", "%d cases")+a.style.Pickf("：%d 个与改前相同，%d 个不同", ": %d as before, %d differently", same, ran-same))
	return nil
}
