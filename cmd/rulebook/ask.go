package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	books "github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/table"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) askCommand() *cobra.Command {
	var facts, asOf string
	var readings []string
	var how askFlags
	cmd := &cobra.Command{
		Use:   a.t("ask 问题 --facts 文件", "ask QUESTION --facts FILE"),
		Short: a.t("按事实提问，得到结论和理由", "ask a question about facts and get an answer with its reasons"),
		Long: a.t(
			`按事实提一个问题。事实是 JSON 或 YAML 文件，“-”为标准输入。不写问题则列出全部问题，
不写 --facts 则列出该问题收取的事实。回答给出结论、取值、违反了什么、谁负责、还缺什么、
哪些须由人决定，以及逐步的理由。事实有误时退出码为 1；没有这个问题或读法时为 2，只列出、没有回答时也是。
--format json 总在标准输出写一个 JSON：回答，或 error 和 findings；--format html 写成一页，可打印。`,
			`Ask a question about facts, which are a JSON or YAML file, "-" for standard input. Without a
question, the questions are listed; without --facts, the facts that the question takes. The
answer has the verdict, the values, what was broken, who answers for it, what is missing, what a
person must decide, and the reasons step by step. Wrong facts end in exit code 1, a question or
reading that does not exist in 2, and so does a list, which is no answer. With --format json there
is always one JSON document on standard output: the answer, or "error" and "findings"; --format html
writes one page, to be printed.`),
		Example: strings.Join([]string{
			"rulebook ask time_limit.request --facts request.json",
			"rulebook ask contracting.kpi --facts - --reading kpi.denominator=month_start --format json",
			"rulebook ask time_limit.request --facts request.yaml --as-of 2025-06-09T09:00:00+08:00",
			"rulebook ask time_limit.request --facts request.yaml -o decision.html",
		}, "\n"),
		Args: arguments(0, 1, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			q, err := a.question(cmd, book.Rulebook(), args, facts == "")
			if err != nil {
				return err
			}
			if book, err = withReadings(commandName(cmd), book, readings); err != nil {
				return err
			}
			var options []rulebook.Option
			var at time.Time
			if asOf != "" {
				if at, err = momentArgument(cmd, asOf); err != nil {
					return err
				}
				options = append(options, rulebook.AsOf(at))
			}
			given, data, err := a.facts(facts)
			if err != nil {
				return err
			}
			if err := how.check(cmd, book, q); err != nil {
				return err
			}
			if a.format == "html" && how != (askFlags{}) {
				return &usageError{
					command: commandName(cmd), message: diagnostic.Text{ZH: "--format html 只写回答本身", EN: "--format html writes the answer alone"},
					remedy: diagnostic.Text{ZH: "去掉 --all-readings、--why、--flip、--next，或不写 --format html", EN: "leave --all-readings, --why, --flip and --next away, or --format html"},
				}
			}
			if other, err := a.askOther(cmd, book, q, given, how, options); other {
				if err != nil {
					err = a.factsRefused(q.ID, err, facts, data)
				}
				return err
			}
			answer, err := book.Ask(cmd.Context(), q.ID, given, options...)
			if err != nil {
				return a.factsRefused(q.ID, err, facts, data)
			}
			switch a.format {
			case "json":
				_, err = a.out.Write(append(answer.AppendJSON(nil, true), '\n'))
			case "html":
				err = a.answerPage(book, given, answer, at)
			default:
				a.answer(book, q, answer)
			}
			if err == nil && answer.Error != nil {
				err = &exitError{exitFindings}
			}
			return err
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.fromBook(questionIDs)(cmd, args, typed)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&facts, "facts", "", a.t("事实文件（JSON 或 YAML），“-”为标准输入", "the facts, JSON or YAML; \"-\" is standard input"))
	flags.StringVar(&asOf, "as-of", "", a.t("提问的时刻，如 2025-06-09T09:00:00+08:00", "the moment of asking, such as 2025-06-09T09:00:00+08:00"))
	flags.StringArrayVar(&readings, "reading", nil, a.t("换一种读法，可写多次", "choose another option of a reading; may be repeated"))
	flags.BoolVar(&how.allReadings, "all-readings", false, a.t("在所有读法下各问一遍：结论是否都成立，取决于哪个读法", "ask under all readings: whether the answer holds in each, or on which it turns"))
	flags.BoolVar(&how.why, "why", false, a.t("理由画成树：每步依据哪些步，距界限还有多远", "the reasons as a tree, with how far each is from its boundary"))
	flags.BoolVar(&how.flip, "flip", false, a.t("怎样改事实或换读法，结论就变，从小到大", "the nearest changes to facts, and to readings, that give another verdict"))
	flags.StringVar(&how.to, "to", "", a.t("同 --flip，但要变成这个`结论`（或这个值）", "like --flip, to this `VERDICT`, or value"))
	flags.StringVar(&how.value, "of", "", a.t("同 --flip，但看回答的这个值，不看结论", "like --flip, of this value of the answer rather than its verdict"))
	flags.BoolVar(&how.next, "next", false, a.t("缺事实时，接下来问哪一项最有用", "where facts are missing, which to ask for next"))
	a.formatFlag(cmd, "html")
	a.outputFlag(cmd, func([]string) []string { return []string{facts} })
	complete(cmd, "reading", a.fromBook(readingOptions))
	complete(cmd, "as-of", fixed())
	complete(cmd, "to", fixed())
	complete(cmd, "of", fixed())
	return cmd
}

// askFlags are the ways to ask that tell more than the answer.
type askFlags struct {
	allReadings, why, flip, next bool
	to                           string // a verdict, or what the value is to be
	value                        string // of the answer; "" for the verdict
}

// target is what is to come out otherwise.
func (f askFlags) target() whatif.Target { return whatif.Target{Value: f.value, To: f.to} }

// check refuses what cannot be asked for together, and a verdict or a value that
// the question does not have.
func (f *askFlags) check(cmd *cobra.Command, book *rulebook.Book, q *policy.Question) error {
	ways := 0
	for _, chosen := range []bool{f.allReadings, f.why, f.next, f.flip || f.to != "" || f.value != ""} {
		if chosen {
			ways++
		}
	}
	if ways > 1 {
		return &usageError{
			command: commandName(cmd), message: diagnostic.Text{ZH: "--all-readings、--why、--flip（--to、--of）、--next 不能一起用", EN: "--all-readings, --why, --flip (--to, --of) and --next cannot be used together"},
			remedy: diagnostic.Text{ZH: "每次只用其中一种", EN: "use one of them at a time"},
		}
	}
	if f.value != "" {
		names := make([]string, len(q.Values))
		for i, v := range q.Values {
			names[i] = v.Name
		}
		if i := slices.Index(names, f.value); i >= 0 {
			return f.readTo(cmd, book, q.Values[i])
		}
		return &usageError{
			command: commandName(cmd), message: diagnostic.Textf("%[2]s 的回答没有 %[1]q 这个值", "the answers of %[2]s have no value %[1]q", f.value, q.ID),
			remedy: diagnostic.OneOf(f.value, names),
		}
	}
	if f.to == "" {
		return nil
	}
	verdicts := []string{policy.Undetermined, policy.NotInScope}
	if q.Verdict != nil && q.Verdict.Words != nil {
		verdicts = append(slices.Clone(q.Verdict.Words.Words), verdicts...)
	}
	if slices.Contains(verdicts, f.to) {
		return nil
	}
	return &usageError{
		command: commandName(cmd), message: diagnostic.Textf("%[2]s 没有结论 %[1]q", "%[2]s has no verdict %[1]q", f.to, q.ID),
		remedy: diagnostic.OneOf(f.to, verdicts),
	}
}

// readTo reads what a value is to become.
func (f *askFlags) readTo(cmd *cobra.Command, book *rulebook.Book, v *policy.QuestionValue) error {
	if f.to == "" {
		return nil
	}
	to, err := whatif.ReadTarget(v, f.to, book.Rulebook().Zone)
	var wrong *whatif.TargetError
	if errors.As(err, &wrong) {
		return &usageError{command: commandName(cmd), message: diagnostic.Textf("%s 不可能是 %q", "%s cannot be %q", v.Name, f.to), remedy: wrong.Remedy}
	}
	f.to = to
	return err
}

func momentArgument(cmd *cobra.Command, text string) (time.Time, error) {
	t, err := source.Moment(text)
	if err != nil {
		return time.Time{}, scalarArgument(cmd, text, err)
	}
	return t, nil
}

// question is the one that was asked. Where it was left out, or its facts
// were, what could have been written is listed.
func (a *app) question(cmd *cobra.Command, b *policy.Rulebook, args []string, noFacts bool) (*policy.Question, error) {
	if len(args) == 0 {
		e := &usageError{command: commandName(cmd), message: diagnostic.Text{ZH: "没有写问题，只列出全部问题", EN: "no question is named"}, questions: questionsOf(b)}
		e.remedy = a.listed(func() { a.listQuestions(b) },
			diagnostic.Text{ZH: "写上面所列的一个问题", EN: "name one of those listed above"},
			diagnostic.Text{ZH: "写 questions 所列的一个问题", EN: "name one of those in \"questions\""})
		return nil, e
	}
	q, ok := b.Question(args[0])
	if !ok {
		e := &usageError{command: commandName(cmd), message: diagnostic.Textf("没有问题 %q", "there is no question %q", args[0])}
		e.remedy = diagnostic.Text{ZH: "全部问题：rulebook ask", EN: "rulebook ask lists them all"}
		if near := books.QuestionCalled(b, args[0]); near != "" {
			e.remedy = diagnostic.Textf("是否指 %s？全部问题：rulebook ask", "did you mean %s? rulebook ask lists them all", near)
		}
		return nil, e
	}
	if noFacts {
		e := &usageError{
			command: commandName(cmd), message: diagnostic.Textf("问题 %s 要有事实，只列出它收取的", "question %s needs facts", q.ID), facts: factsOf(q),
		}
		e.remedy = a.listed(func() { a.listFacts(q) },
			diagnostic.Text{ZH: "把上面所列的事实中已知的写进文件，用 --facts 文件 指明；--facts - 从标准输入读", EN: "write those of the facts listed above that are known to a file and name it with --facts FILE; --facts - reads standard input"},
			diagnostic.Text{ZH: "把 facts 所列的事实中已知的写进文件，用 --facts 文件 指明；--facts - 从标准输入读", EN: "write those in \"facts\" that are known to a file and name it with --facts FILE; --facts - reads standard input"})
		return nil, e
	}
	return q, nil
}

// listed shows a list, or leaves it to the JSON document where that is wanted,
// and picks the remedy that refers to it there.
func (a *app) listed(list func(), above, inside diagnostic.Text) diagnostic.Text {
	if a.json() || wantsJSON(a.args) {
		return inside
	}
	list()
	return above
}

func (a *app) listQuestions(b *policy.Rulebook) {
	t := report.Table{}
	for _, q := range b.Questions {
		t.Rows = append(t.Rows, []string{q.ID, a.errStyle.Text(q.Title)})
	}
	_ = t.Write(a.err, a.errStyle)
	fmt.Fprintln(a.err)
}

// listFacts prints the facts of a question as a tree.
func (a *app) listFacts(q *policy.Question) {
	t := report.Table{}
	var each func(name string, f *policy.Fact, depth int)
	each = func(name string, f *policy.Fact, depth int) {
		kind, fields := kindOf(f, a.errStyle.Lang), f.Fields
		if f.Elem != nil {
			fields = f.Elem.Fields
		}
		t.Rows = append(t.Rows, []string{strings.Repeat("  ", depth) + name, a.errStyle.Text(f.Label), a.errStyle.Dim(kind)})
		for _, x := range fields {
			each(x.Name, x, depth+1)
		}
	}
	for _, f := range q.Facts {
		each(f.Name, f.Fact, 0)
	}
	_ = t.Write(a.err, a.errStyle)
	fmt.Fprintln(a.err)
}

// kindOf says how a fact is written.
func kindOf(f *policy.Fact, lang string) string {
	if f.Elem != nil {
		if f.Elem.Words != nil || len(f.Elem.Fields) == 0 {
			return diagnostic.Text{ZH: "列表：", EN: "list of "}.In(lang) + kindOf(f.Elem, lang)
		}
		return diagnostic.Text{ZH: "列表，每项有以下各项", EN: "list, each with the fields below"}.In(lang)
	}
	if f.Words != nil {
		words := make([]string, len(f.Words.Words))
		for i, word := range f.Words.Words {
			words[i] = word
			if label := f.Words.Labels[word].In(lang); lang == "zh" && label != "" {
				words[i] += "（" + label + "）"
			}
		}
		return strings.Join(words, " | ")
	}
	if t, ok := factTypes[f.TypeName]; ok {
		return t.In(lang)
	}
	return f.TypeName
}

// factTypes says how each type of fact is written.
var factTypes = map[string]diagnostic.Text{
	"moment":  {ZH: "时刻，如 2025-06-09T09:00:00+08:00", EN: "moment, such as 2025-06-09T09:00:00+08:00"},
	"date":    {ZH: "日期，如 2025-06-09", EN: "date, such as 2025-06-09"},
	"month":   {ZH: "月份，如 2025-06", EN: "month, such as 2025-06"},
	"year":    {ZH: "年份", EN: "year"},
	"money":   {ZH: "金额，如 \"9.98\"", EN: "amount of money, such as \"9.98\""},
	"yes_no":  {ZH: "true 或 false", EN: "true or false"},
	"count":   {ZH: "非负整数", EN: "whole number, not negative"},
	"number":  {ZH: "整数", EN: "whole number"},
	"name":    {ZH: "编号或名称", EN: "name or id"},
	"text":    {ZH: "文字", EN: "text"},
	"article": {ZH: "条款编号，如 regulation/6.1", EN: "id of an article, such as regulation/6.1"},
	"record":  {ZH: "以下各项", EN: "the fields below"},
}

// facts reads the facts as the library takes them, and their text.
func (a *app) facts(path string) (any, []byte, error) {
	data, err := a.readFile(path)
	if err != nil {
		return nil, nil, err
	}
	if len(bytes.TrimSpace(table.TrimMark(data))) == 0 {
		return nil, nil, &refusal{
			diagnostic.Textf("%s 是空的，没有事实", "%s is empty: there are no facts", a.nameOf(path)),
			diagnostic.Text{ZH: "一项事实也没有时写 {}", EN: "write {} where there is no fact to give"},
			"no_facts",
		}
	}
	if isJSON(path, data) {
		return data, data, nil
	}
	node, found := source.Parse(a.nameOf(path), data)
	if node == nil {
		return nil, nil, a.refused(found, report.Sources{a.nameOf(path): data})
	}
	return node, data, nil
}

func (a *app) nameOf(path string) string {
	if path == "-" {
		return a.t("标准输入", "stdin")
	}
	return path
}

// isJSON tells JSON from YAML: by the name of the file, else by a brace and a
// quote at the beginning.
func isJSON(path string, data []byte) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return false
	}
	inside, braced := bytes.CutPrefix(bytes.TrimSpace(table.TrimMark(data)), []byte("{"))
	inside = bytes.TrimSpace(inside)
	return braced && (bytes.HasPrefix(inside, []byte(`"`)) || bytes.HasPrefix(inside, []byte("}")))
}

// factsRefused tells why facts were refused, with their place.
func (a *app) factsRefused(question string, err error, path string, data []byte) error {
	refused := policy.RefusedFacts(err)
	if len(refused) == 0 {
		return err
	}
	name := a.nameOf(path)
	if err := a.writeFailure(failure{Question: question, Findings: factFindings(name, refused)}); err != nil {
		return err
	}
	var list diagnostic.List
	for _, fact := range refused {
		d := diagnostic.Diagnostic{Code: fact.Code, Severity: diagnostic.Error, Span: fact.Span, Message: fact.Message, Remedy: fact.Remedy}
		d.Span.File = name
		if fact.Fact != "" {
			d.Message = diagnostic.Wording("%s：%s", "%s: %s", policy.Text{ZH: fact.Fact, EN: fact.Fact}, d.Message)
		}
		list = append(list, d)
	}
	a.flush()
	if err := report.Findings(a.err, a.errStyle, list, report.Sources{name: data}); err != nil {
		return err
	}
	return &exitError{exitFindings}
}
