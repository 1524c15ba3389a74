package rulebook_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/diagnostic"
)

// guides are the pages whose blocks are run, with the language they show.
var guides = []struct{ file, locale string }{
	{"README.md", "en_US.UTF-8"},
	{"README.zh-CN.md", "zh_CN.UTF-8"},
	{"docs/tutorial.md", "en_US.UTF-8"},
	{"docs/tutorial.zh-CN.md", "zh_CN.UTF-8"},
	{"docs/architecture.md", "en_US.UTF-8"},
	{"docs/data.md", "en_US.UTF-8"},
	{"docs/scale.md", "en_US.UTF-8"},
}

// What the pages show is true. Their fenced blocks are run in order, each
// section (##) in a fresh copy of the rulebook and its examples:
//
//	console    each `$ command` is run and its output compared; a line `…`
//	           stands for any lines, `…` at the end of a line for its rest;
//	           console server is run by the tests of server
//	diff       is applied to rules.yaml, diff FILE to a copy of it
//	yaml FILE  is written to that file, json FILE and csv FILE too
//	yaml       stands like this in rules.yaml, `…` for lines left out
//	go         a program is run and prints the `text` block behind it; a test
//	           passes; anything else stands in example_test.go
//	sh         is left to CI
func TestGuides(t *testing.T) {
	command := filepath.Join(t.TempDir(), "rulebook")
	out, err := exec.Command("go", "build", "-o", command, "./cmd/rulebook").CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Run("every command is in the README's table", func(t *testing.T) {
		readme, err := os.ReadFile("README.md")
		require.NoError(t, err)
		help, err := exec.Command(command, "--lang", "en", "--help").Output()
		require.NoError(t, err)
		_, list, found := strings.Cut(string(help), "\nCommands\n")
		require.True(t, found)
		list, _, _ = strings.Cut(list, "\n\n")
		for line := range strings.Lines(list) {
			require.Regexp(t, "(?m)^\\|.*`"+strings.Fields(line)[0]+"[ `]", string(readme))
		}
	})
	for _, g := range guides {
		t.Run(g.file, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(g.file)
			require.NoError(t, err)
			blocks := fencedBlocks(t, string(data))
			if strings.HasPrefix(g.file, "README") {
				require.NotEmpty(t, blocks)
			}
			var p *page
			for i, b := range blocks {
				if p == nil || p.section != b.section {
					p = newPage(t, command, g.locale, b.section)
				}
				if i+1 < len(blocks) && blocks[i+1].lang == "text" {
					p.next = blocks[i+1].text
				}
				t.Run(fmt.Sprintf("line_%d_%s", b.line, b.lang), func(t *testing.T) { p.run(t, b) })
			}
		})
	}
}

type block struct {
	section, lang, file, text string
	line                      int
}

func fencedBlocks(t *testing.T, markdown string) []block {
	t.Helper()
	var blocks []block
	var b *block
	section := ""
	for i, line := range strings.Split(markdown, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case b == nil && isFence:
			b = &block{section: section, line: i + 1}
			b.lang, b.file, _ = strings.Cut(fence, " ")
		case b == nil:
			if strings.HasPrefix(line, "## ") {
				section = line
			}
		case isFence:
			blocks = append(blocks, *b)
			b = nil
		default:
			b.text += line + "\n"
		}
	}
	require.Nil(t, b, "a fence is not closed")
	return blocks
}

// page is one section of a guide and the directory that its blocks work in.
type page struct {
	section, dir, command, locale string
	next                          string // the output block behind a program
}

func newPage(t *testing.T, command, locale, section string) *page {
	t.Helper()
	p := &page{section: section, dir: t.TempDir(), command: command, locale: locale}
	for _, name := range []string{"rules.yaml", "rules.schema.json"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(p.dir, name), data, 0o644))
	}
	for _, name := range []string{"cases", "data", "rulebooks"} {
		require.NoError(t, os.CopyFS(filepath.Join(p.dir, "examples", name), os.DirFS(filepath.Join("examples", name))))
	}
	return p
}

func (p *page) run(t *testing.T, b block) {
	switch b.lang {
	case "console":
		if b.file != "server" {
			p.console(t, b.text)
		}
	case "diff":
		p.diff(t, cmp.Or(b.file, "rules.yaml"), b.text)
	case "yaml", "json", "csv":
		if b.file == "" {
			require.True(t, standsIn(b.text, p.read(t, "rules.yaml")), "rules.yaml has no such lines")
			return
		}
		path := filepath.Join(p.dir, filepath.FromSlash(b.file))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(b.text), 0o644))
	case "go":
		p.golang(t, b.text)
	case "text", "sh":
	default:
		t.Errorf("nothing checks a block of %q", b.lang)
	}
}

func (p *page) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, name))
	require.NoError(t, err)
	return string(data)
}

// console runs the commands of the block and compares what they print.
func (p *page) console(t *testing.T, text string) {
	for _, session := range strings.Split("\n"+text, "\n$ ")[1:] {
		line, want, _ := strings.Cut(strings.TrimSuffix(session, "\n")+"\n", "\n")
		args := strings.Fields(strings.TrimPrefix(line, "go run ./cmd/"))
		switch args[0] {
		case "git", "cd":
			require.Empty(t, want, line)
			continue
		case "rulebook":
		default:
			t.Errorf("%q is not run", line)
			continue
		}
		cmd := exec.Command(p.command, args[1:]...)
		cmd.Dir = p.dir
		cmd.Env = append(os.Environ(), "LC_ALL="+p.locale)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		_ = cmd.Run()
		require.LessOrEqual(t, cmd.ProcessState.ExitCode(), 1, "%s\n%s", line, &out)
		if !matches(want, out.String()) {
			t.Errorf("%s\n--- the page has, and the command does not print\n%s--- it prints\n%s", line, unprinted(want, out.String()), &out)
		}
	}
}

// unprinted is what is wanted from the first line on that is not there.
func unprinted(want, text string) string {
	lines := strings.SplitAfter(want, "\n")
	n := 0
	for n < len(lines) && matches(strings.Join(lines[:n+1], "")+"…\n", text) {
		n++
	}
	return strings.Join(lines[n:], "")
}

// lineNumber is the number of a line of the rules file, which moves with every
// edit of it, and lineGutter the same number beside the line.
var (
	lineNumber = regexp.MustCompile(`rules\.yaml:\d+:`)
	lineGutter = regexp.MustCompile(`(?m)^ +(\d+ )?\|`)
	columnGap  = regexp.MustCompile(`(\S)  +`)
)

// matches reports whether the text is as wanted, up to what … leaves out, the
// numbers of lines and the width of columns.
func matches(want, text string) bool {
	for _, s := range []*string{&want, &text} {
		*s = lineGutter.ReplaceAllString(lineNumber.ReplaceAllString(*s, "rules.yaml:0:"), "  |")
		*s = columnGap.ReplaceAllString(*s, "$1  ")
	}
	pattern := `\A`
	for line := range strings.Lines(want) {
		before, elided := strings.CutSuffix(strings.TrimRight(line, " \n"), "…")
		before = strings.TrimRight(before, " ")
		switch {
		case elided && strings.TrimSpace(before) == "":
			pattern += `(?:.*\n)*`
		case elided:
			pattern += regexp.QuoteMeta(before) + `.*\n`
		default:
			pattern += regexp.QuoteMeta(before) + ` *\n`
		}
	}
	return regexp.MustCompile(pattern + `\z`).MatchString(strings.TrimSuffix(text, "\n") + "\n")
}

// diff changes the one place that the block shows. A file that is not there
// begins as a copy of rules.yaml.
func (p *page) diff(t *testing.T, name, text string) {
	var before, after strings.Builder
	for line := range strings.Lines(text) {
		switch rest := line[1:]; line[0] {
		case '-':
			before.WriteString(rest)
		case '+':
			after.WriteString(rest)
		default:
			before.WriteString(rest)
			after.WriteString(rest)
		}
	}
	path := filepath.Join(p.dir, name)
	if _, err := os.Stat(path); err != nil {
		require.NoError(t, os.WriteFile(path, []byte(p.read(t, "rules.yaml")), 0o644))
	}
	rules := p.read(t, name)
	require.Equal(t, 1, strings.Count(rules, before.String()), "the place must be there once:\n%s", &before)
	rules = strings.Replace(rules, before.String(), after.String(), 1)
	require.NoError(t, os.WriteFile(path, []byte(rules), 0o644))
}

// standsIn reports whether the lines stand in the text, at any indentation.
func standsIn(fragment, text string) bool {
	lines := strings.Split(strings.TrimRight(fragment, "\n"), "\n")
	own := indent(lines[0])
	for start := 0; start < len(text); {
		rest := text[start:]
		line, _, _ := strings.Cut(rest, "\n")
		if strings.TrimSpace(line) == strings.TrimSpace(lines[0]) {
			shift := strings.Repeat(" ", max(indent(line)-own, 0))
			want := ""
			for _, l := range lines {
				want += strings.TrimRight(shift+l, " ") + "\n"
			}
			if matches(want+"…\n", rest) {
				return true
			}
		}
		start += len(line) + 1
	}
	return false
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

func (p *page) golang(t *testing.T, text string) {
	var args []string
	file := "main.go"
	switch {
	case strings.Contains(text, "func main()"):
		args = []string{"run"}
	case strings.Contains(text, "func Test"):
		file, args = "rules_test.go", []string{"test", "-count=1"}
	default:
		data, err := os.ReadFile("example_test.go")
		require.NoError(t, err)
		require.True(t, standsInGo(text, string(data)), "no example has these lines")
		return
	}
	path := filepath.Join(p.dir, file)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	cmd := exec.Command("go", append(args, path)...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	if args[0] == "run" {
		require.NotEmpty(t, p.next, "the program's output is not shown")
		require.Equal(t, p.next, string(out))
	}
}

// standsInGo is standsIn for code, which is indented by tabs.
func standsInGo(fragment, text string) bool {
	spaced := func(s string) string { return strings.ReplaceAll(s, "\t", "    ") }
	return standsIn(spaced(fragment), spaced(text))
}

// Every page that a page links to is there.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)
	pages := []string{"README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}
	for _, dir := range []string{"docs/*.md", "docs/decisions/*.md"} {
		more, err := filepath.Glob(dir)
		require.NoError(t, err)
		pages = append(pages, more...)
	}
	for _, file := range pages {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			if !strings.Contains(m[1], "://") {
				_, err := os.Stat(filepath.Join(filepath.Dir(file), m[1]))
				require.NoError(t, err, "linked from %s", file)
			}
		}
	}
}

// What the guide calls common mistakes is found, each where it is made.
func TestCommonMistakes(t *testing.T) {
	guide, err := os.ReadFile("README.zh-CN.md")
	require.NoError(t, err)
	data, err := os.ReadFile("rules.yaml")
	require.NoError(t, err)
	for _, m := range []struct{ shown, from, to, code string }{
		{"within：24 hours", "within: 24 hours", "within：24 hours", "yaml_syntax"},
		{"request.kind == “fault”", `request.kind == "fault" and`, "request.kind == “fault” and", "expression_syntax"},
		{"Tab", "            within: 24 hours", "\t    within: 24 hours", "tab_indent"},
		{`{zh: 安装,开通, en: …}`, "{zh: 安装开通, en: ", "{zh: 安装,开通, en: ", "unknown_key"},
		{"zh: 注意: 超期", "zh: 城区装机", "zh: 注意: 超期", "yaml_syntax"},
		{"within: 24", "within: 24 hours", "within: 24", "unit_missing"},
		{"2025-6-9", "from: 2011-05-20", "from: 2025-6-9", "not_a_date"},
		{`request.kind = "fault"`, `request.kind == "fault" and`, `request.kind = "fault" and`, "unsupported_syntax"},
		{"request.kind == restore", `when: request.kind == "restore"`, "when: request.kind == restore", "unknown_fact"},
	} {
		require.Contains(t, string(guide), m.shown)
		at := strings.Index(string(data), m.from)
		require.Positive(t, at, m.from)
		_, err := rulebook.Parse("rules.yaml", []byte(strings.Replace(string(data), m.from, m.to, 1)))
		var findings diagnostic.List
		require.ErrorAs(t, err, &findings, m.shown)
		require.Equal(t, m.code, findings[0].Code, m.shown)
		require.Equal(t, 1+strings.Count(string(data[:at]), "\n"), findings[0].Span.Start.Line, m.shown)
	}
}

// The README's test command, which CI runs, is the only shell block of it.
func TestREADMEHasOneTestCommand(t *testing.T) {
	data, err := os.ReadFile("README.md")
	require.NoError(t, err)
	shell := slices.DeleteFunc(fencedBlocks(t, string(data)), func(b block) bool { return b.lang != "sh" })
	require.Len(t, shell, 1)
	require.Equal(t, "## Testing", shell[0].section)
}

// Every package of internal stands in the layout of CONTRIBUTING.md, on the storey
// where it is: what is below the door does not import the root package.
func TestLayoutIsWhole(t *testing.T) {
	data, err := os.ReadFile("CONTRIBUTING.md")
	require.NoError(t, err)
	_, below, _ := strings.Cut(string(data), "\ninternal/                below the door")
	below, above, found := strings.Cut(below, "\ninternal/                above the door")
	require.True(t, found)
	above, _, _ = strings.Cut(above, "\ncmd/rulebook/ ")
	directories, err := os.ReadDir("internal")
	require.NoError(t, err)
	for _, d := range directories {
		named := regexp.MustCompile(`(?m)^  (?:\S+/ )?` + d.Name() + `/`)
		files, err := filepath.Glob(filepath.Join("internal", d.Name(), "*.go"))
		require.NoError(t, err)
		builtOnRoot := slices.ContainsFunc(files, func(name string) bool {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			return (!strings.HasSuffix(name, "_test.go") || d.Name() == "proptest") && strings.Contains(string(data), "\t\"github.com/servicerules/rulebook\"\n")
		})
		require.Equal(t, builtOnRoot, named.MatchString(above), "%s above the door", d.Name())
		require.Equal(t, !builtOnRoot, named.MatchString(below), "%s below the door", d.Name())
	}
}
