package gen

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/casefile"
	"github.com/servicerules/rulebook/internal/testsize"
	"github.com/servicerules/rulebook/policy"
)

const top = "../.."

var exampleBooks = []struct{ name, rules, cases string }{
	{"gulin", top + "/rules.yaml", top + "/examples/cases"},
	{"servicedesk", top + "/examples/rulebooks/service-desk.yaml", top + "/examples/rulebooks/service-desk-cases"},
}

// scratch are files of Go that are compiled as if they stood in directories of
// this one.
type scratch struct {
	t       *testing.T
	dir     string
	overlay map[string]string
}

func newScratch(t *testing.T) *scratch {
	return &scratch{t: t, dir: t.TempDir(), overlay: map[string]string{}}
}

func (s *scratch) add(pkg, text string) {
	s.t.Helper()
	here, err := filepath.Abs(".")
	require.NoError(s.t, err)
	file := filepath.Join(s.dir, pkg+".go")
	require.NoError(s.t, os.WriteFile(file, []byte(text), 0o600))
	s.overlay[filepath.Join(here, "scratch", pkg, "x.go")] = file
}

// build compiles packages.
func (s *scratch) build(args ...string) {
	s.t.Helper()
	list, err := json.Marshal(map[string]any{"Replace": s.overlay})
	require.NoError(s.t, err)
	file := filepath.Join(s.dir, "overlay.json")
	require.NoError(s.t, os.WriteFile(file, list, 0o600))
	said, err := exec.CommandContext(s.t.Context(), "go", append([]string{"build", "-overlay", file}, args...)...).CombinedOutput()
	require.NoError(s.t, err, "%s", said)
}

// run builds the package main and runs it.
func (s *scratch) run(stdin []byte, args ...string) []byte {
	s.t.Helper()
	binary := filepath.Join(s.dir, "main.exe")
	s.build("-o", binary, "./scratch/main")
	var out, wrong bytes.Buffer
	cmd := exec.CommandContext(s.t.Context(), binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &out, &wrong
	require.NoError(s.t, cmd.Run(), "%s", wrong.String())
	return out.Bytes()
}

// What is written for every question of the example rulebooks compiles, alone
// and with all others, in both languages.
func TestGoCompiles(t *testing.T) {
	s := newScratch(t)
	var packages []string
	for _, x := range exampleBooks {
		book, err := rulebook.Load(x.rules)
		require.NoError(t, err)
		b := book.Rulebook()
		add := func(pkg, lang string, questions ...*policy.Question) {
			text, err := Go(b, questions, pkg, lang)
			require.NoError(t, err, pkg)
			again, err := Go(b, questions, pkg, lang)
			require.NoError(t, err)
			assert.Equal(t, string(text), string(again), "the same text each time")
			s.add(pkg, string(text))
			packages = append(packages, "./scratch/"+pkg)
		}
		for i, q := range b.Questions {
			add(fmt.Sprintf("%s%d", x.name, i), "en", q)
		}
		add(x.name+"zh", "zh", b.Questions...)
		add(x.name+"en", "en", b.Questions...)
	}
	s.build(packages...)
}

// asked is a case as the program that is written reads it, and told what it says.
type (
	asked struct {
		Question string
		Readings []casefile.Setting
		AsOf     any
		Facts    json.RawMessage
		want     string
		name     string
	}
	told struct {
		Answer json.RawMessage
		Filled json.RawMessage
		Wrong  string
	}
)

const program = `package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/gen/scratch/rules"
)

type asked struct {
	Question string
	Readings []struct{ Key, Option string }
	AsOf     time.Time
	Facts    json.RawMessage
}

type told struct {
	Answer json.RawMessage
	Filled any
	Wrong  string
}

func decide[F, A any](book *rulebook.Book, x asked, fill func(*rulebook.Answer) (A, error)) (t told) {
	var facts F
	if err := json.Unmarshal(x.Facts, &facts); err != nil {
		return told{Wrong: err.Error()}
	}
	ask, err := rulebook.Bind[F](book, x.Question)
	if err != nil {
		return told{Wrong: err.Error()}
	}
	options := []rulebook.Option{rulebook.AsOf(x.AsOf)}
	for _, r := range x.Readings {
		options = append(options, rulebook.Reading(r.Key, r.Option))
	}
	a, err := ask.Decide(facts, options...)
	if err != nil {
		return told{Wrong: err.Error()}
	}
	t.Answer = a.AppendJSON(nil, true)
	if t.Filled, err = fill(a); err != nil && a.Error == nil {
		t.Wrong = err.Error()
	}
	return t
}

func main() {
	book, err := rulebook.Load(os.Args[1])
	if err != nil {
		panic(err)
	}
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for in.More() {
		var x asked
		if err := in.Decode(&x); err != nil {
			panic(err)
		}
		switch x.Question {
%s		}
	}
}
`

// The struct that is written, filled with the facts of the example cases, and
// with parts of them, gets
// the bytes that the facts get as JSON; and the answer's struct has its values.
func TestGoDecides(t *testing.T) {
	testsize.NotAtTheDesk(t) // a program is built for each book
	for _, x := range exampleBooks {
		book, err := rulebook.Load(x.rules)
		require.NoError(t, err)
		b := book.Rulebook()
		s := newScratch(t)
		text, err := Go(b, b.Questions, "rules", "en")
		require.NoError(t, err)
		s.add("rules", string(text))
		var cases strings.Builder
		for _, q := range b.Questions {
			fmt.Fprintf(&cases, "\t\tcase rules.%[1]s:\n\t\t\tout.Encode(decide[rules.%[1]sFacts](book, x, rules.New%[1]sAnswer))\n", camel(q.ID))
		}
		s.add("main", fmt.Sprintf(program, cases.String()))

		all := casesOf(t, book, x.cases)
		require.Greater(t, len(all), 400)
		var in bytes.Buffer
		for _, one := range all {
			require.NoError(t, json.NewEncoder(&in).Encode(one))
		}
		rules, err := filepath.Abs(x.rules)
		require.NoError(t, err)
		lines := bufio.NewScanner(bytes.NewReader(s.run(in.Bytes(), rules)))
		lines.Buffer(nil, 1<<24)
		for _, one := range all {
			require.True(t, lines.Scan())
			var got told
			require.NoError(t, json.Unmarshal(lines.Bytes(), &got))
			require.Empty(t, got.Wrong, "%s %s", one.name, one.Facts)
			require.Equal(t, one.want, string(got.Answer), "%s %s", one.name, one.Facts)
			assertFilled(t, one.name, one.want, got.Filled)
		}
	}
}

// wholes are fractions that came to whole numbers: an answer may write them so.
var wholes = regexp.MustCompile(`"(-?\d+)/1"`)

// assertFilled compares the struct of an answer with its JSON.
func assertFilled(t *testing.T, name, answer string, filled []byte) {
	t.Helper()
	var want struct {
		Verdict string
		Values  map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(answer), &want))
	if want.Verdict == "" {
		return
	}
	values, err := json.Marshal(want.Values)
	require.NoError(t, err)
	got := map[string]any{}
	require.NoError(t, json.Unmarshal(wholes.ReplaceAll(filled, []byte("$1")), &got))
	assert.Equal(t, want.Verdict, got["verdict"], name)
	delete(got, "verdict")
	text, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(wholes.ReplaceAll(values, []byte("$1"))), string(text), name)
}

func casesOf(t *testing.T, book *rulebook.Book, dir string) []asked {
	t.Helper()
	var all []asked
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		f, found := casefile.Parse(name, data)
		require.NotNil(t, f, "%v", found)
		for _, c := range f.Cases {
			checked, err := book.Check(c.Question, c.Facts)
			if err != nil || len(f.Changes) > 0 {
				continue // facts that are refused, or other rules
			}
			facts := map[string]any{}
			d := json.NewDecoder(bytes.NewReader(checked.AppendJSON(nil)))
			d.UseNumber()
			require.NoError(t, d.Decode(&facts))
			all = append(all, askOf(t, book, c, name, facts)...)
			for _, key := range slices.Sorted(maps.Keys(facts)) {
				for _, less := range without(facts, key) {
					all = append(all, askOf(t, book, c, name+" less of "+key, less)...)
				}
			}
		}
		return nil
	}))
	return all
}

// askOf is what the facts of a case, or some of them, are to be answered with;
// none where they cannot be asked about.
func askOf(t *testing.T, book *rulebook.Book, c *casefile.Case, name string, facts map[string]any) []asked {
	t.Helper()
	checked, err := book.Check(c.Question, facts)
	if err != nil {
		return nil
	}
	options := []rulebook.Option{rulebook.AsOf(c.AsOf)}
	for _, r := range c.Readings {
		options = append(options, rulebook.Reading(r.Key, r.Option))
	}
	answer, err := book.Ask(t.Context(), c.Question, checked, options...)
	if err != nil {
		return nil
	}
	given := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal(checked.AppendJSON(nil), &given))
	one := asked{Question: c.Question, Readings: c.Readings, AsOf: c.AsOf, name: name + ": " + c.Name, want: string(answer.AppendJSON(nil, true))}
	if asOf, ok := given["as_of"]; ok && c.AsOf.IsZero() {
		one.AsOf = asOf
	}
	delete(given, "as_of")
	one.Facts, err = json.Marshal(given)
	require.NoError(t, err)
	return []asked{one}
}

// without are the facts without one, with null for it, and, of a record, so for
// each of its fields.
func without(facts map[string]any, key string) []map[string]any {
	dropped, null := maps.Clone(facts), maps.Clone(facts)
	delete(dropped, key)
	null[key] = nil
	all := []map[string]any{dropped, null}
	record, ok := facts[key].(map[string]any)
	if !ok {
		return all
	}
	for _, field := range slices.Sorted(maps.Keys(record)) {
		for _, less := range without(record, field) {
			changed := maps.Clone(facts)
			changed[key] = less
			all = append(all, changed)
		}
	}
	return all
}
