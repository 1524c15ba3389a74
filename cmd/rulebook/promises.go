package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/analysis"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
	engine "github.com/servicerules/rulebook/internal/run"
)

func (a *app) promisesCommand() *cobra.Command {
	var allReadings bool
	cmd := &cobra.Command{
		Use:   a.t("promises [文件]", "promises [FILE]"),
		Short: a.t("规则文件里的承诺（promises）：逐项证明成立，或举出反例", "what a rules file promises: each proven, or refuted by an example"),
		Long: a.t(
			`规则文件的 promises 写着不论事实如何、答复都须做到的，如“投诉不属实的，不罚款”“办结越晚，结果
不会越好”。这里逐项查清：
  已证明    没有事实会违反它
  不成立    举出事实，已按这些事实问过，可以贴到 rulebook ask 里看
  未见反例  试过的事实都没有违反，但事实列举不完，不等于证明；写明试了多少组
按选定的读法查；--all-readings 另把每个读法逐一换成别的选项再查。有承诺不成立时退出码为 1。`,
			`Under promises, a rules file says what holds of its answers whatever the facts: no fine without a
substantiated complaint; a later completion is never judged better. Each is looked into:
  proven    no facts break it
  refuted   some do; they are shown, have been asked, and can be pasted into rulebook ask
  searched  none of those that were tried do, which proves nothing: there are too many to try all;
            how many were tried is said
It is looked into under the readings that are chosen; with --all-readings under each other option
of each of them as well, one at a time. The exit code is 1 where a promise is refuted.`),
		Example: "rulebook promises\nrulebook promises rules.yaml --lang zh\nrulebook promises --all-readings --format junit",
		Args:    arguments(0, 1, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.oneFile(cmd, args); err != nil {
				return err
			}
			book, err := a.load()
			if err != nil {
				return err
			}
			r, err := analysis.Promises(cmd.Context(), engine.Of(book), analysis.Options{AllReadings: allReadings})
			if err != nil {
				return err
			}
			return a.promised(r, book.Rulebook().Name(), sourcesOf(book.Rulebook().Name(), book.Rulebook().Source()))
		},
		ValidArgsFunction: yamlFiles,
	}
	a.formatFlag(cmd, formats.Names...)
	cmd.Flags().BoolVar(&allReadings, "all-readings", false, a.t("另把每个读法逐一换成别的选项", "under each other option of each reading as well"))
	return cmd
}

// promisedJSON is what promises says, in JSON.
type promisedJSON struct {
	Rules    *rulesJSON    `json:"rules"`
	Promises []promiseJSON `json:"promises"`
	Proven   int           `json:"proven"`
	Refuted  int           `json:"refuted"`
	Searched int           `json:"searched"`
	Unmet    int           `json:"unmet"` // of those that are neither, whose condition nothing met that was tried
}

type promiseJSON struct {
	Name        string           `json:"name"`
	Label       diagnostic.Text  `json:"label"`
	Article     string           `json:"article"`
	Question    string           `json:"question"`
	State       analysis.State   `json:"state"`
	Tried       int              `json:"tried,omitempty"`        // fact sets, or parts of such; of one that is searched
	LongestList int              `json:"longest_list,omitempty"` // where it is proven but for longer lists
	Idle        bool             `json:"idle,omitempty"`         // it promises nothing
	Unmet       bool             `json:"unmet,omitempty"`        // its condition holds on none of the facts that were tried
	Readings    int              `json:"other_readings,omitempty"`
	Reading     string           `json:"reading,omitempty"` // under which it is refuted; "" under those that are chosen
	Option      string           `json:"option,omitempty"`
	Edition     string           `json:"edition,omitempty"`
	Facts       json.RawMessage  `json:"facts,omitempty"`
	Risen       json.RawMessage  `json:"risen,omitempty"`
	Shows       *diagnostic.Text `json:"shows,omitempty"`
}

func promisesJSON(all []analysis.PromiseResult) []promiseJSON {
	list := []promiseJSON{}
	for i := range all {
		r := &all[i]
		p := promiseJSON{
			Name: r.Name, Label: r.Label, Article: r.Article, Question: r.Question, State: r.State, Tried: r.Tried, LongestList: r.LongestList,
			Idle: r.Idle, Unmet: r.Unmet, Readings: r.Readings, Reading: r.Reading, Option: r.Option, Edition: r.Edition, Facts: r.Facts, Risen: r.Risen,
		}
		if r.State == analysis.Refuted {
			p.Shows = &diagnostic.Text{ZH: r.Shows.In("zh"), EN: r.Shows.In("en")}
		}
		list = append(list, p)
	}
	return list
}

func (a *app) promised(r *analysis.Report, name string, sources report.Sources) error {
	standing := r.Standing()
	var err error
	switch {
	case a.json():
		n := r.CountPromises()
		err = writeJSON(a.out, promisedJSON{a.used, promisesJSON(r.Promises), n.Proven, n.Refuted, n.Searched, n.Unmet})
	case a.forPrograms():
		err = formats.Write(a.out, a.format, formats.Report{Command: "promises", Version: ownVersion(), Cases: promiseCases(r, name)}, a.style.Lang)
	default:
		err = a.promisedText(r, standing, sources)
	}
	if err != nil {
		return err
	}
	if len(standing) > 0 {
		return &exitError{exitFindings}
	}
	return nil
}

// promiseCases are promises as tests: what stands against one fails it.
func promiseCases(r *analysis.Report, name string) []formats.Case {
	var all []formats.Case
	for i := range r.Promises {
		p := &r.Promises[i]
		span := p.KeyNode.Span
		if span.File == "" {
			span.File = name
		}
		c := formats.Case{Name: p.Name, Question: p.Question, Span: span}
		for _, f := range r.Standing() {
			if f.Span == p.KeyNode.Span {
				c.Failures = append(c.Failures, formats.Failure{Field: p.Name, Message: f.Message, Remedy: f.Remedy, Code: f.Code, Severity: f.Severity, Span: span})
			}
		}
		all = append(all, c)
	}
	return all
}

func (a *app) promisedText(r *analysis.Report, standing []analysis.Finding, sources report.Sources) error {
	s := a.style
	if len(r.Promises) == 0 {
		a.println(a.t("规则文件里没有承诺（promises）", "the rules file makes no promises"))
		return nil
	}
	a.promiseTable(r.Promises)
	for _, f := range standing {
		a.println("")
		if err := a.findingWithFacts(f, sources); err != nil {
			return err
		}
	}
	n := r.CountPromises()
	promises := "promises"
	if len(r.Promises) == 1 {
		promises = "promise"
	}
	told := s.Pickf("承诺 %[1]d 项：已证明 %[3]d，不成立 %[4]d，未见反例 %[5]d", "%[1]d %[2]s: %[3]d proven, %[4]d refuted, %[5]d searched", len(r.Promises), promises, n.Proven, n.Refuted, n.Searched)
	if n.Unmet > 0 {
		told += s.Pickf("，条件没有遇到过 %d", ", %d whose condition nothing met", n.Unmet)
	}
	a.println("", told)
	if n.Searched > 0 {
		a.println(s.Dim(s.Pickf("未见反例不等于证明：事实列举不完（长于 %d 项的列表、计算用到的数和时间），括号里是试过的组数",
			"searched is not proven: there are too many facts to try all (lists of more than %d items; numbers and times that are computed with); how many were tried stands in brackets", r.LongestList)))
	}
	return nil
}

// promiseTable lists promises with what is known of them.
func (a *app) promiseTable(all []analysis.PromiseResult) {
	s := a.style
	t := report.Table{Header: []string{a.t("承诺", "promise"), a.t("条款", "article"), a.t("问题", "question"), a.t("结果", "result")}}
	for i := range all {
		r := &all[i]
		t.Rows = append(t.Rows, []string{s.Text(r.Label), r.Article, r.Question, a.promiseState(r)})
	}
	a.table(t)
}

// promiseState is what is known of a promise.
func (a *app) promiseState(r *analysis.PromiseResult) string {
	s := a.style
	switch {
	case r.State == analysis.Refuted && r.Reading != "":
		return s.Red(s.Pickf("不成立（%s=%s）", "refuted (%s=%s)", r.Reading, r.Option))
	case r.State == analysis.Refuted:
		return s.Red(a.t("不成立", "refuted"))
	case r.State == analysis.Proven:
		return s.Green(a.t("已证明", "proven"))
	case r.Unmet:
		return s.Yellow(a.t("条件没有遇到过：试过的事实都不符合", "nothing that was tried met its condition"))
	case r.LongestList > 0:
		return s.Yellow(s.Pickf("未证明，未见反例（列表 %d 项以内全部试过，%d 组）", "not proven, searched (all lists of up to %d items, %d)", r.LongestList, r.Tried))
	}
	return s.Yellow(s.Pickf("未证明，未见反例（试过 %d 组）", "not proven, searched (%d tried)", r.Tried))
}
