package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/whatif"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) compareCommand() *cobra.Command {
	var asOf, rulesB string
	var readings, readingsB []string
	cmd := &cobra.Command{
		Use:   a.t("compare 问题 甲 乙", "compare QUESTION A B"),
		Short: a.t("两个回答为什么不同：是哪项事实、哪个读法还是规则本身", "why two answers differ: by which fact, which reading or the rules themselves"),
		Long: a.t(
			`就两份事实各问一遍，先列出回答的不同，再找出是哪些差别造成的：把乙的一项换进甲，
结论就成了乙的，这一项便是原因。单独哪一项都不够的，列出合起来才够、一项也不能少的几项。
同一份事实写两遍，用 --reading-b 或 --rules-b 便可比较读法或两版规则。`,
			`Ask about two sets of facts, list in what the answers differ, and find which differences make it
so: one that, put into A, leads to the verdict of B is a cause. Where none does alone, those that do
together are listed, none of which can be left out. The same facts twice, with --reading-b or
--rules-b, compare readings or two versions of the rules.`),
		Example: strings.Join([]string{
			"rulebook compare time_limit.request monday.json tuesday.json",
			"rulebook compare contracting.kpi june.json june.json --reading-b kpi.denominator=month_start",
			"rulebook compare accountability.fine s1.json s1.json --rules-b new/rules.yaml",
		}, "\n"),
		Args: arguments(3, 3, diagnostic.Text{ZH: "写问题和两份事实文件", EN: "name the question and two files of facts"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			q, err := a.question(cmd, book.Rulebook(), args[:1], false)
			if err != nil {
				return err
			}
			second := book
			if rulesB != "" {
				if second, err = a.version(rulesB); err != nil {
					return err
				}
			}
			if book, err = withReadings(commandName(cmd), book, readings); err != nil {
				return err
			}
			if second, err = withReadings(commandName(cmd), second, readings); err != nil {
				return err
			}
			if _, err = withReadings(commandName(cmd), second, readingsB); err != nil { // they exist
				return err
			}
			var options []rulebook.Option
			if asOf != "" {
				t, err := momentArgument(cmd, asOf)
				if err != nil {
					return err
				}
				options = append(options, rulebook.AsOf(t))
			}
			if args[1] == "-" && args[2] == "-" {
				return &usageError{
					command: commandName(cmd), message: diagnostic.Text{ZH: "标准输入只能读一次", EN: "standard input can be read once"},
					remedy: diagnostic.Text{ZH: "两份事实至少一份写成文件", EN: "write at least one of the two in a file"},
				}
			}
			asked := [2]*policy.Question{q}
			var ok bool
			if asked[1], ok = second.Rulebook().Question(q.ID); !ok {
				return &usageError{
					command: commandName(cmd), message: diagnostic.Textf("%[2]s 没有问题 %[1]q", "%[2]s has no question %[1]q", q.ID, second.Rulebook().Name()),
					remedy: diagnostic.Text{ZH: "两份规则都有的问题才能比较", EN: "compare a question that both rulebooks have"},
				}
			}
			sides := [2]whatif.Side{{Book: book, Options: options}, {Book: second, Options: options, Readings: map[string]string{}}}
			for _, r := range readingsB {
				key, option, _ := strings.Cut(r, "=")
				sides[1].Readings[key] = option
			}
			for i := range sides {
				given, data, err := a.facts(args[i+1])
				if err != nil {
					return err
				}
				if _, err := sides[i].Book.Ask(cmd.Context(), q.ID, given, options...); err != nil { // with its places
					return a.factsRefused(q.ID, err, args[i+1], data)
				}
				sides[i].Facts = treeOf(asked[i], given)
			}
			found, err := whatif.Compare(cmd.Context(), q.ID, sides[0], sides[1])
			var side *whatif.SideError
			if errors.As(err, &side) {
				return side.Err
			}
			if err != nil {
				return err
			}
			return a.comparison(book, q, found)
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return a.fromBook(questionIDs)(cmd, args, typed)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&asOf, "as-of", "", a.t("提问的时刻，如 2025-06-09T09:00:00+08:00", "the moment of asking, such as 2025-06-09T09:00:00+08:00"))
	flags.StringArrayVar(&readings, "reading", nil, a.t("两边都换的读法，可写多次", "another option of a reading, for both; may be repeated"))
	flags.StringArrayVar(&readingsB, "reading-b", nil, a.t("只有乙换的读法，可写多次", "another option of a reading, for B alone; may be repeated"))
	flags.StringVar(&rulesB, "rules-b", "", a.t("乙所用的规则文件", "the rules file that B is asked by"))
	a.formatFlag(cmd)
	complete(cmd, "reading", a.fromBook(readingOptions))
	complete(cmd, "reading-b", a.fromBook(readingOptions))
	complete(cmd, "as-of", fixed())
	return cmd
}

// comparison prints why two answers differ.
func (a *app) comparison(book *rulebook.Book, q *policy.Question, c *whatif.Comparison) error {
	if a.json() {
		return writeJSON(a.out, comparisonJSON(q, c))
	}
	s := a.style
	w := wording.Words{Book: book.Rulebook(), Lang: s.Lang}
	a.println(s.Bold(s.Text(q.Title)) + "  " + s.Dim(q.ID))
	if len(c.Differences) == 0 {
		a.println("", s.Green(a.t("两个回答相同", "the two answers are the same")))
		return nil
	}
	a.heading(a.t("回答的不同", "In what the answers differ"))
	verdict := func(x *rulebook.Answer) string {
		if x.Error != nil {
			return a.t("无法判定", "nothing can be decided")
		}
		return w.Verdict(q, x.Verdict)
	}
	if c.ByVerdict {
		a.println("  " + a.t("结论", "verdict") + s.Colon() + verdict(c.A) + " → " + verdict(c.B))
	}
	for _, line := range a.different(w, q, c.A, c.B) {
		a.println("  " + line)
	}
	list := func(causes []whatif.Cause) {
		t := report.Table{Indent: 2}
		for _, x := range causes {
			t.Rows = append(t.Rows, a.cause(book, w, q, x))
		}
		a.table(t)
	}
	switch {
	case len(c.Alone) > 0:
		a.heading(pickWhy(a, c, "单独一项就够", "each alone suffices"))
		list(c.Alone)
	case len(c.Together) > 0:
		a.heading(pickWhy(a, c, "合起来才够，一项也不能少；别的几项合起来或许也够", "these together, none of which can be left out; others may do as well"))
		list(c.Together)
	}
	if rest := len(c.Causes) - max(len(c.Alone), len(c.Together)); rest > 0 {
		others := s.Pickf("两边另有 %d 处差别，不靠它们也如此", "other differences between the two, without which it is so as well: %d", rest)
		a.println("", s.Dim(others))
	}
	return nil
}

// pickWhy is the heading over causes: of the verdict, or of all that differs.
func pickWhy(a *app, c *whatif.Comparison, zh, en string) string {
	if c.ByVerdict {
		return a.t("结论为什么不同（"+zh+"）", "Why the verdicts differ ("+en+")")
	}
	return a.t("为什么不同（"+zh+"）", "Why they differ ("+en+")")
}

// cause is a difference between two sides as a row.
func (a *app) cause(book *rulebook.Book, w wording.Words, q *policy.Question, c whatif.Cause) []string {
	s := a.style
	switch {
	case c.Rulebook:
		return []string{a.t("规则本身", "the rules themselves"), "", "", s.Dim(a.t("改了什么：rulebook diff", "rulebook diff tells what was changed"))}
	case c.Reading != "":
		option := func(v any) string {
			if text := fmt.Sprint(v); text != "" {
				return text + s.Dim(s.Pick("（", " (")+w.Option(c.Reading, text)+s.Pick("）", ")"))
			}
			if own, ok := book.Chosen(c.Reading, time.Now()); ok {
				return own + s.Dim(a.t("（规则书自己的）", " (the rulebook's own)"))
			}
			return a.t("规则书自己的", "the rulebook's own")
		}
		return []string{a.t("读法 ", "reading ") + c.Reading, option(c.A), "→", option(c.B)}
	}
	show := func(v any, not bool) string {
		switch {
		case not:
			return a.t("没有给", "not given")
		case v == nil:
			return "null"
		}
		return a.factText(w, v)
	}
	return []string{w.FactNamed(q, c.Fact), show(c.A, c.NotA), "→", show(c.B, c.NotB)}
}

// factText is the value of some fact as a person reads it.
func (a *app) factText(w wording.Words, v any) string {
	if word, ok := v.(string); ok {
		if label := w.Word(word, nil); label != word {
			return word + a.style.Dim(a.style.Pick("（", " (")+label+a.style.Pick("）", ")"))
		}
	}
	return a.factValue(w, &policy.Fact{}, v)
}

func comparisonJSON(q *policy.Question, c *whatif.Comparison) any {
	type cause struct {
		Fact     string `json:"fact,omitempty"`
		Reading  string `json:"reading,omitempty"`
		Rulebook bool   `json:"rulebook,omitempty"`
		A        any    `json:"a"`
		B        any    `json:"b"`
	}
	type difference struct {
		Part string `json:"part"`
		A    string `json:"a"`
		B    string `json:"b"`
	}
	list := func(all []whatif.Cause) []cause {
		out := []cause{}
		for _, x := range all {
			out = append(out, cause{x.Fact, x.Reading, x.Rulebook, x.A, x.B})
		}
		return out
	}
	out := struct {
		Question    string          `json:"question"`
		Same        bool            `json:"same"`
		Differences []difference    `json:"differences"`
		Causes      []cause         `json:"causes"`
		Alone       []cause         `json:"alone"`
		Together    []cause         `json:"together"`
		A           json.RawMessage `json:"a"`
		B           json.RawMessage `json:"b"`
	}{q.ID, len(c.Differences) == 0, []difference{}, list(c.Causes), list(c.Alone), list(c.Together), c.A.AppendJSON(nil, false), c.B.AppendJSON(nil, false)}
	for _, d := range c.Differences {
		out.Differences = append(out.Differences, difference{d.Part, d.Old, d.New})
	}
	return out
}
