package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	gates "github.com/servicerules/rulebook/internal/ci"
	"github.com/servicerules/rulebook/internal/difference"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
)

func (a *app) ciCommand() *cobra.Command {
	var base, baseRules, config string
	var written []string
	cmd := &cobra.Command{
		Use:   "ci",
		Short: a.t("合并前该查的一并查完，给出一张汇总", "all that should be looked at before a change is merged, in one summary"),
		Long: a.t(
			`把一次改动合并前该查的一并查完，给出一张汇总：
核对（check --strict）、分析（analyse）、承诺（promises）、用例（test）、覆盖（coverage）、误改（mutate）。
--base 版本 另与 git 的那一版相比：原有用例的结论不变，记录在案的答复不变，除非改动写明从哪天起，或者
同一次提交里改了用例的 expect；用例不得减少。规则和用例在哪里，以那一版的 .rulebook.yaml 为准；规则文件
改过名、移过的，用 --base-rules 写明原来的。
要求写在规则文件旁的 .rulebook.yaml：rules、cases、strict、analyse、promises（kept、proven 或 off）、
coverage、mutation（百分数，或 off）、tries、records；没有这个文件就按缺省，见 docs/ci.md。
--write 格式=文件 同时写成别的格式，可写多次。退出码：0 全部通过，1 有不通过的，2 用法不对，3 读不到。`,
			`All that should be looked at before a change is merged, in one summary: check --strict, analyse,
promises, test, coverage and mutate. With --base, the revision of git that the change is to, also:
no earlier case turns and no answer on record, but where the change says from which day it holds, or
a case expects something else in the same commit; and there are no fewer cases. Where rules and cases
were, the .rulebook.yaml of that revision says; --base-rules names a rules file that has moved.
What is asked for stands in .rulebook.yaml beside the rules file: rules, cases, strict, analyse,
promises (kept, proven or off), coverage, mutation (a percentage, or off), tries, records; without
it, the defaults of docs/ci.md. --write FORMAT=FILE writes it in another format as well, and may be
repeated. Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 something could not be read.`),
		Example: "rulebook ci\nrulebook ci --base origin/main\nrulebook ci --base HEAD~1 --format markdown --write junit=ci.xml",
		Args:    arguments(0, 0, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, err := a.ciFiles(cmd, written)
			if err != nil {
				return a.ciNotBegun(nil, nil, err)
			}
			if err := a.ciSpares(files); err != nil {
				return a.ciNotBegun(nil, nil, err)
			}
			compares := cmd.Flags().Changed("base")
			if compares && base == "" {
				return a.ciNotBegun(files, nil, &usageError{command: "ci", message: diagnostic.Textf("--base 后面是空的", "--base is empty"),
					remedy: diagnostic.Textf("写一个版本；在流水线里看变量是否有值。不与原版相比，就不写 --base", "write a revision; in a pipeline, see whether the variable has a value. To compare with nothing, leave --base out")})
			}
			was := ciPlaces{config: config, rules: a.rules, named: baseRules}
			c, found, err := a.ciConfig(config)
			if err != nil {
				return a.ciNotBegun(files, found, err)
			}
			if err := a.ciSpares(files, append(recordsOf(c), append(c.Cases, config)...)...); err != nil {
				return a.ciNotBegun(nil, nil, err)
			}
			s, sources, err := a.ciSubject(c)
			if err == nil && compares {
				s.Base, err = a.ciBase(c, base, was)
			}
			if err != nil {
				return a.ciNotBegun(files, nil, err)
			}
			r, err := gates.Run(cmd.Context(), s, c)
			if err != nil {
				return a.ciNotBegun(files, nil, a.ciRefused(err))
			}
			told, written := a.ciTold(r, sources), a.ciWrite(r, files)
			switch {
			case told != nil:
				return told
			case !written:
				return &exitError{exitTrouble}
			case !r.Passed():
				return &exitError{exitFindings}
			}
			return nil
		},
	}
	a.formatFlag(cmd, gates.Formats...)
	cmd.Flags().StringVar(&base, "base", "", a.t("与 git 的哪一版相比", "the revision of git to compare with"))
	cmd.Flags().StringVar(&baseRules, "base-rules", "", a.t("规则文件在那一版里叫什么（改过名、移过的）", "the rules file of that revision, if it has moved"))
	cmd.Flags().StringVar(&config, "config", "", a.t("要求写在哪个文件", "the file that says what is asked for"))
	cmd.Flags().StringArrayVar(&written, "write", nil, a.t("另写成 格式=文件", "write FORMAT=FILE as well"))
	return cmd
}

// ciNotBegun writes what kept the gates from being tried as a report, in each
// format that programs read, so that a pipeline always has its document; JSON has
// one for every failure of a command already.
func (a *app) ciNotBegun(files []ciFile, found diagnostic.List, err error) error {
	if found == nil {
		f := failureOf(err).Error
		found = diagnostic.List{{Code: f.Code, Severity: diagnostic.Error, Message: f.Message, Remedy: f.Remedy}}
	}
	r := gates.NotBegun(found)
	if a.forPrograms() && !a.json() {
		if err := r.Write(a.out, a.format, ownVersion(), a.style.Lang); err != nil {
			return err
		}
	}
	a.ciWrite(r, files)
	return err
}

// ciConfig reads what is asked for. Its paths become paths from the working
// directory. What is wrong in it is returned as well as told.
func (a *app) ciConfig(path string) (gates.Config, diagnostic.List, error) {
	named := path != ""
	if !named {
		path = filepath.Join(filepath.Dir(a.rules), gates.ConfigName)
	}
	data, err := os.ReadFile(path)
	switch {
	case !named && errors.Is(err, os.ErrNotExist):
		data = nil
	case err != nil:
		return gates.Config{}, nil, cannotRead(path, err)
	}
	c, found := gates.ReadConfig(path, data)
	if found.Failed() {
		return c, found, a.refused(found, report.Sources{path: data})
	}
	c = fromDirectory(c, filepath.Dir(path))
	for _, x := range c.Records {
		if _, err := os.Stat(x.Path); err != nil {
			return c, nil, cannotRead(x.Path, err)
		}
	}
	if a.rules == "" {
		a.rules = c.Rules
	}
	if a.rules == "" {
		a.rules = rulesInDirectory
	}
	if len(c.Cases) == 0 && a.casesBeside() != "" {
		c.Cases = []string{a.casesBeside()}
	}
	return c, nil, nil
}

// fromDirectory is a configuration whose paths, which are from its directory, are
// from the working directory.
func fromDirectory(c gates.Config, directory string) gates.Config {
	from := func(p string) string {
		if p == "" || filepath.IsAbs(p) {
			return p
		}
		return filepath.Join(directory, p)
	}
	c.Rules = from(c.Rules)
	for i := range c.Cases {
		c.Cases[i] = from(c.Cases[i])
	}
	for i := range c.Records {
		c.Records[i].Path = from(c.Records[i].Path)
	}
	return c
}

// ciSubject reads rules and cases.
func (a *app) ciSubject(c gates.Config) (gates.Subject, report.Sources, error) {
	var s gates.Subject
	_, data, err := a.find(a.rules)
	if err != nil {
		return s, nil, err
	}
	sources := sourcesOf(a.rules, data)
	book, err := rulebook.Parse(a.rules, data)
	if err != nil && !errors.As(err, &s.Found) {
		return s, nil, err
	}
	if err == nil {
		s.Book = book
		b := book.Rulebook()
		if err := a.wantLanguages(b); err != nil {
			return s, nil, err
		}
		a.used = &rulesJSON{b.Name(), b.ID, b.SHA256}
		a.say(b)
	}
	for _, path := range c.Cases {
		names, err := a.caseFiles(path)
		if err != nil {
			return s, nil, err
		}
		for _, name := range names {
			data, err := a.readFile(name)
			if err != nil {
				return s, nil, err
			}
			sources[name] = data
			f, found := casefile.Parse(name, data)
			if s.Wrong = append(s.Wrong, found...); f != nil {
				s.Files = append(s.Files, f)
			}
		}
	}
	return s, sources, nil
}

// ciRefused says what is wrong with records.
func (a *app) ciRefused(err error) error {
	var input *difference.InputError
	var read *os.PathError
	switch {
	case errors.As(err, &input):
		remedy := input.Remedy
		if input.Unasked {
			remedy = diagnostic.Wording("在 .rulebook.yaml 的 records 下写 {path: 文件, question: 问题}；%s", "under records in .rulebook.yaml write {path: FILE, question: QUESTION}; %s", remedy)
		}
		return &usageError{command: "ci", message: diagnostic.Text{ZH: input.File + "：" + input.Message.ZH, EN: input.File + ": " + input.Message.EN}, remedy: remedy}
	case errors.As(err, &read):
		return cannotRead(read.Path, err)
	}
	return err
}

// ciFile is a file that the report is written to as well.
type ciFile struct{ format, path string }

// ciFiles reads FORMAT=FILE.
func (a *app) ciFiles(cmd *cobra.Command, written []string) ([]ciFile, error) {
	var all []ciFile
	for _, w := range written {
		format, path, ok := strings.Cut(w, "=")
		if !ok || path == "" || format != "json" && !slices.Contains(gates.Formats, format) {
			return nil, &usageError{command: commandName(cmd), message: diagnostic.Textf("--write 看不懂：%q", "--write is not understood: %q", w),
				remedy: diagnostic.Textf("写 格式=文件，格式是 json, %s", "write FORMAT=FILE; formats are json, %s", strings.Join(gates.Formats, ", "))}
		}
		all = append(all, ciFile{format, path})
	}
	return all, nil
}

// ciSpares makes sure that no report is written over what is read.
func (a *app) ciSpares(files []ciFile, read ...string) error {
	var written []string
	for _, f := range files {
		written = append(written, f.path)
	}
	return a.spares("ci", written, read...)
}

func recordsOf(c gates.Config) []string {
	var paths []string
	for _, r := range c.Records {
		paths = append(paths, r.Path)
	}
	return paths
}

// ciWrite writes the report to files. It complains of each that it cannot write,
// and reports whether there is none.
func (a *app) ciWrite(r *gates.Report, files []ciFile) bool {
	all := true
	for _, f := range files {
		if err := a.ciWriteOne(r, f); err != nil {
			a.complain(a.errStyle.Pickf("无法写入 %s", "%s cannot be written", f.path)+a.errStyle.Colon()+cause(err, a.style.Lang), "")
			all = false
		}
	}
	return all
}

func (a *app) ciWriteOne(r *gates.Report, f ciFile) error {
	var b bytes.Buffer
	err := r.Write(&b, f.format, ownVersion(), a.style.Lang)
	if f.format == "json" {
		err = writeJSON(&b, a.ciJSON(r))
	}
	if err != nil {
		return err
	}
	return writeFile(f.path, b.Bytes())
}

type ciJSON struct {
	Rules  *rulesJSON `json:"rules"`
	Passed bool       `json:"passed"`
	Gates  []gateJSON `json:"gates"`
}

type gateJSON struct {
	Name     string            `json:"name"`
	Label    diagnostic.Text   `json:"label"`
	State    gates.State       `json:"state"`
	Said     diagnostic.Text   `json:"said"`
	Findings []formats.Finding `json:"findings"`
	Notes    []diagnostic.Text `json:"notes,omitempty"`
}

func (a *app) ciJSON(r *gates.Report) ciJSON {
	out := ciJSON{Rules: a.used, Passed: r.Passed()}
	for _, g := range r.Gates {
		out.Gates = append(out.Gates, gateJSON{g.Name, g.Label(), g.State, g.Said, formats.FindingsOf(g.Findings), g.Notes})
	}
	return out
}

func (a *app) ciTold(r *gates.Report, sources report.Sources) error {
	switch {
	case a.json():
		return writeJSON(a.out, a.ciJSON(r))
	case a.forPrograms():
		return r.Write(a.out, a.format, ownVersion(), a.style.Lang)
	}
	return a.ciText(r, sources)
}

func (a *app) ciText(r *gates.Report, sources report.Sources) error {
	s := a.style
	for _, g := range r.Gates {
		if len(g.Findings) == 0 && len(g.Notes) == 0 {
			continue
		}
		a.println(s.Bold(g.Label().In(s.Lang)))
		for _, d := range g.Findings {
			if err := report.Findings(a.out, s, diagnostic.List{d}, sources); err != nil {
				return err
			}
		}
		for _, n := range g.Notes {
			a.paragraph("  ", report.Clean(n.In(s.Lang)))
		}
		a.println("")
	}
	t := report.Table{}
	for _, g := range r.Gates {
		sign := g.State.Sign()
		switch g.State {
		case gates.Passed:
			sign = s.Green(sign)
		case gates.Failed:
			sign = s.Red(sign)
		}
		t.Rows = append(t.Rows, []string{sign, g.Label().In(s.Lang), report.Clean(g.Said.In(s.Lang))})
	}
	a.table(t)
	passed := a.t("全部通过", "all passed")
	if !r.Passed() {
		failed := 0
		for _, g := range r.Gates {
			if g.State == gates.Failed {
				failed++
			}
		}
		passed = s.Red(fmt.Sprintf(a.t("%d 项不通过", "%d failed"), failed))
	}
	a.println("", passed)
	return nil
}
