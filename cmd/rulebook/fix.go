package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/editor"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
)

// fixedJSON is what was mended of a rules file, in JSON.
type fixedJSON struct {
	File    string         `json:"file"`
	Fixed   []fixedFinding `json:"fixed"`
	Left    []leftFinding  `json:"left"`
	Files   []editedJSON   `json:"files"`
	Sound   bool           `json:"sound"`   // whether the file can be used as it is now
	Cases   int            `json:"cases"`   // that were run
	Failing int            `json:"failing"` // of a file that could not be used before: that do not pass
	Written bool           `json:"written"`
}

type fixedFinding struct {
	formats.Finding
	Change diagnostic.Text `json:"change"`
}

type leftFinding struct {
	formats.Finding
	Why diagnostic.Text `json:"why"`
}

func (a *app) fixCommand() *cobra.Command {
	f := &editFlags{}
	cmd := &cobra.Command{
		Use:   a.t("fix [文件]", "fix [FILE]"),
		Short: a.t("核对规则文件，能放心改的错误和提醒直接改好", "check a rules file and mend what can safely be mended"),
		Long: a.t(
			`核对规则文件，把能放心改的错误和提醒按 rulebook check 说的改好：全角符号、大小写、数的写法，
以及与某个已有名称只差一两个字母的名称。每改一处都试过：那个错误没有了，没有多出别的，用例
结果也没有变。其余一个字节也不动，注释也不动。要由人决定的留着，并说明为什么。
再运行一遍，什么也不会改。还有错误时退出码为 1。`,
			`Check a rules file and make the changes that rulebook check advises where that leaves no choice:
full-width characters, upper case, how numbers are written, names that are one or two letters off one
that there is. Each change has been tried: the finding is gone, no other has come, and no case comes
out differently. Every other byte stays, comments included. What a person has to decide is left, with
the reason. To run it again changes nothing. With errors left the exit code is 1.`),
		Example: "rulebook fix --dry-run\nrulebook fix rules.yaml",
		Args:    arguments(0, 1, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.oneFile(cmd, args); err != nil {
				return err
			}
			return a.fix(cmd, f)
		},
		ValidArgsFunction: yamlFiles,
	}
	a.casesFlags(cmd, f)
	a.formatFlag(cmd)
	return cmd
}

func (a *app) fix(cmd *cobra.Command, f *editFlags) error {
	rules, data, err := a.rulesToChange(cmd)
	if err != nil {
		return err
	}
	cases, err := a.texts(f)
	if err != nil {
		return err
	}
	p := openProject(data)
	ran := 0
	after, done, left := p.FixAll(cmd.Context(), func(before, after *editor.Project) (why diagnostic.Text) {
		ran, why = differing(cmd.Context(), cases, rules, before, after)
		return why
	})
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	files, err := a.filesBetween(rules, p, after)
	if err != nil {
		return err
	}
	failing := 0
	if p.Book() == nil && after.Book() != nil {
		ran, failing = failingCases(cmd.Context(), cases, rules, after)
	}
	if !f.dryRun && len(files) > 0 {
		if err := writeFiles(files); err != nil {
			return err
		}
	}
	if a.json() {
		doc := fixedJSON{File: rules, Fixed: []fixedFinding{}, Left: []leftFinding{}, Files: editedOf(files), Sound: after.Book() != nil, Cases: ran, Failing: failing, Written: !f.dryRun && len(files) > 0}
		for _, x := range done {
			doc.Fixed = append(doc.Fixed, fixedFinding{formats.FindingsOf(diagnostic.List{inRules(x.Finding, rules)})[0], x.Title})
		}
		for _, x := range left {
			doc.Left = append(doc.Left, leftFinding{formats.FindingsOf(diagnostic.List{inRules(x.Finding, rules)})[0], x.Why})
		}
		if err := writeJSON(a.out, doc); err != nil {
			return err
		}
	} else {
		a.fixedText(rules, files, done, left)
		switch {
		case len(done) == 0:
		case failing > 0:
			a.println("", a.style.Yellow(a.style.Plural(ran, "用例 %d 个", "%d case", "%d cases")+a.style.Pickf("：%d 个不过。改前读不了，没有可比的：rulebook test 看是哪些", ": %d failing. There is nothing to compare with: the file could not be used before. rulebook test tells which", failing)))
		case ran > 0:
			a.println("", a.style.Plural(ran, "用例 %d 个：没有一个因此不过", "%d case: it does not fail because of this", "%d cases: none fails because of it"))
		}
		if len(files) > 0 {
			a.printWritten(files, f.dryRun)
		}
	}
	if after.Book() == nil {
		return &exitError{exitFindings}
	}
	return nil
}

// fixedText tells people what was mended and what was left.
func (a *app) fixedText(rules string, files []changed, done []editor.Fixed, left []editor.Left) {
	a.printChanges(files)
	if len(done) > 0 {
		a.println("", a.style.Pickf("改好 %d 处：", "mended %d:", len(done)))
		for _, x := range done {
			d := inRules(x.Finding, rules)
			a.println("  " + d.Span.String() + a.style.Colon() + a.style.Text(d.Message) + " [" + d.Code + "]")
			a.println("    → " + report.Clean(a.style.Text(x.Title)))
		}
	}
	if len(left) > 0 {
		a.println("", a.style.Pickf("留下 %d 处：", "left %d:", len(left)))
		for _, x := range left {
			d := inRules(x.Finding, rules)
			a.println("  " + d.Span.String() + a.style.Colon() + a.style.Text(d.Message) + " [" + d.Code + "]")
			a.println("    → " + a.style.Text(d.Remedy))
			a.println("    " + a.style.Dim(a.style.Text(x.Why)))
		}
	}
	if len(done)+len(left) == 0 {
		a.println(a.t("没有要改的", "there is nothing to mend"))
	}
}

// inRules is a finding with its place in the files of a rulebook.
func inRules(f editor.Finding, rules string) diagnostic.Diagnostic {
	d := f.Diagnostic
	d.Span.File = source.NameOf(rules, f.Path)
	return d
}

// caseText is a file of cases.
type caseText struct {
	name string
	data []byte
}

// texts are the files of cases to be run.
func (a *app) texts(f *editFlags) ([]caseText, error) {
	names, err := a.casesToRun(f)
	if err != nil {
		return nil, err
	}
	var texts []caseText
	for _, name := range names {
		data, err := a.readFile(name)
		if err != nil {
			return nil, err
		}
		texts = append(texts, caseText{name, data})
	}
	return texts, nil
}

// differing runs cases by a rulebook before and after a change, and says which
// comes out differently.
func differing(ctx context.Context, cases []caseText, rules string, before, after *editor.Project) (ran int, why diagnostic.Text) {
	was, err := rulebook.Parse(rules, before.All())
	if err != nil {
		return 0, diagnostic.Text{}
	}
	is, err := rulebook.Parse(rules, after.All())
	if err != nil {
		return 0, diagnostic.Textf("改后规则书读不了", "the rulebook would not load")
	}
	for _, c := range cases {
		old, err := casefile.ReadyOf(c.name, was, c.data)
		if err != nil {
			continue // what cannot be run before need not run after
		}
		now, err := casefile.ReadyOf(c.name, is, c.data)
		if err != nil {
			return ran, diagnostic.Textf("改后用例 %s 读不了", "the cases in %s could not be read", c.name)
		}
		for i := range old {
			ran++
			if x := now[i]; old[i].Run(ctx).Passed() != x.Run(ctx).Passed() {
				return ran, diagnostic.Textf("改了，用例 %s 的结果就不同（%v）", "the case %s would come out differently (%v)", x.Name, x.Span)
			}
		}
	}
	return ran, diagnostic.Text{}
}

// failingCases runs cases and counts those that do not pass.
func failingCases(ctx context.Context, cases []caseText, rules string, p *editor.Project) (ran, failing int) {
	book, err := rulebook.Parse(rules, p.All())
	if err != nil {
		return 0, 0
	}
	for _, text := range cases {
		all, err := casefile.ReadyOf(text.name, book, text.data)
		if err != nil {
			failing++
		}
		for _, c := range all {
			ran++
			if !c.Run(ctx).Passed() {
				failing++
			}
		}
	}
	return ran, failing
}

// filesBetween are the files of a rulebook that are different after changes.
func (a *app) filesBetween(rules string, before, after *editor.Project) ([]changed, error) {
	var files []changed
	for _, path := range before.Files() {
		old, now := before.Text(path), after.Text(path)
		if old == nil || now == nil || old.String() == now.String() {
			continue
		}
		name := source.NameOf(rules, path)
		data, err := a.readFile(filepath.Clean(name))
		if err != nil {
			return nil, err
		}
		files = append(files, changed{name, data, asItEnded(data, []byte(now.String()))})
	}
	return files, nil
}
