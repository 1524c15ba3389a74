package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook/internal/golden"
	"github.com/servicerules/rulebook/internal/report"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rulebook": main})
}

// The scripts show what a person types and sees.
func TestScripts(t *testing.T) {
	repo, err := filepath.Abs("../..")
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: golden.Update(), // what cmp compares with
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "en_GB.UTF-8")
			env.Setenv("LC_ALL", "")
			env.Setenv("LC_MESSAGES", "")
			env.Setenv("NO_COLOR", "")
			env.Setenv("TERM", "xterm")
			env.Setenv("REPO", repo)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exitcode": exitCode,
			"aligned":  aligned,
			"jsonpath": jsonPath,
		},
	})
}

// exitCode runs the command and wants an exit code: exitcode N rulebook …
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var exit interface{ ExitCode() int }
	switch {
	case errors.As(err, &exit):
		got = strings.TrimSpace(string(rune('0' + exit.ExitCode())))
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// aligned wants the two words to begin at the same column, each on the first
// line that has it: aligned stdout WORD WORD.
func aligned(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: aligned stdout|stderr word word")
	}
	text := ts.ReadFile(args[0])
	column := func(word string) int {
		for line := range strings.SplitSeq(text, "\n") {
			if before, _, found := strings.Cut(line, word); found {
				return report.Width(before)
			}
		}
		ts.Fatalf("no line has %q", word)
		return 0
	}
	if first, second := column(args[1]), column(args[2]); first != second {
		ts.Fatalf("%q begins at column %d, %q at %d", args[1], first, args[2], second)
	}
}

// jsonPath wants a value of the JSON on standard output: jsonpath a.b.0 TEXT.
func jsonPath(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jsonpath path value")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	for step := range strings.SplitSeq(args[0], "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			if step == "len" {
				v = len(x)
				continue
			}
			var i int
			ts.Check(json.Unmarshal([]byte(step), &i))
			if i >= len(x) {
				ts.Fatalf("%s: only %d items", args[0], len(x))
			}
			v = x[i]
		default:
			ts.Fatalf("nothing at %s", args[0])
		}
	}
	got, ok := v.(string)
	if !ok {
		data, err := json.Marshal(v)
		ts.Check(err)
		got = string(data)
	}
	if got != args[1] {
		ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
	}
}

// call runs the command in this process.
func call(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs, func(string) string { return "" })
	return code, out.String(), errs.String()
}

func TestEveryDayOfTheCalendar(t *testing.T) {
	code, out, _ := call(t, "", "calendar", "days", "2004-01-01", "2026-12-31")
	require.Equal(t, exitFine, code)
	sum := sha256.Sum256([]byte(out))
	assert.Equal(t, "3695b544dde9fe798a58587414b9f9ac6ef7bfc654b04a44ab6ce3def7aa762d", hex.EncodeToString(sum[:]))
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{"nothing said", nil, nil, "en"},
		{"LANG", nil, map[string]string{"LANG": "zh_CN.UTF-8"}, "zh"},
		{"LANG of another country", nil, map[string]string{"LANG": "de_DE.UTF-8"}, "en"},
		{"LC_MESSAGES before LANG", nil, map[string]string{"LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh"},
		{"LC_ALL before all", nil, map[string]string{"LC_ALL": "C", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, "en"},
		{"--lang before the environment", []string{"check", "--lang", "en"}, map[string]string{"LANG": "zh_CN"}, "en"},
		{"--lang=", []string{"check", "--lang=zh"}, nil, "zh"},
		{"the last --lang", []string{"--lang=zh", "--lang", "en"}, nil, "en"},
		{"behind --", []string{"--", "--lang=zh"}, nil, "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := language(c.args, func(name string) string { return c.env[name] })
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	_, err := language([]string{"--lang=cn"}, func(string) string { return "" })
	var usage *usageError
	require.ErrorAs(t, err, &usage)
}

func TestIsJSON(t *testing.T) {
	for _, c := range []struct {
		path, text string
		want       bool
	}{
		{"a.json", "request:", true},
		{"a.YAML", `{"request": 1}`, false},
		{"a.yml", `{}`, false},
		{"-", ` {"request": 1}`, true},
		{"-", "{\n}", true},
		{"-", "{request: 1}", false},
		{"facts", "request: 1", false},
	} {
		assert.Equal(t, c.want, isJSON(c.path, []byte(c.text)), "%s %s", c.path, c.text)
	}
}

// Both languages have help for every command, without a word of the other.
func TestHelpInBothLanguages(t *testing.T) {
	commands := [][]string{
		{}, {"init"}, {"check"}, {"ask"}, {"batch"}, {"test"}, {"review"}, {"calendar"}, {"calendar", "add"}, {"calendar", "days"}, {"calendar", "world"}, {"calendar", "import"}, {"calendar", "export"},
		{"promises"}, {"ci"}, {"set"}, {"decide"}, {"rename"}, {"map"}, {"template"}, {"table"}, {"table", "import"}, {"fix"}, {"fmt"},
		{"compare"}, {"articles"}, {"deviations"}, {"readings"}, {"gen"}, {"version"}, {"completion"}, {"help"},
		{"lsp"}, {"mcp"}, {"trace"}, {"site"},
	}
	for _, command := range commands {
		t.Run(strings.Join(command, " "), func(t *testing.T) {
			code, en, errs := call(t, "", append(command, "--help", "--lang=en")...)
			require.Equal(t, exitFine, code, errs)
			assert.Contains(t, en, "\nUsage\n  rulebook")
			assert.NotRegexp(t, `\p{Han}`, en)
			code, zh, _ := call(t, "", append(command, "--help", "--lang=zh")...)
			require.Equal(t, exitFine, code)
			assert.Contains(t, zh, "\n用法\n  rulebook")
			for _, word := range []string{"Usage", "Flags", "Commands", "show ", "the ", "help for", "help about"} {
				assert.NotContains(t, zh, word)
			}
			for line := range strings.SplitSeq(en+zh, "\n") {
				assert.LessOrEqual(t, report.Width(line), 110, line)
			}
		})
	}
}

func TestVersionOf(t *testing.T) {
	for want, info := range map[string]debug.BuildInfo{
		"v1.2.3":                   {Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}},
		"(devel)":                  {},
		"devel-0123456789ab":       {Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "false"}}},
		"devel-0123456789ab+dirty": {Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}},
	} {
		assert.Equal(t, want, versionOf(&info))
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"test", "../../examples/cases"}, nil, &out, &errs, func(string) string { return "" })
	assert.Equal(t, exitTrouble, code)
	assert.Contains(t, errs.String(), "interrupted")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestOutputThatCannotBeWritten(t *testing.T) {
	var errs bytes.Buffer
	code := run(t.Context(), []string{"version"}, nil, full{}, &errs, func(string) string { return "" })
	assert.Equal(t, exitTrouble, code)
	assert.Contains(t, errs.String(), "no space left")
}

// A colour is only for a terminal.
func TestNoColourInFiles(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer f.Close()
	style, terminal := styleOf(f, "zh", func(string) string { return "" })
	assert.False(t, terminal)
	assert.Equal(t, report.Style{Lang: "zh"}, style)

	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, true},
		{map[string]string{"TERM": "xterm-256color"}, true},
		{map[string]string{"NO_COLOR": "1"}, false},
		{map[string]string{"TERM": "dumb"}, false},
	} {
		assert.Equal(t, c.want, wantsColour(func(name string) string { return c.env[name] }), "%v", c.env)
	}
}

// What is printed in colour is the same text as without.
func TestColourChangesNoText(t *testing.T) {
	print := func(colour bool) string {
		var out bytes.Buffer
		a := &app{out: bufio.NewWriter(&out), err: &out, getenv: func(string) string { return "" }}
		a.style = report.Style{Lang: "zh", Color: colour}
		a.errStyle = a.style
		require.Error(t, a.check("testdata/small.yaml", false))
		a.flush()
		return out.String()
	}
	coloured := print(true)
	assert.Contains(t, coloured, "\x1b[31m错误\x1b[0m")
	assert.Equal(t, print(false), regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(coloured, ""))
}

// How far a review is shows only once it takes long, and not behind it.
func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name    string
		started time.Time
		lang    string
		want    string
	}{
		{"long ago", time.Time{}, "en", "\r5 of 10 reviewed\x1b[K\r\x1b[K"},
		{"long ago, in Chinese", time.Time{}, "zh", "\r已审查 5/10\x1b[K\r\x1b[K"},
		{"only just", time.Now().Add(time.Hour), "en", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var errs bytes.Buffer
			p := &progress{app: &app{err: &errs, errStyle: report.Style{Lang: c.lang}}, started: c.started}
			p.show(5, 10)
			p.clear()
			assert.Equal(t, c.want, errs.String())
		})
	}
}
