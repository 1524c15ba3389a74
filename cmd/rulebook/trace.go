package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/trace"
	"github.com/servicerules/rulebook/internal/wording"
	"github.com/servicerules/rulebook/policy"
)

func (a *app) traceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   a.t("trace [条款…]", "trace [ARTICLE…]"),
		Short: a.t("条文与规则逐句对照：每条规则、每个数依据哪句话", "the text beside its rules: the sentence that each rule and number rests on"),
		Long: a.t(
			`逐条列出条文，一句一行，每句后面是依据它的规则；没有找到规则的句子标出来。
规则只引了另一种文字的条文的，两种文字的句子怎样对应并不知道，只写明是哪些规则，不算没有找到。
再列出条文里没有的数。规则依据哪句话，用 rests_on 照条文抄下来；没写的，按条文里的数对应。
写 rests_on 的话必须在条文里，否则 check 不通过。供核对草稿的人用，不管草稿是谁写的。`,
			`List the text of every article, a line a sentence, with the rules that rest on it; a sentence that
none is found for is marked. Where rules quote the text of another language alone, it is not known
which sentence theirs is: they are named, and it is not marked. Then the numbers of rules that the
text does not have. What a rule rests on is quoted by rests_on; where it quotes nothing, it goes by
its numbers. What rests_on quotes must stand in the text, or check refuses it. It is for people who
check a draft, whoever wrote it.`),
		Example: "rulebook trace\nrulebook trace time_limit/6 --lang zh\nrulebook trace --format json",
		Args:    arguments(0, -1, diagnostic.Text{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			b := book.Rulebook()
			for _, id := range args {
				if _, ok := b.Article(id); !ok {
					return &usageError{command: commandName(cmd), message: diagnostic.Textf("没有条款 %q", "there is no article %q", id), remedy: diagnostic.OneOf(id, articleIDs(b))}
				}
			}
			traced := trace.Of(book, args...)
			if a.json() {
				return writeJSON(a.out, a.traceJSON(traced))
			}
			a.trace(b, traced)
			return nil
		},
		ValidArgsFunction: a.fromBook(func(b *policy.Rulebook, _, _ string) ([]string, cobra.ShellCompDirective) {
			return articleIDs(b), cobra.ShellCompDirectiveNoFileComp
		}),
	}
	a.formatFlag(cmd)
	return cmd
}

func articleIDs(b *policy.Rulebook) []string {
	var ids []string
	for _, reg := range b.Regulations {
		for _, x := range reg.Articles {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

// trace prints articles beside their rules.
func (a *app) trace(b *policy.Rulebook, traced []trace.Article) {
	s := a.style
	left, missing := 0, 0
	w := wording.Words{Book: b, Lang: s.Lang}
	for i := range traced {
		x := &traced[i]
		a.println(s.Bold(s.Text(wording.Article(b, x.ID))+"  "+s.Text(x.Title)) + "  " + s.Dim(x.ID))
		lang := a.languageOf(x)
		elsewhere := a.quotedElsewhere(w, x.Elsewhere(lang))
		for _, y := range x.Sentences {
			if y.Lang != lang {
				continue
			}
			var by []string
			for _, id := range y.By {
				by = append(by, w.Rule(id))
			}
			a.println("  " + report.Clean(y.Text))
			switch {
			case len(by) > 0:
				a.println("    " + s.Green("← "+strings.Join(by, s.Pick("、", "; "))))
			case !x.DecidesNothing.IsZero():
			case elsewhere != "":
				a.println("    " + s.Dim(elsewhere))
			default:
				a.println("    " + s.Yellow(a.t("没有找到依据这句的规则", "no rule found that rests on this")))
			}
		}
		left += len(x.Left(lang))
		if !x.DecidesNothing.IsZero() {
			a.println("  " + s.Dim(s.Text(x.DecidesNothing)))
		}
		for _, r := range x.Rules {
			for _, n := range r.Numbers {
				if !n.InText {
					missing++
					a.println("  " + s.Yellow(s.Pickf("条文里没有 %s：%s 的 %s（%s）", "the text has no %s: %s, %s (%s)", n.Number, w.Rule(r.ID), n.Field, short(n.Text))))
				}
			}
		}
		a.println("")
	}
	a.println(s.Pickf("%d 句没有找到依据它的规则；规则里 %d 个数条文里没有", "sentences that no rule was found to rest on: %d; numbers that the text does not have: %d", left, missing))
}

// quotedElsewhere says which rules quote an article in other languages alone.
func (a *app) quotedElsewhere(w wording.Words, rules map[string][]string) string {
	var parts []string
	for _, lang := range slices.Sorted(maps.Keys(rules)) {
		var names []string
		for _, id := range rules[lang] {
			names = append(names, w.Rule(id))
		}
		called := lang
		switch lang {
		case "zh":
			called = a.t("中文", "Chinese")
		case "en":
			called = a.t("英文", "English")
		}
		parts = append(parts, a.style.Pickf("只引了%s条文的：%s", "quoted in %s only: %s", called, strings.Join(names, a.style.Pick("、", "; "))))
	}
	return strings.Join(parts, a.style.Pick("；", "; "))
}

// short is a value at a length that a line can bear.
func short(text string) string {
	const most = 60
	runes := []rune(report.Clean(text))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}

// languageOf is the one of an article's languages that is asked for, else its
// first.
func (a *app) languageOf(x *trace.Article) string {
	languages := x.Text.Languages()
	for _, lang := range languages {
		if lang == a.style.Lang {
			return lang
		}
	}
	return languages[0]
}

func (a *app) traceJSON(traced []trace.Article) any {
	type sentence struct {
		Lang      string              `json:"lang"`
		Text      string              `json:"text"`
		Rules     []string            `json:"rules"`
		Elsewhere map[string][]string `json:"elsewhere,omitempty"` // rules that quote the text in another language alone, where none is found for the sentence
	}
	type number struct {
		Field  string `json:"field"`
		Value  string `json:"value"`
		Number string `json:"number"`
		InText bool   `json:"in_text"`
	}
	type rule struct {
		ID      string   `json:"id"`
		RestsOn []string `json:"rests_on"`
		Numbers []number `json:"numbers"`
	}
	type article struct {
		ID        string     `json:"id"`
		Sentences []sentence `json:"sentences"`
		Rules     []rule     `json:"rules"`
	}
	out := []article{}
	for _, x := range traced {
		y := article{x.ID, []sentence{}, []rule{}}
		for _, z := range x.Sentences {
			q := sentence{Lang: z.Lang, Text: z.Text, Rules: listOf(z.By)}
			if len(z.By) == 0 {
				q.Elsewhere = x.Elsewhere(z.Lang)
			}
			y.Sentences = append(y.Sentences, q)
		}
		for _, r := range x.Rules {
			z := rule{r.ID, listOf(r.RestsOn), []number{}}
			for _, n := range r.Numbers {
				z.Numbers = append(z.Numbers, number{n.Field, n.Text, n.Number, n.InText})
			}
			y.Rules = append(y.Rules, z)
		}
		out = append(out, y)
	}
	return struct {
		Articles []article `json:"articles"`
	}{out}
}

// listOf is a list that is never null.
func listOf(list []string) []string { return append([]string{}, list...) }
