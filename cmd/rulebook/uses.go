package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/analysis"
	books "github.com/servicerules/rulebook/internal/checked"
	"github.com/servicerules/rulebook/internal/report"
	engine "github.com/servicerules/rulebook/internal/run"
)

func (a *app) usesCommand() *cobra.Command {
	format := &choice{value: "text", allowed: []string{"text", "dot"}}
	cmd := &cobra.Command{
		Use:   a.t("uses 名称", "uses NAME"),
		Short: a.t("一项事实、一个词、读法、规则或条款，被哪里用到", "what uses a fact, a word, a reading, a rule or an article"),
		Long: a.t(
			`列出规则文件里哪些规则、问题、读法用到这个名称，以及写在哪一行；用到它的规则又被谁用到，
逐层列到问题为止。名称也可写它的中文或英文叫法。--format dot 写成 Graphviz 的图。`,
			`List the rules, questions and readings that speak of a name, with their lines; and what uses
these rules, down to the questions. What it is called does for its name. --format dot writes a graph for Graphviz.`),
		Example: "rulebook uses request.kind\nrulebook uses request_clock --format dot",
		Args:    arguments(1, 1, diagnostic.Text{ZH: "要写一个名称", EN: "a name is needed"}),
		RunE: func(cmd *cobra.Command, args []string) error {
			book, err := a.load()
			if err != nil {
				return err
			}
			b := engine.Of(book).Book()
			uses, known := analysis.UsesOf(b, args[0])
			if called := analysis.Called(b, args[0]); !known && len(uses) == 0 && len(called) > 0 {
				if len(called) > 1 {
					return &usageError{command: commandName(cmd), message: diagnostic.Textf("叫 %q 的不止一个", "several are called %q", args[0]),
						remedy: diagnostic.Textf("写其中一个的名称：%s", "write the name of one: %s", strings.Join(called, ", "))}
				}
				args[0] = called[0]
				if format.value != "dot" {
					a.println(a.style.Dim(args[0]))
				}
				uses, known = analysis.UsesOf(b, args[0])
			}
			if !known && len(uses) == 0 {
				e := &usageError{command: commandName(cmd), message: diagnostic.Textf("没有名为 %q 的事实、词、读法、规则或条款", "there is no fact, word, reading, rule or article %q", args[0])}
				if near := diagnostic.Nearest(args[0], analysis.Names(b)); near != "" {
					e.remedy = diagnostic.Textf("是否指 %s？", "did you mean %s?", near)
				}
				return e
			}
			if format.value == "dot" {
				a.println("digraph uses {", "  rankdir=RL")
				a.usesGraph(b, args[0], map[string]bool{args[0]: true})
				a.println("}")
				return nil
			}
			t := report.Table{}
			a.usesRows(b, uses, "", map[string]bool{args[0]: true}, &t)
			if len(t.Rows) == 0 {
				a.println(a.t("没有用到", "nothing uses it"))
			}
			a.table(t)
			return nil
		},
	}
	cmd.Flags().Var(format, "format", a.t("输出格式", "the format of the output"))
	return cmd
}

// usesRows are the uses, each followed by those of the rule that it is, once.
func (a *app) usesRows(b *books.Book, uses []analysis.Use, indent string, seen map[string]bool, t *report.Table) {
	kinds := map[string]string{"rule": a.t("规则", "rule"), "question": a.t("问题", "question"), "reading": a.t("读法", "reading"), "fact": a.t("事实", "fact"), "must": a.t("须满足", "must"), "promise": a.t("承诺", "promise")}
	for _, u := range uses {
		if u.Key == "part_of" && indent != "" {
			continue // it is in the group, and uses nothing of it
		}
		kind, ok := kinds[u.Kind]
		if !ok {
			kind = u.Kind
		}
		t.Rows = append(t.Rows, []string{indent + kind + " " + u.ID, u.Article, u.Key, fmt.Sprint(u.Span.Start.Line)})
		if name := usedAs(b, u.ID); u.Kind == "rule" && !seen[name] {
			seen[name] = true
			next, _ := analysis.UsesOf(b, name)
			a.usesRows(b, next, indent+"  ", seen, t)
		}
	}
}

// usedAs is the name by which expressions use a rule: that of its group.
func usedAs(b *books.Book, rule string) string {
	if r := b.RulesByName[rule]; r != nil {
		return r.Unit()
	}
	return rule
}

// usesGraph writes an arrow from everything that uses a name.
func (a *app) usesGraph(b *books.Book, name string, seen map[string]bool) {
	uses, _ := analysis.UsesOf(b, name)
	drawn := map[string]bool{}
	for _, u := range uses {
		to := u.ID
		if u.Kind == "rule" {
			to = usedAs(b, u.ID)
		}
		if to == name || drawn[to] || u.Key == "part_of" {
			continue
		}
		drawn[to] = true
		a.printf("  %q -> %q\n", name, to)
		if u.Kind == "rule" && !seen[to] {
			seen[to] = true
			a.usesGraph(b, to, seen)
		}
	}
}
