package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/ci"
	"github.com/servicerules/rulebook/internal/explain"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/wording"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   a.t("explain [代码]", "explain [CODE]"),
		Short: a.t("说明一种核对结果：错在哪里，该怎么写", "explain a code of findings: what is wrong, and what to write"),
		Long: a.t(
			`说明 check、analyse、ci 报出的代码（方括号里的那个）：是什么问题、写错的样子（«»标出所报的位置）、
正确的写法、报告的原话。不写代码则列出全部代码。`,
			`Explain a code that check, analyse or ci gives in brackets: what is wrong, how it was written (the place of
the finding is marked «so»), what is right, and what the finding says. Without a code, list all.`),
		Example: "rulebook explain unknown_fact\nrulebook explain",
		Args:    arguments(0, 1, diagnostic.Text{}),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return append(explain.Codes(), ci.Codes()...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				a.codes()
				return nil
			}
			code := strings.ToLower(strings.Trim(args[0], "[] "))
			if p, ok := explain.Find(code); ok {
				a.page(p)
				return nil
			}
			if means, ok := ci.Means(code); ok {
				a.println(a.style.Bold(code), "", means.In(a.style.Lang), "", a.t("详见 docs/ci.md（rulebook ci）", "more in docs/ci.md (rulebook ci)"))
				return nil
			}
			if reason := (wording.Words{Lang: a.style.Lang}).Reason(code); reason != code { // of facts, or of a row
				a.println(a.style.Bold(code), "", reason)
				return nil
			}
			return &usageError{
				command: commandName(cmd),
				message: diagnostic.Textf("没有代码 %q", "there is no code %q", code),
				remedy:  codeMeant(code),
			}
		},
	}
}

// codeMeant says which code may be meant.
func codeMeant(code string) diagnostic.Text {
	if near := diagnostic.Nearest(code, append(explain.Codes(), ci.Codes()...)); near != "" {
		return diagnostic.Textf("是否指 %s？", "did you mean %s?", near)
	}
	return diagnostic.Text{ZH: "不写代码则列出全部：rulebook explain", EN: "without a code all are listed: rulebook explain"}
}

// codes lists all codes with what they mean.
func (a *app) codes() {
	t := report.Table{}
	for _, p := range explain.Pages() {
		what := ""
		if len(p.Examples) > 0 {
			what = p.Examples[0].What.In(a.style.Lang)
		} else if len(p.Said) > 0 {
			what, _, _ = strings.Cut(p.Said[0].In(a.style.Lang), " [")
		}
		t.Rows = append(t.Rows, []string{p.Code, report.Clean(what)})
	}
	for _, code := range ci.Codes() {
		means, _ := ci.Means(code)
		what, _, _ := strings.Cut(means.In(a.style.Lang), a.t("。", ". "))
		t.Rows = append(t.Rows, []string{code, what + a.t("。", ".")})
	}
	slices.SortStableFunc(t.Rows, func(x, y []string) int { return strings.Compare(x[0], y[0]) })
	a.table(t)
}

// page prints what there is to say about a code.
func (a *app) page(p explain.Page) {
	s := a.style
	severity := s.Red(a.t("错误", "error"))
	if p.Warning {
		severity = s.Yellow(a.t("提醒", "warning"))
	}
	a.println(s.Bold(p.Code) + "  " + severity)
	for _, x := range p.Examples {
		a.println("", x.What.In(s.Lang), "", s.Red(a.t("错", "wrong"))+s.Colon())
		a.block(x.Wrong)
		a.println("", s.Green(a.t("对", "right"))+s.Colon())
		a.block(x.Right)
		a.println("", a.t("报告", "what is said")+s.Colon())
		a.paragraph("    ", report.Clean(x.Said.In(s.Lang)))
	}
	for _, said := range p.Said {
		a.println("")
		a.paragraph("    ", report.Clean(said.In(s.Lang)))
	}
	if len(p.Also) > 0 {
		a.println("", a.t("另有", "also")+s.Colon())
		for _, x := range p.Also {
			a.paragraph("  - ", x.In(s.Lang))
		}
	}
	if p.Warning {
		a.println("", s.Dim(a.t("有意如此就在该行或上一行写注释：# accepted: ", "where it is meant, write the comment on the line or above it: # accepted: ")+p.Code+a.t(" – 原因", " – why")))
	}
}

// block prints lines of a file as they stand.
func (a *app) block(text string) {
	for _, line := range strings.Split(text, "\n") {
		a.println(strings.TrimRight("    "+report.Clean(line), " "))
	}
}
