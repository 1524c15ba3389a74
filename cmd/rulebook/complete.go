package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/policy"
)

// completer offers what may stand on the command line; cobra names the type
// only by its shape.
type completer = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// complete offers values of a flag. It fails only for a flag that is not
// there, which the tests would show.
func complete(cmd *cobra.Command, flag string, f completer) {
	_ = cmd.RegisterFlagCompletionFunc(flag, f)
}

func fixed(words ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// fromBook offers words of the rulebook, none where it cannot be loaded.
func (a *app) fromBook(words func(b *policy.Rulebook, lang, typed string) ([]string, cobra.ShellCompDirective)) completer {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		name, data, err := a.find(a.rules)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		book, err := parse(name, data)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words(book.Rulebook(), a.style.Lang, typed)
	}
}

func questionIDs(b *policy.Rulebook, lang, _ string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, q := range b.Questions {
		words = append(words, q.ID+"\t"+q.Title.In(lang))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// readingOptions offers keys, and behind "key=" the options.
func readingOptions(b *policy.Rulebook, lang, typed string) ([]string, cobra.ShellCompDirective) {
	key, _, chosen := strings.Cut(typed, "=")
	var words []string
	if !chosen {
		for _, r := range b.Readings {
			words = append(words, r.Key+"=\t"+r.Asks.In(lang))
		}
		return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	if r, ok := b.Reading(key); ok {
		for _, o := range r.Options {
			word := key + "=" + o.Name
			if o.Parameter != "" {
				word += ":"
			}
			words = append(words, word+"\t"+o.Label.In(lang))
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

func calendarNames(b *policy.Rulebook, _, _ string) ([]string, cobra.ShellCompDirective) {
	return b.CalendarNames(), cobra.ShellCompDirectiveNoFileComp
}

// oneOf is the remedy that names what may stand here, the nearest first.
func oneOf(word string, candidates []string) diagnostic.Text {
	all := strings.Join(candidates, ", ")
	if near := diagnostic.Nearest(word, candidates); near != "" {
		return diagnostic.Textf("是否指 %s？可写：%s", "did you mean %s? Allowed: %s", near, all)
	}
	return diagnostic.Textf("可写：%s", "allowed: %s", all)
}

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion " + strings.Join(shells, "|"),
		Short: a.t("印出命令行补全脚本", "print a completion script for a shell"),
		Long: a.t("印出命令行补全脚本：命令、选项、问题编号、读法都能补全。",
			"Print a script that completes commands, flags, question ids and readings."),
		Example: "source <(rulebook completion bash)\nrulebook completion zsh > \"${fpath[1]}/_rulebook\"",
		Args: func(cmd *cobra.Command, args []string) error {
			return arguments(1, 1, diagnostic.Textf("要写是哪种命令行：%s", "which shell? One of %s", strings.Join(shells, ", ")))(cmd, args)
		},
		ValidArgsFunction: fixed(shells...),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			return &usageError{
				command: commandName(cmd),
				message: diagnostic.Textf("没有为 %q 准备补全脚本", "there is no completion script for %q", args[0]),
				remedy:  oneOf(args[0], shells),
			}
		},
	}
}
