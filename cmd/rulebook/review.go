package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/review"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/spreadsheet"
	"github.com/servicerules/rulebook/spreadsheet/write"
)

func (a *app) reviewCommand() *cobra.Command {
	var when reviewTime
	var out string
	var list int
	var progressed bool
	how := &howFlags{}
	cmd := &cobra.Command{
		Use:   a.t("review 目录|文件", "review DIR|FILE"),
		Short: a.t("审查一个月或一段时间的记录：逐条判定并汇总", "review records of a month or another period: decide each and sum them up"),
		Long: a.t(
			`审查目录里的表，或一个文件：按规则文件的 review 一节逐条提问并汇总，列出违反的、缺事实的、须由人决定的。
表可以是 CSV（UTF-8、UTF-16、GB18030）、xlsx、ods、JSON Lines，也可用 gzip 压缩；列名写事实或它的
标签，词语写代码或标签。读不了的行逐一指出，其余照常审查，退出码为 1。月份取自 --month、review.yaml
或目录名、文件名；--period 是季度、半年、年（2025-Q3、2025年第三季度、2025年上半年、2025），--from、--to 是
任意两天；记录各按自己的日期归入，按月衡量的各月分别判定。提问的时刻缺省为其后的第一刻。-o 写成网页或
xlsx，可打印；--out 把全部完整的回答写成该目录里的 decisions.jsonl，一行一个。`,
			`Review the tables of a directory, or of one file: ask about each record as the section review of
the rules file says, and sum the answers up: what was broken, what is missing, what a person must decide.
Tables are CSV (in UTF-8, UTF-16 or GB18030), xlsx, ods or JSON Lines, which may be compressed with
gzip; columns are called by facts or their labels, and words are codes or labels.
Rows that cannot be read are pointed out, the others are reviewed all the same, and the exit code
is 1. The month is that of --month, review.yaml or the name of the directory or file; --period is a
quarter, half a year or a year (2025-Q3, 2025-H1, 2025), and --from and --to are any two days: each
record is counted where its own date says, and what is measured per month is judged month by month.
The moment of asking is by default the first one after the period. -o writes a page that can be
printed, or a workbook; --out writes all the complete answers, one a line, to decisions.jsonl in
that directory.`),
		Example: "rulebook review data/2025-06\nrulebook review data --month 2025-06 --out decisions\nrulebook review data --period 2025-Q3\nrulebook review data/2025-06 --format json\nrulebook review 2025-06.xlsx -o report.html",
		Args:    arguments(1, 1, diagnostic.Text{ZH: "要写放记录的目录或表", EN: "a directory of records, or a table of them, is needed"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := reviewOptions(cmd, when)
			if err != nil {
				return err
			}
			options.How = how.how()
			if list < 0 {
				return &usageError{command: commandName(cmd), message: diagnostic.Textf("--list 不能是 %d", "--list cannot be %d", list), remedy: diagnostic.Text{ZH: "写 0（全部列出）或更大的数", EN: "write 0, for all of them, or more"}}
			}
			if a.format != "json" { // which holds all complete answers
				options.Kept, options.Named, options.Brief = list, maxNamed, out == ""
			}
			book, err := a.load()
			if err != nil {
				return err
			}
			r, err := a.reviewTo(cmd.Context(), book, args[0], out, options, progressed)
			if err != nil {
				return err
			}
			if r.Month == "" && !a.quiet {
				fmt.Fprintln(a.err, a.errStyle.Pick("没有写是哪个月：全部记录都算在内。以月份给目录或文件起名（2025-06、2025年6月.xlsx），或写 --month 2025-06",
					"no month is given, and all records count: call the directory or the file by it, such as 2025-06.xlsx, or write --month 2025-06"))
			}
			switch a.format {
			case "json":
				err = writeJSON(a.out, r)
			case "html":
				err = r.HTML(a.out, a.style.Lang)
			case "xlsx":
				err = write.Workbook(a.out, reportSheets(r, a.style.Lang))
			default:
				err = r.Render(a.out, a.style)
			}
			if err == nil && r.Failed() {
				err = &exitError{exitFindings}
			}
			return err
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&when.month, "month", "", a.t("审查的月份", "the month to review"))
	flags.StringVar(&when.period, "period", "", a.t("审查的期间：2025-06、2025-Q3、2025-H1、2025", "the period to review: 2025-06, 2025-Q3, 2025-H1, 2025"))
	flags.StringVar(&when.from, "from", "", a.t("期间的第一天，与 --to 同用", "first day of the period, with --to"))
	flags.StringVar(&when.to, "to", "", a.t("期间的最后一天", "last day of the period"))
	flags.StringVar(&when.asOf, "as-of", "", a.t("提问的时刻，如 2025-07-01T00:00:00+08:00", "the moment of asking, such as 2025-07-01T00:00:00+08:00"))
	how.add(a, cmd)
	flags.StringVar(&out, "out", "", a.t("把完整的回答写入这个目录", "write the complete answers to this directory"))
	const most = 20_000
	flags.IntVar(&list, "list", most, a.t("每部分最多列出多少条，0 为全部", "how many records of a section are listed at most; 0 for all"))
	flags.BoolVar(&progressed, "progress", false, a.t("不在终端上也显示进度", "show how far it is when standard error is no terminal, too"))
	a.formatFlag(cmd, "html", "xlsx")
	a.outputFlag(cmd, func(args []string) []string { return args })
	for _, name := range []string{"month", "period", "from", "to"} {
		complete(cmd, name, fixed())
	}
	complete(cmd, "list", fixed())
	complete(cmd, "as-of", fixed())
	complete(cmd, "out", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}

// reportSheets are the parts of a report as sheets.
func reportSheets(r *review.Report, lang string) []write.Sheet {
	var sheets []write.Sheet
	taken := map[string]bool{}
	for _, g := range r.Grids(lang) {
		s := write.Sheet{Name: write.SheetName(g.Title.In(lang)), Rows: g.Rows}
		if taken[strings.ToLower(s.Name)] {
			s.Name = write.SheetName(g.Name)
		}
		taken[strings.ToLower(s.Name)] = true
		for i, h := range g.Head {
			c := write.Column{Heading: h}
			if g.Numbers[i] {
				c.Kind = write.Number
			}
			s.Columns = append(s.Columns, c)
		}
		sheets = append(sheets, s)
	}
	return sheets
}

// maxNamed is how many records are named beside what holds of all of them.
const maxNamed = 1_000

// reviewTo reviews a directory and writes the complete answers to another, if one
// is named: as they come, so that they need not be held.
func (a *app) reviewTo(ctx context.Context, book *rulebook.Book, dir, out string, o review.Options, progressed bool) (*review.Report, error) {
	if out == "" {
		return a.review(ctx, book, dir, o, progressed)
	}
	const searchable = 0o755
	if err := os.MkdirAll(out, searchable); err != nil {
		return nil, cannotWrite(out, err)
	}
	if a.format == "json" { // the report holds them anyway
		r, err := a.review(ctx, book, dir, o, progressed)
		if err != nil {
			return nil, err
		}
		if err := r.WriteDecisions(out); err != nil {
			return nil, cannotWrite(out, err)
		}
		return r, nil
	}
	d, err := review.NewDecisions(out)
	if err != nil {
		return nil, cannotWrite(out, err)
	}
	defer d.Discard()
	var failed error
	o.Decided = func(section string, r *review.Record) error {
		failed = d.Add(section, r)
		return failed
	}
	r, err := a.review(ctx, book, dir, o, progressed)
	switch {
	case failed != nil:
		return nil, cannotWrite(out, failed)
	case err != nil:
		return nil, err
	}
	if err := d.Finish(); err != nil {
		return nil, cannotWrite(out, err)
	}
	return r, nil
}

// reviewTime is of when the records are that are reviewed, and when they are asked
// about.
type reviewTime struct{ month, period, from, to, asOf string }

func reviewOptions(cmd *cobra.Command, when reviewTime) (review.Options, error) {
	o := review.Options{Month: when.month, Tables: spreadsheet.Sources}
	said := 0
	for _, text := range []string{when.month, when.period, when.from + when.to} {
		if text != "" {
			said++
		}
	}
	if said > 1 {
		return o, &usageError{command: commandName(cmd), message: diagnostic.Text{ZH: "--month、--period、--from 和 --to 只能用其一", EN: "--month, --period and --from with --to exclude each other"},
			remedy: diagnostic.Text{ZH: "留一个", EN: "leave one of them"}}
	}
	var err error
	switch {
	case when.month != "":
		if _, _, err := source.Month(when.month); err != nil {
			return o, scalarArgument(cmd, when.month, err)
		}
	case when.period != "":
		if o.Period, err = review.ParsePeriod(when.period); err != nil {
			return o, scalarArgument(cmd, when.period, err)
		}
	case when.from != "" && when.to != "":
		if o.Period, err = review.PeriodOf(when.from, when.to); err != nil {
			return o, scalarArgument(cmd, when.from+".."+when.to, err)
		}
	case when.from != "" || when.to != "":
		return o, &usageError{command: commandName(cmd), message: diagnostic.Text{ZH: "期间只写了一头", EN: "the period has but one end"},
			remedy: diagnostic.Text{ZH: "--from 和 --to 都写", EN: "write both --from and --to"}}
	}
	if when.asOf != "" {
		t, err := momentArgument(cmd, when.asOf)
		if err != nil {
			return o, err
		}
		o.AsOf = t
	}
	return o, nil
}

// halfAgain lets the heap grow by half before garbage is collected, where nobody
// says otherwise by GOGC. A review holds all rows: collecting as usual, when the heap
// has doubled, takes half as much memory again, and is little faster.
const halfAgain = 50

// review reviews a directory or a file and shows how far it is, where somebody watches.
func (a *app) review(ctx context.Context, book *rulebook.Book, path string, o review.Options, progressed bool) (*review.Report, error) {
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(halfAgain))
	}
	p := &progress{app: a, started: time.Now(), lines: !a.terminal}
	if a.terminal || progressed {
		o.Progress = p.show
	}
	records, dir := review.Dir, path
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		records, dir = review.File, filepath.Dir(path)
	}
	r, err := records(ctx, book, path, o)
	p.clear()
	var found diagnostic.List
	var unreadable *fs.PathError
	switch {
	case errors.As(err, &found):
		sources := report.Sources{}
		for i := range found {
			file := filepath.Join(dir, found[i].Span.File)
			found[i].Span.File = file
			if data, err := os.ReadFile(file); err == nil {
				sources[file] = data
			}
		}
		return nil, a.refused(found, sources)
	case errors.Is(err, review.ErrNoReview):
		return nil, &refusal{
			diagnostic.Text{ZH: "规则文件没有说审查什么", EN: "the rules file does not say what to review"},
			diagnostic.Text{ZH: "在规则文件里写上 review 一节", EN: "add a section review to the rules file"},
			"no_review",
		}
	case errors.As(err, &unreadable):
		return nil, cannotRead(path, err)
	}
	return r, err
}

// progress shows on standard error how far a review is, once it takes long.
type progress struct {
	app     *app
	started time.Time
	last    time.Time // shown
	lines   bool      // one below the other, where nobody sees one written over
	shown   bool
}

// patience is how long nothing is shown.
const patience = time.Second

// betweenLines is how often a line of progress is written into a file.
const betweenLines = 10 * time.Second

func (p *progress) show(done, total int) {
	if !p.shown && time.Since(p.started) < patience {
		return
	}
	if p.lines {
		if now := time.Now(); now.Sub(p.last) >= betweenLines || done == total {
			p.last = now
			fmt.Fprintln(p.app.err, p.app.errStyle.Pickf("已审查 %d/%d", "%d of %d reviewed", done, total))
		}
		return
	}
	p.shown = true
	fmt.Fprintf(p.app.err, "\r%s\x1b[K", p.app.errStyle.Pickf("已审查 %d/%d", "%d of %d reviewed", done, total))
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.app.err, "\r\x1b[K")
	}
}
