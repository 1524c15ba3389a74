package proptest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/servicerules/rulebook"
	"github.com/servicerules/rulebook/internal/forms"
	"github.com/servicerules/rulebook/policy"
)

// engine are the packages that know no trade.
var engine = []string{
	".", "policy", "diagnostic", "sla", "sla/workday", "penalty", "kpi", "rulestest",
	"internal/forms", "internal/casefile", "internal/condition", "internal/source", "internal/value", "internal/review", "internal/report", "internal/table", "cmd/rulebook",
}

// sources visits the syntax of the engine's files other than tests.
func sources(t *testing.T, packages []string, visit func(file *token.FileSet, n ast.Node)) {
	t.Helper()
	for _, dir := range packages {
		files, err := filepath.Glob(inTree(dir) + "/*.go")
		require.NoError(t, err)
		require.NotEmpty(t, files, dir)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(f, func(n ast.Node) bool { visit(set, n); return true })
		}
	}
}

// No decision is made in floating point.
func TestNoFloatingPoint(t *testing.T) {
	sources(t, []string{"policy", "sla", "sla/workday", "penalty", "kpi", "internal/value", "internal/condition", "internal/source"}, func(set *token.FileSet, n ast.Node) {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Name == "float64" || n.Name == "float32" {
				t.Errorf("%s: %s", set.Position(n.Pos()), n.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				t.Errorf("%s: %s", set.Position(n.Pos()), n.Value)
			}
		}
	})
}

// TestEngineKnowsNoTrade looks for what the rules file names and says in the
// source of the engine.
func TestEngineKnowsNoTrade(t *testing.T) {
	said := wordsOfTheBook(embedded(t).Rulebook())
	require.Greater(t, len(said), 1_000)
	for _, word := range wordsOfTheForms() {
		delete(said, word)
	}
	sources(t, engine, func(set *token.FileSet, n ast.Node) {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		text, err := strconv.Unquote(lit.Value)
		require.NoError(t, err)
		if what := said[text]; what != "" {
			t.Errorf("%s: %q is %s", set.Position(lit.Pos()), text, what)
		}
	})
}

// wordsOfTheForms are what the engine calls things itself: the rules file
// says what they are called in its answers.
func wordsOfTheForms() []string {
	words := []string{
		"working_days",                  // a kind of parameter
		"not_yet_due", "deemed_on_time", // statuses of a clock
		"not met", "not_met", "not applicable", "not_applicable", // results of an indicator
		"already fined", "left out", "第几次延期", "认定的情节", // in the forms' own documentation, and the report's
	}
	var fields func(list []policy.Field)
	fields = func(list []policy.Field) {
		for _, f := range list {
			words = append(append(words, f.Name), f.Words...)
			fields(f.Fields)
		}
	}
	for _, f := range forms.All() {
		fields(f.Fields)
		for _, o := range f.Outputs {
			words = append(words, o.Name, o.Label.ZH, o.Label.EN)
		}
	}
	return words
}

// wordsOfTheBook are the names and the wording of a rulebook, with what each is.
func wordsOfTheBook(b *policy.Rulebook) map[string]string {
	said := map[string]string{}
	add := func(what string, texts ...string) {
		for _, x := range texts {
			// One common word, such as time or name, is nobody's own.
			if strings.ContainsAny(x, "_./ ") || len([]rune(x)) > 3 && len(x) > 3*len([]rune(x))-3 {
				said[x] = what
			}
		}
	}
	text := func(what string, texts ...policy.Text) {
		for _, x := range texts {
			add(what, x.ZH, x.EN)
		}
	}
	for _, r := range b.Regulations {
		add("a regulation", r.ID)
		text("a regulation's title", r.Title)
		for _, a := range r.Articles {
			add("an article", a.ID)
			text("an article's wording", a.Title, a.Text, a.Note, a.DecidesNothing)
		}
	}
	var fact func(f *policy.Fact)
	fact = func(f *policy.Fact) {
		add("a fact", f.Name)
		text("a fact's label", f.Label)
		if f.Words != nil {
			add("a word", f.Words.Words...)
		}
		if f.Elem != nil {
			fact(f.Elem)
		}
		for _, x := range f.Fields {
			fact(x)
		}
	}
	for _, f := range b.Facts {
		fact(f)
	}
	for _, r := range b.Readings {
		add("a reading", r.Key)
		text("a reading's question", r.Asks)
		for _, o := range r.Options {
			add("an option", o.Name)
			text("an option's label", o.Label)
		}
	}
	for _, q := range b.Questions {
		add("a question", q.ID)
		text("a question's title", q.Title)
	}
	for _, r := range b.Rules() {
		add("a rule", r.Name)
		text("a rule's label", r.Label)
	}
	return said
}

func TestDefaultIsTheFile(t *testing.T) {
	data, err := os.ReadFile(inTree("rules.yaml"))
	require.NoError(t, err)
	book, err := rulebook.Default()
	require.NoError(t, err)
	assert.Equal(t, string(data), string(book.Rulebook().Source()))
}
