package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/report"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// What the command ends with.
const (
	exitFine     = 0
	exitFindings = 1 // findings, failed cases, or nothing could be decided
	exitUsage    = 2
	exitTrouble  = 3 // a file could not be read, or an internal error
)

// app is one call of the command.
type app struct {
	stdin  io.Reader
	out    *bufio.Writer // standard output
	err    io.Writer     // standard error
	getenv func(string) string
	args   []string

	style    report.Style // of standard output
	errStyle report.Style
	terminal bool // standard error is one

	rules   string
	knownOn string // of the calendar command: the day up to which notices were out
	quiet   bool
	format  string     // of --format, where it is text or json
	failed  bool       // the document of a failure has been written
	used    *rulesJSON // the rules that were loaded
}

// run is the command: it does what the arguments say and returns the exit
// code. getenv looks up the environment.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	lang, langErr := language(args, getenv)
	out := bufio.NewWriter(stdout)
	a := &app{stdin: stdin, out: out, err: behind{out, stderr}, getenv: getenv, args: args}
	a.style, _ = styleOf(stdout, lang, getenv)
	a.errStyle, a.terminal = styleOf(stderr, lang, getenv)
	root := a.root()
	root.SetArgs(args)
	err := langErr
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	code := a.report(err)
	if err := a.out.Flush(); err != nil && code == exitFine {
		a.complain(a.t("无法写出结果", "the output cannot be written")+a.errStyle.Colon()+err.Error(), "")
		return exitTrouble
	}
	return code
}

// behind writes where what was written to standard output before stands before it,
// as on a terminal, which shows both.
type behind struct {
	out *bufio.Writer
	to  io.Writer
}

func (b behind) Write(text []byte) (int, error) {
	_ = b.out.Flush() // an error is returned by the last Flush again
	return b.to.Write(text)
}

// language is the one that --lang names, else that of the environment.
func language(args []string, getenv func(string) string) (string, error) {
	lang := "en"
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				lang = "zh"
			}
			break
		}
	}
	for i, arg := range args {
		wanted, found := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			wanted, found = args[i+1], true
		}
		switch {
		case arg == "--":
			return lang, nil
		case !found:
		case isLanguage(wanted):
			lang = wanted
		default:
			return lang, noLanguage(wanted, nil)
		}
	}
	return lang, nil
}

var languageTag = regexp.MustCompile(`^([a-z]{2,3})(?:[-_][A-Za-z0-9]+)*$`)

// isLanguage reports whether a text may be the tag of a language, such as "de".
// "cn" is a country, and what people write who mean Chinese.
func isLanguage(text string) bool {
	return languageTag.MatchString(text) && text != "cn" && text != "eng"
}

// wantLanguages refuses a --lang that the rulebook is not in; zh and en are
// always there.
func (a *app) wantLanguages(b *policy.Rulebook) error {
	for i, arg := range a.args {
		tag, found := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(a.args) {
			tag, found = a.args[i+1], true
		}
		switch {
		case arg == "--":
			return nil
		case found && tag != "zh" && tag != "en" && !slices.Contains(b.Languages, tag):
			return noLanguage(tag, b.Languages)
		}
	}
	return nil
}

// noLanguage refuses a language; the rulebook has others beside zh and en.
func noLanguage(tag string, others []string) error {
	all := []string{"zh", "en"}
	for _, l := range others {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	allowed := strings.Join(all, ", ")
	return &usageError{message: diagnostic.Textf("没有语言 %q", "there is no language %q", tag), remedy: diagnostic.Textf("可写：%s", "allowed: %s", allowed)}
}

// styleOf is how to print to w, and whether w is a terminal.
func styleOf(w io.Writer, lang string, getenv func(string) string) (report.Style, bool) {
	style := report.Style{Lang: lang}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return style, false
	}
	style.Color = wantsColour(getenv)
	if width, _, err := term.GetSize(int(f.Fd())); err == nil {
		style.Width = width
	}
	return style, true
}

// wantsColour reports whether a terminal should be written to in colour.
func wantsColour(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// t is the wording in the chosen language.
func (a *app) t(zh, en string) string { return a.style.Pick(zh, en) }

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

func (a *app) println(lines ...string) {
	for _, l := range lines {
		fmt.Fprintln(a.out, l)
	}
}

// usageError says that the command was called in a wrong way.
type usageError struct {
	message diagnostic.Text
	remedy  diagnostic.Text
	command string // whose help to read, "" for the command's own

	questions []questionJSON // what could have been asked, where nothing was
	facts     []factJSON     // what the question takes, where nothing was given
}

// help is the command that tells how to call it.
func (e *usageError) help() string { return strings.TrimSpace("rulebook "+e.command) + " --help" }

func (e *usageError) Error() string { return e.message.EN }

// troubleError says that something could not be read or written.
type troubleError struct {
	message diagnostic.Text
	err     error
	remedy  diagnostic.Text // may be none
}

func (e *troubleError) Error() string { return e.message.EN + ": " + e.err.Error() }
func (e *troubleError) Unwrap() error { return e.err }

// exitError ends the command with a code; what there was to say has been said.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// refusal says why nothing was decided, in the chosen language.
type refusal struct {
	message, remedy diagnostic.Text
	code            string // stable
}

func (e *refusal) Error() string { return e.message.EN }

// report prints an error and returns the exit code for it.
func (a *app) report(err error) int {
	var usage *usageError
	var trouble *troubleError
	var exit *exitError
	var refused *refusal
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &exit):
		return exit.code
	}
	if a.format != "json" && errors.As(err, &usage) && wantsJSON(a.args) {
		a.format = "json" // the flags were not read to their end
	}
	_ = a.writeFailure(failureOf(err)) // an error stays in the writer
	switch {
	case errors.As(err, &usage):
		a.complain(usage.message.In(a.style.Lang), usage.remedy.In(a.style.Lang))
		fmt.Fprintf(a.err, "%s\n", a.errStyle.Dim(a.errStyle.Pickf("用法见 %s", "see %s", usage.help())))
		return exitUsage
	case errors.As(err, &refused):
		a.complain(refused.message.In(a.style.Lang), refused.remedy.In(a.style.Lang))
		return exitFindings
	case isInterrupted(err):
		a.complain(a.t("已中断", "interrupted"), "")
	case errors.As(err, &trouble):
		a.complain(trouble.message.In(a.style.Lang)+a.errStyle.Colon()+cause(trouble.err, a.style.Lang), trouble.remedy.In(a.style.Lang))
	default:
		a.complain(err.Error(), "")
	}
	return exitTrouble
}

func isInterrupted(err error) bool { return errors.Is(err, context.Canceled) }

// wantsJSON reports whether the arguments ask for a JSON document.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		switch {
		case arg == "--":
			return false
		case arg == "--format=json", arg == "--format" && i+1 < len(args) && args[i+1] == "json":
			return true
		}
	}
	return false
}

// complain prints a message and what to do about it to standard error. What
// was printed before comes out first.
func (a *app) complain(message, remedy string) {
	a.flush()
	s := a.errStyle
	fmt.Fprintf(a.err, "%s%s%s\n", s.Red("rulebook"), s.Colon(), report.Clean(message))
	if remedy != "" {
		_ = report.Paragraph(a.err, s, "  → ", report.Clean(remedy))
	}
}

// flush writes what is waiting. An error stays in the writer, for the end.
func (a *app) flush() { _ = a.out.Flush() }

// cause is the reason behind an error of a file.
func cause(err error, lang string) string {
	text := diagnostic.Text{EN: err.Error(), ZH: err.Error()}
	switch {
	case errors.Is(err, os.ErrNotExist):
		text = diagnostic.Text{ZH: "没有这个文件或目录", EN: "there is no such file or directory"}
	case errors.Is(err, os.ErrPermission):
		text = diagnostic.Text{ZH: "没有权限", EN: "permission denied"}
	case errors.Is(err, syscall.EISDIR):
		text = diagnostic.Text{ZH: "这是目录，不是文件", EN: "it is a directory, not a file"}
	case errors.Is(err, syscall.ENOTDIR):
		text = diagnostic.Text{ZH: "这是文件，不是目录", EN: "it is a file, not a directory"}
	case errors.Is(err, syscall.ENOSPC):
		text = diagnostic.Text{ZH: "磁盘已满", EN: "there is no space left"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		text = diagnostic.Text{ZH: "压缩的内容不完整", EN: "the compressed text has no end"}
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		text = diagnostic.Text{ZH: "压缩的内容已损坏", EN: "the compressed text is damaged"}
	default:
		var path *os.PathError
		if errors.As(err, &path) {
			text.EN, text.ZH = path.Err.Error(), path.Err.Error()
		}
	}
	return text.In(lang)
}

func cannotRead(path string, err error) error {
	return &troubleError{message: diagnostic.Textf("无法读取 %s", "%s cannot be read", path), err: err}
}

func cannotWrite(path string, err error) error {
	return &troubleError{message: diagnostic.Textf("无法写入 %s", "%s cannot be written", path), err: err}
}

// readFile reads a file of facts or cases, or standard input for "-". Of one
// that is too large it reads enough to be refused.
func (a *app) readFile(path string) ([]byte, error) {
	if path == "-" {
		data, err := source.Read(a.stdin)
		if err != nil {
			return nil, &troubleError{message: diagnostic.Text{ZH: "无法读取标准输入", EN: "standard input cannot be read"}, err: err}
		}
		return data, nil
	}
	data, err := source.ReadFile(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	return data, nil
}

// root is the command with all its subcommands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "rulebook",
		Short: a.t("按规则书判定：核对规则、提问、跑用例、审查一个月的记录",
			"decide by a rulebook: check rules, ask questions, run cases, review a month"),
		Long: a.t(
			`按规则书判定：制度写成一个文件 rules.yaml，这里核对它、按它提问、跑它的用例。

规则文件：--rules 指定的；否则当前目录的 rules.yaml；再否则用内置的。
退出码：0 正常，1 有发现或用例不过，2 用法不对，3 文件读不到或内部错误。`,
			`Decide by a rulebook: the regulations are one file, rules.yaml, which is checked, asked and
tested here.

The rules file is the one that --rules names, else rules.yaml in the working directory, else
the built-in one. Exit codes: 0 fine, 1 findings or failed cases, 2 wrong usage, 3 something
could not be read, or an internal error.`),
		Example: strings.Join([]string{
			"rulebook check",
			"rulebook ask time_limit.request --facts request.json",
			"rulebook test examples/cases",
		}, "\n"),
		Version:       version(),
		Args:          a.noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(
		a.initCommand(), a.checkCommand(), a.explainCommand(), a.setCommand(), a.decideCommand(), a.renameCommand(), a.fixCommand(), a.fmtCommand(), a.askCommand(), a.batchCommand(), a.testCommand(), a.reviewCommand(), a.genCommand(), a.calendarCommand(),
		a.articlesCommand(), a.deviationsCommand(), a.readingsCommand(), a.versionCommand(), a.completionCommand(),
	)
	root.AddCommand(a.mutateCommand(), a.coverageCommand(), a.analyseCommand(), a.promisesCommand(), a.usesCommand(), a.ciCommand()) // for those who change rules
	root.AddCommand(a.diffCommand())
	root.AddCommand(a.compareCommand())
	root.AddCommand(a.lspCommand()) // for editors
	root.AddCommand(a.mcpCommand()) // for assistants
	root.AddCommand(a.traceCommand(), a.siteCommand())
	root.AddCommand(a.mapCommand(), a.templateCommand()) // for tables of offices
	root.AddCommand(a.tableCommand())
	flags := root.PersistentFlags()
	flags.StringVar(&a.rules, "rules", "", a.t("规则文件", "the rules file"))
	flags.Var(&choice{value: a.style.Lang, allowed: []string{"zh", "en"}, also: isLanguage}, "lang",
		a.t("输出语言：zh、en，或规则书的其他语言；缺省按环境变量", "language: zh, en or another one of the rulebook; by default the environment's"))
	flags.BoolVarP(&a.quiet, "quiet", "q", false, a.t("不说明用的是哪个规则文件", "do not say which rules file is used"))
	complete(root, "lang", fixed("zh", "en"))
	complete(root, "rules", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	})
	root.SetIn(a.stdin)
	root.SetOut(a.out)
	root.SetErr(a.err)
	a.localise(root)
	return root
}

// yamlFiles completes the name of a rules file.
func yamlFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// oneFile takes the rules file that is named as an argument.
func (a *app) oneFile(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if a.rules != "" && a.rules != args[0] {
		return &usageError{
			command: commandName(cmd),
			message: diagnostic.Textf("规则文件给了两个：%s 和 %s", "two rules files are named: %s and %s", a.rules, args[0]),
			remedy:  diagnostic.Text{ZH: "只给一个", EN: "name one"},
		}
	}
	a.rules = args[0]
	return nil
}
