package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/mutate"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) mutateCommand() *cobra.Command {
	var cases string
	var only, questions []string
	o := mutate.Options{}
	kinds := make([]string, 0, len(mutate.Kinds()))
	for _, k := range mutate.Kinds() {
		kinds = append(kinds, string(k))
	}
	cmd := &cobra.Command{
		Use:   "mutate",
		Short: a.t("逐处改动规则，看用例能否发觉", "change the rules one place at a time, and see whether cases notice"),
		Long: a.t(
			`把规则文件逐处改动一点：数值、时限、金额、日期加减一个单位，比较换向，“且”换成“或”，
删去一条规则、一行、一项、一个条件，换一个读法。每次只改一处，跑可能受影响的用例。
没有用例发觉的改动，今后谁不小心改错了也没有人知道。对这样的改动，再用编造的事实比较改动前后：
找到答复不同的事实，就列出来，补上应得的结论即成为新用例；找不到的，写明试了多少组，
那不等于证明两者相同。规则文件不会被改动。`,
			`Change the rules file a little, one place at a time: numbers, lengths, amounts and dates by a
unit, comparisons turned, "and" for "or", a rule, row, item or condition taken out, another
reading chosen; and run the cases that each change may touch. A change that no case notices
could be made by mistake, and nobody would hear of it. Such changes are tried on made-up facts:
where answers differ, the facts are shown, to become a case once somebody has written what is
right; where no difference is found, it is said how many fact sets were tried, which is no
proof that there is none. The rules file itself is not touched.`),
		Example: "rulebook mutate --cases examples/cases\nrulebook mutate --only number,comparison\nrulebook mutate --question accountability.fine --format json",
		Args:    arguments(0, 0, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			for _, k := range only {
				if !slices.Contains(kinds, k) {
					return &usageError{command: "mutate", message: diagnostic.Textf("没有 %q 这种改动", "there is no kind of change %q", k), remedy: diagnostic.OneOf(k, kinds)}
				}
				o.Kinds = append(o.Kinds, mutate.Kind(k))
			}
			for _, q := range questions {
				if _, known := book.Rulebook().Question(q); !known {
					return &usageError{command: "mutate", message: diagnostic.Textf("没有问题 %q", "there is no question %q", q), remedy: diagnostic.OneOf(q, book.Rulebook().QuestionIDs())}
				}
			}
			o.Questions = questions
			files, err := a.casesOf("mutate", cases)
			if err != nil {
				return err
			}
			results, err := mutate.Run(cmd.Context(), book, files, o)
			var fail *mutate.CasesFailError
			if errors.As(err, &fail) {
				return &refusal{
					code:    "cases_fail",
					message: diagnostic.Textf("不改动时就有 %[1]d 个用例不过，第一个是 %[2]q", "%[3]s as the rules are, the first is %[2]q", len(fail.Names), fail.Names[0], diagnostic.Counted(len(fail.Names), "case fails", "cases fail")),
					remedy:  diagnostic.Text{ZH: "先让用例全部通过：rulebook test", EN: "have all cases pass first: rulebook test"},
				}
			}
			if err != nil {
				return err
			}
			return a.mutated(book.Rulebook(), results)
		},
	}
	cmd.Flags().StringVar(&cases, "cases", "", a.t("用例文件或目录，缺省为规则文件旁的 cases", "cases, a file or a directory; by default those beside the rules file"))
	cmd.Flags().StringSliceVar(&only, "only", nil, a.t("只做这几种改动："+strings.Join(kinds, "、"), "only changes of these kinds: "+strings.Join(kinds, ", ")))
	cmd.Flags().StringArrayVar(&questions, "question", nil, a.t("只做可能影响这个问题的改动，可写多次", "only changes that may touch this question; may be repeated"))
	cmd.Flags().IntVar(&o.Tries, "tries", mutate.DefaultTries, a.t("无人发觉的改动，各用多少组事实比较；-1 为不比较", "fact sets to try on each change that no case notices; -1 for none"))
	complete(cmd, "only", fixed(kinds...))
	a.formatFlag(cmd)
	return cmd
}

// mutatedJSON is what mutate says, in JSON.
type mutatedJSON struct {
	Rules   *rulesJSON     `json:"rules"`
	Score   string         `json:"score"` // killed of killed and survived, in per cent
	Kinds   []kindJSON     `json:"kinds"`
	Changes []mutationJSON `json:"changes"`
}

type kindJSON struct {
	Kind     mutate.Kind `json:"kind"`
	All      int         `json:"all"`
	Refused  int         `json:"refused"`
	Killed   int         `json:"killed"`
	Survived int         `json:"survived"`
	Same     int         `json:"no_difference"`
	Score    string      `json:"score"`
}

type mutationJSON struct {
	Kind    mutate.Kind     `json:"kind"`
	Fate    mutate.Fate     `json:"fate"`
	By      string          `json:"by,omitempty"` // the case that fails, or the code of the finding
	Article string          `json:"article,omitempty"`
	Rule    string          `json:"rule,omitempty"`
	Path    string          `json:"path"`
	Span    diagnostic.Span `json:"span"`
	Old     string          `json:"old"`
	New     string          `json:"new"`
	Within  string          `json:"within,omitempty"`
	Tried   int             `json:"tried,omitempty"`
	Case    string          `json:"case,omitempty"` // a draft of one that would notice
}

// percentOf is a share in tenths of a per cent as people write it.
func percentOf(thousandths int) string { return fmt.Sprintf("%d.%d%%", thousandths/10, thousandths%10) }

func (a *app) mutated(b *policy.Rulebook, results []*mutate.Result) error {
	counts := mutate.Counts(results)
	total := mutate.Count{}
	for _, c := range counts {
		total.All, total.Refused, total.Killed = total.All+c.All, total.Refused+c.Refused, total.Killed+c.Killed
		total.Survived, total.Same = total.Survived+c.Survived, total.Same+c.Same
	}
	if a.json() {
		out := mutatedJSON{Rules: a.used, Score: percentOf(total.Score()), Kinds: []kindJSON{}, Changes: []mutationJSON{}}
		for _, c := range counts {
			out.Kinds = append(out.Kinds, kindJSON{c.Kind, c.All, c.Refused, c.Killed, c.Survived, c.Same, percentOf(c.Score())})
		}
		for _, r := range results {
			m := mutationJSON{r.Kind, r.Fate, r.By, r.Article, r.Rule, r.Path, r.Span, r.Old, r.New, r.Within, r.Tried, ""}
			if r.Witness != nil {
				m.Case = a.draftOf(r).YAML()
			}
			out.Changes = append(out.Changes, m)
		}
		if err := writeJSON(a.out, out); err != nil {
			return err
		}
	} else {
		a.mutationTable(counts, total)
		a.survivors(b, results)
	}
	if total.Survived > 0 {
		return &exitError{exitFindings}
	}
	return nil
}

func (a *app) mutationTable(counts []mutate.Count, total mutate.Count) {
	s := a.style
	t := report.Table{
		Header: []string{
			"", a.t("改动", "changes"), a.t("不能载入", "refused"), a.t("用例发觉", "noticed"), a.t("未发觉", "not noticed"),
			a.t("未见差别", "no difference found"), a.t("得分", "score"),
		},
		Align: []report.Align{report.Left, report.Right, report.Right, report.Right, report.Right, report.Right, report.Right},
	}
	row := func(label string, c mutate.Count) {
		t.Rows = append(t.Rows, []string{
			label, fmt.Sprint(c.All), fmt.Sprint(c.Refused), fmt.Sprint(c.Killed), fmt.Sprint(c.Survived), fmt.Sprint(c.Same), percentOf(c.Score()),
		})
	}
	for _, c := range counts {
		row(s.Text(c.Kind.Label()), c)
	}
	row(s.Bold(a.t("合计", "all")), total)
	a.table(t)
}

// survivors lists what no case noticed.
func (a *app) survivors(b *policy.Rulebook, results []*mutate.Result) {
	s := a.style
	for _, part := range []struct {
		title diagnostic.Text
		fates []mutate.Fate
	}{
		{diagnostic.Text{ZH: "没有用例发觉的改动（%d 处）：", EN: "Changes that no case notices (%d):"}, []mutate.Fate{mutate.Survived}},
		{
			diagnostic.Text{ZH: "没有用例发觉，所试事实也未见差别的（%d 处；不等于证明相同）：", EN: "No case notices, and no difference was found in what was tried (%d; no proof that there is none):"},
			[]mutate.Fate{mutate.Same, mutate.Untried},
		},
	} {
		var list []*mutate.Result
		for _, r := range results {
			if slices.Contains(part.fates, r.Fate) {
				list = append(list, r)
			}
		}
		if len(list) == 0 {
			continue
		}
		a.heading(fmt.Sprintf(part.title.In(s.Lang), len(list)))
		for _, r := range list {
			a.mutation(b, r)
		}
	}
}

// mutation tells one change, and facts that it answers differently.
func (a *app) mutation(b *policy.Rulebook, r *mutate.Result) {
	s := a.style
	var where []string
	if r.Article != "" {
		where = append(where, s.Text(b.LabelOfArticle(r.Article)))
	}
	if r.Rule != "" {
		where = append(where, s.Text(b.LabelOfRule(r.Rule)))
	}
	where = append(where, s.Dim(r.Span.String()))
	changed := s.Green(r.New)
	if r.New == "" {
		changed = s.Dim(a.t("（删去）", "(taken out)"))
	}
	a.println("", "  "+strings.Join(where, "  "))
	line := "    " + s.Red(report.Clean(r.Old)) + " → " + changed
	if r.Within != "" {
		line += s.Dim("    " + report.Clean(shortened(r.Within)))
	}
	a.println(line)
	switch {
	case r.Witness != nil:
		for text := range strings.Lines(a.draftOf(r).YAML()) {
			a.println("    " + strings.TrimSuffix(text, "\n"))
		}
	case r.Tried > 0:
		a.println("    " + s.Dim(s.Plural(r.Tried, "试了 %d 组事实", "%d fact set tried", "%d fact sets tried")))
	}
}

func shortened(text string) string {
	const most = 110
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// draftOf is a case that would notice the change.
func (a *app) draftOf(r *mutate.Result) *casefile.Draft {
	w := r.Witness
	name := a.t("补上名称", "to be named")
	if w.From != "" {
		name = a.t("由“"+w.From+"”改来", "made from "+w.From)
	}
	d := &casefile.Draft{Name: name, Question: w.Question, Readings: w.Readings, AsOf: w.AsOf, Facts: w.Facts}
	for _, x := range w.Differences {
		old, changed := x.Old, x.New
		if old == "" {
			old = a.t("空", "nothing")
		}
		if changed == "" {
			changed = a.t("空", "nothing")
		}
		d.Remarks = append(d.Remarks, a.style.Pickf("%s：现为 %s，改动后为 %s", "%s: %s as the rules are, %s after the change", x.Part, old, changed))
	}
	return d
}
