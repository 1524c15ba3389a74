package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/bridge"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/factset"
	"github.com/servicerules/rulebook/internal/gen"
	"github.com/servicerules/rulebook/internal/golden"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/internal/testsize"
)

// built is the package for JavaScript, complete, in a directory of its own.
var built struct {
	once      sync.Once
	directory string
	err       error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.directory != "" {
		_ = os.RemoveAll(built.directory)
	}
	os.Exit(code)
}

func packageDirectory(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.directory, built.err = os.MkdirTemp("", "rulebook-js"); built.err == nil {
			built.err = completePackage(built.directory)
		}
	})
	require.NoError(t, built.err)
	return built.directory
}

// completePackage copies the files of js/ and builds the rest.
func completePackage(directory string) error {
	sources, err := filepath.Glob(filepath.Join("..", "..", "js", "*.js*"))
	if err != nil {
		return err
	}
	for _, name := range sources {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(directory, filepath.Base(name)), data, 0o644); err != nil {
			return err
		}
	}
	return BuildFrom(context.Background(), filepath.Join("..", ".."), filepath.Join(directory, "dist"))
}

// node runs a program beside the package and gives what it prints. Where there is
// no node the test is skipped, unless RULEBOOK_NODE=required.
func node(t *testing.T, program string, args ...string) string {
	t.Helper()
	testsize.NotAtTheDesk(t)
	command, err := exec.LookPath("node")
	if err != nil {
		const how = "no node was found, which runs the package for JavaScript: install the Debian package nodejs"
		if os.Getenv("RULEBOOK_NODE") == "required" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	directory := packageDirectory(t)
	data, err := os.ReadFile(program)
	require.NoError(t, err)
	path := filepath.Join(directory, filepath.Base(program)) // where "rulebook" is the package itself
	require.NoError(t, os.WriteFile(path, data, 0o644))
	// The compiler that optimises would take longer than these programs run.
	cmd := exec.Command(command, append([]string{"--liftoff-only", path}, args...)...)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	require.NoError(t, cmd.Run(), "%s\n%s", out.String(), trouble.String())
	return out.String()
}

type files = map[string]string

type asksFile struct {
	Books []struct {
		Main  string `json:"main"`
		Files files  `json:"files"`
	} `json:"books"`
	Asks   []askLine   `json:"asks"`
	Checks []checkLine `json:"checks"`
}

type askLine struct {
	Book     int    `json:"book"`
	Question string `json:"question"`
	Facts    string `json:"facts"`
	Options  string `json:"options"`
	Want     string `json:"want"`
}

type checkLine struct {
	Main  string `json:"main"`
	Files files  `json:"files"`
	Want  string `json:"want"`
}

// asking collects what to ask, with what the library answers.
type asking struct {
	*testing.T
	file    asksFile
	books   []*rulebook.Book
	native  *bridge.Bridge // for what is refused
	numbers []int
}

func (a *asking) book(main, text string) {
	a.file.Books = append(a.file.Books, struct {
		Main  string `json:"main"`
		Files files  `json:"files"`
	}{main, files{main: text}})
	book, err := rulebook.Parse(main, []byte(text))
	require.NoError(a, err)
	a.books = append(a.books, book)
	var loaded bridge.Loaded
	r := a.native.Load(map[string][]byte{main: []byte(text)}, main)
	require.NoError(a, json.Unmarshal([]byte(r.Text), &loaded))
	a.numbers = append(a.numbers, loaded.Book)
}

// ask adds a question of the latest book.
func (a *asking) ask(question string, facts any, asOf string, readings map[string]string) {
	text, err := json.Marshal(facts)
	require.NoError(a, err)
	n := len(a.books) - 1
	given, wanted := map[string]any{}, map[string]any{}
	var options []rulebook.Option
	if asOf != "" {
		t, err := source.Moment(asOf)
		require.NoError(a, err)
		options = append(options, rulebook.AsOf(t))
		given["asOf"], wanted["as_of"] = asOf, asOf
	}
	for _, key := range slices.Sorted(maps.Keys(readings)) {
		options = append(options, rulebook.Reading(key, readings[key]))
	}
	if len(readings) > 0 {
		given["readings"], wanted["readings"] = readings, readings
	}
	line := askLine{Book: n, Question: question, Facts: string(text)}
	forJS, err := json.Marshal(given)
	require.NoError(a, err)
	line.Options = string(forJS)
	if answer, err := a.books[n].Ask(a.Context(), question, text, options...); err == nil {
		line.Want = string(answer.AppendJSON(nil, true))
	} else {
		forBridge, err := json.Marshal(wanted)
		require.NoError(a, err)
		r := a.native.Ask(bridge.Asking{Book: a.numbers[n], Question: question, Facts: string(text), Options: string(forBridge)})
		require.False(a, r.OK)
		line.Want = r.Text
	}
	a.file.Asks = append(a.file.Asks, line)
}

func (a *asking) check(main string, all files) {
	given := map[string][]byte{}
	for name, text := range all {
		given[name] = []byte(text)
	}
	r := a.native.Check(given, main)
	require.True(a, r.OK, r.Text)
	a.file.Checks = append(a.file.Checks, checkLine{main, all, r.Text})
}

// cases are those of all files in a directory.
func (a *asking) cases(directory string, random *rand.Rand) {
	names, err := filepath.Glob(filepath.Join(directory, "*.yaml"))
	require.NoError(a, err)
	own, err := filepath.Glob(filepath.Join(directory, "own", "*.yaml"))
	require.NoError(a, err)
	book := a.books[len(a.books)-1]
	for _, name := range append(names, own...) {
		data, err := os.ReadFile(name)
		require.NoError(a, err)
		f, found := casefile.Parse(name, data)
		require.NotNil(a, f, "%v", found)
		require.Empty(a, f.Changes, name)
		for _, c := range f.Cases {
			q, ok := book.Rulebook().Question(c.Question)
			require.True(a, ok, c.Question)
			facts := factset.Tree{}
			if c.Facts != nil {
				facts = factset.FromNode(q, c.Facts)
			}
			asOf := ""
			if !c.AsOf.IsZero() {
				asOf = c.AsOf.Format("2006-01-02T15:04:05.999999999Z07:00")
			}
			readings := map[string]string{}
			for _, s := range c.Readings {
				readings[s.Key] = s.Option
			}
			a.ask(c.Question, facts, asOf, readings)
			if places := factset.Places(q, facts); len(places) > 0 { // the same without one of them
				p := places[random.IntN(len(places))]
				if p.Given {
					a.ask(c.Question, factset.Without(facts, p.Path), asOf, readings)
				}
			}
		}
	}
}

// WebAssembly answers what the library answers, byte for byte: all cases of the
// repository, each also without one of its facts, with all books loaded at once,
// some of them again; and what is refused is refused with the same words. Without
// RULEBOOK_TESTS=all it is a twentieth of them.
func TestWebAssemblyAnswersAsTheLibrary(t *testing.T) {
	a := &asking{T: t, native: bridge.New()}
	random := rand.New(rand.NewPCG(14, 10))
	examples := filepath.Join("..", "..", "examples")
	read := func(path ...string) string {
		text, err := os.ReadFile(filepath.Join(path...))
		require.NoError(t, err)
		return string(text)
	}
	a.book("rules.yaml", read("..", "..", "rules.yaml"))
	a.cases(filepath.Join(examples, "cases"), random)
	a.ask("no.such_question", map[string]any{}, "", nil)
	a.ask("time_limit.request", map[string]any{"request": map[string]any{"kind": "nothing"}, "other": 1}, "", nil)
	a.ask("time_limit.request", map[string]any{}, "", map[string]string{"ladder.hall_boundary": "gt4"})
	a.ask("contracting.load", map[string]any{"households": json.Number("123456789012345678901234567890"), "staff": json.Number("1e3")}, "", nil)
	rulebooks, err := filepath.Glob(filepath.Join(examples, "rulebooks", "*.yaml"))
	require.NoError(t, err)
	for _, path := range rulebooks {
		a.book(filepath.Base(path), read(path))
		a.cases(strings.TrimSuffix(path, ".yaml")+"-cases", random)
	}
	desk := read(examples, "rulebooks", "service-desk.yaml")
	a.check("desk.yaml", files{"desk.yaml": desk})
	a.check("desk.yaml", files{"desk.yaml": strings.ToValidUTF8(desk[:len(desk)/2], "")})
	a.check("desk.yaml", files{"desk.yaml": strings.Replace(desk, "when:", "wen:", 3)})
	a.check("desk.yaml", files{"desk.yaml": strings.Replace(desk, "hours", "hour s", 2)})
	a.check("sub/main.yaml", files{"sub/main.yaml": "include: [more.yaml, gone.yaml]\n" + desk, "sub/more.yaml": "words: {}\n"})
	a.check("a.yaml", files{"a.yaml": ""})
	require.Greater(t, len(a.file.Asks), 1000)
	if testsize.Pick(true, true, false) {
		a.file.Asks = slices.DeleteFunc(a.file.Asks, func(askLine) bool { return random.IntN(20) > 0 })
	}
	data, err := json.Marshal(a.file)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "asks.json")
	require.NoError(t, os.WriteFile(path, data, 0o644))
	t.Log(node(t, filepath.Join("testdata", "agree.mjs"), path))
}

// TestPackage uses the package as programs do, and finds in index.d.ts the
// methods that there are.
func TestPackage(t *testing.T) {
	var has map[string][]string
	require.NoError(t, json.Unmarshal([]byte(node(t, filepath.Join("testdata", "api.mjs"))), &has))
	types, err := os.ReadFile(filepath.Join("..", "..", "js", "index.d.ts"))
	require.NoError(t, err)
	for name, members := range has {
		_, body, found := strings.Cut(string(types), "export class "+name+" ")
		require.True(t, found, name)
		body, _, _ = strings.Cut(body, "\n}")
		var declared []string
		for _, m := range regexp.MustCompile(`(?m)^  (?:readonly )?(\w+)[(<:]`).FindAllStringSubmatch(body, -1) {
			declared = append(declared, m[1])
		}
		slices.Sort(declared)
		slices.Sort(members)
		assert.Equal(t, declared, members, name)
	}
}

func TestExampleOfThePackage(t *testing.T) {
	out := node(t, filepath.Join("..", "..", "js", "example.mjs"))
	readme, err := os.ReadFile(filepath.Join("..", "..", "js", "README.md"))
	require.NoError(t, err)
	program, err := os.ReadFile(filepath.Join("..", "..", "js", "example.mjs"))
	require.NoError(t, err)
	assert.Contains(t, string(readme), "```js\n"+string(program)+"```", "the example of the README is the program")
	assert.Contains(t, string(readme), "```text\n"+out+"```", "what it prints")
}

func TestTypesOfAnswers(t *testing.T) {
	golden.File(t, filepath.Join("..", "..", "js", "answer.d.ts"), gen.AnswerTypes())
}
