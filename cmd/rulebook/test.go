package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
)

func (a *app) testCommand() *cobra.Command {
	var readings []string
	var strict bool
	cmd := &cobra.Command{
		Use:   a.t("test [路径…]", "test [PATH…]"),
		Short: a.t("跑用例：给定事实，结论是否如所料", "run cases: whether facts give what is expected"),
		Long: a.t(
			`跑用例文件；目录则连同子目录里的 .yaml 和 .yml；不写路径，跑规则文件旁边的。不过的用例
逐项列出应为什么、实得什么、写在哪里，并附上回答的理由。带 changes 的文件先改规则书再跑。
最后一行总是“N 个通过，M 个不过”；--format json 则逐例列出。--strict 时规则书的提醒也算错误。`,
			`Run files of cases; of a directory, every .yaml and .yml at or below it; without a path, those
beside the rules file. A case that fails is
shown with what was expected, what came out, where it stands, and the reasons of the answer.
Files with "changes:" are run against the changed rulebook. The last line is always
"N passed, M failed"; with --format json, every case is listed. With --strict, warnings about the
rulebook count as errors.`),
		Example: "rulebook test examples/cases\nrulebook test --reading ladder.hall_boundary=ge3 examples/cases/accountability.fine.yaml\nrulebook test examples/cases --format junit",
		RunE: func(cmd *cobra.Command, args []string) error {
			if beside := a.casesBeside(); len(args) == 0 && beside != "" {
				args = []string{beside}
			}
			if err := arguments(1, -1, diagnostic.Text{ZH: "要写用例文件或目录：规则文件旁边没有", EN: "a file or directory of cases is needed: there is none beside the rules file"})(cmd, args); err != nil {
				return err
			}
			book, err := a.load()
			if err != nil {
				return err
			}
			options, err := settings(commandName(cmd), readings)
			if err != nil {
				return err
			}
			if _, err := withReadings(commandName(cmd), book, readings); err != nil {
				return err
			}
			t := &caseRun{app: a, book: book, options: options, told: map[toldOf]bool{}, out: testedJSON{Rules: a.used, Cases: []casefile.Document{}, Findings: []formats.Finding{}}}
			if strict {
				if err := t.warnings(); err != nil {
					return err
				}
			}
			for _, path := range args {
				if err := t.path(cmd.Context(), commandName(cmd), path); err != nil {
					return err
				}
			}
			if err := t.finish(strict); err != nil {
				return err
			}
			if t.failed > 0 || len(t.report.Findings) > 0 {
				return &exitError{exitFindings}
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&readings, "reading", nil, a.t("换一种读法，可写多次", "choose another option of a reading; may be repeated"))
	complete(cmd, "reading", a.fromBook(readingOptions))
	a.formatFlag(cmd, formats.Names...)
	a.strictFlag(cmd, &strict)
	return cmd
}

// finish writes the end of what is printed, or all of it.
func (t *caseRun) finish(strict bool) error {
	switch a := t.app; {
	case !a.forPrograms():
		if t.failed > 0 && t.passed+t.failed > 1 {
			a.println("")
		}
		a.println(a.style.Pickf("%d 个通过，%d 个不过", "%d passed, %d failed", t.passed, t.failed))
		return nil
	case a.json():
		t.out.Passed, t.out.Failed = t.passed, t.failed
		return writeJSON(a.out, t.out)
	default:
		t.report.Command, t.report.Version, t.report.Strict = "test", ownVersion(), strict
		return formats.Write(a.out, a.format, t.report, a.style.Lang)
	}
}

// warnings are those about the rulebook.
func (t *caseRun) warnings() error {
	found := append(t.book.Warnings(), t.book.Unused()...)
	found.Sort()
	t.found(found)
	if t.app.forPrograms() || len(found) == 0 {
		return nil
	}
	b := t.book.Rulebook()
	if err := report.Findings(t.app.out, t.app.style, found, sourcesOf(b.FileName, b.Source())); err != nil {
		return err
	}
	t.app.println("")
	return nil
}

// found notes findings about files.
func (t *caseRun) found(found diagnostic.List) {
	t.out.Findings = append(t.out.Findings, formats.FindingsOf(found)...)
	t.report.Findings = append(t.report.Findings, found...)
}

// caseRun is one run of cases.
type caseRun struct {
	app            *app
	book           *rulebook.Book
	options        []rulebook.Option
	passed, failed int
	told           map[toldOf]bool // findings of cases
	out            testedJSON
	report         formats.Report // for other programs
}

// testedJSON is what test says, in JSON.
type testedJSON struct {
	Rules    *rulesJSON          `json:"rules"`
	Passed   int                 `json:"passed"`
	Failed   int                 `json:"failed"` // with the files that could not be used
	Cases    []casefile.Document `json:"cases"`  // of files that could be used
	Findings []formats.Finding   `json:"findings"`
}

// path runs the cases of a file or directory.
func (t *caseRun) path(ctx context.Context, command, path string) error {
	files, err := t.app.caseFiles(path)
	if err != nil {
		return err
	}
	before := t.passed + t.failed
	for _, name := range files {
		if err := t.file(ctx, name); err != nil {
			return err
		}
	}
	if t.passed+t.failed == before {
		return &usageError{
			command: command,
			message: diagnostic.Textf("%s 里没有用例", "there are no cases in %s", path),
			remedy:  diagnostic.Text{ZH: "用例是 .yaml 文件，最外层有 cases 或 scenario", EN: "cases are .yaml files with cases: or scenario: at the top"},
		}
	}
	return nil
}

// file runs the cases of one file. A file that cannot be used counts as one
// failure.
func (t *caseRun) file(ctx context.Context, name string) error {
	f, found, err := t.app.readCases(name)
	if err != nil {
		return err
	}
	if f == nil {
		t.failed++
		t.found(found)
		return nil
	}
	book, err := t.bookFor(f)
	if err != nil {
		t.failed += max(1, len(f.Cases))
		t.found(f.ChangesRefused(err))
		if t.app.forPrograms() {
			return nil
		}
		return t.app.changesRefused(f, err)
	}
	for _, c := range f.Cases {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := casefile.Run(ctx, book, c)
		r.Findings = t.untold(r.Findings)
		if t.app.json() {
			t.out.Cases = append(t.out.Cases, r.Document())
			t.out.Findings = append(t.out.Findings, formats.FindingsOf(r.Findings)...)
		}
		t.report.Cases = append(t.report.Cases, reported(r))
		if r.Passed() {
			t.passed++
			continue
		}
		t.failed++
		if !t.app.forPrograms() {
			t.app.failure(r)
		}
	}
	return nil
}

// untold leaves out what was told of a case before: a heading of a table is wrong for
// each of its rows.
func (t *caseRun) untold(found diagnostic.List) diagnostic.List {
	return slices.DeleteFunc(found, func(d diagnostic.Diagnostic) bool {
		is := toldOf{d.Code, d.Span}
		was := t.told[is]
		t.told[is] = true
		return was
	})
}

// toldOf is what a finding is known by.
type toldOf struct {
	code string
	at   diagnostic.Span
}

// bookFor is the rulebook that a file is run against: with its changes, under
// the readings of the command line.
func (t *caseRun) bookFor(f *casefile.File) (*rulebook.Book, error) {
	book, err := casefile.Book(t.book, f)
	if err != nil {
		return nil, err
	}
	return book.With(t.options...)
}

// changesRefused says why the changes of a file cannot be made.
func (a *app) changesRefused(f *casefile.File, err error) error {
	a.println(a.style.Red(a.t("不过", "FAIL")) + "  " + f.Name + a.style.Colon() + a.t("按 changes 改出的规则书有问题", "the rulebook with these changes is not sound"))
	var found diagnostic.List
	if !errors.As(err, &found) {
		a.paragraph("      ", report.Clean(err.Error()))
		return nil
	}
	return report.Findings(a.out, a.style, found, nil)
}

// reported is what became of a case, for other programs.
func reported(r *casefile.Result) formats.Case {
	c := formats.Case{Name: r.Case.Name, Question: r.Case.Question, Span: r.Case.Span}
	for _, d := range r.Findings {
		c.Failures = append(c.Failures, formats.Failure{Code: d.Code, Message: d.Message, Remedy: d.Remedy, Span: d.Span})
	}
	if len(r.Findings) > 0 {
		return c // the case itself is wrong
	}
	for _, m := range r.Mismatches {
		m.Expected, m.Got = casefile.Unquoted(m.Expected), casefile.Unquoted(m.Got)
		c.Failures = append(c.Failures, formats.Failure{Field: m.Field, Message: m.Told(), Span: r.Case.SpanOf(m.Field)})
	}
	return c
}

// findingsOfCase prints what is wrong with a case itself.
func (a *app) findingsOfCase(r *casefile.Result) {
	name := r.Case.Span.File
	sources := report.Sources{}
	if data, err := a.readFile(name); err == nil {
		sources[name] = data
	}
	a.println("")
	_ = report.Findings(a.out, a.style, r.Findings, sources) // an error stays in the writer
}

// failure prints a case that did not come out as expected.
func (a *app) failure(r *casefile.Result) {
	s := a.style
	a.println("", s.Red(a.t("不过", "FAIL"))+"  "+s.Bold(report.Clean(r.Case.Name)))
	a.println("      " + s.Dim(r.Case.Span.String()+"  "+r.Case.Question))
	t := report.Table{Indent: 6, Header: []string{a.t("字段", "field"), a.t("应为", "expected"), a.t("实得", "got"), a.t("写在", "at")}}
	for _, m := range r.Mismatches {
		got := a.side(m.Field, m.Got)
		if m.Refused.EN != "" {
			got, _, _ = strings.Cut(a.t(m.Refused.ZH, m.Refused.EN), " → ")
			if len(r.Findings) == 0 { // else what to do stands with the place
				got = a.t(m.Refused.ZH, m.Refused.EN)
			}
		}
		if m.Field == "error" && r.Answer != nil && r.Answer.Error == nil { // what may be expected instead
			got += a.t("；结论为 ", "; the verdict is ") + r.Answer.Verdict
		}
		t.Rows = append(t.Rows, []string{m.Field, s.Green(report.Clean(a.side(m.Field, m.Expected))), s.Red(report.Clean(got)), s.Dim(placeOf(r.Case, m.Field))})
	}
	a.table(t)
	if len(r.Findings) > 0 { // the case itself is wrong
		a.findingsOfCase(r)
	}
	if r.Answer == nil {
		return
	}
	a.println("      " + s.Dim(a.t("理由", "reasons")))
	for i, line := range strings.Split(r.Answer.Explain(s.Lang), "\n") {
		lead := "        "
		if i == 0 && line == "" {
			break
		}
		a.paragraph(lead, report.Clean(line))
	}
}

// side is one side of a mismatch as a person reads it: a word without its
// quotes, and marks of a field that has nothing in it in the chosen language.
func (a *app) side(field, text string) string {
	var word string
	if json.Unmarshal([]byte(text), &word) == nil && word != "" {
		return word
	}
	side := casefile.Side(field, text)
	return a.t(side.ZH, side.EN)
}

// placeOf is the line on which a field is expected, that of the case where it
// is not named there.
func placeOf(c *casefile.Case, field string) string {
	span := c.SpanOf(field)
	span.File = ""
	return span.String()
}

// caseFiles lists the files of cases at a path: a file itself, or the .yaml
// and .yml files at or below a directory, by name.
func (a *app) caseFiles(path string) ([]string, error) {
	var files []string
	root := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		root += string(filepath.Separator) // a link to a directory is followed
	}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == root && !entry.IsDir():
			files = append(files, name)
		case entry.IsDir() && name != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case !entry.IsDir() && isYAML(name) && !a.isRulebook(name):
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return files, nil
}

func isYAML(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// isRulebook tells rules files, which may lie beside cases.
func (a *app) isRulebook(name string) bool {
	data, err := a.readFile(name)
	if err != nil {
		return false
	}
	root, _ := source.Parse(name, data)
	return root.Get("rulebook") != nil
}

// readCases reads one file of cases. It is nil where the file is not sound;
// in text the findings have been printed then.
func (a *app) readCases(name string) (*casefile.File, diagnostic.List, error) {
	data, err := a.readFile(name)
	if err != nil {
		return nil, nil, err
	}
	f, found := casefile.Parse(name, data)
	if len(found) == 0 || a.forPrograms() {
		if len(found) > 0 {
			f = nil
		}
		return f, found, nil
	}
	if err := report.Findings(a.out, a.style, found, report.Sources{name: data}); err != nil {
		return nil, nil, err
	}
	a.println("")
	return f, found, nil
}
