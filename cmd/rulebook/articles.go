package main

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/formats"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

// usualCases is where cases are looked for when nobody says where they are.
const usualCases = "examples/cases"

func (a *app) articlesCommand() *cobra.Command {
	var cases string
	cmd := &cobra.Command{
		Use:   "articles",
		Short: a.t("条款台账：每一条产生哪些规则、有哪些用例", "the ledger of articles: the rules and cases of each"),
		Long: a.t(
			`逐条列出制度的条和项：性质、标题、由它产生的规则、引用它的用例；不产生规则的，说明原因。
用例取自 --cases，缺省为 examples/cases（如有）。`,
			`List every article and item: its nature, its title, the rules made of it and the cases that
name it, or why it decides nothing. Cases are those of --cases, by default of examples/cases
where there is such a directory.`),
		Example:           "rulebook articles\nrulebook articles --cases examples/cases --format json",
		Args:              arguments(0, 0, diagnostic.Text{}),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			l := newLedger(book.Rulebook())
			if err := a.nameCases(l, cases); err != nil {
				return err
			}
			if a.json() {
				j := l.json()
				j.Rules = a.used
				return writeJSON(a.out, j)
			}
			a.ledger(l)
			return nil
		},
	}
	cmd.Flags().StringVar(&cases, "cases", "", a.t("用例文件或目录", "case file or directory"))
	a.formatFlag(cmd)
	return cmd
}

// ledger says of every article what was made of it.
type ledger struct {
	book  *policy.Rulebook
	from  string              // where the cases are from, "" for none
	cases map[string][]string // names by article
}

func newLedger(b *policy.Rulebook) *ledger { return &ledger{book: b, cases: map[string][]string{}} }

// nameCases notes the cases that expect an article to be cited or broken.
func (a *app) nameCases(l *ledger, path string) error {
	if path == "" {
		if _, err := os.Stat(usualCases); err != nil {
			return nil
		}
		path = usualCases
	}
	l.from = path
	files, err := a.caseFiles(path)
	if err != nil {
		return err
	}
	failed := false
	var wrong diagnostic.List
	for _, name := range files {
		f, found, err := a.readCases(name)
		if err != nil {
			return err
		}
		if f == nil {
			failed = true
			wrong = append(wrong, found...)
			continue
		}
		for _, c := range f.Cases {
			for _, id := range articlesOf(c) {
				l.cases[id] = append(l.cases[id], c.Name)
			}
		}
	}
	if failed {
		if err := a.writeFailure(failure{Findings: formats.FindingsOf(wrong)}); err != nil {
			return err
		}
		return &exitError{exitFindings}
	}
	return nil
}

// articlesOf lists the articles that a case is about: those that it expects
// to be cited, and those that it expects to be broken.
func articlesOf(c *casefile.Case) []string {
	var ids []string
	note := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, key := range []string{"cites", "cites_only"} {
		for _, text := range scalars(c.Expect.Get(key)) {
			note(text)
		}
	}
	for _, text := range scalars(c.Expect.Get("breaches")) {
		id, _, _ := strings.Cut(text, "#")
		note(id)
	}
	return ids
}

// scalars are the texts of a list, or the only text.
func scalars(n *source.Node) []string {
	if n == nil {
		return nil
	}
	if n.Kind == source.Scalar {
		return []string{n.Text}
	}
	var list []string
	for _, item := range n.Items {
		list = append(list, item.Text)
	}
	return list
}

// coverage counts articles and items, and those that are accounted for: by rules
// of their own or of their items, or by a reason why they decide nothing.
type coverage struct{ articles, articlesMapped, items, itemsMapped int }

func (l *ledger) count() coverage {
	var t coverage
	for _, reg := range l.book.Regulations {
		for _, x := range reg.Articles {
			mapped := 0
			if l.mapped(reg, x) {
				mapped = 1
			}
			if x.IsItem() {
				t.items++
				t.itemsMapped += mapped
			} else {
				t.articles++
				t.articlesMapped += mapped
			}
		}
	}
	return t
}

func (l *ledger) mapped(reg *policy.Regulation, x *policy.Article) bool {
	return len(x.Rules) > 0 || !x.DecidesNothing.IsZero() || len(itemsOf(reg, x)) > 0
}

// itemsOf are the items of an article that have rules.
func itemsOf(reg *policy.Regulation, x *policy.Article) []*policy.Article {
	var list []*policy.Article
	for _, item := range reg.Articles {
		if item.Parent() == x.ID && len(item.Rules) > 0 {
			list = append(list, item)
		}
	}
	return list
}

// mapped is the count on one line.
func (t coverage) mapped(s report.Style) string {
	text := s.Pickf("%d/%d 条，%d/%d 项", "%d/%d articles, %d/%d items", t.articlesMapped, t.articles, t.itemsMapped, t.items)
	if t.articlesMapped < t.articles || t.itemsMapped < t.items {
		return s.Yellow(text)
	}
	return text
}

// withoutCase lists articles and items that have rules and no case. What is
// said of an item is said of its article.
func (l *ledger) withoutCase() []string {
	var ids []string
	for _, reg := range l.book.Regulations {
		for _, x := range reg.Articles {
			if len(x.Rules) > 0 && len(l.cases[x.ID]) == 0 {
				ids = append(ids, x.ID)
			}
		}
	}
	return ids
}

// ledger prints the ledger.
func (a *app) ledger(l *ledger) {
	s := a.style
	for i, reg := range l.book.Regulations {
		if i > 0 {
			a.println("")
		}
		a.println(s.Bold(reg.ID + "  " + s.Text(reg.Title)))
		for _, x := range reg.Articles {
			a.println("  " + s.Bold(x.ID) + "  " + s.Text(x.Title) + "  " + s.Dim("["+wording.Words{Book: l.book, Lang: s.Lang}.Nature(x.Nature)+"]"))
			if !x.Source.IsZero() {
				a.paragraph("      ", s.Dim(a.t("出处：", "source: ")+report.Clean(s.Text(x.Source.Told()))))
			}
			switch items := itemsOf(reg, x); {
			case len(x.Rules) > 0:
				t := report.Table{Indent: 6}
				for _, r := range x.Rules {
					t.Rows = append(t.Rows, []string{r.ID, s.Dim(r.Form.Name), s.Text(r.Label)})
				}
				a.table(t)
			case !x.DecidesNothing.IsZero():
				a.paragraph("      ", s.Text(x.DecidesNothing))
			case len(items) > 0:
				numbers := make([]string, len(items))
				for i, item := range items {
					numbers[i] = item.Number
				}
				a.paragraph("      ", s.Pickf("由各项规定：%s", "decided by its items %s", strings.Join(numbers, s.Comma())))
			default:
				a.println("      " + s.Red(a.t("没有规则，也没有说明原因", "no rules, and no reason given")))
			}
			for _, name := range l.cases[x.ID] {
				a.paragraph("      "+a.t("例 ", "case "), name)
			}
		}
	}
	a.println("")
	if l.from == "" {
		a.println(s.Dim(a.t("没有用例可对照；用 --cases 指定", "no cases to compare with; name them with --cases")))
	} else if bare := l.withoutCase(); len(bare) > 0 {
		a.paragraph(s.Pickf("没有用例的条款（%d）：", "Without a case (%d): ", len(bare)), strings.Join(bare, ", "))
	} else {
		a.println(a.t("每一条有规则的条款都有用例", "Every article with rules has a case"))
	}
	a.println(l.count().mapped(s))
}

type ledgerJSON struct {
	Rules       *rulesJSON    `json:"rules"`
	Articles    []articleJSON `json:"articles"`
	Count       countJSON     `json:"count"`
	Cases       *string       `json:"cases"`        // where they are from
	WithoutCase []string      `json:"without_case"` // null where no cases were given
}

type articleJSON struct {
	ID             string           `json:"id"`
	Item           bool             `json:"item"`
	Nature         string           `json:"nature"`
	Title          diagnostic.Text  `json:"title"`
	Source         *policy.Source   `json:"source,omitempty"`
	Rules          []ruleJSON       `json:"rules"`
	DecidesNothing *diagnostic.Text `json:"decides_nothing,omitempty"`
	Cases          []string         `json:"cases"`
}

type ruleJSON struct {
	ID    string          `json:"id"`
	Form  string          `json:"form"`
	Label diagnostic.Text `json:"label"`
}

type countJSON struct {
	Articles       int `json:"articles"`
	ArticlesMapped int `json:"articles_mapped"`
	Items          int `json:"items"`
	ItemsMapped    int `json:"items_mapped"`
}

func (l *ledger) json() ledgerJSON {
	t := l.count()
	out := ledgerJSON{Articles: []articleJSON{}, Count: countJSON{t.articles, t.articlesMapped, t.items, t.itemsMapped}}
	if l.from != "" {
		out.Cases = &l.from
		out.WithoutCase = append([]string{}, l.withoutCase()...)
	}
	for _, reg := range l.book.Regulations {
		for _, x := range reg.Articles {
			j := articleJSON{ID: x.ID, Item: x.IsItem(), Nature: x.Nature, Title: x.Title, Rules: []ruleJSON{}, Cases: append([]string{}, l.cases[x.ID]...)}
			if !x.Source.IsZero() {
				j.Source = &x.Source
			}
			for _, r := range x.Rules {
				j.Rules = append(j.Rules, ruleJSON{r.ID, r.Form.Name, r.Label})
			}
			if !x.DecidesNothing.IsZero() {
				j.DecidesNothing = &x.DecidesNothing
			}
			out.Articles = append(out.Articles, j)
		}
	}
	return out
}
