package main

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
)

// localise gives the command and its subcommands help and errors in the
// chosen language; cobra's own are English only.
func (a *app) localise(root *cobra.Command) {
	root.CompletionOptions.DisableDefaultCmd = true
	help := a.helpCommand(root)
	root.SetHelpCommand(help)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.help(cmd) })
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, err) })
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, a.t("显示版本", "show the version"))
	var each func(cmd *cobra.Command)
	each = func(cmd *cobra.Command) {
		cmd.DisableFlagsInUseLine = true
		cmd.Flags().BoolP("help", "h", false, a.t("显示用法", "show this help"))
		for _, c := range cmd.Commands() {
			each(c)
		}
	}
	each(root)
	each(help)
}

func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   a.t("help [命令]", "help [COMMAND]"),
		Short: a.t("显示一个命令的用法", "show the help of a command"),
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, args[len(args)-max(len(rest), 1)])
			}
			return cmd.Help()
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			cmd, _, err := root.Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, c := range cmd.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, c.Name()+"\t"+c.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// help prints what a command does and how to call it; where JSON is wanted, as
// the text of a document.
func (a *app) help(cmd *cobra.Command) {
	if wantsJSON(a.args) {
		out := a.out
		var text bytes.Buffer
		a.out = bufio.NewWriter(&text)
		a.helpText(cmd)
		a.flush()
		a.out = out
		_ = writeJSON(a.out, struct { // an error stays in the writer
			Help string `json:"help"`
		}{text.String()})
		return
	}
	a.helpText(cmd)
}

func (a *app) helpText(cmd *cobra.Command) {
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	a.println(about)
	a.heading(a.t("用法", "Usage"))
	if cmd.Runnable() && cmd.HasParent() {
		a.println("  " + cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		a.println("  " + cmd.CommandPath() + a.t(" 命令 [选项]", " COMMAND [FLAGS]"))
	}
	if cmd.Example != "" {
		a.heading(a.t("例", "Examples"))
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			a.println("  " + line)
		}
	}
	if cmd.HasAvailableSubCommands() {
		a.heading(a.t("命令", "Commands"))
		t := report.Table{Indent: 2}
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				t.Rows = append(t.Rows, []string{c.Name(), c.Short})
			}
		}
		a.table(t)
	}
	a.flagTable(a.t("选项", "Flags"), cmd.LocalFlags())
	a.flagTable(a.t("通用选项", "Flags of every command"), cmd.InheritedFlags())
}

func (a *app) heading(text string) { a.println("", a.style.Bold(text)) }

// table prints a table to standard output; its errors stay in the writer.
func (a *app) table(t report.Table) { _ = t.Write(a.out, a.style) }

func (a *app) flagTable(title string, flags *pflag.FlagSet) {
	t := report.Table{Indent: 2}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		if v := a.placeholder(f); v != "" {
			name += " " + v
		}
		_, usage := pflag.UnquoteUsage(f)
		t.Rows = append(t.Rows, []string{name, usage})
	})
	if len(t.Rows) > 0 {
		a.heading(title)
		a.table(t)
	}
}

// placeholder is what stands for a flag's value in the help: what its usage has
// in backquotes, else what flags of that name have in every command.
func (a *app) placeholder(f *pflag.Flag) string {
	if name, usage := pflag.UnquoteUsage(f); usage != f.Usage {
		return name
	}
	if c, ok := f.Value.(*choice); ok {
		return strings.Join(c.allowed, "|")
	}
	if f.Value.Type() == "bool" {
		return ""
	}
	switch f.Name {
	case "rules":
		return a.t("文件", "FILE")
	case "facts":
		return a.t("文件|-", "FILE|-")
	case "reading", "reading-b":
		return a.t("读法=选项", "KEY=OPTION")
	case "rules-b", "config":
		return a.t("文件", "FILE")
	case "base":
		return a.t("版本", "REVISION")
	case "write":
		return a.t("格式=文件", "FORMAT=FILE")
	case "of":
		return a.t("值的名称", "VALUE")
	case "as-of":
		return a.t("时刻", "TIME")
	case "calendar", "package":
		return a.t("名称", "NAME")
	case "month":
		return "YYYY-MM"
	case "known-on":
		return "YYYY-MM-DD"
	case "from", "to", "on":
		if f.Value.Type() == "int" {
			return "YYYY"
		}
		return a.t("日期", "DATE")
	case "by":
		return a.t("部门或姓名", "NAME")
	case "tries":
		return a.t("数", "N")
	case "question":
		return a.t("问题", "QUESTION")
	case "output":
		return a.t("文件", "FILE")
	case "summary":
		return a.t("[=文件]", "[=FILE]")
	case "select":
		return a.t("词,…", "WORD,…")
	case "fields":
		return a.t("名称,…", "NAME,…")
	case "out":
		return a.t("目录", "DIR")
	default:
		return a.t("路径", "PATH")
	}
}

// choice is a flag whose value is one of a few words.
type choice struct {
	value   string
	allowed []string
	to      *string           // is set as well, if there is one
	also    func(string) bool // what else is allowed; may be nil
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "word" }

// Set is called with what stands on the command line.
func (c *choice) Set(text string) error {
	if !slices.Contains(c.allowed, text) && (c.also == nil || !c.also(text)) {
		return &choiceError{c.allowed}
	}
	c.value = text
	if c.to != nil {
		*c.to = text
	}
	return nil
}

type choiceError struct{ allowed []string }

func (e *choiceError) Error() string { return "allowed: " + strings.Join(e.allowed, ", ") }

// flagError is an error of the flags in both languages.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasAvailableSubCommands() && len(args) > 0 {
		return unknownCommand(cmd, args[0]) // its flags are unknown because it is
	}
	e := &usageError{command: commandName(cmd)}
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			name = "-" + short
		}
		e.message = diagnostic.Textf("没有选项 %s", "there is no flag %s", name)
		e.remedy = nearFlag(cmd, name)
	case errors.As(err, &missing):
		e.message = diagnostic.Textf("选项 --%s 后缺少值", "the flag --%s wants a value", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		e.message = diagnostic.Textf("选项 --%s 的值 %q 不对", "the flag --%s cannot be %q", invalid.GetFlag().Name, invalid.GetValue())
		var words *choiceError
		if errors.As(err, &words) {
			e.remedy = diagnostic.Textf("可写：%s", "allowed: %s", strings.Join(words.allowed, ", "))
		}
	case errors.As(err, &syntax):
		e.message = diagnostic.Textf("选项写法不对：%s", "this is not how a flag is written: %s", syntax.GetSpecifiedFlag())
	default:
		e.message = diagnostic.Textf("选项有误：%v", "the flags are wrong: %v", err)
	}
	return e
}

func nearFlag(cmd *cobra.Command, name string) diagnostic.Text {
	if rest := strings.TrimLeft(name, "-"); rest != "" && strings.Trim(rest, "0123456789") == "" {
		return diagnostic.Textf("负数写在 -- 之后：-- %s", "write a negative number behind --: -- %s", name)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	if near := diagnostic.Nearest(name, names); near != "" {
		return diagnostic.Textf("是否指 %s？", "did you mean %s?", near)
	}
	return diagnostic.Text{}
}

func commandName(cmd *cobra.Command) string {
	return strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), "rulebook"))
}

// noCommand refuses arguments of a command that only has subcommands.
func (a *app) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	e := &usageError{command: commandName(cmd), message: diagnostic.Textf("没有命令 %q", "there is no command %q", name)}
	e.remedy = diagnostic.Textf("可写：%s", "allowed: %s", strings.Join(names, ", "))
	if near := diagnostic.Nearest(name, names); near != "" {
		e.remedy = diagnostic.Textf("是否指 %s？", "did you mean %s?", near)
	}
	return e
}

// arguments checks how many arguments a command was given. The wording says
// what is missing.
func arguments(least, most int, missing diagnostic.Text) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return &usageError{command: commandName(cmd), message: missing}
		case most >= 0 && len(args) > most:
			return &usageError{command: commandName(cmd), message: diagnostic.Textf("多出参数 %q", "there is an argument too many: %q", args[most])}
		}
		return nil
	}
}
