package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	cover "github.com/servicerules/rulebook/internal/coverage"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) coverageCommand() *cobra.Command {
	var cases, page string
	var suggest bool
	var tries int
	cmd := &cobra.Command{
		Use:   "coverage",
		Short: a.t("用例经过了规则的哪些部分，还缺哪些", "what of the rules cases come to, and what they miss"),
		Long: a.t(
			`跑用例，记下经过了什么：问题、结论、条款、规则、表的行、表达式，每个条件成立与不成立两面，
比较正好在界限上的，各读法的选项。没有经过的逐项列出条款和位置。
经过不等于核对：改错了用例能否发觉，看 rulebook mutate。
--suggest 为缺少的编出现成的用例，事实已填好，应得什么结论由人补上；还没有用例时也可用。`,
			`Run the cases and note what they come to: questions, verdicts, articles, rules, rows of tables,
expressions, both sides of each condition, comparisons exactly at their boundary, options of
readings. What is missed is listed with article and place. To be come to is not to be checked:
whether cases would notice a mistake is told by rulebook mutate.
--suggest makes up cases for what is missed, with facts filled in; what is expected of them is
left to a person. There need be no cases yet.`),
		Example: "rulebook coverage --cases examples/cases\nrulebook coverage --suggest\nrulebook coverage --html coverage.html",
		Args:    arguments(0, 0, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			if page != "" {
				if err := a.spares(commandName(cmd), []string{page}, cases); err != nil {
					return err
				}
			}
			var files []*casefile.File
			if suggest {
				files, err = a.casesIfAny(cases)
			} else {
				files, err = a.casesOf("coverage", cases)
			}
			if err != nil {
				return err
			}
			r, err := cover.Measure(cmd.Context(), book, files)
			if err != nil {
				return err
			}
			var suggestions []*cover.Suggestion
			if suggest {
				if suggestions, err = cover.Suggest(cmd.Context(), book, files, tries); err != nil {
					return err
				}
			}
			if page != "" {
				if err := writePage(page, func(w *strings.Builder) error { return cover.HTML(w, book.Rulebook(), r, a.style.Lang) }); err != nil {
					return err
				}
			}
			switch {
			case a.json():
				return writeJSON(a.out, a.coverageJSON(r, suggestions))
			case suggest:
				a.suggestions(suggestions)
			default:
				a.covered(book.Rulebook(), r)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&cases, "cases", "", a.t("用例文件或目录，缺省为规则文件旁的 cases", "cases, a file or a directory; by default those beside the rules file"))
	cmd.Flags().BoolVar(&suggest, "suggest", false, a.t("为缺少的编出用例", "make up cases for what is missed"))
	cmd.Flags().IntVar(&tries, "tries", 2000, a.t("每个问题最多试多少组事实", "fact sets to try for each question"))
	cmd.Flags().StringVar(&page, "html", "", a.t("另写成一个网页文件", "also write one page, to this file"))
	a.formatFlag(cmd)
	return cmd
}

type coverageJSON struct {
	Rules       *rulesJSON       `json:"rules"`
	Cases       int              `json:"cases"`
	Kinds       []coveredJSON    `json:"kinds"`
	Missing     []missedJSON     `json:"missing"`
	Suggestions []suggestionJSON `json:"suggestions,omitempty"`
}

type coveredJSON struct {
	Kind    cover.Kind `json:"kind"`
	Covered int        `json:"covered"`
	All     int        `json:"all"`
}

type missedJSON struct {
	Kind    cover.Kind      `json:"kind"`
	Name    string          `json:"name"`
	Side    string          `json:"side,omitempty"`
	Article string          `json:"article,omitempty"`
	Rule    string          `json:"rule,omitempty"`
	Span    diagnostic.Span `json:"span"`
	Message diagnostic.Text `json:"message"`
}

type suggestionJSON struct {
	Question string       `json:"question"`
	Case     string       `json:"case"` // to be finished
	Covers   []missedJSON `json:"covers"`
}

func missedOf(i *cover.Item) missedJSON {
	return missedJSON{i.Kind, i.Name, i.Side, i.Article, i.Rule, i.Span, i.Told()}
}

func (a *app) coverageJSON(r *cover.Report, suggestions []*cover.Suggestion) coverageJSON {
	out := coverageJSON{Rules: a.used, Cases: r.Cases, Kinds: []coveredJSON{}, Missing: []missedJSON{}}
	for _, k := range cover.Kinds() {
		if covered, all := r.Of(k); all > 0 {
			out.Kinds = append(out.Kinds, coveredJSON{k, covered, all})
		}
	}
	for _, i := range r.Missing() {
		out.Missing = append(out.Missing, missedOf(i))
	}
	for n, s := range suggestions {
		x := suggestionJSON{Question: s.Question, Case: a.suggestedCase(n, s).YAML()}
		for _, i := range s.Covers {
			x.Covers = append(x.Covers, missedOf(i))
		}
		out.Suggestions = append(out.Suggestions, x)
	}
	return out
}

func (a *app) covered(b *policy.Rulebook, r *cover.Report) {
	s := a.style
	t := report.Table{
		Header: []string{"", a.t("经过", "covered"), a.t("共", "of"), ""},
		Align:  []report.Align{report.Left, report.Right, report.Right, report.Right},
	}
	for _, k := range cover.Kinds() {
		if covered, all := r.Of(k); all > 0 {
			t.Rows = append(t.Rows, []string{s.Text(k.Label()), fmt.Sprint(covered), fmt.Sprint(all), percentOf(covered * 1000 / all)})
		}
	}
	a.table(t)
	missing := r.Missing()
	if len(missing) == 0 {
		return
	}
	a.heading(s.Pickf("没有用例经过的（%d 项）：", "What no case comes to (%d):", len(missing)))
	t = report.Table{Indent: 2}
	for _, i := range missing {
		where := ""
		if i.Article != "" {
			where = s.Text(b.LabelOfArticle(i.Article))
		}
		t.Rows = append(t.Rows, []string{s.Dim(i.Span.String()), where, report.Clean(i.Told().In(s.Lang))})
	}
	a.table(t)
	a.println("", s.Dim(a.t("为它们编出用例：rulebook coverage --suggest", "have cases made up for them: rulebook coverage --suggest")))
}

func (a *app) suggestions(all []*cover.Suggestion) {
	if len(all) == 0 {
		a.println(a.t("# 没有找到能补上的事实", "# no facts were found that would cover more"))
		return
	}
	a.println(a.t("# 事实已填好；核对条文，在 expect 后写上应得的结论。", "# The facts are filled in; look at the text of the article, and write what is right behind expect."), "cases:")
	for n, s := range all {
		a.printf("%s", a.suggestedCase(n, s).YAML())
	}
}

// suggestedCase is a case that a person has yet to finish.
func (a *app) suggestedCase(n int, s *cover.Suggestion) *casefile.Draft {
	d := &casefile.Draft{
		Name: a.style.Pickf("补 %d", "new %d", n+1), Question: s.Question, Facts: s.Trial.Facts, AsOf: s.Trial.AsOf, Readings: s.Trial.Readings,
	}
	for _, i := range s.Covers {
		told := i.Told().In(a.style.Lang)
		if i.Article != "" {
			told = i.Article + a.style.Colon() + told
		}
		d.Remarks = append(d.Remarks, told)
	}
	d.Remarks = append(d.Remarks, a.style.Pickf("规则现在的答复：%s", "as the rules are: %s", s.Answer.Verdict))
	return d
}

// writePage writes a page that is complete to a file.
func writePage(path string, write func(*strings.Builder) error) error {
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	if err := writeFile(path, []byte(b.String())); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}
