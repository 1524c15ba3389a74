package main

import (
	"go/token"
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/gen"
	"github.com/servicerules/rulebook/policy"
)

// genFormats are the languages that types are written in.
var genFormats = []string{"go", "jsonschema", "openapi", "typescript"}

func (a *app) genCommand() *cobra.Command {
	pkg := "rules"
	cmd := &cobra.Command{
		Use: "gen " + strings.Join(genFormats, "|") + a.t(" 问题…", " QUESTION…"),
		Short: a.t("写出问题的事实和答复的类型：Go、JSON Schema、OpenAPI、TypeScript",
			"write the types of a question's facts and answers: Go, JSON Schema, OpenAPI, TypeScript"),
		Long: a.t(
			`写出问题的事实和答复的类型，说明取自规则书的名称。

go          事实结构体（带 rulebook 和 json 标签）、答复结构体和从答复填写它的函数
jsonschema  $defs 里每个问题的 .facts 和 .answer
openapi     按示例服务器的地址提问
typescript  同样的类型

同一个 Go 包要几个问题，就一次写出几个问题。`,
			`Write the types of the facts and the answers of questions, with comments from the labels of the
rulebook.

go          a struct of facts (with rulebook and json tags), a struct of the answer, and a function
            that fills it from an answer
jsonschema  under $defs, .facts and .answer of each question
openapi     asking over HTTP, as the reference server is asked
typescript  the same types

For several questions in one Go package, name them in one call.`),
		Example: strings.Join([]string{
			"rulebook gen go time_limit.request > rules/time_limit.go",
			"rulebook gen go time_limit.request accountability.fine --package billing --lang zh",
			"rulebook gen jsonschema time_limit.request",
		}, "\n"),
		Args: func(cmd *cobra.Command, args []string) error {
			return arguments(2, -1, diagnostic.Textf("要写用什么写、哪个问题：gen %s 问题", "in which language, and which question? gen %s QUESTION", strings.Join(genFormats, "|")))(cmd, args)
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return fixed(genFormats...)(cmd, args, typed)
			}
			return a.fromBook(questionIDs)(cmd, args, typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !token.IsIdentifier(pkg) {
				return &usageError{
					command: "gen", message: diagnostic.Textf("%q 不能作 Go 包名", "%q cannot be the name of a Go package", pkg),
					remedy: diagnostic.Textf("写小写字母的名称，如 --package rules", "write a name in small letters, such as --package rules"),
				}
			}
			book, err := a.load()
			if err != nil {
				return err
			}
			b := book.Rulebook()
			questions := make([]*policy.Question, 0, len(args)-1)
			for _, id := range args[1:] {
				q, ok := b.Question(id)
				if !ok {
					return &usageError{command: "gen", message: diagnostic.Textf("没有问题 %q", "there is no question %q", id), remedy: oneOf(id, b.QuestionIDs())}
				}
				questions = append(questions, q)
			}
			var text []byte
			switch args[0] {
			case "go":
				text, err = gen.Go(b, questions, pkg, a.style.Lang)
			case "jsonschema":
				text, err = gen.Schema(b, questions)
			case "openapi":
				text, err = gen.OpenAPI(b, questions)
			case "typescript":
				text = gen.TypeScript(b, questions, a.style.Lang)
			default:
				return &usageError{command: "gen", message: diagnostic.Textf("不能用 %q 写", "there is nothing written in %q", args[0]), remedy: oneOf(args[0], genFormats)}
			}
			if err != nil {
				return err
			}
			_, err = a.out.Write(text)
			return err
		},
	}
	cmd.Flags().StringVar(&pkg, "package", pkg, a.t("Go 包名", "the name of the Go package"))
	return cmd
}
