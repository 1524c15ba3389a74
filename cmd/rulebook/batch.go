package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/batch"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/policy"
	"github.com/servicerules/rulebook/spreadsheet"
)

// batchFlags are the flags of rulebook batch.
type batchFlags struct {
	out, asOf, summary       string
	format                   *choice
	selected, fields, change []string
	resume, repeats          bool
	mapping, sheet           string
	how                      howFlags
}

// summaryHere is a --summary without a file.
const summaryHere = "-"

func (a *app) batchCommand() *cobra.Command {
	f := &batchFlags{format: &choice{allowed: []string{string(batch.JSONL), string(batch.CSV)}}}
	cmd := &cobra.Command{
		Use:   a.t("batch 问题 文件 [-o 结果]", "batch QUESTION FILE [-o FILE]"),
		Short: a.t("就一个长文件逐行提问：工单、投诉、区域", "ask about every row of a long file: tickets, complaints, areas"),
		Long: a.t(
			`就一个文件逐行提同一个问题，按行的次序写出回答。文件是 CSV（列名是事实或它的标签，第一列
可为 record）、xlsx、ods 的一个工作表，或每行一个 JSON 对象；文本可用 gzip 压缩，“-”为标准输入
（UTF-8）。结果是每行一个 JSON 对象，或
CSV（--format，或结果的文件名）；文件名以 .gz 结尾则压缩。读不了的行写成一行错误，其余照常。

--select 只写这些回答：结论，或 breaches、missing_facts、decisions、provisional、error；读不了
的行总会写出。--fields 只写这些部分：verdict、due_date、breaches 等。--summary 汇总全部行。

别人做的 CSV 用 --mapping 指明各列是什么事实：同 review.yaml，取其中 tables 下这个文件的一项。
--local-times：没有写时区的时刻，按规则书的时区。同一编号出现两次，后一行写成一行错误，不计数；
为此每行占 22 至 32 字节内存。编号本来就会重复的，加 --repeats。

CSV 的结果供表格软件打开：开头有字节顺序标记，公式不会执行，词语用 --lang 的语言。JSON Lines
供程序读，用代码。

写完之前，结果名为 结果.part，旁边的 结果.checkpoint 记着做到了哪里；中断后原样再运行，加上
--resume，就接着做，结果与没有中断过的逐字节相同；没有中断过的，就从头做。退出码：0 每行都已
判定，1 有读不了的行、无法计算的或尚不能定的，2 用法不对或不能接着做，3 读不到、写不出或被中断。`,
			`Ask the same question about every row of a file and write the answers in the order of the rows.
The file is CSV, whose headers are facts or their labels and whose first column may be record, a
sheet of xlsx or ods, or has a JSON object on each line; text may be compressed with gzip, and "-"
is standard input, in UTF-8. The answers are
JSON objects, one a line, or CSV: see --format, or by the name of the file; a name that ends in
.gz is compressed. A row that cannot be read becomes a row that says so; the others go on.

--select writes some of the answers only: verdicts, or breaches, missing_facts, decisions,
provisional, error; rows that cannot be read are always written. --fields writes some of their
parts only: verdict, due_date, breaches and so on. --summary sums all rows up.

--mapping says which columns of a CSV file made by somebody else are which facts: a file like
review.yaml, of which the entry of the input under "tables" is used. --local-times takes moments
without a zone to be in the rulebook's. Where an id stands twice, the later row becomes an error
and is not counted; this takes 22 to 32 bytes of memory a row. Where ids repeat by nature, add
--repeats.

Answers as CSV are for spreadsheets: they begin with a byte order mark, hold no formulas, and have
their words in the language of --lang. JSON Lines are for programs, and have codes.

Until it is complete, the output is called FILE.part, and FILE.checkpoint beside it says how far
it is. After an interruption the same command with --resume goes on from there, and the output is
byte for byte that of a run nobody disturbed; where none was interrupted, it begins. Exit codes: 0
every row was decided, 1 some could not be read, computed or decided, 2 wrong usage or a run that
cannot be resumed, 3 something could not be read or written, or an interruption.`),
		Example: strings.Join([]string{
			"rulebook batch time_limit.request tickets.csv -o answers.jsonl",
			"rulebook batch time_limit.request tickets.csv.gz -o late.csv --select late,overdue --fields verdict,due_date",
			"rulebook batch time_limit.request tickets.jsonl -o answers.jsonl.gz --summary=sum.json --resume",
			"zcat tickets.jsonl.gz | rulebook batch time_limit.request - --fields verdict > verdicts.jsonl",
		}, "\n"),
		Args: arguments(0, 2, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, args []string) error { return a.batch(cmd, args, f) },
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return a.fromBook(questionIDs)(cmd, args, typed)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.out, "output", "o", "", a.t("结果文件，缺省为标准输出", "the file to write; standard output by default"))
	flags.Var(f.format, "format", a.t("结果的格式", "format of the output"))
	flags.StringSliceVar(&f.selected, "select", nil, a.t("只写这些回答", "write these answers only"))
	flags.StringSliceVar(&f.fields, "fields", nil, a.t("只写回答的这些部分", "write these parts of the answers only"))
	flags.StringVar(&f.summary, "summary", "", a.t("汇总全部行：显示出来，或写成 JSON 文件", "sum all rows up: in words, or as JSON in a file"))
	flags.Lookup("summary").NoOptDefVal = summaryHere
	flags.StringVar(&f.mapping, "mapping", "", a.t("说明各列是什么事实的文件，如 review.yaml", "a file that says which columns are which facts, such as review.yaml"))
	flags.StringVar(&f.sheet, "sheet", "", a.t("工作簿的哪个工作表", "the sheet of a workbook"))
	f.how.add(a, cmd)
	flags.BoolVar(&f.repeats, "repeats", false, a.t("编号可以重复，逐行都答", "ids may repeat: answer every row"))
	flags.BoolVar(&f.resume, "resume", false, a.t("接着做上次中断的", "go on where an earlier run stopped"))
	flags.StringVar(&f.asOf, "as-of", "", a.t("提问的时刻，行里写了的除外", "the moment of asking, of rows that do not say it"))
	flags.StringArrayVar(&f.change, "reading", nil, a.t("换一种读法，可写多次", "choose another option of a reading; may be repeated"))
	complete(cmd, "format", fixed(f.format.allowed...))
	complete(cmd, "reading", a.fromBook(readingOptions))
	complete(cmd, "as-of", fixed())
	return cmd
}

func (a *app) batch(cmd *cobra.Command, args []string, f *batchFlags) error {
	book, err := a.load()
	if err != nil {
		return err
	}
	q, err := a.question(cmd, book.Rulebook(), args, false)
	if err != nil {
		return err
	}
	if len(args) < 2 {
		e := &usageError{command: commandName(cmd), message: diagnostic.Text{ZH: "没有写放行的文件", EN: "a file of rows is needed"}, facts: factsOf(q)}
		e.remedy = a.listed(func() { a.listFacts(q) },
			diagnostic.Text{ZH: "写文件名，其列为上面所列的事实；“-”为标准输入", EN: "name one whose columns are the facts listed above; \"-\" is standard input"},
			diagnostic.Text{ZH: "写文件名，其列为 facts 所列的事实；“-”为标准输入", EN: "name one whose columns are those in \"facts\"; \"-\" is standard input"})
		return e
	}
	if book, err = withReadings(commandName(cmd), book, f.change); err != nil {
		return err
	}
	if f.out == "-" {
		f.out = "" // standard output, as "-" is standard input
	}
	o, err := a.batchOptions(cmd, f)
	if err != nil {
		return err
	}
	o.Question = q.ID
	if err := a.spares(commandName(cmd), o.Written(), args[1], f.mapping); err != nil {
		return err
	}
	if o.Mapping, err = a.mapping(f.mapping, args[1], q); err != nil {
		return err
	}
	in, err := a.openRows(args[1], f, &o)
	if err != nil {
		return err
	}
	defer in.Close()
	if o.In != batch.CSV && (f.mapping != "" || f.how.local) {
		return &usageError{
			command: commandName(cmd), message: diagnostic.Text{ZH: "--mapping 和 --local-times 只用于 CSV", EN: "--mapping and --local-times are for CSV"},
			remedy: diagnostic.Text{ZH: "JSON Lines 里写事实的名称和带时区的时刻", EN: "write the names of the facts and moments with their offsets in JSON Lines"},
		}
	}
	streams, err := openStreams(cmd, f, &o)
	if err != nil {
		return err
	}
	defer streams.Close()
	p := &batchProgress{app: a, started: time.Now()}
	if a.terminal {
		o.Progress = p.show
	}
	var putBack func()
	o.Grown, putBack = a.roomy()
	defer putBack()
	result, err := batch.Run(cmd.Context(), book, o)
	p.clear()
	if err != nil {
		return a.batchFailed(cmd, args, f, err)
	}
	if err := a.batchDone(book.Rulebook(), q, f, result); err != nil {
		return err
	}
	if !result.Complete() {
		return &exitError{exitFindings}
	}
	return nil
}

// roomy lets the collector come less often than it would: a run needs little
// memory, and what it leaves behind is nearly all it makes. The environment
// has the last word. Grown is told how much the run keeps for good, and gives
// it room; putBack puts everything back.
func (a *app) roomy() (grown func(bytes int64), putBack func()) {
	if a.getenv("GOGC") != "" || a.getenv("GOMEMLIMIT") != "" {
		return nil, func() {}
	}
	const percent, limit = 400, 192 << 20
	before, limitBefore := debug.SetGCPercent(percent), debug.SetMemoryLimit(limit)
	grown = func(bytes int64) { debug.SetMemoryLimit(max(limit, limit/2+bytes+bytes/8)) }
	return grown, func() {
		debug.SetGCPercent(before)
		debug.SetMemoryLimit(limitBefore)
	}
}

// mapping reads how a table is mapped: the entry of its name in a file like
// review.yaml, or the only one.
func (a *app) mapping(path, input string, q *policy.Question) (*table.Mapping, error) {
	if path == "" {
		return nil, nil
	}
	data, err := a.readFile(path)
	if err != nil {
		return nil, err
	}
	m, found := table.ReadMapping(path, data, filepath.Base(input), q)
	if found.Failed() {
		return nil, a.refused(found, report.Sources{path: data})
	}
	return m, nil
}

func (a *app) batchOptions(cmd *cobra.Command, f *batchFlags) (batch.Options, error) {
	o := batch.Options{
		Plan: batch.Plan{
			Select: f.selected, Fields: f.fields, Lang: a.style.Lang, Out: batch.Format(f.format.value), LocalTimes: f.how.local, Days: table.DayOrder(f.how.dates), Repeats: f.repeats,
		},
		OutPath: f.out, Output: a.out, Resume: f.resume, Readings: f.change, Program: version(),
	}
	byName, zipped := batch.NameFormat(f.out)
	if o.OutGzip = zipped; o.Out == "" {
		o.Out = byName
	}
	if o.Out == "" {
		o.Out = batch.JSONL
	}
	if f.summary != summaryHere {
		o.Summary = f.summary
	}
	if f.resume && f.out == "" {
		return o, notResumable(cmd, diagnostic.Text{ZH: "写到标准输出的结果不能接着做", EN: "what goes to standard output cannot be resumed"})
	}
	if sameName(f.out, f.summary) {
		return o, &usageError{command: commandName(cmd), message: diagnostic.Textf("结果和汇总不能都写到 %s", "the answers and the summary cannot both go to %s", f.out)}
	}
	if f.asOf != "" {
		t, err := momentArgument(cmd, f.asOf)
		if err != nil {
			return o, err
		}
		o.AsOf = t
	}
	return o, nil
}

func notResumable(cmd *cobra.Command, message diagnostic.Text) error {
	return &usageError{command: commandName(cmd), message: message, remedy: diagnostic.Text{ZH: "用 -o 写到普通的文件", EN: "write to a regular file with -o"}}
}

// sameName reports whether two names are of one file, which need not exist.
func sameName(a, b string) bool {
	if a == "" || b == "" || b == summaryHere {
		return false
	}
	first, err := filepath.Abs(a)
	second, wrong := filepath.Abs(b)
	return err == nil && wrong == nil && first == second
}

// streams are outputs that are no regular files.
type streams []io.Closer

func (s streams) Close() {
	for _, c := range s {
		c.Close()
	}
}

// openStreams opens outputs that are there and are no regular files, such as
// /dev/null or a named pipe: they are written to as they are.
func openStreams(cmd *cobra.Command, f *batchFlags, o *batch.Options) (opened streams, err error) {
	for _, out := range []struct {
		path   *string
		stream *io.Writer
		resume bool
	}{{&o.OutPath, &o.Output, f.resume}, {&o.Summary, &o.SummaryOutput, false}} {
		name := *out.path
		info, err := os.Stat(name)
		switch {
		case name == "" || err != nil || info.Mode().IsRegular():
			continue // an error comes back when the file is made
		case info.IsDir():
			err = &usageError{command: commandName(cmd), message: diagnostic.Textf("%s 是目录", "%s is a directory", name)}
		case out.resume:
			err = notResumable(cmd, diagnostic.Textf("%s 不是普通的文件，不能接着做", "%s is no regular file: the run cannot be resumed", name))
		default:
			var w *os.File
			if w, err = os.OpenFile(name, os.O_WRONLY, 0); err == nil {
				opened = append(opened, w)
				*out.stream, *out.path = w, ""
				continue
			}
			err = &troubleError{message: diagnostic.Textf("无法写出 %s", "%s cannot be written", name), err: err}
		}
		opened.Close()
		return nil, err
	}
	return opened, nil
}

// openRows opens the input and finds out how it is written.
func (a *app) openRows(path string, f *batchFlags, o *batch.Options) (io.Closer, error) {
	if path != "-" {
		if made, err := a.openMade(path, f, o); made != nil || err != nil {
			return made, err
		}
	}
	var in io.ReadCloser = io.NopCloser(a.stdin)
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, cannotRead(path, err)
		}
		in = f
		info, err := f.Stat()
		switch {
		case err != nil:
			f.Close()
			return nil, cannotRead(path, err)
		case info.Mode().IsRegular():
			o.InSize = info.Size()
		}
	}
	const buffer = 256 << 10
	b := bufio.NewReaderSize(in, buffer)
	var err error
	o.Input = b
	if o.In, o.InGzip, err = batch.Detect(path, b); err != nil {
		in.Close()
		return nil, cannotRead(a.nameOf(path), err)
	}
	return in, nil
}

// openMade opens an input that is no CSV in UTF-8 and no JSON Lines: a workbook,
// or text in another encoding or with other separators. It is nil for others,
// also for those that cannot be opened.
func (a *app) openMade(path string, f *batchFlags, o *batch.Options) (io.Closer, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	how := f.how.how()
	if o.Mapping != nil {
		how = o.Mapping.How.Or(how)
	}
	rows, err := spreadsheet.OpenFile(path, f.sheet, how)
	var wrong *table.RowError
	switch {
	case errors.As(err, &wrong):
		return nil, a.wrongHeader(path, &batch.HeaderError{Line: wrong.Line, Problems: []*table.Problem{wrong.Problem}})
	case err != nil:
		return nil, cannotRead(path, err)
	case rows == nil:
		return nil, nil
	}
	made := spreadsheet.NewCSV(rows)
	o.Input, o.In, o.Placed = made, batch.CSV, made
	if said := made.About().Said; !said.IsZero() && !a.quiet {
		fmt.Fprintln(a.err, a.errStyle.Pickf("按 %s 读取", "read as %s", said.In(a.errStyle.Lang)))
	}
	return made, nil
}

// batchFailed turns what stopped a run into what a person reads.
func (a *app) batchFailed(cmd *cobra.Command, args []string, f *batchFlags, err error) error {
	name := commandName(cmd)
	var (
		header     *batch.HeaderError
		field      *policy.FieldError
		word       *batch.SelectError
		changed    *batch.ChangedError
		unfinished *batch.UnfinishedError
		damaged    *batch.DamagedError
		stopped    *batch.StoppedError
	)
	switch {
	case errors.As(err, &header):
		return a.wrongHeader(a.nameOf(args[1]), header)
	case errors.As(err, &field):
		return &usageError{command: name, message: diagnostic.Textf("回答没有 %q 这一部分", "an answer has no part %q", field.Field), remedy: field.Remedy}
	case errors.As(err, &word):
		return &usageError{command: name, message: diagnostic.Textf("不能按 %q 挑选回答", "answers cannot be selected by %q", word.Word), remedy: word.Remedy}
	case errors.As(err, &unfinished):
		return &usageError{
			command: name, message: diagnostic.Textf("%s 有一次没有做完", "a run to %s was not finished", f.out),
			remedy: diagnostic.Textf("加 --resume 接着做；要从头做，先删去 %s 和 %s", "add --resume to go on with it; to begin anew, remove %s and %s first", unfinished.Checkpoint, unfinished.Part),
		}
	case errors.As(err, &changed):
		return changedSince(name, f.out, changed)
	case errors.As(err, &damaged):
		return &usageError{
			command: name, message: diagnostic.Textf("不能接着做：%s 不是上次留下的样子", "the run cannot be resumed: %s is not what it was left as", damaged.File),
			remedy: diagnostic.Textf("删去 %s.checkpoint 和 %s.part，从头做", "remove %s.checkpoint and %s.part and begin anew", f.out, f.out),
		}
	case errors.As(err, &stopped):
		return a.stopped(args, stopped)
	}
	return a.fileTrouble(args[1], err)
}

// fileTrouble says which file could not be read or written.
func (a *app) fileTrouble(in string, err error) error {
	var input *batch.InputError
	var wrong *table.RowError
	if errors.As(err, &wrong) {
		return a.wrongHeader(in, &batch.HeaderError{Line: wrong.Line, Problems: []*table.Problem{wrong.Problem}})
	}
	if errors.As(err, &input) {
		return &troubleError{message: diagnostic.Textf("%s 不能读到末尾", "%s cannot be read to its end", a.nameOf(in)), err: input.Err}
	}
	var path *os.PathError
	if errors.As(err, &path) {
		return &troubleError{message: diagnostic.Textf("无法写出 %s", "%s cannot be written", path.Path), err: path.Err}
	}
	return err
}

func (a *app) wrongHeader(file string, e *batch.HeaderError) error {
	var found diagnostic.List
	for _, p := range e.Problems {
		d := diagnostic.Diagnostic{Code: p.Code, Severity: diagnostic.Error, Message: p.Message, Remedy: p.Remedy}
		at := diagnostic.Position{Line: max(e.Line, 1), Column: 1}
		d.Span = diagnostic.Span{File: file, Start: at, End: at}
		found = append(found, d)
	}
	return a.refused(found, nil)
}

// changedParts names what a run depends on.
var changedParts = map[string]diagnostic.Text{
	"input":         {ZH: "已读过的行", EN: "rows that had been read"},
	"question":      {ZH: "问题", EN: "the question"},
	"rulebook":      {ZH: "规则文件", EN: "the rules file"},
	"readings":      {ZH: "--reading", EN: "--reading"},
	"as_of":         {ZH: "--as-of", EN: "--as-of"},
	"select":        {ZH: "--select", EN: "--select"},
	"fields":        {ZH: "--fields", EN: "--fields"},
	"input_format":  {ZH: "输入的格式", EN: "the format of the input"},
	"output_format": {ZH: "结果的格式", EN: "the format of the output"},
	"language":      {ZH: "--lang", EN: "--lang"},
	"mapping":       {ZH: "--mapping 的文件", EN: "the file of --mapping"},
	"local_times":   {ZH: "--local-times", EN: "--local-times"},
	"dates":         {ZH: "--dates", EN: "--dates"},
	"repeats":       {ZH: "--repeats", EN: "--repeats"},
	"program":       {ZH: "rulebook 的版本", EN: "the version of rulebook"},
	"block_size":    {ZH: "rulebook 的版本", EN: "the version of rulebook"},
}

// changedFlags are the parts that are a flag of the command line, which can be
// written again as it was.
var changedFlags = []string{"readings", "as_of", "select", "fields", "language", "local_times", "dates", "repeats"}

func changedSince(name, out string, e *batch.ChangedError) error {
	what, ok := changedParts[e.What]
	if !ok {
		what = diagnostic.Text{ZH: e.What, EN: e.What}
	}
	was, now := e.Was, e.Now
	if e.What == "rulebook" && len(was) > shortHash && len(now) > shortHash {
		was, now = "sha256 "+was[:shortHash]+"…", "sha256 "+now[:shortHash]+"…"
	}
	changed := diagnostic.Textf("%[1]s与上次不同", "%[2]s changed since", what.ZH, what.EN)
	given := !slices.Contains([]string{"local_times", "repeats", "mapping"}, e.What) // it has a value
	switch {
	case was == "" && now == "", e.What == "block_size":
	case was == "":
		changed = diagnostic.Textf("上次没有写 %[1]s，这次写了", "%[2]s was not given then and is now", what.ZH, what.EN)
		if given {
			changed = diagnostic.Textf("上次没有写 %[1]s，这次写了 %[3]q", "%[2]s was not given then and is %[3]q now", what.ZH, what.EN, now)
		}
	case now == "":
		changed = diagnostic.Textf("上次写了 %[1]s，这次没有写", "%[2]s was given then and is not now", what.ZH, what.EN)
		if given {
			changed = diagnostic.Textf("上次写了 %[1]s %[3]q，这次没有写", "%[2]s was %[3]q then and is not given now", what.ZH, what.EN, was)
		}
	default:
		changed.ZH += fmt.Sprintf("（上次 %q，现在 %q）", was, now)
		changed.EN += fmt.Sprintf(" (it was %q and is %q)", was, now)
	}
	for i, m := range e.Mapped {
		zh, en := "；", "; "
		if i == 0 {
			zh, en = "：", ": "
		}
		changed.ZH, changed.EN = changed.ZH+zh+m.ZH, changed.EN+en+m.EN
	}
	back := diagnostic.Text{ZH: "恢复原样再接着做", EN: "put it back as it was"}
	switch {
	case slices.Contains(changedFlags, e.What):
		back = diagnostic.Text{ZH: "用上次的选项接着做", EN: "give the flags of that run"}
	case e.What == "mapping":
		back = diagnostic.Text{ZH: "把 --mapping 的文件改回上次的样子再接着做", EN: "put the file of --mapping back as it was"}
	case e.What == "rulebook":
		back = diagnostic.Text{ZH: "换回上次的规则文件再接着做", EN: "put the rules file back as it was"}
	case e.What == "program", e.What == "block_size":
		back = diagnostic.Text{ZH: "用上次的 rulebook 接着做", EN: "go on with the rulebook of that run"}
	}
	return &usageError{
		command: name, message: diagnostic.Text{ZH: "不能接着做：" + changed.ZH, EN: "the run cannot be resumed: " + changed.EN},
		remedy: diagnostic.Textf("%[1]s；或删去 %[3]s.checkpoint 和 %[3]s.part，从头做",
			"%[2]s, or remove %[3]s.checkpoint and %[3]s.part and begin anew", back.ZH, back.EN, out),
	}
}

// shortHash is as much of a hash as people compare.
const shortHash = 12

// stopped says why a run stopped and how to go on.
func (a *app) stopped(args []string, e *batch.StoppedError) error {
	s := a.errStyle
	why := a.fileTrouble(args[1], e.Err)
	var trouble *troubleError
	text := why.Error()
	switch {
	case errors.Is(e.Err, context.Canceled):
		text = a.t("已中断", "interrupted")
	case errors.As(why, &trouble):
		text = trouble.message.In(s.Lang) + s.Colon() + cause(trouble.err, s.Lang)
	}
	text += s.Plural(int(e.Rows), "，已做完 %d 行", " after %d row", " after %d rows")
	remedy := ""
	if e.Resumable {
		remedy = s.Pickf("接着做：%s", "go on with: %s", a.again("--resume"))
		if input := (*batch.InputError)(nil); errors.As(e.Err, &input) {
			remedy = s.Pickf("补全文件后接着做：%s", "once the file is whole, go on with: %s", a.again("--resume"))
		}
	}
	a.complain(text, remedy)
	return &exitError{exitTrouble}
}

// again is the command line once more, with a flag.
func (a *app) again(flag string) string {
	words := append([]string{"rulebook"}, a.args...)
	if !slices.Contains(words, flag) {
		words = append(words, flag)
	}
	for i, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n\"'\\$`*?&|;<>()[]{}#~!") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// batchDone says what has come of a run.
func (a *app) batchDone(b *policy.Rulebook, q *policy.Question, f *batchFlags, r *batch.Result) error {
	if f.summary == summaryHere {
		w, s := io.Writer(a.out), a.style
		if f.out == "" {
			a.flush()
			w, s = a.err, a.errStyle
		}
		return writeSummary(w, s, b, q, r)
	}
	if a.quiet {
		return nil
	}
	a.flush()
	return sayRows(a.err, a.errStyle, f.out, r)
}

// batchProgress shows on standard error how far a run is.
type batchProgress struct {
	app     *app
	started time.Time
	begun   time.Time // when the first new rows were done, and
	before  int64     // the bytes that had been read until then
	shown   bool
}

func (p *batchProgress) show(x batch.Progress) {
	now := time.Now()
	if x.Skipping {
		p.begun, p.before = now, x.Read
	}
	if p.begun.IsZero() {
		p.begun = p.started
	}
	if !p.shown && now.Sub(p.started) < patience {
		return
	}
	p.shown = true
	fmt.Fprintf(p.app.err, "\r%s\x1b[K", p.line(x, now.Sub(p.begun), p.before))
}

// line says how far a run is that has taken so long for what it has read
// since.
func (p *batchProgress) line(x batch.Progress, took time.Duration, before int64) string {
	s := p.app.errStyle
	percent := ""
	if x.Size > 0 {
		percent = fmt.Sprintf("  %d%%", 100*x.Read/x.Size)
	}
	if x.Skipping {
		return s.Pick("核对已做完的行", "checking the rows of the run before") + percent
	}
	perSecond := int64(float64(x.New) / max(took.Seconds(), 0.001))
	line := s.Pickf("%s 行  每秒 %s 行", "%s rows  %s/s", grouped(x.Rows), grouped(perSecond)) + percent
	if read := x.Read - before; x.Size > x.Read && read > 0 {
		left := time.Duration(float64(took) / float64(read) * float64(x.Size-x.Read)).Round(time.Second)
		line += s.Pickf("  还需 %v", "  %v left", left)
	}
	return line
}

func (p *batchProgress) clear() {
	if p.shown {
		fmt.Fprint(p.app.err, "\r\x1b[K")
	}
}

// grouped is a number in groups of three digits.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
