package server

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the pages show of the server is true: the commands of their blocks
// `console server` are run in order, against one server for a page, and print
// what stands there; … stands for what is left out.
func TestServerGuides(t *testing.T) {
	for _, page := range []string{"../README.md", "../docs/operations.md"} {
		data, err := os.ReadFile(page)
		require.NoError(t, err)
		t.Run(page, func(t *testing.T) {
			blocks := regexp.MustCompile("(?ms)^```console server\n(.*?)^```$").FindAllStringSubmatch(string(data), -1)
			require.NotEmpty(t, blocks)
			t.Chdir(t.TempDir())
			s := start(t, "--db", "rulebook.db")
			for _, b := range blocks {
				for _, session := range strings.Split("\n"+b[1], "\n$ ")[1:] {
					line, want, _ := strings.Cut(strings.TrimSuffix(session, "\n")+"\n", "\n")
					got := s.shell(words(t, line))
					assert.Regexp(t, elided(want), got, line)
				}
			}
		})
	}
}

const usualAddress = "http://127.0.0.1:8080"

// shell does what a command of a page does.
func (r *running) shell(args []string) string {
	r.t.Helper()
	line := strings.Join(args, " ")
	switch {
	case line == "go run ./examples/server":
		return strings.ReplaceAll(r.stdout.String(), r.url, usualAddress)
	case strings.HasPrefix(line, "go run ./examples/server "):
		var out output
		code := run(r.t.Context(), args[3:], &out, &out, nil)
		assert.Equal(r.t, exitFine, code, out.String())
		return out.String()
	case args[0] != "curl":
		r.t.Errorf("%q is not run", line)
		return ""
	}
	method, path, body, media := http.MethodGet, "", "", ""
	for i := 1; i < len(args); i++ {
		switch args[i] {
		case "-X":
			i++
			method = args[i]
		case "-d":
			i++
			method, body = http.MethodPost, args[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(args[i], ": ")
			assert.Equal(r.t, "Content-Type", name)
			media = value
		default:
			require.True(r.t, strings.HasPrefix(args[i], usualAddress), args[i])
			path = strings.TrimPrefix(args[i], usualAddress)
		}
	}
	_, text := r.send(method, path, media, body)
	return text
}

// words are those of a command, as a shell takes them.
func words(t *testing.T, line string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`'([^']*)'|([^\s']+)`).FindAllStringSubmatch(line, -1) {
		word := m[1] + m[2]
		require.False(t, m[1] == "" && strings.ContainsAny(word, `&?*"\$`), "a shell takes %s for something else", word)
		all = append(all, word)
	}
	return all
}

// elided matches a text up to what … leaves out.
func elided(want string) *regexp.Regexp {
	pattern := ""
	for line := range strings.Lines(want) {
		before, cut := strings.CutSuffix(strings.TrimRight(line, "\n"), "…")
		pattern += regexp.QuoteMeta(strings.TrimRight(before, " "))
		if cut {
			pattern += ".*"
		}
		pattern += `\s*`
	}
	return regexp.MustCompile(`\A` + pattern + `\z`)
}
