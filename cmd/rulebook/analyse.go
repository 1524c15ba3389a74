package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
	engine "github.com/servicerules/rulebook/internal/run"
)

func (a *app) analyseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   a.t("analyse [问题…]", "analyse [QUESTION…]"),
		Short: a.t("对所有可能的事实分析规则：缺口、冲突、不起作用的规则", "look at all facts there can be: gaps, collisions, rules that never apply"),
		Long: a.t(
			`对规则文件作分析，不是看几个例子，而是看所有可能的事实：哪些事实没有一条规则管、哪些同时
适用两条、哪些规则、行、情节、项目永远用不到，哪些条件总是成立或从不成立，哪些承诺（promises）
不成立。每一处都写明位置，
凡举出事实的，都已按这些事实问过，可以贴到 rulebook ask 里再看。有意如此的，在该行或上一行
注释里写明：# accepted: 代码 – 原因；不再需要的注释也会指出。有未注明的发现时退出码为 1。`,
			`Analyse a rules file: not by examples, but over all facts that can be given. Which facts no rule
is for, on which two rules apply at once, which rules, rows, factors and items nothing can bring to
apply, which conditions always or never hold, which promises do not hold. Every finding has its place;
where it names facts, they have been asked and can be pasted into rulebook ask. Where it is meant,
say so on the line or in a comment right above it: # accepted: CODE – why; comments that are not
needed any more are pointed out. The exit code is 1 where a finding is not accepted.`),
		Example: "rulebook analyse\nrulebook --rules rules.yaml analyse time_limit.request\nrulebook analyse --format json",
		Args:    arguments(0, -1, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, questions []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			for i := range questions {
				if _, err := a.question(cmd, book.Rulebook(), questions[i:i+1], false); err != nil {
					return err
				}
			}
			r, err := analysis.Analyse(cmd.Context(), engine.Of(book), analysis.Options{Questions: questions})
			if err != nil {
				return err
			}
			return a.analysed(r, sourcesOf(book.Rulebook().Name(), book.Rulebook().Source()))
		},
	}
	cmd.ValidArgsFunction = a.fromBook(questionIDs)
	a.formatFlag(cmd)
	cmd.AddCommand(a.analyseReadingsCommand())
	return cmd
}

// analysedJSON is what analyse says, in JSON.
type analysedJSON struct {
	Rules       *rulesJSON        `json:"rules"`
	Findings    []analysisFinding `json:"findings"`
	Standing    int               `json:"standing"` // that are not accepted
	Claims      int               `json:"claims"`   // what was looked into
	Found       int               `json:"found"`    // of these, what some facts show
	Proven      int               `json:"proven"`   // and what no facts can
	Open        int               `json:"open"`     // and for the rest no facts were found, which proves nothing
	LongestList int               `json:"longest_list"`
	Promises    []promiseJSON     `json:"promises"`
}

type analysisFinding struct {
	formats.Finding
	Question string          `json:"question,omitempty"`
	Edition  string          `json:"edition,omitempty"`
	Rule     string          `json:"rule,omitempty"`
	Article  string          `json:"article,omitempty"`
	About    string          `json:"about,omitempty"`
	Facts    json.RawMessage `json:"facts,omitempty"`
	Risen    json.RawMessage `json:"risen,omitempty"` // of a promise about a rise, the facts after it
	Accepted string          `json:"accepted,omitempty"`
}

func (a *app) analysed(r *analysis.Report, sources report.Sources) error {
	standing := r.Standing()
	if a.json() {
		out := analysedJSON{Rules: a.used, Findings: []analysisFinding{}, Standing: len(standing), Claims: r.Claims, Found: r.Found, Proven: r.Proven, Open: r.Open, LongestList: r.LongestList, Promises: promisesJSON(r.Promises)}
		for _, f := range r.Findings {
			out.Findings = append(out.Findings, analysisFinding{formats.FindingsOf(diagnostic.List{f.Diagnostic})[0], f.Question, f.Edition, f.Rule, f.Article, f.About, f.Facts, f.Risen, f.Accepted})
		}
		if err := writeJSON(a.out, out); err != nil {
			return err
		}
	} else if err := a.analysedText(r, standing, sources); err != nil {
		return err
	}
	if len(standing) > 0 {
		return &exitError{exitFindings}
	}
	return nil
}

func (a *app) analysedText(r *analysis.Report, standing []analysis.Finding, sources report.Sources) error {
	s := a.style
	for _, f := range standing {
		if err := a.findingWithFacts(f, sources); err != nil {
			return err
		}
		a.println("")
	}
	if len(r.Promises) > 0 {
		a.promiseTable(r.Promises)
		a.println("")
	}
	accepted := len(r.Findings) - len(standing)
	a.println(s.Plural(len(standing), "%d 处发现", "%d finding", "%d findings") + s.Pickf("，另有 %d 处已注明接受", ", and %d more accepted", accepted))
	a.println(s.Dim(s.Pickf("共查 %d 项：%d 项有事实为证，%d 项证明没有，%d 项试过的事实里没有（列表最多试 %d 项，计算用到的事实只是抽样）",
		"claims: %d; with facts that show it: %d; proven to have none: %d; without any among those tried: %d (lists of up to %d items, samples of what is computed with)",
		r.Claims, r.Found, r.Proven, r.Open, r.LongestList)))
	return nil
}

// findingWithFacts prints a finding of an analysis, with facts to see it by.
func (a *app) findingWithFacts(f analysis.Finding, sources report.Sources) error {
	s := a.style
	if err := report.Findings(a.out, s, diagnostic.List{f.Diagnostic}, sources); err != nil {
		return err
	}
	if f.Article != "" {
		where := s.Pickf("条款 %s，问题 %s", "article %s, question %s", f.Article, f.Question)
		if f.Edition != "" {
			where += s.Pickf("，%s 起的版本", ", edition from %s", f.Edition)
		}
		a.println("     " + s.Dim(where))
	}
	if f.Facts == nil {
		return nil
	}
	a.println("     " + a.t("可用这些事实看到：", "these facts show it:"))
	for _, facts := range []json.RawMessage{f.Facts, f.Risen} {
		if facts != nil {
			a.println("     " + fmt.Sprintf("rulebook ask %s --facts - <<< '%s'", f.Question, facts))
		}
	}
	return nil
}
